"""Planted faults: one declaration per table, column and way to be wrong, each with the rule that must catch it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

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
