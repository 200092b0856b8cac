"""The code systems that a mapping may name: `histology = { from = "Morpho", system = "icd-o-3-morphology" }`."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Translate = Callable[[pl.Series], pl.Series]

SYSTEMS: dict[str, Translate] = {}
"""Name -> codes to tokens, as many as cells; null for a blank cell and for a code that the system does not know."""


def translate(system: str, cells: pl.Series) -> pl.Series:
    """The token of every cell."""
    return SYSTEMS[system](cells)
