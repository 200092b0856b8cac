"""Who, which lesion, on which day: the registry on integer keys, so that questions about time are look-ups.

A question such as "the first dose from that day on" or "the last creatinine until that day" is one binary search in the
rows of one kind, sorted by key and day. `Timeline` answers it for whole columns of decisions at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import polars as pl

from validation.contract import TABLES

from .core.answers import where
from .observation import Observation
from .registry import Registry

DAYS = 1 << 20
"""Room for the days of one key in a stamp: more than 2,800 years."""

MAIN_DATE = {
    "bone_lesions": "discovery_date",
    "lesion_assessments": "date",
    "spinal_assessments": "date",
    "clinical_assessments": "date",
    "imaging_exams": "date",
    "lab_results": "date",
    "drug_administrations": "date",
    "supportive_care": "date",
    "radiotherapy_courses": "start_date",
    "procedures": "date",
    "mdt_meetings": "date",
    "consultations": "date",
    "systemic_therapy_lines": "start_date",
}
"""The tables whose rows show that the patient was observed, and the column that dates them."""


def day_of(date: str | pl.Expr) -> pl.Expr:
    """Days since 1970-01-01 of a date column."""
    return (pl.col(date) if isinstance(date, str) else date).cast(pl.Int32)


class Timeline:
    """Rows of one kind in the order of key, day and tie-breakers, then in the order in which they came.

    Positions that the look-ups return point into `rows`; null where there is no such row. Rows without key or day are left out.
    """

    def __init__(self, rows: pl.DataFrame, key: str, ties: Sequence[str] = ()) -> None:
        if rows[key].null_count() or rows["day"].null_count():
            rows = rows.drop_nulls([key, "day"])
        if not _ascend(_stamps(rows[key], rows["day"])):
            rows = rows.sort([key, "day", *ties], maintain_order=True)
        self.rows = rows
        # One more without key and day, behind the last and thus at -1 too: it is found where there is no row.
        self._keys = np.append(rows[key].to_numpy(), np.nan)
        self._stamps = np.append(_stamps(rows[key], rows["day"]), np.nan)

    def first(self, key: pl.Series, since: pl.Series) -> pl.Series:
        """Position of the first row of `key` on or after day `since`."""
        return self._of_key(key, np.searchsorted(self._stamps, _stamps(key, since), "left"))

    def last(self, key: pl.Series, until: pl.Series) -> pl.Series:
        """Position of the last row of `key` on or before day `until`."""
        return self._of_key(key, np.searchsorted(self._stamps, _stamps(key, until), "right") - 1)

    def take(self, column: str, positions: pl.Series) -> pl.Series:
        """The values of `column` at `positions`; null where the position is null."""
        return self.rows[column][positions]

    def first_day(self, key: pl.Series, since: pl.Series) -> pl.Series:
        """Day of the first row of `key` on or after day `since`."""
        return self.take("day", self.first(key, since))

    def last_day(self, key: pl.Series, until: pl.Series) -> pl.Series:
        """Day of the last row of `key` on or before day `until`."""
        return self.take("day", self.last(key, until))

    def _of_key(self, key: pl.Series, position: np.ndarray) -> pl.Series:
        same = self._keys[position] == key.to_numpy()
        return where(pl.Series(same), pl.Series(position.astype(np.uint32)))


def _stamps(key: pl.Series, day: pl.Series) -> np.ndarray:
    """Key and day in one number, which sorts as they do; NaN, which sorts last, where one of them is null."""
    return (key.cast(pl.Int64) * DAYS + day.cast(pl.Int64)).to_numpy()


def _ascend(stamps: np.ndarray) -> bool:
    return bool((stamps[1:] > stamps[:-1]).all())


class Context:
    """A registry on integer keys: `pid` for patients, `lid` for lesions, `cid` for centres, `day` for dates."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.observation = Observation(self)
        self._rows: dict[str, pl.DataFrame] = {}
        self._coverage: dict[str, pl.DataFrame] = {}
        self._holes: dict[str, pl.Series] = {}
        self._proofs: dict[str, pl.DataFrame] = {}
        self._states: dict[tuple[str, str, str], Timeline] = {}

    @cached_property
    def patients(self) -> pl.DataFrame:
        """Patients in the order of their id, with `pid` and `cid`."""
        centres = self.registry["patients"].select(pl.col("centre_id").unique().sort()).with_row_index("cid")
        patients = self.registry["patients"].sort("patient_id").with_row_index("pid")
        return patients.join(centres, on="centre_id", how="left", maintain_order="left").with_columns(
            death_day=day_of("death_date"), contact_day=day_of("last_contact_date")
        )

    @cached_property
    def people(self) -> pl.DataFrame:
        """By pid: who it is, and the days of death, of the last contact and of the last event."""
        people = self.patients.select("pid", "patient_id", "centre_id", "death_day", "contact_day")
        return people.join(self.last_event, on="pid", how="left", maintain_order="left").drop("pid")

    @cached_property
    def lesions(self) -> pl.DataFrame:
        """Bone lesions in the order of their id, with `lid`, `pid` and the day of discovery."""
        lesions = self.registry["bone_lesions"].sort("lesion_id").with_row_index("lid")
        return self._with_patients(lesions).with_columns(day=day_of("discovery_date"))

    def rows(self, table: str) -> pl.DataFrame:
        """The rows of an event table with `pid`, `day` and, where the table names lesions, `lid`."""
        if table not in self._rows:
            frame = self._with_patients(self.registry[table])
            dated = MAIN_DATE.get(table, "date")
            if dated in frame.columns:
                frame = frame.with_columns(day=day_of(dated))
            if "lesion_id" in frame.columns:
                frame = frame.join(
                    self.lesions.select("lesion_id", "lid", "bone"), on="lesion_id", how="left", maintain_order="left"
                )
            self._rows[table] = frame
        return self._rows[table]

    def _with_patients(self, frame: pl.DataFrame) -> pl.DataFrame:
        keys = self.patients.select("patient_id", "pid")
        return frame.join(keys, on="patient_id", how="left", maintain_order="left")

    def recorded(self, table: str, column: str, key: str) -> Timeline:
        """The non-null values of one column of a dated table; of several on a day, the last by the table's key."""
        name = (table, column, key)
        if name not in self._states:
            rows = self.rows(table).filter(pl.col(column).is_not_null())
            self._states[name] = Timeline(
                rows.select({key, "pid", "day", column, *TABLES[table].key}), key, TABLES[table].key
            )
        return self._states[name]

    @cached_property
    def tumours(self) -> pl.DataFrame:
        """The tumour of record of each patient: the earliest lung primary, else the earliest other primary."""
        return (
            self._with_patients(self.registry["primary_tumours"])
            .sort(pl.col("primary_site") != "lung", "diagnosis_date", "tumour_id")
            .unique("pid", keep="first", maintain_order=True)
        )

    @cached_property
    def last_event(self) -> pl.DataFrame:
        """The last day on which any event of each patient is recorded."""
        days = [self.rows(table).select("pid", "day") for table in MAIN_DATE]
        return pl.concat(days).group_by("pid").agg(event_day=pl.col("day").max())

    def hole(self, table: str) -> pl.Expr:
        """Is a row of the table and the patient (`pid`) in quarantine?"""
        if table not in self._holes:
            holes = self.registry.holes.filter(pl.col("table") == table)
            self._holes[table] = self._with_patients(holes)["pid"].unique().implode()
        return pl.col("pid").is_in(self._holes[table])

    def coverage(self, table: str) -> pl.DataFrame:
        """Of one table what each centre declares (`declared`)."""
        if table not in self._coverage:
            self._coverage[table] = self.declared.filter(pl.col("table") == table).drop("table")
        return self._coverage[table]

    def proof(self, table: str) -> pl.DataFrame:
        """By pid: does absence from the table prove something about the patient, and from which day on (null: any)."""
        if table not in self._proofs:
            people = self.patients.select("pid", "centre_id")
            people = people.join(self.coverage(table), on="centre_id", how="left", maintain_order="left")
            proves = pl.col("proves").fill_null(False) & ~self.hole(table)
            self._proofs[table] = people.select("from_day", proves=proves)
        return self._proofs[table]

    @cached_property
    def declared(self) -> pl.DataFrame:
        """Per centre and table: is it supplied, does absence prove something, from which day, to which day."""
        proves = pl.col("supplied").fill_null(False) & pl.col("complete").fill_null(False)
        return self.registry.coverage.select(
            "centre_id",
            "table",
            supplied=pl.col("supplied").fill_null(False),
            proves=proves,
            from_day=day_of("from"),
            cut_day=pl.when(proves).then(pl.coalesce(day_of("to"), day_of("extraction_date"))),
        )
