"""A synthetic network: invented centres, patients and registry extracts, with planted faults for the intake to find."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from .cohort import blocks, check_size, tables_of
from .network import Centre
from .write import DIALECTS, FORMATS, write

__all__ = ["DIALECTS", "FORMATS", "parts", "synth", "synthesise", "write"]


def parts(patients: int, centres: int, seed: int) -> Iterator[tuple[Centre, dict[str, pl.DataFrame]]]:
    """The clean cohort a block at a time: the centre and its tables."""
    check_size(patients, centres, seed)
    return ((centre, tables_of(block)) for centre, block in blocks(patients, centres, seed))


def synthesise(patients: int, centres: int, seed: int) -> dict[str, pl.DataFrame]:
    """The clean cohort: all the tables of the contract, typed; what some centres do not send is in it as well."""
    made = [tables for _, tables in parts(patients, centres, seed)]
    return {name: pl.concat([tables[name] for tables in made]) for name in made[0]}


def synth(patients: int, centres: int, seed: int, dialect: str, format: str, faults: float, out: Path) -> None:
    """Writes a synthetic network to a new or empty folder: one folder per centre, and the list of planted faults."""
    write(parts(patients, centres, seed), dialect=dialect, format=format, faults=faults, seed=seed, out=out)
