"""What an audit found, and the verdicts of one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .. import manifest
from ..words import WORDS
from .text import plain

if TYPE_CHECKING:
    from ..run import Run

STATUS_STYLE = {
    "discordant": "bold red",
    "to_justify": "yellow",
    "justified": "cyan",
    "concordant": "green",
    "not_due": "dim",
    "not_assessable": "dim",
}


def summary(run: Run) -> dict[str, Any]:
    """What an audit found, for programs: no patient in it."""
    out = run.request.out
    found: dict[str, Any] = {"out": str(out), "counts": manifest.counts(run)}
    if "rates" in run.__dict__:
        found["headline"] = _headline(run)
    if "report_data" in run.__dict__:
        found["report"] = str(out / "publish" / "report.html")
    return found | {"seconds": round(sum(step["seconds"] for step in run.spent), 3), "steps": run.spent}


def _headline(run: Run) -> list[dict[str, Any]]:
    from reports.indicators import headline

    overall = run.rates.filter(pl.col("centre_id").is_null() & (pl.col("period") == "all"))
    rows = {row["rule_id"]: row for row in overall.iter_rows(named=True)}
    kept = ("rule_id", "strength", "n_assessed", "n_patients", "n_not_assessable", "rate", "lower", "upper")
    return [
        {"title": rule.title[run.request.lang]} | {name: rows[rule.id][name] for name in kept}
        for rule in headline(run.request.rules)
    ]


def show_summary(run: Run) -> None:
    """What an audit found, for people."""
    lang = run.request.lang
    console = Console(highlight=False)
    found = summary(run)
    counts = found["counts"]
    rows = counts["rows"]
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    numbers = {
        "centres": counts["centres"],
        "patients": counts["patients"],
        "rows_read": rows["read"],
        "rows_quarantined": rows["quarantined"],
        **counts.get("verdicts", {}),
    }
    for what, number in numbers.items():
        table.add_row(_number(number, lang), Text(WORDS[what][lang], style=STATUS_STYLE.get(what, "")))
    console.print(table)
    if "headline" in found:
        console.print(_headline_table(found["headline"], lang))
    _show_places(console, run, found)


def _headline_table(rows: list[dict[str, Any]], lang: str) -> Table:
    from reports.words import interval, percent

    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=False)
    for name, justify in (
        ("rule", "left"),
        ("headline", "left"),
        ("n", "right"),
        ("rate", "right"),
        ("interval", "right"),
        ("open", "right"),
    ):
        table.add_column(WORDS[name][lang], justify=justify, no_wrap=name != "headline")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(
            row["rule_id"],
            row["title"],
            _number(row["n_assessed"], lang),
            percent(row["rate"], lang),
            interval(None if row["lower"] is None else (row["lower"], row["upper"]), lang),
            _number(row["n_not_assessable"], lang),
        )
    return table


def _show_places(console: Console, run: Run, found: dict[str, Any]) -> None:
    lang, out = run.request.lang, run.request.out
    places = {"results": out / "results", "quality": out / "quality"}
    if "report" in found:
        places = {"report": out / "publish" / "report.html", "cases": out / "centres", **places}
    colon = "\u00a0: " if lang == "fr" else ": "
    for what, path in places.items():
        console.print(Text.assemble((WORDS[f"at_{what}"][lang] + colon, "bold"), plain(path)), soft_wrap=True)
    console.print(WORDS["took"][lang].format(seconds=_number(found["seconds"], lang, 1)), style="dim")


def _number(value: float, lang: str, digits: int = 0) -> str:
    from reports.words import number

    return number(value, lang, digits)


def show_explanation(found: dict[str, Any]) -> None:
    """The verdicts of one patient, for people."""
    lang = found["lang"]
    console = Console(highlight=False)
    console.print(
        Text(
            plain(f"{WORDS['patient'][lang]} {found['patient']}, {WORDS['centre'][lang]} {found['centre']}"),
            style="bold",
        )
    )
    if not found["verdicts"]:
        console.print(WORDS["no_verdict"][lang])
    for row in found["verdicts"]:
        heading = Text.assemble((row["rule_id"], "bold"), "  ", plain(row["title"]))
        console.print(heading)
        console.print(Padding(_verdict(row, lang), (0, 0, 1, 2)))


def _verdict(row: dict[str, Any], lang: str) -> Table:
    from reports.words import day

    row = row | {"index_date": day(row["index_date"], lang)}
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name in ("verdict", "reason", "index_date", "entity_id", "recommended", "given", "facts", "flags", "source"):
        if row[name]:
            table.add_row(WORDS[name][lang].lower(), plain(row[name]).replace("; ", "\n" if name == "facts" else "; "))
    return table
