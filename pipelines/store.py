"""The published state in one DuckDB file. Values are bound, never put into SQL; names come from our declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import duckdb
import polars as pl

from validation.contract import TABLES

from .ingest.model import Intake, SourceFile

_FILE_TYPES: dict[str, pl.DataType] = {"rows": pl.Int64(), "notes": pl.List(pl.String)}
FILES_SCHEMA = {
    field.name: _FILE_TYPES.get(field.name, pl.String())
    for field in fields(SourceFile)
    if field.name != "mapped"  # nested: in the manifest
}

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
"""Every file was read before: no statement may reach another file or the network, and none may change that."""

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Categorical: "VARCHAR",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.UInt8: "UTINYINT",
    pl.UInt16: "USMALLINT",
    pl.UInt32: "UINTEGER",
    pl.UInt64: "UBIGINT",
    pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE",
    pl.Null: "VARCHAR",
}


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the file; use as a context manager. One writer at a time."""
    return duckdb.connect(path, read_only=read_only, config=_CLOSED)


def save(path: Path, intake: Intake) -> None:
    """Write the accepted rows (schema `registry`), where they stood in the files, in the same order (schema `places`), and
    what became of the others (schema `quarantine`).
    """
    with connect(path) as con:
        con.begin()
        for name, frame in intake.tables.items():
            write_frame(con, "registry", name, frame)
        for name, frame in intake.places.items():
            write_frame(con, "places", name, frame.cast({"file": pl.String}))  # of an empty table, an enum of no words
        write_frame(con, "quarantine", "rows", intake.quarantine)
        write_frame(con, "quarantine", "counts", intake.counts)
        write_frame(con, "quarantine", "coverage", intake.coverage)
        write_frame(con, "quarantine", "holes", intake.holes)
        write_frame(con, "quarantine", "linkage", intake.linkage)
        files = pl.DataFrame([asdict(file) for file in intake.files], schema=FILES_SCHEMA)
        write_frame(con, "quarantine", "files", files)
        con.commit()


def load(path: Path) -> dict[str, pl.DataFrame]:
    """The registry as it was saved, in the types of the contract."""
    with connect(path, read_only=True) as con:
        return {name: _registry(con, name, "") for name in TABLES}


def load_places(path: Path) -> dict[str, pl.DataFrame]:
    """File and line of every row of the registry, in its order."""
    with connect(path, read_only=True) as con:
        return {name: read_frame(con, "places", name) for name in TABLES}


def load_patient(path: Path, patient_id: str) -> dict[str, pl.DataFrame]:
    """The rows of one patient in every table of the registry, and the patient's centre."""
    of_centre = f"WHERE centre_id IN (SELECT centre_id FROM {_name('registry', 'patients')} WHERE patient_id = ?)"
    with connect(path, read_only=True) as con:
        return {
            name: _registry(
                con, name, "WHERE patient_id = ?" if "patient_id" in table.schema else of_centre, patient_id
            )
            for name, table in TABLES.items()
        }


def write_frame(con: duckdb.DuckDBPyConnection, schema: str, name: str, frame: pl.DataFrame) -> None:
    """Write a frame to a table, in place of what it held; enums stay enums and lists stay lists."""
    columns = ", ".join(f"{_quoted(column)} {_sql_type(dtype)}" for column, dtype in frame.schema.items())
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
    con.execute(f"CREATE OR REPLACE TABLE {_name(schema, name)} ({columns})")
    if frame.height:
        # DuckDB 2.0 cannot read dictionaries within lists when all lists are empty.
        lists = [
            pl.col(column).cast(pl.List(pl.String)) for column in frame.columns if _holds_enums(frame.schema[column])
        ]
        con.register("incoming", frame.with_columns(lists).to_arrow())
        con.execute(f"INSERT INTO {_name(schema, name)} SELECT * FROM incoming")
        con.unregister("incoming")


def read_frame(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> pl.DataFrame:
    """Read a whole table."""
    return con.sql(f"SELECT * FROM {_name(schema, name)}").pl()


def create_long_view(con: duckdb.DuckDBPyConnection, grains: Mapping[str, Sequence[str]]) -> None:
    """Create `concordance.verdicts`: one row per rule that applied, from the wide tables and the dictionary of codes.

    `grains` names the rules of every grain, which are columns of `concordance.verdicts_<grain>`.
    """
    parts = [_unpivoted(grain, rules) for grain, rules in grains.items() if rules]
    con.execute(f"CREATE OR REPLACE VIEW concordance.verdicts AS {' UNION ALL BY NAME '.join(parts)}")


def _unpivoted(grain: str, rules: Iterable[str]) -> str:
    columns = ", ".join(_quoted(rule) for rule in rules)
    return f"""
        SELECT rule_id, split_part(rule_id, '-', 1) AS edition, {_literal(grain)} AS grain, patient_id, centre_id,
               entity_id, index_date, status, reason, recommended, given, flags
        FROM (UNPIVOT {_name("concordance", f"verdicts_{grain}")} ON {columns} INTO NAME rule_id VALUE code)
        JOIN concordance.codes USING (code)
    """


def _registry(con: duckdb.DuckDBPyConnection, name: str, where: str, *values: str) -> pl.DataFrame:
    schema = TABLES[name].schema
    columns = ", ".join(_quoted(column) for column in schema)
    frame = con.sql(f"SELECT {columns} FROM {_name('registry', name)} {where}", params=list(values)).pl()
    return frame.cast(pl.Schema(schema))


def _holds_enums(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and dtype.inner == pl.Enum


def _sql_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Enum):
        return f"ENUM({', '.join(_literal(token) for token in dtype.categories)})"
    if isinstance(dtype, pl.List):
        return f"{_sql_type(pl.Series([], dtype=dtype.inner).dtype)}[]"
    return _TYPES[type(dtype)]


def _name(schema: str, name: str) -> str:
    return f"{_quoted(schema)}.{_quoted(name)}"


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
