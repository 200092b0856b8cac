"""S15 spinal strategy, S17 complications of surgery, S18 restart of treatment."""

from __future__ import annotations

from datetime import date

from .items import Row, band_of
from .logic import Truth, and_, known, one_of, or_, plus, within
from .patient import Patient, is_surgery, latest_recorded, of_lesion
from .prognosis import TOKUHASHI_BANDS
from .scores import tokuhashi_at, tomita_at

# S15 -----------------------------------------------------------------------------------------------------------------

BY_TOKUHASHI = {"12-15": "ablative_surgery", "9-11": "palliative_surgery", "0-8": "conservative"}
BY_TOMITA = {
    "2-3": "en_bloc_resection",
    "4-5": "intralesional_resection",
    "6-7": "palliative_surgery",
    "8-10": "supportive_care",
}


def spine_strategy(patient: Patient) -> list[Row]:
    rows = []
    for assessment in patient.rows("spinal_assessments"):
        tokuhashi, tomita = tokuhashi_at(patient, assessment), tomita_at(patient, assessment)
        printed = band_of(tokuhashi["printed_min"], tokuhashi["printed_max"], TOKUHASHI_BANDS)
        one = BY_TOKUHASHI.get(tokuhashi["band"], "unknown")
        other = BY_TOMITA.get(tomita["band"], "unknown")
        rows.append(
            {
                "assessment_id": assessment["assessment_id"],
                "date": assessment["date"],
                "tokuhashi": one,
                "tokuhashi_printed": BY_TOKUHASHI.get(printed, "unknown"),
                "tomita": other,
                "strategies": one if one == other else f"{one}|{other}",
                "agreement": agreement(tokuhashi, tomita),
            }
        )
    return rows


def agreement(tokuhashi: Row, tomita: Row) -> str:
    """Every pair of totals that the bounds allow is in one row of the table, or in two."""
    pairs = {
        (tokuhashi_row(t), tomita_row(m))
        for t in range(tokuhashi["total_min"], tokuhashi["total_max"] + 1)
        for m in range(tomita["total_min"], tomita["total_max"] + 1)
    }
    if all(one != other for one, other in pairs):
        return "differ"
    return "agree" if len(pairs) == 1 else "unknown"


def tokuhashi_row(total: int) -> int:
    return 1 if total >= 12 else 2 if total >= 9 else 3


def tomita_row(total: int) -> int:
    return 1 if total <= 5 else 2 if total <= 7 else 3


# S17 -----------------------------------------------------------------------------------------------------------------

LISTED = {
    **dict.fromkeys(("haemorrhage", "fat_embolism"), "per_operative"),
    **dict.fromkeys(("wound", "thromboembolism", "sepsis"), "short_term"),
    **dict.fromkeys(("implant_failure", "loosening", "periprosthetic_fracture"), "long_term"),
    **dict.fromkeys(("nonunion", "cement_leak"), "not_listed"),
    None: "none_recorded",
}
FAILURES = ("implant_failure", "loosening", "periprosthetic_fracture", "nonunion")


def complications(patient: Patient) -> list[Row]:
    rows = []
    for operation in filter(is_surgery, patient.rows("procedures")):
        found, seen = operation["complication"], operation["complication_date"]
        days = None if found is None or seen is None else (seen - operation["date"]).days
        rows.append(
            {
                "procedure_id": operation["procedure_id"],
                "date": operation["date"],
                "complication": found or "none_recorded",
                "complication_class": "none_recorded" if found is None else class_of(days),
                "listed_as": LISTED[found],
                "days": days,
                "tumour_progression": progression(patient, operation),
                "nonunion": nonunion(patient, operation),
            }
        )
    return rows


def class_of(days: int | None) -> str:
    if days is None or days < 0:
        return "unknown"
    return "per_operative" if days == 0 else "short_term" if days <= 90 else "long_term"


def nonunion(patient: Patient, operation: Row) -> Truth:
    if operation["complication"] == "nonunion":
        return True
    return False if fractured(patient, operation) is False else None


def fractured(patient: Patient, operation: Row) -> Truth:
    day = operation["date"]
    assessments = of_lesion(patient.rows("lesion_assessments"), operation["lesion_id"])
    if operation["intent"] == "fracture":
        return True
    for row in assessments:
        if row["fracture_status"] == "pathological_fracture" and row["date"] <= day:
            return True
        if row["fracture_date"] is not None and row["fracture_date"] <= day:
            return True
    state = latest_recorded(assessments, "fracture_status", plus(day, -60), day)
    return False if state is not None or operation["intent"] == "preventive" else None


def progression(patient: Patient, operation: Row) -> Truth:
    lesion, end = operation["lesion_id"], None
    if lesion is None:
        return None
    if operation["complication"] in FAILURES:
        end = operation["complication_date"]
    exams = {exam["exam_id"]: exam for exam in patient.rows("imaging_exams")}
    images: list[tuple[date, Truth]] = [
        (
            exams[row["exam_id"]]["date"],
            or_(*(one_of(row[c], "increased") for c in ("lysis_change", "soft_tissue_change"))),
        )
        for row in of_lesion(patient.rows("imaging_findings"), lesion)
    ]
    for exam in of_lesion(patient.rows("imaging_exams"), lesion):
        concluded = {"progression": True, "response": False, "stable": False}.get(exam["response_conclusion"])
        images.append((exam["date"], concluded))
    answers = [answer for day, answer in images if day > operation["date"] and (end is None or day <= end)]
    return True if True in answers else False if False in answers else None


# S18 -----------------------------------------------------------------------------------------------------------------


def restart_windows(patient: Patient) -> list[Row]:
    rows = []
    for operation in filter(is_surgery, patient.rows("procedures")):
        row = radiotherapy(patient, operation) | systemic(patient, operation)
        if row["radiotherapy"] != "none_recorded" or row["systemic"] != "none_recorded":
            rows.append({"procedure_id": operation["procedure_id"], "date": operation["date"]} | row)
    return rows


def latest_surgery(surgery: list[Row], start: date, end: date) -> Row | None:
    rows = [row for row in surgery if within(row["date"], start, end)]
    return max(rows, key=lambda r: (r["date"], r["procedure_id"]), default=None)


def belongs(patient: Patient, course: Row, operation: Row) -> str | None:
    """Whether a course that starts after an operation is `sure`ly or `perhaps` its post-operative course."""
    start, lesion = course["start_date"], course["lesion_id"]
    if course["linked_procedure_id"] is not None:
        return "sure" if course["linked_procedure_id"] == operation["procedure_id"] else None
    if course["intent"] not in ("postoperative", None) or start > plus(operation["date"], 90):
        return None
    if lesion is None or operation["lesion_id"] is None:
        return "perhaps"
    surgery = of_lesion(list(filter(is_surgery, patient.rows("procedures"))), lesion)
    if latest_surgery(surgery, plus(start, -90), start) is not operation:
        return None
    return "sure" if course["intent"] == "postoperative" else "perhaps"


def radiotherapy(patient: Patient, operation: Row) -> Row:
    following: dict[str | None, list[Row]] = {"sure": [], "perhaps": [], None: []}
    for course in patient.rows("radiotherapy_courses"):
        if course["start_date"] >= operation["date"]:
            following[belongs(patient, course, operation)].append(course)
    first = min(following["sure"], key=lambda c: (c["start_date"], c["course_id"]), default=None)
    earlier = [c for c in following["perhaps"] if first is None or c["start_date"] < first["start_date"]]
    if earlier:
        return {"radiotherapy": "unknown", "radiotherapy_days": None}
    if first is None:
        return {"radiotherapy": "none_recorded", "radiotherapy_days": None}
    days = (first["start_date"] - operation["date"]).days
    return {"radiotherapy": radiotherapy_status(operation, first, days), "radiotherapy_days": days}


def radiotherapy_status(operation: Row, course: Row, days: int) -> str:
    start, closed = course["start_date"], operation["wound_healed_date"]
    healed = course["skin_healed"]
    if healed is None:
        healed = known(closed, lambda day: day <= start)
    if days < 15 or days > 28 or healed is False:
        return "red"
    if healed is None:
        return "unknown"
    if days <= 21:
        return "green"
    return "green" if within(closed, plus(operation["date"], 22), start) else "amber"


def systemic(patient: Patient, operation: Row) -> Row:
    surgery = list(filter(is_surgery, patient.rows("procedures")))
    lines = [
        line
        for line in patient.rows("systemic_therapy_lines")
        if latest_surgery(surgery, plus(line["start_date"], -90), plus(line["start_date"], -1)) is operation
    ]
    if not lines:
        return {"systemic": "none_recorded", "systemic_days": None, "systemic_class": "none_recorded"}
    first = min(lines, key=lambda line: (line["start_date"], line["line_id"]))
    days = (first["start_date"] - operation["date"]).days
    status = systemic_status(operation, first, days)
    return {"systemic": status, "systemic_days": days, "systemic_class": first["class"]}


def systemic_status(operation: Row, line: Row, days: int) -> str:
    start = line["start_date"]
    healed = known(operation["wound_healed_date"], lambda day: day <= start)
    if days < 15 or healed is False:
        return "red"
    if days >= 21:
        return "green"
    agreed = known(operation["surgeon_agreement_date"], lambda day: day <= start)
    return {True: "green", False: "red", None: "unknown"}[and_(line["urgent"], healed, agreed)]
