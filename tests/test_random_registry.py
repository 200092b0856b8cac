"""The random registries keep the contract, and nothing but the contract."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from tests import random_registry as made
from tests.random_registry import frames_of, random_registry
from validation.contract import TABLES, Column

Rows = list[dict[str, Any]]


@cache
def registry() -> tuple[dict[str, Rows], Rows]:
    return random_registry(11, 2000, centres=4)


def fits(column: Column, value: Any) -> bool:
    if value is None:
        return not column.required
    if column.tokens is not None:
        return set(value if column.kind == "set" else [value]) <= set(column.tokens)
    return column.low is None or column.high is None or column.low <= value <= column.high


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_keeps_the_contract(name: str) -> None:
    rows = registry()[0][name]
    assert rows
    for column in TABLES[name].columns:
        wrong = [row[column.name] for row in rows if not fits(column, row[column.name])]
        assert wrong == [], column.name
    assert {frozenset(row) for row in rows} == {frozenset(TABLES[name].schema)}


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique_and_references_hold_within_the_patient(name: str) -> None:
    tables = registry()[0]
    table, rows = TABLES[name], tables[name]
    keys = [tuple(row[column] for column in table.key) for row in rows]
    assert not table.key or len(set(keys)) == len(keys)
    for column in table.columns:
        if column.parent is None:
            continue
        parent, key = column.parent
        owners = {row[key]: row.get("patient_id") for row in tables[parent]}
        for row in rows:
            if row[column.name] is not None:
                assert row[column.name] in owners
                assert parent == "centres" or owners[row[column.name]] == row["patient_id"]


@pytest.mark.parametrize("name", [name for name in TABLES if name != "centres"])
def test_every_token_occurs_and_optional_cells_may_be_empty(name: str) -> None:
    rows = registry()[0][name]
    for column in TABLES[name].columns:
        values = [row[column.name] for row in rows]
        if column.tokens is not None and column.kind == "enum":
            assert set(values) - {None} == set(column.tokens), column.name
        if column.kind == "set":
            assert None in values
            assert [] in values
        if not column.required and column.name != "vertebral_level":
            assert 0 < sum(value is None for value in values) < len(rows), column.name


def test_centres_differ_in_what_they_supply() -> None:
    tables, coverage = registry()
    centre_of = {row["patient_id"]: row["centre_id"] for row in tables["patients"]}
    declared = {(row["centre_id"], row["table"]): row for row in coverage}
    assert len(declared) == len(coverage) == 4 * len(TABLES)
    for limit in ("supplied", "complete"):
        assert {row[limit] for row in coverage} == {True, False}
    for day in ("from", "to", "extraction_date"):
        assert {row[day] is None for row in coverage} == {True, False}
    for name, rows in tables.items():
        for row in rows if name != "centres" else ():
            assert declared[centre_of[row["patient_id"]], name]["supplied"]


def test_a_seed_gives_the_same_frames_in_the_dtypes_of_the_contract() -> None:
    tables, coverage = frames_of(*random_registry(3, 40))
    again, coverage_again = frames_of(*random_registry(3, 40))
    assert coverage.equals(coverage_again)
    for name, table in TABLES.items():
        assert tables[name].equals(again[name])
        assert tables[name].schema == pl.Schema(table.schema)


def test_a_situation_more_leaves_the_patients_alone_to_whom_it_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_patients(tables: dict[str, Rows]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
        found: dict[str, list[tuple[str, dict[str, Any]]]] = {row["patient_id"]: [] for row in tables["patients"]}
        for name, rows in tables.items():
            for row in rows if name != "centres" else ():
                found[row["patient_id"]].append((name, row))
        return found

    reached = set()

    def another(maker: made.Maker) -> None:
        reached.add(maker.patient_id)
        maker.known_days.clear()
        maker.lesions.clear()
        maker.dose(date(2023, 1, 1), "denosumab")

    first, *others = made.ALL_SITUATIONS
    before, coverage = random_registry(4, 300)
    monkeypatch.setattr(made, "ALL_SITUATIONS", (first, another, *others))
    after, coverage_after = random_registry(4, 300)
    assert coverage == coverage_after
    was, now = of_patients(before), of_patients(after)
    assert 0 < len(reached) < 30
    assert {patient: rows for patient, rows in was.items() if patient not in reached} == {
        patient: rows for patient, rows in now.items() if patient not in reached
    }
    # And to those it comes to, it adds its rows and changes no other.
    for patient in reached:
        assert [row for row in was[patient] if row not in now[patient]] == []
        assert {name for name, row in now[patient] if (name, row) not in was[patient]} <= {"drug_administrations"}
