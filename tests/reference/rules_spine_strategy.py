"""The surgical strategy of the spine by Tokuhashi and Tomita, and how it is decided (G1 section 3.8.5)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision, between, latest_in, score_bounds
from .items import Row
from .logic import Truth, and_, holds, known, not_, one_of, or_, plus
from .patient import discusses, is_surgery, of_lesion, on
from .rule import Case, rule
from .rules_procedures import life_expectancy, met_before
from .rules_radiotherapy import SPINE
from .rules_spine import has_deficit, spinal_surgery
from .scores import tokuhashi_at, tomita_at

KIND = {
    "none": "palliative",
    "palliative": "palliative",
    "intralesional": "intralesional",
    "en_bloc": "en_bloc",
    "oncological": "en_bloc",
}
AGAINST_SURGERY = ("radiotherapy", "interventional", "systemic", "supportive", "surveillance")


# What was done and what the tables accept ----------------------------------------------------------------------------


def kind_of(operation: Row) -> str | None:
    return None if operation["resection_extent"] is None else KIND[operation["resection_extent"]]


def operations_that_may_be_of_the_lesion(d: Decision) -> list[Row]:
    rows = d.patient.acts("procedures", d.idx, plus(d.idx, 60))
    return [row for row in rows if spinal_surgery(d, row) is not False]


def operated(d: Decision) -> Truth:
    return d.patient.occurred("procedures", d.idx, plus(d.idx, 60), lambda row: spinal_surgery(d, row))


def kind(d: Decision) -> str | None:
    """The most extensive operation on the lesion, unless one that is not known may have been more extensive."""
    if operated(d) is not True:
        return None
    rows = operations_that_may_be_of_the_lesion(d)
    on_lesion = {kind_of(row) for row in rows if row["lesion_id"] is not None}
    perhaps = {kind_of(row) for row in rows if row["lesion_id"] is None}
    if "en_bloc" in on_lesion:
        return "en_bloc"
    if "en_bloc" in perhaps or None in on_lesion | perhaps:
        return None
    if "intralesional" in on_lesion:
        return "intralesional"
    return None if "intralesional" in perhaps else "palliative"


def operated_as(d: Decision, *kinds: str) -> Truth:
    return and_(operated(d), one_of(kind(d), *kinds))


def tokuhashi_accepts(d: Decision) -> Truth:
    bounds = score_bounds(d.scores["tokuhashi"])
    return or_(
        and_(not_(operated(d)), between(bounds, 0, 8)),
        and_(operated_as(d, "palliative"), between(bounds, 9, 11)),
        and_(operated_as(d, "intralesional", "en_bloc"), between(bounds, 12, 15)),
    )


def tomita_accepts(d: Decision) -> Truth:
    bounds = score_bounds(d.scores["tomita"])
    return or_(
        and_(not_(operated(d)), between(bounds, 8, 10)),
        and_(operated_as(d, "palliative"), between(bounds, 6, 7)),
        and_(operated_as(d, "intralesional"), between(bounds, 4, 5)),
        and_(operated_as(d, "en_bloc"), between(bounds, 2, 3)),
    )


def operation_dates(d: Decision) -> list[date]:
    """Days of the recorded operations on the spinal lesion from the decision on."""
    rows = of_lesion(d.patient.rows("procedures"), d.lesion_id)
    return [row["date"] for row in rows if spinal_surgery(d, row) and row["date"] >= d.idx]


def discussed(d: Decision) -> Truth:
    until = min([plus(d.idx, 60), *operation_dates(d)])
    return d.patient.met(d.lesion_id, plus(d.idx, -60), until)


def mdt_decision(d: Decision) -> str | None:
    return d.patient.last_mdt_decision(d.lesion_id, plus(d.idx, -60), plus(d.idx, 60))


# The rows of the tables ----------------------------------------------------------------------------------------------


def surgery_asked_for(d: Decision, score: str, lowest: int, highest: int, *kinds: str) -> Case | None:
    """A row of a table that asks for one kind of surgery."""
    if score not in d.opens:
        return None
    limit = plus(d.idx, 60)
    chosen = any(day <= limit for day in operation_dates(d))
    rows = of_lesion(d.patient.rows("procedures"), d.lesion_id)
    other = tomita_accepts(d) if score == "tokuhashi" else tokuhashi_accepts(d)
    return Case(
        applies=between(score_bounds(d.scores[score]), lowest, highest),
        met=operated_as(d, *kinds),
        due=None if chosen else limit,
        observed=("procedures",),
        late=any(spinal_surgery(d, row) and kind_of(row) in kinds and row["date"] > limit for row in rows),
        exceptions={"other_score": and_(other, discussed(d))},
        mdt_against=mdt_decision(d) in AGAINST_SURGERY,
    )


@rule("G1-3.8.5-01", "spinal_assessment", "spine", "P")
def excisional_surgery_from_tokuhashi_twelve(d: Decision) -> Case | None:
    return surgery_asked_for(d, "tokuhashi", 12, 15, "en_bloc", "intralesional")


@rule("G1-3.8.5-02", "spinal_assessment", "spine", "P")
def palliative_surgery_from_tokuhashi_nine_to_eleven(d: Decision) -> Case | None:
    return surgery_asked_for(d, "tokuhashi", 9, 11, "palliative")


@rule("G1-3.8.5-03", "spinal_assessment", "spine", "P")
def no_operation_up_to_tokuhashi_eight(d: Decision) -> Case | None:
    if "tokuhashi" not in d.opens:
        return None
    return Case(
        applies=between(score_bounds(d.scores["tokuhashi"]), 0, 8),
        met=not_(operated(d)),
        exceptions={
            "sins_unstable": between(score_bounds(d.scores["sins"]), 13, 18),
            "neurological_deficit": has_deficit(d.row["frankel"], d.row["motor_deficit"]),
            "other_score": and_(tomita_accepts(d), discussed(d)),
        },
        mdt_against=mdt_decision(d) == "surgery",
    )


@rule("G1-3.8.5-04", "spinal_assessment", "spine", "P")
def en_bloc_resection_up_to_tomita_three(d: Decision) -> Case | None:
    return surgery_asked_for(d, "tomita", 2, 3, "en_bloc")


@rule("G1-3.8.5-05", "spinal_assessment", "spine", "P")
def intralesional_resection_at_tomita_four_or_five(d: Decision) -> Case | None:
    return surgery_asked_for(d, "tomita", 4, 5, "intralesional")


@rule("G1-3.8.5-06", "spinal_assessment", "spine", "P")
def palliative_surgery_at_tomita_six_or_seven(d: Decision) -> Case | None:
    return surgery_asked_for(d, "tomita", 6, 7, "palliative")


@rule("G1-3.8.5-07", "spinal_assessment", "spine", "P")
def no_operation_from_tomita_eight(d: Decision) -> Case | None:
    if "tomita" not in d.opens:
        return None
    p = d.patient
    days = [row["date"] for row in p.acts("procedures", d.idx, plus(d.idx, 60)) if spinal_surgery(d, row)]
    before_surgery = p.met(d.lesion_id, plus(d.idx, -60), min(days)) if days else None
    return Case(
        applies=between(score_bounds(d.scores["tomita"]), 8, 10),
        met=not_(operated(d)),
        exceptions={
            "rcp_zone": and_(between(score_bounds(d.scores["tomita"]), 8, 8), before_surgery),
            "other_score": and_(tokuhashi_accepts(d), discussed(d)),
        },
        mdt_against=mdt_decision(d) == "surgery",
    )


# How it is decided ---------------------------------------------------------------------------------------------------


@rule("G1-3.8.5-08", "procedure", "spine", "P")
def both_scores_before_an_operation(d: Decision) -> Case | None:
    if d.row["category"] != "spinal_surgery":
        return None
    p, start = d.patient, plus(d.idx, -60)

    def quotes_both(meeting: Row) -> Truth:
        quoted = meeting["scores_presented"]
        return discusses(meeting, d.lesion_id) and and_(holds(quoted, "tokuhashi"), holds(quoted, "tomita"))

    assessed = p.occurred("spinal_assessments", start, d.idx, lambda row: on(row, d.lesion_id))
    latest = latest_in(of_lesion(p.rows("spinal_assessments"), d.lesion_id), start, d.idx)
    totals = [] if latest is None else [score(p, latest)["total"] for score in (tokuhashi_at, tomita_at)]
    scored = True if totals and None not in totals else None
    return Case(
        applies=True,
        met=or_(p.occurred("mdt_meetings", start, d.idx, quotes_both), and_(assessed, scored)),
    )


@rule("G1-3.8.5-09", "procedure", "spine", "D")
def a_year_of_life_for_a_heavy_resection(d: Decision) -> Case | None:
    if d.row["category"] != "spinal_surgery" or d.row["intent"] == "palliative":
        return None
    return Case(
        applies=or_(
            one_of(d.row["resection_extent"], "en_bloc", "oncological"),
            one_of(d.row["technique"], "resection_reconstruction"),
        ),
        met=known(life_expectancy(d), lambda days: days > 365),
    )


@rule("G1-3.8.5-10", "spinal_treatment", "spine", "D")
def meeting_before_a_local_treatment(d: Decision) -> Case:
    in_time, earlier = met_before(d)
    met_after = d.patient.met(d.lesion_id, plus(d.idx, 1), plus(d.idx, 14))
    course = "course_id" in d.row
    if course:
        urgent = and_(d.row["emergency"], one_of(d.row["intent"], "decompressive"))
    else:
        pressing = d.row["urgency"] in ("emergency", "relative_emergency")
        urgent = and_(pressing, one_of(d.row["intent"], "decompression"))
    return Case(
        applies=or_(not course and d.row["category"] == "spinal_surgery", one_of(d.bone, *SPINE)),
        met=in_time,
        late=earlier,
        exceptions={"urgent_decompression": and_(urgent, met_after)},
        ambers={"not_surgical": course or not is_surgery(d.row)},
    )


@rule("G1-3.8.5-11", "spinal_assessment", "spine", "D")
def scores_quoted_in_a_meeting(d: Decision) -> Case | None:
    if not any(score in d.opens and d.scores[score]["total"] is not None for score in ("tokuhashi", "tomita")):
        return None
    p, due = d.patient, plus(d.idx, 60)

    def quotes_one(meeting: Row) -> Truth:
        return discusses(meeting, d.lesion_id) and holds(meeting["scores_presented"], "tokuhashi", "tomita")

    return Case(
        applies=True,
        met=p.occurred("mdt_meetings", plus(d.idx, -60), due, quotes_one),
        due=due,
        observed=("mdt_meetings",),
        late=any(quotes_one(row) and row["date"] > due for row in p.rows("mdt_meetings")),
        ambers={"no_meeting": not p.meetings(d.lesion_id, plus(d.idx, -60), due)},
    )
