"""Drugs: antiresorptive courses with their supplements and dental care, systemic lines, and the other doses."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if, snapped
from .limbs import estimated_days
from .network import Block
from .procedures import SURGERY

SIX_MONTHS = 183


def antiresorptive_courses(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    """One row per patient who starts a bone-targeted agent: agent, first and last possible day, rhythm."""
    draw = block.draw("antiresorptive courses", people.height)
    expected = estimated_days(pl.col("anchor"))
    wanted = pl.when(expected > 91).then(block.adheres(0.78)).otherwise(0.14)
    delay = (
        pl.when(draw.chance(block.adheres(0.74)))
        .then(draw.number({0: 4, 7: 10, 14: 14, 21: 14, 28: 14, 35: 10, 45: 10, 55: 6, 59: 4, 60: 14}))
        .otherwise(draw.number({61: 14, 62: 5, 70: 20, 90: 25, 91: 6, 120: 15, 200: 15}))
    )
    begin = pl.col("anchor") + delay
    frame = people.with_columns(begin=begin.cast(pl.Int32)).filter(
        pl.col("with_bone") & draw.chance(wanted) & (begin <= pl.col("until"))
    )
    draw = block.draw("antiresorptive, what", frame.height)
    persists = draw.chance(block.adheres(0.85))
    weak = pl.col("clearance") < 30
    spared = draw.chance(block.adheres(0.88))
    stop = pl.col("begin") + pl.when(persists).then(draw.days(760, 1000)).otherwise(draw.days(25, 700))
    return frame.with_columns(
        drug=pl.when(weak & spared)
        .then(pl.lit("denosumab"))
        .otherwise(draw.pick({"zoledronic_acid": 0.53, "denosumab": 0.45, "other_bisphosphonate": 0.02})),
        last=pl.min_horizontal(stop, "until"),
        stopped=stop < pl.col("until"),
        rhythm=draw.number({21: 3, 28: 16, 30: 4, 84: 77}),
        urgent=draw.chance(0.05),
        stop_reason=draw.pick(
            {
                "osteonecrosis_of_jaw": 0.06,
                "renal": 0.12,
                "planned_reassessment": 0.35,
                "comfort_care": 0.27,
                "death": 0.03,
                "other": 0.17,
            }
        ),
    )


def administrations(block: Block, courses: pl.DataFrame, lines: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Every dose: antiresorptives, G-CSF with chemotherapy, and the few others that rules ask about."""
    doses = (
        courses.with_columns(count=((pl.col("last") - pl.col("begin")) // pl.col("rhythm") + 1).clip(1, 44))
        .with_columns(rank=pl.int_ranges(0, pl.col("count"), dtype=pl.Int32))
        .explode("rank")
    )
    draw = block.draw("doses", doses.height)
    late = pl.when(draw.chance(0.15)).then(draw.days(1, 6)).otherwise(0)
    doses = doses.with_columns(
        date=pl.when(pl.col("rank") == 0)
        .then("begin")
        .otherwise(pl.min_horizontal(pl.col("begin") + pl.col("rank") * pl.col("rhythm") + late, "last"))
    ).unique(["p", "date"], keep="first", maintain_order=True)
    frame = numbered(pl.concat([doses, _other_doses(block, lines, people)], how="diagonal_relaxed"), "date")
    return _dose_details(block, frame)


def _other_doses(block: Block, lines: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("g-csf", lines.height)
    gcsf = lines.filter(pl.col("class").is_in(("chemotherapy", "combination")) & draw.chance(0.24))
    draw = block.draw("g-csf, when", gcsf.height)
    gcsf = gcsf.select("p", "until", date=pl.col("start") + draw.days(2, 40), drug=pl.lit("gcsf"))
    draw = block.draw("other doses", people.height)
    few = people.select("p", "until", date=pl.col("anchor") + draw.days(5, 200), drug=draw.pick(
        {"paracetamol": 0.02, "radionuclide": 0.006, "other": 0.012, "": 0.962}
    )).drop_nulls("drug")  # fmt: skip
    return pl.concat([gcsf, few], how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))


def _dose_details(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("dose details", frame.height)
    drug, clearance = pl.col("drug"), pl.col("clearance")
    zoledronic, denosumab = drug == "zoledronic_acid", drug == "denosumab"
    adapted = (
        pl.when(clearance >= 60)
        .then(4.0)
        .when(clearance >= 50)
        .then(3.5)
        .when(clearance >= 40)
        .then(3.3)
        .otherwise(3.0)
    )
    dose = (
        pl.when(zoledronic & draw.chance(block.adheres(0.9)))
        .then(adapted)
        .when(zoledronic)
        .then(draw.pick({"4": 0.75, "5": 0.15, "3": 0.1}).cast(pl.Float64))
        .when(denosumab & draw.chance(block.adheres(0.95)))
        .then(120.0)
        .when(denosumab)
        .then(60.0)
        .when(drug == "paracetamol")
        .then(1000.0)
        .when(drug == "gcsf")
        .then(6.0)
        .when(drug == "other_bisphosphonate")
        .then(90.0)
    )
    route = pl.when(denosumab | (drug == "gcsf")).then(pl.lit("sc")).otherwise(pl.lit("iv"))
    slip = draw.chance(0.015)
    minutes = (
        pl.when(draw.chance(block.adheres(0.92)))
        .then(draw.number({15: 55, 20: 20, 30: 25}))
        .otherwise(draw.number({5: 2, 10: 6, 14: 2}))
    )
    frame = frame.with_columns(
        performed_at_centre_id=block.elsewhere(draw, 0.06),
        dose_mg=dose,
        route=pl.when(slip & denosumab).then(pl.lit("im")).when(slip & zoledronic).then(pl.lit("po")).otherwise(route),
        infusion_minutes=only_if(zoledronic, minutes.cast(pl.Float64)),
        hydration_same_day=only_if(zoledronic, draw.chance(block.adheres(0.8))),
        hydration_next_day=only_if(zoledronic, draw.chance(block.adheres(0.6))),
        indication=only_if(
            zoledronic | denosumab | (drug == "other_bisphosphonate"),
            draw.pick(
                {"skeletal_event_prevention": 0.955, "hypercalcaemia": 0.03, "osteoporosis": 0.01, "other": 0.005}
            ),
        ),
        urgent_start=only_if((pl.col("rank") == 0) & (zoledronic | denosumab), pl.col("urgent")),
    )
    rates = {
        "dose_mg": 0.04, "route": 0.04, "infusion_minutes": 0.12, "hydration_same_day": 0.3, "hydration_next_day": 0.4,
        "indication": 0.15, "urgent_start": 0.2,
    }  # fmt: skip
    return block.blanked("administrations", frame, rates)


COMMON_DRUGS = {
    "opioid": 0.3,
    "analgesic": 0.18,
    "anticoagulant": 0.13,
    "antiplatelet": 0.09,
    "nephrotoxic": 0.06,
    "other": 0.04,
}
"""Share of the patients with a prescription, whatever their bone-targeted agent."""


def prescriptions(block: Block, people: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    """Continuous treatments: supplements with the agent, analgesics, drugs that matter before a procedure."""
    parts = [_supplement(block, courses, "calcium"), _supplement(block, courses, "vitamin_d"), _agent(block, courses)]
    for drug, share in COMMON_DRUGS.items():
        draw = block.draw(drug, people.height)
        some = people.with_columns(
            start=(pl.col("anchor") + draw.days(0, 90)).cast(pl.Int32), drug=pl.lit(drug)
        ).filter(draw.chance(share * (0.12 * pl.col("severity")).exp()) & (pl.col("start") <= pl.col("until")))
        parts.append(some)
    frame = numbered(pl.concat(parts, how="diagonal_relaxed"), "start")
    draw = block.draw("prescriptions", frame.height)
    blood = pl.col("drug").is_in(("anticoagulant", "antiplatelet"))
    ends = pl.coalesce("stop", only_if(draw.chance(0.3), pl.col("start") + draw.days(10, 400))).cast(pl.Int32)
    frame = frame.with_columns(stop_date=only_if(ends <= pl.col("until"), ends), start_date="start")
    stopped = pl.col("stop_date").is_not_null()
    frame = frame.with_columns(
        stop_reason=only_if(
            stopped, pl.coalesce("why", pl.when(blood).then(pl.lit("procedure")).otherwise(pl.lit("other")))
        ),
        periprocedural_decision=only_if(
            blood & draw.chance(0.5), draw.pick({"stopped": 0.4, "bridged": 0.3, "continued": 0.3})
        ),
    )
    return block.blanked("prescriptions", frame, {"daily_dose": 0.15, "stop_reason": 0.2})


def _supplement(block: Block, courses: pl.DataFrame, drug: str) -> pl.DataFrame:
    """Calcium and vitamin D: more often with denosumab; the one mostly comes with the other."""
    both = block.draw("supplements", courses.height)
    alone = block.draw(drug, courses.height)
    share = pl.when(pl.col("drug") == "denosumab").then(block.adheres(0.93)).otherwise(block.adheres(0.66))
    given = both.chance(share) & alone.chance(block.adheres(0.96))
    calcium = alone.number({1000: 70, 500: 25, 1500: 5}).cast(pl.Float64)
    vitamin = alone.number({1099: 65, 1000: 15, 800: 15, 3297: 5}).cast(pl.Float64)
    start = pl.max_horizontal(pl.col("begin") + alone.number({-14: 3, -7: 4, 0: 12, 7: 1, 30: 1}), "anchor")
    return (
        courses.with_columns(daily_dose=calcium if drug == "calcium" else vitamin, start=start)
        .filter(given & (pl.col("start") <= pl.col("until")))
        .select("p", "until", "start", "daily_dose", drug=pl.lit(drug), stop=only_if(pl.col("stopped"), pl.col("last")))
        .with_columns(stop=pl.when(pl.col("stop") >= pl.col("start")).then("stop"))
    )


def _agent(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("agents", courses.height)
    return courses.filter(pl.col("stopped") & draw.chance(0.7)).select(
        "p", "until", start="begin", drug=pl.lit("antiresorptive"), stop="last", why="stop_reason"
    )


def supportive_care(block: Block, people: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    """Dental care around the bone-targeted agent, physiotherapy and pain consultations."""
    draw = block.draw("dental", courses.height)
    seen = draw.chance(block.adheres(0.85))
    before = snapped(draw.uniform(0, 60), (0, 30), 3, draw.chance(0.5)).round(0).cast(pl.Int32)
    before = pl.when(draw.chance(0.06)).then(draw.days(170, 195)).otherwise(before)
    base = courses.with_columns(first=pl.col("begin") - before)
    examined = base.filter(seen).with_columns(date=pl.col("first"), kind=pl.lit("dental_examination"))
    panoramic = base.filter(seen & draw.chance(block.adheres(0.9))).with_columns(
        date=pl.col("first"), kind=pl.lit("dental_panoramic")
    )
    again = _reviews(block, base.filter(seen))
    care = base.filter(seen & draw.chance(0.12)).with_columns(date=pl.col("first"), kind=pl.lit("dental_care"))
    draw = block.draw("support", people.height)
    support = people.with_columns(
        date=(pl.col("anchor") + draw.days(5, 150)).cast(pl.Int32),
        kind=draw.pick({"pain_consultation": 0.14, "physiotherapy": 0.1, "": 0.76}),
    ).drop_nulls("kind")
    frame = pl.concat([examined, panoramic, again, care, support], how="diagonal_relaxed").filter(
        pl.col("date") <= pl.col("until")
    )
    return _support_details(block, frame.sort(["p", "date", "kind"], maintain_order=True))


def _reviews(block: Block, seen: pl.DataFrame) -> pl.DataFrame:
    """Six-monthly dental reviews for as long as the agent is given, more often in some centres than in others."""
    count = ((pl.col("last") - pl.col("begin")) // SIX_MONTHS).clip(0, 4)
    frame = seen.with_columns(rank=pl.int_ranges(1, count + 1, dtype=pl.Int32)).explode("rank").drop_nulls("rank")
    draw = block.draw("dental reviews", frame.height)
    late = draw.number({-20: 20, -5: 20, 0: 30, 10: 12, 31: 8, 40: 5, 70: 5})
    frame = frame.with_columns(
        date=pl.col("first") + pl.col("rank") * SIX_MONTHS + late, kind=pl.lit("dental_examination")
    )
    return frame.filter(draw.chance(block.adheres(0.86)))


def _support_details(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("support details", frame.height)
    dental = pl.col("kind").str.starts_with("dental")
    jaw = (pl.col("stop_reason") == "osteonecrosis_of_jaw") & (pl.col("rank") >= 1)
    frame = frame.with_columns(
        by_specialist=only_if(dental, draw.chance(block.adheres(0.92))),
        osteonecrosis_of_jaw=only_if(pl.col("kind") == "dental_examination", jaw.fill_null(False) | draw.chance(0.01)),
        dietary_calcium_mg=only_if(draw.chance(0.1), draw.normal(14, 4).clip(2, 36).round(0) * 50),
    )
    return block.blanked("support", frame, {"by_specialist": 0.08, "osteonecrosis_of_jaw": 0.2})


def systemic_lines(block: Block, people: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """Lines of systemic treatment: the first, the next ones, and a restart after an operation."""
    treated = people.filter(pl.col("first_treatment").is_not_null())
    first = treated.with_columns(start=pl.col("first_treatment"), rank=1)
    draw = block.draw("next lines", people.height)
    second = people.with_columns(start=(pl.col("anchor") + draw.days(15, 320)).cast(pl.Int32), rank=2).filter(
        draw.chance(0.5)
    )
    operated = done.filter(pl.col("category").is_in(SURGERY)).select("p", operated="date")
    operated = operated.unique("p", keep="first", maintain_order=True)
    draw = block.draw("restarts", operated.height)
    restart = operated.with_columns(
        start=pl.col("operated")
        + pl.when(draw.chance(block.adheres(0.78)))
        .then(draw.number({21: 18, 22: 8, 25: 14, 28: 16, 30: 12, 35: 14, 40: 8}))
        .otherwise(draw.number({10: 10, 13: 8, 14: 12, 15: 16, 17: 10, 19: 8, 20: 18})),
        rank=3,
    ).filter(draw.chance(0.85))
    restart = restart.join(people, on="p", how="left", maintain_order="left")
    frame = pl.concat([first, second, restart], how="diagonal_relaxed").filter(pl.col("start") <= pl.col("until"))
    return _line_details(block, numbered(frame.unique(["p", "start"], keep="first", maintain_order=True), "start"))


def _line_details(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("lines", frame.height)
    targeted = (pl.col("egfr") == "mutated") & (pl.col("histology") == "adenocarcinoma") & (pl.col("n") == 1)
    usual = draw.pick(
        {"chemotherapy": 0.36, "combination": 0.34, "immunotherapy": 0.22, "other_tki": 0.07, "egfr_tki": 0.01}
    )
    length = (draw.normal(5.0, 0.7).exp()).clip(10, 1500).cast(pl.Int32)
    following = pl.col("start").shift(-1).over("p")
    end = pl.min_horizontal(pl.col("start") + length, following - draw.days(0, 10))
    end = pl.max_horizontal("start", end)
    frame = frame.with_columns(
        pl.when(targeted).then(pl.lit("egfr_tki")).otherwise(usual).alias("class"),
        start_date="start",
        end_date=only_if(end <= pl.col("until"), end).cast(pl.Int32),
        effective=draw.chance(pl.when(pl.col("survival") > 250).then(0.75).otherwise(0.4)),
        urgent=draw.chance(0.06),
    )
    ended = pl.col("end_date").is_not_null()
    dying = (pl.col("death").is_not_null() & (pl.col("death") - pl.col("end_date") < 12)).fill_null(False)
    frame = frame.with_columns(
        stop_reason=only_if(
            ended,
            pl.when(dying)
            .then(pl.lit("death"))
            .when("effective")
            .then(draw.pick({"planned_end": 0.4, "toxicity": 0.25, "other_progression": 0.25, "bone_progression": 0.1}))
            .otherwise(draw.pick({"other_progression": 0.55, "bone_progression": 0.25, "toxicity": 0.2})),
        ),
        nephrotoxic=pl.col("class").is_in(("chemotherapy", "combination")) & draw.chance(0.5),
    )
    return block.blanked("lines", frame, {"stop_reason": 0.1, "effective": 0.15, "urgent": 0.3, "nephrotoxic": 0.15})
