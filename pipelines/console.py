"""What the command line shows: progress, summaries and messages. Foreign text never reaches the terminal as it is."""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from . import manifest
from .audit import STAGES, Direct
from .words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from .draft import Draft
    from .run import Request, Run, Step

SHOWN_PLACES = 6
"""Places that `validate` lists per kind of quality problem; `--json` gives all."""

SHOWN_PROBLEMS = 20
"""Rows in quarantine that `validate` lists; `--json` gives all."""

_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that JSON leaves as they are although they drive a terminal."""

STATUS_STYLE = {
    "discordant": "bold red",
    "to_justify": "yellow",
    "justified": "cyan",
    "concordant": "green",
    "not_due": "dim",
    "not_assessable": "dim",
}


def say(text: str) -> None:
    """Print a line of our own or foreign text."""
    Console(highlight=False).print(Text(plain(text)), soft_wrap=True)


def plain(text: object) -> str:
    """Text without control characters, which could drive the terminal; line ends stay."""
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in str(text))


def print_json(found: object) -> None:
    """One JSON document on standard output; what could drive the terminal is escaped in it."""
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(_UNSEEN.sub(lambda c: f"\\u{ord(c[0]):04x}", text) + "\n")


def print_csv(rows: list[dict[str, Any]]) -> None:
    """Rows with the same columns as CSV on standard output."""
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()})


# errors


def exit_code(error: Exception) -> int | None:
    """1 for bad input or a failed gate, 2 for wrong usage; None for what is our own fault."""
    from reports.indicators import UnknownRule
    from scoring.editions import EditionError
    from validation.quality.gate import GateFileError

    from .audit import GateError
    from .catalogue import UnknownDomain
    from .codes import UnknownSystem
    from .dictionary import UnknownTable
    from .explain import UnknownPatient
    from .ingest import ExtractError
    from .publish import OutputError
    from .run import RequestError

    if isinstance(
        error, (RequestError, GateFileError, UnknownRule, UnknownTable, UnknownDomain, UnknownSystem, EditionError)
    ):
        return 2
    return 1 if isinstance(error, (ExtractError, GateError, OutputError, UnknownPatient, OSError)) else None


def complain(error: Exception) -> None:
    """Say on standard error what is wrong."""
    from .ingest import ExtractError

    message = str(error)
    if isinstance(error, ExtractError) and len(error.problems) > 1:
        message = f"The extracts cannot be read, for {len(error.problems)} reasons:\n{message}"
    if isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    said = Text.assemble(("Error: ", "bold red"), plain(message))
    Console(stderr=True, highlight=False).print(said, soft_wrap=True)


# progress


class _Shown(Direct):
    def __init__(self, bar: Progress, total: int, lang: str) -> None:
        self._bar, self._lang = bar, lang
        self._task = bar.add_task("", total=total)

    def step(self, run: Run, stage: str, step: Step) -> None:
        self._bar.update(self._task, description=WORDS[step.__name__][self._lang])
        super().step(run, stage, step)
        self._bar.advance(self._task)


@contextmanager
def progress(request: Request, stages: tuple[str, ...], quiet: bool) -> Iterator[Direct]:
    """A bar over the steps, on standard error and only on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Direct()
        return
    steps = [step for name in stages if name != "report" or request.report for step in STAGES[name]]
    columns = (SpinnerColumn(), TextColumn("{task.description:<44}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Shown(bar, len(steps), request.lang)


@contextmanager
def working(what: str, quiet: bool) -> Iterator[None]:
    """A moving bar for one piece of work, on standard error and only on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task(what, total=None)
        yield


# audit and score


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


# validate


def validation(run: Run, judged: pl.DataFrame) -> dict[str, Any]:
    """What the check of extracts found, for programs: positions and rules, no values."""
    from validation.quality.gate import failures

    return {
        "files": run.files,
        "counts": run.counts.to_dicts(),
        "quarantine": run.quarantine.to_dicts(),
        "quality": failures(judged).drop("passed", "fr", "do_fr").to_dicts(),
        "linkage": _linkage_counts(run).to_dicts(),
    }


def _linkage_counts(run: Run) -> pl.DataFrame:
    from validation.linkage import counts_of_linkage

    return counts_of_linkage(run.linkage)


def show_validation(run: Run, judged: pl.DataFrame) -> None:
    """What the check of extracts found, for people."""
    _show_contract_kept(run)
    _show_quality(judged)


def _show_quality(judged: pl.DataFrame) -> None:
    """What the quality gate says: one block per kind of problem, what stops the publication first."""
    from validation.quality.gate import failures

    from .quality import lines_of

    console = Console(highlight=False)
    failed = failures(judged)
    if failed.is_empty():
        console.print("The quality gate finds nothing.", style="green")
        return
    counts = dict(failed["severity"].value_counts().iter_rows())
    said = f"Quality gate: {counts.get('block', 0)} findings block the publication, {counts.get('warn', 0)} warn."
    console.print(said, style="bold")
    for severity, heading, lines, advice in lines_of(failed, SHOWN_PLACES):
        style = "bold red" if severity == "block" else "yellow"
        console.print(Text.assemble((f"{severity} ", style), (plain(heading), "bold")), soft_wrap=True)
        for line in lines:
            console.print(Text(f"  {plain(line)}"), soft_wrap=True)
        console.print(Text(f"  What to do: {plain(advice)}", style="dim"), soft_wrap=True)


def _show_contract_kept(run: Run) -> None:
    from .mapshow import show_mapped

    console = Console(highlight=False)
    console.print(_detected(run))
    _show_notes(console, run)
    show_mapped(console, run.files)
    console.print(_rows_per_table(run))
    _show_linkage(console, run)
    refused = run.quarantine
    if refused.is_empty():
        console.print("Every row keeps the contract.", style="green")
        return
    console.print(f"{run.counts['quarantined'].sum()} rows in quarantine:", style="bold")
    console.print(_by_rule(refused))
    for row in refused.head(SHOWN_PROBLEMS).iter_rows(named=True):
        where = f"{row['file']}, line {row['line']}" + (f", {row['column']}" if row["column"] else "")
        console.print(
            Text.assemble(plain(where), ": ", (row["rule"], "bold"), f": {plain(row['expectation'])}"), soft_wrap=True
        )
    if refused.height > SHOWN_PROBLEMS:
        console.print(f"... and {refused.height - SHOWN_PROBLEMS} more; --json lists all of them.")


LINKAGE_WORDS = {
    "linked": "patients with rows of both, read as one patient",
    "conflict": "linked patients whose rows differ: read as unknown, of deaths the latest",
    "same_event": "linked patients with acts that both sent under two identifiers: they count twice",
    "probable_duplicate": "pairs of pseudonyms that look like one person, left apart",
}


def _show_linkage(console: Console, run: Run) -> None:
    found = _linkage_counts(run)
    if found.is_empty():
        return
    table = Table("centre", "other centre", "n", "", box=SIMPLE_HEAD, title="Patients between centres")
    table.title_justify, table.columns[2].justify = "left", "right"
    for row in found.iter_rows(named=True):
        place = ".".join(row[name] for name in ("table", "column") if row[name])
        words = LINKAGE_WORDS[row["kind"]] + (f" ({place})" if place else "")
        table.add_row(plain(row["centre_id"]), plain(row["other_centre_id"] or ""), f"{row['n']:,}", words)
    console.print(table)
    console.print("An audit lists them by pseudonym in quality/linkage.parquet.", style="dim")


def _show_notes(console: Console, run: Run) -> None:
    """What was left out or read in a way of its own, file by file."""
    notes = [(file["path"], note) for file in run.files for note in file["notes"]]
    for path, note in notes[:SHOWN_PROBLEMS]:
        console.print(Text.assemble(plain(path), ": ", plain(note)), soft_wrap=True)
    if len(notes) > SHOWN_PROBLEMS:
        console.print(f"... and {len(notes) - SHOWN_PROBLEMS} more; --json lists all of them.")


def _detected(run: Run) -> Table:
    kinds = ["format", "encoding", "separator", "decimal", "date_format"]
    files = pl.DataFrame([{kind: file[kind] for kind in kinds} for file in run.files], infer_schema_length=None)
    files = files.group_by(kinds).agg(files=pl.len()).sort("files", descending=True)
    table = Table(
        *[kind.replace("_", " ") for kind in kinds], "files", box=SIMPLE_HEAD, title="Detected", title_justify="left"
    )
    for row in files.iter_rows():
        table.add_row(
            *("" if cell is None else repr(cell)[1:-1] if isinstance(cell, str) else str(cell) for cell in row)
        )
    return table


def _rows_per_table(run: Run) -> Table:
    numbers = ["read", "accepted", "quarantined"]
    table = Table("table", box=SIMPLE_HEAD, title="Rows", title_justify="left")
    for name in numbers:
        table.add_column(name, justify="right")
    for row in run.counts.group_by("table", maintain_order=True).agg(pl.col(numbers).sum()).iter_rows(named=True):
        style = "yellow" if row["quarantined"] else ""
        table.add_row(row["table"], *(f"{row[name]:,}" for name in numbers), style=style)
    return table


def _by_rule(refused: pl.DataFrame) -> Table:
    table = Table("rule", "problems", box=SIMPLE_HEAD)
    for rule, n in refused["rule"].value_counts(sort=True).sort("count", "rule", descending=[True, False]).iter_rows():
        table.add_row(rule, f"{n:,}")
    return table


# explain


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


# rules and contract


def show_rules(rows: list[dict[str, Any]], lang: str) -> None:
    """The measures, for people."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("rule", "title", "strength", "source"):
        table.add_column(WORDS[name][lang], no_wrap=name != "title")
    for row in rows:
        table.add_row(row["rule_id"], row["title"], WORDS[row["strength"]][lang], row["source"])
    Console(highlight=False).print(table)


def show_parameters(rows: list[dict[str, Any]], lang: str) -> None:
    """The parameters, for people."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("name", "value", "origin", "source"):
        table.add_column(WORDS[name][lang], overflow="fold")
    for row in rows:
        table.add_row(row["name"], f"{row['value']:g} {row['unit']}", row["origin"], row["source"])
    Console(highlight=False).print(table)


def show_contract(rows: list[dict[str, Any]]) -> None:
    """The contract, for people; required columns are bold."""
    from .dictionary import allowed

    console = Console(highlight=False)
    for name in dict.fromkeys(row["table"] for row in rows):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, title=name, title_style="bold", title_justify="left")
        for heading in ("column", "kind", "unit", "allowed"):
            table.add_column(heading, overflow="fold")
        for row in (row for row in rows if row["table"] == name):
            style = "bold" if row["required"] else ""
            table.add_row(Text(row["column"], style=style), row["kind"], row["unit"] or "", allowed(row))
        console.print(table)
    console.print("Bold columns are required. `--format md` adds labels and descriptions.", style="dim")


# codes


def show_code_systems(rows: list[dict[str, Any]]) -> None:
    """The code systems, for people: what each yields and how many codes are active."""
    console = Console(highlight=False)
    table = Table("system", "yields", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("active", "not active"):
        table.add_column(name, justify="right")
    for name in dict.fromkeys(row["system"] for row in rows):
        codes = [row for row in rows if row["system"] == name]
        active = sum(row["active"] for row in codes)
        table.add_row(name, codes[0]["yields"], str(active), str(len(codes) - active))
    console.print(table)
    console.print("`osteoconcord codes SYSTEM` lists the codes of one.", style="dim")


def show_codes(rows: list[dict[str, Any]]) -> None:
    """The codes of one system, for people; codes that are not active are dim and say why."""
    console = Console(highlight=False)
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, title=f"{rows[0]['system']}: {rows[0]['yields']}", title_justify="left"
    )
    table.add_column("code", no_wrap=True)
    for name in ("token", "label", "source"):
        table.add_column(name, overflow="fold")
    for row in rows:
        strength = "" if row["strength_mg"] is None else f" {row['strength_mg']:g} mg"
        label = f"{row['label']} ({row['note']})" if row["note"] else row["label"]
        token = row["token"] or "" if row["active"] else "not active"
        table.add_row(f"{row['code']}{strength}", token, label, row["source"], style="" if row["active"] else "dim")
    console.print(table)
    console.print(
        "A code ending in * stands for all that begin so. Codes not active are counted, never translated.", style="dim"
    )


# mapping


def show_draft(drafted: Draft, target: Path) -> None:
    """What a drafted mapping proposes, file by file; columns by confidence."""
    console = Console(highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("table", no_wrap=True)
    numbers = ("high", "medium", "low", "rest", "private")
    for name in numbers:
        table.add_column(name, justify="right")
    for match in drafted.matches:
        levels = [proposal.confidence for proposal in match.proposals]
        counts = [*(levels.count(name) for name in numbers[:3]), len(match.unmapped), len(match.private)]
        name = match.table if match.proposals else "none fits"
        table.add_row(plain(match.sheet.name), name if match.sure else f"{name} ?", *(str(n or "") for n in counts))
    console.print(table)
    for problem in drafted.problems:
        console.print(Text(plain(f"Not read: {problem}"), style="yellow"), soft_wrap=True)
    console.print("rest: not mapped; private: left out, looks like names, numbers or free text.", style="dim")
    say(f"Written: {target}. Read every line of it before you use it.")
