"""Cord compression and the spinal scores (G1 sections 3.5.3 and 3.8)."""

from __future__ import annotations

from .decisions import Decision, between, score_bounds
from .items import Row
from .logic import Truth, and_, not_, or_, plus, within
from .patient import of_lesion, on
from .rule import Case, rule
from .rules_radiotherapy import surgical_opinion


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
    after = any(day > due for day in courses + operations)
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


def operated_within_sixty_days(d: Decision) -> Truth:
    return d.patient.occurred("procedures", d.idx, plus(d.idx, 60), lambda row: spinal_surgery(d, row))


def mdt_chose_surgery(d: Decision) -> bool:
    return d.patient.last_mdt_decision(d.lesion_id, plus(d.idx, -60), plus(d.idx, 60)) == "surgery"


def neurological_deficit(d: Decision) -> Truth:
    """Frankel E, or no grade with no motor deficit, is no deficit; a recorded deficit always counts."""
    grade, deficit = d.row["frankel"], d.row["motor_deficit"]
    if deficit or (grade is not None and grade != "E"):
        return True
    return None if grade is None and deficit is None else False


@rule("G1-3.8.5-03", "spinal_assessment", "spine", "P")
def no_operation_up_to_tokuhashi_eight(d: Decision) -> Case | None:
    if "tokuhashi" not in d.opens:
        return None
    return Case(
        applies=between(score_bounds(d.scores["tokuhashi"]), 0, 8),
        met=not_(operated_within_sixty_days(d)),
        exceptions={
            "sins_unstable": between(score_bounds(d.scores["sins"]), 13, 18),
            "neurological_deficit": neurological_deficit(d),
        },
        mdt_against=mdt_chose_surgery(d),
    )


@rule("G1-3.8.5-07", "spinal_assessment", "spine", "P")
def no_operation_from_tomita_eight(d: Decision) -> Case | None:
    if "tomita" not in d.opens:
        return None
    p = d.patient
    days = [row["date"] for row in p.acts("procedures", d.idx, plus(d.idx, 60)) if spinal_surgery(d, row)]
    discussed = p.met(d.lesion_id, plus(d.idx, -60), min(days)) if days else None
    return Case(
        applies=between(score_bounds(d.scores["tomita"]), 8, 10),
        met=not_(operated_within_sixty_days(d)),
        exceptions={"rcp_zone": and_(between(score_bounds(d.scores["tomita"]), 8, 8), discussed)},
        mdt_against=mdt_chose_surgery(d),
    )
