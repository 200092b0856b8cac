"""The pages of the scores and classifications, one each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import Any

import polars as pl

from scoring.core.classification import Classification
from scoring.core.score import Item, Score
from scoring.scores import CLASSIFICATIONS, SCORES
from validation.contract import TABLES

from .rules import cell
from .signoffs import SignOffs
from .words import say

TOKENS = {
    column.name: list(column.tokens or {}) for table in TABLES.values() for column in table.columns if column.tokens
}
LOWEST = {column.name: column.low for table in TABLES.values() for column in table.columns if column.low is not None}
MOST_COMBINATIONS = 60


def score_pages(lang: str, signed: SignOffs) -> dict[str, str]:
    """File -> page of every score and classification."""
    found = {f"scores/{score.id}.md": _score(score, lang, signed) for score in SCORES.values()}
    return found | {f"scores/{c.id}.md": _classification(c, lang, signed) for c in CLASSIFICATIONS.values()}


def _score(score: Score, lang: str, signed: SignOffs) -> str:
    title, source = f"# {score.title[lang]}", f"{say('source', lang)}: {score.source}"
    heads = [say(key, lang) for key in ("item", "points", "where_read", "column")]
    lines = [title, "", f"<!-- {say('made', lang)} -->", "", source, "", f"## {say('items', lang)}", ""]
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for item in score.items:
        points = cell(_points(item)) or say("several_columns", lang)
        lines.append(f"| {item.label[lang]} | {item.least}–{item.most} | {points} | `{item.input}` |")
    lines += ["", f"## {say('bands', lang)}", ""]
    lines += [f"- `{band.name}`: {band.low}–{band.high}" for band in score.bands]
    for key, flags in (("not_computed", score.not_computed), ("holes", score.flags)):
        lines += ["", f"## {say(key, lang)}", ""] if flags else []
        for flag in flags:
            line = signed.line(f"{score.id}/{flag.id}", lang)
            lines.append(f"- {flag.words[lang]} (`{flag.id}`). {say('sign_off', lang)}: {line}")
    return "\n".join(lines) + "\n"


def _points(item: Item) -> str:
    """Points by token, or by range of a number; nothing where an item is worked out from several columns."""
    columns = list(dict.fromkeys(item.points.meta.root_names()))
    if all(column in TOKENS for column in columns):
        return "; ".join(_by_tokens(item, columns))
    return "; ".join(_by_range(item, columns[0])) if len(columns) == 1 else ""


def _by_tokens(item: Item, columns: Sequence[str]) -> Iterator[str]:
    combinations = list(product(*(TOKENS[column] for column in columns)))
    if len(combinations) > MOST_COMBINATIONS:
        return
    frame = pl.DataFrame(combinations, schema=dict.fromkeys(columns, pl.String), orient="row").with_columns(
        points=item.points
    )
    for points in frame["points"].drop_nulls().unique().sort():
        mine = frame.filter(pl.col("points") == points).select(columns).rows()
        yield f"{points}: {', '.join(' + '.join(tokens) for tokens in mine)}"


def _by_range(item: Item, column: str) -> Iterator[str]:
    """The points of the ranges between the numbers that the expression compares with."""
    edges = sorted(set(_numbers(json.loads(item.points.meta.serialize(format="json")))))
    if not edges:
        return
    # Every number and a place between it and the next: even positions lie between numbers, odd ones on them.
    places = [edges[0] - 1]
    for edge, after in zip(edges, [*edges[1:], edges[-1] + 2], strict=True):
        places += [edge, (edge + after) / 2]
    points = pl.DataFrame({column: places}, schema={column: pl.Float64}).select(points=item.points)["points"].to_list()
    if LOWEST.get(column, edges[0] - 1) >= edges[0]:
        points[0] = None
    position = 0
    for value, run in groupby(points):
        last = position + len(list(run)) - 1
        if value is not None:
            yield f"{value}: {_range(edges, position, last)}"
        position = last + 1


def _range(edges: Sequence[float], first: int, last: int) -> str:
    """The numbers between two positions among `edges`, both included: `≤ 40`, `> 40, ≤ 70`, `= 50`."""
    if first == last and first % 2:
        return f"= {edges[first // 2]:g}"
    parts = []
    if first > 0:
        parts.append(f"{'≥' if first % 2 else '>'} {edges[(first - 1) // 2]:g}")
    if last < 2 * len(edges):
        parts.append(f"{'≤' if last % 2 else '<'} {edges[last // 2]:g}")
    return ", ".join(parts)


NUMBERS = ("Int", "Float", "Int32", "Int64", "Float64")


def _numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in NUMBERS and isinstance(value, int | float):
                yield value
            else:
                yield from _numbers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _numbers(value)


def _classification(declared: Classification, lang: str, signed: SignOffs) -> str:
    lines = [f"# {declared.title[lang]}", "", f"<!-- {say('made', lang)} -->", ""]
    lines += [
        f"{say('source', lang)}: {declared.source} ({declared.code}). {say('row', lang)} {declared.row[lang]}.",
        "",
    ]
    lines += [f"## {say('columns', lang)}", "", f"| {say('column', lang)} | | {say('kinds', lang)} |", "|---|---|---|"]
    for column in declared.columns:
        words = "; ".join(f"`{token}` {text[lang]}" for token, text in (column.words or {}).items()) or column.unit
        lines.append(f"| `{column.name}` | {cell(column.label[lang])} | {cell(words)} |")
    for kind, key, texts in (("hole", "holes", declared.holes), ("external", "external", declared.external)):
        if texts:
            lines += ["", f"## {say(key, lang)}", ""]
            lines += [
                f"- {text[lang]} {say('sign_off', lang)}: {signed.line(f'{declared.id}/{kind}-{n}', lang)}"
                for n, text in enumerate(texts, start=1)
            ]
    return "\n".join(lines) + "\n"
