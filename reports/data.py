"""All that a report is made of: frames and declarations, so that it can be rebuilt from what an audit left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from scoring.core.recommendation import Recommendation
from scoring.core.text import Edition
from validation.quality.gate import GATE_SCHEMA

from .disclosure import SMALLEST
from .statistics import ALL, VERDICT_COUNTS, verdict_counts

if TYPE_CHECKING:
    from reports.sensitivity import Sensitivity
    from scoring.concordance import Judgement
    from scoring.recommendations.parameters import Parameter


@dataclass(frozen=True)
class Standing:
    """How fresh the data of a centre are: the extraction date of its last deposit in effect, and since when its state stands."""

    last_deposit: date | None
    since: date | None


@dataclass(frozen=True)
class ReportData:
    """The results of one audit.

    - `rates`: `statistics.rates(judgement, rules)`
    - `options`: `statistics.options(judgement, rules)` of the rules that leave the choice
    - `sensitivity`: what changes under the other readings of the guideline; None where they were not tried
    - `scores`: score -> its frame, for all patients
    - `coverage`, `counts`: as the intake gave them
    - `completeness`: centre_id, table, column, n_rows, n_filled, share
    - `quarantine`: centre_id, table, rule, n (rows refused)
    - `centres`: centre_id -> name; the name comes from the registry and is never trusted
    - `headline`: the rules of the headlines, in order; `rules` are all that were judged
    - `optional`: the rules that leave the choice
    - `parameters`: the thresholds and windows of the rules, by name
    - `gate`: what the quality gate judged
    - `smallest_count`: the smallest count that the network report prints
    - `standing`: centre -> how fresh its data are, where the audit is one of a series; shown only then
    """

    judgement: Judgement
    rates: pl.DataFrame
    options: pl.DataFrame
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
    optional: tuple[Recommendation, ...] = ()
    sensitivity: Sensitivity | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    gate: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GATE_SCHEMA))
    smallest_count: int = SMALLEST
    standing: Mapping[str, Standing] = field(default_factory=dict)

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions that the rules come from, in order of first use."""
        return tuple(dict.fromkeys(rule.source.edition for rule in self.rules))

    def rate(self, rule_id: str, centre_id: str | None = None) -> dict[str, object] | None:
        """The rates of one rule over all quarters, in one centre or in all; None if it never applied there."""
        return self._over_all_quarters.get((rule_id, centre_id))

    def verdict_counts(self, centre_id: str | None = None) -> pl.DataFrame:
        """How often each verdict came up in one centre or in all: rule_id, code, status, reason, recommended, given, flags, n."""
        if centre_id is not None:
            return self._verdict_counts.filter(pl.col("centre_id") == centre_id).drop("centre_id")
        names = VERDICT_COUNTS[1:-1]
        return self._verdict_counts.group_by(names, maintain_order=True).agg(pl.col("n").sum())

    @cached_property
    def _verdict_counts(self) -> pl.DataFrame:
        return verdict_counts(self.judgement, self.rules)

    @cached_property
    def _over_all_quarters(self) -> dict[tuple[str, str | None], dict[str, object]]:
        rows = self.rates.filter(pl.col("period") == ALL)
        return {(row["rule_id"], row["centre_id"]): row for row in rows.iter_rows(named=True)}
