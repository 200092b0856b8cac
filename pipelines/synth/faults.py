"""Planted faults: one declaration per table, column and way to be wrong, each with the rule that must catch it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from validation.contract import TABLES, Column, Table

from .draw import EXTRACTION

PARENTS = ("centres", "patients", "bone_lesions")
"""Tables whose rows have children: they carry only the faults that no other table can."""

DEATH = pl.col("death_of_patient")
NO_SUCH = {"patients": "C00-P999999", "bone_lesions": "C00-P999999-L1", "centres": "C00"}
NO_SUCH_DAY = {"fr": "30/02/2023", "iso": "2023-02-30"}
SIMPLE_EVENTS = (
    "clinical_assessments",
    "lab_results",
    "supportive_care",
    "mdt_meetings",
    "consultations",
    "deviations",
    "imaging_exams",
)
"""Tables with one date, where a wrong day breaks no other rule."""


@dataclass(frozen=True)
class Fault:
    """One way to be wrong. `where`: the rows that can be; `value`: the cell then; `text`: or its raw text."""

    rule: str
    planted: str
    table: str
    column: str = ""
    how: Literal["value", "text", "copy", "ragged"] = "value"
    where: pl.Expr = field(default_factory=lambda: pl.lit(True))
    value: pl.Expr = field(default_factory=lambda: pl.lit(None))
    text: str = ""


@dataclass
class Planted:
    """A block after planting: the typed tables, what only text can hold, and the list (row = place in the block)."""

    tables: dict[str, pl.DataFrame]
    texts: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    ragged: dict[str, list[int]] = field(default_factory=dict)
    listed: list[tuple[str, int, Fault]] = field(default_factory=list)


def catalogue(form: str, dialect: str) -> list[Fault]:
    """Every fault that a file of this format can hold, in the words of the dialect."""
    made = [
        fault for table in TABLES.values() if table.name not in PARENTS for fault in _of_table(table, dialect)
    ] + _between_columns()
    if form == "csv":
        return made
    if form == "xlsx":
        return [fault for fault in made if fault.how != "ragged"]
    single = {(t.name, c.name) for t in TABLES.values() for c in t.columns if c.kind == "enum"}
    return [f for f in made if f.how in ("value", "copy") or (f.how == "text" and (f.table, f.column) in single)]


def _of_table(table: Table, dialect: str) -> Iterator[Fault]:
    yield Fault("wrong_field_count", "a line with a field too many or too few", table.name, how="ragged")
    if table.key:
        yield Fault("duplicate_row", "an exact copy of another row", table.name, how="copy")
    for column in table.columns:
        yield from _of_column(table, column, dialect)
    if table.key:
        spare = next(c for c in table.columns if not c.required and c.references is None and c.kind != "date")
        yield Fault(
            "duplicate_key",
            "another row with the same key",
            table.name,
            spare.name,
            "copy",
            where=pl.col(spare.name).is_not_null(),
        )


def _of_column(table: Table, column: Column, dialect: str) -> Iterator[Fault]:
    here, filled = pl.col(column.name), pl.col(column.name).is_not_null()
    plain = column.references is None and not column.is_key and column.name not in table.key
    if column.required and plain:
        yield Fault("required_missing", "an empty cell in a required column", table.name, column.name)
    texts = {
        "date": ("bad_date", "a day that does not exist", NO_SUCH_DAY[dialect]),
        "int": ("bad_number", "a word in a number column", "douze"),
        "float": ("bad_number", "a number with its unit", "4 mg"),
        "bool": ("bad_boolean", "neither yes nor no", "peut-être"),
        "enum": ("unknown_token", "a token that the contract does not have", "code_local_17"),
        "set": ("unknown_token", "a token that the contract does not have", "code_local_17"),
    }
    if column.kind in texts and plain and column.name != "lesion_ids":
        rule, planted, text = texts[column.kind]
        yield Fault(rule, planted, table.name, column.name, "text", filled, text=text)
    if column.high is not None:
        yield Fault(
            "out_of_range",
            "a number above the range",
            table.name,
            column.name,
            where=filled,
            value=pl.lit(column.high + 10),
        )
    if column.references == "bone_lesions.lesion_id":
        yield Fault(
            "lesion_of_another_patient",
            "another patient's lesion",
            table.name,
            column.name,
            where=filled & pl.col("other_lesion").is_not_null(),
            value=pl.col("other_lesion"),
        )
    if column.parent and not column.is_key and (column.name != "patient_id" or "lesion_id" not in table.schema):
        missing = NO_SUCH.get(column.parent[0], "C00-P999999-X1")
        yield Fault(
            "unknown_parent", "a reference to nothing", table.name, column.name, where=filled, value=pl.lit(missing)
        )
    if column.name == "date" and table.name in SIMPLE_EVENTS:
        yield Fault(
            "future_date",
            "a day after the extraction",
            table.name,
            "date",
            where=DEATH.is_null(),
            value=_day(EXTRACTION + 40),
        )
        late = DEATH.is_not_null() & (DEATH.cast(pl.Int32) < EXTRACTION - 30)
        yield Fault(
            "after_death", "a day after the death", table.name, "date", where=late, value=DEATH + pl.duration(days=25)
        )
    if column.name == "karnofsky":
        yield Fault(
            "karnofsky_multiple_of_ten",
            "a Karnofsky index between two steps",
            table.name,
            "karnofsky",
            where=filled & (here < 100),
            value=here + 5,
        )


def _day(number: int) -> pl.Expr:
    return pl.lit(number).cast(pl.Int32).cast(pl.Date)


def _between_columns() -> list[Fault]:
    """Dates in the wrong order, and a vertebral level on a bone that has none."""

    def moved(rule: str, planted: str, table: str, column: str, origin: str, days: int) -> Fault:
        both = pl.col(column).is_not_null() & pl.col(origin).is_not_null()
        # A day moved forward must stay before death and extraction, or it would break a second rule.
        room = (pl.col(origin).cast(pl.Int32) + days <= EXTRACTION) & DEATH.is_null() if days > 0 else pl.lit(True)
        return Fault(rule, planted, table, column, where=both & room, value=pl.col(origin) + pl.duration(days=days))

    lines, fractures = "systemic_therapy_lines", "fracture_not_after_assessment"
    cord = "compression_not_after_assessment"
    return [
        moved("birth_before_death", "a death before the birth", "patients", "death_date", "birth_date", -100),
        Fault(
            "diagnosis_before_death",
            "a diagnosis after the death",
            "primary_tumours",
            "diagnosis_date",
            where=DEATH.is_not_null() & (DEATH.cast(pl.Int32) < EXTRACTION - 30),
            value=DEATH + pl.duration(days=20),
        ),
        moved("end_after_start", "an end before the start", "radiotherapy_courses", "end_date", "start_date", -5),
        moved("end_after_start", "an end before the start", "drug_prescriptions", "stop_date", "start_date", -3),
        moved("end_after_start", "an end before the start", lines, "end_date", "start_date", -10),
        moved(
            "discharge_after_admission",
            "discharged before admitted",
            "procedures",
            "discharge_date",
            "admission_date",
            -2,
        ),
        moved("healed_after_surgery", "healed before the operation", "procedures", "wound_healed_date", "date", -3),
        moved("complication_after_procedure", "before the procedure", "procedures", "complication_date", "date", -4),
        moved(fractures, "a fracture after its assessment", "lesion_assessments", "fracture_date", "date", 12),
        moved(cord, "a compression after its assessment", "spinal_assessments", "compression_date", "date", 12),
        moved(
            "enrolled_after_screened", "before the screening", "trial_screenings", "enrolled_date", "screened_date", -10
        ),
        Fault(
            "level_without_spine",
            "a vertebral level on another bone",
            "bone_lesions",
            "vertebral_level",
            where=~pl.col("bone").is_in(["vertebra", "sacrum"]),
            value=pl.lit("L3"),
        ),
    ]


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
