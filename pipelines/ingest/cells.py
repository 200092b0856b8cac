"""How centres write single cells: blanks in words, thousands, partial dates, years of two digits, days as Excel counts them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
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

_SPELT = [written for word in _BLANKS for written in (word, word.upper(), word.capitalize())]
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
_EXCEL_EPOCH = date(1899, 12, 30)


# Blanks


def is_blank(cell: str) -> bool:
    """Whether a cell says in words that nothing is known."""
    return " ".join(unicodedata.normalize("NFKC", cell).split()).casefold() in BLANK_WORDS


def without_blank_words(cells: pl.Series) -> pl.Series:
    """Identifiers with null for words that stand for a blank."""
    found = cells.is_in(_SPELT)
    return cells.set(found, None) if found.any() else cells


def blanks_note(raw: pl.Series, values: pl.Series, failed: pl.Series, column: Column) -> str:
    """How many cells of a column were read as blank because of a word; empty if none was."""
    if raw.dtype != pl.String or values.null_count() == raw.null_count() + len(failed):
        return ""
    blank = raw.filter(raw.is_not_null() & values.is_null()).drop_nulls()
    counted: Counter[str] = Counter()
    for cell, times in blank.value_counts().iter_rows():
        if is_blank(cell):
            counted[cell.strip()] += times
    said = ", ".join(f"{cell!r} {times} times" for cell, times in sorted(counted.items()))
    return f"column {column.name}: read as blank: {said}" if said else ""


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


def written_otherwise(raw: pl.Series, column: Column, form: str) -> tuple[pl.Series, str]:
    """A date column that is written as a whole with years of two digits or as days counted by Excel, in the usual form.

    Returns the column as it is, and no note, if even one cell is written otherwise.
    """
    if column.kind != "date" or raw.dtype != pl.String:
        return raw, ""
    first = raw.drop_nulls().head(1)
    if first.is_empty() or not (_TWO_DIGITS.fullmatch(first[0].strip()) or _SERIAL.fullmatch(first[0].strip())):
        return raw, ""
    cells = [cell for cell in raw.drop_nulls().unique() if cell.strip() and not is_blank(cell)]
    born = column.name == "birth_date"
    if all(_TWO_DIGITS.fullmatch(cell.strip()) for cell in cells):
        start = BIRTH_YEARS if born else OTHER_YEARS
        return _rewritten(raw, lambda cell: _with_century(cell, start, form)), (
            f"column {column.name}: years of two digits, read as {start} to {start + 99}"
        )
    if all(_is_counted_day(cell, born) for cell in cells) and any(is_serial(cell) for cell in cells):
        return _rewritten(raw, lambda cell: _counted_day(cell, form)), (
            f"column {column.name}: days as Excel counts them, from 1900"
        )
    return raw, ""


def year_first(raw: pl.Series) -> bool:
    """Whether two-digit dates look like yy/mm/dd: the first part is never a small day, and varies less than the last."""
    parts = raw.drop_nulls().str.extract_groups(r"^\s*(\d{2})[/.](\d{1,2})[/.](\d{2})\s*$").struct
    first, last = parts.field("1").drop_nulls(), parts.field("3").drop_nulls()
    if len(first) < 10:
        return False
    return int(first.cast(pl.Int32).min()) > 12 and first.n_unique() < last.n_unique()  # type: ignore[arg-type]


def _with_century(cell: str, start: int, form: str) -> str:
    day, _, month, short = _TWO_DIGITS.fullmatch(cell.strip()).groups()  # type: ignore[union-attr]
    year = start + (int(short) - start) % 100
    try:
        return date(year, int(month), int(day)).strftime(form)
    except ValueError:
        return cell


def _is_counted_day(cell: str, born: bool) -> bool:
    found = _SERIAL.fullmatch(cell.strip())
    return bool(found) and (len(found[1]) == 5 or born)  # type: ignore[index]


def _counted_day(cell: str, form: str) -> str:
    days = int(_SERIAL.fullmatch(cell.strip())[1])  # type: ignore[index]
    if 1900 <= days <= 2100:  # a year of birth: as a day it would lie in 1905
        return str(days)
    return (_EXCEL_EPOCH + timedelta(days=days)).strftime(form)


def _rewritten(raw: pl.Series, rewrite: Callable[[str], str]) -> pl.Series:
    written = {
        cell: rewrite(cell) if cell.strip() and not is_blank(cell) else cell for cell in raw.drop_nulls().unique()
    }
    return raw.replace_strict(list(written), list(written.values()), default=None, return_dtype=pl.String)
