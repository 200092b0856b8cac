"""The case tables of the classifications in tests/classifications, on the rows and days of tests/cases_loader.

A file is one classification: `base` and `like` as in tests/cases. A case is its name, what differs, and the rows that are
expected of its patient in the order of their keys, with the columns that matter: one row, or a list of them ([] for none).
"?" is null, dates are days. `parameters` names the parameters behind the cases.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from scoring.context import Context
from scoring.registry import Registry
from scoring.scores import CLASSIFICATIONS
from tests.cases_loader import DAY_0, EVERY_PATIENT, Case, _merged, kind_of, read_expected, registry

FOLDER = Path(__file__).parent / "classifications"
Row = dict[str, Any]


@dataclass(frozen=True)
class ClassCase:
    """A patient, and the rows that are expected of it."""

    case: Case
    expected: list[Row]


@cache
def files() -> dict[str, Row]:
    """Classification -> its file."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


def parameters() -> dict[str, float]:
    """The parameters behind all cases, with the values for which they were written."""
    return {name: value for file in files().values() for name, value in file.get("parameters", {}).items()}


def patient(name: str, number: int, words: str, changes: Row, base: Row) -> Case:
    """A patient with the rows of `base`, changed."""
    changes = dict(changes)
    coverage = changes.pop("coverage", {})
    rows = _merged(EVERY_PATIENT, base)
    for row, cells in changes.items():
        if cells == "absent":
            del rows[row]
        else:
            rows[row] = rows.get(row, {}) | cells
    rows = {row: cells for row, cells in rows.items() if coverage.get(kind_of(row)) != "not supplied"}
    return Case(name, words, f"{name}/{number}", "", DAY_0, rows, coverage, read_expected(""))


@cache
def cases() -> tuple[ClassCase, ...]:
    """The cases of all files."""
    found = []
    for name, file in files().items():
        for number, (words, changes, expected) in enumerate(file["cases"], start=1):
            if "like" in changes:
                changes = _merged(file["like"][changes["like"]], {k: v for k, v in changes.items() if k != "like"})
            case = patient(name, number, words, changes, file.get("base", {}))
            found.append(ClassCase(case, expected if isinstance(expected, list) else [expected]))
    return tuple(found)


@cache
def all_patients() -> Registry:
    """The patients of all cases."""
    return registry(tuple(one.case for one in cases()))


@cache
def published(name: str) -> dict[str, list[Row]]:
    """Patient -> the rows of a classification, in the order of their keys."""
    rows: dict[str, list[Row]] = {}
    for row in CLASSIFICATIONS[name].publish(Context(all_patients())).to_dicts():
        rows.setdefault(row["patient_id"], []).append({column: _plain(value) for column, value in row.items()})
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return (value - DAY_0).days
    return "?" if value is None else value
