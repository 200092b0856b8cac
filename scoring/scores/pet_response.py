"""Metabolic response of bone on FDG-PET (G1 2), and what may blur it."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Acts, Decisions, select
from scoring.facts.imaging import PET, lines_under_way
from scoring.recommendations import parameters as P

from . import flare

RESPONSES = {
    "response": Text("response (every site down)", "réponse (diminution sur tous les sites)"),
    "no_rule": Text("not every site down: the text gives no rule", "pas de diminution sur tous les sites : le texte ne conclut pas"),
}  # fmt: skip
BISPHOSPHONATES = ("zoledronic_acid", "other_bisphosphonate")

_uptake, _new = pl.col("uptake_change"), pl.col("new_focus").fill_null(False)
_down = (
    pl.when(_uptake.is_null()).then(pl.when(_new).then(False))
    # A focus that is new cannot have fallen: such a row contradicts itself.
    .when((_uptake == "decreased") & _new).then(None)
    .otherwise(_uptake == "decreased")
)  # fmt: skip


def evaluate(context: Context) -> pl.DataFrame:
    """One row per FDG-PET that describes a bone lesion."""
    sites = context.registry["imaging_findings"].group_by("exam_id").agg(
        n_sites=pl.len().cast(pl.Int32),
        n_down=_down.sum().cast(pl.Int32),
        n_not_known=_down.is_null().sum().cast(pl.Int32),
    )  # fmt: skip
    pets = (
        context.rows("imaging_exams").filter(pl.col("modality") == PET).join(sites, on="exam_id", maintain_order="left")
    )
    d = Decisions(context, pets.select("pid", "day", "date", "n_sites", "n_down", "n_not_known", entity_id="exam_id"))
    hole = context.hole("imaging_findings")
    up = pl.col("n_down") + pl.col("n_not_known") < pl.col("n_sites")
    d.add(
        exam_id=d["entity_id"],
        response=pl.when(up).then(pl.lit("no_rule"))
        .when((pl.col("n_not_known") == 0) & ~hole).then(pl.lit("response"))
        .otherwise(None),
    )  # fmt: skip
    _add_validity(d)
    return d.frame


def _add_validity(d: Decisions) -> None:
    context = d.context
    doses = context.rows("drug_administrations")
    gcsf = Acts(context, "drug_administrations", doses.filter(pl.col("drug") == "gcsf"), "patient")
    is_bisphosphonate = pl.col("drug").is_in(list(BISPHOSPHONATES))
    bisphosphonates = Acts(context, "drug_administrations", doses.filter(is_bisphosphonate), "patient")
    flares = flare.evaluate(context).select("exam_id", possible_flare=pl.col("flare") == "possible_flare")
    d.add(
        gcsf_too_close=d.occurred(gcsf, -P.GCSF_BEFORE_PET, 0),
        immunotherapy=_immunotherapy(d),
        bisphosphonate=d.occurred(bisphosphonates, -P.ANTIRESORPTIVE_GAP, 0),
    )
    d.frame = d.frame.join(flares, on="exam_id", how="left", maintain_order="left")


def _immunotherapy(d: Decisions) -> pl.Series:
    """Is immunotherapy under way? Unknown under a combination, which may hold it."""
    lines = lines_under_way(d)
    alone = lines.filter(pl.col("class") == "immunotherapy")["row"].to_list()
    perhaps = lines.filter(pl.col("class") == "combination")["row"].to_list()
    rows = pl.Series(range(d.frame.height), dtype=pl.UInt32)
    return select(
        pl.when(rows.is_in(alone)).then(True)
        .when(rows.is_in(perhaps)).then(None)
        .when(d.proves("systemic_therapy_lines")).then(False)
        .otherwise(None)
    )  # fmt: skip


PET_RESPONSE = Classification(
    id="pet_response",
    code="S03",
    title=Text("Metabolic response of bone on FDG-PET", "Réponse métabolique osseuse en TEP-TDM au FDG"),
    row=Text("FDG-PET that describes a bone lesion", "TEP-TDM au FDG qui décrit une lésion osseuse"),
    source=Source(G1, "2"),
    keys=("patient_id", "exam_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("response", Text("Response", "Réponse"), "token", RESPONSES),
        ClassColumn("n_sites", Text("Bone sites described", "Sites osseux décrits"), "number"),
        ClassColumn("n_down", Text("Sites down", "Sites en diminution"), "number"),
        ClassColumn("n_not_known", Text("Sites whose change is not known", "Sites d'évolution non connue"), "number"),
        ClassColumn("gcsf_too_close", Text(f"Growth factor within {P.GCSF_BEFORE_PET} days: not interpretable", f"Facteur de croissance dans les {P.GCSF_BEFORE_PET} jours : non interprétable"), "bool"),
        ClassColumn("immunotherapy", Text("Immunotherapy under way: an increase may be false", "Immunothérapie en cours : une augmentation peut être fausse"), "bool"),
        ClassColumn("bisphosphonate", Text("Bisphosphonate under way: an increase may be false", "Bisphosphonate en cours : une augmentation peut être fausse"), "bool"),
        ClassColumn("possible_flare", Text("Possible flare", "Flare possible"), "bool"),
    ),
    headline="response",
    evaluate=evaluate,
    holes=(
        Text(
            "Only a fall of the activity of every site has a rule (response). Mixed, stable and increased activity have none.",
            "Seule la diminution sur tous les sites a une règle (réponse). Évolution dissociée, stabilité et augmentation n'en ont pas.",
        ),
        Text(
            "Which sites are meant is not said: the bone lesions described on the examination. A new focus is not down.",
            "Les sites visés ne sont pas précisés : les lésions osseuses décrites sur l'examen. Un nouveau foyer n'est pas en diminution.",
        ),
        Text(
            "No threshold of uptake is printed: the reader's words decide.",
            "Aucun seuil de fixation n'est imprimé : les termes du compte rendu décident.",
        ),
        Text(
            f"How long a bisphosphonate is under way is not printed: a dose in the last {P.ANTIRESORPTIVE_GAP} days (P24), for any indication; denosumab is none. Under a combination of systemic drugs, immunotherapy is not known.",
            f"La durée d'effet d'un bisphosphonate n'est pas imprimée : une dose dans les {P.ANTIRESORPTIVE_GAP} derniers jours (P24), quelle qu'en soit l'indication ; le dénosumab n'en est pas un. Sous une association, l'immunothérapie n'est pas connue.",
        ),
        Text(
            "That flare is also described on FDG-PET is printed; when it ends there is not: see the classification of flare.",
            "Le flare est aussi décrit en TEP-TDM, sans que sa durée y soit imprimée : voir la classification du flare.",
        ),
    ),
)  # fmt: skip
