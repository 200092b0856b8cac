"""What the Rades score says of an operation for a cord compression (G1 section 3.5.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .decisions import Decision, between, compression_decisions, latest_in, score_bounds
from .items import Row
from .logic import Truth, and_, not_, one_of, plus
from .patient import of_lesion, on, uses
from .rades import rades_motor
from .rule import Case, rule
from .rules_spine import spinal_surgery
from .scores import rades_on_day, sins_at

GRAIN, DOMAIN = "cord_compression", "radiotherapy"


class Compression:
    """A compression until the next one of the lesion: its first operation and radiotherapy, and what was known before."""

    def __init__(self, d: Decision) -> None:
        self.d = d
        p = d.patient
        assert d.lesion_id is not None
        later = [other.idx for other in compression_decisions(p, d.lesion_id) if other.idx > d.idx]
        self.end = min([plus(d.idx, 60), *(plus(day, -1) for day in later)])
        self.on_lesion = of_lesion(p.rows("procedures"), d.lesion_id)
        spinal = [row["date"] for row in self.on_lesion if row["category"] == "spinal_surgery"]
        courses = [row["start_date"] for row in of_lesion(p.rows("radiotherapy_courses"), d.lesion_id)]
        self.surgery, self.course = self.first(spinal), self.first(courses)

    def first(self, days: list[date]) -> date | None:
        return min((day for day in days if self.d.idx <= day <= self.end), default=None)

    @property
    def operated(self) -> Truth:
        return self.d.patient.occurred("procedures", self.d.idx, self.end, lambda row: spinal_surgery(self.d, row))

    def rades(self) -> tuple[Any, Any]:
        """Bounds of the score before the first local treatment."""
        row = self.d.row
        treatment = min((day for day in (self.surgery, self.course) if day is not None), default=None)
        if treatment is not None and row["date"] > treatment:
            row = row | dict.fromkeys(("motor_deficit", "motor_deficit_onset_date", "frankel", "ambulation"))
        return score_bounds(rades_on_day(self.d.patient, row, treatment or row["date"]))

    def unstable(self) -> Truth:
        """SINS of 13 or more before the operation."""
        if self.surgery is None:
            return None
        rows = of_lesion(self.d.patient.rows("spinal_assessments"), self.d.lesion_id)
        row = latest_in(rows, plus(self.surgery, -60), self.surgery)
        return between(score_bounds(None if row is None else sins_at(self.d.patient, row)), 13, 18)

    def laminectomy_alone(self) -> Truth:
        that_day = [row for row in self.on_lesion if row["date"] == self.surgery]
        if any(uses(row, "posterior_stabilisation") for row in that_day):
            return False
        return and_(
            *(one_of(row["technique"], "laminectomy") for row in that_day if row["category"] == "spinal_surgery")
        )

    def worse_under_radiotherapy(self) -> Truth:
        d = self.d
        if self.surgery is None:
            return None
        before_surgery = self.surgery - timedelta(days=1)
        irradiated = d.patient.occurred("radiotherapy_courses", d.idx, before_surgery, lambda row: on(row, d.lesion_id))
        return and_(irradiated, self.motor_function_fell(self.surgery))

    def motor_function_fell(self, surgery: date) -> Truth:
        if self.course is None:
            return None
        rows = of_lesion(self.d.patient.rows("spinal_assessments"), self.d.lesion_id)
        latest = latest_in([row for row in rows if points(row) is not None], date.min, surgery)
        before = points(self.d.row)
        if latest is None or latest["date"] <= self.course or self.d.row["date"] > self.course or before is None:
            return None
        return points(latest) < before

    def decided_by_the_meeting(self) -> bool:
        if self.surgery is None:
            return False
        return self.d.patient.last_mdt_decision(self.d.lesion_id, plus(self.d.idx, -60), self.surgery) == "surgery"


def points(row: Row) -> Any:
    return rades_motor(row["ambulation"], row["frankel"], set())[0]


@rule("G1-3.5.3-03", GRAIN, DOMAIN, "P")
def no_operation_in_rades_group_one(d: Decision) -> Case:
    compression = Compression(d)
    return Case(
        applies=between(compression.rades(), 21, 28),
        met=not_(compression.operated),
        exceptions={"sins_unstable": compression.unstable()},
        mdt_against=compression.decided_by_the_meeting(),
    )


@rule("G1-3.5.3-05", GRAIN, DOMAIN, "P")
def no_laminectomy_alone_in_rades_group_two(d: Decision) -> Case:
    compression = Compression(d)
    return Case(
        applies=and_(between(compression.rades(), 29, 37), compression.operated),
        met=not_(compression.laminectomy_alone()),
        mdt_against=compression.decided_by_the_meeting(),
    )


@rule("G1-3.5.3-07", GRAIN, DOMAIN, "P")
def no_operation_in_rades_group_three(d: Decision) -> Case:
    compression = Compression(d)
    return Case(
        applies=between(compression.rades(), 38, 44),
        met=not_(compression.operated),
        exceptions={
            "sins_unstable": compression.unstable(),
            "worse_under_radiotherapy": compression.worse_under_radiotherapy(),
        },
        mdt_against=compression.decided_by_the_meeting(),
    )
