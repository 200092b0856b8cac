"""Why a metastasis was operated, how far, and what was known before (G1 3.7; G2 1, 2.2, 2.3)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, between, latest_in, pains, score_bounds
from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus, within
from .patient import Patient, discusses, is_surgery, of_lesion, on
from .rule import Case, rule
from .rules_indications import broken, first_known, latest, names_both
from .rules_lesions import LIMB_BONES, short_life
from .rules_procedures import met_before
from .rules_radiotherapy import twenty_grays_before
from .scores import mirels_at

FIXED_PREVENTIVELY = ("femur", "tibia", "humerus")
CRITERIA = {
    "indication",
    "life_expectancy",
    "general_condition",
    "functional_needs",
    "expected_benefit",
    "risks",
    "oncology_plan",
}
HEAVY = ("resection_reconstruction", "acetabular_resection", "megaprosthesis")


@rule("G1-3.7-02", "procedure", "care_pathway", "D")
def seven_criteria_recorded(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None

    def test(row: Row) -> Truth:
        if not discusses(row, d.lesion_id):
            return False
        return known(row["criteria_recorded"], lambda named: set(named) >= CRITERIA)

    return Case(applies=met_before(d)[0], met=d.patient.occurred("mdt_meetings", plus(d.idx, -60), d.idx, test))


def oncological(row: Row) -> Truth:
    if row["resection_extent"] is not None:
        return row["resection_extent"] in ("en_bloc", "oncological")
    if row["technique"] == "acetabular_resection":
        return True
    return None if row["technique"] in (None, *HEAVY, "corpectomy", "other") else False


def heavy(row: Row) -> Truth:
    return or_(one_of(row["technique"], *HEAVY), oncological(row))


def standard_arthroplasty(row: Row) -> Truth:
    return one_of(row["technique"], "arthroplasty", "total_hip_arthroplasty")


def life(d: Decision) -> int | None:
    return d.patient.state("life_expectancy_days", d.idx)


@rule("G1-3.7-04", "procedure", "limb_surgery", "P")
def less_aggressive_up_to_a_year(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None
    too_short = known(life(d), lambda days: days <= 183)
    return Case(
        applies=known(life(d), lambda days: 42 <= days <= 365),
        met=and_(not_(heavy(d.row)), not_(and_(standard_arthroplasty(d.row), too_short))),
    )


@rule("G1-3.7-05", "procedure", "limb_surgery", "O")
def any_surgery_beyond_a_year(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None
    return Case(
        applies=known(life(d), lambda days: days > 365),
        option=first_known(
            ("resection_reconstruction", heavy(d.row)),
            ("arthroplasty", standard_arthroplasty(d.row)),
            otherwise="less_aggressive",
        ),
    )


def is_orthopaedic(d: Decision) -> bool:
    return d.row["category"] == "orthopaedic_surgery"


def limb(d: Decision) -> Truth:
    return one_of(d.bone, *LIMB_BONES)


def pain_state(d: Decision) -> dict[str, Truth]:
    columns = (
        "symptomatic",
        "mirels_pain",
        "pain_mechanism",
        "pain_on_loading",
        "pain_disabling",
        "pain_refractory",
    )
    return pains({column: latest(d, "lesion_assessments", column) for column in columns})


def mirels_on(d: Decision, day: date) -> tuple[Row | None, tuple[int | None, int | None]]:
    """The lesion's latest assessment of the 60 days up to a day, and the bounds of its Mirels."""
    row = latest_in(of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id), plus(day, -60), day)
    return row, score_bounds(None if row is None else mirels_at(d.patient, row))


@rule("G1-3.7-06", "procedure", "limb_surgery", "P")
def nine_for_preventive_surgery(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    _, bounds = mirels_on(d, d.idx)
    return Case(
        applies=and_(one_of(d.bone, *FIXED_PREVENTIVELY), one_of(d.row["intent"], "preventive"), not_(broken(d))),
        met=or_(between(bounds, 9, 12), and_(between(bounds, 8, 12), met_before(d)[0])),
        exceptions={"limiting_pain": pain_state(d)["limiting"]},
    )


@rule("G1-3.7-07", "procedure", "limb_surgery", "P")
def symptom_for_other_surgery(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    return Case(
        applies=and_(
            not_(one_of(d.bone, "vertebra", "sacrum")),
            not_(one_of(d.row["intent"], "preventive")),
        ),
        met=or_(one_of(d.row["intent"], "fracture"), broken(d), pain_state(d)["disabling"]),
    )


@rule("G1-3.7-08", "procedure", "radiotherapy", "D")
def radiotherapy_of_the_whole_bone(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    p, due = d.patient, plus(d.idx, 60)

    def covers(course: Row) -> Truth:
        follows = or_(course["linked_procedure_id"] == d.entity_id, on(course, d.lesion_id))
        return and_(follows, one_of(course["target_volume"], "whole_bone"))

    return Case(
        applies=one_of(d.bone, *LIMB_BONES, "pelvis"),
        met=p.occurred("radiotherapy_courses", plus(d.idx, 1), due, covers),
        due=due,
        observed=("radiotherapy_courses",),
        late=any(covers(course) and course["start_date"] > due for course in p.rows("radiotherapy_courses")),
        exceptions={
            "life_expectancy_under_6_weeks": short_life(d),
            "irradiated_before": twenty_grays_before(d),
            "wound_complication": d.row["complication"] in ("wound", "sepsis"),
        },
    )


@rule("G2-1-02", "procedure", "limb_surgery", "O")
def share_of_oncological_resections(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    option = first_known(("oncological_resection", oncological(d.row)), otherwise="other_surgery")
    return Case(applies=limb(d), option=option)


def estimated(p: Patient, idx: date, *columns: str) -> tuple[Truth, bool]:
    """Whether a column was recorded in the 60 days before (a blank cell: unknown), and whether it was in the 183 days."""

    def test(row: Row) -> Truth:
        return True if any(row[column] is not None for column in columns) else None

    def since(days: int) -> Truth:
        return p.occurred("clinical_assessments", plus(idx, -days), idx, test)

    return since(60), since(183) is True


@rule("G2-1-03", "procedure", "limb_surgery", "D")
def life_expectancy_estimated(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    in_time, earlier = estimated(d.patient, d.idx, "life_expectancy_days")
    return Case(applies=limb(d), met=in_time, late=earlier)


@rule("G2-1-09", "procedure", "limb_surgery", "P")
def prevention_or_symptom(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    told = one_of(d.row["intent"], "preventive", "fracture", "pain")
    return Case(applies=limb(d), met=or_(told, broken(d), pain_state(d)["disabling"]))


@rule("G2-1-10", "procedure", "perioperative", "O")
def crp_and_infection(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    first, last = plus(d.idx, 1), plus(d.idx, 30)
    crp = d.patient.occurred("lab_results", first, last, lambda row: row["analyte"] == "crp")
    infection: Truth = False
    if d.row["complication"] in ("wound", "sepsis"):
        infection = known(d.row["complication_date"], lambda day: within(day, first, last))
    option = first_known(
        ("crp_with_infection", and_(crp, infection)), ("crp_alone", crp), ("infection_without_crp", infection)
    )
    return Case(applies=limb(d), option=option)


@rule("G2-1-11", "procedure", "limb_surgery", "P")
def surgery_before_radiotherapy(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    p, start, end = d.patient, plus(d.idx, -183), plus(d.idx, -1)
    courses = [r["start_date"] for r in of_lesion(p.rows("radiotherapy_courses"), d.lesion_id)]
    first = min((day for day in courses if within(day, start, end)), default=d.idx)
    row, bounds = mirels_on(d, first)
    irradiated = p.occurred("radiotherapy_courses", start, end, lambda course: on(course, d.lesion_id))
    return Case(
        applies=and_(
            one_of(d.bone, *FIXED_PREVENTIVELY),
            None if row is None else one_of(row["fracture_status"], "none", "impending"),
            between(bounds, 9, 12),
        ),
        met=or_(not_(irradiated), names_both(d, plus(first, -60), first)),
    )


@rule("G2-2.2-04", "procedure", "limb_surgery", "D")
def planned_resection_of_a_fracture(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    p, planned = d.patient, d.row["urgency"] != "emergency"

    def scan(row: Row) -> Truth:
        if row["modality"] != "ct":
            return False
        if row["lesion_id"] is None and row["region"] not in (None, "limb"):
            return False
        return on(row, d.lesion_id)

    early = plus(d.idx, -183)
    met_at_all = bool(p.meetings(d.lesion_id, early, d.idx))
    seen_at_all = any(scan(row) for row in p.acts("imaging_exams", early, d.idx))
    return Case(
        applies=and_(limb(d), or_(one_of(d.row["intent"], "fracture"), broken(d)), oncological(d.row)),
        met=and_(planned, met_before(d)[0], p.occurred("imaging_exams", plus(d.idx, -30), d.idx, scan)),
        late=planned and met_at_all and seen_at_all,
    )


@rule("G2-2.3-02", "procedure", "limb_surgery", "D")
def condition_and_prognosis_before_pain_surgery(d: Decision) -> Case | None:
    if not is_orthopaedic(d):
        return None
    condition, condition_earlier = estimated(d.patient, d.idx, "karnofsky", "ecog")
    prognosis, prognosis_earlier = estimated(d.patient, d.idx, "life_expectancy_days")
    return Case(
        applies=and_(limb(d), one_of(d.row["intent"], "pain")),
        met=and_(condition, prognosis),
        late=condition_earlier and prognosis_earlier,
    )
