"""Random columns that can be reproduced, and the small frame idioms that every topic of the generator uses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

EPOCH = date(1970, 1, 1)


def day(year: int, month: int, of_month: int) -> int:
    """The number of a day; the generator counts in days and turns them into dates at the very end."""
    return (date(year, month, of_month) - EPOCH).days


EXTRACTION = day(2026, 6, 30)
"""The day on which every centre made its extract; nothing in the registry is later."""


class Draw:
    """Random columns of one length, as expressions to be used in a frame of that length.

    The key (seed, centre, block, topic) fixes them, so a change in one topic leaves every other topic as it was.
    """

    def __init__(self, key: Sequence[int], n: int) -> None:
        self.rng = np.random.default_rng(key)
        self.n = n

    def uniform(self, low: float = 0.0, high: float = 1.0) -> pl.Expr:
        """Numbers between two ends."""
        return pl.lit(pl.Series(self.rng.uniform(low, high, self.n)))

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> pl.Expr:
        """Numbers around a mean."""
        return pl.lit(pl.Series(self.rng.normal(mean, sd, self.n)))

    def days(self, low: int, high: int) -> pl.Expr:
        """Whole numbers, both ends included."""
        return pl.lit(pl.Series(self.rng.integers(low, high + 1, self.n, dtype=np.int32)))

    def chance(self, share: float | pl.Expr) -> pl.Expr:
        """True in that share of the rows."""
        return self.uniform() < share

    def pick(self, weights: Mapping[str, float]) -> pl.Expr:
        """Tokens, each as often as its weight says; the token "" stands for null."""
        return pl.lit(
            self._gather(pl.Series([token or None for token in weights], dtype=pl.String), list(weights.values()))
        )

    def number(self, weights: Mapping[int, float]) -> pl.Expr:
        """Whole numbers, each as often as its weight says."""
        return pl.lit(self._gather(pl.Series(list(weights), dtype=pl.Int32), list(weights.values())))

    def sets(self, weights: Mapping[tuple[str, ...], float]) -> pl.Expr:
        """Sets of tokens; the empty set stands for null, which is all that a text file can hold."""
        values = pl.Series([list(tokens) or None for tokens in weights], dtype=pl.List(pl.String))
        return pl.lit(self._gather(values, list(weights.values())))

    def _gather(self, values: pl.Series, weights: Sequence[float]) -> pl.Series:
        steps = np.cumsum(np.asarray(weights))
        return values.gather(np.searchsorted(steps / steps[-1], self.rng.random(self.n), side="right"))


def shifted(share: float, logits: float) -> float:
    """A share moved on the logit scale: how a better or worse centre departs from the usual practice."""
    return 1 / (1 + math.exp(-(math.log(share / (1 - share)) + logits)))


def numbered(frame: pl.DataFrame, by: str, number: str = "n") -> pl.DataFrame:
    """The rows in the order of patient and day, with their number within the patient, from 1."""
    ordered = frame.sort(["p", by], maintain_order=True).with_row_index("i")
    first = pl.col("i").min().over("p")
    return ordered.with_columns((pl.col("i") - first + 1).cast(pl.Int32).alias(number)).drop("i")


def snapped(value: pl.Expr, to: Sequence[float], within: float, when: pl.Expr) -> pl.Expr:
    """Values near a boundary, moved onto it where `when` is true: registries hold round numbers."""
    moved = value
    for boundary in to:
        moved = pl.when(when & ((value - boundary).abs() <= within)).then(pl.lit(boundary)).otherwise(moved)
    return moved


def only_if(condition: pl.Expr, value: pl.Expr | str | float | bool) -> pl.Expr:
    """The value where the condition is true, and null elsewhere."""
    return pl.when(condition).then(value if isinstance(value, pl.Expr) else pl.lit(value))
