"""What a score is: items that give points, and bands of the total. A missing item leaves bounds, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from .text import Source, Text

POINTS = pl.Int16


def points_by(column: str, table: Mapping[int, tuple[str, ...]]) -> pl.Expr:
    """Points of a token column, as {points: tokens}; null where the column is null or holds another token."""
    chain: Any = pl.when(pl.col(column).is_null()).then(None)
    for points, tokens in table.items():
        chain = chain.when(pl.col(column).is_in(list(tokens))).then(points)
    expression: pl.Expr = chain.otherwise(None)
    return expression.cast(POINTS)


@dataclass(frozen=True)
class Item:
    """One item of a score.

    `points` is null when the item is not recorded or falls in a hole of the text. `low` and `high` are the attainable points:
    where they are not given, the points themselves, or `least` and `most` when there are none. `input` is the contract column
    to name when the item is missing.
    """

    name: str
    label: Text
    input: str
    points: pl.Expr
    least: int
    most: int
    low: pl.Expr | None = None
    high: pl.Expr | None = None

    def __post_init__(self) -> None:
        if self.least >= self.most:
            raise ValueError(f"item {self.name}: {self.least} is not below {self.most}")


@dataclass(frozen=True)
class Band:
    """A range of totals, both ends included."""

    name: str
    low: int
    high: int


@dataclass(frozen=True)
class Flag:
    """A hole, a boundary or a reading that the reader of a score must know of."""

    id: str
    when: pl.Expr
    words: Text


@dataclass(frozen=True)
class Score:
    """A score as printed: items, bands, source, and the flags of its holes and readings.

    `computable` says, with a flag for the reason, on which rows the score has a meaning.
    """

    id: str
    title: Text
    source: Source
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    flags: tuple[Flag, ...] = ()
    not_computed: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        edges = [(band.low, band.high) for band in self.bands]
        for (_, high), (low, _) in pairwise(edges):
            if low != high + 1:
                raise ValueError(f"score {self.id}: bands leave a gap or overlap between {high} and {low}")
        if edges and (self.least() < edges[0][0] or self.most() > edges[-1][1]):
            raise ValueError(f"score {self.id}: totals {self.least()} to {self.most()} reach beyond its bands")

    def least(self) -> int:
        """The lowest total that the items allow."""
        return sum(item.least for item in self.items)

    def most(self) -> int:
        """The highest total that the items allow."""
        return sum(item.most for item in self.items)

    def band_of(self, low: pl.Expr, high: pl.Expr) -> pl.Expr:
        """The band that holds both bounds, null if none does."""
        chain: Any = pl.when(low.is_null() | high.is_null()).then(None)
        for band in self.bands:
            chain = chain.when((low >= band.low) & (high <= band.high)).then(pl.lit(band.name))
        expression: pl.Expr = chain.otherwise(None)
        return expression

    def evaluate(self, inputs: pl.DataFrame) -> pl.DataFrame:
        """`inputs` with `<item>_points`, total, total_min, total_max, band, missing, missing_input and flags added."""
        computed = ~pl.any_horizontal([flag.when.fill_null(False) for flag in self.not_computed] or [pl.lit(False)])
        names = [item.name for item in self.items]
        staged = inputs.with_columns(computed=computed).with_columns(
            *[self._where(item.points).alias(f"{item.name}_points") for item in self.items]
        )
        staged = staged.with_columns(
            *[self._where(_bound(item, item.low, item.least)).alias(f"{item.name}_low") for item in self.items],
            *[self._where(_bound(item, item.high, item.most)).alias(f"{item.name}_high") for item in self.items],
        )
        points = [pl.col(f"{name}_points") for name in names]
        staged = staged.with_columns(
            total=pl.sum_horizontal(points, ignore_nulls=False).cast(POINTS),
            total_min=pl.sum_horizontal([pl.col(f"{name}_low") for name in names], ignore_nulls=False).cast(POINTS),
            total_max=pl.sum_horizontal([pl.col(f"{name}_high") for name in names], ignore_nulls=False).cast(POINTS),
        )
        lacking = [pl.col("computed") & pl.col(f"{name}_points").is_null() for name in names]
        return staged.with_columns(
            band=self.band_of(pl.col("total_min"), pl.col("total_max")),
            missing=_joined(names, lacking),
            missing_input=pl.coalesce(
                [pl.when(gone).then(pl.lit(item.input)) for gone, item in zip(lacking, self.items, strict=True)]
            ),
            flags=_joined(
                [flag.id for flag in (*self.not_computed, *self.flags)],
                [flag.when for flag in self.not_computed] + [pl.col("computed") & flag.when for flag in self.flags],
            ),
        ).drop([f"{name}_{end}" for name in names for end in ("low", "high")], "computed")

    def _where(self, points: pl.Expr) -> pl.Expr:
        return pl.when(pl.col("computed")).then(points).cast(POINTS) if self.not_computed else points.cast(POINTS)


def _bound(item: Item, bound: pl.Expr | None, otherwise: int) -> pl.Expr:
    known = pl.col(f"{item.name}_points") if bound is None else bound
    return pl.coalesce(known, pl.lit(otherwise))


def _joined(names: list[str], holds: list[pl.Expr]) -> pl.Expr:
    """The names whose expression is true, joined by a bar; empty when none is."""
    if not names:
        return pl.lit("")
    parts = [pl.when(hold).then(pl.lit(name)) for name, hold in zip(names, holds, strict=True)]
    return pl.concat_str(parts, separator="|", ignore_nulls=True)
