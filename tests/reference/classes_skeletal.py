"""Skeletal-related events and the skeletal morbidity rate (docs/measures.md section 5)."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from .items import Row
from .patient import COMPRESSED, SURGERY, Patient, is_fixation

TABLES = ("radiotherapy_courses", "procedures", "lesion_assessments", "spinal_assessments")
ORDER = (
    "fracture",
    "cord_compression",
    "surgery",
    "radiotherapy",
    "radiotherapy_of_unknown_intent",
    "postoperative_radiotherapy",
    "percutaneous_fixation",
)
COUNTS = {"radiotherapy_of_unknown_intent": None, "postoperative_radiotherapy": False, "percutaneous_fixation": False}


def skeletal_events(patient: Patient) -> list[Row]:
    found = fractures(patient) + compressions(patient)
    for row in patient.rows("procedures"):
        if row["category"] in SURGERY:
            found.append(event("surgery", row, "procedure_id", row["date"]))
        elif is_fixation(row):
            found.append(event("percutaneous_fixation", row, "procedure_id", row["date"]))
    for row in patient.rows("radiotherapy_courses"):
        if (name := kind_of_course(row)) is not None:
            found.append(event(name, row, "course_id", row["start_date"]))
    found.sort(
        key=lambda e: (e["date"], ORDER.index(e["event"]), e["lesion_id"] is None, e["lesion_id"], e["record_id"])
    )
    number_of = clusters(e["date"] for e in found if e["counts"])
    discovery = first_discovery(patient)
    for number, one in enumerate(found, start=1):
        days = None if discovery is None else (one["date"] - discovery).days
        one |= {
            "patient_id": patient.id,
            "event_number": number,
            "cluster": number_of[one["date"]] if one["counts"] else None,
            "days_from_discovery": days,
            "inaugural": None if days is None else days <= 30,
        }
    return found


def event(name: str, row: Row, key: str, day: date) -> Row:
    counts = COUNTS.get(name, True)
    return {"event": name, "counts": counts, "lesion_id": row["lesion_id"], "record_id": row[key], "date": day}


def kind_of_course(row: Row) -> str | None:
    match row["intent"], row["linked_procedure_id"]:
        case None, None:
            return "radiotherapy_of_unknown_intent"
        case ((None | "postoperative"), _):
            return "postoperative_radiotherapy"
        case (("analgesic" | "decompressive"), _):
            return "radiotherapy"
    return None


def fractures(patient: Patient) -> list[Row]:
    found = []
    for lesion_id in patient.lesions:
        seen = [
            (row["fracture_date"] or row["date"], row["assessment_id"], row)
            for row in patient.rows("lesion_assessments")
            if row["lesion_id"] == lesion_id
            and (row["fracture_status"] == "pathological_fracture" or row["fracture_date"] is not None)
        ] + [
            (row["date"], row["assessment_id"], row)
            for row in patient.rows("spinal_assessments")
            if row["lesion_id"] == lesion_id and row["collapse_percent"] is not None and row["collapse_percent"] > 0
        ]
        if seen:
            day, _, row = min(seen, key=lambda s: s[:2])
            found.append(event("fracture", row, "assessment_id", day))
    return found


def compressions(patient: Patient) -> list[Row]:
    found: dict[tuple[str, date], Row] = {}
    for lesion_id in patient.lesions:
        rows = [
            row
            for row in patient.rows("spinal_assessments")
            if row["lesion_id"] == lesion_id and row["cord_compression"] is not None
        ]
        rows.sort(key=lambda r: (r["date"], r["assessment_id"]))
        for compressed, run in groupby(rows, key=lambda r: r["cord_compression"] in COMPRESSED):
            if compressed:
                dated = [(row["compression_date"] or row["date"], row["assessment_id"], row) for row in run]
                day, name, row = min(dated, key=lambda s: s[:2])
                same = found.get((lesion_id, day))
                if same is None or name < same["record_id"]:
                    found[lesion_id, day] = event("cord_compression", row, "assessment_id", day)
    return list(found.values())


def clusters(days) -> dict[date, int]:
    """The cluster of each day."""
    number_of: dict[date, int] = {}
    number, opened = 0, None
    for day in sorted(days):
        if opened is None or (day - opened).days > 21:
            number, opened = number + 1, day
        number_of[day] = number
    return number_of


def merged(days) -> int:
    return max(clusters(days).values(), default=0)


def first_discovery(patient: Patient) -> date | None:
    return min((lesion["discovery_date"] for lesion in patient.lesions.values()), default=None)


def skeletal_morbidity(patient: Patient) -> list[Row]:
    events, discovery = skeletal_events(patient), first_discovery(patient)
    if not events and discovery is None:
        return []
    counting = [e for e in events if e["counts"]]
    perhaps = [e for e in events if e["counts"] is None]
    post = [e for e in events if e["event"] == "postoperative_radiotherapy"]
    days = [e["date"] for e in counting]
    missing = what_is_missing(patient, discovery, perhaps)
    row = {
        "patient_id": patient.id,
        "n_events": len(counting),
        "n_merged": merged(days),
        "n_not_known": len(perhaps),
        "n_merged_if_all_count": merged([*days, *(e["date"] for e in perhaps)]),
        "n_merged_with_postoperative": merged([*days, *(e["date"] for e in post)]),
        "n_percutaneous": sum(e["event"] == "percutaneous_fixation" for e in events),
        "missing": "|".join(missing),
        "any_event": True if counting else (None if missing else False),
    }
    row |= the_first(discovery, counting, perhaps, missing)
    return [row | the_rate(patient, discovery, days, missing)]


def observed_until(patient: Patient) -> date | None:
    ends = [end for end in map(patient.observed_until, TABLES) if end is not None]
    return min(ends, default=None)


def what_is_missing(patient: Patient, discovery: date | None, perhaps: list[Row]) -> list[str]:
    missing = []
    end = observed_until(patient)
    if discovery is None:
        missing.append("discovery")
    elif end is None or end < discovery:
        missing.append("end_of_observation")
    for table in TABLES:
        proven = patient.complete(table) if discovery is None else patient.provable(table, discovery)
        if not proven:
            missing.append(table)
    if perhaps:
        missing.append("intent")
    broken = {e["lesion_id"] for e in fractures(patient)}
    if any(fracture_left_open(patient, lesion) for lesion in patient.lesions if lesion not in broken):
        missing.append("fracture_status")
    if any(row["cord_compression"] is None for row in patient.rows("spinal_assessments")):
        missing.append("cord_compression")
    return missing


def fracture_left_open(patient: Patient, lesion_id: str) -> bool:
    looks = [
        (row["date"], row["fracture_status"] is not None or row["fracture_date"] is not None)
        for row in patient.rows("lesion_assessments")
        if row["lesion_id"] == lesion_id
    ] + [
        (row["date"], row["collapse_percent"] is not None)
        for row in patient.rows("spinal_assessments")
        if row["lesion_id"] == lesion_id
    ]
    last = max((day for day, _ in looks), default=None)
    return last is not None and not any(recorded for day, recorded in looks if day == last)


def the_first(discovery: date | None, counting: list[Row], perhaps: list[Row], missing: list[str]) -> Row:
    recorded = counting[0] if counting else None
    if recorded is None:
        names = ("first_event", "first_event_date", "days_to_first_event", "days_to_first_at_most")
        return dict.fromkeys((*names, "first_is_inaugural"))
    sure = set(missing) <= {"intent", "end_of_observation"} and all(e["date"] >= recorded["date"] for e in perhaps)
    days = None if discovery is None else (recorded["date"] - discovery).days
    early = days is not None and days <= 30
    return {
        "first_event": recorded["event"] if sure else None,
        "first_event_date": recorded["date"] if sure else None,
        "days_to_first_event": days if sure else None,
        "days_to_first_at_most": days,
        "first_is_inaugural": True if early else (False if sure else None),
    }


def the_rate(patient: Patient, discovery: date | None, days: list[date], missing: list[str]) -> Row:
    if discovery is None or {"end_of_observation", *TABLES} & set(missing):
        return dict.fromkeys(("days_observed", "n_merged_observed", "morbidity_rate"))
    end = observed_until(patient)
    assert end is not None
    observed = (end - discovery).days
    number = merged(day for day in days if discovery <= day <= end)
    rate = number * 365 / observed if observed > 0 and not missing else None
    return {"days_observed": observed, "n_merged_observed": number, "morbidity_rate": rate}
