"""Drafting a mapping: what an unknown extract most likely holds, as a mapping file for its reader to correct."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.model import FORMATS, ExtractError, Problem

from .matching import Match, match
from .sources import read_folder
from .text import write

__all__ = ["Draft", "Match", "draft"]


@dataclass(frozen=True)
class Draft:
    """A drafted mapping file, what it proposes for each file, and the files that could not be read."""

    text: str
    matches: list[Match]
    problems: list[Problem]


def draft(folder: Path) -> Draft:
    """Draft the mapping of one folder of files; raise ExtractError if there is nothing to read."""
    shown = folder.name or str(folder)
    files = ", .".join(form.strip(".") for form in FORMATS)
    if not folder.is_dir():
        raise ExtractError([Problem(shown, "this is no folder", "the folder that holds the files of one centre")])
    sheets, problems = read_folder(folder)
    if not sheets:
        within = sorted(sub.name for sub in folder.iterdir() if sub.is_dir() and not sub.name.startswith("."))
        hint = f"give one of its folders: {', '.join(within[:10])}" if within else ""
        raise ExtractError([*problems, Problem(shown, "no file can be read", f"files .{files}", hint)])
    matches = match(sheets)
    return Draft(write(matches, problems), matches, problems)
