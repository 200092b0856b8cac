"""What a rule says of one decision, and how that becomes a verdict (docs/measures.md section 1, *Verdict*)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from .decisions import Decision
from .logic import Truth, plus, within

EDITION = date(2022, 7, 30)
REASONS = (
    "patient_refusal",
    "contraindication",
    "comorbidity",
    "mdt_decision",
    "death_or_palliation",
    "not_available",
    "other",
)


@dataclass
class Case:
    """The answers of one rule on one decision; where the text leaves the choice, the option taken (None: not known).

    `late`: the act was done, but outside a window that is a reading. Exceptions and ambers stand in the order in
    which they are tried.
    """

    applies: Truth
    met: Truth = None
    due: date | None = None
    observed: tuple[str, ...] = ()
    late: bool = False
    exceptions: dict[str, Truth] = field(default_factory=dict)
    ambers: dict[str, Truth] = field(default_factory=dict)
    mdt_against: bool = False
    flags: set[str] = field(default_factory=set)
    option: str | None = None


@dataclass(frozen=True)
class Rule:
    id: str
    grain: str
    domain: str
    binding: bool
    optional: bool
    excusable: bool
    own_window: tuple[date, date] | None
    case: Callable[[Decision], Case | None]


@dataclass(frozen=True)
class Verdict:
    rule_id: str
    grain: str
    patient_id: str
    entity_id: str
    index_date: date
    status: str
    reason: str | None
    flags: frozenset[str]


RULES: dict[str, Rule] = {}


def rule(
    rule_id: str,
    grain: str,
    domain: str,
    cap: str,
    *,
    excusable: bool = True,
    own_window: tuple[date, date] | None = None,
) -> Callable[[Callable[[Decision], Case | None]], Callable[[Decision], Case | None]]:
    """Register a rule; cap D binds, P permits, O leaves the choice."""

    def register(case: Callable[[Decision], Case | None]) -> Callable[[Decision], Case | None]:
        if rule_id in RULES:
            raise ValueError(f"rule {rule_id} is written twice")
        RULES[rule_id] = Rule(rule_id, grain, domain, cap == "D", cap == "O", excusable, own_window, case)
        return case

    return register


def status_of(rule: Rule, decision: Decision, case: Case) -> tuple[str, str | None]:
    """Status and reason of a case that may apply, in the written order."""
    if rule.optional and case.applies and case.option is not None:
        return "reported", case.option
    if case.applies is None or (case.met is None):
        return "not_assessable", None
    if case.met:
        return "concordant", ""
    if observation_ended(decision, case):
        return "not_due", ""
    for name, truth in case.exceptions.items():
        if truth:
            return "justified", name
    if rule.excusable:
        reason = deviation(rule, decision)
        if reason is not None:
            return "justified", f"deviation:{reason}"
    for name, truth in case.ambers.items():
        if truth:
            return "to_justify", name
    if rule.excusable and case.late:
        return "to_justify", "outside_reading_window"
    if rule.excusable and case.mdt_against:
        return "to_justify", "mdt_decision"
    return ("discordant", "") if rule.binding else ("to_justify", "")


def observation_ended(decision: Decision, case: Case) -> bool:
    """Whether the patient was lost from sight before the last day, and the act not seen outside its window either."""
    if case.due is None or case.late:
        return False
    ends = [decision.patient.observed_until(table) for table in case.observed]
    return any(end is not None and end < case.due for end in ends)


def deviation(rule: Rule, decision: Decision) -> str | None:
    """The reason of the earliest documented deviation on the decision."""
    start, end = plus(decision.idx, -60), plus(decision.idx, 60)
    rows = [
        row
        for row in decision.patient.rows("deviations")
        if row["domain"] == rule.domain
        and within(row["date"], start, end)
        and (decision.lesion_id is None or row["lesion_id"] in (None, decision.lesion_id))
    ]
    first = min(rows, key=lambda r: (r["date"], REASONS.index(r["reason"])), default=None)
    return None if first is None else first["reason"]


def verdict(rule: Rule, decision: Decision, *, retrospective: bool) -> Verdict | None:
    """The verdict of a rule on a decision, or None when it does not apply."""
    case = rule.case(decision)
    if case is None or case.applies is False:
        return None
    status, reason = status_of(rule, decision, case)
    flags = set(case.flags)
    if status in ("to_justify", "discordant") and None in case.exceptions.values():
        flags.add("exception_unknown")
    if retrospective:
        flags.add("retrospective")
    patient_id, entity_id = decision.patient.id, decision.entity_id
    return Verdict(rule.id, rule.grain, patient_id, entity_id, decision.idx, status, reason, frozenset(flags))


def in_audit(rule: Rule, idx: date, start: date | None, end: date | None, retrospective: bool) -> bool:
    """A trial rule follows its own window, every other rule the edition unless older decisions are asked for."""
    if (start is not None and idx < start) or (end is not None and idx > end):
        return False
    if rule.own_window is not None:
        return within(idx, *rule.own_window)
    return retrospective or idx >= EDITION
