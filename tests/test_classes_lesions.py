"""S08 pain and percutaneous technique, S19 technique by bone and segment, S20 acetabulum."""

from __future__ import annotations

from itertools import product
from typing import Any

import polars as pl
import pytest

from scoring.scores.acetabulum import decide
from tests.classes_support import Row, Rows, check, patients, plain, publish
from validation.contract import TABLES

UNSURE = (True, False, None)

# S08: day 0 is the assessment ----------------------------------------------------------------------------------------

RIB: Rows = {
    "lesion": {"bone": "rib"},
    "assessment": {"pain_mechanism": "inflammatory"},
    "state": {"day": -3, "pain_nrs": 6.0, "on_analgesics": True},
}
ALL = "ablation|consolidation|ablation_with_consolidation"
UNSAID: Row = {"pain_mechanism": "?"}
OVER, UNDER, OPEN, OTHER = "above_threshold", "not_above_threshold", "unknown", "not_concerned"
# (name, changes, "techniques threshold" or None for no row)
PAIN: list[tuple[str, Row, str | None]] = [
    ("inflammatory", {}, f"ablation {OVER}"),
    ("mechanical", {"assessment": {"pain_mechanism": "mechanical"}}, f"consolidation {OTHER}"),
    ("mixed", {"assessment": {"pain_mechanism": "mixed"}}, f"{ALL} {OVER}"),
    ("neuropathic", {"assessment": {"pain_mechanism": "neuropathic"}}, f"not_covered {OTHER}"),
    ("none", {"assessment": {"pain_mechanism": "none"}}, None),
    ("none, though it limits", {"assessment": {"pain_mechanism": "none", "mirels_pain": "functional"}}, None),
    # pain known by other columns
    ("nothing recorded", {"assessment": UNSAID}, None),
    ("mild", {"assessment": UNSAID | {"mirels_pain": "mild"}}, f"unknown {OPEN}"),
    ("no pain", {"assessment": UNSAID | {"mirels_pain": "none"}}, None),
    ("no pain, but on loading", {"assessment": UNSAID | {"mirels_pain": "none", "pain_on_loading": True}}, f"unknown {OPEN}"),
    ("disabling", {"assessment": UNSAID | {"pain_disabling": True}}, f"unknown {OPEN}"),
    ("refractory", {"assessment": UNSAID | {"pain_refractory": True}}, f"unknown {OPEN}"),
    ("none of the three", {"assessment": UNSAID | dict.fromkeys(("pain_on_loading", "pain_disabling"), False)}, None),
    ("symptoms, of whatever kind", {"assessment": UNSAID | {"symptomatic": True}}, None),
    # more than 4 on analgesics
    ("3.9", {"state": {"pain_nrs": 3.9}}, f"ablation {UNDER}"),
    ("4", {"state": {"pain_nrs": 4.0}}, f"ablation {UNDER}"),
    ("4.1", {"state": {"pain_nrs": 4.1}}, f"ablation {OVER}"),
    ("not scored", {"state": {"pain_nrs": "?"}}, f"ablation {OPEN}"),
    ("without analgesics", {"state": {"on_analgesics": False}}, f"ablation {UNDER}"),
    ("analgesics not recorded", {"state": {"on_analgesics": "?"}}, f"ablation {OPEN}"),
    ("4, analgesics not recorded", {"state": {"pain_nrs": 4.0, "on_analgesics": "?"}}, f"ablation {UNDER}"),
    ("mixed, 4", {"state": {"pain_nrs": 4.0}, "assessment": {"pain_mechanism": "mixed"}}, f"{ALL} {UNDER}"),
    ("scored 30 days before", {"state": {"day": -30}}, f"ablation {OVER}"),
    ("31 days before", {"state": {"day": -31}}, f"ablation {OPEN}"),
    ("on the day", {"state": {"day": 0}}, f"ablation {OVER}"),
    ("the day after", {"state": {"day": 1}}, f"ablation {OPEN}"),
    ("a later row without score", {"last_state": {"day": -1, "on_analgesics": False}}, f"ablation {OVER}"),
    ("a later score", {"last_state": {"day": -1, "pain_nrs": 2.0, "on_analgesics": True}}, f"ablation {UNDER}"),
]  # fmt: skip


def test_pain() -> None:
    both = {"techniques_if_curative": "ablation_with_consolidation"}
    cases = []
    for name, changes, words in PAIN:
        expected = (
            None if words is None else dict(zip(("techniques", "palliative_ablation"), words.split(), strict=True))
        )
        cases.append((name, changes, None if expected is None else expected | both))
    check("pain_technique", RIB, cases)


# S19 -----------------------------------------------------------------------------------------------------------------

PROSTHESIS = "cemented|life_expectancy_over_6_months"
# (bone, segment, further cells, zone, techniques, conditions, rules)
SEGMENTS: list[tuple[str, str, Row, str, str, str, str]] = [
    ("femur", "head", {}, "femoral_head_neck", "arthroplasty", PROSTHESIS,
     "G1-3.7.2-04|G1-3.7.2-05|G1-3.7.2-06|G2-4.2-03|G2-4.2-05"),
    ("femur", "neck", {"trochanteric_extension": False}, "femoral_head_neck", "arthroplasty", PROSTHESIS,
     "G1-3.7.2-04|G1-3.7.2-05|G1-3.7.2-06|G2-4.2-03|G2-4.2-05"),
    ("femur", "neck", {"trochanteric_extension": True}, "femoral_neck_extended", "megaprosthesis",
     "cemented|trochanteric_medallion|life_expectancy_over_6_months|nail_if_shorter", "G2-4.2-06|G2-4.2-07"),
    ("femur", "trochanteric", {}, "trochanteric", "intramedullary_nail|percutaneous_screw", "screw_if_lytic_and_mirels_over_8",
     "G2-4.1-02|G1-3.6.2-01"),
    ("femur", "diaphysis", {}, "femoral_diaphysis", "intramedullary_nail",
     "cervical_screw|curettage_cement_after_nail_if_major_loss",
     "G2-4.1-02|G2-4.1-03|G2-4.1-04|G2-4.1-05"),
    ("femur", "metaphyso_diaphyseal", {}, "metaphyso_diaphysis", "intramedullary_nail|locking_plate", "",
     "G1-3.7.2-01|G1-3.7.2-02"),
    ("tibia", "diaphysis", {}, "metaphyso_diaphysis", "intramedullary_nail|locking_plate", "", "G1-3.7.2-01|G1-3.7.2-02"),
    ("femur", "distal_end", {"articular": False}, "distal_femur_humerus", "locking_plate", "curettage_cement_allowed",
     "G2-4.1-06|G2-4.1-07"),
    ("humerus", "distal_end", {"articular": True}, "distal_femur_humerus", "locking_plate|arthroplasty",
     f"curettage_cement_allowed|{PROSTHESIS}", "G2-4.1-06|G2-4.1-07|G1-3.7.2-04|G2-4.2-01"),
    ("humerus", "distal_end", {}, "distal_femur_humerus", "locking_plate", "curettage_cement_allowed|arthroplasty_if_articular",
     "G2-4.1-06|G2-4.1-07|G1-3.7.2-04|G2-4.2-01"),
    ("humerus", "proximal_end", {"articular": True}, "proximal_humerus_and_shaft", "intramedullary_nail|arthroplasty", PROSTHESIS,
     "G2-4.1-02|G1-3.7.2-04|G2-4.2-01"),
    ("humerus", "diaphysis", {"articular": False}, "proximal_humerus_and_shaft", "intramedullary_nail", "", "G2-4.1-02"),
    ("tibia", "proximal_end", {"articular": True}, "tibial_joint", "arthroplasty", PROSTHESIS, "G1-3.7.2-04|G2-4.2-01"),
    ("tibia", "distal_end", {"articular": False}, "no_rule", "", "", ""),
    ("tibia", "distal_end", {}, "unknown", "", "", ""),
    ("radius", "?", {"articular": False}, "peripheral", "locking_plate|radiotherapy_alone", "", "G2-4.1-08"),
    ("metatarsal", "diaphysis", {"articular": False}, "peripheral", "locking_plate|radiotherapy_alone", "", "G2-4.1-08"),
    ("pelvis", "iliac_wing", {"articular": True}, "pelvis", "percutaneous_screw|cementoplasty",
     "screw_if_fractured|cement_if_painful", "G1-3.6.2-02"),
]  # fmt: skip
# (bone, segment, further cells, zone, coverage)
OTHER_SEGMENTS: list[tuple[str, str, Row, str, str]] = [
    ("femur", "head", {"trochanteric_extension": True}, "femoral_neck_extended", "covered"),
    ("femur", "head", {"trochanteric_extension": False}, "femoral_head_neck", "covered"),
    ("femur", "neck", {}, "unknown", "unknown"),
    ("femur", "subtrochanteric", {}, "trochanteric", "covered"),
    ("femur", "proximal_end", {}, "unknown", "unknown"),
    ("femur", "?", {}, "unknown", "unknown"),
    ("femur", "acetabulum", {}, "unknown", "unknown"),
    ("humerus", "head", {}, "proximal_humerus_and_shaft", "covered"),
    ("humerus", "neck", {}, "proximal_humerus_and_shaft", "covered"),
    ("humerus", "metaphyso_diaphyseal", {}, "metaphyso_diaphysis", "covered"),
    ("humerus", "?", {}, "unknown", "unknown"),
    ("tibia", "metaphyso_diaphyseal", {}, "metaphyso_diaphysis", "covered"),
    ("tibia", "?", {}, "unknown", "unknown"),
    *((bone, "?", {}, "peripheral", "covered") for bone in ("radius", "ulna", "fibula", "metacarpal", "metatarsal")),
    ("pelvis", "ischium_pubis", {}, "pelvis", "covered"),
    ("pelvis", "acetabulum", {}, "acetabulum", "elsewhere"),
    ("pelvis", "?", {}, "unknown", "unknown"),
    ("vertebra", "vertebral_body", {}, "vertebra", "elsewhere"),
    ("vertebra", "?", {}, "vertebra", "elsewhere"),
    *((bone, "?", {"articular": True}, "no_rule", "not_covered") for bone in (
        "clavicle", "scapula", "sternum", "rib", "skull", "patella", "phalanx", "carpus", "tarsus", "sacrum",
    )),
]  # fmt: skip


def test_segments() -> None:
    cases: list[tuple[str, Row, Row | None]] = []
    for bone, segment, cells, zone, techniques, conditions, rules in SEGMENTS:
        lesion = {"lesion": {"bone": bone, "segment": segment} | cells}
        expected = {"zone": zone, "techniques": techniques, "conditions": conditions, "rules": rules}
        cases.append((f"{bone} {segment} {cells}", lesion, expected))
    for bone, segment, cells, zone, coverage in OTHER_SEGMENTS:
        lesion = {"lesion": {"bone": bone, "segment": segment} | cells}
        cases.append((f"{bone} {segment} {cells}", lesion, {"zone": zone, "coverage": coverage}))
    check("bone_segments", {}, cases)


def test_every_bone_and_segment_has_one_answer() -> None:
    columns = TABLES["bone_lesions"]
    cases = [
        {"lesion": {"bone": bone, "segment": segment, "trochanteric_extension": extended, "articular": articular}}
        for bone in columns["bone"].tokens or {}
        for segment in (*(columns["segment"].tokens or {}), None)
        for extended, articular in product(UNSURE, UNSURE)
    ]
    frame = publish("bone_segments", patients({}, cases))
    assert frame.height == len(cases)
    assert frame.null_count().transpose().to_series().sum() == 0
    covered = pl.col("coverage") == "covered"
    assert frame.filter(covered != (pl.col("techniques") != "")).is_empty()
    assert frame.filter(covered != (pl.col("rules") != "")).is_empty()


# S20: day 0 is the assessment ----------------------------------------------------------------------------------------

# Painful, stable, nothing tried before; fit, not frail.
HIP: Rows = {
    "lesion": {"bone": "pelvis", "segment": "acetabulum", "day": -200},
    "assessment": {
        "pain_mechanism": "mechanical", "pain_refractory": False, "fracture_status": "none", "hip_instability": False,
        "acetabular_roof": "limited", "acetabular_posterior_column": "none", "acetabular_medial_wall": "none",
    },
    "state": {"day": -5, "fit_for_surgery": True, "frail": False, "life_expectancy_days": 400},
}  # fmt: skip
FIRST, CT = "medical_treatment|radiotherapy", "ct_guided_cementoplasty|ct_guided_cementoplasty_with_screws"
SECOND = "cementoplasty|cementoplasty_with_screws|radiofrequency_ablation|cryoablation"
THA = "hip_arthroplasty_with_reinforcement"
CEMENTED: Row = {"operation": {"category": "interventional_radiology", "technique": "cementoplasty", "day": -40}}
MICROWAVES: Row = CEMENTED["operation"] | {"technique": "microwave_ablation"}
REFRACTORY: Row = {"assessment": {"pain_refractory": True}}
BREAKING: Row = {"assessment": {"fracture_status": "impending"}}
FRAIL: Row = {"state": {"frail": True, "life_expectancy_days": 182}}
UNFIT: Row = {"state": {"fit_for_surgery": False}}
INVOLVED: Row = {"assessment": {"acetabular_involvement": True}}
PAINLESS: Row = {"pain_mechanism": "none"}
FEMUR: Row = {"lesion": {"bone": "femur", "segment": "neck"}}


def beside(**cells: Any) -> Row:
    return FEMUR | {"assessment": {"acetabular_involvement": True, "protrusion_risk": False} | cells}


# (name, changes, "step options options_after_mdt" or None for no row)
HIPS: list[tuple[str, Row, str | None]] = [
    ("painful, stable", {}, f"1 {FIRST} none"),
    ("neither painful nor at risk", {"assessment": PAINLESS}, "none none none"),
    ("pain not recorded", {"assessment": {"pain_mechanism": "?", "pain_refractory": "?"}}, "unknown unknown unknown"),
    # failure on pain, risk
    ("refractory", REFRACTORY, f"2 {SECOND} none"),
    ("refractory not recorded", {"assessment": {"pain_refractory": "?"}}, "unknown unknown unknown"),
    ("impending fracture", BREAKING, f"2 {SECOND} {THA}"),
    ("fracture", {"assessment": {"fracture_status": "pathological_fracture"}}, f"2 {SECOND} {THA}"),
    ("impending, painless", {"assessment": PAINLESS | {"fracture_status": "impending"}}, f"2 {SECOND} {THA}"),
    ("fracture status not recorded", {"assessment": {"fracture_status": "?"}}, "unknown unknown unknown"),
    ("unstable hip", {"assessment": {"hip_instability": True}}, f"2 {SECOND} none"),
    ("instability not recorded", {"assessment": {"hip_instability": "?"}}, "unknown unknown unknown"),
    ("roof extensive", {"assessment": {"acetabular_roof": "extensive"}}, f"2 {SECOND} none"),
    ("column extensive", {"assessment": {"acetabular_posterior_column": "extensive"}}, f"2 {SECOND} none"),
    ("wall extensive", {"assessment": {"acetabular_medial_wall": "extensive"}}, f"2 {SECOND} none"),
    ("roof not recorded", {"assessment": {"acetabular_roof": "?"}}, "unknown unknown unknown"),
    ("roof not recorded, unstable hip", {"assessment": {"acetabular_roof": "?", "hip_instability": True}}, f"2 {SECOND} none"),
    ("impending, unfit", BREAKING | UNFIT, f"2 {SECOND} none"),
    ("impending, fitness not recorded", BREAKING | {"state": {"fit_for_surgery": "?"}}, f"2 {SECOND} unknown"),
    # percutaneous treatment before
    ("cemented, refractory, fit", CEMENTED | REFRACTORY, f"3 {THA} none"),
    ("cemented, refractory, unfit", CEMENTED | REFRACTORY | UNFIT, f"2 {SECOND} none"),
    ("cemented, fitness not recorded", CEMENTED | REFRACTORY | {"state": {"fit_for_surgery": "?"}}, "unknown unknown unknown"),
    ("cemented, relieved", CEMENTED, f"1 {FIRST} none"),
    ("cemented, impending", CEMENTED | BREAKING, f"3 {THA} none"),
    ("cemented on the day", {"operation": CEMENTED["operation"] | {"day": 0}} | REFRACTORY, f"2 {SECOND} none"),
    ("cemented the day before", {"operation": CEMENTED["operation"] | {"day": -1}} | REFRACTORY, f"3 {THA} none"),
    ("screws", {"operation": CEMENTED["operation"] | {"technique": "percutaneous_screw"}} | REFRACTORY, f"3 {THA} none"),
    ("microwaves", {"operation": MICROWAVES} | REFRACTORY, f"2 {SECOND} none"),
    ("cement added", {"operation": MICROWAVES | {"associated_techniques": ["cementoplasty"]}} | REFRACTORY,
     f"3 {THA} none"),
    ("lesion not recorded", {"operation": CEMENTED["operation"] | {"lesion_id": "?"}} | REFRACTORY, "unknown unknown unknown"),
    ("procedures not complete", REFRACTORY | {"coverage": {"procedures": "not complete"}}, "unknown unknown unknown"),
    ("procedures not complete, unfit", REFRACTORY | UNFIT | {"coverage": {"procedures": "not complete"}},
     f"2 {SECOND} none"),
    # frail with a short life expectancy
    ("frail, 182 days, painful, stable", FRAIL, f"4 {FIRST}|{CT} none"),
    ("frail, 183 days", {"state": {"frail": True, "life_expectancy_days": 183}}, f"1 {FIRST} none"),
    ("182 days, not frail", {"state": {"life_expectancy_days": 182}}, f"1 {FIRST} none"),
    ("182 days, frailty not recorded", {"state": {"frail": "?", "life_expectancy_days": 182}}, "unknown unknown unknown"),
    ("frailty not recorded, 400 days", {"state": {"frail": "?"}}, f"1 {FIRST} none"),
    ("frail, life expectancy not recorded", {"state": {"frail": True, "life_expectancy_days": "?"}}, "unknown unknown unknown"),
    ("frail, refractory", FRAIL | REFRACTORY, f"4 {CT} none"),
    ("frail, refractory not recorded", FRAIL | {"assessment": {"pain_refractory": "?"}}, f"4 {CT} none"),
    ("frail, cemented, impending, fit", FRAIL | CEMENTED | BREAKING, f"4 {CT} none"),
    ("frail, painless, stable", FRAIL | {"assessment": PAINLESS}, "none none none"),
    ("state 60 days before", {"state": FRAIL["state"] | {"day": -60}}, f"4 {FIRST}|{CT} none"),
    ("state 61 days before", {"state": FRAIL["state"] | {"day": -61}}, "unknown unknown unknown"),
    # beside a femoral lesion
    ("femur, roof extensive", beside(acetabular_roof="extensive"), "5 reinforcement_in_the_same_operation none"),
    ("femur, protrusion", beside(protrusion_risk=True), "5 reinforcement_in_the_same_operation none"),
    ("femur, neither", beside(), "5 no_acetabular_treatment none"),
    ("femur, roof not recorded", beside(acetabular_roof="?"), "5 unknown none"),
    ("femur, roof not recorded, protrusion", beside(acetabular_roof="?", protrusion_risk=True),
     "5 reinforcement_in_the_same_operation none"),
    ("femur, protrusion not recorded", beside(protrusion_risk="?"), "5 unknown none"),
    ("femur, acetabulum free", beside(acetabular_involvement=False), None),
    ("femur, acetabulum not recorded", beside(acetabular_involvement="?"), None),
    # which lesions
    ("iliac wing", {"lesion": {"segment": "iliac_wing"}}, None),
    ("iliac wing, acetabulum involved", {"lesion": {"segment": "iliac_wing"}} | INVOLVED, f"1 {FIRST} none"),
    ("pelvis, segment not recorded", {"lesion": {"segment": "?"}}, None),
    ("pelvis, segment not recorded, involved", {"lesion": {"segment": "?"}} | INVOLVED, f"1 {FIRST} none"),
    ("sacrum, involved", {"lesion": {"bone": "sacrum", "segment": "?"}} | INVOLVED, None),
]  # fmt: skip


def test_acetabulum() -> None:
    cases = []
    for name, changes, words in HIPS:
        columns = ("step", "options", "options_after_mdt")
        cases.append((name, changes, None if words is None else dict(zip(columns, words.split(), strict=True))))
    check("acetabulum", HIP, cases)


def test_one_step_for_every_combination() -> None:
    """All that decides between the steps, through all its values: one step each, and none unknown without a null."""
    names = ("fracture", "hip_instability", "pain_refractory", "frail", "short", "treated", "fit_for_surgery")
    rows = []
    for mechanism in ("mechanical", "none", None):
        for values in product(UNSURE, repeat=len(names)):
            row = dict(zip(names, values, strict=True)) | {"pain_mechanism": mechanism, "bone": "pelvis"}
            row["fracture_status"] = {True: "impending", False: "none", None: None}[row.pop("fracture")]
            rows.append(row | dict.fromkeys(PARTS, "limited"))
    text = dict.fromkeys(("pain_mechanism", "bone", "fracture_status", "mirels_pain", *PARTS), pl.String)
    flags = dict.fromkeys(
        (*names[1:], "pain_on_loading", "pain_disabling", "symptomatic", "protrusion_risk"), pl.Boolean
    )
    decided = decide(pl.DataFrame(rows, schema=text | flags))
    assert decided.select("step", "options", "options_after_mdt").null_count().transpose().to_series().sum() == 0
    complete = decided.filter(pl.all_horizontal(pl.col(*names[1:], "pain_mechanism", "fracture_status").is_not_null()))
    assert set(complete["step"]) == {"1", "2", "3", "4", "none"}
    assert complete.filter((pl.col("step") == "unknown") | (pl.col("options_after_mdt") == "unknown")).is_empty()


PARTS = ("acetabular_roof", "acetabular_posterior_column", "acetabular_medial_wall")


@pytest.mark.parametrize("name", ["pain_technique", "acetabulum"])
def test_an_empty_registry_gives_an_empty_frame(name: str) -> None:
    assert publish(name, patients({}, [])).is_empty()
    assert plain(name, ({"patients": []}, []), []) == {}
