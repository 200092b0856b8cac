"""The steps of a night, in order: the command runs them directly, Prefect puts a task around each.

A step that is done is not done again when a later night finds the unfinished run of the same deposits, configuration and
version.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from pipelines import audit, quality
from pipelines.run import DATABASE, Run
from scoring.recommendations import parameters

from . import (
    assemble,
    erase,
    facts,
    holding,
    housekeeping,
    merging,
    morning,
    planning,
    receiving,
    runs,
    state,
    touched,
    troubles,
)
from .assemble import Assembled
from .durable import discard
from .errors import of_the_disk
from .home import Home
from .lock import locked
from .planning import Hold
from .tonight import Night

TOUCHED = "touched.parquet"
"""In the state of a run: the patients whose data differ from the run before, and why."""


@dataclass(frozen=True)
class Step:
    """A step of a night. `of_run`: it makes a part of the run, which stands when it is done."""

    do: Callable[[Night], None]
    of_run: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return self.do.__name__

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """What it does."""
        return self.do.__doc__

    def __call__(self, night: Night) -> None:
        """Do it, unless there is nothing to do."""
        if self.of_run and (not night.run_id or night.published or self.name in night.finished):
            return
        with parameters.using(dict(night.config.overrides)):
            self.do(night)
        if self.of_run and night.run_id and not night.published:
            night.finish(self.name)


Around = Callable[[Step, Night], None]


def direct(step: Step, night: Night) -> None:
    """Run a step as it is."""
    step(night)


def receive(night: Night) -> None:
    """Take in what is complete in the inbox."""
    night.growing = receiving.receive(night.home, night.began)


def plan(night: Night) -> None:
    """Find out which deposits are in effect, and whether anything is new."""
    entries = night.entries
    found = planning.plan(night.home, entries)
    last = planning.last_end(entries)
    # A run in force that holds an erased patient, or whose files are damaged, is made again though nothing came.
    stands = not night.anew and (night.before is not None or facts.standing(entries).run is None)
    if stands and last is not None and last.facts["signature"] == planning.signature(night.home, found.sent):
        if last.kind == "kept":
            night.kept = Hold.of(last.facts["why"])
        elif last in morning.tonight(entries):
            # A night published this run and died before it could tell.
            night.plan, night.run_id, night.published = found, last.facts["run"], True
    elif found.chains or found.held:
        night.plan = found
        night.begin()


def network(night: Night) -> None:
    """Put the rows that stand together and check them; hold back deposits that may not be published."""
    assert night.plan is not None
    discard(night.work, night.home.work)
    while True:
        if held := _unchanged(night):
            _keep(night, held)
            return
        night.assembled = _assembled(night)
        night.__dict__.pop("run", None)
        gate = quality.of_registry(night.run, quality.before(_run_before(night)))
        blocked, hopeless = holding.blocked(night, gate)
        if hopeless:
            _keep(night, hopeless)
            return
        if not blocked:
            break
        night.plan = replace(night.plan, held={**night.plan.held, **blocked})
    night.out.mkdir(parents=True)
    night.state.mkdir(parents=True)
    before = night.before
    again = night.assembled.again
    if before is not None and again is not None and not state.has_grown(before.out / DATABASE, before.state):
        shutil.copyfile(before.out / DATABASE, night.out / DATABASE)
        shutil.copyfile(before.state / state.WHOLE, night.state / state.WHOLE)
        night.run.moved = again
    audit.store_registry(night.run)
    state.save(night.assembled, night.state)
    audit.measure_quality(night.run)
    audit.write_parquet(gate, night.out / quality.FILE)
    audit.write_manifest(night.run)


def score(night: Night) -> None:
    """Score every lesion, examination and patient that is new or changed."""
    _go_on(night)
    audit.score_lesions(night.run)


def judge(night: Night) -> None:
    """Judge every decision that is new or changed, count the rates, and list the cases of every centre."""
    from . import rejudge

    if "scores" not in night.run.__dict__:
        _go_on(night)
    for do in (audit.judge_decisions, audit.store_verdicts, audit.count_rates, audit.gate_verdicts, audit.list_cases):
        do(night.run)
    rejudge.save(night.run, night.state)
    state.note_size(night.out / DATABASE, night.state)


def report(night: Night) -> None:
    """Write the reports of the network and of the centres."""
    for do in (audit.write_network_report, audit.write_centre_reports, audit.write_manifest):
        do(night.run)


def compare(night: Night) -> None:
    """Find out what moved since the run before, and write the page of the morning."""
    morning.write(night, pl.read_parquet(night.state / TOUCHED, glob=False))


def publish(night: Night) -> None:
    """Put the run in force, from one instant to the next."""
    assert night.plan is not None
    runs.publish(
        night.home,
        night.work,
        request=night.request.parameters,
        chains=night.plan.named,
        held={deposit: hold.said for deposit, hold in night.plan.held.items()},
        signature=night.signature,
        config=night.config.fingerprint,
        parent=facts.standing(night.entries).run,
    )
    night.published = True
    if night.assembled is None:  # what is read back from now on lies where the run has gone
        night.__dict__.pop("run", None)


STEPS = (
    Step(receive, of_run=False),
    Step(plan, of_run=False),
    Step(network),
    Step(score),
    Step(judge),
    Step(report),
    Step(compare),
    Step(publish),
)


def run(home: Home, around: Around = direct) -> Night:
    """One night under the lock of the store: recover, do every step, tell.

    What fails is told on the page of the morning and noted in the ledger, and raised.
    """
    with locked(home, "nightly run"):
        night = Night(home, runs.recover(home))
        try:
            for step in STEPS:
                around(step, night)
        except audit.GateError as error:
            _keep(night, Hold(holding.GATE.en, holding.GATE.fr, tuple(str(error).splitlines())))
        except Exception as error:
            told = of_the_disk(error, home.work) or error
            morning.failed(night, told)
            if told is error:
                raise
            raise told from None
        morning.tell(night)
        erase.finish(home)
        housekeeping.retention(home)
        return night


# Parts of steps


def _unchanged(night: Night) -> Hold | None:
    """Why nothing is to be published: what arrived is held back, and all else is as in the run in force."""
    assert night.plan is not None
    if not night.plan.held:
        return None
    standing = night.before.entry.facts["chains"] if night.before and night.same_request else {}
    return next(iter(night.plan.held.values())) if night.plan.named == standing else None


def _keep(night: Night, why: Hold) -> None:
    """End the night without a publication."""
    assert night.plan is not None
    held = {deposit: hold.said for deposit, hold in night.plan.held.items()}
    night.home.ledger.append("kept", signature=night.signature, held=held, why=why.said)
    night.kept = why
    discard(night.work, night.home.work)
    night.run_id = ""


def _assembled(night: Night) -> Assembled:
    assert night.plan is not None
    if night.was is not None and night.before is not None and not night.anew:
        try:
            return assemble.update(night.was, night.before.chains, night.plan.chains, night.home.deposits)
        except merging.NotMerged:
            troubles.note(
                night.home, night.run_id, ["rows could not be put together with those of before: all were read"]
            )
    return assemble.assemble(night.plan.chains, night.home.deposits)


def _run_before(night: Night) -> Run:
    """A run whose OUT is the audit in force: the quality gate compares with it."""
    return Run(replace(night.request, out=night.before.out if night.before else night.out), night.out)


def _go_on(night: Night) -> None:
    """Where the run in force was made in the same way, take from it what is known of patients whose data are the same."""
    from . import rejudge

    found = pl.DataFrame(schema=touched.TOUCHED)
    if night.before is not None and night.was is not None:
        old = Run(replace(night.request, out=night.before.out), night.before.out)
        old.registry = state.registry(old.database, night.was)
        known = rejudge.load(old, night.before.state)
        if night.same_request and not night.anew:
            again = night.run.moved
            found = rejudge.go_on(night.run, old.registry, known)
            # A database that was written anew holds nothing of these patients yet.
            night.run.moved = None if again is None else pl.concat([again, found["patient_id"]]).unique()
        else:
            found = touched.touched(old.registry, night.run.registry, known.decided.waits)
            night.run.moved = None  # everything is scored and judged anew
    audit.write_parquet(found, night.state / TOUCHED)
