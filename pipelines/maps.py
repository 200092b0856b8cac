"""The commands about mapping files: `osteoconcord map ...`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Mapping files: how a centre's own files become tables of the contract.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.callback()
def common() -> None:
    """Keep `map` a group of commands even while it holds one."""


@app.command()
def check(
    extracts: Annotated[
        list[Path],
        typer.Argument(
            metavar="EXTRACT", help="Folder with a mapping.toml, or folder of such folders.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
) -> None:
    """Explain in counts what a mapping would make of an extract. Loads nothing, writes nothing, shows no patient.

    Examples:

      osteoconcord map check my_extract

      osteoconcord map check my_extract --json > mapping.json
    """
    from . import console, mapcheck, mapshow

    found = mapcheck.explain(extracts)
    if as_json:
        console.print_json(found)
    else:
        mapshow.show_check(found)
    if found["problems"]:
        raise typer.Exit(1)
