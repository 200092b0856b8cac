"""From the case tables in tests/cases to one registry that holds a patient for every case.

A file is one measure: `base` names the rows that every patient has, `cases` lists what differs and what is expected.
The name of a row ends in its kind (`lesion`, `other_lesion`; see KINDS); `judged` names the row that is judged, in the
file or in a case. Days count from day 0, which is the index date unless the case says otherwise. "?" is a cell that is not
recorded, "absent" a row that is left out. A case that names a row that the base does not have adds it. `coverage` says
what the centre supplied: "not supplied", "not complete", "from 10" (the table holds nothing older), "until 59" (data end
on that day), "undated" (complete, but nothing says until when).

What is expected is `status`, `status: reason` or `status: reason +flag`; a reason is compared where one is written, and
always where there must be none. "no decision" means that the measure does not apply. Where the text leaves the choice,
"reported: option" names the option taken. `never` lists, by reason, the outcomes that a clause of the measure cannot have:
"part number: outcomes" (tests/clauses.py).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from scoring.concordance import Judgement, judge
from scoring.context import MAIN_DATE
from scoring.core.recommendation import Status
from scoring.recommendations import RULES_BY_ID
from scoring.registry import COVERAGE_SCHEMA, Registry
from validation.contract import TABLES, Column

FOLDER = Path(__file__).parent / "cases"
DAY_0 = date(2024, 1, 1)
EXTRACTION = 2000
NO_DECISION = "no decision"
KINDS = {
    "patient": "patients",
    "tumour": "primary_tumours",
    "lesion": "bone_lesions",
    "assessment": "lesion_assessments",
    "spine": "spinal_assessments",
    "state": "clinical_assessments",
    "exam": "imaging_exams",
    "finding": "imaging_findings",
    "lab": "lab_results",
    "dose": "drug_administrations",
    "prescription": "drug_prescriptions",
    "care": "supportive_care",
    "course": "radiotherapy_courses",
    "operation": "procedures",
    "meeting": "mdt_meetings",
    "opinion": "consultations",
    "line": "systemic_therapy_lines",
    "screening": "trial_screenings",
    "deviation": "deviations",
}
DATED = MAIN_DATE | {
    "primary_tumours": "diagnosis_date",
    "drug_prescriptions": "start_date",
    "deviations": "date",
    "trial_screenings": "screened_date",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "primary_tumours": {"primary_site": "lung", "histology": "adenocarcinoma", "day": -100},
    "bone_lesions": {"bone": "femur"},
    "imaging_findings": {"exam_id": "exam"},
    "consultations": {"kind": "spine_surgery_opinion"},
    "deviations": {"reason": "patient_refusal"},
}
ON_THE_LESION = (
    "lesion_assessments", "spinal_assessments", "imaging_findings", "radiotherapy_courses", "procedures",
)  # fmt: skip
EVERY_PATIENT: dict[str, dict[str, Any]] = {"patient": {}, "tumour": {}, "lesion": {}}

Row = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a case expects; a reason of None is not compared."""

    status: str
    reason: str | None
    flags: frozenset[str]

    def __str__(self) -> str:
        return "".join(
            (self.status, f": {self.reason}" if self.reason else "", *(f" +{f}" for f in sorted(self.flags)))
        )

    def agrees_with(self, found: Expected) -> bool:
        same_reason = self.reason is None or self.reason == found.reason
        return self.status == found.status and same_reason and self.flags == found.flags


@dataclass(frozen=True)
class Case:
    """One patient."""

    rule: str
    name: str
    patient: str
    entity: str
    day_0: date
    rows: dict[str, Row]
    coverage: dict[str, str]
    expected: Expected


def read_expected(text: str) -> Expected:
    words, *flags = text.split(" +")
    status, _, reason = words.partition(": ")
    unnamed = None if status in ("not_assessable", NO_DECISION) else ""
    return Expected(status, reason or unnamed, frozenset(flags))


def kind_of(name: str) -> str:
    return KINDS[name.rpartition("_")[2]]


@cache
def tables() -> dict[str, dict[str, Any]]:
    """Rule id -> its file."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


@cache
def cases() -> tuple[Case, ...]:
    """The cases of all files."""
    return tuple(
        _case(rule, table, number, *line)
        for rule, table in tables().items()
        for number, line in enumerate(table["cases"], start=1)
    )


def _case(rule: str, table: dict[str, Any], number: int, name: str, changes: dict[str, Any], expected: str) -> Case:
    changes = _merged(table["like"][changes["like"]], changes) if "like" in changes else dict(changes)
    changes.pop("like", None)
    day_0 = changes.pop("day_0", table.get("day_0", DAY_0))
    judged = changes.pop("judged", table.get("judged"))
    coverage = changes.pop("coverage", {})
    rows = _merged(EVERY_PATIENT, table.get("base", {}))
    added = {"deviation": {"domain": RULES_BY_ID[rule].domain}} | table.get("more", {})
    for row, cells in changes.items():
        if cells == "absent":
            del rows[row]
        else:
            rows[row] = rows.get(row, added.get(row, {})) | cells
    rows = {row: cells for row, cells in rows.items() if coverage.get(kind_of(row)) != "not supplied"}
    patient = f"{rule}/{number}"
    entity = f"{patient}/{judged}" if judged else ""
    return Case(rule, name, patient, entity, day_0, rows, coverage, read_expected(expected))


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Rows by name; the cells of `above` win."""
    both = {row: below.get(row, {}) | cells for row, cells in above.items() if isinstance(cells, dict)}
    return below | above | both


def registry(chosen: tuple[Case, ...]) -> Registry:
    """The cases as patients; one centre per kind of coverage."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    coverage: dict[str, list[Row]] = {}
    for case in chosen:
        declared = _coverage(case)
        centre = str(sorted((case.coverage | {"day 0": str(case.day_0)}).items()))
        coverage[centre] = [{"centre_id": centre, **row} for row in declared]
        for name, cells in case.rows.items():
            rows[kind_of(name)] += [_row(case, centre, name, cells | {"day": day}) for day in _days(name, cells)]
    rows["centres"] = [{"centre_id": centre} for centre in coverage]
    frames = {table: pl.DataFrame(lines, schema=TABLES[table].schema) for table, lines in rows.items()}
    return Registry(frames, pl.DataFrame([row for lines in coverage.values() for row in lines], COVERAGE_SCHEMA))


def _days(name: str, cells: Row) -> list[Any]:
    """The days of a row; `days` repeats it."""
    return cells.get("days") or [cells.get("day", DEFAULTS.get(kind_of(name), {}).get("day", 0))]


def _row(case: Case, centre: str, name: str, cells: Row) -> Row:
    """The row with every cell of its table, converted."""
    table = TABLES[kind_of(name)]
    given = DEFAULTS.get(table.name, {}) | ({"lesion_id": "lesion"} if table.name in ON_THE_LESION else {}) | cells
    day = given.pop("day")
    repeated = given.pop("days", None) is not None
    if table.name in DATED:
        given = {DATED[table.name]: day} | given
    given |= {"patient_id": case.patient} | ({"centre_id": centre} if table.name == "patients" else {})
    if len(table.key) == 1 and table.name != "patients":
        given[table.key[0]] = f"{case.patient}/{name}" + (f"/{day}" if repeated else "")
    unknown = sorted(set(given) - set(table.schema))
    empty = sorted(column.name for column in table.columns if column.required and given.get(column.name) is None)
    if unknown or empty:
        raise ValueError(f"{case.rule}, {case.name}, {name}: no column {unknown} in {table.name}; not given {empty}")
    return {column.name: _cell(case, column, given.get(column.name)) for column in table.columns}


def _cell(case: Case, column: Column, value: Any) -> Any:
    """A cell of a case as the contract has it: days to dates, names of rows to their ids."""
    if value is None or value == "?":
        return None
    if column.kind == "date" and isinstance(value, int):
        return case.day_0 + timedelta(days=value)
    if column.kind == "string" and value in case.rows:
        return f"{case.patient}/{value}"
    if column.name == "lesion_ids":
        return [f"{case.patient}/{name}" for name in value]
    if column.low is not None and column.high is not None and not column.low <= value <= column.high:
        raise ValueError(f"{case.rule}, {case.name}: {column.name} {value} is outside the contract")
    return value


def _coverage(case: Case) -> list[Row]:
    """What the centre of a case declares about each table."""
    unknown = sorted(set(case.coverage) - set(TABLES))
    if unknown:
        raise ValueError(f"{case.rule}, {case.name}: no table {', '.join(unknown)}")
    return [_declared(table, case.coverage.get(table, ""), case.day_0) for table in TABLES]


def _declared(table: str, words: str, day_0: date) -> Row:
    if not re.fullmatch(r"|not supplied|not complete|undated|(from|until) -?\d+", words):
        known = "not supplied, not complete, undated, from 10, until 59"
        raise ValueError(f"coverage of {table}: {words!r} is not one of: {known}")
    bound, _, number = words.partition(" ")
    day = day_0 + timedelta(days=int(number)) if bound in ("from", "until") else None
    return {
        "table": table,
        "supplied": words != "not supplied",
        "complete": words not in ("not supplied", "not complete"),
        "from": day if bound == "from" else None,
        "to": day if bound == "until" else None,
        "extraction_date": None if words == "undated" else day_0 + timedelta(days=EXTRACTION),
    }


@cache
def judgement() -> Judgement:
    """The verdicts of all cases."""
    return judge(registry(cases()))


def verdicts(judged: Judgement) -> dict[tuple[str, str, str], Expected]:
    """(rule, patient, entity) -> what was found."""
    meaning = {code: words for code, *words in judged.codes.select(
        "code", "status", "reason", "given", "flags").iter_rows()}  # fmt: skip
    found = {}
    for frame in judged.verdicts.values():
        rules = [column for column in frame.columns if column in RULES_BY_ID]
        for rule in rules:
            known = frame.select("patient_id", "entity_id", rule).drop_nulls(rule)
            for patient, entity, code in known.iter_rows():
                if patient.startswith(f"{rule}/"):
                    status, reason, given, flags = meaning[code]
                    reason = given if status == Status.REPORTED else reason
                    found[rule, patient, entity] = Expected(status, reason, frozenset(flags.split("|")) - {""})
    return found
