"""Whether to treat a lesion locally: pain, long bones at risk, fractures, a short life (G1 3.5.1, 3.5.2; G2 1, 2.1 to 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .decisions import Decision, between, is_fractured, latest_in, pains, score_bounds
from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus, within
from .patient import SURGERY, discusses, latest_recorded, of_lesion, on, uses
from .rule import Case, rule
from .rules_lesions import (
    LIMB_BONES,
    PERIPHERAL_BONES,
    any_intent,
    fixations,
    fixed,
    mirels_lies,
    not_for_a_fracture,
    short_life,
    unfractured,
)
from .scores import sins_at


def latest(d: Decision, table: str, column: str, days: int = 60) -> object:
    """The latest recorded value of a column of the decision's lesion."""
    row = latest_recorded(of_lesion(d.patient.rows(table), d.lesion_id), column, plus(d.idx, -days), d.idx)
    return None if row is None else row[column]


def broken(d: Decision) -> Truth:
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    if any(is_fractured(row) and row["date"] <= d.idx for row in rows):
        return True
    return None if latest(d, "lesion_assessments", "fracture_status") is None else False


def names_both(d: Decision, start: date, end: date) -> Truth:
    """Whether a meeting on the lesion discussed radiotherapy and surgery."""

    def test(row: Row) -> Truth:
        if not discusses(row, d.lesion_id):
            return False
        return known(row["options_discussed"], lambda named: {"radiotherapy", "surgery"} <= set(named))

    return d.patient.occurred("mdt_meetings", start, end, test)


def before(d: Decision, table: str, provable_from: date, test: Callable[[Row], bool]) -> Truth:
    """Whether an act on the lesion came at any time before the decision."""
    day = "start_date" if table == "radiotherapy_courses" else "date"
    answers = [on(row, d.lesion_id) for row in d.patient.rows(table) if row[day] < d.idx and test(row)]
    return or_(*answers, False if d.patient.provable(table, provable_from) else None)


# Painful lesions -----------------------------------------------------------------------------------------------------


def is_spinal(d: Decision) -> bool:
    return d.bone in ("vertebra", "sacrum")


def complicated(d: Decision) -> Truth:
    """Fractured, about to break, compressing the cord or unstable."""
    compression = latest(d, "spinal_assessments", "cord_compression")
    spinal = latest_in(of_lesion(d.patient.rows("spinal_assessments"), d.lesion_id), plus(d.idx, -60), d.idx)
    sins = score_bounds(None if spinal is None else sins_at(d.patient, spinal))
    return or_(
        broken(d),
        mirels_lies(d, 9, 12),
        known(compression, lambda seen: seen != "none") if is_spinal(d) else False,
        between(sins, 13, 18) if is_spinal(d) else False,
    )


def other_treatment(row: Row) -> bool:
    return row["category"] in (*SURGERY, "interventional_radiology")


@rule("G1-3.5.1-01", "painful_lesion", "radiotherapy", "P")
def radiotherapy_first_for_refractory_pain(d: Decision) -> Case | None:
    if "refractory" not in d.opens:
        return None
    p, limit = d.patient, plus(d.idx, 60)
    others = [r["date"] for r in of_lesion(p.rows("procedures"), d.lesion_id) if other_treatment(r)]
    other = min((day for day in others if day >= d.idx), default=None)
    courses = [r["start_date"] for r in of_lesion(p.rows("radiotherapy_courses"), d.lesion_id)]
    course = min((day for day in courses if day >= d.idx), default=None)
    due = limit if other is None else min(limit, other)
    met = p.occurred("radiotherapy_courses", d.idx, due, lambda row: on(row, d.lesion_id))
    if met and course is not None:
        met = not_(
            p.occurred(
                "procedures", d.idx, plus(course, -1), lambda row: and_(other_treatment(row), on(row, d.lesion_id))
            )
        )
    return Case(
        applies=and_(
            pains(d.row)["refractory"],
            not_(latest(d, "lesion_assessments", "ir_accessible")),  # type: ignore[arg-type]
            not_(complicated(d)),
            not_(before(d, "radiotherapy_courses", d.idx, lambda row: True)),
        ),
        met=met,
        due=due,
        observed=("radiotherapy_courses",),
        late=course is not None and course > limit and (other is None or other >= course),
    )


def happened(d: Decision, table: str, test: Callable[[Row], Truth], days: int = 60) -> Truth:
    return d.patient.occurred(table, d.idx, plus(d.idx, days), lambda row: and_(test(row), on(row, d.lesion_id)))


def first_known(*options: tuple[str, Truth], otherwise: str = "none") -> str | None:
    """The first option that is true; none where one that comes before is not known."""
    for name, truth in options:
        if truth is None:
            return None
        if truth:
            return name
    return otherwise


@rule("G2-2.1-01", "painful_lesion", "limb_surgery", "O")
def treatment_of_limiting_pain(d: Decision) -> Case | None:
    if "limiting" not in d.opens or d.bone not in LIMB_BONES:
        return None
    return Case(
        applies=and_(pains(d.row)["limiting"], not_(broken(d))),
        option=first_known(
            ("surgery", fixed(d, plus(d.idx, 60), not_for_a_fracture)),
            ("radiotherapy", happened(d, "radiotherapy_courses", lambda row: True)),
            ("interventional", happened(d, "procedures", lambda row: row["category"] == "interventional_radiology")),
        ),
    )


@rule("G2-2.3-01", "painful_lesion", "limb_surgery", "P")
def surgery_of_disabling_pain(d: Decision) -> Case | None:
    if "disabling" not in d.opens or d.bone not in LIMB_BONES:
        return None
    p, due = d.patient, plus(d.idx, 60)
    pain = pains(d.row)
    cemented = before(d, "procedures", plus(d.idx, -183), lambda row: uses(row, "cementoplasty"))
    return Case(
        applies=and_(
            pain["disabling"],
            pain["refractory"],
            not_(broken(d)),
            or_(cemented, not_(latest(d, "lesion_assessments", "ir_accessible"))),  # type: ignore[arg-type]
        ),
        met=fixed(d, due, not_for_a_fracture),
        due=due,
        observed=("procedures",),
        late=any(row["date"] > due and not_for_a_fracture(row) for row in fixations(d)),
        exceptions={
            "life_expectancy_under_6_weeks": short_life(d),
            "unfit": or_(not_(p.state("fit_for_surgery", d.idx)), not_(p.state("fit_for_anaesthesia", d.idx))),
        },
    )


# Long bones and fractures --------------------------------------------------------------------------------------------


def first_local_treatment(d: Decision) -> date | None:
    assert d.lesion_id is not None
    return min((day for day in d.patient.local_treatment_dates(d.lesion_id) if day >= d.idx), default=None)


@rule("G1-3.5.2-01", "lesion_assessment", "limb_surgery", "P")
def both_options_discussed(d: Decision) -> Case:
    limit, treated = plus(d.idx, 60), first_local_treatment(d)
    due = limit if treated is None else min(limit, treated)
    later = [
        row["date"]
        for row in d.patient.rows("mdt_meetings")
        if row["date"] > limit
        and discusses(row, d.lesion_id)
        and {"radiotherapy", "surgery"} <= set(row["options_discussed"] or ())
    ]
    return Case(
        applies=and_(
            unfractured(d),
            "no_site_class" not in d.scores["mirels"]["flags"],
            or_(mirels_lies(d, 8, 12), one_of(d.row["fracture_status"], "impending")),
        ),
        met=names_both(d, plus(d.idx, -60), due),
        due=due,
        observed=("mdt_meetings",),
        late=bool(later) and (treated is None or treated >= min(later)),
    )


def is_percutaneous(row: Row) -> Truth:
    if row["category"] == "interventional_radiology" or row["approach"] == "percutaneous":
        return True
    if uses(row, "percutaneous_screw", "percutaneous_nail"):
        return True
    return None if row["technique"] is None and row["approach"] is None else False


@rule("G1-3.5.2-05", "lesion_assessment", "limb_surgery", "O")
def way_of_the_fixation(d: Decision) -> Case:
    limit, treated = plus(d.idx, 60), first_local_treatment(d)
    discussed = d.patient.met(d.lesion_id, plus(d.idx, -60), limit if treated is None else min(limit, treated))
    happened_at_all = fixed(d, limit, not_for_a_fracture)
    rows = [row for row in fixations(d) if within(row["date"], d.idx, limit) and not_for_a_fracture(row)]
    first = min(rows, key=lambda r: (r["date"], r["procedure_id"]), default=None)
    option: str | None = "none" if happened_at_all is False else None
    if first is not None:
        cement = uses(first, "cementoplasty") or bool(first["cement_added"])
        names = {True: "percutaneous_with_cement" if cement else "percutaneous", False: "open_surgery", None: None}
        option = names[is_percutaneous(first)]
    return Case(
        applies=and_(unfractured(d), or_(mirels_lies(d, 9, 12), and_(mirels_lies(d, 8, 12), discussed))), option=option
    )


@rule("G2-2.2-02", "lesion_assessment", "limb_surgery", "D")
def reason_to_leave_a_fracture(d: Decision) -> Case | None:
    if d.bone not in LIMB_BONES:
        return None
    p, due = d.patient, plus(d.idx, 30)
    window = (-60, 30)
    irradiated = happened(d, "radiotherapy_courses", lambda row: True)
    return Case(
        applies=and_(one_of(d.row["fracture_status"], "pathological_fracture"), not_(fixed(d, due, any_intent))),
        met=or_(
            not_(p.state("fit_for_surgery", d.idx, window)),
            not_(p.state("fit_for_anaesthesia", d.idx, window)),
            known(p.state("life_expectancy_days", d.idx, window), lambda days: days < 42),
        ),
        due=due,
        observed=("procedures", "clinical_assessments"),
        late=any(row["date"] > due for row in fixations(d)),
        exceptions={"peripheral_bone_irradiated": and_(d.bone in PERIPHERAL_BONES, irradiated)},
    )


@rule("G2-2.2-03", "lesion_assessment", "limb_surgery", "O")
def delay_of_the_stabilisation(d: Decision) -> Case | None:
    if d.bone not in LIMB_BONES:
        return None
    delays = {"two_days": 2, "a_week": 7, "thirty_days": 30}
    return Case(
        applies=one_of(d.row["fracture_status"], "pathological_fracture"),
        option=first_known(*((name, fixed(d, plus(d.idx, days), any_intent)) for name, days in delays.items())),
    )


# A short life --------------------------------------------------------------------------------------------------------


@rule("G2-1-06", "short_life_expectancy", "care_pathway", "D")
def effective_analgesia(d: Decision) -> Case:
    p = d.patient
    scored = [r["date"] for r in p.rows("clinical_assessments") if r["pain_nrs"] is not None and r["date"] > d.idx]
    following = min(scored, default=None)
    soon = following is not None and following <= plus(d.idx, 14)
    day = following if soon and following is not None else d.idx
    pain = p.state("pain_nrs", day, (0, 0))
    controlled = known(pain, lambda score: score <= 4)
    prescribed = any(
        row["drug"] in ("opioid", "analgesic")
        and row["start_date"] <= day
        and (row["stop_date"] is None or row["stop_date"] >= d.idx)
        for row in p.rows("drug_prescriptions")
    )
    given = prescribed or p.state("on_analgesics", day, (0, 0)) is True
    return Case(
        applies=True,
        met=controlled if soon or controlled else None,
        ambers={"analgesia_not_enough": given},
    )
