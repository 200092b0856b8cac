"""Surgical technique by bone segment (G1 section 3.7.2, G2 sections 4.1 and 4.2)."""

from __future__ import annotations

from typing import Any

from .decisions import Decision, acetabular_state_at, lesion_state_at
from .items import Row
from .logic import Truth, and_, holds, known, not_, one_of, or_, plus
from .patient import on
from .rule import Case, rule
from .rules_procedures import about_to_break, is_arthroplasty, life_expectancy

NAILS = ("intramedullary_nail", "percutaneous_nail")
ARTHROPLASTY = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis")
PROXIMAL_FEMUR = ("head", "neck", "trochanteric", "subtrochanteric", "proximal_end")
PERIPHERAL = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")


def employs(row: Row, *techniques: str) -> Truth:
    """Whether the main or an associated technique is one of these; unknown when the main one is not recorded."""
    return True if holds(row["associated_techniques"], *techniques) else one_of(row["technique"], *techniques)


def lesion_cell(d: Decision, column: str) -> Any:
    return None if d.lesion_id is None else d.patient.lesions[d.lesion_id][column]


def lesion_state(d: Decision, column: str) -> Any:
    """The latest recorded value of a column of the lesion's assessments in the 60 days up to idx."""
    return None if d.lesion_id is None else lesion_state_at(d.patient, d.lesion_id, d.idx, column)


def by_orthopaedist(d: Decision) -> bool:
    return bool(d.row["category"] == "orthopaedic_surgery")


def operation(d: Decision) -> Truth:
    return and_(by_orthopaedist(d), not_(one_of(d.row["technique"], "biopsy", "embolisation")))


def nail(d: Decision) -> Truth:
    return employs(d.row, *NAILS)


def screws(d: Decision) -> Truth:
    return employs(d.row, "percutaneous_screw")


def plate(d: Decision) -> Truth:
    return one_of(d.row["technique"], "locking_plate")


def osteosynthesis(d: Decision) -> Truth:
    if nail(d) or screws(d) or plate(d):
        return True
    if d.row["technique"] == "other":
        return one_of(d.row["intent"], "fracture", "preventive", "consolidation")
    return None if d.row["technique"] is None else False


def curettage(d: Decision) -> Truth:
    return True if holds(d.row["associated_techniques"], "curettage") else d.row["curettage"]


def cement(d: Decision) -> Truth:
    return True if employs(d.row, "cementoplasty") else d.row["cement_added"]


def supplement(d: Decision) -> str | None:
    """What was added to an osteosynthesis, where it is known."""
    for option, added in (
        ("curettage_cementation", and_(curettage(d), cement(d))),
        ("cement_alone", cement(d)),
        ("curettage_alone", curettage(d)),
    ):
        if added is None:
            return None
        if added:
            return option
    return "osteosynthesis_alone"


def extended_neck(d: Decision) -> Truth:
    segment, extends = lesion_cell(d, "segment"), lesion_cell(d, "trochanteric_extension")
    if d.bone is None:
        return None
    if d.bone != "femur" or segment not in (*PROXIMAL_FEMUR, None):
        return False
    if extends is None and segment in ("head", "trochanteric", "subtrochanteric"):
        return False
    return extends


def head_or_neck(d: Decision) -> Truth:
    segment = lesion_cell(d, "segment")
    if d.bone != "femur":
        return known(d.bone, lambda bone: False)
    return None if segment == "proximal_end" else one_of(segment, "head", "neck")


def nail_site(d: Decision) -> Truth:
    segment = lesion_cell(d, "segment")
    if d.bone not in ("femur", "humerus"):
        return known(d.bone, lambda bone: False)
    if d.bone == "humerus":
        return one_of(segment, "diaphysis", "proximal_end")
    if segment == "proximal_end":
        return None
    return known(
        segment,
        lambda s: s == "diaphysis" or (s == "trochanteric" and lesion_cell(d, "trochanteric_extension") is not True),
    )


def over_one_year(d: Decision) -> Truth:
    heavy = one_of(d.row["technique"], "resection_reconstruction", "megaprosthesis")
    return and_(heavy, known(life_expectancy(d), lambda days: days > 365))


def six_months_or_less(d: Decision) -> Truth:
    return known(life_expectancy(d), lambda days: days <= 183)


def screws_indicated(d: Decision) -> Truth:
    broken = or_(one_of(d.row["intent"], "fracture"), about_to_break(d))
    site = and_(one_of(d.bone, "femur"), one_of(lesion_cell(d, "segment"), "head", "neck", "trochanteric"))
    return and_(screws(d), site, one_of(lesion_state(d, "lesion_type"), "lytic"), broken)


# Osteosynthesis (G1 3.7.2, G2 4.1) -----------------------------------------------------------------------------------


@rule("G1-3.7.2-01", "procedure", "limb_surgery", "P")
def osteosynthesis_of_the_shaft(d: Decision) -> Case:
    return Case(
        applies=and_(
            operation(d),
            one_of(d.bone, "femur", "humerus", "tibia"),
            one_of(lesion_cell(d, "segment"), "diaphysis", "metaphyso_diaphyseal"),
        ),
        met=or_(nail(d), plate(d), screws(d)),
        exceptions={"resection_over_one_year": over_one_year(d)},
    )


@rule("G1-3.7.2-02", "procedure", "limb_surgery", "P")
def nail_or_locking_plate(d: Decision) -> Case:
    return Case(
        applies=and_(by_orthopaedist(d), one_of(d.bone, "femur", "humerus", "tibia"), osteosynthesis(d)),
        met=or_(nail(d), plate(d)),
        exceptions={"percutaneous_screw": screws(d)},
    )


@rule("G1-3.7.2-03", "procedure", "limb_surgery", "O")
def what_is_added_to_an_osteosynthesis(d: Decision) -> Case:
    return Case(applies=and_(by_orthopaedist(d), osteosynthesis(d)), option=supplement(d))


@rule("G1-3.7.2-04", "procedure", "limb_surgery", "P")
def arthroplasty_of_head_and_neck(d: Decision) -> Case:
    return Case(
        applies=and_(operation(d), head_or_neck(d)),
        met=one_of(d.row["technique"], *ARTHROPLASTY),
        exceptions={
            "life_expectancy_six_months_or_less": six_months_or_less(d),
            "resection_over_one_year": over_one_year(d),
            "percutaneous_screws_indicated": screws_indicated(d),
        },
    )


@rule("G2-4.1-02", "procedure", "limb_surgery", "P")
def nail_where_it_is_usual(d: Decision) -> Case:
    return Case(
        applies=and_(by_orthopaedist(d), osteosynthesis(d), nail_site(d)),
        met=nail(d),
        exceptions={"percutaneous_screws_indicated": screws_indicated(d)},
    )


@rule("G2-4.1-03", "procedure", "limb_surgery", "P")
def curettage_with_a_nail_for_bone_loss(d: Decision) -> Case:
    def follows(course: Row) -> Truth:
        linked = course["linked_procedure_id"] == d.row["procedure_id"]
        return True if linked else on(course, d.lesion_id)

    irradiated = d.patient.occurred("radiotherapy_courses", plus(d.idx, 1), plus(d.idx, 60), follows)
    return Case(
        applies=and_(by_orthopaedist(d), nail(d)),
        met=or_(not_(and_(curettage(d), cement(d))), lesion_state(d, "bone_loss_major")),
        exceptions={"radiotherapy_associated": irradiated},
    )


@rule("G2-4.1-04", "procedure", "limb_surgery", "D")
def nail_then_cement(d: Decision) -> Case:
    return Case(applies=and_(by_orthopaedist(d), nail(d), cement(d)), met=d.row["cement_after_nail"])


@rule("G2-4.1-05", "procedure", "limb_surgery", "P")
def screw_into_the_femoral_neck(d: Decision) -> Case:
    shaft = and_(one_of(d.bone, "femur"), one_of(lesion_cell(d, "segment"), "diaphysis"))
    return Case(applies=and_(by_orthopaedist(d), shaft, nail(d)), met=d.row["cervical_screw"])


@rule("G2-4.1-07", "procedure", "limb_surgery", "O")
def what_is_added_to_a_plate(d: Decision) -> Case:
    return Case(applies=and_(by_orthopaedist(d), plate(d)), option=supplement(d))


@rule("G2-4.1-08", "procedure", "limb_surgery", "D")
def plate_for_a_peripheral_bone(d: Decision) -> Case:
    return Case(
        applies=and_(operation(d), one_of(d.bone, *PERIPHERAL)),
        met=None if d.row["technique"] == "other" else plate(d),
        exceptions={"resection_over_one_year": over_one_year(d)},
    )


# Arthroplasties (G2 4.2) ---------------------------------------------------------------------------------------------


@rule("G2-4.2-01", "procedure", "limb_surgery", "O")
def technique_for_a_joint(d: Decision) -> Case:
    outside_the_spine = not_(one_of(d.bone, "vertebra", "sacrum"))
    return Case(applies=and_(operation(d), outside_the_spine, lesion_cell(d, "articular")), option=technique_option(d))


def technique_option(d: Decision) -> str | None:
    technique: str | None = d.row["technique"]
    if technique in (*ARTHROPLASTY, "resection_reconstruction"):
        return technique
    if nail(d):
        return "intramedullary_nail"
    if plate(d):
        return "locking_plate"
    return "percutaneous_screw" if screws(d) else known(technique, lambda t: "other")  # type: ignore[return-value]


@rule("G2-4.2-06", "procedure", "limb_surgery", "D")
def resection_of_the_proximal_femur(d: Decision) -> Case:
    heavy = one_of(d.row["technique"], "megaprosthesis", "resection_reconstruction")
    return Case(
        applies=and_(operation(d), extended_neck(d)),
        met=and_(heavy, d.row["trochanteric_medallion"]),
        exceptions={"life_expectancy_six_months_or_less": six_months_or_less(d)},
        ambers={"six_months_to_one_year": known(life_expectancy(d), lambda days: 183 < days <= 365)},
    )


@rule("G2-4.2-07", "procedure", "limb_surgery", "D")
def cemented_megaprosthesis(d: Decision) -> Case:
    heavy = one_of(d.row["technique"], "megaprosthesis", "resection_reconstruction")
    return Case(
        applies=and_(operation(d), extended_neck(d), heavy),
        met=and_(one_of(d.row["technique"], "megaprosthesis"), d.row["cemented_femoral"]),
    )


@rule("G2-4.2-03", "procedure", "limb_surgery", "D")
def hip_cemented_on_both_sides(d: Decision) -> Case:
    femoral, acetabular = d.row["cemented_femoral"], d.row["cemented_acetabular"]
    needs_a_cup = d.row["technique"] == "total_hip_arthroplasty"
    met: Truth = None
    if femoral is False or acetabular is False:
        met = False
    elif femoral and (acetabular or not needs_a_cup):
        met = True
    return Case(applies=and_(is_arthroplasty(d), hip(d)), met=met)


def hip(d: Decision) -> Truth:
    if d.row["technique"] == "total_hip_arthroplasty":
        return True
    if d.bone == "femur":
        segment = lesion_cell(d, "segment")
        replaced = one_of(d.row["technique"], "arthroplasty", "megaprosthesis")
        return or_(one_of(segment, "head", "neck"), and_(one_of(segment, *PROXIMAL_FEMUR), replaced))
    if d.bone == "pelvis":
        return acetabulum_involved(d)
    return known(d.bone, lambda bone: False)


def acetabulum_involved(d: Decision) -> Truth:
    in_place = d.bone == "pelvis" and lesion_cell(d, "segment") == "acetabulum"
    if in_place or d.lesion_id is None:
        return in_place or None
    return acetabular_state_at(d.patient, d.lesion_id, d.idx)
