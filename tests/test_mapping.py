"""Mapping files: the tables they make, the rows they leave out, and what is wrong with them, by line."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import cohort, write, write_csv

from pipelines.ingest import ExtractError, Intake, take_in
from pipelines.ingest.mapping import dates, units
from pipelines.ingest.mapping.columns import OPTIONS
from pipelines.ingest.mapping.lines import Lines
from pipelines.ingest.mapping.loading import ENTRY
from pipelines.ingest.mapping.systems import SYSTEMS
from validation.contract import TABLES

SECRET = "SECRET-7421"
KNOWN = ("centres", "patients")


def extract(folder: Path, mapping: str, *tables: str, **files: list[list[str]]) -> Path:
    """Tables of the small extract as they are, other files with a mapping."""
    write(folder, {name: cohort()[name] for name in (tables or KNOWN)})
    for name, lines in files.items():
        write_csv(folder / f"{name}.csv", lines, separator=";")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return folder


def columns(table: str, source: str, content: str, head: str = "") -> str:
    return f'[[tables]]\ntable = "{table}"\nfrom = "{source}"\n{head}\n[tables.columns]\n{content}\n'


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ExtractError) as caught:
        take_in([folder])
    return [str(problem) for problem in caught.value.problems]


def balanced(taken: Intake) -> None:
    """Nothing is lost: rows of the file = rows left out + accepted + quarantined."""
    for file in taken.files:
        if file.mapped:
            assert file.mapped.rows == sum(file.mapped.left_out.values()) + file.rows
    read = pl.DataFrame({"table": [f.table for f in taken.files], "rows": [f.rows for f in taken.files]})
    counts = taken.counts.group_by("table").agg(pl.col("read", "accepted", "quarantined").sum())
    for row in counts.iter_rows(named=True):
        assert row["read"] == row["accepted"] + row["quarantined"] == read.filter(table=row["table"])["rows"].sum()


# what comes through


WIDE = """
[[tables]]
table = "centres"
from = "export*.csv"
distinct = true
columns = { centre_id = { constant = "C1" } }

[[tables]]
table = "patients"
from = "export*.csv"
where = { "Statut" = ["validé"] }
distinct = true
[tables.columns]
patient_id = { from = "N° dossier", prefix = "C1-" }
centre_id = { constant = "C1" }
birth_date = { from = "DDN", format = "%d/%m/%y" }
sex = { from = "Sexe", codes = { "1" = "male", 2 = "female", "9" = "" } }

[[tables]]
table = "bone_lesions"
from = "export*.csv"
where = { "Statut" = ["validé"] }
repeat = [1, 2]
[tables.columns]
lesion_id = { from = "N° dossier", suffix = "-L{n}" }
patient_id = { from = "N° dossier", prefix = "C1-" }
discovery_date = "Date {n}"
bone = { from = "Os {n}", codes = { F = "femur", C = "rib" } }

[[tables]]
table = "radiotherapy_courses"
from = "export*.csv"
unless = { "Séjour" = [""], "Statut" = "brouillon" }
[tables.columns]
course_id = { number = "R" }
patient_id = { from = "N° dossier", prefix = "C1-" }
start_date = { from = "Séjour", split = " - ", part = 1 }
end_date = { from = "Séjour", split = " - ", part = 2 }
prescribed_dose_gy = { from = "Dose", unit = "cGy" }

[[tables]]
table = "mdt_meetings"
from = "export*.csv"
unless = { "Séjour" = "" }
where = { "Statut" = "validé" }
[tables.columns]
mdt_id = { number = "M" }
patient_id = { from = "N° dossier", prefix = "C1-" }
date = { from = "Séjour", split = " - ", part = 1 }
lesion_ids = { from = ["N1", "N2"], join = "|" }
specialties = { from = "Spé", separator = ",", codes = { Chir = "orthopaedics", RT = "radiation_oncology" } }
"""
HEADER = "N° dossier;Nom;DDN;Sexe;Statut;Os 1;Date 1;Os 2;Date 2;Séjour;Dose;N1;N2;Spé"
SHEET = [
    f"1001;{SECRET};12/03/45;1;validé;F;03/02/2023;C;04/02/2023;10/02/2023 - 12/02/2023;3000;A;B;Chir, RT",
    f"1002;{SECRET};01/12/20;2; Validé ;C;03/02/2023;;;10/02/2023;800,5;A;;RT",
    f"1003;{SECRET};12/03/51;9;brouillon;F;03/02/2023;;;10/02/2023;800;A;;RT",
    f"1001;{SECRET};12/03/45;1;validé;;;;;;;;;",
]


def wide(folder: Path, *more: str, mapping: str = WIDE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "export_2024.csv").write_bytes("\r\n".join([HEADER, *SHEET, *more]).encode("cp1252"))
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return folder


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


def test_a_code_system_translates_and_its_unknown_codes_are_set_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = {"8140/3": "adenocarcinoma"}
    monkeypatch.setitem(SYSTEMS, "icd-o-3-morphology", lambda cells, _: cells.replace_strict(tokens, default=None))
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


def test_a_code_system_is_told_the_strength_of_a_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_strength(cells: pl.Series, strength: pl.Series | None) -> pl.Series:
        assert strength is not None
        return cells.zip_with(strength == "120", pl.Series(["other"]).new_from_index(0, len(cells)))

    monkeypatch.setitem(SYSTEMS, "atc", by_strength)
    mapping = columns(
        "drug_administrations",
        "atc.csv",
        'administration_id = { number = "D" }\npatient_id = "p"\ndate = "d"\n'
        'drug = { from = "c", system = "atc", strength = "mg" }',
    )
    rows = [["P1", "2023-01-01", "denosumab", "120"], ["P1", "2023-01-01", "denosumab", "60"]]
    taken = take_in([extract(tmp_path, mapping, atc=[["p", "d", "c", "mg"], *rows])])
    assert taken.tables["drug_administrations"]["drug"].to_list() == ["denosumab", "other"]
    assert taken.files[-1].mapped
    assert taken.files[-1].mapped.unused_columns == []


def test_codes_are_listed_only_if_they_cannot_tell_a_patient(tmp_path: Path) -> None:
    header, patients = ["id", "s"], [[f"P{n}", "7"] for n in range(5)]
    patients += [[f"X{n}", "rare"] for n in range(4)] + [[f"Y{n}", "DUPONT Jean Marie"] for n in range(5)]
    patients += [[f"Z{n}", "trop long pour"] for n in range(5)]
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
    assert [(c.column, c.listed, c.hidden) for c in codes["patients"]] == [("sex", {"7": 5}, 14)]
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


# dates and units


DAYS = st.dates(date(1970, 1, 1), date(2069, 12, 31))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(DAYS | st.none(), min_size=1),
    st.sampled_from(["%d/%m/%Y", "%d/%m/%y", "%m-%d-%Y", "%Y%m%d", "%d.%m.%y", "%d%m%y", "%d/%m/%Y %H:%M"]),
)
def test_dates_of_any_format_round_trip(days: list[date | None], form: str) -> None:
    cells = pl.Series([day and day.strftime(form) for day in days], dtype=pl.String)
    assert dates.read(cells, form, TABLES["lab_results"]["date"], native=False).to_list() == days


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("%d/%m/%y", "01/01/20", date(1920, 1, 1)),
        ("%d/%m/%y", "31/12/19", date(2019, 12, 31)),
        ("%d/%m/%y", "29/02/20", date(1920, 2, 29)),
        ("%d/%m/%y", "01/01/1945", None),
        ("%d/%m/%Y", "01/01/45", None),
        ("%d/%m/%Y", "31/02/1945", None),
        ("%d/%m/%Y", "1945-01-01", None),
        ("%d/%m/%Y", "01/01/1845", None),
        ("%m/%Y", "3/1945", date(1945, 3, 1)),
        ("%Y", "1945", date(1945, 1, 1)),
    ],
)
def test_dates_of_birth(form: str, cell: str, day: date | None) -> None:
    column = TABLES["patients"]["birth_date"]
    assert dates.read(pl.Series([cell]), form, column, native=False).to_list() == [day]


def test_two_digits_of_events_are_of_our_time() -> None:
    column, cells = TABLES["lab_results"]["date"], pl.Series(["01/01/70", "31/12/69", "05/06/24"])
    found = dates.read(cells, "%d/%m/%y", column, native=False).to_list()
    assert found == [date(1970, 1, 1), date(2069, 12, 31), date(2024, 6, 5)]


@pytest.mark.parametrize(
    ("target", "unit", "value", "expected"),
    [
        ("Gy", "cGy", 3000, 30), ("Gy", "cGy", 580, 5.8), ("days", "mois", 1, 30.4375), ("days", "semaines", 2, 14),
        ("days", "ans", 1, 365.25), ("hours", "min", 90, 1.5), ("hours", "jours", 2, 48), ("min", "h", 0.25, 15),
        ("mm", "cm", 3.2, 32), ("mg", "g", 0.004, 4), ("mg", "µg", 500, 0.5), ("%", "fraction", 0.5, 50),
        ("fraction", "%", 33, 0.33), ("0-10", "0-100", 35, 3.5), ("corrected_calcium", "mg/dl", 10, 2.49513),
        ("creatinine", "mg/dL", 1, 88.4017), ("vitamin_d_25oh", "ng/mL", 30, 74.880), ("crp", "mg/dL", 1.2, 12),
        ("platelets", "/mm3", 250000, 250), ("vitamin_d", "µg/j", 25, 1000), ("calcium", "g/j", 1, 1000),
    ],
)  # fmt: skip
def test_conversions(target: str, unit: str, value: float, expected: float) -> None:
    found = units.find(units.UNITS.get(target) or units.UNITS_OF[target], unit)
    assert found
    assert value * found.times / found.over == pytest.approx(expected, rel=1e-5)


def test_every_factor_has_a_source_and_every_target_is_of_the_contract() -> None:
    named = {column.unit for table in TABLES.values() for column in table.columns}
    assert set(units.UNITS) <= named
    assert set(units.DECIDES) <= named
    tokens = {*TABLES["lab_results"]["analyte"].tokens, *TABLES["drug_prescriptions"]["drug"].tokens}
    assert set(units.UNITS_OF) <= tokens
    for table in (*units.UNITS.values(), *units.UNITS_OF.values()):
        assert all(unit.source or unit.times == unit.over == 1 for unit in table.values())
        assert any(unit.times == unit.over for unit in table.values())


# what is refused


GOOD = 'patient_id = "p"\ndate = "d"\nanalyte = { constant = "crp" }'


def _refused() -> dict[str, tuple[str, str]]:
    """Mapping -> what is said of it. The columns of an entry begin on line 6."""

    def labs(content: str, head: str = "") -> str:
        return columns("lab_results", "bio.csv", content, head)

    return {
        "no TOML": ("[[tables]]\ntable = lab\n", "line 2: this is not TOML"),
        "twice": (labs(GOOD + '\ndate = "d"'), "line 9: this is not TOML"),
        "no list": ("[tables]\n", "line 1: there is no table to make"),
        "nothing": ("", "line 1: there is no table to make"),
        "top": ('centre = "x"\n' + labs(GOOD), "line 1: unknown entry 'centre'"),
        "entry": (labs(GOOD, 'wher = { "p" = "x" }'), "line 4: unknown entry 'wher'"),
        "table": (columns("lab_result", "bio.csv", GOOD), "did you mean lab_results?"),
        "no table": ('[[tables]]\nfrom = "bio.csv"\n[tables.columns]\n', "line 1: the entry says nothing about: table"),
        "column": (labs(GOOD + '\nvaleu = "v"'), "line 9: unknown column of the table lab_results 'valeu'"),
        "required": (labs('patient_id = "p"'), "required columns of lab_results have no source: date, analyte"),
        "source column": (labs(GOOD + '\nvalue = "Valeur"'), "line 9: bio.csv has no column 'Valeur'"),
        "where column": (labs(GOOD, 'where = { "vv" = "x" }'), "bio.csv has no column 'vv'"),
        "where type": (labs(GOOD, "where = [1]"), "line 4: where has the wrong type"),
        "where cells": (labs(GOOD, 'where = { "v" = [1.5] }'), "line 4: where of 'v' has the wrong type"),
        "distinct": (labs(GOOD, 'distinct = "yes"'), "line 4: distinct has the wrong type"),
        "option": (labs(GOOD + '\nvalue = { from = "v", unti = "mg/L" }'), "did you mean unit?"),
        "unit": (labs(GOOD + '\nvalue = { from = "v", unit = "mg/dm3" }'), "line 9: unknown unit of crp 'mg/dm3'"),
        "unit of none": (
            columns("patients", "bio.csv", 'patient_id = "p"\ncentre_id = { from = "v", unit = "mg" }'),
            "line 7: unit does not go with centre_id, which is of type string",
        ),
        "unit by analyte": (
            labs('patient_id = "p"\ndate = "d"\nanalyte = "v"\nvalue = { from = "v", unit = "mg/L" }'),
            "line 9: the unit of value hangs on the analyte",
        ),
        "unit of analyte": (
            labs(GOOD + '\nvalue = { from = "v", unit = { crpp = "mg/L" } }'),
            "line 9: unknown analyte with a unit 'crpp'",
        ),
        "format": (labs(GOOD.replace('"d"', '{ from = "d", format = "%d/%b/%Y" }')), "line 7: the format has unknown"),
        "format without year": (labs(GOOD.replace('"d"', '{ from = "d", format = "%d/%m" }')), "the format is no date"),
        "month only": (labs(GOOD.replace('"d"', '{ from = "d", format = "%m/%Y" }')), "the format is no date"),
        "codes": (
            labs(GOOD.replace('{ constant = "crp" }', '{ from = "v", codes = { 1 = "crpp" } }')),
            "did you mean crp?",
        ),
        "codes alike": (
            labs(GOOD.replace('{ constant = "crp" }', '{ from = "v", codes = { a = "crp", A = "aptt" } }')),
            "line 8: two codes differ only in case",
        ),
        "constant": (labs(GOOD.replace('"crp"', '"crpp"')), "line 8: unknown token of analyte 'crpp'"),
        "constant type": (labs(GOOD + "\nvalue = { constant = [1] }"), "line 9: a value of value has the wrong type"),
        "constant date": (labs(GOOD.replace('"d"', '{ constant = "soon" }')), "line 7: a value of date does not fit"),
        "system": (
            labs(GOOD.replace('{ constant = "crp" }', '{ from = "v", system = "loinc" }')),
            "line 8: this version of osteoconcord has no code systems",
        ),
        "strength": (
            labs(GOOD.replace('{ constant = "crp" }', '{ from = "v", codes = { 1 = "crp" }, strength = "v" }')),
            "line 8: strength goes with system",
        ),
        "two sources": (labs(GOOD + '\nvalue = { from = "v", constant = 1 }'), "line 9: value has 2 sources"),
        "no source": (labs(GOOD + '\nvalue = { unit = "mg/L" }'), "line 9: value has no sources"),
        "join": (labs(GOOD.replace('"p"', '{ from = ["p", "v"] }')), "line 6: join and a list of columns"),
        "split": (labs(GOOD.replace('"p"', '{ from = "p", split = "-" }')), "line 6: split and part belong together"),
        "part": (labs(GOOD.replace('"p"', '{ from = "p", split = "-", part = 0 }')), "line 6: part has the wrong type"),
        "number": (labs(GOOD.replace('"d"', '{ number = "D" }')), "line 7: numbers are made for identifiers"),
        "path": (columns("lab_results", "../bio.csv", GOOD), "line 3: from is no name of a file: a path"),
        "backslash": (columns("lab_results", "a\\\\bio.csv", GOOD), "line 3: from is no name of a file: a path"),
        "absolute": (columns("lab_results", "/etc/passwd", GOOD), "line 3: from is no name of a file: a path"),
        "no file": (columns("lab_results", "boi.csv", GOOD), "did you mean bio.csv?"),
        "no match": (columns("lab_results", "labo_*.csv", GOOD), "line 3: no file of the folder is 'labo_*.csv'"),
        "same file": (
            labs(GOOD) + columns("lab_results", "b*.csv", GOOD),
            "line 11: bio.csv makes the table lab_results twice (also on line 1)",
        ),
        "numbers twice": (
            columns("supportive_care", "bio.csv", 'patient_id = "p"\ndate = "d"\nkind = { constant = "dental_care" }')
            + columns("mdt_meetings", "bio.csv", 'mdt_id = { number = "M" }\npatient_id = "p"\ndate = "d"')
            + columns("mdt_meetings", "bio2.csv", 'mdt_id = { number = "M" }\npatient_id = "p"\ndate = "d"'),
            "line 22: the identifiers M1, M2 ... are made twice",
        ),
        "repeat": (labs(GOOD, "repeat = [1, 2]"), "line 4: repeat is given, but no column of the source is named"),
        "repeat twice": (labs(GOOD, 'repeat = [1, "1"]'), "line 4: repeat names the same thing twice"),
        "own file": (columns("patients", "bio.csv", 'patient_id = "p"\ncentre_id = "v"'), "patients is there twice"),
    }


REFUSED = _refused()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_names_its_line(tmp_path: Path, case: str) -> None:
    mapping, said = REFUSED[case]
    lines = [["p", "d", "v"], [SECRET, "2023-02-01", "1"]]
    told = problems_of(extract(tmp_path, mapping, bio=lines, bio2=lines))
    assert any(said in problem for problem in told), told
    assert SECRET not in " ".join(told)
    of_mapping = [problem for problem in told if problem.startswith("mapping.toml:")]
    assert all(re.match(r"mapping\.toml: line \d+: ", problem) for problem in of_mapping)
    assert of_mapping or case == "own file"


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    mapping = columns("lab_results", "bio.csv", GOOD + '\nvalue = { from = "v", unit = "x" }\nvaleu = "v"', "dist = 1")
    mapping += columns("bone_lesion", "none.csv", 'lesion_id = "l"')
    told = problems_of(extract(tmp_path, mapping, bio=[["p", "d", "v"]]))
    lines = sorted(int(found) for problem in told for found in re.findall(r"^mapping.toml: line (\d+)", problem))
    assert lines == [4, 9, 10, 12]


def test_without_a_header_no_cell_is_shown(tmp_path: Path) -> None:
    told = problems_of(extract(tmp_path, columns("lab_results", "bio.csv", GOOD), bio=[[SECRET, SECRET, "x"]]))
    assert "no header that the mapping knows" in told[0]
    assert SECRET not in " ".join(told)


def test_a_used_column_that_is_there_twice(tmp_path: Path) -> None:
    folder = extract(
        tmp_path, columns("lab_results", "bio.csv", GOOD), bio=[["p", "d", "p"], ["P1", "2023-02-01", "x"]]
    )
    assert "the column 'p' is there more than once" in problems_of(folder)[0]
    write_csv(folder / "bio.csv", [["p", "d", "x", "x", ""], ["P1", "2023-02-01", "1", "2", "3"]], separator=";")
    taken = take_in([folder])
    assert taken.tables["lab_results"].height == 1
    assert [len(file.mapped.unused_columns) for file in taken.files if file.mapped] == [3]


def test_sheets_are_named_but_not_listed(tmp_path: Path) -> None:
    folder = extract(tmp_path, columns("lab_results", "book.xlsx#Feuil", GOOD))
    with xlsxwriter.Workbook(folder / "book.xlsx") as book:
        for name in (SECRET, "Feuil1"):
            book.add_worksheet(name).write_row(0, 0, ["p", "d"])
    told = " ".join(problems_of(folder))
    assert "line 1: book.xlsx has no sheet 'Feuil'; it has 2" in told
    assert "did you mean Feuil1?" in told
    assert SECRET not in told
    (folder / "mapping.toml").write_text(columns("lab_results", "book.xlsx", GOOD))
    assert "line 1: book.xlsx has 2 sheets" in problems_of(folder)[0]


@pytest.mark.parametrize("linked", ["bio.csv", "mapping.toml"])
def test_links_must_not_leave_the_folder(tmp_path: Path, linked: str) -> None:
    folder = extract(tmp_path / "in", columns("lab_results", "bio.csv", GOOD), bio=[["p", "d"], ["P1", "2023-02-01"]])
    assert take_in([folder]).tables["lab_results"].height == 1
    outside = (folder / linked).rename(tmp_path / linked)
    (folder / linked).symlink_to(outside)
    assert "out of the folder" in problems_of(folder)[0]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('mapping = "ours.toml"', None),
        ('mapping = "our.toml"', "did you mean ours.toml?"),
        ('mapping = "../in/ours.toml"', "a path is not allowed"),
        ("mapping = 1", "mapping has the wrong type"),
        ('mapping = "ours.toml"\n[tables.lab_results]\nsupplied = false', "declared as not supplied"),
    ],
)
def test_extract_toml_names_another_mapping(tmp_path: Path, declared: str, said: str | None) -> None:
    folder = extract(tmp_path / "in", columns("lab_results", "bio.csv", GOOD), bio=[["p", "d"], ["P1", "2023-02-01"]])
    (folder / "mapping.toml").rename(folder / "ours.toml")
    (folder / "extract.toml").write_text(declared)
    if said is None:
        assert take_in([folder]).tables["lab_results"].height == 1
    else:
        assert said in " ".join(problems_of(folder))


def test_a_file_that_nobody_names_is_not_passed_over(tmp_path: Path) -> None:
    folder = extract(tmp_path, columns("lab_results", "bio.csv", GOOD), bio=[["p", "d"]], other=[["p"]])
    assert "mapping.toml does not name it" in problems_of(folder)[0]


def test_two_folders_do_not_make_the_same_identifiers(tmp_path: Path) -> None:
    mapping = columns("mdt_meetings", "m.csv", 'mdt_id = { number = "M" }\npatient_id = "p"\ndate = "d"')
    for name in ("a", "b"):
        extract(tmp_path / name, mapping, m=[["p", "d"], ["P1", "2023-02-01"]])
    assert (
        "b/mapping.toml: line 6: the identifiers M1, M2 ... are made in a/mapping.toml too" in problems_of(tmp_path)[0]
    )


HOSTILE = ["\u202e", "a" * 5000, "'; DROP TABLE patients; --", "<script>", "\x1b[31m", "{n}", "%n", "*?[!"]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40) | st.sampled_from(HOSTILE), st.sampled_from(["table", "from", "where", "column", "unit"]))
def test_no_text_in_a_mapping_breaks_the_intake(tmp_path_factory, text: str, place: str) -> None:
    quoted = '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in text) + '"'
    written = {"table": '"lab_results"', "from": '"bio.csv"', "where": '"v"', "column": '"v"', "unit": '"mg/L"'}
    written[place] = quoted
    mapping = (
        f"[[tables]]\ntable = {written['table']}\nfrom = {written['from']}\nwhere = {{ {written['where']} = '1' }}\n"
        f"[tables.columns]\n{GOOD}\nvalue = {{ from = {written['column']}, unit = {written['unit']} }}\n"
    )
    folder = extract(tmp_path_factory.mktemp("m"), mapping, bio=[["p", "d", "v"], ["P1", "2023-02-01", "1"]])
    with contextlib.suppress(ExtractError):
        balanced(take_in([folder]))


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    assert "nested too deeply" in problems_of(extract(tmp_path, "a = " + "[" * 100_000))[0]


# lines


def test_lines_of_every_way_to_write_toml() -> None:
    text = """# comment
[[tables]]  # one
table = "x"
where = { "a]" = [
  "1", # one, two,
  "2",
] }
columns.sex = "s"

[tables.columns.bone]
"from" = '''
[not.a.header]
'''
codes = { a = "b" }
[[tables]]
  [tables.columns]
  "N° 1".x = 1
"""
    lines = Lines(text)
    assert lines.of(("tables", 0)) == 2
    assert lines.of(("tables", 0, "table")) == 3
    assert lines.of(("tables", 0, "where", "a]")) == 4
    assert lines.of(("tables", 0, "columns", "sex")) == 8
    assert lines.of(("tables", 0, "columns", "bone")) == 10
    assert lines.of(("tables", 0, "columns", "bone", "from")) == 11
    assert lines.of(("tables", 0, "columns", "bone", "codes", "a")) == 14
    assert lines.of(("tables", 1, "columns", "N° 1", "x")) == 17
    assert lines.of(("tables", 1, "columns", "absent")) == 16
    assert lines.of(("nothing",)) == 1


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
