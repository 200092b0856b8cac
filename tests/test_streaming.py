"""What is larger than memory is taken in by pieces and blocks, with the result that the whole would have, to the row."""

from __future__ import annotations

import gzip
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from fuzzing import SOURCES, Case, marked
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from small_extract import cohort, write

from pipelines import store
from pipelines.audit import compose
from pipelines.ingest import ExtractError, SourceFile, blocks, layout, pieces, reading, spill, take_in
from pipelines.ingest.packed import UNPACKS
from pipelines.ingest.pieces import Pieces, _keys
from pipelines.ingest.spill import Buckets, Marks
from pipelines.run import Request
from pipelines.synth import synth as invent
from validation.contract import TABLES


def synth(out: Path, *, patients: int, centres: int, seed: int, dialect: str, faults: float = 0.0) -> None:
    invent(patients, centres, seed, dialect, "csv", faults, out)


Tables = dict[tuple[str, str], pl.DataFrame]


@contextmanager
def limits(piece: int, block: int) -> Iterator[None]:
    """Make what is taken at once small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", piece)
        patch.setattr(blocks, "BLOCK", block)
        yield


def at_once(*extracts: Path, key: bytes | None = None) -> Tables | list[str]:
    """All that the database holds of an intake in memory, or why the extracts cannot be read."""
    try:
        intake = take_in(extracts, key)
    except ExtractError as error:
        return [str(problem) for problem in error.problems]
    with tempfile.TemporaryDirectory() as folder:
        store.save(Path(folder) / "x.duckdb", intake)
        return stored(Path(folder) / "x.duckdb") | told(intake.files)


def by_pieces(*extracts: Path, into: int = 3, block: int = 150, key: bytes | None = None) -> Tables | list[str]:
    """The same of an intake by so many pieces."""
    with limits(1 + pieces.size(extracts) // into, block), tempfile.TemporaryDirectory() as folder:
        try:
            taken = Pieces(extracts, Path(folder) / "pieces", key)
        except ExtractError as error:
            return [str(problem) for problem in error.problems]
        store.save_pieces(Path(folder) / "x.duckdb", taken)
        assert not (Path(folder) / "pieces").exists()
        return stored(Path(folder) / "x.duckdb") | told(taken.files)


def told(files: list[SourceFile]) -> Tables:
    """All that is told of the files: what a mapping made of them is not in the database."""
    return {("intake", "files"): pl.DataFrame({"told": [repr(file) for file in files]})}


def stored(path: Path) -> Tables:
    with store.connect(path, read_only=True) as con:
        tables = con.sql("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        return {(schema, name): store.read_frame(con, schema, name) for schema, name in tables}


def same(whole: Tables | list[str], taken: Tables | list[str]) -> None:
    if isinstance(whole, list) or isinstance(taken, list):
        assert taken == whole
        return
    assert set(taken) == set(whole)
    for place, frame in whole.items():
        assert taken[place].schema == frame.schema, place
        assert taken[place].equals(frame), place


def agrees(*extracts: Path, **given: int) -> Tables | list[str]:
    """By pieces and at once, an extract gives the same; returns it."""
    whole = at_once(*extracts)
    same(whole, by_pieces(*extracts, **given))
    return whole


# Whole extracts


@pytest.mark.parametrize("shape", ["iso", "fr", "xlsx", "parquet"])
@pytest.mark.parametrize("into", [1, 4])
def test_every_shape(tmp_path: Path, shape: str, into: int) -> None:
    found = agrees(write(tmp_path / "extract", cohort(), shape), into=into)
    assert isinstance(found, dict)
    assert found["registry", "patients"].height == 3


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["fr", "iso"])
def test_planted_faults(tmp_path: Path, dialect: str) -> None:
    synth(tmp_path / "extract", patients=60, centres=3, seed=1, dialect=dialect, faults=0.05)
    found = agrees(tmp_path / "extract", block=4000)
    assert isinstance(found, dict)
    assert found["quarantine", "rows"].height > 50


@pytest.mark.slow
def test_several_extracts_and_a_zip(tmp_path: Path) -> None:
    synth(tmp_path / "a", patients=30, centres=2, seed=3, dialect="fr")
    shutil.copytree(tmp_path / "a" / "C01", tmp_path / "b" / "C01b")
    shutil.make_archive(str(tmp_path / "c"), "zip", tmp_path / "b")
    found = agrees(tmp_path / "a", tmp_path / "c.zip", block=5000)
    assert isinstance(found, dict)
    assert found["quarantine", "linkage"].height


def test_identifiers_are_rekeyed(tmp_path: Path) -> None:
    synth(tmp_path / "extract", patients=30, centres=2, seed=3, dialect="fr")
    key = b"a key of more than sixteen characters"
    same(at_once(tmp_path / "extract", key=key), by_pieces(tmp_path / "extract", block=5000, key=key))


# What joins patients


def rows_of(n: int = 30) -> dict[str, list[dict[str, str]]]:
    """Patients with a lesion, an examination and an assessment each."""
    who = [f"P{i:02d}" for i in range(n)]
    return {
        "centres": [{"centre_id": "C1"}, {"centre_id": "C2"}],
        "patients": [
            {"patient_id": p, "centre_id": "C1", "birth_date": f"19{40 + i % 3}-01-01", "sex": "male"} for i, p in enumerate(who)
        ],
        "bone_lesions": [{"lesion_id": f"L{p}", "patient_id": p, "discovery_date": "2023-02-01", "bone": "femur"} for p in who],
        "imaging_exams": [
            {"exam_id": f"{30 - i:02d}E", "patient_id": p, "lesion_id": f"L{p}", "date": "2023-02-02", "modality": "ct"}
            for i, p in enumerate(who)
        ],
        "imaging_findings": [{"exam_id": f"{30 - i:02d}E", "lesion_id": f"L{p}", "patient_id": p} for i, p in enumerate(who)],
        "lab_results": [{"patient_id": p, "date": "2023-02-02", "analyte": "crp", "value": "1.5"} for p in who],
    }  # fmt: skip


TIES = {
    "a key of two patients": ("bone_lesions", 0, "lesion_id", "LP29"),
    "a lesion of another patient": ("imaging_exams", 3, "lesion_id", "LP20"),
    "an examination of another patient": ("imaging_findings", 2, "exam_id", "05E"),
    "a lesion that nobody has": ("imaging_exams", 4, "lesion_id", "X"),
    "a row without patient": ("bone_lesions", 7, "patient_id", ""),
    "an unknown patient": ("bone_lesions", 8, "patient_id", "ZZ"),
    "a patient without identifier": ("patients", 9, "patient_id", ""),
    "a broken parent": ("bone_lesions", 11, "bone", "nowhere"),
    "two rows of a patient": ("patients", 12, "patient_id", "P13"),
    "a test without patient": ("lab_results", 14, "patient_id", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("tie", TIES)
def test_ties_between_patients(tmp_path: Path, tie: str) -> None:
    table, row, column, value = TIES[tie]
    tables = rows_of()
    tables[table][row][column] = value
    found = agrees(write(tmp_path, tables))
    assert isinstance(found, dict)
    assert found["quarantine", "rows"].height or table == "imaging_findings"


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(TIES)), unique=True, max_size=6), st.integers(2, 9), st.integers(40, 400))
def test_ties_together(ties: list[str], into: int, block: int) -> None:
    tables = rows_of()
    for tie in ties:
        table, row, column, value = TIES[tie]
        tables[table][row][column] = value
    with tempfile.TemporaryDirectory() as folder:
        agrees(write(Path(folder), tables), into=into, block=block)


@pytest.mark.parametrize("chain", [("P01", "P02", "P29"), ("P01", "P02", "P03", "P28", "P27", "P14", "P13")])
def test_ties_in_chains(tmp_path: Path, chain: tuple[str, ...]) -> None:
    """Neighbours in one piece are joined when another piece joins one of them, link by link."""
    tables = rows_of()
    for one, next_one in pairwise(chain):
        exam = next(row for row in tables["imaging_exams"] if row["patient_id"] == one)
        exam["lesion_id"] = f"L{next_one}"
    found = agrees(write(tmp_path, tables))
    assert isinstance(found, dict)
    assert set(found["quarantine", "rows"]["rule"]) == {"lesion_of_another_patient", "follows_parent"}


def test_pairs_that_look_like_one_person_are_found_across_pieces(tmp_path: Path) -> None:
    tables = rows_of()
    for i, row in enumerate(tables["bone_lesions"]):
        row["discovery_date"] = f"2023-03-{1 + i % 28:02d}"
    twins = [
        {**row, "patient_id": "P00", "lesion_id": "LX"} for row in tables["bone_lesions"] if row["patient_id"] == "P27"
    ]
    for row in tables["patients"]:
        row["death_date"] = "2024-05-05" if row["patient_id"] in ("P00", "P27") else ""
    tables["bone_lesions"] += twins
    found = agrees(write(tmp_path, tables))
    assert isinstance(found, dict)
    pairs = found["quarantine", "linkage"].filter(kind="probable_duplicate")
    assert pairs.select("patient_id", "other_patient_id").rows() == [("P00", "P27")]


def test_every_key_is_known_by_a_mark() -> None:
    """Rows that one composite key joins are joined by a part of it that is marked, or have one patient."""
    for name, table in TABLES.items():
        marked_columns = {column for _, column in _keys(table)} | {"patient_id", "centre_id"}
        assert not table.key or marked_columns & set(table.key), name


# Files in blocks

LABS = "patient_id;date;analyte;value\n"
ROW = "P1;{};crp;{}\n"
UGLY = {
    "a decimal mark that comes late": LABS + ROW.format("2023-02-02", "4") * 600 + ROW.format("2023-02-02", "1,5"),
    "a date format that comes late": LABS + ROW.format("", "4") * 600 + ROW.format("02/03/2023", "1,5"),
    "years of two digits": LABS + ROW.format("02/02/23", "1,5") * 60,
    "years of two digits but one": LABS + ROW.format("02/02/23", "1,5") * 60 + ROW.format("02/02/2023", "1"),
    "days as Excel counts them": LABS + ROW.format("44959", "1,5") * 60,
    "days as Excel counts them but one": LABS + ROW.format("44959", "1,5") * 60 + ROW.format("02/02/2023", "1"),
    "the month before the day": LABS + "".join(ROW.format(f"02/{day}/2023", "1") for day in range(10, 29)),
    "the month before the day in a few": LABS
    + "".join(ROW.format(f"02/{day % 12 + 1:02d}/2023", "1") for day in range(60))
    + "".join(ROW.format(f"02/{day}/2023", "1") for day in range(20, 25)),
    "the month before the day and the day first": LABS
    + "".join(ROW.format(f"{day}/02/2023", "1") for day in range(10, 29))
    + "".join(ROW.format(f"02/{day}/2023", "1") for day in range(10, 29)),
    "the year first": LABS + "".join(ROW.format(f"23/02/{day}", "1") for day in range(10, 29)),
    "separators at every end": LABS + ROW.format("2023-02-02", "1.5;") * 30,
    "separators at every end but one": LABS + ROW.format("2023-02-02", "1.5;") * 30 + ROW.format("2023-02-02", "1.5"),
    "separators at every end but those of blank rows": LABS + ROW.format("2023-02-02", "1.5;") * 30 + ";;;\n" * 90,
    "a column without name": "patient_id;date;analyte;value;\n" + ROW.format("2023-02-02", "1.5;") * 30,
    "a column without name that is filled late": "patient_id;date;analyte;value;\n"
    + ROW.format("2023-02-02", "1.5;") * 30
    + ROW.format("2023-02-02", "1.5;SECRET"),
    "lines of wrong length": LABS + (ROW.format("2023-02-02", "1.5") * 7 + "P1;2023-02-02\n\nTotal;3\n") * 8,
    "quoted line ends": LABS + (ROW.format("2023-02-02", '"1.5"') + 'P1;2023-02-02;"cr\np";2\n') * 20,
    "a stray quote": LABS + ROW.format("2023-02-02", "1.5") * 20 + ROW.format("2023-02-02", '1"5') + ROW.format("x", "1") * 9,
    "a quote that is never closed": LABS + ROW.format("2023-02-02", "1.5") * 20 + ROW.format("2023-02-02", '"1') * 60,
    "repeated headers and totals": LABS + (ROW.format("2023-02-02", "1.5") * 9 + LABS + "Total;;;9\n") * 9,
    "a header in another order": LABS + ROW.format("2023-02-02", "1.5") * 30 + "date;patient_id;analyte;value\n",
    "lone returns": (LABS + ROW.format("2023-02-02", "1.5") * 30).replace("\n", "\r"),
    "mixed line ends": (LABS + (ROW.format("2023-02-02", "1.5") + ROW.format("x", "2")) * 30).replace("x;crp;2\n", "x;crp;2\r\n"),
    "blank lines at the end": LABS + ROW.format("2023-02-02", "1.5") * 30 + "\n\r\n;;;\n\n",
    "a title above": 'Export\n"of\ntoday"\n' + LABS + ROW.format("2023-02-02", "1.5") * 30,
    "words for blanks": LABS + (ROW.format("NC", "NA") + ROW.format("2023-02-02", "nd")) * 30,
    "no rows": LABS,
    "no header": ROW.format("2023-02-02", "1.5") * 60,
    "a column of names": "patient_id;date;analyte;nom\n" + ROW.format("2023-02-02", "DUPONT") * 30,
    "a column of e-mail addresses that come late": "patient_id;date;analyte;champ\n"
    + ROW.format("2023-02-02", "x") * 60
    + "".join(ROW.format("2023-02-02", f"a{i}@b.fr") for i in range(9)),
    "an unknown column": "patient_id;date;analyte;valeur\n" + ROW.format("2023-02-02", "2") * 30,
    "hospital numbers": LABS + "".join(f"{10_000_000 + i};2023-02-02;crp;1\n" for i in range(300)),
    "hospital numbers at the end": LABS
    + ROW.format("2023-02-02", "1") * 9
    + "".join(f"{10**7 + i};2023-02-02;crp;1\n" for i in range(300)),
    "hospital numbers on lines of wrong length": LABS
    + ROW.format("2023-02-02", "1") * 9
    + "".join(f"{10**7 + i};2023-02-02\n" for i in range(300)),
    "nothing": "",
    "blanks": "\n \n" * 4000,
    "a NUL byte": LABS + ROW.format("2023-02-02", "1.5") * 30 + "P1\0;2023-02-02;crp;1\n",
    "a long line": LABS + ROW.format("2023-02-02", "1.5") * 9 + "P1;" + "x" * 5000 + ";crp;1\n" + ROW.format("2023-02-02", "1.5"),
}  # fmt: skip


def with_labs(folder: Path, name: str, data: bytes) -> Path:
    write(folder, {table: rows for table, rows in cohort().items() if table != "lab_results"})
    (folder / name).write_bytes(data)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("what", UGLY)
def test_ugly_files(tmp_path: Path, what: str) -> None:
    agrees(with_labs(tmp_path, "lab_results.csv", UGLY[what].encode()), into=1, block=90)


def test_a_file_is_read_once_where_its_first_block_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (LABS + ROW.format("02/03/2023", "1,5") * 2000).encode()
    (tmp_path / "lab_results.csv").write_bytes(data)
    sizes, heights = [], []
    read_text = reading.read_text
    monkeypatch.setattr(
        reading, "read_text", lambda text, *a, **named: sizes.append(len(text)) or read_text(text, *a, **named)
    )
    with limits(1, 1000):
        told = blocks.read_in_blocks(
            tmp_path / "lab_results.csv", "csv", TABLES["lab_results"], "lab_results.csv",
            lambda converted, *_: heights.append(converted.frame.height), heights.clear,
        )  # fmt: skip
    assert isinstance(told, blocks.Told)
    assert sum(heights) == told.rows == 2000
    assert len(heights) > 20
    assert sum(sizes) < 1.1 * len(data)


def test_a_block_of_blank_rows_shows_whether_lines_end_with_a_separator() -> None:
    """The rows of the whole file would then be one field too long, although this block has none to show it."""
    header = layout.Header(";", ["patient_id", "value"], 1, 0)
    outline = blocks.Outline(TABLES["lab_results"], 2)
    for rows in (b"P1;2;", b";"):
        raw = reading.read_text(b"patient_id;value\n" + rows, header, TABLES["lab_results"], "x")
        assert isinstance(raw, reading.Raw)
        outline.see(raw, "x")
    assert outline.mixed


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = (
        LABS
        + ROW.format("2023-02-02", "1.5") * 20
        + "Pé;2023-02-02;crp;1\nPœ€;2023-02-02;crp;1\n"
        + ROW.format("x", "2") * 20
    )
    agrees(with_labs(tmp_path / "a", "lab_results.csv", text.encode(encoding)), into=1, block=37)
    agrees(with_labs(tmp_path / "b", "lab_results.csv", text.encode(encoding)[:-3]), into=1, block=37)


def test_a_file_that_is_utf8_in_part_only(tmp_path: Path) -> None:
    text = "Pé;2023-02-02;crp;1\n"
    data = LABS.encode() + text.encode() * 20 + text.encode("cp1252")
    found = agrees(with_labs(tmp_path, "lab_results.csv", data), into=1, block=37)
    assert "UTF-8 in part only" in str(found)


@pytest.mark.parametrize("name", ["lab_results.csv.gz", "lab_results.zip"])
def test_packed_files(tmp_path: Path, name: str) -> None:
    data = (LABS + ROW.format("2023-02-02", "1.5") * 900).encode()
    folder = with_labs(tmp_path / "good", name, gzip.compress(data))
    if name.endswith(".zip"):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("lab_results.csv", data)
    found = agrees(folder, into=1, block=20)
    assert isinstance(found, dict)
    assert found["registry", "lab_results"].height == 900
    broken = (folder / name).read_bytes()
    (folder / name).write_bytes(broken[: len(broken) // 2])
    assert isinstance(agrees(folder, into=1, block=20), list)


def test_parquet_columns_that_look_whole_at_first(tmp_path: Path) -> None:
    folder = with_labs(tmp_path, "x", b"")
    (folder / "x").unlink()
    labs = pl.DataFrame({"patient_id": [1.0] * 40 + [2.5], "date": ["2023-02-02"] * 41, "analyte": ["crp"] * 41})
    labs.write_parquet(folder / "lab_results.parquet")
    agrees(folder, into=1, block=UNPACKS[".parquet"] * 90)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(*SOURCES.values()), st.integers(20, 600))
@example(("lab_results", "lab_results.csv", b'patient_id;date;analyte\n\r\r\n"\n', None), 20)
def test_broken_and_odd_files(case: Case, block: int) -> None:
    table, name, data, _ = case
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            key: rows
            for key, rows in marked().items()
            if key in ("centres", "patients", "bone_lesions") and key != table
        }
        write(Path(folder), rows)
        (Path(folder) / name).write_bytes(data)
        agrees(Path(folder), into=1, block=block)


# Audits


@pytest.mark.slow
def test_an_audit_by_pieces_is_the_same_audit(tmp_path: Path) -> None:
    synth(tmp_path / "extract", patients=60, centres=3, seed=5, dialect="fr", faults=0.02)
    request = Request((tmp_path / "extract",), tmp_path / "whole", report=False)
    compose(request)
    with limits(1 + pieces.size([tmp_path / "extract"]) // 3, 4000):
        compose(Request((tmp_path / "extract",), tmp_path / "pieces", report=False))
    for path in sorted((tmp_path / "whole").rglob("*.parquet")):
        other = tmp_path / "pieces" / path.relative_to(tmp_path / "whole")
        assert other.read_bytes() == path.read_bytes(), path.name
    same(stored(tmp_path / "whole" / "audit.duckdb"), stored(tmp_path / "pieces" / "audit.duckdb"))
    assert sorted(path.name for path in (tmp_path / "pieces").iterdir()) == sorted(
        path.name for path in (tmp_path / "whole").iterdir()
    )


def test_nothing_is_left_and_nobody_else_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def fails(path: Path, taken: Pieces) -> None:
        folders = [folder for folder in [path.parent / "pieces", *path.parent.glob("pieces/*")] if folder.is_dir()]
        modes.extend(stat.S_IMODE(folder.stat().st_mode) for folder in folders)
        raise RuntimeError

    monkeypatch.setattr(store, "save_pieces", fails)
    write(tmp_path / "extract", cohort())
    with limits(300, 100), pytest.raises(RuntimeError):
        compose(Request((tmp_path / "extract",), tmp_path / "out", report=False))
    assert set(modes) == {0o700}
    assert not (tmp_path / "out").exists()


# Parts


def test_buckets_hold_neighbours() -> None:
    patients = pl.Series([f"P{i:03d}" for i in range(100)])
    buckets = Buckets(patients, 4)
    found = buckets.of(pl.Series(["A", "P000", "P024", "P025", "P099", "Z", None]))
    assert found.to_list() == [0, 0, 0, 1, 3, 3, buckets.last]


@pytest.mark.parametrize("patients", [[], [None], ["P1"]])
def test_fewer_patients_than_buckets(patients: list[str | None]) -> None:
    buckets = Buckets(pl.Series(patients, dtype=pl.String), 5)
    assert all(bucket < buckets.last for bucket in buckets.of(pl.Series(["A", "P1", "P2"])))


def test_keys_of_several_buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Marks(tmp_path / "marks")
    marks.add("bone_lesions", pl.Series(["a", "b", None, "c"]), pl.Series([0, 0, 0, 1], dtype=pl.UInt16))
    marks.add("bone_lesions", pl.Series(["b", "c", "d"]), pl.Series([0, 2, 2], dtype=pl.UInt16))
    for buffer in (1 << 20, 16):
        monkeypatch.setattr("pipelines.ingest.spill.BUFFER", buffer)
        assert marks.crossing("bone_lesions").tolist() == Marks.hashes(pl.Series(["c"])).tolist()
    assert not len(marks.crossing("procedures"))


def test_rows_are_taken_back_from_a_folder_whose_name_looks_like_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "BUFFER", 0)
    rows = spill.Spill(tmp_path / "run [1]")
    frame = pl.DataFrame({"patient_id": ["P1", "P2"]})
    rows.add("patients", 0, frame)
    taken = rows.take("patients", 0)
    assert taken is not None
    assert taken.equals(frame)
