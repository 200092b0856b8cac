"""Planting the declared faults in a block of the cohort, so that each row carries one at most."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from validation.contract import TABLES

from .faults import PARENTS, Fault, catalogue


@dataclass
class Planted:
    """A block after planting: the typed tables, what only text can hold, and the list (row = place in the block)."""

    tables: dict[str, pl.DataFrame]
    texts: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    ragged: dict[str, list[int]] = field(default_factory=dict)
    listed: list[tuple[str, int, Fault]] = field(default_factory=list)


class Planter:
    """Plants faults block after block: each kind once as soon as a row can hold it, then at the rate asked for."""

    def __init__(self, form: str, dialect: str, rate: float) -> None:
        self.faults = catalogue(form, dialect)
        self.rate = rate
        self.due = list(dict.fromkeys(fault.rule for fault in self.faults))

    def plant(self, tables: dict[str, pl.DataFrame], rng: np.random.Generator) -> Planted:
        """The block with its faults; the rows of a patient who was hit, and rows with children, are left alone."""
        bed = _Bed(tables, rng)
        # Hitting a parent first keeps its children out of every later draw.
        for rule in sorted(self.due, key=lambda rule: rule not in ("birth_before_death", "level_without_spine")):
            options = [fault for fault in self.faults if fault.rule == rule and fault.table in tables]
            if any(bed.plant(options[place], 1) for place in rng.permutation(len(options))):
                self.due.remove(rule)
        for name, frame in tables.items():
            if name not in PARENTS:
                self._at_rate(bed, name, round(self.rate * frame.height), rng)
        return bed.done()

    def _at_rate(self, bed: _Bed, name: str, quota: int, rng: np.random.Generator) -> None:
        kinds: dict[str, list[Fault]] = {}
        for fault in self.faults:
            if fault.table == name:
                kinds.setdefault(fault.rule, []).append(fault)
        share = rng.multinomial(quota, np.full(len(kinds), 1 / len(kinds)))
        for faults, count in zip(kinds.values(), share, strict=True):
            for fault, number in zip(
                faults, rng.multinomial(count, np.full(len(faults), 1 / len(faults))), strict=True
            ):
                bed.plant(fault, int(number))


def _lesions_with_children(tables: dict[str, pl.DataFrame]) -> list[str]:
    named = [
        frame["lesion_id"] for name, frame in tables.items() if name != "bone_lesions" and "lesion_id" in frame.columns
    ]
    if "mdt_meetings" in tables:
        named.append(tables["mdt_meetings"]["lesion_ids"].explode().rename("lesion_id"))
    return pl.concat(named).drop_nulls().unique().to_list()


class _Bed:
    """One block while faults are planted in it."""

    def __init__(self, tables: dict[str, pl.DataFrame], rng: np.random.Generator) -> None:
        self.rng = rng
        self.planted = Planted(dict(tables))
        self.context: dict[str, pl.DataFrame] = {}  # the tables with what the declarations ask for beside their columns
        self.free = {name: np.ones(frame.height, dtype=bool) for name, frame in tables.items()}
        self.sound_lesions = tables["bone_lesions"].select("patient_id", "lesion_id")
        for name, child, column in (
            ("imaging_exams", "imaging_findings", "exam_id"),
            ("procedures", "radiotherapy_courses", "linked_procedure_id"),
        ):
            if child in tables:
                parents = tables[name][TABLES[name].key[0]]
                self.free[name] &= ~parents.is_in(tables[child][column].drop_nulls().to_list()).to_numpy()
        self.free["bone_lesions"] &= (
            ~tables["bone_lesions"]["lesion_id"].is_in(_lesions_with_children(tables)).to_numpy()
        )
        self.copies: dict[str, list[pl.DataFrame]] = {}
        self.cells: dict[tuple[str, str], tuple[list[int], list[object]]] = {}

    def plant(self, fault: Fault, count: int) -> int:
        """Plants one kind in as many free rows as asked for, or as there are; says how many."""
        if count == 0 or fault.table not in self.free:
            return 0
        frame = self._context(fault.table)
        mask = frame.with_columns(able=fault.where.fill_null(False))["able"].to_numpy()
        rows = np.flatnonzero(mask & self.free[fault.table])
        chosen = np.sort(self.rng.choice(rows, min(count, len(rows)), replace=False))
        if len(chosen) == 0:
            return 0
        self.free[fault.table][chosen] = False
        {"value": self._value, "text": self._text, "copy": self._copy, "ragged": self._ragged}[fault.how](fault, chosen)
        if fault.table in PARENTS:
            self._spare_children(fault.table, frame[TABLES[fault.table].key[0]].gather(chosen))
        return len(chosen)

    def _context(self, name: str) -> pl.DataFrame:
        """The table with the death of the patient and a foreign lesion beside its own columns."""
        if name not in self.context:
            deaths = self.planted.tables["patients"].select("patient_id", death_of_patient="death_date")
            frame = self.planted.tables[name].join(deaths, on="patient_id", how="left", maintain_order="left")
            if "lesion_id" in frame.columns and name != "bone_lesions":
                frame = frame.with_columns(other_lesion=self._other_lesions(frame))
            self.context[name] = frame
        return self.context[name]

    def _other_lesions(self, frame: pl.DataFrame) -> pl.Series:
        """For each row a lesion of another patient of the block; null where the lesion drawn is the patient's own."""
        if self.sound_lesions.is_empty():
            return pl.Series([None] * frame.height, dtype=pl.String)
        drawn = self.sound_lesions.sample(frame.height, with_replacement=True, seed=int(self.rng.integers(2**32)))
        foreign = drawn["patient_id"] != frame["patient_id"]
        return drawn.select(pl.when(foreign).then("lesion_id")).to_series()

    def _spare_children(self, parents: str, keys: pl.Series) -> None:
        """Rows that will follow a parent into quarantine carry no fault, and nothing is pointed at such a parent."""
        key = keys.name
        self.sound_lesions = self.sound_lesions.filter(~pl.col(key).is_in(keys.to_list()))
        for name, frame in self.planted.tables.items():
            if name != parents and key in frame.columns:
                self.free[name] &= ~frame[key].is_in(keys.to_list()).fill_null(False).to_numpy()

    def _list(self, fault: Fault, rows: np.ndarray) -> None:
        self.planted.listed.extend((fault.table, int(row), fault) for row in rows)

    def _value(self, fault: Fault, rows: np.ndarray) -> None:
        hit = self._context(fault.table)[rows.tolist()]
        values = hit.with_columns(value=fault.value.cast(TABLES[fault.table][fault.column].dtype))["value"]
        places, cells = self.cells.setdefault((fault.table, fault.column), ([], []))
        places.extend(rows.tolist())
        cells.extend(values.to_list())
        self._list(fault, rows)

    def _text(self, fault: Fault, rows: np.ndarray) -> None:
        self.planted.texts.setdefault(fault.table, []).extend((int(row), fault.column, fault.text) for row in rows)
        self._list(fault, rows)

    def _ragged(self, fault: Fault, rows: np.ndarray) -> None:
        self.planted.ragged.setdefault(fault.table, []).extend(rows.tolist())
        self._list(fault, rows)

    def _copy(self, fault: Fault, rows: np.ndarray) -> None:
        """A copy goes to the end of the block; with a cell emptied when it must differ."""
        copies = self.planted.tables[fault.table][rows.tolist()]
        if fault.column:
            copies = copies.with_columns(pl.lit(None, dtype=copies.schema[fault.column]).alias(fault.column))
        before = self.copies.setdefault(fault.table, [])
        start = self.planted.tables[fault.table].height + sum(part.height for part in before)
        before.append(copies)
        self._list(fault, np.arange(start, start + len(rows)))

    def done(self) -> Planted:
        """The block with every cell changed and every copy added."""
        for (name, column), (places, cells) in self.cells.items():
            frame = self.planted.tables[name]
            changed = pl.DataFrame({"row": places, column: pl.Series(cells, dtype=frame.schema[column])})
            self.planted.tables[name] = frame.with_columns(frame[column].scatter(changed["row"], changed[column]))
        for name, parts in self.copies.items():
            self.planted.tables[name] = pl.concat([self.planted.tables[name], *parts])
        return self.planted
