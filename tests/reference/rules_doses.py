"""Rhythm, renal adaptation and surveillance of single doses of antiresorptives (G1 section 3.4)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, antiresorptive_courses
from .items import Row
from .logic import Truth, and_, is_dose_of, known, or_, plus
from .patient import Patient, is_antiresorptive_dose
from .rule import Case, rule
from .rules_antiresorptive import clearance_before


def own_course(d: Decision) -> list[Row]:
    """The antiresorptive course that holds the dose."""
    for course in antiresorptive_courses(d.patient):
        if any(dose is d.row for dose in course.doses):
            return course.doses
    raise LookupError("a dose is in no course")


@rule("G1-3.4-09", "drug_dose", "antiresorptive", "O")
def paracetamol_around_a_dose(d: Decision) -> Case:
    def given_on(day: date) -> Truth:
        return d.patient.occurred("drug_administrations", day, day, lambda row: row["drug"] == "paracetamol")

    both = given_on(d.idx), given_on(plus(d.idx, 1))
    # One day not known leaves open which of two options was taken.
    return Case(applies=True, option=None if None in both else ("none", "one_day", "both_days")[sum(map(bool, both))])


@rule("G1-3.4-04", "drug_dose", "antiresorptive", "D")
def zoledronic_acid_every_month(d: Decision) -> Case | None:
    return a_month_after_the_dose_before(d) if d.row["drug"] == "zoledronic_acid" else None


@rule("G1-3.4-11", "drug_dose", "antiresorptive", "D")
def denosumab_every_month(d: Decision) -> Case | None:
    return a_month_after_the_dose_before(d) if d.row["drug"] == "denosumab" else None


def a_month_after_the_dose_before(d: Decision) -> Case | None:
    p = d.patient
    if not is_antiresorptive_dose(d.row):
        return None
    course = own_course(d)
    position = [dose["administration_id"] for dose in course].index(d.entity_id)
    if position == 0:
        return Case(applies=False if p.provable("drug_administrations", plus(d.idx, -90)) else None)
    previous = course[position - 1]["date"]
    interval = (d.idx - previous).days
    # Between two doses far apart, another may be missing from a table that is not complete.
    certain = interval <= 35 or p.provable("drug_administrations", previous)
    return Case(
        applies=True,
        met=21 <= interval <= 35 if certain else None,
        late=36 <= interval <= 49,
        exceptions={"after_two_years": (d.idx - course[0]["date"]).days >= 730},
    )


@rule("G1-3.4-06", "drug_dose", "antiresorptive", "D")
def hydration_on_both_days(d: Decision) -> Case | None:
    if d.row["drug"] != "zoledronic_acid":
        return None
    return Case(applies=True, met=and_(d.row["hydration_same_day"], d.row["hydration_next_day"]))


# Renal function ------------------------------------------------------------------------------------------------------


def printed_on_the_label(clearance: float) -> float:
    """Milligrams of zoledronic acid for a clearance from 30 to 60 mL/min."""
    if clearance >= 50:
        return 3.5
    return 3.3 if clearance >= 40 else 3.0


@rule("G1-3.4-07", "drug_dose", "antiresorptive", "D", excusable=False)
def less_zoledronic_acid_for_a_low_clearance(d: Decision) -> Case | None:
    if d.row["drug"] != "zoledronic_acid":
        return None
    clearance, dose = clearance_before(d), d.row["dose_mg"]
    return Case(
        applies=known(clearance, lambda value: 30 <= value <= 60),
        met=None if clearance is None else is_dose_of(dose, printed_on_the_label(clearance)),
        ambers={"reduced_otherwise": known(dose, lambda mg: mg < 3.9 - 1e-9)},
    )


@rule("G1-3.4-12", "drug_dose", "antiresorptive", "D", excusable=False)
def full_denosumab_for_a_low_clearance(d: Decision) -> Case | None:
    if d.row["drug"] != "denosumab":
        return None
    return Case(
        applies=known(clearance_before(d), lambda value: value < 60),
        met=is_dose_of(d.row["dose_mg"], 120),
    )


def nephrotoxic_drugs(patient: Patient, day: date) -> Truth:
    """Whether a drug that harms the kidney was being taken on a day."""

    def under_way(row: Row, end: str) -> bool:
        return row["start_date"] <= day and (row[end] is None or row[end] >= day)

    prescribed = [row for row in patient.rows("drug_prescriptions") if under_way(row, "stop_date")]
    lines = [row for row in patient.rows("systemic_therapy_lines") if under_way(row, "end_date")]
    taken = or_(*(row["drug"] == "nephrotoxic" for row in prescribed), *(row["nephrotoxic"] for row in lines))
    if taken is False:
        complete = all(patient.complete(table) for table in ("drug_prescriptions", "systemic_therapy_lines"))
        return False if complete else None
    return taken


@rule("G1-3.4-18", "drug_dose", "antiresorptive", "P")
def renal_function_watched_with_nephrotoxic_drugs(d: Decision) -> Case:
    tested = d.patient.occurred(
        "lab_results",
        plus(d.idx, -30),
        d.idx,
        lambda row: row["analyte"] in ("creatinine", "creatinine_clearance"),
    )
    return Case(applies=nephrotoxic_drugs(d.patient, d.idx), met=or_(d.row["drug"] == "denosumab", tested))
