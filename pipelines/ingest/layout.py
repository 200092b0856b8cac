"""Where the table lies in a file: lines above the header, columns without name, header lines and totals among the rows."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from .dialect import SEPARATORS

HEADER_WITHIN = 30
"""The header is looked for in this many lines."""
MAX_HEADER = 1 << 18
"""Bytes of a line that are looked at for names, and of the longest line that is taken apart field by field."""
MAX_COLUMNS = 2000
TELLING = 16
"""Characters of the name of a column by which it is first looked for among the rows."""
UNNAMED = "\0"
"""Begins the name of a column that has none in the file."""

TOTAL = r"(?:grand |sous[ -]?)?(?:total|totaux|somme)(?: g[ée]n[ée]ral)?s?\s*[:=]?\s*\d*"
_TOTAL = re.compile(TOTAL, re.IGNORECASE)
_SPACES = re.compile(r"[\s\ufeff]+")
_PATTERN = re.compile(r"\*|\^.*\$", re.DOTALL)


def tidy_name(name: str | None) -> str:
    """The name of a column with composed accents, single blanks, and no mark of the byte order."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", name or "")).strip()


def named(names: Sequence[str | None]) -> list[str]:
    """The tidied names; columns without one get a mark and their place."""
    return [literal(tidy_name(name)) or f"{UNNAMED}{place}" for place, name in enumerate(names, start=1)]


def literal(name: str) -> str:
    """The name of a column, with a blank before one that polars would take for a pattern of many (`*`, `^...$`)."""
    return f" {name}" if _PATTERN.fullmatch(name) else name


def letter(place: int) -> str:
    """The letters of a spreadsheet for the column at this place, which counts from 1."""
    letters = ""
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def is_total(cells: Sequence[str | None]) -> bool:
    """Whether a row is a total: its first filled cell says so and nothing else."""
    first = next((cell for cell in cells if cell and cell.strip()), "")
    return bool(_TOTAL.fullmatch(tidy_name(first)))


# Headers


@dataclass(frozen=True)
class Header:
    """The header of a text: its separator, the names of the columns, the line on which it stands, and where it begins."""

    separator: str
    names: list[str]
    line: int
    start: int


def find_header(text: bytes, known: Collection[str]) -> Header:
    """The line that holds most known names, among the first; the first of all if none holds any.

    A line in which at least half of the cells are known is the header wherever another one may lie.
    """
    known = set(known)
    best, found = None, -1
    start = line = 0
    while start <= len(text) and line < HEADER_WITHIN:
        end, lines = _end_of_record(text, start)
        separator, cells = _split(text[start : min(end, start + MAX_HEADER)], known)
        hits = len(known & set(cells))
        if hits > found and (line == 0 or hits > 1 or len(cells) == 1):
            best, found = Header(separator, cells, line + 1, start), hits
        if 2 * hits >= len(cells) and hits:
            break
        start, line = end + 1, line + lines
    assert best is not None
    return best


def _end_of_record(text: bytes, start: int) -> tuple[int, int]:
    """Where the record ends that begins here, and over how many lines it goes: a quoted name may hold line ends."""
    end, lines = start, 0
    while True:
        newline = text.find(b"\n", end)
        lines += 1
        if newline < 0:
            return len(text), lines
        if text.count(b'"', start, newline) % 2 == 0 or lines == HEADER_WITHIN:
            return newline, lines
        end = newline + 1


def _split(line: bytes, known: set[str]) -> tuple[str, list[str]]:
    """The separator that makes most known names of a line, and the cells between."""
    words = line.decode("utf-8", "replace").replace("\r", "")

    def cells(separator: str) -> list[str]:
        try:
            return [tidy_name(cell) for cell in next(csv.reader(io.StringIO(words), delimiter=separator), [])]
        except csv.Error:  # a cell that is longer than any name
            return [tidy_name(cell) for cell in words.split(separator)]

    separator = max(SEPARATORS, key=lambda mark: (len(known & set(cells(mark))), len(cells(mark))))
    return separator, cells(separator)


def header_row(rows: Sequence[Sequence[str | None]], known: Collection[str]) -> tuple[int, list[str]]:
    """The row of a sheet that is its header, and the names in it.

    A merged cell stands in its first row only: a name that is missing is taken from the row above, if it is a known one.
    """
    best, found = (0, [tidy_name(cell) for cell in rows[0]]), -1
    above: list[str] = [""] * len(rows[0])
    for index, row in enumerate(rows):
        cells = [tidy_name(cell) for cell in row]
        own = len(set(cells) & set(known))
        names = [cell or (over if over in known else "") for cell, over in zip(cells, above, strict=True)]
        hits = len(set(names) & set(known)) if own else 0
        if hits > found and (index == 0 or hits > 1 or sum(map(bool, cells)) == 1):
            best, found = (index, names), hits
        above = [cell or over for cell, over in zip(cells, above, strict=True)]
    return best


# Rows and columns


@dataclass(frozen=True)
class Layout:
    """What was found among the rows: indexes of repeated header lines, of totals, and of other headers."""

    headers: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    others: tuple[int, ...] = ()


def survey(frame: pl.DataFrame, known: Collection[str]) -> Layout:
    """Find header lines and totals among the rows of text."""
    if not frame.height or frame.to_series(0).dtype != pl.String:
        return Layout()
    first = frame.to_series(0)
    if first.has_nulls():
        empty = first.is_null().arg_true()
        first = first.clone().scatter(empty, frame[empty].select(pl.coalesce(pl.all())).to_series())
    columns = [tidy_name(name) for name in frame.columns]
    names = {*known, *(name for name in columns if not name.startswith(UNNAMED))}
    short = "|".join(sorted(re.escape(name) for name in names if len(name) <= TELLING))
    long = "".join(sorted("|" + re.escape(name[:TELLING]) for name in names if len(name) > TELLING))
    pattern = rf"(?i)^[\s\x{{feff}}]*(?:(?:{TOTAL}|{short})[\s\x{{a0}}]*$" + long + ")"
    candidates = first.to_frame("cell").select_seq(pl.col("cell").str.contains(pattern).arg_true()).to_series()
    if len(candidates) < len(first) and not len(candidates):
        return Layout()
    headers, totals, others = [], [], []
    for index in candidates:
        cells = [tidy_name(cell) for cell in frame.row(index)]
        hits = sum(cell in names for cell in cells)
        same = all(cell == name for cell, name in zip(cells, columns, strict=True) if name in known)
        if same and hits >= min(2, len(cells)):
            headers.append(index)
        elif hits > 1 and 2 * hits >= len([cell for cell in cells if cell]):
            others.append(index)
        elif is_total(cells):
            totals.append(index)
    return Layout(tuple(headers), tuple(totals), tuple(others))


def empty_columns(frame: pl.DataFrame) -> list[str]:
    """The columns that have neither name nor content."""
    return [
        name
        for name in frame.columns
        if name.startswith(UNNAMED) and frame[name].cast(pl.String).str.strip_chars().replace("", None).is_null().all()
    ]
