"""What a measure asks of an extract is what can change its verdicts, as an experiment found it."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest

from scoring.needs import ALWAYS, found, needs
from scoring.recommendations import RULES, RULES_BY_ID
from tests.made_needs import COLUMNS, FILE, emptied, everything, measured
from validation.contract import TABLES

LINES = [tuple(line) for line in csv.reader(FILE.read_text("utf-8").splitlines())]
STALE = "stale: python -m tests.made_needs"


def test_the_file_is_sorted_and_names_rules_and_columns_alone() -> None:
    head, *lines = LINES
    assert head == ("rule_id", "table", "column")
    assert lines == sorted(set(lines))
    assert {rule for rule, *_ in lines} == {rule.id for rule in RULES}, STALE
    assert {(table, column) for _, table, column in lines} <= set(COLUMNS)


def test_a_measure_asks_for_what_was_found() -> None:
    assert {(rule, *place) for rule, places in found().items() for place in places} == set(LINES[1:])
    for rule in RULES:
        assert set(found()[rule.id]) <= {*needs(rule), *ALWAYS}
        assert len(set(needs(rule))) == len(needs(rule))


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("G1-3.5.2-04", ("lesion_assessments", "fracture_date")),
        ("G1-3.5.2-04", ("procedures", "category")),
        ("G1-3.5.2-04", ("lesion_assessments", "cortical_fraction")),
        ("G1-2-02", ("patients", "death_date")),
    ],
)
def test_columns_that_no_fact_declares(rule: str, place: tuple[str, str]) -> None:
    assert place in needs(RULES_BY_ID[rule]), STALE


def test_emptied_leaves_everything_else() -> None:
    registry = everything(seeds=(), patients=0)
    without = emptied(registry, ("procedures", "technique"))
    assert registry["procedures"]["technique"].null_count() < registry["procedures"].height
    assert without["procedures"]["technique"].null_count() == registry["procedures"].height
    assert without["procedures"].drop("technique").equals(registry["procedures"].drop("technique"))
    assert without["procedures"].schema == pl.Schema(TABLES["procedures"].schema)
    assert all(without[name].equals(registry[name]) for name in TABLES if name != "procedures")


@pytest.mark.slow
def test_a_sample_of_columns_is_found_again() -> None:
    chosen = sorted(random.Random(7).sample(COLUMNS, 12))
    again = measured(everything(), chosen)
    listed = {line for line in LINES[1:] if line[1:] in set(chosen)}
    assert again <= listed, STALE
    assert len(again) >= 0.9 * len(listed), "the file lists much that is not found any more"
