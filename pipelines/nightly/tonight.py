"""One night on its way: what it found, what it is to publish, and the run that it makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.run import DATABASE, Request, Run

from . import deposits, erase, facts, planning, runs, state
from .assemble import Assembled, Chains, Known
from .durable import write_json
from .home import Home
from .inbox import Found
from .ledger import Entry
from .planning import Hold, Plan

if TYPE_CHECKING:
    from reports.data import ReportData, Standing

    from .alerts import Alert

PROGRESS = "progress.json"


class NightRun(Run):
    """The audit of a night, whose reports say since when the state of each centre stands."""

    standing: dict[str, Standing]

    @cached_property
    def report_data(self) -> ReportData:
        """All that the reports are made of."""
        return replace(super().report_data, standing=self.standing)


@dataclass(frozen=True)
class Outcome:
    """How a night ended. `kind` is one of `reports.night.Outcome`; `counts` are deposits by what became of them."""

    kind: str
    alerts: tuple[Alert, ...]
    run: str | None
    digest: Path
    counts: dict[str, int]
    exit_code: int


@dataclass(frozen=True)
class Before:
    """The run in force: its entry in the ledger, its folder, and the deposits that were in effect."""

    entry: Entry
    folder: Path
    chains: Chains

    @property
    def out(self) -> Path:
        """The audit that it published."""
        return self.folder / runs.OUT

    @property
    def state(self) -> Path:
        """What it left for the next run."""
        return self.folder / runs.STATE


class Night:
    """One night on its way. A plain class, so that Prefect does not walk through the frames.

    - `recovered`: what the run before left undone and was put in order
    - `anew`: nothing of the run in force may be used, because it holds an erased patient
    - `growing`: what lies in the inbox and is not complete yet
    - `plan`: what is to be published; None where nothing is new
    - `kept`: why the state of before stands although something arrived
    - `run_id`: the run that is made; empty where none is
    - `published`: whether that run is in force now
    """

    def __init__(self, home: Home, recovered: Sequence[str] = ()) -> None:
        self.home = home
        self.config = home.config
        self.recovered = tuple(recovered)
        self.anew = erase.must_rebuild(home)
        self.began = datetime.now(UTC)
        self.growing: list[Found] = []
        self.plan: Plan | None = None
        self.kept: Hold | None = None
        self.run_id = ""
        self.published = False
        self.assembled: Assembled | None = None

    @property
    def entries(self) -> list[Entry]:
        """The ledger as it is now."""
        return self.home.ledger.entries()

    # The run in force

    @cached_property
    def before(self) -> Before | None:
        """The run in force when the night began, if its files are there and whole."""
        entry = facts.current(self.entries)
        if entry is None or runs.damage(self.home, entry.facts["run"]):
            return None
        folder = self.home.runs / entry.facts["run"]
        chains = {
            centre: tuple(deposits.load(self.home.deposits / one) for one in ids)
            for centre, ids in entry.facts["chains"].items()
        }
        return Before(entry, folder, chains)

    @property
    def same_request(self) -> bool:
        """Whether the run in force was made by this version with this configuration."""
        if self.before is None:
            return False
        entry = self.before.entry
        return (entry.facts["config"], entry.version) == (self.config.fingerprint, version("osteoconcord"))

    @cached_property
    def was(self) -> Known | None:
        """What the run in force knows of the network; None where that cannot be used."""
        if self.before is None:
            return None
        try:
            return state.load(self.before.out / DATABASE, self.before.state)
        except state.StateError:
            return None

    # The run that is made

    @property
    def work(self) -> Path:
        """Where the run is made, or lies once it is published."""
        return (self.home.runs if self.published else self.home.work) / self.run_id

    @property
    def out(self) -> Path:
        """The audit that is made."""
        return self.work / runs.OUT

    @property
    def state(self) -> Path:
        """What the run leaves for the next one."""
        return self.work / runs.STATE

    @property
    def request(self) -> Request:
        """What is asked of the audit."""
        return request_of(self.home, self.out)

    @cached_property
    def run(self) -> NightRun:
        """The audit that is made; what finished steps made is read back."""
        from . import morning, rejudge

        run = NightRun(self.request, self.out)
        if self.assembled is not None:
            run.intake = self.assembled.intake
        run.standing = morning.standing(self)
        if "judge" in self.finished:
            done = rejudge.load(run, self.state)
            run.scores, run.decided = done.scores, done.decided
        return run

    def outcome(self) -> Outcome:
        """How it ended."""
        from . import morning

        return morning.outcome(self)

    # Progress

    @property
    def signature(self) -> str:
        """What the result of this night depends on."""
        assert self.plan is not None
        return planning.signature(self.home, self.plan.sent)

    @property
    def finished(self) -> list[str]:
        """The steps that the run has behind it."""
        return list(_progress(self.work).get("finished", ()))

    def finish(self, step: str) -> None:
        """Note that a step is done."""
        assert self.plan is not None
        held = {deposit: hold.said for deposit, hold in self.plan.held.items()}
        done = {"signature": self.signature, "held": held, "finished": [*self.finished, step]}
        write_json(self.work / PROGRESS, done)

    def begin(self) -> None:
        """Go on with the unfinished run of this plan, if there is one; else begin a new one."""
        assert self.plan is not None
        for folder in sorted(self.home.work.iterdir()):
            found = _progress(folder)
            if found.get("signature") == self.signature:
                self.run_id = folder.name
                self.plan = replace(self.plan, held={one: Hold.of(said) for one, said in found["held"].items()})
                return
        self.run_id = runs.new_run(self.home)


def request_of(home: Home, out: Path) -> Request:
    """What the configuration asks of an audit."""
    config = home.config
    return Request(
        extracts=(),
        out=out,
        lang=config.language,
        rules=config.rules,
        overrides=dict(config.overrides),
        gate=dict(config.gate_values),
    )


def _progress(work: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((work / PROGRESS).read_text("utf-8")))
    except (OSError, ValueError):
        return {}
