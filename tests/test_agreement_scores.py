"""The vectorised scores against the plain ones: on every complete combination of items, and on random rows."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import product
from typing import Any

import polars as pl
import pytest

from scoring.registry import Registry
from scoring.scores import score
from tests.random_registry import frames_of, random_registry
from tests.reference.scores import score_registry
from validation.contract import TABLES

Row = dict[str, Any]
DAY = date(2023, 6, 15)

MIRELS: dict[str, tuple[Any, ...]] = {
    "bone": ("humerus", "tibia", "femur"),
    "cortical_fraction": (0.1, 0.5, 0.9),
    "lesion_type": ("blastic", "mixed", "lytic"),
    "mirels_pain": ("mild", "moderate", "functional"),
}
SINS: dict[str, tuple[Any, ...]] = {
    "vertebral_level": ("C1", "C3", "T5", "S2"),
    "sins_pain": ("mechanical", "occasional_non_mechanical", "none"),
    "lesion_type": ("lytic", "mixed", "blastic"),
    "alignment": ("subluxation_translation", "new_deformity", "normal"),
    "collapse_percent": (60.0, 20.0, 0.0),
    "body_involvement_percent": (60.0, 20.0),
    "posterolateral_involvement": ("bilateral", "unilateral", "none"),
}
RADES: dict[str, tuple[Any, ...]] = {
    "primary_site": ("lung", "breast", "prostate", "myeloma_lymphoma", "kidney"),
    "diagnosis_date": (date(2023, 1, 1), date(2020, 1, 1)),
    "visceral_metastases": ("none", "resectable"),
    "ambulation": ("unaided", "aided", "non_ambulatory", "paraplegic"),
    "motor_deficit_onset_date": (date(2023, 6, 10), date(2023, 6, 5), date(2023, 5, 1)),
}
PROGNOSIS: dict[str, tuple[Any, ...]] = {
    "primary_site": ("lung", "liver", "colon", "kidney", "rectum", "breast"),
    "karnofsky": (40, 60, 90),
    "n_extraspinal_bone_metastases": (4, 1, 0),
    "visceral_metastases": ("unresectable", "resectable", "none"),
    "frankel": ("A", "D1", "E"),
    "n_vertebral_metastases": (3, 2, 1),
}
TOMITA: dict[str, tuple[Any, ...]] = {
    "tomita_growth": ("slow", "moderate", "rapid"),
    "visceral_metastases": ("none", "resectable", "unresectable"),
    "n_bone_metastases": (1, 2),
}
COMPLETE = [
    ("mirels", MIRELS, 81),
    ("sins", SINS, 1944),
    ("rades", RADES, 240),
    ("tokuhashi", PROGNOSIS, 1458),
    ("tomita", TOMITA, 18),
]
READ = (
    "patients",
    "primary_tumours",
    "bone_lesions",
    "lesion_assessments",
    "spinal_assessments",
    "clinical_assessments",
)
USUAL = {
    "primary_site": "lung",
    "histology": "adenocarcinoma",
    "diagnosis_date": DAY,
    "bone": "vertebra",
    "segment": "trochanteric",
    "cord_compression": "symptomatic",
    "motor_deficit": True,
}


def one_patient(number: int, cells: Row) -> dict[str, Row]:
    """One patient with one row in each table that the scores read; every other cell is empty."""
    name = str(number)
    keys = dict.fromkeys(("patient_id", "tumour_id", "lesion_id", "assessment_id"), name)
    row = USUAL | cells | keys | {"centre_id": "C", "date": DAY, "discovery_date": DAY}
    tables = (
        "patients",
        "primary_tumours",
        "bone_lesions",
        "lesion_assessments",
        "spinal_assessments",
        "clinical_assessments",
    )
    return {table: {column: row.get(column) for column in TABLES[table].schema} for table in tables}


def combinations(items: dict[str, tuple[Any, ...]]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for number, values in enumerate(product(*items.values())):
        for table, row in one_patient(number, dict(zip(items, values, strict=True))).items():
            tables[table].append(row)
    return tables


def published(name: str, frame: pl.DataFrame) -> dict[str, Row]:
    """The vectorised rows by assessment, flags and missing items as the plain ones have them."""
    rows = {row["assessment_id"]: row for row in frame.to_dicts()}
    assert len(rows) == frame.height, f"{name}: an assessment has two rows"
    for row in rows.values():
        row["flags"] = set(row["flags"].split("|")) - {""}
        row["missing"] = [item for item in row["missing"].split("|") if item]
    return rows


def plain(row: Row) -> Row:
    points = {f"{item}_points": value for item, value in row["points"].items()}
    return {name: value for name, value in row.items() if name != "points"} | points


def disagreements(tables: dict[str, list[Row]], coverage: list[Row]) -> str:
    """One line per score and column that differ: how often, one assessment, and both values."""
    frames = score(Registry(*frames_of(tables, coverage)))
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for name, rows in score_registry(tables).items():
        vectorised = published(name, frames[name])
        expected = {row["assessment_id"]: plain(row) for row in rows}
        assert vectorised.keys() == expected.keys(), f"{name}: the two score other assessments"
        for key, row in expected.items():
            assert vectorised[key].keys() == row.keys(), f"{name}: the two have other columns"
            for column, value in row.items():
                if vectorised[key][column] != value:
                    counts[name, column] += 1
                    examples[name, column] = f"{key}: plain {value}, vectorised {vectorised[key][column]}"
    return "\n".join(
        f"{name}.{column} {n} times, as in {examples[name, column]}" for (name, column), n in counts.items()
    )


@pytest.mark.parametrize(("name", "items", "number"), COMPLETE)
def test_complete_combinations(name: str, items: dict[str, tuple[Any, ...]], number: int) -> None:
    tables = combinations(items)
    rows = score_registry(tables)[name]
    assert len(rows) == number
    assert all(row["total"] is not None for row in rows)
    assert disagreements(tables, []) == ""


@pytest.mark.parametrize(
    "assessments", [pytest.param(5_000, id="fast"), pytest.param(100_000, id="slow", marks=pytest.mark.slow)]
)
def test_random_rows(assessments: int) -> None:
    seed, seen = 100, 0
    while seen < assessments:
        tables, coverage = random_registry(seed, 1_800)
        assert disagreements(tables, coverage) == "", f"seed {seed}"
        seen += len(tables["lesion_assessments"]) + len(tables["spinal_assessments"])
        seed += 1
