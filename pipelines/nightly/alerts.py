"""Alerts: what somebody must be told about a night. Built from published numbers only, so that they may leave the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

import polars as pl

from reports.digest_words import (
    changed_words,
    filled_words,
    headline,
    problems,
    rate_words,
    stale_words,
    stopped_words,
)
from reports.moved import Moved
from reports.night import Deposit, Night
from reports.texts import say
from reports.words import label, number
from scoring.core.text import Text

Severity = Literal["info", "warn", "alarm"]
SEVERITIES: tuple[Severity, ...] = ("info", "warn", "alarm")

EVENTS_VERSION = 1
"""The version of the JSON document of `events`; it grows when a key changes its meaning or goes."""

FAILED = 1
"""Exit code: nothing was published although something arrived, or the run failed."""
WITH_ALERTS = 3
"""Exit code: the night went well, and there are alerts. 1 is bad input or a failed gate, 2 wrong usage (`console.exit_code`)."""


@dataclass(frozen=True)
class Alert:
    """One thing to be told: a token, how serious it is, the centre and rule that it is about, numbers, and the words."""

    token: str
    severity: Severity
    words: Text
    centre: str | None = None
    rule: str | None = None
    numbers: Mapping[str, float | int | None] = field(default_factory=dict)


def alerts(moved: Moved | None, night: Night) -> list[Alert]:
    """All that is to be told about a night, the most serious first; `moved` is None where nothing was published.

    The thresholds are those of the night (`night.thresholds`).
    """
    found = [*_of_night(night), *_of_deposits(night), *_of_centres(night)]
    if moved is not None:
        found += [*_of_rates(moved), *_of_verdicts(moved), *_of_completeness(moved), *_of_gate(moved)]
    return sorted(found, key=lambda alert: -SEVERITIES.index(alert.severity))


def worst(found: Sequence[Alert]) -> Severity:
    """The highest severity; `info` where there is nothing to tell."""
    return max((alert.severity for alert in found), key=SEVERITIES.index, default="info")


def exit_code(night: Night, found: Sequence[Alert]) -> int:
    """0 where there is nothing to tell or information only."""
    if night.outcome in ("failed", "kept"):
        return FAILED
    return 0 if worst(found) == "info" else WITH_ALERTS


def events(night: Night, found: Sequence[Alert]) -> dict[str, Any]:
    """The night and its alerts as a JSON document. Keys are stable within a version, and all are always there."""
    return {
        "version": EVENTS_VERSION,
        "run": label(night.run, 100),
        "at": night.at.isoformat(),
        "outcome": night.outcome,
        "published_at": None if night.published_at is None else night.published_at.isoformat(),
        "severity": worst(found),
        "exit_code": exit_code(night, found),
        "headline": {lang: headline(night, lang) for lang in ("en", "fr")},
        "deposits": [_deposit(deposit) for deposit in night.deposits],
        "centres": [
            {
                "centre": label(centre.centre, 100),
                "last_deposit": None if centre.last_deposit is None else centre.last_deposit.isoformat(),
                "days": night.age(centre.last_deposit),
                "state_since": None if centre.state_since is None else centre.state_since.isoformat(),
            }
            for centre in night.centres
        ],
        "alerts": [asdict(alert) for alert in found],
    }


def _deposit(deposit: Deposit) -> dict[str, Any]:
    return {
        "centre": label(deposit.centre, 100),
        "name": label(deposit.name, 100),
        "kind": deposit.kind,
        "extraction_date": None if deposit.extraction_date is None else deposit.extraction_date.isoformat(),
        "fate": deposit.fate,
        "why": None if deposit.why is None else {lang: label(deposit.why[lang], 300) for lang in ("en", "fr")},
    }


def _text(words: Callable[[str], str]) -> Text:
    return Text(words("en"), words("fr"))


# The night, its deposits and centres


def _of_night(night: Night) -> Iterator[Alert]:
    if night.outcome in ("failed", "kept"):
        token = "night_failed" if night.outcome == "failed" else "state_kept"
        yield Alert(token, "alarm", _text(lambda lang: headline(night, lang)))
    if days := night.silent_for:
        words = _text(lambda lang: say("digest.do_silent", lang, n=number(days, lang)))
        yield Alert("nothing_published", "alarm", words, numbers={"days": days})


def _of_deposits(night: Night) -> Iterator[Alert]:
    for deposit in night.stopped:
        words = _text(partial(stopped_words, deposit))
        yield Alert(f"deposit_{deposit.fate}", "warn", words, label(deposit.centre, 100))


def _of_centres(night: Night) -> Iterator[Alert]:
    for centre in night.stale:
        words, days = _text(partial(stale_words, centre, night)), night.age(centre.last_deposit)
        yield Alert("centre_stale", "warn", words, label(centre.centre, 100), numbers={"days": days})


# What moved


def _of_rates(moved: Moved) -> Iterator[Alert]:
    """A rate has one alert. Beyond the 95 % limits alone a centre may lie by chance, so that this is information."""
    for row in moved.rates.iter_rows(named=True):
        if row["crossed"]:
            out = row["crossed"] != "inside"
            token = "rate_outside" if out else "rate_inside"
            severity: Severity = "warn" if out and row["position_now"].endswith("998") else "info"
        else:
            token, severity = "rate_moved", "info"
        if row["moved"]:
            severity = "warn"
        numbers = {
            name: row[name] for name in ("rate_before", "n_before", "rate_now", "lower_now", "upper_now", "n_now")
        }
        words = _text(partial(rate_words, row, moved.thresholds.rate_points))
        yield Alert(token, severity, words, _centre(row), row["rule_id"], numbers)


def _of_verdicts(moved: Moved) -> Iterator[Alert]:
    rows = moved.changed.filter(pl.col("scope") == "why").to_dicts()
    if any(row["key"] == "unexplained" for row in rows):
        yield Alert("verdicts_unexplained", "alarm", _text(lambda lang: say("digest.do_unexplained", lang)))
    numbers = {f"{row['key']}_{row['kind']}": row["n"] for row in rows}
    if numbers:
        yield Alert("verdicts_changed", "info", _text(partial(changed_words, moved)), numbers=numbers)


def _of_completeness(moved: Moved) -> Iterator[Alert]:
    tokens = {"fell": "completeness_fell", "lost": "table_lost"}
    for row in moved.completeness.filter(pl.col("what").is_in(list(tokens))).iter_rows(named=True):
        numbers = {"before": row["before"], "now": row["now"]}
        words = _text(partial(filled_words, row))
        yield Alert(tokens[row["what"]], "warn", words, _centre(row), numbers=numbers)


def _of_gate(moved: Moved) -> Iterator[Alert]:
    """One alert per kind of problem and centre; before the first publication no problem was new."""
    if moved.first:
        return
    for what, severity in (("appeared", "warn"), ("disappeared", "info")):
        both = zip(problems(moved, what, "en"), problems(moved, what, "fr"), strict=True)
        for (centre, *english), (_, *french) in both:
            said = {"en": english, "fr": french}
            words = _text(partial(_problem, what, centre, said))
            yield Alert(f"gate_{what}", severity, words, centre)  # type: ignore[arg-type]


def _problem(what: str, centre: str, said: Mapping[str, Sequence[str]], lang: str) -> str:
    words, places, _ = said[lang]
    return say(f"digest.problem.{what}", lang, centre=centre, words=words, place=places)


def _centre(row: Mapping[str, Any]) -> str | None:
    return None if row["centre_id"] is None else label(row["centre_id"], 100)
