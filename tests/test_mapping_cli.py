"""`osteoconcord map check` and what `validate` and an audit say of a mapping: counts, never a cell."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mapped_extract import SECRET, WIDE, columns, wide
from small_extract import write, write_csv

from pipelines import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def osteoconcord(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["osteoconcord", *map(str, args)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        assert SECRET not in told.out + told.err
        return code, told.out, told.err

    return run


def test_help(osteoconcord: Run) -> None:
    assert "check" in osteoconcord("map", "--help")[1]
    code, shown, _ = osteoconcord("map", "check", "--help")
    assert code == 0
    assert "osteoconcord map check my_extract" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_check_explains_in_counts(osteoconcord: Run, tmp_path: Path) -> None:
    more = [f"2{n};{SECRET};31/02/51;7;validé;F;03/02/2023;;;;x;;;" for n in range(6)]
    code, told, _ = osteoconcord("map", "check", wide(tmp_path, *more, "9;cut"), "--json")
    found = json.loads(told)
    assert code == 0
    assert found["problems"] == []
    patients = next(table for table in found["tables"] if table["table"] == "patients")
    # 11 lines: one draft is left out and one copy; the broken line stays
    assert (patients["file"], patients["line"], patients["rows"], patients["rows_made"]) == (
        "export_2024.csv",
        8,
        11,
        9,
    )
    assert patients["left_out"] == {"where": 1, "distinct": 1}
    assert patients["broken_lines"] == 1
    assert patients["unused_columns"] == ["Nom"]
    assert patients["missing_required"] == []
    by_name = {column["column"]: column for column in patients["columns"]}
    assert by_name["sex"] == {
        "column": "sex",
        "source": "Sexe",
        "line": 17,
        "required": False,
        "filled": 8,
        "converted": 2,
        "reading": "3 codes",
        "unknown_codes": {"7": 6},
        "unknown_codes_hidden": 0,
    }
    assert (by_name["birth_date"]["filled"], by_name["birth_date"]["converted"]) == (8, 2)
    assert by_name["birth_date"]["reading"] == "dd/mm/yy, yy from 1920 to 2019"
    assert by_name["centre_id"]["source"] == "constant"


def test_check_for_people(osteoconcord: Run, tmp_path: Path) -> None:
    more = [f"2{n};{SECRET};12/03/51;7;validé;F;03/02/2023;;;;;;;" for n in range(6)]
    code, told, _ = osteoconcord("map", "check", wide(tmp_path, *more))
    assert code == 0
    for words in (
        "1 where ",
        "1 distinct ",
        "codes that are not known: '7' (6)",
        "not used: 'Nom'",
        "yy from 1920 to 2019",
    ):
        assert words in told
    assert max(len(line) for line in told.splitlines() if "codes that" not in line) <= 80


def test_check_tells_problems_beside_what_works(osteoconcord: Run, tmp_path: Path) -> None:
    mapping = WIDE.replace('sex = { from = "Sexe", ', "sexe = { ").replace(
        'patient_id = { from = "N° dossier"', 'x = { from = "y"', 1
    )
    code, told, _ = osteoconcord("map", "check", wide(tmp_path, mapping=mapping), "--json")
    found = json.loads(told)
    assert code == 1
    assert len(found["problems"]) == 3
    patients = next(table for table in found["tables"] if table["table"] == "patients")
    assert patients["missing_required"] == ["patient_id"]
    code, told, _ = osteoconcord("map", "check", tmp_path)
    assert code == 1
    assert "required columns without a source: patient_id" in told
    assert "line 17: unknown column of the table patients 'sexe'" in told


def test_check_needs_a_mapping(osteoconcord: Run, tmp_path: Path) -> None:
    write(tmp_path, {"centres": [{"centre_id": "C1"}], "patients": [{"patient_id": "P1", "centre_id": "C1"}]})
    code, told, error = osteoconcord("map", "check", tmp_path)
    assert (code, told) == (1, "")
    assert "no folder holds a mapping" in error


def test_hostile_names_of_columns_do_not_reach_the_terminal(osteoconcord: Run, tmp_path: Path) -> None:
    write(tmp_path, {"centres": [{"centre_id": "C1"}], "patients": [{"patient_id": "P1", "centre_id": "C1"}]})
    write_csv(tmp_path / "bio.csv", [["p", "d", "\u009b31m[bold]\u202ex"], ["P1", "2023-02-01", "1"]], separator=";")
    mapping = columns("supportive_care", "bio.csv", 'patient_id = "p"\ndate = "d"\nkind = { constant = "dental_care" }')
    (tmp_path / "mapping.toml").write_text(mapping)
    for command in (("map", "check"), ("validate",)):
        for form in ([], ["--json"]):
            code, told, _ = osteoconcord(*command, tmp_path, *form)
            assert code == 0
            assert not {"\u009b", "\u202e"} & set(told)
            assert "31m[bold]" in told


def test_validate_and_the_manifest_say_what_was_left_out(osteoconcord: Run, tmp_path: Path) -> None:
    folder = wide(tmp_path / "in")
    told = osteoconcord("validate", folder)[1]
    assert "1 distinct " in told
    assert "not used: 'Nom'" in told
    assert osteoconcord("audit", folder, "--out", tmp_path / "out", "--no-report", "--quiet")[0] == 0
    inputs = json.loads((tmp_path / "out" / "manifest.json").read_text())["inputs"]
    left_out = {file["table"]: file["mapped"]["left_out"] for file in inputs}
    assert left_out["patients"] == {"where": 1, "distinct": 1}
    assert left_out["radiotherapy_courses"] == {"unless": 2}
    for text in (tmp_path / "out").rglob("*.json"):
        assert SECRET not in text.read_text()
