"""Situations of meetings, examinations and biopsies, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from .random_scenarios import after, assess, before, discuss, excuse, irradiate, new_lesion, operate, some

if TYPE_CHECKING:
    from .random_registry import Maker

FOCI = (1, 1, 1, 0, 2)
OPINIONS = ("spine_surgery_opinion", "orthopaedic_opinion", "interventional_opinion", "specialist_opinion")
AROUND_THE_EXAM = (-61, -60, -31, -30, 0, 29, 30, 31, 60, 61)


def image(maker: Maker, day: date, modality: str, **options: Any) -> None:
    keys = {"exam_id": maker.new_id("E"), "date": day, "modality": modality, "lesion_id": None}
    maker.add("imaging_exams", **keys, **some(maker, **options))


def nuclear(maker: Maker) -> str:
    return maker.pick(("fdg_pet_ct", "bone_scintigraphy"))


def single_focus(maker: Maker) -> None:
    """One focus, the examinations before it, the MRI centred on it and what was asked of specialists."""
    lesion, day = new_lesion(maker, "rib", "femur", "pelvis"), maker.some_day()
    image(maker, day, nuclear(maker), n_bone_foci=FOCI)
    for _ in range(maker.pick((0, 0, 1, 2))):
        image(maker, after(maker, day, -90, -31, -1, -1, 0), nuclear(maker), n_bone_foci=FOCI)
    if maker.chance(0.7):
        image(maker, after(maker, day, *AROUND_THE_EXAM), "mri", lesion_centred=(True, True, True, False, None))
    if maker.chance(0.4):
        treated = after(maker, day, -1, 0, 1, 10, 29, 30, 31)
        image(maker, after(maker, treated, -1, 0, 1), "mri", lesion_centred=(True, None))
        if maker.chance(0.5):
            irradiate(maker, {"lesion_id": maker.pick((None, lesion["lesion_id"]))}, treated)
        else:
            categories = ("interventional_radiology", "orthopaedic_surgery", "spinal_surgery", "biopsy", "embolisation")
            operate(maker, lesion, treated, maker.pick(categories))
    if maker.chance(0.6):
        keys = {"lesion_id": maker.pick((None, lesion["lesion_id"]))}
        kinds = (*OPINIONS, "postoperative_visit", "antiresorptive_reassessment")
        maker.add("consultations", **keys, date=after(maker, day, *AROUND_THE_EXAM), kind=maker.pick(kinds))
    if maker.chance(0.2):
        discuss(maker, after(maker, day, *AROUND_THE_EXAM))
    excuse(maker, lesion, day, "imaging")


def field_of_a_pet(maker: Maker) -> None:
    day = maker.some_day()
    fields = {"femurs_in_field": (True, False, None), "lower_limbs_in_field": (True, False, None)}
    image(maker, day, "fdg_pet_ct", **fields)
    for _ in range(maker.pick((1, 2))):
        keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -31, -30, -1, 0, 1)}
        maker.add("clinical_assessments", **keys, **some(maker, distal_limb_pain=(True, True, False)))
    excuse(maker, {"lesion_id": None}, day, "imaging")


def biopsy(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "rib", "pelvis", "vertebra"), maker.some_day()
    for _ in range(maker.pick((1, 2))):
        seen = {"lesion_type": ("lytic", "lytic", "mixed"), "soft_tissue_extension": ("none", "present", "predominant")}
        assess(maker, lesion, before(maker, day), **seen)
    operate(maker, lesion, day, "biopsy", decalcification=("none", "none", "edta", "acid"))
    excuse(maker, lesion, day, "imaging")


def meeting_of_specialists(maker: Maker) -> None:
    lesion, day = maker.lesions[0] if maker.lesions else new_lesion(maker, "rib"), maker.known_days[0]
    doctors = ["neurosurgery", "orthopaedics", "radiation_oncology", "medical_oncology"]
    doctors += ["rheumatology", "pain_medicine", "interventional_radiology"]
    others = ["pulmonology", "radiology", "nuclear_medicine"]
    for _ in range(maker.pick((1, 1, 2))):
        present = maker.random.sample(doctors, maker.pick((2, 3, 4))) + maker.random.sample(others, maker.pick((0, 1)))
        discuss(maker, after(maker, day, -1, 0, 1, 59, 60, 61, 100), specialties=(present,))
    excuse(maker, lesion, day, "care_pathway")


IMAGING_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    single_focus,
    single_focus,
    single_focus,
    field_of_a_pet,
    biopsy,
    meeting_of_specialists,
)
