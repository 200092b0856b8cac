"""Disclosure control: nothing that it hides may follow from what it leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
import report_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.disclosure import Ledger, nested
from reports.published import publish_intake, publish_persistence, publish_rules, publish_score
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
    assert (days >= printed.days[-1]).sum() >= 5


def test_a_persistence_curve_of_few_courses_is_not_printed():
    whole = persistence(pl.DataFrame({"days_on_treatment": [10, 20, 30], "treatment_ended": [True, True, False]}))
    assert publish_persistence(whole, 5) is None


def test_scores_and_rows_read_are_protected_too():
    frame = samples.scores()["mirels"]
    score = publish_score(frame, ("radiotherapy", "mdt_discussion", "prophylactic_surgery"), 5)
    assert not [n for _, _, n in score.bars if n is not None and 0 < n < 5]
    assert sum(n is None for _, _, n in score.bars) != 1
    data = samples.report_data(150)
    for row in publish_intake(data).values():
        assert not [n for n in row.values() if n is not None and 0 < n < 5]
