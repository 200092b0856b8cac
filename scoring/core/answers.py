"""Three-valued answers for whole columns, without a query: a condition that is not known does not hold."""

from __future__ import annotations

import polars as pl

_ANSWERS = {told: pl.Series([told], dtype=pl.Boolean) for told in (True, False, None)}


def where(holds: pl.Series, values: pl.Series) -> pl.Series:
    """The values where `holds` is true, null elsewhere."""
    return values.zip_with(holds, pl.Series([None], dtype=values.dtype))


def answer(*cases: tuple[pl.Series, bool | None], otherwise: pl.Series | bool | None = None) -> pl.Series:
    """The answer of the first case that holds, as in a chain of when and then."""
    found = otherwise if isinstance(otherwise, pl.Series) else _ANSWERS[otherwise]
    for holds, told in reversed(cases):
        found = _ANSWERS[told].zip_with(holds, found)
    return found
