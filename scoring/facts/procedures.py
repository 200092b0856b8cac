"""Facts of decisions on a procedure: meeting before it, indication, technique, and the radiotherapy that follows."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P

from . import surgical_indications
from .acetabulum import add_acetabulum
from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, holds, select
from .interventional import add_interventional
from .library import ARTHROPLASTIES, PERCUTANEOUS_FIXATION, SURGERY
from .perioperative import add_perioperative
from .scored import bounds, last_scored
from .spinal_surgery import add_spinal_surgery
from .technique import add_technique

INTERVENTIONAL_RADIOLOGY = ("interventional_radiology",)


def procedures(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per procedure; index date: its day."""
    context = cohort.context
    rows = cohort.keep(context.rows("procedures"))
    keep = [
        "pid", "lid", "day", "bone", "category", "urgency", "complication",
        "cemented_femoral", "cemented_acetabular", "cemented_other", "decalcification",
    ]  # fmt: skip
    rows = rows.join(
        context.lesions.select("lid", "segment", "weight_bearing"), on="lid", how="left", maintain_order="left"
    )
    d = Decisions(
        context,
        rows.select(
            *keep,
            "segment",
            procedure_technique="technique",
            procedure_intent="intent",
            weight_bearing=pl.col("weight_bearing").fill_null(True),
            combined_fixation=holds("associated_techniques", PERCUTANEOUS_FIXATION).fill_null(False),
            entity_id="procedure_id",
        ),
    )
    d.add(
        procedure_lesion=pl.col("lesion_id"),
        surgery=pl.col("category").is_in(list(SURGERY)),
        arthroplasty=pl.col("procedure_technique").is_in(list(ARTHROPLASTIES)),
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        lesion_type=d.state("lesion_type", P.STATE, table="lesion_assessments", key="lid"),
        soft_tissue_extension=d.state("soft_tissue_extension", P.STATE, table="lesion_assessments", key="lid"),
        articular_destruction=d.state("articular_destruction", P.STATE, table="lesion_assessments", key="lid"),
        bone_loss_major=d.state("bone_loss_major", P.STATE, table="lesion_assessments", key="lid"),
        infection_puncture_site=d.state("infection_puncture_site", P.STATE),
        sepsis_uncontrolled=d.state("sepsis_uncontrolled", P.STATE),
    )
    _add_meetings(d, cohort)
    _add_cementing(d)
    _add_mirels(d, scores["mirels"])
    _add_radiotherapy(d, cohort)
    add_interventional(d, cohort)
    surgical_indications.add_to_procedures(d, cohort, scores["mirels"])
    add_spinal_surgery(d, cohort, scores)
    add_perioperative(d, cohort)
    add_technique(d, cohort)
    add_acetabulum(d, cohort)
    return d.frame


def _add_meetings(d: Decisions, cohort: Cohort) -> None:
    library = cohort.library
    with_ir, unrecorded = library.meetings_with(INTERVENTIONAL_RADIOLOGY)
    last, _ = d.last(library.meetings, 0)
    d.add(
        mdt_before=d.occurred(library.meetings, -P.MDT_BEFORE, 0),
        mdt_before_date=last.cast(pl.Date),
        mdt_too_early=d.found(library.meetings, -P.OLDER_ACT, -P.MDT_BEFORE - 1),
        mdt_with_ir=d.occurred_or_perhaps(with_ir, unrecorded, -P.MDT_BEFORE, 0),
        mdt_with_ir_too_early=d.found(with_ir, -P.OLDER_ACT, -P.MDT_BEFORE - 1),
        mdt_soon_after=d.occurred(library.meetings, 1, P.MDT_AFTER_URGENT),
        urgent=pl.col("urgency").is_in(["emergency", "relative_emergency"]).fill_null(False)
        & pl.col("procedure_intent").is_in(["fracture", "decompression"]),
    )


def _add_cementing(d: Decisions) -> None:
    parts = [pl.col(f"cemented_{part}") for part in ("femoral", "acetabular", "other")]
    both_needed = (pl.col("procedure_technique") == "total_hip_arthroplasty").fill_null(False)
    one_lacks = both_needed & (pl.col("cemented_femoral").is_null() | pl.col("cemented_acetabular").is_null())
    some_uncemented = pl.any_horizontal([~part.fill_null(True) for part in parts])
    some_cemented = pl.any_horizontal([part.fill_null(False) for part in parts])
    d.add(
        all_cemented=pl.when(some_uncemented)
        .then(False)
        .when(one_lacks)
        .then(None)
        .when(some_cemented)
        .then(True)
        .otherwise(None)
    )


def _add_mirels(d: Decisions, mirels: pl.DataFrame) -> None:
    """Mirels at the last assessment; was the lesion about to break: 9 or more, or an impending fracture?"""
    low, high, missing = bounds(d, mirels, d["day"])
    (status,) = last_scored(d, mirels, d["day"], "fracture_status")
    threatened = (status == "impending") | (low >= 9)
    safe = (high <= 8) & (status == "none")
    broken = status == "pathological_fracture"
    d.add(
        mirels_min=low,
        mirels_max=high,
        mirels_missing=missing,
        prefracture=select(
            pl.when(threatened.fill_null(False))
            .then(True)
            .when((safe | broken).fill_null(False))
            .then(False)
            .otherwise(None)
        ),
        prefracture_missing=missing,
    )


def _add_radiotherapy(d: Decisions, cohort: Cohort) -> None:
    """Post-operative radiotherapy of the lesion or linked to the operation, and earlier full-dose radiotherapy."""
    linked = Timeline(_linked_courses(cohort), "procedure")
    order = d.frame.select(procedure_id="entity_id").join(
        _procedure_numbers(cohort), on="procedure_id", how="left", maintain_order="left"
    )
    first_linked = linked.first_day(order["procedure"], d.day(1))
    on_lesion, doubtful = d.first(cohort.library.courses, 1)
    first = earlier(first_linked, on_lesion)
    end = d.day(P.POSTOP_RT)
    d.add(
        postoperative_radiotherapy=select(
            pl.when((first <= end).fill_null(False)).then(True)
            .when((doubtful <= end).fill_null(False)).then(None)
            .when(d.provable("radiotherapy_courses", 1)).then(False)
            .otherwise(None)
        ),
        postoperative_radiotherapy_date=first.cast(pl.Date),
        postoperative_radiotherapy_late=(first > end).fill_null(False),
        postoperative_radiotherapy_due=end.cast(pl.Date),
        irradiated_before=_full_dose_before(d, cohort),
    )  # fmt: skip


def _procedure_numbers(cohort: Cohort) -> pl.DataFrame:
    return cohort.context.registry["procedures"].select("procedure_id").with_row_index("procedure")


def _linked_courses(cohort: Cohort) -> pl.DataFrame:
    """Courses with the number of the operation that they are recorded to follow."""
    courses = cohort.context.rows("radiotherapy_courses").select("day", procedure_id="linked_procedure_id")
    return courses.join(_procedure_numbers(cohort), on="procedure_id")


def _full_dose_before(d: Decisions, cohort: Cohort) -> pl.Series:
    given = pl.coalesce("delivered_dose_gy", "prescribed_dose_gy")
    courses = cohort.context.rows("radiotherapy_courses")
    full = Acts(cohort.context, "radiotherapy_courses", courses.filter(given >= P.FULL_DOSE), "lesion")
    unknown = Acts(cohort.context, "radiotherapy_courses", courses.filter(given.is_null()), "lesion")
    sure, elsewhere = d.last(full, -1)
    dose_unknown, both_unknown = d.last(unknown, -1)
    doubt = elsewhere.is_not_null() | dose_unknown.is_not_null() | both_unknown.is_not_null()
    return select(
        pl.when(d["lid"].is_null())
        .then(None)
        .when(sure.is_not_null())
        .then(True)
        .when(doubt)
        .then(None)
        .otherwise(False)
    )
