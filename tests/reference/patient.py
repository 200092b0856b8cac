"""One patient's record, and the questions of docs/measures.md section 1 that every rule asks of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import cached_property
from typing import Any

from .items import Row
from .logic import Truth, holds, plus, within

DATE_OF = {
    "bone_lesions": "discovery_date",
    "radiotherapy_courses": "start_date",
    "systemic_therapy_lines": "start_date",
    **dict.fromkeys(
        (
            "lesion_assessments",
            "spinal_assessments",
            "clinical_assessments",
            "imaging_exams",
            "lab_results",
            "drug_administrations",
            "supportive_care",
            "procedures",
            "mdt_meetings",
            "consultations",
        ),
        "date",
    ),
}
SURGERY = ("orthopaedic_surgery", "spinal_surgery")
NAILS_AND_SCREWS = ("percutaneous_screw", "percutaneous_nail", "intramedullary_nail")
COMPRESSED = ("radiological", "symptomatic")


class Patient:
    """The rows of one patient and what the patient's centre declared about its tables."""

    def __init__(
        self, row: Row, tables: dict[str, list[Row]], coverage: dict[str, Row], holes: Collection[str] = ()
    ) -> None:
        self.row = row
        self.id = row["patient_id"]
        self.tables = tables
        self.coverage = coverage
        self.holes = holes
        self.lesions = {lesion["lesion_id"]: lesion for lesion in self.rows("bone_lesions")}
        self.procedures = {procedure["procedure_id"]: procedure for procedure in self.rows("procedures")}

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    @cached_property
    def tumour(self) -> Row | None:
        """The tumour of record."""
        tumours = self.rows("primary_tumours")
        lung = [tumour for tumour in tumours if tumour["primary_site"] == "lung"]
        return min(lung or tumours, key=lambda t: (t["diagnosis_date"], t["tumour_id"]), default=None)

    @property
    def in_cohort(self) -> bool:
        return self.tumour is not None and self.tumour["primary_site"] == "lung" and bool(self.lesions)

    def bone(self, lesion_id: str | None) -> str | None:
        return None if lesion_id is None else self.lesions[lesion_id]["bone"]

    # What was known on a day ------------------------------------------------------------------------------------------

    def state(self, column: str, idx: date, window: tuple[int, int] = (-60, 0)) -> Any:
        """The latest recorded value of a column of clinical_assessments in the window of days around idx."""
        start, end = plus(idx, window[0]), plus(idx, window[1])
        row = latest_recorded(self.rows("clinical_assessments"), column, start, end)
        return None if row is None else row[column]

    def latest_lab(self, analyte: str, start: date, end: date) -> float | None:
        rows = [r for r in self.rows("lab_results") if r["analyte"] == analyte and r["value"] is not None]
        rows = [r for r in rows if within(r["date"], start, end)]
        # Of several values on one day, the lowest: the prudent reading for a clearance.
        return max(rows, key=lambda r: (r["date"], -r["value"]))["value"] if rows else None

    # What was done, and what certainly was not -----------------------------------------------------------------------

    def declared_complete(self, table: str) -> bool:
        cover = self.coverage.get(table)
        return cover is not None and bool(cover["supplied"]) and bool(cover["complete"])

    def complete(self, table: str) -> bool:
        """Declared complete by the centre, and no row of this patient in quarantine."""
        return self.declared_complete(table) and table not in self.holes

    def provable(self, table: str, start: date) -> bool:
        """Whether an act that the table does not hold was certainly not done in a window that starts on this day."""
        return self.complete(table) and (self.coverage[table]["from"] is None or self.coverage[table]["from"] <= start)

    def acts(self, table: str, start: date, end: date) -> list[Row]:
        return [row for row in self.rows(table) if within(row[DATE_OF[table]], start, end)]

    def occurred(self, table: str, start: date, end: date, test: Callable[[Row], Truth]) -> Truth:
        """True when an act in the window passes the test; unknown when one may pass, or when absence proves nothing."""
        if start > end:
            return False
        answers = [test(row) for row in self.acts(table, start, end)]
        if True in answers:
            return True
        if None in answers:
            return None
        return False if self.provable(table, start) else None

    def observed_until(self, table: str) -> date | None:
        cover = self.coverage.get(table)
        declared = (
            (cover["to"] or cover["extraction_date"]) if cover is not None and self.declared_complete(table) else None
        )
        end = declared or self.row["last_contact_date"] or self.last_event
        death = self.row["death_date"]
        return min((day for day in (end, death) if day is not None), default=None)

    @cached_property
    def last_event(self) -> date | None:
        return max((row[column] for table, column in DATE_OF.items() for row in self.rows(table)), default=None)

    # Sets of acts -----------------------------------------------------------------------------------------------------

    @cached_property
    def antiresorptive_doses(self) -> list[Row]:
        doses = [row for row in self.rows("drug_administrations") if is_antiresorptive_dose(row)]
        return sorted(doses, key=lambda r: (r["date"], r["administration_id"]))

    @cached_property
    def local_treatments(self) -> list[tuple[str | None, date]]:
        """Lesion, where recorded, and day of radiotherapy, surgery and interventional radiology."""
        courses = [(r["lesion_id"], r["start_date"]) for r in self.rows("radiotherapy_courses")]
        return courses + [
            (r["lesion_id"], r["date"])
            for r in self.rows("procedures")
            if r["category"] in (*SURGERY, "interventional_radiology")
        ]

    def local_treatment_dates(self, lesion_id: str) -> list[date]:
        """Local treatment recorded on this very lesion."""
        return [day for lesion, day in self.local_treatments if lesion == lesion_id]

    def first_local_treatment(self, start: date) -> date | None:
        """First day of local treatment from a day on, of any lesion or of none."""
        return min((day for _, day in self.local_treatments if day >= start), default=None)

    def meetings(self, lesion_id: str | None, start: date, end: date) -> list[Row]:
        """Meetings on a decision, in order."""
        rows = [row for row in self.acts("mdt_meetings", start, end) if discusses(row, lesion_id)]
        return sorted(rows, key=lambda r: (r["date"], r["mdt_id"]))

    def met(self, lesion_id: str | None, start: date, end: date, *specialties: str) -> Truth:
        """Whether a meeting on the decision, with one of the specialties if any is named, occurred."""

        def test(row: Row) -> Truth:
            if not discusses(row, lesion_id):
                return False
            return holds(row["specialties"], *specialties) if specialties else True

        return self.occurred("mdt_meetings", start, end, test)

    def last_mdt_decision(self, lesion_id: str | None, start: date, end: date) -> str | None:
        decisions = [row["decision"] for row in self.meetings(lesion_id, start, end) if row["decision"] is not None]
        return decisions[-1] if decisions else None


def latest_recorded(rows: list[Row], column: str, start: date, end: date) -> Row | None:
    """The row of the latest value of a column in a window; on one day, the last by assessment_id."""
    rows = [row for row in rows if row[column] is not None and within(row["date"], start, end)]
    return max(rows, key=lambda r: (r["date"], r["assessment_id"]), default=None)


def of_lesion(rows: list[Row], lesion_id: str | None) -> list[Row]:
    return [row for row in rows if lesion_id is not None and row["lesion_id"] == lesion_id]


def on(row: Row, lesion_id: str | None) -> Truth:
    """Whether an act is on the lesion; unknown when either lesion is not recorded."""
    if row["lesion_id"] is None or lesion_id is None:
        return None
    return row["lesion_id"] == lesion_id


def discusses(meeting: Row, lesion_id: str | None) -> bool:
    return lesion_id is None or not meeting["lesion_ids"] or lesion_id in meeting["lesion_ids"]


def is_antiresorptive_dose(row: Row) -> bool:
    if row["indication"] not in ("skeletal_event_prevention", None):
        return False
    if row["drug"] == "denosumab":
        return row["dose_mg"] is None or row["dose_mg"] >= 90
    return row["drug"] == "zoledronic_acid"


def uses(row: Row, *techniques: str) -> bool:
    """Whether the main or an associated technique of a procedure is recorded as one of these."""
    return row["technique"] in techniques or bool(holds(row["associated_techniques"], *techniques))


def is_surgery(row: Row) -> bool:
    return row["category"] in SURGERY


def is_fixation(row: Row) -> bool:
    return row["category"] == "orthopaedic_surgery" or (
        row["category"] == "interventional_radiology" and uses(row, *NAILS_AND_SCREWS)
    )


def is_compression(row: Row) -> bool:
    return row["cord_compression"] in COMPRESSED


def split_by_patient(
    tables: dict[str, list[Row]], coverage: list[Row], holes: Collection[tuple[str, str]] = ()
) -> list[Patient]:
    """Every patient of the registry with the rows of that patient."""
    mine: dict[str, dict[str, list[Row]]] = {row["patient_id"]: {} for row in tables["patients"]}
    for name, rows in tables.items():
        if name in ("centres", "patients"):
            continue
        for row in rows:
            mine[row["patient_id"]].setdefault(name, []).append(row)
    declared: dict[str, dict[str, Row]] = {}
    for row in coverage:
        declared.setdefault(row["centre_id"], {})[row["table"]] = row
    lost: dict[str, set[str]] = {}
    for patient_id, table in holes:
        lost.setdefault(patient_id, set()).add(table)
    return [
        Patient(row, mine[row["patient_id"]], declared.get(row["centre_id"], {}), lost.get(row["patient_id"], ()))
        for row in tables["patients"]
    ]
