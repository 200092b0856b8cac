"""The hidden course of the spinal lesions, and their assessments: stability, compression, neurology."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if, snapped
from .limbs import before_radiotherapy, estimated_days
from .network import Block

JUNCTIONS = ("occiput", "C1", "C2", "C7", "T1", "T2", "T11", "T12", "L1", "L5", "S1")
MOBILE = ("C3", "C4", "C5", "C6", "L2", "L3", "L4")
SACRAL_SEGMENTS = ("S2", "S3", "S4", "S5", "coccyx")

FRANKEL_WHEN_COMPRESSED = {"A": 5, "B": 6, "C": 21, "D1": 10, "D2": 12, "D3": 14, "D": 6, "E": 16}
AMBULATION = {
    "A": "paraplegic",
    "B": "paraplegic",
    "C": "non_ambulatory",
    "D1": "aided",
    "D2": "aided",
    "D3": "unaided",
    "E": "unaided",
}


def spinal_courses(block: Block, lesions: pl.DataFrame) -> pl.DataFrame:
    """Every spinal lesion that was assessed, with stability, compression, neurology and the operation, if any."""
    spinal = lesions.filter("spinal")
    draw = block.draw("spinal courses", spinal.height)
    assessed = pl.col("discovery") + draw.number({0: 45, 2: 10, 5: 10, 7: 15, 14: 8, 40: 4, 90: 4, 150: 4})
    frame = spinal.with_columns(
        assessed=assessed,
        stability=0.8 * draw.normal() + 0.5 * pl.col("pain") + pl.col("broken").cast(pl.Float64),
    ).filter(draw.chance(0.8) & (assessed <= pl.col("until")))
    return frame.pipe(_stability, block).pipe(_neurology, block).pipe(_operations, block)


def _stability(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("stability", frame.height)
    collapse = snapped(draw.uniform(5, 80), (25, 50), 5, draw.chance(0.6)).round(0)
    unstable = pl.col("stability")
    return frame.with_columns(
        sins_pain=pl.when(pl.col("pain") >= 2)
        .then(draw.pick({"mechanical": 0.6, "occasional_non_mechanical": 0.4}))
        .when(pl.col("pain") == 1)
        .then(draw.pick({"mechanical": 0.12, "occasional_non_mechanical": 0.88}))
        .otherwise(pl.lit("none")),
        alignment=pl.when(draw.chance(0.03 * unstable.clip(0, 4)))
        .then(draw.pick({"subluxation_translation": 0.4, "new_deformity": 0.6}))
        .otherwise(pl.lit("normal")),
        collapse_percent=pl.when(pl.col("broken") | draw.chance(0.07 * unstable.clip(0, 3)))
        .then(collapse)
        .otherwise(0.0),
        body_involvement_percent=snapped(draw.uniform(5, 90) + 6 * unstable, (50,), 4, draw.chance(0.5))
        .clip(0, 100)
        .round(0),
        posterolateral=draw.pick({"none": 0.6, "unilateral": 0.28, "bilateral": 0.12}),
    ).with_columns(sins=sins_points())


def sins_points() -> pl.Expr:
    """Points of the hidden state, to let practice follow the score; a level that is not recorded counts as 1."""
    level = pl.col("vertebral_level")
    place = (
        pl.when(level.is_in(JUNCTIONS))
        .then(3)
        .when(level.is_in(MOBILE))
        .then(2)
        .when(level.is_in(SACRAL_SEGMENTS))
        .then(0)
        .otherwise(1)
    )
    pain = pl.col("sins_pain").replace_strict(
        {"mechanical": 3, "occasional_non_mechanical": 1, "none": 0}, return_dtype=pl.Int32
    )
    kind = pl.col("lesion_type").replace_strict({"lytic": 2, "mixed": 1, "blastic": 0}, return_dtype=pl.Int32)
    line = pl.col("alignment").replace_strict(
        {"subluxation_translation": 4, "new_deformity": 2, "normal": 0}, return_dtype=pl.Int32
    )
    fall = (
        pl.when(pl.col("collapse_percent") > 50)
        .then(3)
        .when(pl.col("collapse_percent") > 0)
        .then(2)
        .when(pl.col("body_involvement_percent") > 50)
        .then(1)
        .otherwise(0)
    )
    arch = pl.col("posterolateral").replace_strict({"bilateral": 3, "unilateral": 1, "none": 0}, return_dtype=pl.Int32)
    return place + pain + kind + line + fall + arch


def _neurology(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    """One lesion of a patient at most is compressed; the worse the spine looks, the more often."""
    draw = block.draw("neurology", frame.height)
    frame = frame.with_columns(candidate=draw.chance(0.1 + 0.11 * pl.col("stability").clip(0, 4)))
    frame = frame.with_columns(
        compressed=pl.col("candidate") & (pl.col("candidate").cast(pl.Int32).cum_sum().over("p") == 1)
    )
    exact = (
        pl.when("compressed").then(draw.pick(FRANKEL_WHEN_COMPRESSED)).otherwise(draw.pick({"E": 0.985, "D3": 0.015}))
    )
    frame = frame.with_columns(
        frankel=exact,
        walking=pl.when(exact == "D")
        .then(draw.pick({"aided": 0.5, "unaided": 0.5}))
        .otherwise(exact.replace_strict(AMBULATION, default=None, return_dtype=pl.String)),
    )
    compression = pl.max_horizontal("discovery", pl.col("assessed") - draw.number({0: 6, 1: 2, 2: 1}))
    compression = only_if(pl.col("compressed"), compression)
    deficit = pl.col("compressed") & (pl.col("frankel") != "E")
    since = draw.number({0: 8, 1: 12, 3: 14, 7: 12, 8: 10, 10: 8, 14: 12, 15: 8, 20: 8, 30: 8})
    return frame.with_columns(
        compression=compression.cast(pl.Int32),
        deficit=deficit,
        onset=only_if(deficit, compression - since).cast(pl.Int32),
        canal=pl.when("compressed").then(draw.uniform(20, 90)).otherwise(draw.uniform(0, 30)).round(0),
        cord_gap=pl.when("compressed").then(draw.uniform(0, 3)).otherwise(draw.normal(9, 4).clip(0.5, 30)).round(1),
    )


def _operations(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("spinal operations", frame.height)
    wanted = (
        pl.when("compressed")
        .then(0.05 + 0.06 * (pl.col("left") > 180).cast(pl.Float64))
        .when(pl.col("sins") >= 13)
        .then(0.18)
        .when(pl.col("sins") >= 10)
        .then(0.01)
        .otherwise(0.002)
    )
    day = pl.col("assessed") + pl.when("compressed").then(draw.number({0: 4, 1: 4, 2: 2, 5: 1})).otherwise(
        draw.days(4, 40)
    )
    frame = frame.with_columns(left=estimated_days(pl.col("assessed")))
    return frame.with_columns(operated=only_if(draw.chance(wanted) & (day <= pl.col("until")), day).cast(pl.Int32))


def spinal_assessments(block: Block, courses: pl.DataFrame, irradiated: pl.DataFrame) -> pl.DataFrame:
    """The contract's spinal assessments: the first of each lesion, a review for some, another before radiotherapy."""
    draw = block.draw("spinal reviews", courses.height)
    review = pl.col("assessed") + draw.days(30, 240)
    reviewed = courses.with_columns(date=review).filter(
        draw.chance(0.08) & (review <= pl.col("until")) & ~pl.col("compressed") & pl.col("operated").is_null()
    )
    planned = before_radiotherapy(block, courses.filter(~pl.col("compressed")), irradiated, "spinal planning")
    parts = [courses.with_columns(date=pl.col("assessed")), reviewed, planned]
    frame = numbered(pl.concat(parts, how="diagonal_relaxed"), "date")
    return _recorded(block, frame)


def _recorded(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("spinal assessments", frame.height)
    symptomatic = pl.col("deficit") | draw.chance(0.4)
    cord = pl.when("compressed").then(
        pl.when(symptomatic).then(pl.lit("symptomatic")).otherwise(pl.lit("radiological"))
    )
    frame = frame.with_columns(
        posterolateral_involvement="posterolateral",
        cord_compression=cord.otherwise(pl.lit("none")),
        compression_date="compression",
        ambulation="walking",
        motor_deficit=pl.col("deficit") | (pl.col("frankel") == "D3"),
        motor_deficit_onset_date="onset",
        canal_narrowing_percent=snapped(pl.col("canal"), (25,), 2, draw.chance(0.6)),
        tumour_cord_distance_mm=snapped(pl.col("cord_gap"), (5,), 0.6, draw.chance(0.6)),
        extravertebral_extension=draw.chance(0.2),
        neurological_exam_done=draw.chance(block.adheres(0.85)),
    )
    return block.blanked("spinal assessments", frame, BLANKS)


BLANKS = {
    "sins_pain": 0.03,
    "lesion_type": 0.03,
    "alignment": 0.04,
    "collapse_percent": 0.04,
    "body_involvement_percent": 0.06,
    "posterolateral_involvement": 0.05,
    "cord_compression": 0.03,
    "compression_date": 0.06,
    "frankel": 0.07,
    "ambulation": 0.1,
    "motor_deficit": 0.08,
    "motor_deficit_onset_date": 0.08,
    "canal_narrowing_percent": 0.45,
    "tumour_cord_distance_mm": 0.5,
    "extravertebral_extension": 0.15,
    "neurological_exam_done": 0.1,
}
