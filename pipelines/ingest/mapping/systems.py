"""The code systems that a mapping may name: `histology = { from = "Morpho", system = "icd-o-3-morphology" }`."""

from __future__ import annotations

import polars as pl

from pipelines import codes

SYSTEMS = tuple(codes.SYSTEMS)
"""The names of the code systems."""


def column_of(system: str) -> str:
    """The column of the contract that a system yields."""
    return codes.load(system).column


def translate(system: str, cells: pl.Series, strength: pl.Series | None) -> pl.Series:
    """The token of every cell; null for a blank cell and for a code that the system does not know."""
    tokens: pl.Series = codes.translate(system, cells, strength)[0]
    return tokens
