"""Lists of what the software knows: measures, parameters, the contract, code systems; and a drafted mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..words import WORDS
from .text import plain, say

if TYPE_CHECKING:
    from pathlib import Path

    from ..draft import Draft


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
    from ..dictionary import allowed

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
