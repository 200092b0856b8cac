"""Where the records of a CSV text begin and end, and how many fields each has; counted over all bytes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

QUOTE, NEWLINE, RETURN = b'"\n\r'
LONGEST = 8
"""How many blocks a quoted cell may fill."""


class MalformedQuote(Exception):
    """A quote that neither opens nor closes a field, or that is never closed."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True)
class Records:
    """One entry per record: the bytes from `starts` to `ends`, number of fields, line of the first, nothing in it."""

    starts: np.ndarray
    ends: np.ndarray
    fields: np.ndarray
    lines: np.ndarray
    blank: np.ndarray


def line_ends(text: bytes, *, inside: bool = False) -> bytes:
    """The text with every lone carriage return outside quotes made a newline: old spreadsheets write it, and mixed files.

    `inside` says whether the text begins within quotes.
    """
    if b"\r" not in text:
        return text
    codes = np.frombuffer(text, np.uint8)
    returns = np.flatnonzero(codes == RETURN)
    following = codes[np.minimum(returns + 1, len(codes) - 1)]
    lone = returns[(following != NEWLINE) & (returns + 1 < len(codes))]
    if len(lone) and (inside or b'"' in text):
        quoted = np.bitwise_xor.accumulate((codes == QUOTE).view(np.uint8)).view(bool)
        lone = lone[quoted[lone] == inside]
    if not len(lone):
        return text
    changed = codes.copy()
    changed[lone] = NEWLINE
    return changed.tobytes()


def pieces_with_line_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a text as `line_ends` makes the whole."""
    held, inside = b"", False
    for piece in pieces:
        text = held + piece
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        # The return that is held back ends no pair, and what follows the last byte here is no newline.
        yield line_ends(text + b"\r", inside=inside)[:-1] if text.endswith(b"\r") else line_ends(text, inside=inside)
        inside ^= b'"' in text and text.count(b'"') % 2 == 1  # looking is much faster than counting
    yield held


def in_blocks(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """A text in blocks of whole records, of about this size; longer where a record is.

    A quote that is open for many times that size is taken for one that is never closed, and ends the last block.
    """
    text, wanted = b"", size
    held: list[bytes] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) < wanted:
            continue
        text = b"".join(held)
        end = _end_of_last(text)
        if not end and len(text) > LONGEST * size and text.count(b'"') % 2:
            yield text
            return
        if end:
            yield text[:end]
        held = [text[end:]]
        wanted = max(size, 2 * len(held[0]))
    if text := b"".join(held):
        yield text


def first_record(text: bytes) -> int:
    """Where the first record of a text ends."""
    end = text.find(b"\n")
    while end >= 0 and text.count(b'"', 0, end) % 2:
        end = text.find(b"\n", end + 1)
    return len(text) if end < 0 else end


def _end_of_last(text: bytes) -> int:
    """The end of the last whole record, with its newline; nought if there is none."""
    end, before = len(text), text.count(b'"') if b'"' in text else 0
    while (newline := text.rfind(b"\n", 0, end)) >= 0:
        if before:
            before -= text.count(b'"', newline, end)
        if before % 2 == 0:
            return newline + 1
        end = newline
    return 0


def split_records(text: bytes, separator: str) -> Records:
    """Find the records; separators and newlines inside quotes belong to their field. Raises MalformedQuote."""
    codes = np.frombuffer(text, np.uint8)
    newlines, marks = np.flatnonzero(codes == NEWLINE), np.flatnonzero(codes == ord(separator))
    breaks = newlines
    if b'"' in text:
        is_quote = codes == QUOTE
        malformed = _malformed_quote(codes, np.flatnonzero(is_quote), ord(separator))
        if malformed is not None:
            raise MalformedQuote(int(np.searchsorted(newlines, malformed)) + 1)
        # True from an opening quote to just before the closing one; a doubled quote closes and opens again at once.
        inside = np.bitwise_xor.accumulate(is_quote.view(np.uint8)).view(bool)
        breaks, marks = newlines[~inside[newlines]], marks[~inside[marks]]
    ends = np.append(breaks, len(codes))
    starts = np.append(0, breaks + 1)
    fields = np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1
    length = ends - starts
    blank = (length == 0) | ((length == 1) & (codes[np.minimum(starts, len(codes) - 1)] == RETURN))
    return Records(starts, ends, fields, np.searchsorted(newlines, starts) + 1, blank)


def without(text: bytes, records: Records, removed: np.ndarray) -> bytes:
    """The text without the records of these indexes."""
    pieces, start = [], 0
    for index in removed:
        pieces.append(text[start : records.starts[index]])
        start = int(records.ends[index]) + 1
    return b"".join([*pieces, text[start:]])


def _malformed_quote(codes: np.ndarray, quotes: np.ndarray, separator: int) -> int | None:
    """The position of the first quote that is out of place, if there is one."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, codes[opening - 1], NEWLINE)
    wrong = opening[~np.isin(before, (separator, NEWLINE, QUOTE))]
    after = np.where(closing + 1 < len(codes), codes[np.minimum(closing + 1, len(codes) - 1)], NEWLINE)
    wrong = np.append(wrong, closing[~np.isin(after, (separator, NEWLINE, RETURN, QUOTE))])
    if len(opening) > len(closing):
        wrong = np.append(wrong, opening[-1])
    return int(wrong.min()) if len(wrong) else None
