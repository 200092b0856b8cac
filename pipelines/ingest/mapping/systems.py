"""The code systems that a mapping may name: `histology = { from = "Morpho", system = "icd-o-3-morphology" }`."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Translate = Callable[[pl.Series, pl.Series | None], pl.Series]
"""Codes, and the strengths of the products where a mapping gives them, to tokens: as many as cells; null for a blank cell
and for a code that the system does not know."""

SYSTEMS: dict[str, Translate] = {}
"""The code systems by name."""


def translate(system: str, cells: pl.Series, strength: pl.Series | None) -> pl.Series:
    """The token of every cell."""
    return SYSTEMS[system](cells, strength)
