"""Radiotherapy courses: analgesic, decompressive, post-operative, ablative, and repeats."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if
from .network import Block
from .procedures import SURGERY

SCHEDULES = {"30/10": (30.0, 10), "24/6": (24.0, 6), "20/5": (20.0, 5), "8/1": (8.0, 1)}
ODD = {
    "35/14": (35.0, 14),
    "25/10": (25.0, 10),
    "12/2": (12.0, 2),
    "18/4": (18.0, 4),
    "39/13": (39.0, 13),
    "6/1": (6.0, 1),
}
ABLATIVE = {"30/5": (30.0, 5), "35/5": (35.0, 5), "27/3": (27.0, 3), "24/2": (24.0, 2), "20/1": (20.0, 1)}
ALL = SCHEDULES | ODD | ABLATIVE


def radiotherapy(
    block: Block, people: pl.DataFrame, courses: pl.DataFrame, spinal: pl.DataFrame, done: pl.DataFrame
) -> pl.DataFrame:
    """Every course; `procedure` is the number of the operation that it follows."""
    first = pl.concat(
        [_decompressive(block, people, spinal), _postoperative(block, done), _analgesic(block, courses, spinal, done)],
        how="diagonal_relaxed",
    )
    parts = [first, _repeats(block, first), _ablative(block, courses, spinal, first)]
    frame = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))
    return _details(numbered(frame, "date"), block)


def _analgesic(block: Block, courses: pl.DataFrame, spinal: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    taken = pl.concat(
        [spinal.filter("compressed").select("p", "k"), done.filter(pl.col("category").is_in(SURGERY)).select("p", "k")]
    )
    frame = courses.join(taken, on=["p", "k"], how="anti", maintain_order="left")
    draw = block.draw("analgesic", frame.height)
    chance = pl.col("pain").replace_strict({0: 0.09, 1: 0.42, 2: 0.72, 3: 0.85}, return_dtype=pl.Float64)
    light = pl.when(pl.col("bone").is_in(("rib", "skull", "sternum", "scapula"))).then(0.6).otherwise(1.0)
    frame = frame.with_columns(
        date=pl.col("discovery") + draw.days(4, 45) + pl.when(draw.chance(0.12)).then(120).otherwise(0),
        intent=draw.pick({"analgesic": 0.95, "preventive": 0.05}),
    ).filter(draw.chance(chance * light))
    draw = block.draw("analgesic schedules", frame.height)
    short = pl.col("until") - pl.col("date") < 90
    usual = (
        pl.when(short)
        .then(draw.pick({"8/1": 0.5, "20/5": 0.35, "30/10": 0.1, "24/6": 0.05}))
        .otherwise(draw.pick({"30/10": 0.42, "20/5": 0.3, "8/1": 0.18, "24/6": 0.1}))
    )
    odd = draw.pick(dict.fromkeys(ODD, 1.0))
    return frame.with_columns(schedule=pl.when(draw.chance(block.adheres(0.87))).then(usual).otherwise(odd))


def rades_points() -> pl.Expr:
    """Points of the hidden state, to let the dose follow the score."""
    primary = pl.col("histology").replace_strict({"sclc": 6}, default=5, return_dtype=pl.Int32)
    interval = pl.when(pl.col("compression") - pl.col("diagnosis") > 456).then(8).otherwise(6)
    motor = pl.col("walking").replace_strict(
        {"unaided": 10, "aided": 9, "non_ambulatory": 3, "paraplegic": 1}, default=10, return_dtype=pl.Int32
    )
    since = pl.col("date") - pl.col("onset")
    delay = pl.when(since <= 7).then(4).when(since <= 14).then(7).otherwise(9)
    return primary + interval + pl.when("visceral").then(5).otherwise(8) + motor + delay


def _decompressive(block: Block, people: pl.DataFrame, spinal: pl.DataFrame) -> pl.DataFrame:
    frame = spinal.filter(pl.col("compressed") & pl.col("operated").is_null())
    frame = frame.join(people.select("p", "histology", "diagnosis"), on="p", how="left", maintain_order="left")
    draw = block.draw("decompressive", frame.height)
    frame = frame.with_columns(
        date=pl.max_horizontal(
            pl.col("compression") + draw.number({0: 30, 1: 30, 2: 14, 3: 5, 5: 5, 7: 4, 10: 5, 14: 3, 21: 4}),
            pl.col("assessed") + draw.number({0: 7, 1: 2}),
        ),
        intent=pl.lit("decompressive"),
    ).filter(draw.chance(block.adheres(0.85)))
    draw = block.draw("decompressive schedules", frame.height)
    poor = rades_points() <= 28
    kept = draw.chance(block.adheres(0.72))
    longer = draw.pick({"20/5": 0.45, "30/10": 0.55})
    return frame.with_columns(
        schedule=pl.when(poor & kept)
        .then(pl.lit("8/1"))
        .when(poor | kept)
        .then(longer)
        .otherwise(draw.pick({"24/6": 0.5, "8/1": 0.4, "25/10": 0.1}))
    )


def _postoperative(block: Block, done: pl.DataFrame) -> pl.DataFrame:
    operated = done.filter(pl.col("category").is_in(SURGERY) & (pl.col("until") - pl.col("date") > 20))
    frame = operated.filter(block.draw("postoperative", operated.height).chance(block.adheres(0.92)))
    draw = block.draw("postoperative, when", frame.height)
    within = draw.number({15: 14, 16: 8, 17: 8, 18: 10, 19: 8, 20: 12, 21: 22})
    without = draw.number({8: 3, 10: 5, 12: 6, 14: 10, 22: 14, 24: 12, 26: 8, 28: 18, 29: 8, 31: 5, 35: 9, 42: 6})
    return frame.with_columns(
        procedure="n",
        date=pl.col("date") + pl.when(draw.chance(block.adheres(0.62))).then(within).otherwise(without),
        intent=pl.lit("postoperative"),
        schedule=pl.when(draw.chance(block.adheres(0.72)))
        .then(pl.lit("30/10"))
        .otherwise(draw.pick({"20/5": 0.45, "8/1": 0.25, "24/6": 0.15, "25/10": 0.15})),
    ).drop("n")


def _repeats(block: Block, first: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("repeats", first.height)
    again = first.filter(draw.chance(0.07) & (pl.col("intent") != "postoperative"))
    draw = block.draw("repeats, when", again.height)
    return again.with_columns(
        date=pl.col("date") + draw.days(70, 260),
        intent=pl.lit("analgesic"),
        schedule=draw.pick({"8/1": 0.5, "20/5": 0.4, "12/2": 0.1}),
        procedure=pl.lit(None, dtype=pl.Int32),
    )


def _ablative(block: Block, courses: pl.DataFrame, spinal: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """A few stereotactic courses, most of them in patients with one to three lesions and no visceral metastasis."""
    draw = block.draw("ablative", courses.height)
    fit = (pl.col("n_lesions") <= 3) & ~pl.col("visceral")
    rate = pl.when(fit & (pl.col("survival") > 300)).then(0.035).otherwise(0.001)
    compressed = spinal.filter("compressed").select("p", "k")
    frame = courses.filter(draw.chance(rate) & pl.col("operated").is_null())
    frame = frame.join(compressed, on=["p", "k"], how="anti", maintain_order="left")
    draw = block.draw("ablative, when", frame.height)
    earlier = first.group_by("p", "k").agg(previous=pl.col("date").max())
    frame = frame.join(earlier, on=["p", "k"], how="left", maintain_order="left")
    wait = draw.number({60: 15, 85: 10, 100: 15, 105: 10, 130: 50})
    return frame.with_columns(
        date=pl.coalesce(pl.col("previous") + wait, pl.col("discovery") + draw.days(20, 90)).cast(pl.Int32),
        intent=pl.lit("ablative"),
        schedule=draw.pick({"30/5": 0.3, "35/5": 0.3, "27/3": 0.25, "24/2": 0.1, "20/1": 0.05}),
    )


def _details(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("courses of radiotherapy", frame.height)
    dose = pl.col("schedule").replace_strict({name: gray for name, (gray, _) in ALL.items()}, return_dtype=pl.Float64)
    fractions = pl.col("schedule").replace_strict(
        {name: count for name, (_, count) in ALL.items()}, return_dtype=pl.Int32
    )
    weekends = (fractions - 1) // 5 * 2
    end = pl.col("date") + fractions - 1 + weekends + draw.number({0: 7, 1: 2, 2: 1})
    intent = pl.col("intent")
    frame = frame.with_columns(
        prescribed_dose_gy=dose, prescribed_fractions=fractions, stopped=end > pl.col("until"), end=end
    )
    delivered = pl.when(pl.col("stopped") | draw.chance(0.03)).then(dose * draw.uniform(0.2, 0.8)).otherwise(dose)
    frame = frame.with_columns(
        start_date="date",
        end_date=pl.min_horizontal("end", "until"),
        performed_at_centre_id=block.elsewhere(draw, 0.12),
        delivered_dose_gy=delivered.round(1),
        technique=pl.when(intent == "ablative")
        .then(pl.lit("stereotactic"))
        .otherwise(draw.pick({"conformal_3d": 0.62, "imrt_vmat": 0.34, "two_dimensional": 0.04})),
        emergency=(intent == "decompressive") & draw.chance(0.9) | draw.chance(0.02),
        target_volume=pl.when(intent == "postoperative")
        .then(draw.pick({"whole_bone": 0.55, "surgical_bed": 0.35, "lesion": 0.1}))
        .otherwise(pl.lit("lesion")),
        organs_at_risk_excluded=draw.chance(0.85),
        skin_healed=only_if(
            intent == "postoperative", (pl.col("healed") <= pl.col("date")).fill_null(True) & draw.chance(0.97)
        ),
        k=pl.when(draw.chance(0.97)).then("k"),
    )
    rates = {
        "end_date": 0.05, "prescribed_dose_gy": 0.03, "prescribed_fractions": 0.03, "delivered_dose_gy": 0.1,
        "technique": 0.035, "intent": 0.03, "emergency": 0.15,
        "target_volume": 0.2, "organs_at_risk_excluded": 0.4, "skin_healed": 0.25,
    }  # fmt: skip
    return block.blanked("radiotherapy", frame, rates)
