"""Situations of ablative courses, operations for a cord compression, local treatment and trials, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from .random_scenarios import (
    UNSTABLE_SPINE,
    after,
    assess,
    assess_spine,
    discuss,
    excuse,
    irradiate,
    new_lesion,
    operate,
    some,
)
from .random_scenarios_imaging import image

if TYPE_CHECKING:
    from .random_registry import Maker, Row

LEVELS = ("C1", "T8", "T8", "L1", "L2", "L3", "S1", None)
RECENT = (-61, -60, -1, -1, 0, 1)
REASONS = ("not_offered", "not_offered", "refusal", None)


def state(maker: Maker, day: date, **options: Any) -> None:
    maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=day, **some(maker, **options))


def eligible_for_ablation(maker: Maker) -> None:
    """An ablative course with all that makes it right or wrong, on and beside the limits."""
    lesion, day = new_lesion(maker, "vertebra", "vertebra", "vertebra", "sacrum", "rib"), maker.some_day()
    lesion["vertebral_level"] = maker.pick(LEVELS) if lesion["bone"] != "rib" else None
    irradiate(maker, lesion, day, intent=("ablative",), technique=("stereotactic",))
    spine = {
        "cord_compression": ("none", "none", "radiological", "symptomatic", None),
        "canal_narrowing_percent": (0.0, 25.0, 25.5, 60.0, None),
        "tumour_cord_distance_mm": (0.0, 4.9, 5.0, 12.0, None),
    }
    for _ in range(maker.pick((1, 2))):
        assess(maker, lesion, after(maker, day, *RECENT), well_delimited=(True, True, False, None))
        if lesion["bone"] != "rib":
            assess_spine(maker, lesion, after(maker, day, *RECENT), **spine)
        control = ("controlled", "controlled", "progressive", "not_assessed", None)
        state(maker, after(maker, day, *RECENT), disease_status=control)
    if maker.chance(0.7):
        discuss(maker, after(maker, day, -184, -183, -61, -60, -1, 0, 1), sbrt_validated=(True, True, False, None))
    if maker.chance(0.4):
        maker.dose(after(maker, day, -200, -92, -91, -90, -1, 0, 1), "radionuclide")
    excuse(maker, lesion, day, "radiotherapy")


def oligometastasis(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "rib", "pelvis", "femur"), maker.some_day()
    state(
        maker,
        after(maker, day, *RECENT),
        n_bone_metastases=(0, 1, 2, 3, 4),
        visceral_metastases=("none", "none", "resectable"),
    )
    course = irradiate(
        maker, lesion, day, intent=("ablative", "preventive"), technique=("conformal_3d", "imrt_vmat", "stereotactic")
    )
    schedules = (
        (60.0, 30),
        (50.0, 25),
        (49.9, 25),
        (54.0, 30),
        (53.9, 30),
        (66.0, 30),
        (66.1, 30),
        (None, 30),
        (60.0, None),
    )
    course["prescribed_dose_gy"], course["prescribed_fractions"] = maker.pick(schedules)


def one_fraction_after_surgery(maker: Maker) -> None:
    lesion, day = new_lesion(maker, "femur", "vertebra", "pelvis"), maker.some_day()
    operate(maker, lesion, after(maker, day, -18, -90, -91), "orthopaedic_surgery")
    fields = {"intent": ("postoperative",), "organs_at_risk_excluded": (True, False, None)}
    course = irradiate(maker, lesion, day, **fields)
    course["prescribed_dose_gy"], course["prescribed_fractions"] = maker.pick(((8.0, 1), (8.0, 1), (None, 1), (8.2, 1)))
    state(
        maker,
        after(maker, day, *RECENT),
        life_expectancy_days=(100, 182, 183, 300, None),
        difficult_to_mobilise=(True, False),
    )
    if maker.chance(0.6):
        discuss(maker, after(maker, day, -61, -60, 0, 1))
    excuse(maker, lesion, day, "radiotherapy")


def operated_compression(maker: Maker) -> None:
    """A compression of each Rades group, treated by radiotherapy, by an operation, or by one after the other."""
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    lesion["vertebral_level"] = maker.pick(("T5", "L1"))
    favourable = maker.chance(0.5)
    walking = ("unaided", "unaided", "aided") if favourable else ("aided", "non_ambulatory", "paraplegic")
    onset = after(maker, day, -20, -15) if favourable else after(maker, day, -10, -7, -6, -1)
    neurology = {"cord_compression": ("symptomatic",), "compression_date": (day, None), "motor_deficit": (True,)}
    neurology |= {"motor_deficit_onset_date": (onset,), "ambulation": walking, "frankel": (None,)}
    spine = UNSTABLE_SPINE if maker.chance(0.3) else {}
    assess_spine(maker, lesion, after(maker, day, 0, 0, 0, 2), **neurology | spine)
    state(maker, after(maker, day, -59, -1, 0), visceral_metastases=("none", "none", "unresectable"))
    if maker.chance(0.5):
        age_the_cancer(maker, day)
    course = irradiate(maker, lesion, after(maker, day, 0, 1, 2, 20)) if maker.chance(0.7) else None
    if maker.chance(0.8):
        operate_on_the_spine(maker, lesion, after(maker, day, -1, 0, 1, 2, 3, 10, 60, 61))
    if course is not None and maker.chance(0.7):
        worse = ("aided", "non_ambulatory", "unaided")
        again = {"ambulation": worse, "cord_compression": ("none", "symptomatic")}
        assess_spine(maker, lesion, after(maker, course["start_date"], 0, 1, 3, 10), **again | spine)
    if maker.chance(0.4):
        discuss(maker, after(maker, day, -61, -60, 0, 1, 3), decision=("surgery", "surgery", "radiotherapy"))
    excuse(maker, lesion, day, "radiotherapy")


def age_the_cancer(maker: Maker, day: date) -> None:
    """Move the diagnosis back, so that the interval to the compression is long."""
    for row in maker.tumours():
        row["diagnosis_date"] = min(row["diagnosis_date"], day - timedelta(days=600))


def operate_on_the_spine(maker: Maker, lesion: Row, day: date) -> None:
    techniques = ("laminectomy", "laminectomy", "posterior_stabilisation", "corpectomy", None)
    added = ([], [], ["posterior_stabilisation"], ["cementoplasty"], None)
    session = {"technique": techniques, "associated_techniques": added}
    operate(maker, lesion, day, "spinal_surgery", **session)
    if maker.chance(0.3):
        operate(maker, lesion, after(maker, day, 0, 0, 1), maker.pick(("spinal_surgery", "biopsy")), **session)


def few_metastases(maker: Maker) -> None:
    day = maker.known_days[0]
    lesion = maker.lesions[0] if maker.lesions else new_lesion(maker, "rib")
    state(maker, after(maker, day, -61, -60, 0, 14, 15), n_bone_metastases=(0, 1, 1, 2, 2, 3))
    if maker.chance(0.4):
        irradiate(maker, {"lesion_id": maker.pick((None, lesion["lesion_id"]))}, after(maker, day, -1, 0, 59, 60, 61))
    for category in ("interventional_radiology", "orthopaedic_surgery"):
        if maker.chance(0.3):
            operate(maker, lesion, after(maker, day, -1, 0, 59, 60, 61), category)


def beginning(maker: Maker) -> None:
    """The suspicion, the imaging of the work-up, and trials that were open or not."""
    day = maker.known_days[0]
    for tumour in maker.tumours():
        origin = tumour["diagnosis_date"]
        tumour |= some(maker, suspicion_date=(after(maker, origin, -70, -20, 0), None))
        tumour |= some(maker, first_treatment_date=(after(maker, origin, 10, 60, 61), None))
        tumour |= some(maker, metastatic_known_date=(after(maker, origin, 0, 10, 60, 61, 300), None, day))
        start = tumour["suspicion_date"] if tumour.get("suspicion_date") else origin - timedelta(days=60)
        for modality in ("bone_scintigraphy", "fdg_pet_ct"):
            if maker.chance(0.5):
                image(maker, after(maker, start, -1, 0, 5, 6, 60, 130), modality)
    for _ in range(maker.pick((0, 1, 2))):
        dates = {"screened_date": (None, None, day), "enrolled_date": (None, None, day)}
        maker.add("trial_screenings", **some(maker, non_inclusion_reason=REASONS, **dates))
    excuse(maker, {"lesion_id": None}, day, "trials")


STEREOTACTIC_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    eligible_for_ablation,
    eligible_for_ablation,
    oligometastasis,
    one_fraction_after_surgery,
    operated_compression,
    operated_compression,
    few_metastases,
    beginning,
    beginning,
)
