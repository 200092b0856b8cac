"""Decisions of one grain, and the questions that facts ask about them.

Every answer is three-valued: an act that a table does not hold was not done only where the table is supplied and complete
for that time; otherwise the answer is null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

import polars as pl

from scoring.context import Context, Timeline
from scoring.core.answers import answer, where
from validation.contract import TABLES

Day = int | pl.Series
"""Days relative to the index date, or an absolute day per decision."""
LookUp = Callable[[Timeline, pl.Series, pl.Series], pl.Series]
_NO_DAY = pl.Series([None], dtype=pl.Int32)


class Acts:
    """The rows of a table that are acts of one kind, found by patient or by lesion.

    `unplaced` says what a row without lesion means for a lesion: it counts for all of the patient's lesions (meetings,
    opinions), or leaves a doubt whether the act was on this one (radiotherapy, procedures). Acts `by="patient"` ignore lesions.
    """

    def __init__(
        self,
        context: Context,
        table: str,
        rows: pl.DataFrame,
        by: Literal["patient", "lesion"],
        unplaced: Literal["counts", "doubt"] = "doubt",
    ) -> None:
        self.table = table
        self.by = by
        self.unplaced = unplaced
        self._context = context
        self._rows = rows
        self._ties = [c for c in (*TABLES[table].key, "kind", "reason") if c in rows.columns]

    @cached_property
    def of_patient(self) -> Timeline:
        """All of them, by patient."""
        return Timeline(self._rows, "pid", self._ties)

    @cached_property
    def of_lesion(self) -> Timeline:
        """Those on each lesion, by lesion."""
        rows = self._rows
        if self.unplaced == "counts":
            lesions = self._context.lesions.select("pid", "lid")
            everywhere = rows.filter(pl.col("lid").is_null()).drop("lid").join(lesions, on="pid")
            rows = pl.concat([rows.filter(pl.col("lid").is_not_null()), everywhere.select(rows.columns)])
        return Timeline(rows, "lid", self._ties)

    @cached_property
    def doubtful(self) -> Timeline:
        """Those that may have been on any lesion of the patient, by patient."""
        return Timeline(self._rows.filter(pl.col("lid").is_null()), "pid", self._ties)


class Decisions:
    """One row per decision: patient_id, centre_id, entity_id, lesion_id, index_date, pid, lid, day.

    Facts are added as columns; the rows stay.
    """

    def __init__(self, context: Context, frame: pl.DataFrame) -> None:
        """`frame` holds pid, day (of the index), entity_id and, where the decision is about a lesion, lid."""
        self.context = context
        frame = frame.hstack([values[frame["pid"]] for values in context.people])
        if "lid" not in frame.columns:
            frame = frame.with_columns(lid=pl.lit(None, pl.UInt32))
        if "lesion_id" not in frame.columns:
            frame = frame.join(context.lesions.select("lid", "lesion_id"), on="lid", how="left", maintain_order="left")
        self.frame = frame.with_columns(index_date=pl.col("day").cast(pl.Date))
        self._placed = self.frame["lid"].is_not_null()

    def __getitem__(self, column: str) -> pl.Series:
        return self.frame[column]

    def add(self, **facts: pl.Series | pl.Expr) -> None:
        """Add facts as columns."""
        self.frame = self.frame.with_columns(**facts)

    def day(self, day: Day) -> pl.Series:
        """An absolute day per decision."""
        return day if isinstance(day, pl.Series) else self["day"] + day

    def proves(self, table: str) -> pl.Series:
        """Does absence from the table prove something about the patient?"""
        return self.context.proof(table)["proves"][self["pid"]]

    def provable(self, table: str, since: Day) -> pl.Series:
        """Would the table hold an act of that day or later, had there been one?"""
        begins = self.context.proof(table)["from_day"][self["pid"]]
        return answer((begins > self.day(since), False), otherwise=self.proves(table))

    def reaches(self, day: pl.Series, *tables: str) -> pl.Series:
        """Would an act of every one of the tables have been seen up to that day? Null if nothing tells."""
        return self.context.observation.reaches(self["pid"], day, tables)

    def observed_until(self, *tables: str) -> pl.Series:
        """The last day on which an act of every one of the tables would have been seen: see `scoring.observation`."""
        return self.context.observation.until(self["pid"], tables)

    def first(self, acts: Acts, since: Day) -> tuple[pl.Series, pl.Series]:
        """Day of the first act from `since` on, and of the first that may have been on another lesion."""
        return self._nearest(Timeline.first_day, acts, self.day(since))

    def last(self, acts: Acts, until: Day) -> tuple[pl.Series, pl.Series]:
        """Day of the last act until `until`, and of the last that may have been on another lesion."""
        return self._nearest(Timeline.last_day, acts, self.day(until))

    def _nearest(self, look_up: LookUp, acts: Acts, day: pl.Series) -> tuple[pl.Series, pl.Series]:
        if acts.by == "lesion" and self._placed.all():
            of_patient = _NO_DAY.new_from_index(0, len(day))
        else:
            of_patient = look_up(acts.of_patient, self["pid"], day)
        if acts.by == "patient":
            return of_patient, _NO_DAY.new_from_index(0, len(day))
        of_lesion = look_up(acts.of_lesion, self["lid"], day)
        if acts.unplaced == "counts":
            return of_lesion.zip_with(self._placed, of_patient), _NO_DAY.new_from_index(0, len(day))
        return of_lesion, look_up(acts.doubtful, self["pid"], day).zip_with(self._placed, of_patient)

    def occurred(self, acts: Acts, since: Day, until: Day) -> pl.Series:
        """Was there an act in the window, both days included? Null where it cannot be known."""
        sure, doubt = self.first(acts, since)
        start, end = self.day(since), self.day(until)
        return answer(
            (end < start, False), (sure <= end, True), (doubt <= end, None), (self.provable(acts.table, since), False)
        )

    def occurred_or_perhaps(self, acts: Acts, perhaps: Acts, since: Day, until: Day) -> pl.Series:
        """As `occurred`; null too where only an act that may be of the kind lies in the window."""
        sure, doubt = self.occurred(acts, since, until), self.found(perhaps, since, until)
        return answer((sure, True), (doubt, None), otherwise=sure)

    def found(self, acts: Acts, since: Day, until: Day | None = None) -> pl.Series:
        """Does the table hold an act in the window? Presence only: false says nothing about what was done."""
        sure, _ = self.first(acts, since)
        return sure.is_not_null() if until is None else answer((sure <= self.day(until), True), otherwise=False)

    def last_value(self, acts: Acts, column: str, since: Day, until: Day) -> pl.Series:
        """The value of `column` in the last act of the window; null where there is none."""
        by_patient = self._last_of(acts.of_patient, "pid", column, since, until)
        if acts.by == "patient":
            return by_patient
        return self._last_of(acts.of_lesion, "lid", column, since, until).zip_with(self._placed, by_patient)

    def _last_of(self, rows: Timeline, key: str, column: str, since: Day, until: Day) -> pl.Series:
        position = rows.last(self[key], self.day(until))
        inside = rows.take("day", position) >= self.day(since)
        return where(inside, rows.take(column, position))

    def state(
        self, column: str, days: int, *, at: Day = 0, table: str = "clinical_assessments", key: str = "pid"
    ) -> pl.Series:
        """The latest recorded value of a column in the `days` up to and including the day `at`."""
        day = self.day(at)
        return self._last_of(self.context.recorded(table, column, key), key, column, day - days, day)

    def state_at_discovery(
        self, column: str, days: int, days_after: int, not_after: pl.Series | None = None
    ) -> pl.Series:
        """The state, or failing that the first value of the following days, never after the act that is judged."""
        known = self.context.recorded("clinical_assessments", column, "pid")
        when = known.first_day(self["pid"], self.day(1))
        position = known.last(self["pid"], when)
        soon = when <= self.day(days_after)
        if not_after is not None:
            soon = soon & (when <= not_after).fill_null(True)
        return select(pl.coalesce(self.state(column, days), pl.when(soon).then(known.take(column, position))))


def select(expression: pl.Expr | pl.Series) -> pl.Series:
    """The series of an expression over series."""
    return pl.select(expression).to_series()


def earlier(*days: pl.Series) -> pl.Series:
    """The earliest day of each row, nulls left aside."""
    return (
        pl.DataFrame([day.alias(str(i)) for i, day in enumerate(days)]).select(pl.min_horizontal(pl.all())).to_series()
    )


def holds(column: str, tokens: Sequence[str]) -> pl.Expr:
    """Does a set column hold any of the tokens? Null where the set is null."""
    return pl.col(column).list.eval(pl.element().cast(pl.String).is_in(list(tokens))).list.any()
