"""The hidden course of every lesion as a bone that may break: assessed, broken, fixed, and when."""

from __future__ import annotations

import polars as pl

from .draw import only_if
from .network import Block


def mirels_points() -> pl.Expr:
    """Points of the hidden state of a long bone, to let practice follow the score."""
    site = (
        pl.when(pl.col("segment").is_in(("trochanteric", "subtrochanteric")))
        .then(3)
        .when(pl.col("bone").is_in(("femur", "tibia", "fibula")))
        .then(2)
        .otherwise(1)
    )
    size = pl.when(pl.col("cortical") < 1 / 3).then(1).when(pl.col("cortical") <= 2 / 3).then(2).otherwise(3)
    kind = pl.col("lesion_type").replace_strict({"blastic": 1, "mixed": 2, "lytic": 3}, return_dtype=pl.Int32)
    return site + size + kind + pl.max_horizontal("pain", 1)


def estimated_days(on: pl.Expr) -> pl.Expr:
    """What the team believes the patient has left on that day: the truth, seen with the patient's constant error."""
    return ((pl.col("anchor") + pl.col("survival") - on) * pl.col("optimism").exp()).clip(1, 7300)


def before_radiotherapy(block: Block, lesions: pl.DataFrame, irradiated: pl.DataFrame, topic: str) -> pl.DataFrame:
    """The lesions that are looked at again, on `date`, because the last assessment is too old to plan radiotherapy."""
    courses = irradiated.filter(pl.col("intent") != "postoperative").select("p", "k", planned="date")
    frame = lesions.join(courses, on=["p", "k"], maintain_order="left")
    age = pl.col("planned") - pl.col("assessed")
    frame = frame.filter(~age.is_between(0, 60).fill_null(False))
    draw = block.draw(topic, frame.height)
    day = pl.max_horizontal(pl.col("planned") - draw.number({0: 2, 1: 2, 3: 3, 7: 3, 14: 1}), "discovery")
    return frame.with_columns(date=day.cast(pl.Int32)).filter(draw.chance(block.adheres(0.86)))


def courses(block: Block, lesions: pl.DataFrame) -> pl.DataFrame:
    """Every lesion with `assessed` (null: never), `fracture`, `operated`: the days, null where it did not happen.

    `late` is the day of a fracture after the assessment; `guided` says that an interventional radiologist fixed the bone.
    """
    draw = block.draw("courses", lesions.height)
    chance = (
        pl.when("broken")
        .then(1.0)
        .when("long")
        .then(0.9)
        .when("spinal")
        .then(0.15 + 0.25 * pl.col("pain"))
        .when(pl.col("bone") == "pelvis")
        .then(0.8)
        .otherwise(0.1 + 0.25 * pl.col("pain"))
    )
    assessed = pl.col("discovery") + draw.number({0: 40, 1: 8, 2: 8, 4: 8, 7: 14, 10: 6, 14: 10})
    frame = lesions.with_columns(
        assessed=only_if(draw.chance(chance) & (assessed <= pl.col("until")), assessed).cast(pl.Int32),
        mirels=only_if(pl.col("long") & ~pl.col("broken"), mirels_points()).cast(pl.Int32),
    )
    frame = frame.with_columns(
        fracture=only_if(
            pl.col("broken") & pl.col("assessed").is_not_null(), pl.col("assessed") - draw.number({0: 4, 1: 3, 3: 2})
        ),
        left=estimated_days(pl.col("assessed")),
    )
    # Only the fractures that happened after the patient came into view can be coherent with the dates of the tumour.
    frame = frame.with_columns(
        fracture=pl.max_horizontal(only_if(pl.col("fracture").is_not_null(), pl.col("discovery")), "fracture")
    )
    return frame.pipe(_operations, block).pipe(_late_fractures, block)


def _operations(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    """Fixation at once after a fracture, within a month for a high score, now and then against the guideline."""
    draw = block.draw("operations", frame.height)
    wanted = (
        pl.when(pl.col("fracture").is_not_null() & pl.col("long"))
        .then(block.adheres(0.8))
        .when(pl.col("fracture").is_not_null())
        .then(0.0)
        .when(pl.col("mirels") >= 9)
        .then(block.adheres(0.93))
        .when(pl.col("mirels") == 8)
        .then(pl.when((pl.col("mirels") >= 9).any().over("p")).then(0.6).otherwise(0.06))
        .when(pl.col("mirels") <= 7)
        .then(0.012)
        .when((pl.col("segment") == "acetabulum") & (pl.col("pain") >= 3))
        .then(0.06)
        .otherwise(0.0)
    )
    doomed = pl.when(pl.col("left") < 42).then(0.3).otherwise(1.0)
    soon = draw.number({0: 2, 1: 4, 2: 3, 3: 2, 5: 1, 8: 1})
    planned = draw.number({3: 5, 7: 12, 10: 12, 14: 14, 21: 10, 28: 5, 29: 2, 30: 8, 31: 2, 35: 2, 45: 2, 60: 1})
    day = pl.col("assessed") + pl.when(pl.col("fracture").is_not_null()).then(soon).otherwise(planned)
    return frame.with_columns(
        operated=only_if(
            pl.col("assessed").is_not_null() & draw.chance(wanted * doomed) & (day <= pl.col("until")), day
        ).cast(pl.Int32),
        guided=pl.col("bone").is_in(("femur", "humerus")) & (pl.col("mirels") >= 8) & draw.chance(0.6),
    )


def _late_fractures(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    """Bones that break after the assessment: while fixation is awaited, or because it was not made."""
    draw = block.draw("late fractures", frame.height)
    wait = (pl.col("operated") - pl.col("assessed")).fill_null(10_000)
    weak = (pl.col("mirels") >= 9) & pl.col("bone").is_in(("femur", "tibia", "humerus"))
    # A weak bone that breaks within days was never fixed in time, whatever was planned.
    early = weak & draw.chance(0.18)
    risk = pl.when(pl.col("mirels") >= 9).then(0.08).when(pl.col("mirels") == 8).then(0.06).otherwise(0.01)
    delay = pl.when(~early).then(draw.days(26, 75)).otherwise(draw.days(3, 25))
    day = pl.col("assessed") + delay
    breaks = (
        pl.col("long")
        & pl.col("assessed").is_not_null()
        & pl.col("fracture").is_null()
        & (early | (draw.chance(risk) & (delay < wait)))
        & (day + 3 <= pl.col("until"))
    )
    frame = frame.with_columns(late=only_if(breaks, day).cast(pl.Int32))
    repair = pl.col("late") + draw.number({0: 2, 1: 3, 2: 2, 4: 1})
    wanted = block.adheres(0.72)
    operated = only_if(draw.chance(wanted) & (repair <= pl.col("until")), repair)
    return frame.with_columns(
        operated=pl.when(pl.col("late").is_not_null()).then(operated).otherwise("operated").cast(pl.Int32),
        fracture=pl.coalesce("fracture", "late").cast(pl.Int32),
        guided=pl.col("guided") & pl.col("late").is_null(),
    )
