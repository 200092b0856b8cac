"""Which rows open a decision, per grain (docs/measures.md section 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from .items import Row
from .logic import Truth, and_, one_of, or_, within
from .patient import Patient, is_compression, is_fixation, of_lesion
from .scores import mirels_at, sins_at, tokuhashi_at, tomita_at


@dataclass
class Decision:
    """One thing that is judged. `row` is its own row (the first dose of a course of antiresorptives)."""

    grain: str
    patient: Patient
    idx: date
    row: Row = field(default_factory=dict)
    entity_id: str = ""
    lesion_id: str | None = None
    next_idx: date | None = None
    scores: dict[str, Row] = field(default_factory=dict)
    opens: frozenset[str] = frozenset()
    doses: list[Row] = field(default_factory=list)

    @property
    def bone(self) -> str | None:
        return self.patient.bone(self.lesion_id)


def decisions(patient: Patient) -> list[Decision]:
    """All decisions of a patient of the cohort, of whatever date."""
    found = [*discoveries(patient), *antiresorptive_courses(patient), *events(patient)]
    found += short_lives(patient)
    for lesion_id in patient.lesions:
        found += lesion_decisions(patient, lesion_id)
        found += spinal_decisions(patient, lesion_id)
        found += compression_decisions(patient, lesion_id)
        found += painful_decisions(patient, lesion_id)
    return found


def discoveries(patient: Patient) -> list[Decision]:
    every = [lesion["discovery_date"] for lesion in patient.lesions.values()]
    spinal = [lesion["discovery_date"] for lesion in patient.lesions.values() if lesion["bone"] == "vertebra"]
    found = [Decision("patient", patient, min(every))]
    return [*found, Decision("spine_patient", patient, min(spinal))] if spinal else found


def events(patient: Patient) -> list[Decision]:
    """Examinations, doses, courses of radiotherapy, procedures and lines: every row is a decision.

    Nuclear imaging and CT show many lesions: their decisions are not about one of them.
    """
    sources: list[tuple[str, str, str, str, Callable[[Row], bool]]] = [
        ("imaging_exam", "imaging_exams", "exam_id", "date", is_judged_exam),
        ("drug_dose", "drug_administrations", "administration_id", "date", is_judged_dose),
        ("radiotherapy_course", "radiotherapy_courses", "course_id", "start_date", always),
        ("procedure", "procedures", "procedure_id", "date", always),
        ("systemic_line", "systemic_therapy_lines", "line_id", "start_date", always),
    ]
    return [
        Decision(grain, patient, row[day], row, row[key], None if grain == "imaging_exam" else row.get("lesion_id"))
        for grain, table, key, day, judged in sources
        for row in patient.rows(table)
        if judged(row)
    ]


def always(row: Row) -> bool:
    return True


def is_nuclear(row: Row) -> bool:
    return row["modality"] in ("fdg_pet_ct", "bone_scintigraphy")


def is_judged_exam(row: Row) -> bool:
    return is_nuclear(row) or row["modality"] == "ct"


def is_judged_dose(row: Row) -> bool:
    """Every dose of the two agents against skeletal events, whatever its strength: the strength is judged."""
    return row["drug"] in ("zoledronic_acid", "denosumab") and row["indication"] in ("skeletal_event_prevention", None)


def antiresorptive_courses(patient: Patient) -> list[Decision]:
    """Runs of doses with no gap over 90 days (P24)."""
    courses: list[list[Row]] = []
    for dose in patient.antiresorptive_doses:
        if courses and (dose["date"] - courses[-1][-1]["date"]).days <= 90:
            courses[-1].append(dose)
        else:
            courses.append([dose])
    return [
        Decision("antiresorptive_course", patient, c[0]["date"], c[0], c[0]["administration_id"], doses=c)
        for c in courses
    ]


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: (r["date"], r["assessment_id"]))


def any_after(days: Iterable[date], start: date, end: date) -> bool:
    """Whether one of the days lies in (start, end]."""
    return any(start < day <= end for day in days)


def same_known_band(one: Row, other: Row) -> bool:
    return one["band"] is not None and one["band"] == other["band"]


# Long bones and other lesions ----------------------------------------------------------------------------------------


def is_fractured(assessment: Row) -> bool:
    return assessment["fracture_status"] == "pathological_fracture"


def lesion_decisions(patient: Patient, lesion_id: str) -> list[Decision]:
    treated = patient.local_treatment_dates(lesion_id)
    fixed = [r["date"] for r in of_lesion(patient.rows("procedures"), lesion_id) if is_fixation(r)]
    found: list[Decision] = []
    previous: Row | None = None
    previous_score: Row = {}
    broken = False
    for row in in_order(of_lesion(patient.rows("lesion_assessments"), lesion_id)):
        score = mirels_at(patient, row)
        unchanged = (
            previous is not None
            and same_known_band(previous_score, score)
            and is_fractured(previous) == is_fractured(row)
            and not any_after(treated, previous["date"], row["date"])
        )
        idx = (row["fracture_date"] if is_fractured(row) else None) or row["date"]
        if not unchanged and not broken and not any(day < idx for day in fixed):
            scores = {"mirels": score}
            found.append(
                Decision("lesion_assessment", patient, idx, row, row["assessment_id"], lesion_id, scores=scores)
            )
        broken = broken or is_fractured(row)
        previous, previous_score = row, score
    for decision, following in pairwise(found):
        decision.next_idx = following.idx
    return found


# Painful lesions and short lives ---------------------------------------------------------------------------------------


def pains(row: Row) -> dict[str, Truth]:
    """The kinds of pain of a lesion assessment, each unknown where it is not recorded and the lesion may hurt."""
    painless = row["symptomatic"] is False or "none" in (row["mirels_pain"], row["pain_mechanism"])

    def told(*answers: Truth) -> Truth:
        return next((answer for answer in answers if answer is not None), False if painless else None)

    disabling = told(row["pain_disabling"], one_of(row["mirels_pain"], "functional"))
    mechanical = told(one_of(row["pain_mechanism"], "mechanical", "mixed"))
    refractory = told(row["pain_refractory"])
    return {
        "refractory": refractory,
        "limiting": or_(mechanical, told(row["pain_on_loading"]), disabling),
        "disabling": disabling,
        "disabling and refractory": and_(disabling, refractory),
    }


OPENED_BY = {"refractory": "refractory", "limiting": "limiting", "disabling": "disabling and refractory"}


def painful_decisions(patient: Patient, lesion_id: str) -> list[Decision]:
    treated = patient.local_treatment_dates(lesion_id)
    last_known: dict[str, tuple[Truth, date]] = {}
    found: list[Decision] = []
    for row in in_order(of_lesion(patient.rows("lesion_assessments"), lesion_id)):
        pain, day = pains(row), row["date"]
        opens = set()
        for name, kind in OPENED_BY.items():
            before, since = last_known.get(kind, (None, day))
            repeated = before is True and not any_after(treated, since, day)
            if pain[kind] is not False and not repeated:
                opens.add(name)
            if pain[kind] is not None:
                last_known[kind] = pain[kind], day
        if opens:
            decision = Decision("painful_lesion", patient, day, row, row["assessment_id"], lesion_id)
            decision.opens, decision.scores = frozenset(opens), {"mirels": mirels_at(patient, row)}
            found.append(decision)
    return found


def short_lives(patient: Patient) -> list[Decision]:
    """The first estimate of less than six weeks, once a bone lesion is known."""
    discovery = min(lesion["discovery_date"] for lesion in patient.lesions.values())
    short = [
        row
        for row in patient.rows("clinical_assessments")
        if row["date"] >= discovery and row["life_expectancy_days"] is not None and row["life_expectancy_days"] < 42
    ]
    return [
        Decision("short_life_expectancy", patient, row["date"], row, row["assessment_id"])
        for row in in_order(short)[:1]
    ]


# Spine ---------------------------------------------------------------------------------------------------------------

SPINAL_SCORES: dict[str, Callable[[Patient, Row], Row]] = {
    "sins": sins_at,
    "tokuhashi": tokuhashi_at,
    "tomita": tomita_at,
}


def spinal_surgery_dates(patient: Patient, lesion_id: str) -> list[date]:
    rows = of_lesion(patient.rows("procedures"), lesion_id)
    return [row["date"] for row in rows if row["category"] == "spinal_surgery"]


def spinal_decisions(patient: Patient, lesion_id: str) -> list[Decision]:
    treated = patient.local_treatment_dates(lesion_id)
    operated = spinal_surgery_dates(patient, lesion_id)
    found: list[Decision] = []
    previous: Row | None = None
    previous_scores: dict[str, Row] = {}
    for row in in_order(of_lesion(patient.rows("spinal_assessments"), lesion_id)):
        scores = {name: score(patient, row) for name, score in SPINAL_SCORES.items()}
        untreated = previous is not None and not any_after(treated, previous["date"], row["date"])
        unchanged = {name for name in scores if untreated and same_known_band(previous_scores[name], scores[name])}
        opens = frozenset(scores) - unchanged
        if opens and not any(day < row["date"] for day in operated):
            found.append(
                Decision(
                    "spinal_assessment",
                    patient,
                    row["date"],
                    row,
                    row["assessment_id"],
                    lesion_id,
                    scores=scores,
                    opens=opens,
                )
            )
        previous, previous_scores = row, scores
    return found


def compression_decisions(patient: Patient, lesion_id: str) -> list[Decision]:
    courses = of_lesion(patient.rows("radiotherapy_courses"), lesion_id)
    treated = [course["start_date"] for course in courses] + spinal_surgery_dates(patient, lesion_id)
    found: list[Decision] = []
    earlier: list[tuple[date, date]] = []
    for row in in_order(filter(is_compression, of_lesion(patient.rows("spinal_assessments"), lesion_id))):
        idx = row["compression_date"] or row["date"]
        already_open = any(known_idx == idx or not any_after(treated, day, row["date"]) for day, known_idx in earlier)
        if not already_open:
            found.append(Decision("cord_compression", patient, idx, row, row["assessment_id"], lesion_id))
        earlier.append((row["date"], idx))
    return found


# Facts that several rules share ---------------------------------------------------------------------------------------


def latest_in(rows: Iterable[Row], start: date, end: date) -> Row | None:
    """The latest row in a window; on one day, the last by assessment_id."""
    return max(
        (row for row in rows if within(row["date"], start, end)),
        key=lambda r: (r["date"], r["assessment_id"]),
        default=None,
    )


def score_bounds(score: Row | None) -> tuple[Any, Any]:
    return (None, None) if score is None else (score["total_min"], score["total_max"])


def between(bounds: tuple[int | None, int | None], lowest: int, highest: int) -> Truth:
    """Whether a total certainly lies in a range, certainly does not, or may."""
    low, high = bounds
    if low is None or high is None:
        return None
    if lowest <= low and high <= highest:
        return True
    return False if high < lowest or low > highest else None
