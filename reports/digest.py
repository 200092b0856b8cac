"""The morning digest: one page that says what the night brought, what moved and what to do. Published numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from scoring.core.recommendation import Recommendation
from scoring.recommendations import RULES_BY_ID

from .changes import WHYS
from .digest_words import (
    NAMED,
    and_more,
    changed_words,
    column_cells,
    headline,
    more,
    move_words,
    points_words,
    problems,
    rate_cell,
    shown,
    stale_words,
    stopped_words,
    table_words,
    title_of,
    why_words,
)
from .html import render
from .moved import KINDS, MEASURES, Moved
from .moved_rates import position_words
from .night import CentreState, Deposit, Night
from .texts import say
from .words import NOTHING, SUPPRESSED, day, french_spaces, label, number

RATES_SHOWN = 15
COLUMNS_SHOWN = 12
DETAILS_SHOWN = 3
ACTIONS_SHOWN = 10


def digest_page(moved: Moved | None, night: Night, lang: str) -> str:
    """The page of a night, in "en" or "fr"; `moved` is None where nothing was published."""
    return render(
        "digest.html.j2",
        lang,
        styles=("style.css", "digest.css"),
        night=night,
        moved=moved,
        on=day(night.at.date(), lang),
        alarm=night.outcome in ("failed", "kept"),
        headline=headline(night, lang),
        messages=[] if moved is None else _messages(moved, lang),
        actions=actions(moved, night, lang),
        centres=[_centre(centre, moved, night, lang) for centre in _every_centre(moved, night)],
        details=_details(night.details),
        points={
            name: points_words(getattr(night.thresholds, f"{name}_points"), lang) for name in ("rate", "completeness")
        },
        **({} if moved is None else _moved_view(moved, night, lang)),
    )


# Headline


def _messages(moved: Moved, lang: str) -> list[str]:
    """What moved, in a few sentences."""
    if moved.first:
        return [say("digest.first", lang)]
    found = []
    for key, crossed in (("digest.key_outside", ("outside", "further")), ("digest.key_inside", ("inside",))):
        rows = moved.rates.filter(pl.col("crossed").is_in(crossed)).to_dicts()
        if rows:
            places = [
                say("digest.key_place", lang, centre=label(row["centre_id"], 20), title=title_of(row["rule_id"], lang))
                for row in rows[:NAMED]
            ]
            found.append(say(key, lang, what=and_more(places, len(rows) - NAMED, lang)))
    if moved.n_changed("changed") != 0:
        found.append(changed_words(moved, lang))
    return found or [say("digest.key_unchanged", lang)]


# What to do


def actions(moved: Moved | None, night: Night, lang: str) -> list[str]:
    """What the quality team had better do, the most pressing first."""
    found = [
        *_about_night(night, lang),
        *(() if moved is None else _about_moved(moved, lang)),
        *_about_stale(night, lang),
    ]
    more = [say("digest.more", lang, n=number(len(found) - ACTIONS_SHOWN, lang))] if len(found) > ACTIONS_SHOWN else []
    return [*found[:ACTIONS_SHOWN], *more]


def _about_night(night: Night, lang: str) -> Iterator[str]:
    if night.outcome in ("failed", "kept"):
        yield say("digest.do_failed", lang)
    if night.silent_for:
        yield say("digest.do_silent", lang, n=number(night.silent_for, lang))
    for deposit in night.stopped:
        yield stopped_words(deposit, lang)


def _about_moved(moved: Moved, lang: str) -> Iterator[str]:
    unexplained = moved.changed.filter(pl.col("scope") == "why", pl.col("key") == "unexplained")
    if unexplained.height:
        yield say("digest.do_unexplained", lang)
    lost = moved.completeness.filter(pl.col("what") == "lost")
    for row in lost.to_dicts():
        yield say("digest.do_lost", lang, centre=label(row["centre_id"], 20), table=table_words(row["table"], lang))
    for row in moved.rates.filter(pl.col("crossed").is_in(["outside", "further"])).to_dicts():
        if row["position_now"].endswith("998"):
            centre, position = label(row["centre_id"], 20), position_words(row["position_now"], lang)
            yield say("digest.do_outside", lang, centre=centre, title=title_of(row["rule_id"], lang), position=position)
    fell = moved.completeness.filter(pl.col("what") == "fell")
    for (centre_id,), rows in fell.group_by("centre_id", maintain_order=True):
        columns = and_more(rows["column"].head(NAMED).to_list(), rows.height - NAMED, lang)
        yield say("digest.do_fell", lang, centre=label(str(centre_id), 20), columns=columns)


def _about_stale(night: Night, lang: str) -> Iterator[str]:
    # A centre whose deposit was stopped is asked about that one.
    asked = {deposit.centre for deposit in night.stopped}
    for centre in (centre for centre in night.stale if centre.centre not in asked):
        yield stale_words(centre, night, lang)


# Centres


@dataclass(frozen=True)
class CentreView:
    """A centre's line: how fresh it is, what arrived, what was stopped and why, its rows in quarantine."""

    id: str
    name: str
    last_deposit: str
    age: str
    stale: bool
    since: str
    arrived: Sequence[tuple[str, str]]
    stopped: Sequence[tuple[str, Sequence[str]]]
    rows: str


def _every_centre(moved: Moved | None, night: Night) -> list[CentreState]:
    """The centres of the night, and those that are only in a deposit or in the audit, in order."""
    known = {centre.centre: centre for centre in night.centres}
    others = {deposit.centre for deposit in night.deposits}
    if moved is not None:
        others |= set(moved.intake["centre_id"].drop_nulls())
    return [known.get(centre, CentreState(centre)) for centre in sorted(known.keys() | others)]


def _centre(centre: CentreState, moved: Moved | None, night: Night, lang: str) -> CentreView:
    mine = [deposit for deposit in night.deposits if deposit.centre == centre.centre]
    days = night.age(centre.last_deposit)
    return CentreView(
        id=label(centre.centre, 20),
        name=label(centre.name, 60) if centre.name != centre.centre else "",
        last_deposit=day(centre.last_deposit, lang),
        age="" if days is None else _ago(days, lang),
        stale=centre in night.stale,
        since=day(centre.state_since, lang),
        arrived=[_deposit(deposit, lang) for deposit in mine if not deposit.stopped],
        stopped=[(_stopped(deposit, lang), _details(deposit.details)) for deposit in mine if deposit.stopped],
        rows=_quarantined(centre.centre, moved, lang),
    )


def _ago(days: int, lang: str) -> str:
    if days < 2:
        return say("digest.day" if days else "digest.today", lang)
    return say("digest.days", lang, n=number(days, lang))


def _deposit(deposit: Deposit, lang: str) -> tuple[str, str]:
    dated = day(deposit.extraction_date, lang) if deposit.extraction_date else ""
    return say(f"digest.kind.{deposit.kind}", lang), dated


def _stopped(deposit: Deposit, lang: str) -> str:
    said = f"{say(f'digest.fate.{deposit.fate}', lang)}, {label(deposit.name, 40)} : {why_words(deposit, lang)}"
    return french_spaces(said) if lang == "fr" else said.replace(" : ", ": ", 1)


def _details(details: Sequence[str]) -> list[str]:
    """The first messages of the software, tamed."""
    return [label(detail, 240) for detail in details[:DETAILS_SHOWN]]


def _quarantined(centre_id: str, moved: Moved | None, lang: str) -> str:
    rows = [] if moved is None else moved.intake.filter(pl.col("centre_id") == centre_id).to_dicts()
    if not rows:
        return NOTHING
    return say("digest.rows_value", lang, k=shown(rows[0]["quarantined"], lang), n=shown(rows[0]["read"], lang))


# What moved


def _moved_view(moved: Moved, night: Night, lang: str) -> dict[str, Any]:
    """All that the template needs about the differences."""
    columns = [column_cells(row, lang) for row in moved.completeness.head(COLUMNS_SHOWN).to_dicts()]
    return {
        "rates": [
            _rate_row(row, night.thresholds.rate_points, lang) for row in moved.rates.head(RATES_SHOWN).to_dicts()
        ],
        "rates_more": more(moved.rates.height - RATES_SHOWN, lang),
        "kinds": KINDS,
        "whys": _counts_by(moved, "why", lang),
        "by_centre": _counts_by(moved, "centre", lang),
        "by_rule": [
            (
                RULES_BY_ID.get(row["key"]),
                row["key"],
                _from_to(row, lang),
                say(f"digest.why.{row['why']}", lang),
                shown(row["n"], lang),
            )
            for row in moved.changed.filter(pl.col("scope") == "rule").to_dicts()
        ],
        "columns": columns,
        "columns_more": more(moved.completeness.height - COLUMNS_SHOWN, lang),
        "gate": [(what, problems(moved, what, lang)) for what in ("appeared", "disappeared")],
        "measures": MEASURES,
        "cohort": _cohort(moved, lang),
    }


@dataclass(frozen=True)
class RateView:
    """A rate that moved."""

    rule: Recommendation | None
    rule_id: str
    scope: str
    before: str
    now: str
    move: str
    outside: bool


def _rate_row(row: dict[str, Any], least: float, lang: str) -> RateView:
    return RateView(
        RULES_BY_ID.get(row["rule_id"]),
        row["rule_id"],
        label(row["centre_id"], 20) or say("digest.network", lang),
        rate_cell(row, "before", lang),
        rate_cell(row, "now", lang),
        move_words(row, least, lang),
        row["crossed"] in ("outside", "further"),
    )


def _counts_by(moved: Moved, scope: str, lang: str) -> list[tuple[str, list[str]]]:
    """Reason or centre, and how many verdicts changed, are new, are gone; the whole network last."""
    rows = moved.changed.filter(pl.col("scope").is_in([scope, "all"])).to_dicts()
    cells: dict[str | None, dict[str, str]] = {}
    for row in rows:
        cells.setdefault(row["key"], {})[row["kind"]] = shown(row["n"], lang)
    order = sorted((key for key in cells if key is not None), key=WHYS.index if scope == "why" else str)
    named = [(say(f"digest.why.{key}", lang) if scope == "why" else label(key, 20), cells[key]) for key in order]
    named.append((say("all_centres", lang), cells.get(None, {})))
    return [(name, [mine.get(kind, number(0, lang)) for kind in KINDS]) for name, mine in named]


def _from_to(row: dict[str, Any], lang: str) -> str:
    return " → ".join(say(f"case.{row[when]}", lang) for when in ("before", "after"))


def _cohort(moved: Moved, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Per centre and in all: number and change of each measure."""
    lines = []
    for (centre,), rows in moved.cohort.group_by("centre_id", maintain_order=True):
        by_measure = {row["measure"]: row for row in rows.to_dicts()}
        cells = [(shown(by_measure[m]["now"], lang), _change(by_measure[m], moved, lang)) for m in MEASURES]
        lines.append((say("all_centres", lang) if centre is None else label(str(centre), 20), cells))
    return sorted(lines, key=lambda line: line[0] == say("all_centres", lang))


def _change(row: dict[str, Any], moved: Moved, lang: str) -> str:
    if moved.first:
        return NOTHING
    if row["what"]:
        return say(f"digest.{row['what']}_centre", lang)
    if row["change"] is None:
        return SUPPRESSED
    return "=" if not row["change"] else f"{'+' if row['change'] > 0 else '−'}{number(abs(row['change']), lang)}"
