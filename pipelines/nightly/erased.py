"""Who was erased, as keyed fingerprints, and how a deposit is stripped of them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.ingest import Content
from validation.contract import TABLES

from . import deposits
from .deletions import Deletion, key_of
from .durable import as_json, discard, write_bytes
from .errors import HomeError
from .home import Home
from .ledger import Entry
from .records import from_json, to_json

PATIENTS = "patients"
NOBODY = "erased"
"""Takes the place of the identifier of an erased patient's row where another patient's row names it."""


@dataclass(frozen=True)
class Plan:
    """What is left to do of an erasure: the deposits and runs that still hold a patient, and the counts for the ledger."""

    id: str
    patients: int
    n_deposits: int
    n_runs: int
    deposits: tuple[str, ...]
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Erased:
    """The fingerprints of erased patients (`marks`) and of what their rows were called, the key, and what is left to do."""

    key: bytes
    marks: frozenset[str] = frozenset()
    plan: Plan | None = None

    @classmethod
    def of(cls, home: Home, entries: Sequence[Entry] | None = None) -> Erased:
        """Who was erased from this network; a HomeError where that cannot be known any more."""
        entries = home.ledger.entries() if entries is None else entries
        if not home.erased_file.exists() and not any(entry.kind == "erased" for entry in entries):
            return cls(b"")
        try:
            key = home.erased_key.read_bytes()
            said = json.loads(home.erased_file.read_bytes())
            plan = None if said["plan"] is None else from_json(Plan, said["plan"])
            if len(key) != KEY_BYTES:
                raise ValueError("key")
            return cls(key, frozenset(said["marks"]), plan)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HomeError(
                f"{home.erased_file} or its key {home.erased_key.name} is missing or damaged ({type(error).__name__}): "
                "without them a later deposit brings erased patients back. Put both back from a backup."
            ) from error

    def write(self, home: Home) -> None:
        """Keep who was erased and what is left to do."""
        write_bytes(home.erased_file, as_json({"marks": sorted(self.marks), "plan": to_json(self.plan)}), 0o600)

    def mark(self, table: str, identifier: str) -> str:
        """The fingerprint of an identifier of this table."""
        return hmac.digest(self.key, f"{table}\0{identifier}".encode(), "sha256").hex()

    def among(self, table: str, identifiers: pl.Series) -> pl.Series:
        """Those of these identifiers that belong to erased patients."""
        own = identifiers.drop_nulls().unique()
        if not self.marks:
            return own.clear()
        return own.filter(
            pl.Series([self.mark(table, identifier) in self.marks for identifier in own], dtype=pl.Boolean)
        )


KEY_BYTES = 32


def strip(folder: Path, erased: Erased) -> bool:
    """Take erased patients out of a converted deposit that is still in `work/`; tells whether it held any.

    What was received holds them too: it must not be kept then.
    """
    deposit = deposits.load(folder)
    holds = bool(patients_of(folder, deposit, erased).len()) or without(deposit.deletions, erased) != deposit.deletions
    if holds:
        content, left = stripped(folder, deposit, erased)
        discard(folder, folder.parent)
        deposits.write(folder, left, content)
    return holds


def patients_of(folder: Path, deposit: deposits.Deposit, erased: Erased) -> pl.Series:
    """The erased patients whom a row of the deposit names."""
    return erased.among(PATIENTS, deposits.patients(folder, deposit))


def stripped(folder: Path, deposit: deposits.Deposit, erased: Erased) -> tuple[Content, deposits.Deposit]:
    """The rows of a deposit without those of erased patients, and its facts without what deletes them."""
    own: dict[str, pl.Series] = {}
    content: Content = []
    read = deposits.read(folder)
    for table in TABLES.values():
        frames = [part.frame for part, file in read if file.table == table.name]
        if frames and "patient_id" in table.schema:
            every = pl.concat(frames)
            theirs = pl.col("patient_id").is_in(erased.among(PATIENTS, every["patient_id"]).implode())
            if len(table.key) == 1 and table.key != ("patient_id",):
                others = every.filter(~theirs)[table.key[0]]
                mine = every.filter(theirs)[table.key[0]].drop_nulls().unique()
                own[table.name] = mine.filter(~mine.is_in(others.implode()))
    for part, file in read:
        kept = _kept(part.frame, file.table, erased, own)
        left = part.only(kept)
        content.append((replace(left, frame=_unlinked(left.frame, file.table, own)), replace(file, rows=len(kept))))
    return content, replace(deposit, deletions=without(deposit.deletions, erased))


def _kept(frame: pl.DataFrame, table: str, erased: Erased, own: dict[str, pl.Series]) -> pl.Series:
    """The rows that stay: not a row of an erased patient, and no row without patient that names one of their rows."""
    rows = frame.with_row_index("_row")
    if "patient_id" not in frame.columns:
        return rows["_row"]
    gone = pl.col("patient_id").is_in(erased.among(PATIENTS, frame["patient_id"]).implode())
    for column, of in deposits.bearers(TABLES[table]):
        orphans = frame.filter(pl.col("patient_id").is_null())[column]
        theirs = pl.concat([erased.among(of, orphans), own.get(of, orphans.clear())])
        gone = gone | (pl.col("patient_id").is_null() & pl.col(column).is_in(theirs.implode()))
    if "lesion_ids" in frame.columns:
        named = frame.filter(pl.col("patient_id").is_null())["lesion_ids"].explode()
        theirs = pl.concat([erased.among("bone_lesions", named), own.get("bone_lesions", named.clear())])
        listed = pl.col("lesion_ids").list.eval(pl.element().is_in(theirs.implode())).list.any()
        gone = gone | (pl.col("patient_id").is_null() & listed)
    return rows.filter(~gone.fill_null(False))["_row"]


def _unlinked(frame: pl.DataFrame, table: str, own: dict[str, pl.Series]) -> pl.DataFrame:
    """Other patients' rows that name, by mistake, a row of an erased patient: they name no row at all then."""
    if "patient_id" not in frame.columns:
        return frame
    changed = [
        pl.when(pl.col(column).is_in(own[of].implode())).then(pl.lit(NOBODY)).otherwise(column).alias(column)
        for column, of in deposits.bearers(TABLES[table])
        if of in own and of != table
    ]
    return frame.with_columns(changed)


def without(deletions: Sequence[Deletion], erased: Erased) -> tuple[Deletion, ...]:
    """The deletions that name no erased patient and none of their rows."""
    return tuple(deletion for deletion in deletions if not _names(deletion, erased))


def _names(deletion: Deletion, erased: Erased) -> bool:
    table = TABLES[deletion.table]
    for column, identifier in zip(key_of(table), deletion.key, strict=True):
        parent = table[column].parent
        if erased.mark(parent[0] if parent else table.name, identifier) in erased.marks:
            return True
    return False
