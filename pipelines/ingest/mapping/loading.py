"""Reading a mapping file and checking all that it says; every problem names the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from validation.contract import TABLES, Table

from ..conversion import fold
from ..layout import literal
from ..model import Problem, close_match, format_of
from ..packed import Location
from .columns import read_origin
from .lines import Lines
from .lines import Path as Place
from .model import PLACE, Entry, Mapping, Origin
from .units import DECIDES, find, known, names

ENTRY = ("table", "from", "where", "unless", "distinct", "repeat", "columns")
_SHEET = re.compile(r"(.+\.xlsx)#(.+)", re.IGNORECASE | re.DOTALL)


@dataclass
class Report:
    """The problems of one mapping file."""

    label: str
    lines: Lines
    problems: list[Problem] = field(default_factory=list)

    def say(self, place: Place, what: str, expected: str = "", hint: str = "") -> None:
        """Add a problem; one that a repetition has told already is not told again."""
        problem = Problem(self.label, f"line {self.lines.of(place)}: {what}", expected, hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def unknown(self, place: Place, what: str, name: str, allowed: Iterable[str]) -> None:
        """Add the problem of a word that is not among those allowed."""
        allowed = list(allowed)
        self.say(place, f"unknown {what} {name[:60]!r}", f"one of {', '.join(allowed)}", close_match(name, allowed))

    def typed(self, place: Place, name: str, value: object, kinds: type | tuple[type, ...], words: str) -> bool:
        """Whether a value has the right type."""
        right = isinstance(value, kinds) and not (isinstance(value, bool) and kinds is not bool)
        if not right:
            self.say(place, f"{name} has the wrong type", words)
        return right


def load(path: Location, label: str, files: Sequence[Location]) -> tuple[Mapping, list[Problem]]:
    """The usable entries of a mapping with the files of the folder that they mean, and all that is wrong with it."""
    folder = path.parent if isinstance(path, Path) else path
    if not _lies_in(path, folder):
        return Mapping(label), [Problem(label, "the file leads out of the folder", "a mapping file in the folder")]
    try:
        text = path.read_bytes().decode("utf-8-sig")
        content = tomllib.loads(text)
    except OSError as error:
        return Mapping(label), [Problem(label, f"the file cannot be opened: {error.strerror}", "a readable file")]
    except UnicodeDecodeError:
        return Mapping(label), [Problem(label, "the file is not UTF-8", "a TOML file in UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return Mapping(label), [_not_toml(label, error, text)]
    except RecursionError:
        return Mapping(label), [Problem(label, "lists and tables are nested too deeply", "a mapping file")]
    report = Report(label, Lines(text))
    entries = _entries(content, report)
    matched = [_with_files(entry, place, folder, files, report) for entry, place in entries]
    _check_overlaps(matched, report)
    _check_numbers(matched, report)
    return Mapping(label, tuple(entry for entry, _ in matched if entry.files)), report.problems


def _not_toml(label: str, error: tomllib.TOMLDecodeError, text: str) -> Problem:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
    what, line = (found[1], found[2] or text.count("\n") + 1) if found else (str(error), 1)
    hint = "quote keys and texts that hold anything but letters, digits, - and _"
    return Problem(label, f"line {line}: this is not TOML: {what}", "a TOML file", hint)


def _entries(content: dict[str, Any], report: Report) -> list[tuple[Entry, Place]]:
    for name in content:
        if name != "tables":
            report.unknown((name,), "entry", name, ["tables"])
    tables = content.get("tables")
    if not isinstance(tables, list) or not all(isinstance(fields, dict) for fields in tables) or not tables:
        report.say(("tables",), "there is no table to make", "[[tables]], once for every table that is made")
        return []
    return [
        (entry, ("tables", index))
        for index, fields in enumerate(tables)
        for entry in _repetitions(fields, ("tables", index), report)
    ]


# one entry


def _repetitions(fields: dict[str, Any], place: Place, report: Report) -> list[Entry]:
    """The entry, or one for each name in its `repeat`."""
    repeat = fields.get("repeat")
    if repeat is None:
        entry = _entry(fields, place, report)
        return [entry] if entry else []
    words = "a list of texts or whole numbers, each once"
    if not isinstance(repeat, list) or not repeat or any(type(name) not in (str, int) for name in repeat):
        report.say((*place, "repeat"), "repeat has the wrong type", words)
        return []
    repeated = list(map(str, repeat))
    if len(set(repeated)) < len(repeated):
        report.say((*place, "repeat"), "repeat names the same thing twice", words)
    own = [name for name in _source_names(fields) if PLACE in name]
    if not own:
        what = f"repeat is given, but no column of the source is named with {PLACE}"
        report.say((*place, "repeat"), what, f'a name such as "Os {PLACE}"')
    entries = []
    for name in dict.fromkeys(repeated):
        entry = _entry(_filled_in({k: v for k, v in fields.items() if k != "repeat"}, name), place, report)
        if entry:
            entries.append(replace(entry, repeated=frozenset(literal(source.replace(PLACE, name)) for source in own)))
    return entries


def _source_names(fields: dict[str, Any]) -> list[str]:
    columns = fields.get("columns")
    found = []
    for origin in columns.values() if isinstance(columns, dict) else ():
        given = origin.get("from") if isinstance(origin, dict) else origin
        found += [name for name in (given if isinstance(given, list) else [given]) if isinstance(name, str)]
    return found


def _filled_in(value: Any, name: str) -> Any:
    """The value with the name of the repetition in the place kept for it."""
    if isinstance(value, str):
        return value.replace(PLACE, name)
    if isinstance(value, list):
        return [_filled_in(item, name) for item in value]
    if isinstance(value, dict):
        return {key.replace(PLACE, name): _filled_in(item, name) for key, item in value.items()}
    return value


def _entry(fields: dict[str, Any], place: Place, report: Report) -> Entry | None:
    """One entry, or None if it cannot be used. Its files are looked up later."""
    found = len(report.problems)
    for name in fields:
        if name not in ENTRY:
            report.unknown((*place, name), "entry", name, ENTRY)
    missing = [name for name in ("table", "from", "columns") if name not in fields]
    if missing:
        report.say(place, f"the entry says nothing about: {', '.join(missing)}", "table, from and columns")
    table, source = _table(fields, place, report), _source(fields, place, report)
    distinct = fields.get("distinct", False)
    report.typed((*place, "distinct"), "distinct", distinct, bool, "true or false")
    where = _filter(fields, "where", place, report)
    unless = _filter(fields, "unless", place, report)
    if table is None or "columns" not in fields:
        return None
    origins = _origins(fields["columns"], table, place, report)
    if source is None or (len(report.problems) > found and not origins):
        return None
    return Entry(table, report.lines.of(place), source, where, unless, distinct is True, origins)


def _table(fields: dict[str, Any], place: Place, report: Report) -> Table | None:
    name, at = fields.get("table"), (*place, "table")
    if name is None or not report.typed(at, "table", name, str, "the name of a table in quotes"):
        return None
    if name not in TABLES:
        report.unknown(at, "table", name, TABLES)
    return TABLES.get(name)


def _source(fields: dict[str, Any], place: Place, report: Report) -> str | None:
    source, at = fields.get("from"), (*place, "from")
    if source is None or not report.typed(at, "from", source, str, "the name of a file in quotes"):
        return None
    sheet = _SHEET.fullmatch(source)
    name = sheet[1] if sheet else source
    if not name or name in (".", "..") or re.search(r"[/\\\0]", name):
        expected = "the name of a file in the folder of the mapping, or a pattern such as export_*.csv"
        report.say(at, "from is no name of a file: a path is not allowed", expected)
        return None
    return str(source)


def _filter(fields: dict[str, Any], name: str, place: Place, report: Report) -> dict[str, frozenset[str]]:
    """The cells that `where` or `unless` names per column, folded."""
    given = fields.get(name, {})
    words = f'{name} = {{ "column" = ["cell", "cell"] }}'
    if not report.typed((*place, name), name, given, dict, words):
        return {}
    found = {}
    for column, cells in given.items():
        cells = cells if isinstance(cells, list) else [cells]
        if not cells or any(type(cell) not in (str, int) for cell in cells):
            report.say((*place, name, column), f"{name} of {column[:60]!r} has the wrong type", words)
        else:
            found[literal(column)] = frozenset(fold(str(cell)) for cell in cells)
    return found


def _origins(columns: Any, table: Table, place: Place, report: Report) -> tuple[Origin, ...]:
    at: Place = (*place, "columns")
    if not report.typed(at, "columns", columns, dict, "[tables.columns] below the entry"):
        return ()
    origins: list[Origin] = []
    for name, given in columns.items():
        if name not in table.schema:
            report.unknown((*at, name), f"column of the table {table.name}", name, table.schema)
            continue
        origin = read_origin(table[name], given, (*at, name), report)
        if origin is not None:
            origins.append(origin)
    missing = [column.name for column in table.columns if column.required and column.name not in columns]
    if missing:
        hint = "add a line for each under [tables.columns]; a constant or made numbers will do where the file has none"
        report.say(place, f"required columns of {table.name} have no source: {', '.join(missing)}", hint=hint)
    order = list(table.schema)
    origins.sort(key=lambda origin: order.index(origin.column.name))
    return tuple(_with_units(origin, origins, (*at, origin.column.name), report) for origin in origins)


def _with_units(origin: Origin, origins: Sequence[Origin], place: Place, report: Report) -> Origin:
    """A single unit for a column whose unit hangs on another column holds for the one token that this column has."""
    decides = DECIDES.get(origin.column.unit)
    if decides is None or origin.unit is None:
        return origin
    tokens = {value for other in origins if other.column.name == decides for value in _constants(other)}
    if len(tokens) != 1:
        what = f"the unit of {origin.column.name} hangs on the {decides}"
        report.say(place, what, f'{decides} as a constant, or unit = {{ {decides} = "unit", ... }}')
        return replace(origin, unit=None)
    token = str(next(iter(tokens)))
    unit = find(known(origin.column, token), origin.unit.name)
    if unit is None:
        report.unknown(place, f"unit of {token}", origin.unit.name, names(known(origin.column, token)))
        return replace(origin, unit=None)
    return replace(origin, unit=None, units={token: unit})


def _constants(origin: Origin) -> list[object]:
    """All values that a column can have, if the mapping alone fixes them; else none."""
    if origin.constant is not None:
        return [origin.constant]
    return [value for value in (origin.codes or {}).values() if value is not None]


# the entries and the files of the folder


def _lies_in(path: Location, folder: Location) -> bool:
    """Whether no link leads from a folder to a file outside; in a zip there are none."""
    if not isinstance(path, Path) or not isinstance(folder, Path):
        return True
    return path.resolve().is_relative_to(folder.resolve())


def _with_files(
    entry: Entry, place: Place, folder: Location, files: Sequence[Location], report: Report
) -> tuple[Entry, Place]:
    sheet = _SHEET.fullmatch(entry.source)
    name = sheet[1] if sheet else entry.source
    found = tuple(_matching(name, files))
    place = (*place, "from")
    if not found:
        readable = [path.name for path in files if format_of(path.name)]
        near = close_match(name, readable) or f"the folder holds {len(readable)} files that can be read"
        report.say(place, f"no file of the folder is {name[:60]!r}", "a file .csv, .parquet or .xlsx", near)
    outside = [path for path in found if not _lies_in(path, folder)]
    if outside:
        report.say(place, f"{outside[0].name} leads out of the folder", "files of the folder")
        found = tuple(path for path in found if path not in outside)
    if sheet is None and not all(format_of(path.name) for path in found):
        report.say(place, "the format is not read", "a file .csv, .parquet or .xlsx", "unpack it, or export it again")
        found = tuple(path for path in found if format_of(path.name))
    return replace(entry, files=found, sheet=sheet[2] if sheet else None), place


def _matching(name: str, files: Sequence[Location]) -> list[Location]:
    exact = [path for path in files if path.name == name]
    return exact or [path for path in files if format_of(path.name) and fnmatchcase(path.name, name)]


def _check_overlaps(matched: Sequence[tuple[Entry, Place]], report: Report) -> None:
    """A file twice for one table would double its rows, unless the entries take different rows of it."""
    for index, (entry, place) in enumerate(matched):
        for other, earlier in matched[:index]:
            if place == earlier or other.table is not entry.table or _apart(entry, other):
                continue
            if other.sheet is not None and entry.sheet is not None and other.sheet != entry.sheet:
                continue
            twice = [path.name for path in entry.files if path in other.files]
            if twice:
                what = f"{twice[0]} makes the table {entry.table.name} twice (also on line {other.line})"
                expected = "each file once per table, or entries whose `where` name other cells of the same column"
                report.say(place, what, expected, "columns that come in groups are read with `repeat`")


def _apart(entry: Entry, other: Entry) -> bool:
    return any(cells.isdisjoint(other.where[name]) for name, cells in entry.where.items() if name in other.where)


def _check_numbers(matched: Sequence[tuple[Entry, Place]], report: Report) -> None:
    """Made identifiers of one table need different beginnings, for each entry counts from one."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry, _ in matched:
        for origin in entry.origins:
            if origin.number is None or not origin.column.is_key:
                continue
            key = (entry.table.name, origin.number)
            other = seen.setdefault(key, entry)
            if other is not entry and not _same_rows_apart(entry, other):
                what = f"line {origin.line}: the identifiers {origin.number}1, {origin.number}2 ... are made twice"
                hint = f'with `repeat`, put {PLACE} into the beginning: number = "{origin.number}{PLACE}-"'
                problem = Problem(report.label, what, f"another beginning than on line {other.line}", hint)
                if problem not in report.problems:
                    report.problems.append(problem)


def _same_rows_apart(entry: Entry, other: Entry) -> bool:
    """Whether both number the rows of the same files and take different rows."""
    return entry.files == other.files and entry.sheet == other.sheet and _apart(entry, other)


def clashes(mappings: Sequence[Mapping]) -> list[Problem]:
    """Made identifiers that the mappings of two folders begin alike: the network would hold each twice."""
    seen: dict[tuple[str, str], str] = {}
    problems = []
    for mapping in mappings:
        made = {
            (entry.table.name, origin.number): origin.line
            for entry in mapping.entries
            for origin in entry.origins
            if origin.number is not None and origin.column.is_key
        }
        for key, line in made.items():
            other = seen.setdefault(key, mapping.label)
            if other != mapping.label:
                what = f"line {line}: the identifiers {key[1]}1, {key[1]}2 ... are made in {other} too"
                problems.append(Problem(mapping.label, what, "a beginning of its own for every folder"))
    return problems
