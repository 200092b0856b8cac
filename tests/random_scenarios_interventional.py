"""Situations of interventional radiology: sessions of cement, ablation and screws with what surrounds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from .random_scenarios import after, assess, discuss, excuse, irradiate, new_lesion, operate, some

if TYPE_CHECKING:
    from .random_registry import Maker, Row

CEMENT = ("cementoplasty", "vertebroplasty")
ABLATION = ("radiofrequency_ablation", "cryoablation", "microwave_ablation", "focused_ultrasound")
CATEGORIES = (*("interventional_radiology",) * 5, "orthopaedic_surgery", "spinal_surgery")
ADDED: tuple[Any, ...] = ([], [], None, ["cementoplasty"], ["radiofrequency_ablation"], ["percutaneous_screw"])
INDICATIONS = (
    [], ["uncontrolled_pain"], ["opioid_problem"], ["alternative_failed"], ["stabilisation"], ["preventive_risk_zone"],
)  # fmt: skip
SITE: dict[str, Any] = {
    "pain_mechanism": ("inflammatory", "mechanical", "mixed", "neuropathic", "none"),
    "soft_tissue_extension": ("predominant", "present"),
    "lesion_type": ("lytic", "lytic", "mixed"),
    "fracture_status": ("none", "impending", "pathological_fracture"),
    "cortical_fraction": (0.1, 0.5, 0.8),
    "mirels_pain": ("mild", "functional"),
    "acetabular_roof": ("none", "limited", "extensive"),
    "pain_refractory": (True, False),
    "reirradiation_possible": (True, True, False),
    "bone_loss_major": (True, True, False),
}
PERSON: dict[str, Any] = {
    "pain_nrs": (3.0, 4.0, 5.0, 8.0),
    "on_analgesics": (True, True, False),
    "n_bone_metastases": (0, 1, 3, 4),
    "opioid_intolerance": (True, False),
    "infection_puncture_site": (False, False, False, True),
    "sepsis_uncontrolled": (False, False, False, True),
    "fit_for_surgery": (True, True, False),
}


def session(maker: Maker, lesion: Row, day: date, techniques: tuple[str, ...], **options: Any) -> Row:
    """A procedure with its stay, the state of lesion and patient before it, and perhaps a deviation."""
    assess(maker, lesion, after(maker, day, -61, -60, -31, -30, -3, -2, 0), **SITE)
    state = after(maker, day, -31, -30, -5, -1, 0)
    maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=state, **some(maker, **PERSON))
    cells: dict[str, Any] = {
        "technique": techniques,
        "associated_techniques": ADDED,
        "approach": ("percutaneous", "percutaneous", "open"),
        "intent": ("curative", "pain", "palliative", "consolidation", "fracture", "preventive"),
        "cementoplasty_indications": INDICATIONS,
        "admission_date": (after(maker, day, -1, 0),),
        "discharge_date": (after(maker, day, 0, 1, 1, 2, 3),),
        "complication": (None, None, "cement_leak"),
        "complication_date": (after(maker, day, 0, 2, 9),),
        "lesion_authenticated": (True, True, False),
    }
    excuse(maker, lesion, day, "interventional")
    return operate(maker, lesion, day, maker.pick(CATEGORIES), **cells | options)


def cement(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra", "pelvis", "pelvis", "rib"), maker.some_day()
    if lesion["bone"] == "vertebra":
        lesion["vertebral_level"] = maker.pick(("C7", "T1", "T10", "T11", "L1", "L2"))
    session(maker, lesion, day, CEMENT)
    if maker.chance(0.4):
        irradiate(maker, lesion, after(maker, day, -61, -60, -1, 0, 60, 61), intent=("analgesic", "ablative"))
    if maker.chance(0.3):
        operate(maker, lesion, after(maker, day, -31, -30, -1, 30, 31), "interventional_radiology", technique=ABLATION)
    if maker.chance(0.5):
        options = (["surgery", "interventional"], ["radiotherapy"])
        discuss(maker, after(maker, day, -61, -60, 0), options_discussed=options)


def ablation(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "vertebra", "sacrum", "femur", "rib"), maker.some_day()
    lesion["weight_bearing"] = maker.pick((True, None, None, False))
    intents = ("curative", "curative", "pain", "palliative")
    session(maker, lesion, day, ABLATION, intent=intents)
    if maker.chance(0.3):
        operate(maker, lesion, after(maker, day, -31, -30, 30, 31), "interventional_radiology", technique=CEMENT)


def screws(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "pelvis", "femur", "femur", "sacrum"), maker.some_day()
    if lesion["bone"] == "femur":
        lesion["segment"] = maker.pick(("neck", "trochanteric", "diaphysis", None))
    session(maker, lesion, day, ("percutaneous_screw",), intent=("fracture", "preventive", "preventive"))


def prepared(maker: Maker) -> None:
    """Blood tests, drugs and imaging around a puncture."""
    lesion, day = new_lesion(maker, "pelvis", "vertebra"), maker.some_day()
    session(maker, lesion, day, (*CEMENT, "cryoablation"), approach=("percutaneous",))
    for analyte in ("pt_inr", "aptt", "platelets"):
        maker.add("lab_results", date=after(maker, day, *(-7, -1, 0) * 4, -8, -183, -184), analyte=analyte)
    keys = {"exam_id": maker.new_id("E"), "modality": maker.pick(("ct", "mri"))}
    where = maker.pick((None, lesion["lesion_id"]))
    maker.add("imaging_exams", **keys, date=after(maker, day, -184, -183, -31, -30, -1, 0), lesion_id=where)
    for drug in ("anticoagulant", "antiplatelet"):
        cells = some(
            maker,
            stop_date=(None, day, after(maker, day, -11, -10, -1, 1)),
            stop_reason=("procedure", "other"),
            periprocedural_decision=("stopped", "bridged", None),
        )
        keys = {"prescription_id": maker.new_id("D"), "drug": drug, "start_date": after(maker, day, -90, -30, -1, 0)}
        if maker.chance(0.6):
            maker.add("drug_prescriptions", **keys, **cells)


def broken_pelvis(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "pelvis"), maker.some_day()
    assess(maker, lesion, day, fracture_status=("pathological_fracture",), fracture_date=(day,))
    if maker.chance(0.6):
        techniques = ("percutaneous_screw", "cementoplasty")
        category = maker.pick(("interventional_radiology", "orthopaedic_surgery"))
        operate(maker, lesion, after(maker, day, 0, 30, 31), category, technique=techniques)


INTERVENTIONAL_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    cement,
    cement,
    ablation,
    ablation,
    screws,
    prepared,
    broken_pelvis,
)
