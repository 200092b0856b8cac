"""Mapping files: the tables they make and the rows they leave out; nothing is lost."""

from __future__ import annotations

import gzip
import re
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from mapped_extract import HEADER, KNOWN, SECRET, WIDE, balanced, columns, extract, problems_of, wide
from small_extract import cohort, write

from pipelines.ingest import take_in
from pipelines.ingest.mapping import dates, units
from pipelines.ingest.mapping.columns import OPTIONS
from pipelines.ingest.mapping.loading import ENTRY
from validation.contract import TABLES


def test_one_wide_sheet_becomes_five_tables(tmp_path: Path) -> None:
    taken = take_in([wide(tmp_path)])
    assert taken.quarantine.is_empty()
    balanced(taken)
    assert taken.tables["patients"].select("patient_id", "centre_id", "birth_date", "sex").rows() == [
        ("C1-1001", "C1", date(1945, 3, 12), "male"),
        ("C1-1002", "C1", date(1920, 12, 1), "female"),
    ]
    assert taken.tables["bone_lesions"].select("lesion_id", "bone", "discovery_date").rows() == [
        ("1001-L1", "femur", date(2023, 2, 3)),
        ("1001-L2", "rib", date(2023, 2, 4)),
        ("1002-L1", "rib", date(2023, 2, 3)),
    ]
    kept = ("course_id", "start_date", "end_date", "prescribed_dose_gy")
    assert taken.tables["radiotherapy_courses"].select(kept).rows() == [
        ("R1", date(2023, 2, 10), date(2023, 2, 12), 30.0),
        ("R2", date(2023, 2, 10), None, 8.005),
    ]
    assert taken.tables["mdt_meetings"].select("mdt_id", "lesion_ids", "specialties").rows() == [
        ("M1", ["A", "B"], ["orthopaedics", "radiation_oncology"]),
        ("M2", ["A"], ["radiation_oncology"]),
    ]
    left_out = [(file.table, file.rows, file.mapped.left_out) for file in taken.files if file.mapped]
    assert left_out == [
        ("centres", 1, {"distinct": 3}),
        ("patients", 2, {"where": 1, "distinct": 1}),
        ("bone_lesions", 2, {"where": 1, "repeat": 1}),
        ("bone_lesions", 1, {"where": 1, "repeat": 2}),
        ("radiotherapy_courses", 2, {"unless": 2}),
        ("mdt_meetings", 2, {"where": 1, "unless": 1}),
    ]
    assert {tuple(file.mapped.unused_columns) for file in taken.files if file.mapped} == {("Nom",)}
    assert taken.coverage.filter(table="mdt_meetings")["supplied"].to_list() == [True]


def test_quarantine_points_to_the_line_of_the_source(tmp_path: Path) -> None:
    bad = [
        f"1004;{SECRET};31/02/51;3;validé;Z;2023-02-03;;;10/02/2023;x;;;Z",
        '1005;"two\r\nlines";12/03/51;1;validé;F;03/02/2023;;;;;;;',
        f"1006;{SECRET};12/03/51;7;validé;F;03/02/2023;;;10/02/2023;8 00;;;RT,Z",
        "1007;cut",
    ]
    taken = take_in([wide(tmp_path, *bad)])
    balanced(taken)
    found = taken.quarantine.filter(pl.col("rule").is_in(["bad_date", "unknown_token", "bad_number"]))
    assert found.select("file", "table", "line", "column", "rule").rows() == [
        ("export_2024.csv", table, line, column, rule)
        for table, line, column, rule in [
            ("patients", 6, "birth_date", "bad_date"),
            ("patients", 6, "sex", "unknown_token"),
            ("patients", 9, "sex", "unknown_token"),
            ("bone_lesions", 6, "discovery_date", "bad_date"),
            ("bone_lesions", 6, "bone", "unknown_token"),
            ("radiotherapy_courses", 6, "prescribed_dose_gy", "bad_number"),
            ("radiotherapy_courses", 9, "prescribed_dose_gy", "bad_number"),
            ("mdt_meetings", 6, "specialties", "unknown_token"),
            ("mdt_meetings", 9, "specialties", "unknown_token"),
        ]
    ]
    assert "mapping.toml, line 16" in found["expectation"][0]
    assert SECRET not in str(taken.quarantine.to_dicts())
    broken = taken.quarantine.filter(rule="wrong_field_count")
    assert set(broken.select("line", "expectation").rows()) == {(10, "14 fields, as in the header")}
    assert (
        broken.height == 6
    )  # a broken line is lost to every table of the file, also where it would have been left out
    assert taken.tables["patients"]["patient_id"].to_list() == ["C1-1001", "C1-1002", "C1-1005"]


def test_made_numbers_hold_for_the_row_of_the_file(tmp_path: Path) -> None:
    """Another table numbers the same rows alike; what is left out or broken shifts nothing."""
    mapping = columns(
        "bone_lesions", "les*.csv", 'lesion_id = { number = "L" }\npatient_id = "p"\ndiscovery_date = "d"\nbone = "b"'
    )
    mapping += columns(
        "lesion_assessments",
        "les*.csv",
        'assessment_id = { number = "A" }\nlesion_id = { number = "L" }\npatient_id = "p"\ndate = "d"',
        'where = { "b" = "rib" }',
    )
    lines = [["p", "d", "b"], ["P1", "2023-02-01", "rib"], ["P1"], ["P2", "2023-02-02", "femur"]]
    again = [["p", "d", "b"], ["P3", "2023-02-03", "rib"]]
    taken = take_in([extract(tmp_path, mapping, les1=lines, les2=again)])
    balanced(taken)
    assert taken.tables["bone_lesions"].select("lesion_id", "patient_id").rows() == [
        ("L1", "P1"),
        ("L3", "P2"),
        ("L4", "P3"),
    ]
    assert taken.tables["lesion_assessments"]["lesion_id"].to_list() == ["L1", "L4"]


def test_a_header_alone_makes_supplied_tables_without_rows(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(HEADER + "\n", encoding="utf-8")
    entries = WIDE.split("[[tables]]")[3:]
    write(tmp_path, {name: cohort()[name] for name in KNOWN})
    (tmp_path / "mapping.toml").write_text("[[tables]]" + "[[tables]]".join(entries), encoding="utf-8")
    taken = take_in([tmp_path])
    balanced(taken)
    assert taken.quarantine.is_empty()
    assert taken.coverage.filter(table="radiotherapy_courses")["supplied"].to_list() == [True, True]


def test_repetitions_number_their_rows_apart(tmp_path: Path) -> None:
    content = 'lesion_id = { number = "L{n}-" }\npatient_id = "p"\ndiscovery_date = "d"\nbone = "b{n}"'
    lines = [["p", "d", "b1", "b2"], ["P1", "2023-02-01", "rib", "femur"], ["P2", "2023-02-01", "rib", ""]]
    folder = extract(tmp_path, columns("bone_lesions", "les.csv", content, "repeat = [1, 2]"), les=lines)
    assert take_in([folder]).tables["bone_lesions"]["lesion_id"].to_list() == ["L1-1", "L1-2", "L2-1"]
    (folder / "mapping.toml").write_text(
        columns("bone_lesions", "les.csv", content.replace("L{n}-", "L"), "repeat = [1, 2]")
    )
    assert "line 6: the identifiers L1, L2 ... are made twice" in problems_of(folder)[0]


def test_distinct_rows_are_those_of_the_result(tmp_path: Path) -> None:
    """A row that cannot be read is no copy of another, and a good one is no copy of it."""
    mapping = columns(
        "bone_lesions",
        "les.csv",
        'lesion_id = { number = "L" }\npatient_id = "p"\ndiscovery_date = { from = "d", format = "%d/%m/%Y" }\n'
        'bone = "b"\nside = { from = "s", codes = { G = "left" } }',
        "distinct = true",
    )
    cells = ["?", "?", "", "", "G", "G", "x"]
    rows = [["P1", "01/02/2023", "rib", side, "not used"] for side in cells]
    taken = take_in([extract(tmp_path, mapping, les=[["p", "d", "b", "s", "n"], ["P1"], *rows])])
    balanced(taken)
    assert taken.tables["bone_lesions"].select("lesion_id", "side").rows() == [("L4", None), ("L6", "left")]
    assert taken.quarantine.select("line", "rule").rows() == [
        (2, "wrong_field_count"),
        (3, "unknown_token"),
        (4, "unknown_token"),
        (9, "unknown_token"),
    ]
    assert [file.mapped.left_out for file in taken.files if file.mapped] == [{"distinct": 2}]


def test_children_follow_a_broken_line(tmp_path: Path) -> None:
    mapping = columns("patients", "pat.csv", 'patient_id = "id"\ncentre_id = { constant = "C1" }')
    mapping += columns("supportive_care", "s.csv", 'patient_id = "p"\ndate = "d"\nkind = { constant = "dental_care" }')
    patients, acts = [["id", "n"], ["P1", "x"], ["P2"]], [["p", "d"], ["P1", "2023-02-01"], ["P2", "2023-02-01"]]
    taken = take_in([extract(tmp_path, mapping, "centres", pat=patients, s=acts)])
    balanced(taken)
    assert taken.quarantine.select("table", "line", "rule").rows() == [
        ("patients", 3, "wrong_field_count"),
        ("supportive_care", 3, "follows_parent"),
    ]


def test_a_sheet_of_a_workbook_with_typed_cells(tmp_path: Path) -> None:
    mapping = columns(
        "clinical_assessments",
        "book.xlsx#Feuil 2",
        'assessment_id = "n"\npatient_id = { from = "p", prefix = "P" }\ndate = { from = "d", format = "%d.%m.%Y" }\n'
        'life_expectancy_days = { from = "mois", unit = "mois" }\nfrail = { from = "f", codes = { 1 = true, 2 = false } }',
    )
    write(tmp_path, {name: cohort()[name] for name in KNOWN})
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        book.add_worksheet("Feuil 1").write(0, 0, "notes")
        sheet = book.add_worksheet("Feuil 2")
        sheet.write_row(0, 0, ["n", "p", "d", "mois", "f"])
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(1, 0, ["Q1", 1, "", 3, 1])
        sheet.write_datetime(1, 2, date(2023, 2, 5), day)
        sheet.write_row(2, 0, ["Q2", 2, "6.2.2023", "2,5", "2"])
        sheet.write_row(3, 0, ["Q3", 2, "06/02/2023", 1, 1])
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    taken = take_in([tmp_path])
    kept = ("assessment_id", "patient_id", "date", "life_expectancy_days", "frail")
    assert taken.tables["clinical_assessments"].select(kept).rows() == [
        ("Q1", "P1", date(2023, 2, 5), 91, True),
        ("Q2", "P2", date(2023, 2, 6), 76, False),
    ]
    assert taken.quarantine.select("file", "line", "rule").rows() == [("book.xlsx#Feuil 2", 4, "bad_date")]


def test_parquet_types(tmp_path: Path) -> None:
    mapping = columns(
        "clinical_assessments",
        "typed.parquet",
        'assessment_id = { from = "n", prefix = "Q" }\npatient_id = "p"\ndate = { from = "d", format = "%d/%m/%Y" }\n'
        'pain_nrs = { from = "eva", unit = "0-100" }\nfrail = "f"\necog = { from = "e", codes = { 1 = 1, 2 = 2 } }',
    )
    folder = extract(tmp_path, mapping)
    frame = {"n": [1.0, 2.0], "p": ["P1", "P2"], "d": [date(2023, 2, 5)] * 2, "eva": [35, None], "f": [True, None]}
    pl.DataFrame(frame | {"e": [1.0, None]}).write_parquet(folder / "typed.parquet")
    taken = take_in([folder])
    kept = ("assessment_id", "date", "pain_nrs", "frail", "ecog")
    assert taken.quarantine.is_empty()
    assert taken.tables["clinical_assessments"].select(kept).rows() == [
        ("Q1", date(2023, 2, 5), 3.5, True, 1),
        ("Q2", date(2023, 2, 5), None, None, None),
    ]


def test_an_extract_of_plain_tables_may_be_mapped_to_itself(tmp_path: Path) -> None:
    """Renamed columns and files give the very tables that plain names give."""
    plain = take_in([write(tmp_path / "plain", cohort(), "fr")])
    folder, mapping = tmp_path / "mapped", ""
    for name, rows in cohort().items():
        renamed = {column: f"Col {column}" for row in rows for column in row}
        write(tmp_path / "one", {name: rows}, "fr")
        text = (tmp_path / "one" / f"{name}.csv").read_bytes().decode("cp1252").split("\r\n", 1)
        folder.mkdir(exist_ok=True)
        header = ";".join(renamed[column] for column in text[0].split(";"))
        (folder / f"x_{name}.csv").write_bytes(f"{header}\r\n{text[1]}".encode("cp1252"))
        mapping += columns(name, f"x_{name}.csv", "\n".join(f'{c} = "{source}"' for c, source in renamed.items()))
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    mapped = take_in([folder])
    assert mapped.quarantine.is_empty()
    assert all(mapped.tables[name].equals(plain.tables[name]) for name in TABLES)
    assert mapped.coverage.equals(plain.coverage)


def test_units_by_analyte_and_rows_of_two_entries(tmp_path: Path) -> None:
    mapping = columns(
        "lab_results",
        "bio.csv",
        'patient_id = "p"\ndate = "d"\n'
        'analyte = { from = "a", codes = { Ca = "corrected_calcium", CRP = "crp" } }\n'
        'value = { from = "v", unit = { corrected_calcium = "mg/dL" } }',
        'where = { "a" = ["Ca", "CRP"] }',
    )
    mapping += columns(
        "lab_results",
        "bio.csv",
        'patient_id = "p"\ndate = "d"\nanalyte = { constant = "creatinine" }\nvalue = { from = "v", unit = "mg/L" }',
        'where = { "a" = "Creat" }',
    )
    days = ["2023-02-01"] * 4
    rows = [
        ["P1", day, a, v]
        for day, a, v in zip(days, ["Ca", "CRP", "Creat", "Na"], ["10,0", "12,5", "9", "140"], strict=True)
    ]
    taken = take_in([extract(tmp_path, mapping, bio=[["p", "d", "a", "v"], *rows])])
    balanced(taken)
    values = dict(taken.tables["lab_results"].select("analyte", "value").rows())
    assert values == pytest.approx({"corrected_calcium": 2.4951, "crp": 12.5, "creatinine": 79.56}, rel=1e-4)


def test_a_code_system_translates_and_its_unknown_codes_are_set_apart(tmp_path: Path) -> None:
    mapping = columns(
        "primary_tumours",
        "tum.csv",
        'tumour_id = { number = "T" }\npatient_id = "p"\nprimary_site = { constant = "lung" }\ndiagnosis_date = "d"\n'
        'histology = { from = "m", system = "icd-o-3-morphology" }',
    )
    rows = [["P1", "2023-01-01", "8140/3"], ["P2", "2023-01-01", ""], ["P3", "2023-01-01", "9999/9"]]
    taken = take_in([extract(tmp_path, mapping, tum=[["p", "d", "m"], *rows])])
    assert taken.tables["primary_tumours"]["histology"].to_list() == ["adenocarcinoma", None]
    assert taken.quarantine.select("line", "column", "rule").rows() == [(4, "histology", "unknown_token")]


def test_a_code_system_is_told_the_strength_of_a_product(tmp_path: Path) -> None:
    mapping = columns(
        "drug_administrations",
        "atc.csv",
        'administration_id = { number = "D" }\npatient_id = "p"\ndate = "d"\n'
        'drug = { from = "c", system = "atc-administered", strength = "mg" }',
    )
    rows = [["P1", "2023-01-01", "M05BX04", "120"], ["P1", "2023-01-01", "M05BX04", "60"]]
    taken = take_in([extract(tmp_path, mapping, atc=[["p", "d", "c", "mg"], *rows])])
    assert taken.tables["drug_administrations"]["drug"].to_list() == ["denosumab", "other"]
    assert taken.files[-1].mapped
    assert taken.files[-1].mapped.unused_columns == []


def test_codes_are_listed_only_if_they_cannot_tell_a_patient(tmp_path: Path) -> None:
    header, patients = ["id", "s"], [[f"P{n}", "7"] for n in range(5)]
    patients += [[f"X{n}", "rare"] for n in range(4)] + [[f"Y{n}", "DUPONT Jean Marie"] for n in range(5)]
    patients += [[f"Z{n}", "troplongpourun"] for n in range(5)] + [[f"W{n}", "Du Pont"] for n in range(5)]
    mapping = columns(
        "patients", "pat.csv", 'patient_id = "id"\ncentre_id = { constant = "C1" }\nsex = { from = "s", codes = {} }'
    )
    lesions = [["P0", f"2023-02-0{n}", "P0"] for n in range(1, 8)]
    mapping += columns(
        "bone_lesions", "les.csv", 'lesion_id = { number = "L" }\npatient_id = "p"\ndiscovery_date = "d"\nbone = "b"'
    )
    folder = extract(tmp_path, mapping, "centres", pat=[header, *patients], les=[["p", "d", "b"], *lesions])
    taken = take_in([folder])
    balanced(taken)
    codes = {file.table: file.mapped.unknown_codes for file in taken.files if file.mapped}
    assert [(c.column, c.listed, c.hidden) for c in codes["patients"]] == [("sex", {"7": 5}, 19)]
    # A pseudonym in a column of codes comes back in every row of its patient.
    assert [(c.column, c.listed, c.hidden) for c in codes["bone_lesions"]] == [("bone", {}, 7)]


@pytest.mark.parametrize("value", ["0", "1", "oui", "male", "Femme"])
def test_with_codes_nothing_else_is_understood(tmp_path: Path, value: str) -> None:
    """0 and 1 mean false and true without a mapping; where the mapping lists codes, only these count."""
    mapping = columns(
        "clinical_assessments",
        "c.csv",
        'assessment_id = { number = "Q" }\npatient_id = "p"\ndate = "d"\nfrail = { from = "f", codes = { 2 = true } }',
    )
    rows = [["P1", "2023-02-01", "2"], ["P1", "2023-02-01", value]]
    taken = take_in([extract(tmp_path, mapping, c=[["p", "d", "f"], *rows])])
    assert taken.tables["clinical_assessments"]["frail"].to_list() == [True]
    assert taken.quarantine.select("line", "rule").rows() == [(3, "unknown_token")]


# the page


PAGE = (Path(__file__).parent.parent / "docs" / "mapping.md").read_text("utf-8")


def test_the_example_of_the_page_does_what_the_page_says(tmp_path: Path) -> None:
    for name, language in (("export_2024.csv", "csv"), ("mapping.toml", "toml")):
        (tmp_path / name).write_text(
            re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0], "utf-8"
        )
    taken = take_in([tmp_path])
    balanced(taken)
    assert taken.quarantine.is_empty()
    made = {name: frame.height for name, frame in taken.tables.items() if frame.height}
    assert made == {"centres": 1, "patients": 2, "bone_lesions": 3, "radiotherapy_courses": 1}
    assert taken.tables["radiotherapy_courses"]["prescribed_dose_gy"].to_list() == [30]
    assert {tuple(file.mapped.unused_columns) for file in taken.files if file.mapped} == {("Nom",)}


def test_the_page_lists_every_unit_and_every_option() -> None:
    assert units.page() in PAGE
    for word in (*OPTIONS, *ENTRY, *dates.WORDS):
        assert re.search(rf"`[^`\n]*{word}[^`\n]*`", PAGE), word


def test_an_ugly_file_in_a_zip_with_its_mapping(tmp_path: Path) -> None:
    entry = 'patient_id = "N° dossier"\ndate = "Date du  bilan"\nanalyte = { constant = "crp" }\nvalue = "CRP"'
    folder = extract(tmp_path / "in", columns("lab_results", "bio.csv.gz", entry, "unless = { CRP = ['0'] }"))
    header = "N° dossier;Nom;Date du bilan;CRP\n"
    rows = [
        "P1;Zyxwv;01/02/23;5\n",
        "P1;Zyxwv;02/02/23;0\n",
        header,
        "P1;Zyxwv\n",
        "P2;Zyxwv;03/02/23;NC\n",
        "Total;;;5\n",
    ]
    text = "Laboratoire du Centre\n\n" + header + "".join(rows)
    (folder / "bio.csv.gz").write_bytes(gzip.compress(unicodedata.normalize("NFD", text).encode()))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    taken = take_in([tmp_path / "in.zip"])
    balanced(taken)
    assert taken.tables["lab_results"].select("patient_id", "date", "value").rows() == [
        ("P1", date(2023, 2, 1), 5.0),
        ("P2", date(2023, 2, 3), None),
    ]
    refused = taken.quarantine.select("line", "rule").sort("line").rows()
    assert refused == [(6, "repeated_header"), (7, "wrong_field_count"), (9, "totals_row")]


def test_a_national_number_is_no_pseudonym_through_a_mapping_either(tmp_path: Path) -> None:
    content = 'patient_id = "p"\ndate = "d"\nanalyte = { constant = "crp" }'
    number = "1 85 05 78 006 084 91"
    folder = extract(tmp_path, columns("lab_results", "bio.csv", content), bio=[["p", "d"], [number, "2023-02-01"]])
    told = problems_of(folder)
    assert "the column patient_id seems to hold national numbers" in told[0]
    assert number not in "".join(told)
