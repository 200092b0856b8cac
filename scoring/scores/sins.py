"""Spinal Instability Neoplastic Score (G1 3.8.1)."""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text
from scoring.recommendations import parameters as P

JUNCTIONAL = ("C1", "C2", "C7", "T1", "T2", "T11", "T12", "L1", "L5", "S1")
MOBILE = ("C3", "C4", "C5", "C6", "L2", "L3", "L4")
SEMI_RIGID = ("T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10")
RIGID = ("S2", "S3", "S4", "S5")
HALF = 50

_level = pl.col("vertebral_level")
_collapse, _body = pl.col("collapse_percent"), pl.col("body_involvement_percent")

collapse = (
    pl.when(_collapse.is_null()).then(None)
    .when(_collapse > HALF).then(3)
    .when(_collapse == HALF).then(P.COLLAPSE_50_POINTS)
    .when(_collapse > 0).then(2)
    .when(_body > HALF).then(1)
    .when(_body <= HALF).then(0)
    .otherwise(None)
)  # fmt: skip

SINS = Score(
    id="sins",
    title=Text("Spinal Instability Neoplastic Score (SINS)", "Spinal Instability Neoplastic Score (SINS)"),
    source=Source(G1, "3.8.1"),
    items=(
        Item(
            "location", Text("Location", "Localisation"), "bone_lesions.vertebral_level",
            points_by("vertebral_level", {3: ("occiput", *JUNCTIONAL), 2: MOBILE, 1: SEMI_RIGID, 0: (*RIGID, "coccyx")}), 0, 3,
        ),
        Item(
            "pain", Text("Pain", "Douleur"), "spinal_assessments.sins_pain",
            points_by("sins_pain", {3: ("mechanical",), 1: ("occasional_non_mechanical",), 0: ("none",)}), 0, 3,
        ),
        Item(
            "lesion", Text("Bone lesion", "Lésion osseuse"), "spinal_assessments.lesion_type",
            points_by("lesion_type", {2: ("lytic",), 1: ("mixed",), 0: ("blastic",)}), 0, 2,
        ),
        Item(
            "alignment", Text("Alignment", "Alignement"), "spinal_assessments.alignment",
            points_by("alignment", {4: ("subluxation_translation",), 2: ("new_deformity",), 0: ("normal",)}), 0, 4,
        ),
        Item(
            "collapse", Text("Vertebral collapse", "Collapsus"), "spinal_assessments.collapse_percent", collapse, 0, 3,
            low=pl.coalesce(pl.col("collapse_points"), pl.when(_collapse.is_null() & (_body > HALF)).then(1)),
            high=pl.when(_collapse == HALF).then(3 if P.COLLAPSE_50_POINTS == 2 else P.COLLAPSE_50_POINTS).otherwise(
                pl.coalesce(pl.col("collapse_points"), pl.when((_collapse == 0) & _body.is_null()).then(1))
            ),
        ),
        Item(
            "posterolateral", Text("Posterolateral involvement", "Envahissement postéro-latéral"), "spinal_assessments.posterolateral_involvement",
            points_by("posterolateral_involvement", {3: ("bilateral",), 1: ("unilateral",), 0: ("none",)}), 0, 3,
        ),
    ),
    bands=(Band("stable", 0, 6), Band("potentially_unstable", 7, 12), Band("unstable", 13, 18)),
    flags=(
        Flag("occiput", _level == "occiput", Text("occiput read as junctional (external)", "occiput lu comme jonctionnel (externe)")),
        Flag("coccyx", _level == "coccyx", Text("coccyx read as rigid (0 points)", "coccyx lu comme rigide (0 point)")),
        Flag("collapse_exactly_50", _collapse == HALF, Text("collapse of exactly 50 %: 2 or 3 points", "collapsus de 50 % exactement : 2 ou 3 points")),
        Flag("body_exactly_50", (_collapse == 0) & (_body == HALF), Text("involvement of exactly 50 % of the body read as 0 points", "atteinte de 50 % exactement du corps lue comme 0 point")),
    ),
)  # fmt: skip
