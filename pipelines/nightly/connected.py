"""Which patients a change of deposits can concern: those in them, and all whom shared identifiers connect with these."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from validation.contract import TABLES

from . import deposits
from .deletions import Deletion
from .deposits import IDENTIFIERS_SCHEMA, Deposit, bearers

_BORNE = ("table", "identifier")


def concerned(old: Mapping[str, Deposit], new: Mapping[str, Deposit], store: Path) -> pl.Series:
    """The patients whose checked rows can differ between the deposits before and after.

    Rows without patient belong to nobody and can change with any deposit: whoever is connected with one is concerned.
    """
    every = {**old, **new}
    moved = [deposit for name, deposit in every.items() if (name in old) != (name in new)]
    known = pl.concat(
        [
            pl.DataFrame(schema=IDENTIFIERS_SCHEMA),
            *(deposits.identifiers(store / deposit.id, deposit) for deposit in every.values()),
        ]
    )
    patients = [deposits.patients(store / deposit.id, deposit) for deposit in moved]
    deletions = [deletion for deposit in moved for deletion in deposit.deletions]
    named = [deletion.key[0] for deletion in deletions if _names_a_patient(deletion)]
    first = pl.concat([pl.Series("patient_id", named, pl.String), *patients]).unique()
    return _closed(first, known, _borne(deletions))


def _closed(first: pl.Series, known: pl.DataFrame, deleted: pl.DataFrame) -> pl.Series:
    """The patients, and all whom a chain of shared identifiers connects with them, with a deletion or with no patient."""
    found, fresh = first, first
    borne = pl.concat([deleted, known.filter(pl.col("patient_id").is_null()).select(_BORNE)])
    while True:
        theirs = known.filter(pl.col("patient_id").is_in(fresh.implode())).select(_BORNE)
        borne = pl.concat([borne, theirs]).unique()
        bearing = known.join(borne, on=_BORNE, how="semi")["patient_id"].drop_nulls().unique()
        fresh = bearing.filter(~bearing.is_in(found.implode()))
        if fresh.is_empty():
            return found.sort()
        found, borne = pl.concat([found, fresh]), borne.clear()


def _names_a_patient(deletion: Deletion) -> bool:
    return deletion.table == "patients" or not TABLES[deletion.table].key


def _borne(deletions: list[Deletion]) -> pl.DataFrame:
    """The identifiers that the deletions name."""
    rows = [
        (table, key)
        for deletion in deletions
        if not _names_a_patient(deletion)
        for key, column in zip(deletion.key, TABLES[deletion.table].key, strict=True)
        for bearing, table in bearers(TABLES[deletion.table])
        if bearing == column
    ]
    schema = {name: IDENTIFIERS_SCHEMA[name] for name in _BORNE}
    return pl.DataFrame(rows, schema=schema, orient="row")
