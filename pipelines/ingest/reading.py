"""Files to frames of text, with the line of every row. Nothing is converted and nothing is dropped here."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from validation.contract import Table

from .dialect import decode, split_header
from .model import FORMATS, Problem, close_match
from .records import MalformedQuote, split_records, without


@dataclass(frozen=True)
class Raw:
    """A file as it was read: text cells (typed ones from Parquet), null where blank.

    `lines` says on which line of the file (row of the sheet, row number in Parquet) each row begins. `broken` holds the
    indexes of rows with a wrong number of fields; of these only the identifiers are kept, null elsewhere.
    """

    frame: pl.DataFrame
    lines: pl.Series
    sha256: str
    format: str
    encoding: str | None = None
    separator: str | None = None
    broken: tuple[int, ...] = ()


@dataclass(frozen=True)
class AnyColumns(Table):
    """Stands for a file with names of its own, of which a mapping uses the columns of this table."""


def read(path: Path, table: Table, label: str) -> Raw | list[Problem]:
    """Read one file of one table, or say why it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [Problem(label, f"the file cannot be opened: {error.strerror}", "a readable file")]
    if not data[:4096].strip():
        return [Problem(label, "the file is empty", "a header with the names of the columns")]
    readers = {"csv": _read_csv, "xlsx": _read_xlsx, "parquet": _read_parquet}
    form = FORMATS[path.suffix.lower()]
    return readers[form](data, table, label, hashlib.sha256(data).hexdigest())


def check_header(names: list[str], table: Table, label: str) -> list[Problem]:
    """Unknown, doubled and missing columns."""
    allowed = [column.name for column in table.columns]
    if isinstance(table, AnyColumns):
        return _check_used(names, allowed, label)
    expected = f"columns among {', '.join(allowed)}"
    if not set(names) & set(allowed):
        # The names are not shown: without a header they would be a patient's values.
        hint = "add the header line, or check the separator"
        return [Problem(label, "the first line is no header of this table", expected, hint)]
    problems = []
    for name in dict.fromkeys(names):
        if name not in allowed:
            what = f"unknown column {name[:60]!r}" if name else "a column has no name"
            problems.append(Problem(label, what, expected, close_match(name, allowed)))
        elif names.count(name) > 1:
            problems.append(Problem(label, f"the column {name} is there {names.count(name)} times", "each column once"))
    missing = [column.name for column in table.columns if column.required and column.name not in names]
    if missing:
        what = f"required columns are missing: {', '.join(missing)}"
        problems.append(Problem(label, what, hint="add the columns, or check the separator and the header line"))
    return problems


def _check_used(names: list[str], used: list[str], label: str) -> list[Problem]:
    if used and not set(names) & set(used):
        # The names are not shown: without a header they would be a patient's values.
        hint = "add the header line, or check the names of the columns in the mapping"
        return [Problem(label, "the first line is no header that the mapping knows", f"among {', '.join(used)}", hint)]
    doubled = [name for name in used if names.count(name) > 1]
    return [Problem(label, f"the column {name[:60]!r} is there more than once", "each column once") for name in doubled]


def _told_apart(names: list[str]) -> list[str]:
    """The names of the columns, each once: a file that is read by a mapping may have some without a name or twice."""
    apart: list[str] = []
    for place, name in enumerate(names, start=1):
        while not name or name in apart:
            name = f"{name or 'column'} ({place})"
        apart.append(name)
    return apart


def _read_csv(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    decoded = decode(data, label)
    if isinstance(decoded, Problem):
        return [decoded]
    text, encoding = decoded
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")  # as old spreadsheets on a Mac write it
    text = text.rstrip(b"\r\n")
    separator, names = split_header(text, table.schema)
    problems = check_header(names, table, label)
    if problems:
        return problems
    names = _told_apart(names)
    frame = None if b'"' in text else _read_plain(text, names, separator)
    if frame is not None:
        lines = pl.int_range(2, frame.height + 2, eager=True, dtype=pl.Int64)
        return _without_blank_rows(Raw(frame, lines, sha256, "csv", encoding, separator))
    try:
        frame, lines, broken = _read_by_record(text, names, separator, table)
    except MalformedQuote as malformed:
        what = f"the quote on line {malformed.line} does not enclose a field, or is never closed"
        hint = "the file may be cut off; a quote inside a quoted field is doubled"
        return [Problem(label, what, "fields quoted as a whole, or not at all", hint)]
    return _without_blank_rows(Raw(frame, lines, sha256, "csv", encoding, separator, broken))


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
    return frame.rename(dict(zip(frame.columns, names, strict=True)))


def _read_by_record(
    text: bytes, names: list[str], separator: str, table: Table
) -> tuple[pl.DataFrame, pl.Series, tuple[int, ...]]:
    """Read with the place of every record known: for quotes, blank lines and lines of wrong length.

    Lines of wrong length come last; of them only the identifiers are kept, so that their children can follow them.
    """
    records = split_records(text, separator)
    wrong = (records.fields != len(names)) & ~records.blank
    frame = _parse(without(text, records, np.flatnonzero(wrong | records.blank)), names, separator, quote='"')
    broken = np.flatnonzero(wrong)
    identifiers = {column.name for column in table.columns if column.is_key or column.parent is not None}
    rows = [_identifiers_only(text[records.starts[i] : records.ends[i]], names, separator, identifiers) for i in broken]
    kept = np.flatnonzero(~wrong & ~records.blank)[1:]
    lines = pl.Series(records.lines[np.append(kept, broken)], dtype=pl.Int64)
    frame = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
    return frame, lines, tuple(range(len(kept), frame.height))


def _identifiers_only(record: bytes, names: list[str], separator: str, identifiers: set[str]) -> list[str | None]:
    cells = next(csv.reader(io.StringIO(record.decode("utf-8").rstrip("\r"), newline=""), delimiter=separator))
    cells += [""] * (len(names) - len(cells))
    return [cell if cell and name in identifiers else None for name, cell in zip(names, cells, strict=False)]


def _without_blank_rows(raw: Raw) -> Raw:
    """Leave out rows in which no cell is filled: spreadsheets append them. They stand before the broken rows."""
    first = raw.frame.to_series(0)
    if not first.has_nulls():
        return raw
    filled = raw.frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    if len(raw.broken):
        filled = filled | pl.int_range(raw.frame.height, eager=True).is_in(list(raw.broken))
    gone = int((~filled).sum())
    return replace(
        raw,
        frame=raw.frame.filter(filled),
        lines=raw.lines.filter(filled),
        broken=tuple(index - gone for index in raw.broken),
    )


def _read_xlsx(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    import fastexcel

    try:
        workbook = fastexcel.read_excel(data)
        sheets = workbook.sheet_names
        if len(sheets) > 1 and table.name not in sheets:
            return [Problem(label, f"the workbook has {len(sheets)} sheets", f"one sheet, or one named {table.name}")]
        sheet = table.name if table.name in sheets else sheets[0]
        cells = workbook.load_sheet(sheet, header_row=None, dtypes="string", skip_rows=0).to_polars()
    except fastexcel.FastExcelError:
        hint = "the file may be cut off or of another format; save it again as xlsx"
        return [Problem(label, "this is not a readable xlsx workbook", "an Excel workbook (.xlsx)", hint)]
    cells = cells.select(column for column in cells if column.null_count() < cells.height)
    if not cells.height:
        return [Problem(label, "the sheet is empty", "a header with the names of the columns")]
    names = [(name or "").strip() for name in cells.row(0)]
    problems = check_header(names, table, label)
    if problems:
        return problems
    rows = cells.rename(dict(zip(cells.columns, _told_apart(names), strict=True)))[1:]
    lines = pl.int_range(2, rows.height + 2, eager=True, dtype=pl.Int64)
    return _without_blank_rows(Raw(rows, lines, sha256, "xlsx"))


def _read_parquet(data: bytes, table: Table, label: str, sha256: str) -> Raw | list[Problem]:
    try:
        frame = pl.read_parquet(data)
    except (pl.exceptions.PolarsError, OSError):
        hint = "the file may be cut off or of another format; write it again"
        return [Problem(label, "this is not a readable Parquet file", "a Parquet file", hint)]
    problems = check_header(frame.columns, table, label)
    if problems:
        return problems
    lines = pl.int_range(1, frame.height + 1, eager=True, dtype=pl.Int64)
    return _without_blank_rows(Raw(frame, lines, sha256, "parquet"))
