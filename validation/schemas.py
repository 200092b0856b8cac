"""pandera schemas, generated from the contract: they declare what a table must be, and decide which rows are not.

Frames are eager and typed already. Nothing is coerced, for coercion stops at the first cell that fails, and the data are
always looked at, for pandera looks at lazy frames' types alone unless told otherwise.
"""

from __future__ import annotations

from functools import cache

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from .contract import TABLES, Column, Table
from .quarantine import Finding
from .rules import WORDS


class ContractBroken(Exception):
    """Rows that were about to be accepted do not meet the contract; a defect of the checks, not of the extract."""


@cache
def schema(table: str, *, unique: bool = True) -> pa.DataFrameSchema:
    """The pandera schema of one table: types, required columns, ranges and, unless told otherwise, the unique key."""
    declared = TABLES[table]
    columns = {column.name: _column(column) for column in declared.columns}
    key = list(declared.key) if unique and declared.key else None
    return pa.DataFrameSchema(columns, name=table, strict=True, ordered=True, coerce=False, unique=key)


def _column(column: Column) -> pa.Column:
    checks = [] if column.low is None else [pa.Check.in_range(column.low, column.high, name="in_range")]
    return pa.Column(column.dtype, checks=checks, nullable=not column.required, coerce=False)


def judge(table: Table, frame: pl.DataFrame, rows: pl.Series, *, unique: bool = False) -> list[Finding]:
    """What pandera finds in a frame; `rows` numbers its rows. Failure cases hold patients' values and are not kept."""
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema(table.name, unique=unique).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases.select("schema_context", "column", "check", "index").unique(maintain_order=True)
    else:
        return []
    rules = {
        "not_nullable": "required_missing",
        "multiple_fields_uniqueness": "duplicate_key",
        "in_range": "out_of_range",
    }
    findings = []
    for (column, check), found in cases.group_by("column", "check", maintain_order=True):
        rule = rules.get(str(check).split("(")[0])
        if rule is None or found["index"].null_count():
            raise ContractBroken(f"table {table.name}, column {column}: {check}")
        affected = rows.gather(found["index"].cast(pl.UInt32))
        named = None if rule == "duplicate_key" else str(column)
        findings.append(Finding(affected, named, rule, _expectation(table, named, rule)))
    return findings


def _expectation(table: Table, column: str | None, rule: str) -> str:
    if rule != "out_of_range" or column is None:
        return WORDS[rule].en
    declared = table[column]
    return f"a value from {declared.low:g} to {declared.high:g} {declared.unit}".rstrip()


def has_repeated(keys: pl.Series) -> bool:
    """Whether a key is there more than once. Where they are sorted, as most exports are, no table of them is needed."""
    if keys.is_sorted():
        return bool(keys[1:].eq_missing(keys[:-1]).any())
    return keys.n_unique() < len(keys)


def certify(table: Table, frame: pl.DataFrame, *, flawless: bool = False) -> None:
    """The gate: raise ContractBroken unless the whole frame meets the contract.

    The cells of a `flawless` frame were looked at: its rows are some of a frame in which `judge` found nothing.
    """
    unique = len(table.key) == 1 and table.key[0] in frame.columns and not has_repeated(frame[table.key[0]])
    known = flawless and (unique or not table.key)
    try:
        with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY if known else ValidationDepth.SCHEMA_AND_DATA):
            schema(table.name, unique=not unique).validate(frame, lazy=True)
    except SchemaErrors as errors:
        checks = sorted({f"{case['column']}: {case['check']}" for case in errors.failure_cases.iter_rows(named=True)})
        raise ContractBroken(f"table {table.name}: {'; '.join(checks)}") from None
