"""Over a grid of everything that a measure asks: exactly one status, the one that the written precedence gives."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from scoring.concordance import _codes
from scoring.core.recommendation import Recommendation, Status, Strength
from scoring.recommendations import RULES
from scoring.scores import SCORES
from scoring.verdict_codes import compact
from tests.cases_loader import judgement

ROWS = 600
DAY = date(2024, 1, 1)
DAYS = [None, *(DAY + timedelta(days=n) for n in (-1, 0, 1, 400))]


def expressions(rule: Recommendation) -> list[pl.Expr]:
    parts = [rule.applies, rule.met, rule.due, rule.late, rule.mdt_against, rule.given]
    parts += [ground.when for ground in (*rule.exceptions, *rule.ambers, *rule.flags)]
    return [part for part in parts if part is not None]


def literals(node: Any) -> Iterator[Any]:
    """The numbers and words that an expression compares with."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("Int", "Float", "Int32", "Int64", "Float64", "String") and isinstance(value, int | float | str):
                yield value
            else:
                yield from literals(value)
    elif isinstance(node, list):
        for value in node:
            yield from literals(value)


def grid(rule: Recommendation, draw: random.Random) -> pl.DataFrame:
    """Rows with values of every column that the measure reads, on and beside what it compares with, nulls among them."""
    schema = judgement().facts[rule.grain].schema
    names = {name for expression in expressions(rule) for name in expression.meta.root_names()}
    seen = {value for e in expressions(rule) for value in literals(json.loads(e.meta.serialize(format="json")))}
    numbers = sorted({n + step for n in seen if isinstance(n, int | float) for step in (-1, 0, 1)} | {0, 1})
    words = [word for word in seen if isinstance(word, str)]

    def values(name: str) -> list[Any]:
        dtype = schema[name]
        if dtype == pl.Boolean:
            return [True, True, False, False, None]
        if dtype == pl.Date:
            return DAYS
        if isinstance(dtype, pl.Enum):
            return [None, *(word for word in words if word in dtype.categories), *dtype.categories[:2]]
        if isinstance(dtype, pl.List):
            held = list(dtype.inner.categories) if isinstance(dtype.inner, pl.Enum) else words
            return [None, [], *([word] for word in words if word in held), held[:2]]
        if dtype.is_numeric():
            return [
                None,
                *(
                    int(n) if dtype.is_integer() else float(n)
                    for n in numbers
                    if n >= 0 or not dtype.is_unsigned_integer()
                ),
            ]
        judged = {read for e in expressions(rule) if e is not rule.given for read in e.meta.root_names()}
        return [None, *(words if name in judged else ()), *rule.vocabulary.words]

    columns = {name: pl.Series(name, draw.choices(values(name), k=ROWS), dtype=schema[name]) for name in sorted(names)}
    columns["index_date"] = pl.Series("index_date", [DAY] * ROWS)
    deviation = f"deviation_{rule.domain}"
    columns[deviation] = pl.Series(deviation, draw.choices([None, None, 7], k=ROWS), dtype=pl.UInt32)
    columns[f"observed_{rule.id}"] = pl.Series(
        f"observed_{rule.id}", draw.choices([True, False, None], k=ROWS), dtype=pl.Boolean
    )
    for table in {name for fact in rule.judged_on for name in [_table(fact)]}:
        for kind in ("supplied", "proves", "hole"):
            columns[f"{kind}_{table}"] = pl.Series(f"{kind}_{table}", draw.choices([True, False], k=ROWS))
    for fact in rule.judged_on:
        if fact not in columns:
            columns[fact] = pl.Series(fact, [None] * ROWS, dtype=schema[fact])
        missing = _blames(fact)
        if missing and missing not in columns:
            columns[missing] = pl.Series(missing, [None] * ROWS, dtype=pl.String)
    return pl.DataFrame(columns)


def _table(fact: str) -> str:
    from scoring.facts import FACTS

    return FACTS[fact].table


def _blames(fact: str) -> str | None:
    from scoring.facts import FACTS

    return FACTS[fact].blames


def statuses(rule: Recommendation, rows: pl.DataFrame) -> list[str | None]:
    """The status of every row by the written precedence: of the conditions in their order, the first that holds."""
    truth = rows.select(
        applies=rule.applies,
        met=pl.lit(None, pl.Boolean) if rule.met is None else rule.met,
        given=rule.given,
        late=pl.lit(False) if rule.late is None else rule.late,
        against=pl.lit(False) if rule.mdt_against is None else rule.mdt_against,
        ended=pl.lit(False) if rule.due is None else ~pl.col(f"observed_{rule.id}"),
        excused=pl.any_horizontal([g.when.fill_null(False) for g in rule.exceptions] or [pl.lit(False)]),
        amber=pl.any_horizontal([g.when.fill_null(False) for g in rule.ambers] or [pl.lit(False)]),
        deviation=pl.col(f"deviation_{rule.domain}").is_not_null(),
    )
    return [status(rule, row) for row in truth.iter_rows(named=True)]


def status(rule: Recommendation, row: dict[str, Any]) -> str | None:
    if row["applies"] is False:
        return None
    if rule.met is None:
        return Status.NOT_ASSESSABLE if row["applies"] is None or row["given"] is None else Status.REPORTED
    if row["applies"] is None or row["met"] is None:
        return Status.NOT_ASSESSABLE
    conditions = [
        (row["met"], Status.CONCORDANT),
        (row["ended"] and not row["late"], Status.NOT_DUE),
        (row["excused"] or (rule.excusable and row["deviation"]), Status.JUSTIFIED),
        (row["amber"] or row["late"] or row["against"], Status.TO_JUSTIFY),
        (rule.strength is Strength.PERMISSIVE, Status.TO_JUSTIFY),
    ]
    return next((found for holds, found in conditions if holds), Status.DISCORDANT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_exactly_one_status(rule: Recommendation) -> None:
    rows = grid(rule, random.Random(rule.id))
    codes = _codes(rows, [rule])
    keys = rows.select(
        "index_date", patient_id=pl.lit("P"), centre_id=pl.lit("C"), entity_id=pl.lit(""), lesion_id=pl.lit("L")
    )
    packed, meaning = compact({rule.grain: pl.concat([keys, codes], how="horizontal")}, [rule])
    found = packed[rule.grain][rule.id].replace_strict(
        meaning["code"], meaning["status"], default=None, return_dtype=pl.String
    )
    assert found.to_list() == statuses(rule, rows)
    assert len(set(found)) > 1, "the grid reaches one status only"


@pytest.mark.parametrize("score", SCORES.values(), ids=lambda score: score.id)
def test_exactly_one_band_of_every_total(score: Any) -> None:
    totals = pl.DataFrame({"total": range(score.least(), score.most() + 1)})
    for total in totals["total"]:
        assert sum(band.low <= total <= band.high for band in score.bands) == 1
    assert totals.select(score.band_of(pl.col("total"), pl.col("total"))).to_series().is_null().sum() == 0
