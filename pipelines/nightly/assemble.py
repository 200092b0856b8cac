"""The checked network from the chains of its centres: whole, or from what was found before where few patients are concerned.

An update reads and checks again the rows of the patients in deposits that came or went, of all patients connected with
them, and the rows without patient. Patients are connected when their rows bear or refer to one identifier: every check but
that of the listed centres, and the search for pseudonyms that look like one person, sees one such group at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.ingest import Content, Delivered, Intake, attributed, intake_of, parts_of
from validation.check import Checked, check

from . import connected, deposits, merging
from .chain import fold
from .deposits import Deposit

Chains = Mapping[str, Sequence[Deposit]]
"""The deposits in effect of every centre, in their order (see `chain.chain_of`)."""
LARGEST = 0.5
"""The share of the patients from which on everything is checked again rather than a part of it."""


@dataclass(frozen=True)
class Known:
    """What an update goes on from: what the checks found, the deposits by centre, and the centres that some row lists."""

    found: Checked
    chains: dict[str, tuple[str, ...]]
    listed: tuple[str, ...]


@dataclass(frozen=True)
class Assembled(Known):
    """The checked network. `again` are the patients whose rows were read again; None if those of all were."""

    intake: Intake
    again: pl.Series | None = None


def assemble(chains: Chains, store: Path) -> Assembled:
    """Read and check all rows that stand; `store` holds the folders of the deposits."""
    sent, centres = attributed(_standing(chains, store))
    found = check(parts_of(sent))
    return Assembled(found, named(chains), _listed(sent), intake_of(found, sent, centres))


def update(before: Known, old: Chains, new: Chains, store: Path) -> Assembled:
    """What `assemble` makes of the new chains, from what was found in the old ones.

    All is read and checked again where `before` is not of the old chains, where the listed or accepted centres are others
    than before, or where more than half of the patients are concerned.
    """
    if before.chains != named(old):
        return assemble(new, store)
    patients = connected.concerned(_all(old), _all(new), store)
    if len(patients) > LARGEST * before.found.tables["patients"].height:
        return assemble(new, store)
    sent, centres = attributed(_standing(new, store, patients))
    part = check(parts_of(sent)) if _listed(sent) == before.listed else None
    if part is None or not part.tables["centres"]["centre_id"].equals(before.found.tables["centres"]["centre_id"]):
        return assemble(new, store)
    found = merging.merge(before.found, part, patients, sent)
    return Assembled(found, named(new), before.listed, intake_of(found, sent, centres), patients)


def named(chains: Chains) -> dict[str, tuple[str, ...]]:
    """The deposits of every centre, by id; centres without any are left out."""
    return {centre: tuple(deposit.id for deposit in chains[centre]) for centre in sorted(chains) if chains[centre]}


def _all(chains: Chains) -> dict[str, Deposit]:
    return {deposit.id: deposit for chain in chains.values() for deposit in chain}


def _standing(chains: Chains, store: Path, only: pl.Series | None = None) -> list[Delivered]:
    """The rows that stand of every centre, in the order of their names; with `only`, of these patients and of none."""
    return [
        fold(chains[centre], [_content(store, deposit, only) for deposit in chains[centre]])
        for centre in sorted(chains)
        if chains[centre]
    ]


def _content(store: Path, deposit: Deposit, only: pl.Series | None) -> Content:
    return deposits.read(store / deposit.id, only)


def _listed(sent: Sequence[Delivered]) -> tuple[str, ...]:
    """The centres that rows list, accepted or not."""
    listed = [part.frame["centre_id"] for one in sent for part, file in one.content if file.table == "centres"]
    return tuple(sorted({centre for centres in listed for centre in centres.drop_nulls()}))
