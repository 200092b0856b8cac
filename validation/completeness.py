"""How completely each centre filled each column."""

from __future__ import annotations

import polars as pl

from .contract import TABLES, Table
from .quality.model import Cohort

SCHEMA = {
    "centre_id": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "n_rows": pl.Int64(),
    "n_filled": pl.Int64(),
    "share": pl.Float64(),
}


def completeness(cohort: Cohort) -> pl.DataFrame:
    """Filled cells per centre, table and column, of the tables that each centre supplied.

    Rows count for the centre accountable for their patient. The share is null where there is no row.
    """
    measured = [_of_table(cohort, table) for table in TABLES.values()]
    columns = pl.DataFrame(
        [(name, column.name, index) for name, table in TABLES.items() for index, column in enumerate(table.columns)],
        schema={"table": pl.String(), "column": pl.String(), "_order": pl.Int64()},
        orient="row",
    )
    return (
        cohort.coverage.filter("supplied")
        .select("centre_id", "table")
        .join(columns, on="table")
        .join(pl.concat(measured), on=["centre_id", "table", "column"], how="left")
        .with_columns(pl.col("n_rows", "n_filled").fill_null(0))
        .with_columns(share=pl.when(pl.col("n_rows") > 0).then(pl.col("n_filled") / pl.col("n_rows")))
        .sort("centre_id", pl.col("table").cast(pl.Enum(list(TABLES))), "_order")
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    )


def _of_table(cohort: Cohort, table: Table) -> pl.DataFrame:
    frame = cohort[table.name]
    centre = frame["centre_id"] if "centre_id" in frame.columns else cohort.centre_of(table.name)
    return (
        frame.with_columns(centre.alias("_centre"))
        .group_by("_centre")
        .agg(pl.len().alias("_rows"), pl.col(frame.columns).count())
        .unpivot(on=frame.columns, index=["_centre", "_rows"], variable_name="column", value_name="n_filled")
        .select(
            centre_id=pl.col("_centre").cast(pl.String),
            table=pl.lit(table.name),
            column="column",
            n_rows="_rows",
            n_filled="n_filled",
        )
    )
