"""What may leave the network about the rules: their numbers after disclosure control. Here null means hidden."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import polars as pl

from scoring.core.recommendation import Recommendation

from .cases import SENTINEL
from .data import ReportData
from .disclosure import Ledger
from .statistics import ALL

GROUPS = {"concordant": "met", "discordant": "failing", "to_justify": "failing"}
WORTH_A_TREND = 3
"""Quarters that can be shown, at least, for a figure by quarter."""
NETWORK = (None, ALL)
"""The scope of the rates over all centres and quarters."""
OUTSIDE = ("n_justified", "n_not_due", "n_not_assessable")
NETWORK_COUNTS = ("n_discordant", "n_to_justify", "n_exception_unknown", *OUTSIDE)

Row = dict[str, object]


@dataclass(frozen=True)
class PublishedRule:
    """One rule: its rows of rates (over all, by centre, by quarter), what was given, and its sentinel cases.

    The row of the network has a `span`: where its rate is hidden because a small number decides it, the rates that any
    small number there would give. `given`: how often each option was given, as recommended ("met") or not ("failing").
    """

    network: Row
    centres: dict[str, Row]
    quarters: dict[str, Row]
    given: dict[tuple[str, str], int | None]
    sentinels: int | None


def publish_rules(data: ReportData) -> dict[str, PublishedRule]:
    """Every rule with what may be shown of it; all that the report prints about a rule is protected together.

    What is not printed needs no protection and costs none: only headline rules are shown by centre, and by quarter only
    those with enough quarters that can be shown.
    """
    verdicts = data.verdict_counts()
    by_rule = {key[0]: part for key, part in verdicts.group_by("rule_id")}
    headline = {rule.id for rule in data.headline}
    with_matrix = {rule.id for _, rules in matrices(data) for rule in rules}
    rows: dict[str, list[Row]] = {rule.id: [] for rule in data.rules}
    shown = pl.col("centre_id").is_null() | (pl.col("period") == ALL)
    for row in data.rates.filter(shown).iter_rows(named=True):
        if row["rule_id"] in headline or (row["centre_id"], row["period"]) == NETWORK:
            rows[row["rule_id"]].append(row)
    return {
        rule.id: _publish_rule(
            _without_bare_quarters(rows[rule.id], data.smallest_count),
            by_rule.get(rule.id, verdicts.clear()),
            data.smallest_count,
            with_matrix=rule.id in with_matrix,
        )
        for rule in data.rules
    }


def _without_bare_quarters(rows: list[Row], smallest: int) -> list[Row]:
    """The rows without those by quarter, unless enough of them can be shown for a trend."""

    def bare(row: Row) -> bool:
        met = _int(row, "n_concordant")
        return min(met or smallest, (_int(row, "n_assessed") - met) or smallest, _int(row, "n_patients")) < smallest

    quarters = [row for row in rows if row["period"] != ALL]
    enough = sum(not bare(row) for row in quarters) >= WORTH_A_TREND
    return rows if enough else [row for row in rows if row["period"] == ALL]


def span(row: Row, smallest: int) -> tuple[float, float] | None:
    """The rates that a small number of failing, or of concordant, decisions allows; None if neither is small.

    It depends on the number assessed, the threshold and which of the two is small, and on nothing else.
    """
    met, n, most = _int(row, "n_concordant"), _int(row, "n_assessed"), smallest - 1
    if most < 2 or min(n - most, _int(row, "n_patients")) < smallest:
        return None
    if 0 < n - met < smallest:
        return (n - most) / n, (n - 1) / n
    return (1 / n, most / n) if 0 < met < smallest else None


def _publish_rule(rows: Sequence[Row], verdicts: pl.DataFrame, smallest: int, *, with_matrix: bool) -> PublishedRule:
    network = next(row for row in rows if (row["centre_id"], row["period"]) == NETWORK)
    rates = span(network, smallest)
    lasting = [row for row in rows if row["period"] == ALL]
    if rates is not None:
        return _publish_span(rates, lasting, verdicts, smallest)
    found = _publish_rates(rows, verdicts, smallest, with_matrix=with_matrix)
    if found.network["rate"] is None and len(lasting) < len(rows):
        # The rate of the network is worth more than its quarters.
        return _publish_rates(lasting, verdicts, smallest, with_matrix=with_matrix)
    return found


def _publish_span(
    rates: tuple[float, float], rows: Sequence[Row], verdicts: pl.DataFrame, smallest: int
) -> PublishedRule:
    """A rule whose rate is given as a span: nothing else is shown that tells concordant decisions from failing ones.

    So every number within the span prints the same report, and a reader learns nothing but the span.
    """
    ledger = Ledger(smallest)
    scopes = [(row["centre_id"], ALL) for row in rows]
    for scope, row in zip(scopes, rows, strict=True):
        people = _int(row, "n_patients")
        ledger.add((scope, "n_assessed"), _int(row, "n_assessed"), reluctance=2 * (scope == NETWORK), people=people)
        if scope == NETWORK:
            _enter_outside(ledger, row)
    if len(scopes) > 1:
        ledger.line((NETWORK, "n_assessed"), [(scope, "n_assessed") for scope in scopes if scope != NETWORK])
    told = ("n_concordant", "failing", "n_discordant", "n_to_justify", "n_exception_unknown")
    hidden = ledger.hidden() | {(scope, name) for scope in scopes for name in told}
    shown = {scope: _masked(row, scope, hidden, ledger) for scope, row in zip(scopes, rows, strict=True)}
    shown[NETWORK]["span"] = None if (NETWORK, "n_assessed") in hidden else rates
    sentinels = int(verdicts.filter(pl.col("reason") == SENTINEL)["n"].sum())
    centres = {str(centre): row for (centre, _), row in shown.items() if centre is not None}
    return PublishedRule(shown[NETWORK], centres, {}, {}, None if sentinels else 0)


def _publish_rates(rows: Sequence[Row], verdicts: pl.DataFrame, smallest: int, *, with_matrix: bool) -> PublishedRule:
    ledger = Ledger(smallest)
    scopes = [(row["centre_id"], row["period"]) for row in rows]
    for scope, row in zip(scopes, rows, strict=True):
        _enter_rates(ledger, scope, row, is_network=scope == NETWORK)
    for measure in ("n_concordant", "failing", "n_assessed"):
        for parts in ([s for s in scopes if s[0] is not None], [s for s in scopes if s[1] != ALL]):
            if parts:
                ledger.line((NETWORK, measure), [(scope, measure) for scope in parts])
    given = _enter_given(ledger, verdicts) if with_matrix else {}
    sentinels = _enter_sentinels(ledger, verdicts)
    hidden = ledger.hidden()
    shown = {scope: _masked(row, scope, hidden, ledger) for scope, row in zip(scopes, rows, strict=True)}
    return PublishedRule(
        network=shown[NETWORK],
        centres={str(centre): row for (centre, _), row in shown.items() if centre is not None},
        quarters={str(period): row for (_, period), row in shown.items() if period != ALL},
        given={key: None if ("given", *key) in hidden else n for key, n in given.items()},
        sentinels=None if "sentinels" in hidden else sentinels,
    )


DECISIONS = (
    "long_bone",
    "cord_compression",
    "surgical_opinion",
    "spine_strategy",
    "antiresorptive",
    "acetabulum",
    "technique",
)
"""The kinds of decision, by their vocabulary, of which the report always sets what was recommended beside what was given."""


def matrices(data: ReportData) -> list[tuple[Recommendation, list[Recommendation]]]:
    """The rules that open a matrix, each with the rules of its domain that choose among the same options.

    Headlines first, then the other kinds of decision. A matrix says more than the rate where there are more than two options.
    """
    found: dict[tuple[str, str], tuple[Recommendation, list[Recommendation]]] = {}
    for first in (*data.headline, *(rule for rule in data.rules if rule.vocabulary.id in DECISIONS)):
        key = (first.vocabulary.id, first.domain)
        if len(first.vocabulary.words) > 2 and key not in found:
            same = [r for r in data.rules if (r.vocabulary.id, r.domain) == key]
            found[key] = (first, same)
    return list(found.values())


def _enter_rates(ledger: Ledger, scope: Hashable, row: Row, *, is_network: bool) -> None:
    """The counts behind one rate. The network's own are given up last, numbers of decisions later than verdicts."""
    people = _int(row, "n_patients")
    met, assessed = _int(row, "n_concordant"), _int(row, "n_assessed")
    weight = 2 if is_network else 0
    ledger.add((scope, "n_concordant"), met, reluctance=weight, people=people)
    ledger.add((scope, "failing"), assessed - met, reluctance=weight, people=people)
    ledger.add((scope, "n_assessed"), assessed, reluctance=weight + 1, people=people)
    ledger.line((scope, "n_assessed"), [(scope, "n_concordant"), (scope, "failing")])
    if not is_network:
        return
    for name in ("n_discordant", "n_to_justify", "n_exception_unknown"):
        ledger.add((scope, name), _int(row, name), reluctance=1)
    # Not printed, only worked out: to give it up costs nothing.
    ledger.add((scope, "exception_known"), assessed - met - _int(row, "n_exception_unknown"), reluctance=-1)
    ledger.line((scope, "failing"), [(scope, "n_discordant"), (scope, "n_to_justify")])
    ledger.line((scope, "failing"), [(scope, "n_exception_unknown"), (scope, "exception_known")])
    _enter_outside(ledger, row)


def _enter_outside(ledger: Ledger, row: Row) -> None:
    """The decisions of the network that are outside its rate."""
    for name in OUTSIDE:
        ledger.add((NETWORK, name), _int(row, name), reluctance=1)
    ledger.add((NETWORK, "n_applicable"), _int(row, "n_applicable"), reluctance=-1)
    ledger.line((NETWORK, "n_applicable"), [(NETWORK, name) for name in ("n_assessed", *OUTSIDE)])


def _enter_given(ledger: Ledger, verdicts: pl.DataFrame) -> dict[tuple[str, str], int]:
    """What was given, split by whether that was as recommended: the splits add up to the counts behind the rate."""
    cells = (
        verdicts.filter(pl.col("status").is_in(list(GROUPS)))
        .with_columns(group=pl.col("status").replace(GROUPS), given=pl.col("given").fill_null(""))
        .group_by("given", "group", maintain_order=True)
        .agg(pl.col("n").sum())
        .sort("given", "group")
    )
    for given, group, n in cells.iter_rows():
        ledger.add(("given", given, group), n)
    for group, measure in (("met", "n_concordant"), ("failing", "failing")):
        parts = [("given", given, group) for given in cells.filter(pl.col("group") == group)["given"]]
        if parts:
            ledger.line((NETWORK, measure), parts)
    return {(given, group): n for given, group, n in cells.iter_rows()}


def _enter_sentinels(ledger: Ledger, verdicts: pl.DataFrame) -> int:
    """The sentinel cases are a part of those to justify."""
    to_justify = verdicts.filter(pl.col("status") == "to_justify")
    sentinels, total = int(to_justify.filter(pl.col("reason") == SENTINEL)["n"].sum()), int(to_justify["n"].sum())
    ledger.add("sentinels", sentinels)
    ledger.add("other_to_justify", total - sentinels, reluctance=-1)
    ledger.line((NETWORK, "n_to_justify"), ["sentinels", "other_to_justify"])
    return sentinels


def _masked(row: Row, scope: tuple[object, object], hidden: set[Hashable], ledger: Ledger) -> Row:
    """A row of rates without what is hidden, and without what hidden counts would follow from."""
    out: Row = {**row, "span": None}
    gone = {
        name
        for (where, name) in ((k[0], k[1]) for k in hidden if isinstance(k, tuple) and len(k) == 2)
        if where == scope
    }
    for name in gone:
        if name in out:
            out[name] = None
    if scope != NETWORK:
        out |= dict.fromkeys((*NETWORK_COUNTS, "n_applicable", "n_patients"))
    elif "n_assessed" in gone or ledger.is_small(_int(row, "n_patients")):
        out["n_patients"] = None
    rate_gone = bool(gone & {"n_concordant", "failing", "n_assessed"})
    if rate_gone:
        out |= dict.fromkeys(("n_concordant", "rate", "lower", "upper"))
    if rate_gone or "n_not_assessable" in gone or scope != NETWORK:
        out |= dict.fromkeys(("bound_low", "bound_high"))
    if gone & {"n_exception_unknown", "exception_known"}:
        out["bound_high"] = None
    return out


def _int(row: Row, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value


def headline_rules(data: ReportData, strength: str) -> list[Recommendation]:
    """The headline rules of one strength, in order."""
    return [rule for rule in data.headline if rule.strength == strength]
