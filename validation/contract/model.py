"""The words in which the input data contract is declared. It imports nothing of ours: it is the floor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

Kind = Literal["string", "date", "enum", "set", "bool", "int", "float"]


@dataclass(frozen=True)
class Column:
    """One column of one table.

    `tokens` maps each token of an enum or a set to its French label. `low` and `high` bound a number, both inclusive.
    `references` names the key column of another table as ``table.column``.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    tokens: dict[str, str] | None = None
    low: float | None = None
    high: float | None = None
    required: bool = False
    is_key: bool = False
    references: str | None = None

    def __post_init__(self) -> None:
        if (self.kind in ("enum", "set") and self.name != "lesion_ids") != (self.tokens is not None):
            raise ValueError(f"column {self.name}: tokens belong to columns of kind enum or set, and only to them")
        if (self.low is None) != (self.high is None) or (self.low is not None and self.kind not in ("int", "float")):
            raise ValueError(f"column {self.name}: a range has two ends and belongs to a number")
        if self.is_key and not self.required:
            raise ValueError(f"column {self.name}: a key is required")

    @cached_property
    def dtype(self) -> pl.DataType:
        """The polars dtype of the column once it has been converted."""
        match self.kind:
            case "string":
                return pl.String()
            case "date":
                return pl.Date()
            case "bool":
                return pl.Boolean()
            case "int":
                return pl.Int32()
            case "float":
                return pl.Float64()
            case "enum":
                return pl.Enum(list(self.tokens or {}))
            case "set":
                return pl.List(pl.Enum(list(self.tokens)) if self.tokens else pl.String())

    @property
    def parent(self) -> tuple[str, str] | None:
        """(table, column) that this column refers to, or None."""
        if self.references is None:
            return None
        table, column = self.references.split(".")
        return table, column


@dataclass(frozen=True)
class Table:
    """One table of the contract, in the order in which its columns are documented."""

    name: str
    one_row_per: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"table {self.name}: a column is declared twice")

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}; it has {', '.join(c.name for c in self.columns)}")

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name -> polars dtype."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that together identify a row; empty where the contract gives no key."""
        return KEYS_OF_TWO.get(self.name) or tuple(column.name for column in self.columns if column.is_key)


KEYS_OF_TWO = {"imaging_findings": ("exam_id", "lesion_id")}
