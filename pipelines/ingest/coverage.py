"""What each centre supplied: the declarations of extract.toml, and failing those the files that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from scoring.registry import COVERAGE_SCHEMA
from validation.contract import TABLES

from .discovery import DECLARATION, Folder, TableDeclaration
from .model import Problem


def unknown_centre(folder: Folder, network: Collection[str]) -> list[Problem]:
    """A problem if extract.toml names a centre that no table lists."""
    if folder.centre is None or folder.centre in network or not network:
        return []
    what = f"the centre {folder.centre!r} is in no table centres"
    return [Problem(folder.label(Path(DECLARATION)), what, f"one of {', '.join(sorted(network))}")]


def centres_of(folder: Folder, frames: Mapping[str, pl.DataFrame], network: Collection[str]) -> list[str]:
    """The centres that a folder speaks for: the declared one, else those of its patients, else those it lists.

    The list of centres comes last, because a centre may well supply the list of the whole network.
    """
    if folder.centre is not None:
        return [folder.centre]
    for table in ("patients", "centres"):
        if table in frames:
            named = set(frames[table]["centre_id"].drop_nulls().unique()) & set(network)
            if named:
                return sorted(named)
    return []


def coverage_of(folders: Sequence[Folder], centres: Sequence[Sequence[str]], network: Sequence[str]) -> pl.DataFrame:
    """One row per centre of the network and table."""
    speaking: dict[str, list[Folder]] = {centre: [] for centre in network}
    for folder, named in zip(folders, centres, strict=True):
        for centre in named:
            if centre in speaking:
                speaking[centre].append(folder)
    rows = [
        (centre, table, *_covered(table, found), _latest([folder.extraction_date for folder in found]))
        for centre, found in speaking.items()
        for table in TABLES
    ]
    return pl.DataFrame(rows, schema=COVERAGE_SCHEMA, orient="row")


def _covered(table: str, folders: Sequence[Folder]) -> tuple[bool, bool, date | None, date | None]:
    """Several folders may speak for one centre: the table is complete only if every folder that supplies it says so."""
    supplying = [folder.tables.get(table, TableDeclaration()) for folder in folders if table in folder.supplied]
    if not supplying:
        return False, False, None, None
    starts = [declared.start for declared in supplying]
    complete = all(declared.complete is not False for declared in supplying)
    return True, complete, _earliest(starts), _latest([declared.end for declared in supplying])


def _earliest(days: Sequence[date | None]) -> date | None:
    """The earliest day; None, which means unbounded, wins."""
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None


def _latest(days: Sequence[date | None]) -> date | None:
    """The latest day; None, which means unbounded, wins."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None
