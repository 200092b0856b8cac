"""The data dictionary: the contract as rows for programs and as a page for people."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from validation.contract import TABLES, Column, Table

HEADER = """# Data dictionary

<!-- Made from the contract: `osteoconcord contract --format md > docs/dictionary.md`. Do not edit. -->

An extract is a folder with one file per table, `<table>.csv`, `.parquet` or `.xlsx`. Only *required* cells must be
filled; a column that is not required may be left out. In a cell of kind *set*, tokens are separated by `|`. Tokens and
their French labels are both understood. A blank cell is *not recorded*, never "no".
"""


class UnknownTable(ValueError):
    """A table that was asked for is not in the contract."""


def rows(name: str | None = None) -> list[dict[str, Any]]:
    """One row per column of the contract, or of one of its tables."""
    return [_row(table, column) for table in _tables(name) for column in table.columns]


def _tables(name: str | None) -> list[Table]:
    if name is None:
        return list(TABLES.values())
    if name not in TABLES:
        close = get_close_matches(name, TABLES, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnknownTable(f"The contract has no table {name!r}.{hint} Its tables: {', '.join(TABLES)}.")
    return [TABLES[name]]


def _row(table: Table, column: Column) -> dict[str, Any]:
    return {
        "table": table.name,
        "column": column.name,
        "kind": column.kind,
        "unit": column.unit or None,
        "low": column.low,
        "high": column.high,
        "tokens": column.tokens,
        "required": column.required,
        "key": column.name in table.key,
        "references": column.references,
        "description": column.description,
    }


def allowed(row: dict[str, Any]) -> str:
    """What a cell may hold, on one line."""
    if row["tokens"]:
        return ", ".join(row["tokens"])
    if row["low"] is not None:
        return f"{row['low']:g} to {row['high']:g}"
    return f"a {row['references']}" if row["references"] else ""


def markdown() -> str:
    """The page docs/dictionary.md."""
    contents = [f"- [{table.name}](#{table.name}): {table.one_row_per}" for table in TABLES.values()]
    return "\n".join([HEADER, *contents, "", *map(_section, TABLES.values())])


def _section(table: Table) -> str:
    lines = [f"## {table.name}", "", f"{table.one_row_per[:1].upper()}{table.one_row_per[1:]}.", ""]
    lines += ["| column | kind | unit | allowed | |", "|---|---|---|---|---|"]
    for row in (_row(table, column) for column in table.columns):
        name = f"**{row['column']}**" if row["required"] else row["column"]
        kind = row["kind"] + (", key" if row["key"] else "") + (", required" if row["required"] else "")
        unit = row["unit"] or ""
        lines.append(f"| {name} | {kind} | {unit} | {_tokens(row) or allowed(row)} | {row['description']} |")
    return "\n".join([*lines, ""])


def _tokens(row: dict[str, Any]) -> str:
    return "<br>".join(f"`{token}` {label}" for token, label in (row["tokens"] or {}).items())
