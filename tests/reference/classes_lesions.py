"""S08 pain and technique, S19 technique by bone and segment, S20 acetabulum."""

from __future__ import annotations

from datetime import date

from .items import Row
from .logic import Truth, and_, known, one_of, or_, plus
from .patient import Patient, latest_recorded, on, uses

# S08 -----------------------------------------------------------------------------------------------------------------

TECHNIQUES = {
    None: "unknown",
    "inflammatory": "ablation",
    "mechanical": "consolidation",
    "mixed": "ablation|consolidation|ablation_with_consolidation",
    "neuropathic": "not_covered",
}


def hurts(assessment: Row) -> Truth:
    if assessment["pain_mechanism"] is not None:
        return assessment["pain_mechanism"] != "none"
    if assessment["mirels_pain"] not in (None, "none"):
        return True
    if any(assessment[column] for column in ("pain_on_loading", "pain_disabling", "pain_refractory")):
        return True
    if assessment["mirels_pain"] == "none" or assessment["symptomatic"] is False:
        return False
    return None


def pain_technique(patient: Patient) -> list[Row]:
    rows = []
    for assessment in patient.rows("lesion_assessments"):
        if hurts(assessment):
            mechanism = assessment["pain_mechanism"]
            rows.append(
                {
                    "assessment_id": assessment["assessment_id"],
                    "date": assessment["date"],
                    "mechanism": mechanism or "unknown",
                    "techniques": TECHNIQUES[mechanism],
                    "techniques_if_curative": "ablation_with_consolidation",
                    "palliative_ablation": palliative_ablation(patient, mechanism, assessment["date"]),
                }
            )
    return rows


def palliative_ablation(patient: Patient, mechanism: str | None, day: date) -> str:
    if mechanism is None:
        return "unknown"
    if mechanism in ("mechanical", "neuropathic"):
        return "not_concerned"
    scored = latest_recorded(patient.rows("clinical_assessments"), "pain_nrs", plus(day, -30), day)
    above = None if scored is None else and_(scored["pain_nrs"] > 4, scored["on_analgesics"])
    return {True: "above_threshold", False: "not_above_threshold", None: "unknown"}[above]


# S19 -----------------------------------------------------------------------------------------------------------------

NO_RULE = ("clavicle", "scapula", "sternum", "rib", "skull", "patella", "phalanx", "carpus", "tarsus", "sacrum")
PERIPHERAL = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")
JOINT_ZONES = ("distal_femur_humerus", "proximal_humerus_and_shaft", "tibial_joint", "peripheral")
# zone -> techniques, conditions, rules
ZONES: dict[str, tuple[list[str], list[str], list[str]]] = {
    "femoral_head_neck": (
        ["arthroplasty"],
        ["cemented", "life_expectancy_over_6_months"],
        ["G1-3.7.2-04", "G1-3.7.2-05", "G1-3.7.2-06", "G2-4.2-03", "G2-4.2-05"],
    ),
    "femoral_neck_extended": (
        ["megaprosthesis"],
        ["cemented", "trochanteric_medallion", "life_expectancy_over_6_months", "nail_if_shorter"],
        ["G2-4.2-06", "G2-4.2-07"],
    ),
    "trochanteric": (
        ["intramedullary_nail", "percutaneous_screw"],
        ["screw_if_lytic_and_mirels_over_8"],
        ["G2-4.1-02", "G1-3.6.2-01"],
    ),
    "femoral_diaphysis": (
        ["intramedullary_nail"],
        ["cervical_screw", "curettage_cement_after_nail_if_major_loss"],
        ["G2-4.1-02", "G2-4.1-03", "G2-4.1-04", "G2-4.1-05"],
    ),
    "distal_femur_humerus": (["locking_plate"], ["curettage_cement_allowed"], ["G2-4.1-06", "G2-4.1-07"]),
    "proximal_humerus_and_shaft": (["intramedullary_nail"], [], ["G2-4.1-02"]),
    "metaphyso_diaphysis": (["intramedullary_nail", "locking_plate"], [], ["G1-3.7.2-01", "G1-3.7.2-02"]),
    "tibial_joint": ([], [], []),
    "peripheral": (["locking_plate", "radiotherapy_alone"], [], ["G2-4.1-08"]),
    "pelvis": (
        ["percutaneous_screw", "cementoplasty"],
        ["screw_if_fractured", "cement_if_painful"],
        ["G1-3.6.2-02"],
    ),
}


def bone_segments(patient: Patient) -> list[Row]:
    rows = []
    for lesion in patient.lesions.values():
        zone = zone_of(lesion)
        techniques, conditions, rules = (list(tokens) for tokens in ZONES.get(zone, ([], [], [])))
        if zone in JOINT_ZONES and lesion["articular"] is not False:
            rules += ["G1-3.7.2-04", "G2-4.2-01"]
            if lesion["articular"]:
                techniques += ["arthroplasty"]
                conditions += ["cemented", "life_expectancy_over_6_months"]
            else:
                conditions += ["arthroplasty_if_articular"]
        elsewhere = {"acetabulum": "elsewhere", "vertebra": "elsewhere", "no_rule": "not_covered", "unknown": "unknown"}
        rows.append(
            {
                "lesion_id": lesion["lesion_id"],
                "coverage": elsewhere.get(zone, "covered"),
                "zone": zone,
                "techniques": "|".join(techniques),
                "conditions": "|".join(conditions),
                "rules": "|".join(rules),
            }
        )
    return rows


def zone_of(lesion: Row) -> str:
    bone, segment, articular = lesion["bone"], lesion["segment"], lesion["articular"]
    if bone in NO_RULE:
        return "no_rule"
    if bone == "vertebra":
        return "vertebra"
    if bone in PERIPHERAL:
        return "peripheral"
    if bone == "femur" and segment in ("head", "neck"):
        return neck_zone(segment, lesion["trochanteric_extension"])
    if bone == "tibia" and segment in ("proximal_end", "distal_end"):
        return {True: "tibial_joint", False: "no_rule", None: "unknown"}[articular]
    by_segment = {
        "femur": {
            "trochanteric": "trochanteric",
            "subtrochanteric": "trochanteric",
            "diaphysis": "femoral_diaphysis",
            "metaphyso_diaphyseal": "metaphyso_diaphysis",
            "distal_end": "distal_femur_humerus",
        },
        "humerus": {
            **dict.fromkeys(("head", "neck", "proximal_end", "diaphysis"), "proximal_humerus_and_shaft"),
            "metaphyso_diaphyseal": "metaphyso_diaphysis",
            "distal_end": "distal_femur_humerus",
        },
        "tibia": dict.fromkeys(("diaphysis", "metaphyso_diaphyseal"), "metaphyso_diaphysis"),
        "pelvis": {"acetabulum": "acetabulum", "iliac_wing": "pelvis", "ischium_pubis": "pelvis"},
    }
    return by_segment[bone].get(segment, "unknown")


def neck_zone(segment: str, extended: Truth) -> str:
    if extended:
        return "femoral_neck_extended"
    return "femoral_head_neck" if extended is False or segment == "head" else "unknown"


# S20 -----------------------------------------------------------------------------------------------------------------

INTERVENTIONAL = ("cementoplasty", "percutaneous_screw", "radiofrequency_ablation", "cryoablation")
FIRST = ["medical_treatment", "radiotherapy"]
CT_GUIDED = ["ct_guided_cementoplasty", "ct_guided_cementoplasty_with_screws"]
SECOND = ["cementoplasty", "cementoplasty_with_screws", "radiofrequency_ablation", "cryoablation"]
ARTHROPLASTY = "hip_arthroplasty_with_reinforcement"


def acetabulum(patient: Patient) -> list[Row]:
    rows = []
    for assessment in patient.rows("lesion_assessments"):
        lesion = patient.lesions[assessment["lesion_id"]]
        involved = assessment["acetabular_involvement"] is True
        if lesion["bone"] == "femur" and involved:
            answer = beside_the_femur(assessment)
        elif lesion["bone"] == "pelvis" and (lesion["segment"] == "acetabulum" or involved):
            answer = of_the_pelvis(patient, lesion, assessment)
        else:
            continue
        rows.append({"assessment_id": assessment["assessment_id"], "date": assessment["date"]} | answer)
    return rows


def answer_of(step: str, options: list[str], after_mdt: str = "none") -> Row:
    return {"step": step, "options": "|".join(options), "options_after_mdt": after_mdt}


def beside_the_femur(assessment: Row) -> Row:
    at_risk = or_(extensive(assessment, "roof"), assessment["protrusion_risk"])
    options = {True: "reinforcement_in_the_same_operation", False: "no_acetabular_treatment", None: "unknown"}
    return answer_of("5", [options[at_risk]])


def extensive(assessment: Row, part: str) -> Truth:
    return one_of(assessment[f"acetabular_{part}"], "extensive")


def of_the_pelvis(patient: Patient, lesion: Row, assessment: Row) -> Row:
    day = assessment["date"]
    fracture = one_of(assessment["fracture_status"], "impending", "pathological_fracture")
    parts = [extensive(assessment, part) for part in ("roof", "posterior_column", "medial_wall")]
    risk = or_(fracture, assessment["hip_instability"], *parts)
    pain = hurts(assessment)
    failed = and_(pain, assessment["pain_refractory"])
    short = known(patient.state("life_expectancy_days", day), lambda days: days < 183)
    end = and_(patient.state("frail", day), short)
    fit = patient.state("fit_for_surgery", day)
    treated = patient.occurred(
        "procedures",
        lesion["discovery_date"],
        plus(day, -1),
        lambda row: and_(uses(row, *INTERVENTIONAL), on(row, lesion["lesion_id"])),
    )
    operable, more = and_(treated, fit), or_(risk, failed)
    if or_(pain, risk) is False:
        return answer_of("none", ["none"])
    if and_(end, or_(pain, risk)):
        return answer_of("4", (FIRST if more is False else []) + CT_GUIDED)
    if end is False:
        if more and operable:
            return answer_of("3", [ARTHROPLASTY])
        if more and operable is False:
            after = {True: ARTHROPLASTY, False: "none", None: "unknown"}[and_(fracture, fit)]
            return answer_of("2", SECOND, after)
        if pain and more is False:
            return answer_of("1", FIRST)
    return answer_of("unknown", ["unknown"], "unknown")
