"""What the audit would say under the other defensible readings of the guideline.

A reading is another value of one or more named parameters. The whole registry is scored and judged again under it, and
every decision is set beside the verdict that it has in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from scoring.concordance import KEYS, Judgement, judge
from scoring.context import Context
from scoring.core.recommendation import Recommendation
from scoring.recommendations import declare
from scoring.recommendations import parameters as P
from scoring.recommendations.readings import READINGS, Reading
from scoring.scores import evaluate_all

SCHEMA = {
    "reading": pl.String, "rule_id": pl.String, "patient_id": pl.String, "centre_id": pl.String, "entity_id": pl.String,
    "index_date": pl.Date, "before": pl.String, "after": pl.String,
}  # fmt: skip
"""A decision of which the verdict is another one under a reading; null where there is no such decision."""


@dataclass(frozen=True)
class Trial:
    """One reading, the verdicts under it, and the decisions of which the status changes (`SCHEMA`)."""

    reading: Reading
    rules: tuple[Recommendation, ...]
    judgement: Judgement
    changed: pl.DataFrame


def trials(
    context: Context,
    judged: Judgement,
    *,
    start: date | None = None,
    end: date | None = None,
    retrospective: bool = False,
    readings: Sequence[Reading] = READINGS,
) -> Iterator[Trial]:
    """Judge the registry again under each reading, beside the verdicts of the audit."""
    for reading in readings:
        with P.using(reading.values):
            rules = declare()
            found = judge(
                context.registry,
                rules=rules,
                start=start,
                end=end,
                retrospective=retrospective,
                scores=evaluate_all(context),
                context=context,
            )
        yield Trial(
            reading, rules, found, changes(judged, found).with_columns(reading=pl.lit(reading.id)).select(*SCHEMA)
        )


def changes(before: Judgement, after: Judgement) -> pl.DataFrame:
    """The decisions that have another status in `after`: the columns of `SCHEMA` but the reading."""
    parts = [pl.DataFrame(schema={name: dtype for name, dtype in SCHEMA.items() if name != "reading"})]
    for grain, old in before.verdicts.items():
        new = after.verdicts[grain]
        identity = ["patient_id", "centre_id", "entity_id", "index_date"]
        rules = [column for column in old.columns if column not in KEYS]
        both = _statuses(old, before, rules).join(
            _statuses(new, after, rules), on=identity, how="full", coalesce=True, suffix=" after"
        )
        for rule in rules:
            one, other = pl.col(rule), pl.col(f"{rule} after")
            parts.append(
                both.filter(one.ne_missing(other)).select(
                    pl.lit(rule).alias("rule_id"), *identity, before=one, after=other
                )
            )
    return pl.concat(parts).sort("rule_id", "patient_id", "index_date", "entity_id")


def _statuses(verdicts: pl.DataFrame, judgement: Judgement, rules: Sequence[str]) -> pl.DataFrame:
    """The verdicts with the status in place of each code; for an option taken, the option."""
    codes = judgement.codes["code"]
    words = judgement.codes.select(
        pl.when(pl.col("status") == "reported").then(pl.format("reported: {}", "given")).otherwise("status")
    ).to_series()
    return verdicts.select(
        "patient_id", "centre_id", "entity_id", "index_date",
        *(pl.col(rule).replace_strict(codes, words, default=None, return_dtype=pl.String) for rule in rules),
    )  # fmt: skip
