"""What the intake hands on, and how it says that an extract cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import polars as pl

FORMATS = {".csv": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


def format_of(name: str) -> str | None:
    """The format that the ending of a file name stands for, packed or not; None if it is not read."""
    return FORMATS.get(Path(name.lower().removesuffix(".gz")).suffix)


def close_match(name: str, allowed: Iterable[str]) -> str:
    """A hint that names the allowed word nearest to this one, or an empty text."""
    words = {word.lower(): word for word in allowed}
    near = get_close_matches(name.strip().lower(), list(words), n=1)
    return f"did you mean {words[near[0]]}?" if near else ""


@dataclass(frozen=True)
class Problem:
    """One reason why an extract cannot be read: where, what, what was expected and what to do. Never a cell's value."""

    file: str
    what: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}: {self.what}"]
        if self.expected:
            parts.append(f"expected: {self.expected}")
        if self.hint:
            parts.append(f"what to do: {self.hint}")
        return "\n    ".join(parts)


class ExtractError(Exception):
    """The extract cannot be read; holds every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class UnknownCodes:
    """Cells of a column that no code, token or label explains.

    `listed` says how often each code was met, if it is short and was met in several patients: nothing else may be shown.
    `hidden` counts the other cells.
    """

    column: str
    listed: dict[str, int]
    hidden: int


@dataclass(frozen=True)
class MappedRows:
    """What an entry of a mapping made of one file. Rows of the file = rows of the table + those left out."""

    mapping: str
    line: int
    rows: int
    left_out: dict[str, int]
    unused_columns: list[str]
    unknown_codes: list[UnknownCodes] = field(default_factory=list)


@dataclass(frozen=True)
class SourceFile:
    """A file that was read, and what was detected in it (None where the format has no such thing).

    `mapped` is there if a mapping made the table; a file that it makes several tables of is listed once for each.
    `notes` says in words what was left out, read as blank, or read in a way of its own, column by column.
    """

    path: str
    table: str
    centre: str | None
    sha256: str
    format: str
    encoding: str | None
    separator: str | None
    decimal: str | None
    date_format: str | None
    rows: int
    mapped: MappedRows | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """The result of taking in extracts.

    `tables` holds all tables of the contract with the rows that were accepted, sorted by key; `coverage` one row per
    centre and table; `quarantine` one row per problem of a row that was not accepted; `counts` the rows read, accepted
    and quarantined per centre and table; `holes` the patients of whom a row of a table was not accepted, or may lie
    with another centre; `linkage` the patients whom several centres follow, and pairs that look like one person; `places`
    the file and the line of every accepted row.
    """

    tables: dict[str, pl.DataFrame]
    coverage: pl.DataFrame
    quarantine: pl.DataFrame
    counts: pl.DataFrame
    files: list[SourceFile]
    holes: pl.DataFrame
    linkage: pl.DataFrame
    places: dict[str, pl.DataFrame] = field(default_factory=dict)
