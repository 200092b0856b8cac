"""Long bones: Mirels and fractures (G1 section 3.5.2, G2 section 2.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .decisions import Decision, between, score_bounds
from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus, within
from .patient import is_fixation, of_lesion, on
from .rule import Case, rule

LIMB_BONES = (
    "femur",
    "tibia",
    "fibula",
    "humerus",
    "radius",
    "ulna",
    "metacarpal",
    "metatarsal",
    "phalanx",
    "carpus",
    "tarsus",
    "patella",
)
PERIPHERAL_BONES = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")


def unfractured(d: Decision) -> Truth:
    return one_of(d.row["fracture_status"], "none", "impending")


def mirels_lies(d: Decision, lowest: int, highest: int) -> Truth:
    """Whether Mirels certainly lies in a range; never where the bone has no site class."""
    score = d.scores["mirels"]
    if "no_site_class" in score["flags"]:
        return False
    return between(score_bounds(score), lowest, highest)


def fixations(d: Decision) -> list[Row]:
    """Fixations recorded on this very lesion."""
    return [row for row in of_lesion(d.patient.rows("procedures"), d.lesion_id) if is_fixation(row)]


def any_intent(row: Row) -> Truth:
    return True


def fixed(d: Decision, last_day: date, intended: Callable[[Row], Truth] = any_intent) -> Truth:
    """Whether a fixation with that intent occurred from idx to a day."""
    return d.patient.occurred(
        "procedures",
        d.idx,
        last_day,
        lambda row: and_(is_fixation(row), on(row, d.lesion_id), intended(row)),
    )


def short_life(d: Decision) -> Truth:
    return known(d.patient.state("life_expectancy_days", d.idx), lambda days: days < 42)


@rule("G1-3.5.2-02", "lesion_assessment", "limb_surgery", "P")
def no_prophylactic_fixation_up_to_seven(d: Decision) -> Case:
    last_day = plus(d.idx, 60)
    if d.next_idx is not None:
        last_day = min(last_day, plus(d.next_idx, -1))
    return Case(
        applies=and_(unfractured(d), mirels_lies(d, 4, 7)),
        met=not_(fixed(d, last_day, lambda row: one_of(row["intent"], "preventive"))),
    )


@rule("G1-3.5.2-03", "lesion_assessment", "limb_surgery", "D")
def meeting_at_eight(d: Decision) -> Case:
    p, limit = d.patient, plus(d.idx, 60)
    assert d.lesion_id is not None
    treated = min((day for day in p.local_treatment_dates(d.lesion_id) if day >= d.idx), default=None)
    due = limit if treated is None else min(limit, treated)
    meetings = [row["date"] for row in p.rows("mdt_meetings") if d.lesion_id in (row["lesion_ids"] or [d.lesion_id])]
    first_after = min((day for day in meetings if day > limit), default=None)
    after = first_after is not None and (treated is None or treated >= first_after)
    return Case(
        applies=and_(unfractured(d), mirels_lies(d, 8, 8)),
        met=p.met(d.lesion_id, plus(d.idx, -60), due),
        due=due,
        observed=("mdt_meetings",),
        late=after,
    )


def not_for_a_fracture(row: Row) -> bool:
    return row["intent"] != "fracture"


@rule("G1-3.5.2-04", "lesion_assessment", "limb_surgery", "D")
def prophylactic_fixation_from_nine(d: Decision) -> Case | None:
    if d.bone not in ("femur", "tibia", "humerus"):
        return None
    p, limit = d.patient, plus(d.idx, 30)
    broken = next_fracture(d)
    due = limit if broken is None else min(limit, broken)
    days = [row["date"] for row in fixations(d) if not_for_a_fracture(row)]
    decision = p.last_mdt_decision(d.lesion_id, plus(d.idx, -60), limit)
    return Case(
        applies=and_(unfractured(d), mirels_lies(d, 9, 12)),
        met=fixed(d, due, not_for_a_fracture),
        due=due,
        observed=("procedures",),
        late=any(day > limit and (broken is None or broken >= day) for day in days),
        exceptions={
            "life_expectancy_under_6_weeks": short_life(d),
            "unfit_for_anaesthesia": not_(p.state("fit_for_anaesthesia", d.idx)),
        },
        ambers={"fracture_while_waiting": within(broken, d.idx, limit)},
        mdt_against=decision in ("radiotherapy", "systemic", "supportive", "surveillance"),
    )


def next_fracture(d: Decision) -> date | None:
    """The first fracture of the lesion after the decision, as dated at any of its assessments."""
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    days = [row["fracture_date"] for row in rows if row["fracture_date"] is not None]
    return min((day for day in days if day > d.idx), default=None)


@rule("G2-2.2-01", "lesion_assessment", "limb_surgery", "P")
def fixation_of_a_fracture(d: Decision) -> Case | None:
    if d.bone not in LIMB_BONES:
        return None
    p, due = d.patient, plus(d.idx, 30)
    after = any(row["date"] > due for row in fixations(d))
    irradiated = p.occurred("radiotherapy_courses", d.idx, plus(d.idx, 60), lambda row: on(row, d.lesion_id))
    return Case(
        applies=one_of(d.row["fracture_status"], "pathological_fracture"),
        met=fixed(d, due),
        due=due,
        observed=("procedures",),
        late=after,
        exceptions={
            "unfit": or_(
                not_(p.state("fit_for_surgery", d.idx)),
                not_(p.state("fit_for_anaesthesia", d.idx)),
            ),
            "life_expectancy_under_6_weeks": short_life(d),
            "peripheral_bone_irradiated": and_(d.bone in PERIPHERAL_BONES, irradiated),
        },
    )
