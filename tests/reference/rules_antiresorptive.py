"""Antiresorptive drugs (G1 section 3.4)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from .decisions import Decision
from .items import Row
from .logic import Truth, and_, is_dose_of, known, one_of, or_, plus, within
from .patient import Patient, is_antiresorptive_dose
from .rule import Case, rule

LIFE_EXPECTANCY = "life_expectancy_days"


def state_around_discovery(d: Decision, column: str, last_day: date | None = None) -> Any:
    """State of a decision of grain patient: failing a value before, the first one within 14 days after."""
    value = d.patient.state(column, d.idx)
    if value is not None:
        return value
    end = plus(d.idx, 14) if last_day is None else min(plus(d.idx, 14), last_day)
    rows = d.patient.acts("clinical_assessments", plus(d.idx, 1), end)
    rows = [row for row in rows if row[column] is not None]
    first = min((row["date"] for row in rows), default=None)
    on_that_day = [row for row in rows if row["date"] == first]
    return max(on_that_day, key=lambda r: r["assessment_id"])[column] if on_that_day else None


def jaw_necrosis(patient: Patient, start: date, end: date) -> Truth:
    return patient.occurred("supportive_care", start, end, lambda r: bool(r["osteonecrosis_of_jaw"]))


def first_dose_from_discovery(d: Decision) -> date | None:
    return min((dose["date"] for dose in d.patient.antiresorptive_doses if dose["date"] >= d.idx), default=None)


def may_live_three_months(d: Decision) -> Truth:
    expectancy = state_around_discovery(d, LIFE_EXPECTANCY, first_dose_from_discovery(d))
    return known(expectancy, lambda days: days > 91)


def multiple_metastases(d: Decision) -> Truth:
    """Two or more lesions discovered within a fortnight, or counted by a clinician; nothing learnt after the dose."""
    first_dose = first_dose_from_discovery(d)
    end = min(plus(d.idx, 14), first_dose or date.max)
    found = [lesion for lesion in d.patient.lesions.values() if within(lesion["discovery_date"], d.idx, end)]
    counted = state_around_discovery(d, "n_bone_metastases", first_dose)
    return len(found) >= 2 or known(counted, lambda number: number >= 2)


@rule("G1-3-01", "patient", "antiresorptive", "D")
def antiresorptive_for_multiple_metastases(d: Decision) -> Case:
    return antiresorptive_soon_after_discovery(d, and_(multiple_metastases(d), may_live_three_months(d)))


@rule("G1-3.4-01", "patient", "antiresorptive", "D")
def antiresorptive_for_every_patient_who_may_live_three_months(d: Decision) -> Case:
    return antiresorptive_soon_after_discovery(d, may_live_three_months(d))


def antiresorptive_soon_after_discovery(d: Decision, applies: Truth) -> Case:
    p, due = d.patient, plus(d.idx, 60)
    after = any(dose["date"] > due for dose in p.antiresorptive_doses)
    return Case(
        applies=applies,
        met=p.occurred("drug_administrations", plus(d.idx, -90), due, is_antiresorptive_dose),
        due=due,
        observed=("drug_administrations",),
        late=after,
        exceptions={"osteonecrosis_of_jaw": jaw_necrosis(p, plus(d.idx, -183), due)},
    )


@rule("G1-3.4-02", "antiresorptive_course", "antiresorptive", "D")
def no_start_below_three_months_of_life(d: Decision) -> Case:
    return Case(applies=True, met=known(d.patient.state(LIFE_EXPECTANCY, d.idx), lambda days: days > 91))


# Doses ---------------------------------------------------------------------------------------------------------------


def clearance_before(d: Decision) -> float | None:
    return d.patient.latest_lab("creatinine_clearance", plus(d.idx, -30), d.idx)


@rule("G1-3.4-03", "drug_dose", "antiresorptive", "D", excusable=False)
def four_milligrams_with_a_normal_clearance(d: Decision) -> Case | None:
    if d.row["drug"] != "zoledronic_acid":
        return None
    dose = d.row["dose_mg"]
    return Case(
        applies=or_(known(clearance_before(d), lambda c: c > 60), known(dose, lambda mg: mg > 4.1)),
        met=and_(is_dose_of(dose, 4), one_of(d.row["route"], "iv")),
    )


@rule("G1-3.4-05", "drug_dose", "antiresorptive", "D", excusable=False)
def fifteen_minutes_at_least(d: Decision) -> Case | None:
    if d.row["drug"] != "zoledronic_acid":
        return None
    return Case(applies=True, met=known(d.row["infusion_minutes"], lambda minutes: minutes >= 15))


@rule("G1-3.4-08", "drug_dose", "antiresorptive", "D", excusable=False)
def no_zoledronic_acid_below_thirty(d: Decision) -> Case | None:
    if d.row["drug"] != "zoledronic_acid":
        return None
    return Case(applies=True, met=known(clearance_before(d), lambda clearance: clearance >= 30))


@rule("G1-3.4-10", "drug_dose", "antiresorptive", "D", excusable=False)
def denosumab_120_under_the_skin(d: Decision) -> Case | None:
    if d.row["drug"] != "denosumab":
        return None
    return Case(applies=True, met=and_(is_dose_of(d.row["dose_mg"], 120), one_of(d.row["route"], "sc")))


# Courses -------------------------------------------------------------------------------------------------------------


def covers(prescription: Row, dose_day: date) -> bool:
    stop = prescription["stop_date"]
    return prescription["start_date"] <= plus(dose_day, 14) and (stop is None or stop >= dose_day)


@rule("G1-3.4-13", "antiresorptive_course", "antiresorptive", "D")
def calcium_and_vitamin_d_with_denosumab(d: Decision) -> Case | None:
    p = d.patient
    days = [dose["date"] for dose in d.doses if dose["drug"] == "denosumab"]
    if not days:
        return None
    absent = False if p.provable("drug_prescriptions", days[0]) else None
    answers = [
        any(row["drug"] == drug and covers(row, day) for row in p.rows("drug_prescriptions")) or absent
        for drug in ("calcium", "vitamin_d")
        for day in (days[0], days[-1])
    ]
    calcium = p.latest_lab("corrected_calcium", plus(days[0], -30), days[0])
    return Case(
        applies=True,
        met=and_(*answers),
        exceptions={"hypercalcaemia": known(calcium, lambda value: value > 2.60)},
    )


def specialist_dental_examination(row: Row) -> Truth:
    return row["kind"] == "dental_examination" and row["by_specialist"]


def panoramic(row: Row) -> bool:
    return row["kind"] == "dental_panoramic"


@rule("G1-3.4-14", "antiresorptive_course", "antiresorptive", "D")
def dental_check_before_the_first_dose(d: Decision) -> Case:
    p, start = d.patient, plus(d.idx, -183)
    before = [row for row in p.rows("supportive_care") if row["date"] <= d.idx]
    return Case(
        applies=True,
        met=and_(
            p.occurred("supportive_care", start, d.idx, specialist_dental_examination),
            p.occurred("supportive_care", start, d.idx, panoramic),
        ),
        late=any(specialist_dental_examination(row) for row in before) and any(panoramic(row) for row in before),
        exceptions={"urgent_start": d.row["urgent_start"]},
    )


@rule("G1-3.4-15", "antiresorptive_course", "antiresorptive", "D")
def dental_check_every_six_months(d: Decision) -> Case | None:
    p, first, last = d.patient, d.doses[0]["date"], d.doses[-1]["date"]
    if (last - first).days < 183:
        return None
    checks = [r["date"] for r in p.rows("supportive_care") if r["kind"] == "dental_examination"]
    days = sorted([first, *(day for day in checks if first < day <= last), last])
    regular = all((later - earlier).days <= 214 for earlier, later in pairwise(days))
    return Case(applies=True, met=regular or (False if p.provable("supportive_care", first) else None))


def tested_before(d: Decision, in_time: int, earliest: int, *analytes: str) -> Case:
    """A test, with or without its value, in the days before the first dose; or in the half year before these."""

    def tested(start: date, end: date) -> Truth:
        return d.patient.occurred("lab_results", start, end, lambda row: row["analyte"] in analytes)

    return Case(
        applies=True,
        met=tested(plus(d.idx, -in_time), d.idx),
        late=tested(plus(d.idx, -earliest), plus(d.idx, -in_time - 1)) is True,
        exceptions={"urgent_start": d.row["urgent_start"]},
    )


@rule("G1-3.4-16", "antiresorptive_course", "antiresorptive", "D")
def renal_function_before_the_first_dose(d: Decision) -> Case:
    return tested_before(d, 30, 183, "creatinine", "creatinine_clearance")


@rule("G1-3.4-17", "antiresorptive_course", "antiresorptive", "D")
def vitamin_d_before_the_first_dose(d: Decision) -> Case:
    return tested_before(d, 90, 183, "vitamin_d_25oh")


@rule("G1-3.4-21", "antiresorptive_course", "antiresorptive", "D")
def two_years_of_treatment(d: Decision) -> Case:
    p, last_dose = d.patient, d.doses[-1]
    last = last_dose["date"]
    stopped = any(
        row["drug"] == "antiresorptive"
        and within(row["stop_date"], plus(last, -90), plus(last, 90))
        and row["stop_reason"] in ("osteonecrosis_of_jaw", "renal", "death", "comfort_care")
        for row in p.rows("drug_prescriptions")
    )
    clearance = p.latest_lab("creatinine_clearance", plus(last, -90), plus(last, 90))
    long_enough = (last - d.idx).days >= 730 - 35
    return Case(
        applies=True,
        met=long_enough or (False if p.provable("drug_administrations", d.idx) else None),
        due=plus(d.idx, 730),
        observed=("drug_administrations",),
        exceptions={
            "treatment_stop_reason": stopped,
            "osteonecrosis_of_jaw": jaw_necrosis(p, d.idx, plus(last, 90)),
            "life_expectancy_short": known(p.state(LIFE_EXPECTANCY, last), lambda days: days <= 91),
            "renal_contraindication": and_(
                last_dose["drug"] == "zoledronic_acid", known(clearance, lambda value: value < 30)
            ),
        },
    )


@rule("G1-3.4-22", "antiresorptive_course", "antiresorptive", "P")
def reassessment_after_two_years(d: Decision) -> Case:
    p, start, due = d.patient, plus(d.idx, 670), plus(d.idx, 820)
    planned = any(
        row["drug"] == "antiresorptive"
        and within(row["stop_date"], start, due)
        and row["stop_reason"] == "planned_reassessment"
        for row in p.rows("drug_prescriptions")
    )

    def reassessed(first: date, last: date) -> Truth:
        return or_(
            p.occurred("consultations", first, last, lambda r: r["kind"] == "antiresorptive_reassessment"),
            p.occurred("mdt_meetings", first, last, chose_medical_care),
        )

    lasted = (d.doses[-1]["date"] - d.idx).days >= 730 - 35
    return Case(
        applies=lasted or (False if p.provable("drug_administrations", d.idx) else None),
        met=planned or reassessed(start, due),
        due=due,
        observed=("consultations", "mdt_meetings"),
        late=reassessed(plus(due, 1), date.max) is True,
    )


def chose_medical_care(meeting: Row) -> Truth:
    return one_of(meeting["decision"], "systemic", "supportive", "surveillance")
