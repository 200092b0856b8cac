"""What a mapping says, once it is read and checked."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from datetime import date

from validation.contract import Column, Table

from ..packed import Location
from .units import Unit

MAPPING = "mapping.toml"
PLACE = "{n}"
"""Stands in an entry with `repeat` for the name of the repetition."""

Value = str | bool | int | float | date


@dataclass(frozen=True)
class Origin:
    """Where the cells of one column of the contract come from, and what is done to them, in the order of the fields."""

    column: Column
    line: int
    sources: tuple[str, ...] = ()
    join: str = ""
    split: str | None = None
    part: int = 1
    separator: str = "|"
    form: str | None = None
    unit: Unit | None = None
    units: Lookup[str, Unit] = field(default_factory=dict)
    codes: Lookup[str, Value | None] | None = None
    system: str | None = None
    strength: str | None = None
    prefix: str = ""
    suffix: str = ""
    constant: Value | None = None
    number: str | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """The columns of the source that are read."""
        return self.sources if self.strength is None else (*self.sources, self.strength)

    @property
    def translated(self) -> bool:
        """Whether local codes become tokens."""
        return self.codes is not None or self.system is not None

    @property
    def words(self) -> str:
        """The origin as it is shown."""
        if self.number is not None:
            return f"made: {self.number}1, {self.number}2 ..."
        return " + ".join(self.sources) if self.sources else "constant"


@dataclass(frozen=True)
class Entry:
    """One `[[tables]]` of a mapping: the table that is made, of which files, and of which of their rows.

    `repeated` holds the columns of the source that belong to this repetition alone: a row in which none of them is
    filled is no row of the table.
    """

    table: Table
    line: int
    source: str
    where: Lookup[str, frozenset[str]]
    unless: Lookup[str, frozenset[str]]
    distinct: bool
    origins: tuple[Origin, ...]
    repeated: frozenset[str] = frozenset()
    files: tuple[Location, ...] = ()
    sheet: str | None = None

    @property
    def used(self) -> dict[str, int]:
        """The columns of the source that this entry reads, and the line of the mapping that names each first."""
        named = [(name, origin.line) for origin in self.origins for name in origin.used]
        lines: dict[str, int] = {}
        for name, line in [*named, *((name, self.line) for name in (*self.where, *self.unless))]:
            lines.setdefault(name, line)
        return lines


@dataclass(frozen=True)
class Mapping:
    """A mapping file of one folder; its entries are those that can be used."""

    label: str
    entries: tuple[Entry, ...] = ()

    @property
    def files(self) -> set[Location]:
        """The files that are read through the mapping, and through it alone."""
        return {file for entry in self.entries for file in entry.files}

    @property
    def tables(self) -> dict[str, int]:
        """The tables that are made, and the line of the first entry that makes each."""
        lines: dict[str, int] = {}
        for entry in self.entries:
            lines.setdefault(entry.table.name, entry.line)
        return lines
