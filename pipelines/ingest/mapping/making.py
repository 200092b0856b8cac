"""From one file, as it was read, and one entry of a mapping to the rows of one table of the contract.

The rows of a file come all at once, or block by block, with the same result.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, replace

import polars as pl

from validation.contract import Column
from validation.quarantine import Finding
from validation.rules import WORDS

from .. import conversion
from ..conversion import Converted, convert_column, detect, expectation, fold
from ..dialect import Dialect
from ..reading import Raw
from . import dates, systems
from .distinct import Distinct
from .model import Entry, Origin, Value
from .units import DECIDES

_TEXT = Column("text", "string", "a cell as text")
_NUMBER = Column("number", "float", "a cell as a number")


REASONS = ("where", "unless", "repeat", "distinct")
"""Why rows of a file are no rows of a table."""


@dataclass(frozen=True)
class Made:
    """The rows that an entry makes of one file, with the columns of the contract, before the conversion.

    `findings` are cells that the mapping could not read, and the `broken` lines that are no rows of the file. `cells`
    holds the text of the source for every column, with the parts of split cells; `left_out` counts the rows of the file
    that are no rows of the table, by reason.
    """

    entry: Entry
    label: str
    raw: Raw
    dialect: Dialect
    findings: list[Finding]
    cells: pl.DataFrame
    rows: int
    left_out: dict[str, int]
    broken: int

    def convert(self, ways: Lookup[str, str] | None = None) -> Converted:
        """The rows in the types of the contract, with all findings; `ways` as `conversion.convert` takes them."""
        converted = conversion.convert(self.raw, self.entry.table, self.dialect, ways)
        return replace(converted, findings=[*self.findings, *converted.findings])


def make_table(entry: Entry, raw: Raw, label: str, mapping: str, first: int) -> Made:
    """Make the rows of one table of a whole file; `first` rows came from the earlier files of this entry."""
    maker = Maker(entry, label, mapping, first, raw.frame.width, fractional(raw.frame))
    taken = maker.take(raw)
    return maker.make(taken, detect(taken.written, entry.table))


def fractional(frame: pl.DataFrame) -> set[str]:
    """The columns of numbers of which not all are whole."""
    return {cells.name for cells in frame if cells.dtype.is_float() and conversion.has_fractions(cells)}


class Maker:
    """Makes the rows of one table of one file, from all its rows or from one block after the other.

    `first` rows came from the earlier files of the entry; so many fields as `width` stand in each line of the file, and the
    columns of `fractions` hold numbers that are not whole.
    """

    def __init__(
        self, entry: Entry, label: str, mapping: str, first: int, width: int, fractions: Collection[str]
    ) -> None:
        self._entry, self._label, self._mapping = entry, label, mapping
        self._before, self._width, self._fractions = first, width, fractions
        self._distinct = Distinct()

    def take(self, raw: Raw) -> Taken:
        """The next rows of the file, those that are left out by their own cells no longer among them."""
        rows, read = self._rows(raw), raw.frame.height
        self._before += read
        left_out: dict[str, int] = {}
        for reason, keep in (("where", _where), ("unless", _unless), ("repeat", _filled)):
            before = rows.raw.frame.height
            rows = rows.filtered(keep(self._entry, rows))
            left_out[reason] = before - rows.raw.frame.height
        return Taken(self._entry, rows, read, left_out)

    def make(self, taken: Taken, dialect: Dialect) -> Made:
        """The rows of the table that are made of them."""
        made = _Columns(self._entry, taken.rows, taken.cells, self._mapping, dialect)
        kept = made.first_of_each(self._distinct) if self._entry.distinct else None
        left_out = taken.left_out | {"distinct": 0 if kept is None else int((~kept).sum())}
        return made.result(
            self._label, taken.read, self._width, {reason: n for reason, n in left_out.items() if n}, kept
        )

    def _rows(self, raw: Raw) -> _Rows:
        numbers = raw.lines.rank("ordinal").cast(pl.Int64) + self._before
        apart = pl.Series("apart", [None], dtype=pl.String).new_from_index(0, raw.frame.height)
        for rule, places in {"wrong_field_count": raw.broken, **raw.apart}.items():
            apart = apart.scatter(list(places), rule)
        return _Rows(replace(raw, broken=(), apart={}), numbers, apart, self._fractions)


class Taken:
    """Rows of a file of which rows of a table are made: `written` holds those cells that show how the file is written."""

    def __init__(self, entry: Entry, rows: _Rows, read: int, left_out: dict[str, int]) -> None:
        self.rows, self.read, self.left_out = rows, read, left_out
        self.cells = {origin.column.name: _source(origin, rows) for origin in entry.origins}
        plain = [origin.column.name for origin in entry.origins if not (origin.form or origin.translated)]
        texts = {name: self.cells[name] for name in plain if entry.table[name].kind not in ("string", "enum", "set")}
        self.written = replace(rows.raw, frame=pl.DataFrame(texts))


@dataclass(frozen=True)
class _Rows:
    """Rows of the source, with the number that each bears in made identifiers and the rule that sets its line apart."""

    raw: Raw
    numbers: pl.Series
    apart: pl.Series
    fractions: Collection[str]

    @property
    def broken(self) -> pl.Series:
        """Whether the line is no row: of a wrong length, a header or a total."""
        return self.apart.is_not_null()

    def filtered(self, kept: pl.Series | None) -> _Rows:
        """Only these rows; broken lines stay, for nobody knows what they say."""
        if kept is None:
            return self
        kept = kept | self.broken
        raw = replace(self.raw, frame=self.raw.frame.filter(kept), lines=self.raw.lines.filter(kept))
        return replace(self, raw=raw, numbers=self.numbers.filter(kept), apart=self.apart.filter(kept))

    def text(self, name: str) -> pl.Series:
        """The cells of a column as text."""
        return text_of(self.raw.frame[name], fractions=name in self.fractions)


def _where(entry: Entry, rows: _Rows) -> pl.Series | None:
    kept = [_is_one_of(rows.text(name), cells) for name, cells in entry.where.items()]
    return _all(kept)


def _unless(entry: Entry, rows: _Rows) -> pl.Series | None:
    return _all([~_is_one_of(rows.text(name), cells) for name, cells in entry.unless.items()])


def _filled(entry: Entry, rows: _Rows) -> pl.Series | None:
    """Whether a repetition is there at all."""
    if not entry.repeated:
        return None
    blank = _all([rows.text(name).is_null() for name in sorted(entry.repeated)])
    return None if blank is None else ~blank


def _all(conditions: list[pl.Series]) -> pl.Series | None:
    if not conditions:
        return None
    kept = conditions[0]
    for condition in conditions[1:]:
        kept = kept & condition
    return kept


def _is_one_of(cells: pl.Series, folded: frozenset[str]) -> pl.Series:
    cells = cells.fill_null("")
    return cells.is_in([cell for cell in cells.unique() if fold(cell) in folded])


def text_of(cells: pl.Series, *, fractions: bool) -> pl.Series:
    """The cells as text without blanks around them, null where there is nothing.

    `fractions` says whether any number of the column is not whole; if so, all have decimals.
    """
    if cells.dtype.is_float() and fractions:
        cells = cells.cast(pl.String)
    elif cells.dtype != pl.String:
        cells = conversion.as_text(cells, _TEXT)
    return _stripped(cells)


def _stripped(cells: pl.Series) -> pl.Series:
    cells = cells.str.strip_chars()
    return cells.set(cells == "", None)


def _source(origin: Origin, rows: _Rows) -> pl.Series:
    """The cells of the source: as they are where nothing is done to them, else as text."""
    if origin.number is not None:
        return origin.number + rows.numbers.cast(pl.String)
    if origin.constant is not None:
        return pl.Series([origin.constant]).new_from_index(0, rows.raw.frame.height)
    if len(origin.sources) > 1:
        columns = [rows.text(name).alias(str(place)) for place, name in enumerate(origin.sources)]
        joined = pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator=origin.join, ignore_nulls=True))
        return _stripped(joined.to_series())
    name = origin.sources[0]
    if origin.split is not None:
        return _stripped(rows.text(name).str.split(origin.split).list.get(origin.part - 1, null_on_oob=True))
    if origin.separator != "|":
        return rows.text(name).str.replace_all(origin.separator, "|", literal=True)
    if origin.prefix or origin.suffix or origin.translated:
        return rows.text(name)
    return rows.raw.frame[name]


class _Columns:
    """The columns of one table while they are being made."""

    def __init__(
        self, entry: Entry, rows: _Rows, cells: Lookup[str, pl.Series], mapping: str, dialect: Dialect
    ) -> None:
        self._entry, self._rows, self._cells, self._mapping, self._dialect = entry, rows, cells, mapping, dialect
        self._height = rows.raw.frame.height
        self._native = rows.raw.format != "csv"
        self._failed: dict[str, tuple[pl.Series, str, str]] = {}
        self._made: dict[str, pl.Series] = {}
        for origin in sorted(entry.origins, key=lambda origin: bool(origin.units)):
            self._made[origin.column.name] = self._make(origin)

    def result(self, label: str, rows: int, width: int, left_out: dict[str, int], kept: pl.Series | None) -> Made:
        """The rows, with what could not be read; only those kept, if some are left out."""
        names = [origin.column.name for origin in self._entry.origins]
        frame = pl.DataFrame([self._made[name].alias(name) for name in names])
        cells = pl.DataFrame([self._text(origin).alias(origin.column.name) for origin in self._entry.origins])
        chosen = self._rows.filtered(kept)
        if kept is not None:
            kept = kept | self._rows.broken
            frame, cells = frame.filter(kept), cells.filter(kept)
        findings = [
            Finding((failed if kept is None else failed.filter(kept)).arg_true(), name, rule, expected)
            for name, (failed, rule, expected) in self._failed.items()
        ]
        findings = [finding for finding in findings if len(finding.rows)]
        expected = {"wrong_field_count": f"{width} fields, as in the header"}
        for rule in chosen.apart.drop_nulls().unique(maintain_order=True):
            places = (chosen.apart == rule).fill_null(value=False).arg_true()
            findings.append(Finding(places, None, rule, expected.get(rule) or WORDS[rule].en))
        raw = replace(chosen.raw, frame=frame)
        return Made(self._entry, label, raw, self._dialect, findings, cells, rows, left_out, int(chosen.broken.sum()))

    def first_of_each(self, seen: Distinct) -> pl.Series:
        """The first row of every result. Made identifiers do not tell rows apart; rows with a bad cell all stay."""
        bad = self._rows.broken
        for failed, _, _ in self._failed.values():
            bad = bad | failed
        names = [origin.column.name for origin in self._entry.origins if origin.number is None]
        frame = pl.DataFrame([bad.alias("bad"), *(self._made[name].alias(name) for name in names)])
        lists = [
            pl.col(name).cast(pl.List(pl.String)).list.join("|")
            for name, dtype in frame.schema.items()
            if isinstance(dtype, pl.List)
        ]
        good = (~bad).arg_true()
        return bad.scatter(good, seen.new(frame.with_columns(lists).filter(~bad)))

    def _text(self, origin: Origin) -> pl.Series:
        """The cells of the source as text."""
        fractions = any(name in self._rows.fractions for name in origin.sources)
        return text_of(self._cells[origin.column.name], fractions=fractions)

    def _make(self, origin: Origin) -> pl.Series:
        cells = self._cells[origin.column.name]
        if origin.form is not None:
            return self._dates(origin, cells)
        if origin.unit is not None or origin.units:
            return self._converted(origin, cells)
        if origin.codes is not None:
            return self._translated(origin, cells, origin.codes)
        if origin.system is not None:
            strength = self._rows.text(origin.strength) if origin.strength else None
            tokens = systems.translate(origin.system, cells, strength)
            self._note(origin, cells.is_not_null() & tokens.is_null(), "unknown_token", f"a code of {origin.system}")
            return tokens
        if origin.prefix or origin.suffix:
            return origin.prefix + cells + origin.suffix
        return cells

    def _note(self, origin: Origin, failed: pl.Series, rule: str, expected: str) -> None:
        if failed.any():
            said = f"{expected} ({self._mapping}, line {origin.line})"
            self._failed[origin.column.name] = (failed, rule, said)

    def _dates(self, origin: Origin, cells: pl.Series) -> pl.Series:
        if cells.dtype == pl.Date:
            return cells
        text, form = self._text(origin), str(origin.form)
        values = dates.read(text, form, origin.column, self._native)
        expected = f"a date {dates.words(form, origin.column)}"
        self._note(origin, text.is_not_null() & values.is_null(), "bad_date", expected)
        return values

    def _converted(self, origin: Origin, cells: pl.Series) -> pl.Series:
        """Numbers in the unit of the contract; whole numbers are rounded."""
        values, failed = convert_column(cells, _NUMBER, self._dialect)
        bad = pl.Series([False]).new_from_index(0, self._height).scatter(failed, True)
        self._note(origin, bad, "bad_number", expectation(_NUMBER, self._dialect))
        if origin.unit is not None:
            values = values * origin.unit.times / origin.unit.over
        for token, rows in self._rows_by_token(origin):
            unit = origin.units[token]
            values = values.zip_with(~rows, values * unit.times / unit.over)
        return values.round(0) if origin.column.kind == "int" else values

    def _rows_by_token(self, origin: Origin) -> list[tuple[str, pl.Series]]:
        if not origin.units:
            return []
        column = self._entry.table[DECIDES[origin.column.unit]]
        tokens, _ = convert_column(self._made[column.name], column, self._dialect)
        return [(token, (tokens == token).fill_null(False)) for token in origin.units]

    def _translated(self, origin: Origin, cells: pl.Series, codes: Lookup[str, Value | None]) -> pl.Series:
        """Translate the distinct cells only. In a set every part of a cell is a code."""
        is_set = origin.column.kind == "set"
        found: dict[str, Value | None] = {}
        unknown: set[str] = set()
        for cell in cells.drop_nulls().unique():
            parts = [fold(part) for part in (cell.split("|") if is_set else [cell]) if part.strip()]
            if any(part not in codes for part in parts):
                unknown.add(cell)
                continue
            values = [codes[part] for part in parts]
            found[cell] = "|".join(str(v) for v in values if v is not None) or None if is_set else values[0]
        self._note(origin, cells.is_in(list(unknown)).fill_null(False), "unknown_token", "a code that is translated")
        kinds = {"bool": pl.Boolean(), "int": pl.Int64(), "float": pl.Float64()}
        kind = kinds.get(origin.column.kind, pl.String())
        return cells.replace_strict(list(found), list(found.values()), default=None, return_dtype=kind)
