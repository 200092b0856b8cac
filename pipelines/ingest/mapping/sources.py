"""The files that a mapping names: opened once each, however many tables are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


Place = tuple[Location, str | None]


def open_sources(mapping: Mapping, label_of: Callable[[Location], str]) -> tuple[dict[Place, Opened], list[Problem]]:
    """Every file and sheet that the mapping names, and what is wrong with them."""
    opened: dict[Place, Opened] = {}
    problems: list[Problem] = []
    for place in dict.fromkeys((path, entry.sheet) for entry in mapping.entries for path in entry.files):
        entries = [entry for entry in mapping.entries if place[0] in entry.files and entry.sheet == place[1]]
        found = _open(place, entries, mapping.label, label_of(place[0]))
        if isinstance(found, Opened):
            opened[place] = found
            problems += _missing(found, entries, mapping.label)
        else:
            problems += found
    return opened, problems


def make(mapping: Mapping, opened: dict[Place, Opened]) -> Iterator[tuple[Made, Opened]]:
    """Make every table of every file, in the order of the mapping."""
    for entry in mapping.entries:
        first = 0
        for path in entry.files:
            source = opened.get((path, entry.sheet))
            if source is None or not set(entry.used) <= set(source.raw.frame.columns):
                continue
            yield make_table(entry, source.raw, source.label, mapping.label, first), source
            first += source.raw.frame.height


def _open(place: Place, entries: list[Entry], mapping: str, label: str) -> Opened | list[Problem]:
    path, sheet = place
    if format_of(path.name) == "xlsx":
        problem = _check_sheet(path, sheet, entries[0], mapping, label)
        if problem:
            return [problem]
    label = f"{label}#{sheet}" if sheet else label
    used = _used(entries)
    raw = read(path, AnyColumns(sheet or "", "", _columns(entries, used)), label)
    return (
        raw if isinstance(raw, list) else Opened(label, raw, [name for name in raw.frame.columns if name not in used])
    )


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
