"""Imaging and response to treatment (G1 section 2)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, is_nuclear
from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus, within
from .patient import Patient, latest_recorded
from .rule import Case, rule

NEW_BONE_PAIN = "new_bone_pain"


@rule("G1-2-01", "imaging_exam", "imaging", "D")
def ct_read_in_bone_window(d: Decision) -> Case | None:
    if d.row["modality"] != "ct":
        return None
    return Case(
        applies=one_of(d.row["indication"], "initial_workup", "scheduled_response"), met=d.row["bone_window_read"]
    )


def whole_spine_mri(row: Row) -> Truth:
    """Unknown when an MRI may have covered the whole spine."""
    if row["modality"] != "mri" or row["whole_spine"] is False:
        return False
    if row["whole_spine"]:
        return True
    return None if row["region"] in ("spine", "whole_body", None) else False


@rule("G1-2-02", "spine_patient", "imaging", "D")
def whole_spine_mri_when_a_vertebra_is_involved(d: Decision) -> Case:
    p, due = d.patient, plus(d.idx, 30)
    days = [row["date"] for row in p.rows("imaging_exams") if whole_spine_mri(row)]
    after = any(day > due for day in days)
    # An earlier MRI does not prove that the patient was followed until the last day; a later one does.
    before = any(within(day, plus(d.idx, -60), plus(d.idx, -31)) for day in days) and followed_to(
        p, due, "imaging_exams"
    )
    return Case(
        applies=True,
        met=p.occurred("imaging_exams", plus(d.idx, -30), due, whole_spine_mri),
        due=due,
        observed=("imaging_exams",),
        late=after or before,
    )


def work_up(patient: Patient) -> tuple[date, date]:
    """First and last day of the initial work-up of the tumour of record."""
    tumour = patient.tumour
    assert tumour is not None
    start = tumour["suspicion_date"] or plus(tumour["diagnosis_date"], -60)
    limit = plus(tumour["diagnosis_date"], 60)
    return start, min(tumour["first_treatment_date"] or limit, limit)


@rule("G1-2-03", "imaging_exam", "imaging", "D")
def no_pet_in_the_work_up_of_a_tumour_known_as_metastatic(d: Decision) -> Case | None:
    if d.row["modality"] != "fdg_pet_ct" or not within(d.idx, *work_up(d.patient)):
        return None
    assert d.patient.tumour is not None
    return Case(
        applies=True,
        met=not_(known(d.patient.tumour["metastatic_known_date"], lambda day: day < d.idx)),
        exceptions={"mdt_request": one_of(d.row["indication"], "mdt_request")},
    )


@rule("G1-2-04", "imaging_exam", "imaging", "D")
def femurs_in_the_field_of_a_pet(d: Decision) -> Case | None:
    if d.row["modality"] != "fdg_pet_ct":
        return None
    femurs = d.row["femurs_in_field"]
    # A field that holds the whole lower limbs holds the femurs; one that does not may still hold them.
    return Case(applies=True, met=(d.row["lower_limbs_in_field"] or None) if femurs is None else femurs)


@rule("G1-2-05", "imaging_exam", "imaging", "P")
def lower_limbs_in_the_field_when_they_hurt(d: Decision) -> Case | None:
    if d.row["modality"] != "fdg_pet_ct":
        return None
    return Case(
        applies=d.patient.state("distal_limb_pain", d.idx, (-30, 0)),
        met=d.row["lower_limbs_in_field"],
    )


@rule("G1-2-06", "imaging_exam", "imaging", "D")
def fifteen_days_between_gcsf_and_pet(d: Decision) -> Case | None:
    if d.row["modality"] != "fdg_pet_ct":
        return None
    doses = [row["date"] for row in d.patient.rows("drug_administrations") if row["drug"] == "gcsf"]
    last = max((day for day in doses if day <= d.idx), default=None)
    if last is None:
        return Case(applies=False if d.patient.provable("drug_administrations", plus(d.idx, -15)) else None)
    if (d.idx - last).days <= 15:
        return Case(applies=True, met=False)
    return Case(applies=True, met=True if d.patient.provable("drug_administrations", plus(d.idx, -15)) else None)


def single_focus(d: Decision) -> Truth:
    """One focus on a PET or a scintigraphy, unless the one before already showed just one."""
    earlier = [
        row
        for row in d.patient.rows("imaging_exams")
        if is_nuclear(row) and row["date"] < d.idx and row["n_bone_foci"] is not None
    ]
    last = max(earlier, key=lambda r: (r["date"], r["exam_id"]), default=None)
    repeated = last is not None and last["n_bone_foci"] == 1
    return and_(one_of(d.row["n_bone_foci"], 1), not repeated)


def centred_mri(row: Row) -> Truth:
    return row["lesion_centred"] if row["modality"] == "mri" else False


@rule("G1-2-07", "imaging_exam", "imaging", "D")
def centred_mri_of_a_single_focus(d: Decision) -> Case | None:
    if not is_nuclear(d.row):
        return None
    p = d.patient
    due = min(plus(d.idx, 30), p.first_local_treatment(d.idx) or date.max)
    days = [row["date"] for row in p.rows("imaging_exams") if centred_mri(row)]
    before = any(within(day, plus(d.idx, -60), plus(d.idx, -31)) for day in days)
    return Case(
        applies=single_focus(d),
        met=p.occurred("imaging_exams", plus(d.idx, -30), due, centred_mri),
        due=due,
        observed=("imaging_exams",),
        late=any(day > due for day in days) or (before and followed_to(p, due, "imaging_exams")),
    )


def followed_to(patient: Patient, day: date, *tables: str) -> bool:
    ends = [patient.observed_until(table) for table in tables]
    return all(end is not None and end >= day for end in ends)


def is_opinion(row: Row) -> bool:
    return row["kind"] in (
        "spine_surgery_opinion",
        "orthopaedic_opinion",
        "interventional_opinion",
        "specialist_opinion",
    )


@rule("G1-2-08", "imaging_exam", "imaging", "D")
def opinion_on_a_single_focus(d: Decision) -> Case | None:
    if not is_nuclear(d.row):
        return None
    p, due = d.patient, plus(d.idx, 60)
    tables = ("consultations", "mdt_meetings")
    days = [row["date"] for row in p.rows("consultations") if is_opinion(row)]
    days += [row["date"] for row in p.rows("mdt_meetings")]
    before = any(within(day, plus(d.idx, -60), plus(d.idx, -31)) for day in days)
    return Case(
        applies=single_focus(d),
        met=or_(
            p.occurred("consultations", plus(d.idx, -30), due, is_opinion),
            p.occurred("mdt_meetings", plus(d.idx, -30), due, lambda row: True),
        ),
        due=due,
        observed=tables,
        late=any(day > due for day in days) or (before and followed_to(p, due, *tables)),
    )


@rule("G1-2-10", "imaging_exam", "imaging", "D")
def no_scintigraphy_after_a_pet(d: Decision) -> Case | None:
    if d.row["modality"] != "bone_scintigraphy":
        return None
    p, start = d.patient, plus(d.idx, -90)
    pets = [row["date"] for row in p.rows("imaging_exams") if row["modality"] == "fdg_pet_ct"]
    if not pets:
        return Case(applies=False if p.provable("imaging_exams", start) else None)
    just_before = [day for day in pets if within(day, start, plus(d.idx, -1))]
    return Case(
        applies=True,
        met=not_(p.occurred("imaging_exams", start, plus(d.idx, -1), lambda r: r["modality"] == "fdg_pet_ct")),
        exceptions={NEW_BONE_PAIN: pain_after(p, max(just_before), d.idx) if just_before else None},
    )


def pain_after(patient: Patient, day: date, idx: date) -> Truth:
    """New bone pain recorded after a day and up to idx."""
    recorded = [row[NEW_BONE_PAIN] for row in patient.rows("clinical_assessments") if day < row["date"] <= idx]
    if True in recorded:
        return True
    return False if False in recorded else None


def flare_findings(patient: Patient, exam_id: str) -> Truth:
    """Uptake up, or a new focus, on a lesion that was very lytic at first."""
    findings = [row for row in patient.rows("imaging_findings") if row["exam_id"] == exam_id]
    if not findings:
        return False if patient.complete("imaging_findings") else None
    return or_(
        *(
            and_(row["initially_lytic"], or_(one_of(row["uptake_change"], "increased"), row["new_focus"]))
            for row in findings
        )
    )


def current_line(patient: Patient, idx: date) -> Row | None:
    lines = [
        row
        for row in patient.rows("systemic_therapy_lines")
        if row["start_date"] <= idx and (row["end_date"] is None or row["end_date"] >= idx)
    ]
    return max(lines, key=lambda r: (r["start_date"], r["line_id"]), default=None)


@rule("G1-2-11", "imaging_exam", "response_assessment", "D")
def a_flare_is_not_a_progression(d: Decision) -> Case | None:
    if not is_nuclear(d.row):
        return None
    p = d.patient
    flare, line = flare_findings(p, d.entity_id), current_line(p, d.idx)
    if line is None:
        return Case(applies=and_(flare, False if p.complete("systemic_therapy_lines") else None))
    return Case(
        applies=and_(flare, (d.idx - line["start_date"]).days <= 183, line["effective"]),
        met=and_(
            not_(one_of(d.row["response_conclusion"], "progression")),
            not_(stopped_for_bone(line, d.idx)),
        ),
        exceptions={"progression_elsewhere": progression_elsewhere(p, d.idx)},
        flags=set() if line["class"] in ("chemotherapy", "combination") else {"class_outside_sentence"},
    )


def stopped_for_bone(line: Row, idx: date) -> Truth:
    if not within(line["end_date"], idx, plus(idx, 60)):
        return False
    return one_of(line["stop_reason"], "bone_progression")


def progression_elsewhere(patient: Patient, idx: date) -> Truth:
    """Lysis or soft tissue increased on a CT around the examination."""
    exams = patient.acts("imaging_exams", plus(idx, -60), plus(idx, 60))
    scans = {row["exam_id"] for row in exams if row["modality"] == "ct"}
    for row in patient.rows("imaging_findings"):
        if row["exam_id"] in scans and "increased" in (row["lysis_change"], row["soft_tissue_change"]):
            return True
    return False if patient.complete("imaging_findings") else None


@rule("G1-2-12", "imaging_exam", "imaging", "D")
def no_routine_scintigraphy_in_the_follow_up(d: Decision) -> Case | None:
    p = d.patient
    if d.row["modality"] != "bone_scintigraphy" or d.idx <= work_up(p)[1]:
        return None
    pain = latest_recorded(p.rows("clinical_assessments"), NEW_BONE_PAIN, plus(d.idx, -30), d.idx)
    earlier_flare = any(
        is_nuclear(row) and (d.idx - row["date"]).days > 183 and flare_findings(p, row["exam_id"])
        for row in p.rows("imaging_exams")
    )
    return Case(
        applies=True,
        met=None if pain is None else pain[NEW_BONE_PAIN],
        exceptions={"flare_control": earlier_flare},
    )


@rule("G1-2-09", "suspicion", "imaging", "O")
def scintigraphy_in_the_work_up(d: Decision) -> Case:
    p, end = d.patient, work_up(d.patient)[1]
    days = [row["date"] for row in p.rows("imaging_exams") if row["modality"] == "bone_scintigraphy"]
    first = min((day for day in days if day >= d.idx), default=None)
    pet_until = end if first is None else min(end, plus(first, -1))

    def occurred(modality: str, until: date) -> Truth:
        return p.occurred("imaging_exams", d.idx, until, lambda row: row["modality"] == modality)

    done = occurred("bone_scintigraphy", end)
    return Case(
        applies=not_(occurred("fdg_pet_ct", pet_until)),
        option=None if done is None else ("bone_scintigraphy" if done else "none"),
    )
