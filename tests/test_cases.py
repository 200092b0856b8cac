"""The case tables in tests/cases, judged by both implementations: what a clinician expects of every measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from scoring.concordance import judge
from scoring.core.recommendation import Recommendation, Status, Strength
from scoring.recommendations import RULES, RULES_BY_ID
from scoring.recommendations.parameters import PARAMETERS
from tests import classification_cases
from tests.cases_loader import NO_DECISION, Case, Expected, cases, judgement, registry, tables, verdicts
from tests.reference.verdicts import judge as judge_plainly
from tests.test_classes_surgery import PARAMETERS as CLASS_PARAMETERS
from tests.test_readings import SCORE_READINGS

Found = dict[tuple[str, str, str], Expected]
IDS = [rule.id for rule in RULES]
NOTHING = Expected(NO_DECISION, "", frozenset())
DAY_BEFORE_EDITION, FIRST_DAY_OF_EDITION = date(2022, 7, 29), date(2022, 7, 30)
EXCEPTION_NEVER_UNKNOWN = {
    "G1-2-12": "an earlier examination that is not known to show a flare shows none",
    "G1-3.4-04": "a dose that follows another has a first dose",
    "G1-3.4-11": "a dose that follows another has a first dose",
    "G2-3-10": "urgency that is not recorded is read as planned",
    "G1-3.7.2-02": "where the technique is known so are the screws",
}


@cache
def vectorised() -> Found:
    return verdicts(judgement())


@cache
def plain() -> Found:
    everything = registry(cases())
    rows = {table: frame.to_dicts() for table, frame in everything.tables.items()}
    return {
        (v.rule_id, v.patient_id, v.entity_id): Expected(str(v.status), v.reason or "", v.flags)
        for v in judge_plainly(rows, everything.coverage.to_dicts())
        if v.patient_id.startswith(f"{v.rule_id}/")
    }


def of(rule: str) -> list[Case]:
    return [case for case in cases() if case.rule == rule]


def differences(chosen: Iterable[Case], found: Found) -> str:
    """One line for each case that was judged otherwise."""
    answers = [(case, found.get((case.rule, case.patient, case.entity), NOTHING)) for case in chosen]
    return "\n".join(
        f"{case.rule}: {case.name}: expected {case.expected}, found {answer}"
        for case, answer in answers
        if not case.expected.agrees_with(answer)
    )


def unnamed(case: Case) -> Case:
    """The case without the name of what is missing: the plain implementation does not give it."""
    missing = case.expected.status == Status.NOT_ASSESSABLE
    return replace(case, expected=replace(case.expected, reason=None)) if missing else case


@pytest.mark.parametrize("rule", IDS)
def test_cases(rule: str) -> None:
    assert not (wrong := differences(of(rule), vectorised())), f"\n{wrong}"


def test_the_plain_implementation_agrees() -> None:
    assert not (wrong := differences(map(unnamed, cases()), plain())), f"\n{wrong}"


def test_every_measure_has_a_file_and_every_case_a_name_of_its_own() -> None:
    assert sorted(tables()) == sorted(IDS)
    repeated = [name for name, times in Counter((case.rule, case.name) for case in cases()).items() if times > 1]
    assert not repeated


def outcomes(rule: Recommendation) -> set[str]:
    """Every status, reason and flag that a measure can give, apart from the names of what is missing."""
    if rule.strength is Strength.OPTIONAL:
        return {NO_DECISION, Status.NOT_ASSESSABLE, *(f"{Status.REPORTED}: {option}" for option in rule.recommended)}
    failing = Status.TO_JUSTIFY if rule.strength is Strength.PERMISSIVE else Status.DISCORDANT
    possible = {Status.NOT_ASSESSABLE, Status.CONCORDANT, failing, NO_DECISION}
    possible |= {f"{Status.JUSTIFIED}: {ground.id}" for ground in rule.exceptions}
    possible |= {f"{Status.TO_JUSTIFY}: {ground.id}" for ground in rule.ambers}
    possible |= {f"+{flag.id}" for flag in rule.flags}
    named = {
        Status.NOT_DUE: rule.due is not None,
        f"{Status.JUSTIFIED}: deviation:patient_refusal": rule.excusable,
        f"{Status.TO_JUSTIFY}: outside_reading_window": rule.late is not None,
        f"{Status.TO_JUSTIFY}: mdt_decision": rule.mdt_against is not None,
        "+exception_unknown": bool(rule.exceptions) and rule.id not in EXCEPTION_NEVER_UNKNOWN,
    }
    return possible | {outcome for outcome, can_be in named.items() if can_be}


@pytest.mark.parametrize("rule", IDS)
def test_every_outcome_of_a_measure_has_a_case(rule: str) -> None:
    shown: set[str] = set()
    for case in of(rule):
        status, reason = case.expected.status, case.expected.reason
        shown |= {status if status == Status.NOT_ASSESSABLE or not reason else f"{status}: {reason}"}
        shown |= {f"+{flag}" for flag in case.expected.flags}
    assert not (lacking := outcomes(RULES_BY_ID[rule]) - shown), f"{rule}: no case expects {sorted(lacking)}"


@pytest.mark.parametrize("rule", IDS)
def test_nothing_excuses_a_contraindication_or_a_dose(rule: str) -> None:
    if RULES_BY_ID[rule].strength is Strength.OPTIONAL:
        return
    with_deviation = {case.expected.status for case in of(rule) if "deviation" in case.rows}
    assert (Status.JUSTIFIED in with_deviation) == RULES_BY_ID[rule].excusable
    assert with_deviation, f"{rule}: no case with a deviation"


@pytest.mark.parametrize("rule", IDS)
def test_the_numbers_of_a_file_are_the_parameters(rule: str) -> None:
    written = tables()[rule].get("parameters", {})
    now = {name: PARAMETERS[name].value for name in written}
    assert written == now, f"{rule}: the cases were written for {written}, the parameters are {now}: review the cases"


def test_every_parameter_stands_behind_a_case() -> None:
    claimed = {name for table in tables().values() for name in table.get("parameters", {})} | SCORE_READINGS
    claimed |= set(classification_cases.parameters()) | CLASS_PARAMETERS
    assert not set(PARAMETERS) - claimed


@pytest.mark.parametrize(
    ("day", "retrospective", "expected"),
    [
        (FIRST_DAY_OF_EDITION, False, "as the case says"),
        (DAY_BEFORE_EDITION, False, "nothing"),
        (DAY_BEFORE_EDITION, True, "flagged"),
    ],
)
def test_decisions_before_the_edition(day: date, retrospective: bool, expected: str) -> None:
    """The first case of each file, its day 0 moved; trials follow the window of the trial instead."""
    first = [replace(of(rule.id)[0], day_0=day) for rule in RULES if rule.own_window is None]
    if expected == "nothing":
        first = [replace(case, expected=NOTHING) for case in first]
    if expected == "flagged":
        first = [replace(case, expected=replace(case.expected, flags=frozenset({"retrospective"}))) for case in first]
    found = verdicts(judge(registry(tuple(first)), retrospective=retrospective))
    assert not (wrong := differences(first, found)), f"\n{wrong}"
