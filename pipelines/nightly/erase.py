"""Erasing a patient from everything that is kept, with a record that it was done and no trace of whom.

Only keyed fingerprints of the patient's identifiers stay, so that later deposits are stripped of the patient. What is to
be done is written down (by deposit and run, never by patient) before anything is removed; after a crash `finish` goes on
with it. The published run stays visible until one without the patient took its place.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.rekey import pseudonym

from . import deposits, facts, runs
from .durable import discard, move, sync_tree, write_bytes
from .erased import KEY_BYTES, PATIENTS, Erased, Plan, patients_of, stripped, without
from .errors import HomeError
from .home import Home
from .lock import must_hold

_READY = "erased-"
"""Begins the name, in `work/`, of a deposit without the patient that is whole and takes the place of the one before."""
_BEGUN = "erasing-"

OUT_OF_REACH = (
    "Backups, copies of the published audit and what the centres keep in the inbox are out of reach: erase the patients "
    "there too."
)


def erase(home: Home, patient_ids: Iterable[str], pseudonym_key: bytes | None = None) -> list[str]:
    """Erase patients from everything that the store keeps, and tell what was done and what is left to do.

    Args:
        home: the network; its lock is held.
        patient_ids: as they stand in the deposits.
        pseudonym_key: by which the identifiers of this network are replaced, if they are.
    """
    must_hold(home)
    wanted = {patient_id.strip() for patient_id in patient_ids} - {""}
    if not wanted:
        raise HomeError("No patient was named: nothing was erased.")
    if pseudonym_key is not None:
        wanted |= {pseudonym(patient_id, pseudonym_key) for patient_id in wanted}
    before = Erased.of(home)
    erased = before if before.key else replace(before, key=_new_key(home))
    named = replace(erased, marks=erased.marks | {erased.mark(PATIENTS, patient_id) for patient_id in wanted})
    holding, patients, rows_of = _search(home, named)
    if not patients and named.marks == before.marks and before.plan is None:
        return ["Nothing is kept of these patients, and they were erased before."]
    plan = _plan(holding, _runs_of(home, holding), patients, before.plan)
    replace(named, marks=named.marks | rows_of, plan=plan).write(home)
    told = finish(home)
    if not patients:
        told.insert(0, "Nothing is kept of these patients; later deposits are stripped of them.")
    return [*told, OUT_OF_REACH]


def finish(home: Home) -> list[str]:
    """Go on with an erasure from wherever it stopped; tells what was done and what is left to do."""
    must_hold(home)
    erased = Erased.of(home)
    plan = erased.plan
    if plan is None:
        return []
    _put_in_place(home)
    current = facts.standing(home.ledger.entries()).run
    if plan.deposits:
        for path in home.work.iterdir():  # unfinished runs and conversions may hold the patients
            discard(path, home.work)
        for deposit in plan.deposits:
            discard(home.raw / deposit, home.work)
            _rewrite(home, deposit, erased)
    _remove_runs(home, [run for run in plan.runs if run != current])
    counted = f"{plan.patients} patients are erased from {plan.n_deposits} deposits and {plan.n_runs} runs"
    if current in plan.runs:
        replace(erased, plan=replace(plan, deposits=(), runs=(current,))).write(home)
        return [f"{counted}, but still in the published run {current}: the next run is made anew without them."]
    if not any(e.kind == "erased" and e.facts["erasure"] == plan.id for e in home.ledger.entries()):
        counts = {"patients": plan.patients, "deposits": plan.n_deposits, "runs": plan.n_runs}
        home.ledger.append("erased", erasure=plan.id, **counts)
    replace(erased, plan=None).write(home)
    return [f"{counted}."]


def must_rebuild(home: Home) -> bool:
    """Whether the published run still holds an erased patient: the next one must be made anew, from the deposits alone."""
    plan = Erased.of(home).plan
    return plan is not None and facts.standing(home.ledger.entries()).run in plan.runs


def _plan(holding: Sequence[str], held_by: Sequence[str], patients: int, before: Plan | None) -> Plan:
    """What is to be done, with what an erasure before left to do."""
    empty = Plan(secrets.token_hex(8), 0, 0, 0, (), ())
    left = before or empty
    runs_left = {*held_by, *left.runs}
    return Plan(
        left.id,
        left.patients + patients,
        left.n_deposits + len(set(holding) - set(left.deposits)),
        left.n_runs + len(runs_left) - len(left.runs),
        tuple(sorted({*holding, *left.deposits})),
        tuple(sorted(runs_left)),
    )


def _new_key(home: Home) -> bytes:
    """A key that is on the disk before anything is fingerprinted with it. One that fingerprinted nothing is used up."""
    key = secrets.token_bytes(KEY_BYTES)
    write_bytes(home.erased_key, key, 0o600)
    return key


# Finding


def _search(home: Home, erased: Erased) -> tuple[list[str], int, frozenset[str]]:
    """The deposits that hold an erased patient, how many patients that are, and the fingerprints of their rows' identifiers."""
    holding, marks = [], set[str]()
    found = pl.Series("patient_id", [], pl.String)
    for folder in sorted(path for path in home.deposits.iterdir() if path.is_dir()):
        deposit = deposits.load(folder)
        patients = patients_of(folder, deposit, erased)
        if patients.len():
            theirs = deposits.identifiers(folder, deposit).filter(pl.col("patient_id").is_in(patients.implode()))
            own = theirs.select(pl.col("table").cast(pl.String), "identifier").unique()
            marks |= {erased.mark(table, identifier) for table, identifier in own.iter_rows()}
            found = pl.concat([found, patients])
            holding.append(folder.name)
    named = replace(erased, marks=erased.marks | marks)
    for folder in sorted(path for path in home.deposits.iterdir() if path.is_dir() and path.name not in holding):
        deposit = deposits.load(folder)
        if without(deposit.deletions, named) != deposit.deletions:
            holding.append(folder.name)
    return sorted(holding), found.n_unique(), frozenset(marks)


def _runs_of(home: Home, holding: Sequence[str]) -> list[str]:
    """The kept runs into which one of these deposits went; one that does not say counts as well."""
    return [
        path.name for path in home.runs.iterdir() if _held_by(path) is None or set(holding) & (_held_by(path) or set())
    ]


def _held_by(folder: Path) -> set[str] | None:
    try:
        said: dict[str, Any] = runs.RunFile.read(folder).said
        return {deposit for chain in said["chains"].values() for deposit in chain} | set(said.get("held", {}))
    except (HomeError, KeyError, TypeError, AttributeError):
        return None


# Removing


def _remove_runs(home: Home, doomed: Sequence[str]) -> None:
    there = [run for run in doomed if (home.runs / run).exists()]
    if there:
        home.ledger.append("pruned", runs=there, raw=[])
    for run in there:
        discard(home.runs / run, home.work)


def _rewrite(home: Home, deposit_id: str, erased: Erased) -> None:
    """Put a deposit without the patients in the place of the one that holds them. It is on the disk before that one goes."""
    folder = home.deposits / deposit_id
    content, deposit = stripped(folder, deposits.load(folder), erased)
    begun = home.work / f"{_BEGUN}{deposit_id}"
    discard(begun, home.work)
    deposits.write(begun, deposit, content)
    sync_tree(begun)
    move(begun, home.work / f"{_READY}{deposit_id}")
    _put_in_place(home)


def _put_in_place(home: Home) -> None:
    for ready in home.work.glob(f"{_READY}*"):
        target = home.deposits / ready.name.removeprefix(_READY)
        discard(target, home.work)
        move(ready, target)
