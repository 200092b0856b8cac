"""All that a report is made of: frames and declarations, so that it can be rebuilt from what an audit left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from scoring.core.recommendation import Recommendation
from scoring.core.text import Edition

from .disclosure import SMALLEST

if TYPE_CHECKING:
    from scoring.concordance import Judgement


@dataclass(frozen=True)
class ReportData:
    """The results of one audit.

    - `rates`: `statistics.rates(judgement, rules)`
    - `scores`: score -> its frame, for all patients
    - `coverage`, `counts`: as the intake gave them
    - `completeness`: centre_id, table, column, n_rows, n_filled, share
    - `quarantine`: centre_id, table, rule, n (rows refused)
    - `centres`: centre_id -> name; the name comes from the registry and is never trusted
    - `headline`: the rules of the headlines, in order; `rules` are all that were judged
    - `smallest_count`: the smallest count that the network report prints
    """

    judgement: Judgement
    rates: pl.DataFrame
    scores: Mapping[str, pl.DataFrame]
    coverage: pl.DataFrame
    completeness: pl.DataFrame
    counts: pl.DataFrame
    quarantine: pl.DataFrame
    centres: Mapping[str, str]
    rules: tuple[Recommendation, ...]
    headline: tuple[Recommendation, ...]
    start: date | None = None
    end: date | None = None
    retrospective: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    smallest_count: int = SMALLEST

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions that the rules come from, in order of first use."""
        return tuple(dict.fromkeys(rule.source.edition for rule in self.rules))

    def rate(self, rule_id: str, centre_id: str | None = None) -> dict[str, object] | None:
        """The rates of one rule over all quarters, in one centre or in all; None if it never applied there."""
        rows = self.rates.filter(
            pl.col("rule_id") == rule_id, pl.col("centre_id").eq_missing(pl.lit(centre_id)), pl.col("period") == "all"
        )
        return rows.row(0, named=True) if rows.height else None
