"""How numbers, dates and foreign text are written in each language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

SUPPRESSED = "[s]"
"""What stands for a number that disclosure control hides."""

NOTHING = "–"
"""What stands for a number that does not exist, such as a rate of no decisions."""

THIN = "\u202f"
HARD = "\u00a0"


def french_spaces(text: str) -> str:
    """French text with spaces that no line ends at before and inside its punctuation."""
    text = re.sub(r" (?=[;?!%])", THIN, text)
    return re.sub(r" (?=[:»])|(?<=«) ", HARD, text)


def number(value: int | float | None, lang: str, digits: int = 0) -> str:
    """A number with the separators of the language: 12,345.6 or 12 345,6."""
    if value is None:
        return NOTHING
    written = f"{value:,.{digits}f}"
    return written if lang == "en" else written.replace(",", THIN).replace(".", ",")


def percent(share: float | None, lang: str, digits: int = 0) -> str:
    """A share as a percentage; 100 % and 0 % only when nothing or everything is missing from it."""
    if share is None:
        return NOTHING
    value = round(100 * share, digits)
    if value in (0, 100) and 0 < share < 1:
        limit = 100 - 10**-digits if value else 10**-digits
        return f"{'>' if value else '<'}{THIN}{percent(limit / 100, lang, digits)}"
    return number(value, lang, digits) + ("%" if lang == "en" else f"{THIN}%")


def interval(limits: tuple[float, float] | None, lang: str) -> str:
    """Two shares as a range of percentages."""
    if limits is None:
        return NOTHING
    lower, upper = limits
    return f"{number(100 * lower, lang)}–{number(100 * upper, lang)}" + ("%" if lang == "en" else f"{THIN}%")


def span_words(limits: tuple[float, float], lang: str) -> str:
    """Two shares as a range of percentages, with as many digits as tell them from 0 and 100 %."""
    digits = next(d for d in range(9) if not {round(100 * share, d) for share in limits} & {0, 100})
    lower, upper = (number(100 * share, lang, digits) for share in limits)
    return f"{lower}–{upper}" + ("%" if lang == "en" else f"{THIN}%")


def day(value: date | None, lang: str) -> str:
    """A date as people write it: 2024-06-30 or 30/06/2024."""
    if value is None:
        return NOTHING
    return value.isoformat() if lang == "en" else f"{value:%d/%m/%Y}"


def quarter(period: str, lang: str) -> str:
    """A quarter: 2024-Q1 or 2024-T1."""
    return period if lang == "en" else period.replace("Q", "T")


def listed(items: Iterable[str], lang: str) -> str:
    """Items as a sentence lists them."""
    *first, last = list(items) or [""]
    return f"{', '.join(first)} {'and' if lang == 'en' else 'et'} {last}" if first else last


def label(text: str | None, at_most: int = 60) -> str:
    """Foreign text on one line: control and direction marks out, spaces single, cut with an ellipsis."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text or "")
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))
    plain = " ".join(plain.split())
    return plain if len(plain) <= at_most else plain[: at_most - 1].rstrip() + "…"
