"""Rates with their uncertainty, funnel limits, and persistence on treatment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from scoring.core.recommendation import Recommendation, Status

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
    by_rule: dict[str, list[pl.DataFrame]] = {rule.id: [] for rule in rules}
    for grain, verdicts in judgement.verdicts.items():
        mine = [rule for rule in rules if rule.grain == grain and rule.id in verdicts.columns]
        if mine and verdicts.height:
            decisions = _Decisions.of(verdicts)
            for rule in mine:
                by_rule[rule.id].extend(decisions.count(verdicts[rule.id], class_of_code))
    return with_rates(_assemble(by_rule, rules))


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


def _class_of_code(codes: pl.DataFrame) -> NDArray[np.uint8]:
    """Position 0 for "does not apply", else 1 + 2 × status + (its exception is not recorded), by code + 1."""
    status = codes["status"].replace_strict({s.value: i for i, s in enumerate(STATUSES)}, return_dtype=pl.UInt8)
    unknown = codes["flags"].fill_null("").str.split("|").list.contains("exception_unknown") & codes["status"].is_in(
        [s.value for s in FAILING]
    )
    lookup = np.zeros(65537, dtype=np.uint8)
    lookup[codes["code"].to_numpy().astype(np.int64) + 1] = 1 + 2 * status.to_numpy() + unknown.to_numpy()
    return lookup


N_CLASSES = 1 + 2 * len(STATUSES)
ASSESSED_CLASS = np.zeros(N_CLASSES, dtype=bool)
for _status in ASSESSED:
    _position = 1 + 2 * STATUSES.index(_status)
    ASSESSED_CLASS[_position : _position + 2] = True


@dataclass(frozen=True)
class _Decisions:
    """The rows of one grain as small integers, by patient and quarter: distinct patients are changes of value."""

    order: NDArray[np.int64]
    patient: NDArray[np.uint32]
    cell: NDArray[np.int64]  # centre × quarter
    centres: list[str]
    quarters: list[str]

    @classmethod
    def of(cls, verdicts: pl.DataFrame) -> _Decisions:
        month = pl.col("index_date").dt.year() * 4 + pl.col("index_date").dt.quarter() - 1
        keys = verdicts.select(
            patient=pl.col("patient_id").rank("dense"), centre=pl.col("centre_id").rank("dense") - 1, quarter=month
        )
        centres = verdicts["centre_id"].unique().sort().to_list()
        present = keys["quarter"].unique().sort()
        quarter = np.searchsorted(present.to_numpy(), keys["quarter"].to_numpy())
        patient = keys["patient"].to_numpy().astype(np.uint32)
        order = np.argsort(patient.astype(np.int64) * len(present) + quarter, kind="stable")
        cell = keys["centre"].to_numpy().astype(np.int64) * len(present) + quarter
        names = [f"{q // 4}-Q{q % 4 + 1}" for q in present.to_list()]
        return cls(order, patient[order], cell[order], centres, names)

    def count(self, verdicts: pl.Series, class_of_code: NDArray[np.uint8]) -> Iterator[pl.DataFrame]:
        """The counts of one rule: per centre and quarter, per centre, per quarter, over all; only where it applied."""
        codes = verdicts.cast(pl.Int32).fill_null(-1).to_numpy()[self.order] + 1
        classes = class_of_code[codes]
        shape = (len(self.centres), len(self.quarters))
        tally = np.bincount(self.cell * N_CLASSES + classes, minlength=shape[0] * shape[1] * N_CLASSES)
        tally = tally.reshape(*shape, N_CLASSES)[:, :, 1:].reshape(*shape, len(STATUSES), 2)
        per_quarter, per_centre = self._patients(ASSESSED_CLASS[classes], shape)
        yield self._frame(tally, per_quarter, ())
        yield self._frame(tally.sum(axis=1), per_centre, (1,))
        yield self._frame(tally.sum(axis=0), per_quarter.sum(axis=0), (0,))
        yield self._frame(tally.sum(axis=(0, 1)), per_centre.sum(), (0, 1))

    def _patients(
        self, assessed: NDArray[np.bool_], shape: tuple[int, int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Distinct patients among the assessed decisions: by centre and quarter, and by centre (a patient has one)."""
        patient, cell = self.patient[assessed], self.cell[assessed]
        new = np.ones(len(patient), dtype=bool)
        new[1:] = patient[1:] != patient[:-1]
        per_centre = np.bincount(cell[new] // shape[1], minlength=shape[0])
        new[1:] |= cell[1:] != cell[:-1]
        return np.bincount(cell[new], minlength=shape[0] * shape[1]).reshape(shape), per_centre

    def _frame(self, tally: NDArray[np.int64], patients: NDArray[np.int64], summed: tuple[int, ...]) -> pl.DataFrame:
        centres: list[str | None] = [None] if 0 in summed else list(self.centres)
        quarters = [ALL] if 1 in summed else self.quarters
        flat = tally.reshape(-1, len(STATUSES), 2)
        n = {status: flat[:, i, :].sum(axis=1) for i, status in enumerate(STATUSES)}
        return pl.DataFrame(
            {
                "centre_id": pl.Series([c for c in centres for _ in quarters], dtype=pl.String),
                "period": quarters * len(centres),
                **{f"n_{status}": n[status] for status in JUDGED_STATUSES},
                "n_exception_unknown": flat[:, :, 1].sum(axis=1),
                "n_applicable": flat.sum(axis=(1, 2)),
                "n_assessed": sum(n[status] for status in ASSESSED),
                "n_patients": np.asarray(patients).reshape(-1),
            }
        ).filter(pl.col("n_applicable") > 0)


def verdict_counts(judgement: Judgement, rules: Sequence[Recommendation], centre_id: str | None = None) -> pl.DataFrame:
    """How often each verdict came up in one centre or in all: rule_id, status, reason, recommended, given, flags, n."""
    counted = [pl.DataFrame(schema={"rule_id": pl.String, "code": pl.UInt16, "n": pl.Int64})]
    for rule in rules:
        verdicts = judgement.verdicts.get(rule.grain)
        if verdicts is None or rule.id not in verdicts.columns:
            continue
        mine = verdicts if centre_id is None else verdicts.filter(pl.col("centre_id") == centre_id)
        codes = mine[rule.id].drop_nulls().alias("code").value_counts(name="n")
        counted.append(codes.select(rule_id=pl.lit(rule.id), code="code", n=pl.col("n").cast(pl.Int64)))
    return (
        pl.concat(counted)
        .join(judgement.codes, on="code", how="left", maintain_order="left")
        .sort("rule_id", "code")
        .select("rule_id", "status", "reason", "recommended", "given", "flags", "n")
    )


def _assemble(by_rule: dict[str, list[pl.DataFrame]], rules: Sequence[Recommendation]) -> pl.DataFrame:
    """One frame in the order of the rules, over all first; a rule that never applied gets its row of zeros."""
    nothing = pl.DataFrame(
        {"centre_id": [None], "period": [ALL], **dict.fromkeys(COUNTS, 0)}, schema_overrides={"centre_id": pl.String}
    )
    frames = []
    for position, rule in enumerate(rules):
        parts = [part for part in by_rule[rule.id] if part.height] or [nothing]
        frames.append(
            pl.concat([part.select("centre_id", "period", pl.col(COUNTS).cast(pl.Int64)) for part in parts])
            .sort(pl.col("centre_id").is_not_null(), "centre_id", pl.col("period") != ALL, "period")
            .with_columns(
                rule_id=pl.lit(rule.id),
                edition=pl.lit(rule.source.edition.id),
                strength=pl.lit(rule.strength.value),
                position=pl.lit(position),
            )
        )
    return pl.concat(frames)


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
