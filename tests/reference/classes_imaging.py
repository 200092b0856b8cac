"""Response on CT and PET, and flare (docs/measures.md section 5)."""

from __future__ import annotations

from itertools import product

from .items import Row
from .logic import Truth, and_, known, one_of, or_, plus
from .patient import Patient
from .rules_imaging import current_line, flare_findings

CELLS = {
    "lysis_change": ("increased", "stable", "decreased"),
    "soft_tissue_change": ("increased", "stable", "decreased", "absent"),
    "new_sclerosis": ("none", "on_lytic_area", "on_normal_bone"),
    "new_focus": (True, False),
}
BY_WEIGHT = ("progression", "discordant", "not_conclusive", "response", "stable")


def findings(patient: Patient, exam: Row) -> list[Row]:
    return [row for row in patient.rows("imaging_findings") if row["exam_id"] == exam["exam_id"]]


def exams(patient: Patient, *modalities: str) -> list[Row]:
    return [row for row in patient.rows("imaging_exams") if row["modality"] in modalities]


def identity(patient: Patient, exam: Row) -> Row:
    return {"patient_id": patient.id, "exam_id": exam["exam_id"], "date": exam["date"]}


def words(finding: Row) -> set[str]:
    """Every response that a lesion may have, by what its null cells may hold."""
    given = [(finding[cell],) if finding[cell] is not None else values for cell, values in CELLS.items()]
    return {response(*cells) for cells in product(*given)}


def response(lysis: str, tissue: str, sclerosis: str, new: bool) -> str:
    worse = "increased" in (lysis, tissue) or (new and sclerosis != "on_normal_bone")
    better = "decreased" in (lysis, tissue) or sclerosis == "on_lytic_area"
    if worse:
        return "discordant" if better else "progression"
    if better:
        return "response"
    return "not_conclusive" if sclerosis == "on_normal_bone" else "stable"


def the_only(possible: set[str]) -> str | None:
    return next(iter(possible)) if len(possible) == 1 else None


def ct_lesion_response(patient: Patient) -> list[Row]:
    return [
        identity(patient, exam) | {"lesion_id": row["lesion_id"], "response": the_only(words(row))}
        for exam in exams(patient, "ct")
        for row in findings(patient, exam)
    ]


def ct_response(patient: Patient) -> list[Row]:
    rows = []
    for exam in exams(patient, "ct"):
        possible = [words(row) for row in findings(patient, exam)]
        if possible:
            counts = {"n_lesions": len(possible), "n_not_known": sum(len(one) > 1 for one in possible)}
            rows.append(identity(patient, exam) | counts | {"response": of_all(patient, possible)})
    return rows


def of_all(patient: Patient, possible: list[set[str]]) -> str | None:
    """The first word by weight that one lesion certainly has and that no lesion can outweigh."""
    for word in BY_WEIGHT:
        if {word} in possible:
            return word if word == "progression" or "imaging_findings" not in patient.holes else None
        if any(word in one for one in possible):
            return None
    return None


def is_down(finding: Row) -> Truth:
    uptake, new = finding["uptake_change"], finding["new_focus"]
    if uptake is None:
        return False if new else None
    if uptake == "decreased":
        return None if new else True
    return False


def pet_response(patient: Patient) -> list[Row]:
    rows = []
    for exam in exams(patient, "fdg_pet_ct"):
        sites = [is_down(row) for row in findings(patient, exam)]
        if not sites:
            continue
        known_to_be_all = None not in sites and "imaging_findings" not in patient.holes
        answer = "no_rule" if False in sites else ("response" if known_to_be_all else None)
        counts = {"n_sites": len(sites), "n_down": sites.count(True), "n_not_known": sites.count(None)}
        rows.append(identity(patient, exam) | counts | {"response": answer} | validity(patient, exam))
    return rows


def validity(patient: Patient, exam: Row) -> Row:
    day = exam["date"]

    def given(days: int, *drugs: str) -> Truth:
        return patient.occurred("drug_administrations", plus(day, -days), day, lambda row: row["drug"] in drugs)

    return {
        "gcsf_too_close": given(15, "gcsf"),
        "immunotherapy": immunotherapy(patient, exam),
        "bisphosphonate": given(90, "zoledronic_acid", "other_bisphosphonate"),
        "possible_flare": known(flare_class(patient, exam), lambda name: name == "possible_flare"),
    }


def immunotherapy(patient: Patient, exam: Row) -> Truth:
    day = exam["date"]
    under_way = {
        row["class"]
        for row in patient.rows("systemic_therapy_lines")
        if row["start_date"] <= day and (row["end_date"] is None or row["end_date"] >= day)
    }
    if "immunotherapy" in under_way:
        return True
    if "combination" in under_way:
        return None
    return False if patient.complete("systemic_therapy_lines") else None


def increase(patient: Patient, exam: Row) -> Truth:
    rows = findings(patient, exam)
    if not rows:
        return False if patient.complete("imaging_findings") else None
    return or_(*(or_(one_of(row["uptake_change"], "increased"), row["new_focus"]) for row in rows))


def flare_class(patient: Patient, exam: Row) -> str | None:
    more = increase(patient, exam)
    if not more:
        return None if more is None else "none"
    line = current_line(patient, exam["date"])
    if line is None:
        return "indeterminate" if patient.complete("systemic_therapy_lines") else None
    if (exam["date"] - line["start_date"]).days > 183:
        return "progression" if exam["modality"] == "bone_scintigraphy" else "probable_progression"
    criteria = and_(flare_findings(patient, exam["exam_id"]), line["effective"])
    return {True: "possible_flare", False: "indeterminate", None: None}[criteria]


def flare(patient: Patient) -> list[Row]:
    rows = []
    for exam in exams(patient, "fdg_pet_ct", "bone_scintigraphy"):
        line = current_line(patient, exam["date"])
        of_line = {
            "days_on_line": None if line is None else (exam["date"] - line["start_date"]).days,
            "class_outside_sentence": None if line is None else line["class"] not in ("chemotherapy", "combination"),
        }
        answer = {"modality": exam["modality"], "flare": flare_class(patient, exam)}
        rows.append(identity(patient, exam) | answer | of_line)
    return rows
