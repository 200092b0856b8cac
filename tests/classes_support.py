"""Classifications on a few patients written down by hand, and both implementations side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import polars as pl

from scoring.context import Context
from scoring.registry import HOLES_SCHEMA, Registry
from scoring.scores import CLASSIFICATIONS
from tests.cases_loader import DAY_0, EVERY_PATIENT, Case, Expected, kind_of, registry
from tests.random_registry import frames_of
from tests.reference.classes_by_id import CLASSES
from tests.reference.patient import split_by_patient

Row = dict[str, Any]
Rows = dict[str, Row]
Key = tuple[str, ...]


def patients(base: Rows, cases: Iterable[Row]) -> Registry:
    """One patient per case: the rows of `base` with the cells that the case changes; "absent" leaves a row out.

    Names of rows and days are those of tests/cases_loader; `coverage` says what the centre supplied.
    """
    return registry(tuple(_case(str(number), base, changes) for number, changes in enumerate(cases)))


def _case(patient: str, base: Rows, changes: Row) -> Case:
    coverage = changes.get("coverage", {})
    rows = EVERY_PATIENT | base
    for name, cells in changes.items():
        if name != "coverage":
            rows = rows | {name: cells if cells == "absent" else rows.get(name, {}) | cells}
    kept = {
        name: cells
        for name, cells in rows.items()
        if cells != "absent" and coverage.get(kind_of(name)) != "not supplied"
    }
    return Case("", "", patient, "", DAY_0, kept, coverage, Expected("", None, frozenset()))


def publish(name: str, made: Registry) -> pl.DataFrame:
    """The classification, checked against its declaration."""
    declared = CLASSIFICATIONS[name]
    frame = declared.publish(Context(made))
    assert not frame.select(declared.keys).is_duplicated().any(), f"{name}: two rows for one thing"
    assert frame.select(declared.keys).null_count().transpose().to_series().sum() == 0
    for column in declared.columns:
        if column.words is not None:
            tokens = set(frame[column.name].str.split("|").explode())
            assert tokens <= {*column.words, ""}, f"{name}.{column.name}: {tokens - set(column.words)} have no words"
            assert column.kind == "tokens" or "" not in tokens
    return frame


def answers(name: str, base: Rows, cases: Iterable[Row]) -> list[Row | None]:
    """The row of each case, None where there is none; a patient with two rows is an error."""
    cases = list(cases)
    rows: dict[str, Row] = {}
    for row in publish(name, patients(base, cases)).to_dicts():
        assert row["patient_id"] not in rows, f"{name}: a patient with two rows"
        rows[row["patient_id"]] = row
    return [rows.get(str(number)) for number in range(len(cases))]


def check(name: str, base: Rows, cases: list[tuple[str, Row, Row | None]]) -> None:
    """Each case (name, what differs, what is expected of the columns named; None: no row)."""
    found = answers(name, base, [changes for _, changes, _ in cases])
    wrong = []
    for (words, _, expected), row in zip(cases, found, strict=True):
        seen = None if row is None or expected is None else {column: row[column] for column in expected}
        if seen != expected or (row is None) != (expected is None):
            wrong.append(f"{words}: expected {expected}, found {seen or row}")
    assert not wrong, "\n".join(wrong)


def plain(name: str, made: tuple[dict[str, list[Row]], list[Row]], holes: list[tuple[str, str]]) -> dict[Key, Row]:
    """The rows of the plain reference by key."""
    keys = CLASSIFICATIONS[name].keys
    found: dict[Key, Row] = {}
    for patient in split_by_patient(*made, holes):
        for row in CLASSES[name](patient):
            row = {"patient_id": patient.id} | row
            key = tuple(row[column] for column in keys)
            assert key not in found
            found[key] = row
    return found


def disagreements(made: tuple[dict[str, list[Row]], list[Row]], holes: list[tuple[str, str]]) -> str:
    """One line per classification and column that differ: how often, and one row with both values."""
    frames = Registry(*frames_of(*made), pl.DataFrame(holes, schema=HOLES_SCHEMA, orient="row"))
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for name in CLASSES:
        keys = CLASSIFICATIONS[name].keys
        found = {tuple(row[column] for column in keys): row for row in publish(name, frames).to_dicts()}
        expected = plain(name, made, holes)
        for key in expected.keys() | found.keys():
            one, other = expected.get(key, {}), found.get(key, {})
            for column in one.keys() | other.keys():
                if (column in one, one.get(column)) != (column in other, other.get(column)):
                    counts[name, column] += 1
                    examples[name, column] = f"{key}: plain {one.get(column)}, vectorised {other.get(column)}"
    return "\n".join(
        f"{name}.{column} {n} times, as in {examples[name, column]}" for (name, column), n in counts.items()
    )
