"""Measures, editions and parameters, as rows for programs and as pages for people."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import polars as pl

from scoring.core.text import Text


class UnknownDomain(ValueError):
    """A domain that was asked for has no measures."""


def rule_rows(domain: str | None, lang: str) -> list[dict[str, Any]]:
    """The measures of a domain, or all."""
    from scoring.needs import needs
    from scoring.recommendations import RULES

    _check(domain)
    return [
        {
            "rule_id": rule.id,
            "aliases": list(rule.aliases),
            "edition": rule.source.edition.id,
            "grain": rule.grain.value,
            "domain": rule.domain.value,
            "strength": rule.strength.value,
            "source": str(rule.source),
            "title": rule.title[lang],
            "population": rule.population[lang],
            "action": rule.action[lang],
            "exceptions": [ground.words[lang] for ground in rule.exceptions],
            "needs": [f"{table}.{column}" for table, column in needs(rule)],
            "reading": rule.reading[lang] if rule.reading else None,
        }
        for rule in RULES
        if domain in (None, rule.domain.value)
    ]


def _check(domain: str | None) -> None:
    from scoring.recommendations import RULES

    known = sorted({rule.domain.value for rule in RULES})
    if domain is not None and domain not in known:
        close = get_close_matches(domain, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnknownDomain(f"No measures in a domain {domain!r}.{hint} The domains: {', '.join(known)}.")


def rules_page(domain: str | None, lang: str) -> str:
    """The pages of the manual for a domain, or for all, without sign-offs and cases."""
    from pathlib import Path

    from .manual import domain_page
    from .manual.rules import domains
    from .manual.signoffs import SignOffs

    _check(domain)
    unsigned = SignOffs.read(Path())
    return "\n".join(domain_page(name, lang, unsigned) for name in domains() if domain in (None, name))


# editions


def changes(earlier: str, later: str, domain: str | None, lang: str) -> list[dict[str, Any]]:
    """What the later edition declares otherwise, adds and carries over."""
    from scoring.editions import compare
    from scoring.recommendations import RULES

    _check(domain)
    return [
        {
            "section": change.place[1],
            "number": change.place[2],
            "kind": change.kind,
            "before": change.before and change.before.id,
            "after": change.after.id,
            "title": change.after.title[lang],
            "parts": {name: [_in_words(old, lang), _in_words(new, lang)] for name, old, new in change.parts},
        }
        for change in compare(RULES, earlier, later)
        if domain in (None, change.after.domain.value)
    ]


def _in_words(part: Any, lang: str) -> str:
    if isinstance(part, Text):
        return part[lang]
    return str(part).replace("\n", " ") if isinstance(part, pl.Expr) else str(part)


def changes_page(rows: list[dict[str, Any]], lang: str) -> str:
    """The differences, measure by measure."""
    words = {
        "added": Text("new", "nouvelle"),
        "changed": Text("changed", "modifiée"),
        "carried_over": Text("carried over", "reconduite"),
    }
    lines = []
    for row in rows:
        was = f" ({row['before']})" if row["before"] not in (None, row["after"]) else ""
        lines.append(f"{row['after']}{was}: {words[row['kind']][lang]}. {row['title']}")
        for name, (old, new) in row["parts"].items():
            lines += [f"    {name}", f"      - {old}", f"      + {new}"]
    counted = {kind: sum(row["kind"] == kind for row in rows) for kind in words}
    lines.append(", ".join(f"{words[kind][lang]}: {n}" for kind, n in counted.items()))
    return "\n".join(lines) + "\n"


# parameters


def parameter_rows(lang: str) -> list[dict[str, Any]]:
    """Every parameter."""
    from reports.texts import say
    from reports.texts_registry import PARAMETER_SOURCES, UNITS
    from scoring.recommendations.parameters import PARAMETERS

    return [
        {
            "name": p.name,
            "value": p.value,
            "unit": UNITS[p.unit][lang] if p.unit in UNITS else p.unit,
            "origin": say(f"origin.{p.origin}", lang),
            "source": PARAMETER_SOURCES[p.source][lang] if p.source in PARAMETER_SOURCES else p.source,
            "note": p.note,
        }
        for p in PARAMETERS.values()
    ]


def parameter_file() -> str:
    """A parameter file with every value as it is, for `audit --parameters` after editing."""
    from scoring.recommendations.parameters import PARAMETERS

    lines = ["# Values of the parameters. Remove the # before those to change; see `osteoconcord parameters`.", ""]
    for p in PARAMETERS.values():
        note = f": {p.note}" if p.note else ""
        lines += [f"# {p.unit}, {p.origin}, {p.source}{note}", f"# {p.name} = {p.value:g}"]
    return "\n".join(lines) + "\n"
