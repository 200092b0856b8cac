"""The vectorised verdicts against the plain ones, decision by decision, on random registries."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest

from scoring.concordance import judge
from scoring.core.recommendation import Status
from scoring.recommendations import RULES
from scoring.registry import HOLES_SCHEMA, Registry
from tests.random_registry import frames_of, random_holes, random_registry
from tests.reference.rule import Rule
from tests.reference.verdicts import RULES as PLAIN_RULES
from tests.reference.verdicts import judge as judge_plainly

Key = tuple[str, str, str, date]
Answer = tuple[str, str, str]
NO_ROW: Answer = ("no row", "", "")
KEYS = ["patient_id", "entity_id", "index_date"]


def vectorised(registry: Registry, **asked: Any) -> dict[Key, Answer]:
    """(rule, patient, entity, index date) -> (status, reason, flags), from the wide frames and their dictionary."""
    judgement = judge(registry, **asked)
    codes = {
        code: (status, given if status == Status.REPORTED else reason, flags)
        for code, status, reason, given, flags in judgement.codes.select(
            "code", "status", "reason", "given", "flags"
        ).iter_rows()
    }
    answers: dict[Key, Answer] = {}
    for frame in judgement.verdicts.values():
        rules = [column for column in frame.columns if column in PLAIN_RULES]
        long = frame.unpivot(rules, index=KEYS, variable_name="rule", value_name="code").drop_nulls("code")
        for patient, entity, idx, rule, code in long.iter_rows():
            assert (rule, patient, entity, idx) not in answers, f"{rule}: a decision has two verdicts"
            answers[rule, patient, entity, idx] = normal(*codes[code])
    return answers


def plain(registry: tuple[Any, Any], **asked: Any) -> dict[Key, Answer]:
    return {
        (v.rule_id, v.patient_id, v.entity_id, v.index_date): normal(v.status, v.reason, "|".join(v.flags))
        for v in judge_plainly(*registry, **asked)
    }


def normal(status: str, reason: str | None, flags: str) -> Answer:
    """The plain side does not name what is missing; that the vectorised side does is checked apart."""
    return status, "" if status == "not_assessable" else (reason or ""), "|".join(sorted(set(flags.split("|")) - {""}))


def disagreements(expected: dict[Key, Answer], found: dict[Key, Answer]) -> str:
    """One line per rule and pair of answers: how often, and one decision (ids only)."""
    counts: Counter[tuple[str, Answer, Answer]] = Counter()
    examples: dict[tuple[str, Answer, Answer], Key] = {}
    for key in sorted(expected.keys() | found.keys()):
        pair = expected.get(key, NO_ROW), found.get(key, NO_ROW)
        if pair[0] != pair[1]:
            counts[key[0], *pair] += 1
            examples.setdefault((key[0], *pair), key)
    lines = []
    for (rule, one, other), number in sorted(counts.items()):
        _, patient, entity, _ = examples[rule, one, other]
        answers = f"plain {' '.join(one)}, vectorised {' '.join(other)}"
        lines.append(f"{rule}: {answers}: {number} times, as in patient {patient} entity {entity}")
    return "\n".join(lines)


def strength(rule: Rule) -> str:
    return "optional" if rule.optional else "binding" if rule.binding else "permissive"


def test_both_know_the_same_rules() -> None:
    assert {rule.id for rule in RULES} == set(PLAIN_RULES)


def test_both_give_a_rule_the_same_domain_strength_and_grain() -> None:
    declared = {r.id: (str(r.grain), str(r.domain), str(r.strength), r.excusable, r.own_window) for r in RULES}
    plainly = {r.id: (r.grain, r.domain, strength(r), r.excusable, r.own_window) for r in PLAIN_RULES.values()}
    assert declared == plainly


@pytest.mark.parametrize(
    ("seeds", "asked"),
    [
        pytest.param(range(0, 1), {}, id="edition"),
        pytest.param(range(1, 2), {"retrospective": True}, id="retrospective"),
        pytest.param(range(2, 3), {"start": date(2022, 9, 1), "end": date(2023, 6, 30)}, id="period"),
        # 50,000 patients in all.
        *(
            pytest.param(range(first, first + 10), {"retrospective": True}, id=f"from {first}", marks=pytest.mark.slow)
            for first in range(100, 200, 10)
        ),
    ],
)
def test_verdicts(seeds: range, asked: dict[str, Any]) -> None:
    for seed in seeds:
        registry = random_registry(seed, 500, centres=4)
        holes = random_holes(seed, registry[0])
        expected = plain(registry, holes=holes, **asked)
        assert expected
        frames = Registry(*frames_of(*registry), pl.DataFrame(holes, schema=HOLES_SCHEMA, orient="row"))
        assert disagreements(expected, vectorised(frames, **asked)) == "", f"seed {seed}"


def test_a_centre_that_declares_nothing_proves_no_absence() -> None:
    tables, _ = random_registry(60, 300)
    expected = plain((tables, []), retrospective=True)
    assert {status for status, _, _ in expected.values()} > {"not_assessable", "concordant"}
    assert disagreements(expected, vectorised(Registry(*frames_of(tables, [])), retrospective=True)) == ""


def test_the_order_of_the_rows_does_not_matter() -> None:
    registry = random_registry(61, 300)
    frames, coverage = frames_of(*registry)
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=1) for name, frame in frames.items()}
    found = vectorised(Registry(shuffled, coverage), retrospective=True)
    assert disagreements(plain(registry, retrospective=True), found) == ""


def test_nobody_gets_no_verdict() -> None:
    tables, coverage = random_registry(62, 0)
    assert vectorised(Registry(*frames_of(tables, coverage)), retrospective=True) == {}


def test_what_is_missing_is_named() -> None:
    registry = Registry(*frames_of(*random_registry(7, 1500, centres=4)))
    codes = judge(registry, retrospective=True).codes
    unnamed = codes.filter((pl.col("status") == "not_assessable") & (pl.col("reason").fill_null("") == ""))
    assert unnamed.height == 0
