"""Every rule on every decision of the cohort."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from . import (
    rules_ablation,
    rules_antiresorptive,
    rules_care_pathway,
    rules_doses,
    rules_imaging,
    rules_indications,
    rules_interventional,
    rules_lesions,
    rules_operations,
    rules_procedures,
    rules_radiotherapy,
    rules_spine,
    rules_supplements,
)
from .decisions import decisions
from .items import Row
from .patient import split_by_patient
from .rule import EDITION, RULES, Rule, Verdict, in_audit, verdict

__all__ = ["RULES", "Verdict", "judge"]

_DOMAINS = (
    rules_ablation,
    rules_antiresorptive,
    rules_care_pathway,
    rules_doses,
    rules_imaging,
    rules_interventional,
    rules_indications,
    rules_lesions,
    rules_operations,
    rules_procedures,
    rules_radiotherapy,
    rules_spine,
    rules_supplements,
)


def judge(
    tables: dict[str, list[Row]],
    coverage: list[Row],
    start: date | None = None,
    end: date | None = None,
    retrospective: bool = False,
    holes: Collection[tuple[str, str]] = (),
) -> list[Verdict]:
    """The verdicts of all rules, one patient after the other."""
    rules_of: dict[str, list[Rule]] = {}
    for rule in RULES.values():
        rules_of.setdefault(rule.grain, []).append(rule)
    verdicts = []
    for patient in split_by_patient(tables, coverage, holes):
        for decision in decisions(patient) if patient.in_cohort else ():
            for rule in rules_of.get(decision.grain, ()):
                if in_audit(rule, decision.idx, start, end, retrospective):
                    marked = rule.own_window is None and decision.idx < EDITION
                    verdicts.append(verdict(rule, decision, retrospective=marked))
    return [given for given in verdicts if given is not None]
