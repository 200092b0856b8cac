"""Mirels score of a long-bone lesion (G1 3.5.2, G2 2.1). The printed minimum of 3 cannot be reached: four items give at least 1."""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text

LONG_BONES = ("humerus", "radius", "ulna", "femur", "tibia", "fibula")
THIRD, TWO_THIRDS = 1 / 3, 2 / 3
EXACT, NEAR = 1e-6, 0.005
"""A recorded fraction within EXACT of a third is that third; within NEAR it may be a rounded one, and is flagged."""

_bone, _segment, _fraction = pl.col("bone"), pl.col("segment"), pl.col("cortical_fraction")
_femur = _bone == "femur"
_distance = pl.min_horizontal((_fraction - THIRD).abs(), (_fraction - TWO_THIRDS).abs())

site = (
    pl.when(_bone.is_null()).then(None)
    .when(_bone.is_in(["humerus", "radius", "ulna"])).then(1)
    .when(_bone.is_in(["tibia", "fibula"])).then(2)
    .when(_femur & _segment.is_in(["trochanteric", "subtrochanteric"])).then(3)
    .when(_femur & _segment.is_in(["head", "neck", "diaphysis", "metaphyso_diaphyseal", "distal_end"])).then(2)
    .otherwise(None)
)  # fmt: skip
_neck = _femur & _segment.is_in(["head", "neck"])
_neck_extension = _neck & pl.col("trochanteric_extension")

size = (
    pl.when(_fraction.is_null()).then(None)
    .when(_distance <= EXACT).then(2)
    .when(_fraction < THIRD).then(1)
    .when(_fraction < TWO_THIRDS).then(2)
    .otherwise(3)
)  # fmt: skip

MIRELS = Score(
    id="mirels",
    title=Text("Mirels score", "Score de Mirels"),
    source=Source(G1, "3.5.2"),
    items=(
        Item(
            "site", Text("Site", "Localisation"), "bone_lesions.segment", site, 1, 3,
            low=pl.coalesce(pl.col("site_points"), pl.when(_femur).then(2)),
            high=pl.when(_neck_extension).then(3).otherwise(pl.coalesce(pl.col("site_points"), pl.when(_femur).then(3))),
        ),
        Item("size", Text("Size", "Taille"), "lesion_assessments.cortical_fraction", size, 1, 3),
        Item(
            "type", Text("Type", "Type"), "lesion_assessments.lesion_type",
            points_by("lesion_type", {1: ("blastic",), 2: ("mixed",), 3: ("lytic",)}), 1, 3,
        ),
        Item(
            "pain", Text("Pain", "Douleur"), "lesion_assessments.mirels_pain",
            points_by("mirels_pain", {1: ("none", "mild"), 2: ("moderate",), 3: ("functional",)}), 1, 3,
        ),
    ),
    bands=(Band("radiotherapy", 4, 7), Band("mdt_discussion", 8, 8), Band("prophylactic_surgery", 9, 12)),
    flags=(
        Flag("subtrochanteric", _femur & (_segment == "subtrochanteric"),
             Text("subtrochanteric site read as trochanteric (3 points)", "siège sous-trochantérien lu comme trochantérien (3 points)")),
        Flag("femoral_neck", _neck, Text("femoral head or neck read as lower limb (2 points)", "tête ou col du fémur lus comme membre inférieur (2 points)")),
        Flag("neck_extension", _neck_extension,
             Text("neck lesion that reaches the trochanteric region: 2 or 3 points", "lésion du col atteignant la région trochantérienne : 2 ou 3 points")),
        Flag("cortical_near_third", (_distance > EXACT) & (_distance <= NEAR),
             Text("cortical fraction that may be a rounded third", "fraction corticale qui peut être un tiers arrondi")),
        Flag("pain_absent", pl.col("mirels_pain") == "none", Text("no pain read as 1 point", "absence de douleur lue comme 1 point")),
    ),
    not_computed=(
        Flag("no_site_class", ~_bone.is_in(list(LONG_BONES)), Text("bone without a site class in the score", "os sans classe de siège dans le score")),
        Flag("fractured", pl.col("fracture_status") == "pathological_fracture",
             Text("already fractured: the score does not apply", "lésion déjà fracturée : le score ne s'applique pas")),
    ),
)  # fmt: skip
