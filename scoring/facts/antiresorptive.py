"""Facts of decisions on a dose and on a course of a bone-targeted agent."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, or_doubt, select
from .library import ANTIRESORPTIVES, is_antiresorptive, is_prevention

EXCUSING_STOPS = ("osteonecrosis_of_jaw", "renal", "death", "comfort_care")


def _laboratory(cohort: Cohort, analyte: str) -> Timeline:
    """Measured values of one analyte; of several on a day, the lowest comes last."""
    values = cohort.context.rows("lab_results").filter((pl.col("analyte") == analyte) & pl.col("value").is_not_null())
    return Timeline(values.sort("value", descending=True), "pid")


def _latest(d: Decisions, values: Timeline, since: pl.Series, until: pl.Series) -> pl.Series:
    position = values.last(d["pid"], until)
    return select(pl.when(values.take("day", position) >= since).then(values.take("value", position)))


def doses(cohort: Cohort) -> pl.DataFrame:
    """One row per dose of zoledronic acid or denosumab against skeletal events; index date: the dose."""
    rows = cohort.keep(cohort.context.rows("drug_administrations"))
    rows = rows.filter(pl.col("drug").is_in(list(ANTIRESORPTIVES)) & is_prevention())
    d = Decisions(
        cohort.context,
        rows.select("pid", "day", "drug", "dose_mg", "route", "infusion_minutes", entity_id="administration_id"),
    )
    clearance = _laboratory(cohort, "creatinine_clearance")
    d.add(creatinine_clearance=_latest(d, clearance, d.day(-P.CLEARANCE), d["day"]))
    return d.frame


def courses(cohort: Cohort) -> pl.DataFrame:
    """One row per course (doses of either agent with no gap over 90 days); index date: the first dose."""
    rows = cohort.keep(cohort.context.rows("drug_administrations")).filter(is_antiresorptive())
    rows = rows.sort("pid", "day", "administration_id")
    starts = (pl.col("day") - pl.col("day").shift(1).over("pid") > P.ANTIRESORPTIVE_GAP).fill_null(True)
    denosumab = pl.col("day").filter(pl.col("drug") == "denosumab")
    found = rows.with_columns(course=starts.cum_sum()).group_by("course", maintain_order=True).agg(
        pl.col("pid", "day", "urgent_start").first(),
        entity_id=pl.col("administration_id").first(),
        first_drug=pl.col("drug").first(),
        last_drug=pl.col("drug").last(),
        last_day=pl.col("day").last(),
        first_denosumab=denosumab.first(),
        last_denosumab=denosumab.last(),
    )  # fmt: skip
    d = Decisions(cohort.context, found)
    d.add(
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        has_denosumab=pl.col("first_denosumab").is_not_null(),
        course_days=pl.col("last_day") - pl.col("day"),
        last_dose_date=pl.col("last_day").cast(pl.Date),
    )
    _add_supplements(d, cohort)
    _add_dental(d, cohort)
    _add_renal(d, cohort)
    _add_persistence(d, cohort)
    return d.frame


def _add_supplements(d: Decisions, cohort: Cohort) -> None:
    """Calcium and vitamin D at the first and at the last denosumab dose of the course."""
    rows = cohort.context.rows("drug_prescriptions").with_columns(
        start_day=day_of("start_date"), stop_day=day_of("stop_date")
    )
    wanted = d.frame.select("pid", "first_denosumab", "last_denosumab").with_row_index("row")
    provable = d.provable("drug_prescriptions", d["first_denosumab"])
    for drug in ("calcium", "vitamin_d"):
        held = wanted.join(rows.filter(pl.col("drug") == drug), on="pid").group_by("row").agg(
            covered=pl.all_horizontal(_covers("first_denosumab").any(), _covers("last_denosumab").any())
        )  # fmt: skip
        covered = (
            wanted.select("row").join(held, on="row", how="left", maintain_order="left")["covered"].fill_null(False)
        )
        d.add(**{f"{drug}_supplement": select(pl.when(covered).then(True).when(provable).then(False).otherwise(None))})
    calcium = _laboratory(cohort, "corrected_calcium")
    d.add(corrected_calcium=_latest(d, calcium, d["first_denosumab"] - P.CLEARANCE, d["first_denosumab"]))


def _covers(dose: str) -> pl.Expr:
    ongoing = pl.col("stop_day").is_null() | (pl.col("stop_day") >= pl.col(dose))
    return (pl.col("start_day") <= pl.col(dose) + P.SUPPLEMENT_GRACE) & ongoing


def _add_dental(d: Decisions, cohort: Cohort) -> None:
    context = cohort.context
    care = context.rows("supportive_care")
    examination = care.filter(pl.col("kind") == "dental_examination")
    by_specialist = Acts(context, "supportive_care", examination.filter(pl.col("by_specialist")), "patient")
    by_unknown = Acts(context, "supportive_care", examination.filter(pl.col("by_specialist").is_null()), "patient")
    panoramic = Acts(context, "supportive_care", care.filter(pl.col("kind") == "dental_panoramic"), "patient")
    examined = d.occurred(by_specialist, -P.DENTAL_BEFORE, 0)
    perhaps = d.found(by_unknown, -P.DENTAL_BEFORE, 0)
    last_examination, _ = d.last(by_specialist, 0)
    last_panoramic, _ = d.last(panoramic, 0)
    gap = _longest_gap(d, examination)
    d.add(
        dental_examination=or_doubt(examined, perhaps),
        dental_examination_date=last_examination.cast(pl.Date),
        dental_panoramic=d.occurred(panoramic, -P.DENTAL_BEFORE, 0),
        dental_panoramic_date=last_panoramic.cast(pl.Date),
        dental_too_early=last_examination.is_not_null() & last_panoramic.is_not_null(),
        longest_dental_gap=select(
            pl.when((gap <= P.DENTAL_GAP) | d.provable("supportive_care", 0)).then(gap).otherwise(None)
        ),
    )


def _longest_gap(d: Decisions, examinations: pl.DataFrame) -> pl.Series:
    """The longest time without dental examination from the first dose to the last."""
    wanted = d.frame.select("pid", "day", "last_day").with_row_index("row")
    seen = wanted.join(examinations.select("pid", examined="day"), on="pid").filter(
        (pl.col("examined") > pl.col("day")) & (pl.col("examined") <= pl.col("last_day"))
    )
    marks = pl.concat(
        [
            wanted.select("row", mark="day"),
            seen.select("row", mark="examined"),
            wanted.select("row", mark="last_day"),
        ]
    )
    gaps = marks.sort("row", "mark").group_by("row", maintain_order=True).agg(gap=pl.col("mark").diff().max())
    return wanted.select("row").join(gaps, on="row", how="left", maintain_order="left")["gap"]


def _add_renal(d: Decisions, cohort: Cohort) -> None:
    kidney = cohort.context.rows("lab_results").filter(pl.col("analyte").is_in(["creatinine", "creatinine_clearance"]))
    tests = Acts(cohort.context, "lab_results", kidney, "patient")
    last, _ = d.last(tests, 0)
    d.add(
        renal_test=d.occurred(tests, -P.CLEARANCE, 0),
        renal_test_date=last.cast(pl.Date),
        renal_test_too_early=select(last >= d.day(-P.OLDER_ACT)).fill_null(False),
    )


def _add_persistence(d: Decisions, cohort: Cohort) -> None:
    """Two years of treatment: what ended it, and what is needed for a Kaplan-Meier estimate of persistence."""
    context, last = cohort.context, d["last_day"]
    stops = context.rows("drug_prescriptions").filter(
        (pl.col("drug") == "antiresorptive") & pl.col("stop_reason").is_in(list(EXCUSING_STOPS))
    )
    stop = Timeline(stops.with_columns(day=day_of("stop_date")), "pid").first_day(d["pid"], last - P.ANTIRESORPTIVE_GAP)
    clearance = _laboratory(cohort, "creatinine_clearance")
    d.observe("drug_administrations")
    until = d["until_drug_administrations"].cast(pl.Int32)
    ended = (until - last > P.ANTIRESORPTIVE_GAP).fill_null(False)
    kept = d["course_days"] >= P.TWO_YEARS - P.MONTHLY_LATE
    d.add(
        two_years=select(
            pl.when(kept).then(True).when(d.provable("drug_administrations", 0)).then(False).otherwise(None)
        ),
        two_years_due=d.day(P.TWO_YEARS).cast(pl.Date),
        excusing_stop=select(stop <= last + P.ANTIRESORPTIVE_GAP).fill_null(False),
        jaw_osteonecrosis=d.occurred(cohort.library.jaw_osteonecrosis, 0, last + P.ANTIRESORPTIVE_GAP),
        life_expectancy_at_stop=d.state("life_expectancy_days", P.STATE, at=last),
        clearance_at_stop=_latest(d, clearance, last - P.ANTIRESORPTIVE_GAP, last + P.ANTIRESORPTIVE_GAP),
        treatment_ended=ended,
        days_on_treatment=d["course_days"].zip_with(ended, (until - d["day"]).fill_null(0)),
    )
