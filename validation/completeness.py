"""How completely each centre filled each column."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from .contract import TABLES, Table

SCHEMA = {
    "centre_id": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "n_rows": pl.Int64(),
    "n_filled": pl.Int64(),
    "share": pl.Float64(),
}


def completeness(tables: Mapping[str, pl.DataFrame], coverage: pl.DataFrame) -> pl.DataFrame:
    """Filled cells per centre, table and column, of the tables that each centre supplied.

    Rows count for the centre accountable for their patient. The share is null where there is no row.
    """
    patients = tables["patients"]
    centre_of = (
        pl.Enum(patients["patient_id"]),
        patients["centre_id"].cast(pl.Enum(patients["centre_id"].unique().sort())),
    )
    measured = [_of_table(table, tables[name], *centre_of) for name, table in TABLES.items()]
    columns = pl.DataFrame(
        [(name, column.name, index) for name, table in TABLES.items() for index, column in enumerate(table.columns)],
        schema={"table": pl.String(), "column": pl.String(), "_order": pl.Int64()},
        orient="row",
    )
    return (
        coverage.filter("supplied")
        .select("centre_id", "table")
        .join(columns, on="table")
        .join(pl.concat(measured), on=["centre_id", "table", "column"], how="left")
        .with_columns(pl.col("n_rows", "n_filled").fill_null(0))
        .with_columns(share=pl.when(pl.col("n_rows") > 0).then(pl.col("n_filled") / pl.col("n_rows")))
        .sort("centre_id", pl.col("table").cast(pl.Enum(list(TABLES))), "_order")
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    )


def _of_table(table: Table, frame: pl.DataFrame, patients: pl.Enum, centres: pl.Series) -> pl.DataFrame:
    """Count filled cells; the patients as a dictionary lead from every row to its centre."""
    if "centre_id" in frame.columns:
        centre = frame["centre_id"]
    else:
        centre = centres.gather(frame["patient_id"].cast(patients).to_physical().cast(pl.UInt32)).cast(pl.String)
    return (
        frame.with_columns(centre.alias("_centre"))
        .group_by("_centre")
        .agg(pl.len().alias("_rows"), pl.col(frame.columns).count())
        .unpivot(on=frame.columns, index=["_centre", "_rows"], variable_name="column", value_name="n_filled")
        .select(centre_id="_centre", table=pl.lit(table.name), column="column", n_rows="_rows", n_filled="n_filled")
    )
