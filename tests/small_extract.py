"""A small clean extract, written by hand, and the ways in which centres write it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter

from validation.contract import TABLES, Column

Row = dict[str, str]
Cohort = dict[str, list[Row]]


def _row(names: str, cells: str) -> Row:
    return dict(zip(names.split(), cells.split(), strict=True))


def cohort() -> Cohort:
    """Two centres, three patients; cells as tokens, ISO dates, decimal points; no blank cells."""
    names = {
        "centres": "centre_id name",
        "patients": "patient_id centre_id birth_date sex last_contact_date",
        "primary_tumours": "tumour_id patient_id primary_site diagnosis_date size_mm",
        "bone_lesions": "lesion_id patient_id discovery_date bone articular",
        "lesion_assessments": "assessment_id lesion_id patient_id date cortical_fraction",
        "spinal_assessments": "assessment_id lesion_id patient_id date compression_date",
        "clinical_assessments": "assessment_id patient_id date karnofsky ecog frail pain_nrs",
        "imaging_exams": "exam_id patient_id lesion_id date modality n_bone_foci",
        "imaging_findings": "exam_id lesion_id patient_id new_focus",
        "lab_results": "patient_id date analyte value",
        "procedures": "procedure_id patient_id lesion_id date category associated_techniques performed_at_centre_id",
        "radiotherapy_courses": "course_id patient_id lesion_id start_date end_date linked_procedure_id",
        "mdt_meetings": "mdt_id patient_id date lesion_ids specialties",
        "trial_screenings": "patient_id trial screened_date enrolled_date",
    }
    cells = {
        "centres": ["C1 Hôpital-Œuvre", "C2 Clinique"],
        "patients": [
            "P1 C1 1950-01-31 female 2025-12-31",
            "P2 C1 1961-02-28 male 2025-11-30",
            "P3 C2 1944-12-01 female 2025-01-01",
        ],
        "primary_tumours": ["T1 P1 lung 2023-01-15 32.5", "T2 P2 lung 2023-02-15 20", "T3 P3 breast 2022-11-15 0.5"],
        "bone_lesions": [
            "L1 P1 2023-02-01 femur true",
            "L2 P2 2023-03-01 vertebra false",
            "L3 P3 2023-01-13 sacrum true",
        ],
        "lesion_assessments": ["A1 L1 P1 2023-02-05 0.5", "A2 L3 P3 2023-02-06 0.25"],
        "spinal_assessments": ["S1 L2 P2 2023-03-05 2023-03-04"],
        "clinical_assessments": ["Q1 P1 2023-02-05 80 1 false 3.5", "Q2 P2 2023-03-05 70 2 true 10"],
        "imaging_exams": ["E1 P1 L1 2023-02-01 ct 3", "E2 P2 L2 2023-03-01 mri 12"],
        "imaging_findings": ["E1 L1 P1 true", "E2 L2 P2 false"],
        "lab_results": ["P1 2023-02-02 crp 1.25", "P1 2023-02-02 creatinine 80", "P3 2023-02-13 crp 140.5"],
        "procedures": ["X1 P1 L1 2023-02-20 orthopaedic_surgery cementoplasty|curettage C1"],
        "radiotherapy_courses": ["R1 P1 L1 2023-03-20 2023-03-31 X1"],
        "mdt_meetings": ["M1 P1 2023-02-10 L1 orthopaedics|radiation_oncology"],
        "trial_screenings": ["P2 LIBELULE 2023-02-01 2023-02-13"],
    }
    return {table: [_row(names[table], line) for line in lines] for table, lines in cells.items()}


def in_french(column: Column, cell: str) -> str:
    """The cell as a French registry writes it."""
    if not cell:
        return cell
    match column.kind:
        case "date":
            return date.fromisoformat(cell).strftime("%d/%m/%Y")
        case "float":
            return cell.replace(".", ",")
        case "bool":
            return {"true": "OUI", "false": "NON"}[cell]
        case "enum" | "set" if column.tokens:
            return "|".join(column.tokens[token] for token in cell.split("|"))
    return cell


def write(folder: Path, tables: Cohort, shape: str = "iso") -> Path:
    """Write a cohort as `iso` or `fr` CSV, `xlsx` or `parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        header = list(dict.fromkeys(column for row in rows for column in row))
        lines = [[row.get(column, "") for column in header] for row in rows]
        if shape == "iso":
            write_csv(folder / f"{name}.csv", [header, *lines])
        elif shape == "fr":
            columns = [TABLES[name][column] for column in header]
            french = [[in_french(column, cell) for column, cell in zip(columns, line, strict=True)] for line in lines]
            write_csv(folder / f"{name}.csv", [header, *french], separator=";", encoding="cp1252", newline="\r\n")
        elif shape == "xlsx":
            _write_xlsx(folder / f"{name}.xlsx", name, header, lines)
        else:
            _typed(name, header, lines).write_parquet(folder / f"{name}.parquet")
    return folder


def write_csv(
    path: Path, lines: list[list[str]], separator: str = ",", encoding: str = "utf-8", newline: str = "\n"
) -> None:
    """Write lines of cells as they are, without quotes."""
    path.write_bytes("".join(separator.join(line) + newline for line in lines).encode(encoding))


def _value(column: Column, cell: str) -> object:
    if not cell:
        return None
    match column.kind:
        case "date":
            return date.fromisoformat(cell)
        case "float":
            return float(cell)
        case "int":
            return int(cell)
        case "bool":
            return cell == "true"
        case "set":
            return cell.split("|")
    return cell


def _typed(name: str, header: list[str], lines: list[list[str]]) -> pl.DataFrame:
    columns = [TABLES[name][column] for column in header]
    values = [[_value(column, cell) for column, cell in zip(columns, line, strict=True)] for line in lines]
    kinds = {"string": pl.String(), "enum": pl.String(), "set": pl.List(pl.String)}
    schema = {column.name: kinds.get(column.kind, column.dtype) for column in columns}
    return pl.DataFrame(values, schema=schema, orient="row")


def _write_xlsx(path: Path, name: str, header: list[str], lines: list[list[str]]) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet(name)
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, header)
        for number, line in enumerate(lines, start=1):
            for place, (column, cell) in enumerate(zip(header, line, strict=True)):
                value = _value(TABLES[name][column], cell)
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value, day)
                elif isinstance(value, bool | int | float):
                    sheet.write(number, place, value)
                elif value is not None:
                    sheet.write_string(number, place, cell)
