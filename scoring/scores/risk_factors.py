"""Risk factors of bone metastases (G1 1): an unweighted list, of which no sum is made."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.cohort import Cohort
from scoring.recommendations import parameters as P


def evaluate(context: Context) -> pl.DataFrame:
    """One row per patient whose tumour of record is a lung cancer."""
    tumours = context.tumours.filter(pl.col("primary_site") == "lung")
    people = context.patients.select("pid", "sex")
    rows = tumours.join(people, on="pid", maintain_order="left").join(
        Cohort(context).workup.select("pid", "workup_from", "workup_to"), on="pid", maintain_order="left"
    )
    sites = context.recorded("clinical_assessments", "n_metastatic_sites", "pid")
    last = sites.last(rows["pid"], rows["workup_to"])
    in_workup = sites.take("day", last) >= rows["workup_from"]
    stage = pl.col("n_stage")
    return rows.with_columns(
        male=pl.col("sex") == "male",
        tumour_over_2_cm=pl.col("size_mm") > P.TUMOUR_SIZE,
        n_metastatic_sites=pl.when(in_workup).then(sites.take("n_metastatic_sites", last)),
        nodal_involvement=pl.when(stage != "NX").then(stage != "N0"),
        egfr_mutated=pl.when(pl.col("egfr_status") != "not_tested").then(pl.col("egfr_status") == "mutated"),
    )


RISK_FACTORS = Classification(
    id="risk_factors",
    code="S09",
    title=Text("Risk factors of bone metastases", "Facteurs de risque de métastases osseuses"),
    row=Text("patient with a lung cancer", "patient atteint d'un cancer bronchique"),
    source=Source(G1, "1"),
    keys=("patient_id",),
    columns=(
        ClassColumn("male", Text("Male sex", "Sexe masculin"), "bool"),
        ClassColumn("tumour_over_2_cm", Text("Primary larger than 2 cm", "Tumeur primitive de plus de 2 cm"), "bool"),
        ClassColumn("n_metastatic_sites", Text("Metastatic organs", "Organes métastatiques"), "number"),
        ClassColumn("nodal_involvement", Text("Lymph nodes involved", "Envahissement ganglionnaire"), "bool"),
        ClassColumn("egfr_mutated", Text("EGFR mutation", "Mutation EGFR"), "bool"),
    ),
    headline="egfr_mutated",
    evaluate=evaluate,
    holes=(
        Text(
            "The factors have no weight and no score: they are shown one by one and never added.",
            "Les facteurs n'ont ni poids ni score : ils sont montrés un par un, jamais additionnés.",
        ),
        Text(
            f"The primary must be larger than 2 cm: exactly {P.TUMOUR_SIZE:.0f} mm is not.",
            f"La tumeur doit dépasser 2 cm : {P.TUMOUR_SIZE:.0f} mm exactement n'en font pas un facteur.",
        ),
        Text(
            "A high number of metastatic sites has no number: the count is shown, the latest of the initial work-up (P02), and no flag is made of it.",
            "Le nombre élevé de sites métastatiques n'est pas chiffré : le nombre est montré, le dernier du bilan initial (P02), sans seuil.",
        ),
        Text(
            "Lymph nodes are involved from N1 to N3; NX is not known. An EGFR status that was not tested is not known.",
            "L'envahissement ganglionnaire va de N1 à N3 ; NX n'est pas connu. Un statut EGFR non testé n'est pas connu.",
        ),
    ),
)  # fmt: skip
