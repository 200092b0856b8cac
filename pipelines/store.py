"""The published state in one DuckDB file. Values are bound, never put into SQL; names come from our declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pyarrow

from validation.contract import TABLES, Table

from .ingest.model import Intake, SourceFile
from .ingest.spill import detached

if TYPE_CHECKING:
    from .ingest.pieces import Pieces

_FILE_TYPES: dict[str, pl.DataType] = {"rows": pl.Int64(), "notes": pl.List(pl.String)}
FILES_SCHEMA = {
    field.name: _FILE_TYPES.get(field.name, pl.String())
    for field in fields(SourceFile)
    if field.name != "mapped"  # nested: in the manifest
}

_NO_PLACES = pl.DataFrame(schema={"file": pl.String, "line": pl.Int64})

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
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


_FRUGAL: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "512MiB", "threads": "1"}
"""For storing and sorting what is larger than memory should hold; what does not fit is set down beside the database.

Two threads would write row groups of their own, and write what is left of them once more.
"""

ROW_GROUP = 122_880
"""Rows that DuckDB writes together."""


def connect(path: Path, *, read_only: bool = False, frugal: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the file; use as a context manager. One writer at a time."""
    con = duckdb.connect(path, read_only=read_only, config=_CLOSED | (_FRUGAL if frugal else {}))
    con.execute("SET enable_progress_bar = false; SET lock_configuration = true")
    return con


def save(path: Path, intake: Intake, patients: pl.Series | None = None) -> None:
    """Write the accepted rows (schema `registry`), where they stood in the files, in the order of `load` (schema `places`),
    and what became of the others (schema `quarantine`).

    Where the file holds an earlier state of the registry, `patients` are those whose accepted rows differ from it.
    """
    with connect(path) as con:
        con.begin()
        for name, frame in intake.tables.items():
            put(con, "registry", name, frame, patients)
        for name, frame in intake.places.items():
            write_frame(con, "places", name, _NO_PLACES)
            _append(con, "places", name, frame)
        write_frame(con, "quarantine", "rows", intake.quarantine)
        write_frame(con, "quarantine", "counts", intake.counts)
        write_frame(con, "quarantine", "coverage", intake.coverage)
        write_frame(con, "quarantine", "holes", intake.holes)
        write_frame(con, "quarantine", "linkage", intake.linkage)
        write_frame(con, "quarantine", "files", _files(intake.files))
        con.commit()


def save_pieces(path: Path, pieces: Pieces) -> None:
    """Write what `save` writes, in the same order, of an intake that is checked piece by piece."""
    with connect(path, frugal=True) as con:
        last: dict[str, tuple[str, ...]] = {}
        disordered: set[str] = set()
        held: dict[tuple[str, str], pl.DataFrame] = {}
        for name, table in TABLES.items():
            write_frame(con, "registry", name, pl.DataFrame(schema=table.schema))
            write_frame(con, "places", name, _NO_PLACES)
        for tables, places in pieces.checked():
            con.begin()  # a transaction keeps what it wrote in memory until its end
            for name, frame in tables.items():
                held["registry", name] = _append_groups(con, "registry", name, held.get(("registry", name)), frame)
                held["places", name] = _append_groups(con, "places", name, held.get(("places", name)), places[name])
                keys = frame.select(TABLES[name].key or "patient_id")
                if frame.height and last.get(name, ()) > keys.row(0):
                    disordered.add(name)
                last[name] = keys.row(-1) if frame.height else last.get(name, ())
            con.commit()
        con.begin()
        for (schema, name), frame in held.items():
            _append(con, schema, name, frame)
        con.commit()
        for name in ("counts", "coverage", "holes", "linkage"):
            write_frame(con, "quarantine", name, getattr(pieces, name))
        write_frame(con, "quarantine", "rows", pieces.quarantine)
        write_frame(con, "quarantine", "files", _files(pieces.files))
        for name in sorted(disordered):
            _put_in_order(con, TABLES[name])


def _put_in_order(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Sort the rows of a table as the registry is, and their places with them."""
    rows, places = _name("registry", table.name), _name("places", table.name)
    order = ", ".join(f"{_quoted(column)} NULLS FIRST" for column in table.key or table.schema)
    con.begin()
    con.execute(
        f"CREATE TABLE registry._ordered AS SELECT r.*, p.file AS _file, p.line AS _line "
        f"FROM {rows} r POSITIONAL JOIN {places} p ORDER BY {order}, r.rowid"
    )
    con.execute(f"CREATE OR REPLACE TABLE {places} AS SELECT _file AS file, _line AS line FROM registry._ordered")
    con.execute(f"CREATE OR REPLACE TABLE {rows} AS SELECT * EXCLUDE (_file, _line) FROM registry._ordered")
    con.execute("DROP TABLE registry._ordered")
    con.commit()


def _files(files: Sequence[SourceFile]) -> pl.DataFrame:
    return pl.DataFrame([asdict(file) for file in files], schema=FILES_SCHEMA)


def load(path: Path) -> dict[str, pl.DataFrame]:
    """The registry as it was saved, in the types of the contract and in the order of the intake."""
    with connect(path, read_only=True) as con:
        return {name: _in_order(name, _registry(con, name, "")) for name in TABLES}


def load_places(path: Path) -> dict[str, pl.DataFrame]:
    """File and line of every row of the registry, in the order of `load`."""
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
    _append(con, schema, name, frame)


def _append(con: duckdb.DuckDBPyConnection, schema: str, name: str, frame: pl.DataFrame) -> None:
    """Add rows to a table."""
    if frame.height:
        con.register("incoming", _arrow(frame))
        con.execute(f"INSERT INTO {_name(schema, name)} SELECT * FROM incoming")
        con.unregister("incoming")


def _append_groups(
    con: duckdb.DuckDBPyConnection, schema: str, name: str, held: pl.DataFrame | None, frame: pl.DataFrame
) -> pl.DataFrame:
    """Add rows to a table, behind those held back, in whole row groups; returns what is left, to be held back in turn.

    DuckDB would write a group that is not full once more at every commit.
    """
    before = frame.clear() if held is None else held
    rows = pl.concat([before, frame])
    whole = rows.height // ROW_GROUP * ROW_GROUP
    if not whole:
        return pl.concat([before, detached(frame)])
    _append(con, schema, name, rows[:whole])
    return detached(rows[whole:])


def put(
    con: duckdb.DuckDBPyConnection, schema: str, name: str, frame: pl.DataFrame, patients: pl.Series | None = None
) -> None:
    """Make a table hold the rows of a frame: all of them anew, or those of `patients` where the others stand in it already."""
    if patients is None or "patient_id" not in frame.columns:
        write_frame(con, schema, name, frame)
        return
    con.register("moved", pl.DataFrame({"patient_id": patients}).to_arrow())
    con.execute(f"DELETE FROM {_name(schema, name)} WHERE patient_id IN (SELECT patient_id FROM moved)")
    con.unregister("moved")
    _append(con, schema, name, frame.filter(pl.col("patient_id").is_in(patients.implode())))


def read_frame(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> pl.DataFrame:
    """Read a whole table."""
    return con.sql(f"SELECT * FROM {_name(schema, name)}").pl()


def contents(path: Path) -> dict[str, tuple[object, ...]]:
    """Of every table its columns with their types, the number of its rows, and a checksum of them in any order."""
    with connect(path, read_only=True) as con:
        columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
        listed = con.sql(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' ORDER BY ALL"
        ).fetchall()
        for schema, name, column, dtype in listed:
            columns.setdefault((schema, name), []).append((column, dtype))
        found: dict[str, tuple[object, ...]] = {}
        for (schema, name), of_table in columns.items():
            row = ", ".join(_quoted(column) for column, _ in of_table)
            [rows] = con.sql(
                f"SELECT count(*), sum(print::HUGEINT), bit_xor(print) FROM (SELECT hash({row}) AS print "
                f"FROM {_name(schema, name)})"
            ).fetchall()
            found[f"{schema}.{name}"] = (tuple(of_table), rows)
        return found


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


def _arrow(frame: pl.DataFrame) -> pyarrow.Table:
    # DuckDB 2.0 cannot read dictionaries within lists when all lists are empty.
    lists = [pl.col(column).cast(pl.List(pl.String)) for column in frame.columns if _holds_enums(frame.schema[column])]
    return frame.with_columns(lists).to_arrow(compat_level=pl.CompatLevel.newest())


def _registry(con: duckdb.DuckDBPyConnection, name: str, where: str, *values: str) -> pl.DataFrame:
    schema = TABLES[name].schema
    columns = ", ".join(_quoted(column) for column in schema)
    frame = con.sql(f"SELECT {columns} FROM {_name('registry', name)} {where}", params=list(values)).pl()
    return frame.cast(pl.Schema(schema))


def _in_order(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as the intake sorts them: by key, or by all columns where there is none. Patients who moved stand at the end."""
    key = TABLES[name].key or ("patient_id", *(column for column in rows.columns if column != "patient_id"))
    return rows if len(key) == 1 and rows[key[0]].is_sorted() else rows.sort(key, maintain_order=True)


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
