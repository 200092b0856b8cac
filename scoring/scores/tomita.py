"""Tomita score (G1 3.8.4). The text does not say which primary grows at which speed; the classes of Tomita 2001 are external."""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text

from .rades import CARCINOIDS

_site, _histology, _bone = pl.col("primary_site"), pl.col("histology"), pl.col("n_bone_metastases")
_lung = _site == "lung"
_carcinoid = _lung & _histology.is_in(list(CARCINOIDS))

growth_by_site = (
    pl.when(_site.is_null()).then(None)
    .when(_lung & _histology.is_null()).then(None)
    .when(_carcinoid).then(1)
    .when(_site.is_in(["breast", "prostate", "thyroid"])).then(1)
    .when(_site.is_in(["kidney", "uterus"])).then(2)
    .when(_site.is_in(["lung", "stomach", "liver", "colon", "unknown_primary"])).then(4)
    .otherwise(None)
)  # fmt: skip
bone = pl.when(_bone.is_null() | (_bone == 0)).then(None).when(_bone == 1).then(1).otherwise(2)

TOMITA = Score(
    id="tomita",
    title=Text("Tomita score", "Score de Tomita"),
    source=Source(G1, "3.8.4"),
    items=(
        Item(
            "growth", Text("Growth of the primary (external classes)", "Vitesse de croissance (classes externes)"), "primary_tumours.tomita_growth",
            pl.coalesce(points_by("tomita_growth", {1: ("slow",), 2: ("moderate",), 4: ("rapid",)}), growth_by_site), 1, 4,
        ),
        Item(
            "visceral", Text("Visceral metastases", "Métastases viscérales"), "clinical_assessments.visceral_metastases",
            points_by("visceral_metastases", {0: ("none",), 2: ("resectable",), 4: ("unresectable",)}), 0, 4,
            low=pl.coalesce(pl.col("visceral_points"), pl.when(pl.col("visceral_metastases") == "present_not_assessed").then(2)),
        ),
        Item("bone", Text("Bone metastases", "Métastases osseuses"), "clinical_assessments.n_bone_metastases", bone, 1, 2),
    ),
    bands=(Band("2-3", 2, 3), Band("4-5", 4, 5), Band("6-7", 6, 7), Band("8-10", 8, 10)),
    flags=(
        Flag("carcinoid", _carcinoid & pl.col("tomita_growth").is_null(), Text("carcinoid read as slow growth", "carcinoïde lu comme croissance lente")),
        Flag("no_bone_metastasis_counted", _bone == 0, Text("no bone metastasis counted beside a spinal lesion", "aucune métastase osseuse comptée malgré une lésion rachidienne")),
    ),
)  # fmt: skip
