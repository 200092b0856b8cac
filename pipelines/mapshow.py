"""What mappings did to an extract, for people. Foreign text never reaches the terminal as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .console import plain


def show_mapped(console: Console, files: Sequence[dict[str, Any]]) -> None:
    """The rows that mappings made and left out, per file and table, for `validate`."""
    mapped = [
        {**file["mapped"], **{k: file[k] for k in ("path", "table")}, "made": file["rows"]}
        for file in files
        if file.get("mapped")
    ]
    if not mapped:
        return
    console.print(_rows(mapped))
    _show_unused(console, {row["path"]: row["unused_columns"] for row in mapped})
    for row in mapped:
        for codes in row["unknown_codes"]:
            where = f"{row['path']}, {row['table']}.{codes['column']}"
            _show_codes(console, where, codes["listed"], codes["hidden"])


def show_check(found: dict[str, Any]) -> None:
    """The explanation of `map check`."""
    console = Console(highlight=False)
    rows = [{**table, "path": table["file"], "made": table["rows_made"]} for table in found["tables"]]
    if rows:
        console.print(_rows(rows))
    for table in found["tables"]:
        console.print(_columns(table))
        where = f"{table['file']}, {table['table']}"
        for column in table["columns"]:
            place = f"{where}.{column['column']}"
            _show_codes(console, place, column["unknown_codes"], column["unknown_codes_hidden"])
        if table["missing_required"]:
            names = ", ".join(table["missing_required"])
            console.print(Text(plain(f"{where}: required columns without a source: {names}"), style="bold red"))
        if table["broken_lines"]:
            console.print(
                Text(plain(f"{where}: lines with a wrong number of fields: {table['broken_lines']}"), "yellow")
            )
    _show_unused(console, {table["file"]: table["unused_columns"] for table in found["tables"]})
    for problem in found["problems"]:
        console.print(Text.assemble(("Error: ", "bold red"), plain(problem)), soft_wrap=True)
    if not found["problems"]:
        console.print("The mapping can be used. `osteoconcord validate` checks the rows that it makes.", style="green")


def _rows(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Mapped", title_justify="left", pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("table", no_wrap=True)
    table.add_column("line", justify="right")
    table.add_column("rows in", justify="right")
    table.add_column("left out", no_wrap=True)
    table.add_column("rows out", justify="right")
    for row in rows:
        left_out = "\n".join(f"{n:,} {reason}" for reason, n in row["left_out"].items())
        name = Text(plain(row["path"]))
        table.add_row(name, row["table"], str(row["line"]), f"{row['rows']:,}", left_out, f"{row['made']:,}")
    return table


def _columns(explained: dict[str, Any]) -> Table:
    title = Text(plain(f"{explained['table']} from {explained['file']}"), style="bold")
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for heading in ("column", "source", "read as"):
        table.add_column(heading, overflow="fold")
    for heading in ("filled", "converted"):
        table.add_column(heading, justify="right")
    for column in explained["columns"]:
        name = Text(column["column"], style="bold" if column["required"] else "")
        filled = _share(column["filled"], explained["rows_made"])
        converted = _share(column["converted"], column["filled"])
        style = "yellow" if column["converted"] < column["filled"] else ""
        table.add_row(
            name, Text(plain(column["source"])), Text(plain(column["reading"])), filled, converted, style=style
        )
    return table


def _share(part: int, whole: int) -> str:
    """A share in whole percent; neither 0 % nor 100 % is said of what is merely near."""
    if not whole:
        return "-"
    percent = 100 * part // whole
    return f"{percent if percent or not part else 1} %"


def _show_codes(console: Console, where: str, listed: dict[str, int], hidden: int) -> None:
    if not listed and not hidden:
        return
    said = [f"{code!r} ({n:,})" for code, n in listed.items()]
    if hidden:
        said.append(f"{hidden:,} further cells, which are not shown because they are rare or long")
    console.print(Text(plain(f"{where}: codes that are not known: {', '.join(said)}"), style="yellow"), soft_wrap=True)


def _show_unused(console: Console, unused: dict[str, list[str]]) -> None:
    for file, names in unused.items():
        if names:
            shown = ", ".join(repr(name[:60]) for name in names)
            console.print(Text(plain(f"{file}: not used: {shown}"), style="dim"), soft_wrap=True)
