"""Situations of painful lesions, fractures, operations on limbs and short lives, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from .random_scenarios import (
    SOUND_SPINE,
    UNSTABLE_SPINE,
    after,
    assess,
    assess_spine,
    before,
    condition_before,
    discuss,
    excuse,
    irradiate,
    new_lesion,
    operate,
    some,
)

if TYPE_CHECKING:
    from .random_registry import Maker, Row

CRITERIA = (
    "indication",
    "life_expectancy",
    "general_condition",
    "functional_needs",
    "expected_benefit",
    "risks",
    "oncology_plan",
)
BOTH = (["radiotherapy", "surgery"], ["surgery", "systemic", "radiotherapy"], ["surgery"], ["radiotherapy"])
PAIN: dict[str, Any] = {
    "symptomatic": (True, True, None, False),
    "pain_mechanism": ("mechanical", "mixed", "inflammatory", "inflammatory", None, "none"),
    "pain_on_loading": (True, False, False, None),
    "pain_disabling": (True, True, False, None),
    "pain_refractory": (True, True, True, False, None),
    "mirels_pain": ("mild", "moderate", "moderate", "functional", "none"),
}


def state(maker: Maker, day: date, **options: Any) -> None:
    keys = {"assessment_id": maker.new_id("K"), "date": day}
    maker.add("clinical_assessments", **keys, **some(maker, **options))


def treated(maker: Maker, lesion: Row, day: date) -> None:
    """A course, an intervention and an operation around the limits of 60 days."""
    for _ in range(maker.pick((0, 1, 1, 2))):
        irradiate(maker, lesion, after(maker, day, 0, 1, 30, 59, 60, 61, 62), intent=("analgesic",))
    if maker.chance(0.4):
        categories = ("interventional_radiology", "orthopaedic_surgery", "spinal_surgery", "biopsy")
        techniques = ("cementoplasty", "percutaneous_screw", "intramedullary_nail", "cryoablation")
        when = after(maker, day, 0, 1, 29, 30, 31, 60, 61, 62)
        operate(maker, lesion, when, maker.pick(categories), technique=techniques, intent=("pain", "preventive", None))


def pain(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "rib", "femur", "humerus", "vertebra"), maker.some_day()
    lesion["segment"] = "diaphysis" if lesion["bone"] == "femur" else None
    scored = {"lesion_type": ("lytic", "blastic"), "cortical_fraction": (0.2, 0.5, 0.8)}
    seen = PAIN | scored | {"fracture_status": ("none", "none", "impending"), "ir_accessible": (False, False, True)}
    assess(maker, lesion, day, **seen)
    for _ in range(maker.pick((0, 0, 1, 2))):
        assess(maker, lesion, after(maker, day, -61, -60, -30, 0, 10, 30), **seen)
    if lesion["bone"] == "vertebra":
        spine = UNSTABLE_SPINE if maker.chance(0.4) else SOUND_SPINE
        assess_spine(maker, lesion, before(maker, day), cord_compression=("none", "none", "radiological"), **spine)
    if maker.chance(0.4):
        when = after(maker, day, -300, -30, -1, 0)
        operate(maker, lesion, when, "interventional_radiology", technique=("cementoplasty", "cryoablation"))
    treated(maker, lesion, day)
    condition_before(maker, day)
    excuse(maker, lesion, day, maker.pick(("radiotherapy", "limb_surgery")))


def disabling_pain_of_a_limb(maker: Maker) -> None:
    """Pain that drugs do not relieve, in a limb that was cemented or cannot be."""
    lesion, day = new_lesion(maker, "femur", "tibia", "radius"), maker.some_day()
    worst = {"pain_disabling": (True,), "pain_refractory": (True,), "fracture_status": ("none",)}
    assess(maker, lesion, day, ir_accessible=(False, True), **worst)
    if maker.chance(0.5):
        when = after(maker, day, -100, -1)
        operate(maker, lesion, when, "interventional_radiology", technique=("cementoplasty",))
    if maker.chance(0.5):
        operate(maker, lesion, after(maker, day, 0, 60, 61), "orthopaedic_surgery", intent=("pain", "palliative"))
    condition_before(maker, day)
    excuse(maker, lesion, day, "limb_surgery")


def bone_discussed(maker: Maker) -> None:
    """A long bone at risk, what the meeting named, and the fixation."""
    lesion, day = new_lesion(maker, "femur", "humerus", "radius", segment="diaphysis"), maker.some_day()
    scored: dict[str, Any] = {"lesion_type": ("lytic",), "cortical_fraction": (0.2, 0.5, 0.8), "fracture_date": (None,)}
    pain = ("mild", "moderate", "functional")
    assess(maker, lesion, day, fracture_status=("none", "impending"), mirels_pain=pain, **scored)
    if maker.chance(0.7):
        discuss(maker, after(maker, day, -61, -60, 0, 10, 60, 61), options_discussed=BOTH)
    if maker.chance(0.6):
        when = after(maker, day, 0, 9, 10, 11, 60, 61)
        category = maker.pick(("interventional_radiology", "orthopaedic_surgery"))
        techniques = ("percutaneous_nail", "percutaneous_screw", "intramedullary_nail", "locking_plate", None)
        added = ([], [], ["cementoplasty"], ["percutaneous_screw"])
        way = {"technique": techniques, "associated_techniques": added, "approach": ("open", "percutaneous", None)}
        operate(maker, lesion, when, category, intent=("preventive", "preventive", "fracture"), **way)
    excuse(maker, lesion, day, "limb_surgery")


def fracture_left(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "humerus", "radius", "metacarpal"), maker.some_day()
    assess(maker, lesion, day, fracture_status=("pathological_fracture",), fracture_date=(day,))
    fit = {"fit_for_surgery": (True, True, False), "fit_for_anaesthesia": (True, True, True, False)}
    state(maker, after(maker, day, -61, -60, 0, 30, 31), life_expectancy_days=(41, 42, 300, 300), **fit)
    if maker.chance(0.4):
        operate(maker, lesion, after(maker, day, 0, 2, 3, 7, 8, 30, 31), "orthopaedic_surgery", intent=("fracture",))
    if maker.chance(0.4):
        irradiate(maker, lesion, after(maker, day, 0, 60, 61), intent=("analgesic",))
    excuse(maker, lesion, day, "limb_surgery")


def short_life(maker: Maker) -> None:
    day = maker.some_day()
    state(maker, day, life_expectancy_days=(20, 41, 41, 42), pain_nrs=(2.0, 4.0, 7.0), on_analgesics=(True, False))
    for _ in range(maker.pick((0, 1, 1, 2))):
        when = after(maker, day, -1, 0, 1, 13, 14, 15)
        state(maker, when, pain_nrs=(3.0, 4.0, 5.0, 8.0, None), on_analgesics=(True, False, None))
    if maker.chance(0.4):
        drug, start = maker.pick(("opioid", "analgesic", "other")), after(maker, day, -30, 0, 13, 14)
        stop = maker.pick((None, after(maker, day, -1, 0, 30)))
        maker.add("drug_prescriptions", prescription_id=maker.new_id("D"), drug=drug, start_date=start, stop_date=stop)
    excuse(maker, {"lesion_id": None}, day, "care_pathway")


def limb_operation(maker: Maker) -> None:
    """An operation with its indication, record, prognosis, imaging and radiotherapy."""
    lesion, day = new_lesion(maker, "femur", "femur", "humerus", "pelvis", segment="diaphysis"), maker.some_day()
    techniques = ("intramedullary_nail", "resection_reconstruction", "megaprosthesis", "arthroplasty", "other")
    row = operate(
        maker,
        lesion,
        day,
        maker.pick(("orthopaedic_surgery", "orthopaedic_surgery", "orthopaedic_surgery", "spinal_surgery")),
        technique=techniques,
        resection_extent=("none", "en_bloc", "oncological", "oncological", "intralesional", None),
        intent=("preventive", "preventive", "fracture", "fracture", "pain", "curative", "palliative"),
        urgency=("planned", "emergency", None),
        complication=(None, None, "wound", "sepsis"),
        complication_date=(after(maker, day, 0, 1, 30, 31), None),
    )
    scored: dict[str, Any] = {"lesion_type": ("lytic",), "cortical_fraction": (0.1, 0.2, 0.5, 0.8)}
    for _ in range(maker.pick((1, 1, 2))):
        status = {"fracture_status": ("none", "none", "impending", "pathological_fracture")}
        assess(maker, lesion, after(maker, day, -240, -91, -61, -60, -5, -1, 0), **(PAIN | scored | status))
    condition_before(maker, day)
    if maker.chance(0.3):
        state(maker, after(maker, day, -184, -183, -61), life_expectancy_days=(50, 300), karnofsky=(70,))
    record = (list(CRITERIA), maker.random.sample(CRITERIA, maker.pick((1, 6))), [], None)
    for _ in range(maker.pick((0, 1, 1, 2))):
        when = after(maker, day, -184, -183, -100, -61, -60, -5, 0, 1)
        discuss(maker, when, criteria_recorded=record, options_discussed=BOTH)
    if maker.chance(0.6):
        seen = {"lesion_id": maker.pick((lesion["lesion_id"], lesion["lesion_id"], None)), "modality": "ct"}
        when = after(maker, day, -184, -183, -31, -30, 0)
        region = some(maker, region=("limb", "spine", None))
        maker.add("imaging_exams", exam_id=maker.new_id("E"), date=when, **seen, **region)
    if maker.chance(0.4):
        maker.add("lab_results", date=after(maker, day, 0, 1, 30, 31), analyte="crp", value=50.0)
    if maker.chance(0.6):
        course = irradiate(
            maker, lesion, after(maker, day, 1, 20, 60, 61), target_volume=("whole_bone", "whole_bone", "lesion", None)
        )
        if maker.chance(0.4):
            course["linked_procedure_id"] = row["procedure_id"]
    if maker.chance(0.3):
        irradiate(maker, lesion, after(maker, day, -184, -183, -90, -1), delivered_dose_gy=(8.0, 19.9, 20.0))
    excuse(maker, lesion, day, maker.pick(("limb_surgery", "limb_surgery", "care_pathway", "radiotherapy")))


def irradiated_then_operated(maker: Maker) -> None:
    """A femur about to break, irradiated first; what the meeting had named."""
    lesion, day = new_lesion(maker, "femur", segment="diaphysis"), maker.some_day()
    irradiated = after(maker, day, -184, -183, -90, -1)
    scored = {"lesion_type": ("lytic",), "cortical_fraction": (0.8,), "mirels_pain": ("functional",)}
    assess(maker, lesion, before(maker, irradiated), fracture_status=("none",), **scored)
    irradiate(maker, lesion, irradiated)
    operate(maker, lesion, day, "orthopaedic_surgery")
    if maker.chance(0.5):
        discuss(maker, after(maker, irradiated, -61, -60, 0, 1), options_discussed=BOTH)
    excuse(maker, lesion, day, "limb_surgery")


def planned_resection(maker: Maker) -> None:
    """An oncological resection of a broken limb, its planning and its aftermath."""
    lesion, day = new_lesion(maker, "femur", "humerus"), maker.some_day()
    session = {
        "resection_extent": ("oncological", "en_bloc"),
        "intent": ("fracture",),
        "urgency": ("planned", "emergency"),
    }
    infected = after(maker, day, 0, 1, 30, 31)
    operate(
        maker, lesion, day, "orthopaedic_surgery", complication=("sepsis",), complication_date=(infected,), **session
    )
    for when in (after(maker, day, -184, -31, -30, -1), after(maker, day, -30, 0)):
        maker.add("imaging_exams", exam_id=maker.new_id("E"), date=when, modality="ct", lesion_id=lesion["lesion_id"])
        if maker.chance(0.4):
            break
    discuss(maker, after(maker, day, -184, -61, -60, -1, 0), criteria_recorded=(list(CRITERIA), ["risks"]))
    if maker.chance(0.6):
        maker.add("lab_results", date=after(maker, day, 0, 1, 30, 31), analyte="crp", value=50.0)
    excuse(maker, lesion, day, "limb_surgery")


def peripheral_fracture(maker: Maker) -> None:
    """A small bone broken in a fit patient: left, irradiated, or operated late."""
    lesion, day = new_lesion(maker, "radius", "ulna", "fibula", "metatarsal"), maker.some_day()
    assess(maker, lesion, day, fracture_status=("pathological_fracture",), fracture_date=(day,))
    fit = {"fit_for_surgery": (True,), "fit_for_anaesthesia": (True,), "life_expectancy_days": (42, 300)}
    state(maker, after(maker, day, 0, 30), **fit)
    if maker.chance(0.5):
        irradiate(maker, lesion, after(maker, day, 0, 60, 61), intent=("analgesic",))
    else:
        operate(maker, lesion, after(maker, day, 3, 30, 31, 40), "orthopaedic_surgery", intent=("fracture",))


def preventive_operation(maker: Maker) -> None:
    """A femur fixed before it breaks: its Mirels, its pain and the meeting."""
    lesion, day = new_lesion(maker, "femur", segment="diaphysis"), maker.some_day()
    calm = {"pain_mechanism": ("inflammatory", "mechanical"), "pain_on_loading": (False,), "pain_disabling": (False,)}
    scored = {"lesion_type": ("lytic",), "cortical_fraction": (0.2, 0.5), "mirels_pain": ("mild", "moderate")}
    assess(maker, lesion, after(maker, day, -61, -60, -5, 0), fracture_status=("none",), **scored, **calm)
    operate(maker, lesion, day, "orthopaedic_surgery", intent=("preventive",))
    if maker.chance(0.5):
        discuss(maker, after(maker, day, -61, -60, 0))
    excuse(maker, lesion, day, "limb_surgery")


INDICATION_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    pain,
    pain,
    pain,
    disabling_pain_of_a_limb,
    bone_discussed,
    fracture_left,
    short_life,
    short_life,
    limb_operation,
    limb_operation,
    limb_operation,
    irradiated_then_operated,
    planned_resection,
    peripheral_fracture,
    preventive_operation,
)
