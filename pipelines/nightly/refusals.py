"""Deposits that can be read but not be meant: what their declaration lacks, and what does not fit their kind."""

from __future__ import annotations

from pathlib import Path

from pipelines.ingest import Content, Problem
from pipelines.ingest.discovery import DECLARATION, Folder
from validation.contract import TABLES

from .inbox import Found


def declaration_problems(sent: Folder, found: Found) -> list[Problem]:
    """What the extract.toml of a deposit lacks, or says that does not fit what the deposit is."""
    label = sent.label(Path(DECLARATION))
    problems = []
    if sent.centre != found.centre:
        what = "the centre is not declared" if sent.centre is None else f"the centre is declared as {sent.centre!r}"
        problems.append(Problem(label, what, f'centre = "{found.centre}", as the folder in the inbox is called'))
    if sent.extraction_date is None:
        problems.append(Problem(label, "the extraction date is missing", "extraction_date = 2026-06-30, or such a day"))
    holds = bool(sent.supplied)
    if sent.kind == "withdrawal" and (holds or sent.deletions):
        problems.append(Problem(label, "a withdrawal holds tables", "the extract.toml alone", "make two deposits"))
    if sent.kind == "full" and sent.deletions:
        expected = "deletions in incremental deposits only: what a full one does not hold is deleted"
        problems.append(Problem(sent.label(sent.deletions), "a full deposit has deletions", expected))
    problems += _numbered(sent) if sent.kind == "incremental" else []
    if (sent.kind == "full" and not holds) or (sent.kind == "incremental" and not (holds or sent.deletions)):
        problems.append(Problem(label, "the deposit holds no table", f"files named <table>.csv: {', '.join(TABLES)}"))
    return problems


def _numbered(sent: Folder) -> list[Problem]:
    """Problems for identifiers that the mapping makes by counting rows: another export counts other rows."""
    if sent.mapping is None:
        return []
    what = "line {}: the identifiers of {} are numbers of rows, which mean other rows in every export"
    expected = "identifiers of the registry itself in an incremental deposit"
    return [
        Problem(sent.mapping.label, what.format(origin.line, entry.table.name), expected, "send a full deposit instead")
        for entry in sent.mapping.entries
        for origin in entry.origins
        if origin.number is not None and origin.column.is_key
    ]


def own_centre(sent: Folder, content: Content) -> list[Problem]:
    """A problem if a full deposit does not list its own centre: other centres' deposits may come and go."""
    listed = {centre for part, file in content if file.table == "centres" for centre in part.frame["centre_id"]}
    if sent.kind != "full" or sent.centre in listed:
        return []
    expected = f"a row of the centre {sent.centre} in the table centres"
    return [Problem(sent.name, "a full deposit does not list its own centre", expected)]
