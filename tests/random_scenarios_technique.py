"""Situations of surgical technique and of the acetabulum, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .random_scenarios import (
    after,
    assess,
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
    from datetime import date

    from .random_registry import Maker, Row

IMPLANTS = (
    "intramedullary_nail",
    "intramedullary_nail",
    "locking_plate",
    "percutaneous_screw",
    "percutaneous_nail",
    "other",
)
PROSTHESES = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis", "resection_reconstruction")
ADDED: tuple[list[str], ...] = (
    [],
    [],
    ["curettage"],
    ["cementoplasty"],
    ["intramedullary_nail"],
    ["percutaneous_screw"],
)
PLACES = (
    ("femur", "diaphysis"), ("femur", "trochanteric"), ("femur", "metaphyso_diaphyseal"), ("femur", "subtrochanteric"),
    ("humerus", "proximal_end"), ("humerus", "diaphysis"), ("tibia", "diaphysis"), ("femur", "proximal_end"),
    ("radius", "diaphysis"), ("fibula", "diaphysis"), ("metacarpal", "diaphysis"),
)  # fmt: skip
HIPS = (("femur", "neck"), ("femur", "neck"), ("femur", "head"), ("femur", "trochanteric"), ("humerus", "head"))
QUIET: dict[str, Any] = {
    "acetabular_roof": ("none", "none", "limited", "extensive"),
    "acetabular_posterior_column": ("none", "none", "limited"),
    "acetabular_medial_wall": ("none", "none", "limited"),
    "hip_instability": (False, False, False, True),
    "fracture_status": ("none", "none", "none", "impending", "pathological_fracture"),
    "pain_mechanism": ("mechanical", "inflammatory", "none"),
    "pain_refractory": (False, False, True),
    "protrusion_risk": (True, False),
    "acetabular_involvement": (True, True, False),
}
FRAIL: dict[str, Any] = {
    "frail": (True, True, False, None),
    "karnofsky": (50, 60, 70),
    "fit_for_surgery": (True, True, False),
    "life_expectancy_days": (90, 182, 183, 365, 366),
    "infection_puncture_site": (False, False, True),
    "sepsis_uncontrolled": (False,),
}


def placed(maker: Maker, places: tuple[tuple[str, str], ...], **cells: Any) -> Row:
    bone, segment = maker.pick(places)
    cells = some(maker, segment=(segment,)) | cells
    return new_lesion(maker, bone, **cells)


def condition(maker: Maker, day: date) -> None:
    keys = {"assessment_id": maker.new_id("K"), "date": before(maker, day)}
    maker.add("clinical_assessments", **keys, **some(maker, **FRAIL))


def fixed_shaft(maker: Maker) -> None:
    extends = maker.pick((None, None, False, True))
    lesion, day = (
        placed(maker, PLACES, trochanteric_extension=extends, articular=maker.pick((True, False))),
        maker.some_day(),
    )
    risk = {
        "lesion_type": ("lytic", "lytic", "mixed"),
        "cortical_fraction": (0.2, 0.8),
        "mirels_pain": ("mild", "functional"),
    }
    assess(
        maker, lesion, before(maker, day), fracture_status=("none", "impending"), bone_loss_major=(True, False), **risk
    )
    condition_before(maker, day)
    operate(
        maker, lesion, day, "orthopaedic_surgery", technique=(*IMPLANTS, maker.pick(PROSTHESES)), associated_techniques=ADDED,
        curettage=(True, False), cement_added=(True, False), cement_after_nail=(True, False), cervical_screw=(True, False),
        intent=("fracture", "preventive", "pain"),
    )  # fmt: skip
    if maker.chance(0.4):
        irradiate(maker, lesion, after(maker, day, 0, 1, 60, 61))
    excuse(maker, lesion, day, "limb_surgery")


SCREWED = (("femur", "trochanteric"), ("femur", "neck"))
RESECTED = (("radius", "diaphysis"), ("fibula", "diaphysis"), ("femur", "diaphysis"), ("tibia", "diaphysis"))


def unusual_implant(maker: Maker) -> None:
    """Percutaneous screws of the proximal femur, resection of a bone for which an osteosynthesis is asked."""
    screws = maker.chance(0.4)
    lesion, day = placed(maker, SCREWED if screws else RESECTED), maker.some_day()
    assess(
        maker,
        lesion,
        before(maker, day),
        lesion_type=("lytic", "lytic", "mixed"),
        fracture_status=("none", "impending"),
    )
    condition_before(maker, day)
    technique = ("percutaneous_screw",) if screws else ("resection_reconstruction",)
    operate(maker, lesion, day, "orthopaedic_surgery", technique=technique, intent=("fracture", "preventive", None))


def operated_hip(maker: Maker) -> None:
    extends = maker.pick((None, False, True, True))
    lesion, day = placed(maker, HIPS, trochanteric_extension=extends), maker.some_day()
    assess(maker, lesion, before(maker, day), **QUIET, lesion_type=("lytic",))
    condition_before(maker, day)
    operate(
        maker, lesion, day, "orthopaedic_surgery", technique=(*PROSTHESES, *PROSTHESES, *IMPLANTS[1:4]),
        associated_techniques=ADDED, trochanteric_medallion=(True, False), cemented_femoral=(True, True, False),
        cemented_acetabular=(True, None, False), acetabular_reinforcement=(True, False), intent=("fracture", "pain"),
    )  # fmt: skip
    excuse(maker, lesion, day, "limb_surgery")


def acetabular(maker: Maker) -> Row:
    lesion = new_lesion(maker, "pelvis", **some(maker, segment=("acetabulum", "acetabulum", "iliac_wing")))
    lesion |= {"side": maker.pick(("left", "left", "right", None)), "weight_bearing": maker.pick((True, False, None))}
    return lesion


def acetabular_lesion(maker: Maker) -> None:
    lesion, day = acetabular(maker), maker.some_day()
    for _ in range(maker.pick((1, 1, 2))):
        assess(maker, lesion, day, **QUIET)
        condition(maker, day)
        day = after(maker, day, 0, 10, 29, 30, 61)
    if maker.chance(0.5):
        irradiate(maker, lesion, after(maker, day, -366, -365, -30, -29, 0, 5))
    if maker.chance(0.6):
        technique = ("cementoplasty", "cementoplasty", "radiofrequency_ablation", "cryoablation", "microwave_ablation")
        when = after(maker, day, 0, 5, 60, 61)
        operate(
            maker, lesion, when, "interventional_radiology", technique=technique, guidance=("ct", "both", "fluoroscopy")
        )
    elif maker.chance(0.5):
        operate(
            maker, lesion, after(maker, day, 5, 60, 61), "orthopaedic_surgery", technique=("total_hip_arthroplasty",)
        )
    if maker.chance(0.5):
        decisions = ("surgery", "interventional", "radiotherapy", "surveillance")
        discuss(maker, after(maker, day, -61, -60, 0, 5, 60, 61), decision=decisions)
    excuse(maker, lesion, day, "limb_surgery")


def operated_acetabulum(maker: Maker) -> None:
    lesion, day = acetabular(maker), maker.some_day()
    if maker.chance(0.4):
        femur = new_lesion(maker, "femur", segment="neck", side=maker.pick(("left", "right", None)))
        femur["discovery_date"] = after(maker, day, -1, 0, 1)
    assess(maker, lesion, before(maker, day), **QUIET)
    condition(maker, day)
    if maker.chance(0.3):
        operate(
            maker,
            lesion,
            after(maker, day, -366, -365, -1),
            "interventional_radiology",
            technique=("cementoplasty", "cryoablation"),
        )
    if maker.chance(0.3):
        irradiate(maker, lesion, after(maker, day, -366, -365, -1))
    if maker.chance(0.4):
        discuss(maker, after(maker, day, -61, -60, 0), decision=("surgery", "surgery", "interventional"))
    techniques = (
        "total_hip_arthroplasty",
        "total_hip_arthroplasty",
        "acetabular_resection",
        "arthroplasty",
        "cementoplasty",
    )
    operate(
        maker, lesion, day, "orthopaedic_surgery", technique=techniques, acetabular_reinforcement=(True, True, False),
        resection_extent=("none", "palliative", "oncological"), cemented_femoral=(True,), cemented_acetabular=(True, False),
    )  # fmt: skip
    excuse(maker, lesion, day, "limb_surgery")


TECHNIQUE_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    fixed_shaft,
    fixed_shaft,
    unusual_implant,
    operated_hip,
    operated_hip,
    acetabular_lesion,
    acetabular_lesion,
    acetabular_lesion,
    operated_acetabulum,
    operated_acetabulum,
)
