"""The arithmetic that the catalogue counted on the printed tables, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Any

import pytest

from tests.reference import prognosis, scores

Row = dict[str, Any]

LONG_BONE: Row = {"trochanteric_extension": None, "fracture_status": "none"}
COMPRESSION: Row = {
    "primary_site": "lung",
    "compression_date": date(2023, 2, 1),
    "frankel": None,
    "motor_deficit": True,
    "anchor": date(2023, 2, 1),
}
PROGNOSIS: Row = {"primary_site": "lung", "histology": None, "tomita_growth": None}


def totals(score: Any, base: Row, **options: Iterable[Any]) -> list[Row]:
    """The score of every combination of options; each must be complete."""
    rows = [score(base | dict(zip(options, values, strict=True))) for values in product(*options.values())]
    assert all(row["total"] is not None for row in rows)
    return rows


def counts(rows: list[Row]) -> tuple[int, ...]:
    """Rows per band, in the order of the totals."""
    found = Counter(row["band"] for row in sorted(rows, key=lambda r: r["total"]))
    return tuple(found.values())


def test_the_81_profiles_of_mirels() -> None:
    site = {"humerus": "diaphysis", "tibia": "diaphysis", "femur": "trochanteric"}
    rows = {
        bone: totals(
            scores.mirels,
            LONG_BONE | {"bone": bone, "segment": segment},
            cortical_fraction=(0.1, 0.5, 0.9),
            lesion_type=("blastic", "mixed", "lytic"),
            mirels_pain=("mild", "moderate", "functional"),
        )
        for bone, segment in site.items()
    }
    assert counts([row for of_bone in rows.values() for row in of_bone]) == (31, 19, 31)
    assert {bone: counts(of_bone) for bone, of_bone in rows.items()} == {
        "humerus": (17, 6, 4),
        "tibia": (10, 7, 10),
        "femur": (4, 6, 17),
    }
    assert {row["total"] for of_bone in rows.values() for row in of_bone} == set(range(4, 13))


@pytest.mark.parametrize(
    ("histology", "found", "possible"),
    [
        ("adenocarcinoma", (16, 28, 4), set(range(21, 41)) - {22}),
        ("sclc", (12, 29, 7), set(range(22, 42)) - {23}),
    ],
)
def test_the_48_profiles_of_rades(histology: str, found: tuple[int, ...], possible: set[int]) -> None:
    rows = totals(
        scores.rades,
        COMPRESSION | {"histology": histology},
        diagnosis_date=(date(2022, 12, 1), date(2020, 1, 1)),
        visceral_metastases=("none", "unresectable"),
        ambulation=("unaided", "aided", "non_ambulatory", "paraplegic"),
        motor_deficit_onset_date=(date(2023, 1, 30), date(2023, 1, 20), date(2022, 12, 1)),
    )
    assert counts(rows) == found
    assert {row["total"] for row in rows} == possible


def test_the_1296_profiles_of_sins() -> None:
    rows = totals(
        scores.sins,
        {"body_involvement_percent": 10.0},
        vertebral_level=("C1", "C3", "T5", "S2"),
        sins_pain=("mechanical", "occasional_non_mechanical", "none"),
        lesion_type=("lytic", "mixed", "blastic"),
        alignment=("subluxation_translation", "new_deformity", "normal"),
        collapse_percent=(60.0, 20.0, 0.0),
        posterolateral_involvement=("bilateral", "unilateral", "none"),
    )
    rows += totals(
        scores.sins,
        {"body_involvement_percent": 60.0, "collapse_percent": 0.0},
        vertebral_level=("C1", "C3", "T5", "S2"),
        sins_pain=("mechanical", "occasional_non_mechanical", "none"),
        lesion_type=("lytic", "mixed", "blastic"),
        alignment=("subluxation_translation", "new_deformity", "normal"),
        posterolateral_involvement=("bilateral", "unilateral", "none"),
    )
    assert len(rows) == 1296
    assert counts(rows) == (314, 847, 135)
    assert {row["total"] for row in rows} == set(range(19))


def tokuhashi_of(**primary: str) -> list[Row]:
    return totals(
        scores.tokuhashi,
        PROGNOSIS | primary,
        karnofsky=(40, 60, 90),
        n_extraspinal_bone_metastases=(4, 1, 0),
        visceral_metastases=("unresectable", "resectable", "none"),
        frankel=("A", "C", "E"),
        n_vertebral_metastases=(3, 2, 1),
    )


@pytest.mark.parametrize(
    ("primary", "printed", "with_vertebrae"),
    [
        ({"histology": "adenocarcinoma"}, (0, 8), (0, 10)),
        ({"histology": "typical_carcinoid"}, (5, 13), (5, 15)),
        ({"primary_site": "breast"}, (5, 13), (5, 15)),
    ],
)
def test_the_range_of_tokuhashi(
    primary: dict[str, str], printed: tuple[int, int], with_vertebrae: tuple[int, int]
) -> None:
    rows = tokuhashi_of(**primary)
    assert (min(r["printed_total"] for r in rows), max(r["printed_total"] for r in rows)) == printed
    assert (min(r["total"] for r in rows), max(r["total"] for r in rows)) == with_vertebrae


def test_the_81_printed_profiles_of_a_bronchial_carcinoid() -> None:
    bands = prognosis.TOKUHASHI_BANDS
    printed = [row["printed_total"] for row in tokuhashi_of(histology="typical_carcinoid")]
    found = [sum(first <= total <= last for total in printed) // 3 for first, last in bands.values()]
    assert found == [31, 45, 5]


def test_few_lung_profiles_leave_the_lowest_band_of_tokuhashi() -> None:
    assert counts(tokuhashi_of(histology="adenocarcinoma")) == (243 - 6, 6)


def test_the_18_profiles_of_tomita() -> None:
    options: dict[str, Any] = {
        "visceral_metastases": ("none", "resectable", "unresectable"),
        "n_bone_metastases": (1, 2),
    }
    rows = totals(scores.tomita, PROGNOSIS, tomita_growth=("slow", "moderate", "rapid"), **options)
    assert len(rows) == 18
    assert {row["total"] for row in rows} == set(range(2, 11))
    lung = totals(scores.tomita, PROGNOSIS | {"histology": "nsclc_nos"}, **options)
    assert sorted(row["total"] for row in lung) == [5, 6, 7, 8, 9, 10]
    assert counts(lung) == (1, 2, 3)
