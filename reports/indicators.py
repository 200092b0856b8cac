"""Which rules head the report."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources import files

from scoring.core.recommendation import Recommendation

AT_MOST = 12


class UnknownRule(ValueError):
    """A rule that was asked for does not exist."""


def headline(
    rule_ids: Sequence[str] | None, rules: Sequence[Recommendation] | None = None
) -> tuple[Recommendation, ...]:
    """The headline rules, in order: those asked for (an alias stands for its rule), else the core set."""
    if rules is None:
        from scoring.recommendations import RULES

        rules = RULES
    wanted = core_set() if rule_ids is None else rule_ids
    by_id = {alias: rule for rule in rules for alias in rule.aliases} | {rule.id: rule for rule in rules}
    unknown = [rule_id for rule_id in wanted if rule_id not in by_id]
    if unknown:
        raise UnknownRule("\n".join(_complaint(rule_id, list(by_id)) for rule_id in unknown))
    return tuple({by_id[rule_id].id: by_id[rule_id] for rule_id in wanted}.values())


def core_set() -> tuple[str, ...]:
    """The rule ids of indicators.toml."""
    ids = tuple(tomllib.loads(files("reports").joinpath("indicators.toml").read_text("utf-8"))["headline"])
    if len(ids) > AT_MOST or len(set(ids)) < len(ids):
        raise ValueError(f"reports/indicators.toml: at most {AT_MOST} rules, each once; it lists {', '.join(ids)}")
    return ids


def _complaint(rule_id: str, known: list[str]) -> str:
    close = get_close_matches(rule_id, known, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"Unknown rule {rule_id!r}.{hint} `osteoconcord rules` lists the {len(known)} ids."
