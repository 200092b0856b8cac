"""What the network report says, section by section: from published numbers to written cells and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from scoring.core.recommendation import Grain, Recommendation
from scoring.core.score import Band
from scoring.scores import SCORES
from scoring.scores.frankel import GRADES

from . import figures
from .choices import choices, classes, overridden, readings
from .data import ReportData
from .disclosure import Ledger
from .figures.cohort import Column
from .figures.cohort import Row as MatrixRow
from .figures.rates import Bar, Cell, Point, Quarter
from .messages import beyond, key_messages
from .published import PublishedRule, matrices, publish_rules
from .published_cohort import (
    FEWEST_FOLLOWED,
    TWO_YEARS,
    publish_flow,
    publish_intake,
    publish_persistence,
    publish_score,
)
from .quality import network_findings, printed_figures
from .statistics import persistence
from .tables import (
    RATE_HEADERS,
    VERDICT_HEADERS,
    RuleRow,
    counted,
    in_order,
    parameters,
    rate_cells,
    rate_words,
    supplied,
    verdict_cells,
)
from .texts import TEXTS, say
from .words import NOTHING, SUPPRESSED, interval, label, number, percent, quarter

CENTRES_PER_HEATMAP = 12


def network_view(data: ReportData, lang: str) -> dict[str, Any]:
    """All that the template of the network report needs."""
    rules = publish_rules(data)
    centre_ids = sorted(data.centres)
    return {
        "messages": key_messages(data, rules, lang),
        "flow": _flow(data, lang),
        "supplied": supplied(data, centre_ids, lang, smallest=data.smallest_count, mask=SUPPRESSED),
        "centre_ids": centre_ids,
        "intake": _intake(data, lang),
        "rate_headers": RATE_HEADERS,
        "findings": network_findings(data, lang),
        "figures_beside": printed_figures(data, lang),
        "headline": [_headline(strength, mine, rules, lang) for strength, mine in in_order(data.headline)],
        "heatmaps": _heatmaps(data, rules, centre_ids, lang),
        "cards": _cards([_card(rule, rules[rule.id], lang) for rule in data.headline]),
        "scores": _scores(data, lang),
        "matrices": _matrices(data, rules, lang),
        "persistence": _persistence(data, lang),
        "choices": choices(data, lang),
        "readings": readings(data, rules, lang),
        "classes": classes(data, lang),
        "overridden": overridden(data, lang),
        "sentinels": [
            (rule, counted(found, lang, SUPPRESSED)) for rule in data.rules if (found := rules[rule.id].sentinels) != 0
        ],
        "at_risk": breaches_at_risk(data, lang),
        "verdict_headers": VERDICT_HEADERS,
        "parameters": parameters(data, lang),
        "appendix": [
            (strength, [_appendix_row(rule, rules[rule.id], lang) for rule in mine])
            for strength, mine in in_order(data.rules)
        ],
    }


def _appendix_row(rule: Recommendation, published: PublishedRule, lang: str) -> RuleRow:
    cells = verdict_cells(published.network, lang, SUPPRESSED) + rate_cells(published.network, lang, SUPPRESSED)
    return RuleRow(rule, cells)


def breaches_at_risk(data: ReportData, lang: str) -> list[tuple[Recommendation, str, str, str]]:
    """Do-not rules: whom they protect, how many such patients there are, how many of them had a breach."""
    overall = data.judgement.at_risk.filter(pl.col("centre_id").is_null())
    counts = {
        rule_id: (n, breached)
        for rule_id, n, breached in overall.select("rule_id", "n_at_risk", "n_breached").iter_rows()
    }
    rows = []
    for rule in data.rules:
        if rule.at_risk is None or rule.id not in counts:
            continue
        n, breached = counts[rule.id]
        ledger = Ledger(data.smallest_count)
        ledger.add("all", n, reluctance=1)
        ledger.add("breached", breached)
        ledger.add("spared", n - breached)
        ledger.line("all", ["breached", "spared"])
        hidden = ledger.hidden()
        shown = [
            SUPPRESSED if key in hidden else number(count, lang) for key, count in (("all", n), ("breached", breached))
        ]
        rows.append((rule, rule.at_risk.words[lang], shown[0], shown[1]))
    return rows


def _flow(data: ReportData, lang: str) -> dict[str, Any]:
    steps = publish_flow(data)
    named = [(say(f"step.{step}", lang), patients) for step, patients, _ in steps]
    before = [step in ("read", "accepted", "lung", "cohort") for step, _, _ in steps]
    left = data.judgement.left_out.filter(pl.col("centre_id").is_null())
    small = range(1, data.smallest_count)
    return {
        "figure": figures.flow("flow", named, lang, say("flow_figure", lang)),
        "rows": [
            (name, counted(n, lang, SUPPRESSED), "" if early else counted(steps[i][2], lang, SUPPRESSED))
            for i, ((name, n), early) in enumerate(zip(named, before, strict=True))
        ],
        "left_out": [
            say(f"left.{reason}", lang, n=SUPPRESSED if n in small else number(n, lang))
            for reason, n in left.select("reason", "n_decisions").sort("reason").iter_rows()
            if n
        ],
    }


def _intake(data: ReportData, lang: str) -> list[tuple[str | None, list[str]]]:
    rows = publish_intake(data.counts, data.smallest_count)
    return [(centre, [counted(n, lang, SUPPRESSED) for n in row.values()]) for centre, row in rows.items()]


def _headline(
    strength: str, rules: list[Recommendation], published: dict[str, PublishedRule], lang: str
) -> dict[str, Any]:
    bars = []
    for rule in rules:
        row: dict[str, Any] = published[rule.id].network
        bars.append(
            Bar(
                rule.title[lang],
                row["n_assessed"],
                row["rate"],
                _pair(row, "lower", "upper"),
                _pair(row, "bound_low", "bound_high"),
                span=row["span"],
            )
        )
    return {
        "strength": strength,
        "figure": figures.forest(f"forest-{strength}", bars, lang, say(f"forest_{strength}", lang))
        if any(bar.rate is not None or bar.span for bar in bars)
        else None,
        "rows": [RuleRow(rule, rate_cells(published[rule.id].network, lang, SUPPRESSED)) for rule in rules],
    }


def _pair(row: dict[str, Any], low: str, high: str) -> tuple[float, float] | None:
    return None if row[low] is None or row[high] is None else (row[low], row[high])


def _heatmaps(
    data: ReportData, published: dict[str, PublishedRule], centre_ids: Sequence[str], lang: str
) -> list[Markup]:
    if not data.headline:
        return []
    rows = [
        f"{r.title[lang]} {say('permissive_mark', lang) if r.strength == 'permissive' else ''}".strip()
        for r in data.headline
    ]
    maps = []
    for first in range(0, len(centre_ids), CENTRES_PER_HEATMAP):
        some = centre_ids[first : first + CENTRES_PER_HEATMAP]
        cells = [[_cell(published[rule.id].centres.get(centre)) for centre in some] for rule in data.headline]
        maps.append(figures.heatmap(f"heatmap-{first}", rows, some, cells, lang, say("heatmap_figure", lang)))
    return maps


def _cell(row: Any) -> Cell:
    return Cell(None, 0) if row is None else Cell(row["rate"], row["n_assessed"])


@dataclass(frozen=True)
class Card:
    """One headline rule: its sentence, its funnel and its quarters."""

    rule: Recommendation
    sentence: str
    funnel: Markup | None
    trend: Markup | None


def _cards(cards: list[Card]) -> list[tuple[str, list[Card]]]:
    """Rules with quarters take the whole width, those with a funnel alone stand two by two, the rest is text."""
    shapes = {
        "whole": [card for card in cards if card.trend],
        "half": [card for card in cards if card.funnel and not card.trend],
        "text": [card for card in cards if not card.funnel and not card.trend],
    }
    return [(shape, mine) for shape, mine in shapes.items() if mine]


def _card(rule: Recommendation, published: PublishedRule, lang: str) -> Card:
    row: dict[str, Any] = published.network
    title = rule.title[lang]
    sentence = say("network_rate", lang, rate=_rate(row, lang), n=counted(row["n_assessed"], lang, SUPPRESSED))
    centres: dict[str, Any] = published.centres
    hidden = [centre for centre, r in centres.items() if r["rate"] is None and r["n_assessed"] != 0]
    drawn = {centre: r for centre, r in centres.items() if r["rate"] is not None}
    funnel = None
    if row["rate"] is not None and drawn:
        points = _points(drawn, row["rate"])
        funnel = figures.funnel(
            f"funnel-{rule.id}",
            points,
            row["rate"],
            lang,
            say("funnel_figure", lang, title=title),
            say("funnel_axis", lang),
        )
    quarters: list[Any] = [(period, published.quarters[period]) for period in sorted(published.quarters)]
    trend = None
    if any(q["rate"] is not None for _, q in quarters):
        shown = [Quarter(quarter(p, lang), q["n_assessed"], q["rate"], _pair(q, "lower", "upper")) for p, q in quarters]
        trend = figures.trend(f"trend-{rule.id}", shown, lang, say("trend_figure", lang, title=title))
    if row["span"]:
        sentence += " " + say("funnel_span", lang)
    elif funnel is None:
        sentence += " " + say("funnel_none", lang)
    elif hidden:
        sentence += " " + say("funnel_hidden", lang, centres=", ".join(label(c, 12) for c in hidden))
    return Card(rule, sentence, funnel, trend)


def _points(centres: dict[str, Any], network_rate: float) -> list[Point]:
    """One point per place: centres with the same counts share it."""
    places: dict[tuple[int, float], list[str]] = {}
    for centre, row in centres.items():
        places.setdefault((row["n_assessed"], row["rate"]), []).append(centre)
    points = []
    for (n, rate), names in places.items():
        where = beyond(centres[names[0]], network_rate)
        points.append(Point(", ".join(label(name, 12) for name in names), n, rate, where))
    return points


def _rate(row: dict[str, Any], lang: str) -> str:
    return rate_words(row["rate"], row["span"], lang, NOTHING if row["n_assessed"] == 0 else SUPPRESSED)


def _scores(data: ReportData, lang: str) -> list[dict[str, Any]]:
    out = []
    for name, declared in SCORES.items():
        frame = data.scores.get(name)
        if frame is None or not frame.height:
            continue
        bands = [band.name for band in declared.bands]
        score = publish_score(frame, bands, data.smallest_count)
        title = say("score_figure", lang, score=declared.title[lang], n=counted(score.n, lang, SUPPRESSED))
        columns = [Column(_total(name, total), n, bands.index(band) if band else None) for total, band, n in score.bars]
        legend: list[tuple[int | None, str, str]] = [
            (shade, _band(name, band, lang), counted(score.bands[band.name], lang, SUPPRESSED))
            for shade, band in enumerate(declared.bands)
        ]
        legend.append((None, say("uncertain", lang), counted(score.bands[None], lang, SUPPRESSED)))
        figure = figures.score_distribution(f"score-{name}", columns, lang, title)
        out.append({"title": title, "figure": figure, "bands": legend})
    return out


def _total(score: str, total: int | None) -> str:
    """A total as people say it: "?" where it is not known, and a Frankel grade by its letter."""
    if total is None:
        return "?"
    return GRADES[total] if score == "frankel" else str(total)


def _band(score: str, band: Band, lang: str) -> str:
    """A band in words with its totals; where its name is its totals, those alone."""
    if band.name[0].isdigit():
        return band.name.replace("-", "–")
    named = say(f"band.{band.name}", lang) if f"band.{band.name}" in TEXTS else band.name
    low, high = _total(score, band.low), _total(score, band.high)
    return f"{named} ({low})" if low == high else f"{named} ({low}–{high})"


OPTIONS_PER_MATRIX = 6


def _matrices(data: ReportData, published: dict[str, PublishedRule], lang: str) -> list[tuple[str, Markup]]:
    out = []
    for first, rules in matrices(data):
        rows = [_matrix_row(rule, published[rule.id].given, lang) for rule in rules if published[rule.id].given]
        named = f"matrix.{first.vocabulary.id}"
        what = say(named if named in TEXTS else f"domain.{first.domain}", lang)
        title = say("matrix_figure", lang, domain=what)
        options = [words[lang] for words in first.vocabulary.words.values()]
        for part, some in enumerate(_in_parts(rows, len(options))):
            used = [any(row.uses(x) for row in some) for x in range(len(options))]
            key = f"matrix-{first.domain}-{first.vocabulary.id}" + (f"-{part}" if part else "")
            shown = [words for words, is_used in zip(options, used, strict=True) if is_used]
            out.append((title, figures.matrix(key, [row.only(used) for row in some], shown, lang, title)))
    return out


def _in_parts(rows: list[MatrixRow], n_options: int) -> list[list[MatrixRow]]:
    """The rows in their order, in parts that together use so few options that their names can be read."""
    parts: list[tuple[set[int], list[MatrixRow]]] = []
    for row in rows:
        own = {x for x in range(n_options) if row.uses(x)}
        if parts and len(parts[-1][0] | own) <= OPTIONS_PER_MATRIX:
            parts[-1][0].update(own)
            parts[-1][1].append(row)
        else:
            parts.append((own, [row]))
    return [some for _, some in parts]


def _matrix_row(rule: Recommendation, given: dict[tuple[str, str], int | None], lang: str) -> MatrixRow:
    """What was given, as recommended or not. What a do-not rule recommends concerns the failing decisions alone."""
    options = list(rule.vocabulary.words)
    met, failing = ([given.get((option, group), 0) for option in options] for group in ("met", "failing"))
    concerns = not rule.do_not or any(n != 0 for n in failing)
    return MatrixRow(rule.title[lang], met, failing, [concerns and option in rule.recommended for option in options])


def _persistence(data: ReportData, lang: str) -> dict[str, Any] | None:
    courses = data.judgement.facts.get(Grain.ANTIRESORPTIVE_COURSE)
    if courses is None or not {"days_on_treatment", "treatment_ended"} <= set(courses.columns):
        return None
    curve = persistence(courses)
    shown = publish_persistence(curve, data.smallest_count)
    if shown is None:
        return None
    small = data.smallest_count
    at = (shown.share[-1], shown.lower[-1], shown.upper[-1]) if TWO_YEARS in shown.at_risk else None
    sentence = (
        say("persistence_at", lang, share=percent(at[0], lang), interval=interval(at[1:], lang))
        if at
        else say("persistence_short", lang)
    )
    n = courses.height - curve.n_unknown
    unknown = SUPPRESSED if 0 < curve.n_unknown < small else number(curve.n_unknown, lang)
    return {
        "text": say(
            "persistence_text",
            lang,
            n=SUPPRESSED if 0 < n < small else number(n, lang),
            smallest=small,
            fewest=max(small, FEWEST_FOLLOWED),
        ),
        "sentence": sentence,
        "unknown": say("persistence_unknown", lang, n=unknown) if curve.n_unknown else "",
        "figure": figures.persistence_curve(
            "persistence",
            shown,
            at[0] if at else None,
            lang,
            say("persistence", lang),
            (say("persistence_axis", lang), say("persistence_at_risk", lang)),
        ),
    }
