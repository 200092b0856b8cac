"""A score as it was last known of the lesion: Mirels, SINS, Tokuhashi or Tomita at its last assessment before an act."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P

from .decisions import Decisions, select


def last_scored(d: Decisions, scores: pl.DataFrame, day: pl.Series, *columns: str) -> tuple[pl.Series, ...]:
    """Columns of the scored assessment: the lesion's last in the 60 days up to and including `day`; null where it has none."""
    known = Timeline(scores, "lid", ["assessment_id"])
    position = known.last(d["lid"], day)
    position = select(pl.when(known.take("day", position) >= day - P.STATE).then(position))
    return tuple(known.take(column, position) for column in columns)


def bounds(d: Decisions, scores: pl.DataFrame, day: pl.Series) -> tuple[pl.Series, ...]:
    """The lowest and the highest attainable total of that assessment, and what is missing in it."""
    return last_scored(d, scores, day, "total_min", "total_max", "missing_input")
