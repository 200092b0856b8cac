"""Files that are too large to be read at once: block by block, with the result that the whole would have.

How a file is written is decided on the evidence of the whole file. The first block nearly always shows it; where a later
one shows that the first misled, the file is read once more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import polars as pl

from validation.contract import Table

from . import conversion, layout, reading, records
from .cells import Writing
from .conversion import Converted, DateOrder, Detection
from .dialect import Dialect, Seen, in_utf8
from .model import Problem
from .packed import AT_ONCE, UNPACKS
from .privacy import Sample, problems_of_pseudonyms
from .reading import Raw

BLOCK = 64 << 20
"""Bytes that are read at once; of a Parquet file what they would be as CSV."""
LATE = 1 << 31
"""The number of the first row that comes after all others of its file, although it stood among them."""
NO_LINES = pl.Series([], dtype=pl.Int64)
_HEAD = layout.HEADER_WITHIN**2
"""The most lines in which a header is looked for."""

Put = Callable[[Converted, pl.Series, pl.Series], None]
"""Takes converted rows, the lines on which they stand, and their numbers in the order of the file."""


@dataclass(frozen=True)
class Plan:
    """How a file is written.

    `trailing`: every line but the header ends with a separator. `ways`: date columns that are written in a way of their own.
    `whole`: columns of text that are typed as numbers, all of them whole.
    """

    dialect: Dialect
    trailing: bool
    ways: dict[str, str]
    whole: frozenset[str]


@dataclass(frozen=True)
class Opened:
    """A file that can be read in blocks, any number of times.

    `about` is a frame without rows and what is to be told of the file; `blocks` takes whether lines may end with a separator.
    """

    about: Raw
    blocks: Callable[[bool], Iterator[Raw | list[Problem]]]


@dataclass(frozen=True)
class Told:
    """What is to be told of a file that was read in blocks."""

    about: Raw
    dialect: Dialect
    rows: int
    notes: tuple[str, ...]


def read_in_blocks(
    path: Path, form: str, table: Table, label: str, put: Put, forget: Callable[[], None]
) -> Told | list[Problem]:
    """Read and convert a file of one table, or say why it cannot be read.

    Args:
        path: where it lies, unpacked.
        form: `csv` or `parquet`.
        table: the table that it holds.
        label: its name in messages.
        put: takes the rows, block by block.
        forget: called when what was put so far was read by a plan that misled.
    """
    opened = (_open_csv if form == "csv" else _open_parquet)(path, table, label)
    if isinstance(opened, list):
        return opened
    plan = None
    while True:
        evidence = _read(opened, plan, table, label, put)
        if isinstance(evidence, list):
            return evidence
        plan = evidence.plan()
        if evidence.used == plan:
            break
        forget()
    if problems := evidence.problems(label):
        return problems
    notes = opened.about.notes + reading.gone_notes(evidence.gone)
    said = conversion.notes_of(table, plan.ways, evidence.blanks)
    return Told(replace(opened.about, notes=notes), plan.dialect, evidence.rows, said)


def _read(opened: Opened, plan: Plan | None, table: Table, label: str, put: Put) -> Evidence | list[Problem]:
    """Read a file once, by a plan or by what its first block shows."""
    evidence = Evidence(table, plan, opened.about.frame.width)
    for raw in opened.blocks(plan is None or plan.trailing):
        if isinstance(raw, list):
            return raw
        numbers = evidence.numbers(raw)
        raw = evidence.see(raw, label)
        evidence.used = evidence.used or evidence.plan()
        raw = replace(raw, frame=_as_text(raw.frame, table, evidence.used.whole))
        converted = conversion.convert(raw, table, evidence.used.dialect, defaultdict(str, evidence.used.ways))
        evidence.see_converted(raw, converted)
        put(converted, raw.lines, numbers)
    return evidence


class Evidence:
    """What the blocks of a file show of the whole; `used` is the plan by which they are converted."""

    def __init__(self, table: Table, plan: Plan | None, width: int) -> None:
        self.used = plan
        self.rows = 0
        self.blanks: dict[str, Counter[str]] = defaultdict(Counter)
        self._table = table
        self._late = 0
        self._detection = Detection(table)
        self._writings = {column.name: Writing(column) for column in table.columns if column.kind == "date"}
        self._width = width
        self._trailing = plan is None or plan.trailing
        self._fractions: set[str] = set()
        self._typed: set[str] = set()
        self._order = DateOrder()
        self._pseudonyms, self._late_pseudonyms = Sample(), []  # type: tuple[Sample, list[pl.Series]]
        self._headers: list[Problem] = []
        self._first: pl.DataFrame | None = None
        self._filled: dict[str, bool] = {}

    def numbers(self, raw: Raw) -> pl.Series:
        """The numbers of the rows of the next block."""
        on_time = raw.frame.height - raw.late
        first, late = self.rows - self._late, LATE + self._late
        self.rows += raw.frame.height
        self._late += raw.late
        return pl.concat(
            [
                pl.int_range(first, first + on_time, dtype=pl.UInt32, eager=True),
                pl.int_range(late, late + raw.late, dtype=pl.UInt32, eager=True),
            ]
        )

    def see(self, raw: Raw, label: str) -> Raw:
        """See the next rows; returns them without what is no row or column of the registry."""
        if raw.frame.height:
            self._trailing = self._trailing and raw.frame.width > self._width
        frame, _ = layout.without_empty_columns(raw.frame)
        self._filled = {name: self._filled.get(name, False) or name in frame.columns for name in raw.frame.columns}
        raw, problems = reading.set_apart(replace(raw, frame=frame), self._table, label)
        self._headers = [*self._headers, *problems][: reading.SHOWN_UNKNOWN]
        self._first = frame if self._first is None else self._first
        on_time = replace(raw, frame=raw.frame.head(frame.height - raw.late))
        self._detection.add(on_time)
        for name, writing in self._writings.items():
            if name in frame.columns:
                writing.add(on_time.frame[name])
        for name in _numbers_as_text(frame, self._table):
            self._typed.add(name)
            if (frame[name].cast(pl.Int64, strict=False).cast(pl.Float64) != frame[name]).any():
                self._fractions.add(name)
        if "patient_id" in frame.columns:
            self._pseudonyms.add(on_time.frame["patient_id"])
            self._late_pseudonyms.append(raw.frame["patient_id"].tail(raw.late))
        return raw

    def see_converted(self, raw: Raw, converted: Converted) -> None:
        """See what became of the rows."""
        for column, words in converted.blanks.items():
            self.blanks[column].update(words)
        bad_dates = any(finding.rule == "bad_date" for finding in converted.findings)
        self._order.add(raw, self._table, converted.dialect, bad_dates=bad_dates)

    def plan(self) -> Plan:
        """How the file is written, as far as it was seen."""
        ways = {name: writing.way for name, writing in self._writings.items()}
        return Plan(self._detection.dialect(), self._trailing, ways, frozenset(self._typed - self._fractions))

    @property
    def gone(self) -> int:
        """How many columns have neither name nor content."""
        return sum(name.startswith(layout.UNNAMED) and not filled for name, filled in self._filled.items())

    def problems(self, label: str) -> list[Problem]:
        """Why the file cannot be taken in."""
        names = [name for name, filled in self._filled.items() if filled or not name.startswith(layout.UNNAMED)]
        for late in self._late_pseudonyms:
            self._pseudonyms.add(late)
        return [
            *self._headers,
            *reading.check_header(names, self._table, label, self._first),
            *(problems_of_pseudonyms(self._pseudonyms.texts(), label) if "patient_id" in self._table.schema else ()),
        ] or self._order.problems(label)


def _numbers_as_text(frame: pl.DataFrame, table: Table) -> list[str]:
    """The columns of text, or of yes and no, that are typed as numbers with decimals."""
    kinds = {column.name for column in table.columns if column.kind in ("bool", "string")}
    return [name for name, dtype in frame.schema.items() if name in kinds and dtype.is_float()]


def _as_text(frame: pl.DataFrame, table: Table, whole: frozenset[str]) -> pl.DataFrame:
    """The frame with such columns as text, without decimals if those of the whole file have none."""
    names = _numbers_as_text(frame, table)
    return frame.with_columns(
        (pl.col(name).cast(pl.Int64, strict=False) if name in whole else pl.col(name)).cast(pl.String) for name in names
    )


# CSV


def _open_csv(path: Path, table: Table, label: str) -> Opened | list[Problem]:
    seen = Seen()
    start = b""
    for piece in _pieces(path):
        start = start or piece[: reading.START]
        seen.add(piece)
    if not start.strip():
        return [reading.empty(label)]
    encoding = seen.encoding(label)
    if isinstance(encoding, Problem):
        return [encoding]
    head, lines = b"", 0
    for text in _texts(path, encoding):
        head += text
        lines += text.count(b"\n")
        if lines > _HEAD:
            break
    else:
        head = head.rstrip(b"\r\n")
    header = reading.find_header(head, table, label)
    if isinstance(header, list):
        return header
    empty = pl.DataFrame(schema=dict.fromkeys(header.names, pl.String))
    about = Raw(empty, NO_LINES, "", "csv", encoding, header.separator, notes=reading.header_notes(header))
    return Opened(about, lambda trailing: _csv_blocks(path, encoding, header, table, label, trailing))


def _csv_blocks(
    path: Path, encoding: str, header: layout.Header, table: Table, label: str, trailing: bool
) -> Iterator[Raw | list[Problem]]:
    """The rows of a file; a problem ends them."""
    texts = _texts(path, encoding)
    head, lines = b"", 0
    while lines <= _HEAD and (text := next(texts, b"")):
        head += text
        lines += text.count(b"\n")
    start = header.start + records.first_record(head[header.start :])
    names = head[header.start : start]
    before = 0
    # Without rows, the header alone is a block.
    for block in chain([b""], records.in_blocks(chain([head[start + 1 :]], texts), BLOCK)):
        rows = block.rstrip(b"\r\n")
        if rows or not block:
            text = names + b"\n" + rows if rows else names
            raw = reading.read_text(text, header, table, label, before=before, trailing=trailing)
            yield raw
            if isinstance(raw, list):
                return
        before += block.count(b"\n")


def _texts(path: Path, encoding: str) -> Iterator[bytes]:
    """The text of a file in UTF-8 with plain line ends, piece by piece; some pieces may be empty."""
    return (piece for piece in records.pieces_with_line_ends(in_utf8(_pieces(path), encoding)) if piece)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(min(AT_ONCE, BLOCK)):
            yield piece


# Parquet


def _open_parquet(path: Path, table: Table, label: str) -> Opened | list[Problem]:
    names = reading.parquet_names(path, table, label)
    if isinstance(names, list):
        return names
    empty = pl.DataFrame(schema=dict.fromkeys(names.values(), pl.String))
    return Opened(Raw(empty, NO_LINES, "", "parquet"), lambda _: _parquet_blocks(path, names, label))


def _parquet_blocks(path: Path, names: dict[str, str], label: str) -> Iterator[Raw | list[Problem]]:
    try:
        rows = pl.scan_parquet(path)
        height = int(rows.select(pl.len()).collect().item())
        step = max(1, height * BLOCK // (1 + UNPACKS[".parquet"] * path.stat().st_size))
        for first in range(0, max(1, height), step):
            yield reading.parquet_rows(rows.slice(first, step).collect().rename(names), first)
    except reading.UNREADABLE:
        yield [reading.no_parquet(label)]
