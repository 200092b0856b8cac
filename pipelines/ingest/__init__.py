"""Intake: from the files of an extract to checked tables in the types of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from validation.contract import TABLES
from validation.quarantine import Part, Source

from .conversion import Converted, convert, month_first
from .coverage import centres_of, coverage_of, unknown_centre
from .dialect import DATE_WORDS
from .discovery import Folder, discover
from .model import ExtractError, Intake, Problem, SourceFile
from .reading import Raw, read

__all__ = ["ExtractError", "Intake", "Problem", "SourceFile", "take_in"]


def take_in(extracts: Sequence[Path]) -> Intake:
    """Read, convert and check extracts; raise ExtractError if a folder or a file cannot be read at all.

    Rows that break the contract do not stop the run: they are in the quarantine of the result.
    """
    from validation.check import check  # pandera takes most of a second to import

    folders, problems = discover(extracts)
    contents = [_read_folder(folder, problems) for folder in folders]
    network = _network(contents)
    problems += [problem for folder in folders for problem in unknown_centre(folder, network)]
    if problems:
        raise ExtractError(problems)
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    files: list[SourceFile] = []
    centres = [
        centres_of(folder, {table: converted.frame for table, (_, converted) in content.items()}, network)
        for folder, content in zip(folders, contents, strict=True)
    ]
    for folder, content, named in zip(folders, contents, centres, strict=True):
        centre = named[0] if len(named) == 1 else None
        for table, (raw, converted) in content.items():
            source = Source(folder.label(folder.files[table]), centre, folder.extraction_date)
            parts[table].append(Part(source, converted.frame, raw.lines, converted.findings))
            files.append(_describe(source, table, raw, converted))
    checked = check(parts)
    coverage = coverage_of(folders, centres, checked.tables["centres"]["centre_id"].to_list())
    return Intake(checked.tables, coverage, checked.quarantine, checked.counts, files)


def _network(contents: Sequence[dict[str, tuple[Raw, Converted]]]) -> set[str]:
    """The centres that the extracts list."""
    listed = [content["centres"][1].frame["centre_id"] for content in contents if "centres" in content]
    return {centre for centres in listed for centre in centres.drop_nulls()}


def _read_folder(folder: Folder, problems: list[Problem]) -> dict[str, tuple[Raw, Converted]]:
    """Read and convert the files of one folder; what cannot be read is added to the problems."""
    taken: dict[str, tuple[Raw, Converted]] = {}
    for name, table in TABLES.items():
        if name not in folder.files:
            continue
        label = folder.label(folder.files[name])
        raw = read(folder.files[name], table, label)
        if isinstance(raw, list):
            problems += raw
            continue
        converted = convert(raw, table)
        failed = {finding.rule for finding in converted.findings}
        if "bad_date" in failed and month_first(raw, table, converted.dialect):
            expected = f"dates as {', '.join(DATE_WORDS.values())}"
            problems.append(Problem(label, "the dates put the month before the day", expected, "export again"))
        taken[name] = (raw, converted)
    return taken


def _describe(source: Source, table: str, raw: Raw, converted: Converted) -> SourceFile:
    dialect = converted.dialect
    return SourceFile(
        path=source.path,
        table=table,
        centre=source.centre,
        sha256=raw.sha256,
        format=raw.format,
        encoding=raw.encoding,
        separator=raw.separator,
        decimal=dialect.decimal,
        date_format=DATE_WORDS[dialect.date_format] if dialect.date_format else None,
        rows=converted.frame.height,
    )
