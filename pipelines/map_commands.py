"""`osteoconcord map`: mapping files. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Mapping files: how the files of a hospital become the tables of the contract.", no_args_is_help=True
)


@app.callback()
def group() -> None:
    """Mapping files: how the files of a hospital become the tables of the contract."""


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
