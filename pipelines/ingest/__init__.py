"""Intake: from the files of an extract to checked tables in the types of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from validation.contract import TABLES, Table
from validation.quarantine import Part, Source

from .conversion import Converted, convert, month_first, year_first
from .coverage import centres_of, coverage_of, unknown_centre
from .dialect import DATE_WORDS
from .discovery import Folder, discover
from .mapping import describe, make, open_sources
from .model import ExtractError, Intake, Problem, SourceFile
from .privacy import pseudonym_problems
from .reading import Raw, read
from .rekey import rekeyed

__all__ = ["ExtractError", "Intake", "Problem", "SourceFile", "take_in"]


def take_in(extracts: Sequence[Path], pseudonym_key: bytes | None = None) -> Intake:
    """Read, convert and check extracts; raise ExtractError if a folder or a file cannot be read at all.

    Rows that break the contract do not stop the run: they are in the quarantine of the result. With a key, every identifier
    but those of centres is replaced by a keyed hash as soon as it was read.
    """
    from validation.check import check  # pandera takes most of a second to import
    from validation.linkage import holes_of_linked

    folders, problems = discover(extracts)
    contents = [_read_folder(folder, problems) for folder in folders]
    network = _network(contents)
    if not problems:
        problems = [problem for folder in folders for problem in unknown_centre(folder, network)]
    if problems:
        raise ExtractError(problems)
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    files: list[SourceFile] = []
    centres: list[list[str]] = []
    for folder, content in zip(folders, contents, strict=True):
        named = centres_of(folder, _identifying(content), network)
        centre = named[0] if len(named) == 1 else None
        for part, file in content:
            part = part if pseudonym_key is None else rekeyed(part, TABLES[file.table], pseudonym_key)
            parts[file.table].append(replace(part, source=replace(part.source, centre=centre)))
            files.append(replace(file, centre=centre))
        centres.append(named)
    checked = check(parts)
    coverage = coverage_of(folders, centres, checked.tables["centres"]["centre_id"].to_list())
    elsewhere = holes_of_linked(checked.links, coverage, checked.tables["patients"])
    holes = (
        pl.concat([checked.holes, elsewhere]).unique().sort("patient_id", pl.col("table").cast(pl.Enum(list(TABLES))))
    )
    return Intake(
        checked.tables, coverage, checked.quarantine, checked.counts, files, holes, checked.linkage, checked.places
    )


Content = list[tuple[Part, SourceFile]]


def _network(contents: Sequence[Content]) -> set[str]:
    """The centres that the extracts list."""
    listed = [part.frame["centre_id"] for content in contents for part, file in content if file.table == "centres"]
    return {centre for centres in listed for centre in centres.drop_nulls()}


def _identifying(content: Content) -> dict[str, pl.DataFrame]:
    """The tables of a folder that name centres."""
    found: dict[str, list[pl.DataFrame]] = {}
    for part, file in content:
        if file.table in ("patients", "centres"):
            found.setdefault(file.table, []).append(part.frame)
    return {table: pl.concat(frames) for table, frames in found.items()}


def _read_folder(folder: Folder, problems: list[Problem]) -> Content:
    """Read and convert the files of one folder; what cannot be read is added to the problems."""
    content: Content = []
    for name, table in TABLES.items():
        if name not in folder.files:
            continue
        label = folder.label(folder.files[name])
        raw = read(folder.files[name], table, label)
        if isinstance(raw, list):
            problems += raw
            continue
        content.append(_taken(folder, label, table, raw, convert(raw, table), problems))
    return content + _read_mapped(folder, problems)


def _read_mapped(folder: Folder, problems: list[Problem]) -> Content:
    """What the mapping of the folder makes of its files."""
    if folder.mapping is None:
        return []
    opened, wrong = open_sources(folder.mapping, folder.label)
    problems += wrong
    content: Content = []
    for made, source in make(folder.mapping, opened):
        table = made.entry.table
        converted = made.convert()
        problems += pseudonym_problems(made.raw.frame, table, made.label)
        part, file = _taken(folder, made.label, table, made.raw, converted, problems)
        content.append((part, replace(file, mapped=describe(folder.mapping, made, source, converted))))
    return content


def _taken(
    folder: Folder, label: str, table: Table, raw: Raw, converted: Converted, problems: list[Problem]
) -> tuple[Part, SourceFile]:
    failed = {finding.rule for finding in converted.findings}
    if "bad_date" in failed and month_first(raw, table, converted.dialect):
        expected = f"dates as {', '.join(DATE_WORDS.values())}"
        problems.append(Problem(label, "the dates put the month before the day", expected, "export again"))
    if year_first(raw, table):
        expected = "years of two digits as dd/mm/yy, or of four digits"
        problems.append(Problem(label, "the dates seem to begin with the year", expected, "export again"))
    source = Source(label, extraction_date=folder.extraction_date)
    return Part(source, converted.frame, raw.lines, converted.findings), _describe(label, table.name, raw, converted)


def _describe(label: str, table: str, raw: Raw, converted: Converted) -> SourceFile:
    dialect = converted.dialect
    return SourceFile(
        path=label,
        table=table,
        centre=None,
        sha256=raw.sha256,
        format=raw.format,
        encoding=raw.encoding,
        separator=raw.separator,
        decimal=dialect.decimal,
        date_format=DATE_WORDS[dialect.date_format] if dialect.date_format else None,
        rows=converted.frame.height,
        notes=raw.notes + converted.notes,
    )
