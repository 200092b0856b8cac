"""Files that a mapping names are read in blocks, with the result that the whole would have: rows, findings, notes, messages."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mapped_extract import HEADER, SHEET, columns, extract, wide
from mapped_in_blocks import ALL, BIO, CASES, LABS, PATIENTS, VISITS, alike, lines, row, whole
from test_streaming import agrees, at_once, by_pieces, limits, same

from pipelines.ingest import reading
from pipelines.ingest.discovery import discover
from pipelines.ingest.mapping.distinct import Distinct
from pipelines.ingest.mapping.streaming import MappedFiles
from pipelines.ingest.packed import UNPACKS


@pytest.mark.parametrize("what", CASES)
def test_a_file_in_blocks(tmp_path: Path, what: str) -> None:
    plain = ALL.replace(', prefix = "C1-"', "") if what == "hospital numbers" else ALL
    (extract(tmp_path, plain) / "bio.csv").write_bytes(CASES[what].encode())
    made, problems = alike(tmp_path, *((37, 150, 1000) if len(CASES[what]) < 5000 else (3000,)))
    assert made or problems


def test_the_cases_show_what_they_are_named_for(tmp_path: Path) -> None:
    """A case that is read without the trouble it is about would prove nothing."""
    refused, seen = set(), {}
    for what, text in CASES.items():
        folder = tmp_path / what
        plain = ALL.replace(', prefix = "C1-"', "") if what == "hospital numbers" else ALL
        (extract(folder, plain) / "bio.csv").write_bytes(text.encode())
        made, problems = whole(folder)
        if problems:
            refused.add(what)
        else:
            seen[what] = {rule for _, _, _, _, findings, _ in made for _, _, rule, _ in findings}
    assert refused == {
        "the month before the day", "the year first", "a header in another order", "a stray quote", "no header",
        "a quote that is never closed", "a column that is missing", "a column twice", "hospital numbers", "nothing", "a NUL byte",
    }  # fmt: skip
    assert seen["totals and headers among the rows"] >= {"totals_row", "repeated_header"}
    assert "wrong_field_count" in seen["lines of wrong length"]
    assert "wrong_field_count" in seen["separators at every end but those of blank rows"]
    assert "wrong_field_count" not in seen["separators at every end"]
    assert "bad_date" in seen["years of two digits but one"]
    assert not seen["years of two digits that come late"]
    assert "bad_number" in seen["another decimal mark"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (extract(tmp_path, ALL) / "bio.csv").write_bytes(CASES["letters beyond ASCII"].encode(encoding))
    alike(tmp_path, 37, 150)


@pytest.mark.parametrize("cut", [False, True])
def test_a_gzip_file(tmp_path: Path, cut: bool) -> None:
    data = gzip.compress(CASES["unknown codes"].encode())
    (extract(tmp_path, ALL.replace(".csv", ".csv.gz")) / "bio.csv.gz").write_bytes(
        data[: len(data) // 2 if cut else None]
    )
    _, problems = alike(tmp_path, 20, 100)
    assert bool(problems) == cut


def test_identifiers_are_made_through_blocks_and_files(tmp_path: Path) -> None:
    extract(tmp_path, VISITS)
    for name, rows in (("bio_1", 30), ("bio_2", 3), ("bio_3", 20)):
        text = lines(*[row(i, w="" if i % 4 == 0 else "70") for i in range(rows)], "Total;;;9;;;", "P1;short", row(9))
        (tmp_path / f"{name}.csv").write_text(text)
    made, _ = alike(tmp_path, 150, 400)
    made_ids = [identifier for _, _, frame, _, _, _ in made for identifier in frame["assessment_id"].drop_nulls()]
    assert len(set(made_ids)) == len(made_ids)
    assert "Q62" in made_ids


def test_an_identifier_that_is_read_as_a_date_too(tmp_path: Path) -> None:
    """Lines of wrong length keep their identifiers, which stand after all others in the whole file."""
    mapping = columns(
        "lab_results", "bio.csv", 'patient_id = "p"\ndate = "p"\nanalyte = { constant = "crp" }\nvalue = "v"'
    )
    text = "p;v\n" + "03/02/2023;1;2\n" * 30 + "2023-02-03;1\n" * 20
    (extract(tmp_path, mapping) / "bio.csv").write_text(text)
    alike(tmp_path, 37, 300)


def test_a_table_without_patients(tmp_path: Path) -> None:
    mapping = columns("centres", "sites.csv", 'centre_id = "c"\nname = "n"', "distinct = true")
    text = (
        "c;n\n"
        + "".join(f"C{i % 3};Hôpital {i % 3}\n" for i in range(30)).replace("C1;", "C7\nC1;", 5)
        + "C8;H\nTotal;\n"
    )
    (extract(tmp_path, mapping, "patients") / "sites.csv").write_text(text)
    alike(tmp_path, 37, 150)
    found = agrees(tmp_path, into=1, block=37)
    assert isinstance(found, dict)
    assert set(found["registry", "centres"]["centre_id"]) >= {"C0", "C1", "C2", "C8"}


@pytest.mark.parametrize("prefix", ["C1-", ""])
def test_parquet_numbers_as_text(tmp_path: Path, prefix: str) -> None:
    """A column of numbers with decimals is text with decimals in all blocks, if one of its numbers has any."""
    mapping = ALL.replace(".csv", ".parquet").replace(', prefix = "C1-"', ', prefix = "C1-"' if prefix else "")
    n = 60
    frame = pl.DataFrame(
        {
            "p": [float(i % 9) for i in range(n - 1)] + [2.5],
            "d": ["2023-02-02"] * n,
            "a": ["CRP"] * n,
            "v": [float(i) for i in range(n)],
            "w": [70.0] * n,
            "b": [None] * n,
        },
        schema_overrides={"b": pl.String},
    )
    extract(tmp_path, mapping)
    frame.write_parquet(tmp_path / "bio.parquet")
    made, problems = alike(tmp_path, UNPACKS[".parquet"] * 90, UNPACKS[".parquet"] * 700)
    assert not problems
    assert made[0][2]["patient_id"][0] == f"{prefix}0.0"


def test_a_workbook_beside_large_files(tmp_path: Path) -> None:
    mapping = LABS.replace("bio*.csv", "bio.xlsx#labo") + PATIENTS
    extract(tmp_path, mapping)
    pl.DataFrame({"p": ["P1", "P2"], "d": ["44959"] * 2, "a": ["CRP"] * 2, "v": [1.5, 2.5]}).write_excel(
        tmp_path / "bio.xlsx", worksheet="labo"
    )
    (tmp_path / "bio.csv").write_text(CASES["rows that come again"])
    alike(tmp_path, 150)


# Whole extracts


@pytest.mark.parametrize("key", [None, b"a key of more than sixteen characters"])
def test_a_mapped_extract_by_pieces(tmp_path: Path, key: bytes | None) -> None:
    folder = wide(
        tmp_path / "a",
        *(line.replace("1001", f"2{i:03d}").replace("1002", f"3{i:03d}") for i in range(20) for line in SHEET),
    )
    (folder / "export_2025.csv").write_bytes("\n".join([HEADER, *SHEET]).replace("1002", "1009").encode("utf-16"))
    expected = at_once(folder, key=key)
    same(expected, by_pieces(folder, key=key))
    assert isinstance(expected, dict)
    assert expected["registry", "patients"].height > 20
    assert expected["quarantine", "rows"].height


def test_a_mapped_extract_in_a_zip(tmp_path: Path) -> None:
    wide(tmp_path / "a", *SHEET * 5)
    shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path / "a")
    agrees(tmp_path / "b.zip", block=300)


def test_what_cannot_be_read_is_told_as_of_the_whole(tmp_path: Path) -> None:
    folder = wide(tmp_path / "a", *SHEET * 5, 'x;"y"z;')
    (folder / "export_2023.csv").write_text(HEADER.replace("DDN", "Né le") + "\n" + "\n".join(SHEET * 9))
    (folder / "export_2025.csv").write_text(
        HEADER + "\n" + "".join(f"{10**7 + i};;;;validé;F;;;;;;;;\n" for i in range(200))
    )
    assert isinstance(agrees(folder), list)


# Random files

CELLS = {
    "p": ["P1", "P2", "P3", "", " P1 ", "é", "Total", "10000001"],
    "d": ["2023-02-02", "03/02/2023", "13/02/2023", "02/13/2023", "03/02/23", "44959", "", "NC", "12/2023", "x"],
    "a": ["CRP", "Ca", "crp ", "Na", "", "a long code of nobody", '"C\nRP"', '"q"'],
    "v": ["1", "1.5", "1,5", "", "NA", "1 234,5", "1/3", "x"],
    "w": ["70", "70,5", "70.5", "", "-"],
    "b": ["01/02/1950", "1/2/1950", "", "x"],
    "nom": ["x", "", "DUPONT"],
}
ODD = [
    BIO,
    "",
    ";;;;;;",
    "Total",
    "Total;;;9;;;",
    "P1;2023-02-02",
    row() + ";",
    row() + ";y",
    'P1;a"b;;;;;',
    "d;p;a;v;w;b;nom",
]
usual = st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())).map(";".join)
runs = st.tuples(usual, st.integers(1, 12)).map(lambda run: [run[0]] * run[1])
odd = st.sampled_from(ODD).map(lambda line: [line])
ending = st.sampled_from(["", "", "", ";"])


@st.composite
def wide_files(draw: st.DrawFn) -> bytes:
    """A file with columns of its own: runs of lines, most of them rows, in some encoding."""
    parts = draw(st.lists(st.one_of(runs, runs, runs, odd), max_size=14))
    end = draw(ending)
    text = draw(st.sampled_from(["\n", "\r\n"])).join([BIO, *(line + end for part in parts for line in part)])
    return text.encode(draw(st.sampled_from(["utf-8", "cp1252", "utf-16"])))


def random_files_in_blocks(files: list[bytes], block: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mapping.toml").write_text(ALL, encoding="utf-8")
        for number, data in enumerate(files):
            (Path(folder) / f"bio{number}.csv").write_bytes(data)
        alike(Path(folder), block)


FEW: Any = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
MANY: Any = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(st.lists(wide_files(), min_size=1, max_size=2), st.integers(20, 600))
@example([lines(row(), "P1;2023-02-02", row(d="03/02/23")).encode()], 20)
def test_random_files(files: list[bytes], block: int) -> None:
    random_files_in_blocks(files, block)


@pytest.mark.slow
@MANY
@given(st.lists(wide_files(), min_size=1, max_size=3), st.integers(20, 2000))
def test_many_random_files(files: list[bytes], block: int) -> None:
    random_files_in_blocks(files, block)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(wide_files(), min_size=1, max_size=2), st.integers(20, 600), st.integers(1, 5))
def test_random_extracts_by_pieces(files: list[bytes], block: int, into: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        extract(Path(folder), ALL, "centres")
        for number, data in enumerate(files):
            (Path(folder) / f"bio{number}.csv").write_bytes(data)
        agrees(Path(folder), into=into, block=block)


# Memory


def test_a_large_file_is_never_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (extract(tmp_path, ALL) / "bio.csv").write_text(lines(*[row(i) for i in range(30000)]))
    sizes: list[int] = []
    read_text = reading.read_text

    def noted(text: bytes, *args: Any, **named: Any) -> Any:
        sizes.append(len(text))
        return read_text(text, *args, **named)

    monkeypatch.setattr(reading, "read_text", noted)
    monkeypatch.setattr("pipelines.ingest.mapping.streaming.read", lambda *_: pytest.fail("the file is read whole"))
    [found], _ = discover([tmp_path])
    assert found.mapping is not None
    block, heights = 50_000, []
    with limits(1, block):
        files = MappedFiles(found.mapping, found.label, tmp_path / "mapped")
        for making in files.makings:
            making.make(lambda converted, *_: heights.append(converted.frame.height), heights.clear)
    assert len(sizes) > 20
    assert sum(sizes) < 1.1 * (tmp_path / "bio.csv").stat().st_size  # however many tables are made of it
    assert max(sizes) < 3 * block
    assert max(heights) < 3 * block // len(row())


PEAK = """
import resource, sys
from pathlib import Path
from pipelines.ingest import blocks
from pipelines.ingest.discovery import discover
from pipelines.ingest.mapping.streaming import MappedFiles
blocks.BLOCK = 4 << 20
[found], _ = discover([Path(sys.argv[1])])
files = MappedFiles(found.mapping, found.label, Path(sys.argv[1]) / "mapped")
for making in files.makings:
    making.make(lambda *_: None, lambda: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


@pytest.mark.slow
def test_the_memory_of_a_large_file_does_not_grow_with_it(tmp_path: Path) -> None:
    peaks = []
    for megabytes in (20, 320):
        folder = extract(tmp_path / str(megabytes), LABS)
        part = "".join(row(i) + "\n" for i in range(25000))
        with (folder / "bio.csv").open("w") as file:
            file.write(BIO + "\n")
            file.writelines(part for _ in range((megabytes << 20) // len(part)))
        run = subprocess.run([sys.executable, "-c", PEAK, str(folder)], capture_output=True, text=True, check=True)
        peaks.append(int(run.stdout))
    assert peaks[1] < peaks[0] + 200


# Rows of which only the first stays


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from([0.0, -0.0, 1.5, None])), max_size=30),
    st.integers(1, 9),
)
def test_the_first_of_equal_rows(rows: list[tuple[str | None, float | None]], size: int) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.Float64}, orient="row")
    expected = frame.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_list()
    seen = Distinct()
    assert [one for part in frame.iter_slices(size) for one in seen.new(part)] == expected


def test_rows_that_share_half_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = pl.DataFrame.hash_rows
    monkeypatch.setattr(
        pl.DataFrame,
        "hash_rows",
        lambda rows, seed: hashes(rows, seed) if seed else pl.repeat(7, rows.height, dtype=pl.UInt64, eager=True),
    )
    seen = Distinct()
    assert seen.new(pl.DataFrame({"a": ["x", "y", "x"]})).to_list() == [True, True, False]
    assert seen.new(pl.DataFrame({"a": ["y", "z", "x", "w"]})).to_list() == [False, True, False, True]
