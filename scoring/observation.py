"""How far an act would have been seen, and who waits for a later day.

The end of observation moves on every night, although nothing new is recorded: with the day to which a centre declares its tables
complete, until the patient dies. What depends on it is asked for here, in one of two ways:

- `reaches` asks whether it lies on or after a day. The answer changes once, on that day: this is written down in `waits`.
- `until` gives the day itself, for a duration that grows with every night. Whoever publishes one declares it:
  `Classification.grows`, `scoring.facts.GROWING`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from scoring.core.answers import answer

if TYPE_CHECKING:
    from scoring.context import Context

WAITS = {"patient_id": pl.String, "centre_id": pl.String, "table": pl.String, "day": pl.Date}
"""The patients who wait: something may change once their centre's cut of the table comes to the day."""


class Observation:
    """The end of observation of every patient, table by table."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ends: dict[str, tuple[pl.Series, pl.Series]] = {}
        self._waiting: list[pl.DataFrame] = []

    def until(self, pid: pl.Series, tables: Sequence[str]) -> pl.Series:
        """The last day on which an act of every one of the tables would have been seen; null if nothing tells."""
        return _least(*(end[pid] for table in tables for end in self._ends_of(table)))

    def reaches(self, pid: pl.Series, day: pl.Series, tables: Sequence[str]) -> pl.Series:
        """Would an act of every one of the tables have been seen up to that day? Null if nothing tells."""
        day = day.cast(pl.Int32)
        fixed = _least(*(self._ends_of(table)[1][pid] for table in tables))
        for table in tables:
            waiting = answer((fixed < day, False), otherwise=self._ends_of(table)[0][pid] < day)
            found = pl.DataFrame({"pid": pid.filter(waiting), "day": day.filter(waiting)}).unique()
            self._waiting.append(found.with_columns(table=pl.lit(table)))
        return self.until(pid, tables) >= day

    @property
    def waits(self) -> pl.DataFrame:
        """Everyone who waits, and for what."""
        people = self._context.patients.select("pid", "patient_id", "centre_id")
        nobody = people.select("pid", day=pl.lit(0, pl.Int32), table=pl.lit("")).head(0)
        rows = pl.concat([nobody, *self._waiting]).unique().join(people, on="pid")
        return rows.select("patient_id", "centre_id", "table", pl.col("day").cast(pl.Date)).sort(*WAITS)

    def _ends_of(self, table: str) -> tuple[pl.Series, pl.Series]:
        """By pid the day to which the centre is complete, which moves on; and what ends the observation for good.

        For good: death; and where the centre is not complete, the patient's last contact or else last event.
        """
        if table not in self._ends:
            context = self._context
            cut = context.coverage(table).select("centre_id", "cut_day")
            people = context.people.join(cut, on="centre_id", how="left", maintain_order="left")
            seen = pl.when(pl.col("cut_day").is_null()).then(pl.coalesce("contact_day", "event_day"))
            people = people.with_columns(fixed=pl.min_horizontal(seen, "death_day"))
            self._ends[table] = people["cut_day"], people["fixed"]
        return self._ends[table]


def _least(*days: pl.Series) -> pl.Series:
    """The least of each row, nulls left aside."""
    if len(days) == 1:
        return days[0]
    frame = pl.DataFrame([day.alias(str(place)) for place, day in enumerate(days)])
    return frame.select(pl.min_horizontal(pl.all())).to_series()
