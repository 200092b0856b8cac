"""Rates, intervals, funnel limits and persistence, against other implementations of them."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import report_samples as samples
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from reports.statistics import RATE_COLUMNS, funnel_limits, persistence, rates, verdict_counts, wilson, with_rates
from scoring.core.recommendation import Grain


@pytest.fixture(scope="module")
def judged():
    return samples.judgement(120)


@pytest.fixture(scope="module")
def table(judged):
    return rates(judged, samples.RULES)


def long_verdicts(judged) -> list[dict]:
    """One row per verdict, the slow way."""
    codes = {row["code"]: row for row in judged.codes.iter_rows(named=True)}
    rows = []
    for rule in samples.RULES:
        for row in judged.verdicts[rule.grain].iter_rows(named=True):
            if row[rule.id] is not None:
                date = row["index_date"]
                quarter = f"{date.year}-Q{(date.month + 2) // 3}"
                rows.append({"rule_id": rule.id, "quarter": quarter, **row, **codes[row[rule.id]]})
    return rows


@pytest.mark.parametrize("by_centre", [True, False])
@pytest.mark.parametrize("by_quarter", [True, False])
def test_counts_are_those_of_a_plain_count(judged, table, by_centre, by_quarter):
    expected: dict[tuple, dict] = {}
    for row in long_verdicts(judged):
        key = (row["rule_id"], row["centre_id"] if by_centre else None, row["quarter"] if by_quarter else "all")
        cell = expected.setdefault(key, {"statuses": [], "patients": set(), "unknown": 0})
        cell["statuses"].append(row["status"])
        if row["status"] in ("concordant", "discordant", "to_justify"):
            cell["patients"].add(row["patient_id"])
        if row["status"] in ("discordant", "to_justify") and "exception_unknown" in row["flags"].split("|"):
            cell["unknown"] += 1
    period = pl.col("period") != "all" if by_quarter else pl.col("period") == "all"
    scope = pl.col("centre_id").is_not_null() if by_centre else pl.col("centre_id").is_null()
    got = table.filter(period, scope, pl.col("n_applicable") > 0)
    assert got.height == len(expected)
    for row in got.iter_rows(named=True):
        cell = expected[row["rule_id"], row["centre_id"], row["period"]]
        for status in set(cell["statuses"]):
            assert row[f"n_{status}"] == cell["statuses"].count(status)
        assert row["n_applicable"] == len(cell["statuses"])
        assert row["n_patients"] == len(cell["patients"])
        assert row["n_exception_unknown"] == cell["unknown"]


def test_columns_and_order(table):
    assert tuple(table.columns) == RATE_COLUMNS
    assert table["rule_id"].unique(maintain_order=True).to_list() == [rule.id for rule in samples.RULES]
    first = table.group_by("rule_id", maintain_order=True).first()
    assert first["centre_id"].is_null().all()
    assert (first["period"] == "all").all()


def test_a_rule_that_never_applied_has_one_row_of_zeros_and_no_rate(table):
    rows = table.filter(rule_id="G1-4-03")
    assert rows.height == 1
    row = rows.row(0, named=True)
    assert row["n_applicable"] == row["n_assessed"] == row["n_patients"] == 0
    assert row["rate"] is row["lower"] is row["bound_low"] is row["bound_high"] is None


def test_no_decision_at_all_still_gives_a_row_per_rule(judged):
    empty = SimpleNamespace(verdicts={g: f.clear() for g, f in judged.verdicts.items()}, codes=judged.codes)
    table = rates(empty, samples.RULES)
    assert table["rule_id"].to_list() == [rule.id for rule in samples.RULES]
    assert table["n_applicable"].sum() == 0


@pytest.mark.parametrize(("met", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (7, 11), (500, 1000), (1, 100_000)])
def test_wilson_is_that_of_statsmodels(met, n):
    lower, upper = wilson(pl.col("met"), pl.col("n"))
    got = pl.DataFrame({"met": [met], "n": [n]}).select(lower=lower, upper=upper).row(0)
    assert got == pytest.approx(proportion_confint(met, n, 0.05, method="wilson"), abs=1e-12)


def counted(**given: int) -> dict:
    names = [c for c in RATE_COLUMNS if c.startswith("n_")]
    frame = pl.DataFrame({**dict.fromkeys(names, 0), **given}).with_columns(
        *(pl.lit(None).alias(name) for name in RATE_COLUMNS[:5])
    )
    return with_rates(frame).row(0, named=True)


def test_bounds_over_what_could_not_be_assessed():
    row = counted(n_concordant=6, n_assessed=10, n_not_assessable=5, n_exception_unknown=2)
    assert row["rate"] == 0.6
    assert row["bound_low"] == pytest.approx(6 / 15)
    assert row["bound_high"] == pytest.approx(11 / 13)


def test_bounds_where_nothing_was_assessed():
    row = counted(n_not_assessable=5)
    assert row["rate"] is None
    assert (row["bound_low"], row["bound_high"]) == (0.0, 1.0)


def test_verdict_counts_are_those_of_a_plain_count(judged):
    counted = verdict_counts(judged, samples.RULES)
    expected = Counter((row["centre_id"], row["rule_id"], row["code"]) for row in long_verdicts(judged))
    found = {tuple(key): n for *key, n in counted.select("centre_id", "rule_id", "code", "n").iter_rows()}
    assert found == expected
    assert counted.sort("rule_id", "code", "centre_id").equals(counted)
    meaning = ["code", "status", "reason", "recommended", "given", "flags"]
    assert counted.select(meaning).unique().join(judged.codes, on=meaning, how="anti", nulls_equal=True).is_empty()


def test_verdict_counts_of_the_centres_add_up_to_those_of_the_network():
    data = samples.report_data()
    keys = ["rule_id", "code", "status", "reason", "recommended", "given", "flags"]
    total = pl.concat(data.verdict_counts(centre) for centre in data.centres).group_by(keys).agg(pl.col("n").sum())
    assert total.sort(keys).equals(data.verdict_counts().sort(keys))


@pytest.mark.parametrize("rate", [0.02, 0.5, 0.83, 0.995])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_beyond_a_funnel_limit_means_that_so_extreme_a_result_is_rare_enough(rate, level):
    tail = (1 - level) / 2
    for n in (1, 5, 17, 60, 400):
        low, high = (limit[0] for limit in funnel_limits(np.array([n]), rate, level))
        counts = np.arange(n + 1)
        assert (counts / n < low - 1e-9).tolist() == (stats.binom.cdf(counts, n, rate) < tail - 1e-12).tolist()
        assert (counts / n > high + 1e-9).tolist() == (stats.binom.sf(counts - 1, n, rate) < tail - 1e-12).tolist()


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_funnel_limits_of_a_network_that_always_or_never_does_it(rate):
    low, high = funnel_limits(np.array([3, 10]), rate, 0.95)
    assert low.tolist() == high.tolist() == [rate, rate]


def on_day(curve, day):
    row = np.searchsorted(curve.days, day, side="right") - 1
    return tuple(float(part[row]) for part in (curve.share, curve.lower, curve.upper))


def test_persistence_is_the_kaplan_meier_estimate_of_scipy():
    draw = np.random.default_rng(7)
    days, ended = draw.integers(1, 900, 80), draw.random(80) < 0.6
    curve = persistence(pl.DataFrame({"days_on_treatment": days, "treatment_ended": ended}))
    other = stats.ecdf(stats.CensoredData(uncensored=days[ended], right=days[~ended])).sf
    spread = other.confidence_interval(0.95)
    for day in (50, 100, 365, 730):
        share, lower, upper = on_day(curve, day)
        assert share == pytest.approx(float(other.evaluate(day)))
        assert lower == pytest.approx(float(spread.low.evaluate(day)))
        assert upper == pytest.approx(float(spread.high.evaluate(day)))


def test_persistence_counts_apart_what_it_cannot_use_and_knows_its_end():
    courses = pl.DataFrame({"days_on_treatment": [10, 20, None], "treatment_ended": [True, False, True]})
    curve = persistence(courses)
    assert curve.n_unknown == 1
    assert curve.days.tolist() == [10, 20]
    assert on_day(curve, 20)[0] == 0.5


def test_persistence_once_all_have_stopped_is_zero_not_undefined():
    curve = persistence(pl.DataFrame({"days_on_treatment": [10, 20], "treatment_ended": [True, True]}))
    assert on_day(curve, 20) == (0.0, 0.0, 0.0)


@pytest.mark.slow
def test_rates_of_100_000_patients_and_48_rules_take_half_a_second():
    n, draw = 100_000, np.random.default_rng(0)
    ids = [f"{samples.RULES[9].id[:-2]}{k:02d}" for k in range(48)]
    rules = tuple(dataclasses.replace(samples.RULES[9], id=rule_id) for rule_id in ids)
    codes = samples.judgement(50).codes
    base = pl.DataFrame(
        {
            "patient_id": [f"P{i:07d}" for i in range(n)],
            "centre_id": [f"C{i % 20:02d}" for i in range(n)],
            "index_date": np.datetime64("2022-08-01") + draw.integers(0, 1400, n).astype("timedelta64[D]"),
        }
    )
    wide = base.with_columns(pl.Series(i, draw.integers(0, codes.height, n), dtype=pl.UInt16) for i in ids)
    start = time.process_time()
    rates(SimpleNamespace(verdicts={Grain.PATIENT: wide}, codes=codes), rules)
    assert time.process_time() - start < 0.5
