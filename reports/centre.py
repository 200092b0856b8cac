"""What a centre's own page says: its data unsuppressed, beside the rate of the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from scoring.core.recommendation import Recommendation
from validation.contract import TABLES

from . import figures
from .cases import ORDER, reason_words
from .data import ReportData
from .disclosure import Ledger
from .figures.rates import Bar
from .messages import beyond
from .published import SENTINEL, STEPS
from .statistics import funnel_limits, verdict_counts
from .tables import BESIDE_HEADERS, RATE_HEADERS, RuleRow, in_order, optional_columns, rate_cells, supplied
from .texts import say
from .words import NOTHING, label, listed, number, percent

WEAKEST = 3
"""How many of the least filled columns of a table are named."""


def centre_view(data: ReportData, centre_id: str, lang: str) -> dict[str, Any]:
    """All that the template of a centre's page needs."""
    return {
        "centre_id": centre_id,
        "centre_name": label(data.centres[centre_id], 120),
        "steps": _steps(data, centre_id, lang),
        "beside_headers": BESIDE_HEADERS,
        "rate_headers": RATE_HEADERS,
        "headline": [_beside(data, centre_id, strength, mine, lang) for strength, mine in in_order(data.headline)],
        "appendix": [(s, _rows(data, centre_id, mine, lang)) for s, mine in in_order(data.rules)],
        "tables": _tables(data, centre_id, lang),
        "quarantine": [
            (say(f"table.{table}", lang) if table in TABLES else table, rule, number(n, lang))
            for table, rule, n in data.quarantine.filter(pl.col("centre_id") == centre_id)
            .sort("table", "rule")
            .select("table", "rule", "n")
            .iter_rows()
        ],
        "cases": _cases(data, centre_id, lang),
    }


def _steps(data: ReportData, centre_id: str, lang: str) -> list[tuple[str, str, str]]:
    flow = data.judgement.flow.filter(pl.col("centre_id") == centre_id)
    found = {step: (n, d) for step, n, d in flow.select("step", "n_patients", "n_decisions").iter_rows()}
    patients = data.counts.filter(pl.col("centre_id") == centre_id, pl.col("table") == "patients")
    found["read"] = (int(patients["read"].sum()), None)
    return [
        (
            say(f"step.{step}", lang),
            number(found[step][0], lang),
            "" if found[step][1] is None else number(found[step][1], lang),
        )
        for step in STEPS
        if step in found
    ]


def _network_rate(data: ReportData, rule_id: str, centre_id: str) -> float | None:
    """The rate of the network, unless the centre could work out small counts of the others from it."""
    network, own = data.rate(rule_id), data.rate(rule_id, centre_id)
    if network is None:
        return None
    ledger = Ledger(data.smallest_count)
    for name in ("n_concordant", "n_assessed", "n_patients"):
        if ledger.is_small(_count(network, name) - _count(own, name)):
            return None
    failing = _count(network, "n_assessed") - _count(network, "n_concordant")
    if ledger.is_small(failing - (_count(own, "n_assessed") - _count(own, "n_concordant"))):
        return None
    rate = network["rate"]
    assert rate is None or isinstance(rate, float)
    return rate


def _count(row: dict[str, object] | None, name: str) -> int:
    value = row[name] if row else 0
    assert isinstance(value, int)
    return value


def _beside(
    data: ReportData, centre_id: str, strength: str, rules: Sequence[Recommendation], lang: str
) -> dict[str, Any]:
    bars, rows = [], []
    for rule in rules:
        own: Any = data.rate(rule.id, centre_id)
        network = _network_rate(data, rule.id, centre_id)
        if own is None:
            continue
        where = beyond(own, network) if own["rate"] is not None and network is not None else 0
        bars.append(_bar(rule, own, network, where, lang))
        position = say(f"position.{_position(own['rate'], network, where)}", lang)
        cells = rate_cells(own, lang, NOTHING)
        rows.append(RuleRow(rule, [*cells[:4], percent(network, lang), position, *cells[5:8]]))
    figure = figures.forest(f"beside-{strength}", bars, lang, say(f"forest_{strength}", lang)) if bars else None
    return {"strength": strength, "figure": figure, "rows": rows}


def _bar(rule: Recommendation, own: Any, network: float | None, where: int, lang: str) -> Bar:
    limits = None
    if network is not None and own["n_assessed"]:
        low, high = funnel_limits(np.array([own["n_assessed"]]), network, 0.95)
        limits = (float(low[0]), float(high[0]))
    inner = None if own["rate"] is None else (own["lower"], own["upper"])
    return Bar(rule.title[lang], own["n_assessed"], own["rate"], inner, limits, network, bool(where))


def _position(rate: float | None, network: float | None, where: int) -> str:
    if rate is None or network is None:
        return "unknown"
    if not where:
        return "within"
    return f"{'below' if rate < network else 'above'}_{where}"


def _rows(data: ReportData, centre_id: str, rules: Sequence[Recommendation], lang: str) -> list[RuleRow]:
    found = [(rule, data.rate(rule.id, centre_id)) for rule in rules]
    return [RuleRow(rule, rate_cells(row, lang, NOTHING)) for rule, row in found if row]


def _tables(data: ReportData, centre_id: str, lang: str) -> list[tuple[str, str, Any, str]]:
    """Table, rows, how full it is, and the columns that are filled least."""
    words = supplied(data, [centre_id], lang, smallest=1, mask=NOTHING)
    mine = data.completeness.filter(pl.col("centre_id") == centre_id)
    rows = dict(mine.group_by("table").agg(pl.col("n_rows").max()).iter_rows())
    weak = optional_columns(mine).filter(pl.col("share") < 0.8).sort("share", "column")
    out = []
    for table in TABLES:
        columns = weak.filter(pl.col("table") == table).head(WEAKEST)
        named = [f"{c} ({percent(s, lang)})" for c, s in columns.select("column", "share").iter_rows()]
        out.append(
            (say(f"table.{table}", lang), number(rows.get(table, 0), lang), words[table][0], listed(named, lang))
        )
    return out


def _cases(data: ReportData, centre_id: str, lang: str) -> list[tuple[str, str, str]]:
    """Verdict, reason and number of the cases of the list, in its order."""
    counts = verdict_counts(data.judgement, data.rules, centre_id).filter(pl.col("status") != "concordant")
    grouped = counts.group_by("status", "reason").agg(pl.col("n").sum())
    ordered = sorted(grouped.iter_rows(), key=lambda r: (r[1] != SENTINEL, ORDER.index(r[0]), -r[2], r[1]))
    return [(say(f"case.{s}", lang), reason_words(s, r, lang) or NOTHING, number(n, lang)) for s, r, n in ordered]
