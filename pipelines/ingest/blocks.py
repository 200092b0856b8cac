"""Files that are too large to be read at once: block by block, with the result that the whole would have.

How a file is written is decided on the evidence of the whole file. The first block nearly always shows it; where a later
one shows that the first misled, the file is read once more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import polars as pl

from validation.contract import Table

from . import conversion, layout, reading, records
from .cells import DAY_0, Writing, counted_from
from .conversion import Converted, DateOrder, Detection
from .dialect import Dialect, Seen, in_utf8
from .model import Problem
from .packed import AT_ONCE, UNPACKS
from .privacy import Sample, problems_of_pseudonyms
from .reading import Raw
from .spill import detached

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
    """How the rows of a file are written.

    `ways`: date columns that are written in a way of their own. `whole`: columns of text that are typed as numbers, all of
    them whole.
    """

    dialect: Dialect
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
    opened = open_in_blocks(path, form, table, label)
    if isinstance(opened, list):
        return opened
    plan, trailing = None, True
    while True:
        outline, evidence = Outline(table, opened.about.frame.width), Evidence(table, plan)
        if problems := _read(opened.blocks(trailing), outline, evidence, label, put):
            return problems
        if evidence.holds() and not outline.mixed:
            break
        plan, trailing = evidence.plan(), trailing and not outline.mixed
        forget()
    if problems := outline.problems(label) + evidence.of_pseudonyms(label) or evidence.of_dates(label):
        return problems
    notes = opened.about.notes + reading.gone_notes(len(outline.gone))
    return Told(replace(opened.about, notes=notes), evidence.dialect, evidence.rows, evidence.notes())


def open_in_blocks(path: Path, form: str, table: Table, label: str) -> Opened | list[Problem]:
    """Open an unpacked file of this form, or say why it cannot be read."""
    return (_open_csv if form == "csv" else _open_parquet)(path, table, label)


def _read(
    found: Iterator[Raw | list[Problem]], outline: Outline, evidence: Evidence, label: str, put: Put
) -> list[Problem]:
    """Read a file once; returns why this cannot be done, if it cannot."""
    for raw in found:
        if isinstance(raw, list):
            return raw
        numbers = evidence.numbers(raw)
        raw = outline.see(raw, label)
        evidence.see_written(raw)
        raw = evidence.see(raw)
        converted = conversion.convert(raw, evidence.table, evidence.dialect, evidence.ways)
        evidence.see_converted(raw, converted)
        put(converted, raw.lines, numbers)
    evidence.end()
    return []


class Outline:
    """What the blocks of a file show of how its table lies in it.

    `headers`: those of other tables that were found among the rows.
    """

    def __init__(self, table: Table, width: int) -> None:
        self._table, self._width = table, width
        self._trailing: set[bool] = set()
        self.headers: list[Problem] = []
        self._unknown: dict[str, Sample] = defaultdict(Sample)
        self._filled: dict[str, bool] = {}

    def see(self, raw: Raw, label: str) -> Raw:
        """See the next rows; returns them without what is no row or column of the registry."""
        self._trailing.add(raw.frame.width > self._width)
        empty = layout.empty_columns(raw.frame)
        self._filled |= {name: self._filled.get(name, False) or name not in empty for name in raw.frame.columns}
        raw, problems = reading.set_apart(replace(raw, frame=raw.frame.drop(empty)), self._table, label)
        self.headers = [*self.headers, *problems][: reading.SHOWN_UNKNOWN]
        if not isinstance(self._table, reading.AnyColumns):
            for name in raw.frame.columns:
                if name not in self._table.schema:
                    self._unknown[name].add(raw.frame[name])
        return raw

    @property
    def mixed(self) -> bool:
        """Whether only some blocks were read as if every line but the header ended with a separator."""
        return len(self._trailing) > 1

    @property
    def columns(self) -> list[str]:
        """The columns of the file."""
        return [name for name, filled in self._filled.items() if filled]

    @property
    def gone(self) -> list[str]:
        """The columns that have neither name nor content."""
        return [name for name, filled in self._filled.items() if not filled]

    def problems(self, label: str) -> list[Problem]:
        """Why the file cannot be taken in as one of this table."""
        cells = {name: sample.cells for name, sample in self._unknown.items()}
        return [*self.headers, *reading.check_header(self.columns, self._table, label, cells)]


class Evidence:
    """What the blocks of a file show of how all its rows are written; they are read by a plan, or by what the first shows."""

    def __init__(self, table: Table, plan: Plan | None) -> None:
        self.table = table
        self.rows = 0
        self.blanks: dict[str, Counter[str]] = defaultdict(Counter)
        self._used = plan
        self._dialect = plan.dialect if plan else None
        self._late = 0
        self._written_late: list[Raw] = []
        self._seen_late: list[Raw] = []
        self._detection = Detection(table)
        self._writings = {column.name: Writing(column) for column in table.columns if column.kind == "date"}
        self._day_0 = DAY_0
        self._fractions: set[str] = set()
        self._typed: set[str] = set()
        self._order = DateOrder()
        self._pseudonyms = Sample()

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

    def see_written(self, raw: Raw) -> None:
        """See the next cells that show how numbers and dates are written."""
        on_time, late = _parted(raw, self.table)
        self._detection.add(on_time)
        self._written_late += late
        self._dialect = self._dialect or self._detection.dialect()

    def see(self, raw: Raw) -> Raw:
        """See the next rows; returns them with numbers in columns of text as the whole file would have them."""
        on_time, late = _parted(raw, self.table)
        self._see(on_time)
        self._seen_late += late
        for name in _numbers_as_text(raw.frame, self.table):
            self._typed.add(name)
            if conversion.has_fractions(raw.frame[name]):
                self._fractions.add(name)
        self._used = self._used or self.plan()
        return replace(raw, frame=_as_text(raw.frame, self.table, self._used.whole))

    def _see(self, raw: Raw) -> None:
        self._day_0 = raw.day_0
        for name, writing in self._writings.items():
            if name in raw.frame.columns:
                writing.add(raw.frame[name])
        if "patient_id" in raw.frame.columns and "patient_id" in self.table.schema:
            self._pseudonyms.add(raw.frame["patient_id"])

    def see_converted(self, raw: Raw, converted: Converted) -> None:
        """See what became of the rows."""
        for column, words in converted.blanks.items():
            self.blanks[column].update(words)
        self._order.add(raw, self.table, converted)

    def end(self) -> None:
        """See the rows that come after all others."""
        for raw in self._written_late:
            self._detection.add(raw)
        for raw in self._seen_late:
            self._see(raw)

    @property
    def dialect(self) -> Dialect:
        """How the cells of all blocks are read: as the plan says, or as the first block shows."""
        assert self._dialect is not None
        return self._dialect

    @property
    def ways(self) -> Mapping[str, str]:
        """The columns that are read in a way of their own."""
        assert self._used is not None
        return defaultdict(str, self._used.ways)

    def plan(self) -> Plan:
        """How the rows are written, as far as they were seen."""
        ways = {name: counted_from(writing.way, self._day_0) for name, writing in self._writings.items()}
        return Plan(self._detection.dialect(), ways, frozenset(self._typed - self._fractions))

    def holds(self) -> bool:
        """Whether all blocks show what they were read by."""
        return self._used == self.plan()

    def notes(self) -> tuple[str, ...]:
        """What is to be said of the columns."""
        return conversion.notes_of(self.table, self.ways, self.blanks)

    def of_pseudonyms(self, label: str) -> list[Problem]:
        """What is wrong with the identifiers of patients."""
        return problems_of_pseudonyms(self._pseudonyms.texts(), label)

    def of_dates(self, label: str) -> list[Problem]:
        """What is wrong with the order of the parts of dates."""
        return self._order.problems(label)


def _parted(raw: Raw, table: Table) -> tuple[Raw, list[Raw]]:
    """The rows that stood in their place, and of those that come last what can show anything."""
    if not raw.late:
        return raw, []
    last = raw.frame.tail(raw.late)
    shows = {column.name for column in table.columns if column.kind in ("date", "int", "float")} | {"patient_id"}
    told = [name for name in last.columns if name in shows and last[name].null_count() < raw.late]
    on_time = replace(raw, frame=raw.frame.head(raw.frame.height - raw.late))
    return on_time, [replace(raw, frame=detached(last.select(told)))] if told else []


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
    rest = head[start + 1 :]
    pieces = (rest[place : place + BLOCK] for place in range(0, len(rest), BLOCK))
    before, raw = 0, None
    for block in records.in_blocks(chain(pieces, texts), BLOCK):
        end = len(block)
        while end and block[end - 1] in b"\r\n":
            end -= 1
        if end:
            text = b"".join([names, b"\n", memoryview(block)[:end]])
            raw = reading.read_text(text, header, table, label, before=before, trailing=trailing)
            yield raw
            if isinstance(raw, list):
                return
        before += block.count(b"\n")
    if raw is None:
        yield reading.read_text(names, header, table, label)


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
        rows = pl.scan_parquet(path, glob=False)
        height = int(rows.select(pl.len()).collect().item())
        step = max(1, height * BLOCK // (1 + UNPACKS[".parquet"] * path.stat().st_size))
        for first in range(0, max(1, height), step):
            yield reading.parquet_rows(rows.slice(first, step).collect().rename(names), first)
    except reading.UNREADABLE:
        yield [reading.no_parquet(label)]
