"""Facts of decisions on a long-bone lesion: what its Mirels score asked for, and what a fracture asked for."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P

from . import indications
from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select
from .interventional import add_pelvic_fracture


def unchanged(rows: pl.DataFrame, columns: list[str], cohort: Cohort) -> pl.Series:
    """Does the lesion's previous assessment hold the same known values, with no local treatment since?

    `rows` are in the order of lesion, day and assessment.
    """
    of_lesion = pl.col("lid").eq_missing(pl.col("lid").shift(1))
    previous = rows.select(pl.when(of_lesion).then(pl.col("day", *columns).shift(1)))
    treatments = cohort.library.local_treatments.of_lesion
    treated = (treatments.first_day(rows["lid"], previous["day"] + 1) <= rows["day"]).fill_null(False)
    same = pl.Series([True]).new_from_index(0, len(rows))
    for column in columns:
        same = same & (previous[column] == rows[column]).fill_null(False)
    return same & ~treated


def assessments(cohort: Cohort, mirels: pl.DataFrame) -> pl.DataFrame:
    """One row per decision on a lesion (several assessments in the same known band are one decision).

    Index date: the assessment, or the fracture.
    """
    rows = cohort.keep(mirels).sort("lid", "day", "assessment_id")
    rows = rows.with_columns(fractured=(pl.col("fracture_status") == "pathological_fracture").fill_null(False))
    before = rows.select(earlier=pl.col("fractured").shift(1, fill_value=False).cum_max().over("lid"))["earlier"]
    changed = ~unchanged(rows, ["band", "fractured"], cohort)
    rows = rows.with_columns(
        day=pl.when(pl.col("fractured")).then(pl.coalesce(day_of("fracture_date"), "day")).otherwise(pl.col("day"))
    )
    fixed = cohort.library.fixations.of_lesion.last_day(rows["lid"], rows["day"] - 1).is_not_null()
    rows = rows.filter(changed & ~fixed & ~before)
    rows = rows.with_columns(next_day=pl.col("day").shift(-1).over("lid"))
    keep = [
        "pid",
        "lid",
        "day",
        "next_day",
        "bone",
        "fracture_status",
        "mirels_pain",
        "total_min",
        "total_max",
        "missing_input",
    ]
    d = Decisions(cohort.context, rows.select(*keep, entity_id="assessment_id"))
    d.frame = d.frame.rename({"total_min": "mirels_min", "total_max": "mirels_max", "missing_input": "mirels_missing"})
    _add_treatment(d, cohort)
    add_pelvic_fracture(d, cohort)
    indications.add_to_lesions(d, cohort)
    return d.frame


def _add_treatment(d: Decisions, cohort: Cohort) -> None:
    library, context = cohort.library, cohort.context
    fixations = library.fixations
    unless_fracture = Acts(
        context,
        "procedures",
        fixations.of_patient.rows.filter((pl.col("intent") != "fracture").fill_null(True)),
        "lesion",
    )
    preventive = Acts(
        context, "procedures", fixations.of_patient.rows.filter(pl.col("intent") == "preventive"), "lesion"
    )
    intent_unknown = Acts(context, "procedures", fixations.of_patient.rows.filter(pl.col("intent").is_null()), "lesion")
    fractures = Timeline(
        context.rows("lesion_assessments").with_columns(day=day_of("fracture_date")).select("lid", "day"), "lid"
    )
    fracture = fractures.first_day(d["lid"], d.day(1))

    # Mirels <= 7: a prophylactic operation answers to this decision until the next one.
    until = earlier(d.day(P.LOCAL_TREATMENT), d["next_day"] - 1)
    operated = d.occurred(preventive, 0, until)
    perhaps = d.occurred(intent_unknown, 0, until)
    # Mirels 8: the meeting comes before the treatment.
    treatment = library.local_treatments.of_lesion.first_day(d["lid"], d["day"])
    meeting_until = earlier(d.day(P.MDT_BEFORE), treatment)
    later_meeting, _ = d.first(library.meetings, P.MDT_BEFORE + 1)
    # Mirels >= 9: fixation before a fracture.
    fixed_until = earlier(d.day(P.MIRELS_SURGERY), fracture)
    fixed, _ = d.first(unless_fracture, 0)
    any_fixation, _ = d.first(fixations, 0)
    waiting = select((fracture <= d.day(P.MIRELS_SURGERY)).fill_null(False))
    course, _ = d.first(library.courses, 0)
    d.add(
        prophylactic_surgery=operated | select(pl.when(~perhaps).then(False).otherwise(None)),
        mdt_before_treatment=d.occurred(library.meetings, -P.MDT_BEFORE, meeting_until),
        mdt_late=select(later_meeting.is_not_null() & (treatment.is_null() | (later_meeting <= treatment))),
        mdt_due=meeting_until.cast(pl.Date),
        fixation_in_time=d.occurred(unless_fracture, 0, fixed_until),
        fixation_late=select((fixed > d.day(P.MIRELS_SURGERY)) & (fixed <= fracture).fill_null(True)),
        fixation_date=any_fixation.cast(pl.Date),
        fixation_due=fixed_until.cast(pl.Date),
        fracture_after_date=fracture.cast(pl.Date),
        fracture_while_waiting=select(waiting & (fixed > fracture).fill_null(True)),
        radiotherapy_date=course.cast(pl.Date),
        fracture_operated=d.occurred(fixations, 0, P.FRACTURE_SURGERY),
        fracture_operated_late=select(any_fixation > d.day(P.FRACTURE_SURGERY)),
        fracture_surgery_due=d.day(P.FRACTURE_SURGERY).cast(pl.Date),
        irradiated=d.occurred(library.courses, 0, P.LOCAL_TREATMENT),
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        fit_for_surgery=d.state("fit_for_surgery", P.STATE),
        fit_for_anaesthesia=d.state("fit_for_anaesthesia", P.STATE),
        mdt_decision=d.last_value(library.decided_meetings, "decision", -P.MDT_BEFORE, P.MIRELS_SURGERY),
    )
