"""What changed between two editions of a guideline, read from the declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import polars as pl

from scoring.core.recommendation import Recommendation
from scoring.core.text import Edition

Kind = Literal["added", "changed", "carried_over"]
NOT_COMPARED = ("id", "source")


class EditionError(ValueError):
    """Editions that do not exist, or that cannot be compared."""


@dataclass(frozen=True)
class Change:
    """One measure of the later edition: `parts` names what was declared otherwise, with what it was and what it is."""

    place: tuple[str, str, str]
    kind: Kind
    before: Recommendation | None
    after: Recommendation
    parts: tuple[tuple[str, Any, Any], ...] = ()


def editions(rules: Sequence[Recommendation]) -> dict[str, Edition]:
    """The editions that the rules come from, by id."""
    return {rule.source.edition.id: rule.source.edition for rule in rules}


def compare(rules: Sequence[Recommendation], earlier: str, later: str) -> list[Change]:
    """The measures of two editions, in order of section; what the later one does not declare again is carried over."""
    known = editions(rules)
    lacking = [edition for edition in (earlier, later) if edition not in known]
    if lacking:
        raise EditionError(f"No edition {', '.join(lacking)}; the editions are {', '.join(known)}.")
    if known[earlier].document != known[later].document:
        raise EditionError(
            f"{earlier} and {later} are two guidelines, not two editions of one: there is nothing to compare."
        )
    before = {rule.place: rule for rule in rules if rule.source.edition.id == earlier}
    after = {rule.place: rule for rule in rules if rule.source.edition.id == later}
    carried = before if earlier != later and known[later].replaces == earlier else {}
    return [
        _change(place, before.get(place), (after | {p: r for p, r in carried.items() if p not in after})[place])
        for place in sorted({*after, *carried}, key=_order)
    ]


def _order(place: tuple[str, str, str]) -> tuple[list[int], int]:
    return [int(part) for part in place[1].split(".")], int(place[2])


def _change(place: tuple[str, str, str], before: Recommendation | None, after: Recommendation) -> Change:
    if before is None:
        return Change(place, "added", None, after)
    parts = tuple(
        (f.name, getattr(before, f.name), getattr(after, f.name))
        for f in fields(Recommendation)
        if f.name not in NOT_COMPARED and _written(getattr(before, f.name)) != _written(getattr(after, f.name))
    )
    return Change(place, "changed" if parts else "carried_over", before, after, parts)


def _written(part: Any) -> str:
    """A part of a declaration as text that is equal exactly when the parts say the same."""
    if isinstance(part, pl.Expr):
        return str(part.meta.serialize(format="json"))
    if isinstance(part, tuple):
        return "|".join(_written(one) for one in part)
    if hasattr(part, "__dataclass_fields__"):
        return "|".join(f"{f.name}={_written(getattr(part, f.name))}" for f in fields(part))
    return repr(part)
