"""The coverage of the two texts: every statement is computed, reported, or listed with the reason why not."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scoring.recommendations import JUDGED, OPTIONAL, RULES_BY_ID
from scoring.scores import CLASSIFICATIONS, SCORES

from .rules import cell
from .words import REASONS, say

SCORE_CODES = {"mirels": "S05", "rades": "S06", "sins": "S11", "frankel": "S12", "tokuhashi": "S13", "tomita": "S14"}
"""The entries of the catalogue that are scores; the classifications name their own."""
CODES = tuple(f"S{n:02}" for n in range(1, 21))


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """A table of the catalogue: `statements` (one row per unit of text with content) or `recommendations` (one per id)."""
    text = files("pipelines.manual").joinpath(f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Coverage:
    """What is covered: measures and ids of the catalogue, its scores, its statements, and what lacks."""

    measures: int
    all_measures: int
    ids: int
    all_ids: int
    codes: frozenset[str]
    computed: int
    not_computable: int
    lacking: tuple[str, ...]


def coverage() -> Coverage:
    """Set the declarations beside the catalogue."""
    known = {row["id"] for row in rows_of("recommendations") if row["id"] in RULES_BY_ID}
    members: dict[str, list[str]] = {}
    for row in rows_of("recommendations"):
        members.setdefault(row["measure"], []).append(row["id"])
    codes = frozenset({SCORE_CODES[name] for name in SCORES} | {c.code for c in CLASSIFICATIONS.values()})
    statements = rows_of("statements")
    done = [row for row in statements if row["kind"] == "computed" and _answered(row["target"], known, codes)]
    missing = [i for ids in members.values() for i in ids if i not in known] + [c for c in CODES if c not in codes]
    return Coverage(
        sum(all(i in known for i in ids) for ids in members.values()),
        len(members),
        len(known),
        len(rows_of("recommendations")),
        codes,
        len(done),
        sum(row["kind"] == "not_computable" for row in statements),
        tuple(missing),
    )


def _answered(target: str, known: set[str], codes: frozenset[str]) -> bool:
    return all(part in known or part in codes for part in target.split("|"))


def coverage_page(lang: str) -> str:
    """The coverage in numbers, the measure of every id, and every statement that is not computed."""
    found = coverage()
    lines = [f"# {say('coverage', lang)}", "", f"<!-- {say('made', lang)} -->", ""]
    counts = {"n": found.measures, "of": found.all_measures, "ids": found.ids, "all_ids": found.all_ids}
    lines += ["- " + say("measures_covered", lang, **counts, judged=len(JUDGED), options=len(OPTIONAL))]
    lines += ["- " + say("scores_covered", lang, n=len(found.codes), of=len(CODES))]
    total = len(rows_of("statements"))
    lines += [
        "- " + say("units_covered", lang, n=found.computed, of=total, no=found.not_computable),
        "",
        say("differs", lang),
        "",
    ]
    lines += [f"## {say('domains', lang)}", "", f"| id | {say('status', lang)} | |", "|---|---|---|"]
    lines += [_id_row(row["id"], lang) for row in rows_of("recommendations")]
    lines += ["", f"## {say('scores', lang)}", "", "| | | |", "|---|---|---|"]
    lines += [f"| {SCORE_CODES[s.id]} | [{s.title[lang]}](scores/{s.id}.md) | {s.source} |" for s in SCORES.values()]
    lines += [f"| {c.code} | [{c.title[lang]}](scores/{c.id}.md) | {c.source} |" for c in CLASSIFICATIONS.values()]
    return "\n".join([*lines, "", *_not_computed(lang)]) + "\n"


def _id_row(rule_id: str, lang: str) -> str:
    rule = RULES_BY_ID.get(rule_id)
    if rule is None:
        return f"| {rule_id} | – | |"
    status = say("computed" if rule.met is not None else "report_only", lang)
    there = f"{rule.domain}.md#{rule.id.lower().replace('.', '')}"
    return f"| {rule_id} | {status} | [{rule.id}]({there}) {cell(rule.title[lang])} |"


def _not_computed(lang: str) -> list[str]:
    rows = [row for row in rows_of("statements") if row["kind"] == "not_computable"]
    by_reason = Counter(row["target"] for row in rows)
    lines = [f"## {say('not_computable', lang)}", ""]
    lines += [", ".join(f"{words[lang]}: {by_reason[code]}" for code, words in REASONS.items()), ""]
    heads = (say("statement", lang), say("why", lang), "", say("upgrade", lang))
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in rows:
        unit, reason = f"{row['document']} {row['unit']}", REASONS[row["target"]][lang]
        lines.append(f"| {unit} | {reason} | {cell(row[f'why_{lang}'])} | {cell(row[f'upgrade_{lang}'])} |")
    return lines
