"""The tables and columns of the contract that a measure asks for."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from scoring.context import MAIN_DATE
from scoring.core.recommendation import Recommendation
from scoring.facts import FACTS
from scoring.scores import SCORES

ALWAYS = (
    ("patients", "centre_id"),
    ("primary_tumours", "primary_site"),
    ("primary_tumours", "diagnosis_date"),
    ("bone_lesions", "bone"),
    ("bone_lesions", "discovery_date"),
)
"""What every measure asks for: who is in the cohort, and since when."""


def needs(rule: Recommendation) -> tuple[tuple[str, str], ...]:
    """(table, column) of everything that can decide the verdict of a measure, beside `ALWAYS`, in the order of asking."""
    return tuple(dict.fromkeys(place for name in _asked(rule) for place in _behind(name)))


def _asked(rule: Recommendation) -> dict[str, None]:
    """The facts that the measure names or that its expressions read."""
    parts = [rule.applies, rule.met, rule.late, rule.mdt_against]
    parts += [ground.when for ground in (*rule.exceptions, *rule.ambers)]
    read = [name for part in parts if isinstance(part, pl.Expr) for name in part.meta.root_names()]
    return dict.fromkeys(name for name in (*rule.judged_on, *read) if name in FACTS)


def _behind(fact_name: str) -> Iterator[tuple[str, str]]:
    fact = FACTS[fact_name]
    score = fact.blames and SCORES.get(fact.blames.removesuffix("_missing"))
    if score:
        for item in score.items:
            yield _place(item.input)
        return
    table, _, column = fact.missing.partition(".")
    if table in MAIN_DATE:
        yield table, MAIN_DATE[table]
    if column:
        yield table, column


def _place(name: str) -> tuple[str, str]:
    table, _, column = name.partition(".")
    return table, column
