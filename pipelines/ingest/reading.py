"""Files to frames of text, with the line of every row. Nothing is converted and nothing is dropped here."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from validation.contract import Table

from . import layout, packed, privacy
from .cells import DAY_0, DAY_0_OF_1904
from .dialect import decode
from .model import Problem, close_match, format_of
from .records import MalformedQuote, Records, line_ends, split_records, without

START = 4096
"""Bytes at the beginning of a file, of which some must not be blank."""
SHOWN_UNKNOWN = 20
"""Unknown columns of one file that are named one by one."""


@dataclass(frozen=True)
class Raw:
    """A file as it was read: text cells (typed ones from Parquet), null where blank.

    `lines` says on which line of the file (row of the sheet, row number in Parquet) each row begins. `broken` holds the
    indexes of rows with a wrong number of fields; of these only the identifiers are kept, null elsewhere. `apart` holds the
    indexes of rows that are none of the registry, by the rule that they break; all their cells are null. `notes` says what
    was left out. So many rows at the end as `late` says stood among the others. Who takes rows away moves `broken` and
    `apart` along. From `day_0` its days are counted that are written as Excel counts them.
    """

    frame: pl.DataFrame
    lines: pl.Series
    sha256: str
    format: str
    encoding: str | None = None
    separator: str | None = None
    broken: tuple[int, ...] = ()
    apart: dict[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    day_0: date = DAY_0
    late: int = 0


@dataclass(frozen=True)
class AnyColumns(Table):
    """Stands for a file with names of its own, of which a mapping uses the columns of this table."""


def read(path: packed.Location, table: Table, label: str) -> Raw | list[Problem]:
    """Read one file of one table, or say why it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [Problem(label, f"the file cannot be opened: {error.strerror}", "a readable file")]
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return [Problem(label, "the archive is damaged here", "a readable zip file", "pack it again")]
    sha256 = hashlib.sha256(data).hexdigest()
    unpacked = packed.contents(path, data, label)
    if isinstance(unpacked, Problem):
        return [unpacked]
    if not unpacked[:START].strip():
        return [empty(label)]
    readers = {"csv": _read_csv, "xlsx": _read_xlsx, "parquet": _read_parquet}
    raw = readers[format_of(path.name) or "csv"](unpacked, table, label, sha256)
    if isinstance(raw, list):
        return raw
    if gone := layout.empty_columns(raw.frame):
        raw = replace(raw, frame=raw.frame.drop(gone), notes=raw.notes + gone_notes(len(gone)))
    raw, problems = set_apart(raw, table, label)
    if not isinstance(table, AnyColumns):
        problems += check_header(raw.frame.columns, table, label, {cells.name: cells for cells in raw.frame})
        problems += privacy.pseudonym_problems(raw.frame, table, label)
    return problems or raw


def gone_notes(columns: int) -> tuple[str, ...]:
    """What is to be said of columns that were left out."""
    return (f"{columns} columns without name and content were left out",) if columns else ()


def empty(label: str) -> Problem:
    """The problem of a file without text."""
    return Problem(label, "the file is empty", "a header with the names of the columns")


def sheets_of(path: packed.Location, label: str) -> list[str] | None:
    """The names of the sheets of a workbook; None if it cannot be read."""
    import fastexcel

    try:
        data = packed.contents(path, path.read_bytes(), label)
        safe = data if isinstance(data, Problem) else packed.safe_workbook(data, label)
        return None if isinstance(safe, Problem) else fastexcel.read_excel(safe).sheet_names
    except (fastexcel.FastExcelError, OSError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def check_header(
    names: list[str], table: Table, label: str, cells: Mapping[str, pl.Series] | None = None
) -> list[Problem]:
    """Unknown, doubled and missing columns; with the cells, what the unknown ones seem to hold."""
    allowed = [column.name for column in table.columns]
    expected = f"columns among {', '.join(allowed)}"
    if len(names) > layout.MAX_COLUMNS:
        what = f"the file has more than {layout.MAX_COLUMNS} columns"
        return [Problem(label, what, f"columns among {', '.join(allowed)}", "check the separator and the header line")]
    if not set(names) & set(allowed):
        # The names are not shown: without a header they would be a patient's values.
        hint = "add the header line, or check the separator"
        return [Problem(label, "the first line is no header of this table", expected, hint)]
    problems = []
    unknown = 0
    for name, times in Counter(names).items():
        if name.startswith(layout.UNNAMED):
            if cells is not None:
                problems.append(_unnamed(int(name[1:]), label, expected))
        elif name not in allowed:
            unknown += 1
            if unknown <= SHOWN_UNKNOWN:
                column = cells.get(name) if cells is not None else None
                problems.append(_unknown_column(name, column, label, allowed))
        elif times > 1:
            problems.append(Problem(label, f"the column {name} is there {times} times", "each column once"))
    if unknown > SHOWN_UNKNOWN:
        problems.append(Problem(label, f"{unknown - SHOWN_UNKNOWN} more unknown columns", expected))
    missing = [column.name for column in table.columns if column.required and column.name not in names]
    if missing:
        what = f"required columns are missing: {', '.join(missing)}"
        problems.append(Problem(label, what, hint="add the columns, or check the separator and the header line"))
    return problems


def _check_used(names: list[str], used: list[str], label: str) -> list[Problem]:
    if len(names) > layout.MAX_COLUMNS:
        what = f"the file has more than {layout.MAX_COLUMNS} columns"
        return [Problem(label, what, hint="check the separator and the header line")]
    if used and not set(names) & set(used):
        # The names are not shown: without a header they would be a patient's values.
        hint = "add the header line, or check the names of the columns in the mapping"
        return [Problem(label, "the first line is no header that the mapping knows", f"among {', '.join(used)}", hint)]
    doubled = [name for name in used if names.count(name) > 1]
    return [Problem(label, f"the column {name[:60]!r} is there more than once", "each column once") for name in doubled]


def _known(table: Table) -> list[str]:
    """The tidied names of the columns that are looked for."""
    return [layout.tidy_name(name) for name in table.schema]


def _spelt(names: Sequence[str | None], table: Table) -> list[str]:
    """The names of a header, tidied; those that a mapping uses as it spells them."""
    own = {layout.literal(layout.tidy_name(name)): name for name in table.schema}
    return [own.get(name, name) for name in layout.named(names)]


def _unreadable(names: list[str], table: Table, label: str) -> list[Problem]:
    """Why a file with this header cannot be taken apart at all."""
    if isinstance(table, AnyColumns):
        return _check_used(names, list(table.schema), label)
    can_be = len(set(names)) == len(names) <= layout.MAX_COLUMNS and bool(set(names) & set(table.schema))
    return [] if can_be else check_header(names, table, label)


def _told_apart(names: list[str], table: Table) -> list[str]:
    """The names of the columns, each once: a file that is read by a mapping may have some without a name or twice."""
    if not isinstance(table, AnyColumns):
        return names
    apart: list[str] = []
    for place, name in enumerate(names, start=1):
        name = f"column ({place})" if name.startswith(layout.UNNAMED) else name
        while name in apart:
            name = f"{name} ({place})"
        apart.append(name)
    return apart


def _unknown_column(name: str, cells: pl.Series | None, label: str, allowed: list[str]) -> Problem:
    personal = privacy.what_it_holds(name, cells)
    if personal:
        return privacy.refusal(label, name, personal)
    what = f"unknown column {name[:60]!r}"
    return Problem(label, what, f"columns among {', '.join(allowed)}", close_match(name[:60], allowed))


def _unnamed(place: int, label: str, expected: str) -> Problem:
    hint = "name it or take it out; in a workbook, its header cell may be merged with another"
    return Problem(label, f"a column has no name: column {layout.letter(place)} (number {place})", expected, hint)


def set_apart(raw: Raw, table: Table, label: str) -> tuple[Raw, list[Problem]]:
    """Set header lines and totals among the rows apart."""
    frame = raw.frame
    found = layout.survey(frame, _known(table)) if raw.format != "parquet" else layout.Layout()
    problems = [
        Problem(
            label,
            f"line {raw.lines[index]} is the header of another table, or has the columns in another order",
            "one header for all rows",
            "the file was put together from several: export each into a folder of its own",
        )
        for index in found.others[:SHOWN_UNKNOWN]
    ]
    apart, broken = dict(raw.apart), set(raw.broken)
    for rule, rows in (("repeated_header", found.headers), ("totals_row", found.totals)):
        rows = tuple(index for index in rows if index not in broken)
        if rows:
            apart[rule] = tuple(sorted({*apart.get(rule, ()), *rows}))
            blank = pl.int_range(frame.height, eager=True).is_in(list(rows))
            frame = frame.select(pl.when(~blank).then(pl.col(name)).alias(name) for name in frame.columns)
    return replace(raw, frame=frame, apart=apart), problems


def _read_csv(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    decoded = decode(data, label)
    if isinstance(decoded, Problem):
        return [decoded]
    text, encoding = decoded
    text = line_ends(text).rstrip(b"\r\n")
    header = find_header(text, table, label)
    if isinstance(header, list):
        return header
    raw = read_text(text[header.start :], header, table, label)
    if isinstance(raw, list):
        return raw
    return replace(raw, sha256=sha256, encoding=encoding, notes=header_notes(header))


def find_header(text: bytes, table: Table, label: str) -> layout.Header | list[Problem]:
    """Where the header of a text stands, with the names of the columns, or why the text cannot be taken apart."""
    header = layout.find_header(text, _known(table))
    names = _spelt(header.names, table)
    if problems := _unreadable(names, table, label):
        return problems
    within = header.start + layout.MAX_HEADER
    if len(text) > within and text.find(b"\n", header.start, within) < 0:
        what = f"the header is longer than {layout.MAX_HEADER >> 10} KiB"
        return [Problem(label, what, hint="check the separator, or give the columns shorter names")]
    return replace(header, names=_told_apart(names, table))


def header_notes(header: layout.Header) -> tuple[str, ...]:
    """What is to be said of the place of a header."""
    above = header.line - 1
    return (f"{above} lines above the header were left out",) if above else ()


def read_text(
    text: bytes, header: layout.Header, table: Table, label: str, *, before: int = 0, trailing: bool = True
) -> Raw | list[Problem]:
    """Read records below their header; `before` lines of the file stand between the two.

    `trailing` allows that every line but the header ends with a separator.
    """
    names, shift = header.names, header.line - 1 + before
    frame = None if b'"' in text else _read_plain(text, names, header.separator)
    if frame is not None:
        lines = pl.int_range(shift + 2, shift + frame.height + 2, eager=True, dtype=pl.Int64)
        return _without_blank_rows(Raw(frame, lines, "", "csv", separator=header.separator))
    try:
        frame, lines, broken, totals = _read_by_record(text, names, header.separator, table, trailing=trailing)
    except MalformedQuote as malformed:
        what = f"the quote on line {malformed.line + shift} does not enclose a field, or is never closed"
        hint = "the file may be cut off; a quote inside a quoted field is doubled"
        return [Problem(label, what, "fields quoted as a whole, or not at all", hint)]
    apart = {"totals_row": totals} if totals else {}
    late = len(broken) + len(totals)
    return _without_blank_rows(
        Raw(frame, lines + shift, "", "csv", separator=header.separator, broken=broken, apart=apart, late=late)
    )


def _read_plain(text: bytes, names: list[str], separator: str) -> pl.DataFrame | None:
    """Read a file without quotes, in which record and line are the same; None if some line is blank or of wrong length.

    polars refuses lines that are too long and fills those that are too short, hence the count of separators.
    """
    marks = int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord(separator)))
    try:
        frame = _parse(text, names, separator, quote=None)
    except pl.exceptions.PolarsError:
        return None
    return frame if marks == (frame.height + 1) * (len(names) - 1) else None


def _parse(text: bytes, names: list[str], separator: str, quote: str | None) -> pl.DataFrame:
    frame = pl.read_csv(text, separator=separator, quote_char=quote, infer_schema=False)
    frame.columns = names
    return frame


def _read_by_record(
    text: bytes, names: list[str], separator: str, table: Table, *, trailing: bool
) -> tuple[pl.DataFrame, pl.Series, tuple[int, ...], tuple[int, ...]]:
    """Read with the place of every record known: for quotes, blank lines and lines of wrong length.

    Lines of wrong length come last; of them only the identifiers are kept, so that their children can follow them.
    """
    records = split_records(text, separator)
    if trailing and _ends_with_separators(text, records, separator):
        end = int(records.ends[0])
        names = [*names, f"{layout.UNNAMED}{len(names) + 1}"]
        text = text[:end].rstrip(b"\r") + separator.encode() + text[end:]
        records = split_records(text, separator)
    wrong = (records.fields != len(names)) & ~records.blank
    frame = _parse(without(text, records, np.flatnonzero(wrong | records.blank)), names, separator, quote='"')
    frame = frame.select(pl.when(pl.col(name) != "").then(pl.col(name)) for name in names)  # quotes around nothing
    identifiers = {column.name for column in table.columns if column.is_key or column.parent is not None}
    wrong_rows = np.flatnonzero(wrong)
    cells = [_cells(text[records.starts[i] : records.ends[i]], separator) for i in wrong_rows]
    is_total = np.array([layout.is_total(row) for row in cells], dtype=bool)
    rows = [
        [None] * len(names) if total else _identifiers_only(row, names, identifiers)
        for row, total in zip(cells, is_total, strict=True)
    ]
    kept = np.flatnonzero(~wrong & ~records.blank)[1:]
    lines = pl.Series(records.lines[np.append(kept, wrong_rows)], dtype=pl.Int64)
    frame = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    broken, totals = (tuple((np.flatnonzero(which) + len(kept)).tolist()) for which in (~is_total, is_total))
    return frame, lines, broken, totals


def _ends_with_separators(text: bytes, records: Records, separator: str) -> bool:
    """Whether every line but the header ends with a separator, which makes one field more than the header has."""
    fields, ends = records.fields[~records.blank], records.ends[~records.blank][1:]
    if len(fields) < 2 or (fields[1:] != fields[0] + 1).any():
        return False
    return all(text[max(0, end - 2) : end].rstrip(b"\r").endswith(separator.encode()) for end in ends)


def _cells(record: bytes, separator: str) -> list[str]:
    if len(record) > layout.MAX_HEADER:
        return []
    text = record.decode("utf-8").rstrip("\r")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:  # a cell longer than any identifier
        return []


def _identifiers_only(cells: list[str], names: list[str], identifiers: set[str]) -> list[str | None]:
    cells = cells + [""] * (len(names) - len(cells))
    return [cell if cell and name in identifiers else None for name, cell in zip(names, cells, strict=False)]


def _without_blank_rows(raw: Raw) -> Raw:
    """Leave out rows in which no cell is filled: spreadsheets append them. They stand before the broken rows."""
    first = raw.frame.to_series(0)
    if not first.has_nulls():
        return raw
    filled = raw.frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    last = [*raw.broken, *(index for rows in raw.apart.values() for index in rows)]
    if last:
        filled = filled | pl.int_range(raw.frame.height, eager=True).is_in(last)
    gone = int((~filled).sum())
    return replace(
        raw,
        frame=raw.frame.filter(filled),
        lines=raw.lines.filter(filled),
        broken=tuple(index - gone for index in raw.broken),
        apart={rule: tuple(index - gone for index in rows) for rule, rows in raw.apart.items()},
    )


def _read_xlsx(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    import fastexcel

    safe = packed.safe_workbook(data, label)
    if isinstance(safe, Problem):
        return [safe]
    try:
        workbook = fastexcel.read_excel(safe)
        loaded = {
            name: workbook.load_sheet(name, header_row=None, dtypes="string", skip_rows=0).to_polars()
            for name in _sheets_to_load(workbook.sheet_names, table)
        }
    except fastexcel.FastExcelError:
        hint = "the file may be cut off or of another format; save it again as xlsx"
        return [Problem(label, "this is not a readable xlsx workbook", "an Excel workbook (.xlsx)", hint)]
    filled = {name: cells for name, cells in loaded.items() if cells.height and cells.width}
    if not filled:
        return [Problem(label, "the sheet is empty", "a header with the names of the columns")]
    if len(filled) > 1:
        what = f"the workbook has {len(filled)} sheets with cells"
        return [Problem(label, what, f"one sheet, or one named {table.name}")]
    [(sheet, cells)] = filled.items()
    raw = _from_sheet(cells, table, label, sha256, _other_sheets(workbook.sheet_names, sheet))
    # Cells that Excel shows as dates are dates already; the calendar matters for those that it shows as numbers.
    return replace(raw, day_0=DAY_0_OF_1904) if isinstance(raw, Raw) and packed.counts_from_1904(safe) else raw


def _sheets_to_load(sheets: list[str], table: Table) -> list[str]:
    """The sheet that is named like the table, or all."""
    exact = [sheet for sheet in sheets if sheet == table.name]
    named = exact or [sheet for sheet in sheets if layout.tidy_name(sheet).casefold() == table.name]
    return named[:1] or sheets


def _other_sheets(sheets: list[str], sheet: str) -> tuple[str, ...]:
    others = len(sheets) - 1
    return (f"{others} other sheets were left out; read was {packed.shown(sheet)[:40]!r}",) if others else ()


def _from_sheet(
    cells: pl.DataFrame, table: Table, label: str, sha256: str, notes: tuple[str, ...]
) -> Raw | list[Problem]:
    cells = cells.rename({name: str(place) for place, name in enumerate(cells.columns)})
    row, found = layout.header_row(cells.head(layout.HEADER_WITHIN).rows(), _known(table))
    kept = [place for place, name in enumerate(found) if name or cells.to_series(place)[row + 1 :].count()]
    cells = cells.select(str(place) for place in kept)
    spelt = _spelt(found, table)
    names = [spelt[place] for place in kept]
    if problems := _unreadable(names, table, label):
        return problems
    names = _told_apart(names, table)
    above = cells.head(row).filter(~pl.all_horizontal(pl.all().is_null())).height
    notes += (f"{above} lines above the header were left out",) if above else ()
    rows = cells.rename(dict(zip(cells.columns, names, strict=True)))[row + 1 :]
    lines = pl.int_range(row + 2, row + rows.height + 2, eager=True, dtype=pl.Int64)
    return _without_blank_rows(Raw(rows, lines, sha256, "xlsx", notes=notes))


def _read_parquet(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    found = parquet_names(data, table, label)
    if isinstance(found, list):
        return found
    try:
        frame = pl.read_parquet(data)
    except UNREADABLE:
        return [no_parquet(label)]
    return replace(parquet_rows(frame.rename(found), 0), sha256=sha256)


UNREADABLE = (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException)


def parquet_names(source: bytes | Path, table: Table, label: str) -> dict[str, str] | list[Problem]:
    """The names in a Parquet file and what they are read as, or why the file cannot be read."""
    try:
        own = list(pl.read_parquet_schema(io.BytesIO(source) if isinstance(source, bytes) else source))
    except UNREADABLE:
        return [no_parquet(label)]
    names = _spelt(own, table)
    return _unreadable(names, table, label) or dict(zip(own, _told_apart(names, table), strict=True))


def parquet_rows(frame: pl.DataFrame, before: int) -> Raw:
    """Rows of a Parquet file, of which so many came before."""
    lines = pl.int_range(before + 1, before + frame.height + 1, eager=True, dtype=pl.Int64)
    return _without_blank_rows(Raw(frame, lines, "", "parquet"))


def no_parquet(label: str) -> Problem:
    """The problem of a file that is no Parquet, or a broken one."""
    hint = "the file may be cut off or of another format; write it again"
    return Problem(label, "this is not a readable Parquet file", "a Parquet file", hint)
