"""What a quality metric is: one number about one centre, and the frame that holds all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from validation.contract import TABLES
from validation.rules import Words

Unit = Literal["share", "points", "ratio", "number", "count"]
"""How a value is written: a share of n, a difference of shares, a ratio, a number in the contract's unit, a count."""

SCHEMA: dict[str, pl.DataType] = {
    "metric": pl.String(),
    "centre_id": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "value": pl.Float64(),
    "lower": pl.Float64(),
    "upper": pl.Float64(),
    "n": pl.Int64(),
    "n_concerned": pl.Int64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "file": pl.String(),
    "line": pl.Int64(),
}
"""One row per metric, centre (null: the network), table and column.

`value` lies between `lower` and `upper`, which are its 95 % interval where chance matters and itself elsewhere. `n` is
what it was measured on, `n_concerned` how many of those it is about. `low` and `high` are limits that a metric brings
along, such as a printed figure. `file` and `line` point to one example.
"""

KEY = ("metric", "centre_id", "table", "column")


@dataclass(frozen=True)
class Metric:
    """The words of a metric: what it says when it is out of its limits, what to do then, and how its value is written."""

    id: str
    unit: Unit
    words: Words
    advice: Words
    note: Words | None = None

    @property
    def family(self) -> str:
        """The id up to a colon: the metrics that one check may name together."""
        return self.id.split(":")[0]


@dataclass(frozen=True)
class Cohort:
    """What the metrics are measured on.

    - `tables`: the accepted rows
    - `coverage`: centre_id, table, supplied ...
    - `find_places`: gives for every table file and line of its rows, in their order; nothing where they are not known
    """

    tables: Mapping[str, pl.DataFrame]
    coverage: pl.DataFrame
    find_places: Callable[[], Mapping[str, pl.DataFrame]] = dict

    def __getitem__(self, table: str) -> pl.DataFrame:
        found = self.tables.get(table)
        return pl.DataFrame(schema=TABLES[table].schema) if found is None else found

    @cached_property
    def _patients(self) -> pl.Enum:
        return pl.Enum(self["patients"]["patient_id"])

    @cached_property
    def _numbers(self) -> dict[str, pl.Series]:
        return {}

    def patient_numbers(self, table: str) -> pl.Series:
        """The row in `patients` of the patient of every row."""
        if table not in self._numbers:
            self._numbers[table] = self[table]["patient_id"].cast(self._patients).to_physical().cast(pl.UInt32)
        return self._numbers[table]

    def of_patient(self, table: str, column: str) -> pl.Series:
        """A column of `patients` for every row of a table."""
        return self["patients"][column].gather(self.patient_numbers(table))

    @cached_property
    def _centres(self) -> pl.Series:
        centres = self["patients"]["centre_id"]
        return centres.cast(pl.Enum(centres.unique().sort()))

    def centre_of(self, table: str) -> pl.Series:
        """The centre that is accountable for the patient of every row, as an enumeration."""
        return self._centres.gather(self.patient_numbers(table))

    @cached_property
    def is_lung(self) -> pl.Series:
        """Of every row of `patients`: has the patient a lung primary and a bone metastasis?"""
        lung = self.with_row("primary_tumours", self["primary_tumours"]["primary_site"] == "lung")
        return lung & self.with_row("bone_lesions")

    def with_row(self, table: str, which: pl.Series | None = None) -> pl.Series:
        """Of every row of `patients`: has the patient a row of the table (of those where `which` is true)?"""
        found = self.patient_numbers(table)
        found = found if which is None else found.filter(which)
        return pl.repeat(False, self["patients"].height, dtype=pl.Boolean, eager=True).scatter(found, True)

    def of_lung(self, table: str) -> pl.LazyFrame:
        """The rows of patients with a lung primary and a bone metastasis, with their centre."""
        centre = self.centre_of(table).alias("centre_id")
        return self[table].lazy().with_columns(centre).filter(self.is_lung.gather(self.patient_numbers(table)))

    @cached_property
    def _places(self) -> Mapping[str, pl.DataFrame]:
        return self.find_places()

    def example(self, table: str, row: int | None) -> tuple[str | None, int | None]:
        """File and line of an accepted row, by its index."""
        places = self._places.get(table)
        if row is None or places is None or places.is_empty():
            return None, None
        return places["file"][row], places["line"][row]


def frame_of(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Metrics as a frame; what a row does not give is null, and a value without interval is its own."""
    frame = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)
    return frame.with_columns(
        pl.coalesce("lower", "value").alias("lower"), pl.coalesce("upper", "value").alias("upper")
    )


def broken_rows(cohort: Cohort, table: str, checks: Mapping[tuple[str, str], pl.Series]) -> list[dict[str, object]]:
    """One metric per check and centre: the share of the rows that break it.

    `checks`: (metric, column) -> one value per row of the table: true where it is broken, null where it cannot be told.
    """
    if not checks or cohort[table].is_empty():
        return []
    centre = cohort.centre_of(table)
    names = {key: str(number) for number, key in enumerate(checks)}
    frame = pl.DataFrame({"_centre": centre, **{names[key]: series for key, series in checks.items()}})
    counted = (
        frame.with_row_index("_row")
        .group_by("_centre")
        .agg(
            *(pl.col(name).count().alias(f"{name}_n") for name in names.values()),
            *(pl.col(name).sum().alias(f"{name}_bad") for name in names.values()),
            *(pl.col("_row").filter(pl.col(name)).min().alias(f"{name}_row") for name in names.values()),
        )
        .sort("_centre")
    )
    rows: list[dict[str, object]] = []
    for found in counted.iter_rows(named=True):
        for (metric, column), name in names.items():
            n, bad = int(found[f"{name}_n"]), int(found[f"{name}_bad"] or 0)
            if n == 0:
                continue
            file, line = cohort.example(table, found[f"{name}_row"])
            rows.append(
                {
                    "metric": metric, "centre_id": found["_centre"], "table": table, "column": column,
                    "value": bad / n, "n": n, "n_concerned": bad, "file": file, "line": line,
                }
            )  # fmt: skip
    return rows
