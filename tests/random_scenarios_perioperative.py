"""Situations around an operation, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from .random_scenarios import after, assess, before, discuss, excuse, new_lesion, operate, some
from .random_scenarios_imaging import image

if TYPE_CHECKING:
    from .random_registry import Maker, Row

BEFORE_SURGERY = (-184, -183, -31, -30, -30, -7, -1, 0, 0, 1)
LIMBS = ("femur", "femur", "tibia", "humerus", "radius", "metatarsal")
YES = (True, True, True, False, None)


def image_before(maker: Maker, lesion: Row, day: date, modality: str, **options: Any) -> None:
    """An examination of the lesion, of no lesion or of another, in a region that may not be its own."""
    where = maker.pick((lesion["lesion_id"],) * 5 + (None, maker.pick(maker.lesions)["lesion_id"]))
    region = maker.pick(("limb", "limb", "pelvis", "spine", "chest_abdomen_pelvis", "whole_body", None))
    keys = {"exam_id": maker.new_id("E"), "lesion_id": where, "region": region, "modality": modality}
    maker.add("imaging_exams", date=after(maker, day, *BEFORE_SURGERY), **keys, **some(maker, **options))


def imaged_before_surgery(maker: Maker) -> None:
    """Radiographs and CT before an operation of a limb, the pelvis or the spine."""
    lesion, day = new_lesion(maker, *LIMBS, "pelvis", "vertebra"), maker.some_day()
    for _ in range(maker.pick((1, 1, 2, 2))):
        film = maker.pick(("radiograph", "radiograph", "full_length_radiograph"))
        image_before(maker, lesion, day, film, lesion_centred=YES, whole_bone=YES, adjacent_joints=YES)
    for _ in range(maker.pick((1, 1, 2))):
        read = {"lesion_centred": YES, "bone_window_read": YES, "contrast": (False, False, True, None)}
        image_before(maker, lesion, day, "ct", **read)
    if maker.chance(0.4):
        placed = {"lesion_id": lesion["lesion_id"], "region": "limb"}
        film = {"modality": "radiograph", "lesion_centred": True, "whole_bone": True, "adjacent_joints": True}
        scan = {"modality": "ct", "lesion_centred": True, "bone_window_read": True, "contrast": False}
        for complete in (film, scan):
            keys = {"exam_id": maker.new_id("E"), "date": after(maker, day, *BEFORE_SURGERY)}
            maker.add("imaging_exams", **keys, **placed, **complete)
    if maker.chance(0.5):
        image(maker, after(maker, day, *BEFORE_SURGERY), "mri", whole_spine=YES, region=("spine", None, "limb"))
    category = "spinal_surgery" if lesion["bone"] == "vertebra" else "orthopaedic_surgery"
    urgency = {"urgency": ("planned", "emergency", "relative_emergency", None)}
    operate(maker, lesion, day, category, intent=("fracture", "consolidation", "pain", None), **urgency)
    excuse(maker, lesion, day, "imaging")


def hypervascular_lesion(maker: Maker) -> None:
    lesion, day = new_lesion(maker, *LIMBS, "vertebra"), maker.some_day()
    seen = {"hypervascular_suspected": (True, True, True, False), "bleeding_risk_high": (True, True, False)}
    assess(maker, lesion, before(maker, day), **seen)
    if maker.chance(0.6):
        modality = maker.pick(("ct_angiography", "arteriography", "mri"))
        image_before(maker, lesion, day, modality, hypervascular_confirmed=YES)
    if maker.chance(0.5):
        embolised = after(maker, day, -31, -30, -2, -1, -1, 0, 1)
        operate(
            maker,
            lesion,
            embolised,
            maker.pick(("embolisation",) * 3 + ("interventional_radiology",)),
            technique=("embolisation",),
        )
        assess(maker, lesion, before(maker, embolised), **seen)
    operate(maker, lesion, day, "spinal_surgery" if lesion["bone"] == "vertebra" else "orthopaedic_surgery")
    excuse(maker, lesion, day, maker.pick(("imaging", "perioperative")))


def doubtful_lesion(maker: Maker) -> None:
    """An operation in doubt: the biopsy or the work-up before it, the oncologists asked, the specimen."""
    lesion, day = new_lesion(maker, *LIMBS, "vertebra"), maker.some_day()
    for tumour in maker.tumours():
        if maker.chance(0.9):
            tumour["diagnosis_date"] = after(maker, day, -1, 0, 1, 10)
    assess(maker, lesion, before(maker, day), aetiology_certain=(False, False, False, True))
    if maker.chance(0.8):
        maker.add("lab_results", date=after(maker, day, *BEFORE_SURGERY), analyte="protein_electrophoresis")
    if maker.chance(0.8):
        regions = ("chest_abdomen_pelvis", "chest_abdomen_pelvis", "whole_body", "limb")
        image(maker, after(maker, day, *BEFORE_SURGERY), "ct", region=regions)
    if maker.chance(0.3):
        taken = after(maker, day, -183, -61, -60, -10, 0, 1)
        operate(
            maker, lesion, taken, maker.pick(("biopsy", "biopsy", "interventional_radiology")), technique=("biopsy",)
        )
        if maker.chance(0.6):
            discuss(maker, after(maker, taken, -61, -60, -1, 0, 1), biopsy_route_agreed=(True, True, False))
    if maker.chance(0.4):
        present = (["pulmonology"], ["medical_oncology", "orthopaedics"], ["orthopaedics"])
        discuss(maker, after(maker, day, -184, -183, -61, -60, 0, 1), specialties=present)
    if maker.chance(0.2):
        keys = {"lesion_id": maker.pick((None, lesion["lesion_id"])), "kind": "specialist_opinion"}
        maker.add("consultations", date=after(maker, day, -184, -61, -60, 0, 1), **keys)
    operate(
        maker,
        lesion,
        day,
        "spinal_surgery" if lesion["bone"] == "vertebra" else "orthopaedic_surgery",
        urgency=("relative_emergency", "relative_emergency", "emergency", "planned"),
        specimen_sent=(True, True, False),
        technique=("intramedullary_nail",),
    )
    excuse(maker, lesion, day, "perioperative")


def after_an_operation(maker: Maker) -> None:
    """Antibiotics, anticoagulants, complications and visits."""
    lesion, day = new_lesion(maker, *LIMBS, "vertebra"), maker.some_day()
    operate(
        maker,
        lesion,
        day,
        "spinal_surgery" if lesion["bone"] == "vertebra" else "orthopaedic_surgery",
        antibiotic_prophylaxis_hours=(0.0, 24.0, 41.9, 42.0, 48.0, 54.0, 54.1, 72.0, 72.1),
        thromboprophylaxis=(True, False, False, None),
        complication=(None, "sepsis", "haemorrhage"),
        complication_date=(after(maker, day, -1, 0, 7, 8), None),
    )
    if maker.chance(0.5):
        keys = {"assessment_id": maker.new_id("K"), "date": before(maker, day)}
        maker.add("clinical_assessments", **keys, sepsis_uncontrolled=maker.pick((True, False, None)))
    if maker.chance(0.4):
        spans = {"start_date": after(maker, day, -9, 0, 2, 3), "stop_date": maker.pick((None, after(maker, day, 0, 1)))}
        decided = {"periprocedural_decision": maker.pick((None, "bridged", "stopped"))}
        keys = {"prescription_id": maker.new_id("D"), "drug": "anticoagulant"}
        maker.add("drug_prescriptions", **keys, **spans, **decided)
    for days in ((0, 1, 10, 21, 22), (21, 22, 45, 46, 200)):
        if maker.chance(0.7):
            keys = {"lesion_id": maker.pick((None, lesion["lesion_id"])), "kind": "postoperative_visit"}
            maker.add("consultations", date=after(maker, day, *days), **keys)
    excuse(maker, lesion, day, "perioperative")


def restart_after_limb_surgery(maker: Maker) -> None:
    lesion, day = new_lesion(maker, *LIMBS, "pelvis"), maker.some_day()
    healed = {"wound_healed_date": (after(maker, day, 10, 14, 20, 27, 28), None)}
    agreed = {"surgeon_agreement_date": (after(maker, day, 10, 15, 20), None)}
    operate(maker, lesion, day, "orthopaedic_surgery", **healed, **agreed)
    start = after(maker, day, 14, 15, 16, 20, 20, 21, 27, 28)
    line = {"line_id": maker.new_id("Y"), "start_date": start, "urgent": maker.pick((True, True, False, None))}
    maker.add("systemic_therapy_lines", **line)
    excuse(maker, lesion, start, "perioperative")


PERIOPERATIVE_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    imaged_before_surgery,
    imaged_before_surgery,
    hypervascular_lesion,
    hypervascular_lesion,
    doubtful_lesion,
    doubtful_lesion,
    after_an_operation,
    restart_after_limb_surgery,
)
