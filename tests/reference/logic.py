"""Three-valued logic (True, False, None = not recorded) and whole days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Truth = bool | None


def and_(*values: Truth) -> Truth:
    """False as soon as one is false; otherwise unknown if one is unknown."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def or_(*values: Truth) -> Truth:
    """True as soon as one is true; otherwise unknown if one is unknown."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def not_(value: Truth) -> Truth:
    return None if value is None else not value


def known(value: Any, test: Callable[[Any], bool]) -> Truth:
    """The test of a value; unknown when the value is not recorded."""
    return None if value is None else test(value)


def one_of(value: Any, *tokens: Any) -> Truth:
    return known(value, lambda v: v in tokens)


def holds(tokens: list | None, *wanted: str) -> Truth:
    """Whether a set holds one of the wanted tokens; unknown when the set is not recorded."""
    return known(tokens, lambda ts: any(token in ts for token in wanted))


def plus(day: date, days: int) -> date:
    return day + timedelta(days=days)


def within(day: date | None, start: date, end: date) -> bool:
    """Both ends included; an act without a date lies in no window."""
    return day is not None and start <= day <= end


def is_dose_of(dose: float | None, printed: float) -> Truth:
    """Whether a dose is the printed one, within a tenth of its unit."""
    return known(dose, lambda value: abs(value - printed) <= 0.1 + 1e-9)
