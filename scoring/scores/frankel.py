"""Frankel grade as an ordinal: A 0, B 1, C 2, D1 3, D2 4, D3 5, E 6 (G1 3.8.2)."""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text

GRADES = ("A", "B", "C", "D1", "D2", "D3", "E")

_unspecified = pl.col("frankel") == "D"
_from_walking = pl.col("frankel").is_null()

FRANKEL = Score(
    id="frankel",
    title=Text("Frankel classification", "Classification de Frankel"),
    source=Source(G1, "3.8.2"),
    items=(
        Item(
            "grade", Text("Grade", "Grade"), "spinal_assessments.frankel",
            points_by("frankel", {points: (grade,) for points, grade in enumerate(GRADES)}), 0, 6,
            low=pl.when(_unspecified).then(3).when(_from_walking).then(
                points_by("ambulation", {0: ("paraplegic",), 2: ("non_ambulatory",), 3: ("aided",), 5: ("unaided",)})
            ).otherwise(pl.col("grade_points")),
            high=pl.when(_unspecified).then(5).when(_from_walking).then(
                points_by("ambulation", {1: ("paraplegic",), 2: ("non_ambulatory",), 4: ("aided",), 6: ("unaided",)})
            ).otherwise(pl.col("grade_points")),
        ),
    ),
    bands=(Band("complete", 0, 1), Band("incomplete", 2, 5), Band("none", 6, 6)),
    flags=(Flag("d_unspecified", _unspecified, Text("grade D without its subgrade", "grade D sans sous-grade")),),
)  # fmt: skip
