"""Clinical trials (G1 sections 3.5 and 4)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision
from .items import Row
from .logic import Truth, and_, known, or_, plus, within
from .patient import Patient, is_antiresorptive_dose
from .rule import Case, rule
from .rules_antiresorptive import state_around_discovery
from .rules_imaging import work_up

LIBELULE = date(2019, 4, 10), date(2021, 7, 1)
PRISM = date(2016, 5, 30), date(2022, 5, 30)
STEREO_OS = date(2018, 1, 1), date(2022, 7, 1)
TELOCAP02 = date(2015, 12, 1), date(2021, 6, 30)


def only_says_not_offered(row: Row) -> bool:
    return (
        row["non_inclusion_reason"] == "not_offered" and row["screened_date"] is None and row["enrolled_date"] is None
    )


def proposed(patient: Patient, trial: str) -> Truth:
    """Whether the trial was proposed; a record that it was not is as good as a complete table."""
    rows = [row for row in patient.rows("trial_screenings") if row["trial"] == trial]
    if any(not only_says_not_offered(row) for row in rows):
        return True
    return False if rows or patient.complete("trial_screenings") else None


def one_to_three_metastases(d: Decision) -> Truth:
    return known(state_around_discovery(d, "n_bone_metastases"), lambda n: 1 <= n <= 3)


@rule("G1-3.5-02", "patient", "trials", "P", own_window=(TELOCAP02[0], STEREO_OS[1]))
def a_trial_proposed(d: Decision) -> Case:
    p = d.patient
    treated = p.occurred("drug_administrations", plus(d.idx, -90), plus(d.idx, 60), is_antiresorptive_dose)
    return Case(
        applies=or_(
            within(d.idx, *TELOCAP02),
            and_(within(d.idx, *STEREO_OS), one_to_three_metastases(d)),
            and_(within(d.idx, *PRISM), treated),
        ),
        met=or_(*(proposed(p, trial) for trial in ("LIBELULE", "PRISM", "STEREO_OS", "TELOCAP02"))),
    )


@rule("G1-4-01", "suspicion", "trials", "P", own_window=LIBELULE)
def libelule_proposed(d: Decision) -> Case:
    p = d.patient
    assert p.tumour is not None
    return Case(
        applies=and_(p.tumour["suspicion_date"] is not None or None, metastatic_at_the_end_of_the_work_up(p)),
        met=proposed(p, "LIBELULE"),
    )


def metastatic_at_the_end_of_the_work_up(p: Patient) -> Truth:
    assert p.tumour is not None
    end, known_since = work_up(p)[1], p.tumour["metastatic_known_date"]
    days = [lesion["discovery_date"] for lesion in p.lesions.values()] + ([known_since] if known_since else [])
    if min(days) <= end:
        return True
    return None if known_since is None else False


@rule("G1-4-02", "antiresorptive_course", "trials", "P", own_window=PRISM)
def prism_proposed(d: Decision) -> Case:
    return Case(applies=True, met=proposed(d.patient, "PRISM"))


@rule("G1-4-03", "patient", "trials", "P", own_window=STEREO_OS)
def stereo_os_proposed(d: Decision) -> Case:
    return Case(applies=one_to_three_metastases(d), met=proposed(d.patient, "STEREO_OS"))


@rule("G1-4-04", "metastatic_disease", "trials", "P", own_window=TELOCAP02)
def telocap02_proposed(d: Decision) -> Case:
    return Case(applies=True, met=proposed(d.patient, "TELOCAP02"))
