"""Radiotherapy (G1 sections 3.5.1 and 3.5.3 to 3.5.5)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, between, is_fractured, latest_in, score_bounds
from .items import LONG_BONES, Row
from .logic import Truth, and_, is_dose_of, known, not_, one_of, or_, plus
from .patient import (
    COMPRESSED,
    Patient,
    is_compression,
    is_surgery,
    latest_recorded,
    of_lesion,
    on,
    uses,
)
from .rule import Case, rule
from .scores import rades_at_course, sins_at

LIFE_EXPECTANCY = "life_expectancy_days"
SPINE = ("vertebra", "sacrum")


def schedule(course: Row, *printed: tuple[float, int]) -> Truth:
    """Whether dose and fractions are one of the printed schedules."""
    dose, fractions = course["prescribed_dose_gy"], course["prescribed_fractions"]
    return or_(*(and_(is_dose_of(dose, total), one_of(fractions, number)) for total, number in printed))


@rule("G1-3.5-01", "radiotherapy_course", "radiotherapy", "P")
def conformal_or_stereotactic(d: Decision) -> Case:
    return Case(applies=True, met=one_of(d.row["technique"], "conformal_3d", "imrt_vmat", "stereotactic"))


# Pain, without complication (3.5.1) ----------------------------------------------------------------------------------


def fractured(d: Decision) -> Truth:
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    if any(is_fractured(row) and row["date"] <= d.idx for row in rows):
        return True
    return None if latest_recorded(rows, "fracture_status", plus(d.idx, -60), d.idx) is None else False


def compressed(d: Decision) -> Truth:
    if d.lesion_id is None:
        return None
    if d.bone not in SPINE:
        return False
    rows = of_lesion(d.patient.rows("spinal_assessments"), d.lesion_id)
    latest = latest_recorded(rows, "cord_compression", plus(d.idx, -60), d.idx)
    return None if latest is None else latest["cord_compression"] in COMPRESSED


def earlier_courses(d: Decision) -> list[Row]:
    return [row for row in d.patient.rows("radiotherapy_courses") if row["start_date"] < d.idx]


def irradiated_before(d: Decision, absence_from: date) -> Truth:
    """Whether an earlier course was on this lesion."""
    if d.lesion_id is None:
        return None
    answers = [on(row, d.lesion_id) for row in earlier_courses(d)]
    if True in answers:
        return True
    return False if None not in answers and d.patient.provable("radiotherapy_courses", absence_from) else None


@rule("G1-3.5.1-02", "radiotherapy_course", "radiotherapy", "P")
def schedules_against_pain(d: Decision) -> Case:
    return Case(
        applies=and_(
            one_of(d.row["intent"], "analgesic"),
            not_(one_of(d.row["technique"], "stereotactic")),
            not_(fractured(d)),
            not_(compressed(d)),
            not_(irradiated_before(d, d.idx)),
        ),
        met=schedule(d.row, (30, 10), (24, 6), (20, 5), (8, 1)),
    )


# Cord compression (3.5.3) --------------------------------------------------------------------------------------------


def is_course_for_compression(d: Decision) -> Truth:
    start = plus(d.idx, -60)
    rows = of_lesion(d.patient.rows("spinal_assessments"), d.lesion_id)
    if any(is_compression(row) and start <= row["date"] <= d.idx for row in rows):
        return True
    if d.bone is not None and d.bone not in SPINE:
        return False
    if latest_recorded(rows, "cord_compression", start, d.idx) is not None:
        return False
    return False if d.row["intent"] not in ("decompressive", None) else None


@rule("G1-3.5.3-02", "radiotherapy_course", "radiotherapy", "P")
def eight_grays_in_rades_group_one(d: Decision) -> Case:
    operated = d.patient.occurred(
        "procedures",
        plus(d.idx, -60),
        d.idx,
        lambda row: and_(row["category"] == "spinal_surgery", on(row, d.lesion_id)),
    )
    group = between(score_bounds(rades_at_course(d.patient, d.row)), 21, 28)
    return Case(
        applies=and_(is_course_for_compression(d), group, not_(operated)),
        met=schedule(d.row, (8, 1)),
    )


@rule("G1-3.5.3-04", "radiotherapy_course", "radiotherapy", "P")
def five_or_ten_fractions_in_rades_group_two(d: Decision) -> Case:
    group = between(score_bounds(rades_at_course(d.patient, d.row)), 29, 37)
    return Case(applies=and_(is_course_for_compression(d), group), met=schedule(d.row, (20, 5), (30, 10)))


@rule("G1-3.5.3-06", "radiotherapy_course", "radiotherapy", "P")
def five_or_ten_fractions_in_rades_group_three(d: Decision) -> Case:
    group = between(score_bounds(rades_at_course(d.patient, d.row)), 38, 44)
    return Case(applies=and_(is_course_for_compression(d), group), met=schedule(d.row, (20, 5), (30, 10)))


# After surgery (3.5.4) -----------------------------------------------------------------------------------------------


@rule("G1-3.5.4-01", "procedure", "radiotherapy", "D")
def radiotherapy_after_surgery(d: Decision) -> Case | None:
    if not is_surgery(d.row):
        return None
    p, due = d.patient, plus(d.idx, 60)

    def follows(course: Row) -> Truth:
        return or_(course["linked_procedure_id"] == d.entity_id, on(course, d.lesion_id))

    after = any(follows(course) and course["start_date"] > due for course in p.rows("radiotherapy_courses"))
    return Case(
        applies=True,
        met=p.occurred("radiotherapy_courses", plus(d.idx, 1), due, follows),
        due=due,
        observed=("radiotherapy_courses",),
        late=after,
        exceptions=excused_from_postoperative_radiotherapy(d),
    )


def excused_from_postoperative_radiotherapy(d: Decision) -> dict[str, Truth]:
    return {
        "life_expectancy_under_6_weeks": known(d.patient.state(LIFE_EXPECTANCY, d.idx), lambda days: days < 42),
        "irradiated_before": twenty_grays_before(d),
        "wound_complication": d.row["complication"] in ("wound", "sepsis"),
    }


def twenty_grays_before(d: Decision) -> Truth:
    if d.lesion_id is None:
        return None
    answers = []
    for course in earlier_courses(d):
        dose = course["prescribed_dose_gy"] if course["delivered_dose_gy"] is None else course["delivered_dose_gy"]
        answers.append(and_(on(course, d.lesion_id), known(dose, lambda gy: gy >= 20)))
    return or_(*answers)


def is_postoperative(d: Decision) -> Truth:
    """A course linked to an operation, or meant as postoperative.

    Without link and intent it may be one, unless certainly no surgery of its lesion lies in the 90 days before.
    """
    if d.row["linked_procedure_id"] is not None:
        return True
    if d.row["intent"] is not None:
        return d.row["intent"] == "postoperative"

    def surgery_of_the_lesion(row: Row) -> Truth:
        return and_(d.lesion_id is not None, is_surgery(row), on(row, d.lesion_id))

    operated = d.patient.occurred("procedures", plus(d.idx, -90), d.idx, surgery_of_the_lesion)
    return False if operated is False else None


def operation_of(d: Decision) -> Row | None:
    """The operation that a post-operative course follows."""
    if d.row["linked_procedure_id"] is not None:
        return d.patient.procedures[d.row["linked_procedure_id"]]
    rows = of_lesion(d.patient.acts("procedures", plus(d.idx, -90), d.idx), d.lesion_id)
    return max(filter(is_surgery, rows), key=lambda r: (r["date"], r["procedure_id"]), default=None)


@rule("G1-3.5.4-02", "radiotherapy_course", "radiotherapy", "D")
def third_week_after_surgery(d: Decision) -> Case:
    operation = operation_of(d)
    if operation is None:
        return Case(applies=is_postoperative(d))
    days = (d.idx - operation["date"]).days
    healed = operation["wound_healed_date"]
    slow = known(healed, lambda day: day > plus(operation["date"], 21))
    # In the fourth week only a healing recorded after day 21 makes the start right: no record, no green (catalogue S18).
    healed_late = bool(slow) and healed <= d.idx
    return Case(
        applies=is_postoperative(d),
        met=15 <= days <= 21 or (22 <= days <= 28 and healed_late),
        exceptions={"wound_not_healed": and_(days > 21, slow)},
        ambers={"day_22_to_28": 22 <= days <= 28},
    )


@rule("G1-3.5.4-03", "radiotherapy_course", "radiotherapy", "D")
def healed_skin(d: Decision) -> Case:
    operation = operation_of(d)
    healed = None if operation is None else operation["wound_healed_date"]
    by_date = known(healed, lambda day: day <= d.idx)
    recorded = d.row["skin_healed"]
    return Case(applies=is_postoperative(d), met=by_date if recorded is None else recorded)


def single_fraction_is_an_option(d: Decision) -> Truth:
    p = d.patient
    short_life = known(p.state(LIFE_EXPECTANCY, d.idx), lambda days: days < 183)
    return and_(
        or_(one_of(d.bone, *LONG_BONES), d.row["organs_at_risk_excluded"]),
        or_(short_life, p.state("difficult_to_mobilise", d.idx)),
    )


@rule("G1-3.5.4-04", "radiotherapy_course", "radiotherapy", "P")
def thirty_grays_after_surgery(d: Decision) -> Case:
    return Case(
        applies=is_postoperative(d),
        met=schedule(d.row, (30, 10)),
        exceptions={"single_fraction_option": and_(schedule(d.row, (8, 1)), single_fraction_is_an_option(d))},
    )


@rule("G1-3.5.4-05", "radiotherapy_course", "radiotherapy", "P")
def one_fraction_after_surgery(d: Decision) -> Case:
    discussed = d.patient.met(d.lesion_id, plus(d.idx, -60), d.idx)
    return Case(
        applies=and_(is_postoperative(d), schedule(d.row, (8, 1))),
        met=single_fraction_is_an_option(d),
        flags={"not_discussed"} if discussed is False else set(),
    )


# Ablative stereotactic radiotherapy (3.5.5) --------------------------------------------------------------------------


def is_ablative(d: Decision) -> Truth:
    return and_(one_of(d.row["technique"], "stereotactic"), one_of(d.row["intent"], "ablative"))


@rule("G1-3.5.5-02", "radiotherapy_course", "radiotherapy", "D")
def one_to_three_bone_metastases(d: Decision) -> Case:
    count = d.patient.state("n_bone_metastases", d.idx)
    return Case(applies=is_ablative(d), met=known(count, lambda n: 1 <= n <= 3))


@rule("G1-3.5.5-04", "radiotherapy_course", "radiotherapy", "D")
def no_visceral_metastasis(d: Decision) -> Case:
    none = one_of(d.patient.state("visceral_metastases", d.idx), "none")
    brain = d.patient.state("brain_metastases", d.idx)
    return Case(
        applies=is_ablative(d),
        met=and_(none, not_(brain)),
        ambers={"brain_metastasis": none is not False and brain},
    )


@rule("G1-3.5.5-07", "radiotherapy_course", "radiotherapy", "D", excusable=False)
def no_unstable_vertebra(d: Decision) -> Case:
    p, start = d.patient, plus(d.idx, -60)
    assessment = latest_in(of_lesion(p.rows("spinal_assessments"), d.lesion_id), start, d.idx)
    low, high = score_bounds(None if assessment is None else sins_at(p, assessment))
    met: Truth = None
    if low is not None and high is not None:
        if high <= 6:
            met = True
        elif low >= 13:
            met = False
        elif low >= 7 and high <= 12:
            met = surgical_opinion(p, d.lesion_id, start, d.idx)
    stabilised = p.occurred(
        "procedures",
        plus(d.idx, -365),
        d.idx,
        lambda row: and_(uses(row, "posterior_stabilisation"), on(row, d.lesion_id)),
    )
    return Case(
        applies=and_(is_ablative(d), one_of(d.bone, *SPINE)),
        met=met,
        exceptions={"stabilised_before": stabilised},
        ambers={"opinion_missing": between((low, high), 7, 12)},
    )


def surgical_opinion(p: Patient, lesion_id: str | None, start: date, end: date) -> Truth:
    """A spine surgeon's opinion, or a meeting with a neurosurgeon or an orthopaedic surgeon."""

    def is_opinion(row: Row) -> bool:
        return row["kind"] == "spine_surgery_opinion" and row["lesion_id"] in (None, lesion_id)

    return or_(
        p.occurred("consultations", start, end, is_opinion),
        p.met(lesion_id, start, end, "neurosurgery", "orthopaedics"),
    )


@rule("G1-3.5.5-09", "radiotherapy_course", "radiotherapy", "D", excusable=False)
def three_months_after_an_earlier_course(d: Decision) -> Case:
    earlier = of_lesion(earlier_courses(d), d.lesion_id)
    last = max((row["end_date"] or row["start_date"] for row in earlier), default=None)
    return Case(
        applies=and_(is_ablative(d), irradiated_before(d, plus(d.idx, -90))),
        met=known(last, lambda day: (d.idx - day).days >= 91),
    )


@rule("G1-3.5.5-10", "radiotherapy_course", "radiotherapy", "D", excusable=False)
def three_months_of_life(d: Decision) -> Case:
    expectancy = d.patient.state(LIFE_EXPECTANCY, d.idx)
    return Case(applies=is_ablative(d), met=known(expectancy, lambda days: days >= 91))
