"""The audit as a flow: `python -m pipelines.flows EXTRACT... --out DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from . import audit_network


def main(
    extracts: Annotated[list[Path], typer.Argument(metavar="EXTRACT")],
    out: Annotated[Path, typer.Option(metavar="DIR")],
    lang: Literal["fr", "en"] = "fr",
) -> None:
    """Audit extracts as a Prefect flow; `pipelines.flows.audit_network` takes every option."""
    audit_network(extracts=extracts, out=out, lang=lang)


if __name__ == "__main__":
    typer.run(main)
