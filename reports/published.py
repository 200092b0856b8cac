"""What may leave the network: the numbers of the network report after disclosure control. Here null means hidden."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from scoring.core.recommendation import Recommendation

from .cases import SENTINEL
from .data import ReportData
from .disclosure import Ledger, nested
from .statistics import ALL, Persistence, verdict_counts

STEPS = ("read", "accepted", "lung", "cohort", "in_period", "applicable", "assessable")
GROUPS = {"concordant": "met", "discordant": "failing", "to_justify": "failing"}
WORTH_A_TREND = 3
"""Quarters that can be shown, at least, for a figure by quarter."""
NETWORK = (None, ALL)
"""The scope of the rates over all centres and quarters."""
NETWORK_COUNTS = ("n_discordant", "n_to_justify", "n_justified", "n_not_due", "n_not_assessable", "n_exception_unknown")

Row = dict[str, object]


@dataclass(frozen=True)
class PublishedRule:
    """One rule: its rows of rates (over all, by centre, by quarter), what was given, and its sentinel cases."""

    network: Row
    centres: dict[str, Row]
    quarters: dict[str, Row]
    given: dict[str, int | None]
    sentinels: int | None


def publish_rules(data: ReportData) -> dict[str, PublishedRule]:
    """Every rule with what may be shown of it; all that the report prints about a rule is protected together.

    What is not printed needs no protection and costs none: only headline rules are shown by centre, and by quarter only
    those with enough quarters that can be shown.
    """
    verdicts = verdict_counts(data.judgement, data.rules)
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


def _publish_rule(rows: Sequence[Row], verdicts: pl.DataFrame, smallest: int, *, with_matrix: bool) -> PublishedRule:
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
        given={token: None if ("given", token) in hidden else n for token, n in given.items()},
        sentinels=None if "sentinels" in hidden else sentinels,
    )


def matrices(data: ReportData) -> list[tuple[Recommendation, list[Recommendation]]]:
    """The headline rules that open a matrix, each with the rules of its domain that choose among the same options.

    A matrix says more than the rate where there are more than two options. A rule that asks for nothing to be done is
    judged on what was done, so what was given does not tell right from wrong.
    """
    found: dict[tuple[str, str], tuple[Recommendation, list[Recommendation]]] = {}
    for first in data.headline:
        key = (first.vocabulary.id, first.domain)
        if len(first.vocabulary.words) > 2 and key not in found:
            same = [r for r in data.rules if (r.vocabulary.id, r.domain) == key and r.recommended != ("none",)]
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
    for name in NETWORK_COUNTS:
        ledger.add((scope, name), _int(row, name), reluctance=1)
    # These two are not printed, only worked out: to give them up costs nothing.
    ledger.add((scope, "n_applicable"), _int(row, "n_applicable"), reluctance=-1)
    ledger.add((scope, "exception_known"), assessed - met - _int(row, "n_exception_unknown"), reluctance=-1)
    ledger.line((scope, "failing"), [(scope, "n_discordant"), (scope, "n_to_justify")])
    ledger.line((scope, "failing"), [(scope, "n_exception_unknown"), (scope, "exception_known")])
    outside = [(scope, name) for name in ("n_justified", "n_not_due", "n_not_assessable")]
    ledger.line((scope, "n_applicable"), [(scope, "n_assessed"), *outside])


def _enter_given(ledger: Ledger, verdicts: pl.DataFrame) -> dict[str, int]:
    """What was given, split by whether that was as recommended: the splits add up to the counts behind the rate."""
    cells = (
        verdicts.filter(pl.col("status").is_in(list(GROUPS)))
        .with_columns(group=pl.col("status").replace(GROUPS), given=pl.col("given").fill_null(""))
        .group_by("given", "group", maintain_order=True)
        .agg(pl.col("n").sum())
        .sort("given", "group")
    )
    for given, group, n in cells.iter_rows():
        ledger.add(("given", given, group), n, reluctance=1)
    for group, measure in (("met", "n_concordant"), ("failing", "failing")):
        parts = [("given", given, group) for given in cells.filter(pl.col("group") == group)["given"]]
        if parts:
            ledger.line((NETWORK, measure), parts)
    totals: dict[str, int] = {}
    for given, part in ((str(key[0]), part) for key, part in cells.group_by("given", maintain_order=True)):
        totals[given] = int(part["n"].sum())
        ledger.add(("given", given), totals[given])
        ledger.line(("given", given), [("given", given, group) for group in part["group"]])
    return totals


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
    out = dict(row)
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


def publish_flow(data: ReportData) -> list[tuple[str, int | None, int | None]]:
    """Step, patients and decisions of the whole network."""
    flow = {row["step"]: row for row in data.judgement.flow.filter(pl.col("centre_id").is_null()).iter_rows(named=True)}
    read = int(data.counts.filter(pl.col("table") == "patients")["read"].sum())
    patients = [read if step == "read" else flow[step]["n_patients"] for step in STEPS]
    decisions = [None if step == "read" else flow[step]["n_decisions"] for step in STEPS]
    return list(zip(STEPS, nested(patients, data.smallest_count), nested(decisions, data.smallest_count), strict=True))


@dataclass(frozen=True)
class PublishedScore:
    """Assessments of a score by total (with the band of that total) and by band; None is an unknown total or band."""

    n: int | None
    bars: list[tuple[int | None, str | None, int | None]]
    bands: dict[str | None, int | None]


def publish_score(frame: pl.DataFrame, bands: Sequence[str], smallest: int) -> PublishedScore:
    """The distribution of a score: totals, bands and their sums protected together."""
    cells = frame.group_by("total", "band").agg(n=pl.len()).sort("total", "band", nulls_last=True)
    count: dict[tuple[int | None, str | None], int] = {(t, b): n for t, b, n in cells.iter_rows()}
    totals = cells["total"].unique(maintain_order=True).to_list()
    by_total = {("total", t): [key for key in count if key[0] == t] for t in totals}
    by_band = {("band", b): [key for key in count if key[1] == b] for b in (*bands, None)}
    ledger = Ledger(smallest)
    for key, n in count.items():
        # Totals and bands are printed, their crossings are not: to give them up costs nothing.
        ledger.add(key, n, reluctance=-1)
    for group, members in (by_total | by_band).items():
        ledger.add(group, sum(count[key] for key in members), reluctance=int(group[0] == "band"))
        ledger.line(group, members)
    ledger.add("all", frame.height, reluctance=2)
    ledger.line("all", by_band)
    hidden = ledger.hidden()
    shown = {
        group: None if group in hidden else sum(count[key] for key in members)
        for group, members in (by_total | by_band).items()
    }
    band_of = {t: b for t, b in count if t is not None and b is not None}
    bars = [(t, band_of.get(t), shown["total", t]) for t in totals]
    return PublishedScore(
        None if "all" in hidden else frame.height, bars, {b: shown["band", b] for b in (*bands, None)}
    )


def publish_intake(data: ReportData) -> dict[str | None, dict[str, int | None]]:
    """Rows read, accepted and quarantined per centre and (None) in all; rows of no known centre stay out."""
    measures = ("read", "accepted", "quarantined")
    counts = (
        data.counts.filter(pl.col("centre_id").is_not_null())
        .group_by("centre_id")
        .agg(pl.col(measures).sum())
        .sort("centre_id")
    )
    rows: dict[str | None, dict[str, int]] = {
        r["centre_id"]: {m: r[m] for m in measures} for r in counts.iter_rows(named=True)
    }
    rows[None] = {m: sum(row[m] for row in rows.values()) for m in measures}
    ledger = Ledger(data.smallest_count)
    for centre, row in rows.items():
        for measure in measures:
            ledger.add((centre, measure), row[measure], reluctance=1 if centre is None else 0)
        ledger.line((centre, "read"), [(centre, "accepted"), (centre, "quarantined")])
    for measure in measures:
        ledger.line((None, measure), [(centre, measure) for centre in rows if centre is not None])
    hidden = ledger.hidden()
    return {c: {m: None if (c, m) in hidden else row[m] for m in measures} for c, row in rows.items()}


def publish_persistence(curve: Persistence, smallest: int) -> Persistence | None:
    """The curve with neighbouring days merged until each step holds enough stops, cut where few are still at risk."""
    keep, waiting = [], 0
    for row, (ended, at_risk) in enumerate(zip(curve.ended.tolist(), curve.at_risk.tolist(), strict=True)):
        waiting += ended
        if waiting >= smallest and at_risk - ended >= smallest:
            keep.append(row)
            waiting = 0
    if not keep:
        return None
    # The last day under observation stays, without its step, so that the curve reaches as far as it is known.
    followed = np.flatnonzero(curve.at_risk >= smallest)[-1]
    rows, days = [*keep, keep[-1]], [*curve.days[keep].tolist(), int(curve.days[followed])]
    return replace(
        curve,
        days=np.array(days),
        **{name: getattr(curve, name)[rows] for name in ("share", "lower", "upper", "at_risk", "ended")},
    )


def headline_rules(data: ReportData, strength: str) -> list[Recommendation]:
    """The headline rules of one strength, in order."""
    return [rule for rule in data.headline if rule.strength == strength]
