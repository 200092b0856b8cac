"""Factors of a better functional prognosis after surgery of the spine (G1 3.8.5): six factors, no total printed."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.fresh import fresh
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Decisions
from scoring.facts.library import Library
from scoring.recommendations import parameters as P

from . import inputs
from .declared import declare

FACTORS = {
    "tokuhashi_favourable": Text(f"Tokuhashi score {P.FAVOURABLE_TOKUHASHI} or more", f"Score de Tokuhashi de {P.FAVOURABLE_TOKUHASHI} ou plus"),
    "tomita_favourable": Text(f"Tomita score {P.FAVOURABLE_TOMITA} or less", f"Score de Tomita de {P.FAVOURABLE_TOMITA} ou moins"),
    "age_favourable": Text(f"Under {P.FAVOURABLE_AGE} years", f"Moins de {P.FAVOURABLE_AGE} ans"),
    "no_local_extension": Text("No extension outside the vertebra", "Pas d'extension extra-vertébrale"),
    "early_discovery": Text("Early discovery", "Découverte précoce"),
    "little_comorbidity": Text(f"ASA class {P.FAVOURABLE_ASA} or less", f"Classe ASA {P.FAVOURABLE_ASA} ou moins"),
}  # fmt: skip
CONFLICTS = {
    "tokuhashi_conservative": Text("Tokuhashi favourable here, conservative in the table of strategies", "Tokuhashi favorable ici, traitement conservateur dans le tableau"),
    "tomita_supportive": Text("Tomita favourable here, supportive care in the table of strategies", "Tomita favorable ici, soins de support dans le tableau"),
}  # fmt: skip
WITHOUT_LOSS = ("D", "D1", "D2", "D3", "E")
"""Frankel grades of a patient who walks."""


def evaluate(context: Context) -> pl.DataFrame:
    """One row per spinal assessment, with the state of the patient on its day."""
    spinal = inputs.spinal_assessments(context)
    rows = spinal.select(
        "pid", "lid", "lesion_id", "date", "day", "frankel", "motor_deficit_onset_date", "extravertebral_extension",
        entity_id="assessment_id",
    ).join(context.patients.select("pid", "birth_date"), on="pid", how="left", maintain_order="left")  # fmt: skip
    d = Decisions(context, rows)
    _add_scores(d, spinal)
    d.add(
        assessment_id=d["entity_id"],
        age_favourable=_under_age(),
        no_local_extension=~pl.col("extravertebral_extension"),
        early_discovery=pl.coalesce(d.state("early_discovery", P.STATE), _soon_after_the_deficit()),
        little_comorbidity=d.state("asa_class", P.STATE) <= P.FAVOURABLE_ASA,
        operated=d.occurred(Library(context).spinal_surgery, 0, P.LOCAL_TREATMENT),
    )
    known = [pl.col(name) for name in FACTORS]
    return d.frame.with_columns(
        n_known=pl.sum_horizontal([factor.is_not_null().cast(pl.Int32) for factor in known]),
        n_favourable=pl.sum_horizontal([factor.fill_null(False).cast(pl.Int32) for factor in known]),
    )


def _add_scores(d: Decisions, spinal: pl.DataFrame) -> None:
    """The factors of the two scores, by their bounds, and where the table of strategies says otherwise."""
    six = fresh(f"{__package__}.tokuhashi").evaluate(spinal)
    tomita = declare("tomita").evaluate(spinal)
    conservative = (six["total_min"] >= P.FAVOURABLE_TOKUHASHI) & (six["band"] == "0-8")
    supportive = (tomita["total_max"] <= P.FAVOURABLE_TOMITA) & (tomita["band"] == "8-10")
    d.add(
        tokuhashi_favourable=pl.when(six["total_min"] >= P.FAVOURABLE_TOKUHASHI).then(True)
        .when(six["total_max"] < P.FAVOURABLE_TOKUHASHI).then(False).otherwise(None),
        tomita_favourable=pl.when(tomita["total_max"] <= P.FAVOURABLE_TOMITA).then(True)
        .when(tomita["total_min"] > P.FAVOURABLE_TOMITA).then(False).otherwise(None),
        conflicts=pl.concat_str(
            pl.when(conservative).then(pl.lit("tokuhashi_conservative")),
            pl.when(supportive).then(pl.lit("tomita_supportive")),
            separator="|",
            ignore_nulls=True,
        ),
    )  # fmt: skip


def _under_age() -> pl.Expr:
    """Under the age on that day; unknown where a date of birth that may be cut to its month or year leaves it open."""
    birth, day = pl.col("birth_date"), pl.col("index_date")
    first_of_month, first_of_year = birth.dt.day() == 1, birth.dt.ordinal_day() == 1
    latest = (
        pl.when(first_of_year).then(birth.dt.offset_by("1y").dt.offset_by("-1d"))
        .when(first_of_month).then(birth.dt.month_end())
        .otherwise(birth)
    )  # fmt: skip
    years = f"{int(P.FAVOURABLE_AGE)}y"
    return (
        pl.when(day < birth.dt.offset_by(years)).then(True).when(day >= latest.dt.offset_by(years)).then(False).otherwise(None)
    )  # fmt: skip


def _soon_after_the_deficit() -> pl.Expr:
    """True where the patient walks and the deficit is recent; else unknown, never false."""
    days = (pl.col("date") - pl.col("motor_deficit_onset_date")).dt.total_days()
    walks = pl.col("frankel").is_in(list(WITHOUT_LOSS))
    return pl.when(walks & (days >= 0) & (days <= P.EARLY_DISCOVERY)).then(True)


FUNCTIONAL_PROGNOSIS = Classification(
    id="functional_prognosis",
    code="S16",
    title=Text("Functional prognosis after surgery of the spine", "Pronostic fonctionnel après chirurgie du rachis"),
    row=Text("spinal assessment", "évaluation rachidienne"),
    source=Source(G1, "3.8.5"),
    keys=("patient_id", "assessment_id", "lesion_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        *(ClassColumn(name, words, "bool") for name, words in FACTORS.items()),
        ClassColumn("n_known", Text("Factors known, of six", "Facteurs connus, sur six"), "number"),
        ClassColumn("n_favourable", Text("Favourable factors", "Facteurs favorables"), "number"),
        ClassColumn("conflicts", Text("At odds with the table of strategies", "En désaccord avec le tableau des stratégies"), "tokens", CONFLICTS),
        ClassColumn("operated", Text(f"Spine surgery in the next {P.LOCAL_TREATMENT} days", f"Chirurgie du rachis dans les {P.LOCAL_TREATMENT} jours"), "bool"),
    ),
    headline="n_favourable",
    evaluate=evaluate,
    holes=(
        Text(
            "No total of the factors is printed: those known and those favourable are counted, and no band is made of them.",
            "Aucun total des facteurs n'est imprimé : les facteurs connus et favorables sont comptés, sans classe.",
        ),
        Text(
            "A Tokuhashi total of 6 to 8 is favourable here and conservative treatment in the table of strategies; in lung cancer nearly every total is. The total is that of six items (C01, C02).",
            "Un Tokuhashi de 6 à 8 est favorable ici et relève du traitement conservateur dans le tableau ; c'est le cas de presque tous les totaux du cancer bronchique. Le total est celui à six items (C01, C02).",
        ),
        Text(
            "A Tomita total of 8 is favourable here and supportive care in the table of strategies (C03).",
            "Un Tomita à 8 est favorable ici et relève des soins de support dans le tableau (C03).",
        ),
        Text(
            "The text prints extra-cerebral, which means nothing in a section on the spine: read as outside the vertebra.",
            "Le texte imprime « extra-cérébrale », sans objet dans un chapitre sur le rachis : lu « extra-vertébrale ».",
        ),
        Text(
            f"Early discovery is not defined: as the clinician recorded it; failing that, a patient who walks (Frankel D or E) at most {P.EARLY_DISCOVERY} days after the deficit began. Otherwise it is not known.",
            f"La découverte précoce n'est pas définie : telle que notée par le clinicien ; à défaut, un patient qui marche (Frankel D ou E) au plus {P.EARLY_DISCOVERY} jours après le début du déficit. Sinon elle n'est pas connue.",
        ),
        Text(
            f"Little comorbidity refers to ASA without a class: {P.FAVOURABLE_ASA} or less.",
            f"« Peu de comorbidité » renvoie au score ASA sans classe : {P.FAVOURABLE_ASA} ou moins.",
        ),
        Text(
            f"Exactly {P.FAVOURABLE_AGE} years is not favourable. Age is never a reason not to operate: the guideline's own references say so (C26). A date of birth on the first of a month or year may be cut to it; where that leaves the age open, it is not known.",
            f"{P.FAVOURABLE_AGE} ans exactement ne sont pas favorables. L'âge n'est jamais un motif d'exclusion : la bibliographie du guide le dit (C26). Une date de naissance au premier du mois ou de l'année peut être tronquée ; si l'âge en dépend, il n'est pas connu.",
        ),
    ),
    external=(
        Text(
            "The sixth item of the Tokuhashi score and the growth classes of the Tomita score come from their publications.",
            "Le sixième item du score de Tokuhashi et les classes de croissance du score de Tomita viennent de leurs publications.",
        ),
    ),
)  # fmt: skip
