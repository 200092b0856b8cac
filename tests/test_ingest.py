"""Discovery, detection, reading and conversion: what lies in an extract comes through, or is refused in words."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import Cohort, cohort, write, write_csv

from pipelines.ingest import take_in
from pipelines.ingest.reading import read
from pipelines.ingest.records import MalformedQuote, split_records
from validation.contract import TABLES

SHAPES = ("iso", "fr", "xlsx", "parquet")


# What comes through


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_tables(tmp_path: Path, shape: str) -> None:
    expected = take_in([write(tmp_path / "iso", cohort())])
    taken = take_in([write(tmp_path / shape, cohort(), shape)])
    assert taken.quarantine.is_empty()
    assert taken.tables.keys() == TABLES.keys()
    for name, table in TABLES.items():
        assert taken.tables[name].schema == pl.Schema(table.schema), name
        assert taken.tables[name].equals(expected.tables[name]), name
    assert taken.tables["clinical_assessments"].height == 2
    assert taken.tables["procedures"]["associated_techniques"].to_list() == [["cementoplasty", "curettage"]]
    assert taken.tables["lab_results"].row(0) == ("P1", date(2023, 2, 2), "creatinine", 80.0)


def test_what_was_detected_is_said(tmp_path: Path) -> None:
    files = {file.path: file for file in take_in([write(tmp_path, cohort(), "fr")]).files}
    found = files["lab_results.csv"]
    assert (found.format, found.encoding, found.separator, found.decimal, found.date_format, found.rows) == (
        "csv", "cp1252", ";", ",", "dd/mm/yyyy", 3,
    )  # fmt: skip
    assert files["patients.csv"].encoding == "utf-8"
    assert files["centres.csv"].decimal is None
    assert len(found.sha256) == 64


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends(tmp_path: Path, separator: str, encoding: str, newline: str) -> None:
    folder = write(tmp_path, cohort())
    lines = [["centre_id", "name"], ["C1", "Hôpital"], ["C2", "Évêché"]]
    write_csv(folder / "centres.csv", lines, separator, encoding, newline)
    taken = take_in([folder])
    assert taken.tables["centres"]["name"].to_list() == ["Hôpital", "Évêché"]
    assert taken.files[0].encoding == encoding


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("2023-02-02", "yyyy-mm-dd"),
        ("2023-02-02 00:00:00", "yyyy-mm-dd"),
        ("2023-02-02T00:00:00", "yyyy-mm-dd"),
        ("02/02/2023", "dd/mm/yyyy"),
        ("2/2/2023", "dd/mm/yyyy"),
        (" 02/02/2023 ", "dd/mm/yyyy"),
        ("02-02-2023", "dd-mm-yyyy"),
        ("02.02.2023", "dd.mm.yyyy"),
    ],
)
def test_date_formats(tmp_path: Path, written: str, form: str) -> None:
    folder = write(tmp_path, cohort())
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte"], ["P1", written, "crp"]])
    taken = take_in([folder])
    assert taken.tables["lab_results"]["date"].to_list() == [date(2023, 2, 2)]
    assert next(file.date_format for file in taken.files if file.table == "lab_results") == form


def test_one_date_format_per_file(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    lines = [["P1", day, "crp"] for day in ("13/02/2023", "14/02/2023", "2023-02-02", "13/02/23", "31/02/2023")]
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte"], *lines])
    quarantine = take_in([folder]).quarantine
    assert quarantine.select("line", "column", "rule").rows() == [(n, "date", "bad_date") for n in (4, 5, 6)]
    assert "dd/mm/yyyy" in quarantine["expectation"][0]


HOSTILE = [
    "=HYPERLINK(\"http://x\")", "'; DROP TABLE patients; --", "<script>alert(1)</script>", "a;b,c\td|e",
    "two\nlines", "two\r\nlines", 'say ""no""', "\ufeffmarked", "  kept  ", "№ 東京 🦴", "NULL", "nan", "{{ 7*7 }}",
]  # fmt: skip


def test_hostile_text_passes_unharmed_and_lines_stay_right(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["centre_id", "name", "network"])
    for number, text in enumerate(HOSTILE):
        writer.writerow([f"C{number}", text, "last"])
    writer.writerow(["C0", "the same centre, otherwise", "last"])
    (folder / "centres.csv").write_bytes(out.getvalue().encode())
    taken = take_in([folder])
    names = dict(taken.tables["centres"].select("centre_id", "name").rows())
    assert names == {f"C{number}": text for number, text in enumerate(HOSTILE) if number}
    last = out.getvalue().count("\n")
    assert taken.quarantine.filter(table="centres").select("line", "rule").rows() == [
        (2, "duplicate_key"),
        (last, "duplicate_key"),
    ]


cells = st.text(st.sampled_from('ab";,\n\r|é '), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_records_are_those_of_the_csv_module(tmp_path_factory, rows: list[tuple[str, str]], quoting: int) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerow(["centre_id", "name"])
    starts = []
    for number, (name, _) in enumerate(rows):
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow([f"C{number}", name])
    path = tmp_path_factory.mktemp("records") / "centres.csv"
    path.write_bytes(out.getvalue().encode())
    raw = read(path, TABLES["centres"], "centres.csv")
    assert not isinstance(raw, list)
    assert [(key, name or "") for key, name in raw.frame.rows()] == [
        (f"C{n}", name) for n, (name, _) in enumerate(rows)
    ]
    assert raw.lines.to_list() == starts


def test_records_count_fields_and_refuse_stray_quotes() -> None:
    records = split_records(b'a;b\n1;"2;\n3"\n\n4;5;6\n7', ";")
    assert records.fields.tolist() == [2, 2, 1, 3, 1]
    assert records.lines.tolist() == [1, 2, 4, 5, 6]
    assert records.blank.tolist() == [False, False, True, False, False]
    for text, line in ((b'a;b\n1;2" x\n', 2), (b'a;b\n1;"2\n3;4\n', 2), (b'a;b\n1;"2"x\n', 2)):
        with pytest.raises(MalformedQuote) as caught:
            split_records(text, ";")
        assert caught.value.line == line


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "lab_results.csv").write_text(
        "patient_id,date,analyte\n\nP1,2023-02-02,crp\n,,\n\nP9,2023-02-02,crp\n\n\n"
    )
    taken = take_in([folder])
    assert taken.tables["lab_results"].height == 1
    assert taken.quarantine.select("line", "rule").rows() == [(6, "unknown_parent")]


def test_wrong_number_of_fields(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    lines = [
        "lesion_id,patient_id,discovery_date,bone,side",
        "L1,P1,2023-02-01,femur,left",
        "L2,P2,2023-03-01,vertebra",
    ]
    lines += ["L3,P3,2023-01-13,sacrum,left,", "L4,P1,2023-02-02,rib,"]
    (folder / "bone_lesions.csv").write_text("\n".join(lines))
    taken = take_in([folder])
    assert taken.tables["bone_lesions"]["lesion_id"].to_list() == ["L1", "L4"]
    of_lesions = taken.quarantine.filter(table="bone_lesions")
    assert of_lesions.select("centre_id", "line", "rule").rows() == [
        ("C1", 3, "wrong_field_count"),
        ("C2", 4, "wrong_field_count"),
    ]
    followers = taken.quarantine.filter(pl.col("table") != "bone_lesions")
    assert set(followers["rule"]) == {"follows_parent"}
    assert set(followers["table"]) == {"lesion_assessments", "spinal_assessments", "imaging_exams", "imaging_findings"}


def test_cut_off_csv_loses_only_its_last_line(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    path = folder / "clinical_assessments.csv"
    path.write_bytes(path.read_bytes()[:-12])
    taken = take_in([folder])
    assert taken.quarantine.select("file", "line", "rule").rows() == [
        ("clinical_assessments.csv", 3, "wrong_field_count")
    ]


def test_text_cells_in_a_workbook_are_read_like_csv(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort(), "xlsx")
    with xlsxwriter.Workbook(folder / "clinical_assessments.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["assessment_id", "patient_id", "date", "karnofsky", "frail", "pain_nrs"])
        sheet.write_row(1, 0, ["Q1", "P1", "05/02/2023", "80", "oui", "3,5"])
        sheet.write_row(3, 0, ["Q2", "P2", "05/03/2023", 70.0, True, 4.5])
        sheet.write_row(4, 0, ["Q3", "P2", 45000, "70,5", "peut-être", "1 00"])
    taken = take_in([folder])
    assert taken.tables["clinical_assessments"].select("date", "karnofsky", "frail", "pain_nrs").rows() == [
        (date(2023, 2, 5), 80, True, 3.5),
        (date(2023, 3, 5), 70, True, 4.5),
    ]
    assert taken.quarantine.select("line", "column", "rule").rows() == [
        (5, "frail", "bad_boolean"),
        (5, "karnofsky", "bad_number"),
        (5, "pain_nrs", "bad_number"),
        (5, "date", "serial_date"),
    ]


def test_parquet_types_near_those_of_the_contract(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort(), "parquet")
    midnight, noon = pl.datetime(2023, 2, 5), pl.datetime(2023, 2, 5, 12)
    frame = pl.DataFrame(
        {"assessment_id": ["Q1", "Q2", "Q3"], "patient_id": pl.Series(["P1"] * 3, dtype=pl.Categorical)}
    )
    frame = frame.with_columns(
        date=pl.when(pl.col("assessment_id") == "Q2").then(noon).otherwise(midnight),
        karnofsky=pl.Series([80.0, 80.0, 80.5]),
        frail=pl.Series([1.0, None, 0.0]),
        pain_nrs=pl.Series([float("nan"), 1.0, float("inf")]),
        ecog=pl.Series([1, 2, 2**40]),
    )
    frame.write_parquet(folder / "clinical_assessments.parquet")
    taken = take_in([folder])
    row = taken.tables["clinical_assessments"].row(0, named=True)
    assert taken.tables["clinical_assessments"].height == 1
    assert (row["date"], row["karnofsky"], row["frail"], row["pain_nrs"]) == (date(2023, 2, 5), 80, True, None)
    assert taken.quarantine.select("line", "column").rows() == [
        (2, "date"),
        (3, "ecog"),
        (3, "karnofsky"),
        (3, "pain_nrs"),
    ]


# What an extract declares


def test_folders_of_centres_and_what_they_declare(tmp_path: Path) -> None:
    tables = cohort()
    own: dict[str, Cohort] = {"C1": {}, "C2": {}}
    for name, rows in tables.items():
        for centre, patients in (("C1", {"P1", "P2"}), ("C2", {"P3"})):
            found = [row for row in rows if row.get("patient_id", "") in patients or row.get("centre_id") == centre]
            if found:
                own[centre][name] = found
    write(tmp_path / "C1", own["C1"])
    write(tmp_path / "C2", own["C2"])
    (tmp_path / "C1" / "extract.toml").write_text(
        'centre = "C1"\nextraction_date = 2026-06-30\n[tables.lab_results]\ncomplete = false\nfrom = 2022-01-01\n'
    )
    (tmp_path / "faults.csv").write_text("file\n")
    (tmp_path / "README.md").write_text("words")
    taken = take_in([tmp_path])
    assert taken.quarantine.is_empty()
    assert [file.path for file in taken.files][:2] == ["C1/centres.csv", "C1/patients.csv"]
    assert taken.coverage.height == 2 * len(TABLES)
    labs = taken.coverage.filter(table="lab_results").rows()
    assert labs == [
        ("C1", "lab_results", True, False, date(2022, 1, 1), None, date(2026, 6, 30)),
        ("C2", "lab_results", True, True, None, None, None),
    ]
    assert taken.coverage.filter(centre_id="C2", table="procedures")["supplied"].to_list() == [False]
    separately = take_in([tmp_path / "C1", tmp_path / "C2"])
    assert all(separately.tables[name].equals(taken.tables[name]) for name in TABLES)


def test_a_header_alone_says_that_there_was_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "deviations.csv").write_text("patient_id,domain,date,reason")
    coverage = take_in([folder]).coverage
    assert coverage.filter(table="deviations")["supplied"].to_list() == [True, True]
    assert coverage.filter(table="consultations")["supplied"].to_list() == [False, False]


def test_nothing_but_the_order_of_folders_matters(tmp_path: Path) -> None:
    first = take_in([write(tmp_path / "a", cohort())])
    turned = {name: rows[::-1] for name, rows in cohort().items()}
    second = take_in([write(tmp_path / "b", turned)])
    assert all(first.tables[name].equals(second.tables[name]) for name in TABLES)
