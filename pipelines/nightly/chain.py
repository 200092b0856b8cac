"""What stands of the deposits of a centre: in the order of their extraction dates, later rows replace earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.ingest import Content, Delivered
from pipelines.ingest.discovery import Folder, TableDeclaration
from validation.contract import TABLES, Table
from validation.quarantine import Part

from .deletions import key_of
from .deposits import Deposit


@dataclass(frozen=True)
class Sorted:
    """The deposits of a centre by what they are now.

    - `chain`: those in effect: the newest full one and the incremental ones after it
    - `waiting`: incremental ones that no full one comes before; they are kept, and in effect once one does
    - `superseded`: those that a later full one, or a new version under the same name, has replaced
    - `withdrawn`: those that a withdrawal took back
    """

    chain: tuple[Deposit, ...] = ()
    waiting: tuple[Deposit, ...] = ()
    superseded: tuple[Deposit, ...] = ()
    withdrawn: tuple[Deposit, ...] = ()


def chain_of(deposits: Sequence[Deposit]) -> tuple[Deposit, ...]:
    """The deposits of a centre that are in effect; see `sorted_out`."""
    return sorted_out(deposits).chain


def sorted_out(deposits: Sequence[Deposit]) -> Sorted:
    """What each deposit of one centre is now; they are given in the order of acceptance.

    The extraction dates decide, and acceptance only between equal ones. A deposit counts in place of every earlier accepted
    one of its name; a withdrawal takes back the one of the name that was accepted before it.
    """
    named: dict[str, Deposit] = {}
    superseded: list[Deposit] = []
    withdrawn: list[Deposit] = []
    for deposit in deposits:
        if deposit.kind == "withdrawal":
            withdrawn += [named.pop(deposit.withdraws)] if deposit.withdraws in named else []
        else:
            superseded += [named.pop(deposit.name)] if deposit.name in named else []
            named[deposit.name] = deposit
    place = {deposit.id: number for number, deposit in enumerate(deposits)}
    order = sorted(named.values(), key=lambda deposit: (deposit.extraction_date, place[deposit.id]))
    full = [number for number, deposit in enumerate(order) if deposit.kind == "full"]
    if not full:
        return Sorted((), tuple(order), tuple(superseded), tuple(withdrawn))
    return Sorted(tuple(order[full[-1] :]), (), (*superseded, *order[: full[-1]]), tuple(withdrawn))


def fold(chain: Sequence[Deposit], contents: Sequence[Content]) -> Delivered:
    """The rows of a chain that stand, as one folder of their centre; `contents` holds the files of every deposit.

    A row replaces the rows of its key in earlier deposits; in a table without key the rows of a patient replace all earlier
    ones of that patient. Deletions come before the rows of their deposit. A row whose key is not known, in whole or in part,
    replaces none and stands until the next full deposit: what it was is not known, so it may be missing.
    """
    later = _Later()
    folded: list[Content] = []
    for deposit, content in reversed(list(zip(chain, contents, strict=True))):
        folded.append([(later.standing(part, TABLES[file.table]), file) for part, file in content])
        if deposit is not chain[0]:
            later.add(deposit, content)
    return Delivered(declared(chain), [pair for content in reversed(folded) for pair in content])


class _Later:
    """What the later deposits of a chain replace or delete."""

    def __init__(self) -> None:
        self.keys = {
            name: pl.DataFrame(schema=dict.fromkeys(key_of(table), pl.String())) for name, table in TABLES.items()
        }
        self.patients = pl.DataFrame(schema={"patient_id": pl.String()})

    def add(self, deposit: Deposit, content: Content) -> None:
        """A deposit before those that were added so far."""
        sent: dict[str, list[pl.DataFrame]] = {}
        for part, file in content:
            sent.setdefault(file.table, []).append(part.frame.select(key_of(TABLES[file.table])))
        for deletion in deposit.deletions:
            columns = key_of(TABLES[deletion.table])
            row = pl.DataFrame([deletion.key], schema=dict.fromkeys(columns, pl.String()), orient="row")
            sent.setdefault(deletion.table, []).append(row)
            if deletion.table == "patients":
                self.patients = pl.concat([self.patients, row])
        for table, keys in sent.items():
            self.keys[table] = pl.concat([self.keys[table], *keys]).drop_nulls().unique()

    def standing(self, part: Part, table: Table) -> Part:
        """The rows of a file that no later deposit replaces or deletes."""
        keys = self.keys[table.name]
        gone = _among(part.frame.select(keys.columns), keys)
        if "patient_id" in part.frame.columns:
            gone |= _among(part.frame.select("patient_id"), self.patients)
        return part.only((~gone).arg_true()) if gone.any() else part


def _among(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
    """Whether each row is one of the keys; one with an unknown part is none."""
    if len(keys.columns) == 1:
        return rows.to_series().is_in(keys.to_series().implode()).fill_null(False)
    found = rows.with_row_index("_row").join(keys, on=keys.columns, how="semi")["_row"]
    return pl.int_range(rows.height, dtype=pl.UInt32, eager=True).is_in(found.implode())


# Coverage


@dataclass(frozen=True)
class _Cover:
    """What the deposits so far cover of a table: complete or not, from when, to when, and the end as it was declared."""

    complete: bool | None
    start: date | None
    last: date
    end: date | None


def declared(chain: Sequence[Deposit]) -> Folder:
    """What the deposits of a chain declare together, as the folder of their centre.

    A table reaches to the end that the last deposit with this table declares, or to that deposit's extraction date: what
    comes after it nobody sent. An incremental deposit that begins only after what is covered leaves the end where it was,
    and one that brings a table which the full deposit lacks makes it complete only if it says so.
    """
    latest = chain[-1].extraction_date
    tables: dict[str, TableDeclaration] = {}
    for table in TABLES:
        cover: _Cover | None = None
        for deposit in chain:
            if table in deposit.supplied:
                cover = _extended(cover, deposit, deposit.tables.get(table, TableDeclaration()))
        if cover is not None:
            end = cover.end or (None if cover.last == latest else cover.last)
            tables[table] = TableDeclaration(None, cover.complete, cover.start, end)
    centre = chain[0].centre
    return Folder(centre, {table: Path(table) for table in tables}, centre, latest, tables)


def _extended(before: _Cover | None, deposit: Deposit, said: TableDeclaration) -> _Cover:
    last = said.end or deposit.extraction_date
    if before is None:
        complete = said.complete if deposit.kind == "full" else said.complete is True
        return _Cover(complete, said.start, last, said.end)
    after = replace(before, complete=before.complete if said.complete is not False else False)
    if said.start is not None and said.start > before.last + timedelta(days=1):
        return after
    if said.start is not None and before.start is not None:
        after = replace(after, start=min(said.start, before.start))
    return after if last < before.last else replace(after, last=last, end=said.end)
