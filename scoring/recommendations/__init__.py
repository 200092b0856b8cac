"""The measures of the guideline, one declaration each, in the order of document and section."""

from __future__ import annotations

from scoring.core.fresh import fresh
from scoring.core.recommendation import Recommendation

__all__ = ["JUDGED", "OPTIONAL", "RULES", "RULES_BY_ID", "declare"]

DOMAINS = (
    "ablation",
    "antiresorptive",
    "antiresorptive_doses",
    "care_pathway",
    "cementoplasty",
    "imaging",
    "indications",
    "interventional",
    "limb_surgery",
    "radiotherapy",
    "spine",
    "surgical_indications",
)
"""The modules that declare the measures."""


def declare() -> tuple[Recommendation, ...]:
    """All measures, declared with the parameters as they are now (`parameters.using`), in order."""
    declared = (rule for name in DOMAINS for rule in fresh(f"{__name__}.{name}").RULES)
    rules = tuple(sorted(declared, key=_place))
    ids = [name for rule in rules for name in (rule.id, *rule.aliases)]
    if len(ids) != len(set(ids)):
        raise ValueError(f"an id is declared twice: {sorted({name for name in ids if ids.count(name) > 1})}")
    return rules


def _place(rule: Recommendation) -> tuple[str, list[int], int]:
    document, section, number = rule.id.split("-")
    return document, [int(part) for part in section.split(".")], int(number)


RULES: tuple[Recommendation, ...] = declare()
JUDGED = tuple(rule for rule in RULES if rule.met is not None)
"""The measures that give a verdict."""
OPTIONAL = tuple(rule for rule in RULES if rule.met is None)
"""The measures of which the text leaves the choice: the options taken are counted."""
RULES_BY_ID: dict[str, Recommendation] = {name: rule for rule in RULES for name in (rule.id, *rule.aliases)}
"""Rule by id, the ids of its duplicates included."""
