"""How centres write single cells: blanks in words, thousands, partial dates, years of two digits, days as Excel counts them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import polars as pl

from validation.contract import Column

_BLANKS = (
    "na", "n/a", "n.a.", "nc", "nd", "nr", ".", "-", "?", "inconnu", "inconnue", "non renseigné", "non renseignée",
    "non renseigne", "non renseignee",
)  # fmt: skip
BLANK_WORDS = frozenset(_BLANKS)
"""Ways of writing that a value is not known. A closed list; a word that is a token of the column is that token."""

BIRTH_YEARS, OTHER_YEARS = 1910, 1950
"""Years of two digits are read within the hundred years from here: no birth after 2009, no other date after 2049."""

_SPELT = pl.Series([[written for word in _BLANKS for written in (word, word.upper(), word.capitalize())]])
_GROUPED = re.compile(r"([+-]?\d{1,3})([ \u00a0\u2009\u202f'’])(\d{3}(?:\2\d{3})*)([.,]\d+)?")
_POINTED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})")
_INCOMPLETE = re.compile(
    r"(?:(?:00?[/.-])?(?P<month>\d{1,2})[/.-])?(?P<year>\d{4})|(?P<year2>\d{4})-(?P<month2>\d{1,2})(?:-00)?"
)
_TWO_DIGITS = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{2})")
_MONTHS = "janv?|f[eé]vr?|mars?|avr|mai|may|juin|jun|juil|jul|ao[uû]t?|aug|sept?|oct|nov|d[eé]c"
_LIKE_A_DATE = re.compile(
    r"(?:\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2}))(?:[ T]\d{1,2}:.*)?"
    rf"|(?:\d{{1,2}}[-/. ])?(?:{_MONTHS})[a-zéûô]*\.?(?:[-/. ]\d{{2,4}})?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{4,5})(?:[.,]0+)?")
DAY_0, DAY_0_OF_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Where Excel counts days from, and where it does in workbooks that say so: those begun on old Macs."""


# Blanks


def is_blank(cell: str) -> bool:
    """Whether a cell says in words that nothing is known."""
    return " ".join(unicodedata.normalize("NFKC", cell).split()).casefold() in BLANK_WORDS


def without_blank_words(cells: pl.Series) -> pl.Series:
    """Identifiers with null for words that stand for a blank."""
    found = cells.is_in(_SPELT)
    return cells.set(found, None) if found.any() else cells


def is_blank_word(cells: pl.Expr) -> pl.Expr:
    """Whether an identifier is a word that stands for a blank."""
    return cells.is_in(_SPELT)


def blank_words(raw: pl.Series, values: pl.Series, failed: pl.Series) -> Counter[str]:
    """The words of a column that were read as blank, and how often each was met."""
    counted: Counter[str] = Counter()
    if raw.dtype != pl.String or values.null_count() == raw.null_count() + len(failed):
        return counted
    blank = raw.filter(raw.is_not_null() & values.is_null()).drop_nulls()
    for cell, times in blank.value_counts().iter_rows():
        if is_blank(cell):
            counted[cell.strip()] += times
    return counted


def blanks_note(column: str, words: Mapping[str, int]) -> str:
    """How many cells of a column were read as blank because of a word."""
    said = ", ".join(f"{cell!r} {times} times" for cell, times in sorted(words.items()))
    return f"column {column}: read as blank: {said}"


# Numbers


def without_thousands(cell: str, mark: str) -> str:
    """A number without the marks between its thousands: blanks, apostrophes, and points where the comma is decimal.

    One group after a single point is left as it is: 1.234 may be either.
    """
    if grouped := _GROUPED.fullmatch(cell):
        first, between, rest, decimals = grouped.groups()
        return first + rest.replace(between, "") + (decimals or "")
    return cell.replace(".", "") if mark == "," and _POINTED.fullmatch(cell) else cell


def like_a_date(cell: str) -> bool:
    """Whether a cell of a number column has become a date, as spreadsheets do with 1/3 or 3.5."""
    return bool(_LIKE_A_DATE.fullmatch(cell.strip()))


# Dates


def start_of(cell: str) -> date | None:
    """The first day of the month or year that an incomplete date gives; None if it is none."""
    found = _INCOMPLETE.fullmatch(cell.strip())
    if not found:
        return None
    year, month = found["year"] or found["year2"], found["month"] or found["month2"]
    try:
        return date(int(year), int(month or 1) or 1, 1)
    except ValueError:
        return None


def is_serial(cell: str) -> bool:
    """Whether a cell is a day as Excel counts them."""
    found = _SERIAL.fullmatch(cell.strip())
    return bool(found) and len(found[1]) == 5  # type: ignore[index]


class Writing:
    """How a date column is written as a whole, as far as it was seen."""

    def __init__(self, column: Column) -> None:
        self._born = column.name == "birth_date"
        self._usual = column.kind != "date"
        self._first: str | None = None
        self._short = self._counted = True
        self._serial = False

    def add(self, raw: pl.Series) -> None:
        """See the next cells."""
        if self._usual or raw.dtype != pl.String:
            return
        if self._first is None:
            first = raw.drop_nulls().head(1)
            if first.is_empty():
                return
            self._first = first[0].strip()
            self._usual = not (_TWO_DIGITS.fullmatch(self._first) or _SERIAL.fullmatch(self._first))
            if self._usual:
                return
        cells = [cell for cell in raw.drop_nulls().unique() if cell.strip() and not is_blank(cell)]
        self._short = self._short and all(_TWO_DIGITS.fullmatch(cell.strip()) for cell in cells)
        self._counted = self._counted and all(_is_counted_day(cell, self._born) for cell in cells)
        self._serial = self._serial or any(is_serial(cell) for cell in cells)

    @property
    def way(self) -> str:
        """`short` for years of two digits, `counted` for days as Excel counts them; empty if even one cell is neither."""
        if self._usual or self._first is None:
            return ""
        return "short" if self._short else "counted" if self._counted and self._serial else ""


def way_of(raw: pl.Series, column: Column, day_0: date = DAY_0) -> str:
    """How a whole column is written, as `Writing.way` tells it; `counted_1904` where its workbook counts from that year."""
    writing = Writing(column)
    writing.add(raw)
    return counted_from(writing.way, day_0)


def counted_from(way: str, day_0: date) -> str:
    """The way with the day from which a workbook counts."""
    return "counted_1904" if way == "counted" and day_0 != DAY_0 else way


def rewritten(raw: pl.Series, column: Column, way: str, form: str) -> pl.Series:
    """A date column that is written in a way of its own, in the usual form; a cell that is not stays as it is."""
    if way == "short":
        start = _first_year(column)
        return _rewritten(raw, lambda cell: _with_century(cell, start, form))
    day_0 = {"counted": DAY_0, "counted_1904": DAY_0_OF_1904}.get(way)
    return _rewritten(raw, lambda cell: _counted_day(cell, form, day_0)) if day_0 else raw


def way_note(column: Column, way: str) -> str:
    """What is to be said of a column that is written in a way of its own."""
    start = _first_year(column)
    said = {
        "short": f"years of two digits, read as {start} to {start + 99}",
        "counted": "days as Excel counts them, from 1900",
        "counted_1904": "days as Excel counts them, from 1904",
    }
    return f"column {column.name}: {said[way]}"


def _first_year(column: Column) -> int:
    return BIRTH_YEARS if column.name == "birth_date" else OTHER_YEARS


class YearFirst:
    """Whether two-digit dates look like yy/mm/dd: the first part is never a small day, and varies less than the last."""

    def __init__(self) -> None:
        self._n = 0
        self._parts: tuple[set[str], set[str]] = (set(), set())

    def add(self, raw: pl.Series) -> None:
        """See the next cells."""
        cells = raw.drop_nulls()
        # Whole dates have more characters, and are by far the most.
        cells = cells.filter(cells.str.strip_chars().str.len_chars() <= len("yy/mm/dd"))
        if cells.is_empty():
            return
        parts = cells.str.extract_groups(r"^\s*(\d{2})[/.](\d{1,2})[/.](\d{2})\s*$").struct
        for group, seen in zip(("1", "3"), self._parts, strict=True):
            found = parts.field(group).drop_nulls()
            seen.update(found.unique())
        self._n += len(found)

    def is_so(self) -> bool:
        """What all cells together show."""
        first, last = self._parts
        return self._n >= 10 and min(map(int, first)) > 12 and len(first) < len(last)


def _with_century(cell: str, start: int, form: str) -> str:
    found = _TWO_DIGITS.fullmatch(cell.strip())
    if not found:
        return cell
    day, _, month, short = found.groups()
    year = start + (int(short) - start) % 100
    try:
        return date(year, int(month), int(day)).strftime(form)
    except ValueError:
        return cell


def _is_counted_day(cell: str, born: bool) -> bool:
    found = _SERIAL.fullmatch(cell.strip())
    return bool(found) and (len(found[1]) == 5 or born)  # type: ignore[index]


def _counted_day(cell: str, form: str, day_0: date) -> str:
    found = _SERIAL.fullmatch(cell.strip())
    if not found:
        return cell
    days = int(found[1])
    if 1900 <= days <= 2100:  # a year of birth: as a day it would lie in 1905 or 1909
        return str(days)
    return (day_0 + timedelta(days=days)).strftime(form)


def _rewritten(raw: pl.Series, rewrite: Callable[[str], str]) -> pl.Series:
    written = {
        cell: rewrite(cell) if cell.strip() and not is_blank(cell) else cell for cell in raw.drop_nulls().unique()
    }
    return raw.replace_strict(list(written), list(written.values()), default=None, return_dtype=pl.String)
