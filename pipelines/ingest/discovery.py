"""Which files of an extract are tables, and what its extract.toml declares."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from validation.contract import TABLES

from .mapping import MAPPING, Mapping, clashes, load
from .model import FORMATS, Problem, close_match

DECLARATION = "extract.toml"
IGNORED_FILES = {"faults.csv"}


@dataclass(frozen=True)
class TableDeclaration:
    """What extract.toml says about one table; None where it says nothing."""

    supplied: bool | None = None
    complete: bool | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Folder:
    """One folder of tables."""

    name: str
    files: dict[str, Path]
    centre: str | None = None
    extraction_date: date | None = None
    tables: dict[str, TableDeclaration] = field(default_factory=dict)
    mapping: Mapping | None = None

    @property
    def supplied(self) -> set[str]:
        """The tables that files hold or that the mapping makes."""
        return set(self.files) | set(self.mapping.tables if self.mapping else ())

    def label(self, path: Path) -> str:
        """The path of a file relative to the extract."""
        return f"{self.name}/{path.name}" if self.name else path.name


def discover(extracts: Sequence[Path]) -> tuple[list[Folder], list[Problem]]:
    """Find the folders of tables in the extracts, in the order of their paths."""
    problems: list[Problem] = []
    folders: list[Folder] = []
    if not extracts:
        problems.append(Problem("extract", "no extract was given", "one folder or more"))
    paths = [Path(extract) for extract in extracts]
    if len({path.resolve() for path in paths}) < len(paths):
        problems.append(Problem("extract", "the same folder was given twice", hint="give each extract once"))
    for path in paths:
        # With several extracts the folder's own name tells their files apart.
        prefix = path.resolve().name if len(paths) > 1 else ""
        try:
            for folder, name in _folders_of_tables(path, prefix, problems):
                folders.append(_read_folder(folder, name, problems))
        except OSError as error:
            problems.append(Problem(prefix or path.name, f"the folder cannot be opened: {error.strerror}"))
    if not problems:
        problems += _missing_everywhere(folders)
    problems += clashes([folder.mapping for folder in folders if folder.mapping])
    return folders, problems


def _folders_of_tables(path: Path, prefix: str, problems: list[Problem]) -> list[tuple[Path, str]]:
    shown = prefix or path.name or str(path)
    expected = "a folder of table files, or a folder of such folders"
    if not path.exists():
        problems.append(Problem(shown, "the folder does not exist", expected))
        return []
    if not path.is_dir():
        problems.append(Problem(shown, "this is a file, not a folder", expected, "give the folder that holds it"))
        return []
    subfolders = [sub for sub in sorted(path.iterdir()) if sub.is_dir() and not _is_hidden(sub)]
    if _data_files(path):
        mixed = [sub.name for sub in subfolders if _data_files(sub)]
        if mixed:
            problems.append(Problem(shown, f"tables lie both here and in {', '.join(mixed)}", expected))
        return [(path, prefix)]
    for sub in subfolders:
        if not _data_files(sub):
            problems.append(Problem(f"{prefix}/{sub.name}".strip("/"), "the folder holds no table", _files_expected()))
    if not subfolders:
        problems.append(Problem(shown, "the folder holds no table", _files_expected()))
    return [(sub, f"{prefix}/{sub.name}".strip("/")) for sub in subfolders if _data_files(sub)]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "~$", "__"))


def _data_files(folder: Path) -> list[Path]:
    """Files that are tables, or that look as if they were meant to be."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file()
        and not _is_hidden(path)
        and path.name.lower() not in IGNORED_FILES
        and not path.name.upper().startswith("README")
        and (path.suffix.lower() in FORMATS or path.name.split(".")[0].lower() in TABLES)
        and path.suffix.lower() not in (".md", ".txt")
    ]


def _read_folder(path: Path, name: str, problems: list[Problem]) -> Folder:
    def labelled(file: str) -> str:
        return f"{name}/{file}" if name else file

    declaration = path / DECLARATION
    label = labelled(DECLARATION)
    content = _parse_declaration(declaration, label, problems) if declaration.exists() else {}
    found = len(problems)
    mapping = _mapping(path, content, labelled, problems)
    files = _tables(path, mapping, len(problems) > found, labelled, problems)
    supplied = set(files) | set(mapping.tables if mapping else ())
    declared = _read_declaration(content, label, supplied, problems)
    return Folder(name=name, files=files, mapping=mapping, **declared)


def _mapping(
    path: Path, content: dict[str, Any], labelled: Callable[[str], str], problems: list[Problem]
) -> Mapping | None:
    """The mapping of the folder, if it has one."""
    named = content.get("mapping")
    name = named if isinstance(named, str) else MAPPING
    if name != Path(name).name or "\\" in name or "\0" in name:
        what = "mapping is no name of a file: a path is not allowed"
        problems.append(Problem(labelled(DECLARATION), what, "the name of a file in the folder"))
        return None
    if not (path / name).is_file():
        if named is not None:
            what = f"the mapping {name[:60]!r} is not there"
            near = close_match(name, [file.name for file in path.iterdir() if file.suffix == ".toml"])
            problems.append(Problem(labelled(DECLARATION), what, "a file in the folder", near))
        return None
    mapping, wrong = load(path / name, labelled(name), _data_files(path))
    problems += wrong
    return mapping


def _tables(
    path: Path, mapping: Mapping | None, broken: bool, labelled: Callable[[str], str], problems: list[Problem]
) -> dict[str, Path]:
    """The files that are tables themselves. Of a broken mapping it is not known which files it would have used."""
    files: dict[str, Path] = {}
    made = mapping.tables if mapping else {}
    for file in _data_files(path):
        label = labelled(file.name)
        if mapping and (file in mapping.files or (broken and file.stem not in TABLES)):
            continue
        if file.suffix.lower() not in FORMATS:
            problems.append(Problem(label, "the format is not read", "a file .csv, .parquet or .xlsx", "unpack it"))
        elif file.stem not in TABLES:
            hint = close_match(file.stem, TABLES) or "rename the file, or take it out of the folder"
            hint = f"{mapping.label} does not name it; name it there, or take it out of the folder" if mapping else hint
            problems.append(Problem(label, f"unknown table {file.stem!r}", f"one of {', '.join(TABLES)}", hint))
        elif file.stem in made and mapping:
            what = f"the table {file.stem} is there twice (also made by {mapping.label}, line {made[file.stem]})"
            problems.append(
                Problem(label, what, "a file of its own, or an entry of the mapping", "keep one of the two")
            )
        elif file.stem in files:
            what = f"the table {file.stem} is there twice (also {files[file.stem].name})"
            problems.append(Problem(label, what, "one file per table and folder", "keep one of the two"))
        else:
            files[file.stem] = file
    return files


def _missing_everywhere(folders: list[Folder]) -> list[Problem]:
    """Without centres and patients no row can be attributed; other tables may be missing."""
    present = {table for folder in folders for table in folder.supplied}
    return [
        Problem("extract", f"no folder holds the table {table}", f"a file {table}.csv, .parquet or .xlsx")
        for table in ("centres", "patients")
        if table not in present
    ]


def _files_expected() -> str:
    return f"files named <table>.csv, .parquet or .xlsx, where <table> is one of {', '.join(TABLES)}"


_FIELDS: dict[str, type] = {"centre": str, "extraction_date": date, "mapping": str, "tables": dict}
_TABLE_FIELDS: dict[str, type] = {"supplied": bool, "complete": bool, "from": date, "to": date}
_IN_WORDS = {str: "a text", date: "a date such as 2026-06-30, without quotes", dict: "a table", bool: "true or false"}


def _parse_declaration(path: Path, label: str, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        problems.append(Problem(label, "the file is not UTF-8", "a TOML file in UTF-8"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(label, f"this is not TOML: {error}", "a TOML file"))
    return {}


def _read_declaration(
    content: dict[str, Any], label: str, supplied: set[str], problems: list[Problem]
) -> dict[str, Any]:
    found = len(problems)
    _check_fields(content, _FIELDS, label, "", problems)
    tables = content.get("tables", {})
    for table, fields in tables.items() if isinstance(tables, dict) else ():
        if table not in TABLES:
            what = f"unknown table {table!r}"
            problems.append(Problem(label, what, f"one of {', '.join(TABLES)}", close_match(table, TABLES)))
        elif not isinstance(fields, dict):
            problems.append(Problem(label, f"tables.{table} is not a table", f"[tables.{table}]"))
        else:
            _check_fields(fields, _TABLE_FIELDS, label, f"tables.{table}.", problems)
            _check_supply(table, fields, supplied, label, problems)
    if len(problems) > found:
        return {}
    return {
        "centre": content.get("centre"),
        "extraction_date": content.get("extraction_date"),
        "tables": {
            table: TableDeclaration(
                fields.get("supplied"), fields.get("complete"), fields.get("from"), fields.get("to")
            )
            for table, fields in tables.items()
        },
    }


def _check_fields(
    content: dict[str, Any], allowed: dict[str, type], label: str, prefix: str, problems: list[Problem]
) -> None:
    for name, value in content.items():
        if name not in allowed:
            expected = f"one of {', '.join(allowed)}"
            problems.append(Problem(label, f"unknown entry {prefix}{name}", expected, close_match(name, allowed)))
        elif not isinstance(value, allowed[name]) or isinstance(value, datetime):
            problems.append(Problem(label, f"{prefix}{name} has the wrong type", _IN_WORDS[allowed[name]]))


def _check_supply(table: str, fields: dict[str, Any], there: set[str], label: str, problems: list[Problem]) -> None:
    start, end = fields.get("from"), fields.get("to")
    if isinstance(start, date) and isinstance(end, date) and start > end:
        problems.append(Problem(label, f"tables.{table}: from lies after to", "a period in order"))
    if fields.get("supplied") is True and table not in there:
        what = f"tables.{table} is declared as supplied, but there is no such file"
        problems.append(Problem(label, what, hint="add the file; a header alone says that there was nothing"))
    if fields.get("supplied") is False and table in there:
        what = f"tables.{table} is declared as not supplied, but the file is there"
        problems.append(Problem(label, what, hint="take the file away, or declare complete = false"))
