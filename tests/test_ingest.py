"""Discovery, detection, reading and conversion: what lies in an extract comes through, or is refused in words."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import Cohort, cohort, in_french, write, write_csv

from pipelines.ingest import ExtractError, take_in
from pipelines.ingest.conversion import convert_column
from pipelines.ingest.dialect import DATE_WORDS, Dialect
from pipelines.ingest.reading import read
from pipelines.ingest.records import MalformedQuote, split_records
from validation.contract import TABLES, Column

SHAPES = ("iso", "fr", "xlsx", "parquet")


def problems_of(*extracts: Path) -> str:
    with pytest.raises(ExtractError) as caught:
        take_in(extracts)
    return str(caught.value)


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
    assert raw.frame.rows() == [(f"C{number}", name or None) for number, (name, _) in enumerate(rows)] or [
        (key, name or "") for key, name in raw.frame.rows()
    ] == [(f"C{number}", name) for number, (name, _) in enumerate(rows)]
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
        sheet.write_row(4, 0, ["Q3", "P2", 45000, "70,5", "peut-être", "1 000"])
    taken = take_in([folder])
    assert taken.tables["clinical_assessments"].select("date", "karnofsky", "frail", "pain_nrs").rows() == [
        (date(2023, 2, 5), 80, True, 3.5),
        (date(2023, 3, 5), 70, True, 4.5),
    ]
    assert taken.quarantine.select("line", "column", "rule").rows() == [
        (5, "frail", "bad_boolean"),
        (5, "date", "bad_date"),
        (5, "karnofsky", "bad_number"),
        (5, "pain_nrs", "bad_number"),
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


# Conversion

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
FORMS = st.sampled_from(list(DATE_WORDS))


def converted(cells: list[str | None], column: Column, dialect: Dialect) -> tuple[list, list[int]]:
    values, failed = convert_column(pl.Series(cells, dtype=pl.String), column, dialect)
    assert values.dtype == column.dtype
    return values.to_list(), failed.to_list()


@settings(max_examples=60, deadline=None)
@given(st.lists(DAYS | st.none(), min_size=1), FORMS)
def test_dates_round_trip(days: list[date | None], form: str) -> None:
    cells = [day and day.strftime(form).zfill(10) for day in days]
    assert converted(cells, TABLES["lab_results"]["date"], Dialect(date_format=form)) == (days, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1), st.sampled_from(".,"))
def test_floats_round_trip(numbers: list[float | None], mark: str) -> None:
    cells = [None if number is None else repr(number).replace(".", mark) for number in numbers]
    assert converted(cells, TABLES["lab_results"]["value"], Dialect(decimal=mark)) == (numbers, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), st.sampled_from([".", ","]), st.booleans())
def test_whole_numbers_round_trip(numbers: list[int], mark: str, with_decimals: bool) -> None:
    cells = [f" {number}{mark}0" if with_decimals else str(number) for number in numbers]
    expected = (numbers, [])
    assert converted(cells, TABLES["clinical_assessments"]["karnofsky"], Dialect(decimal=mark)) == expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_tokens_and_labels_in_any_case_round_trip(data: st.DataObject) -> None:
    columns = [column for table in TABLES.values() for column in table.columns if column.tokens]
    column = data.draw(st.sampled_from(columns))
    spell = st.sampled_from([str, str.upper, str.lower, lambda text: f" {text} "])
    token = st.sampled_from(list(column.tokens))
    if column.kind == "enum":
        values = data.draw(st.lists(token, min_size=1))
        cells = [data.draw(spell)(data.draw(st.sampled_from([value, column.tokens[value]]))) for value in values]
    else:
        values = data.draw(st.lists(st.lists(token, min_size=1, unique=True), min_size=1))
        cells = [data.draw(spell)(in_french(column, "|".join(value))) for value in values]
    assert converted(cells, column, Dialect()) == (values, [])


def test_no_label_stands_for_two_tokens() -> None:
    for table in TABLES.values():
        for column in table.columns:
            tokens = column.tokens or {}
            words = {token.casefold(): token for token in tokens}
            for token, label in tokens.items():
                assert words.setdefault(label.casefold(), token) == token, (table.name, column.name, label)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("frail", "true FALSE OUI non O n Vrai faux 1 0", "yes 2 oui! -"),
        ("karnofsky", "80 080 +80 80.0 8e1", "80.5 80,0 1_0 99999999999 0x50 eighty"),
        ("pain_nrs", "3 3.5 .5 -1 1e-3", "3,5 1,000.5 inf nan 1_0 --1"),
        (
            "date",
            "2023-02-01 2023-2-1 1900-01-01",
            "2023-02-30 1899-12-31 2101-01-01 01/02/2023 23-02-01 2023-02-01T10:00",
        ),
        ("life_expectancy_method", "mdt RCP rcp Clinicien", "md mdt|clinician 0"),
    ],
)
def test_what_converts_and_what_does_not(column: str, good: str, bad: str) -> None:
    cells = [*good.split(), *bad.split(), None, "", "  "]
    values, failed = converted(cells, TABLES["clinical_assessments"][column], Dialect())
    first = len(good.split())
    assert failed == list(range(first, first + len(bad.split())))
    assert None not in values[:first]
    assert set(values[first:]) == {None}


def test_a_comma_file_takes_no_points_and_no_thousands() -> None:
    column, comma = TABLES["lab_results"]["value"], Dialect(decimal=",")
    assert converted(["1,5", "1.5", "1.234,5", "1 234,5", "7"], column, comma) == (
        [1.5, None, None, None, 7.0],
        [1, 2, 3],
    )
    whole = TABLES["clinical_assessments"]["ecog"]
    assert converted(["3,0", "3.0", "3,5"], whole, comma) == ([3, None, None], [1, 2])


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


# What is refused

SECRET = "SECRET-7421"


def _spoilt(folder: Path) -> dict[str, str]:
    """One bad file each, and what must be said about it."""
    header = b"patient_id,date,analyte,value\n"
    row = f"{SECRET},2023-02-02,crp,1\n".encode()
    files = {
        "labs.csv": (header + row, "unknown table 'labs'"),
        "lab_resultz.csv": (header + row, "did you mean lab_results?"),
        "patients.csv.gz": (b"\x1f\x8b", "the format is not read"),
        "consultations.csv": (b"", "the file is empty"),
        "lab_results.csv": (header.replace(b"value", b"valeu") + row, "did you mean value?"),
        "deviations.csv": (b"patient_id,domain,reason\n" + row, "required columns are missing: date"),
        "supportive_care.csv": (row, "the first line is no header"),
        "mdt_meetings.csv": (b"\xff\xfe" + "mdt_id,patient_id".encode("utf-16-le"), "UTF-16"),
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


def test_a_few_impossible_months_are_typing_errors(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    days = [date(2023, 1, 1) + timedelta(days=day) for day in range(0, 60)]
    lines = [["P1", day.strftime("%d/%m/%Y"), "crp"] for day in days] + [["P1", "01/13/2023", "crp"]] * 3
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte"], *lines])
    assert take_in([folder]).quarantine["rule"].to_list() == ["bad_date"] * 3
