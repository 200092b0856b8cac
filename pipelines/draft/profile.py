"""What the cells of a column look like, and how well they fit a column of the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.codes import SYSTEMS, load, tidy
from pipelines.ingest.conversion import NO, YES
from pipelines.ingest.dialect import DATE_PATTERNS
from validation.contract import TABLES, Column

from .names import fold

MOST = 0.9
"""So many of the filled cells must be of a kind for the column to be of that kind."""
OTHER_DATES = {"%d/%m/%y": r"^\d{1,2}/\d{1,2}/\d{2}$", "%Y%m%d": r"^(19|20)\d{2}[01]\d[0-3]\d$"}
"""Formats that the intake reads only if the mapping says so."""
MOST_CODES = 150
"""More different cells are no list of codes."""
_NUMBER = r"^[+-]?\d+([.,]\d+)?$"
_KNOWN_CODES = {"sex": {"h": "male", "m": "male", "f": "female", "masculin": "male", "feminin": "female"}}


@dataclass(frozen=True)
class Profile:
    """The filled cells of a column: how often each occurs, and the share of each kind."""

    filled: int
    unique: bool
    """But for the few rows that are there twice in many extracts."""
    cells: dict[str, int]
    dates: float
    date_format: str | None
    month_first: bool
    numbers: float
    whole: float
    booleans: float
    median: float | None
    low: float | None
    high: float | None

    @property
    def is_codes(self) -> bool:
        """Whether the cells are a short list that comes again and again."""
        return 0 < len(self.cells) <= MOST_CODES and len(self.cells) * 3 <= max(self.filled, 6) and self.dates < MOST

    def share(self, wanted: set[str]) -> float:
        """The share of filled cells among these, folded."""
        return sum(count for cell, count in self.cells.items() if fold(cell) in wanted) / max(self.filled, 1)


def profile(column: pl.Series) -> Profile:
    """Look at the cells of a column."""
    filled = column.drop_nulls()
    n = max(len(filled), 1)
    formats = {form: int(filled.str.contains(pattern).sum()) for form, pattern in (DATE_PATTERNS | OTHER_DATES).items()}
    best = max(formats, key=lambda form: formats[form])
    numbers = filled.filter(filled.str.contains(_NUMBER))
    values = numbers.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).drop_nulls()
    counts = filled.value_counts(sort=True)
    distinct = counts.height
    return Profile(
        filled=len(filled),
        unique=0 < len(filled) <= distinct * 1.03,
        cells=dict(counts.head(300).iter_rows()),
        dates=formats[best] / n,
        date_format=best if formats[best] else None,
        month_first=_month_first(filled),
        numbers=len(values) / n,
        whole=float((values == values.floor()).sum()) / n,
        booleans=float(filled.str.to_lowercase().is_in([*YES, *NO]).sum()) / n,
        median=values.median(),  # type: ignore[arg-type]
        low=values.min(),  # type: ignore[arg-type]
        high=values.quantile(0.99),
    )


def _month_first(filled: pl.Series) -> bool:
    """Whether the middle of dates exceeds twelve, and the beginning never does."""
    first, second = (filled.str.extract(r"^(\d{1,2})/(\d{1,2})/\d{4}", part).cast(pl.Int8) > 12 for part in (1, 2))
    return not first.any() and int(second.sum()) >= max(3, len(filled) // 5)


@dataclass(frozen=True)
class Fit:
    """How the cells fit a column: `veto` lowers what the name says, `proof` adds to it."""

    veto: float
    proof: float


@cache
def _token_words(table: str, name: str) -> dict[str, str]:
    """Every way to write a token of a column, folded and without accents -> the token."""
    tokens = TABLES[table][name].tokens or {}
    return (
        {fold(label): token for token, label in tokens.items()}
        | {fold(token): token for token in tokens}
        | {fold(token).replace("_", " "): token for token in tokens}
        | _KNOWN_CODES.get(name, {})
    )


def tokens_of(found: Profile, table: str, column: Column) -> dict[str, str]:
    """The cells of a column that stand for a token, and which; for a set, the parts of cells."""
    known = _token_words(table, column.name)
    read: dict[str, str] = {}
    for cell in found.cells:
        for part in parts(cell, column):
            token = known.get(fold(part)) or _short_for(fold(part), known)
            if token:
                read[part] = token
    return read


def parts(cell: str, column: Column) -> list[str]:
    """The cell, or what it is made of where a column holds several tokens."""
    return [part.strip() for part in re.split(r"[|;,]", cell)] if column.kind == "set" else [cell]


def _short_for(cell: str, known: dict[str, str]) -> str | None:
    """The one token whose word begins with an abbreviated cell ("adeno")."""
    stem = cell.rstrip(".")
    if len(stem) < 4:
        return None
    found = {token for word, token in known.items() if word.startswith(stem)}
    return found.pop() if len(found) == 1 else None


def fit(found: Profile, table: str, column: Column) -> Fit:
    """How well cells fit a column of the contract; an empty column fits anything a little."""
    if not found.filled:
        return Fit(0.85, 0.0)
    match column.kind:
        case "date":
            return Fit(1.0, 0.1) if found.dates >= 0.8 else Fit(0.1, 0.0)
        case "bool":
            return Fit(1.0, 0.1) if found.booleans >= MOST else Fit(0.75 if found.booleans >= 0.5 else 0.25, 0.0)
        case "int" | "float":
            return _fit_number(found, column)
        case "enum" | "set" if column.tokens:
            return _fit_tokens(found, table, column)
        case _:
            plain = found.dates >= 0.8 or (found.booleans >= MOST and found.filled > 10)
            return Fit(0.1, 0.0) if plain else Fit(1.0, 0.0)


def _fit_number(found: Profile, column: Column) -> Fit:
    if found.numbers < MOST:
        return Fit(0.15, 0.0)
    if column.kind == "int" and found.whole < MOST:
        return Fit(0.3, 0.0)
    if column.low is None or found.low is None or found.high is None or column.high is None:
        return Fit(1.0, 0.05)
    inside = found.low >= column.low and found.high <= column.high
    return Fit(1.0, 0.1) if inside else Fit(0.8, 0.0)


def _fit_tokens(found: Profile, table: str, column: Column) -> Fit:
    few = len(found.cells) <= MOST_CODES or any("|" in cell or ";" in cell for cell in found.cells)
    if not few or found.dates >= MOST:
        return Fit(0.1, 0.0)
    read = tokens_of(found, table, column)
    rows = sum(count for cell, count in found.cells.items() if all(part in read for part in parts(cell, column)))
    share = rows / found.filled
    used = len(set(read.values())) / len(column.tokens or {})
    if share >= 0.8:
        return Fit(1.0, 0.35 + 0.5 * min(1.0, used * 1.5))
    if system := code_system(found, table, column.name):
        return Fit(1.0, 0.7 if system else 0.0)
    if share >= 0.3:
        return Fit(0.8, 0.2)
    local = found.is_codes and found.booleans < MOST and len(found.cells) <= 2 * len(column.tokens or {}) + 2
    return Fit(0.6 if local else 0.2, 0.0)


def code_system(found: Profile, table: str, column: str) -> str | None:
    """The shipped code system of a column that most cells look like, and some are listed in."""
    for name in SYSTEMS:
        system = load(name)
        if (system.table, system.column) != (table, column):
            continue
        tidied = {cell: tidy(cell) for cell in found.cells}
        like = sum(count for cell, count in found.cells.items() if re.fullmatch(system.form, tidied[cell]))
        if not found.cells or like < 0.8 * sum(found.cells.values()):
            continue
        listed = sum(count for cell, count in found.cells.items() if system.lists(tidied[cell]))
        if listed * 4 >= like:
            return name
    return None
