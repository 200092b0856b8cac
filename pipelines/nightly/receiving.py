"""From the inbox into the store: every complete deposit is converted and accepted, or refused with the reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.ingest import ExtractError, Problem
from pipelines.ingest.discovery import DECLARATION
from pipelines.ingest.model import close_match
from pipelines.run import pseudonym_key

from . import deposits, erased, facts, inbox, planning, runs
from .chain import sorted_out
from .deposits import Deposit
from .durable import discard, write_json
from .erased import Erased
from .home import Home
from .inbox import Found
from .ledger import Entry

SEEN = "seen.json"
"""In the store: what was seen in the inbox, so that no file is hashed twice. It may be lost."""


def receive(home: Home, now: datetime) -> list[Found]:
    """Take in what is complete in the inbox and was not taken in before; returns what is not complete yet.

    A deposit is accepted once its entry stands in the ledger. What fails for one deposit does not stop the others.
    """
    seen = _seen(home)
    found = inbox.look(home.inbox, home.config.quiet_minutes, seen, now)
    known = _known(home.ledger.entries())
    for one in found:
        if one.state == "growing" or (one.centre, one.name, one.fingerprint) in known:
            continue
        if one.state == "refused":
            _refuse(home, one, [one.problem])
        elif before := _taken_before(home, one):
            # A copy that lay in the inbox must not bring back what its centre, or a rollback, took out of effect.
            if (one.centre, one.fingerprint) not in _in_force(home):
                _refuse(home, one, [_AGAIN.format(before=before)])
        else:
            _take(home, one)
    write_json(home.store / SEEN, seen)
    return [one for one in found if one.state == "growing"]


def _known(entries: Sequence[Entry]) -> set[tuple[str, str, str]]:
    """Centre, name and fingerprint of what was accepted or refused before."""
    taken = {
        (entry.facts["centre"], entry.facts["name"], entry.facts["fingerprint"])
        for entry in facts.accepted(entries).values()
    }
    return taken | facts.refused(entries)


_AGAIN = (
    "the same content was taken in before as {before}, and was taken out of effect by a withdrawal or a rollback; to send it "
    "again all the same, give it another extraction date"
)


def _taken_before(home: Home, found: Found) -> str | None:
    """The name under which the centre sent the same content before; None if it did not."""
    entries = facts.accepted(home.ledger.entries()).values()
    mark = (found.centre, found.fingerprint)
    names = [one.facts["name"] for one in entries if (one.facts["centre"], one.facts["fingerprint"]) == mark]
    return names[0] if names else None


def _in_force(home: Home) -> set[tuple[str, str]]:
    """Centre and fingerprint of the deposits that nobody took back."""
    found = set()
    for centre, kept in planning.sent(home, home.ledger.entries()).items():
        withdrawn = {deposit.id for deposit in sorted_out(kept).withdrawn}
        found |= {(centre, deposit.fingerprint) for deposit in kept if deposit.id not in withdrawn}
    return found


def _seen(home: Home) -> dict[str, Any]:
    try:
        seen = json.loads((home.store / SEEN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _take(home: Home, found: Found) -> None:
    work, raw = (home.work / f"{kind}-{found.fingerprint[:16]}" for kind in ("deposit", "raw"))
    discard(work, home.work)
    try:
        deposit = deposits.convert(found, work, pseudonym_key(home.config.pseudonym_key_env))
    except ExtractError as error:
        discard(work, home.work)
        if not _changed(found):
            _refuse(home, found, [str(problem) for problem in error.problems])
        return
    if problem := _withdraws_nothing(home, deposit):
        discard(work, home.work)
        _refuse(home, found, [str(problem)])
        return
    held_erased = erased.strip(work, Erased.of(home))
    # Files as they were received hold the identifiers that a key replaces, and the patients who were erased.
    keep = home.config.keep.raw_days > 0 and home.config.pseudonym_key_env is None and not held_erased
    if keep:
        _copy(found.path, raw, home)
    runs.accept(home, deposit.id, work, raw if keep else None, **_accepted(found, deposits.load(work)))


def _withdraws_nothing(home: Home, deposit: Deposit) -> Problem | None:
    """A problem if a withdrawal names no deposit that it could take back: its centre would think that it did."""
    if deposit.kind != "withdrawal":
        return None
    kept = sorted_out(planning.sent(home, home.ledger.entries()).get(deposit.centre, ()))
    names = [one.name for one in (*kept.chain, *kept.waiting, *kept.superseded)]
    if deposit.withdraws in names:
        return None
    expected = f"one of {', '.join(names)}" if names else "the name of a deposit that was taken in before"
    hint = close_match(deposit.withdraws or "", names)
    return Problem(
        f"{deposit.centre}/{deposit.name}/{DECLARATION}", "it withdraws no deposit that is here", expected, hint
    )


def _changed(found: Found) -> bool:
    """Whether the deposit is another one than it was when it was looked at: it is taken in by a later night."""
    try:
        return inbox.fingerprint(found.path) != found.fingerprint
    except OSError:
        return True


def _copy(source: Path, raw: Path, home: Home) -> None:
    discard(raw, home.work)
    raw.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, raw / source.name)
    else:
        shutil.copyfile(source, raw / source.name)


def _accepted(found: Found, deposit: Deposit) -> dict[str, Any]:
    return {
        "centre": deposit.centre,
        "name": deposit.name,
        "deposit_kind": deposit.kind,
        "extraction_date": deposit.extraction_date.isoformat(),
        "fingerprint": found.fingerprint,
        "files": [
            {"path": kept.file.path, "table": kept.file.table, "sha256": kept.file.sha256, "rows": kept.file.rows}
            for kept in deposit.kept
        ],
    }


def _refuse(home: Home, found: Found, problems: Sequence[str]) -> None:
    home.ledger.append(
        "refused", centre=found.centre, name=found.name, fingerprint=found.fingerprint, problems=list(problems)
    )
