"""Procedures and systemic therapy around them (G1 sections 3.6 and 3.7, G2 section 4.1)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, is_fractured, latest_in
from .logic import Truth, and_, holds, known, not_, one_of, or_, plus
from .patient import NAILS_AND_SCREWS, is_surgery, latest_recorded, of_lesion
from .rule import Case, rule
from .scores import mirels_at

ARTHROPLASTY = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis")


# Biopsy (2) ----------------------------------------------------------------------------------------------------------


@rule("G1-2-13", "procedure", "imaging", "D")
def biopsy_decalcified_with_edta(d: Decision) -> Case | None:
    if d.row["category"] != "biopsy":
        return None
    how = d.row["decalcification"]
    met = soft_and_lytic(d) if how == "none" else one_of(how, "edta")
    return Case(applies=True, met=met, ambers={"not_decalcified": how == "none"})


@rule("G1-2-14", "procedure", "imaging", "P")
def soft_lytic_biopsy_without_acid(d: Decision) -> Case:
    return Case(
        applies=and_(d.row["category"] == "biopsy", soft_and_lytic(d)),
        met=one_of(d.row["decalcification"], "none", "edta"),
    )


def soft_and_lytic(d: Decision) -> Truth:
    """A lytic lesion that extends to the soft tissue: its tissue can be read without decalcification."""
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)

    def latest(column: str) -> str | None:
        row = latest_recorded(rows, column, plus(d.idx, -60), d.idx)
        return None if row is None else row[column]

    return and_(
        one_of(latest("lesion_type"), "lytic"),
        one_of(latest("soft_tissue_extension"), "present", "predominant"),
    )


# Interventional radiology (3.6) --------------------------------------------------------------------------------------


@rule("G1-3.6.1-02", "procedure", "interventional", "P")
def vertebroplasty_rather_than_kyphoplasty(d: Decision) -> Case:
    technique = d.row["technique"]
    return Case(
        applies=and_(
            d.row["category"] in ("interventional_radiology", "spinal_surgery"),
            one_of(d.bone, "vertebra", "sacrum"),
            one_of(technique, "vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty"),
        ),
        met=not_(one_of(technique, "kyphoplasty")),
    )


def met_before(d: Decision, *specialties: str) -> tuple[Truth, bool]:
    """Whether a meeting came within 60 days before, and whether one came within 183 days but earlier than that."""
    p = d.patient
    in_time = p.met(d.lesion_id, plus(d.idx, -60), d.idx, *specialties)
    return in_time, p.met(d.lesion_id, plus(d.idx, -183), plus(d.idx, -61), *specialties) is True


@rule("G1-3.6.1-03", "procedure", "interventional", "D")
def meeting_with_a_radiologist(d: Decision) -> Case | None:
    if d.row["category"] != "interventional_radiology":
        return None
    in_time, earlier = met_before(d, "interventional_radiology")
    return Case(applies=True, met=in_time, late=earlier)


@rule("G1-3.6.1-15", "procedure", "interventional", "D")
def no_cement_alone_in_a_bone_about_to_break(d: Decision) -> Case:
    weight_bearing = None if d.lesion_id is None else d.patient.lesions[d.lesion_id]["weight_bearing"] is not False
    return Case(
        applies=and_(
            d.row["category"] in ("interventional_radiology", "orthopaedic_surgery"),
            one_of(d.row["technique"], "cementoplasty"),
            one_of(d.bone, "femur", "tibia"),
            weight_bearing,
        ),
        met=or_(holds(d.row["associated_techniques"] or [], *NAILS_AND_SCREWS), not_(about_to_break(d))),
    )


def about_to_break(d: Decision) -> Truth:
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    row = latest_in(rows, plus(d.idx, -60), d.idx)
    if row is None:
        return None
    if is_fractured(row):
        return False
    score = mirels_at(d.patient, row)
    high_score = known(score["total_min"], lambda low: low >= 9)
    if high_score is False and score["total_max"] >= 9:
        high_score = None
    return or_(one_of(row["fracture_status"], "impending"), high_score)


# Surgery (3.7) -------------------------------------------------------------------------------------------------------


@rule("G1-3.7-01", "procedure", "care_pathway", "D")
def meeting_before_surgery(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None
    in_time, earlier = met_before(d)
    urgent = d.row["urgency"] in ("relative_emergency", "emergency")
    met_after = d.patient.met(d.lesion_id, plus(d.idx, 1), plus(d.idx, 14))
    return Case(
        applies=True,
        met=in_time,
        late=earlier,
        exceptions={
            "urgent_meeting_after": and_(urgent, one_of(d.row["intent"], "fracture", "decompression"), met_after)
        },
    )


def is_arthroplasty(d: Decision) -> Truth:
    return and_(d.row["category"] == "orthopaedic_surgery", one_of(d.row["technique"], *ARTHROPLASTY))


def life_expectancy(d: Decision) -> int | None:
    return d.patient.state("life_expectancy_days", d.idx)


@rule("G1-3.7-03", "procedure", "limb_surgery", "D")
def six_weeks_of_life_for_surgery(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None
    return Case(
        applies=True,
        met=known(life_expectancy(d), lambda days: days >= 42),
        ambers={"fracture_fixation": one_of(d.row["intent"], "fracture")},
    )


@rule("G1-3.7.2-05", "procedure", "limb_surgery", "D")
def a_year_of_life_for_arthroplasty(d: Decision) -> Case:
    expectancy = life_expectancy(d)
    return Case(
        applies=is_arthroplasty(d),
        met=known(expectancy, lambda days: days > 365),
        ambers={"six_to_twelve_months": known(expectancy, lambda days: 183 < days <= 365)},
    )


@rule("G1-3.7.2-06", "procedure", "limb_surgery", "D")
def cemented_arthroplasty(d: Decision) -> Case:
    femoral, acetabular, other = (d.row[f"cemented_{part}"] for part in ("femoral", "acetabular", "other"))
    met: Truth = None
    if False in (femoral, acetabular, other):
        met = False
    elif d.row["technique"] == "total_hip_arthroplasty":
        met = True if femoral and acetabular else None
    elif True in (femoral, acetabular, other):
        met = True
    return Case(applies=is_arthroplasty(d), met=met)


@rule("G2-4.1-06", "procedure", "limb_surgery", "D")
def locking_plate_at_the_distal_end(d: Decision) -> Case | None:
    if d.row["category"] != "orthopaedic_surgery":
        return None
    segment = None if d.lesion_id is None else d.patient.lesions[d.lesion_id]["segment"]
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    latest = latest_recorded(rows, "articular_destruction", plus(d.idx, -60), d.idx)
    destroyed = None if latest is None else latest["articular_destruction"]
    return Case(
        applies=and_(one_of(d.bone, "femur", "humerus"), one_of(segment, "distal_end")),
        met=one_of(d.row["technique"], "locking_plate"),
        exceptions={"articular_destruction": and_(destroyed, one_of(d.row["technique"], *ARTHROPLASTY))},
    )


# Systemic therapy after surgery (3.7.1) ------------------------------------------------------------------------------


@rule("G1-3.7.1-09", "systemic_line", "perioperative", "D")
def three_weeks_and_a_healed_wound(d: Decision) -> Case:
    p, start = d.patient, plus(d.idx, -90)
    operations = [row for row in p.acts("procedures", start, plus(d.idx, -1)) if is_surgery(row)]
    operation = max(operations, key=lambda r: (r["date"], r["procedure_id"]), default=None)
    if operation is None:
        return Case(applies=False if p.provable("procedures", start) else None)
    days = (d.idx - operation["date"]).days
    healed: date | None = operation["wound_healed_date"]
    agreed: date | None = operation["surgeon_agreement_date"]
    if days < 15 or (healed is not None and healed > d.idx):
        return Case(applies=True, met=False)
    if days >= 21:
        return Case(applies=True, met=True)
    conditions = (
        d.row["urgent"],
        known(healed, lambda day: day <= d.idx),
        known(agreed, lambda day: day <= d.idx),
    )
    return Case(applies=True, met=and_(*conditions))
