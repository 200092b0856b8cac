"""What a centre's own page says: its data unsuppressed, beside the rate of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from scoring.core.recommendation import Recommendation
from validation.contract import TABLES
from validation.rules import WORDS

from . import figures
from .cases import ORDER, SENTINEL, reason_words
from .choices import choices, overridden
from .data import ReportData
from .disclosure import Ledger
from .figures.rates import Bar
from .messages import Message, beyond, position_of
from .published_cohort import STEPS
from .quality import centre_findings
from .statistics import funnel_limits
from .tables import BESIDE_HEADERS, RATE_HEADERS, RuleRow, in_order, optional_columns, rate_cells, supplied
from .texts import say
from .words import NOTHING, french_spaces, label, listed, number, percent

WEAKEST = 3
"""How many of the least filled columns of a table are named."""


def centre_view(data: ReportData, centre_id: str, lang: str) -> dict[str, Any]:
    """All that the template of a centre's page needs."""
    compared = _compare(data, centre_id, lang)
    return {
        "messages": _messages(data, centre_id, compared, lang),
        "centre_id": centre_id,
        "centre_name": label(data.centres[centre_id], 120),
        "steps": _steps(data, centre_id, lang),
        "beside_headers": BESIDE_HEADERS,
        "rate_headers": RATE_HEADERS,
        "headline": [_beside(compared, strength, lang) for strength, _ in in_order(data.headline)],
        "choices": choices(data, lang, centre_id),
        "overridden": overridden(data, lang),
        "appendix": [(s, _rows(data, centre_id, mine, lang)) for s, mine in in_order(data.rules)],
        "tables": _tables(data, centre_id, lang),
        "quarantine": [
            (say(f"table.{table}", lang) if table in TABLES else table, _broken(rule, lang), number(n, lang))
            for table, rule, n in data.quarantine.filter(pl.col("centre_id") == centre_id)
            .sort("table", "rule")
            .select("table", "rule", "n")
            .iter_rows()
        ],
        "findings": centre_findings(data, centre_id, lang),
        "cases": _cases(data, centre_id, lang),
    }


def _broken(rule: str, lang: str) -> tuple[str, str]:
    """What a rule of the contract asks for, and its name as the quarantine file has it."""
    return (french_spaces(getattr(WORDS[rule], lang)) if rule in WORDS else "", rule)


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


@dataclass(frozen=True)
class Compared:
    """A headline rule in the centre, and where it lies against the network."""

    rule: Recommendation
    own: Any
    network: float | None
    beyond: int
    position: str


def _compare(data: ReportData, centre_id: str, lang: str) -> list[Compared]:
    """The headline rules that applied in the centre."""
    out = []
    for rule in data.headline:
        own: Any = data.rate(rule.id, centre_id)
        if own is None:
            continue
        network = _network_rate(data, rule.id, centre_id)
        where = beyond(own, network) if own["rate"] is not None and network is not None else 0
        position = say(f"position.{position_of(own['rate'], network, where)}", lang)
        out.append(Compared(rule, own, network, where, position))
    return out


def _messages(data: ReportData, centre_id: str, compared: Sequence[Compared], lang: str) -> list[Message]:
    flow = data.judgement.flow.filter(pl.col("centre_id") == centre_id, pl.col("step") == "applicable")
    summary = say(
        "centre_summary",
        lang,
        patients=number(int(flow["n_patients"].sum()), lang),
        decisions=number(sum(c.own["n_applicable"] for c in compared), lang),
        unknown=number(sum(c.own["n_not_assessable"] for c in compared), lang),
    )
    outside = sorted((c for c in compared if c.beyond), key=lambda c: c.own["rate"] - c.network)
    named = [
        say(
            "centre_beyond_rule",
            lang,
            title=c.rule.title[lang],
            position=c.position,
            rate=percent(c.own["rate"], lang),
            network=percent(c.network, lang),
            n=number(c.own["n_assessed"], lang),
        )
        for c in outside
    ]
    messages: list[Message] = [(summary, []), (say("centre_beyond" if named else "centre_within", lang), named)]
    counts = data.verdict_counts(centre_id)
    sentinels = int(counts.filter(pl.col("reason") == SENTINEL)["n"].sum())
    return [*messages, (say("centre_sentinels", lang, n=number(sentinels, lang)), [])] if sentinels else messages


def _beside(compared: Sequence[Compared], strength: str, lang: str) -> dict[str, Any]:
    mine = [c for c in compared if c.rule.strength == strength]
    bars = [_bar(c.rule, c.own, c.network, c.beyond, lang) for c in mine]
    rows = []
    for c in mine:
        cells = rate_cells(c.own, lang, NOTHING)
        rows.append(RuleRow(c.rule, [*cells[:4], percent(c.network, lang), c.position, *cells[5:8]]))
    figure = figures.forest(f"beside-{strength}", bars, lang, say(f"forest_{strength}", lang)) if bars else None
    return {"strength": strength, "figure": figure, "rows": rows}


def _bar(rule: Recommendation, own: Any, network: float | None, where: int, lang: str) -> Bar:
    limits = None
    if network is not None and own["n_assessed"]:
        low, high = funnel_limits(np.array([own["n_assessed"]]), network, 0.95)
        limits = (float(low[0]), float(high[0]))
    inner = None if own["rate"] is None else (own["lower"], own["upper"])
    return Bar(rule.title[lang], own["n_assessed"], own["rate"], inner, limits, network, bool(where))


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
    counts = data.verdict_counts(centre_id).filter(pl.col("status") != "concordant")
    grouped = counts.group_by("status", "reason").agg(pl.col("n").sum())
    ordered = sorted(grouped.iter_rows(), key=lambda r: (r[1] != SENTINEL, ORDER.index(r[0]), -r[2], r[1]))
    return [(say(f"case.{s}", lang), reason_words(s, r, lang) or NOTHING, number(n, lang)) for s, r, n in ordered]
