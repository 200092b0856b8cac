"""What people find in the morning: the page of the night, the events for programs, and a receipt for every deposit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from reports import night as words
from reports.data import Standing
from reports.digest import digest_page
from reports.moved import Moved, moved
from scoring.core.text import Text

from . import alerts, deposits, facts, planning, receipts
from .deposits import Deposit
from .durable import make_folder, write_bytes, write_json
from .ledger import Entry
from .tonight import Night, Outcome

FOLDER = "night"
PAGE = "digest.html"
EVENTS = "events.json"

NOT_TAKEN = Text("it cannot be taken in as it is", "il ne peut pas être pris en compte tel quel")
FAILED = Text("an error ended the run", "une erreur a mis fin au traitement")


def outcome(night: Night) -> Outcome:
    """How a night ended, as its events say it."""
    events = json.loads((night.home.root / EVENTS).read_text("utf-8"))
    fates = [deposit["fate"] for deposit in events["deposits"]]
    return Outcome(
        events["outcome"],
        tuple(alerts.Alert(**alert | {"words": Text(**alert["words"])}) for alert in events["alerts"]),
        night.run_id or None,
        night.home.root / PAGE,
        {fate: fates.count(fate) for fate in ("accepted", "withdrawn", "held", "refused")},
        events["exit_code"],
    )


def write(night: Night, touched: pl.DataFrame) -> None:
    """The page and the events of a night that is to publish its run, beside the run."""
    limits = thresholds(night)
    found = moved(night.before.out if night.before else None, night.out, touched, limits)
    _write(night.work / FOLDER, facts_of(night, "published"), found, night.config.language)


def tell(night: Night) -> None:
    """Show how the night ended, give every deposit its receipt, and note in the ledger that the night is over."""
    said = facts_of(night, "published" if night.published else "kept" if night.kept else "nothing_new")
    if night.published:
        shown = night.home.runs / night.run_id / FOLDER
        for name in (PAGE, EVENTS):
            write_bytes(night.home.root / name, (shown / name).read_bytes())
    else:
        _write(night.home.root, said, None, night.config.language)
    receipts.write(night, said.deposits)
    night.home.ledger.append("told", outcome=said.outcome, run=said.run)


def failed(night: Night, error: Exception) -> None:
    """Note that the night failed and say so on the page; where not even that can be written, the error itself must do."""
    from pipelines.console import exit_code

    told = tuple(str(error).splitlines()) if exit_code(error) is not None else (type(error).__name__,)
    with suppress(OSError):
        night.home.ledger.append("failed", error=type(error).__name__)
        said = replace(facts_of(night, "failed"), why=FAILED, details=told)
        _write(night.home.root, said, None, night.config.language)


def _write(folder: Path, said: words.Night, found: Moved | None, lang: str) -> None:
    make_folder(folder)
    write_bytes(folder / PAGE, digest_page(found, said, lang).encode("utf-8"))
    write_json(folder / EVENTS, alerts.events(said, alerts.alerts(found, said)))


# The facts of the night


def facts_of(night: Night, kind: words.Outcome) -> words.Night:
    """The night for the page and the alerts."""
    entries = night.entries
    last = facts.current(entries)
    published = night.began if kind == "published" else _at(last) if last else None
    return words.Night(
        run=night.run_id or (last.facts["run"] if last else ""),
        at=night.began,
        outcome=kind,
        why=Text(night.kept.en, night.kept.fr) if night.kept else None,
        details=night.kept.details if night.kept else (),
        deposits=tuple(deposits_of(night, entries)),
        centres=tuple(_centres(night)),
        published_at=published,
        thresholds=thresholds(night),
    )


def thresholds(night: Night) -> words.Thresholds:
    """From when on something is told."""
    given = night.config.alerts
    return words.Thresholds(
        rate_points=given.rate_points,
        completeness_points=given.completeness_points,
        stale_days=given.stale_days,
        silent_days=given.silent_days,
    )


def tonight(entries: Sequence[Entry]) -> list[Entry]:
    """What came since the last night ended."""
    ends = [number for number, entry in enumerate(entries) if entry.kind == "told"]
    return list(entries[ends[-1] + 1 :]) if ends else list(entries)


def deposits_of(night: Night, entries: Sequence[Entry]) -> list[words.Deposit]:
    """The deposits that came tonight, and those that are held back."""
    held = dict(night.plan.held) if night.plan else planning.plan(night.home, entries).held
    found = []
    for entry in tonight(entries):
        if entry.kind == "refused":
            name, why = (entry.facts["centre"], entry.facts["name"]), NOT_TAKEN
            found.append(words.Deposit(*name, None, None, "refused", why, tuple(entry.facts["problems"])))
        elif entry.kind == "accepted" and entry.facts["deposit"] not in held:
            found.append(_told(deposits.load(night.home.deposits / entry.facts["deposit"])))
    for deposit, hold in held.items():
        one = _told(deposits.load(night.home.deposits / deposit))
        found.append(replace(one, fate="held", why=Text(hold.en, hold.fr), details=hold.details))
    return found


def _told(deposit: Deposit) -> words.Deposit:
    fate: words.Fate = "withdrawn" if deposit.kind == "withdrawal" else "accepted"
    return words.Deposit(deposit.centre, deposit.name, deposit.kind, deposit.extraction_date, fate)


# Centres


def standing(night: Night) -> dict[str, Standing]:
    """The date of each centre's last deposit in effect, and since when its state stands."""
    chains = night.plan.chains if night.plan else night.before.chains if night.before else {}
    return {
        centre: Standing(chain[-1].extraction_date, _since(night, centre, [deposit.id for deposit in chain]))
        for centre, chain in chains.items()
    }


def _since(night: Night, centre: str, chain: list[str]) -> date:
    """When these deposits of the centre were first published without a change since."""
    since = night.began.date()
    entry = facts.current(night.entries)
    published = facts.published(night.entries)
    while entry is not None and entry.facts["chains"].get(centre) == chain:
        since = _at(entry).date()
        entry = published.get(entry.facts["parent"] or "")
    return since


def _centres(night: Night) -> list[words.CentreState]:
    """Every centre that ever sent a deposit which stands, or that the audit lists."""
    stands = standing(night)
    run = night.run if night.run_id else None
    names = run.centres if run else {}
    sent = planning.sent(night.home, night.entries)
    return [
        words.CentreState(
            centre,
            names.get(centre, ""),
            stands[centre].last_deposit if centre in stands else None,
            stands[centre].since if centre in stands else None,
        )
        for centre in sorted({*stands, *sent})
    ]


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.at)
