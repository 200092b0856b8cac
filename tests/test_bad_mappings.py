"""What is wrong with a mapping is told by line, all at once, and without a patient's values."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from mapped_extract import SECRET, balanced, columns, extract, problems_of
from small_extract import write_csv

from pipelines.ingest import ExtractError, take_in

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
            "line 8: unknown code system 'loinc'",
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
    assert f"{linked}: this link leads out of the extract" in problems_of(folder)[0]


@pytest.mark.parametrize("linked", ["bio.csv", "mapping.toml"])
def test_links_must_not_lead_to_another_centre(tmp_path: Path, linked: str) -> None:
    rows = [["p", "d"], ["P1", "2023-02-01"]]
    for centre in ("C1", "C2"):
        extract(tmp_path / "in" / centre, columns("lab_results", "bio.csv", GOOD), bio=rows)
    (tmp_path / "in" / "C1" / linked).unlink()
    (tmp_path / "in" / "C1" / linked).symlink_to(tmp_path / "in" / "C2" / linked)
    assert "out of the folder" in problems_of(tmp_path / "in")[0]


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
