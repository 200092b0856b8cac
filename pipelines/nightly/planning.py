"""What a night is to publish: the deposits in effect of every centre, those that are held back, and whether anything is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from . import deposits, facts
from .chain import sorted_out
from .deposits import Deposit
from .home import Home
from .ledger import Entry

ENDS = ("published", "kept", "rolled_back")
"""Entries with which a night ends that came to something."""


@dataclass(frozen=True)
class Hold:
    """Why a deposit is held back, in both languages and in the words of the software, and what it was judged with.

    It is judged again when the deposits of its centre, the configuration or the version are others.
    """

    en: str
    fr: str
    details: tuple[str, ...]
    judged_with: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Hold:
        """A hold as the ledger says it."""
        return cls(said["en"], said["fr"], tuple(said["details"]), said["judged_with"])

    @property
    def said(self) -> dict[str, Any]:
        """The hold for the ledger."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """The deposits that stand, centre by centre in the order of acceptance, and those of them that are held back."""

    sent: Mapping[str, tuple[Deposit, ...]]
    held: Mapping[str, Hold] = field(default_factory=dict)

    @property
    def chains(self) -> dict[str, tuple[Deposit, ...]]:
        """The deposits in effect of every centre that has any."""
        found = {
            centre: sorted_out([one for one in sent if one.id not in self.held]) for centre, sent in self.sent.items()
        }
        return {centre: kept.chain for centre, kept in found.items() if kept.chain}

    @property
    def named(self) -> dict[str, list[str]]:
        """The deposits in effect, by id."""
        return {centre: [deposit.id for deposit in chain] for centre, chain in self.chains.items()}


def sent(home: Home, entries: Sequence[Entry]) -> dict[str, tuple[Deposit, ...]]:
    """The deposits that stand, centre by centre in the order of acceptance."""
    found: dict[str, list[Deposit]] = {}
    for deposit_id, entry in facts.standing(entries).deposits.items():
        found.setdefault(entry.facts["centre"], []).append(deposits.load(home.deposits / deposit_id))
    return {centre: tuple(found[centre]) for centre in sorted(found)}


def plan(home: Home, entries: Sequence[Entry]) -> Plan:
    """What is to be published; what was held back stays so while nothing that it was judged with changes."""
    standing = sent(home, entries)
    last = last_end(entries)
    before: Mapping[str, Any] = last.facts.get("held", {}) if last else {}
    held = {}
    for kept in standing.values():
        mark = judged_with(home, kept)
        for deposit in kept:
            if before.get(deposit.id, {}).get("judged_with") == mark:
                held[deposit.id] = Hold.of(before[deposit.id])
    return Plan(standing, held)


def judged_with(home: Home, kept: Sequence[Deposit]) -> str:
    """A fingerprint of what decides whether a deposit of this centre is held back."""
    return _digest([[deposit.id for deposit in kept], home.config.fingerprint, version("osteoconcord")])


def signature(home: Home, standing: Mapping[str, Sequence[Deposit]]) -> str:
    """A fingerprint of all that a night's result depends on: a night with that of the last one has nothing to do."""
    named = {centre: [deposit.id for deposit in kept] for centre, kept in standing.items()}
    return _digest([named, home.config.fingerprint, version("osteoconcord")])


def last_end(entries: Sequence[Entry]) -> Entry | None:
    """The last entry with which a night ended; of a rollback, the entry of the run that it went back to."""
    for entry in reversed(entries):
        if entry.kind == "rolled_back":
            return facts.published(entries)[entry.facts["to"]]
        if entry.kind in ENDS:
            return entry
    return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8")).hexdigest()
