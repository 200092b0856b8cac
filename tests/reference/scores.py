"""The six scores, for one row with its inputs and for a whole registry."""

from __future__ import annotations

from datetime import date
from typing import Any

from .items import Row
from .logic import plus
from .mirels import mirels
from .patient import Patient, is_compression, of_lesion, split_by_patient
from .prognosis import tokuhashi, tomita
from .rades import rades
from .spine_scores import frankel, sins

__all__ = [
    "frankel",
    "frankel_at",
    "mirels",
    "mirels_at",
    "rades",
    "rades_at",
    "rades_at_course",
    "rades_on_day",
    "score_registry",
    "sins",
    "sins_at",
    "tokuhashi",
    "tokuhashi_at",
    "tomita",
    "tomita_at",
]


def score_registry(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Every score of every assessment, each row with assessment_id, patient_id, lesion_id and date."""
    scores: dict[str, list[Row]] = {name: [] for name in ("mirels", "rades", "sins", "frankel", "tokuhashi", "tomita")}
    for patient in split_by_patient(tables, []):
        for row in patient.rows("lesion_assessments"):
            scores["mirels"].append(_identity(row) | mirels_at(patient, row))
        for row in patient.rows("spinal_assessments"):
            if is_compression(row):
                scores["rades"].append(_identity(row) | rades_at(patient, row))
            scores["sins"].append(_identity(row) | sins_at(patient, row))
            scores["frankel"].append(_identity(row) | frankel_at(patient, row))
            scores["tokuhashi"].append(_identity(row) | tokuhashi_at(patient, row))
            scores["tomita"].append(_identity(row) | tomita_at(patient, row))
    return scores


def _identity(row: Row) -> Row:
    return {name: row[name] for name in ("assessment_id", "patient_id", "lesion_id", "date")}


def _tumour(patient: Patient) -> Row:
    names = ("primary_site", "histology", "diagnosis_date", "tomita_growth")
    return {name: None if patient.tumour is None else patient.tumour[name] for name in names}


def _state(patient: Patient, day: date, *columns: str) -> dict[str, Any]:
    return {column: patient.state(column, day) for column in columns}


def mirels_at(patient: Patient, assessment: Row) -> Row:
    return mirels(patient.lesions[assessment["lesion_id"]] | assessment)


def sins_at(patient: Patient, assessment: Row) -> Row:
    return sins(patient.lesions[assessment["lesion_id"]] | assessment)


def frankel_at(patient: Patient, assessment: Row) -> Row:
    return frankel(assessment)


def tokuhashi_at(patient: Patient, assessment: Row) -> Row:
    columns = ("karnofsky", "n_extraspinal_bone_metastases", "visceral_metastases", "n_vertebral_metastases")
    return tokuhashi(assessment | _tumour(patient) | _state(patient, assessment["date"], *columns))


def tomita_at(patient: Patient, assessment: Row) -> Row:
    return tomita(_tumour(patient) | _state(patient, assessment["date"], "visceral_metastases", "n_bone_metastases"))


def rades_at(patient: Patient, assessment: Row) -> Row:
    """Rades of an assessment with compression: the first radiotherapy of that lesion within 60 days, if any, is its
    radiotherapy.
    """
    day = assessment["date"]
    courses = of_lesion(patient.acts("radiotherapy_courses", day, plus(day, 60)), assessment["lesion_id"])
    anchor = min((course["start_date"] for course in courses), default=day)
    return _rades(patient, assessment, anchor)


def rades_at_course(patient: Patient, course: Row) -> Row:
    """Rades at the start of a course, from the latest assessment of the lesion that shows a compression.

    Without one, only the primary and the visceral metastases are known; they still bound the total.
    """
    start = course["start_date"]
    rows = of_lesion(patient.acts("spinal_assessments", plus(start, -60), start), course["lesion_id"])
    assessment = max(filter(is_compression, rows), key=lambda r: (r["date"], r["assessment_id"]), default=UNASSESSED)
    if assessment["date"] is None or (start - assessment["date"]).days > 7:
        assessment = assessment | {"ambulation": None, "frankel": None}
    return _rades(patient, assessment, start)


def rades_on_day(patient: Patient, assessment: Row, day: date) -> Row:
    """Rades of an assessment with the delay of the deficit and the visceral metastases as on a day."""
    return _rades(patient, assessment, day)


UNASSESSED: Row = dict.fromkeys(("date", "compression_date", "motor_deficit", "motor_deficit_onset_date"))


def _rades(patient: Patient, assessment: Row, anchor: date) -> Row:
    diagnosed = assessment["compression_date"] or assessment["date"]
    state = _state(patient, anchor, "visceral_metastases")
    return rades(assessment | _tumour(patient) | state | {"compression_date": diagnosed, "anchor": anchor})
