"""The radiotherapy schedules that the guideline prints, and whether one of them was prescribed."""

from typing import Any

import polars as pl

from . import parameters as P

SCHEDULES = {"30/10": (30, 10), "24/6": (24, 6), "20/5": (20, 5), "8/1": (8, 1)}
"""Total dose in Gy and number of fractions."""
ROUNDING = 1e-9


def prescribed(*tokens: str) -> pl.Expr:
    """Was one of the schedules prescribed? Known to be false as soon as the dose or the fractions fit none of them."""
    dose, fractions = pl.col("prescribed_dose_gy"), pl.col("prescribed_fractions")
    fits = [
        ((dose - gray).abs() <= P.DOSE_GY + ROUNDING) & (fractions == number)
        for gray, number in (SCHEDULES[token] for token in tokens)
    ]
    return pl.any_horizontal(fits)


def schedule() -> pl.Expr:
    """The prescribed schedule as a token, `other` when it is none of those printed, null when that is not known."""
    chain: Any = pl.when(pl.lit(False)).then(None)
    for token in SCHEDULES:
        chain = chain.when(prescribed(token).fill_null(False)).then(pl.lit(token))
    expression: pl.Expr = chain.when(~prescribed(*SCHEDULES)).then(pl.lit("other")).otherwise(None)
    return expression
