"""Lesions and operations of the acetabulum (G2 sections 2.4 and 4.2)."""

from __future__ import annotations

from datetime import date

from .decisions import ABLATIONS, Decision, is_invasive, is_step_two, lesion_state_at, painful_at, unstable_parts_at
from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus
from .patient import of_lesion, on
from .rule import Case, rule
from .rules_procedures import life_expectancy
from .rules_technique import acetabulum_involved, by_orthopaedist, employs, hip, lesion_cell, lesion_state, operation

NOT_OPEN = ("biopsy", "embolisation", "cementoplasty", "percutaneous_screw", *ABLATIONS)


def state_of(d: Decision, column: str) -> str | bool | None:
    assert d.lesion_id is not None
    return lesion_state_at(d.patient, d.lesion_id, d.idx, column)  # type: ignore[no-any-return]


def painful(d: Decision) -> Truth:
    assert d.lesion_id is not None
    return painful_at(d.patient, d.lesion_id, d.idx)


def compromised(d: Decision) -> Truth:
    assert d.lesion_id is not None
    return unstable_parts_at(d.patient, d.lesion_id, d.idx)


def at_risk(d: Decision) -> Truth:
    return or_(one_of(state_of(d, "fracture_status"), "impending"), compromised(d), state_of(d, "hip_instability"))  # type: ignore[arg-type]


def irradiated(d: Decision, first: date, last: date) -> Truth:
    return d.patient.occurred("radiotherapy_courses", first, last, lambda row: on(row, d.lesion_id))


def failed_treatment(d: Decision) -> Truth:
    return or_(state_of(d, "pain_refractory"), irradiated(d, plus(d.idx, -365), plus(d.idx, -30)))  # type: ignore[arg-type]


def first_line(d: Decision) -> Truth:
    return and_(
        one_of(state_of(d, "fracture_status"), "none"),
        painful(d),
        not_(compromised(d)),
        not_(state_of(d, "hip_instability")),  # type: ignore[arg-type]
        not_(failed_treatment(d)),
    )


def frail_and_short(d: Decision) -> Truth:
    recorded = d.patient.state("frail", d.idx)
    weak = known(d.patient.state("karnofsky", d.idx), lambda index: index <= 60)
    frail = recorded if recorded is not None else or_(weak, not_(d.patient.state("fit_for_surgery", d.idx)))
    return and_(frail, known(life_expectancy(d), lambda days: days < 183))


def infected(d: Decision) -> Truth:
    return or_(*(d.patient.state(sign, d.idx) for sign in ("infection_puncture_site", "sepsis_uncontrolled")))


def decided(d: Decision, *decisions: str) -> bool:
    return d.patient.last_mdt_decision(d.lesion_id, plus(d.idx, -60), plus(d.idx, 60)) in decisions


def is_ct_cementoplasty(row: Row) -> Truth:
    return and_(
        row["category"] in ("interventional_radiology", "orthopaedic_surgery"),
        employs(row, "cementoplasty"),
        one_of(row["guidance"], "ct", "both"),
    )


def is_open(row: Row) -> Truth:
    return and_(row["category"] == "orthopaedic_surgery", not_(one_of(row["technique"], *NOT_OPEN)))


def on_lesion(d: Decision) -> list[Row]:
    return of_lesion(d.patient.rows("procedures"), d.lesion_id)


# Decisions on a lesion -----------------------------------------------------------------------------------------------


@rule("G2-2.4-01", "acetabular_lesion", "limb_surgery", "D")
def medical_treatment_or_radiotherapy_first(d: Decision) -> Case:
    last_day = plus(d.idx, 60)
    if d.next_idx is not None:
        last_day = min(last_day, plus(d.next_idx, -1))

    def comes_first(row: Row) -> Truth:
        before = irradiated(d, plus(d.idx, -29), plus(row["date"], -1))
        return and_(is_invasive(row), on(row, d.lesion_id), not_(before))

    return Case(
        applies=first_line(d),
        met=not_(d.patient.occurred("procedures", d.idx, last_day, comes_first)),
        exceptions={"frail_and_short": frail_and_short(d)},
        mdt_against=decided(d, "surgery", "interventional"),
    )


@rule("G2-2.4-02", "acetabular_lesion", "limb_surgery", "D")
def percutaneous_treatment_at_risk_or_after_failure(d: Decision) -> Case:
    p, due = d.patient, plus(d.idx, 60)
    status = state_of(d, "fracture_status")
    days = [row["date"] for row in on_lesion(d) if is_open(row) and d.idx <= row["date"] <= due]
    discussed = p.met(d.lesion_id, plus(min(days), -60), min(days)) if days else False
    return Case(
        applies=and_(
            one_of(status, "none", "impending"),
            or_(at_risk(d), and_(painful(d), failed_treatment(d))),
        ),
        met=p.occurred("procedures", d.idx, due, lambda row: and_(is_step_two(row), on(row, d.lesion_id))),
        due=due,
        observed=("procedures",),
        late=any(is_step_two(row) and row["date"] > due for row in on_lesion(d)),
        exceptions={"infection": infected(d)},
        ambers={"surgery_first_with_mdt": and_(discussed, p.state("fit_for_surgery", d.idx))},
        mdt_against=decided(d, "radiotherapy", "systemic", "supportive", "surveillance"),
    )


@rule("G2-4.2-11", "acetabular_lesion", "limb_surgery", "P")
def cement_under_ct_for_the_frail(d: Decision) -> Case:
    due = plus(d.idx, 60)
    return Case(
        applies=and_(or_(painful(d), at_risk(d)), frail_and_short(d)),
        met=d.patient.occurred(
            "procedures", d.idx, due, lambda row: and_(is_ct_cementoplasty(row), on(row, d.lesion_id))
        ),
        due=due,
        observed=("procedures",),
        late=any(is_ct_cementoplasty(row) and row["date"] > due for row in on_lesion(d)),
        exceptions={"first_line": first_line(d), "infection": infected(d)},
        mdt_against=decided(d, "radiotherapy", "systemic", "supportive", "surveillance", "surgery"),
    )


# Operations ----------------------------------------------------------------------------------------------------------


def acetabular_lesion(d: Decision) -> Truth:
    return and_(one_of(d.bone, "pelvis"), acetabulum_involved(d))


def acetabular_surgery(d: Decision) -> Truth:
    return and_(acetabular_lesion(d), is_open(d.row))


def fit(d: Decision) -> Truth:
    return d.patient.state("fit_for_surgery", d.idx)  # type: ignore[no-any-return]


@rule("G2-2.4-03", "procedure", "limb_surgery", "D")
def surgery_after_the_rest_has_failed(d: Decision) -> Case:
    p, start, end = d.patient, plus(d.idx, -365), plus(d.idx, -1)
    percutaneous = p.occurred("procedures", start, end, lambda row: and_(is_step_two(row), on(row, d.lesion_id)))
    tried = or_(percutaneous, irradiated(d, start, end), lesion_state(d, "pain_refractory"))
    return Case(
        applies=acetabular_surgery(d),
        met=and_(tried, fit(d)),
        exceptions={"with_the_femur": and_(fit(d), or_(lesion_state(d, "protrusion_risk"), femoral_lesion(d)))},
        ambers={"mdt_surgery_first": and_(fit(d), p.met(d.lesion_id, plus(d.idx, -60), d.idx))},
    )


def femoral_lesion(d: Decision) -> Truth:
    """Whether a lesion of the proximal femur of the same side is known."""
    side = lesion_cell(d, "side")
    found = [
        lesion
        for lesion in d.patient.lesions.values()
        if lesion["bone"] == "femur"
        and lesion["segment"] in ("head", "neck", "trochanteric", "subtrochanteric")
        and lesion["discovery_date"] <= d.idx
    ]
    return or_(*(None if None in (side, lesion["side"]) else side == lesion["side"] for lesion in found))


@rule("G2-4.2-04", "procedure", "limb_surgery", "P")
def reinforced_cup(d: Decision) -> Case:
    return Case(
        applies=and_(by_orthopaedist(d), one_of(d.row["technique"], "total_hip_arthroplasty")),
        met=d.row["acetabular_reinforcement"],
        exceptions={"acetabulum_not_involved": not_(acetabulum_involved(d))},
    )


@rule("G2-4.2-08", "procedure", "limb_surgery", "P")
def acetabulum_taken_into_account(d: Decision) -> Case:
    in_the_pelvis = one_of(d.bone, "pelvis")
    bears_weight = lesion_cell(d, "weight_bearing") is not False
    threatened = one_of(lesion_state(d, "fracture_status"), "impending", "pathological_fracture")
    load_zone = or_(
        one_of(lesion_state(d, "acetabular_roof"), "extensive"), and_(in_the_pelvis, bears_weight, threatened)
    )
    treated = or_(
        d.row["acetabular_reinforcement"],
        one_of(d.row["technique"], "acetabular_resection"),
        and_(in_the_pelvis, employs(d.row, "cementoplasty")),
    )
    return Case(
        applies=and_(operation(d), hip(d), acetabulum_involved(d)),
        met=or_(not_(or_(lesion_state(d, "protrusion_risk"), load_zone)), treated),
    )


@rule("G2-4.2-09", "procedure", "limb_surgery", "P")
def no_oncological_resection(d: Decision) -> Case:
    technique = d.row["technique"]
    resected = technique == "acetabular_resection" or d.row["resection_extent"] in ("en_bloc", "oncological")
    return Case(
        applies=and_(operation(d), or_(acetabular_lesion(d), one_of(technique, "acetabular_resection"))),
        met=False if resected else known(technique, lambda t: True),
        exceptions={"mdt_decided_surgery": surgery_decided(d)},
    )


def surgery_decided(d: Decision) -> Truth:
    rows = d.patient.meetings(d.lesion_id, plus(d.idx, -60), d.idx)
    decisions = [row["decision"] for row in rows]
    if "surgery" in decisions:
        return True
    provable = d.patient.provable("mdt_meetings", plus(d.idx, -60))
    return False if provable and None not in decisions else None


@rule("G2-4.2-10", "procedure", "limb_surgery", "P")
def hip_prosthesis_with_reinforcement(d: Decision) -> Case:
    return Case(
        applies=acetabular_surgery(d),
        met=and_(one_of(d.row["technique"], "total_hip_arthroplasty"), d.row["acetabular_reinforcement"]),
        exceptions={"frail_and_short": frail_and_short(d)},
    )
