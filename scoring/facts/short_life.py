"""Decisions on a life expectancy under six weeks: the analgesia that follows."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Decisions, select


def assessments(cohort: Cohort) -> pl.DataFrame:
    """One row per patient: the first clinical assessment, since the discovery, with a life expectancy under six weeks."""
    rows = cohort.keep(cohort.context.rows("clinical_assessments")).join(
        cohort.patients.select("pid", "first_day"), on="pid", how="left", maintain_order="left"
    )
    rows = rows.filter((pl.col("life_expectancy_days") < P.SIX_WEEKS) & (pl.col("day") >= pl.col("first_day")))
    first = rows.sort("pid", "day", "assessment_id").unique("pid", keep="first", maintain_order=True)
    d = Decisions(cohort.context, first.select("pid", "day", "life_expectancy_days", entity_id="assessment_id"))
    _add_analgesia(d, cohort)
    return d.frame


def _add_analgesia(d: Decisions, cohort: Cohort) -> None:
    """The pain after the decision (failing that, on its day), and whether analgesics or radiotherapy were given."""
    end = d.day(P.ANALGESIA)
    scores = cohort.context.recorded("clinical_assessments", "pain_nrs", "pid")
    when = scores.first_day(d["pid"], d.day(1))
    soon = (when <= end).fill_null(False)
    judged = when.zip_with(soon, d["day"])
    later = scores.take("pain_nrs", scores.last(d["pid"], when))
    under = cohort.context.recorded("clinical_assessments", "on_analgesics", "pid")
    position = under.last(d["pid"], judged)
    told = select(pl.when(under.take("day", position) == judged).then(under.take("on_analgesics", position)))
    pain = later.zip_with(soon, d.state("pain_nrs", 0))
    controlled = pain <= P.PAIN_CONTROLLED
    d.add(
        pain_nrs=pain,
        # A high score on the day itself is what the analgesia is for: it tells nothing of its effect.
        pain_controlled=select(pl.when(controlled | soon).then(controlled)),
        analgesia_given=told.fill_null(False) | _prescribed(d, cohort, judged),
        irradiated_too=d.found(cohort.library.courses, 0, P.ANALGESIA),
    )


def _prescribed(d: Decisions, cohort: Cohort, judged: pl.Series) -> pl.Series:
    """Was an analgesic or an opioid prescribed on a day from the decision to the day of the pain score?"""
    rows = cohort.context.rows("drug_prescriptions").filter(pl.col("drug").is_in(["opioid", "analgesic"]))
    wanted = d.frame.select("pid", "day", judged=judged).join(rows.select("pid", "start_date", "stop_date"), on="pid")
    starts = pl.col("start_date").cast(pl.Int32) <= pl.col("judged")
    lasts = (pl.col("stop_date").cast(pl.Int32) >= pl.col("day")).fill_null(True)
    return d["pid"].is_in(wanted.filter(starts & lasts)["pid"].to_list())
