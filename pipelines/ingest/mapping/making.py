"""From one file, as it was read, and one entry of a mapping to the rows of one table of the contract."""

from __future__ import annotations

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
from .model import Entry, Origin, Value
from .units import DECIDES

_TEXT = Column("text", "string", "a cell as text")
_NUMBER = Column("number", "float", "a cell as a number")


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

    def convert(self) -> Converted:
        """The rows in the types of the contract, with all findings."""
        converted = conversion.convert(self.raw, self.entry.table, self.dialect)
        return replace(converted, findings=[*self.findings, *converted.findings])


def make_table(entry: Entry, raw: Raw, label: str, mapping: str, first: int) -> Made:
    """Make the rows of one table; `first` rows came from the earlier files of this entry."""
    numbers = raw.lines.rank("ordinal").cast(pl.Int64) + first
    apart = pl.Series("apart", [None], dtype=pl.String).new_from_index(0, raw.frame.height)
    for rule, places in {"wrong_field_count": raw.broken, **raw.apart}.items():
        apart = apart.scatter(list(places), rule)
    rows = _Rows(replace(raw, broken=(), apart={}), numbers, apart)
    left_out: dict[str, int] = {}
    for reason, keep in (("where", _where), ("unless", _unless), ("repeat", _filled)):
        before = rows.raw.frame.height
        rows = rows.filtered(keep(entry, rows.raw.frame))
        left_out[reason] = before - rows.raw.frame.height
    made = _Columns(entry, rows, mapping)
    kept = made.first_of_each() if entry.distinct else None
    left_out["distinct"] = 0 if kept is None else int((~kept).sum())
    return made.result(label, raw.frame.height, {reason: n for reason, n in left_out.items() if n}, kept)


@dataclass(frozen=True)
class _Rows:
    """Rows of the source, with the number that each bears in made identifiers and the rule that sets its line apart."""

    raw: Raw
    numbers: pl.Series
    apart: pl.Series

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
        return _Rows(raw, self.numbers.filter(kept), self.apart.filter(kept))


def _where(entry: Entry, frame: pl.DataFrame) -> pl.Series | None:
    kept = [_is_one_of(frame[name], cells) for name, cells in entry.where.items()]
    return _all(kept)


def _unless(entry: Entry, frame: pl.DataFrame) -> pl.Series | None:
    return _all([~_is_one_of(frame[name], cells) for name, cells in entry.unless.items()])


def _filled(entry: Entry, frame: pl.DataFrame) -> pl.Series | None:
    """Whether a repetition is there at all."""
    if not entry.repeated:
        return None
    blank = _all([text_of(frame[name]).is_null() for name in sorted(entry.repeated)])
    return None if blank is None else ~blank


def _all(conditions: list[pl.Series]) -> pl.Series | None:
    if not conditions:
        return None
    kept = conditions[0]
    for condition in conditions[1:]:
        kept = kept & condition
    return kept


def _is_one_of(cells: pl.Series, folded: frozenset[str]) -> pl.Series:
    cells = text_of(cells).fill_null("")
    return cells.is_in([cell for cell in cells.unique() if fold(cell) in folded])


def text_of(cells: pl.Series) -> pl.Series:
    """The cells as text without blanks around it; null where there is nothing."""
    if cells.dtype != pl.String:
        cells = conversion.as_text(cells, _TEXT)
    cells = cells.str.strip_chars()
    return cells.set(cells == "", None)


class _Columns:
    """The columns of one table while they are being made."""

    def __init__(self, entry: Entry, rows: _Rows, mapping: str) -> None:
        self._entry, self._rows, self._mapping = entry, rows, mapping
        self._height = rows.raw.frame.height
        self._native = rows.raw.format != "csv"
        self._cells = {origin.column.name: self._source(origin) for origin in entry.origins}
        self._failed: dict[str, tuple[pl.Series, str, str]] = {}
        plain = [origin.column.name for origin in entry.origins if not (origin.form or origin.translated)]
        texts = {name: self._cells[name] for name in plain if entry.table[name].kind not in ("string", "enum", "set")}
        self._dialect = detect(replace(rows.raw, frame=pl.DataFrame(texts)), entry.table)
        self._made: dict[str, pl.Series] = {}
        for origin in sorted(entry.origins, key=lambda origin: bool(origin.units)):
            self._made[origin.column.name] = self._make(origin)

    def result(self, label: str, rows: int, left_out: dict[str, int], kept: pl.Series | None) -> Made:
        """The rows, with what could not be read; only those kept, if some are left out."""
        names = [origin.column.name for origin in self._entry.origins]
        frame = pl.DataFrame([self._made[name].alias(name) for name in names])
        cells = pl.DataFrame([text_of(self._cells[name]).alias(name) for name in names])
        chosen = self._rows.filtered(kept)
        if kept is not None:
            kept = kept | self._rows.broken
            frame, cells = frame.filter(kept), cells.filter(kept)
        findings = [
            Finding((failed if kept is None else failed.filter(kept)).arg_true(), name, rule, expected)
            for name, (failed, rule, expected) in self._failed.items()
        ]
        findings = [finding for finding in findings if len(finding.rows)]
        expected = {"wrong_field_count": f"{chosen.raw.frame.width} fields, as in the header"}
        for rule in chosen.apart.drop_nulls().unique(maintain_order=True):
            places = (chosen.apart == rule).fill_null(value=False).arg_true()
            findings.append(Finding(places, None, rule, expected.get(rule) or WORDS[rule].en))
        raw = replace(chosen.raw, frame=frame)
        return Made(self._entry, label, raw, self._dialect, findings, cells, rows, left_out, int(chosen.broken.sum()))

    def first_of_each(self) -> pl.Series:
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
        return bad | frame.with_columns(lists).select(pl.struct(pl.all()).is_first_distinct()).to_series()

    def _source(self, origin: Origin) -> pl.Series:
        """The cells of the source: as they are where nothing is done to them, else as text."""
        frame = self._rows.raw.frame
        if origin.number is not None:
            return origin.number + self._rows.numbers.cast(pl.String)
        if origin.constant is not None:
            return pl.Series([origin.constant]).new_from_index(0, self._height)
        if len(origin.sources) > 1:
            columns = [text_of(frame[name]).alias(str(place)) for place, name in enumerate(origin.sources)]
            joined = pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator=origin.join, ignore_nulls=True))
            return text_of(joined.to_series())
        cells = frame[origin.sources[0]]
        if origin.split is not None:
            return text_of(text_of(cells).str.split(origin.split).list.get(origin.part - 1, null_on_oob=True))
        if origin.separator != "|":
            return text_of(cells).str.replace_all(origin.separator, "|", literal=True)
        if origin.prefix or origin.suffix or origin.translated:
            return text_of(cells)
        return cells

    def _make(self, origin: Origin) -> pl.Series:
        cells = self._cells[origin.column.name]
        if origin.form is not None:
            return self._dates(origin, cells)
        if origin.unit is not None or origin.units:
            return self._converted(origin, cells)
        if origin.codes is not None:
            return self._translated(origin, cells, origin.codes)
        if origin.system is not None:
            strength = text_of(self._rows.raw.frame[origin.strength]) if origin.strength else None
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
        text, form = text_of(cells), str(origin.form)
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
