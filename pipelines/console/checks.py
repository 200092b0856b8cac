"""What the check of extracts found: files, rows, quarantine, quality and patients whom centres share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .text import plain

if TYPE_CHECKING:
    from ..run import Run

SHOWN_PLACES = 6
"""Places that `validate` lists per kind of quality problem; `--json` gives all."""

SHOWN_PROBLEMS = 20
"""Rows in quarantine that `validate` lists; `--json` gives all."""


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

    from ..quality import lines_of

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
    from ..mapshow import show_mapped

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
