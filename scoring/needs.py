"""The tables and columns of the contract that a measure asks for.

What its facts declare, and the columns of which an experiment showed that they can change a verdict
(needs.csv, made by `python -m tests.made_needs`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

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
    declared = (place for name in _asked(rule) for place in _behind(name))
    return tuple(dict.fromkeys([*declared, *(place for place in found().get(rule.id, ()) if place not in ALWAYS)]))


@cache
def found() -> dict[str, tuple[tuple[str, str], ...]]:
    """Rule -> (table, column) of the columns that changed one of its verdicts when they were left empty."""
    places: dict[str, list[tuple[str, str]]] = {}
    for row in csv.DictReader(files("scoring").joinpath("needs.csv").read_text("utf-8").splitlines()):
        places.setdefault(row["rule_id"], []).append((row["table"], row["column"]))
    return {rule: tuple(columns) for rule, columns in places.items()}


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
