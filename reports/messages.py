"""The key messages of the network report, from published numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.core.recommendation import Recommendation

from .data import ReportData
from .published import PublishedRule, headline_rules
from .statistics import funnel_limits
from .tables import rate_words
from .texts import say
from .words import NOTHING, label, listed, number, percent

AT_MOST = 6
"""Centres named per message: the rest stands in the funnels."""

Message = tuple[str, list[str]]


def beyond(row: Mapping[str, Any], network_rate: float) -> int:
    """0 if a centre is within the funnel limits, else the widest limit it is beyond: 95 (%) or 998 (per mille)."""
    n = np.array([row["n_assessed"]])
    for name, level in ((998, 0.998), (95, 0.95)):
        low, high = funnel_limits(n, network_rate, level)
        if not low[0] - 1e-9 <= row["rate"] <= high[0] + 1e-9:
            return name
    return 0


def position_of(rate: float | None, network: float | None, where: int) -> str:
    """Where a centre lies in the funnel, as a token: `unknown`, `within`, or `below` or `above` with the limit it is beyond."""
    if rate is None or network is None:
        return "unknown"
    if not where:
        return "within"
    return f"{'below' if rate < network else 'above'}_{where}"


def key_messages(data: ReportData, published: Mapping[str, PublishedRule], lang: str) -> list[Message]:
    """Sentences, each with the items it lists."""
    shown = {rule.id for rule in data.headline if _middle(published[rule.id]) is not None}
    if not shown:
        return [(say("key_nothing", lang), [])]
    messages: list[Message] = []
    for strength in ("binding", "permissive"):
        messages += _extremes(
            [rule for rule in headline_rules(data, strength) if rule.id in shown], published, strength, lang
        )
    messages += _outside(data, published, lang)
    messages += _unknown(data, published, lang)
    return messages


def _extremes(
    rules: list[Recommendation], published: Mapping[str, PublishedRule], strength: str, lang: str
) -> list[Message]:
    if not rules:
        return []
    adjective = say(f"{strength}_adjective", lang)
    ranked = sorted(rules, key=lambda rule: _middle(published[rule.id]) or 0.0)
    few = 2 if len(ranked) >= 4 else 1
    if len(ranked) == 1:
        only = say(f"{strength}_one", lang)
        return [(say("key_only", lang, strength=only, rules=_named(ranked, published, lang)), [])]
    return [
        (say("key_low", lang, strength=adjective, rules=_named(ranked[:few], published, lang)), []),
        (say("key_high", lang, strength=adjective, rules=_named(ranked[: -few - 1 : -1], published, lang)), []),
    ]


def _named(rules: list[Recommendation], published: Mapping[str, PublishedRule], lang: str) -> str:
    parts = []
    for rule in rules:
        row: Any = published[rule.id].network
        n = number(row["n_assessed"], lang)
        rate = rate_words(row["rate"], row["span"], lang, NOTHING)
        parts.append(say("key_rule", lang, title=rule.title[lang], rate=rate, n=n))
    return listed(parts, lang)


def _outside(data: ReportData, published: Mapping[str, PublishedRule], lang: str) -> list[Message]:
    found: dict[int, list[tuple[float, str]]] = {998: [], 95: []}
    compared = hidden = 0
    for rule in data.headline:
        network: Any = published[rule.id].network
        for centre, row in published[rule.id].centres.items():
            if row["n_assessed"] == 0:
                continue
            compared += 1
            if network["rate"] is None or row["rate"] is None:
                hidden += 1
                continue
            where = beyond(row, network["rate"])
            if where:
                found[where].append(_sentence(data, rule, centre, row, network, lang))
    messages: list[Message] = []
    if found[998]:
        messages.append((say("key_beyond", lang), _worst(found[998])))
    else:
        messages.append((say("key_beyond_none", lang), []))
    if found[95]:
        n = compared - hidden
        text = say("key_beyond_95", lang, n=number(n, lang), expected=number(max(1, round(n * 0.05)), lang))
        messages.append((text, _worst(found[95])))
    if hidden:
        messages.append((say("key_hidden", lang, n=number(hidden, lang), of=number(compared, lang)), []))
    return messages


def _sentence(
    data: ReportData, rule: Recommendation, centre: str, row: Mapping[str, Any], network: Mapping[str, Any], lang: str
) -> tuple[float, str]:
    gap = row["rate"] - network["rate"]
    key = "key_centre_below" if gap < 0 else "key_centre_above"
    name = f"{label(centre, 20)} ({label(data.centres.get(centre), 40)})"
    rates = {"rate": percent(row["rate"], lang), "network": percent(network["rate"], lang)}
    return gap, say(key, lang, centre=name, title=rule.title[lang], **rates)


def _worst(found: list[tuple[float, str]]) -> list[str]:
    """The lowest first, since a shortfall is what a reader must not miss."""
    return [sentence for _, sentence in sorted(found)][:AT_MOST]


def _unknown(data: ReportData, published: Mapping[str, PublishedRule], lang: str) -> list[Message]:
    known: list[tuple[Recommendation, int, int]] = []
    for rule in data.headline:
        row: Any = published[rule.id].network
        if row["n_not_assessable"] is not None and row["n_applicable"]:
            known.append((rule, row["n_not_assessable"], row["n_applicable"]))
    unknown, of = sum(n for _, n, _ in known), sum(n for _, _, n in known)
    if not unknown:
        return []
    worst = sorted(known, key=lambda entry: -entry[1] / entry[2])[:2]
    rules = listed(
        [say("key_unknown_rule", lang, title=r.title[lang], share=percent(n / m, lang)) for r, n, m in worst if n], lang
    )
    return [(say("key_unknown", lang, share=percent(unknown / of, lang), rules=rules), [])]


def _middle(published: PublishedRule) -> float | None:
    """The rate of the network, or the middle of the span in which it lies."""
    row: Any = published.network
    return sum(row["span"]) / 2 if row["span"] else row["rate"]
