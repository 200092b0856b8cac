"""The facts of a night: what arrived, what became of it, since when the state of each centre stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from scoring.core.text import Text

from .disclosure import SMALLEST

Outcome = Literal["published", "nothing_new", "kept", "failed"]
"""What a night came to. `kept`: something arrived, but the state published before stands."""
DepositKind = Literal["full", "incremental", "withdrawal"]
Fate = Literal["accepted", "withdrawn", "held", "refused"]
"""What became of a deposit. `withdrawn`: it is a withdrawal, which took effect. `held`: the quality gate keeps it back."""


@dataclass(frozen=True)
class Thresholds:
    """From when on something is told.

    - `rate_points`, `completeness_points`: a difference of a rate or of a filled share, in points
    - `stale_days`: the age of the last deposit in effect of a centre
    - `silent_days`: the age of the published state
    - `smallest_count`: the smallest count that is told
    """

    rate_points: float = 10.0
    completeness_points: float = 10.0
    stale_days: int = 35
    silent_days: int = 35
    smallest_count: int = SMALLEST


@dataclass(frozen=True)
class Deposit:
    """A deposit that was looked at in a night.

    `kind` is None where it could not be read.
    `why` says in both languages why it was held or refused; `details` are the messages of the software, in English.
    """

    centre: str
    name: str
    kind: DepositKind | None
    extraction_date: date | None
    fate: Fate
    why: Text | None = None
    details: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether it did not take effect."""
        return self.fate in ("held", "refused")


@dataclass(frozen=True)
class CentreState:
    """A centre after a night: the extraction date of its last deposit in effect, and since when its state stands."""

    centre: str
    name: str = ""
    last_deposit: date | None = None
    state_since: date | None = None


@dataclass(frozen=True)
class Night:
    """One night. `published_at` is when the state that readers see now was published; None: there is none yet."""

    run: str
    at: datetime
    outcome: Outcome
    why: Text | None = None
    details: tuple[str, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    centres: tuple[CentreState, ...] = ()
    published_at: datetime | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def stopped(self) -> tuple[Deposit, ...]:
        """The deposits that were held or refused."""
        return tuple(deposit for deposit in self.deposits if deposit.stopped)

    @property
    def arrived(self) -> tuple[Deposit, ...]:
        """The deposits that took effect."""
        return tuple(deposit for deposit in self.deposits if not deposit.stopped)

    def age(self, day: date | None) -> int | None:
        """Days from a date to this night; a date after it, by a clock that went back, is no age below zero."""
        return None if day is None else max(0, (self.at.date() - day).days)

    @property
    def stale(self) -> tuple[CentreState, ...]:
        """The centres without a deposit in effect, or whose last one is older than is allowed."""
        ages = ((centre, self.age(centre.last_deposit)) for centre in self.centres)
        return tuple(centre for centre, age in ages if age is None or age > self.thresholds.stale_days)

    @property
    def silent_for(self) -> int | None:
        """Days since anything was published, where that is longer than is allowed."""
        age = self.age(self.published_at.date()) if self.published_at else None
        return age if age is not None and age > self.thresholds.silent_days else None
