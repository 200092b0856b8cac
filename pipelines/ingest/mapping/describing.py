"""What a mapping made of a file, in counts; of its cells only codes that cannot tell one patient from another."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from ..conversion import Converted
from ..model import MappedRows, UnknownCodes
from ..spill import detached
from .making import REASONS, Made
from .model import Entry, Mapping, Origin
from .sources import Opened

LONGEST, FEWEST = 12, 5
"""A code that nothing explains is shown if it has at most so many characters and stands with so many patients."""

_CODED = ("enum", "set", "bool")


def describe(mapping: Mapping, made: Made, source: Opened, converted: Converted) -> MappedRows:
    """The rows that were left out, the columns that are not used, the codes that are not known."""
    account = Account(made.entry)
    account.add(made, converted)
    return account.told(mapping, source)


class Account:
    """What an entry made of the rows of a file so far."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._rows = 0
        self._left_out: Counter[str] = Counter()
        self._unknown = [Unknown(origin) for origin in entry.origins]

    def add(self, made: Made, converted: Converted) -> None:
        """Add the next rows."""
        self._rows += made.rows
        self._left_out.update(made.left_out)
        for unknown in self._unknown:
            unknown.add(made, converted)

    def told(self, mapping: Mapping, source: Opened) -> MappedRows:
        """The rows that were left out, the columns that are not used, the codes that are not known."""
        codes = [unknown.told() for unknown in self._unknown]
        left_out = {reason: self._left_out[reason] for reason in REASONS if self._left_out[reason]}
        known = [found for found in codes if found is not None]
        return MappedRows(mapping.label, self._entry.line, self._rows, left_out, source.unused, known)


class Unknown:
    """The cells of a column of codes that did not convert: of each code its rows, and patients until they are enough."""

    def __init__(self, origin: Origin) -> None:
        self._column = origin.column.name
        self._coded = origin.translated or origin.column.kind in _CODED
        self._before = self._cells = 0
        self._rows = pl.DataFrame(schema={"code": pl.String, "rows": pl.Int64})
        self._patients: pl.DataFrame | None = None

    def add(self, made: Made, converted: Converted) -> None:
        """See the next rows."""
        failed = [finding.rows.cast(pl.UInt32) for finding in converted.findings if finding.column == self._column]
        if failed and self._coded:
            rows = pl.concat(failed).unique()
            self._cells += len(rows)
            self._add(made.cells[self._column].gather(rows), _patients(made, converted, self._before).gather(rows))
        self._before += converted.frame.height

    def _add(self, codes: pl.Series, who: pl.Series) -> None:
        short = codes.is_in([code for code in codes.unique() if _is_short(code)])
        cells = detached(pl.DataFrame({"code": codes, "who": who}).filter(short))
        counted = cells.group_by("code").agg(rows=pl.len().cast(pl.Int64))
        self._rows = pl.concat([self._rows, counted]).group_by("code").agg(pl.col("rows").sum())
        patients = cells if self._patients is None else pl.concat([self._patients, cells])
        self._patients = patients.unique().group_by("code").head(FEWEST)

    def told(self) -> UnknownCodes | None:
        """What may be shown of them, if there are any."""
        if not self._cells:
            return None
        assert self._patients is not None
        enough = self._patients.group_by("code").len().filter(pl.col("len") >= FEWEST)["code"]
        shown = self._rows.filter(pl.col("code").is_in(enough.implode()))
        listed = dict(shown.sort("rows", "code", descending=[True, False]).iter_rows())
        return UnknownCodes(self._column, listed, self._cells - sum(listed.values()))


def unknown_codes(made: Made, converted: Converted, column: str) -> UnknownCodes | None:
    """The cells of a column of codes that did not convert, if there are any."""
    unknown = Unknown(next(origin for origin in made.entry.origins if origin.column.name == column))
    unknown.add(made, converted)
    return unknown.told()


def _is_short(code: str) -> bool:
    return len(code) <= LONGEST and code.isprintable() and re.search(r"\s", code) is None


def _patients(made: Made, converted: Converted, before: int) -> pl.Series:
    """Whose the rows are; each row counts for itself where the table does not say."""
    if "patient_id" in made.raw.frame.columns:
        return converted.frame["patient_id"]
    return pl.int_range(before, before + converted.frame.height, eager=True)
