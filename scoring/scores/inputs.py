"""The inputs of each score, brought to its assessments: anatomy, tumour of record, and the state of the patient on that day."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline
from scoring.recommendations import parameters as P

ECOG_KARNOFSKY = {0: 100, 1: 80, 2: 60, 3: 40, 4: 20}
"""External: the lower end of the classes that are set side by side in Oken 1982; used only when a reading asks for it."""
CLINICAL = (
    "karnofsky",
    "n_extraspinal_bone_metastases",
    "visceral_metastases",
    "n_vertebral_metastases",
    "n_bone_metastases",
)
TUMOUR = ("primary_site", "histology", "tomita_growth", "diagnosis_date")
COMPRESSED = ("radiological", "symptomatic")


def lesion_assessments(context: Context) -> pl.DataFrame:
    """Lesion assessments with the anatomy of the lesion."""
    anatomy = context.lesions.select("lid", "segment", "trochanteric_extension")
    return context.rows("lesion_assessments").join(anatomy, on="lid", how="left", maintain_order="left")


def spinal_assessments(context: Context) -> pl.DataFrame:
    """Spinal assessments with the level, the tumour of record and the clinical state on that day."""
    rows = context.rows("spinal_assessments").join(
        context.lesions.select("lid", "vertebral_level"), on="lid", how="left", maintain_order="left"
    )
    return with_state(context, with_tumour(context, rows), "day")


def compressions(context: Context, spinal: pl.DataFrame) -> pl.DataFrame:
    """Assessments with cord compression, with the radiotherapy that followed and the visceral state at it."""
    rows = spinal.filter(pl.col("cord_compression").is_in(list(COMPRESSED)))
    courses = Timeline(context.rows("radiotherapy_courses").select("lid", "day", "course_id"), "lid", ["course_id"])
    first = courses.first_day(rows["lid"], rows["day"])
    rows = rows.with_columns(first_course=first).with_columns(
        anchor_day=pl.when(pl.col("first_course") <= pl.col("day") + P.LOCAL_TREATMENT)
        .then(pl.col("first_course"))
        .otherwise(pl.col("day"))
    )
    return at_treatment(context, rows)


def at_treatment(context: Context, rows: pl.DataFrame) -> pl.DataFrame:
    """The Rades inputs that are taken on `anchor_day`: the visceral state and the delay of the deficit."""
    state = _state(context, "visceral_metastases", rows["pid"], rows["anchor_day"])
    return rows.with_columns(
        state.alias("visceral_metastases"),
        delay_anchor=pl.col("anchor_day").cast(pl.Date),
        compression_day=pl.coalesce("compression_date", "date"),
    )


def with_tumour(context: Context, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the columns of the patient's tumour of record."""
    return rows.join(context.tumours.select("pid", *TUMOUR), on="pid", how="left", maintain_order="left")


def with_state(context: Context, rows: pl.DataFrame, day: str) -> pl.DataFrame:
    """Rows with the clinical columns that the prognostic scores ask for, as known on `day`."""
    rows = rows.with_columns(*[_state(context, column, rows["pid"], rows[day]).alias(column) for column in CLINICAL])
    if not P.KARNOFSKY_FROM_ECOG:
        return rows
    read = _state(context, "ecog", rows["pid"], rows[day]).replace_strict(ECOG_KARNOFSKY, return_dtype=pl.Int64)
    return rows.with_columns(
        karnofsky=pl.coalesce("karnofsky", read), karnofsky_from_ecog=pl.col("karnofsky").is_null() & read.is_not_null()
    )


def _state(context: Context, column: str, pid: pl.Series, day: pl.Series) -> pl.Series:
    known = context.recorded("clinical_assessments", column, "pid")
    position = known.last(pid, day)
    fresh = known.take("day", position) >= day - P.STATE
    return pl.select(pl.when(fresh).then(known.take(column, position))).to_series()
