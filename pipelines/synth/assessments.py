"""Assessments of the lesions, as the clinicians recorded them."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if
from .limbs import before_radiotherapy
from .network import Block

MIRELS_PAIN = {0: "none", 1: "mild", 2: "moderate", 3: "functional"}


def lesion_assessments(block: Block, courses: pl.DataFrame, irradiated: pl.DataFrame) -> pl.DataFrame:
    """The contract's lesion assessments: the first, another when the bone broke or before radiotherapy, some reviews."""
    seen = courses.filter(pl.col("assessed").is_not_null())
    first = seen.with_columns(date=pl.col("assessed"), fracture=only_if(pl.col("late").is_null(), pl.col("fracture")))
    draw = block.draw("assessed again", seen.height)
    again = seen.filter(pl.col("late").is_not_null())
    again = again.with_columns(date=pl.min_horizontal(pl.col("late") + 1, pl.coalesce("operated", pl.col("late") + 1)))
    review = pl.col("assessed") + draw.days(45, 200)
    # The pain of a bone that is nearly weak stays as it was: weak bones are found at the first assessment.
    worse = pl.when(pl.col("mirels") >= 8).then(0).otherwise(draw.days(-1, 1))
    later = seen.with_columns(date=review, worse=worse).filter(
        draw.chance(0.1) & (review <= pl.col("until")) & pl.col("operated").is_null() & pl.col("late").is_null()
    )
    later = later.with_columns(pain=(pl.col("pain") + pl.col("worse")).clip(0, 3))
    planned = before_radiotherapy(block, courses.filter((pl.col("mirels") < 9).fill_null(True)), irradiated, "planning")
    planned = planned.with_columns(fracture=only_if(pl.col("fracture") <= pl.col("date"), pl.col("fracture")))
    return _recorded(block, numbered(pl.concat([first, again, later, planned], how="diagonal_relaxed"), "date"))


def _recorded(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("lesion assessments", frame.height)
    pain, broken = pl.col("pain"), pl.col("fracture").is_not_null()
    hip = (pl.col("segment") == "acetabulum").fill_null(False) | (
        pl.col("segment").is_in(("head", "neck")).fill_null(False) & draw.chance(0.25)
    )
    column = {"none": 0.55, "limited": 0.3, "extensive": 0.15}
    frame = frame.with_columns(
        hip=hip & ((pl.col("segment") == "acetabulum").fill_null(False) | draw.chance(0.3)),
        mechanism=pl.when(pain == 0)
        .then(pl.lit("none"))
        .when(broken | (pain == 3))
        .then(draw.pick({"mechanical": 0.7, "mixed": 0.25, "inflammatory": 0.05}))
        .otherwise(draw.pick({"inflammatory": 0.5, "mechanical": 0.25, "mixed": 0.18, "neuropathic": 0.07})),
    )
    frame = frame.with_columns(
        mirels_pain=only_if(pl.col("long"), pain.replace_strict(MIRELS_PAIN, return_dtype=pl.String)),
        cortical_fraction=only_if(pl.col("long"), pl.col("cortical")),
        max_size_mm="size",
        soft_tissue_extension=draw.pick({"none": 0.62, "present": 0.3, "predominant": 0.08}),
        well_delimited=draw.chance(0.6),
        fracture_status=pl.when(broken)
        .then(pl.lit("pathological_fracture"))
        .when((pl.col("mirels") >= 9) & draw.chance(0.6))
        .then(pl.lit("impending"))
        .otherwise(pl.lit("none")),
        fracture_date="fracture",
        articular_destruction=only_if(pl.col("articular"), draw.chance(0.15)),
        symptomatic=pain > 0,
        pain_mechanism="mechanism",
        pain_on_loading=pl.col("mechanism").is_in(("mechanical", "mixed")),
        pain_disabling=pain == 3,
        pain_refractory=(pain >= 2) & draw.chance(0.3),
        ir_accessible=draw.chance(0.7),
        reirradiation_possible=only_if(draw.chance(0.15), draw.chance(0.6)),
        aetiology_certain=draw.chance(0.9),
        hypervascular_suspected=draw.chance(
            pl.when(pl.col("site").is_in(("kidney", "thyroid"))).then(0.5).otherwise(0.02)
        ),
        bleeding_risk_high=draw.chance(0.04),
        bone_loss_major=only_if(pl.col("long"), draw.chance(pl.col("cortical") * 0.3)),
        bone_quality_poor=only_if(pl.col("long"), draw.chance(0.12)),
        acetabular_involvement=only_if(pl.col("hip") | (pl.col("bone") == "pelvis"), pl.col("hip")),
        acetabular_roof=only_if(pl.col("hip"), draw.pick(column)),
        acetabular_posterior_column=only_if(pl.col("hip"), draw.pick(column)),
        acetabular_medial_wall=only_if(pl.col("hip"), draw.pick(column)),
        hip_instability=only_if(pl.col("hip"), draw.chance(0.08)),
        protrusion_risk=only_if(pl.col("hip"), draw.chance(0.1)),
    )
    return block.blanked("lesion assessments", frame, BLANKS)


BLANKS = {
    "lesion_type": 0.02,
    "cortical_fraction": 0.03,
    "mirels_pain": 0.02,
    "max_size_mm": 0.1,
    "soft_tissue_extension": 0.15,
    "well_delimited": 0.25,
    "fracture_status": 0.015,
    "symptomatic": 0.06,
    "pain_mechanism": 0.2,
    "pain_on_loading": 0.25,
    "pain_disabling": 0.2,
    "pain_refractory": 0.25,
    "ir_accessible": 0.5,
    "aetiology_certain": 0.2,
    "hypervascular_suspected": 0.3,
    "bleeding_risk_high": 0.4,
    "bone_loss_major": 0.3,
    "bone_quality_poor": 0.3,
    "articular_destruction": 0.2,
    "hip_instability": 0.2,
    "protrusion_risk": 0.2,
}
