"""How a file is written: encoding, separator, decimal mark, date format. Detected per file, never guessed per cell."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .model import Problem

SEPARATORS = (";", ",", "\t", "|")
DATE_PATTERNS = {
    "%Y-%m-%d": r"^\s*\d{4}-\d{1,2}-\d{1,2}([ T]00:00|\s*$)",
    "%d/%m/%Y": r"^\s*\d{1,2}/\d{1,2}/\d{4}([ T]00:00|\s*$)",
    "%d-%m-%Y": r"^\s*\d{1,2}-\d{1,2}-\d{4}([ T]00:00|\s*$)",
    "%d.%m.%Y": r"^\s*\d{1,2}\.\d{1,2}\.\d{4}([ T]00:00|\s*$)",
}
DATE_WORDS = {"%Y-%m-%d": "yyyy-mm-dd", "%d/%m/%Y": "dd/mm/yyyy", "%d-%m-%Y": "dd-mm-yyyy", "%d.%m.%Y": "dd.mm.yyyy"}
ISO = "%Y-%m-%d"
SAMPLE = 500

_BINARY_STARTS = {
    b"PK\x03\x04": "a zip or xlsx file",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF file",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_AGAIN = "export again as CSV UTF-8"
_START = 65536
"""Bytes at the beginning that show whether a file is binary."""
_NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\v"))


@dataclass(frozen=True)
class Dialect:
    """How the cells of one file are written; None where no cell shows it.

    `native` marks files whose numbers and dates come typed (xlsx, Parquet): there the text cells may differ from them.
    """

    decimal: str | None = None
    date_format: str | None = None
    native: bool = False

    @property
    def mark(self) -> str:
        """The decimal mark to read with."""
        return self.decimal or "."

    @property
    def form(self) -> str:
        """The date format to read with."""
        return self.date_format or ISO


def decode(data: bytes, label: str) -> tuple[bytes, str] | Problem:
    """The bytes as UTF-8 without byte order mark, and the name of the encoding that they had."""
    seen = Seen()
    seen.add(data)
    encoding = seen.encoding(label)
    if isinstance(encoding, Problem):
        return encoding
    return (b"".join(in_utf8([data], encoding)), encoding) if encoding != "utf-8" else (data, encoding)


def in_utf8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The pieces of a text as UTF-8 without byte order mark."""
    if encoding == "utf-8":
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8")


class Seen:
    """What was seen of the bytes of a text. Its encoding can be told when all were."""

    def __init__(self) -> None:
        self._start = b""
        self._size = self._nuls = self._lines = self._high = self._pairs = 0
        self._nul_line: int | None = None
        self._uncounted = b""
        self._before = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._wrong = ""
        self._cp1252 = True

    def add(self, data: bytes) -> None:
        """See the next bytes."""
        if len(self._start) < _START:
            self._start += data[: _START - len(self._start)]
        if not self._start.startswith(_UTF16_MARKS):
            self._look_for_nul(data)
            if self._decoder is None and not data.isascii():
                self._decoder = codecs.getincrementaldecoder("utf-8")()
            if self._decoder is not None:
                self._look_beyond_ascii(data)
            return
        self._decoder = self._decoder or codecs.getincrementaldecoder("utf-16")()
        self._look_for_nul(self._decoded(data).encode("utf-8"))

    def encoding(self, label: str) -> str | Problem:
        """The name of the encoding, or why the bytes are no text."""
        expected = "a text file in UTF-8, in Windows-1252 (cp1252), or in UTF-16 with its mark"
        for start, words in _BINARY_STARTS.items():
            if self._start.startswith(start):
                return Problem(
                    label, f"this is {words}, not a CSV file", expected, "give it the right ending or export again"
                )
        self._decoded(b"", final=True)
        if self._start.startswith(_UTF16_MARKS):
            if self._wrong:
                hint = "it may be cut off; export it again"
                return Problem(label, "the UTF-16 of the file is broken", expected, hint)
            return self._nul_byte(label, expected) or "utf-16"
        if len(self._start.translate(None, _CONTROL)) < len(self._start):
            return self._nul_byte(label, expected) or Problem(
                label, "the file is binary: it has control characters near its beginning", expected, _AGAIN
            )
        if problem := self._nul_byte(label, expected):
            return problem
        marked = self._start.startswith(codecs.BOM_UTF8)
        if not self._wrong:
            return "utf-8-sig" if marked else "utf-8"
        # Letters in cp1252 hardly ever come in the pairs of UTF-8.
        if marked or 4 * self._pairs > self._high:
            hint = "the file may be cut off, or put together from several; export it again as CSV UTF-8"
            return Problem(label, "the file is UTF-8 in part only", expected, hint)
        if self._wrong == "unexpected end of data":
            return Problem(label, "the file ends within a character", expected, "it may be cut off; export it again")
        if self._cp1252:
            return "cp1252"
        return Problem(label, "the encoding is neither UTF-8 nor cp1252", expected, "export again as CSV UTF-8")

    def _look_for_nul(self, data: bytes) -> None:
        self._size += len(data)
        if self._nul_line is None:  # lines are counted only up to the first NUL byte
            self._lines += self._uncounted.count(b"\n")
            self._uncounted = data
        first = data.find(b"\0")
        if first >= 0:
            if self._nul_line is None:
                self._nul_line = self._lines + data.count(b"\n", 0, first) + 1
            self._nuls += data.count(b"\0")

    def _look_beyond_ascii(self, data: bytes) -> None:
        self._decoded(data)
        self._cp1252 = self._cp1252 and len(data.translate(None, _NOT_CP1252)) == len(data)
        codes = np.frombuffer(self._before + data, np.uint8)
        self._pairs += int(np.count_nonzero((codes[:-1] >= 0xC2) & (codes[1:] >= 0x80) & (codes[1:] <= 0xBF)))
        self._high += int(np.count_nonzero(codes[len(self._before) :] >= 0x80))
        self._before = data[-1:]

    def _decoded(self, data: bytes, *, final: bool = False) -> str:
        if self._decoder is None or self._wrong:
            return ""
        try:
            return self._decoder.decode(data, final)
        except UnicodeError as error:
            self._wrong = getattr(error, "reason", "") or "broken"
            return ""

    def _nul_byte(self, label: str, expected: str) -> Problem | None:
        """A file with many NUL bytes is no text; one with a few is a damaged one, and the line can be told."""
        if self._nul_line is None:
            return None
        if 1000 * self._nuls > self._size + 1000:
            return Problem(label, "the file is binary, or in UTF-16 without its mark", expected, _AGAIN)
        what = f"there is a NUL byte on line {self._nul_line}"
        return Problem(label, what, expected, "the file may be damaged; export it again")


class Votes:
    """Cells that show how a file is written: those of its first rows decide; where these show nothing, all of them."""

    def __init__(self, count: Callable[[pl.Series], Mapping[str, int]]) -> None:
        self._count = count
        self._rows: Counter[str] = Counter()
        self._first: Counter[str] = Counter()
        self._all: Counter[str] = Counter()

    def add(self, columns: Sequence[pl.Series]) -> None:
        """See the next cells of columns."""
        heads = [column.head(SAMPLE - self._rows[column.name]) for column in columns]
        self._rows.update({head.name: len(head) for head in heads})
        self._vote(self._first, heads)
        if not self._first.total():
            self._vote(self._all, columns)

    def _vote(self, votes: Counter[str], columns: Sequence[pl.Series]) -> None:
        cells = [column.rename("") for column in columns if len(column)]
        if cells:
            together = pl.concat(cells)
            votes.update(self._count(together.drop_nulls() if together.has_nulls() else together))

    def most(self) -> str | None:
        """What most cells show, the first of equals; None if none shows anything."""
        votes = self._first if self._first.total() else self._all
        return max(votes, key=lambda form: votes[form]) if votes.total() else None


def date_forms(cells: pl.Series) -> dict[str, int]:
    """How many cells look like dates of each format."""
    found = dict.fromkeys(DATE_PATTERNS, 0)
    for form, pattern in DATE_PATTERNS.items():
        found[form] = int(cells.str.contains(pattern).sum())
        if sum(found.values()) == len(cells):  # no cell looks like two of them
            break
    return found


def decimal_marks(cells: pl.Series) -> dict[str, int]:
    """How many cells are numbers with each decimal mark."""
    cell = pl.col("cell")
    has_mark = cell.str.contains(",", literal=True) | cell.str.contains(".", literal=True)
    marked = cells.alias("cell").to_frame().filter(has_mark)
    if marked.is_empty():
        return {".": 0, ",": 0}
    bare = cell.str.replace_all(r"[\s'’]", "")
    counted = marked.select_seq(
        bare.str.contains(r"^[+-]?\d*\.\d+$").sum().alias("."),
        bare.str.contains(r"^[+-]?(\d*|\d{1,3}(\.\d{3})+),\d+$").sum().alias(","),
    )
    return dict(counted.row(0, named=True))
