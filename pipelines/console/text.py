"""Messages and documents on the terminal. Foreign text never reaches it as it is."""

from __future__ import annotations

import csv
import json
import re
import sys
import unicodedata
from typing import Any

from rich.console import Console
from rich.text import Text

_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that JSON leaves as they are although they drive a terminal."""


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


def exit_code(error: Exception) -> int | None:
    """1 for bad input or a failed gate, 2 for wrong usage; None for what is our own fault."""
    from reports.indicators import UnknownRule
    from scoring.editions import EditionError
    from validation.quality.gate import GateFileError

    from ..audit import GateError
    from ..catalogue import UnknownDomain
    from ..codes import UnknownSystem
    from ..dictionary import UnknownTable
    from ..explain import UnknownPatient
    from ..ingest import ExtractError
    from ..nightly.config import ConfigError
    from ..nightly.errors import HomeError
    from ..publish import OutputError
    from ..run import RequestError

    wrong_usage = (RequestError, GateFileError, ConfigError, UnknownRule, UnknownTable, UnknownDomain, UnknownSystem)
    if isinstance(error, (*wrong_usage, EditionError)):
        return 2
    return 1 if isinstance(error, (ExtractError, GateError, HomeError, OutputError, UnknownPatient, OSError)) else None


def complain(error: Exception) -> None:
    """Say on standard error what is wrong."""
    from ..ingest import ExtractError
    from ..nightly.errors import HomeError

    message = str(error)
    if isinstance(error, ExtractError) and len(error.problems) > 1:
        message = f"The extracts cannot be read, for {len(error.problems)} reasons:\n{message}"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, HomeError):
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    said = Text.assemble(("Error: ", "bold red"), plain(message))
    Console(stderr=True, highlight=False).print(said, soft_wrap=True)
