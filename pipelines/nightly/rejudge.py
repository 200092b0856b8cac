"""An audit that goes on from the one before: only patients who are concerned are scored and judged again.

The results are those of a full audit, to the byte: what is decided about a patient depends on that patient's rows and on what the
centre declares, and everything that is counted is counted anew over all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.audit import write_parquet
from pipelines.case_lists import CaseLists, EditedLists
from pipelines.publish import folder_names
from pipelines.run import Run
from scoring.concordance import Decided, merge
from scoring.context import Context
from scoring.core.recommendation import Grain
from scoring.facts import GROWING, Cohort, growing
from scoring.judgement import merged
from scoring.registry import Registry
from scoring.scores import CLASSIFICATIONS, order_of
from scoring.verdict_codes import KEYS, expand
from validation.contract import TABLES

from .touched import observed_longer, touched

_PARTS = ("left_out", "exposed", "people", "waits")


@dataclass(frozen=True)
class State:
    """What an audit knows of every patient, from which the next one goes on.

    `decided` holds of the facts only those of `scoring.facts.GROWING`. `cases`: what stands on the lines of the case lists
    (`pipelines.case_lists.INDEX`), and `lists`: the file of each centre.
    """

    scores: dict[str, pl.DataFrame]
    decided: Decided
    cases: pl.DataFrame
    lists: Mapping[str, Path]


def save(run: Run, folder: Path) -> None:
    """Write what the next audit goes on from and the results do not hold; the run has written its case lists."""
    decided = run.decided
    for name in _PARTS:
        write_parquet(getattr(decided, name), folder / f"{name}.parquet")
    for grain, columns in GROWING.items():
        write_parquet(decided.facts[grain].select(columns), folder / f"facts_{grain}.parquet")
    write_parquet(run.cases.index, folder / "cases.parquet")


def load(run: Run, folder: Path) -> State:
    """The state of a run that has written its results: what `save` wrote into the folder, and the results themselves."""
    results = run.folder / "results"
    scores = {
        path.stem.removeprefix("scores_"): pl.read_parquet(path, glob=False)
        for path in sorted(results.glob("scores_*.parquet"))
    }
    verdicts = {
        grain: pl.read_parquet(path, glob=False)
        for grain in Grain
        if (path := results / f"verdicts_{grain}.parquet").exists()
    }
    verdicts = expand(verdicts, pl.read_parquet(results / "verdict_codes.parquet", glob=False), run.rules)
    facts = {
        grain: verdicts[grain].select(KEYS).hstack(pl.read_parquet(folder / f"facts_{grain}.parquet", glob=False))
        for grain in GROWING
    }
    parts = [pl.read_parquet(folder / f"{name}.parquet", glob=False) for name in _PARTS]
    lists = {centre: run.folder / "centres" / name / "cases.csv" for centre, name in folder_names(run.centres).items()}
    return State(scores, Decided(verdicts, facts, *parts), pl.read_parquet(folder / "cases.parquet", glob=False), lists)


def go_on(run: Run, was: Registry, state: State) -> pl.DataFrame:
    """Give the run its scores, decisions and cases: those of the run before, and of the patients who are concerned anew.

    Args:
        run: a run on the registry as it is now, with the same request and rules as the run before. Its database is a copy
            of that of the run before, and `run.moved` the patients whose rows were read again (None: all).
        was: the registry of the run before.
        state: what the run before knew.

    Returns the patients who were scored and judged again, and why (`touched.TOUCHED`).
    """
    found = touched(was, run.registry, state.decided.waits, run.moved)
    patients = found["patient_id"]
    part = Run(run.request, run.folder)
    part.registry, part.rules = only(run.registry, patients), run.rules
    run.scores = {
        name: merged(rows, part.scores[name], patients, order_of(name)) for name, rows in state.scores.items()
    }
    run.decided = merge(state.decided, part.decided, patients)
    _grow(run, observed_longer(was, run.registry))
    now = CaseLists(_listed(part), run.decided.people, run.request.lang)
    run.cases = EditedLists(state.lists, state.cases, state.decided.people, patients, now)
    run.moved = patients
    return found


def only(registry: Registry, patients: pl.Series) -> Registry:
    """The rows of some patients."""
    wanted = pl.col("patient_id").is_in(patients.implode())
    tables = {
        name: rows.filter(wanted) if "patient_id" in TABLES[name].schema else rows
        for name, rows in registry.tables.items()
    }
    return replace(registry, tables=tables, holes=registry.holes.filter(wanted))


def _listed(part: Run) -> pl.DataFrame:
    from reports.cases import listed

    return listed(part.judgement, part.judged, None, part.request.lang)


def _grow(run: Run, patients: pl.Series) -> None:
    """Bring what grows with every day of observation up to the day, for the patients who are still observed."""
    if patients.is_empty():
        return
    context = Context(only(run.registry, patients))
    for name, declared in CLASSIFICATIONS.items():
        if declared.grows:
            run.scores[name] = merged(run.scores[name], declared.publish(context), patients, order_of(name))
    on = ["patient_id", "entity_id"]
    facts = {
        grain: run.decided.facts[grain].update(rows, on=on, how="left", include_nulls=True)
        for grain, rows in growing(Cohort(context)).items()
    }
    run.decided = replace(run.decided, facts=facts)
