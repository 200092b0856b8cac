"""What the classifications share: columns, and columns of tokens made from named conditions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from scoring.core.classification import ClassColumn
from scoring.core.text import Text

DATE = ClassColumn("date", Text("Date", "Date"), "date")
UNKNOWN = {"unknown": Text("not known", "non connu")}


def listed(conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """The names whose condition is true, "|" between them; empty when none is."""
    parts = [pl.when(condition).then(pl.lit(name)) for name, condition in conditions.items()]
    return pl.concat_str(parts, separator="|", ignore_nulls=True)


def first_of(conditions: Mapping[str, pl.Expr], otherwise: str = "unknown") -> pl.Expr:
    """The first name whose condition is true; a condition that is not known is passed over."""
    parts = [pl.when(condition).then(pl.lit(name)) for name, condition in conditions.items()]
    return pl.coalesce(*parts, pl.lit(otherwise))
