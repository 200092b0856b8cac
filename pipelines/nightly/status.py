"""How a network stands, from its ledger and what is published. No patient in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from . import facts, housekeeping, planning, troubles
from .chain import sorted_out
from .errors import HomeError
from .home import Home
from .ledger import Entry
from .lock import owner_of

EVENTS = "events.json"

ENDED = ("told", "failed", "rolled_back")
"""Kinds of entries with which a night, or what stands for one, ended."""
RUNS_SHOWN = 10


def status_of(home: Home) -> dict[str, Any]:
    """The last runs, each centre's freshness, what does not stand and why, the size of the store."""
    entries = home.ledger.entries()
    stands = facts.standing(entries)
    now = facts.current(entries)
    owner = owner_of(home)
    return {
        "home": str(home.root),
        "at_work": None if owner is None else str(owner),
        "published": None if now is None else {"run": now.facts["run"], "at": now.at},
        "runs": [_run(entry) for entry in entries if entry.kind in ENDED][-RUNS_SHOWN:][::-1],
        "centres": _centres(home, stands, _up_to(now, entries)),
        "night": _night(home),
        "held": _held(planning.last_end(entries)),
        "refused": _refused(entries),
        "set_aside": sorted(stands.set_aside),
        **_out_of_effect(home, entries),
        "troubles": troubles.noted(home)[-RUNS_SHOWN:][::-1],
        "sizes": housekeeping.sizes(home),
    }


def _up_to(now: Entry | None, entries: Sequence[Entry]) -> list[Entry]:
    """The run in force and those that were in force before it, the newest first."""
    published, found = facts.published(entries), []
    while now is not None:
        found.append(now)
        now = published.get(now.facts.get("parent") or "")
    return found


def _run(entry: Entry) -> dict[str, Any]:
    said = {name: entry.facts[name] for name in ("run", "to", "step", "error") if name in entry.facts}
    return {"at": entry.at, "kind": entry.facts.get("outcome", entry.kind), "by": entry.by, **said}


def _centres(home: Home, stands: facts.Standing, published: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every centre with a deposit that stands: its last deposit in effect, and since when its state is published."""
    rows = _rows(home)
    kept: dict[str, list[Entry]] = {}
    for deposit in stands.deposits.values():
        kept.setdefault(deposit.facts["centre"], []).append(deposit)
    return [
        {
            "centre": centre,
            "deposits": len(found),
            **_in_effect(centre, found, published),
            **rows.get(centre, {"read": None, "quarantined": None}),
        }
        for centre, found in sorted(kept.items())
    ]


def _in_effect(centre: str, kept: Sequence[Entry], published: Sequence[Entry]) -> dict[str, Any]:
    """`published` are the runs up to the one in force, the newest first."""
    chains = [entry.facts["chains"].get(centre) for entry in published]
    if not chains or not chains[0]:
        return {"extraction_date": None, "since": None}
    dates = {entry.facts["deposit"]: entry.facts["extraction_date"] for entry in kept}
    same = next((n for n, chain in enumerate(chains) if chain != chains[0]), len(chains))
    return {"extraction_date": dates.get(chains[0][-1]), "since": published[same - 1].at[:10]}


def _rows(home: Home) -> dict[str, dict[str, int]]:
    """Rows read and in quarantine per centre, in what is published."""
    import polars as pl

    path = home.published / "quality" / "counts.parquet"
    if not path.exists():
        return {}
    counts = pl.read_parquet(path, glob=False).group_by("centre_id").agg(pl.col("read", "quarantined").sum())
    return {centre: {"read": read, "quarantined": quarantined} for centre, read, quarantined in counts.iter_rows()}


def _out_of_effect(home: Home, entries: Sequence[Entry]) -> dict[str, list[str]]:
    """The deposits that were withdrawn, and the incremental ones that wait for a full one; `verify` tells of damaged ones."""
    try:
        found = [sorted_out(kept) for kept in planning.sent(home, entries).values()]
    except HomeError:
        return {"withdrawn": [], "waiting": []}
    return {
        "withdrawn": [deposit.id for one in found for deposit in one.withdrawn],
        "waiting": [deposit.id for one in found for deposit in one.waiting],
    }


def _held(last: Entry | None) -> list[dict[str, Any]]:
    held = {} if last is None else last.facts.get("held", {})
    return [{"deposit": deposit, "why": why["en"], "details": why["details"]} for deposit, why in sorted(held.items())]


def _night(home: Home) -> dict[str, Any] | None:
    """What the last night told: a headline and its alerts, in English; None before the first."""
    try:
        events = json.loads((home.root / EVENTS).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    told = [f"{alert['severity']}: {alert['words']['en']}" for alert in events["alerts"]]
    return {"at": events["at"], "headline": events["headline"]["en"], "alerts": told}


def _refused(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The last refusal of each deposit that was not accepted later under the same name."""
    last: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.kind in ("refused", "accepted"):
            last[entry.facts["centre"], entry.facts["name"]] = entry
    return [
        {"centre": centre, "name": name, "at": entry.at, "problems": list(entry.facts["problems"])}
        for (centre, name), entry in sorted(last.items())
        if entry.kind == "refused"
    ]
