"""The pages of the measures, one per domain."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.texts import say as say_report
from scoring.core.recommendation import Recommendation, Strength
from scoring.core.text import Text
from scoring.needs import needs
from scoring.recommendations import RULES

from .signoffs import SignOffs
from .words import GRAINS, STRENGTHS, say


def domains() -> dict[str, Text]:
    """The domains that have measures, with their words."""
    return {
        domain: Text(say_report(f"domain.{domain}", "en"), say_report(f"domain.{domain}", "fr"))
        for domain in sorted({rule.domain.value for rule in RULES})
    }


def domain_page(domain: str, lang: str, signed: SignOffs, cases: Path | None = None) -> str:
    """All measures of one domain; with the folder of the case tables, each with its cases."""
    mine = [rule for rule in RULES if rule.domain == domain]
    lines = [f"# {domains()[domain][lang].capitalize()}", "", f"<!-- {say('made', lang)} -->", ""]
    lines += [say("n_measures", lang, n=len(mine)), ""]
    lines += [f"- [{rule.id}](#{_anchor(rule.id)}) {rule.title[lang]}" for rule in mine]
    for rule in mine:
        lines += ["", f"## {rule.id}", "", f"**{rule.title[lang]}**", "", *_facts(rule, lang, signed)]
        lines += _cases(rule, cases / f"{rule.id}.toml", lang) if cases else _elsewhere(rule, lang)
    return "\n".join(lines) + "\n"


def _anchor(rule_id: str) -> str:
    return rule_id.lower().replace(".", "")


def _facts(rule: Recommendation, lang: str, signed: SignOffs) -> list[str]:
    rows = [(say(key, lang), words) for key, words in _rows(rule, lang, signed) if words]
    return ["| | |", "|---|---|", *(f"| {name} | {cell(words)} |" for name, words in rows)]


def _rows(rule: Recommendation, lang: str, signed: SignOffs) -> Iterator[tuple[str, str]]:
    edition = rule.source.edition
    source = f"{rule.source} ({edition.title[lang]}, {edition.valid_from})"
    aliases = f"; {say('also', lang)} {', '.join(rule.aliases)}" if rule.aliases else ""
    yield "source", source + aliases
    yield "applies", rule.population[lang]
    yield "options" if rule.strength is Strength.OPTIONAL else "done", rule.action[lang]
    yield "grain", GRAINS[rule.grain][lang]
    excusable = rule.excusable or rule.strength is Strength.OPTIONAL
    yield "strength", STRENGTHS[rule.strength][lang] + ("" if excusable else f"; {say('not_excusable', lang)}")
    if rule.strength is not Strength.OPTIONAL:
        excuses = [ground.words[lang] for ground in rule.exceptions]
        yield "exceptions", "; ".join(excuses + ([say("deviation", lang)] if rule.excusable else []))
    softened = [ground.words[lang] for ground in rule.ambers]
    softened += [
        say(key, lang) for key, part in (("late", rule.late), ("mdt_against", rule.mdt_against)) if part is not None
    ]
    yield "ambers", "; ".join(softened)
    yield "protects", rule.at_risk.words[lang] if rule.at_risk else ""
    yield "data", ", ".join(f"`{table}.{column}`" for table, column in needs(rule))
    if rule.reading is not None:
        yield "reading", rule.reading[lang]
        yield "sign_off", signed.line(rule.id, lang)


def cell(words: str) -> str:
    """Words that may stand in a cell of a table."""
    return words.replace("|", "\\|").replace("\n", " ")


def _elsewhere(rule: Recommendation, lang: str) -> list[str]:
    return ["", say("cases_there", lang, there=f"../en/{rule.domain}.md#{_anchor(rule.id)}")]


def _cases(rule: Recommendation, path: Path, lang: str) -> list[str]:
    """The case table of a measure, as a clinician reads it."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    base = "; ".join(_row_words(row, cells) for row, cells in table.get("base", {}).items())
    lines = ["", f"<details><summary>{say('cases', lang)} ({len(table['cases'])})</summary>", ""]
    lines += [f"{say('base', lang)}: {base}", ""] if base else []
    heads = say("case_columns", lang)
    lines += [f"| {heads} |", "|---|---|---|"]
    for name, changes, expected in table["cases"]:
        lines.append(
            f"| {cell(name)} | {cell('; '.join(_row_words(*change) for change in changes.items()))} | {cell(expected)} |"
        )
    return [*lines, "", "</details>"]


def _row_words(row: str, cells: Any) -> str:
    """A row of a case, or what is otherwise in it: `lesion: bone = femur, segment = neck`."""
    if not isinstance(cells, dict):
        return f"{row} {cells}" if cells == "absent" else f"{row} = {cells}"
    return row + (": " + ", ".join(f"{name} = {_value(value)}" for name, value in cells.items()) if cells else "")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not recorded" if value == "?" else str(value)
