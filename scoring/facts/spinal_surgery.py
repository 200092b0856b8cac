"""Facts of operations on the spine (deficit, scores before, radiotherapy of the bed) and of every local treatment of it."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P
from scoring.scores.inputs import COMPRESSED

from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select
from .library import SPINE, SURGERY
from .radiotherapy import rades_on_day
from .scored import last_scored
from .spine import deficit

HEAVY_EXTENTS = ("en_bloc", "oncological")
PRESSING = ("emergency", "relative_emergency")


def add_spinal_surgery(d: Decisions, cohort: Cohort, scores: dict[str, pl.DataFrame]) -> None:
    """Facts of the decisions on a procedure that the rules on spinal surgery ask about."""
    _add_deficit(d, cohort)
    _add_scores(d, cohort, scores)
    _add_bed(d, cohort)
    _add_heavy(d, cohort)


def _add_deficit(d: Decisions, cohort: Cohort) -> None:
    """Compression and neurological deficit before the operation, and the time since the onset of the deficit."""
    spinal = cohort.context.rows("spinal_assessments")
    examined = Timeline(
        spinal.filter(pl.col("frankel").is_not_null() | pl.col("motor_deficit").is_not_null()),
        "lid",
        ["assessment_id"],
    )
    position = examined.last(d["lid"], d["day"])
    position = select(pl.when(examined.take("day", position) >= d.day(-P.STATE)).then(position))
    frankel, motor = examined.take("frankel", position), examined.take("motor_deficit", position)
    compression = d.state("cord_compression", P.STATE, table="spinal_assessments", key="lid")
    onset = d.state("motor_deficit_onset_date", P.STATE, table="spinal_assessments", key="lid").cast(pl.Int32)
    days = d["day"] - onset
    earlier_operation = cohort.library.spinal_surgery.of_lesion.last_day(d["lid"], d.day(-1))
    _, rades = rades_on_day(d, cohort.context)
    d.add(
        compressed=select(
            pl.when(d["lid"].is_not_null() & ~d["bone"].is_in(list(SPINE))).then(False)
            .when(compression.is_null()).then(None)
            .otherwise(compression.is_in(list(COMPRESSED)))
        ),
        neurological_deficit=deficit(frankel, motor),
        days_since_deficit=select(pl.when(days >= 0).then(days)),
        operated_since_onset=(earlier_operation >= onset).fill_null(False),
        rades_min=rades["total_min"],
        rades_max=rades["total_max"],
        rades_missing=rades["missing_input"],
    )  # fmt: skip


def _add_scores(d: Decisions, cohort: Cohort, scores: dict[str, pl.DataFrame]) -> None:
    """Tokuhashi and Tomita at the last assessment of the lesion before, or quoted in the record of a meeting."""
    library, assessments = cohort.library, cohort.context.rows("spinal_assessments")
    quoting, unrecorded = library.meetings_quoting_all(("tokuhashi", "tomita"))
    assessed = Acts(cohort.context, "spinal_assessments", assessments, "lesion")
    d.add(
        spine_assessed=d.occurred(assessed, -P.STATE, 0),
        both_scores_quoted=d.occurred_or_perhaps(quoting, unrecorded, -P.MDT_BEFORE, 0),
    )
    for name in ("tokuhashi", "tomita"):
        total, missing = last_scored(d, scores[name], d["day"], "total", "missing_input")
        d.add(**{f"{name}_scored": select(pl.when(total.is_not_null()).then(True)), f"{name}_missing": missing})


def _add_bed(d: Decisions, cohort: Cohort) -> None:
    """Post-operative radiotherapy of the surgical bed: on the lesion, or linked to the operation."""
    target = pl.col("target_volume")
    end = d.day(P.POSTOP_RT)

    def seen(keep: pl.Expr) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
        """The first such course after the operation: its day; in time; perhaps in time; is one certainly late?"""
        courses = Acts(cohort.context, "radiotherapy_courses", _courses(cohort).filter(keep), "lesion")
        linked = Timeline(courses.of_patient.rows, "procedure")
        first_linked = linked.first_day(number, d.day(1))
        on_lesion, doubtful = d.first(courses, 1)
        first = earlier(first_linked, on_lesion)
        late = earlier(linked.first_day(number, end + 1), d.first(courses, P.POSTOP_RT + 1)[0]).is_not_null()
        return first, (first <= end).fill_null(False), (doubtful <= end).fill_null(False), late

    number = d.frame.select(procedure_id="entity_id").join(
        _numbers(cohort), on="procedure_id", how="left", maintain_order="left"
    )["procedure"]  # fmt: skip
    first_bed, bed, perhaps_bed, bed_late = seen(target == "surgical_bed")
    _, unrecorded, perhaps_unrecorded, unrecorded_late = seen(target.is_null())
    first_other, other, perhaps_other, _ = seen(target.is_in(["lesion", "whole_bone"]))
    doubt = perhaps_bed | unrecorded | perhaps_unrecorded
    d.add(
        bed_irradiated=select(
            pl.when(bed).then(True).when(doubt).then(None)
            .when(d.provable("radiotherapy_courses", 1)).then(False)
            .otherwise(None)
        ),
        bed_missing=select(
            pl.when(unrecorded).then(pl.lit("radiotherapy_courses.target_volume"))
            .when(doubt).then(pl.lit("radiotherapy_courses.lesion_id"))
        ),
        bed_irradiated_date=first_bed.cast(pl.Date),
        bed_irradiated_late=bed_late | unrecorded_late,
        other_volume_irradiated=other | perhaps_other,
        other_volume_date=first_other.cast(pl.Date),
    )  # fmt: skip


def _numbers(cohort: Cohort) -> pl.DataFrame:
    return cohort.context.registry["procedures"].select("procedure_id").with_row_index("procedure")


def _courses(cohort: Cohort) -> pl.DataFrame:
    """Courses with the number of the operation that they are recorded to follow."""
    linked = _numbers(cohort).rename({"procedure_id": "linked_procedure_id"})
    courses = cohort.context.rows("radiotherapy_courses")
    return courses.join(linked, on="linked_procedure_id", how="left", maintain_order="left")


def _add_heavy(d: Decisions, cohort: Cohort) -> None:
    """Is the operation a heavy resection: en bloc or oncological, or a resection with reconstruction?"""
    extents = cohort.context.registry["procedures"].select("procedure_id", "resection_extent")
    extent = d.frame.select(procedure_id="entity_id").join(
        extents, on="procedure_id", how="left", maintain_order="left"
    )["resection_extent"]  # fmt: skip
    d.add(
        heavy_resection=extent.is_in(list(HEAVY_EXTENTS)) | (d["procedure_technique"] == "resection_reconstruction"),
        heavy_missing=select(pl.when(extent.is_null()).then(pl.lit("procedures.resection_extent"))),
    )


def treatments(cohort: Cohort) -> pl.DataFrame:
    """One row per local treatment that is, or may be, of the spine; index date: its day or first fraction."""
    context, library = cohort.context, cohort.library
    on_spine = pl.col("bone").is_in(list(SPINE))
    operations = context.rows("procedures").filter(
        (pl.col("category") == "spinal_surgery")
        | (on_spine & pl.col("category").is_in(["orthopaedic_surgery", "interventional_radiology"]))
        | (pl.col("lid").is_null() & (pl.col("category") == "interventional_radiology"))
    )
    pressing = pl.col("urgency").is_in(list(PRESSING)).fill_null(False)
    operations = operations.select(
        "pid", "lid", "day",
        entity_id="procedure_id",
        spine_treated=pl.when(pl.col("category") == "spinal_surgery").then(True).otherwise(on_spine),
        treated_missing=pl.lit("procedures.lesion_id"),
        surgical_treatment=pl.col("category").is_in(list(SURGERY)),
        urgent_decompression=pressing & (pl.col("intent") == "decompression"),
        urgent_missing=pl.lit("procedures.intent"),
    )  # fmt: skip
    courses = context.rows("radiotherapy_courses").filter(on_spine | pl.col("lid").is_null())
    courses = courses.select(
        "pid", "lid", "day",
        entity_id="course_id",
        spine_treated=on_spine,
        treated_missing=pl.lit("radiotherapy_courses.lesion_id"),
        surgical_treatment=pl.lit(False),
        urgent_decompression=pl.col("emergency") & (pl.col("intent") == "decompressive"),
        urgent_missing=pl.when(pl.col("emergency").is_null())
        .then(pl.lit("radiotherapy_courses.emergency"))
        .otherwise(pl.lit("radiotherapy_courses.intent")),
    )  # fmt: skip
    d = Decisions(context, cohort.keep(pl.concat([operations, courses])))
    last, _ = d.last(library.meetings, 0)
    d.add(
        mdt_before=d.occurred(library.meetings, -P.MDT_BEFORE, 0),
        mdt_before_date=last.cast(pl.Date),
        mdt_too_early=d.found(library.meetings, -P.OLDER_ACT, -P.MDT_BEFORE - 1),
        mdt_soon_after=d.occurred(library.meetings, 1, P.MDT_AFTER_URGENT),
    )
    return d.frame
