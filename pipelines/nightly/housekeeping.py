"""What is kept for how long, and how much space it takes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import facts
from .durable import discard
from .home import Home
from .lock import must_hold


@dataclass(frozen=True)
class Pruned:
    """The runs and the raw deposits whose files were removed."""

    runs: tuple[str, ...]
    raw: tuple[str, ...]


def retention(home: Home) -> Pruned:
    """Remove the files of runs and raw deposits that are kept no longer. The run in force and the newest always stay.

    The entry of the ledger comes first: a removal that was interrupted goes on next time.
    """
    must_hold(home)
    entries = home.ledger.entries()
    published = list(facts.published(entries))
    kept = {*published[-home.config.keep.runs :], facts.standing(entries).run}
    runs = tuple(run for run in published if run not in kept and (home.runs / run).exists())
    raw = tuple(
        deposit
        for deposit, entry in facts.accepted(entries).items()
        if (home.raw / deposit).exists() and _is_old(entry.at, home.config.keep.raw_days)
    )
    if runs or raw:
        home.ledger.append("pruned", runs=runs, raw=raw)
    for path in (*(home.runs / run for run in runs), *(home.raw / deposit for deposit in raw)):
        discard(path, home.work)
    return Pruned(runs, raw)


def _is_old(at: str, days: int) -> bool:
    return days == 0 or datetime.now(UTC) - datetime.fromisoformat(at) > timedelta(days=days)


def sizes(home: Home) -> dict[str, int]:
    """Bytes of every part of the store, of all of it (`total`), and those that are free on its disk (`free`)."""
    parts = (home.deposits, home.raw, home.runs, home.ledger_folder, home.work)
    found = {part.name: _size(part) for part in parts}
    return found | {"total": _size(home.store), "free": shutil.disk_usage(home.store).free}


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
