"""Situations that bring verdicts within reach which the others reach in a patient or two, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .random_scenarios import (
    after,
    assess,
    assess_spine,
    condition_before,
    discuss,
    excuse,
    irradiate,
    new_lesion,
    operate,
    some,
)
from .random_scenarios_imaging import image
from .random_scenarios_spine import PROGNOSIS, tumour_of_another_growth
from .random_scenarios_stereotactic import age_the_cancer
from .random_scenarios_technique import QUIET, placed

if TYPE_CHECKING:
    from .random_registry import Maker

LATE = (61, 62, 70, 90)
LIMBS = ("femur", "femur", "humerus", "tibia")


def compression_operated_against_rades(maker: Maker) -> None:
    """A compression of the second or third Rades group, irradiated, then operated on: worse, decided or excused."""
    lesion, day = new_lesion(maker, "vertebra", vertebral_level="T5"), maker.some_day()
    age_the_cancer(maker, day)
    walking = maker.pick(("unaided", "unaided", "aided", "non_ambulatory"))
    neurology: dict[str, Any] = {"cord_compression": ("symptomatic",), "compression_date": (day,), "frankel": (None,)}
    deficit = {"motor_deficit": (True,), "motor_deficit_onset_date": (after(maker, day, -20, -15),)}
    assess_spine(maker, lesion, day, ambulation=(walking,), **neurology, **deficit)
    keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -30, 0)}
    maker.add("clinical_assessments", **keys, **some(maker, visceral_metastases=("none",)))
    operate(maker, lesion, after(maker, day, 3, 10, 59), "spinal_surgery", technique=("laminectomy",))
    if maker.chance(0.6):
        irradiate(maker, lesion, after(maker, day, 0, 1))
        assess_spine(maker, lesion, after(maker, day, 2, 3), ambulation=("aided", "non_ambulatory"), frankel=(None,))
    if maker.chance(0.4):
        discuss(maker, after(maker, day, -60, 0, 2), decision=("surgery",))
    excuse(maker, lesion, day, "radiotherapy")


def spine_operated_late(maker: Maker) -> None:
    """A scored spine that is operated on after the 60 days in which the scores ask for it."""
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    tumour_of_another_growth(maker)
    assess_spine(maker, lesion, day, frankel=("E",), motor_deficit=(False,))
    keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -30, 0)}
    maker.add("clinical_assessments", **keys, **some(maker, **PROGNOSIS))
    extents = ("none", "palliative", "intralesional", "en_bloc")
    operate(maker, lesion, after(maker, day, *LATE), "spinal_surgery", resection_extent=extents)
    excuse(maker, lesion, day, "spine")


def vessels_of_a_limb(maker: Maker) -> None:
    """A lesion of a limb suspected to bleed: its vessels shown too early, or embolised for a risk high or not."""
    lesion, day = new_lesion(maker, *LIMBS), maker.some_day()
    seen = {"hypervascular_suspected": (True,), "bleeding_risk_high": (True, False, False)}
    assess(maker, lesion, after(maker, day, -40, -30), **seen)
    if maker.chance(0.5):
        early = {"exam_id": maker.new_id("E"), "date": after(maker, day, -183, -100, -31)}
        confirmed = some(maker, hypervascular_confirmed=(True,))
        maker.add("imaging_exams", **early, lesion_id=lesion["lesion_id"], modality="ct_angiography", **confirmed)
    else:
        embolised = after(maker, day, -30, -1, 0)
        image(maker, after(maker, day, -30, -1), "ct_angiography", hypervascular_confirmed=(True,))
        operate(maker, lesion, embolised, "embolisation")
        excuse(maker, lesion, embolised, "perioperative")
    operate(maker, lesion, day, "orthopaedic_surgery")
    excuse(maker, lesion, day, "imaging")


def revealed_by_a_fracture(maker: Maker) -> None:
    """An urgent operation of a limb before the cancer is named, with its work-up in time or too early."""
    lesion, day = new_lesion(maker, *LIMBS), maker.some_day()
    for tumour in maker.tumours():
        tumour["diagnosis_date"] = after(maker, day, 0, 1, 10)
    assess(maker, lesion, after(maker, day, -30, 0), aetiology_certain=(False,))
    when = maker.pick(((-30, -7, 0), (-183, -31)))
    maker.add("lab_results", date=after(maker, day, *when), analyte="protein_electrophoresis")
    image(maker, after(maker, day, *when), "ct", region=("chest_abdomen_pelvis", "whole_body"))
    urgency = {"urgency": ("emergency", "relative_emergency"), "specimen_sent": (True, True, False)}
    operate(maker, lesion, day, "orthopaedic_surgery", technique=("intramedullary_nail",), **urgency)
    excuse(maker, lesion, day, "perioperative")


def acetabulum_treated_at_once(maker: Maker) -> None:
    """A painful acetabulum without danger, cemented or operated on before anything else was tried, or late."""
    lesion, day = new_lesion(maker, "pelvis", segment="acetabulum"), maker.some_day()
    sound = dict.fromkeys(("acetabular_roof", "acetabular_posterior_column", "acetabular_medial_wall"), ("none",))
    sound |= {"fracture_status": ("none",), "pain_mechanism": ("mechanical", "inflammatory")}
    assess(maker, lesion, day, **(QUIET | sound | {"hip_instability": (False,), "pain_refractory": (False,)}))
    frail = {"frail": (True, True, None, False), "life_expectancy_days": (90, 182, 182, 183, None)}
    keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -30, 0)}
    maker.add("clinical_assessments", **keys, **some(maker, **frail, fit_for_surgery=(True, None, False)))
    when = after(maker, day, 0, 5, 60, *LATE, *LATE)
    if maker.chance(0.6):
        cement = {"technique": ("cementoplasty",), "guidance": ("ct", "both", None)}
        operate(maker, lesion, when, "interventional_radiology", **cement)
    else:
        operate(maker, lesion, when, "orthopaedic_surgery", technique=("total_hip_arthroplasty",))
    if maker.chance(0.4):
        discuss(maker, after(maker, day, -60, 0, 5), decision=("surgery", "interventional"))
    excuse(maker, lesion, day, "limb_surgery")


def acetabulum_operated_at_once(maker: Maker) -> None:
    """An acetabulum in danger that is operated on although nothing else was tried, after a meeting or without."""
    lesion, day = new_lesion(maker, "pelvis", segment="acetabulum"), maker.some_day()
    danger = {"fracture_status": ("impending",), "pain_refractory": (False, None), "protrusion_risk": (False, None)}
    assess(maker, lesion, day, **(QUIET | danger))
    keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -30, 0)}
    maker.add("clinical_assessments", **keys, **some(maker, fit_for_surgery=(True, True, None)))
    operated = after(maker, day, 0, 5, 60)
    operate(maker, lesion, operated, "orthopaedic_surgery", technique=("total_hip_arthroplasty",))
    if maker.chance(0.5):
        discuss(maker, after(maker, operated, -60, -5, 0))
    excuse(maker, lesion, day, "limb_surgery")


def proximal_femur_fixed(maker: Maker) -> None:
    """A proximal femur plated, screwed or resected, with a life of more than a year or not known."""
    places = (("femur", "neck"), ("femur", "head"), ("femur", "trochanteric"), ("femur", "trochanteric"))
    lesion, day = placed(maker, places, trochanteric_extension=False), maker.some_day()
    scored = {
        "lesion_type": ("lytic", "lytic", None),
        "cortical_fraction": (0.2, 0.8),
        "mirels_pain": ("mild", "functional", None),
    }
    assess(maker, lesion, after(maker, day, -30, 0), fracture_status=("none", "impending", None), **scored)
    keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -30, 0)}
    maker.add("clinical_assessments", **keys, **some(maker, life_expectancy_days=(182, 366, 900, None)))
    session: dict[str, Any] = {
        "technique": ("locking_plate", "percutaneous_screw", "percutaneous_screw", "resection_reconstruction"),
        "resection_extent": ("en_bloc", "oncological", "none"),
        "associated_techniques": ([],),
        "intent": ("preventive",),
    }
    operate(maker, lesion, day, "orthopaedic_surgery", **session)
    excuse(maker, lesion, day, "limb_surgery")


def odd_schedule(maker: Maker) -> None:
    """A first irradiation against pain in a schedule that no text names."""
    lesion, day = new_lesion(maker, "rib", "pelvis"), maker.some_day()
    assess(maker, lesion, after(maker, day, -30, 0), fracture_status=("none",))
    course = irradiate(maker, lesion, day, intent=("analgesic",), technique=("conformal_3d",))
    course["prescribed_dose_gy"], course["prescribed_fractions"] = maker.pick(((30.2, 10), (25.0, 5), (20.0, 4)))
    excuse(maker, lesion, day, "radiotherapy")


def session_without_need(maker: Maker) -> None:
    """Cement for failures that did not happen, or an ablation to cure without consolidation."""
    lesion, day = new_lesion(maker, "vertebra", "femur"), maker.some_day()
    lesion["weight_bearing"] = True
    seen = {"reirradiation_possible": (True,), "bone_loss_major": (True,), "fracture_status": ("none",)}
    assess(maker, lesion, after(maker, day, -30, 0), **seen)
    condition_before(maker, day)
    cement = {"technique": ("cementoplasty",), "cementoplasty_indications": (["alternative_failed"],)}
    ablation = {"technique": ("cryoablation",), "intent": ("curative",), "associated_techniques": ([],)}
    operate(maker, lesion, day, "interventional_radiology", **(cement if maker.chance(0.5) else ablation))
    excuse(maker, lesion, day, "interventional")


RARE_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    compression_operated_against_rades,
    compression_operated_against_rades,
    spine_operated_late,
    spine_operated_late,
    vessels_of_a_limb,
    vessels_of_a_limb,
    revealed_by_a_fracture,
    acetabulum_treated_at_once,
    acetabulum_treated_at_once,
    acetabulum_operated_at_once,
    proximal_femur_fixed,
    odd_schedule,
    session_without_need,
)
