"""What a run keeps beside its database so that the next night can go on from it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from pipelines import store
from scoring.registry import Registry
from validation.check import Checked
from validation.linkage import Links
from validation.quarantine import HOLES_SCHEMA, OWNERS_SCHEMA

from .assemble import Known
from .errors import HomeError

FACTS = "assembled.json"
OWNERS = "owners.parquet"
HOLES = "holes.parquet"
"""The holes that rows in quarantine leave; those that other centres leave follow from the coverage."""
WHOLE = "whole"
"""The size of the database, in bytes, when it was last written whole."""
GROWN = 2
"""Rows that are gone leave room in a database that is updated night after night: at so many times its size it is written anew."""


class StateError(HomeError):
    """The state of a run cannot be used; the network is assembled from its deposits instead."""


def save(known: Known, folder: Path) -> None:
    """Keep in the folder what the database of the run does not hold."""
    folder.mkdir(parents=True, exist_ok=True)
    known.found.owners.write_parquet(folder / OWNERS)
    known.found.holes.write_parquet(folder / HOLES)
    facts = {"chains": known.chains, "listed": known.listed}
    (folder / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(database: Path, folder: Path) -> Known:
    """What the run of this database and state knew; StateError where either is not there or damaged."""
    import duckdb

    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        chains = {str(centre): tuple(map(str, ids)) for centre, ids in facts["chains"].items()}
        listed = tuple(map(str, facts["listed"]))
        owners = pl.read_parquet(folder / OWNERS, glob=False).cast(pl.Schema(OWNERS_SCHEMA))
        holes = pl.read_parquet(folder / HOLES, glob=False).cast(pl.Schema(HOLES_SCHEMA))
        tables, places = store.load(database), store.load_places(database)
        with store.connect(database, read_only=True) as con:
            quarantine, counts, linkage = (store.read_frame(con, "quarantine", name) for name in _FRAMES)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError, duckdb.Error) as error:
        raise StateError(f"{folder}: the state of this run cannot be used ({type(error).__name__})") from error
    if owners.height != quarantine.height or any(tables[name].height != places[name].height for name in tables):
        raise StateError(f"{folder}: the state of this run is not that of {database}")
    found = Checked(tables, quarantine, counts, holes, _links(linkage), linkage, places, owners)
    return Known(found, chains, listed)


def has_grown(database: Path, folder: Path) -> bool:
    """Whether the database of a run with this state is to be written anew rather than updated; so if its size is not known."""
    try:
        return database.stat().st_size > GROWN * int((folder / WHOLE).read_text())
    except (OSError, ValueError):
        return True


def note_size(database: Path, folder: Path) -> None:
    """Note the size of a database that was written whole; of one that was updated it is noted already."""
    if not (folder / WHOLE).exists():
        (folder / WHOLE).write_text(str(database.stat().st_size))


def registry(database: Path, known: Known) -> Registry:
    """The registry of the run of this database, whose tables are known already."""
    with store.connect(database, read_only=True) as con:
        coverage, holes = (store.read_frame(con, "quarantine", name) for name in ("coverage", "holes"))
    return Registry(known.found.tables, coverage, holes)


_FRAMES = ("rows", "counts", "linkage")


def _links(linkage: pl.DataFrame) -> Links:
    """The linked patients, as the list of what was linked tells them."""
    linked = linkage.filter(pl.col("kind") == "linked").select("patient_id", "centre_id", other="other_centre_id")
    return Links(linked, linkage.filter(pl.col("kind") == "conflict").select("patient_id", "column"))
