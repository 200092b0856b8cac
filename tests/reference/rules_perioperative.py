"""Around an operation: imaging, aetiology, prophylaxis and follow-up (G1 sections 3.7.1 and 3.7.3, G2 sections 3 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .decisions import Decision
from .items import Row
from .logic import Truth, and_, holds, known, not_, one_of, or_, plus, within
from .patient import SURGERY, discusses, is_surgery, latest_recorded, of_lesion, on
from .rule import Case, rule
from .rules_imaging import whole_spine_mri

LEG = ("femur", "tibia", "fibula", "patella")
LIMB = (*LEG, "humerus", "radius", "ulna", "metacarpal", "metatarsal", "phalanx", "carpus", "tarsus")
FILMS = ("radiograph", "full_length_radiograph")
VESSELS = ("ct_angiography", "arteriography")
Question = Callable[[Row], Truth]


def limb_surgery(d: Decision, *more_bones: str) -> Truth:
    return and_(d.row["category"] == "orthopaedic_surgery", one_of(d.bone, *LIMB, *more_bones))


def is_a(row: Row, act: str) -> bool:
    return act in (row["category"], row["technique"])


def is_operation(row: Row) -> bool:
    return row["category"] in SURGERY and not is_a(row, "biopsy") and not is_a(row, "embolisation")


def act_on_lesion(d: Decision, first: int, last: int, test: Callable[[Row], bool]) -> Truth:
    days = plus(d.idx, first), plus(d.idx, last)
    return d.patient.occurred("procedures", *days, lambda row: and_(test(row), on(row, d.lesion_id)))


def embolised(d: Decision) -> Truth:
    return act_on_lesion(d, -30, 0, lambda row: is_a(row, "embolisation"))


def biopsied(d: Decision) -> Truth:
    return act_on_lesion(d, -60, 0, lambda row: is_a(row, "biopsy"))


def assessed(d: Decision, column: str) -> Truth:
    """The state of a column of the lesion's assessments."""
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    row = latest_recorded(rows, column, plus(d.idx, -60), d.idx)
    return None if row is None else row[column]


def is_urgent(d: Decision) -> bool:
    return d.row["urgency"] in ("emergency", "relative_emergency")


def in_doubt(d: Decision) -> Truth:
    return not_(assessed(d, "aetiology_certain"))


# Examinations of the lesion ------------------------------------------------------------------------------------------


def is_leg_film(d: Decision, exam: Row) -> bool:
    return exam["modality"] == "full_length_radiograph" and d.bone in LEG


def of_this_lesion(d: Decision, exam: Row) -> Truth:
    if exam["lesion_id"] is not None:
        return exam["lesion_id"] == d.lesion_id
    if exam["modality"] == "full_length_radiograph":
        return d.bone in LEG
    elsewhere: tuple[str, ...] = ()
    if d.bone in LIMB:
        elsewhere = ("spine", "chest_abdomen_pelvis")
    elif d.bone in ("vertebra", "sacrum"):
        elsewhere = ("limb",)
    elif d.bone == "pelvis":
        elsewhere = ("spine", "limb")
    return False if exam["region"] in elsewhere else None


def read(d: Decision, exam: Row, column: str) -> Any:
    """A column of an examination, with what its kind says where it is not recorded."""
    value = exam[column]
    if value is not None:
        return value
    if column in ("whole_bone", "adjacent_joints") and is_leg_film(d, exam):
        return True
    regional = exam["lesion_id"] is None and exam["region"] in ("chest_abdomen_pelvis", "whole_body")
    return False if column == "lesion_centred" and regional else None


def exam_shows(d: Decision, modalities: tuple[str, ...], test: Question) -> Question:
    def answer(exam: Row) -> Truth:
        if modalities and exam["modality"] not in modalities:
            return False
        return and_(test(exam), of_this_lesion(d, exam))

    return answer


def shown(d: Decision, modalities: tuple[str, ...], test: Question) -> tuple[Truth, bool]:
    """Whether an examination of the 30 days before shows it, and whether one of the 183 days before certainly does."""
    p, answer = d.patient, exam_shows(d, modalities, test)
    found = any(answer(exam) is True for exam in p.acts("imaging_exams", plus(d.idx, -183), d.idx))
    return p.occurred("imaging_exams", plus(d.idx, -30), d.idx, answer), found


def radiographs(d: Decision) -> tuple[Truth, bool]:
    columns = ("lesion_centred", "whole_bone", "adjacent_joints")
    parts = [shown(d, FILMS, lambda exam, c=column: read(d, exam, c)) for column in columns]
    return and_(*(in_time for in_time, _ in parts)), all(found for _, found in parts)


def bone_ct(d: Decision) -> tuple[Truth, bool]:
    def test(exam: Row) -> Truth:
        return and_(read(d, exam, "lesion_centred"), exam["bone_window_read"], not_(exam["contrast"]))

    return shown(d, ("ct",), test)


def injected_ct(d: Decision) -> bool:
    exams = d.patient.acts("imaging_exams", plus(d.idx, -30), d.idx)
    return any(
        exam["modality"] == "ct"
        and exam["lesion_id"] is not None
        and exam["lesion_id"] == d.lesion_id
        and bool(exam["lesion_centred"] and exam["bone_window_read"] and exam["contrast"])
        for exam in exams
    )


def radiographs_before(d: Decision, applies: Truth) -> Case:
    in_time, found = radiographs(d)
    return Case(applies=applies, met=in_time, late=found)


@rule("G1-3.7.1-01", "procedure", "imaging", "D")
def radiographs_of_limb_or_pelvis(d: Decision) -> Case:
    return radiographs_before(d, limb_surgery(d, "pelvis"))


@rule("G2-3-02", "procedure", "imaging", "D")
def radiographs_of_limb(d: Decision) -> Case:
    return radiographs_before(d, limb_surgery(d))


def ct_before(d: Decision, applies: Truth) -> Case:
    in_time, found = bone_ct(d)
    return Case(applies=applies, met=in_time, late=found, ambers={"injected_ct": injected_ct(d)})


@rule("G1-3.7.1-02", "procedure", "imaging", "D")
def ct_of_limb_or_pelvis(d: Decision) -> Case:
    return ct_before(d, limb_surgery(d, "pelvis"))


@rule("G2-3-04", "procedure", "imaging", "D")
def ct_of_limb(d: Decision) -> Case:
    return ct_before(d, limb_surgery(d))


def vessels_before(d: Decision, applies: Truth) -> Case:
    in_time, found = shown(d, VESSELS, lambda exam: True)
    suspected = assessed(d, "hypervascular_suspected")
    return Case(applies=and_(applies, suspected), met=or_(in_time, embolised(d)), late=found)


@rule("G1-3.7.1-03", "procedure", "imaging", "D")
def angiography_before_surgery(d: Decision) -> Case:
    return vessels_before(d, is_surgery(d.row))


@rule("G2-3-05", "procedure", "imaging", "D")
def angiography_before_limb_surgery(d: Decision) -> Case:
    return vessels_before(d, limb_surgery(d))


@rule("G1-3.7.1-05", "procedure", "imaging", "D")
def mri_before_spinal_surgery(d: Decision) -> Case:
    exams = d.patient.acts("imaging_exams", plus(d.idx, -183), d.idx)
    return Case(
        applies=d.row["category"] == "spinal_surgery",
        met=d.patient.occurred("imaging_exams", plus(d.idx, -30), d.idx, whole_spine_mri),
        late=any(whole_spine_mri(exam) for exam in exams),
    )


@rule("G2-3-01", "procedure", "imaging", "D")
def complete_imaging(d: Decision) -> Case:
    (films, films_found), (ct, ct_found) = radiographs(d), bone_ct(d)
    stabilised = and_(is_urgent(d), one_of(d.row["intent"], "fracture", "consolidation"))
    return Case(
        applies=limb_surgery(d),
        met=and_(films, ct),
        late=films_found and ct_found,
        exceptions={"urgent_stabilisation": stabilised},
    )


@rule("G2-3-03", "procedure", "imaging", "O")
def films_of_the_leg(d: Decision) -> Case:
    long_film, _ = shown(d, ("full_length_radiograph",), lambda exam: True)
    whole_bone, _ = shown(d, FILMS, lambda exam: read(d, exam, "whole_bone"))
    return Case(
        applies=and_(d.row["category"] == "orthopaedic_surgery", one_of(d.bone, *LEG, "tarsus", "metatarsal")),
        option=first_option(("full_length_radiograph", long_film), ("whole_bone_radiographs", whole_bone)),
    )


def first_option(*options: tuple[str, Truth]) -> str | None:
    for name, truth in options:
        if truth is None:
            return None
        if truth:
            return name
    return "none"


# Embolisation --------------------------------------------------------------------------------------------------------


@rule("G1-3.7.1-04", "procedure", "perioperative", "O")
def embolisation_of_a_suspected_lesion(d: Decision) -> Case:
    return Case(
        applies=and_(is_surgery(d.row), assessed(d, "hypervascular_suspected")),
        option=first_option(("embolisation", embolised(d))),
    )


@rule("G2-3-06", "procedure", "perioperative", "P")
def embolisation_for_a_high_risk(d: Decision) -> Case:
    operated = act_on_lesion(d, 0, 30, is_operation)
    return Case(
        applies=and_(is_a(d.row, "embolisation"), one_of(d.bone, *LIMB), operated),
        met=assessed(d, "bleeding_risk_high"),
    )


@rule("G2-5-03", "procedure", "perioperative", "P")
def usually_no_embolisation(d: Decision) -> Case:
    def vascular(exam: Row) -> Truth:
        confirmed = exam["hypervascular_confirmed"]
        return False if confirmed is None and exam["modality"] not in VESSELS else confirmed

    confirmed, _ = shown(d, (), vascular)
    return Case(
        applies=limb_surgery(d),
        met=not_(embolised(d)),
        exceptions={"hypervascular_at_risk": and_(confirmed, assessed(d, "bleeding_risk_high"))},
    )


# Doubt about the aetiology -------------------------------------------------------------------------------------------


def is_electrophoresis(row: Row) -> bool:
    return row["analyte"] == "protein_electrophoresis"


def is_trunk_ct(row: Row) -> Truth:
    return and_(row["modality"] == "ct", one_of(row["region"], "chest_abdomen_pelvis", "whole_body"))


def work_up(d: Decision) -> tuple[Truth, bool]:
    """Whether the work-up was made in the 30 days before, and whether in the 183 days before."""
    p, far, near = d.patient, plus(d.idx, -183), plus(d.idx, -30)
    in_time = and_(
        p.occurred("lab_results", near, d.idx, is_electrophoresis),
        p.occurred("imaging_exams", near, d.idx, is_trunk_ct),
    )
    found = any(within(row["date"], far, d.idx) and is_electrophoresis(row) for row in p.rows("lab_results")) and any(
        is_trunk_ct(row) for row in p.acts("imaging_exams", far, d.idx)
    )
    return in_time, found


def biopsy_or_work_up(d: Decision, applies: Truth) -> Case:
    in_time, found = work_up(d)
    rows = of_lesion(d.patient.acts("procedures", plus(d.idx, -183), d.idx), d.lesion_id)
    return Case(
        applies=and_(applies, is_urgent(d), in_doubt(d)),
        met=or_(biopsied(d), in_time),
        late=found or any(is_a(row, "biopsy") for row in rows),
    )


@rule("G1-3.7.1-06", "procedure", "perioperative", "P")
def urgent_surgery_in_doubt(d: Decision) -> Case:
    return biopsy_or_work_up(d, is_surgery(d.row))


@rule("G2-3-07", "procedure", "perioperative", "P")
def urgent_limb_surgery_in_doubt(d: Decision) -> Case:
    return biopsy_or_work_up(d, limb_surgery(d))


@rule("G1-3.7.1-07", "procedure", "perioperative", "O")
def route_of_the_biopsy(d: Decision) -> Case:
    def agreed(meeting: Row) -> Truth:
        return and_(discusses(meeting, d.lesion_id), meeting["biopsy_route_agreed"])

    before = d.patient.occurred("mdt_meetings", plus(d.idx, -60), d.idx, agreed)
    return Case(
        applies=and_(is_a(d.row, "biopsy"), act_on_lesion(d, 0, 60, is_operation)),
        option=first_option(("route_agreed", before)),
    )


@rule("G1-3.7.1-08", "procedure", "perioperative", "P")
def work_up_before_a_first_operation(d: Decision) -> Case:
    in_time, found = work_up(d)
    return Case(applies=and_(is_surgery(d.row), in_doubt(d), not_(biopsied(d))), met=in_time, late=found)


@rule("G2-3-08", "procedure", "perioperative", "P")
def revealing_metastasis_operated_first(d: Decision) -> Case:
    assert d.patient.tumour is not None
    revealing = d.patient.tumour["diagnosis_date"] >= d.idx
    in_time, found = work_up(d)
    sent = d.row["specimen_sent"]
    return Case(
        applies=and_(limb_surgery(d), is_urgent(d), revealing, in_doubt(d), not_(biopsied(d))),
        met=and_(in_time, sent),
        late=found and sent is True,
    )


@rule("G2-3-10", "procedure", "perioperative", "P")
def oncologist_asked(d: Decision) -> Case:
    p, far, near = d.patient, plus(d.idx, -183), plus(d.idx, -60)

    def with_oncologist(meeting: Row) -> Truth:
        present = holds(meeting["specialties"], "medical_oncology", "pulmonology")
        return and_(discusses(meeting, d.lesion_id), present)

    def opinion(row: Row) -> Truth:
        return row["kind"] == "specialist_opinion" and (d.lesion_id is None or row["lesion_id"] in (None, d.lesion_id))

    found = any(with_oncologist(row) for row in p.acts("mdt_meetings", far, d.idx)) or any(
        opinion(row) for row in p.acts("consultations", far, d.idx)
    )
    return Case(
        applies=and_(limb_surgery(d), in_doubt(d), not_(biopsied(d))),
        met=or_(
            p.occurred("mdt_meetings", near, d.idx, with_oncologist),
            p.occurred("consultations", near, d.idx, opinion),
        ),
        late=found,
        exceptions={"emergency": d.row["urgency"] == "emergency"},
    )


# Prophylaxis and follow-up -------------------------------------------------------------------------------------------


def complicated_by(d: Decision, complication: str) -> Truth:
    day = d.row["complication_date"]
    return and_(d.row["complication"] == complication, known(day, lambda on: within(on, d.idx, plus(d.idx, 7))))


def two_days_of_antibiotics(d: Decision, applies: Truth) -> Case:
    infected = or_(complicated_by(d, "sepsis"), d.patient.state("sepsis_uncontrolled", d.idx))
    return Case(
        applies=applies,
        met=known(d.row["antibiotic_prophylaxis_hours"], lambda hours: 42 <= hours <= 54),
        exceptions={"infection_treated": infected},
    )


@rule("G1-3.7.3-01", "procedure", "perioperative", "P")
def antibiotics_around_surgery(d: Decision) -> Case:
    return two_days_of_antibiotics(d, is_surgery(d.row))


@rule("G2-5-02", "procedure", "perioperative", "P")
def antibiotics_around_limb_surgery(d: Decision) -> Case:
    return two_days_of_antibiotics(d, limb_surgery(d))


@rule("G1-3.7.3-02", "procedure", "perioperative", "P")
def anticoagulation(d: Decision) -> Case:
    prescribed = any(
        row["drug"] == "anticoagulant"
        and row["start_date"] <= plus(d.idx, 2)
        and (row["stop_date"] is None or row["stop_date"] > d.idx)
        and row["periprocedural_decision"] != "stopped"
        for row in d.patient.rows("drug_prescriptions")
    )
    return Case(
        applies=is_surgery(d.row),
        met=True if prescribed else d.row["thromboprophylaxis"],
        exceptions={"early_bleeding": complicated_by(d, "haemorrhage")},
    )


@rule("G2-5-01", "procedure", "perioperative", "P")
def two_visits(d: Decision) -> Case:
    p = d.patient
    visits = sorted(
        {
            row["date"]
            for row in p.rows("consultations")
            if row["kind"] == "postoperative_visit"
            and row["date"] > d.idx
            and (d.lesion_id is None or row["lesion_id"] in (None, d.lesion_id))
        }
    )
    early = bool(visits) and visits[0] <= plus(d.idx, 21)
    close = early and len(visits) > 1 and visits[1] <= plus(d.idx, 45)
    return Case(
        applies=limb_surgery(d),
        met=True if close else (False if p.provable("consultations", plus(d.idx, 1)) else None),
        due=plus(d.idx, 45 if early else 21),
        observed=("consultations",),
        late=len(visits) > 1,
    )


# Systemic therapy after surgery of a limb ----------------------------------------------------------------------------


def restart(d: Decision) -> tuple[Truth, Row | None]:
    """Whether the latest operation of the 90 days before is of a limb, and that operation."""
    p, start = d.patient, plus(d.idx, -90)
    operations = [row for row in p.acts("procedures", start, plus(d.idx, -1)) if is_surgery(row)]
    operation = max(operations, key=lambda r: (r["date"], r["procedure_id"]), default=None)
    if operation is None:
        return (False if p.provable("procedures", start) else None), None
    on_limb = one_of(p.bone(operation["lesion_id"]), *LIMB)
    return and_(operation["category"] == "orthopaedic_surgery", on_limb), operation


def three_conditions(d: Decision, operation: Row) -> Truth:
    return and_(
        d.row["urgent"],
        known(operation["wound_healed_date"], lambda day: day <= d.idx),
        known(operation["surgeon_agreement_date"], lambda day: day <= d.idx),
    )


@rule("G2-3-09", "systemic_line", "perioperative", "D")
def three_weeks_after_limb_surgery(d: Decision) -> Case:
    applies, operation = restart(d)
    if operation is None:
        return Case(applies=applies)
    days = (d.idx - operation["date"]).days
    healed = operation["wound_healed_date"]
    if days < 15 or (healed is not None and healed > d.idx):
        return Case(applies=applies, met=False)
    return Case(applies=applies, met=True if days >= 21 else three_conditions(d, operation))


@rule("G2-3-11", "systemic_line", "perioperative", "D")
def conditions_of_an_early_restart(d: Decision) -> Case:
    applies, operation = restart(d)
    if operation is None:
        return Case(applies=applies)
    early = 15 <= (d.idx - operation["date"]).days < 21
    return Case(applies=and_(applies, early), met=three_conditions(d, operation))


@rule("G2-5-04", "systemic_line", "perioperative", "P")
def not_before_the_tissue_has_healed(d: Decision) -> Case:
    applies, operation = restart(d)
    if operation is None:
        return Case(applies=applies)
    days = (d.idx - operation["date"]).days
    healed = known(operation["wound_healed_date"], lambda day: day <= d.idx)
    met: Truth = False if days < 21 or healed is False else (True if days >= 28 else healed)
    return Case(
        applies=applies,
        met=met,
        exceptions={"early_restart_agreed": and_(15 <= days < 21, three_conditions(d, operation))},
    )
