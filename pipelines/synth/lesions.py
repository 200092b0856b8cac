"""Bone lesions: where they are, what they look like, how they hurt and which of them break."""

from __future__ import annotations

import polars as pl

from .draw import only_if, snapped
from .network import Block

BONES = {
    "vertebra": 36.5,
    "rib": 16.5,
    "pelvis": 9.2,
    "femur": 18.5,
    "humerus": 8.0,
    "tibia": 2.0,
    "fibula": 0.25,
    "radius": 0.25,
    "ulna": 0.2,
    "metacarpal": 0.1,
    "metatarsal": 0.1,
    "sacrum": 3.0,
    "scapula": 1.8,
    "sternum": 1.6,
    "skull": 1.2,
    "clavicle": 0.6,
    "patella": 0.05,
    "phalanx": 0.05,
    "carpus": 0.03,
    "tarsus": 0.07,
}
"""Shares of bones: the printed ones of spine, long bones, ribs and pelvis, and a few without a printed share."""

LONG_BONES = ("femur", "tibia", "fibula", "humerus", "radius", "ulna")
SPINE = ("vertebra", "sacrum")

SEGMENTS: dict[str, dict[str, float]] = {
    "femur": {
        "head": 3, "neck": 15, "trochanteric": 28, "subtrochanteric": 16, "diaphysis": 24,
        "metaphyso_diaphyseal": 3, "distal_end": 10, "": 1,
    },
    "humerus": {"head": 3, "proximal_end": 32, "diaphysis": 42, "metaphyso_diaphyseal": 5, "distal_end": 16, "": 2},
    "tibia": {"proximal_end": 40, "diaphysis": 34, "metaphyso_diaphyseal": 16, "distal_end": 10},
    "pelvis": {"acetabulum": 32, "iliac_wing": 46, "ischium_pubis": 19, "": 3},
    "vertebra": {"vertebral_body": 84, "posterior_arch": 13, "": 3},
    "other": {"diaphysis": 50, "proximal_end": 20, "distal_end": 28, "": 2},
}  # fmt: skip
MINOR_LONG_BONES = ("fibula", "radius", "ulna", "metacarpal", "metatarsal")

THORACIC = {f"T{n}": 50 / 12 for n in range(1, 13)}
LUMBAR = {f"L{n}": 37.5 / 5 for n in range(1, 6)}
CERVICAL = {f"C{n}": 12.3 / 7 for n in range(1, 8)}
VERTEBRAE = THORACIC | LUMBAR | CERVICAL | {"occiput": 0.2, "": 3}
SACRAL = {"S1": 45, "S2": 25, "S3": 15, "S4": 8, "S5": 4, "coccyx": 1, "": 2}


def lesions(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    """One row per lesion with its anatomy and, hidden, its type, pain, cortical loss and fracture at discovery."""
    frame = (
        people.select(
            "p", "anchor", "until", "survival", "death", "severity", "optimism", "site", "n_lesions", "visceral"
        )
        .with_columns(k=pl.int_ranges(1, pl.col("n_lesions") + 1, dtype=pl.Int32))
        .explode("k")
        .drop_nulls("k")
    )
    draw = block.draw("lesions", frame.height)
    later = pl.min_horizontal(pl.col("anchor") + draw.days(20, 400), "until")
    frame = frame.with_columns(
        bone=draw.pick(BONES),
        discovery=pl.when((pl.col("k") == 1) | draw.chance(0.7)).then("anchor").otherwise(later).cast(pl.Int32),
    )
    return frame.pipe(_anatomy, block).pipe(_appearance, block)


def _anatomy(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("anatomy", frame.height)
    bone = pl.col("bone")
    segment = pl.when(bone.is_in(MINOR_LONG_BONES)).then(draw.pick(SEGMENTS["other"])).otherwise(None)
    for name in ("femur", "humerus", "tibia", "pelvis", "vertebra"):
        segment = pl.when(bone == name).then(draw.pick(SEGMENTS[name])).otherwise(segment)
    axial = bone.is_in((*SPINE, "sternum"))
    frame = frame.with_columns(
        segment=segment,
        side=pl.when(axial).then(pl.lit("midline")).otherwise(draw.pick({"left": 0.49, "right": 0.49, "": 0.02})),
        vertebral_level=pl.when(bone == "vertebra")
        .then(draw.pick(VERTEBRAE))
        .when(bone == "sacrum")
        .then(draw.pick(SACRAL)),
        long=bone.is_in(LONG_BONES),
        spinal=bone.is_in(SPINE),
    )
    part = pl.col("segment")
    return frame.with_columns(
        articular=pl.when(part.is_in(("head", "acetabulum")))
        .then(draw.chance(0.8))
        .when(part.is_in(("neck", "proximal_end", "distal_end")))
        .then(draw.chance(0.2))
        .otherwise(False),
        weight_bearing=bone.is_in(("femur", "tibia", "sacrum")) | (part == "acetabulum").fill_null(False),
        trochanteric_extension=only_if(part == "neck", draw.chance(0.3)),
    )


def _appearance(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("appearance", frame.height)
    hurt = 0.8 * draw.normal() + 0.35 * pl.col("severity") + 0.3 * pl.col("spinal").cast(pl.Float64)
    hurt += 0.15 * pl.col("long").cast(pl.Float64)
    loss = pl.when("long").then((draw.normal(-1.52, 0.7) + 0.4 * hurt).exp()).otherwise(0.15).clip(0.02, 1.0)
    blastic = pl.when(pl.col("site") == "prostate").then(0.7).otherwise(0.1)
    frame = frame.with_columns(
        lesion_type=pl.when(draw.chance(blastic))
        .then(pl.lit("blastic"))
        .when(draw.chance(0.84))
        .then(pl.lit("lytic"))
        .otherwise(pl.lit("mixed")),
        pain=(hurt + 0.9).clip(0, 3.49).round(0).cast(pl.Int32),
        cortical=snapped(loss, (0.33, 0.5, 0.67), 0.05, draw.chance(0.5)).round(2),
        size=snapped(draw.normal(3.2, 0.5).exp().clip(6, 150), (20.0, 30.0, 50.0), 1.5, draw.chance(0.5)).round(0),
    )
    risk = (
        pl.when(pl.col("long") & (pl.col("cortical") > 0.6))
        .then(0.06)
        .when("long")
        .then(0.01)
        .when(pl.col("bone") == "vertebra")
        .then(0.08)
        .when(pl.col("bone") == "rib")
        .then(0.02)
        .otherwise(0.004)
    )
    lytic = pl.when(pl.col("lesion_type") == "blastic").then(0.3).otherwise(1.0)
    frame = frame.with_columns(broken=draw.chance(risk * lytic))
    return frame.with_columns(
        pain=pl.when("broken").then(pl.max_horizontal("pain", 2)).otherwise("pain").cast(pl.Int32)
    )


def bone_lesions(block: Block, lesions: pl.DataFrame) -> pl.DataFrame:
    """The contract's bone lesions."""
    frame = lesions.select(
        "p", "k", "bone", "side", "segment", "vertebral_level", "articular", "weight_bearing", "trochanteric_extension",
        discovery_date="discovery",
    )  # fmt: skip
    return block.blanked("lesions", frame, {"articular": 0.12, "weight_bearing": 0.08, "trochanteric_extension": 0.1})
