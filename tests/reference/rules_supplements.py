"""Calcium and vitamin D with antiresorptives (G1 section 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .decisions import Decision
from .items import Row
from .logic import Truth, and_, known, plus
from .patient import Patient
from .rule import Case, rule
from .rules_antiresorptive import covers


def supplements(patient: Patient, drug: str, day: date) -> list[Row]:
    return [row for row in patient.rows("drug_prescriptions") if row["drug"] == drug and covers(row, day)]


def daily(prescriptions: list[Row]) -> float:
    """What is certainly taken in a day; a prescription without dose adds nothing certain."""
    return sum(row["daily_dose"] or 0 for row in prescriptions)


def doses_are_known(d: Decision, prescriptions: list[Row]) -> bool:
    recorded = all(row["daily_dose"] is not None for row in prescriptions)
    return recorded and d.patient.provable("drug_prescriptions", d.idx)


def dietary_calcium(patient: Patient, day: date) -> float | None:
    rows = patient.acts("supportive_care", plus(day, -183), plus(day, 14))
    rows = [row for row in rows if row["dietary_calcium_mg"] is not None]
    last = max(rows, key=lambda r: (r["date"], -r["dietary_calcium_mg"]), default=None)
    return None if last is None else last["dietary_calcium_mg"]


def enough_calcium(d: Decision, day: date) -> Truth:
    taken = supplements(d.patient, "calcium", day)
    supplement, diet = daily(taken), dietary_calcium(d.patient, day)
    if supplement >= 1000:
        return True
    if supplement >= 500 and diet is not None and supplement + diet >= 1000:
        return True
    if not doses_are_known(d, taken):
        return None
    diet_may_be_missing = diet is None and not d.patient.provable("supportive_care", plus(day, -183))
    return None if supplement >= 500 and diet_may_be_missing else False


def enough_vitamin_d(d: Decision, day: date) -> Truth:
    taken = supplements(d.patient, "vitamin_d", day)
    if daily(taken) >= 1000:
        return True
    return False if doses_are_known(d, taken) else None


def from_first_to_last_dose(d: Decision, enough: Callable[[Decision, date], Truth]) -> Case:
    calcium = d.patient.latest_lab("corrected_calcium", plus(d.idx, -30), d.idx)
    return Case(
        applies=True,
        met=and_(enough(d, d.doses[0]["date"]), enough(d, d.doses[-1]["date"])),
        exceptions={
            "urgent_start": d.row["urgent_start"],
            "hypercalcaemia": known(calcium, lambda value: value > 2.60),
        },
    )


@rule("G1-3.4-19", "antiresorptive_course", "antiresorptive", "D")
def a_gram_of_calcium_a_day(d: Decision) -> Case:
    return from_first_to_last_dose(d, enough_calcium)


@rule("G1-3.4-20", "antiresorptive_course", "antiresorptive", "D")
def a_thousand_units_of_vitamin_d_a_day(d: Decision) -> Case:
    return from_first_to_last_dose(d, enough_vitamin_d)
