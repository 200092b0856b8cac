"""The vectorised classifications against the plain ones: on random registries, on all cases, and on every combination of cells."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from typing import Any

import polars as pl
import pytest

from scoring.context import Context
from scoring.registry import HOLES_SCHEMA, Registry
from scoring.scores import CLASSIFICATIONS
from tests.cases_loader import registry as registry_of
from tests.classification_cases import all_patients, patient
from tests.random_registry import frames_of, random_holes, random_registry
from tests.reference.classes import CLASSES
from tests.reference.classes_by_id import CLASSES as TREATMENT
from tests.reference.patient import split_by_patient

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def disagreements(registry: Registry) -> str:
    """One line per classification and column that differ: how often, one row, and both values."""
    tables = {name: frame.to_dicts() for name, frame in registry.tables.items()}
    context, holes = Context(registry), registry.holes.select("patient_id", "table").rows()
    people = split_by_patient(tables, registry.coverage.to_dicts(), holes)
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for name, classify in CLASSES.items():
        keys = CLASSIFICATIONS[name].keys
        found = {tuple(row[key] for key in keys): row for row in CLASSIFICATIONS[name].publish(context).to_dicts()}
        plain = {tuple(row[key] for key in keys): row for patient in people for row in classify(patient)}
        assert found.keys() == plain.keys(), f"{name}: the two classify other rows"
        for key, row in plain.items():
            assert found[key].keys() == row.keys(), f"{name}: the two have other columns"
            for column, value in row.items():
                if found[key][column] != value:
                    counts[name, column] += 1
                    examples[name, column] = f"{key}: plain {value}, vectorised {found[key][column]}"
    return "\n".join(
        f"{name}.{column} {n} times, as in {examples[name, column]}" for (name, column), n in counts.items()
    )


def test_both_know_the_same_classifications() -> None:
    assert CLASSES.keys() | TREATMENT.keys() == CLASSIFICATIONS.keys()
    assert not CLASSES.keys() & TREATMENT.keys()


def sharpened(seed: int, tables: Tables) -> Tables:
    """Values at the limits that only classifications have, and events of patients without a bone lesion."""
    draw = random.Random(seed)
    for row in tables["patients"]:
        birth = date(1953, 1, 1) + timedelta(days=draw.randrange(1200))
        cut = draw.choice((birth, birth, birth.replace(day=1), birth.replace(month=1, day=1), date(1952, 2, 29), None))
        row["birth_date"] = cut
    for row in tables["primary_tumours"]:
        row["size_mm"] = draw.choice((None, 5.0, 19.9, 20.0, 20.1, 60.0))
    with_lesion = {row["patient_id"] for row in tables["bone_lesions"]}
    for row in tables["radiotherapy_courses"]:
        if row["lesion_id"] is None and row["linked_procedure_id"] is None and draw.random() < 0.3:
            row["patient_id"] = draw.choice([p["patient_id"] for p in tables["patients"]])
    for row in tables["patients"]:
        if row["patient_id"] not in with_lesion and tables["radiotherapy_courses"]:
            course = dict(draw.choice(tables["radiotherapy_courses"]))
            own = {"patient_id": row["patient_id"], "lesion_id": None, "linked_procedure_id": None}
            tables["radiotherapy_courses"].append(course | own | {"course_id": f"X{row['patient_id']}"})
    return tables


@pytest.mark.parametrize(
    ("seeds", "patients"),
    [
        pytest.param(range(300, 320), 300, id="fast"),
        pytest.param(range(400, 460), 1_000, id="slow", marks=pytest.mark.slow),
    ],
)
def test_random_registries(seeds: range, patients: int) -> None:
    for seed in seeds:
        tables, coverage = random_registry(seed, patients, centres=4)
        lost = pl.DataFrame(random_holes(seed, tables), schema=HOLES_SCHEMA, orient="row")
        registry = Registry(*frames_of(sharpened(seed, tables), coverage), lost)
        assert disagreements(registry) == "", f"seed {seed}"


def test_the_cases() -> None:
    assert disagreements(all_patients()) == ""


# Every combination of the cells of a row

BOOL = (None, True, False)
LYSIS = (None, "increased", "stable", "decreased")
FINDING: dict[str, tuple[Any, ...]] = {
    "finding.lysis_change": LYSIS,
    "finding.soft_tissue_change": (*LYSIS, "absent"),
    "finding.new_sclerosis": (None, "none", "on_lytic_area", "on_normal_bone"),
    "finding.new_focus": BOOL,
}
NUCLEAR: dict[str, tuple[Any, ...]] = {
    "exam.modality": ("fdg_pet_ct", "bone_scintigraphy"),
    "finding.initially_lytic": BOOL,
    "finding.uptake_change": LYSIS,
    "finding.new_focus": BOOL,
    "line.day": (-184, -183, 1),
    "line.effective": BOOL,
    "line.class": ("chemotherapy", "immunotherapy", "combination"),
    "coverage": ({}, {"systemic_therapy_lines": "not complete"}),
}
EVENTS: dict[str, tuple[Any, ...]] = {
    "course.intent": (None, "analgesic", "decompressive", "postoperative", "ablative", "preventive"),
    "course.linked_procedure_id": (None, "operation"),
    "operation.category": (
        "orthopaedic_surgery",
        "spinal_surgery",
        "interventional_radiology",
        "biopsy",
        "embolisation",
    ),
    "operation.technique": (None, "percutaneous_nail", "cementoplasty"),
    "course.day": (0, 22),
}
STATES: dict[str, tuple[Any, ...]] = {
    "lesion.bone": ("vertebra", "femur"),
    "assessment.fracture_status": (None, "none", "impending", "pathological_fracture"),
    "assessment.fracture_date": (None, -3),
    "spine.collapse_percent": (None, 0.0, 0.5),
    "spine.cord_compression": (None, "none", "radiological", "symptomatic"),
    "spine.compression_date": (None, -2),
    "later_spine.cord_compression": (None, "none", "radiological"),
}
FACTORS: dict[str, tuple[Any, ...]] = {
    "spine.frankel": (None, "A", "C", "D", "D2", "E"),
    "spine.motor_deficit_onset_date": (None, -15, -14, 1),
    "spine.extravertebral_extension": BOOL,
    "state.asa_class": (None, 1, 2, 3),
    "state.early_discovery": BOOL,
    "patient.birth_date": (None, date(1954, 1, 1), date(1960, 5, 5)),
}
SCORES: dict[str, tuple[Any, ...]] = {
    "tumour.histology": (None, "adenocarcinoma", "typical_carcinoid"),
    "state.karnofsky": (None, 40, 60, 90),
    "state.n_extraspinal_bone_metastases": (None, 4, 1, 0),
    "state.visceral_metastases": (None, "unresectable", "present_not_assessed", "resectable", "none"),
    "state.n_vertebral_metastases": (None, 3, 2, 1),
    "state.n_bone_metastases": (None, 1, 2),
    "spine.frankel": ("A", "E"),
}
RISKS: dict[str, tuple[Any, ...]] = {
    "patient.sex": (None, "male", "female"),
    "tumour.size_mm": (None, 19.9, 20.0, 20.1),
    "tumour.n_stage": (None, "N0", "N1", "N2", "N3", "NX"),
    "tumour.egfr_status": (None, "mutated", "wild_type", "not_tested"),
    "state.n_metastatic_sites": (None, 0, 5),
}
LIFE: dict[str, tuple[Any, ...]] = {
    "state.life_expectancy_days": (1, 41, 42, 43, 90, 91, 92, 182, 183, 184, 364, 365, 366, 7300),
    "state.life_expectancy_method": (None, "clinician", "tokuhashi", "other_score", "mdt"),
}
BASES: dict[str, dict[str, Row]] = {
    "ct_lesion_response": {"exam": {"modality": "ct"}},
    "flare": {"line": {}},
    "skeletal_events": {},
    "skeletal_morbidity": {"later_spine": {"day": 30}},
    "functional_prognosis": {"lesion": {"bone": "vertebra"}},
    "risk_factors": {"tumour": {"day": 0}},
}


def combinations(name: str, cells: dict[str, tuple[Any, ...]], base: dict[str, Row]) -> Registry:
    """A patient for every combination of the values of the cells ("row.column", or "coverage")."""
    made = []
    for number, values in enumerate(product(*cells.values())):
        changes: Row = {}
        for cell, value in zip(cells, values, strict=True):
            row, _, column = cell.partition(".")
            changes.setdefault(row, {}).update({column: value} if column else value)
        made.append(patient(name, number, "", changes, base))
    return registry_of(tuple(made))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("ct_lesion_response", FINDING),
        ("flare", NUCLEAR),
        ("skeletal_events", EVENTS),
        ("skeletal_morbidity", STATES),
        ("risk_factors", RISKS),
        ("life_expectancy", LIFE),
        ("functional_prognosis", FACTORS),
        ("functional_prognosis", SCORES),
    ],
)
def test_every_combination(name: str, cells: dict[str, tuple[Any, ...]]) -> None:
    """Both agree, and a row has one value: a word that is declared, or null."""
    registry = combinations(name, cells, BASES.get(name, {}))
    assert disagreements(registry) == ""
    frame = CLASSIFICATIONS[name].publish(Context(registry))
    if name != "skeletal_events":
        assert frame.height == frame["patient_id"].n_unique() == registry["patients"].height


def test_pairs_of_lesions_on_ct() -> None:
    """The lesion that settles an examination, what is not recorded included."""
    draw, profiles = random.Random(1), list(product(*FINDING.values()))
    columns = [cell.partition(".")[2] for cell in FINDING]
    pure = [("stable", "absent", sclerosis, False) for sclerosis in ("none", "on_normal_bone", "on_lytic_area")]
    pairs = list(product([*pure, *draw.sample(profiles, 37)], [*pure, *draw.sample(profiles, 37)]))
    base = {"exam": {"modality": "ct"}, "other_lesion": {}}
    made = (
        patient("ct_response", number, "", _pair(columns, one, other), base)
        for number, (one, other) in enumerate(pairs)
    )
    registry = registry_of(tuple(made))
    assert disagreements(registry) == ""
    words = CLASSIFICATIONS["ct_response"].publish(Context(registry))["response"]
    assert words.len() == len(pairs)
    assert words.n_unique() == 6


def _pair(columns: list[str], one: Iterable[Any], other: Iterable[Any]) -> Row:
    both = {"finding": dict(zip(columns, one, strict=True)), "other_finding": dict(zip(columns, other, strict=True))}
    both["other_finding"]["lesion_id"] = "other_lesion"
    return both
