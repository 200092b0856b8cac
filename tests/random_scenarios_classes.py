"""Random registries with situations that the classifications ask about, on and beside their limits."""

from __future__ import annotations

from datetime import date
from typing import Any

from .random_registry import Maker, Row, Tables, drawn
from .random_scenarios import after, assess, assess_spine, discuss, irradiate, new_lesion, operate, some

MOSTLY = (True, True, True, True, True, False)
SELDOM = (False, False, False, False, False, True)
RESTART_DAYS = (0, 1, 14, 15, 15, 16, 20, 20, 21, 21, 22, 22, 25, 28, 28, 29, 90, 91)
COMPLICATION_DAYS = (-1, 0, 0, 1, 30, 89, 90, 91, 200)


PERCUTANEOUS = (
    "cementoplasty", "percutaneous_screw", "cryoablation", "radiofrequency_ablation", "microwave_ablation",
)  # fmt: skip
CLEAR: Row = {
    "n_bone_metastases": 3, "visceral_metastases": "none", "brain_metastases": False, "disease_status": "controlled",
    "life_expectancy_days": 91,
}  # fmt: skip
NEAR_LIMITS: dict[str, Any] = {
    "n_bone_metastases": (1, 2, 3, 3, 4), "visceral_metastases": ("none",) * 5 + ("resectable",), "brain_metastases": SELDOM,
    "disease_status": ("controlled",) * 5 + ("progressive",), "life_expectancy_days": (90, 91, 92, 400, 400),
}  # fmt: skip
CLEAR_SPINE: dict[str, Any] = {
    "cord_compression": ("none",), "canal_narrowing_percent": (25.0,), "tumour_cord_distance_mm": (5.0,), "sins_pain": ("none",),
    "lesion_type": ("blastic",), "alignment": ("normal",), "collapse_percent": (0.0,), "posterolateral_involvement": ("none",),
}  # fmt: skip
SPINE_NEAR_LIMITS: dict[str, Any] = {
    "cord_compression": ("none", "none", "radiological", "symptomatic"), "canal_narrowing_percent": (0.0, 24.9, 25.0, 25.1),
    "tumour_cord_distance_mm": (4.9, 5.0, 5.1, 9.0), "posterolateral_involvement": ("none",),
}  # fmt: skip


def class_registry(seed: int, patients: int, centres: int = 3) -> tuple[Tables, list[Row]]:
    """As random_registry, each patient with one more situation of a classification."""
    maker = Maker(seed, [f"C{n:02d}" for n in range(1, centres + 1)])
    for _ in range(patients):
        maker.patient()
        maker.add_situation(one_of_a_classification, drawn(seed, maker.number, "classification"))
    return maker.finished()


def one_of_a_classification(maker: Maker) -> None:
    maker.pick(SITUATIONS)(maker)


def condition(maker: Maker, day: date, **options: Any) -> None:
    cells = some(maker, **options)
    maker.add(
        "clinical_assessments",
        assessment_id=maker.new_id("K"),
        date=after(maker, day, -61, -60, -31, -30, -30, 0, 0),
        **cells,
    )


def stereotactic(maker: Maker) -> None:
    """An ablative course, or a request for one: every criterion met in one half, close to its limit in the other."""
    lesion, day = new_lesion(maker, "vertebra", "vertebra", "sacrum", "rib"), maker.some_day()
    if lesion["bone"] == "rib":
        lesion["vertebral_level"] = None
    clear = maker.chance(0.5)
    if clear:
        maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=day, **CLEAR)
    else:
        condition(maker, day, **NEAR_LIMITS)
    assess(maker, lesion, day if clear else after(maker, day, -61, -60, 0), well_delimited=(True,) if clear else MOSTLY)
    if lesion["bone"] != "rib":
        spine = CLEAR_SPINE if clear else SPINE_NEAR_LIMITS
        assess_spine(maker, lesion, day if clear else after(maker, day, -61, -60, -1, 0), **spine)
    if not clear:
        treated_before(maker, lesion, day)
    named = maker.pick((None, [], [lesion["lesion_id"]], [lesion["lesion_id"]] * 2, ["elsewhere"]))
    meeting_day = day if clear else after(maker, day, -61, -60, 0, 1)
    discuss(maker, meeting_day, sbrt_validated=(True,) if clear else MOSTLY)["lesion_ids"] = named
    irradiate(maker, lesion, day, technique=("stereotactic",), intent=("ablative",))


def treated_before(maker: Maker, lesion: Row, day: date) -> None:
    if maker.chance(0.2):
        technique = ("posterior_stabilisation",)
        operate(maker, lesion, after(maker, day, -366, -365, -1), "spinal_surgery", technique=technique)
    if maker.chance(0.3):
        earlier = irradiate(maker, lesion, after(maker, day, -120, -91, -90, -1))
        earlier["end_date"] = maker.pick((None, after(maker, day, -92, -91, -90, 1)))
        earlier["lesion_id"] = maker.pick((None, lesion["lesion_id"]))
    if maker.chance(0.3):
        maker.dose(after(maker, day, -91, -90, 0, 1), "radionuclide")


def pain(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "rib", "femur", "pelvis"), maker.some_day()
    assess(maker, lesion, day, pain_mechanism=("inflammatory", "mechanical", "mixed", "neuropathic"))
    condition(maker, day, pain_nrs=(3.9, 4.0, 4.1, 9.0), on_analgesics=(True, False))


def hip(maker: Maker) -> None:
    """An acetabular lesion, or a femoral one beside it."""
    lesion = new_lesion(maker, "pelvis", "pelvis", "pelvis", "femur")
    day = after(maker, lesion["discovery_date"], 5, 60, 200)
    lesion["segment"] = maker.pick(("acetabulum", "acetabulum", "iliac_wing", None))
    if maker.chance(0.5):
        treated = after(maker, day, -300, -4, -1, -1, 0)
        operate(maker, lesion, treated, "interventional_radiology", technique=PERCUTANEOUS)
    condition(
        maker, day, fit_for_surgery=(True, True, False), frail=(True, False), life_expectancy_days=(182, 183, 184, 400)
    )
    parts = {f"acetabular_{part}": ("limited",) * 5 + ("extensive",) for part in ("roof", "posterior_column")}
    assess(
        maker, lesion, day, acetabular_involvement=(True,), acetabular_medial_wall=("none",), hip_instability=SELDOM,
        fracture_status=("none",) * 4 + ("impending", "pathological_fracture"), protrusion_risk=SELDOM,
        pain_mechanism=("inflammatory", "mechanical", "none"), pain_refractory=(True, False), **parts,
    )  # fmt: skip


def restart(maker: Maker) -> None:
    """Radiotherapy and systemic therapy after one operation, or two."""
    lesion, day = new_lesion(maker, "femur", "vertebra"), maker.some_day()
    operations = []
    for operated in [day] if maker.chance(0.6) else [day, after(maker, day, -30, -1, 0, 10)]:
        category = maker.pick(("orthopaedic_surgery", "spinal_surgery"))
        operation = operate(maker, lesion, operated, category)
        if maker.chance(0.15):
            operation["lesion_id"] = None
        for column in ("wound_healed_date", "surgeon_agreement_date"):
            operation[column] = maker.pick((None, after(maker, operated, 12, 14, 20, 21, 22, 24)))
        operations.append(operation)
    for _ in range(maker.pick((1, 1, 2))):
        course = irradiate(
            maker, lesion, after(maker, day, *RESTART_DAYS), intent=("postoperative",) * 4 + ("analgesic", None)
        )
        course["linked_procedure_id"] = maker.pick((None, maker.pick(operations)["procedure_id"]))
        course["skin_healed"] = maker.pick((None, None, True, True, False))
        if maker.chance(0.15):
            course["lesion_id"] = None
    for _ in range(maker.pick((0, 1, 1, 2))):
        start = after(maker, day, *RESTART_DAYS)
        maker.add("systemic_therapy_lines", line_id=maker.new_id("Y"), start_date=start, **some(maker, urgent=MOSTLY))


def complication(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "humerus"), maker.some_day()
    assess(maker, lesion, after(maker, day, -61, -60, 0, 1), fracture_status=("none", "pathological_fracture"))
    operation = operate(
        maker, lesion, day, "orthopaedic_surgery", intent=("fracture", "preventive", "pain"),
        complication=("implant_failure", "loosening", "nonunion", "sepsis", "fat_embolism", None),
    )  # fmt: skip
    operation["complication_date"] = maker.pick((None, after(maker, day, *COMPLICATION_DAYS)))
    for _ in range(maker.pick((0, 1, 2))):
        image_day = after(maker, day, -1, 0, 1, 29, 30, 31, 89, 90, 91, 200)
        aimed = maker.pick((None, lesion["lesion_id"]))
        exam = maker.add("imaging_exams", exam_id=maker.new_id("E"), date=image_day, modality="ct", lesion_id=aimed)
        if maker.chance(0.7):
            changes = some(maker, lysis_change=("increased", "stable"), soft_tissue_change=("stable", "absent"))
            maker.add("imaging_findings", exam_id=exam["exam_id"], lesion_id=lesion["lesion_id"], **changes)


SITUATIONS = (stereotactic, stereotactic, pain, hip, hip, restart, restart, complication)
