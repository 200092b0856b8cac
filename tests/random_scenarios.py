"""Situations that pure chance would rarely give: each brings a rare rule within reach and leaves the rest to chance.

A cell given here stands in five rows of six; otherwise chance fills it like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .random_registry import Maker, Row

CLEAR_STATE: dict[str, Any] = {
    "life_expectancy_days": (30, 41, 42, 90, 91, 92, 182, 183, 184, 365, 366, 900),
    "n_bone_metastases": (0, 1, 2, 3, 4),
    "n_extraspinal_bone_metastases": (0, 1, 3, 4),
    "n_vertebral_metastases": (1, 2, 3),
    "visceral_metastases": ("none", "none", "resectable", "unresectable"),
    "karnofsky": (40, 50, 80, 90),
    "brain_metastases": (True, False),
    "new_bone_pain": (True, False),
    "fit_for_surgery": (True, True, False),
    "fit_for_anaesthesia": (True, True, False),
    "difficult_to_mobilise": (True, False),
}
SOUND_SPINE: dict[str, Any] = {
    "sins_pain": ("mechanical", "none", "none"),
    "lesion_type": ("lytic", "blastic", "blastic"),
    "alignment": ("normal", "normal", "new_deformity", "subluxation_translation"),
    "collapse_percent": (0.0, 0.0, 50.0, 60.0),
    "body_involvement_percent": (20.0, 50.0, 80.0),
    "posterolateral_involvement": ("none", "none", "bilateral"),
}
UNSTABLE_SPINE: dict[str, Any] = {
    "sins_pain": ("mechanical",),
    "lesion_type": ("lytic",),
    "alignment": ("subluxation_translation",),
    "collapse_percent": (60.0,),
    "posterolateral_involvement": ("bilateral",),
}
SCHEDULES = ((8.0, 1), (20.0, 5), (24.0, 6), (30.0, 10), (30.1, 10), (29.85, 10))
BEFORE = (0, 0, 1, 7, 8, 30, 59, 60, 61)


def some(maker: Maker, **options: Any) -> Row:
    """One value for each cell from its options; every sixth cell is left to chance."""
    return {name: maker.pick(values) for name, values in options.items() if maker.chance(5 / 6)}


def before(maker: Maker, day: date) -> date:
    return day - timedelta(days=maker.pick(BEFORE))


def after(maker: Maker, day: date, *days: int) -> date:
    return day + timedelta(days=maker.pick(days))


def condition_before(maker: Maker, day: date) -> None:
    cells = some(maker, **CLEAR_STATE)
    maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=before(maker, day), **cells)


def new_lesion(maker: Maker, *bones: str, **cells: Any) -> Row:
    discovery = maker.known_days[0]
    keys = {"lesion_id": maker.new_id("L"), "bone": maker.pick(bones)}
    lesion = maker.add("bone_lesions", **keys, discovery_date=discovery, **cells)
    maker.lesions.append(lesion)
    return lesion


def assess(maker: Maker, lesion: Row, day: date, **options: Any) -> Row:
    keys = {"assessment_id": maker.new_id("A"), "lesion_id": lesion["lesion_id"], "date": day}
    return maker.add("lesion_assessments", **keys, **some(maker, **options))


def assess_spine(maker: Maker, lesion: Row, day: date, **options: Any) -> Row:
    keys = {"assessment_id": maker.new_id("S"), "lesion_id": lesion["lesion_id"], "date": day}
    return maker.add("spinal_assessments", **keys, **some(maker, **SOUND_SPINE | options))


def irradiate(maker: Maker, lesion: Row, day: date, **options: Any) -> Row:
    dose, fractions = maker.pick(SCHEDULES)
    cells = {"prescribed_dose_gy": dose, "prescribed_fractions": fractions} | some(maker, **options)
    keys = {"course_id": maker.new_id("R"), "lesion_id": lesion["lesion_id"], "start_date": day}
    return maker.add("radiotherapy_courses", **keys, **{"linked_procedure_id": None} | cells)


def operate(maker: Maker, lesion: Row, day: date, category: str, **options: Any) -> Row:
    keys = {"procedure_id": maker.new_id("O"), "lesion_id": lesion["lesion_id"], "date": day}
    return maker.add("procedures", **keys, category=category, **some(maker, **options))


def discuss(maker: Maker, day: date, **options: Any) -> Row:
    keys = {"mdt_id": maker.new_id("M"), "date": day, "lesion_ids": None}
    return maker.add("mdt_meetings", **keys, **some(maker, **options))


def excuse(maker: Maker, lesion: Row, day: date, domain: str) -> None:
    if maker.chance(0.5):
        own = lesion["lesion_id"]
        where = maker.pick((None, own, own, *(other["lesion_id"] for other in maker.lesions[:1])))
        maker.add("deviations", date=after(maker, day, -61, -60, 0, 0, 60, 61), lesion_id=where, domain=domain)


# Situations ----------------------------------------------------------------------------------------------------------


def painful_lesion(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "rib", "pelvis", "vertebra", "femur"), maker.some_day()
    assess(maker, lesion, before(maker, day), fracture_status=("none", "impending"))
    if lesion["bone"] == "vertebra":
        assess_spine(maker, lesion, before(maker, day), cord_compression=("none",))
    irradiate(maker, lesion, day, intent=("analgesic",), technique=("conformal_3d",))
    excuse(maker, lesion, day, "radiotherapy")


def spine_imaged(maker: Maker) -> None:
    lesion = new_lesion(maker, "vertebra")
    exam = {"exam_id": maker.new_id("E"), "modality": "mri", "lesion_id": None}
    seen = some(maker, whole_spine=(True, True, None, False), region=("spine", "limb", None))
    when = after(maker, lesion["discovery_date"], -61, -60, -31, -30, 30, 31)
    maker.add("imaging_exams", **exam, date=when, **seen)
    excuse(maker, lesion, lesion["discovery_date"], "imaging")


def cord_compression(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    onset = after(maker, day, -20, -15, -14, -8, -7, -1, 0)
    compression = {"cord_compression": ("symptomatic", "radiological"), "compression_date": (day,)}
    motor = {"motor_deficit": (True,), "motor_deficit_onset_date": (onset,)}
    walking = {"ambulation": ("unaided", "unaided", "aided", "non_ambulatory", "paraplegic")}
    assess_spine(maker, lesion, day, **compression, **motor, **walking)
    condition_before(maker, day)
    operation = None
    if maker.chance(0.4):
        operation = operate(maker, lesion, after(maker, day, 0, 1, 2, 3), "spinal_surgery", intent=("decompression",))
    first = (0, 1, 2, 3, 7, 8) if operation is None else (1, 2, 3, 27, 28, 29, 30, 31)
    if maker.chance(0.8):
        irradiate(maker, lesion, after(maker, day, *first), intent=("decompressive",))
    excuse(maker, lesion, day, maker.pick(("radiotherapy", "spine")))


def ablative_course(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra", "vertebra", "sacrum", "rib"), maker.some_day()
    lesion["vertebral_level"] = maker.pick(("T5", "L1", "C4", "S3"))
    assess_spine(maker, lesion, before(maker, day), lesion_type=("lytic", "mixed"))
    if maker.chance(0.4):
        assess_spine(maker, lesion, day, **UNSTABLE_SPINE)
    condition_before(maker, day)
    if maker.chance(0.5):
        earlier = after(maker, day, -200, -92, -91, -90, -89, -30)
        irradiate(maker, lesion, earlier, end_date=(earlier, earlier + timedelta(days=1)))
    if maker.chance(0.5):
        stabilised = after(maker, day, -366, -365, 0)
        operate(maker, lesion, stabilised, "spinal_surgery", technique=("posterior_stabilisation",))
    if maker.chance(0.3):
        discuss(maker, before(maker, day), specialties=(["neurosurgery"], ["orthopaedics", "radiology"], ["radiology"]))
    irradiate(maker, lesion, day, intent=("ablative",), technique=("stereotactic",))


def spine_surgery_decision(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    lesion["vertebral_level"] = maker.pick(("T12", "T5", "L1"))
    spine = UNSTABLE_SPINE if maker.chance(0.3) else {}
    assess_spine(maker, lesion, day, frankel=("E", "D3", "C", "A"), motor_deficit=(False, True), **spine)
    condition_before(maker, day)
    excuse(maker, lesion, day, "spine")
    if maker.chance(0.7):
        operate(maker, lesion, after(maker, day, 0, 1, 30, 60, 61), "spinal_surgery")
    if maker.chance(0.5):
        discuss(maker, after(maker, day, -60, -1, 0, 30, 60), decision=("surgery", "surgery", "radiotherapy"))
    if maker.chance(0.5):
        keys = {"lesion_id": lesion["lesion_id"], "kind": "spine_surgery_opinion"}
        maker.add("consultations", **keys, date=after(maker, day, -15, -14, 0, 2, 3, 14, 15))


def long_bone_at_risk(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "humerus", "tibia", segment="diaphysis"), maker.some_day()
    scored: dict[str, Any] = {
        "fracture_status": ("none", "impending"),
        "cortical_fraction": (0.2, 0.5, 0.8),
        "lesion_type": ("blastic", "mixed", "lytic"),
        "mirels_pain": ("none", "mild", "moderate", "functional"),
        "fracture_date": (None,),
    }
    assess(maker, lesion, day, **scored)
    condition_before(maker, day)
    excuse(maker, lesion, day, "limb_surgery")
    if maker.chance(0.3):
        broken = after(maker, day, 1, 10, 30, 31)
        assess(maker, lesion, broken, fracture_status=("pathological_fracture",), fracture_date=(broken,))
    if maker.chance(0.6):
        intents = ("preventive", "preventive", "fracture", "pain")
        operate(maker, lesion, after(maker, day, 1, 30, 31, 60, 61), "orthopaedic_surgery", intent=intents)
    if maker.chance(0.4):
        discuss(maker, after(maker, day, -61, -60, 0, 30, 60, 61), decision=("radiotherapy", "surveillance", "surgery"))


def broken_limb(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "radius", "ulna", "metacarpal"), maker.some_day()
    assess(maker, lesion, day, fracture_status=("pathological_fracture",), fracture_date=(day,))
    condition_before(maker, day)
    if maker.chance(0.5):
        operate(maker, lesion, after(maker, day, 1, 30, 31), "orthopaedic_surgery", intent=("fracture",))
    elif maker.chance(0.6):
        irradiate(maker, lesion, after(maker, day, 0, 59, 60, 61), intent=("analgesic",))


def cement_in_a_long_bone(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "tibia"), maker.some_day()
    lesion["weight_bearing"] = maker.pick((True, None, False))
    risk = {"cortical_fraction": (0.1, 0.8), "lesion_type": ("blastic", "lytic"), "mirels_pain": ("mild", "functional")}
    status = ("none", "none", "impending", "pathological_fracture")
    assess(maker, lesion, before(maker, day), fracture_status=status, **risk)
    added = ([], [], ["percutaneous_screw"], ["curettage"])
    session = {"technique": ("cementoplasty",), "associated_techniques": added}
    operate(maker, lesion, day, "interventional_radiology", **session)
    excuse(maker, lesion, day, "interventional")
    if maker.chance(0.5):
        specialties = (["interventional_radiology"], ["radiology"])
        discuss(maker, after(maker, day, -184, -183, -61, -60, 0), specialties=specialties)


def cement_in_a_vertebra(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra", "sacrum"), maker.some_day()
    techniques = ("vertebroplasty", "kyphoplasty", "kyphoplasty")
    operate(maker, lesion, day, maker.pick(("interventional_radiology", "spinal_surgery")), technique=techniques)
    excuse(maker, lesion, day, "interventional")


def distal_end(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "humerus", segment="distal_end"), maker.some_day()
    assess(maker, lesion, before(maker, day), articular_destruction=(True, False))
    techniques = ("locking_plate", "megaprosthesis", "arthroplasty", "intramedullary_nail")
    operate(maker, lesion, day, "orthopaedic_surgery", technique=techniques)


def operation(maker: Maker) -> None:
    """Surgery with its meetings, then radiotherapy and a line of treatment around the third week."""
    lesion, day = new_lesion(maker, "femur", "humerus", "pelvis"), maker.some_day()
    healed = after(maker, day, 10, 20, 21, 22, 25)
    row = operate(
        maker,
        lesion,
        day,
        "orthopaedic_surgery",
        technique=("arthroplasty", "total_hip_arthroplasty", "megaprosthesis", "intramedullary_nail"),
        wound_healed_date=(healed,),
        surgeon_agreement_date=(after(maker, day, 10, 15),),
        urgency=("emergency", "relative_emergency", "planned"),
        intent=("fracture", "preventive", "decompression"),
        complication=(None, None, "wound"),
        **{f"cemented_{part}": (True, True, None, False) for part in ("femoral", "acetabular", "other")},
    )
    condition_before(maker, day)
    if maker.chance(0.7):
        course = irradiate(
            maker, lesion, after(maker, day, 14, 15, 21, 22, 28, 29, 61, 90, 91), intent=("postoperative",)
        )
        condition_before(maker, course["start_date"])
        if maker.chance(0.5):
            course["linked_procedure_id"] = row["procedure_id"]
    if maker.chance(0.4):
        irradiate(maker, lesion, after(maker, day, -100, -1), delivered_dose_gy=(19.9, 20.0, None))
    if maker.chance(0.5):
        discuss(maker, after(maker, day, -184, -183, -61, -60, 0, 1, 14, 15))
    start = after(maker, day, 14, 15, 20, 21, 90, 91)
    maker.add("systemic_therapy_lines", line_id=maker.new_id("Y"), start_date=start, **some(maker, urgent=(True,)))


def flare(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra", "rib"), maker.some_day()
    line = some(maker, effective=(True,), end_date=(None, after(maker, day, 60, 61), after(maker, day, 0, 60, 61)))
    line |= some(maker, stop_reason=("bone_progression",))
    line |= {"class": maker.pick(("chemotherapy", "combination", "immunotherapy"))}
    start = after(maker, day, -184, -183, -30, 0)
    maker.add("systemic_therapy_lines", line_id=maker.new_id("Y"), start_date=start, **line)
    read = some(maker, response_conclusion=("stable", "progression"))
    signs = {"initially_lytic": (True,), "uptake_change": ("increased",)}
    for modality, when, seen in (
        (maker.pick(("bone_scintigraphy", "fdg_pet_ct")), day, signs),
        ("ct", after(maker, day, -61, -60, 60, 61), {"lysis_change": ("increased", "stable")}),
        ("bone_scintigraphy", after(maker, day, 183, 184, 200), signs),
    ):
        exam = {"exam_id": maker.new_id("E")}
        maker.add("imaging_exams", **exam, date=when, modality=modality, lesion_id=None, **read)
        if maker.chance(0.7):
            maker.add("imaging_findings", **exam, lesion_id=lesion["lesion_id"], **some(maker, **seen))
    excuse(maker, lesion, day, maker.pick(("response_assessment", "imaging")))


def nuclear_imaging(maker: Maker) -> None:
    """A PET at the ends of the work-up, a growth factor shortly before it and a scintigraphy after it."""
    origin = maker.known_days[0]
    for tumour in maker.tumours():
        tumour |= some(maker, suspicion_date=(None,), first_treatment_date=(None,))
        origin = tumour["diagnosis_date"]
        tumour |= some(maker, metastatic_known_date=(after(maker, origin, -70, -61, -60, 59, 60, 61),))
    day = after(maker, origin, -61, -60, 60, 61)
    for modality, when in (("fdg_pet_ct", day), ("bone_scintigraphy", after(maker, day, 1, 89, 90, 91))):
        maker.add("imaging_exams", exam_id=maker.new_id("E"), date=when, modality=modality, lesion_id=None)
    maker.dose(after(maker, day, -16, -15, -14), "gcsf")


def dose_with_its_tests(maker: Maker) -> None:
    day = maker.some_day()
    maker.dose(day, "zoledronic_acid", "skeletal_event_prevention")
    condition_before(maker, day)
    for analyte, values in (
        ("creatinine_clearance", (29.9, 30.0, 60.0, 60.5)),
        ("corrected_calcium", (2.6, 2.65)),
        ("creatinine", (80.0,)),
    ):
        tested = after(maker, day, -184, -183, -31, -30, 0, 0)
        maker.add("lab_results", date=tested, analyte=analyte, value=maker.pick(values))
    for kind in ("dental_examination", "dental_panoramic"):
        maker.add("supportive_care", date=after(maker, day, -200, -184, -183, 0), kind=kind, by_specialist=True)


def stopped_treatment(maker: Maker) -> None:
    """A course long enough for its reviews, and the reasons to stop it before two years."""
    first = maker.some_day()
    months = [31 * n for n in range(maker.pick((3, 6, 6)))]
    days = [*months, maker.pick((182, 183, 184))] if months[-1] > 100 else months
    for distance in days:
        maker.dose(first + timedelta(days=distance), "zoledronic_acid", "skeletal_event_prevention")
    last = first + timedelta(days=days[-1])
    condition_before(maker, last)
    if maker.chance(0.5):
        clearance = {"analyte": "creatinine_clearance", "value": maker.pick((20.0, 29.9, 30.0))}
        maker.add("lab_results", date=after(maker, last, 0, 90, 91), **clearance)
    if maker.chance(0.5):
        reason = {"stop_reason": maker.pick(("renal", "osteonecrosis_of_jaw", "other")), "drug": "antiresorptive"}
        stop = after(maker, last, -90, 0, 90, 91)
        maker.add("drug_prescriptions", prescription_id=maker.new_id("D"), start_date=first, stop_date=stop, **reason)


SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    painful_lesion,
    spine_imaged,
    cord_compression,
    cord_compression,
    cord_compression,
    cord_compression,
    ablative_course,
    ablative_course,
    spine_surgery_decision,
    spine_surgery_decision,
    long_bone_at_risk,
    long_bone_at_risk,
    broken_limb,
    cement_in_a_long_bone,
    cement_in_a_vertebra,
    distal_end,
    operation,
    operation,
    flare,
    flare,
    flare,
    nuclear_imaging,
    nuclear_imaging,
    dose_with_its_tests,
    stopped_treatment,
)
