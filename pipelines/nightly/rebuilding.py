"""Any published run made again from the deposits that were in effect then."""

from __future__ import annotations

import random
from importlib.metadata import version
from pathlib import Path

from pipelines import audit, store
from pipelines.run import DATABASE, Request, Run
from scoring.recommendations import parameters

from . import assemble, deposits, facts, rejudge, runs, state
from .assemble import Assembled, Chains
from .durable import discard, make_folder
from .home import Home
from .ledger import Entry

_SEALED = ("run", "results", "run_file")
"""Facts of an entry that come from the files of its run."""


def chains_of(home: Home, entry: Entry) -> Chains:
    """The deposits in effect of a published run."""
    return {
        centre: tuple(deposits.load(home.deposits / one) for one in ids)
        for centre, ids in entry.facts["chains"].items()
    }


def rebuild(home: Home, entry: Entry, folder: Path) -> None:
    """Make the run of an entry `published` again, whole, into a new folder laid out as that of a run.

    Nothing of any other run is used. Pages say nothing about earlier runs; results and database are those of the run, if the
    version of the software is the same.
    """
    run, found = _results(home, entry, folder)
    with parameters.using(run.request.overrides):
        for stage in ("report", "publish"):
            for step in audit.STAGES[stage]:
                run.do(stage, step)
    state.save(found, folder / runs.STATE)
    rejudge.save(run, folder / runs.STATE)
    state.note_size(folder / runs.OUT / DATABASE, folder / runs.STATE)


def _results(home: Home, entry: Entry, folder: Path) -> tuple[Run, Assembled]:
    """Database and results of a run, made again."""
    asked = request_of(entry, folder / runs.OUT)
    make_folder(asked.out)
    run = Run(asked, asked.out)
    found = assemble.assemble(chains_of(home, entry), home.deposits)
    run.intake = found.intake
    with parameters.using(asked.overrides):
        audit.store_registry(run)
        for stage in ("validate", "score", "audit"):
            for step in audit.STAGES[stage]:
                run.do(stage, step)
    return run, found


def request_of(entry: Entry, out: Path) -> Request:
    """What was asked of a published run."""
    return Request.from_parameters(entry.facts["request"], out)


def roll_back(home: Home, run: str) -> facts.Standing:
    """Publish an earlier run again; one whose files are kept no more is made again from its deposits first."""
    known = facts.published(home.ledger.entries())
    if run in known and not (home.runs / run).is_dir():
        work = home.work / run
        discard(work, home.work)
        rebuild(home, known[run], work)
        runs.finish(work, **{name: said for name, said in known[run].facts.items() if name not in _SEALED})
        runs.put_back(home, work)
    return runs.roll_back(home, run)


def verify_a_run(home: Home) -> list[str]:
    """Make one of the runs whose files are kept again, chosen by chance, and tell what differs."""
    kept = [entry for run, entry in facts.published(home.ledger.entries()).items() if (home.runs / run).is_dir()]
    if not kept:
        return []
    entry = random.choice(kept)
    return [
        f"Run {entry.facts['run']}: {name} is not what its deposits make. Publish a new run, and tell the authors of the "
        "software: the same deposits must give the same results."
        for name in differences(home, entry)
    ]


def differences(home: Home, entry: Entry) -> list[str]:
    """What differs between a published run and the same run made again: results by their bytes, the database by its tables.

    Nothing is compared where another version of the software made the run.
    """
    if entry.version != version("osteoconcord"):
        return []
    work = home.work / f"rebuilt-{entry.facts['run']}"
    discard(work, home.work)
    try:
        _results(home, entry, work)
        made, found = _contents(work), _contents(home.runs / entry.facts["run"])
        return sorted(name for name in made.keys() | found.keys() if made.get(name) != found.get(name))
    finally:
        discard(work, home.work)


def _contents(folder: Path) -> dict[str, object]:
    """The bytes of the results by their checksums, and the tables of the database."""
    out = folder / runs.OUT
    results: dict[str, object] = {
        f"results/{path.name}": runs.sha256_of(path) for path in (out / "results").iterdir() if path.is_file()
    }
    return results | store.contents(out / DATABASE)
