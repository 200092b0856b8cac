"""The page of the parameters: every threshold and window, the readings without a number, and the other readings."""

from __future__ import annotations

import re

from reports.texts import say as say_report
from reports.texts_registry import PARAMETER_SOURCES, UNITS
from scoring.recommendations.parameters import PARAMETERS
from scoring.recommendations.readings import CONVENTIONS, READINGS

from .rules import cell
from .signoffs import SignOffs
from .words import say

CODES = tuple(f"P{n:02}" for n in range(1, 25))


def by_code() -> dict[str, list[str]]:
    """P01 ... P24 of the catalogue -> the parameters and conventions that hold them."""
    held: dict[str, list[str]] = {code: [] for code in CODES}
    for name, text in [(p.name, p.source) for p in PARAMETERS.values()] + [(code, code) for code in CONVENTIONS]:
        for code in re.findall(r"P\d\d", text):
            held[code].append(name)
    return held


def parameters_page(lang: str, signed: SignOffs) -> str:
    """Name, value, origin, source, note and sign-off of every parameter."""
    heads = [say(key, lang) for key in ("name", "value", "origin", "source", "note", "sign_off")]
    lines = [f"# {say('parameters', lang)}", "", f"<!-- {say('made', lang)} -->", "", say("parameters_text", lang), ""]
    lines += ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for p in PARAMETERS.values():
        unit = UNITS[p.unit][lang] if p.unit in UNITS else p.unit
        source = PARAMETER_SOURCES[p.source][lang] if p.source in PARAMETER_SOURCES else p.source
        line = "" if p.origin == "printed" else signed.line(p.name, lang)
        cells = (f"`{p.name}`", f"{p.value:g} {unit}", say_report(f"origin.{p.origin}", lang), source, p.note, line)
        lines.append("| " + " | ".join(map(cell, cells)) + " |")
    lines += ["", f"## {say('conventions', lang)}", ""]
    lines += [f"- {code}: {words[lang]}" for code, words in CONVENTIONS.items()]
    lines += ["", f"## {say('same_readings', lang)}", ""]
    lines += [f"- {code}: {', '.join(f'`{name}`' for name in names)}" for code, names in by_code().items()]
    lines += ["", f"## {say('other_readings', lang)}", ""]
    for reading in READINGS:
        values = ", ".join(f"`{name}` = {value:g}" for name, value in reading.values.items())
        lines.append(f"- {reading.words[lang]} ({values}; {reading.source})")
    return "\n".join(lines) + "\n"
