"""The files that a mapping names: opened once each, however many tables are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from typing import TypeVar

from validation.contract import Column

from ..model import Problem, close_match, format_of
from ..packed import Location
from ..reading import AnyColumns, Raw, read, sheets_of
from .making import Made, make_table
from .model import Entry, Mapping


@dataclass(frozen=True)
class Opened:
    """A file (or one sheet of a workbook) with all its columns, and what the mapping does not use of it."""

    label: str
    raw: Raw
    unused: list[str]

    @property
    def rows(self) -> int:
        """The rows of the file."""
        return self.raw.frame.height


Place = tuple[Location, str | None]
AnyOpened = TypeVar("AnyOpened", bound=Opened)
Open = Callable[[Location, AnyColumns, str], AnyOpened | list[Problem]]
"""Opens a file of these columns, which has this label, or says why it cannot be read."""


def open_sources(mapping: Mapping, label_of: Callable[[Location], str]) -> tuple[dict[Place, Opened], list[Problem]]:
    """Every file and sheet that the mapping names, read whole, and what is wrong with them."""
    return open_by(_open_whole, mapping, label_of)


def open_by(
    open_one: Open[AnyOpened], mapping: Mapping, label_of: Callable[[Location], str]
) -> tuple[dict[Place, AnyOpened], list[Problem]]:
    """Every file and sheet that the mapping names, opened in one way, and what is wrong with them."""
    opened: dict[Place, AnyOpened] = {}
    problems: list[Problem] = []
    for place in dict.fromkeys((path, entry.sheet) for entry in mapping.entries for path in entry.files):
        entries = [entry for entry in mapping.entries if place[0] in entry.files and entry.sheet == place[1]]
        found = _open(open_one, place, entries, mapping.label, label_of(place[0]))
        if isinstance(found, Opened):
            opened[place] = found
            problems += _missing(found, entries, mapping.label)
        else:
            problems += found
    return opened, problems


def make(mapping: Mapping, opened: dict[Place, Opened]) -> Iterator[tuple[Made, Opened]]:
    """Make every table of every file, in the order of the mapping."""
    for entry, source, first in pairs(mapping, opened):
        yield make_table(entry, source.raw, source.label, mapping.label, first), source


def pairs(mapping: Mapping, opened: Lookup[Place, AnyOpened]) -> Iterator[tuple[Entry, AnyOpened, int]]:
    """Every entry with each of its files, in the order of the mapping, and how many rows came from its earlier files."""
    for entry in mapping.entries:
        first = 0
        for path in entry.files:
            source = opened.get((path, entry.sheet))
            if source is None or not set(entry.used) <= set(source.raw.frame.columns):
                continue
            yield entry, source, first
            first += source.rows


def _open(
    open_one: Open[AnyOpened], place: Place, entries: list[Entry], mapping: str, label: str
) -> AnyOpened | list[Problem]:
    path, sheet = place
    if format_of(path.name) == "xlsx":
        problem = _check_sheet(path, sheet, entries[0], mapping, label)
        if problem:
            return [problem]
    label = f"{label}#{sheet}" if sheet else label
    return open_one(path, AnyColumns(sheet or "", "", _columns(entries, _used(entries))), label)


def _open_whole(path: Location, table: AnyColumns, label: str) -> Opened | list[Problem]:
    raw = read(path, table, label)
    return raw if isinstance(raw, list) else Opened(label, raw, unused(raw.frame.columns, table))


def unused(names: list[str], table: AnyColumns) -> list[str]:
    """The columns of a file that the mapping does not use."""
    return [name for name in names if name not in table.schema]


def _used(entries: list[Entry]) -> dict[str, int]:
    """The columns that any entry reads, and the line that names each first."""
    used: dict[str, int] = {}
    for entry in entries:
        used |= entry.used | used
    return used


def _missing(opened: Opened, entries: list[Entry], mapping: str) -> list[Problem]:
    names = opened.raw.frame.columns
    expected = f"one of {', '.join(repr(name[:60]) for name in names[:50])}"
    return [
        Problem(
            mapping,
            f"line {line}: {opened.label} has no column {name[:60]!r}",
            expected,
            close_match(name, names),
        )
        for name, line in _used(entries).items()
        if name not in names
    ]


def _columns(entries: list[Entry], used: dict[str, int]) -> tuple[Column, ...]:
    """The used columns; those that become identifiers are kept of lines that cannot be read otherwise."""
    identifiers = {
        name
        for entry in entries
        for origin in entry.origins
        if origin.column.is_key or origin.column.parent is not None
        for name in origin.sources
    }
    return tuple(Column(name, "string", "", required=name in identifiers, is_key=name in identifiers) for name in used)


def _check_sheet(path: Location, sheet: str | None, entry: Entry, mapping: str, label: str) -> Problem | None:
    """The sheets of a workbook are not listed: a name might be a patient's."""
    sheets = sheets_of(path, label)
    if sheets is None:
        return None  # told when the file is read
    if sheet in sheets or (sheet is None and len(sheets) == 1):
        return None
    if sheet is None:
        what = f"line {entry.line}: {label} has {len(sheets)} sheets"
        return Problem(mapping, what, f'from = "{path.name}#name of the sheet"')
    what = f"line {entry.line}: {label} has no sheet {sheet[:60]!r}; it has {len(sheets)}"
    return Problem(mapping, what, "the name of a sheet", close_match(sheet, sheets))
