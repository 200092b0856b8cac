"""Files made to do harm: bombs, paths and links that lead elsewhere, endless lines, and text that wants to be run."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import struct
import sys
import time
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter
from small_extract import Cohort, cohort, write, write_csv

from pipelines import cli, store
from pipelines.ingest import ExtractError, packed, take_in

MIB = 1 << 20


def told(*extracts: Path) -> str:
    with pytest.raises(ExtractError) as caught:
        take_in(extracts)
    return str(caught.value)


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


# Bombs


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("MAX_BYTES", MIB, "it unpacks to more than 1 MiB"),
        ("RATIO_FROM", MIB, "it unpacks to more than 200 times its size"),
    ],
)
@pytest.mark.parametrize("shape", ["gz", "zip", "xlsx", "extract"])
def test_bombs_are_refused_before_they_unpack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, limit: str, value: int, said: str
) -> None:
    monkeypatch.setattr(packed, limit, value)
    folder, bomb = write(tmp_path / "extract", cohort()), b"0" * (3 * MIB)
    extract = folder
    if shape == "gz":
        (folder / "deviations.csv.gz").write_bytes(gzip.compress(bomb))
    elif shape == "extract":
        extract = zipped(tmp_path / "all.zip", ("patients.csv", bomb))
    else:
        zipped(folder / f"deviations.{shape}", ("deviations.csv", bomb))
    message = told(extract)
    assert said in message
    assert "export it again in smaller parts" in message


def test_a_gzip_is_never_unpacked_further_than_allowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * (64 * MIB))
    monkeypatch.setattr(packed, "MAX_BYTES", 2 * MIB)
    began = time.perf_counter()
    found = packed.contents(Path("x.csv.gz"), bomb * 50, "x.csv.gz")
    assert "2 MiB" in str(found)
    assert time.perf_counter() - began < 2


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_declares(tmp_path: Path) -> None:
    content = b"patient_id,date,analyte\n" + b"P1,2023-02-02,crp\n" * 1000
    path = zipped(tmp_path / "extract" / "lab_results.zip", ("lab_results.csv", content))
    lied = path.read_bytes().replace(struct.pack("<I", len(content)), struct.pack("<I", 42))
    path.write_bytes(lied)
    write(tmp_path / "extract", {name: rows for name, rows in cohort().items() if name != "lab_results"})
    assert "lab_results.csv: the archive is damaged here" in told(tmp_path / "extract")


def test_too_many_members(tmp_path: Path) -> None:
    extract = zipped(tmp_path / "many.zip", *((f"{n}.csv", b"") for n in range(packed.MAX_MEMBERS + 1)))
    assert "it holds 5001 files" in told(extract)


def test_a_sheet_with_a_cell_at_its_far_corner(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    (folder / "lab_results.csv").unlink()
    with xlsxwriter.Workbook(folder / "lab_results.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["patient_id", "date", "analyte"])
        sheet.write(1048575, 16383, "x")
    message = told(folder)
    assert "lab_results.xlsx: the sheet has cells far from all others" in message
    assert "delete the rows and columns that only look empty" in message


def test_a_long_sheet_is_no_bomb(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(10_001):
            sheet.write_row(row, 0, range(4))
    assert isinstance(packed.safe_workbook(buffer.getvalue(), "x"), bytes)


# Paths and links


@pytest.mark.parametrize(
    "name", ["../patients.csv", "/etc/patients.csv", "a/../../patients.csv", "C:/patients.csv", "..\\patients.csv"]
)
def test_members_that_lead_out_of_a_zip(tmp_path: Path, name: str) -> None:
    extract = zipped(tmp_path / "x.zip", (name, b"patient_id,centre_id\n"), ("centres.csv", b"centre_id\nC1\n"))
    assert "the path of this member leads out of the archive" in told(extract)
    assert {path.name for path in tmp_path.iterdir()} == {"x.zip"}


def test_other_members_that_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("patients.csv")
    link.external_attr = 0o120777 << 16
    assert "this member is a link" in told(zipped(tmp_path / "link.zip", (link, b"/etc/passwd")))
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(tmp_path / "twice.zip", ("centres.csv", b"a"), ("centres.csv", b"b"))
    assert "this member is there twice" in told(twice)
    locked = zipped(tmp_path / "locked.zip", ("centres.csv", b"centre_id\nC1\n"))
    data = bytearray(locked.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    assert "this member is protected by a password" in told(locked)


def test_links_that_leave_the_extract(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", cohort())
    folder = write(tmp_path / "extract", {name: cohort()[name] for name in ("centres", "patients")})
    (folder / "lab_results.csv").symlink_to(outside / "lab_results.csv")
    (folder / "deviations.csv").symlink_to(tmp_path / "nowhere.csv")
    (folder / "extract.toml").symlink_to(outside / "centres.csv")
    message = told(folder)
    assert "lab_results.csv: this link leads out of the extract" in message
    assert "deviations.csv: this link leads nowhere" in message
    assert "extract.toml: this link leads out of the extract" in message
    network = tmp_path / "network"
    write(network / "C1", cohort())
    (network / "C2").symlink_to(outside)
    assert "C2: this link leads out of the extract" in told(network)


def test_links_within_the_extract_and_to_it_are_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "real", cohort())
    (folder / "lab_results.csv").rename(folder / ".labs")
    (folder / "lab_results.csv").symlink_to(folder / ".labs")
    (tmp_path / "link").symlink_to(folder)
    assert take_in([tmp_path / "link"]).tables["lab_results"].height == 3


@pytest.mark.parametrize("centre", ["../../evil", "/etc/passwd", "a\\u0000b", "<b>", "C1/../C2"])
def test_a_centre_of_the_declaration_is_no_path(tmp_path: Path, centre: str) -> None:
    folder = write(tmp_path, cohort())
    (folder / "extract.toml").write_text(f'centre = "{centre}"')
    assert "is in no table centres" in told(folder)


# Size and bytes


def test_very_many_columns(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    names = ["patient_id", "date", "analyte", *(f"c{n}" for n in range(100_000))]
    write_csv(folder / "lab_results.csv", [names, ["1"] * len(names)])
    pl.DataFrame({name: ["1"] for name in names[:5000]}).write_parquet(folder / "deviations.parquet")
    began = time.perf_counter()
    message = told(folder)
    assert "lab_results.csv: the file has more than 2000 columns" in message
    assert "deviations.parquet: the file has more than 2000 columns" in message
    assert len(message) < 2000
    assert time.perf_counter() - began < 10


def test_many_unknown_columns_are_told_in_part(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte", *(f"c{n}" for n in range(100))]])
    message = told(folder)
    assert "unknown column 'c19'" in message
    assert "c20" not in message
    assert "80 more unknown columns" in message


@pytest.mark.parametrize("length", [40, 200])
def test_two_thousand_columns_with_long_names_that_a_mapping_passes_over(tmp_path: Path, length: int) -> None:
    """No more is looked for among the rows than a pattern can hold, and no header is cut off."""
    names = [f"{n:04d}" + "é" * length for n in range(1990)]
    folder = write(tmp_path, {name: rows for name, rows in cohort().items() if name != "lab_results"})
    write_csv(folder / "export.csv", [["who", "day", "what", *names], ["P1", "2023-02-02", "crp", *["x"] * len(names)]])
    columns = '{ patient_id = "who", date = "day", analyte = "what" }'
    entry = f'[[tables]]\ntable = "lab_results"\nfrom = "export.csv"\ncolumns = {columns}\n'
    (folder / "mapping.toml").write_text(entry)
    if length == 40:
        assert take_in([folder]).tables["lab_results"].height == 1
    else:
        assert "export.csv: the header is longer than 256 KiB" in told(folder)


@pytest.mark.parametrize("size", [2 * MIB, pytest.param(100 * MIB, marks=pytest.mark.slow)])
def test_a_very_long_line(tmp_path: Path, size: int) -> None:
    """As a cell, as a line of wrong length, in quotes, and where the header should be."""
    folder = write(tmp_path, cohort())
    long = b"x" * size
    head = b"patient_id,date,analyte,value\n"
    (folder / "lab_results.csv").write_bytes(head + b"P1,2023-02-02,crp," + long + b"\nP1,2023-02-03,crp,1\n")
    (folder / "deviations.csv").write_bytes(b"patient_id,domain,date,reason\nP1," + long + b"\n" + b"," * size)
    (folder / "consultations.csv").write_bytes(b'patient_id,date,kind\nP1,2023-02-02,"' + long + b'"\n')
    intake = take_in([folder])
    assert intake.tables["lab_results"].height == 1
    assert intake.quarantine.select("file", "line", "rule").rows() == [
        ("lab_results.csv", 2, "bad_number"),
        ("consultations.csv", 2, "unknown_token"),
        ("deviations.csv", 2, "wrong_field_count"),
        ("deviations.csv", 3, "wrong_field_count"),
    ]
    (folder / "deviations.csv").write_bytes(long + b",y\n")
    message = told(folder)
    assert "the first line is no header" in message
    assert len(message) < 1000


def test_nul_bytes(tmp_path: Path) -> None:
    folder = write(tmp_path, cohort())
    rows = b"P1,2023-02-02,crp\n" * 5000
    (folder / "lab_results.csv").write_bytes(b"patient_id,date,analyte\n" + rows + b"P1,2023-02-02,c\0rp\n")
    message = told(folder)
    assert "lab_results.csv: there is a NUL byte on line 5002" in message
    assert "export it again" in message


def test_devices_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    import os

    folder = write(tmp_path, {name: rows for name, rows in cohort().items() if name != "patients"})
    os.mkfifo(folder / "patients.csv")
    assert "no folder holds the table patients" in told(folder)


# Text that wants to be run

PAYLOADS = {
    "formula": '=HYPERLINK("http://x";1)',
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1)",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE registry.patients; --",
    "template": "{{ 7*7 }}${7*7}",
    "escape": "\x1b]0;owned\x07\x1b[31mred",
    "markup": "[bold red]x[/bold red][link=http://x]y[/link]",
    "bidi": "\u202eevil\u202c",
    "path": "../../../etc/passwd",
    "nul": "a\0b",
}


def poisoned(folder: Path) -> Path:
    """An extract whose names and identifiers are payloads, as Parquet so that every character comes through."""
    tables: Cohort = cohort()
    bad = list(PAYLOADS.values())
    tables["centres"] = [{"centre_id": text, "name": text} for text in bad]
    identifiers = {name: f"{bad[n]}{name}" for n, name in enumerate(("P1", "P2", "P3"))}
    identifiers |= {name: f"{bad[n]}{name}" for n, name in enumerate(("L1", "L2", "L3"), start=3)}
    for rows in tables.values():
        for row in rows:
            for column in ("patient_id", "lesion_id", "lesion_ids"):
                if column in row:
                    row[column] = identifiers[row[column]]
            if "performed_at_centre_id" in row:
                row["performed_at_centre_id"] = bad[0]
    for row, text in zip(tables["patients"], bad, strict=False):
        row["centre_id"] = text
    return write(folder, tables, "parquet")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *args: object) -> str:
    monkeypatch.setattr(sys, "argv", ["osteoconcord", *map(str, args)])
    with pytest.raises(SystemExit):
        cli.main()
    told = capfd.readouterr()
    return told.out + told.err


def test_hostile_text_stays_text_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    extract, out = poisoned(tmp_path / "extract"), tmp_path / "out"
    shown = run(monkeypatch, capfd, "validate", extract)
    shown += run(monkeypatch, capfd, "audit", extract, "--out", out, "--lang", "en", "--retrospective")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["counts"]["rows"]["quarantined"] == 0
    # files stay in their folder
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "out"}
    folders = [path.name for path in (out / "centres").iterdir()]
    assert len(folders) == len(PAYLOADS)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in folders)
    # pages hold no tag and no handler of theirs
    for page in out.rglob("*.html"):
        tags = Tags(page.read_text("utf-8"))
        assert "script" not in tags.tags
        assert "img" not in tags.tags
        assert not [name for name in tags.attributes if name.startswith("on")]
    # case lists hold nothing that a spreadsheet runs
    cases = 0
    for path in out.rglob("cases.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
            cases += 1
            assert not [cell for cell in row if re.match(r"[=+@\t\r]|-[^0-9]", cell)]
            assert not [cell for cell in row if re.search(r"[\x00-\x1f\x7f]", cell)]
    assert cases > len(PAYLOADS)
    # the database holds the text as it was
    with duckdb.connect(out / "audit.duckdb", read_only=True) as con:
        names = {name for (name,) in con.execute("SELECT name FROM registry.centres").fetchall()}
    assert names == set(PAYLOADS.values())
    # the terminal gets no control character
    for identifier in ("P1", "P2", "P3"):
        patient = f"{list(PAYLOADS.values())[int(identifier[1]) - 1]}{identifier}"
        shown += run(monkeypatch, capfd, "explain", out, "--patient", patient)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", shown)


def test_names_of_files_and_columns_are_only_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "extract", cohort())
    (folder / "x'; DROP TABLE y; --\x1b[31m\n.csv").write_text("a")
    write_csv(folder / "lab_results.csv", [["patient_id", "date", "analyte", "31m'; DROP TABLE y; --"]])
    shown = run(monkeypatch, capfd, "validate", folder)
    assert "unknown table" in shown
    assert "unknown column" in shown
    assert "\x1b" not in shown


# DuckDB


PATTERNS = ("^$", "^.*$", "*", "^sex$", "^(patient_id|sex)$")
"""Names by which polars would take other columns, several, or none."""


@pytest.mark.parametrize("shape", ["csv", "xlsx", "parquet"])
def test_names_that_are_patterns_are_only_text(tmp_path: Path, shape: str) -> None:
    extract = write(tmp_path / "extract", {"centres": cohort()["centres"]})
    rows = [row | dict.fromkeys(PATTERNS, "SECRET") for row in cohort()["patients"]]
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    match shape:
        case "csv":
            write_csv(extract / "patients.csv", lines)
        case "xlsx":
            with xlsxwriter.Workbook(extract / "patients.xlsx") as book:
                sheet = book.add_worksheet("patients")
                for place, line in enumerate(lines):
                    sheet.write_row(place, 0, line)
        case "parquet":
            pl.DataFrame(rows).write_parquet(extract / "patients.parquet")
    said = told(extract)
    for name in PATTERNS:
        assert f"unknown column ' {name}'" in said
    assert "SECRET" not in said


def test_a_mapping_can_use_columns_whose_names_are_patterns(tmp_path: Path) -> None:
    (tmp_path / "extract.toml").write_text('centre = "C1"\nextraction_date = 2025-12-31\n')
    (tmp_path / "p.csv").write_text(
        "^.*$;*;^s$;s;^$\nP1;1950-01-31;male;x;keep\nP2;1950-01-31;male;x;drop\nTotal;;;;\n"
    )
    (tmp_path / "mapping.toml").write_text(
        """
[[tables]]
table = "centres"
from = "p.csv"
distinct = true
columns = { centre_id = { constant = "C1" } }

[[tables]]
table = "patients"
from = "p.csv"
where = { "^$" = ["keep"] }
columns = { patient_id = "^.*$", birth_date = "*", sex = "^s$", centre_id = { constant = "C1" } }
"""
    )
    patients = take_in([tmp_path]).tables["patients"]
    assert patients.select("patient_id", "sex").rows() == [("P1", "male")]


def test_the_database_reaches_nothing_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with store.connect(tmp_path / "x.duckdb") as con:
        store.write_frame(con, "s", "t", pl.DataFrame({"a": [1]}))
        assert store.read_frame(con, "s", "t").height == 1
        for statement in (
            f"SELECT * FROM read_csv('{secret}')",
            f"COPY s.t TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(statement)
    with store.connect(tmp_path / "x.duckdb", read_only=True) as con, pytest.raises(duckdb.Error):
        con.execute(f"SELECT * FROM read_csv('{secret}')")
    assert {path.name for path in tmp_path.iterdir()} == {"secret.csv", "x.duckdb"}
