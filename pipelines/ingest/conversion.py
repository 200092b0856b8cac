"""Cells of text to the types of the contract. A cell that does not convert is reported, never lost and never shown."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from validation.contract import Column, Table
from validation.quarantine import Finding
from validation.rules import WORDS

from . import cells
from .cells import YearFirst
from .dialect import DATE_WORDS, ISO, SAMPLE, Dialect, Votes, date_forms, decimal_marks
from .model import Problem
from .reading import Raw

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
LONGEST_CELL = 5000
"""Characters of the longest cell that can be anything but text; a longer one is not looked at closely."""
PARTIAL = "birth_date"
"""The one column in which a date without day or month stands for the first of its month or year."""
YES = ("true", "oui", "o", "vrai", "1")
NO = ("false", "non", "n", "faux", "0")
RULES = {
    "date": "bad_date",
    "int": "bad_number",
    "float": "bad_number",
    "bool": "bad_boolean",
    "enum": "unknown_token",
    "set": "unknown_token",
}


@dataclass(frozen=True)
class Converted:
    """A file in the types of the contract: all columns in order, what did not convert, and what is to be said of columns.

    `ways` names the columns that are written in a way of their own; `blanks` the words that were read as blanks; `odd` the
    columns that have a cell that is not text, or not written plainly.
    """

    frame: pl.DataFrame
    findings: list[Finding]
    dialect: Dialect
    ways: Mapping[str, str]
    blanks: Mapping[str, Counter[str]]
    odd: frozenset[str]


def notes_of(table: Table, ways: Mapping[str, str], blanks: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """What is to be said of the columns of a file."""
    notes = []
    for column in table.columns:
        if ways.get(column.name):
            notes.append(cells.way_note(column, ways[column.name]))
        if blanks.get(column.name):
            notes.append(cells.blanks_note(column.name, blanks[column.name]))
    return tuple(notes)


def convert(raw: Raw, table: Table, dialect: Dialect | None = None, ways: Mapping[str, str] | None = None) -> Converted:
    """Convert every column of the contract; a column that the file does not have is all null.

    Dialect and ways are found in the cells, unless it is known how the whole file is written.
    """
    dialect = dialect or detect(raw, table)
    findings = [Finding(pl.Series(raw.broken, dtype=pl.UInt32), None, "wrong_field_count", _fields(raw))]
    findings += [
        Finding(pl.Series(rows, dtype=pl.UInt32), None, rule, WORDS[rule].en) for rule, rows in raw.apart.items()
    ]
    plain = _plainly(raw.frame, table.columns, dialect)
    columns: list[pl.Series] = []
    found: dict[str, str] = {}
    blanks: dict[str, Counter[str]] = {}
    odd: set[str] = set()
    for column in table.columns:
        if column.name not in raw.frame.columns:
            columns.append(pl.Series(column.name, [None], dtype=column.dtype).new_from_index(0, raw.frame.height))
            continue
        written, values = raw.frame[column.name], plain.get(column.name)
        found[column.name] = "" if ways is None else ways[column.name]
        if values is None or values.null_count() > written.null_count():
            odd.add(column.name)
            if ways is None:
                found[column.name] = cells.way_of(written, column, raw.day_0)
            written = cells.rewritten(written, column, found[column.name], dialect.form)
            values, failed = convert_column(written, column, dialect)
            blanks[column.name] = cells.blank_words(written, values, failed)
            findings += _findings(written, failed, column, dialect)
        columns.append(values.alias(column.name))
    findings = [finding for finding in findings if len(finding.rows)]
    return Converted(pl.DataFrame(columns), findings, dialect, found, blanks, frozenset(odd))


def _plainly(frame: pl.DataFrame, columns: Sequence[Column], dialect: Dialect) -> dict[str, pl.Series]:
    """The columns of text in their types, null where a cell is not written plainly; without those that hold what is not right.

    All at once, for most files are small, and then the number of queries counts.
    """
    text = [column for column in columns if frame.schema.get(column.name) == pl.String]
    values = frame.select_seq(_plain(column, dialect) for column in text)
    right = values.select_seq(_is_right(column).all() for column in text if column.kind in _TO_CHECK)
    wrong = {name for name in right.columns if not right[name].item()}
    return {name: made for name, made in values.to_dict().items() if name not in wrong}


def _findings(raw: pl.Series, failed: pl.Series, column: Column, dialect: Dialect) -> list[Finding]:
    """The cells that did not convert, by the rule that tells best what is wrong with them."""
    if not len(failed):
        return []
    usual, expected = RULES[column.kind], expectation(column, dialect)
    distinct = raw.gather(failed).cast(pl.String, strict=False)
    rule_of = {cell: _rule(cell[:LONGEST_CELL], column) or usual for cell in distinct.unique() if cell is not None}
    rules = pl.Series([rule_of.get(cell, usual) for cell in distinct], dtype=pl.String)
    return [
        Finding(failed.filter(rules == rule), column.name, rule, expected if rule == usual else WORDS[rule].en)
        for rule in sorted(set(rules))
    ]


def _rule(cell: str, column: Column) -> str:
    if column.kind == "date" and cells.start_of(cell):
        return "incomplete_date"
    if column.kind == "date" and cells.is_serial(cell):
        return "serial_date"
    return "date_in_number" if column.kind in ("int", "float") and cells.like_a_date(cell) else ""


class Detection:
    """How the text cells of a file are written, as far as they were seen."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._native = False
        self._floats, self._ints = Votes(decimal_marks), Votes(decimal_marks)
        self._dates = Votes(date_forms)

    def add(self, raw: Raw) -> None:
        """See the next rows."""
        self._native = raw.format != "csv"
        point = r"^[+-]?\d*\.?\d*([eE][+-]?\d+)?$"
        self._floats.add(self._texts(raw, "float", point))
        if self._floats.most() is None:
            self._ints.add(self._texts(raw, "int", point))
        self._dates.add(self._texts(raw, "date", r"^\d{4}-"))

    def dialect(self) -> Dialect:
        """The decimal mark and the date format."""
        return Dialect(self._floats.most() or self._ints.most(), self._dates.most(), self._native)

    def _texts(self, raw: Raw, kind: str, typed: str) -> list[pl.Series]:
        names = [column.name for column in self._table.columns if column.kind == kind]
        columns = [raw.frame[name] for name in names if raw.frame.schema.get(name) == pl.String]
        # Typed cells have become text in one known way and say nothing about the cells that were text before.
        return [column.filter(~column.str.contains(typed)) for column in columns] if self._native else columns


def detect(raw: Raw, table: Table) -> Dialect:
    """Detect the date format and the decimal mark in the text cells of a file."""
    detection = Detection(table)
    detection.add(raw)
    return detection.dialect()


class DateOrder:
    """Whether the dates of a file put the month before the day, or the year first: even those that convert would be wrong."""

    def __init__(self) -> None:
        self._days = self._late = 0
        self._first_late = self._bad = False
        self._year_first: dict[str, YearFirst] = {}

    def add(self, raw: Raw, table: Table, converted: Converted) -> None:
        """See the next rows. The month can come first only where some dates do not convert, and no day stands first."""
        names, dialect = _date_columns(raw, table), converted.dialect
        for name in names:
            if name in converted.odd:
                self._year_first.setdefault(name, YearFirst()).add(raw.frame[name])
        self._bad = self._bad or any(finding.rule == "bad_date" for finding in converted.findings)
        if self._first_late or dialect.native or dialect.date_format == ISO or not names:
            return
        days = pl.concat([raw.frame[name].rename("") for name in names]).drop_nulls()
        # The first cells nearly always tell, and then no other cell matters.
        self._first_late = bool(_after_12(days.head(SAMPLE), 1).any()) or bool(_after_12(days, 1).any())
        if not self._first_late:
            self._days += len(days)
            self._late += int(_after_12(days, 2).sum())

    def problems(self, label: str) -> list[Problem]:
        """What is wrong with the order of the parts of dates."""
        problems = []
        # One or two impossible months are typing errors.
        if self._bad and not self._first_late and self._late >= max(3, self._days // 5):
            expected = f"dates as {', '.join(DATE_WORDS.values())}"
            problems.append(Problem(label, "the dates put the month before the day", expected, "export again"))
        if any(column.is_so() for column in self._year_first.values()):
            expected = "years of two digits as dd/mm/yy, or of four digits"
            problems.append(Problem(label, "the dates seem to begin with the year", expected, "export again"))
        return problems


def _after_12(days: pl.Series, part: int) -> pl.Series:
    """Whether the first or the second part of dates is too large for a month."""
    return days.str.extract(r"^\s*(\d{1,2})\D(\d{1,2})\D\d{2}", part).cast(pl.Int8, strict=False) > 12


def _date_columns(raw: Raw, table: Table) -> list[str]:
    """The columns of a file whose text stands for days."""
    dates = {column.name for column in table.columns if column.kind == "date"}
    return [name for name, dtype in raw.frame.schema.items() if name in dates and dtype == pl.String]


def convert_column(raw: pl.Series, column: Column, dialect: Dialect) -> tuple[pl.Series, pl.Series]:
    """The converted column and the indexes of the cells that did not convert.

    Nearly all cells are written in one plain way and are converted whole columns at a time. Only the cells that are not
    (blanks around them, other cases, midnight behind a date) are looked at one by one, and then everything once more.
    """
    if raw.dtype != pl.String:
        raw = as_text(raw, column)
        if raw.dtype != pl.String:
            return _native(raw, column)
    if column.kind == "string":
        values = _identifiers(raw, column) if _is_identifier(column) else raw
        empty = values.str.strip_chars() == ""
        return values.set(empty, None) if empty.any() else values, pl.Series([], dtype=pl.UInt32)
    values = _plain_series(raw, column, dialect)
    if values.null_count() == raw.null_count():
        return values, pl.Series([], dtype=pl.UInt32)
    odd = (raw.is_not_null() & values.is_null()).arg_true()
    raw = raw.clone().scatter(odd, _each_distinct(raw.gather(odd), _or_blank(_tidy(column, dialect), column)))
    values = _plain_series(raw, column, dialect)
    return values, (raw.is_not_null() & values.is_null()).arg_true()


def _plain_series(raw: pl.Series, column: Column, dialect: Dialect) -> pl.Series:
    values = raw.alias(column.name).to_frame().select(_plain(column, dialect))
    if column.kind in _TO_CHECK:
        values = values.select(pl.when(_is_right(column)).then(pl.col(column.name)))
    return values.to_series()


def _is_identifier(column: Column) -> bool:
    return column.is_key or column.parent is not None


def _identifiers(raw: pl.Series, column: Column) -> pl.Series:
    """Identifiers without blanks around them and with composed accents. A centre may well be called NA or NC."""
    values = raw.str.strip_chars().str.normalize("NFC")
    return values if "centre_id" in column.name else cells.without_blank_words(values)


def expectation(column: Column, dialect: Dialect) -> str:
    """What a cell of this column should have looked like."""
    match column.kind:
        case "date":
            partial = ", or its year, or its month and year" if column.name == PARTIAL else ""
            return f"a date {DATE_WORDS[dialect.form]} between {FIRST_DAY.year} and {LAST_DAY.year}{partial}"
        case "int":
            return "a whole number"
        case "float":
            return f"a number with the decimal mark {dialect.mark!r}; only blanks or apostrophes between thousands"
        case "bool":
            return "true or false, OUI or NON, O or N, VRAI or FAUX, 1 or 0"
        case "set":
            return f"tokens joined by '|', among {', '.join(column.tokens or {})}"
        case _:
            return f"one of {', '.join(column.tokens or {})}"


def _fields(raw: Raw) -> str:
    return f"{raw.frame.width} fields, as in the header"


Tidy = Callable[[str], str | None]


def _plain(column: Column, dialect: Dialect) -> pl.Expr:
    """The column in its type, as nearly all its cells are written. Of another cell it makes null, or what is not right."""
    raw = pl.col(column.name)
    match column.kind:
        case "string":
            return raw.str.strip_chars() if _is_identifier(column) else raw
        case "date":
            return raw.str.to_date(
                dialect.form, strict=False, cache=False
            )  # looking a day up takes longer than reading it
        case "float":
            if dialect.mark == ",":
                raw = pl.when(~raw.str.contains(".", literal=True)).then(raw.str.replace(",", ".", literal=True))
            return raw.cast(pl.Float64, strict=False)
        case "int":
            return raw.cast(pl.Int32, strict=False)
        case "bool":
            words, yes = _written_booleans()
            return raw.cast(words, strict=False).to_physical() < yes
        case "enum":
            words, meant, _ = _words_of(tuple((column.tokens or {}).items()))
            found = raw.cast(words, strict=False).to_physical()
            return pl.lit(meant).gather(found).alias(column.name)
        case "set":
            return raw.map_batches(lambda written: _sets(written, column), return_dtype=column.dtype)
        case _:
            raise ValueError(f"column {column.name}: no conversion for {column.kind}")


_TO_CHECK = ("string", "date", "float")
"""The kinds of columns in which `_plain` can make a value that is not what the cell says."""


def _is_right(column: Column) -> pl.Expr:
    """Whether a value that `_plain` made is what the cell says; null where it made none."""
    values = pl.col(column.name)
    match column.kind:
        case "string" if _is_identifier(column):
            composed = values.str.len_bytes() == values.str.len_chars()
            return composed & (values != "") & ~cells.is_blank_word(values)
        case "string":
            return values.str.strip_chars() != ""
        case "date":
            # The parser takes years of two digits for the first century.
            return values.is_between(FIRST_DAY, LAST_DAY)
        case _:
            return values.is_finite()


def _tidy(column: Column, dialect: Dialect) -> Tidy:
    """How an odd cell of a column is first written plainly."""
    match column.kind:
        case "date":
            return lambda cell: _tidy_date(cell, dialect, column.name == PARTIAL)
        case "float":
            return lambda cell: _tidy_number(cell, dialect)
        case "int":
            return lambda cell: _tidy_whole(cell, dialect)
        case "bool":
            return _tidy_boolean
        case "enum":
            return lambda cell: _tidy_token(cell, column)
        case _:
            return lambda cell: cell.strip() or None


def _or_blank(tidy: Tidy, column: Column) -> Tidy:
    """A word that stands for a blank is one, unless it is a word of the column."""
    own = _words_of(tuple((column.tokens or {}).items()))[2]
    return lambda cell: None if cells.is_blank(cell) and fold(cell) not in own else tidy(cell)


def _each_distinct(odd: pl.Series, tidy: Tidy) -> pl.Series:
    written = {cell: tidy(cell) if len(cell) <= LONGEST_CELL else cell for cell in odd.unique()}
    return pl.Series([written[cell] for cell in odd], dtype=pl.String)


_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?(Z|\+00:00)?$")


def _tidy_date(cell: str, dialect: Dialect, partial: bool) -> str | None:
    if partial and (start := cells.start_of(cell)):
        return start.strftime(dialect.form)
    cell = _MIDNIGHT.sub("", cell.strip())
    if dialect.native and re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return date.fromisoformat(cell).strftime(dialect.form) if _is_day(cell) else cell
    mark = dialect.form[2]
    return mark.join(part.zfill(2) for part in cell.split(mark)) if cell else None


def _is_day(cell: str) -> bool:
    try:
        return FIRST_DAY <= date.fromisoformat(cell) <= LAST_DAY
    except ValueError:
        return False


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def _tidy_number(cell: str, dialect: Dialect) -> str | None:
    cell = cells.without_thousands(cell.strip(), dialect.mark)
    if dialect.native and dialect.mark == "," and _NUMBER.fullmatch(cell):
        return cell.replace(".", ",")
    return cell or None


def _tidy_whole(cell: str, dialect: Dialect) -> str | None:
    """Write 3.0 as 3."""
    cell = cells.without_thousands(cell.strip(), dialect.mark)
    point = cell
    if dialect.mark == ",":
        point = cell if "." in cell and dialect.native else cell.replace(".", "?").replace(",", ".")
    if not _NUMBER.fullmatch(point) or not float(point).is_integer():
        return cell or None
    return str(int(float(point)))


def fold(cell: str) -> str:
    """The cell as words are compared: case and blanks do not matter."""
    return " ".join(unicodedata.normalize("NFKC", cell).split()).casefold()


@cache
def _written_booleans() -> tuple[pl.Enum, int]:
    """The ways in which yes and no are usually written, and how many of them, the first, say yes."""
    yes, no = (
        dict.fromkeys(spell(form) for form in forms for spell in (str.lower, str.upper, str.title))
        for forms in (YES, NO)
    )
    return pl.Enum([*yes, *no]), len(yes)


def _tidy_boolean(cell: str) -> str | None:
    return fold(cell) or None


@cache
def _words_of(tokens: tuple[tuple[str, str], ...]) -> tuple[pl.Enum, pl.Series, dict[str, str]]:
    """All words for the tokens of a column: as a dictionary, the token that each stands for, and each word folded.

    The tokens themselves come first, in their order.
    """
    names = [token for token, _ in tokens]
    own = {name: index for index, name in enumerate(names)}
    labels = {label: index for index, (_, label) in enumerate(tokens) if label not in own}
    words = own | labels
    return (
        pl.Enum(list(words)),
        pl.Series([names[index] for index in words.values()], dtype=pl.Enum(names)),
        {fold(word): names[index] for word, index in (labels | own).items()},
    )


def _tidy_token(cell: str, column: Column) -> str | None:
    folded = fold(cell)
    return _words_of(tuple((column.tokens or {}).items()))[2].get(folded, folded) or None


def _sets(raw: pl.Series, column: Column) -> pl.Series:
    """Split the distinct cells only: there are few combinations of tokens. A set with an unknown token is null."""
    if not column.tokens:
        words = raw.str.split("|").list.eval(pl.element().str.strip_chars()).list.unique(maintain_order=True)
        words = words.list.eval(pl.element().filter(pl.element() != ""))
        return words.set(words.list.len() == 0, None)
    distinct = raw.drop_nulls().unique()
    parts = [_split(cell, column) for cell in distinct]
    lists = pl.Series(parts, dtype=column.dtype)
    codes = raw.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32)
    return lists.gather(codes)


def _split(cell: str, column: Column) -> list[str] | None:
    folded = _words_of(tuple((column.tokens or {}).items()))[2]
    tokens = [folded.get(fold(word)) for word in cell.split("|") if word.strip()]
    return None if None in tokens else list(dict.fromkeys(token for token in tokens if token)) or None


def as_text(raw: pl.Series, column: Column) -> pl.Series:
    """A typed column as it is, if its type is that of the contract or near it, else as text."""
    numeric = raw.dtype.is_numeric() or raw.dtype == pl.Null
    same = {"date": raw.dtype == pl.Date, "bool": raw.dtype == pl.Boolean, "int": numeric, "float": numeric}
    if same.get(column.kind, False):
        return raw
    if isinstance(raw.dtype, pl.List):
        return raw.cast(pl.List(pl.String)).list.join("|")
    if raw.dtype.is_float() and column.kind in ("bool", "string"):
        # Identifiers and 0/1 flags that some tool has stored as 1.0 because other cells are missing.
        return raw.cast(pl.String) if has_fractions(raw) else raw.cast(pl.Int64, strict=False).cast(pl.String)
    return raw.cast(pl.String, strict=False)


def has_fractions(numbers: pl.Series) -> bool:
    """Whether any of these numbers is not whole."""
    return bool((numbers.cast(pl.Int64, strict=False).cast(pl.Float64) != numbers).any())


def _native(raw: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Typed values into the type of the contract. NaN is how some tools write a missing number."""
    if raw.dtype.is_float():
        raw = raw.fill_nan(None)
    if column.kind == "date":
        values = raw.set(~raw.is_between(FIRST_DAY, LAST_DAY), None)
    elif column.kind == "int":
        values = raw.cast(pl.Int32, strict=False)
        values = values.set(values.cast(pl.Float64) != raw.cast(pl.Float64, strict=False), None)
    else:
        values = raw.cast(column.dtype, strict=False)
        if column.kind == "float":
            values = values.set(values.is_infinite(), None)
    return values, (raw.is_not_null() & values.is_null()).arg_true()
