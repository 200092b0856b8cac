"""Drafting a mapping: what is proposed for files of any names, and what a draft must never show."""

from __future__ import annotations

import csv
import random
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.codes import SYSTEMS
from pipelines.draft import Draft, draft
from pipelines.draft.matching import match
from pipelines.draft.names import name_score
from pipelines.draft.private import why_private
from pipelines.draft.sources import Sheet, read_folder
from pipelines.draft.text import quoted
from pipelines.ingest import layout
from pipelines.ingest.model import ExtractError
from validation.contract import TABLES
from validation.contract.labels import TABLE_LABELS, column_label

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data_samples" / "fr_csv" / "C01"
Habit = dict[str, tuple[str, dict[str, str]]]
"""Table -> the name of its file, and the contract's columns -> their names in it."""


def habit(name: str) -> Habit:
    with (ROOT / "tests" / "data" / f"habit_{name}.csv").open(encoding="utf-8") as file:
        found: Habit = {}
        for row in csv.DictReader(file):
            found.setdefault(row["table"], (row["file"], {}))[1][row["column"]] = row["name"]
    return found


def labels() -> Habit:
    return {
        table.name: (TABLE_LABELS[table.name], {c.name: column_label(table.name, c.name) for c in table.columns})
        for table in TABLES.values()
    }


def english() -> Habit:
    return {
        table.name: (table.name.title(), {c.name: "".join(map(str.title, c.name.split("_"))) for c in table.columns})
        for table in TABLES.values()
    }


def renamed(names: Habit, folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Write the French sample by a habit; the truth: file -> its table, and the names in it -> the contract's columns."""
    truth = {}
    for path in sorted(SAMPLE.glob("*.csv")):
        file, columns = names.get(path.stem, (path.stem, {}))
        header, rest = path.read_bytes().decode("cp1252").split("\r\n", 1)
        written = [columns.get(column, column) for column in header.split(";")]
        (folder / f"{file}.csv").write_bytes(f"{';'.join(written)}\r\n{rest}".encode("cp1252"))
        truth[f"{file}.csv"] = (path.stem, dict(zip(written, header.split(";"), strict=True)))
    return truth


def held_to(names: Habit, folder: Path) -> tuple[float, list[tuple[str, str, str]]]:
    """The share of renamed columns that are proposed rightly, and what is proposed wrongly with high confidence."""
    truth = renamed(names, folder)
    drafted = draft(folder)
    right, wrong = 0, []
    for found in drafted.matches:
        table, columns = truth[found.sheet.name]
        for proposal in found.proposals:
            fits = (found.table, proposal.column) == (table, columns[proposal.source])
            right += fits and proposal.source != columns[proposal.source]
            if proposal.confidence == "high" and not fits:
                wrong.append((found.sheet.name, proposal.source, proposal.column))
    tomllib.loads(drafted.text)
    return right / sum(name != column for _, columns in truth.values() for name, column in columns.items()), wrong


def test_the_habit_held_back(tmp_path: Path) -> None:
    names = habit("held_back")
    assert sum(len(columns) for _, columns in names.values()) >= 60
    right, wrong = held_to(names, tmp_path)
    assert wrong == []
    assert right >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("names", [habit("hospital"), labels(), english()], ids=["hospital", "labels", "english"])
def test_other_habits(names: Habit, tmp_path: Path) -> None:
    right, wrong = held_to(names, tmp_path)
    assert wrong == []
    assert right >= 0.95


# columns that have no counterpart in the contract

CHOICE = random.Random(7)


def days(n: int) -> list[str]:
    return [(date(2019, 1, 1) + timedelta(days=CHOICE.randrange(2000))).strftime("%d/%m/%Y") for _ in range(n)]


def numbers(low: int, high: int) -> Callable[[int], list[str]]:
    return lambda n: [str(CHOICE.randint(low, high)) for _ in range(n)]


def among(*cells: str) -> Callable[[int], list[str]]:
    return lambda n: [CHOICE.choice(cells) for _ in range(n)]


STRANGE: dict[str, Callable[[int], list[str]]] = {
    **dict.fromkeys(["DT_SAISIE", "DATE_MAJ", "DT_CREATION", "DT_CONSENT", "DT_RECIDIVE", "DT_NAISS_CONJOINT"], days),
    **dict.fromkeys(["TAILLE_CM", "TAILLE_PATIENT"], numbers(150, 195)),
    **dict.fromkeys(["POIDS", "AGE", "AGE_DIAG", "NB_PA", "PDL1_PCT"], numbers(30, 99)),
    **dict.fromkeys(["TABAC", "VALIDE", "DOULEUR_NUIT"], among("OUI", "NON")),
    "SEXE_CONJOINT": among("Homme", "Femme"),
    "STATUT_ALK": among("Muté", "Non muté", "Non testé"),
    "STATUT_VITAL": among("Vivant", "Décédé"),
    "CAUSE_DECES": among("Cancer", "Infection", "Autre"),
    "SERVICE": among("PNEUMO", "ONCO", "RHUMATO"),
    "STADE_T": among("T1", "T2", "T3", "T4"),
    "COTE_ABORD": among("Gauche", "Droite"),
    "TECHNIQUE_ANESTH": among("Locale", "Sédation"),
    "DOSE_BOOST": numbers(0, 10),
}


@pytest.mark.slow
def test_strange_columns_in_half_files_are_never_proposed_with_high_confidence(tmp_path: Path) -> None:
    truth = renamed(habit("hospital"), tmp_path)
    sheets, _ = read_folder(tmp_path)
    for _ in range(4):
        disturbed = []
        for sheet in sheets:
            columns = truth[sheet.name][1]
            kept = [name for name in columns if columns[name].endswith("_id") or CHOICE.random() < 0.45]
            strange = [pl.Series(name, STRANGE[name](sheet.frame.height)) for name in CHOICE.sample(list(STRANGE), 8)]
            disturbed.append(Sheet(sheet.name, sheet.label, sheet.frame.select(kept).with_columns(strange), False))
        wrong = [
            (found.table, proposal.source, proposal.column)
            for found in match(disturbed)
            for proposal in found.proposals
            if proposal.confidence == "high" and proposal.source in STRANGE
        ]
        assert wrong == []


# single files


def drafted(folder: Path, name: str, header: str, rows: list[str]) -> Draft:
    (folder / name).write_text("\n".join([header, *rows]), encoding="utf-8")
    return draft(folder)


def columns(found: Draft, table: str) -> dict:
    return next(each["columns"] for each in tomllib.loads(found.text)["tables"] if each["table"] == table)


def test_formats_units_and_codes(tmp_path: Path) -> None:
    header = "N° dossier;DDN;Sexe;N° tumeur;Organe;Date diag.;Taille (cm);Morpho"
    rows = [
        f"P{i};{i % 28 + 1:02}/06/{50 + i % 9};{'HF'[i % 2]};T{i};C34.{i % 4};2023{i % 12 + 1:02}15;{i % 9},5;8140/3"
        for i in range(60)
    ]
    (tmp_path / "patients.csv").write_text(
        "N° dossier;DDN;Sexe\n" + "\n".join(";".join(r.split(";")[:3]) for r in rows)
    )
    kept = [";".join([row.split(";")[0], *row.split(";")[3:]]) for row in rows]
    found = drafted(tmp_path, "tumeurs.csv", "N° dossier;" + header.split(";", 3)[3], kept)
    assert columns(found, "patients") == {
        "patient_id": "N° dossier",
        "birth_date": {"from": "DDN", "format": "%d/%m/%y"},
        "sex": {"from": "Sexe", "codes": {"H": "male", "F": "female"}},
    }
    assert columns(found, "primary_tumours") == {
        "tumour_id": "N° tumeur",
        "patient_id": "N° dossier",
        "primary_site": {"from": "Organe", "system": "icd-10"},
        "histology": {"from": "Morpho", "system": "icd-o-3-morphology"},
        "diagnosis_date": {"from": "Date diag.", "format": "%Y%m%d"},
        "size_mm": {"from": "Taille (cm)", "unit": "cm"},
    }
    assert "a hospital's own number?" in found.text
    assert "centre_id = { constant" in found.text
    assert all(name in SYSTEMS for name in ("icd-10", "icd-o-3-morphology"))


def test_local_codes_are_listed_only_if_short_and_common(tmp_path: Path) -> None:
    names = ["ADK", "EPI", "Adénocarcinome", "Un Nom Rare", "DUPONT"]
    rows = [f"P{i};T{i};01/02/2023;Poumon;{names[i % 3] if i < 57 else names[3 + i % 2]}" for i in range(60)]
    found = drafted(tmp_path, "tumeurs.csv", "N° dossier;N° tumeur;Date diag;Organe;Histologie", rows)
    assert '"EPI"' in found.text
    assert "DUPONT" not in found.text
    assert "Un Nom Rare" not in found.text
    assert "not shown: 2" in found.text


SECRETS = {
    "NOM": [f"Dupont{c}" for c in "abcdefghij"],
    "Prénom": [f"Marie{c}" for c in "abcdefghij"],
    "Nom de jeune fille": [f"Martin{c}" for c in "abcdefghij"],
    "Num": [f"2 54 07 75 123 {100 + i} 0{i}" for i in range(10)],
    "Contact": [f"06 12 34 56 7{i}" for i in range(10)],
    "Lieu": [f"{i} rue des Lilas" for i in range(10)],
    "Correspondance": [f"marie{i}@exemple.fr" for i in range(10)],
    "Commentaires": ["vue en urgence"] * 10,
    "Synthèse": [
        f"Patiente de {70 + i} ans, adressée pour des douleurs du rachis depuis plusieurs semaines" for i in range(10)
    ],
    "Référent": [f"Anne Lefèvre{c}" for c in "abcdefghij"],
}


def test_columns_of_names_numbers_addresses_and_text_are_left_out_with_the_reason(tmp_path: Path) -> None:
    extra = [[cells[i % 10] for cells in SECRETS.values()] for i in range(40)]
    rows = [f"P{i};01/02/19{50 + i % 40};Femme;{';'.join(extra[i])}" for i in range(40)]
    found = drafted(tmp_path, "patients.csv", f"N° dossier;DDN;Sexe;{';'.join(SECRETS)}", rows)
    assert set(columns(found, "patients")) == {"patient_id", "birth_date", "sex"}
    for name, cells in SECRETS.items():
        if name != "Référent":
            assert f"# Left out, looks like {why_private(name, pl.Series(cells))}: {quoted(name)}" in found.text
        assert not any(cell in found.text for cell in cells)


@pytest.mark.parametrize(
    ("name", "private"),
    [("NIR", True), ("Téléphone", True), ("E-mail", True), ("Code postal", True), ("Médecin traitant", True),
     ("NOM_ETAB", False), ("Nom du centre", False), ("N° dossier", False), ("DDN", False), ("Nombre de fractions", False)],
)  # fmt: skip
def test_what_a_name_tells(name: str, private: bool) -> None:
    assert (why_private(name, pl.Series([], dtype=pl.String)) is not None) == private


def test_a_file_without_header_is_not_read_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("Dupont;12/03/1950;Femme\nMartin;13/04/1951;Homme\n")
    with pytest.raises(ExtractError) as raised:
        draft(tmp_path)
    assert "looks like data" in str(raised.value)
    assert "Dupont" not in str(raised.value)


def test_one_wide_sheet_makes_several_tables(tmp_path: Path) -> None:
    header = ["IPP", "Date naissance", "Sexe", "Date décès", "Date dernières nouvelles", "Organe primitif", "Histologie",
              "Date diagnostic", "Statut EGFR"]  # fmt: skip
    with xlsxwriter.Workbook(tmp_path / "base.xlsx") as workbook:
        sheet = workbook.add_worksheet("Feuil1")
        workbook.add_worksheet("vide")
        sheet.write_row(0, 0, header)
        for i in range(1, 50):
            day = f"{i % 28 + 1:02}/03/2023"
            cells = [f"P{i}", "01/02/1950", "Femme", "", day, "Poumon", "CBPC", day, "Muté"]
            sheet.write_row(i, 0, cells)
    found = draft(tmp_path)
    tables = tomllib.loads(found.text)["tables"]
    assert {table["table"] for table in tables} == {"patients", "primary_tumours"}
    assert {table["from"] for table in tables} == {"base.xlsx#Feuil1"}
    patients, tumours = columns(found, "patients"), columns(found, "primary_tumours")
    assert patients["patient_id"] == tumours["patient_id"] == "IPP"
    assert tumours["histology"] == "Histologie"
    assert tumours["tumour_id"] == {"number": "T"}
    assert [table for table in tables if table.get("distinct")]


def test_parquet_and_files_that_fit_nothing(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"IdPatient": ["P1", "P2"], "DateNaissance": [date(1950, 1, 1), None], "Sexe": ["Homme", None]}
    )
    frame.write_parquet(tmp_path / "pat.parquet")
    (tmp_path / "meteo.csv").write_text("station,pluie\nA,3\nB,4\n")
    found = draft(tmp_path)
    assert columns(found, "patients")["birth_date"] == "DateNaissance"
    assert len(tomllib.loads(found.text)["tables"]) == 1
    assert "# meteo.csv: fits no table" in found.text


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4, unique=True),
    st.lists(st.text(max_size=20), max_size=4),
)
def test_a_draft_is_toml_whatever_the_names_and_cells(names: list[str], cells: list[str]) -> None:
    from pipelines.draft.text import write

    # Two names that differ in blanks alone are one column, as in the files that are read.
    named = dict.fromkeys(layout.named(["patient_id", "sex", *names]))
    frame = pl.DataFrame([pl.Series(name, cells, dtype=pl.String) for name in named])
    assert tomllib.loads(write(match([Sheet("patients.csv", "patients", frame, False)]), []))["tables"]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_names_fit_between_none_and_all(name: str) -> None:
    for column in TABLES["patients"].columns:
        assert 0 <= name_score(name, "patients", column.name)[0] <= 1


def test_the_command_writes_once_and_says_what_it_found(tmp_path: Path) -> None:
    (tmp_path / "identite.csv").write_text("N° dossier;DDN;Sexe\nP1;01/02/1950;Homme\n")
    run = CliRunner().invoke(app, ["map", "init", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "identite.csv" in run.output
    assert "Read every line" in run.output
    first = (tmp_path / "mapping.toml").read_bytes()
    again = CliRunner().invoke(app, ["map", "init", str(tmp_path)])
    assert "there already" in str(again.exception)
    assert (tmp_path / "mapping.toml").read_bytes() == first
    other = CliRunner().invoke(app, ["map", "init", str(tmp_path), "--out", str(tmp_path / "b.toml"), "--quiet"])
    assert other.output == ""
    assert (tmp_path / "b.toml").read_bytes() == first


def test_a_folder_of_folders_is_refused_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "nord").mkdir()
    (tmp_path / "nord" / "pat.csv").write_text("a;b\n1;2\n")
    with pytest.raises(ExtractError, match="give one of its folders: nord"):
        draft(tmp_path)
