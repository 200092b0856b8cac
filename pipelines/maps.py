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


@app.command()
def init(
    extract: Annotated[
        Path, typer.Argument(metavar="EXTRACT", help="Folder with the files of one centre.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Default: mapping.toml in the folder; never overwrites.", show_default=False
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Draft mapping.toml from files of any names and columns, for you to correct.

    Examples:

      osteoconcord map init hospital_export

      osteoconcord map init hospital_export --out hospital.toml
    """
    from . import console
    from .draft import draft
    from .run import RequestError

    target = out or extract / "mapping.toml"
    if target.exists():
        raise RequestError(f"{target}: the file is there already. Name another with --out, or take it away.")
    with console.working("Reading", quiet):
        drafted = draft(extract)
    target.write_text(drafted.text, encoding="utf-8", newline="\n")
    if not quiet:
        console.show_draft(drafted, target)


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
