"""How well the name of a column in a file fits a column of the contract."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from functools import cache

from validation.contract import TABLES
from validation.contract.labels import TABLE_LABELS, column_label

from .vocabulary import ABBREVIATIONS, STOP_WORDS, SYNONYMS, TABLE_WORDS

Words = tuple[str, ...]
SAID_BY_TABLE = 0.2
"""The weight of a word in a column's name that the name of its table says already."""
NEUTRAL = frozenset(
    [
        "date",
        "identifiant",
        "type",
        "patient",
        "nombre",
        "pourcent",
        "mm",
        "cm",
        "gy",
        "cgy",
        "mg",
        "min",
        "jour",
        "score",
        "statut",
    ]
)
"""Words that may be added to a name without changing what it means."""


@cache
def fold(text: str) -> str:
    """Text in lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@cache
def words(name: str) -> Words:
    """The words of a name: split, without accents and plurals, abbreviations written out."""
    name = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])|(?<=[A-ZÀ-Ý])(?=[A-ZÀ-Ý][a-zà-ÿ])", " ", name)
    name = re.sub(r"[Nn][°º]", " num ", name).replace("%", " pct ")
    parts = [part for part in re.split(r"[^0-9a-z]+", fold(name)) if part]
    if len(parts) > 1 and parts[-1] == "le":  # "opéré le"
        parts[-1] = "date"
    found: list[str] = []
    for place, part in enumerate(parts):
        if part in STOP_WORDS and len(parts) > 1 and place < len(parts) - 1 and not (part == "en" and place == 0):
            continue
        singular = part[:-1] if len(part) > 3 and part.endswith(("s", "x")) else part
        known = ABBREVIATIONS.get(part, ABBREVIATIONS.get(singular))
        found += known.split() if known is not None else [singular]
    return tuple(dict.fromkeys(found))


@cache
def variants(table: str, column: str) -> tuple[Words, ...]:
    """All ways to name a column of the contract."""
    names = [column_label(table, column), re.sub(r"\(.*?\)", " ", column_label(table, column)), column]
    names += [*SYNONYMS.get(column, ()), *SYNONYMS.get(f"{table}.{column}", ())]
    return tuple(dict.fromkeys(found for name in names if (found := words(name))))


@cache
def table_words(table: str) -> frozenset[str]:
    """The words for a table and for what its rows are."""
    return frozenset(words(f"{TABLE_LABELS[table]} {table} {TABLE_WORDS[table]}"))


@cache
def name_score(name: str, table: str, column: str) -> tuple[float, bool]:
    """From 0 to 1: how well a name fits a column of the contract; and whether nothing in the name is left unexplained.

    A word left over ("date of birth *of the spouse*") may make it another thing altogether.
    """
    given = words(name)
    if not given:
        return 0.0, False
    return max(_dice(given, variant, table) for variant in variants(table, column))


@cache
def table_score(file: str, table: str) -> float:
    """From 0 to 1: how well the name of a file fits a table; the share of its words that are words for the table."""
    given = [word for word in words(file) if not word.isdigit()]
    if not given:
        return 0.0
    return sum(max(alike(word, other) for other in table_words(table)) for word in given) / len(given)


def _dice(given: Words, wanted: Words, table: str) -> tuple[float, bool]:
    """The weight of the words that two names share, of the weight of all their words; and whether no word is left over."""
    said = table_words(table)
    left = list(wanted)
    shared = total = 0.0
    explained = True
    for word in given:
        best = max(left, key=lambda other: alike(word, other), default=None)
        likeness = alike(word, best) if best else 0.0
        if best and likeness:
            left.remove(best)
            weight = _weight(best)
            shared += 2 * likeness * weight
            total += 2 * weight
        else:
            total += _weight(word) * (SAID_BY_TABLE if word in said else 1)
            explained &= word in said or word in NEUTRAL
    total += sum(_weight(word) * (SAID_BY_TABLE if word in said else 1) for word in left)
    return (shared / total if total else 0.0), explained


@cache
def alike(word: str, other: str) -> float:
    """1 for the same word, less for its beginning, its consonants or a slip of the pen, else 0."""
    if word == other:
        return 1.0
    short, long = sorted((word, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.9
    if (
        len(short) >= 5
        and short[0] == long[0]
        and len(long) - len(short) <= 3
        and SequenceMatcher(None, word, other).ratio() >= 0.85
    ):
        return 0.85
    if len(short) >= 3 and short[0] == long[0] and _within(short, long) and not set(short[1:]) & set("aeiouy"):
        return 0.7
    return 0.0


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


@cache
def _weights() -> dict[str, float]:
    columns = [(table.name, column.name) for table in TABLES.values() for column in table.columns]
    seen = Counter(word for key in columns for word in {word for variant in variants(*key) for word in variant})
    most = math.log(len(columns))
    return {word: max(0.25, math.log(len(columns) / count) / most) for word, count in seen.items()}


def _weight(word: str) -> float:
    """Rare words tell more than those that many columns share."""
    return _weights().get(word, 0.8)
