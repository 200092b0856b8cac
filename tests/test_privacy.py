"""Privacy at the door: what names a person is refused by the name of its column; pseudonyms can be keyed anew."""

from __future__ import annotations

import hmac
import json
import re
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_extract import Cohort, cohort, write

from pipelines import cli
from pipelines.ingest import ExtractError, take_in
from pipelines.ingest.privacy import _BY_CELL, _MAY_BE_PERSONAL, has_key_of_nir, what_cells_hold, what_it_holds
from validation.contract import TABLES

KEY = "a long key that nobody knows"
NIR = "2 55 08 14 168 025 38".replace(" ", "")


def told(tmp_path: Path, tables: Cohort, *secrets: str) -> str:
    with pytest.raises(ExtractError) as caught:
        take_in([write(tmp_path, tables)])
    message = str(caught.value)
    assert not [secret for secret in secrets if secret in message]
    return message


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Nom", "names of persons"),
        ("NOM_NAISSANCE", "names of persons"),
        ("nomPatient", "names of persons"),
        ("Prénom(s) usuels", "names of persons"),
        ("NIR", "national numbers"),
        ("N° Sécurité sociale", "national numbers"),
        ("IPP", "hospital numbers"),
        ("Tél. domicile", "phone numbers"),
        ("Adresse 1", "addresses"),
        ("code_postal", "addresses"),
        ("E-mail", "e-mail addresses"),
        ("Commentaire", "free text"),
        ("Observations", "free text"),
    ],
)
def test_names_of_columns(tmp_path: Path, name: str, held: str) -> None:
    tables = cohort()
    for row in tables["lab_results"]:
        row[name] = "SECRET-1"
    message = told(tmp_path, tables, "SECRET-1")
    assert f"lab_results.csv: the column {name!r} seems to hold {held}" in message
    assert "take the column out of the export" in message


@pytest.mark.parametrize(
    "name",
    ["nom_protocole", "dose", "nombre", "latéralité", "instance", "renom", "indication", "telangiectasie", "statut"],
)
def test_names_that_are_no_such_columns(name: str) -> None:
    assert what_it_holds(name) == ""


def test_no_column_of_the_contract_is_suspected() -> None:
    names = {column.name for table in TABLES.values() for column in table.columns}
    assert [name for name in sorted(names) if what_it_holds(name)] == []


@pytest.mark.parametrize(
    ("cells", "held"),
    [
        ([NIR, "x"], "national numbers"),
        (["2 55 08 14 168 025 38"], "national numbers"),
        (["06 12 34 56 78", "+33612345678"], "phone numbers"),
        (["jean.dupont@example.org"] + ["x"] * 5, "e-mail addresses"),
        (["12 rue des Lilas", "75013 PARIS"], "addresses"),
        (["DUPONT Jean", "MARTIN Françoise", "Petit, Marie-Claude"], "names of persons"),
        (["Marie", "Jean-Pierre", "Ahmed", "Zoé"], "names of persons"),
        (["Patient vu ce jour en consultation, va bien malgré la douleur"], "free text"),
        (["P1", "C01-P000012", "12", "femur", "2023-02-02", "acide zolédronique", "3,5"], ""),
        (["Hôpital Saint-Louis", "Clinique des Lilas", "Centre Léon-Bérard"], ""),
        ([], ""),
    ],
)
def test_contents_of_columns(cells: list[str], held: str) -> None:
    assert what_cells_hold(pl.Series(cells, dtype=pl.String)) == held


def test_contents_of_an_unknown_column(tmp_path: Path) -> None:
    tables = cohort()
    for row in tables["lab_results"]:
        row["contact"] = "0612345678"
    assert "the column 'contact' seems to hold phone numbers" in told(tmp_path, tables, "0612345678")


@pytest.mark.parametrize(
    ("number", "good"),
    [
        (NIR, True),
        (NIR[:-1] + "9", False),
        ("955081416802538", False),
        ("255131416802538", False),
    ],
)
def test_the_key_of_a_national_number(number: str, good: bool) -> None:
    assert has_key_of_nir(number) == good


@pytest.mark.parametrize("department", ["2A", "2B", "14", "97"])
def test_the_key_is_97_minus_the_number(department: str) -> None:
    digits = f"25508{department}168025"
    key = 97 - int(digits.replace("2A", "19").replace("2B", "18")) % 97
    assert has_key_of_nir(f"{digits}{key:02}")
    assert not has_key_of_nir(f"{digits}{key % 97 + 1:02}")


@settings(deadline=None)
@given(st.text(alphabet="0123456789 +-.@,aAeEéIlLmMnNrRsSuU\u00a0\n", max_size=24).map(str.strip))
@example("06 12 34 56 78")
@example("0612345678")
@example("+33612345678")
@example("1 84 12 76 451 089 46")
@example("Ali")
@example("a@b.fr")
@example("3 rue")
def test_no_text_that_may_name_a_person_is_passed_over(text: str) -> None:
    personal = any(matches(text) for _, _, matches in _BY_CELL)
    assert not personal or bool(pl.Series([text]).str.contains(_MAY_BE_PERSONAL)[0])


@pytest.mark.parametrize(
    ("identifiers", "held"),
    [
        ([NIR, "255081416802635", "255081416802732"], "national numbers"),
        (["8001234567", "8001234568", "8001234569"], "hospital numbers (8 to 13 digits)"),
        (["DUPONT Jean", "MARTIN Marie", "PETIT Paul"], "names of persons"),
    ],
)
def test_a_patient_id_that_is_no_pseudonym(tmp_path: Path, identifiers: list[str], held: str) -> None:
    tables = {name: cohort()[name] for name in ("centres", "patients")}
    for row, identifier in zip(tables["patients"], identifiers, strict=True):
        row["patient_id"] = identifier
    message = told(tmp_path, tables, *identifiers)
    assert f"patients.csv: the column patient_id seems to hold {held}" in message
    assert "replace them by pseudonyms" in message


@pytest.mark.parametrize("identifiers", [["1", "2", "3"], ["0001234", "0001235", "0001236"], ["P80012345", "P2", "P3"]])
def test_pseudonyms_of_few_digits_are_welcome(tmp_path: Path, identifiers: list[str]) -> None:
    tables = {name: cohort()[name] for name in ("centres", "patients")}
    for row, identifier in zip(tables["patients"], identifiers, strict=True):
        row["patient_id"] = identifier
    assert take_in([write(tmp_path, tables)]).tables["patients"].height == 3


# Keys


def everything(out: Path) -> str:
    """All that lies in a folder, in letters: text, Parquet and DuckDB."""
    pieces = []
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            pieces.append(str(pl.read_parquet(path).to_dict(as_series=False)))
        elif path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as con:
                for schema, table in con.execute(
                    "SELECT table_schema, table_name FROM information_schema.tables"
                ).fetchall():
                    pieces.append(str(con.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall()))
        else:
            pieces.append(path.read_text("utf-8"))
        pieces.append(path.read_bytes().decode("latin-1"))
    return "\n".join(pieces)


def test_nothing_of_the_old_identifiers_stays(
    clean_extracts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTEO_KEY", KEY)
    out, extract = tmp_path / "out", clean_extracts["iso_csv"]
    monkeypatch.setattr(
        sys, "argv", ["osteoconcord", "audit", str(extract), "--out", str(out), "--pseudonym-key-env", "OSTEO_KEY"]
    )
    with pytest.raises(SystemExit):
        cli.main()
    held = everything(out)
    old = re.compile(r"C\d\d-P\d{6}")
    assert old.search((extract / "C01" / "patients.csv").read_text())
    assert not old.search(held)
    assert KEY not in held
    assert json.loads((out / "manifest.json").read_text())["parameters"]["pseudonym_key_env"] == "OSTEO_KEY"
    with duckdb.connect(out / "audit.duckdb", read_only=True) as con:
        identifiers = {row[0] for row in con.execute("SELECT patient_id FROM registry.patients").fetchall()}
        assert con.execute("SELECT count(*) FROM quarantine.rows").fetchone() == (0,)
    before = pl.concat([pl.read_csv(path) for path in extract.glob("*/patients.csv")])["patient_id"]
    assert identifiers == {hmac.new(KEY.encode(), name.encode(), "sha256").hexdigest()[:20] for name in before}
    assert all(re.fullmatch(r"[0-9a-f]{20}", name) for name in identifiers)


def test_a_key_changes_nothing_but_identifiers(tmp_path: Path) -> None:
    tables = cohort()
    tables["lab_results"].append({"patient_id": "P9", "date": "2023-02-02", "analyte": "crp"})
    plain = take_in([write(tmp_path, tables)])
    keyed = take_in([tmp_path], KEY.encode())
    assert keyed.quarantine.equals(plain.quarantine)
    assert keyed.counts.equals(plain.counts)
    assert keyed.tables["centres"].equals(plain.tables["centres"])
    assert keyed.tables["procedures"]["performed_at_centre_id"].to_list() == ["C1"]
    assert keyed.tables["mdt_meetings"]["lesion_ids"].to_list() == [
        [keyed.tables["radiotherapy_courses"]["lesion_id"][0]]
    ]
    for name, table in TABLES.items():
        others = [c.name for c in table.columns if not (c.is_key or c.parent or c.name == "lesion_ids")]
        assert keyed.tables[name].select(others).sort(others).equals(plain.tables[name].select(others).sort(others)), (
            name
        )
    assert not take_in([tmp_path], b"another key of some length").tables["patients"].equals(keyed.tables["patients"])


@pytest.mark.parametrize("command", ["audit", "score", "validate"])
@pytest.mark.parametrize(("value", "said"), [(None, "is not set"), ("", "is not set"), ("short", "fewer than 16")])
def test_a_key_that_cannot_be_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    value: str | None,
    said: str,
) -> None:
    monkeypatch.delenv("OSTEO_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("OSTEO_KEY", value)
    write(tmp_path / "extract", cohort())
    out = [] if command == "validate" else ["--out", str(tmp_path / "out")]
    monkeypatch.setattr(
        sys, "argv", ["osteoconcord", command, str(tmp_path / "extract"), *out, "--pseudonym-key-env", "OSTEO_KEY"]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
