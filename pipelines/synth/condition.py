"""General condition at the moments that decisions need it, and the laboratory."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if, snapped
from .limbs import estimated_days
from .network import Block
from .procedures import ARTHROPLASTIES, CEMENTED, SURGERY


def clinical_assessments(
    block: Block,
    people: pl.DataFrame,
    lesions: pl.DataFrame,
    done: pl.DataFrame,
    irradiated: pl.DataFrame,
    started: pl.DataFrame,
    exams: pl.DataFrame,
    looked_at: pl.DataFrame,
) -> pl.DataFrame:
    """The contract's clinical assessments: at discovery, before the decisions that need them, and at follow-up.

    `looked_at` holds the days on which a lesion was assessed for which the general condition counts.
    """
    visits = _visits(block, people, done, irradiated, started, exams).pipe(_completed, block, looked_at)
    visits = visits.unique(["p", "date"], keep="first", maintain_order=True)
    known = people.select("p", "anchor", "survival", "optimism", "severity", "visceral", "until", "n_lesions", "death")
    frame = visits.join(known, on="p", how="left", maintain_order="left").filter(pl.col("date") <= pl.col("until"))
    frame = frame.join(_extent(block, people, lesions), on="p", how="left", maintain_order="left")
    return numbered(frame, "date").pipe(_status, block).pipe(_recorded, block)


def _visits(
    block: Block,
    people: pl.DataFrame,
    done: pl.DataFrame,
    irradiated: pl.DataFrame,
    started: pl.DataFrame,
    exams: pl.DataFrame,
) -> pl.DataFrame:
    draw = block.draw("visits", people.height)
    discovery = people.select("p", date=pl.col("anchor") + draw.number({0: 12, 2: 2, 5: 1, 10: 1, 14: 1})).filter(
        draw.chance(0.95)
    )
    later = people.select("p", date=pl.col("anchor") + draw.days(60, 240)).filter(draw.chance(0.3))
    operated = done.filter(pl.col("category").is_in((*SURGERY, "interventional_radiology")))
    draw = block.draw("visits before procedures", operated.height)
    ago = draw.number({0: 3, 1: 4, 5: 4, 14: 3, 30: 1, 60: 1})
    weighed = operated.select(
        "p", "technique", date=pl.max_horizontal(pl.col("date") - ago, "anchor"), before=pl.lit(True)
    ).filter(draw.chance(block.adheres(0.9)))
    focused = irradiated.filter(pl.col("intent").is_in(("ablative", "decompressive")))
    draw = block.draw("visits before radiotherapy", focused.height)
    focused = focused.select("p", date=pl.max_horizontal(pl.col("date") - draw.days(1, 30), "anchor"))
    late = started.filter(pl.col("begin") - pl.col("anchor") > 55)
    draw = block.draw("visits before antiresorptives", late.height)
    late = late.select("p", date=pl.col("begin") - draw.days(0, 10)).filter(draw.chance(0.8))
    scanned = exams.filter(pl.col("pain_before").is_not_null())
    draw = block.draw("visits before scintigraphy", scanned.height)
    scanned = scanned.select(
        "p", "pain_before", date=pl.col("date") - draw.number({0: 3, 3: 4, 10: 4, 20: 3, 30: 3})
    ).filter(draw.chance(0.97))
    return pl.concat([weighed, scanned, focused, discovery, late, later], how="diagonal_relaxed").with_columns(
        pl.col("date").cast(pl.Int32)
    )


def _completed(visits: pl.DataFrame, block: Block, looked_at: pl.DataFrame) -> pl.DataFrame:
    """With a visit for most lesions assessed when the last visit was more than a month ago."""
    draw = block.draw("visits for a lesion", looked_at.height)
    added = looked_at.filter(draw.chance(block.adheres(0.88))).with_columns(added=pl.lit(True))
    frame = pl.concat([visits, added], how="diagonal_relaxed").sort(["p", "date"], maintain_order=True)
    recent = (pl.col("date") - pl.col("date").shift(1).over("p") <= 30).fill_null(False)
    return frame.filter(~(pl.col("added").fill_null(False) & recent)).drop("added")


def _extent(block: Block, people: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """How many bone metastases the patient has: those that are listed and, in spread disease, some that are not."""
    spine = pl.col("bone") == "vertebra"
    counts = lesions.group_by("p").agg(vertebrae=spine.sum().cast(pl.Int32), elsewhere=(~spine).sum().cast(pl.Int32))
    frame = people.select("p", "n_lesions", "visceral").join(counts, on="p", how="left", maintain_order="left")
    draw = block.draw("extent", frame.height)
    more = pl.when(pl.col("n_lesions") >= 4).then(1).otherwise(0)
    return frame.select(
        "p",
        vertebrae=pl.col("vertebrae").fill_null(0) + more * draw.days(0, 6),
        elsewhere=pl.col("elsewhere").fill_null(0) + more * draw.number({0: 60, 1: 12, 2: 10, 4: 10, 9: 8}),
        organs=pl.when("visceral").then(draw.number({1: 5, 2: 3, 3: 2, 4: 1})).otherwise(0),
        viscera=pl.when("visceral")
        .then(draw.pick({"unresectable": 0.74, "resectable": 0.09, "present_not_assessed": 0.17}))
        .otherwise(pl.lit("none")),
        brain=pl.col("visceral") & draw.chance(0.4),
    )


def _status(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    """Karnofsky, ECOG and the estimate of life, all seen from how long the patient really has."""
    draw = block.draw("status", frame.height)
    left = pl.col("anchor") + pl.col("survival") - pl.col("date")
    dying = pl.when(left < 30).then(28).when(left < 90).then(12).otherwise(0)
    karnofsky = ((80 - 9 * pl.col("severity") - dying + draw.normal(0, 7)) / 10).round(0).clip(1, 10).cast(
        pl.Int32
    ) * 10
    estimate = estimated_days(pl.col("date")) * draw.normal(0, 0.12).exp()
    rounded = (
        pl.when(estimate < 30)
        .then(estimate)
        .when(estimate < 180)
        .then((estimate / 10).round(0) * 10)
        .otherwise((estimate / 30).round(0) * 30)
    )
    at_cut = draw.chance(0.4)
    estimate = rounded
    for cut, within in ((42, 9), (91, 15), (183, 31), (365, 61)):
        estimate = snapped(estimate, (cut,), within, at_cut)
    # Before an operation the estimates that a rule turns on are common.
    prosthesis = pl.col("technique").is_in(ARTHROPLASTIES).fill_null(False)
    operated = pl.col("before").fill_null(False) & ~pl.col("technique").is_in(CEMENTED).fill_null(False)
    near = operated & draw.chance(pl.when(prosthesis).then(0.2).otherwise(0.06))
    weeks = draw.number({38: 1, 41: 2, 42: 4, 43: 2, 60: 2})
    months = draw.number({182: 1, 183: 2, 184: 1, 364: 1, 365: 2, 366: 3, 500: 4})
    replaced = pl.when(prosthesis).then(months).otherwise(weeks)
    return frame.with_columns(
        karnofsky=karnofsky,
        life_expectancy_days=pl.when(near).then(replaced).otherwise(estimate.clip(1, 7300)).round(0).cast(pl.Int32),
    )


def _recorded(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("clinical assessments", frame.height)
    status, surgical = pl.col("karnofsky"), pl.col("before").fill_null(False)
    ecog = (
        pl.when(status >= 90)
        .then(draw.number({0: 0.6, 1: 0.4}))
        .when(status >= 80)
        .then(1)
        .when(status >= 70)
        .then(draw.number({1: 1, 2: 1}))
        .when(status >= 50)
        .then(draw.number({2: 0.8, 3: 0.2}))
        .when(status >= 30)
        .then(3)
        .otherwise(4)
    )
    asa = pl.when(status >= 80).then(draw.number({1: 1, 2: 6, 3: 3})).otherwise(draw.number({2: 2, 3: 7, 4: 1}))
    stable = draw.chance((0.45 - 0.1 * pl.col("severity")).clip(0.05, 0.9))
    unstable = draw.pick({"progressive": 0.85, "not_assessed": 0.15})
    pain = snapped((draw.normal(3.8, 2.2) + 0.7 * pl.col("severity")).clip(0, 10), (4,), 0.7, draw.chance(0.5)).round(0)
    pain = pl.when(pl.col("pain_before").fill_null(False)).then(pl.max_horizontal(pain, pl.lit(3.0))).otherwise(pain)
    frail = (status <= 50) & draw.chance(0.7)
    frame = frame.with_columns(
        ecog=ecog.cast(pl.Int32),
        asa_class=only_if(surgical | draw.chance(0.15), asa),
        life_expectancy_method=draw.pick({"clinician": 0.68, "mdt": 0.22, "tokuhashi": 0.06, "other_score": 0.04}),
        frail=frail,
        fit_for_surgery=only_if(surgical | draw.chance(0.5), (status >= 50) & ~frail),
        fit_for_anaesthesia=status >= 40,
        difficult_to_mobilise=status <= 50,
        pain_nrs=pain,
        on_analgesics=(pain >= 2) & draw.chance(0.9),
        opioid_intolerance=only_if(pain >= 3, draw.chance(0.1)),
        new_bone_pain=pl.coalesce("pain_before", (pain >= 4) & draw.chance(0.3)),
        distal_limb_pain=draw.chance(0.05),
        n_metastatic_sites=pl.col("organs") + (pl.col("n_lesions") > 0).cast(pl.Int32),
        n_bone_metastases=pl.col("vertebrae") + pl.col("elsewhere"),
        n_extraspinal_bone_metastases="elsewhere",
        n_vertebral_metastases="vertebrae",
        visceral_metastases="viscera",
        brain_metastases="brain",
        disease_status=pl.when(stable).then(pl.lit("controlled")).otherwise(unstable),
        infection_puncture_site=only_if(surgical, draw.chance(0.01)),
        sepsis_uncontrolled=only_if(surgical, draw.chance(0.01)),
        early_discovery=only_if(pl.col("vertebrae") > 0, draw.chance(0.35)),
    )
    return block.blanked("clinical", frame, BLANKS)


BLANKS = {
    "karnofsky": 0.1,
    "ecog": 0.06,
    "life_expectancy_days": 0.1,
    "life_expectancy_method": 0.25,
    "frail": 0.25,
    "fit_for_surgery": 0.1,
    "fit_for_anaesthesia": 0.1,
    "difficult_to_mobilise": 0.25,
    "pain_nrs": 0.1,
    "on_analgesics": 0.15,
    "new_bone_pain": 0.06,
    "distal_limb_pain": 0.4,
    "n_metastatic_sites": 0.1,
    "n_bone_metastases": 0.06,
    "n_extraspinal_bone_metastases": 0.07,
    "n_vertebral_metastases": 0.08,
    "visceral_metastases": 0.04,
    "brain_metastases": 0.06,
    "disease_status": 0.12,
    "early_discovery": 0.4,
}


def lab_results(
    block: Block, people: pl.DataFrame, started: pl.DataFrame, doses: pl.DataFrame, done: pl.DataFrame
) -> pl.DataFrame:
    """Results before the bone-targeted agent, before some doses, before percutaneous procedures, and a few others."""
    parts = [
        *_before_start(block, started),
        _before_doses(block, doses),
        *_coagulation(block, done),
        _others(block, people),
    ]
    frame = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))
    draw = block.draw("results", frame.height)
    analyte = pl.col("analyte")
    clearance = snapped(pl.col("clearance") + draw.normal(0, 3), (30, 60), 2, draw.chance(0.5)).clip(5, 180).round(0)
    value = (
        pl.when(analyte == "creatinine_clearance")
        .then(clearance)
        .when(analyte == "creatinine")
        .then((7200 / pl.col("clearance").clip(10, 150)).clip(35, 600).round(0))
        .when(analyte == "vitamin_d_25oh")
        .then(draw.normal(52, 22).clip(8, 180).round(0))
        .when(analyte == "corrected_calcium")
        .then(
            pl.when(draw.chance(0.05))
            .then(draw.uniform(2.61, 3.3))
            .otherwise(draw.normal(2.36, 0.1))
            .clip(1.6, 3.6)
            .round(2)
        )
        .when(analyte == "pt_inr")
        .then(draw.normal(1.05, 0.12).clip(0.8, 3).round(2))
        .when(analyte == "aptt")
        .then(draw.normal(32, 4).clip(20, 80).round(0))
        .when(analyte == "platelets")
        .then(draw.normal(250, 80).clip(20, 700).round(0))
        .when(analyte == "crp")
        .then(draw.normal(3, 1).exp().clip(1, 300).round(0))
    )
    frame = frame.with_columns(value=value).unique(["p", "date", "analyte"], keep="first", maintain_order=True)
    return block.blanked("labs", frame.sort(["p", "date", "analyte"]), {"value": 0.02})


def _before_start(block: Block, started: pl.DataFrame) -> list[pl.DataFrame]:
    draw = block.draw("labs before start", started.height)
    ago = draw.number({0: 8, 1: 6, 3: 5, 7: 6, 14: 5, 21: 3, 29: 1, 30: 4, 31: 1, 45: 1})
    base = started.with_columns(date=pl.col("begin") - ago)
    return [
        base.with_columns(analyte=draw.pick({"creatinine_clearance": 0.85, "creatinine": 0.15})).filter(
            draw.chance(block.adheres(0.88))
        ),
        base.with_columns(analyte=pl.lit("vitamin_d_25oh")).filter(draw.chance(block.adheres(0.55))),
        base.with_columns(analyte=pl.lit("corrected_calcium")).filter(draw.chance(block.adheres(0.65))),
        base.with_columns(analyte=pl.lit("protein_electrophoresis")).filter(draw.chance(0.05)),
    ]


def _before_doses(block: Block, doses: pl.DataFrame) -> pl.DataFrame:
    given = doses.filter((pl.col("drug") == "zoledronic_acid") & (pl.col("rank") > 0))
    draw = block.draw("labs before doses", given.height)
    # Now and then the kidneys have failed since the last dose, and the drug is given all the same.
    failed = draw.chance(0.02)
    return given.with_columns(
        date=pl.col("date") - draw.number({0: 5, 1: 4, 3: 3, 10: 1}),
        analyte=pl.lit("creatinine_clearance"),
        clearance=pl.when(failed).then(draw.uniform(12, 26)).otherwise("clearance"),
    ).filter(draw.chance(block.adheres(0.8)))


def _coagulation(block: Block, done: pl.DataFrame) -> list[pl.DataFrame]:
    guided = done.filter(pl.col("category") == "interventional_radiology")
    draw = block.draw("coagulation", guided.height)
    base = guided.with_columns(
        date=pl.max_horizontal(pl.col("date") - draw.number({0: 3, 1: 5, 3: 3, 7: 3, 8: 1, 20: 1}), "anchor")
    )
    base = base.filter(draw.chance(block.adheres(0.8)))
    return [base.with_columns(analyte=pl.lit(name)) for name in ("pt_inr", "aptt", "platelets", "crp")]


def _others(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("other labs", people.height)
    kinds = {
        "corrected_calcium": 0.2,
        "crp": 0.08,
        "creatinine_clearance": 0.2,
        "platelets": 0.04,
        "protein_electrophoresis": 0.01,
        "": 0.47,
    }
    return people.with_columns(
        date=(pl.col("anchor") + draw.days(0, 120)).cast(pl.Int32), analyte=draw.pick(kinds)
    ).drop_nulls("analyte")
