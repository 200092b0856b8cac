"""The plain verdicts: every status, reason and flag that a rule can give is given, and in the written order."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import pytest

from scoring.recommendations import RULES_BY_ID
from tests.cases_loader import NO_DECISION
from tests.random_registry import random_registry
from tests.reference.decisions import Decision
from tests.reference.logic import and_, not_, or_
from tests.reference.patient import Patient
from tests.reference.rule import Case, Rule, observation_ended, status_of
from tests.reference.verdicts import RULES, judge
from tests.test_cases import outcomes
from validation.contract import TABLES

NOTHING = ""
FLOOR = 5
"""How many verdicts of a kind there are at least: what hangs on one patient is lost with the next change."""
LATE = "outside_reading_window"
MDT = "mdt_decision"


def possible(rule_id: str) -> set[tuple[str, str]]:
    """Every (status, reason) that the written order lets a rule give; deviations count as one reason."""
    named = {
        outcome for outcome in outcomes(RULES_BY_ID[rule_id]) if outcome != NO_DECISION and not outcome.startswith("+")
    }
    pairs = {tuple(outcome.split(": ", 1)) if ": " in outcome else (outcome, NOTHING) for outcome in named}
    return {(status, reason.partition(":")[0]) for status, reason in pairs}


@cache
def found() -> tuple[dict[str, Counter[tuple[str, str]]], Counter[tuple[str, str]]]:
    """Verdicts of 21,000 random patients: (status, reason) per rule, and flags per rule."""
    pairs: dict[str, Counter[tuple[str, str]]] = {rule_id: Counter() for rule_id in RULES}
    flags: Counter[tuple[str, str]] = Counter()
    for seed in range(14):
        for given in judge(*random_registry(seed, 1500, centres=4), retrospective=True):
            reason = (given.reason or NOTHING).split(":")[0]
            pairs[given.rule_id][given.status, reason] += 1
            flags.update((given.rule_id, flag) for flag in given.flags)
    return pairs, flags


@pytest.mark.slow
@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_random_patients_reach_every_verdict_of_a_rule_and_no_other(rule_id: str) -> None:
    pairs = found()[0][rule_id]
    assert set(pairs) == possible(rule_id)
    assert {pair: number for pair, number in pairs.items() if number < FLOOR} == {}


@pytest.mark.slow
@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_an_exception_that_may_hold_is_flagged(rule_id: str) -> None:
    flagged = found()[1][rule_id, "exception_unknown"] >= FLOOR
    assert flagged == ("+exception_unknown" in outcomes(RULES_BY_ID[rule_id]))


@pytest.mark.slow
def test_the_other_flags_are_reached() -> None:
    flags = found()[1]
    assert flags["G1-2-11", "class_outside_sentence"]
    retrospective = {rule_id for rule_id, flag in flags if flag == "retrospective"}
    assert retrospective == {rule.id for rule in RULES.values() if rule.own_window is None}


# The written order ---------------------------------------------------------------------------------------------------

IDX = date(2023, 3, 1)


def a_patient(coverage: dict[str, Any] | None = None, **rows: list[dict[str, Any]]) -> Patient:
    row = {"patient_id": "P", "centre_id": "C", "death_date": None, "last_contact_date": None}
    declared = {"supplied": True, "complete": True, "from": None, "to": None, "extraction_date": None}
    return Patient(row, rows, dict.fromkeys(TABLES, declared | (coverage or {})))


def a_rule(binding: bool = True, excusable: bool = True) -> Rule:
    return Rule("G1-0-00", "procedure", "spine", binding, False, excusable, None, lambda decision: None)


DEVIATION = {"patient_id": "P", "lesion_id": None, "domain": "spine", "date": IDX, "reason": "other"}
UNSEEN: dict[str, Any] = {"due": date(2099, 1, 1), "observed": ("procedures",)}
ALL_EXCUSES: dict[str, Any] = {
    "exceptions": {"first": None, "second": True},
    "ambers": {"amber": True},
    "late": True,
    "mdt_against": True,
}


@pytest.mark.parametrize(
    ("case", "deviations", "status", "reason"),
    [
        ({"applies": None, "met": True}, [], "not_assessable", None),
        (UNSEEN | {"met": None}, [], "not_assessable", None),
        (UNSEEN | {"met": True}, [], "concordant", ""),
        (ALL_EXCUSES | UNSEEN | {"late": False}, [DEVIATION], "not_due", ""),
        (UNSEEN | {"late": True}, [], "to_justify", LATE),
        (ALL_EXCUSES, [DEVIATION], "justified", "second"),
        (ALL_EXCUSES | {"exceptions": {"first": None}}, [DEVIATION], "justified", "deviation:other"),
        (ALL_EXCUSES | {"exceptions": {}}, [], "to_justify", "amber"),
        (ALL_EXCUSES | {"exceptions": {}, "ambers": {"amber": None}}, [], "to_justify", LATE),
        ({"mdt_against": True}, [], "to_justify", MDT),
        ({}, [], "discordant", ""),
    ],
)
def test_the_order_of_the_verdicts(
    case: dict[str, Any], deviations: list[dict[str, Any]], status: str, reason: str | None
) -> None:
    patient = a_patient({"to": IDX}, deviations=deviations)
    decision = Decision("procedure", patient, IDX)
    assert status_of(a_rule(), decision, Case(**{"applies": True, "met": False} | case)) == (status, reason)


def test_nothing_excuses_a_contraindication_but_its_own_exceptions_and_ambers() -> None:
    decision = Decision("procedure", a_patient(deviations=[DEVIATION]), IDX)
    rule = a_rule(excusable=False)
    assert status_of(rule, decision, Case(True, False, late=True, mdt_against=True)) == ("discordant", "")
    assert status_of(rule, decision, Case(True, False, ambers={"amber": True})) == ("to_justify", "amber")
    assert status_of(rule, decision, Case(True, False, exceptions={"named": True})) == ("justified", "named")


def test_a_permissive_rule_is_at_most_to_justify() -> None:
    decision = Decision("procedure", a_patient(), IDX)
    assert status_of(a_rule(binding=False), decision, Case(True, False)) == ("to_justify", "")


@pytest.mark.parametrize(
    ("row", "names_it"),
    [
        ({}, True),
        ({"date": date(2023, 4, 30)}, True),
        ({"date": date(2023, 5, 1)}, False),
        ({"date": date(2022, 12, 31)}, True),
        ({"date": date(2022, 12, 30)}, False),
        ({"lesion_id": "L"}, True),
        ({"lesion_id": "M"}, False),
        ({"domain": "imaging"}, False),
    ],
)
def test_a_deviation_is_of_the_domain_the_time_and_the_lesion(row: dict[str, Any], names_it: bool) -> None:
    decision = Decision("procedure", a_patient(deviations=[DEVIATION | row]), IDX, lesion_id="L")
    assert (status_of(a_rule(), decision, Case(True, False))[0] == "justified") == names_it


@pytest.mark.parametrize(
    ("declared", "cells", "ended"),
    [
        ({"to": date(2023, 3, 10)}, {}, False),
        ({"to": date(2023, 3, 9)}, {}, True),
        ({"to": None, "extraction_date": date(2023, 3, 9)}, {}, True),
        ({"to": date(2023, 3, 10), "extraction_date": date(2023, 3, 9)}, {}, False),
        ({"to": date(2023, 3, 10)}, {"death_date": date(2023, 3, 9)}, True),
        ({"to": date(2023, 3, 9), "complete": False}, {"last_contact_date": date(2023, 3, 10)}, False),
        ({}, {"last_contact_date": date(2023, 3, 9)}, True),
        ({}, {}, True),
        ({}, {"lab_results": [{"date": date(2023, 3, 10)}]}, False),
    ],
)
def test_observation_ends_with_the_table_the_contact_the_last_event_or_death(
    declared: dict[str, Any], cells: dict[str, Any], ended: bool
) -> None:
    rows = {name: cells[name] for name in cells if name in TABLES}
    patient = a_patient(declared, bone_lesions=[{"lesion_id": "L", "discovery_date": IDX}], **rows)
    patient.row |= {name: cells[name] for name in cells if name not in TABLES}
    case = Case(True, False, due=date(2023, 3, 10), observed=("procedures",))
    assert observation_ended(Decision("procedure", patient, IDX), case) == ended


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
        (True, False, False, True),
        (True, True, True, True),
    ],
)
def test_unknown_stays_unknown(one: bool | None, other: bool | None, both: bool | None, either: bool | None) -> None:
    assert (and_(one, other), or_(one, other)) == (both, either)
    assert (not_(both), not_(either)) == (or_(not_(one), not_(other)), and_(not_(one), not_(other)))
