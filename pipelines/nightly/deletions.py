"""The rows that an incremental deposit deletes: its deletions.csv, with a table and the key of a row on every line."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.ingest import Problem
from pipelines.ingest.conversion import convert
from pipelines.ingest.discovery import Folder
from pipelines.ingest.reading import read
from pipelines.ingest.rekey import pseudonym
from validation.contract import TABLES, Column, Table

SHOWN = 10
"""Lines that are named one by one."""

_DELETIONS = Table(
    "deletions",
    "one row per deletion",
    (
        Column("table", "string", "Table of the contract.", required=True),
        Column(
            "id",
            "string",
            "Key of the row; its parts joined with |; a patient where the table has no key.",
            required=True,
        ),
    ),
)


@dataclass(frozen=True)
class Deletion:
    """The row of a table with this key; of a table without key all rows of this patient; of `patients` the patient's everywhere."""

    table: str
    key: tuple[str, ...]


def key_of(table: Table) -> tuple[str, ...]:
    """The columns by which a deletion names rows of a table."""
    return table.key or ("patient_id",)


def read_deletions(folder: Folder, problems: list[Problem]) -> list[Deletion]:
    """The deletions of a deposit; a line that is not understood is a problem, for nobody knows what it was to delete."""
    if folder.deletions is None:
        return []
    label = folder.label(folder.deletions)
    raw = read(folder.deletions, _DELETIONS, label)
    if isinstance(raw, list):
        problems += raw
        return []
    converted = convert(raw, _DELETIONS)
    apart = pl.concat([pl.Series([], dtype=pl.UInt32), *(found.rows.cast(pl.UInt32) for found in converted.findings)])
    unreadable = {raw.lines[row] for row in apart}
    deletions: dict[Deletion, None] = {}
    for line, table, key in zip(raw.lines, converted.frame["table"], converted.frame["id"], strict=True):
        if line in unreadable:
            continue
        deletion = _deletion(table, key)
        if deletion is None:
            unreadable.add(line)
        else:
            deletions[deletion] = None
    if unreadable:
        lines = ", ".join(map(str, sorted(unreadable)[:SHOWN])) + (" …" if len(unreadable) > SHOWN else "")
        expected = f"a table ({', '.join(_deletable())}) and the key of a row, its parts joined with | where it has two"
        problems.append(Problem(label, f"{len(unreadable)} lines are not understood: {lines}", expected))
    return list(deletions)


def rekeyed_deletion(deletion: Deletion, key: bytes) -> Deletion:
    """The deletion of the same row once every identifier is replaced by a keyed hash."""
    return Deletion(deletion.table, tuple(pseudonym(part, key) for part in deletion.key))


def _deletable() -> list[str]:
    return [table for table in TABLES if table != "centres"]


def _deletion(table: str | None, key: str | None) -> Deletion | None:
    if table is None or key is None or table not in _deletable():
        return None
    columns = key_of(TABLES[table])
    parts = tuple(part.strip() for part in key.split("|")) if len(columns) > 1 else (key,)
    return Deletion(table, parts) if len(parts) == len(columns) and all(parts) else None
