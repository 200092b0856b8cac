"""Intake: from the files of an extract to checked tables in the types of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from validation.contract import TABLES, Table
from validation.quarantine import Part, Source

from .conversion import Converted, DateOrder, convert, notes_of
from .coverage import centres_of, coverage_of, unknown_centre
from .dialect import DATE_WORDS, Dialect
from .discovery import Folder, discover
from .mapping import describe, make, open_sources
from .model import ExtractError, Intake, Problem, SourceFile
from .privacy import pseudonym_problems
from .reading import Raw, read
from .rekey import rekeyed

if TYPE_CHECKING:
    from validation.check import Checked

__all__ = [
    "Content",
    "Delivered",
    "ExtractError",
    "Intake",
    "Problem",
    "SourceFile",
    "attributed",
    "checked",
    "intake_of",
    "parts_of",
    "read_folder",
    "read_in",
    "rekeyed_content",
    "take_in",
]


Content = list[tuple[Part, SourceFile]]


@dataclass(frozen=True)
class Delivered:
    """One folder of tables as it was delivered: its declaration, and its files in the types of the contract, unchecked."""

    folder: Folder
    content: Content


def take_in(extracts: Sequence[Path], pseudonym_key: bytes | None = None) -> Intake:
    """Read, convert and check extracts; raise ExtractError if a folder or a file cannot be read at all.

    Rows that break the contract do not stop the run: they are in the quarantine of the result. With a key, every identifier
    but those of centres is replaced by a keyed hash as soon as it was read.
    """
    return checked(read_in(extracts, pseudonym_key))


def read_in(extracts: Sequence[Path], pseudonym_key: bytes | None = None) -> list[Delivered]:
    """Read and convert extracts; raise ExtractError, with all problems, if a folder or a file cannot be read at all."""
    folders, problems = discover(extracts)
    contents = [read_folder(folder, problems) for folder in folders]
    if problems:
        raise ExtractError(problems)
    if pseudonym_key is not None:
        contents = [rekeyed_content(content, pseudonym_key) for content in contents]
    return [Delivered(folder, content) for folder, content in zip(folders, contents, strict=True)]


def checked(delivered: Sequence[Delivered]) -> Intake:
    """Attribute what was read to its centres and check it; raise ExtractError if a folder names a centre that is not there."""
    from validation.check import check  # pandera takes most of a second to import

    sent, centres = attributed(delivered)
    return intake_of(check(parts_of(sent)), sent, centres)


def parts_of(delivered: Sequence[Delivered]) -> dict[str, list[Part]]:
    """The files of each table."""
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    for one in delivered:
        for part, file in one.content:
            parts[file.table].append(part)
    return parts


def intake_of(found: Checked, delivered: Sequence[Delivered], centres: Sequence[Sequence[str]]) -> Intake:
    """What was found in the folders, with what their centres supplied and the holes that another centre's supply leaves."""
    from validation.linkage import holes_of_linked

    folders = [one.folder for one in delivered]
    coverage = coverage_of(folders, centres, found.tables["centres"]["centre_id"].to_list())
    elsewhere = holes_of_linked(found.links, coverage, found.tables["patients"])
    holes = pl.concat([found.holes, elsewhere]).unique().sort("patient_id", pl.col("table").cast(pl.Enum(list(TABLES))))
    files = [file for one in delivered for _, file in one.content]
    return Intake(found.tables, coverage, found.quarantine, found.counts, files, holes, found.linkage, found.places)


def attributed(delivered: Sequence[Delivered]) -> tuple[list[Delivered], list[list[str]]]:
    """What was read with the centre that sent it, and the centres that each folder speaks for."""
    network = _network([one.content for one in delivered])
    problems = [problem for one in delivered for problem in unknown_centre(one.folder, network)]
    if problems:
        raise ExtractError(problems)
    named = [centres_of(one.folder, _identifying(one.content), network) for one in delivered]
    sent = [
        _sent_by(one, speaks[0] if len(speaks) == 1 else None) for one, speaks in zip(delivered, named, strict=True)
    ]
    return sent, named


def _sent_by(delivered: Delivered, centre: str | None) -> Delivered:
    content = [
        (replace(part, source=replace(part.source, centre=centre)), replace(file, centre=centre))
        for part, file in delivered.content
    ]
    return replace(delivered, content=content)


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


def rekeyed_content(content: Content, key: bytes) -> Content:
    """The content of a folder with every identifier but those of centres replaced."""
    return [(rekeyed(part, TABLES[file.table], key), file) for part, file in content]


def read_folder(folder: Folder, problems: list[Problem]) -> Content:
    """Read and convert the files of one folder; what cannot be read is added to the problems."""
    read_ones = [read_file(folder, name, problems) for name in TABLES if name in folder.files]
    return [one for one in read_ones if one is not None] + read_mapped(folder, problems)


def read_file(folder: Folder, name: str, problems: list[Problem]) -> tuple[Part, SourceFile] | None:
    """Read and convert the file of a table; None if it cannot be read."""
    table, label = TABLES[name], folder.label(folder.files[name])
    raw = read(folder.files[name], table, label)
    if isinstance(raw, list):
        problems += raw
        return None
    return _taken(folder, label, table, raw, convert(raw, table), problems)


def read_mapped(folder: Folder, problems: list[Problem]) -> Content:
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
    order = DateOrder()
    order.add(raw, table, converted)
    problems += order.problems(label)
    source = Source(label, extraction_date=folder.extraction_date)
    notes = notes_of(table, converted.ways, converted.blanks)
    described = describe_file(label, table.name, raw, converted.dialect, raw.frame.height, notes)
    return Part(source, converted.frame, raw.lines, converted.findings), described


def describe_file(label: str, table: str, raw: Raw, dialect: Dialect, rows: int, notes: tuple[str, ...]) -> SourceFile:
    """What is told of a file."""
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
        rows=rows,
        notes=raw.notes + notes,
    )
