"""The clauses of a measure, the operands of the outermost and / or of its expressions, and the outcomes that occur."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from scoring.core.recommendation import Recommendation

Clause = tuple[str, int]
"""The part of the measure and the number of the clause in it."""


def clauses(expression: pl.Expr) -> list[pl.Expr]:
    """The operands of `a & b | c`, as deep as and / or reach from the outside."""
    operands = expression.meta.pop()
    if len(operands) == 2:
        for left, right in (operands, operands[::-1]):
            if expression.meta.eq(left & right) or expression.meta.eq(left | right):
                return [*clauses(left), *clauses(right)]
    return [expression]


def parts(rule: Recommendation) -> Iterator[tuple[str, pl.Expr, pl.Expr]]:
    """Name, expression, and the decisions on which it matters, of each part of a measure."""
    yield "applies", rule.applies, pl.lit(True)
    if rule.met is None:
        return
    failing = rule.applies & ~rule.met
    yield "met", rule.met, rule.applies
    for ground in (*rule.exceptions, *rule.ambers):
        yield ground.id, ground.when, failing
    if rule.late is not None:
        yield "late", rule.late, failing
    if rule.mdt_against is not None:
        yield "mdt_against", rule.mdt_against, failing


def outcomes(rule: Recommendation, facts: pl.DataFrame) -> dict[Clause, set[bool | None]]:
    """What each clause of a measure says on the decisions on which it matters; a clause that asks nothing is none."""
    return {
        (name, number): set(facts.filter(matters).select(outcome=clause)["outcome"].to_list())
        for name, expression, matters in parts(rule)
        for number, clause in enumerate(clauses(expression), start=1)
        if clause.meta.root_names()
    }
