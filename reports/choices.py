"""What the report shows beside the rates: options taken, other readings, and parameters that were set otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from scoring.core.recommendation import Recommendation

from .data import ReportData
from .disclosure import Ledger
from .published import PublishedRule
from .tables import counted
from .texts import say
from .words import HARD, NOTHING, SUPPRESSED, interval, label, number, percent

# Options where the guideline leaves the choice


@dataclass(frozen=True)
class Choice:
    """One rule that leaves the choice: its options with number, share and interval, and how many are not known."""

    rule: Recommendation
    known: str
    unknown: str
    options: Sequence[tuple[str, str, str, str]]


def choices(data: ReportData, lang: str, centre_id: str | None = None) -> list[Choice]:
    """The options taken in the network, after disclosure control; or in one centre, which sees its own counts."""
    mine = data.options.filter(pl.col("centre_id").eq_missing(pl.lit(centre_id, pl.String)))
    by_rule = {str(rule_id): rows for (rule_id,), rows in mine.group_by("rule_id", maintain_order=True)}
    smallest = data.smallest_count if centre_id is None else 1
    return [_choice(rule, by_rule[rule.id], smallest, lang) for rule in data.optional if rule.id in by_rule]


def _choice(rule: Recommendation, rows: pl.DataFrame, smallest: int, lang: str) -> Choice:
    known, unknown = int(rows["n_known"][0]), int(rows["n_not_assessable"][0])
    taken = list(rows.select("option", "n", "share", "lower", "upper").iter_rows())
    ledger = Ledger(smallest)
    ledger.add("known", known, reluctance=1)
    ledger.add("unknown", unknown)
    for option, n, *_ in taken:
        ledger.add(("option", option), n)
    ledger.line("known", [("option", option) for option, *_ in taken])
    hidden = ledger.hidden()
    options = []
    for option, n, share, *ends in taken:
        rate = (NOTHING, NOTHING) if share is None else (percent(share, lang), interval((ends[0], ends[1]), lang))
        cells = (number(n, lang), *rate)
        gone = ("option", option) in hidden or "known" in hidden
        options.append((rule.vocabulary.words[option][lang], *((SUPPRESSED,) * 3 if gone else cells)))
    shown = [SUPPRESSED if key in hidden else number(n, lang) for key, n in (("known", known), ("unknown", unknown))]
    return Choice(rule, shown[0], shown[1], options)


# Parameters that were set otherwise


def overridden(data: ReportData, lang: str) -> list[str]:
    """Each parameter that this audit set otherwise, with the value that it has by default."""
    return [
        f"{p.name} = {_plain(p.value, lang)} ({_plain(p.default or 0, lang)})"
        for p in data.parameters.values()
        if p.overridden
    ]


def _plain(value: float, lang: str) -> str:
    return f"{value:g}".replace(".", "," if lang == "fr" else ".")


# Other readings


@dataclass(frozen=True)
class ReadingView:
    """One reading: the rules of which it changes verdicts (rule, changed, rate before, rate after), and centres that move."""

    words: str
    source: str
    rules: Sequence[tuple[Recommendation, str, str, str]]
    centres: Sequence[str]


def readings(data: ReportData, published: dict[str, PublishedRule], lang: str) -> list[ReadingView]:
    """What changes under each reading, after disclosure control: a change of few persons shows no second rate."""
    found = data.sensitivity
    if found is None:
        return []
    by_id = {rule.id: rule for rule in data.rules}
    views = []
    for reading in found.readings:
        rows = found.rules.filter(pl.col("reading") == reading.id).iter_rows(named=True)
        moved = found.centres.filter(pl.col("reading") == reading.id).iter_rows(named=True)
        views.append(
            ReadingView(
                reading.words[lang],
                reading.source,
                [_rule_row(row, by_id[row["rule_id"]], published, data, lang) for row in rows],
                [words for row in moved if (words := _centre_row(row, by_id[row["rule_id"]], published, data, lang))],
            )
        )
    return views


def _rule_row(
    row: dict[str, Any], rule: Recommendation, published: dict[str, PublishedRule], data: ReportData, lang: str
) -> tuple[Recommendation, str, str, str]:
    before: Any = published[rule.id].network["rate"]
    few = min(row["n_changed"], row["n_patients"]) < data.smallest_count
    hidden = before is None or few or row["n_assessed_after"] < data.smallest_count
    after = SUPPRESSED if hidden else _rate(row["rate_after"], lang)
    return (
        rule,
        SUPPRESSED if few else number(row["n_changed"], lang),
        SUPPRESSED if before is None else _rate(before, lang),
        after,
    )


def _rate(rate: float | None, lang: str) -> str:
    return NOTHING if rate is None else percent(rate, lang)


def _centre_row(
    row: dict[str, Any], rule: Recommendation, published: dict[str, PublishedRule], data: ReportData, lang: str
) -> str:
    """A centre that moves, in words; nothing where its rate is not published."""
    own: Any = published[rule.id].centres.get(row["centre_id"])
    if own is None or own["rate"] is None or row["n_assessed_after"] < data.smallest_count:
        return ""
    positions = [say(f"moved.{row[f'position_{when}']}", lang) for when in ("before", "after")]
    centre = f"{label(row['centre_id'], 20)}"
    return say("reading_centre", lang, centre=centre, title=rule.title[lang], before=positions[0], after=positions[1])


# Classifications


def classes(data: ReportData, lang: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Title, number of rows and the distribution of the headline column of each classification."""
    from scoring.scores import CLASSIFICATIONS

    views = []
    for name, declared in CLASSIFICATIONS.items():
        frame = data.scores.get(name)
        if frame is None or not frame.height:
            continue
        column = next(c for c in declared.columns if c.name == declared.headline)
        counts = dict(frame[column.name].value_counts().iter_rows())
        order = list(column.words or {})
        ranked = sorted(counts, key=lambda value: (value is None, order.index(value) if value in order else 0, value))
        counts = {value: counts[value] for value in ranked}
        ledger = Ledger(data.smallest_count)
        ledger.add("all", frame.height, reluctance=1)
        for value, n in counts.items():
            ledger.add(("value", value), n)
        ledger.line("all", [("value", value) for value in counts])
        hidden = ledger.hidden()
        rows = [
            (
                _value(value, column.words, column.unit, lang),
                SUPPRESSED if ("value", value) in hidden else number(n, lang),
            )
            for value, n in counts.items()
        ]
        views.append(
            (
                f"{declared.title[lang]} · {column.label[lang]}",
                counted(None if "all" in hidden else frame.height, lang, SUPPRESSED),
                rows,
            )
        )
    return views


def _value(value: Any, words: Any, unit: str, lang: str) -> str:
    if value is None:
        return say("not_known", lang)
    if isinstance(value, bool):
        return say("yes" if value else "no", lang)
    if words:
        return " + ".join(words[part][lang] for part in value.split("|")) if value else say("none_of_them", lang)
    return f"{value}{HARD}{unit}" if unit else str(value)
