"""The plain scores against hand-counted cases and against the arithmetic of the printed tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.reference import scores

Row = dict[str, Any]

LONG_BONE: Row = {
    "bone": "femur",
    "segment": "diaphysis",
    "trochanteric_extension": None,
    "cortical_fraction": 0.5,
    "lesion_type": "mixed",
    "mirels_pain": "moderate",
    "fracture_status": "none",
}
NECK = {"segment": "neck"}


@pytest.mark.parametrize(
    ("change", "total", "low", "high", "band", "flags"),
    [
        ({}, 8, 8, 8, "mdt_discussion", ""),
        ({"bone": "humerus", "segment": None}, 7, 7, 7, "radiotherapy", ""),
        ({"bone": "tibia", "segment": None}, 8, 8, 8, "mdt_discussion", ""),
        ({"segment": "trochanteric"}, 9, 9, 9, "prophylactic_surgery", ""),
        ({"segment": "subtrochanteric"}, 9, 9, 9, "prophylactic_surgery", "subtrochanteric"),
        (NECK, 8, 8, 8, "mdt_discussion", "femoral_neck"),
        (NECK | {"trochanteric_extension": False}, 8, 8, 8, "mdt_discussion", "femoral_neck"),
        (NECK | {"trochanteric_extension": True}, 8, 8, 9, None, "femoral_neck neck_extension"),
        ({"segment": None}, None, 8, 9, None, ""),
        ({"segment": "proximal_end"}, None, 8, 9, None, ""),
        ({"cortical_fraction": 0.0}, 7, 7, 7, "radiotherapy", ""),
        ({"cortical_fraction": 1 / 3}, 8, 8, 8, "mdt_discussion", ""),
        ({"cortical_fraction": 1 / 3 - 9e-7}, 8, 8, 8, "mdt_discussion", ""),
        ({"cortical_fraction": 0.3333}, 7, 7, 7, "radiotherapy", "cortical_near_third"),
        ({"cortical_fraction": 0.338}, 8, 8, 8, "mdt_discussion", "cortical_near_third"),
        ({"cortical_fraction": 0.34}, 8, 8, 8, "mdt_discussion", ""),
        ({"cortical_fraction": 2 / 3 + 9e-7}, 8, 8, 8, "mdt_discussion", ""),
        ({"cortical_fraction": 0.6667}, 9, 9, 9, "prophylactic_surgery", "cortical_near_third"),
        ({"cortical_fraction": None}, None, 7, 9, None, ""),
        ({"lesion_type": "blastic"}, 7, 7, 7, "radiotherapy", ""),
        ({"lesion_type": None, "segment": "trochanteric"}, None, 8, 10, None, ""),
        ({"mirels_pain": "none"}, 7, 7, 7, "radiotherapy", "pain_absent"),
        ({"mirels_pain": "mild"}, 7, 7, 7, "radiotherapy", ""),
        ({"mirels_pain": "functional"}, 9, 9, 9, "prophylactic_surgery", ""),
        ({"mirels_pain": None, "bone": "ulna", "lesion_type": "blastic"}, None, 5, 7, "radiotherapy", ""),
        ({"bone": "pelvis"}, None, None, None, None, "no_site_class"),
        ({"fracture_status": "pathological_fracture"}, None, None, None, None, "fractured"),
        ({"fracture_status": None}, 8, 8, 8, "mdt_discussion", ""),
    ],
)
def test_mirels(change: Row, total: int, low: int, high: int, band: str, flags: str) -> None:
    check(scores.mirels(LONG_BONE | change), total, low, high, band, flags)


COMPRESSION: Row = {
    "primary_site": "lung",
    "histology": "adenocarcinoma",
    "diagnosis_date": date(2022, 11, 30),
    "compression_date": date(2023, 2, 1),
    "visceral_metastases": "none",
    "ambulation": "aided",
    "frankel": None,
    "motor_deficit": True,
    "motor_deficit_onset_date": date(2023, 1, 24),
    "anchor": date(2023, 2, 1),
}


def onset(day: int, month: int = 1) -> Row:
    return {"motor_deficit_onset_date": date(2023, month, day)}


@pytest.mark.parametrize(
    ("change", "total", "low", "high", "band", "flags"),
    [
        ({}, 35, 35, 35, "II", ""),
        ({"histology": "sclc"}, 36, 36, 36, "II", ""),
        ({"histology": "typical_carcinoid"}, 36, 36, 36, "II", ""),
        ({"histology": "lcnec"}, 35, 35, 35, "II", "lcnec"),
        ({"histology": "other"}, None, 35, 36, "II", ""),
        ({"histology": None}, None, 35, 36, "II", ""),
        ({"primary_site": "breast"}, 38, 38, 38, "III", ""),
        ({"primary_site": "prostate"}, 37, 37, 37, "II", ""),
        ({"primary_site": "myeloma_lymphoma"}, 39, 39, 39, "III", ""),
        ({"primary_site": "unknown_primary"}, 35, 35, 35, "II", ""),
        ({"primary_site": "kidney"}, 36, 36, 36, "II", ""),
        ({"primary_site": None, "diagnosis_date": None}, None, 35, 41, None, ""),
        ({"compression_date": date(2024, 2, 28)}, 35, 35, 35, "II", ""),
        ({"compression_date": date(2024, 2, 29)}, 35, 35, 35, "II", "exactly_15_months"),
        ({"compression_date": date(2024, 3, 1)}, 37, 37, 37, "II", ""),
        ({"visceral_metastases": "resectable"}, 32, 32, 32, "II", ""),
        ({"visceral_metastases": "present_not_assessed"}, 32, 32, 32, "II", ""),
        ({"visceral_metastases": None}, None, 32, 35, "II", ""),
        ({"ambulation": "unaided"}, 36, 36, 36, "II", ""),
        ({"ambulation": "non_ambulatory"}, 29, 29, 29, "II", ""),
        ({"ambulation": "paraplegic"}, 27, 27, 27, "I", ""),
        ({"ambulation": None}, None, 27, 36, None, ""),
        ({"ambulation": None, "frankel": "B"}, 27, 27, 27, "I", ""),
        ({"ambulation": None, "frankel": "C"}, 29, 29, 29, "II", ""),
        ({"ambulation": None, "frankel": "D"}, None, 35, 36, "II", ""),
        ({"ambulation": None, "frankel": "D2"}, 35, 35, 35, "II", ""),
        ({"ambulation": None, "frankel": "D3"}, 36, 36, 36, "II", ""),
        ({"frankel": "D"}, 35, 35, 35, "II", ""),
        ({"frankel": "D3"}, 35, 35, 35, "II", "motor_conflict"),
        (onset(1, 2), 32, 32, 32, "II", "deficit_same_day"),
        (onset(31), 32, 32, 32, "II", ""),
        (onset(25), 32, 32, 32, "II", ""),
        (onset(18), 35, 35, 35, "II", ""),
        (onset(17), 37, 37, 37, "II", ""),
        (onset(2, 2), None, 32, 37, "II", "onset_after_anchor"),
        ({"motor_deficit_onset_date": None}, None, 32, 37, "II", ""),
        ({"motor_deficit": False}, None, 32, 37, "II", "no_motor_deficit"),
        ({"motor_deficit": None}, 35, 35, 35, "II", ""),
    ],
)
def test_rades(change: Row, total: int, low: int, high: int, band: str, flags: str) -> None:
    check(scores.rades(COMPRESSION | change), total, low, high, band, flags)


VERTEBRA: Row = {
    "vertebral_level": "T5",
    "sins_pain": "occasional_non_mechanical",
    "lesion_type": "mixed",
    "alignment": "normal",
    "collapse_percent": 10.0,
    "body_involvement_percent": None,
    "posterolateral_involvement": "unilateral",
}
WHOLE = {"collapse_percent": 0.0}


@pytest.mark.parametrize(
    ("change", "total", "low", "high", "band", "flags"),
    [
        ({}, 6, 6, 6, "stable", ""),
        ({"vertebral_level": "S2"}, 5, 5, 5, "stable", ""),
        ({"vertebral_level": "coccyx"}, 5, 5, 5, "stable", "coccyx"),
        ({"vertebral_level": "C3"}, 7, 7, 7, "potentially_unstable", ""),
        ({"vertebral_level": "L4"}, 7, 7, 7, "potentially_unstable", ""),
        ({"vertebral_level": "C7"}, 8, 8, 8, "potentially_unstable", ""),
        ({"vertebral_level": "occiput"}, 8, 8, 8, "potentially_unstable", "occiput"),
        ({"vertebral_level": None}, None, 5, 8, None, ""),
        ({"sins_pain": "mechanical"}, 8, 8, 8, "potentially_unstable", ""),
        ({"sins_pain": None}, None, 5, 8, None, ""),
        ({"lesion_type": "blastic"}, 5, 5, 5, "stable", ""),
        ({"alignment": "subluxation_translation"}, 10, 10, 10, "potentially_unstable", ""),
        ({"alignment": None}, None, 6, 10, None, ""),
        ({"collapse_percent": 49.9}, 6, 6, 6, "stable", ""),
        ({"collapse_percent": 50.0}, 6, 6, 7, None, "collapse_exactly_50"),
        ({"collapse_percent": 50.1}, 7, 7, 7, "potentially_unstable", ""),
        (WHOLE, None, 4, 5, "stable", ""),
        (WHOLE | {"body_involvement_percent": 49.0}, 4, 4, 4, "stable", ""),
        (WHOLE | {"body_involvement_percent": 50.0}, 4, 4, 4, "stable", "body_exactly_50"),
        (WHOLE | {"body_involvement_percent": 51.0}, 5, 5, 5, "stable", ""),
        ({"collapse_percent": None}, None, 4, 7, None, ""),
        ({"collapse_percent": None, "body_involvement_percent": 50.0}, None, 4, 7, None, ""),
        ({"collapse_percent": None, "body_involvement_percent": 51.0}, None, 5, 7, None, ""),
        ({"posterolateral_involvement": None, "collapse_percent": 60.0}, None, 6, 9, None, ""),
    ],
)
def test_sins(change: Row, total: int, low: int, high: int, band: str, flags: str) -> None:
    check(scores.sins(VERTEBRA | change), total, low, high, band, flags)


@pytest.mark.parametrize(
    ("grade", "ambulation", "total", "low", "high", "band", "flags"),
    [
        ("A", None, 0, 0, 0, "complete", ""),
        ("B", "unaided", 1, 1, 1, "complete", ""),
        ("C", None, 2, 2, 2, "incomplete", ""),
        ("D", None, None, 3, 5, "incomplete", "d_unspecified"),
        ("D1", None, 3, 3, 3, "incomplete", ""),
        ("D3", None, 5, 5, 5, "incomplete", ""),
        ("E", None, 6, 6, 6, "none", ""),
        (None, "paraplegic", None, 0, 1, "complete", ""),
        (None, "non_ambulatory", None, 2, 2, "incomplete", ""),
        (None, "aided", None, 3, 4, "incomplete", ""),
        (None, "unaided", None, 5, 6, None, ""),
        (None, None, None, 0, 6, None, ""),
    ],
)
def test_frankel(grade: str, ambulation: str, total: int, low: int, high: int, band: str, flags: str) -> None:
    check(scores.frankel({"frankel": grade, "ambulation": ambulation}), total, low, high, band, flags)


PROGNOSIS: Row = {
    "karnofsky": 70,
    "n_extraspinal_bone_metastases": 2,
    "visceral_metastases": "none",
    "primary_site": "lung",
    "histology": "atypical_carcinoid",
    "frankel": None,
    "ambulation": None,
    "motor_deficit": None,
    "n_vertebral_metastases": 3,
    "tomita_growth": None,
    "n_bone_metastases": 2,
}
NO_DEFICIT = {"frankel": "E"}


@pytest.mark.parametrize(
    ("change", "total", "low", "high", "band", "printed", "flags"),
    [
        (NO_DEFICIT, 11, 11, 11, "9-11", (11, 11, 11), ""),
        (NO_DEFICIT | {"n_vertebral_metastases": 2}, 12, 12, 12, "12-15", (11, 11, 11), "bands_differ"),
        (NO_DEFICIT | {"n_vertebral_metastases": 1}, 13, 13, 13, "12-15", (11, 11, 11), "bands_differ"),
        (NO_DEFICIT | {"n_vertebral_metastases": 0}, None, 11, 13, None, (11, 11, 11), "no_vertebra_counted"),
        (NO_DEFICIT | {"n_vertebral_metastases": None}, None, 11, 13, None, (11, 11, 11), ""),
        (NO_DEFICIT | {"karnofsky": 40}, 10, 10, 10, "9-11", (10, 10, 10), ""),
        (NO_DEFICIT | {"karnofsky": 80}, 12, 12, 12, "12-15", (12, 12, 12), ""),
        (NO_DEFICIT | {"karnofsky": None}, None, 10, 12, None, (None, 10, 12), ""),
        (NO_DEFICIT | {"n_extraspinal_bone_metastases": 0}, 12, 12, 12, "12-15", (12, 12, 12), ""),
        (NO_DEFICIT | {"n_extraspinal_bone_metastases": 3}, 10, 10, 10, "9-11", (10, 10, 10), "extraspinal_exactly_3"),
        (NO_DEFICIT | {"n_extraspinal_bone_metastases": 4}, 10, 10, 10, "9-11", (10, 10, 10), ""),
        (NO_DEFICIT | {"visceral_metastases": "unresectable"}, 9, 9, 9, "9-11", (9, 9, 9), ""),
        (NO_DEFICIT | {"visceral_metastases": "present_not_assessed"}, None, 9, 10, "9-11", (None, 9, 10), ""),
        (NO_DEFICIT | {"histology": None}, None, 6, 11, None, (None, 6, 11), ""),
        (NO_DEFICIT | {"histology": "other"}, 6, 6, 6, "0-8", (6, 6, 6), ""),
        (NO_DEFICIT | {"primary_site": "rectum"}, 10, 10, 10, "9-11", (10, 10, 10), ""),
        (NO_DEFICIT | {"primary_site": "colon"}, 8, 8, 8, "0-8", (8, 8, 8), ""),
        ({"frankel": "B"}, 9, 9, 9, "9-11", (9, 9, 9), ""),
        ({"frankel": "D"}, 10, 10, 10, "9-11", (10, 10, 10), ""),
        ({"ambulation": "paraplegic"}, None, 9, 9, "9-11", (None, 9, 9), ""),
        ({"ambulation": "non_ambulatory"}, None, 9, 10, "9-11", (None, 9, 10), ""),
        ({"ambulation": "aided"}, None, 10, 10, "9-11", (None, 10, 10), ""),
        ({"ambulation": "unaided", "motor_deficit": True}, None, 10, 11, "9-11", (None, 10, 11), ""),
        ({"motor_deficit": True}, None, 9, 10, "9-11", (None, 9, 10), ""),
        ({"motor_deficit": False}, None, 10, 11, "9-11", (None, 10, 11), ""),
        ({}, None, 9, 11, "9-11", (None, 9, 11), ""),
    ],
)
def test_tokuhashi(
    change: Row, total: int, low: int, high: int, band: str, printed: tuple[int, int, int], flags: str
) -> None:
    score = scores.tokuhashi(PROGNOSIS | change)
    check(score, total, low, high, band, flags)
    assert tuple(score[f"printed_{end}"] for end in ("total", "min", "max")) == printed


@pytest.mark.parametrize(
    ("change", "total", "low", "high", "band", "flags"),
    [
        ({}, 3, 3, 3, "2-3", "carcinoid"),
        ({"histology": "sclc"}, 6, 6, 6, "6-7", ""),
        ({"histology": None}, None, 3, 6, None, ""),
        ({"tomita_growth": "moderate"}, 4, 4, 4, "4-5", ""),
        ({"primary_site": "kidney"}, 4, 4, 4, "4-5", ""),
        ({"primary_site": "colon"}, 6, 6, 6, "6-7", ""),
        ({"primary_site": "rectum"}, None, 3, 6, None, ""),
        ({"visceral_metastases": "resectable"}, 5, 5, 5, "4-5", "carcinoid"),
        ({"visceral_metastases": "present_not_assessed"}, None, 5, 7, None, "carcinoid"),
        ({"visceral_metastases": None}, None, 3, 7, None, "carcinoid"),
        ({"n_bone_metastases": 1}, 2, 2, 2, "2-3", "carcinoid"),
        ({"n_bone_metastases": 0}, None, 2, 3, "2-3", "carcinoid no_bone_metastasis_counted"),
        ({"n_bone_metastases": None}, None, 2, 3, "2-3", "carcinoid"),
    ],
)
def test_tomita(change: Row, total: int, low: int, high: int, band: str, flags: str) -> None:
    check(scores.tomita(PROGNOSIS | change), total, low, high, band, flags)


def test_missing_items_are_named_in_the_order_of_the_table() -> None:
    assert scores.sins(dict.fromkeys(VERTEBRA))["missing"] == [
        "location",
        "pain",
        "lesion",
        "alignment",
        "collapse",
        "posterolateral",
    ]


def check(score: Row, total: int | None, low: int | None, high: int | None, band: str | None, flags: str) -> None:
    found = (score["total"], score["total_min"], score["total_max"], score["band"], score["flags"])
    assert found == (total, low, high, band, set(flags.split()))
    missing = [name for name, points in score["points"].items() if points is None]
    assert score["missing"] == ([] if low is None else missing)
