"""Complications of surgery by their time, and what makes it fail (S17, G1 3.7.3 and G2 5)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Decisions, select
from scoring.facts.library import SURGERY
from scoring.recommendations import parameters as P

from .columns import DATE, UNKNOWN, first_of

LISTED = {
    "per_operative": ("haemorrhage", "fat_embolism"),
    "short_term": ("wound", "thromboembolism", "sepsis"),
    "long_term": ("implant_failure", "loosening", "periprosthetic_fracture"),
}
"""The complications that the text lists under each time."""
FAILURES = (*LISTED["long_term"], "nonunion")


def evaluate(context: Context) -> pl.DataFrame:
    """One row per operation."""
    rows = context.rows("procedures").filter(pl.col("category").is_in(list(SURGERY)))
    complication = pl.col("complication").cast(pl.String)
    days = day_of("complication_date") - pl.col("day")
    return rows.with_columns(
        fractured=_fractured(context, rows), tumour_progression=_progression(context, rows)
    ).with_columns(
        days=pl.when(complication.is_not_null()).then(days),
        complication=pl.coalesce(complication, pl.lit("none_recorded")),
        complication_class=first_of(
            {
                "none_recorded": complication.is_null(),
                "per_operative": days == 0,
                "short_term": (days > 0) & (days <= P.COMPLICATION_SHORT_TERM),
                "long_term": days > P.COMPLICATION_SHORT_TERM,
            }
        ),
        listed_as=first_of(
            {"none_recorded": complication.is_null()}
            | {name: complication.is_in(list(tokens)) for name, tokens in LISTED.items()},
            "not_listed",
        ),
        nonunion=pl.when(complication == "nonunion").then(True).when(~pl.col("fractured")).then(False).otherwise(None),
    )


def _fractured(context: Context, rows: pl.DataFrame) -> pl.Series:
    """Was the lesion fractured when it was operated on?"""
    assessed = context.rows("lesion_assessments")
    seen = Timeline(assessed.filter(pl.col("fracture_status") == "pathological_fracture"), "lid")
    dated = Timeline(assessed.with_columns(day=day_of("fracture_date")).select("lid", "day"), "lid")
    earlier = [known.last_day(rows["lid"], rows["day"]).is_not_null() for known in (seen, dated)]
    d = Decisions(context, rows.select("pid", "lid", "day", entity_id="procedure_id"))
    status = d.state("fracture_status", P.STATE, table="lesion_assessments", key="lid")
    return select(
        pl.when((rows["intent"] == "fracture") | earlier[0] | earlier[1]).then(True)
        .when(status.is_not_null() | (rows["intent"] == "preventive")).then(False)
        .otherwise(None)
    )  # fmt: skip


def _progression(context: Context, rows: pl.DataFrame) -> pl.Series:
    """Did the operated lesion progress on any image after the operation, and before it failed?"""
    until = pl.when(pl.col("complication").is_in(list(FAILURES))).then(day_of("complication_date"))
    operations = rows.select("procedure_id", "lid", operated="day", until=until)
    seen = operations.join(_images(context), on="lid").filter(
        (pl.col("day") > pl.col("operated")) & (pl.col("day") <= pl.col("until")).fill_null(True)
    )
    found = seen.group_by("procedure_id").agg(progression=pl.col("progression").any())
    return rows.select("procedure_id").join(found, on="procedure_id", how="left", maintain_order="left")["progression"]


def _images(context: Context) -> pl.DataFrame:
    """lid, day and progression of every image that tells whether a lesion progressed."""
    exams = context.rows("imaging_exams")
    grows = (pl.col("lysis_change") == "increased") | (pl.col("soft_tissue_change") == "increased")
    findings = context.rows("imaging_findings").join(exams.select("exam_id", "day"), on="exam_id")
    concluded = pl.col("response_conclusion")
    aimed = exams.filter(concluded.is_in(["progression", "response", "stable"])).with_columns(
        progression=concluded == "progression"
    )
    columns = ["lid", "day", "progression"]
    return pl.concat([findings.with_columns(progression=grows).select(columns), aimed.select(columns)]).drop_nulls()


_NONE_RECORDED = {"none_recorded": Text("none recorded", "aucune notée")}
_CLASSES = {
    "per_operative": Text("during the operation", "per-opératoire"),
    "short_term": Text("short term", "court terme"),
    "long_term": Text("long term", "long terme"),
}
COMPLICATIONS = Classification(
    id="complications",
    code="S17",
    title=Text("Complications of surgery and factors of failure", "Complications de la chirurgie et facteurs d'échec"),
    row=Text("operation", "intervention chirurgicale"),
    source=Source(G1, "3.7.3"),
    keys=("patient_id", "procedure_id"),
    columns=(
        DATE,
        ClassColumn("complication", Text("Main complication", "Complication principale"), "token", {
            "haemorrhage": Text("haemorrhage", "hémorragie"),
            "fat_embolism": Text("fat embolism", "embolie graisseuse"),
            "wound": Text("wound complication", "complication cicatricielle"),
            "thromboembolism": Text("thromboembolism", "thrombo-embolie"),
            "sepsis": Text("sepsis", "sepsis"),
            "implant_failure": Text("breakage of the implant", "rupture d'implant"),
            "loosening": Text("loosening", "descellement"),
            "periprosthetic_fracture": Text("periprosthetic fracture", "fracture péri-prothétique"),
            "nonunion": Text("non-union", "pseudarthrose"),
            "cement_leak": Text("cement leak", "fuite de ciment"),
        } | _NONE_RECORDED),
        ClassColumn("complication_class", Text("Class by its day", "Classe selon le jour"), "token", _CLASSES | _NONE_RECORDED | UNKNOWN),
        ClassColumn("listed_as", Text("Class under which the text lists it", "Classe où le texte la range"), "token",
                    _CLASSES | {"not_listed": Text("not listed", "non citée")} | _NONE_RECORDED),
        ClassColumn("days", Text("Days from the operation to the complication", "Jours de l'intervention à la complication"), "days"),
        ClassColumn("tumour_progression", Text("Factor of failure: the tumour progresses", "Facteur d'échec : progression tumorale"), "bool"),
        ClassColumn("nonunion", Text("Factor of failure: non-union of a pathological fracture", "Facteur d'échec : pseudarthrose d'une fracture pathologique"), "bool"),
    ),
    headline="complication_class",
    evaluate=evaluate,
    holes=(
        Text("No limit of time is printed: the day of the operation is per-operative, then short term up to the days of parameter COMPLICATION_SHORT_TERM, then long term. What the text lists under each stands beside.",
             "Aucune limite de temps n'est imprimée : le jour de l'intervention est per-opératoire, puis court terme jusqu'au nombre de jours du paramètre COMPLICATION_SHORT_TERM, puis long terme. Ce que le texte range sous chacune figure à côté."),
        Text("A registry holds one main complication: where none is recorded, none is claimed to be absent.",
             "Le registre porte une complication principale : si aucune n'est notée, aucune n'est dite absente."),
        Text("Tumour progression: of the operated lesion, on an image after the operation and up to the day of the failure; false where images were read and none shows it, not known without any.",
             "Progression tumorale : de la lésion opérée, sur une image postérieure à l'intervention et au plus tard le jour de l'échec ; fausse si des images lues n'en montrent pas, non connue sans image."),
        Text("Non-union: recorded as the main complication; false where the lesion was not fractured when operated on, otherwise not known.",
             "Pseudarthrose : notée comme complication principale ; fausse si la lésion n'était pas fracturée lors de l'intervention, sinon non connue."),
        Text("The third factor, inadequate surgical or peri-operative care, cannot be computed; the measures on technique stand for it.",
             "Le troisième facteur, une prise en charge chirurgicale ou péri-opératoire inadaptée, n'est pas calculable ; les mesures de technique en tiennent lieu."),
        Text("A leak of cement is listed for interventional radiology alone.",
             "La fuite de ciment n'est citée que pour la radiologie interventionnelle."),
    ),
)  # fmt: skip
