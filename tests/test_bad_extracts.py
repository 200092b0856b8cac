"""Bad input: every problem is named, with its place and what to do, all at once, and never with a patient's values."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from small_extract import cohort, write, write_csv

from pipelines.ingest import ExtractError, take_in
from validation.contract import TABLES


def problems_of(*extracts: Path) -> str:
    with pytest.raises(ExtractError) as caught:
        take_in(extracts)
    return str(caught.value)


SECRET = "SECRET-7421"


def _spoilt(folder: Path) -> dict[str, str]:
    """One bad file each, and what must be said about it."""
    header = b"patient_id,date,analyte,value\n"
    row = f"{SECRET},2023-02-02,crp,1\n".encode()
    files = {
        "labs.csv": (header + row, "unknown table 'labs'"),
        "lab_resultz.csv": (header + row, "did you mean lab_results?"),
        "radiotherapy_courses.csv.gz": (b"\x1f\x8b", "this is not a readable gzip file"),
        "clinical_assessments.csv.bz2": (b"BZh9", "the format is not read"),
        "consultations.csv": (b"", "the file is empty"),
        "lab_results.csv": (header.replace(b"value", b"valeu") + row, "did you mean value?"),
        "deviations.csv": (b"patient_id,domain,reason\n" + row, "required columns are missing: date"),
        "supportive_care.csv": (row, "the first line is no header"),
        "mdt_meetings.csv": (
            b"\xff\xfe" + "mdt_id,patient_id".encode("utf-16-le")[:-1],
            "the UTF-16 of the file is broken",
        ),
        "imaging_exams.csv": (b"\x89PNG\r\n\x1a\n\0\0" + row, "binary"),
        "imaging_findings.csv": (b"PK\x03\x04" + row, "a zip or xlsx file"),
        "procedures.csv": ("procedure_id;é".encode() + b"\x81", "UTF-8 in part only"),
        "primary_tumours.csv": (b"tumour_id,\x81\x8d", "neither UTF-8 nor cp1252"),
        "bone_lesions.csv": (b'lesion_id,patient_id,discovery_date,bone\nL1,"' + row, "quote on line 2"),
        "drug_prescriptions.xlsx": (b"PK\x03\x04 cut", "not a readable xlsx workbook"),
        "drug_administrations.parquet": (b"PAR1 cut", "not a readable Parquet file"),
        "systemic_therapy_lines.csv": (b"line_id,patient_id,class,start_date,class\n", "class is there 2 times"),
        "trial_screenings.csv": (
            b"patient_id,trial,screened_date\n" + b"".join(b"P1,PRISM,01/%d/2023\n" % day for day in range(10, 30)),
            "month before the day",
        ),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: message for name, (_, message) in files.items()}


def test_all_problems_are_told_at_once_and_without_values(tmp_path: Path) -> None:
    write(tmp_path, {name: cohort()[name] for name in ("centres", "patients")})
    (tmp_path / "patients.parquet").write_bytes(b"PAR1")
    expected = _spoilt(tmp_path)
    with pytest.raises(ExtractError) as caught:
        take_in([tmp_path])
    told = {problem.file: str(problem) for problem in caught.value.problems}
    for name, message in expected.items():
        assert message in told[name], name
    assert "the table patients is there twice" in told["patients.parquet"]
    assert len(caught.value.problems) == len(expected) + 1
    assert SECRET not in str(caught.value)
    assert all(table in told["labs.csv"] for table in TABLES)


def test_cut_off_xlsx_and_parquet(tmp_path: Path) -> None:
    for shape in ("xlsx", "parquet"):
        folder = write(tmp_path / shape, cohort(), shape)
        path = folder / f"patients.{shape}"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        message = problems_of(folder)
        assert f"patients.{shape}: this is not a readable" in message
        assert "cut off" in message


def test_utf8_cut_within_a_character(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "centres.csv").write_bytes("centre_id,name\nC1,Hé".encode()[:-1])
    assert "ends within a character" in problems_of(folder)


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "net" / "C1").mkdir(parents=True)
    write(tmp_path / "net" / "C2", cohort())
    (tmp_path / "file").write_text("x")
    message = problems_of(tmp_path / "empty", tmp_path / "absent", tmp_path / "file", tmp_path / "net")
    assert "empty: the folder holds no table" in message
    assert "absent: the folder does not exist" in message
    assert "file: this is a file, not a folder" in message
    assert "net/C1: the folder holds no table" in message
    assert "no extract was given" in problems_of()
    assert "given twice" in problems_of(tmp_path / "net", tmp_path / "net")


def test_patients_and_centres_are_needed(tmp_path: Path) -> None:
    tables = cohort()
    del tables["patients"]
    assert "no folder holds the table patients" in problems_of(write(tmp_path, tables))


def test_tables_in_the_folder_and_below(tmp_path: Path) -> None:
    write(tmp_path, cohort())
    write(tmp_path / "C2", cohort())
    assert "tables lie both here and in C2" in problems_of(tmp_path)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("centre = 3", "centre has the wrong type"),
        ("extraction_date = '2026-06-30'", "extraction_date has the wrong type"),
        ("extraction = 2026-06-30", "did you mean extraction_date?"),
        ("[tables.labresults]", "did you mean lab_results?"),
        ("[tables.lab_results]\ncomplete = 1", "tables.lab_results.complete has the wrong type"),
        ("[tables.lab_results]\nsupplied = false", "declared as not supplied, but the file is there"),
        ("[tables.deviations]\nsupplied = true", "declared as supplied, but there is no such file"),
        ("[tables.lab_results]\nfrom = 2024-01-01\nto = 2023-01-01", "from lies after to"),
        ("centre = ", "this is not TOML"),
        ("centre = 'C9'", "the centre 'C9' is in no table centres"),
    ],
)
def test_declarations_are_checked(tmp_path: Path, declared: str, told: str) -> None:
    write(tmp_path, cohort())
    (tmp_path / "extract.toml").write_text(declared)
    assert told in problems_of(tmp_path)


@pytest.mark.parametrize("days", [60, 14])
def test_a_few_impossible_months_are_typing_errors(tmp_path: Path, days: int) -> None:
    folder = write(tmp_path, cohort())
    written = [date(2023, 1, 1) + timedelta(days=day) for day in range(days)]
    lines = [["P1", day.strftime("%d/%m/%Y"), "crp"] for day in written] + [["P1", "01/13/2023", "crp"]] * 4
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte"], *lines])
    assert take_in([folder]).quarantine["rule"].to_list() == ["bad_date"] * 4
