"""Facts of decisions on an operation: its indication, the prognosis known before it, and what the meeting recorded."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P

from . import pain
from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select
from .indications import fractured
from .scored import bounds, last_scored

RESECTIONS = ("en_bloc", "oncological")
HEAVY = ("resection_reconstruction", "acetabular_resection", "megaprosthesis")
"""Techniques that resect and rebuild."""
UNSURE = (*HEAVY, "corpectomy", "other")
"""Techniques that do not tell whether the resection was oncological."""
CRITERIA = (
    "indication", "life_expectancy", "general_condition", "functional_needs", "expected_benefit", "risks", "oncology_plan",
)  # fmt: skip
"""What the decision to operate takes into account (G1 3.7, G2 1)."""


def add_to_procedures(d: Decisions, cohort: Cohort, mirels: pl.DataFrame) -> None:
    """Facts beside those of `procedures`."""
    d.add(fractured=fractured(d))
    pain.add_state(d)
    _add_resection(d, cohort)
    _add_criteria(d, cohort)
    _add_prognosis(d, cohort)
    _add_whole_bone(d, cohort)
    _add_sequence(d, cohort, mirels)
    _add_aftercare(d, cohort)
    _add_planning(d, cohort)


def _add_resection(d: Decisions, cohort: Cohort) -> None:
    rows = cohort.context.rows("procedures").select("resection_extent", "complication_date", entity_id="procedure_id")
    d.frame = d.frame.join(rows, on="entity_id", how="left", maintain_order="left")
    technique = pl.col("procedure_technique")
    d.add(
        oncological_resection=pl.when(pl.col("resection_extent").is_not_null())
        .then(pl.col("resection_extent").is_in(list(RESECTIONS)))
        .when(technique == "acetabular_resection")
        .then(True)
        .when(~technique.is_in(list(UNSURE)))
        .then(False)
    )
    d.add(heavy_surgery=technique.is_in(list(HEAVY)) | pl.col("oncological_resection"))


def _add_criteria(d: Decisions, cohort: Cohort) -> None:
    """How many of the criteria the fullest record of a meeting names."""
    named = pl.element().cast(pl.String).is_in(list(CRITERIA))
    count = pl.col("criteria_recorded").list.unique().list.eval(named).list.sum()
    records = [cohort.library.meetings_where(count >= number) for number in range(1, int(P.MDT_CRITERIA) + 1)]
    unrecorded = cohort.library.meetings_where(pl.col("criteria_recorded").is_null())
    found = [d.found(acts, -P.MDT_BEFORE, 0).cast(pl.Int32) for acts in records]
    d.add(
        mdt_criteria=pl.DataFrame(found, schema=[str(number) for number in range(len(found))]).sum_horizontal(),
        criteria_complete=d.occurred_or_perhaps(records[-1], unrecorded, -P.MDT_BEFORE, 0),
    )


def _add_prognosis(d: Decisions, cohort: Cohort) -> None:
    """Whether life expectancy and general condition were estimated before the operation."""
    assessed = cohort.context.rows("clinical_assessments")
    for name, columns in (("life", ["life_expectancy_days"]), ("condition", ["karnofsky", "ecog"])):
        recorded = pl.any_horizontal(pl.col(columns).is_not_null())
        acts = Acts(cohort.context, "clinical_assessments", assessed.filter(recorded), "patient")
        blank = Acts(cohort.context, "clinical_assessments", assessed.filter(~recorded), "patient")
        d.add(
            **{
                # An assessment with a blank cell does not say that nothing was estimated.
                f"{name}_estimated": d.occurred_or_perhaps(acts, blank, -P.STATE, 0),
                f"{name}_estimated_earlier": d.found(acts, -P.OLDER_ACT, 0),
            }
        )


def _add_whole_bone(d: Decisions, cohort: Cohort) -> None:
    """Radiotherapy of the whole bone, on the lesion or linked to the operation."""
    numbers = cohort.context.registry["procedures"].select("procedure_id").with_row_index("procedure")
    own = d.frame.select(procedure_id="entity_id").join(numbers, on="procedure_id", how="left", maintain_order="left")
    courses = cohort.context.rows("radiotherapy_courses").join(
        numbers, left_on="linked_procedure_id", right_on="procedure_id", how="left", maintain_order="left"
    )

    def first(keep: pl.Expr) -> tuple[pl.Series, pl.Series]:
        rows = courses.filter(keep)
        linked = Timeline(rows, "procedure").first_day(own["procedure"], d.day(1))
        placed, doubtful = d.first(Acts(cohort.context, "radiotherapy_courses", rows, "lesion"), 1)
        return earlier(linked, placed), doubtful

    whole, doubtful = first(pl.col("target_volume") == "whole_bone")
    perhaps, both_unknown = first(pl.col("target_volume").is_null())
    end = d.day(P.POSTOP_RT)
    d.add(
        whole_bone_radiotherapy=select(
            pl.when((whole <= end).fill_null(False)).then(True)
            .when((earlier(doubtful, perhaps, both_unknown) <= end).fill_null(False)).then(None)
            .when(d.provable("radiotherapy_courses", 1)).then(False)
            .otherwise(None)
        ),
        whole_bone_radiotherapy_late=(whole > end).fill_null(False),
    )  # fmt: skip


def _add_sequence(d: Decisions, cohort: Cohort, mirels: pl.DataFrame) -> None:
    """Was the lesion irradiated first, although it was about to break, and had a meeting weighed both?"""
    courses = cohort.library.courses
    course = courses.of_lesion.first_day(d["lid"], d.day(-P.IRRADIATED_FIRST))
    start = select(pl.when(course < d["day"]).then(course).otherwise(d["day"]))
    low, high, missing = bounds(d, mirels, start)
    (status,) = last_scored(d, mirels, start, "fracture_status")
    both, unrecorded = cohort.library.meetings_naming("radiotherapy", "surgery")
    d.add(
        irradiated_first=d.occurred(courses, -P.IRRADIATED_FIRST, -1),
        first_treatment_mirels_min=low,
        first_treatment_mirels_max=high,
        first_treatment_mirels_missing=missing,
        first_treatment_fractured=status == "pathological_fracture",
        sequence_discussed=d.occurred_or_perhaps(both, unrecorded, start - P.MDT_BEFORE, start),
    )


def _add_aftercare(d: Decisions, cohort: Cohort) -> None:
    """CRP and infection after the operation."""
    tests = cohort.context.rows("lab_results").filter(pl.col("analyte") == "crp")
    acts = Acts(cohort.context, "lab_results", tests, "patient")
    infected = pl.col("complication").is_in(["wound", "sepsis"]).fill_null(False)
    days = pl.col("complication_date").cast(pl.Int32) - pl.col("day")
    d.add(
        crp_after=d.occurred(acts, 1, P.CRP_AFTER_SURGERY),
        infection_after=infected & ((days >= 1) & (days <= P.CRP_AFTER_SURGERY)),
    )


def _add_planning(d: Decisions, cohort: Cohort) -> None:
    """A CT of the lesion and a meeting before the operation; a CT of a limb without lesion may be of this one."""
    may_show = pl.col("lid").is_not_null() | pl.col("region").is_null() | (pl.col("region") == "limb")
    scans = cohort.context.rows("imaging_exams").filter((pl.col("modality") == "ct") & may_show)
    acts = Acts(cohort.context, "imaging_exams", scans, "lesion")
    meetings = cohort.library.meetings
    d.add(
        lesion_ct_before=d.occurred(acts, -P.FRACTURE_IMAGING, 0),
        planned_earlier=d.found(acts, -P.OLDER_ACT, 0) & d.found(meetings, -P.OLDER_ACT, 0),
        emergency=(pl.col("urgency") == "emergency").fill_null(False),
    )
