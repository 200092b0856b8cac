"""Facts of a cord compression that tell what its Rades score says of an operation."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P
from scoring.scores import inputs
from scoring.scores.declared import declare
from scoring.scores.rades import motor

from .cohort import Cohort
from .decisions import Decisions, earlier, select
from .library import is_stabilisation
from .scored import bounds

NEUROLOGY = ("motor_deficit", "motor_deficit_onset_date", "frankel", "ambulation")


def add_surgery(d: Decisions, cohort: Cohort, sins: pl.DataFrame) -> None:
    """The operation until the lesion's next compression, the scores before it, and what the meeting decided."""
    library = cohort.library
    following = Timeline(d.frame.select("lid", "day"), "lid").first_day(d["lid"], d.day(1))
    until = earlier(d.day(P.LOCAL_TREATMENT), following - 1)
    surgery, course = (
        select(pl.when(day <= until).then(day))
        for day in (acts.of_lesion.first_day(d["lid"], d["day"]) for acts in (library.spinal_surgery, library.courses))
    )
    _add_rades(d, cohort, earlier(surgery, course))
    sins_min, sins_max, sins_missing = bounds(d, sins, surgery)
    d.add(
        compression_operated=d.occurred(library.spinal_surgery, 0, until),
        compression_irradiated=course.is_not_null(),
        laminectomy_alone=_laminectomy_alone(d, cohort, surgery),
        worse_under_radiotherapy=_worse_under_radiotherapy(d, cohort, course, surgery),
        sins_min=sins_min,
        sins_max=sins_max,
        sins_missing=sins_missing,
        mdt_decision=d.last_value(library.decided_meetings, "decision", -P.MDT_BEFORE, surgery),
    )


def _assessed(d: Decisions, cohort: Cohort) -> pl.DataFrame:
    """The assessment that each decision is about."""
    rows = cohort.context.rows("spinal_assessments").select(
        "assessment_id", "date", "compression_date", *NEUROLOGY, assessed_day="day"
    )
    return d.frame.select(assessment_id="entity_id").join(rows, on="assessment_id", how="left", maintain_order="left")


def _add_rades(d: Decisions, cohort: Cohort, treatment: pl.Series) -> None:
    """Rades before the first local treatment: nothing that was recorded after it, and the deficit's delay until it."""
    rows = _assessed(d, cohort).with_columns(pid=d["pid"], anchor_day=treatment)
    too_late = (pl.col("assessed_day") > pl.col("anchor_day")).fill_null(False)
    rows = rows.with_columns(
        *[pl.when(~too_late).then(pl.col(column)).alias(column) for column in NEUROLOGY],
        anchor_day=pl.coalesce("anchor_day", "assessed_day"),
    )
    rades = declare("rades").evaluate(inputs.at_treatment(cohort.context, inputs.with_tumour(cohort.context, rows)))
    d.add(rades_min=rades["total_min"], rades_max=rades["total_max"], rades_missing=rades["missing_input"])


def _laminectomy_alone(d: Decisions, cohort: Cohort, surgery: pl.Series) -> pl.Series:
    """Was the operation of that day laminectomy and nothing else, without stabilisation of the lesion on the same day?"""
    procedures = cohort.context.rows("procedures").filter(pl.col("lid").is_not_null())
    other = pl.col("technique") != "laminectomy"
    alone = pl.when(other.any()).then(False).when(other.is_null().any()).then(None).otherwise(True)
    operations = procedures.filter(pl.col("category") == "spinal_surgery").group_by("lid", "day").agg(alone=alone)
    stabilised = procedures.filter(is_stabilisation()).select("lid", "day", stabilised=True).unique()
    found = (
        d.frame.select("lid", day=surgery)
        .join(operations, on=["lid", "day"], how="left", maintain_order="left")
        .join(stabilised, on=["lid", "day"], how="left", maintain_order="left")
    )
    return found.select(pl.col("alone") & ~pl.col("stabilised").fill_null(False)).to_series()


def _worse_under_radiotherapy(d: Decisions, cohort: Cohort, course: pl.Series, surgery: pl.Series) -> pl.Series:
    """Did the operation follow radiotherapy, at a motor function lower than before it?"""
    spinal = cohort.context.rows("spinal_assessments").with_columns(points=motor)
    known = Timeline(spinal.filter(pl.col("points").is_not_null()), "lid", ["assessment_id"])
    position = known.last(d["lid"], surgery)
    during = select(pl.when(known.take("day", position) > course).then(known.take("points", position)))
    assessed = _assessed(d, cohort)
    before = assessed.select(pl.when(pl.col("assessed_day") <= course).then(motor)).to_series()
    irradiated_first = d.occurred(cohort.library.courses, 0, surgery - 1)
    return irradiated_first & select(during < before)
