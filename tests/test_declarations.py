"""Bad declarations fail when they are made, with their id in the message; good ones name only what exists."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from scoring.concordance import FLAGS, REASONS, judge
from scoring.core.recommendation import Strength, Vocabulary
from scoring.core.score import Band, Item, Score
from scoring.core.text import G1, Source, Text
from scoring.facts import FACTS
from scoring.recommendations import RULES, RULES_BY_ID
from scoring.recommendations.parameters import PARAMETERS
from scoring.recommendations.schedules import SCHEDULES
from scoring.registry import COVERAGE_SCHEMA, Registry
from scoring.scores import SCORES
from validation.contract import TABLES
from validation.contract.model import Column, Table

RULE = RULES_BY_ID["G1-2-02"]
WORDS = Text("words", "mots")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "3.4-01"}, "an id is edition, section and number"),
        ({"recommended": ("surgery",)}, "not in vocabulary imaging: surgery"),
        ({"due": None}, "names the tables that must be observed"),
        ({"excusable": False, "mdt_against": pl.lit(True)}, "a meeting does not excuse"),
    ],
)
def test_a_bad_rule_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(RULE, **changes)  # type: ignore[arg-type]


def test_a_vocabulary_without_none_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing of the kind was done"):
        Vocabulary("x", {"done": WORDS})


def test_a_text_needs_both_languages() -> None:
    with pytest.raises(ValueError, match="both languages"):
        Text("only English", "")


def _score(*bands: Band) -> Score:
    items = (Item("size", WORDS, "lesion_assessments.cortical_fraction", pl.col("x"), 1, 3),)
    return Score("made_up", WORDS, Source(G1, "1"), items, bands)


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ((Band("low", 1, 1), Band("high", 3, 3)), "made_up: bands leave a gap"),
        ((Band("low", 1, 2), Band("high", 2, 3)), "made_up: bands leave a gap or overlap"),
        ((Band("low", 1, 2),), "made_up: totals 1 to 3 reach beyond"),
    ],
)
def test_bands_with_a_hole_are_refused(bands: tuple[Band, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _score(*bands)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Column("kind", "enum", "no tokens"),
        lambda: Column("size", "float", "one end", low=0),
        lambda: Column("id", "string", "optional key", is_key=True),
        lambda: Table("twice", "row", (Column("a", "string", ""), Column("a", "string", ""))),
    ],
)
def test_a_bad_contract_is_refused(make: object) -> None:
    with pytest.raises(ValueError, match="column"):
        make()  # type: ignore[operator]


def test_a_registry_names_what_is_wrong_with_it() -> None:
    empty = pl.DataFrame(schema=COVERAGE_SCHEMA)
    with pytest.raises(ValueError, match="not in the contract: lesions"):
        Registry({"lesions": pl.DataFrame()}, empty)
    with pytest.raises(ValueError, match="lacks extraction_date"):
        Registry({}, empty.drop("extraction_date"))
    twice = pl.DataFrame({"centre_id": ["C", "C"], "table": ["patients"] * 2}).join(
        pl.DataFrame(schema={k: v for k, v in COVERAGE_SCHEMA.items() if k != "table"}), on="centre_id", how="left"
    )
    with pytest.raises(ValueError, match="two rows for one centre and table"):
        Registry({}, twice)


def test_an_empty_registry_gives_no_verdict_and_no_error() -> None:
    judgement = judge(Registry({}, pl.DataFrame(schema=COVERAGE_SCHEMA)), start=date(2023, 1, 1))
    assert sum(frame.height for frame in judgement.verdicts.values()) == 0
    assert judgement.flow.filter(pl.col("centre_id").is_null())["n_patients"].to_list() == [0] * 6


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_a_rule_names_exists(rule: object) -> None:
    declared = RULES_BY_ID[rule.id]  # type: ignore[attr-defined]
    assert set(declared.judged_on) <= FACTS.keys()
    assert {ground.id for ground in (*declared.exceptions, *declared.ambers)} <= REASONS.keys()
    assert {flag.id for flag in declared.flags} <= FLAGS.keys()
    assert set(declared.observed) <= TABLES.keys()
    assert declared.source.section == declared.id.split("-")[1]


def test_a_permissive_rule_needs_no_amber_and_a_dose_no_excuse() -> None:
    for rule in RULES:
        if rule.strength is Strength.PERMISSIVE:
            assert not rule.ambers, rule.id
        if rule.vocabulary.id == "dose":
            assert not rule.excusable, rule.id


def test_what_is_missing_has_a_place_in_the_contract() -> None:
    named = [fact.missing for fact in FACTS.values()]
    named += [item.input for score in SCORES.values() for item in score.items]
    for name in named:
        table, _, column = name.partition(".")
        assert table in TABLES, name
        assert not column or column in TABLES[table].schema, name


def test_every_threshold_says_where_it_comes_from() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.source, parameter.name


def test_a_threshold_stands_in_the_parameters_and_nowhere_else() -> None:
    """The numbers of a rule are parameters (within their tolerance) or the cut-offs that the text prints for a score."""
    cut_offs = {6, 7, 8, 9, 12, 13, 28, 29, 37, 38, 44, 45, 21}
    schedules = {number for schedule in SCHEDULES.values() for number in schedule}
    known = {parameter.value for parameter in PARAMETERS.values()} | cut_offs | schedules
    for rule in RULES:
        judged = (rule.applies, rule.given) if rule.met is None else (rule.applies, rule.met)
        for expression in (*judged, *(ground.when for ground in (*rule.exceptions, *rule.ambers))):
            for number in _numbers(expression):
                near = min(abs(number - value) for value in known)
                assert near <= 0.11 or abs(number) <= 3, (rule.id, number)


def _numbers(expression: pl.Expr) -> list[float]:
    def walk(node: object) -> list[float]:
        if isinstance(node, dict):
            found = [
                v
                for k, v in node.items()
                if k in ("Int", "Float", "Int32", "Int64", "Float64") and isinstance(v, int | float)
            ]
            return found + [n for v in node.values() for n in walk(v)]
        if isinstance(node, list):
            return [n for v in node for n in walk(v)]
        return []

    return walk(json.loads(expression.meta.serialize(format="json")))
