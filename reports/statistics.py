"""Rates with their uncertainty, funnel limits, and persistence on treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from scoring.core.recommendation import Recommendation, Status
from scoring.verdict_codes import where_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.concordance import Judgement

Z_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution: two-sided 95 % intervals."""

STATUSES = tuple(Status)
ASSESSED = (Status.CONCORDANT, Status.DISCORDANT, Status.TO_JUSTIFY)
FAILING = (Status.DISCORDANT, Status.TO_JUSTIFY)
JUDGED_STATUSES = tuple(status for status in STATUSES if status is not Status.REPORTED)
COUNTS = (
    "n_concordant",
    "n_discordant",
    "n_to_justify",
    "n_justified",
    "n_not_due",
    "n_not_assessable",
    "n_exception_unknown",
    "n_applicable",
    "n_assessed",
    "n_patients",
)
RATE_COLUMNS = (
    *("rule_id", "edition", "strength", "centre_id", "period"),
    *COUNTS,
    *("rate", "lower", "upper", "bound_low", "bound_high"),
)
"""The columns of the frame of rates, in order."""

ALL = "all"
"""The period of a row over all quarters; a row over all centres has no centre."""


def rates(judgement: Judgement, rules: Sequence[Recommendation]) -> pl.DataFrame:
    """Verdicts counted, with rate, interval and bounds, per rule: by centre and quarter, by centre, by quarter, in all.

    A rule without any decision has one row, over all centres and quarters, with zeros and no rate.
    """
    class_of_code = _class_of_code(judgement.codes)
    counted = [_Decisions.none()]
    for grain, verdicts in judgement.verdicts.items():
        mine = {place: verdicts[r.id] for place, r in enumerate(rules) if r.grain == grain and r.id in verdicts.columns}
        if mine and verdicts.height:
            counted.append(_Decisions.of(verdicts).count(mine, class_of_code))
    return with_rates(_assemble(pl.concat(counted), rules))


OPTION_COLUMNS = (
    *("rule_id", "edition", "centre_id", "option", "n", "n_known", "n_not_assessable"),
    *("share", "lower", "upper"),
)
"""The columns of the frame of options, in order."""


def options(judgement: Judgement, rules: Sequence[Recommendation]) -> pl.DataFrame:
    """How often each option was taken where the guideline leaves the choice, over all centres (null) and in each.

    A rule without any decision has its options once, over all centres, with zeros.

    `n_known` are the decisions of which the option is known, `n_not_assessable` the others; `share` is n / n_known.
    """
    counted = [_options_of(judgement, rule) for rule in rules if rule.grain in judgement.verdicts]
    schema = {"rule_id": pl.String, "edition": pl.String, "centre_id": pl.String, "option": pl.String}
    nothing = pl.DataFrame(schema=schema | dict.fromkeys(("n", "n_known", "n_not_assessable"), pl.Int64))
    rows = pl.concat([nothing, *counted])
    lower, upper = wilson(pl.col("n"), pl.col("n_known"))
    return rows.with_columns(share=_share(pl.col("n"), pl.col("n_known")), lower=lower, upper=upper).select(
        OPTION_COLUMNS
    )


def _options_of(judgement: Judgement, rule: Recommendation) -> pl.DataFrame:
    codes = judgement.codes.select(pl.col("code").alias(rule.id), "status", "given")
    decisions = judgement.verdicts[rule.grain].select("centre_id", rule.id).drop_nulls(rule.id).join(codes, on=rule.id)
    known = pl.col("status") == Status.REPORTED
    everywhere = pl.DataFrame({"centre_id": [None]}, schema={"centre_id": pl.String})
    centres = pl.concat([everywhere, decisions.select(pl.col("centre_id").unique().sort())])
    both = pl.concat([decisions.with_columns(centre_id=pl.lit(None, pl.String)), decisions])
    totals = both.group_by("centre_id").agg(
        n_known=known.sum().cast(pl.Int64), n_not_assessable=(~known).sum().cast(pl.Int64)
    )
    taken = both.filter(known).group_by("centre_id", option="given").agg(n=pl.len().cast(pl.Int64))
    every = centres.join(pl.DataFrame({"option": rule.recommended}), how="cross")
    return (
        every.join(totals, on="centre_id", how="left", nulls_equal=True, maintain_order="left")
        .join(taken, on=["centre_id", "option"], how="left", nulls_equal=True, maintain_order="left")
        .select(
            pl.lit(rule.id).alias("rule_id"),
            pl.lit(rule.source.edition.id).alias("edition"),
            "centre_id",
            "option",
            pl.col("n", "n_known", "n_not_assessable").fill_null(0),
        )
    )


def with_rates(counts: pl.DataFrame) -> pl.DataFrame:
    """Add rate, Wilson interval and the bounds over what could not be assessed to a frame of counts."""
    met, n, unknown = pl.col("n_concordant"), pl.col("n_assessed"), pl.col("n_not_assessable")
    lower, upper = wilson(met, n)
    return counts.with_columns(
        rate=_share(met, n),
        lower=lower,
        upper=upper,
        bound_low=_share(met, n + unknown),
        bound_high=_share(met + unknown, n + unknown - pl.col("n_exception_unknown")).clip(upper_bound=1.0),
    ).select(RATE_COLUMNS)


def wilson(met: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The Wilson 95 % interval of a proportion; null where there is nothing to divide."""
    n = pl.when(n > 0).then(n.cast(pl.Float64))
    share = met / n
    spread = Z_95 * (share * (1 - share) / n + Z_95**2 / (4 * n**2)).sqrt()
    middle, scale = share + Z_95**2 / (2 * n), 1 + Z_95**2 / n
    return ((middle - spread) / scale).clip(0.0, 1.0), ((middle + spread) / scale).clip(0.0, 1.0)


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _class_of_code(codes: pl.DataFrame) -> NDArray[np.int64]:
    """2 × status + (its exception is not recorded), by code."""
    status = codes["status"].replace_strict({s.value: i for i, s in enumerate(STATUSES)}, return_dtype=pl.UInt8)
    unknown = codes["flags"].fill_null("").str.split("|").list.contains("exception_unknown") & codes["status"].is_in(
        [s.value for s in FAILING]
    )
    lookup = np.zeros(1 << 16, dtype=np.int64)
    lookup[codes["code"].to_numpy()] = 2 * status.to_numpy() + unknown.to_numpy()
    return lookup


N_CLASSES = 2 * len(STATUSES)
ASSESSED_CLASS = np.repeat([status in ASSESSED for status in STATUSES], 2)


@dataclass(frozen=True)
class _Decisions:
    """The rows of one grain as small integers: a cell is a centre in a quarter, a person is a patient in a cell."""

    cell: NDArray[np.int64]
    person: NDArray[np.int64]
    centres: list[str]
    quarters: list[str]

    @classmethod
    def of(cls, verdicts: pl.DataFrame) -> _Decisions:
        month = pl.col("index_date").dt.year() * 4 + pl.col("index_date").dt.quarter() - 1
        keys = verdicts.select(
            patient=pl.col("patient_id").rank("dense").cast(pl.Int64),
            centre=pl.col("centre_id").rank("dense").cast(pl.Int64) - 1,
            quarter=month,
        )
        centres = verdicts["centre_id"].unique().sort().to_list()
        present = keys["quarter"].unique().sort()
        cell = keys["centre"].to_numpy() * len(present) + np.searchsorted(
            present.to_numpy(), keys["quarter"].to_numpy()
        )
        person = keys["patient"].to_numpy() * (len(centres) * len(present)) + cell
        return cls(cell, person, centres, [f"{q // 4}-Q{q % 4 + 1}" for q in present.to_list()])

    @staticmethod
    def none() -> pl.DataFrame:
        """What `count` gives where there is nothing to count."""
        schema = {"position": pl.Int64, "centre_id": pl.String, "period": pl.String}
        return pl.DataFrame(schema=schema | dict.fromkeys(COUNTS, pl.Int64))

    def count(self, rules: Mapping[int, pl.Series], class_of_code: NDArray[np.int64]) -> pl.DataFrame:
        """The counts of rules, given by their position: over all, per quarter, per centre, per centre and quarter.

        In this order by rule, each only where the rule applied.
        """
        counts = [self._of_rule(verdicts, class_of_code) for verdicts in rules.values()]
        applied = [np.flatnonzero(rows[:, COUNTS.index("n_applicable")]) for rows in counts]
        place = np.concatenate(applied)
        found = np.concatenate([rows[mine] for rows, mine in zip(counts, applied, strict=True)])
        width = 1 + len(self.quarters)
        return pl.DataFrame(
            {
                "position": np.repeat(list(rules), [len(mine) for mine in applied]),
                "centre_id": pl.Series([None, *self.centres], dtype=pl.String).gather(place // width),
                "period": pl.Series([ALL, *self.quarters]).gather(place % width),
                **dict(zip(COUNTS, found.T, strict=True)),
            },
            schema=self.none().schema,
        )

    def _of_rule(self, verdicts: pl.Series, class_of_code: NDArray[np.int64]) -> NDArray[np.int64]:
        """`COUNTS` of one rule, a row per centre (all of them first) and quarter (all of them first)."""
        rows, codes = where_known(verdicts)
        classes, shape = class_of_code[codes], (len(self.centres), len(self.quarters))
        n_cells = shape[0] * shape[1]
        tally = np.bincount(classes * n_cells + self.cell[rows], minlength=N_CLASSES * n_cells)
        by_class = _with_sums(tally.reshape(len(STATUSES), 2, *shape))
        n = dict(zip(STATUSES, by_class[:, 0] + by_class[:, 1], strict=True))
        counts = {
            **{f"n_{status}": n[status] for status in JUDGED_STATUSES},
            "n_exception_unknown": by_class[:, 1].sum(axis=0),
            "n_applicable": sum(n.values()),
            "n_assessed": sum(n[status] for status in ASSESSED),
            "n_patients": self._patients(rows[ASSESSED_CLASS[classes]], shape),
        }
        return np.stack([counts[name].reshape(-1) for name in COUNTS], axis=1)

    def _patients(self, rows: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.int64]:
        """Distinct patients of these rows, by centre and quarter, with sums; a patient has one centre."""
        persons = _distinct(np.sort(self.person[rows], kind="stable"))
        in_centre = _distinct(persons // shape[1])
        found = _with_sums(np.bincount(persons % (shape[0] * shape[1]), minlength=shape[0] * shape[1]).reshape(shape))
        found[1:, 0] = np.bincount(in_centre % shape[0], minlength=shape[0])
        found[0, 0] = len(in_centre)
        return found


def _distinct(ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    return ordered[np.diff(ordered, prepend=-1) != 0]


def _with_sums(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts by centre and quarter (the last two axes) with those over all centres and over all quarters before them."""
    both = np.concatenate([counts.sum(axis=-2, keepdims=True), counts], axis=-2)
    return np.concatenate([both.sum(axis=-1, keepdims=True), both], axis=-1)


VERDICT_COUNTS = ("centre_id", "rule_id", "code", "status", "reason", "recommended", "given", "flags", "n")
"""The columns of the frame of verdicts, in order."""


def verdict_counts(judgement: Judgement, rules: Sequence[Recommendation]) -> pl.DataFrame:
    """How often each verdict came up in each centre (`VERDICT_COUNTS`), by rule and code."""
    counts = judgement.counts.filter(pl.col("rule_id").is_in([rule.id for rule in rules]))
    meaning = counts.join(judgement.codes, on="code", how="left", maintain_order="left")
    return meaning.sort("rule_id", "code", "centre_id").select(VERDICT_COUNTS)


def _assemble(counted: pl.DataFrame, rules: Sequence[Recommendation]) -> pl.DataFrame:
    """The counts in the order of the rules; a rule that never applied gets its row of zeros."""
    never = sorted(set(range(len(rules))) - set(counted["position"].unique()))
    whose = pl.DataFrame(
        {
            "rule_id": [rule.id for rule in rules],
            "edition": [rule.source.edition.id for rule in rules],
            "strength": [rule.strength.value for rule in rules],
        },
        schema=dict.fromkeys(("rule_id", "edition", "strength"), pl.String),
    )
    zeros = pl.DataFrame({"position": never, "period": ALL}, schema_overrides={"position": pl.Int64})
    both = pl.concat([counted, zeros], how="diagonal")
    ordered = both.sort("position", maintain_order=True).with_columns(pl.col(COUNTS).fill_null(0))
    return ordered.hstack(whose[ordered["position"]])


def funnel_limits(n: NDArray[np.int64], rate: float, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The exact binomial limits around `rate`, as shares, within which a centre with n decisions stays at this level.

    Interpolated between counts, so that the limits are smooth. A centre lies strictly beyond one exactly if a result as
    extreme has a probability under (1 - level) / 2 when the centre works like the network.
    """
    tail = (1 - level) / 2
    return _lower_limit(tail, n, rate).clip(0, 1), (1 - _lower_limit(tail, n, 1 - rate)).clip(0, 1)


def _lower_limit(tail: float, n: NDArray[np.int64], p: float) -> NDArray[np.float64]:
    """Between the largest count k with P(X <= k) < tail and the next one, for X binomial (n, p), as a share of n."""
    from scipy.special import bdtr, bdtrik

    if p in (0.0, 1.0):
        return np.full(len(n), p)
    k = np.ceil(bdtrik(tail, n, p))
    k = np.where((k > 0) & (bdtr(np.maximum(k - 1, 0), n, p) >= tail), k - 1, k)
    up_to, below = bdtr(k, n, p), np.where(k > 0, bdtr(np.maximum(k - 1, 0), n, p), 0.0)
    return (k - (up_to - tail) / (up_to - below)) / n


@dataclass(frozen=True)
class Persistence:
    """A Kaplan-Meier curve: by day, the share still on treatment, its 95 % interval and the number at risk before."""

    days: NDArray[np.int64]
    share: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    ended: NDArray[np.int64]
    n_unknown: int


def persistence(courses: pl.DataFrame) -> Persistence:
    """Kaplan-Meier estimate of staying on antiresorptive treatment, from `days_on_treatment` and `treatment_ended`.

    A course that had not ended when the patient died or the data ended is censored there: the curve is the persistence
    of those who could still be treated. Intervals by Greenwood's formula. A course without its facts is counted apart.
    """
    known = courses.select("days_on_treatment", "treatment_ended").drop_nulls()
    table = (
        known.group_by(pl.col("days_on_treatment").cast(pl.Int64).alias("day"))
        .agg(ended=pl.col("treatment_ended").sum().cast(pl.Int64), left=pl.len().cast(pl.Int64))
        .sort("day")
    )
    ended, left = table["ended"].to_numpy(), table["left"].to_numpy()
    at_risk = left[::-1].cumsum()[::-1]
    share = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Once everyone has stopped the variance is undefined; the estimate is 0 and so is its interval.
        spread = Z_95 * np.nan_to_num(share * np.sqrt(np.cumsum(ended / (at_risk * (at_risk - ended)))))
    lower, upper = np.clip(share - spread, 0, 1), np.clip(share + spread, 0, 1)
    return Persistence(table["day"].to_numpy(), share, lower, upper, at_risk, ended, courses.height - known.height)
