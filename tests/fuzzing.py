"""Broken and odd files without end: the readers may refuse them, but not crash, hang, lose a row or tell a value.

`python tests/fuzzing.py MINUTES` runs it for longer than the tests do, and says how many files it tried.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from small_extract import Cohort, cohort, write

from pipelines.ingest import ExtractError, take_in
from validation.contract import TABLES

MARK = "ZqX"
"""Begins every identifier and name of a fuzzed file: it must be in no message."""
SLOWEST = 20.0
"""Seconds after which one small file counts as a hang, on a busy machine."""
FUZZED = ("patients", "lab_results", "clinical_assessments", "procedures", "mdt_meetings", "imaging_findings")
SHAPES = ("iso", "fr", "xlsx", "parquet", "gz", "zip")


def marked() -> Cohort:
    """The small cohort with the mark in every identifier of patients and lesions."""
    tables = cohort()
    for rows in tables.values():
        for row in rows:
            for column in ("patient_id", "lesion_id", "lesion_ids", "name"):
                if column in row:
                    row[column] = MARK + row[column]
    return tables


def valid_files() -> dict[tuple[str, str], tuple[str, bytes]]:
    """(shape, table) -> the name and the bytes of a valid file."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            base = write(Path(folder) / shape, marked(), shape if shape in ("fr", "xlsx", "parquet") else "iso")
            for path in base.iterdir():
                found[shape, path.stem] = _packed(path.name, path.read_bytes(), shape)
    return found


def _packed(name: str, data: bytes, shape: str) -> tuple[str, bytes]:
    if shape == "gz":
        return f"{name}.gz", gzip.compress(data)
    if shape == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return f"{Path(name).stem}.zip", buffer.getvalue()
    return name, data


VALID = valid_files()

PIECES = [b'"', b"\r", b"\n", b";", b",", b"\t", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", "é".encode(), b"Total", b"NA",
          b"2023", b"12/2023", b"01/02/23", b"01/02/00", b"0000-01-01", b"45000", b"1 234,5", b"=1+1", b"<b>", b"9" * 400, b"-",
          b"\xc2\xa0", b"1e400",  b"patient_id", b"date", b"\x1b[31m", b"\xf0\x9f\xa6\xb4"]  # fmt: skip
Mutation = tuple[str, float, int, bytes]
mutations = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "flip", "double", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 60),
        st.sampled_from(PIECES) | st.binary(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, changes: list[Mutation], first: int) -> bytes:
    """The bytes with changes made at places after `first`."""
    for kind, place, length, piece in changes:
        at = min(len(data), first + int(place * max(0, len(data) - first)))
        end = min(len(data), at + length)
        match kind:
            case "insert":
                data = data[:at] + piece + data[at:]
            case "delete":
                data = data[:at] + data[end:]
            case "flip":
                data = data[:at] + bytes(code ^ 0x5A for code in data[at:end]) + data[end:]
            case "double":
                data = data[:end] + data[at:end] + data[end:]
            case "cut":
                data = data[:at] if place > 0.5 else data
    return data


Case = tuple[str, str, bytes, int | None]
"""Table, name and bytes of a file, and how many rows it has, where that is known."""


@st.composite
def broken_files(draw: st.DrawFn) -> Case:
    """A valid file with changes; a header that one can read stays, for it is told in messages."""
    shape, table = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(FUZZED))
    name, data = VALID[shape, table]
    first = data.find(b"\n") + 1 if shape in ("iso", "fr") else 0
    return table, name, mutated(data, draw(mutations), first), None


@st.composite
def random_bytes(draw: st.DrawFn) -> Case:
    """Bytes without sense, perhaps after a sign of some format."""
    table = draw(st.sampled_from(FUZZED))
    ending = draw(st.sampled_from([".csv", ".xlsx", ".parquet", ".csv.gz", ".zip"]))
    start = draw(
        st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08", b"\xff\xfe", b"patient_id;date;analyte\n"])
    )
    return table, f"{table}{ending}", start + draw(st.binary(max_size=400)), None


@st.composite
def odd_dialects(draw: st.DrawFn) -> Case:
    """A CSV file in some dialect, with lines that are no rows and cells of every kind."""
    table = draw(st.sampled_from(FUZZED))
    names = list(marked()[table][0])
    cells = st.sampled_from([piece.decode("utf-8", "replace").replace("\0", "") for piece in PIECES]) | st.text(
        max_size=8
    )
    rows = [list(row.values()) for row in marked()[table]]
    rows += draw(st.lists(st.lists(cells, min_size=len(names) - 1, max_size=len(names) + 1), max_size=5))
    rows += draw(st.lists(st.sampled_from([names, ["Total"], [], [""] * len(names), names[::-1]]), max_size=2))
    rows = draw(st.permutations(rows))
    above = draw(st.lists(st.sampled_from([["Export"], [], ["sep=;"], ["a", "b", "c"]]), max_size=3))
    out = io.StringIO(newline="")
    quoting, newline = (
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
    )
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from(";,\t|")),
        lineterminator=newline,
        quoting=quoting,  # type: ignore[arg-type]
    )
    writer.writerows([*above, names, *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    filled = [row for row in rows if row and (any(row) or len(row) != len(names))]
    # The writer leaves the one half of a line end in a cell without quotes when lines end with the other.
    certain = quoting == csv.QUOTE_ALL or newline == "\r\n"
    return table, f"{table}.csv", out.getvalue().encode(encoding, "replace"), len(filled) if certain else None


@st.composite
def odd_headers(draw: st.DrawFn) -> Case:
    """A valid CSV file with one column more, of any name."""
    table = draw(st.sampled_from(FUZZED))
    name = draw(
        st.sampled_from(["", "*", "^", "$", "^$", "^.*$", "^patient_id$", "^(date|value)$"]) | st.text(max_size=12)
    )
    header = list(marked()[table][0])
    place = draw(st.integers(0, len(header)))
    rows = [list(row.values()) for row in marked()[table]]
    for row in rows:
        row.insert(place, draw(st.sampled_from(["", "x"]) | st.text(max_size=8)))
    header.insert(place, name)
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([header, *rows])
    return table, f"{table}.csv", out.getvalue().encode("utf-8", "replace"), None


SOURCES: dict[str, st.SearchStrategy[Case]] = {
    "broken files": broken_files(),
    "random bytes": random_bytes(),
    "odd dialects": odd_dialects(),
    "odd headers": odd_headers(),
}


def judge(case: Case) -> str:
    """Take the file in among valid ones and hold the result to what is promised; says what became of it."""
    table, name, data, rows = case
    with tempfile.TemporaryDirectory() as folder:
        tables = {
            key: rows
            for key, rows in marked().items()
            if key in ("centres", "patients", "bone_lesions") and key != table
        }
        write(Path(folder), tables)
        (Path(folder) / name).write_bytes(data)
        began = time.perf_counter()
        intake, problems = None, []
        try:
            intake = take_in([Path(folder)])
        except ExtractError as error:
            problems = error.problems
        assert time.perf_counter() - began < SLOWEST
    if intake is None:
        assert problems
        assert MARK not in " ".join(map(str, problems))
        return "refused"
    for key, frame in intake.tables.items():
        assert frame.schema == pl.Schema(TABLES[key].schema)
        counted = intake.counts.filter(table=key).select(pl.col("read", "accepted", "quarantined").sum()).row(0)
        files = [file for file in intake.files if file.table == key]
        read = sum(file.rows for file in files)
        lines = intake.quarantine.filter(table=key).unique(["file", "line"]).height
        assert counted == (read, frame.height, lines), (key, counted, frame.height, lines)
        assert read == frame.height + lines
        assert rows is None or key != table or read == rows, (read, rows)
    told = [*intake.quarantine["expectation"].unique(), *intake.quarantine["column"].unique().drop_nulls()]
    assert MARK not in " ".join([*told, *(note for file in intake.files for note in file.notes)])
    return "quarantined" if intake.quarantine.height else "accepted"


def fuzz(seconds: float, report: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """Try files from every source in turn until the time is over; counts what became of them."""
    end = time.monotonic() + seconds
    seen: Counter[str] = Counter()

    def attempt(source: str, case: Case) -> None:
        nonlocal end
        if time.monotonic() < end:
            limit, end = end, float("inf")  # a failing file is tried again until it is small, whatever the time
            seen[f"{source}: {judge(case)}"] += 1
            end = limit

    for turn in count():
        for source, strategy in SOURCES.items():
            if time.monotonic() >= end:
                return seen
            run = given(st.just(source), strategy)(lambda named, case: attempt(named, case))
            quiet = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            seed(turn)(quiet(run))()
        report(f"{sum(seen.values())} files: " + ", ".join(f"{what} {n}" for what, n in sorted(seen.items())))
    return seen


if __name__ == "__main__":
    found = fuzz(60 * float(sys.argv[1]) if len(sys.argv) > 1 else 600, lambda said: print(said, flush=True))
    print(f"{sum(found.values())} files tried: {dict(found)}")
