"""What a mapping makes of files at once and in blocks, side by side, and files that show what could differ."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from mapped_extract import columns
from test_streaming import limits

from pipelines.ingest import describe_file
from pipelines.ingest.conversion import Converted, DateOrder, notes_of
from pipelines.ingest.discovery import discover
from pipelines.ingest.mapping import describe, make, open_sources
from pipelines.ingest.mapping.streaming import MappedFiles
from pipelines.ingest.privacy import pseudonym_problems

# What a mapping makes, at once and in blocks

Findings = list[tuple[int, str | None, str, str]]
Made = tuple[str, str, pl.DataFrame, list[int], Findings, str]
"""Of one table of one file: its label, the table, the rows, their lines, the findings, and all that is told."""


def whole(folder: Path) -> tuple[list[Made], list[str]]:
    """All that the mapping of a folder makes of whole files, and the problems."""
    [found], _ = discover([folder])
    assert found.mapping is not None
    opened, problems = open_sources(found.mapping, found.label)
    result = []
    for made, source in make(found.mapping, opened):
        table, converted, order = made.entry.table, made.convert(), DateOrder()
        order.add(made.raw, table, converted)
        problems += pseudonym_problems(made.raw.frame, table, made.label) + order.problems(made.label)
        notes = notes_of(table, converted.ways, converted.blanks)
        file = describe_file(made.label, table.name, made.raw, converted.dialect, made.raw.frame.height, notes)
        told = f"{file} {describe(found.mapping, made, source, converted)}"
        result.append((made.label, table.name, converted.frame, made.raw.lines.to_list(), _placed(converted), told))
    return result, [str(problem) for problem in problems]


def in_blocks(folder: Path, block: int) -> tuple[list[Made], list[str]]:
    """The same, in blocks of so many bytes."""
    [found], _ = discover([folder])
    assert found.mapping is not None
    problems, result = [], []
    with limits(1, block), tempfile.TemporaryDirectory() as scratch:
        files = MappedFiles(found.mapping, found.label, Path(scratch) / "mapped")
        for making in files.makings:
            taken: list[tuple[Converted, pl.Series, pl.Series]] = []
            told, mapped, wrong = making.make(lambda *rows, taken=taken: taken.append(rows), taken.clear)
            problems += wrong
            name, label = making.entry.table.name, making.source.label
            file = describe_file(label, name, told.about, told.dialect, told.rows, told.notes)
            result.append((label, name, *_together(taken), f"{file} {mapped}"))
        problems = [*files.problems, *problems]
    return result, [str(problem) for problem in problems]


def _placed(converted: Converted) -> Findings:
    places = [(row, f.column, f.rule, f.expectation) for f in converted.findings for row in f.rows]
    return sorted(places, key=str)


def _together(taken: Sequence[tuple[Converted, pl.Series, pl.Series]]) -> tuple[pl.DataFrame, list[int], Findings]:
    """Blocks as one, in the order of the numbers of their rows."""
    numbers = pl.concat([numbers for _, _, numbers in taken])
    order, findings, start = numbers.arg_sort(), [], 0
    place = order.arg_sort()
    for converted, _, _ in taken:
        findings += [(place[row + start], *rest) for row, *rest in _placed(converted)]
        start += converted.frame.height
    frame = pl.concat([converted.frame for converted, _, _ in taken])[order]
    return frame, pl.concat([lines for _, lines, _ in taken])[order].to_list(), sorted(findings, key=str)


def alike(folder: Path, *blocks: int) -> tuple[list[Made], list[str]]:
    """In blocks and at once, the files of a folder give the same; returns it."""
    expected = whole(folder)
    for block in blocks:
        found = in_blocks(folder, block)
        assert found[1] == expected[1]
        if expected[1]:
            continue
        for one, other in zip(found[0], expected[0], strict=True):
            assert one[:2] == other[:2]
            assert one[2].equals(other[2])
            assert one[2].schema == other[2].schema
            assert one[3:] == other[3:]
    return expected


# Cases

LABS = columns(
    "lab_results",
    "bio*.csv",
    'patient_id = { from = "p", prefix = "C1-" }\ndate = "d"\n'
    'analyte = { from = "a", codes = { CRP = "crp", Ca = "corrected_calcium" } }\n'
    'value = { from = "v", unit = { corrected_calcium = "mg/dL", crp = "mg/dL" } }',
)
PATIENTS = columns(
    "patients",
    "bio*.csv",
    'patient_id = { from = "p", prefix = "C1-" }\ncentre_id = { constant = "C1" }\n'
    'birth_date = { from = "b", format = "%d/%m/%Y" }',
    "distinct = true",
)
VISITS = columns(
    "clinical_assessments",
    "bio*.csv",
    'assessment_id = { number = "Q" }\npatient_id = { from = "p", prefix = "C1-" }\ndate = { from = "d", split = " ", part = 1 }\n'
    'weight_kg = "w"',
    'where = { "a" = ["CRP", "Ca"] }\nunless = { "w" = "" }',
)  # fmt: skip
ALL = LABS + PATIENTS + VISITS
BIO = "p;d;a;v;w;b;nom"
ROW = "P{};{};{};{};{};{};x"


def row(
    p: object = 1, d: str = "2023-02-02", a: str = "CRP", v: str = "1.5", w: str = "70.5", b: str = "01/02/1950"
) -> str:
    return ROW.format(p, d, a, v, w, b)


def lines(*rows: str) -> str:
    return "\n".join([BIO, *rows]) + "\n"


CASES = {
    "rows that come again": lines(*[row(i % 3) for i in range(40)]),
    "rows that come again with bad cells": lines(*[row(i % 3, b="x" if i % 7 == 0 else "01/02/1950") for i in range(40)]),
    "rows that come again, written otherwise": lines(*[row(i % 3, b="1/2/1950" if i % 2 else "01/02/1950") for i in range(20)]),
    "unknown codes": lines(*[row(i % 7, a=["Na", "K", "CRP", "NF S"][i % 4]) for i in range(60)]),
    "unknown codes of few patients": lines(*[row(i % 4, a=["Na", "Cl"][i % 2]) for i in range(60)]),
    "a code of a fifth patient at the end": lines(*[row(i % 4, a="Na") for i in range(30)], row(9, a="Na")),
    "units": lines(*[row(i, a=["CRP", "Ca"][i % 2], v=str(i)) for i in range(30)]),
    "a decimal mark that comes late": lines(*[row(v="4", w="70") for _ in range(600)], row(v="1,5", w="70,5")),
    "another decimal mark": lines(*[row(v="1,5", w="70,5") for _ in range(20)], *[row(v="1.5") for _ in range(40)]),
    "a date format that comes late": lines(*[row(d="") for _ in range(600)], *[row(d="03/02/2023") for _ in range(9)]),
    "years of two digits that come late": lines(*[row(d="") for _ in range(30)], *[row(d="03/02/23") for _ in range(9)]),
    "years of two digits but one": lines(*[row(d="03/02/23") for _ in range(30)], row(d="03/02/2023")),
    "days as Excel counts them": lines(*[row(d="44959") for _ in range(30)]),
    "days as Excel counts them but one": lines(*[row(d="44959") for _ in range(30)], row(d="2023-02-02")),
    "the month before the day": lines(*[row(d=f"02/{day}/2023") for day in range(10, 29)]),
    "the year first": lines(*[row(d=f"23/02/{day}") for day in range(10, 29)]),
    "totals and headers among the rows": lines(*[one for i in range(9) for one in (row(i), BIO, "Total;;;9;;;", "Total;3")]),
    "a header in another order": lines(*[row(i) for i in range(30)], "d;p;a;v;w;b;nom"),
    "lines of wrong length": lines(*[one for i in range(9) for one in (row(i), "P1;2023-02-02", row(i), "P2;;;;;;;;;", "")]),
    "separators at every end": lines(*[row(i) + ";" for i in range(30)]),
    "separators at every end but one": lines(*[row(i) + ";" for i in range(30)], row()),
    "separators at every end but those of blank rows": lines(*[row(i) + ";" for i in range(30)], *[";" * 6] * 60),
    "separators at every end and more behind one": lines(*[row(i) + ";" for i in range(30)], row() + ";SECRET", "P1;2023-02-02"),
    "quoted line ends": lines(*[one for i in range(20) for one in (row(i), 'P1;2023-02-02;"C\nRP";2;70;;"a\r\nb"')]),
    "a stray quote": lines(*[row(i) for i in range(30)], row(v='1"5'), row()),
    "a quote that is never closed": lines(*[row(i) for i in range(30)], row(v='"1'), *[row(i) for i in range(60)]),
    "mixed line ends": lines(*[row(i) for i in range(30)]).replace("P2;", "\rP2;").replace("P3;", "\r\nP3;"),
    "blank lines": lines(*[one for i in range(9) for one in (row(i), "", ";;;;;;", row(i))], "", "", ";;;"),
    "a title above": "Export\n\n" + lines(*[row(i) for i in range(30)]),
    "words for blanks": lines(*[one for _ in range(20) for one in (row(d="NC", v="NA"), row(w="nd"))]),
    "no rows": BIO + "\n",
    "no header": "\n".join(row(i) for i in range(30)),
    "a column that is missing": lines(*[row(i) for i in range(30)]).replace(";w;", ";x;"),
    "a column twice": lines(*[row(i) for i in range(30)]).replace(";w;", ";v;"),
    "columns without name": lines(*[row(i) for i in range(30)]).replace(";nom", ";"),
    "hospital numbers": "p;d;a;v;w;b;nom\n" + "".join(f"{10**7 + i};2023-02-02;CRP;1;70;;x\n" for i in range(300)),
    "nothing": "",
    "a NUL byte": lines(*[row(i) for i in range(30)], "P\0;;;;;;"),
    "letters beyond ASCII": lines(*[row(f"é{i}") for i in range(30)]),
}  # fmt: skip
