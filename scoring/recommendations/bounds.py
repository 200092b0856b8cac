"""Cut-offs of a score read on the bounds of its total, so that a missing item leaves open only what it really leaves open."""

import polars as pl


def at_least(score: str, cut: int) -> pl.Expr:
    """Is the total certainly `cut` or more? Null when the bounds leave it open."""
    low, high = pl.col(f"{score}_min"), pl.col(f"{score}_max")
    return pl.when(low >= cut).then(True).when(high < cut).then(False).otherwise(None)


def at_most(score: str, cut: int) -> pl.Expr:
    """Is the total certainly `cut` or less? Null when the bounds leave it open."""
    return ~at_least(score, cut + 1)


def within(score: str, low: int, high: int) -> pl.Expr:
    """Is the total certainly between `low` and `high`, both included? Null when the bounds leave it open."""
    return at_least(score, low) & at_most(score, high)
