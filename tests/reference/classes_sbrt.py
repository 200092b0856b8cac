"""S07: eligibility for ablative stereotactic radiotherapy, of a course and of a request to the meeting."""

from __future__ import annotations

from datetime import date
from typing import Any

from .items import Row
from .logic import Truth, and_, known, not_, one_of, or_, plus, within
from .patient import Patient, discusses, latest_recorded, of_lesion, on, uses
from .rules_radiotherapy import surgical_opinion
from .scores import sins_at

BELOW_CONUS = ("L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5", "coccyx")


def sbrt_eligibility(patient: Patient) -> list[Row]:
    rows = []
    for course in patient.rows("radiotherapy_courses"):
        if course["technique"] == "stereotactic" and course["intent"] == "ablative":
            lesion, day = course["lesion_id"], course["start_date"]

            def validates(meeting: Row, lesion: str | None = lesion) -> Truth:
                return meeting["sbrt_validated"] if discusses(meeting, lesion) else False

            validated = patient.occurred("mdt_meetings", plus(day, -60), day, validates)
            rows.append({"course_id": course["course_id"]} | judged(patient, lesion, day, validated))
    return rows


def sbrt_requests(patient: Patient) -> list[Row]:
    rows = []
    for meeting in patient.rows("mdt_meetings"):
        if meeting["sbrt_validated"] is None:
            continue
        day = meeting["date"]
        for lesion_id, lesion in patient.lesions.items():
            named = meeting["lesion_ids"]
            if lesion_id in named if named else lesion["discovery_date"] <= day:
                key = {"mdt_id": meeting["mdt_id"], "lesion_id": lesion_id}
                rows.append(key | judged(patient, lesion_id, day, meeting["sbrt_validated"]))
    return rows


def judged(patient: Patient, lesion: str | None, day: date, validated: Truth) -> Row:
    met = {"mdt_validation": validated, **disease(patient, lesion, day), **treatment(patient, lesion, day)}
    met |= spine(patient, lesion, day)
    order = (
        "mdt_validation", "bone_sites", "well_delimited", "visceral_metastases", "brain_metastases", "disease_controlled",
        "cord_compression", "instability", "surgical_opinion", "radionuclide", "recent_radiotherapy", "life_expectancy",
        "canal_narrowing", "cord_distance",
    )  # fmt: skip
    failing = [name for name in order if met[name] is False]
    missing = [name for name in order if met[name] is None]
    return {
        "date": day,
        "eligibility": "not_eligible" if failing else "unknown" if missing else "eligible",
        "failing": "|".join(failing),
        "missing": "|".join(missing),
        "max_size_mm": lesion_state(patient, "lesion_assessments", "max_size_mm", lesion, day),
    }


def lesion_state(patient: Patient, table: str, column: str, lesion: str | None, day: date) -> Any:
    row = latest_recorded(of_lesion(patient.rows(table), lesion), column, plus(day, -60), day)
    return None if row is None else row[column]


def disease(patient: Patient, lesion: str | None, day: date) -> dict[str, Truth]:
    status = patient.state("disease_status", day)
    return {
        "bone_sites": known(patient.state("n_bone_metastases", day), lambda n: 1 <= n <= 3),
        "well_delimited": lesion_state(patient, "lesion_assessments", "well_delimited", lesion, day),
        "visceral_metastases": one_of(patient.state("visceral_metastases", day), "none"),
        "brain_metastases": not_(patient.state("brain_metastases", day)),
        "disease_controlled": {"controlled": True, "progressive": False}.get(status),
        "life_expectancy": known(patient.state("life_expectancy_days", day), lambda days: days >= 91),
    }


def treatment(patient: Patient, lesion: str | None, day: date) -> dict[str, Truth]:
    start = plus(day, -90)
    radionuclide = patient.occurred("drug_administrations", start, day, lambda dose: dose["drug"] == "radionuclide")
    answers = [
        on(course, lesion)
        for course in patient.rows("radiotherapy_courses")
        if course["start_date"] < day and (course["end_date"] or course["start_date"]) >= start
    ]
    irradiated = or_(*answers, False if patient.provable("radiotherapy_courses", start) else None)
    return {"radionuclide": not_(radionuclide), "recent_radiotherapy": not_(irradiated)}


def spine(patient: Patient, lesion: str | None, day: date) -> dict[str, Truth]:
    bone = patient.bone(lesion)
    elsewhere = not_(one_of(bone, "vertebra", "sacrum"))
    level = None if lesion is None else patient.lesions[lesion]["vertebral_level"]
    compression, narrowing, distance = (
        lesion_state(patient, "spinal_assessments", column, lesion, day)
        for column in ("cord_compression", "canal_narrowing_percent", "tumour_cord_distance_mm")
    )
    below_conus = bone == "sacrum" if level is None else level in BELOW_CONUS
    unstable, needs_opinion = stability(patient, lesion, day)
    stabilised = patient.occurred(
        "procedures", plus(day, -365), day, lambda r: and_(uses(r, "posterior_stabilisation"), on(r, lesion))
    )
    return {
        "cord_compression": or_(elsewhere, one_of(compression, "none", "radiological")),
        "instability": or_(elsewhere, not_(unstable), stabilised),
        "surgical_opinion": or_(elsewhere, not_(needs_opinion), opinion(patient, lesion, day), stabilised),
        "canal_narrowing": or_(elsewhere, known(narrowing, lambda percent: percent <= 25)),
        "cord_distance": or_(elsewhere, below_conus, known(distance, lambda mm: mm >= 5)),
    }


def stability(patient: Patient, lesion: str | None, day: date) -> tuple[Truth, Truth]:
    """Unstable; in need of a surgeon's opinion."""
    rows = [r for r in of_lesion(patient.rows("spinal_assessments"), lesion) if within(r["date"], plus(day, -60), day)]
    if not rows:
        return None, None
    score = sins_at(patient, max(rows, key=lambda r: (r["date"], r["assessment_id"])))
    low, high = score["total_min"], score["total_max"]
    unstable = True if low >= 13 else False if high <= 12 else None
    needed = True if low >= 7 and high <= 12 else False if high <= 6 or low >= 13 else None
    return unstable, needed


def opinion(patient: Patient, lesion: str | None, day: date) -> Truth:
    return None if lesion is None else surgical_opinion(patient, lesion, plus(day, -60), day)
