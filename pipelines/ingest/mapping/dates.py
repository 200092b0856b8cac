"""Dates written in a format that the mapping names."""

from __future__ import annotations

import re

import polars as pl

from validation.contract import Column

from ..conversion import FIRST_DAY, LAST_DAY

BIRTHS_FROM, EVENTS_FROM = 1920, 1970
"""A year of two digits lies in the hundred years from here: births, and everything else."""

WORDS = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%H": "hh", "%M": "mm", "%S": "ss"}
_ISO = r"^(\d{4}-\d\d-\d\d)(?:[ T]00:00(?::00(?:\.0+)?)?)?$"


def words(form: str, column: Column) -> str:
    """The format as it is shown, with the reading of years of two digits."""
    shown = re.sub(r"%.", lambda part: WORDS[part[0]], form)
    if "%y" not in form:
        return shown
    first = century(column)
    return f"{shown}, yy from {first} to {first + 99}"


def century(column: Column) -> int:
    """The first year that two digits can mean in a column."""
    return BIRTHS_FROM if column.name == "birth_date" else EVENTS_FROM


def read(cells: pl.Series, form: str, column: Column, native: bool) -> pl.Series:
    """The dates; null where a cell is not written so. A time of the day is dropped; day and month may be absent.

    `native` files hold dates that their program knew as such; those have become text in the ISO form.
    """
    cells = cells.str.strip_chars()
    pattern, order = _pattern(form)

    def part(*marks: str) -> pl.Series | None:
        found = next((mark for mark in marks if mark in order), None)
        return cells.str.extract(pattern, order.index(found) + 1).cast(pl.Int32) if found else None

    year, month, day = part("%Y", "%y"), part("%m"), part("%d")
    assert year is not None
    if "%y" in order:
        first = century(column)
        year = year + first // 100 * 100 + (year < first % 100).cast(pl.Int32) * 100
    one = pl.Series([1], dtype=pl.Int32).new_from_index(0, len(cells))
    parts = pl.DataFrame({"y": year, "m": one if month is None else month, "d": one if day is None else day})
    written = parts.select(
        pl.col("y").cast(pl.String)
        + "-"
        + pl.col("m").cast(pl.String).str.zfill(2)
        + "-"
        + pl.col("d").cast(pl.String).str.zfill(2)
    ).to_series()
    if native:
        written = written.zip_with(written.is_not_null(), cells.str.extract(_ISO, 1))
    dates = written.str.to_date("%Y-%m-%d", strict=False)
    return dates.set(~dates.is_between(FIRST_DAY, LAST_DAY), None)


def _pattern(form: str) -> tuple[str, list[str]]:
    """A regular expression with one group per part, and the parts in order."""
    pieces = re.split(r"(%.)", form)
    digits = {"%Y": r"(\d{4})", "%y": r"(\d{2})"}
    packed = re.search(r"%.%.", form) is not None
    other = r"(\d{2})" if packed else r"(\d{1,2})"
    pattern = "".join(digits.get(piece, other) if piece in WORDS else re.escape(piece) for piece in pieces)
    return f"^{pattern}$", [piece for piece in pieces if piece in WORDS]
