"""What a mapping made of a file, in counts; of its cells only codes that cannot tell one patient from another."""

from __future__ import annotations

import re

import polars as pl

from ..conversion import Converted
from ..model import MappedRows, UnknownCodes
from .making import Made
from .model import Mapping
from .sources import Opened

LONGEST, FEWEST = 12, 5
"""A code that nothing explains is shown if it has at most so many characters and stands with so many patients."""

_CODED = ("enum", "set", "bool")


def describe(mapping: Mapping, made: Made, source: Opened, converted: Converted) -> MappedRows:
    """The rows that were left out, the columns that are not used, the codes that are not known."""
    unknown = [unknown_codes(made, converted, name) for name in made.raw.frame.columns]
    return MappedRows(
        mapping.label,
        made.entry.line,
        made.rows,
        made.left_out,
        source.unused,
        [codes for codes in unknown if codes is not None],
    )


def unknown_codes(made: Made, converted: Converted, column: str) -> UnknownCodes | None:
    """The cells of a column of codes that did not convert, if there are any."""
    failed = [finding.rows for finding in converted.findings if finding.column == column]
    origin = next(origin for origin in made.entry.origins if origin.column.name == column)
    if not failed or not (origin.translated or origin.column.kind in _CODED):
        return None
    rows = pl.concat([rows.cast(pl.UInt32) for rows in failed]).unique()
    cells = pl.DataFrame({"code": made.cells[column].gather(rows), "who": _patients(made, converted).gather(rows)})
    counts = (
        cells.group_by("code")
        .agg(rows=pl.len(), patients=pl.col("who").n_unique())
        .sort("rows", "code", descending=[True, False])
    )
    shown = counts.filter(
        (pl.col("patients") >= FEWEST) & pl.Series([_is_short(code) for code in counts["code"]], dtype=pl.Boolean)
    )
    return UnknownCodes(column, dict(shown.select("code", "rows").iter_rows()), len(rows) - int(shown["rows"].sum()))


def _is_short(code: str) -> bool:
    return len(code) <= LONGEST and code.isprintable() and re.search(r"\s", code) is None


def _patients(made: Made, converted: Converted) -> pl.Series:
    """Whose the rows are; each row counts for itself where the table does not say."""
    if "patient_id" in made.raw.frame.columns:
        return converted.frame["patient_id"]
    return pl.int_range(converted.frame.height, eager=True)
