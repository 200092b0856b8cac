"""Sentences about a night and about what moved, which the digest and the alerts share. Published numbers only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from scoring.recommendations import RULES_BY_ID
from validation.contract import TABLES

from .moved import Moved
from .moved_rates import position_words
from .night import CentreState, Deposit, Night
from .quality import finding_place, finding_words
from .texts import say
from .words import HARD, NOTHING, SUPPRESSED, day, french_spaces, interval, label, listed, number, percent

NAMED = 3
"""Places named in one sentence."""


def headline(night: Night, lang: str) -> str:
    """What happened, in two or three sentences."""
    sentences = [
        say(
            f"digest.outcome.{night.outcome}",
            lang,
            at=moment(night.published_at or night.at, lang),
            arrived=_arrived(night, lang),
            why=night.why[lang].rstrip(".") if night.why else say("digest.no_reason", lang),
        )
    ]
    if night.outcome != "published":
        stands = night.published_at
        sentences.append(
            say("digest.stands", lang, at=moment(stands, lang)) if stands else say("digest.stands_none", lang)
        )
    if night.stopped:
        centres = listed(dict.fromkeys(label(deposit.centre, 20) for deposit in night.stopped), lang)
        key = "digest.stopped_one" if len(night.stopped) == 1 else "digest.stopped_some"
        sentences.append(say(key, lang, n=number(len(night.stopped), lang), centres=centres))
    return " ".join(sentences)


def _arrived(night: Night, lang: str) -> str:
    if not night.arrived:
        return say("digest.arrived_none", lang)
    centres = listed(dict.fromkeys(label(deposit.centre, 20) for deposit in night.arrived), lang)
    key = "digest.arrived_one" if len(night.arrived) == 1 else "digest.arrived_some"
    return say(key, lang, n=number(len(night.arrived), lang), centres=centres)


def moment(at: datetime, lang: str) -> str:
    """A day with its time of day."""
    return (
        f"{day(at.date(), lang)} {at:%H:%M}"
        if lang == "en"
        else f"{day(at.date(), lang)} à {at.hour}{HARD}h{HARD}{at:%M}"
    )


def stopped_words(deposit: Deposit, lang: str) -> str:
    """What to do about a deposit that was held or refused, and why it was."""
    centre, name = label(deposit.centre, 20), label(deposit.name, 40)
    return say(f"digest.do_{deposit.fate}", lang, centre=centre, name=name, why=why_words(deposit, lang))


def why_words(deposit: Deposit, lang: str) -> str:
    """Why a deposit was held or refused."""
    return label(deposit.why[lang], 300).rstrip(".") if deposit.why else say("digest.no_reason", lang)


def stale_words(centre: CentreState, night: Night, lang: str) -> str:
    """That the data of a centre are old, and what to do."""
    days = night.age(centre.last_deposit)
    age = say("digest.do_stale_none", lang) if days is None else say("digest.do_stale_age", lang, n=number(days, lang))
    return say("digest.do_stale", lang, centre=label(centre.centre, 20), age=age)


def changed_words(moved: Moved, lang: str) -> str:
    """How many verdicts changed, and why."""
    rows = moved.changed.filter(pl.col("scope") == "why", pl.col("kind") == "changed").to_dicts()
    whys = [
        say("digest.key_why", lang, why=say(f"digest.why.{row['key']}", lang), n=shown(row["n"], lang)) for row in rows
    ]
    return say(
        "digest.key_changed", lang, n=shown(moved.n_changed("changed"), lang), whys=listed(whys, lang) or NOTHING
    )


def rate_words(row: dict[str, Any], least: float, lang: str) -> str:
    """A rate that moved, in one sentence."""
    scope = label(row["centre_id"], 20) or say("digest.network", lang)
    said = {"scope": scope, "title": title_of(row["rule_id"], lang), "move": move_words(row, least, lang)}
    return say("digest.rate_moved", lang, rate=rate_cell(row, "now", lang), **said)


def move_words(row: dict[str, Any], least: float, lang: str) -> str:
    """How a rate moved, and whether its centre left the funnel or came back."""
    crossed, moved, said = row["crossed"], row["moved"], []
    if crossed:
        said.append(say(f"digest.crossed.{crossed}", lang, position=position_words(row["position_now"], lang)))
    if moved and row["rate_before"] is None:
        said.append(say(f"digest.moved_least.{moved}", lang, points=points_words(least, lang)))
    elif moved:
        points = points_words(abs(row["rate_now"] - row["rate_before"]) * 100, lang)
        said.append(say(f"digest.moved.{moved}", lang, points=points))
    return ", ".join(said)


def rate_cell(row: dict[str, Any], when: str, lang: str) -> str:
    """A rate with its interval and its decisions, before or now."""
    rate = row[f"rate_{when}"]
    if rate is None:
        return SUPPRESSED
    limits = interval((row[f"lower_{when}"], row[f"upper_{when}"]), lang)
    return say("digest.rate_n", lang, rate=percent(rate, lang), interval=limits, n=shown(row[f"n_{when}"], lang))


def column_cells(row: dict[str, Any], lang: str) -> tuple[str, str, str, str, str]:
    """Centre, table with column, share before, share now and what became of it."""
    table = table_words(row["table"], lang)
    place = f"{table}, {row['column']}" if row["column"] else table
    whole = row["column"] is None
    shares = [NOTHING if whole else SUPPRESSED if row[w] is None else percent(row[w], lang) for w in ("before", "now")]
    return label(row["centre_id"], 20), place, shares[0], shares[1], say(f"digest.filled.{row['what']}", lang)


def filled_words(row: dict[str, Any], lang: str) -> str:
    """A column or table of which the completeness moved, in one sentence."""
    centre, place, before, now, what = column_cells(row, lang)
    said = {"centre": centre, "place": place, "what": what}
    return say("digest.filled" if row["column"] else "digest.filled_table", lang, before=before, now=now, **said)


def problems(moved: Moved, what: str, lang: str) -> list[tuple[str, str, str, str]]:
    """Per kind of problem and centre: centre, words, places, what to do."""
    found = []
    rows = moved.gate.filter(pl.col("what") == what)
    for (_, centre), mine in rows.group_by("metric", "centre_id", maintain_order=True):
        first = mine.row(0, named=True)
        places = list(dict.fromkeys(finding_place(row, lang) for row in mine.iter_rows(named=True)))
        named = french_spaces("; ".join(places[:NAMED])) if lang == "fr" else "; ".join(places[:NAMED])
        rest = more(len(places) - NAMED, lang)
        advice = french_spaces(first[f"do_{lang}"])
        found.append((label(str(centre), 20), finding_words(first, lang), f"{named} {rest}".strip(), advice))
    return found


def title_of(rule_id: str, lang: str) -> str:
    """The title of a rule; its id where it is not declared any more."""
    rule = RULES_BY_ID.get(rule_id)
    return rule_id if rule is None else rule.title[lang]


def table_words(table: str, lang: str) -> str:
    """A table of the contract in words."""
    return say(f"table.{table}", lang) if table in TABLES else label(table, 40)


def points_words(value: float, lang: str) -> str:
    """Points, with one decimal where they are not whole."""
    return number(round(value, 1), lang, 0 if round(value, 1) == round(value) else 1)


def shown(n: int | None, lang: str) -> str:
    """A count, or what stands for a hidden one."""
    return SUPPRESSED if n is None else number(n, lang)


def and_more(places: list[str], rest: int, lang: str) -> str:
    """Things as a sentence lists them, and how many others there are."""
    if rest <= 0:
        return listed(places, lang)
    return f"{', '.join(places)} {say('digest.more', lang, n=number(rest, lang))}"


def more(rest: int, lang: str) -> str:
    """How many there are beside those that are named; nothing where there are none."""
    return say("digest.more", lang, n=number(rest, lang)) if rest > 0 else ""
