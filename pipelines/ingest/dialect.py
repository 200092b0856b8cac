"""How a file is written: encoding, separator, decimal mark, date format. Detected per file, never guessed per cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    expected = "a text file in UTF-8, in Windows-1252 (cp1252), or in UTF-16 with its mark"
    for start, words in _BINARY_STARTS.items():
        if data.startswith(start):
            return Problem(
                label, f"this is {words}, not a CSV file", expected, "give it the right ending or export again"
            )
    if data.startswith(_UTF16_MARKS):
        try:
            text = data.decode("utf-16").encode("utf-8")
        except UnicodeError:
            return Problem(label, "the UTF-16 of the file is broken", expected, "it may be cut off; export it again")
        return _nul_byte(text, label, expected) or (text, "utf-16")
    if len(data[:65536].translate(None, _CONTROL)) < len(data[:65536]):
        return _nul_byte(data, label, expected) or Problem(
            label, "the file is binary: it has control characters near its beginning", expected, _AGAIN
        )
    if problem := _nul_byte(data, label, expected):
        return problem
    marked = data.startswith(b"\xef\xbb\xbf")
    try:
        if not data.isascii():
            data.decode("utf-8")
        return (data[3:], "utf-8-sig") if marked else (data, "utf-8")
    except UnicodeDecodeError as error:
        if marked or _mostly_utf8(data):
            hint = "the file may be cut off, or put together from several; export it again as CSV UTF-8"
            return Problem(label, "the file is UTF-8 in part only", expected, hint)
        if error.reason == "unexpected end of data":
            return Problem(label, "the file ends within a character", expected, "it may be cut off; export it again")
    try:
        return data.decode("cp1252").encode("utf-8"), "cp1252"
    except UnicodeDecodeError:
        return Problem(label, "the encoding is neither UTF-8 nor cp1252", expected, "export again as CSV UTF-8")


def _nul_byte(data: bytes, label: str, expected: str) -> Problem | None:
    """A file with many NUL bytes is no text; one with a few is a damaged one, and the line can be told."""
    first = data.find(b"\0")
    if first < 0:
        return None
    if 1000 * data.count(b"\0") > len(data) + 1000:
        return Problem(label, "the file is binary, or in UTF-16 without its mark", expected, _AGAIN)
    line = data.count(b"\n", 0, first) + 1
    return Problem(label, f"there is a NUL byte on line {line}", expected, "the file may be damaged; export it again")


def _mostly_utf8(data: bytes) -> bool:
    """Whether most bytes beyond ASCII come in the pairs of UTF-8, which letters in cp1252 hardly ever do."""
    codes = np.frombuffer(data, np.uint8)
    pairs = np.count_nonzero((codes[:-1] >= 0xC2) & (codes[1:] >= 0x80) & (codes[1:] <= 0xBF))
    return 4 * int(pairs) > int(np.count_nonzero(codes >= 0x80))


def date_format(columns: Sequence[pl.Series]) -> str | None:
    """The date format of most text cells; None if no cell looks like a date."""
    for cells in _sample_then_all(columns):
        seen = {form: int(cells.str.contains(pattern).sum()) for form, pattern in DATE_PATTERNS.items()}
        if any(seen.values()):
            return max(seen, key=lambda form: seen[form])
    return None


def decimal_mark(columns: Sequence[pl.Series]) -> str | None:
    """The decimal mark of most text cells; None if no number has one."""
    for cells in _sample_then_all(columns):
        marked = cells.filter(cells.str.contains(",", literal=True) | cells.str.contains(".", literal=True))
        marked = marked.str.replace_all(r"[\s'’]", "")
        point = int(marked.str.contains(r"^[+-]?\d*\.\d+$").sum())
        comma = int(marked.str.contains(r"^[+-]?(\d*|\d{1,3}(\.\d{3})+),\d+$").sum())
        if point or comma:
            return "," if comma > point else "."
    return None


def _sample_then_all(columns: Sequence[pl.Series]) -> Iterator[pl.Series]:
    """The cells of the first rows; then, for who found nothing in them, those of all rows."""
    if columns:
        yield pl.concat([column.head(SAMPLE) for column in columns]).drop_nulls()
        yield pl.concat(columns).drop_nulls()
