"""Cord compression, the first work-up of the spine, its stability and operations (G1 sections 3.5.3, 3.8 and 3.8.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .decisions import Decision, between, latest_in, score_bounds
from .items import Row
from .logic import Truth, and_, one_of, or_, plus, within
from .patient import latest_recorded, of_lesion, on
from .rule import Case, rule
from .rules_radiotherapy import compressed, excused_from_postoperative_radiotherapy, surgical_opinion
from .scores import rades_at_course


def spinal_surgery(d: Decision, row: Row) -> Truth:
    return and_(row["category"] == "spinal_surgery", on(row, d.lesion_id))


@rule("G1-3.5.3-01", "cord_compression", "radiotherapy", "P")
def treatment_within_two_days(d: Decision) -> Case:
    p, limit = d.patient, plus(d.idx, 2)
    courses = [row["start_date"] for row in of_lesion(p.rows("radiotherapy_courses"), d.lesion_id)]
    operations = [row["date"] for row in p.rows("procedures") if spinal_surgery(d, row)]
    operation = min((day for day in operations if day >= d.idx), default=None)
    operated_in_time = within(operation, d.idx, limit)
    due = plus(operation, 28) if operation is not None and operated_in_time else limit
    irradiated = p.occurred("radiotherapy_courses", d.idx, limit, lambda row: on(row, d.lesion_id))
    operated = p.occurred("procedures", d.idx, limit, lambda row: spinal_surgery(d, row))
    # The day of an operation that may only have been done is not known: its radiotherapy may start on any day allowed.
    after_operation = (plus(operation, 1), due) if operated_in_time and operation else (plus(d.idx, 1), plus(limit, 28))
    then_irradiated = p.occurred("radiotherapy_courses", *after_operation, lambda row: on(row, d.lesion_id))
    course = min((day for day in courses if day >= d.idx), default=None)
    after = any(first is not None and first > limit for first in (course, operation))
    return Case(
        applies=True,
        # Radiotherapy in time after an operation in time meets the second form, so that the order need not be known.
        met=or_(irradiated, and_(operated, then_irradiated)),
        due=due,
        observed=("radiotherapy_courses", "procedures"),
        late=after,
    )


@rule("G1-3.8.1-01", "spinal_assessment", "spine", "D")
def surgical_opinion_from_seven(d: Decision) -> Case | None:
    if "sins" not in d.opens:
        return None
    p, score = d.patient, d.scores["sins"]
    due = plus(d.idx, 2 if score["total_min"] >= 13 else 14)
    after = surgical_opinion(p, d.lesion_id, plus(due, 1), p.last_event or due) is True
    return Case(
        applies=between(score_bounds(score), 7, 18),
        met=surgical_opinion(p, d.lesion_id, plus(d.idx, -14), due),
        due=due,
        observed=("consultations", "mdt_meetings"),
        late=after,
    )


def has_deficit(grade: str | None, deficit: bool | None) -> Truth:
    """Frankel E, or no grade with no motor deficit, is no deficit; a recorded deficit always counts."""
    if deficit or (grade is not None and grade != "E"):
        return True
    return None if grade is None and deficit is None else False


# First work-up (3.8) -------------------------------------------------------------------------------------------------


@rule("G1-3.8-02", "spine_patient", "spine", "P")
def pain_and_neurology_assessed(d: Decision) -> Case:
    p, start, due = d.patient, plus(d.idx, -30), plus(d.idx, 30)

    def on_scale(row: Row) -> Truth:
        return None if row["pain_nrs"] is None else True

    def in_terms_of_sins(row: Row) -> bool:
        return row["sins_pain"] is not None

    def examined(row: Row) -> Truth:
        return or_(row["frankel"] is not None, row["neurological_exam_done"])

    def seen(table: str, test: Callable[[Row], Truth]) -> bool:
        return any(test(row) and row["date"] >= start for row in p.rows(table))

    pain = or_(
        p.occurred("clinical_assessments", start, due, on_scale),
        any(in_terms_of_sins(row) for row in p.acts("spinal_assessments", start, due)),
    )
    pain_seen = seen("clinical_assessments", on_scale) or seen("spinal_assessments", in_terms_of_sins)
    return Case(
        applies=True,
        met=and_(pain, p.occurred("spinal_assessments", start, due, examined)),
        due=due,
        observed=("clinical_assessments", "spinal_assessments"),
        late=pain_seen and seen("spinal_assessments", examined),
    )


@rule("G1-3.8-04", "spine_patient", "spine", "P")
def sagittal_reconstructions_of_the_ct(d: Decision) -> Case:
    p, due = d.patient, plus(d.idx, 30)

    def reconstructed(row: Row) -> Truth:
        shows_spine = one_of(row["region"], "chest_abdomen_pelvis", "whole_body", "spine")
        return and_(row["modality"] == "ct", shows_spine, row["sagittal_reconstruction"])

    return Case(
        applies=True,
        met=p.occurred("imaging_exams", plus(d.idx, -30), due, reconstructed),
        due=due,
        observed=("imaging_exams",),
        late=any(reconstructed(row) and row["date"] > due for row in p.rows("imaging_exams")),
    )


# Operations on the spine (3.8) ---------------------------------------------------------------------------------------


@rule("G1-3.8-01", "procedure", "spine", "P")
def decompression_as_soon_as_the_deficit_appears(d: Decision) -> Case | None:
    if d.row["category"] != "spinal_surgery":
        return None
    p, start = d.patient, plus(d.idx, -60)
    rows = of_lesion(p.rows("spinal_assessments"), d.lesion_id)
    recorded_onset = latest_recorded(rows, "motor_deficit_onset_date", start, d.idx)
    onset: date | None = None if recorded_onset is None else recorded_onset["motor_deficit_onset_date"]
    days = None if onset is None else (d.idx - onset).days
    earlier = [row["date"] for row in of_lesion(p.rows("procedures"), d.lesion_id) if spinal_surgery(d, row)]
    again = onset is not None and any(onset <= day < d.idx for day in earlier)
    rades = rades_at_course(p, {"start_date": d.idx, "lesion_id": d.lesion_id})
    return Case(
        applies=and_(compressed(d), deficit_before(d), not again),
        met=None if days is None or days < 0 else days <= 2,
        exceptions={"rades_group_1": between(score_bounds(rades), 21, 28)},
    )


def deficit_before(d: Decision) -> Truth:
    """The deficit at the latest assessment of the lesion in the 60 days before that says anything about it."""
    rows = [
        row
        for row in of_lesion(d.patient.rows("spinal_assessments"), d.lesion_id)
        if row["frankel"] is not None or row["motor_deficit"] is not None
    ]
    latest = latest_in(rows, plus(d.idx, -60), d.idx)
    return None if latest is None else has_deficit(latest["frankel"], latest["motor_deficit"])


@rule("G1-3.8-05", "procedure", "spine", "D")
def radiotherapy_of_the_surgical_bed(d: Decision) -> Case | None:
    if d.row["category"] != "spinal_surgery":
        return None
    p, start, due = d.patient, plus(d.idx, 1), plus(d.idx, 60)

    def follows(course: Row) -> Truth:
        return or_(course["linked_procedure_id"] == d.entity_id, on(course, d.lesion_id))

    def on_bed(course: Row) -> Truth:
        return and_(follows(course), one_of(course["target_volume"], "surgical_bed"))

    courses = p.rows("radiotherapy_courses")
    return Case(
        applies=True,
        met=p.occurred("radiotherapy_courses", start, due, on_bed),
        due=due,
        observed=("radiotherapy_courses",),
        late=any(
            follows(row) and row["target_volume"] in ("surgical_bed", None) and row["start_date"] > due
            for row in courses
        ),
        exceptions=excused_from_postoperative_radiotherapy(d),
        ambers={
            "other_volume": any(
                follows(row) is not False
                and row["target_volume"] in ("lesion", "whole_bone")
                and within(row["start_date"], start, due)
                for row in courses
            )
        },
    )
