"""Which table a file most likely is, and which column of it each of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from validation.contract import TABLES, Column, Table

from .names import name_score, table_score
from .private import why_private
from .profile import Fit, Profile, fit, profile
from .sources import Sheet
from .units import unit_of, within

FLOOR = 0.42
"""A lower score is no proposal."""
LEAST = 0.5
"""A table that is less likely is no proposal: about one column that fits well."""
NAMED = 0.72
"""So well a name must fit for the name alone to count."""


@dataclass(frozen=True)
class Proposal:
    """A column of a file for a column of the contract."""

    source: str
    column: str
    score: float
    confidence: str
    others: tuple[str, ...]


@dataclass
class Match:
    """What is proposed for one file."""

    sheet: Sheet
    table: str
    other_tables: tuple[str, ...]
    sure: bool
    proposals: list[Proposal]
    private: dict[str, str]
    profiles: dict[str, Profile]
    unmapped: list[str]
    distinct: bool = False


@dataclass(frozen=True)
class _Scores:
    """One row per column of a file, one column per column of a table."""

    names: np.ndarray
    totals: np.ndarray
    proofs: np.ndarray
    explained: np.ndarray


@dataclass(frozen=True)
class _Candidate:
    sheet: Sheet
    columns: list[str]
    profiles: dict[str, Profile]
    private: dict[str, str]
    fits: dict[str, dict[str, list[Fit]]]
    """Per table, per column of the file, per column of the table: what the cells say."""


def match(sheets: Sequence[Sheet]) -> list[Match]:
    """Propose a table for each file and a column for each of its columns.

    First every file alone, by names and cells. Then once more, with the identifiers that files share: a column whose
    cells are keys of the file that was taken for the patients refers to patients.
    """
    candidates = [_candidate(sheet) for sheet in sheets]
    tables = [_rank(candidate) for candidate in candidates]
    keys = _keys(candidates, [ranked[0][0] for ranked in tables])
    firsts = [_match(candidate, ranked, keys) for candidate, ranked in zip(candidates, tables, strict=True)]
    taken = {first.table for first in firsts if first.proposals}
    return [
        found for candidate, first in zip(candidates, firsts, strict=True) for found in _all(candidate, first, taken)
    ]


def _all(candidate: _Candidate, first: Match, taken: set[str]) -> list[Match]:
    """The first table of a file, and further ones that its other columns make, if no other file is taken for them."""
    found = [first]
    while first.proposals and (further := _further(candidate, found, taken)):
        found[-1].unmapped, found[-1].private = [], {}
        found.append(further)
    return found


def _further(candidate: _Candidate, found: list[Match], taken: set[str]) -> Match | None:
    rest = found[-1].unmapped
    shared = [p.source for p in found[0].proposals if _identifies(found[0].table, p.column)]
    part = replace(candidate, columns=[*shared, *rest])
    best: list[Proposal] = []
    table = ""
    for name in TABLES.keys() - taken:
        scores = _score(part, TABLES[name])
        pairs = [(i, k) for i, k in _assign(scores.totals) if scores.totals[i, k] >= 0.6]
        own = [(i, k) for i, k in pairs if part.columns[i] in rest and scores.explained[i, k]]
        if len(own) >= 2 and len(own) > sum(proposal.source in rest for proposal in best):
            ids = [(i, k) for i, k in pairs if part.columns[i] in shared]
            best = [_proposal(part, TABLES[name], scores, i, k) for i, k in [*ids, *own]]
            table = name
    if not best:
        return None
    taken.add(table)
    used = {proposal.source for proposal in best}
    left = [name for name in rest if name not in used]
    best = [replace(p, confidence="medium") if p.confidence == "high" else p for p in best]
    private = found[-1].private
    return Match(candidate.sheet, table, (), False, _in_order(best, table), private, candidate.profiles, left, True)


def _identifies(table: str, column: str) -> bool:
    return bool(TABLES[table][column].is_key or TABLES[table][column].references)


def _in_order(proposals: list[Proposal], table: str) -> list[Proposal]:
    names = [column.name for column in TABLES[table].columns]
    return sorted(proposals, key=lambda proposal: names.index(proposal.column))


def _candidate(sheet: Sheet) -> _Candidate:
    private = {column.name: why for column in sheet.frame if (why := why_private(column.name, column))}
    columns = [name for name in sheet.frame.columns if name not in private]
    profiles = {name: profile(sheet.frame[name]) for name in columns}
    fits = {
        table.name: {
            name: [_fit(name, profiles[name], table.name, column) for column in table.columns] for name in columns
        }
        for table in TABLES.values()
    }
    return _Candidate(sheet, columns, profiles, private, fits)


def _fit(name: str, found: Profile, table: str, column: Column) -> Fit:
    cells = fit(found, table, column)
    unit = unit_of(name, found, column)
    if unit is None or column.kind not in ("int", "float") or found.numbers < 0.9:
        return cells
    return Fit(1.0, 0.1) if within(found, column, unit[1]) else Fit(0.3, 0.0)


def _rank(candidate: _Candidate) -> list[tuple[str, float]]:
    """The tables, the likeliest first."""
    scores = {table.name: _likelihood(candidate, table) for table in TABLES.values()}
    return sorted(scores.items(), key=lambda item: -item[1])


def _likelihood(candidate: _Candidate, table: Table) -> float:
    totals = _score(candidate, table).totals
    pairs = _assign(totals)
    found = {table.columns[k].name for _, k in pairs}
    # The key of another table is no sign of this one, and neither is what every table has.
    gained = sum(float(totals[i, k]) ** 2 for i, k in pairs if not table.columns[k].references)
    missed = sum(1 for column in table.columns if column.required and column.name not in found)
    return gained - 0.4 * missed + 2 * table_score(candidate.sheet.label, table.name)


def _score(candidate: _Candidate, table: Table, keys: dict[str, pl.Series] | None = None) -> _Scores:
    shape = (len(candidate.columns), len(table.columns))
    names, totals, proofs, explained = (np.zeros(shape) for _ in range(4))
    for i, source in enumerate(candidate.columns):
        fits = candidate.fits[table.name][source]
        if keys is not None:
            fits = [_by_keys(f, candidate, source, column, keys) for f, column in zip(fits, table.columns, strict=True)]
        for k, column in enumerate(table.columns):
            names[i, k], explained[i, k] = name_score(source, table.name, column.name)
            proofs[i, k] = fits[k].proof * _distinct(fits, k)
            totals[i, k] = (1 - (1 - names[i, k]) * (1 - proofs[i, k])) * fits[k].veto
    return _Scores(names, totals, proofs, explained)


def _distinct(fits: list[Fit], k: int) -> float:
    """Proof counts less where the cells fit several columns as well."""
    return 1 / sum(1 for other in fits if other.proof >= 0.9 * fits[k].proof) if fits[k].proof else 0.0


def _by_keys(found: Fit, candidate: _Candidate, source: str, column: Column, keys: dict[str, pl.Series]) -> Fit:
    """What the identifiers of other files say about a column that refers to them."""
    if column.is_key:
        return found if candidate.profiles[source].unique else Fit(found.veto * 0.5, 0.0)
    if column.parent is None or column.parent[0] not in keys:
        return found
    cells = candidate.sheet.frame[source].drop_nulls()
    if not len(cells):
        return found
    share = float(cells.is_in(keys[column.parent[0]].implode()).mean() or 0)  # type: ignore[arg-type]
    if share >= 0.8:
        return Fit(found.veto, 0.75)
    # The centres of an extract are rarely all listed; its patients and lesions are.
    return found if column.parent[0] == "centres" else Fit(found.veto * (0.3 if share < 0.2 else 0.8), 0.0)


def _keys(candidates: Sequence[_Candidate], tables: Sequence[str]) -> dict[str, pl.Series]:
    """The cells of the columns that are the keys of the tables which others refer to."""
    keys: dict[str, pl.Series] = {}
    referred = {column.parent[0] for table in TABLES.values() for column in table.columns if column.parent}
    for candidate, name in zip(candidates, tables, strict=True):
        table = TABLES[name]
        if name not in referred or len(table.key) != 1:
            continue
        place = [column.name for column in table.columns].index(table.key[0])
        totals = _score(candidate, table).totals
        for i, k in _assign(totals):
            if k == place and candidate.profiles[candidate.columns[i]].unique:
                cells = candidate.sheet.frame[candidate.columns[i]].drop_nulls()
                keys[name] = pl.concat([keys[name], cells.alias(keys[name].name)]) if name in keys else cells
    return keys


def _assign(totals: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of source and contract columns, each once, with the greatest sum; those under the floor are left out."""
    from scipy.optimize import linear_sum_assignment

    if not totals.size:
        return []
    worth = np.where(totals >= FLOOR, totals, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(i), int(k)) for i, k in zip(rows, columns, strict=True) if totals[i, k] >= FLOOR]


def _match(candidate: _Candidate, ranked: list[tuple[str, float]], keys: dict[str, pl.Series]) -> Match:
    table = TABLES[ranked[0][0]]
    scores = _score(candidate, table, keys)
    named = {name: table_score(candidate.sheet.label, name) for name, _ in ranked}
    sure = ranked[0][1] >= max(1, 1.3 * ranked[1][1]) and named[table.name] >= max(named.values()) - 0.3
    pairs = _assign(scores.totals) if ranked[0][1] >= LEAST else []
    proposals = [_proposal(candidate, table, scores, i, k) for i, k in pairs]
    if not sure:
        proposals = [replace(p, confidence="medium") if p.confidence == "high" else p for p in proposals]
    taken = {proposal.source for proposal in proposals}
    return Match(
        sheet=candidate.sheet,
        table=table.name,
        other_tables=tuple(name for name, score in ranked[1:3] if score >= 0.6 * ranked[0][1] > 0),
        sure=sure,
        proposals=_in_order(proposals, table.name),
        private=candidate.private,
        profiles=candidate.profiles,
        unmapped=[name for name in candidate.columns if name not in taken],
    )


def _proposal(candidate: _Candidate, table: Table, scores: _Scores, i: int, k: int) -> Proposal:
    total, name, proof = (float(part[i, k]) for part in (scores.totals, scores.names, scores.proofs))
    rivals = np.delete(scores.totals[i], k)
    others = np.delete(scores.totals[:, k], i)
    margin = total - max(rivals.max(initial=0), others.max(initial=0))
    fitting = candidate.fits[table.name][candidate.columns[i]][k].veto == 1
    if (
        fitting
        and scores.explained[i, k]
        and margin >= 0.12
        and ((name >= NAMED and total >= 0.75) or (name >= 0.4 and proof >= 0.5))
    ):
        confidence = "high"
    elif total >= 0.6:
        confidence = "medium"
    else:
        confidence = "low"
    near = sorted((score, place) for place, score in enumerate(scores.totals[i]) if place != k and score >= FLOOR)
    alternatives = tuple(table.columns[place].name for _, place in reversed(near[-2:]))
    return Proposal(candidate.columns[i], table.columns[k].name, total, confidence, alternatives)
