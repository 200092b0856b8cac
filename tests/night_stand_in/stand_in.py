"""A night of three small steps, for the tests of its schedule: what it does is written in `script` beside the inbox.

Each line of the script is `<step> <what>`: `wait` waits until the file `go` is there, `fail` raises an unexpected error that
tells a patient, `pass` raises an error that passes with the first try, `full` one that does not.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.nightly.alerts import Alert
from pipelines.nightly.home import Home, locked
from scoring.core.text import Text

SECRET = "C01-P000012"


@dataclass
class Outcome:
    kind: str = "published"
    alerts: list[Alert] = field(
        default_factory=lambda: [Alert("stale", "warn", Text("C02: 40 days", "C02 : 40 jours"), "C02")]
    )
    run: str | None = "20261126-0200"
    digest: Path | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"accepted": 2, "refused": 0})
    exit_code: int = 0


class Night:
    def __init__(self, home: Home) -> None:
        self.home = home
        self.config = home.config
        self.run_id = "20261126-0200"

    def outcome(self) -> Outcome:
        return Outcome(digest=self.home.root / "digest.html")


class Step:
    def __init__(self, name: str) -> None:
        self.name = name
        self.__doc__ = f"Do the {name}."

    def __call__(self, night: Night) -> None:
        note(night.home, f"{self.name} began")
        for line in script(night.home):
            name, what = line.split()
            if name == self.name:
                ACTS[what](night.home)
        note(night.home, f"{self.name} ended")


def script(home: Home) -> list[str]:
    path = home.root / "script"
    return path.read_text().splitlines() if path.exists() else []


def note(home: Home, line: str) -> None:
    with (home.root / "noted").open("a") as notes:
        notes.write(f"{line}\n")


def noted(home: Home) -> list[str]:
    path = home.root / "noted"
    return path.read_text().splitlines() if path.exists() else []


def wait(home: Home) -> None:
    while not (home.root / "go").exists():
        time.sleep(0.1)


def fail(home: Home) -> None:
    raise ValueError(f"{SECRET} cannot be added")


def once(home: Home) -> None:
    if noted(home).count("judge began") == 1:
        raise OSError(errno.ESTALE, "Stale file handle", str(home.inbox))


def full(home: Home) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(home.store))


ACTS: dict[str, Callable[[Home], None]] = {"wait": wait, "fail": fail, "pass": once, "full": full}
STEPS = (Step("look"), Step("judge"), Step("publish"))


def direct(step: Step, night: Night) -> None:
    step(night)


def run(home: Home, around: Callable[[Step, Any], None] = direct) -> Night:
    with locked(home, "nightly run"):
        night = Night(home)
        for step in STEPS:
            around(step, night)
    return night
