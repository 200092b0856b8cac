"""Rows that break the contract are set apart with their place and the reason, never with their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from .contract import TABLES, Table

QUARANTINE_SCHEMA = {
    "centre_id": pl.String(),
    "table": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "expectation": pl.String(),
}
COUNTS_SCHEMA = {
    "centre_id": pl.String(),
    "table": pl.String(),
    "read": pl.Int64(),
    "accepted": pl.Int64(),
    "quarantined": pl.Int64(),
}
TABLE_ORDER = pl.col("table").cast(pl.Enum(list(TABLES)))
"""Sorts by table in the order of the contract."""
OWNERS_SCHEMA: dict[str, pl.DataType] = {"patient_id": pl.String(), "first": pl.Boolean()}
"""Beside every row of the quarantine: the patient whom its row names, and whether it is the first problem of that row."""


@dataclass(frozen=True)
class Finding:
    """Rows (by index) that break one rule in one column; `column` is None for rules on whole rows."""

    rows: pl.Series
    column: str | None
    rule: str
    expectation: str


@dataclass(frozen=True)
class Source:
    """What the checks need to know about the file that rows come from."""

    path: str
    centre: str | None = None
    extraction_date: date | None = None


@dataclass(frozen=True)
class Part:
    """The converted rows of one file, the lines on which they stand, and what did not convert."""

    source: Source
    frame: pl.DataFrame
    lines: pl.Series
    findings: Sequence[Finding] = ()

    def only(self, rows: pl.Series) -> Part:
        """The rows of these indexes, which are sorted, with what did not convert in them."""
        return Part(self.source, self.frame[rows], self.lines.gather(rows), findings_in(self.findings, rows))


def findings_in(findings: Sequence[Finding], rows: pl.Series) -> list[Finding]:
    """What was found in the rows of these indexes, which are sorted, once there are no others."""
    inside = [finding.rows.cast(pl.UInt32) for finding in findings]
    inside = [found.filter(found.is_in(rows.implode())) for found in inside]
    moved = [replace(finding, rows=rows.search_sorted(found)) for finding, found in zip(findings, inside, strict=True)]
    return [finding for finding in moved if len(finding.rows)]


@dataclass
class Rows:
    """All rows of one table while they are being checked: where each comes from, and which have been set apart.

    `flawless` is the frame if pandera looked at the cells of all its rows that can still be accepted, and found nothing.
    """

    table: Table
    frame: pl.DataFrame
    sources: list[Source]
    source: pl.Series
    line: pl.Series
    bad: np.ndarray
    findings: list[Finding] = field(default_factory=list)
    flawless: pl.DataFrame | None = None

    @classmethod
    def of(cls, table: Table, parts: Sequence[Part]) -> Rows:
        """Put the files of one table together."""
        frame = pl.concat([part.frame for part in parts]) if parts else pl.DataFrame(schema=table.schema)
        heights = [part.frame.height for part in parts]
        rows = cls(
            table,
            frame,
            [part.source for part in parts],
            pl.Series(np.repeat(np.arange(len(parts), dtype=np.uint32), heights)),
            pl.concat([part.lines for part in parts]) if parts else pl.Series([], dtype=pl.Int64),
            np.zeros(frame.height, bool),
        )
        for part, first in zip(parts, np.cumsum([0, *heights[:-1]]), strict=False):
            for finding in part.findings:
                rows.report(
                    finding.rows.cast(pl.UInt32) + int(first), finding.column, finding.rule, finding.expectation
                )
        return rows

    def report(self, rows: pl.Series, column: str | None, rule: str, expectation: str) -> None:
        """Set rows apart for breaking a rule."""
        if len(rows):
            self.findings.append(Finding(rows, column, rule, expectation))
            self.bad[rows.to_numpy()] = True

    def good(self) -> pl.DataFrame:
        """The rows that have not been set apart so far, with their index in `_row`."""
        frame = self.frame.with_row_index("_row")
        return frame.filter(pl.Series(~self.bad)) if self.bad.any() else frame

    def of_source(self, values: Sequence[str | date | None], dtype: pl.DataType) -> pl.Series:
        """One value per source file, repeated for every row."""
        return pl.Series(values, dtype=dtype).gather(self.source)

    def files(self) -> pl.Series:
        """The file of every row, as a small dictionary."""
        paths = [source.path for source in self.sources]
        return self.of_source(paths, pl.Enum(list(dict.fromkeys(paths))))


HOLES_SCHEMA: dict[str, pl.DataType] = {"patient_id": pl.String(), "table": pl.String()}


def holes_of(rows: Rows, known: pl.Series) -> pl.DataFrame:
    """The patients of whom a row was set apart: their table has a hole, so that it cannot prove what was not done.

    `known` tells the rows of patients that exist. A copy of an accepted row leaves no hole.
    """
    lost = {int(row) for finding in rows.findings if finding.rule != "duplicate_row" for row in finding.rows}
    which = pl.Series(sorted(lost), dtype=pl.UInt32)
    patients = rows.frame["patient_id"].gather(which).filter(known.gather(which)).unique().sort()
    return pl.DataFrame({"patient_id": patients, "table": [rows.table.name] * len(patients)}, schema=HOLES_SCHEMA)


def quarantine_of(rows: Rows, centre: pl.Series) -> pl.DataFrame:
    """One line per problem: where the row stands, the rule that it breaks, what was expected."""
    if not rows.findings:
        return pl.DataFrame(schema=QUARANTINE_SCHEMA)
    which = pl.concat([finding.rows.cast(pl.UInt32) for finding in rows.findings])
    lengths = [len(finding.rows) for finding in rows.findings]
    finding = pl.Series(np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths))
    said = pl.DataFrame(
        [(found.column, found.rule, found.expectation) for found in rows.findings],
        schema={name: QUARANTINE_SCHEMA[name] for name in ("column", "rule", "expectation")},
        orient="row",
    )
    place = {
        "centre_id": centre.gather(which).cast(pl.String),
        "table": pl.repeat(rows.table.name, len(which), eager=True),
        "file": rows.of_source([source.path for source in rows.sources], pl.String()).gather(which),
        "line": rows.line.gather(which),
    }
    return pl.DataFrame(
        {**place, **{name: said[name].gather(finding) for name in said.columns}}, schema=QUARANTINE_SCHEMA
    )


def owners_of(rows: Rows) -> pl.DataFrame:
    """Whose the problems of `quarantine_of` are, in its order; of a table without patients, nobody's."""
    if not rows.findings:
        return pl.DataFrame(schema=OWNERS_SCHEMA)
    which = pl.concat([finding.rows.cast(pl.UInt32) for finding in rows.findings])
    named = "patient_id" in rows.table.schema
    owners = (
        rows.frame["patient_id"].gather(which) if named else pl.repeat(None, len(which), dtype=pl.String, eager=True)
    )
    return pl.DataFrame({"patient_id": owners, "first": which.is_first_distinct()}, schema=OWNERS_SCHEMA)


def counts_of(rows: Rows, centre: pl.Series) -> pl.DataFrame:
    """Rows read, accepted and quarantined per centre."""
    return (
        pl.DataFrame({"centre_id": centre, "bad": pl.Series(rows.bad)})
        .group_by("centre_id")
        .agg(read=pl.len(), quarantined=pl.col("bad").sum())
        .with_columns(table=pl.lit(rows.table.name), accepted=pl.col("read").cast(pl.Int64) - pl.col("quarantined"))
        .select(pl.col(name).cast(dtype) for name, dtype in COUNTS_SCHEMA.items())
    )
