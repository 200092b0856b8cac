"""What a measure asks of an extract is what can change its verdicts, as an experiment found it."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import replace

import polars as pl
import pytest

from scoring.needs import ALWAYS, found, needs
from scoring.recommendations import RULES, RULES_BY_ID
from scoring.registry import Registry
from tests.cases_loader import cases
from tests.cases_loader import registry as registry_of_cases
from tests.made_needs import (
    COLUMNS,
    FILE,
    PROOFS,
    Need,
    Place,
    declared,
    emptied,
    is_required,
    measured,
    patients_changed,
    said,
)
from tests.random_registry import random_frames
from validation.contract import TABLES

LINES = [tuple(line) for line in csv.reader(FILE.read_text("utf-8").splitlines())]
STALE = "stale: python -m tests.made_needs"
UNPROVED = "random patients show a need that no case proves: write the case, then python -m tests.made_needs"


def proofs() -> dict[Need, tuple[str, str]]:
    """Need -> measure and name of the case that proves it."""
    _, *lines = csv.reader(PROOFS.read_text("utf-8").splitlines())
    return {(rule, table, column): (case_of, case) for rule, table, column, case_of, case in lines}


def test_the_files_are_sorted_and_name_rules_and_columns_alone() -> None:
    head, *lines = LINES
    assert head == ("rule_id", "table", "column")
    assert lines == sorted(set(lines))
    assert {rule for rule, *_ in lines} == {rule.id for rule in RULES}, STALE
    assert {(table, column) for _, table, column in lines} <= set(COLUMNS)
    assert list(proofs()) == lines, STALE


@pytest.mark.slow
@pytest.mark.parametrize("required", [False, True])
def test_every_need_is_proved_by_the_case_it_names(required: bool) -> None:
    """A copy of the case for each column that it is named for, judged with the column and without."""
    known = {(case.rule, case.name): case for case in cases()}
    named: dict[tuple[str, str, Place], list[str]] = defaultdict(list)
    for (rule, *place), (case_of, case) in proofs().items():
        assert (case_of, case) in known, STALE
        if is_required((place[0], place[1])) == required:
            named[case_of, case, (place[0], place[1])].append(rule)
    copies = {f"{n}": key for n, key in enumerate(named)}
    with_it = registry_of_cases(
        tuple(replace(known[case_of, case], patient=copy) for copy, (case_of, case, _) in copies.items())
    )
    with_it = declared(with_it) if required else with_it
    without = with_it
    for place in {place for _, _, place in named}:
        without = emptied(without, place, [copy for copy, key in copies.items() if key[2] == place])
    before, after = said(with_it), said(without)
    changed = {rule: set(patients_changed(before[rule], after[rule])) for rule in before}
    not_proved = [
        (rule, *key[2], *key[:2]) for copy, key in copies.items() for rule in named[key] if copy not in changed[rule]
    ]
    assert not_proved == [], STALE


@pytest.mark.slow
def test_what_the_cases_prove_is_listed_and_what_is_listed_they_prove() -> None:
    """For a sample of the columns; the test before holds for all, but sees no need that is missing."""
    chosen = set(random.Random(7).sample(COLUMNS, 12))
    assert set(measured(registry_of_cases(cases()), chosen)) == {line for line in LINES[1:] if line[1:] in chosen}, (
        STALE
    )


@pytest.mark.slow
def test_random_patients_show_no_need_that_no_case_proves() -> None:
    chosen = random.Random(8).sample(COLUMNS, 12)
    shown = measured(Registry(*random_frames(1, 1500, centres=4)), chosen)
    assert sorted(set(shown) - set(LINES[1:])) == [], UNPROVED


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
    registry = registry_of_cases(cases())
    place = ("procedures", "technique")
    procedures, without = registry["procedures"], emptied(registry, place)
    assert procedures["technique"].null_count() < procedures.height
    assert without["procedures"]["technique"].null_count() == procedures.height
    assert without["procedures"].drop("technique").equals(procedures.drop("technique"))
    assert without["procedures"].schema == pl.Schema(TABLES["procedures"].schema)
    assert all(without[name].equals(registry[name]) for name in TABLES if name != "procedures")
    one = procedures.filter(pl.col("technique").is_not_null())["patient_id"][0]
    is_one = pl.col("patient_id") == one
    of_one = emptied(registry, place, [one])["procedures"]
    assert of_one.filter(is_one)["technique"].null_count() == procedures.filter(is_one).height
    assert of_one.filter(~is_one).equals(procedures.filter(~is_one))
