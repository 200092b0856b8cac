"""What follows from the ledger: which deposits stand, what was refused, which run is in force. Pure functions of entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .ledger import Entry


@dataclass(frozen=True)
class Standing:
    """What stands after the last entry.

    - `deposits`: the accepted deposits that stand, by id, in the order of acceptance
    - `set_aside`: deposits that a rollback took out of the chains; they stay in the store
    - `run`: the run in force; None before the first publication
    """

    deposits: dict[str, Entry] = field(default_factory=dict)
    set_aside: frozenset[str] = frozenset()
    run: str | None = None


def standing(entries: Iterable[Entry]) -> Standing:
    """What stands. A rollback brings back what stood when that run was published; later withdrawals are set aside too."""
    accepted: dict[str, Entry] = {}
    now = frozenset[str]()
    run: str | None = None
    at_run: dict[str, frozenset[str]] = {}
    for entry in entries:
        match entry.kind:
            case "accepted":
                accepted[entry.facts["deposit"]] = entry
                now |= {entry.facts["deposit"]}
            case "published":
                run = entry.facts["run"]
                at_run[run] = now
            case "rolled_back":
                run = entry.facts["to"]
                now = at_run[run]
    return Standing(
        {deposit: entry for deposit, entry in accepted.items() if deposit in now},
        frozenset(accepted) - now,
        run,
    )


def accepted(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Every deposit that was ever accepted, by id."""
    return {entry.facts["deposit"]: entry for entry in entries if entry.kind == "accepted"}


def refused(entries: Iterable[Entry]) -> set[tuple[str, str, str]]:
    """(centre, name, fingerprint) of what was refused and is not tried again as it is."""
    return {
        (entry.facts["centre"], entry.facts["name"], entry.facts["fingerprint"])
        for entry in entries
        if entry.kind == "refused"
    }


def published(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Every run that was published, by id, in order."""
    return {entry.facts["run"]: entry for entry in entries if entry.kind == "published"}


def current(entries: Sequence[Entry]) -> Entry | None:
    """The entry by which the run in force was published; None before the first publication."""
    run = standing(entries).run
    return None if run is None else published(entries)[run]


def pruned(entries: Iterable[Entry]) -> set[str]:
    """The runs whose files were removed."""
    return {run for entry in entries if entry.kind == "pruned" for run in entry.facts["runs"]}
