"""What the commands about nightly runs show. Names of centres and deposits are foreign text and pass through `plain`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pipelines.console import plain, print_json, say, working

if TYPE_CHECKING:
    from .home import Home
    from .night import Step
    from .tonight import Night, Outcome

__all__ = ["print_json", "say", "working"]

KINDS = {
    "published": ("A new state is published", "green"),
    "nothing_new": ("Nothing new: the published state stands", "green"),
    "kept": ("The state of before is kept", "bold yellow"),
    "failed": ("The night failed; the published state stands", "bold red"),
}
SEVERITIES = {"info": "dim", "warn": "yellow", "alarm": "bold red"}
SHOWN = 8
"""Lines of each list that are shown; `--json` gives all."""


def made(home: Home) -> None:
    """What `init` made, and what comes next."""
    say(f"The network lies in {home.root}.")
    say(f"Read {home.config_file} and correct it. Centres put their deposits into {home.inbox}/<centre_id>/.")
    say(f"Then: osteoconcord nightly run {home.root}")


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[Step, Night], None]]:
    """A bar over the steps of a night, on standard error and only on a terminal."""
    from .night import STEPS, direct

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield direct
        return
    columns = (SpinnerColumn(), TextColumn("{task.description:<44}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(STEPS))

        def around(step: Step, night: Night) -> None:
            bar.update(task, description=(step.__doc__ or step.name).split(".")[0][:44])
            direct(step, night)
            bar.advance(task)

        yield around


def outcome_facts(outcome: Outcome, lang: str) -> dict[str, Any]:
    """How a night ended, for programs."""
    return {
        "outcome": outcome.kind,
        "run": outcome.run,
        "counts": dict(outcome.counts),
        "alerts": [
            {"token": alert.token, "severity": alert.severity, "centre": alert.centre, "words": alert.words[lang]}
            for alert in outcome.alerts
        ],
        "digest": None if outcome.digest is None else str(outcome.digest),
        "exit_code": outcome.exit_code,
    }


def show_outcome(home: Home, outcome: Outcome) -> None:
    """How a night ended, for people."""
    console = Console(highlight=False)
    words, style = KINDS[outcome.kind]
    run = f" (run {outcome.run})" if outcome.run else ""
    console.print(Text(f"{words}{run}.", style=style), soft_wrap=True)
    counts = {name: n for name, n in outcome.counts.items() if n}
    if counts:
        console.print(Text(", ".join(f"{name} {n}" for name, n in counts.items())), soft_wrap=True)
    for alert in outcome.alerts[:SHOWN]:
        marked = Text.assemble(
            (f"{alert.severity} ", SEVERITIES[alert.severity]), plain(alert.words[home.config.language])
        )
        console.print(marked, soft_wrap=True)
    _more(console, len(outcome.alerts))
    if outcome.digest is not None:
        console.print(Text.assemble(("Morning page: ", "bold"), plain(outcome.digest)), soft_wrap=True)


def show_status(found: dict[str, Any]) -> None:
    """How a network stands, for people."""
    console = Console(highlight=False)
    now = found["published"]
    console.print(
        Text(f"Published: run {now['run']}, {_when(now['at'])}" if now else "Nothing is published yet.", style="bold")
    )
    if found["at_work"]:
        console.print(Text(f"At work: {plain(found['at_work'])}", style="yellow"), soft_wrap=True)
    if found["night"]:
        console.print(Text(f"{_when(found['night']['at'])}: {plain(found['night']['headline'])}"))
        _list(console, "Alerts", found["night"]["alerts"])
    console.print(_centres(found["centres"]))
    _list(console, "Held back", [f"{held['deposit']}: {held['why']}" for held in found["held"]])
    refused = [f"{row['centre']}/{row['name']}: {'; '.join(row['problems'])}" for row in found["refused"]]
    _list(console, "Refused", refused)
    _list(console, "Set aside by a rollback", found["set_aside"])
    _list(console, "Withdrawn", found["withdrawn"])
    _list(console, "Waiting for a full deposit of their centre", found["waiting"])
    troubles = [f"{_when(row['at'])} {row['trouble']}" for row in found["troubles"]]
    _list(console, "Troubles that stopped no night", troubles)
    console.print(_runs(found["runs"]))
    sizes = found["sizes"]
    parts = ", ".join(f"{name} {_size(sizes[name])}" for name in sizes if name not in ("total", "free"))
    console.print(f"Store: {_size(sizes['total'])} ({parts}); free: {_size(sizes['free'])}", style="dim")


def _centres(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("centre", overflow="fold")
    for name in ("data until", "state since", "deposits", "rows", "in quarantine"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        numbers = ("" if row[name] is None else f"{row[name]:,}" for name in ("deposits", "read", "quarantined"))
        table.add_row(plain(row["centre"]), row["extraction_date"] or "-", row["since"] or "-", *numbers)
    return table


def _runs(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("when", "night", "run", "by"):
        table.add_column(name, overflow="fold")
    for row in rows:
        what = " ".join(str(row[name]) for name in ("step", "error") if row.get(name))
        table.add_row(
            _when(row["at"]), f"{row['kind']} {plain(what)}".strip(), row.get("to") or row.get("run"), row["by"]
        )
    return table


def _list(console: Console, heading: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"{heading}: {len(lines)}", style="bold yellow")
    for line in lines[:SHOWN]:
        console.print(Text(f"  {plain(line)}"), soft_wrap=True)
    _more(console, len(lines))


def _more(console: Console, n: int) -> None:
    if n > SHOWN:
        console.print(f"  ... and {n - SHOWN} more; --json lists all of them.", style="dim")


def show_problems(problems: list[str], well: str) -> None:
    """What is wrong with a store, or that nothing is."""
    console = Console(highlight=False)
    if not problems:
        console.print(Text(plain(well), style="green"), soft_wrap=True)
    for problem in problems:
        console.print(Text.assemble(("Problem: ", "bold red"), plain(problem)), soft_wrap=True)


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _size(n: int) -> str:
    size = float(n)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
