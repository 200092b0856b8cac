"""Disclosure control: nothing that it hides may follow from what it leaves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import report_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.disclosure import Ledger, nested
from reports.published import PublishedRule, _publish_rule, publish_rules, span
from reports.published_cohort import publish_flow, publish_intake, publish_persistence, publish_score
from reports.statistics import persistence

counts = st.one_of(st.integers(0, 6), st.integers(0, 60))
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=6)
)


def followed(lines: Sequence[tuple[int, Sequence[int]]], hidden: set[int], size: int) -> list[int]:
    """The hidden cells that the sums determine: adding their own unit vector to the equations adds no rank."""
    unknown = sorted(hidden)
    equations = np.zeros((len(lines), size))
    for row, (total, parts) in enumerate(lines):
        equations[row, list(parts)] += 1
        equations[row, total] -= 1
    known = equations[:, unknown]
    rank = np.linalg.matrix_rank(known) if known.size else 0
    unit = np.eye(len(unknown))
    return [cell for i, cell in enumerate(unknown) if np.linalg.matrix_rank(np.vstack([known, unit[i]])) == rank]


def with_margins(table: list[list[int]]) -> tuple[list[int], list[tuple[int, list[int]]]]:
    """The cells of a table with its margins, row by row, and all sums between them."""
    whole = np.array(table)
    whole = np.vstack([whole, whole.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    rows, columns = whole.shape
    at = np.arange(rows * columns).reshape(rows, columns)
    lines = [(int(at[r, -1]), at[r, :-1].tolist()) for r in range(rows)]
    lines += [(int(at[-1, c]), at[:-1, c].tolist()) for c in range(columns)]
    return whole.ravel().tolist(), lines


@settings(max_examples=300, deadline=None)
@given(table=tables, smallest=st.sampled_from([5, 11]))
def test_no_hidden_cell_follows_from_the_sums_of_rows_and_columns(table, smallest):
    values, lines = with_margins(table)
    ledger = Ledger(smallest)
    for cell, value in enumerate(values):
        ledger.add(cell, value)
    for total, parts in lines:
        ledger.line(total, parts)
    hidden = ledger.hidden()
    assert all(cell in hidden for cell, value in enumerate(values) if 0 < value < smallest)
    assert followed(lines, hidden, len(values)) == []
    for total, parts in lines:
        together = [values[part] for part in parts if part in hidden]
        if together and total not in hidden:
            assert sum(together) >= smallest or sum(together) == 0
            assert set(together) != {1}


@settings(max_examples=100, deadline=None)
@given(table=tables)
def test_nothing_is_hidden_without_need(table):
    values, lines = with_margins([[10 * value for value in row] for row in table])
    ledger = Ledger()
    for cell, value in enumerate(values):
        ledger.add(cell, value)
    for total, parts in lines:
        ledger.line(total, parts)
    assert ledger.hidden() == set()


def test_a_lone_small_cell_takes_the_cheapest_neighbours_with_it():
    values, lines = with_margins([[3, 40], [20, 50]])
    ledger = Ledger()
    for cell, value in enumerate(values):
        ledger.add(cell, value, reluctance=1 if cell in (2, 5, 6, 7, 8) else 0)
    for total, parts in lines:
        ledger.line(total, parts)
    assert ledger.hidden() == {0, 1, 3, 4}


def test_few_people_hide_a_count_of_many_decisions():
    ledger = Ledger()
    ledger.add("decisions", 40, people=2)
    assert ledger.hidden() == {"decisions"}


def test_zero_is_shown():
    ledger = Ledger()
    ledger.add("none", 0)
    assert ledger.hidden() == set()


def test_a_line_that_does_not_add_up_is_an_error():
    ledger = Ledger()
    ledger.add("a", 1)
    ledger.add("total", 2)
    with pytest.raises(ValueError, match="not the sum"):
        ledger.line("total", ["a"])


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8).map(lambda n: sorted(n, reverse=True)))
def test_nested_counts_never_differ_by_a_small_count(steps):
    shown = [n for n in nested(steps) if n is not None]
    for i, n in enumerate(shown):
        assert not 0 < n < 5
        assert all(not 0 < n - later < 5 for later in shown[i:])


@given(st.lists(st.integers(0, 100), min_size=4, max_size=8).map(lambda n: sorted(n, reverse=True)))
def test_the_anchors_of_nested_counts_stay_and_the_others_make_way(steps):
    shown = nested(steps, anchors=(0, 2))
    assert [shown[0], shown[2]] == [n if n == 0 or n >= 5 else None for n in (steps[0], steps[2])]
    others = [n for i, n in enumerate(shown) if n is not None and i not in (0, 2)]
    assert all(not 0 < abs(n - other) < 5 for n in others for other in shown if other is not None)


def test_the_size_of_the_cohort_is_shown_and_a_step_beside_it_makes_way():
    data = samples.report_data(150)
    sizes = {"accepted": 120, "lung": 103, "cohort": 100, "in_period": 98, "applicable": 97, "assessable": 80}
    patients = pl.col("step").replace_strict(sizes, return_dtype=pl.Int64)
    flow = data.judgement.flow.with_columns(n_patients=patients)
    changed = dataclasses.replace(data, judgement=SimpleNamespace(flow=flow))
    shown = {step: n for step, n, _ in publish_flow(changed)}
    assert shown["read"] == data.counts.filter(table="patients")["read"].sum()
    hidden = dict.fromkeys(("lung", "in_period", "applicable"))
    assert {step: shown[step] for step in sizes} == sizes | hidden


# A rate that rests on a small number

COUNTS = dict.fromkeys(("n_not_due", "n_not_assessable", "n_exception_unknown", "n_justified"), 0)


def a_rule(failing: dict[str, int], *, swapped: bool = False, quarters: int = 0) -> PublishedRule:
    """One rule in three centres with 100 assessed decisions each, of which some failed (or, swapped, were met).

    The failures lie in the first of the quarters, one in each.
    """
    rows, cells = [], []
    for centre in (None, *failing):
        n = 300 if centre is None else 100
        few = sum(failing.values()) if centre is None else failing[centre]
        met = few if swapped else n - few
        rows.append(
            {"centre_id": centre, "period": "all", "n_assessed": n, "n_applicable": n, "n_patients": n, **COUNTS}
            | {"n_concordant": met, "n_discordant": n - met, "n_to_justify": 0, "rate": met / n}
            | dict.fromkeys(("lower", "upper", "bound_low", "bound_high"), met / n)
        )
        if centre is not None:
            cells += [("concordant", "done", met), ("discordant", "none", n - met)]
    for quarter in range(quarters):
        failed, n = int(quarter < sum(failing.values())), 300 // quarters
        rows.append(
            rows[0] | {"period": f"Q{quarter}", "n_assessed": n, "n_concordant": n - failed, "n_discordant": failed}
        )
    verdicts = pl.DataFrame(
        [(status, "", given, n) for status, given, n in cells],
        schema=["status", "reason", "given", "n"],
        orient="row",
    )
    return _publish_rule(rows, verdicts, 5, with_matrix=True)


@pytest.mark.parametrize("swapped", [False, True])
def test_every_small_number_behind_a_rate_prints_the_same(swapped):
    spreads = [(0, 0, 1), (2, 0, 0), (1, 1, 1), (0, 4, 0), (1, 2, 1)]
    shown = [a_rule(dict(zip(("C01", "C02", "C03"), spread, strict=True)), swapped=swapped) for spread in spreads]
    assert all(rule == shown[0] for rule in shown)
    assert shown[0].network["span"] == ((1 / 300, 4 / 300) if swapped else (296 / 300, 299 / 300))
    assert shown[0].network["n_assessed"] == 300
    assert shown[0].centres["C01"]["n_assessed"] == 100
    assert shown[0].given == {}


def test_the_rate_of_the_network_is_worth_more_than_its_quarters():
    rule = a_rule({"C01": 5, "C02": 1, "C03": 1}, quarters=10)
    assert rule.network["rate"] == 293 / 300
    assert rule.quarters == {}
    assert a_rule({"C01": 0, "C02": 0, "C03": 0}, quarters=10).quarters


def test_a_rate_that_rests_on_enough_decisions_or_on_none_has_no_span():
    for failing in ({"C01": 5, "C02": 0, "C03": 0}, {"C01": 0, "C02": 0, "C03": 0}):
        rule = a_rule(failing)
        assert rule.network["span"] is None
        assert rule.network["rate"] is not None


@pytest.mark.parametrize(("met", "n", "people"), [(5, 8, 8), (97, 100, 4), (0, 3, 3)])
def test_too_few_decisions_or_people_have_no_span(met, n, people):
    assert span({"n_concordant": met, "n_assessed": n, "n_patients": people}, 5) is None


# What the report prints of a rule, from many random audits


@pytest.fixture(scope="module", params=range(4))
def audit(request):
    data = samples.report_data(150 + 100 * request.param)
    return data, publish_rules(data)


def test_no_small_count_of_a_rule_is_printed(audit):
    _, published = audit
    for rule in published.values():
        for row in [rule.network, *rule.centres.values(), *rule.quarters.values()]:
            shown = [value for name, value in row.items() if name.startswith("n_") and value is not None]
            if row["rate"] is not None:
                shown += [round(row["rate"] * row["n_assessed"]), round((1 - row["rate"]) * row["n_assessed"])]
            assert not [n for n in shown if 0 < n < 5]
        assert not [n for n in [*rule.given.values(), rule.sentinels] if n is not None and 0 < n < 5]


def test_no_hidden_count_behind_a_rate_follows_from_the_others(audit):
    data, published = audit
    for rule_id, rule in published.items():
        for scopes in (rule.centres, rule.quarters):
            rows = [rule.network, *scopes.values()]
            names = ("met", "failing", "assessed")
            cell = {(i, name): 3 * i + k for i in range(len(rows)) for k, name in enumerate(names)}
            hidden = set()
            for i, row in enumerate(rows):
                if row["n_assessed"] is None:
                    hidden |= {cell[i, name] for name in names}
                elif row["rate"] is None and row["n_assessed"]:
                    hidden |= {cell[i, "met"], cell[i, "failing"]}
            lines = [(cell[i, "assessed"], [cell[i, "met"], cell[i, "failing"]]) for i in range(len(rows))]
            if scopes:
                lines += [(cell[0, name], [cell[i, name] for i in range(1, len(rows))]) for name in names]
            assert followed(lines, hidden, len(cell)) == [], (rule_id, len(data.centres))


def test_not_assessable_counts_do_not_follow_from_bounds(audit):
    _, published = audit
    for rule in published.values():
        row = rule.network
        if row["n_not_assessable"] is None:
            assert row["bound_low"] is row["bound_high"] is None
        if row["n_exception_unknown"] is None:
            assert row["bound_high"] is None


def test_the_network_keeps_its_rates_where_it_can(audit):
    data, published = audit
    large = [rule.id for rule in data.headline if (data.rate(rule.id) or {}).get("n_assessed", 0) >= 100]
    shown = [rule_id for rule_id in large if published[rule_id].network["rate"] is not None]
    assert len(shown) >= 0.8 * len(large)


def test_every_step_of_a_printed_persistence_curve_stands_for_enough_courses():
    draw = np.random.default_rng(3)
    days, ended = draw.integers(1, 900, 60), draw.random(60) < 0.5
    whole = persistence(pl.DataFrame({"days_on_treatment": days, "treatment_ended": ended}))
    printed = publish_persistence(whole, 5)
    steps = np.flatnonzero(np.diff(np.concatenate([[1.0], printed.share])) < 0)
    stops = [int(ended[days <= printed.days[step]].sum()) for step in steps]
    assert len(stops) > 2
    assert min(np.diff([0, *stops])) >= 5
    assert (days >= printed.days[-1]).sum() >= 10
    assert printed.days[-1] <= 730
    assert set(printed.at_risk) == {0, 183, 365, 548}
    assert all(n % 5 == 0 and abs(n - (days >= day).sum()) <= 2 for day, n in printed.at_risk.items())


def test_a_printed_persistence_curve_ends_at_its_true_height():
    days = np.array([*range(100, 700, 10), *[900] * 30])
    whole = persistence(pl.DataFrame({"days_on_treatment": days, "treatment_ended": days < 700}))
    printed = publish_persistence(whole, 7)
    assert printed.days[-1] == 730
    assert printed.share[-1] == pytest.approx(30 / 90)
    assert printed.at_risk[730] == 28


def test_a_persistence_curve_of_few_courses_is_not_printed():
    whole = persistence(pl.DataFrame({"days_on_treatment": [10, 20, 30], "treatment_ended": [True, True, False]}))
    assert publish_persistence(whole, 5) is None


def test_scores_and_rows_read_are_protected_too():
    frame = samples.scores()["mirels"]
    score = publish_score(frame, ("radiotherapy", "mdt_discussion", "prophylactic_surgery"), 5)
    assert not [n for _, _, n in score.bars if n is not None and 0 < n < 5]
    assert sum(n is None for _, _, n in score.bars) != 1
    data = samples.report_data(150)
    for row in publish_intake(data.counts, data.smallest_count).values():
        assert not [n for n in row.values() if n is not None and 0 < n < 5]
