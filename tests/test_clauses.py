"""Every clause of every measure is seen true, false and unknown by the cases of that measure, or cannot be."""

from __future__ import annotations

import polars as pl
import pytest

from scoring.recommendations import RULES, RULES_BY_ID
from tests.cases_loader import judgement, tables
from tests.clauses import Clause, clauses, outcomes

WORDS = {"true": True, "false": False, "unknown": None}


def never(rule: str) -> dict[Clause, set[bool | None]]:
    """Clause -> outcomes that cannot occur, as the file of the measure says with the reason."""
    cannot: dict[Clause, set[bool | None]] = {}
    for place in (place for places in tables()[rule].get("never", {}).values() for place in places):
        clause, _, words = place.partition(": ")
        part, number = clause.split()
        assert (part, int(number)) not in cannot, f"{rule}: {clause} is listed twice"
        cannot[part, int(number)] = {WORDS[word] for word in words.split(", ")}
    return cannot


def described(missing: dict[Clause, set[bool | None]]) -> set[str]:
    names = {value: word for word, value in WORDS.items()}
    return {f"{part} {number}: {names[value]}" for (part, number), values in missing.items() for value in values}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_outcome_of_every_clause(rule: str) -> None:
    declared = RULES_BY_ID[rule]
    facts = judgement().facts[declared.grain]
    found = outcomes(declared, facts.filter(pl.col("patient_id").str.starts_with(f"{rule}/")))
    unseen = described({clause: set(WORDS.values()) - values for clause, values in found.items()})
    cannot = described(never(rule))
    assert not unseen - cannot, f"{rule}: no case shows {sorted(unseen - cannot)}"
    assert not cannot - unseen, f"{rule}: said to be impossible, or no such clause: {sorted(cannot - unseen)}"


def test_clauses_are_the_operands_of_and_and_or() -> None:
    a, b, c = pl.col("a"), pl.col("b") > 1, ~(pl.col("c") & pl.col("d"))
    found = clauses((a & b) | c)
    assert len(found) == 3
    assert all(any(one.meta.eq(other) for one in found) for other in (a, b, c))
    assert len(clauses(pl.col("a") == pl.col("b"))) == 1
