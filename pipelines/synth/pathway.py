"""Meetings, opinions, trials and the reasons that teams wrote down for departing from the guideline."""

from __future__ import annotations

import polars as pl

from validation.contract import TABLES

from .draw import day, numbered, only_if
from .network import Block
from .procedures import SURGERY

SURGEONS: dict[tuple[str, ...], float] = {
    ("orthopaedics", "radiation_oncology", "medical_oncology", "radiology"): 0.3,
    ("neurosurgery", "radiation_oncology", "medical_oncology", "pulmonology"): 0.25,
    (
        "orthopaedics",
        "neurosurgery",
        "radiation_oncology",
        "medical_oncology",
        "interventional_radiology",
        "pain_medicine",
    ): 0.25,
    ("orthopaedics", "medical_oncology", "pulmonology", "rheumatology"): 0.2,
}
RADIOLOGISTS: dict[tuple[str, ...], float] = {
    ("interventional_radiology", "radiation_oncology", "medical_oncology"): 0.5,
    ("interventional_radiology", "orthopaedics", "radiation_oncology", "medical_oncology", "pain_medicine"): 0.35,
    ("radiation_oncology", "medical_oncology", "pulmonology", "radiology"): 0.15,
}
PHYSICIANS: dict[tuple[str, ...], float] = {
    ("pulmonology", "medical_oncology", "radiation_oncology", "radiology"): 0.55,
    ("pulmonology", "medical_oncology", "nuclear_medicine"): 0.25,
    ("pulmonology", "radiation_oncology", "orthopaedics", "interventional_radiology"): 0.2,
}
SCORES: dict[tuple[str, ...], float] = {
    (): 0.5, ("mirels",): 0.14, ("sins",): 0.14, ("sins", "frankel"): 0.07, ("tokuhashi", "tomita"): 0.06,
    ("sins", "tokuhashi"): 0.05, ("rades", "frankel"): 0.04,
}  # fmt: skip
ALL_CRITERIA = tuple(TABLES["mdt_meetings"]["criteria_recorded"].tokens or ())
CRITERIA: dict[tuple[str, ...], float] = {
    (): 0.3, ("indication",): 0.12, ("indication", "life_expectancy", "general_condition"): 0.3,
    ("general_condition", "functional_needs", "expected_benefit", "risks"): 0.16,
    ALL_CRITERIA: 0.12,
}  # fmt: skip
OPTIONS: dict[tuple[str, ...], float] = {
    (): 0.15, ("radiotherapy", "systemic"): 0.3, ("radiotherapy", "surgery"): 0.25, ("systemic", "supportive"): 0.12,
    ("radiotherapy", "surgery", "interventional", "systemic"): 0.18,
}  # fmt: skip


def mdt_meetings(
    block: Block, people: pl.DataFrame, courses: pl.DataFrame, done: pl.DataFrame, irradiated: pl.DataFrame
) -> pl.DataFrame:
    """Meetings at discovery, before procedures and ablative courses, and for the lesions at a Mirels total of eight."""
    draw = block.draw("meetings at discovery", people.height)
    general = people.select(
        "p",
        "until",
        date=pl.col("anchor") + draw.number({3: 2, 7: 5, 10: 3, 14: 4, 21: 3, 30: 1}),
        kind=pl.lit("general"),
    ).filter(draw.chance(0.42))
    frame = pl.concat(
        [general, _before_procedures(block, done), _before_ablation(block, irradiated), _high_scores(block, courses)],
        how="diagonal_relaxed",
    ).filter(pl.col("date") <= pl.col("until"))
    return _meeting_details(block, numbered(frame, "date"))


def _before_procedures(block: Block, done: pl.DataFrame) -> pl.DataFrame:
    frame = done.filter(pl.col("category") != "biopsy")
    draw = block.draw("meetings before procedures", frame.height)
    before = pl.max_horizontal(
        pl.col("date") - draw.number({0: 2, 1: 3, 3: 4, 7: 5, 14: 4, 30: 2, 60: 1, 61: 1}), "discovery"
    )
    radiological = pl.col("category") == "interventional_radiology"
    after = pl.col("date") + draw.number({1: 2, 5: 3, 10: 2, 14: 2})
    first = draw.chance(pl.when("urgent").then(block.adheres(0.5)).otherwise(block.adheres(0.76)))
    return frame.with_columns(
        date=pl.when(first).then(before).otherwise(after),
        kind=pl.when(radiological).then(pl.lit("interventional")).otherwise(pl.lit("surgery")),
    ).filter(first | draw.chance(0.35)).select("p", "k", "until", "date", "kind")  # fmt: skip


def _before_ablation(block: Block, irradiated: pl.DataFrame) -> pl.DataFrame:
    frame = irradiated.filter(pl.col("intent") == "ablative")
    draw = block.draw("meetings before ablation", frame.height)
    return frame.select(
        "p",
        "k",
        "until",
        date=pl.max_horizontal(pl.col("date") - draw.days(5, 40), "discovery"),
        kind=pl.lit("ablative"),
    ).filter(draw.chance(block.adheres(0.85)))


def _high_scores(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    frame = courses.filter((pl.col("mirels") >= 8) & pl.col("operated").is_null() & pl.col("assessed").is_not_null())
    draw = block.draw("meetings for high scores", frame.height)
    return frame.select(
        "p", "k", "until", date=pl.col("assessed") + draw.number({0: 1, 3: 3, 7: 4, 14: 3, 21: 1}), kind=pl.lit("limb")
    ).filter(draw.chance(block.adheres(0.55)))


def _meeting_details(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("meeting details", frame.height)
    kind = pl.col("kind")
    one = pl.concat_list(pl.col("k"))
    named = (kind != "general") & pl.col("k").is_not_null() & draw.chance(0.8)
    frame = frame.with_columns(
        lesions=pl.when(named & (pl.col("k") > 1) & draw.chance(0.25))
        .then(pl.concat_list(pl.lit(1, dtype=pl.Int32), "k"))
        .when(named)
        .then(one),
        specialties=pl.when(kind.is_in(("surgery", "limb")))
        .then(draw.sets(SURGEONS))
        .when(kind == "interventional")
        .then(draw.sets(RADIOLOGISTS))
        .otherwise(draw.sets(PHYSICIANS)),
        options_discussed=draw.sets(OPTIONS),
        decision=pl.when(kind == "surgery")
        .then(draw.pick({"surgery": 0.94, "radiotherapy": 0.04, "other": 0.02}))
        .when(kind == "interventional")
        .then(draw.pick({"interventional": 0.93, "radiotherapy": 0.07}))
        .when(kind == "ablative")
        .then(draw.pick({"radiotherapy": 0.95, "systemic": 0.05}))
        .when(kind == "limb")
        .then(
            draw.pick({"radiotherapy": 0.6, "surgery": 0.12, "surveillance": 0.13, "supportive": 0.1, "systemic": 0.05})
        )
        .otherwise(
            draw.pick({"systemic": 0.6, "radiotherapy": 0.25, "supportive": 0.08, "surveillance": 0.05, "other": 0.02})
        ),
        scores_presented=draw.sets(SCORES),
        sbrt_validated=only_if(kind == "ablative", draw.chance(block.adheres(0.9))),
        biopsy_route_agreed=only_if(draw.chance(0.06), draw.chance(0.8)),
        criteria_recorded=draw.sets(CRITERIA),
    )
    rates = {"specialties": 0.06, "decision": 0.03, "sbrt_validated": 0.05}
    return block.blanked("meetings", frame, rates)


def consultations(
    block: Block, courses: pl.DataFrame, spinal: pl.DataFrame, done: pl.DataFrame, started: pl.DataFrame
) -> pl.DataFrame:
    """Opinions sought for unstable spines and weak limbs, post-operative visits, reviews of the bone-targeted agent."""
    parts = [
        _spine_opinions(block, spinal),
        _limb_opinions(block, courses),
        *_visits_after(block, done),
        _reassessments(block, started),
    ]
    frame = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))
    draw = block.draw("consultations", frame.height)
    return frame.with_columns(k=pl.when(draw.chance(0.9)).then("k")).sort(["p", "date", "kind", "k"], nulls_last=True)


def _spine_opinions(block: Block, spinal: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("spine opinions", spinal.height)
    wanted = (
        pl.when(pl.col("sins") >= 13)
        .then(block.adheres(0.88))
        .when(pl.col("sins") >= 7)
        .then(block.adheres(0.75))
        .otherwise(0.02)
    )
    delay = draw.number({0: 14, 1: 12, 2: 8, 5: 12, 8: 8, 10: 8, 14: 16, 15: 4, 20: 8, 30: 10})
    opinions = spinal.with_columns(date=pl.col("assessed") + delay, kind=pl.lit("spine_surgery_opinion"))
    return opinions.filter(draw.chance(wanted)).select("p", "k", "until", "date", "kind")


def _limb_opinions(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    frame = courses.filter(pl.col("assessed").is_not_null())
    draw = block.draw("limb opinions", frame.height)
    wanted = (
        pl.when(pl.col("mirels") >= 8)
        .then(block.adheres(0.5))
        .when((pl.col("pain") >= 3) & ~pl.col("spinal"))
        .then(0.12)
        .otherwise(0.01)
    )
    kind = (
        pl.when("long")
        .then(pl.lit("orthopaedic_opinion"))
        .otherwise(draw.pick({"interventional_opinion": 0.7, "specialist_opinion": 0.3}))
    )
    opinions = frame.with_columns(date=pl.col("assessed") + draw.number({0: 3, 2: 3, 5: 3, 10: 2, 20: 1}), kind=kind)
    return opinions.filter(draw.chance(wanted)).select("p", "k", "until", "date", "kind")


def _visits_after(block: Block, done: pl.DataFrame) -> list[pl.DataFrame]:
    operated = done.filter(pl.col("category").is_in(SURGERY))
    draw = block.draw("post-operative visits", operated.height)
    first, second = (
        draw.number({14: 4, 18: 3, 20: 2, 21: 6, 22: 1, 28: 2, 30: 2}),
        draw.number({35: 3, 40: 4, 45: 6, 46: 1, 60: 3}),
    )
    base = operated.with_columns(kind=pl.lit("postoperative_visit"))
    return [
        base.with_columns(date=pl.col("date") + first)
        .filter(draw.chance(block.adheres(0.85)))
        .select("p", "k", "until", "date", "kind"),
        base.with_columns(date=pl.col("date") + second)
        .filter(draw.chance(block.adheres(0.65)))
        .select("p", "k", "until", "date", "kind"),
    ]


def _reassessments(block: Block, started: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("reassessments", started.height)
    return started.select(
        "p", "until", date=pl.col("begin") + 730 + draw.days(-40, 60), kind=pl.lit("antiresorptive_reassessment")
    ).filter((pl.col("date") <= pl.col("until")) & draw.chance(block.adheres(0.6)))


WINDOWS = {
    "LIBELULE": (day(2019, 4, 10), day(2021, 7, 1)),
    "PRISM": (day(2016, 5, 30), day(2022, 5, 30)),
    "STEREO_OS": (day(2018, 1, 1), day(2022, 7, 1)),
    "TELOCAP02": (day(2015, 12, 1), day(2021, 6, 30)),
}
CHANCES = {"LIBELULE": 0.05, "PRISM": 0.06, "STEREO_OS": 0.35, "TELOCAP02": 0.05}


def trial_screenings(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    """Screenings while the trials were open; the stereotactic one asks for one to three bone metastases."""
    parts = []
    for trial, (opened, closed) in WINDOWS.items():
        draw = block.draw(trial, people.height)
        share = (
            pl.when((pl.col("n_lesions") > 0) & (pl.col("n_lesions") <= 3))
            .then(CHANCES[trial])
            .otherwise(CHANCES[trial] / 6)
        )
        frame = people.select(
            "p", "until", "n_lesions", trial=pl.lit(trial), screened=pl.col("anchor") + draw.days(0, 40)
        )
        open_then = pl.col("screened").is_between(opened, closed) & (pl.col("screened") <= pl.col("until"))
        parts.append(frame.filter(open_then & draw.chance(share)))
    frame = pl.concat(parts).sort(["p", "trial"])
    draw = block.draw("screenings", frame.height)
    enrolled = pl.col("screened") + draw.days(0, 25)
    last = pl.col("trial").replace_strict({name: end for name, (_, end) in WINDOWS.items()}, return_dtype=pl.Int32)
    joins = draw.chance(0.35) & (enrolled <= pl.col("until")) & (enrolled <= last)
    frame = frame.with_columns(
        screened_date="screened",
        enrolled_date=only_if(joins, enrolled),
        non_inclusion_reason=only_if(
            ~joins, draw.pick({"criterion": 0.5, "refusal": 0.25, "closed": 0.1, "not_offered": 0.15})
        ),
    )
    return block.blanked("trials", frame, {"screened_date": 0.05, "non_inclusion_reason": 0.1})


def deviations(
    block: Block,
    people: pl.DataFrame,
    courses: pl.DataFrame,
    spinal: pl.DataFrame,
    done: pl.DataFrame,
    irradiated: pl.DataFrame,
    started: pl.DataFrame,
) -> pl.DataFrame:
    """Written reasons for some of the departures, in each part of the guideline."""
    untreated = people.filter(pl.col("with_bone") & (pl.col("survival") > 91)).join(
        started, on="p", how="anti", maintain_order="left"
    )
    weak = courses.filter((pl.col("mirels") >= 9) & pl.col("operated").is_null() & pl.col("assessed").is_not_null())
    unstable = spinal.filter(pl.col("sins") >= 7)
    beside = irradiated.filter(pl.col("intent") == "postoperative")
    odd = irradiated.filter(pl.col("schedule").is_in(("35/14", "25/10", "12/2", "18/4", "39/13", "6/1")))
    guided = done.filter(pl.col("category") == "interventional_radiology")
    operated = done.filter(pl.col("category").is_in(SURGERY))
    parts = [
        _reasons(block, "antiresorptive", untreated.select("p", "until", on="anchor"), 0.18),
        _reasons(block, "limb_surgery", weak.select("p", "k", "until", on="assessed"), 0.3),
        _reasons(block, "spine", unstable.select("p", "k", "until", on="assessed"), 0.06),
        _reasons(block, "perioperative", operated.select("p", "k", "until", on="date"), 0.06),
        _reasons(
            block, "radiotherapy", pl.concat([f.select("p", "k", "until", on="date") for f in (beside, odd)]), 0.1
        ),
        _reasons(block, "interventional", guided.select("p", "k", "until", on="date"), 0.06),
        _reasons(block, "care_pathway", operated.select("p", "k", "until", on="date"), 0.05),
        _reasons(block, "imaging", people.select("p", "until", on="anchor"), 0.02),
        _reasons(block, "response_assessment", people.select("p", "until", on=pl.col("anchor") + 90), 0.004),
        _reasons(block, "trials", people.select("p", "until", on="anchor"), 0.004),
    ]
    frame = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))
    return frame.sort(["p", "date", "domain", "k"], nulls_last=True)


def _reasons(block: Block, domain: str, frame: pl.DataFrame, share: float) -> pl.DataFrame:
    draw = block.draw(f"reasons, {domain}", frame.height)
    reasons = {
        "patient_refusal": 0.22, "contraindication": 0.2, "comorbidity": 0.2, "mdt_decision": 0.18,
        "death_or_palliation": 0.08, "not_available": 0.08, "other": 0.04,
    }  # fmt: skip
    delay = draw.number({0: 4, 3: 3, 7: 3, 14: 2, 30: 2, 60: 2, 61: 1})
    return frame.with_columns(
        domain=pl.lit(domain), date=(pl.col("on") + delay).cast(pl.Int32), reason=draw.pick(reasons)
    ).filter(draw.chance(share))
