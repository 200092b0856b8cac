"""Where the records of a CSV text begin and end, and how many fields each has; counted over all bytes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

QUOTE, NEWLINE, RETURN = b'"\n\r'


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


def line_ends(text: bytes) -> bytes:
    """The text with every lone carriage return outside quotes made a newline: old spreadsheets write it, and mixed files."""
    if b"\r" not in text:
        return text
    codes = np.frombuffer(text, np.uint8)
    returns = np.flatnonzero(codes == RETURN)
    following = codes[np.minimum(returns + 1, len(codes) - 1)]
    lone = returns[(following != NEWLINE) & (returns + 1 < len(codes))]
    if len(lone) and b'"' in text:
        lone = lone[~np.bitwise_xor.accumulate((codes == QUOTE).view(np.uint8)).view(bool)[lone]]
    if not len(lone):
        return text
    changed = codes.copy()
    changed[lone] = NEWLINE
    return changed.tobytes()


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
