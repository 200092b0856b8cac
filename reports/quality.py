"""What the quality gate found, in words: for the network without counts of persons, for a centre in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from validation.contract import TABLES
from validation.quality.gate import METRICS, failures
from validation.quality.plausibility import FIGURE_OF, FIGURES

from .data import ReportData
from .disclosure import Ledger
from .texts import say
from .words import NOTHING, SUPPRESSED, french_spaces, label, listed, number, percent

PLACES = 5
"""Places named per finding of the network."""


@dataclass(frozen=True)
class NetworkFinding:
    """One kind of finding: which columns, in which centres, what to do. It holds no number."""

    words: str
    places: str
    centres: str
    advice: str


def network_findings(data: ReportData, lang: str) -> list[NetworkFinding]:
    """What the gate warns of in the centres."""
    failed = failures(data.gate).filter(pl.col("centre_id").is_not_null())
    found = []
    for _, rows in failed.group_by("metric", maintain_order=True):
        places = list(dict.fromkeys(finding_place(row, lang) for row in rows.iter_rows(named=True)))
        more = [say("finding_more", lang, n=number(len(places) - PLACES, lang))] if len(places) > PLACES else []
        centres = [label(centre, 20) for centre in rows["centre_id"].unique().sort()]
        found.append(
            NetworkFinding(
                finding_words(rows.row(0, named=True), lang),
                french_spaces("; ".join((*places[:PLACES], *more))),
                listed(centres, lang),
                french_spaces(rows[f"do_{lang}"][0]),
            )
        )
    return found


@dataclass(frozen=True)
class FigureView:
    """A printed figure beside the network's, in words."""

    id: str
    words: str
    printed: str
    seen: str
    outside: bool
    caveat: str


def printed_figures(data: ReportData, lang: str) -> list[FigureView]:
    """Every printed figure that the network can be set beside. A share that tells a small count is hidden, and with it
    those that it makes a whole with."""
    network = data.gate.filter(pl.col("centre_id").is_null(), pl.col("metric").str.starts_with("plausibility:"))
    rows = {row["metric"].split(":")[1]: row for row in network.iter_rows(named=True)}
    ledger = Ledger(data.smallest_count)
    small = {
        id_
        for id_, row in rows.items()
        if any(ledger.is_small(n) for n in (row["n"], row["n_concerned"], row["n"] - row["n_concerned"]))
    }
    wholes = {id_.split("-")[0] for id_ in small if id_.startswith(("E03", "E04"))}
    views = []
    for figure in FIGURES:
        row = rows.get(figure.id)
        if row is None:
            continue
        hidden = figure.id in small or figure.id.split("-")[0] in wholes
        words, printed, caveat = (
            french_spaces(getattr(text, lang)) for text in (figure.words, figure.printed, figure.caveat)
        )
        seen = SUPPRESSED if hidden else percent(row["value"], lang)
        views.append(FigureView(figure.id, words, printed, seen, row["passed"] is False and not hidden, caveat))
    return views


@dataclass(frozen=True)
class CentreFinding:
    """One finding of a centre, with its numbers and an example."""

    words: str
    place: str
    value: str
    expected: str
    concerned: str
    example: str
    advice: str


def centre_findings(data: ReportData, centre_id: str, lang: str) -> list[CentreFinding]:
    """What the gate warns of in one centre, for that centre alone."""
    failed = failures(data.gate).filter(pl.col("centre_id") == centre_id)
    return [
        CentreFinding(
            finding_words(row, lang),
            finding_place(row, lang),
            _number(row["value"], row, lang),
            _limits(row, lang),
            _concerned(row, lang),
            say("finding_example", lang, file=label(row["file"], 80), line=str(row["line"])) if row["file"] else "",
            french_spaces(row[f"do_{lang}"]),
        )
        for row in failed.iter_rows(named=True)
    ]


def finding_words(row: Mapping[str, Any], lang: str) -> str:
    """What was found; a printed figure with what is printed and why to be careful."""
    figure = FIGURE_OF.get(row["metric"])
    if figure is None:
        return french_spaces(row[lang])
    printed, caveat = getattr(figure.printed, lang), getattr(figure.caveat, lang)
    return french_spaces(say("finding_figure", lang, words=row[lang], id=figure.id, printed=printed, caveat=caveat))


def finding_place(row: Mapping[str, Any], lang: str) -> str:
    """The table and the column that a finding is about."""
    table = say(f"table.{row['table']}", lang) if row["table"] in TABLES else row["table"]
    return f"{table}, {row['column']}" if row["column"] else table


def _concerned(row: Mapping[str, Any], lang: str) -> str:
    if row["n_concerned"] is None or not row["n"]:
        return NOTHING
    return say("finding_rows_value", lang, k=number(row["n_concerned"], lang), n=number(row["n"], lang))


def _limits(row: Mapping[str, Any], lang: str) -> str:
    given = {side: _number(row[side], row, lang) for side in ("low", "high") if row[side] is not None}
    if len(given) == 2:
        return say("limit_between", lang, **given)
    if "low" in given:
        return say("limit_low", lang, **given)
    return say("limit_high", lang, **given) if given else NOTHING


def _number(value: float, row: Mapping[str, Any], lang: str) -> str:
    match METRICS[row["metric"]].unit:
        case "share":
            return percent(value, lang)
        case "points":
            return say("points", lang, value=number(100 * value, lang))
        case "ratio":
            return f"× {number(value, lang, 2)}"
    return number(value, lang, 0 if abs(value) >= 100 or value == int(value) else 2)
