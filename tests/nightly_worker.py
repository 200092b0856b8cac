"""A process that works in a nightly store until it is killed, and writes down what it was told had been done."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from pipelines.nightly import backup, deposits, erase, facts, housekeeping, runs
from pipelines.nightly.home import Home, locked
from tests.nightly_store import accepted

CHAIN = 3
"""How many of the newest deposits are published."""


CALLS = ("write", "link", "rename", "symlink", "unlink", "rmdir", "mkdir")
"""The calls by which files appear, move and go."""


def work(root: Path, seed: int, dies_at: int | None) -> None:
    """Accept, publish, roll back, prune, erase and back up, in random order, for ever, or to so many of these calls."""
    os.fsync = lambda descriptor: None  # a killed process loses nothing that it wrote; only a power cut does
    rng = Random(seed)
    home = Home.at(root)
    with locked(home, "test"):
        if dies_at is not None:
            die_at(dies_at)
        runs.recover(home)
        for k in range(1000):
            step = rng.choices([accept, publish, roll_back, prune, forget, copy], [4, 4, 1, 1, 2, 1])[0]
            step(home, rng, f"{seed}-{k}")


def die_at(call: int) -> None:
    """Have this process killed just before, or just after, it makes that many calls that change files."""
    made = 0

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal made
            made += 1
            if made == call and call % 2:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return change(*args, **kwargs)
            finally:  # a call that fails is one of them
                if made == call:
                    os.kill(os.getpid(), signal.SIGKILL)

        return run

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def note(home: Home, *words: str) -> None:
    """Write a line into the diary, at once and as a whole."""
    descriptor = os.open(home.root.with_name("diary"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (" ".join(words) + "\n").encode())
    os.close(descriptor)


def accept(home: Home, rng: Random, name: str) -> None:
    patients = [f"P{name}", f"P{rng.randrange(5)}"]
    note(home, "accepted", accepted(home, name, patients, day=f"2026-06-{rng.randrange(1, 30):02}"))


def publish(home: Home, rng: Random, name: str) -> None:
    chain = list(facts.standing(home.ledger.entries()).deposits)[-CHAIN:]
    folder = home.work / runs.new_run(home)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out" / "results").mkdir(parents=True)
    for part in ("a", "b", "c"):
        (folder / "out" / "results" / part).write_text(text_of(home, chain))
    note(home, "published", runs.publish(home, folder, chains={"C1": chain}, held={}))
    runs.recover(home)


def text_of(home: Home, chain: list[str]) -> str:
    """What a run over these deposits says: the patients in them."""
    found = set[str]()
    for deposit in chain:
        folder = home.deposits / deposit
        found |= set(deposits.patients(folder, deposits.load(folder)))
    return " ".join([*sorted(found), "end"])


def roll_back(home: Home, rng: Random, name: str) -> None:
    entries = home.ledger.entries()
    kept = [run for run in facts.published(entries) if (home.runs / run).is_dir()]
    kept = [run for run in kept if run != facts.standing(entries).run]
    if kept:
        runs.roll_back(home, rng.choice(kept))


def prune(home: Home, rng: Random, name: str) -> None:
    housekeeping.retention(home)


def forget(home: Home, rng: Random, name: str) -> None:
    patient = f"P{rng.randrange(5)}"
    note(home, "erasing", patient)
    erase.erase(home, [patient])
    note(home, "erased", patient)


def copy(home: Home, rng: Random, name: str) -> None:
    backup.backup(home, home.root.with_name(f"{name}.tar"))
    note(home, "copied", f"{name}.tar")
