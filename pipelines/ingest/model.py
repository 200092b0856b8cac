"""What the intake hands on, and how it says that an extract cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


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
class SourceFile:
    """A file that was read, and what was detected in it (None where the format has no such thing).

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
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """The result of taking in extracts.

    `tables` holds all tables of the contract with the rows that were accepted, sorted by key; `coverage` one row per
    centre and table; `quarantine` one row per problem of a row that was not accepted; `counts` the rows read, accepted
    and quarantined per centre and table; `holes` the patients of whom a row of a table was not accepted.
    """

    tables: dict[str, pl.DataFrame]
    coverage: pl.DataFrame
    quarantine: pl.DataFrame
    counts: pl.DataFrame
    files: list[SourceFile]
    holes: pl.DataFrame
