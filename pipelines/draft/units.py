"""The unit of a column of numbers, from its name and from its size."""

from __future__ import annotations

import re

from validation.contract import Column

from .names import fold
from .profile import Profile

_UNITS: dict[str, dict[str, tuple[str, float]]] = {
    "mm": {"cm": ("cm", 10)},
    "Gy": {"cgy": ("cGy", 0.01)},
    "fraction": {"%": ("%", 0.01), "pct": ("%", 0.01), "pourcent": ("%", 0.01), "pourcentage": ("%", 0.01)},
    "days": {"mois": ("months", 30.44), "sem": ("weeks", 7), "semaine": ("weeks", 7), "semaines": ("weeks", 7)},
    "min": {"h": ("h", 60), "heures": ("h", 60)},
}
"""The contract's unit -> a word in a name -> the unit that it means and how many of the contract's it is."""


def unit_of(name: str, found: Profile, column: Column) -> tuple[str, float] | None:
    """The unit of a source column and how many of the contract's it is; None where it is the contract's own."""
    known = _UNITS.get(column.unit, {})
    written = re.findall(r"%|[a-z]+", fold(name))
    for word in reversed(written):
        if word in known:
            return known[word]
        if word == column.unit.casefold():
            return None
    if column.unit == "fraction" and found.median is not None and found.median > 1:
        return known["%"]
    if column.unit == "Gy" and found.median is not None and found.median > 100:
        return known["cgy"]
    return None


def within(found: Profile, column: Column, factor: float) -> bool:
    """Whether the numbers, in the contract's unit, lie in its range."""
    if column.low is None or column.high is None or found.low is None or found.high is None:
        return True
    return found.low * factor >= column.low and found.high * factor <= column.high
