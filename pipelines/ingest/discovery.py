"""Which files of an extract are tables, and what its extract.toml declares."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from validation.contract import TABLES

from . import packed
from .mapping import MAPPING, Mapping, clashes, load
from .model import Problem, close_match, format_of
from .packed import Location, shown

DECLARATION = "extract.toml"
DELETIONS = "deletions.csv"
IGNORED_FILES = {"faults.csv", DELETIONS}
KINDS = ("full", "incremental", "withdrawal")
"""What a folder holds: all rows of its centre; those that are new, changed or deleted since; nothing, but takes back."""
_ENDINGS = "a file .csv, .parquet or .xlsx, also packed as .gz or .zip"


@dataclass(frozen=True)
class TableDeclaration:
    """What extract.toml says about one table; None where it says nothing."""

    supplied: bool | None = None
    complete: bool | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Folder:
    """One folder of tables, and what its extract.toml says of it. `withdraws` names what a withdrawal takes back."""

    name: str
    files: dict[str, Location]
    centre: str | None = None
    extraction_date: date | None = None
    tables: dict[str, TableDeclaration] = field(default_factory=dict)
    mapping: Mapping | None = None
    kind: Literal["full", "incremental", "withdrawal"] = "full"
    withdraws: str | None = None
    deletions: Location | None = None

    @property
    def supplied(self) -> set[str]:
        """The tables that files hold or that the mapping makes."""
        return set(self.files) | set(self.mapping.tables if self.mapping else ())

    def label(self, path: Location) -> str:
        """The path of a file relative to the extract."""
        return _label(self.name, path)


def table_of(name: str) -> str:
    """The name of the table that a file name stands for."""
    return Path(name[: -len(".gz")] if name.lower().endswith(".gz") else name).stem


def _label(name: str, path: Location) -> str:
    """The names of folder, zip (if the folder does not lie in it) and file."""
    archive = packed.archive_of(path)
    parts = [name, archive if archive not in name.split("/") else "", shown(path.name)]
    return "/".join(part for part in parts if part)


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
        prefix = shown(path.resolve().name) if len(paths) > 1 else ""
        try:
            for folder, name in _folders_of_tables(*_opened(path, prefix, problems), problems):
                folders.append(_read_folder(folder, name, path, problems))
        except OSError as error:
            problems.append(Problem(prefix or path.name, f"the folder cannot be opened: {error.strerror}"))
    problems += [problem for folder in folders for problem in _not_in_full(folder)]
    if not problems:
        problems += _missing_everywhere(folders)
    problems += clashes([folder.mapping for folder in folders if folder.mapping])
    return folders, problems


def discover_deposit(path: Path, name: str) -> tuple[Folder | None, list[Problem]]:
    """The one folder of a deposit, of whatever kind, under this name. It may hold no table: a withdrawal does not."""
    problems: list[Problem] = []
    try:
        root, _ = _opened(path, name, problems)
        if root is not None and root.is_dir() and not _data_files(root) and (root / DECLARATION).is_file():
            found = [(root, name)]
        else:
            found = _folders_of_tables(root, name, problems)
        folders = [_read_folder(location, under, path, problems) for location, under in found]
    except OSError as error:
        problems.append(Problem(name, f"the folder cannot be opened: {error.strerror}"))
        return None, problems
    if len(folders) > 1:
        hint = "make a deposit of each folder"
        problems.append(Problem(name, f"it holds {len(folders)} folders of tables", "one folder of tables", hint))
    return (folders[0] if len(folders) == 1 else None), problems


def _not_in_full(folder: Folder) -> list[Problem]:
    """A problem if the folder is but a part of what its centre has: it says nothing without the deposits before it."""
    expected = "extracts that hold all rows of their centre"
    hint = "put it into the inbox of the nightly runs, where it is joined with what the centre deposited before"
    label = folder.label(Path(DECLARATION))
    if folder.kind != "full":
        return [Problem(label, f"this is no whole extract: its kind is {folder.kind!r}", expected, hint)]
    if folder.deletions is not None:
        return [Problem(folder.label(folder.deletions), "a whole extract has no deletions", expected, hint)]
    return []


def _opened(path: Path, prefix: str, problems: list[Problem]) -> tuple[Location | None, str]:
    """The folder to look into: of a zip its root, or the one folder that it holds."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        return path, prefix
    name = shown(path.name)
    root = packed.open_zip(path, name)
    if isinstance(root, list):
        problems += root
        return None, name
    entries = [entry for entry in _entries(root) if not _is_hidden(entry)]
    return (entries[0] if len(entries) == 1 and entries[0].is_dir() else root), name


def _entries(folder: Location) -> list[Location]:
    entries: Iterable[Location] = folder.iterdir()
    return sorted(entries, key=lambda entry: entry.name)


def _folders_of_tables(path: Location | None, prefix: str, problems: list[Problem]) -> list[tuple[Location, str]]:
    if path is None:
        return []
    shown_name = prefix or shown(path.name) or str(path)
    expected = "a folder of table files, or a folder of such folders, or a zip of one"
    if isinstance(path, Path) and not path.exists():
        problems.append(Problem(shown_name, "the folder does not exist", expected))
        return []
    if not path.is_dir():
        problems.append(Problem(shown_name, "this is a file, not a folder", expected, "give the folder that holds it"))
        return []
    subfolders = [sub for sub in _entries(path) if sub.is_dir() and not _is_hidden(sub)]
    if _data_files(path):
        mixed = [shown(sub.name) for sub in subfolders if _data_files(sub)]
        if mixed:
            problems.append(Problem(shown_name, f"tables lie both here and in {', '.join(mixed)}", expected))
        return [(path, prefix)]
    for sub in subfolders:
        if not _data_files(sub):
            name = f"{prefix}/{shown(sub.name)}".strip("/")
            problems.append(Problem(name, "the folder holds no table", _files_expected()))
    if not subfolders:
        problems.append(Problem(shown_name, "the folder holds no table", _files_expected()))
    return [(sub, f"{prefix}/{shown(sub.name)}".strip("/")) for sub in subfolders if _data_files(sub)]


def _is_hidden(path: Location) -> bool:
    return path.name.startswith((".", "~$", "__"))


def _data_files(folder: Location) -> list[Location]:
    """Files that are tables, or that look as if they were meant to be."""
    return [
        path
        for path in _entries(folder)
        if (path.is_file() or _leads_nowhere(path))
        and not _is_hidden(path)
        and path.name.lower() not in IGNORED_FILES
        and not path.name.upper().startswith("README")
        and (format_of(path.name) or path.suffix.lower() == ".zip" or path.name.split(".")[0].lower() in TABLES)
        and path.suffix.lower() not in (".md", ".txt")
    ]


def _read_folder(path: Location, name: str, extract: Path, problems: list[Problem]) -> Folder:
    if problem := _link_problem(path, name or shown(path.name), extract):
        problems.append(problem)
        return Folder(name=name, files={})
    declaration = path / DECLARATION
    label = _label(name, declaration)
    content: dict[str, Any] = {}
    if problem := _link_problem(declaration, label, extract):
        problems.append(problem)
    elif declaration.exists():
        content = _parse_declaration(declaration, label, problems)
    found = len(problems)
    data = _unlinked_files(path, name, extract, problems)
    mapping = _mapping(path, content, name, extract, data, problems)
    files = _tables(data, name, mapping, len(problems) > found, problems)
    supplied = set(files) | set(mapping.tables if mapping else ())
    declared = _read_declaration(content, label, supplied, problems)
    deletions = path / DELETIONS
    if problem := _link_problem(deletions, _label(name, deletions), extract):
        problems.append(problem)
    there = deletions if deletions.is_file() else None
    return Folder(name=name, files=files, mapping=mapping, deletions=there, **declared)


def _unlinked_files(path: Location, name: str, extract: Path, problems: list[Problem]) -> list[Location]:
    """The files with data, those that lie alone in a zip out of it; links out of the extract are told and left out."""
    files: list[Location] = []
    for found in _data_files(path):
        file = _member_of(found, _label(name, found), problems) if found.suffix.lower() == ".zip" else found
        if file is None:
            continue
        if problem := _link_problem(file, _label(name, file), extract):
            problems.append(problem)
        else:
            files.append(file)
    return files


def _mapping(
    path: Location, content: dict[str, Any], folder: str, extract: Path, data: list[Location], problems: list[Problem]
) -> Mapping | None:
    """The mapping of the folder, if it has one."""
    declaration = _label(folder, path / DECLARATION)
    named = content.get("mapping")
    name = named if isinstance(named, str) else MAPPING
    if name != Path(name).name or "\\" in name or "\0" in name:
        what = "mapping is no name of a file: a path is not allowed"
        problems.append(Problem(declaration, what, "the name of a file in the folder"))
        return None
    file = path / name
    if problem := _link_problem(file, _label(folder, file), extract):
        problems.append(problem)
        return None
    if not file.is_file():
        if named is not None:
            what = f"the mapping {name[:60]!r} is not there"
            near = close_match(name, [entry.name for entry in _entries(path) if entry.suffix == ".toml"])
            problems.append(Problem(declaration, what, "a file in the folder", near))
        return None
    mapping, wrong = load(file, _label(folder, file), data)
    problems += wrong
    return mapping


def _tables(
    data: list[Location], folder: str, mapping: Mapping | None, broken: bool, problems: list[Problem]
) -> dict[str, Location]:
    """The files that are tables themselves. Of a broken mapping it is not known which files it would have used."""
    files: dict[str, Location] = {}
    made = mapping.tables if mapping else {}
    used = mapping.files if mapping else set()
    for file in data:
        label, table = _label(folder, file), table_of(file.name)
        if mapping and (file in used or (broken and table not in TABLES)):
            continue
        if format_of(file.name) is None:
            problems.append(Problem(label, "the format is not read", _ENDINGS, "unpack it, or export it again"))
        elif table not in TABLES:
            hint = close_match(table, TABLES) or "rename the file, or take it out of the folder"
            hint = f"{mapping.label} does not name it; name it there, or take it out of the folder" if mapping else hint
            problems.append(Problem(label, f"unknown table {table!r}", f"one of {', '.join(TABLES)}", hint))
        elif table in made and mapping:
            what = f"the table {table} is there twice (also made by {mapping.label}, line {made[table]})"
            problems.append(
                Problem(label, what, "a file of its own, or an entry of the mapping", "keep one of the two")
            )
        elif table in files:
            what = f"the table {table} is there twice (also {shown(files[table].name)})"
            problems.append(Problem(label, what, "one file per table and folder", "keep one of the two"))
        else:
            files[table] = file
    return files


def _member_of(path: Location, label: str, problems: list[Problem]) -> Location | None:
    """The one file that a zip among the tables holds."""
    if packed.is_inside(path):
        problems.append(Problem(label, "a zip within a zip is not read", _ENDINGS, "unpack it"))
        return None
    root = packed.open_zip(path, label)
    if isinstance(root, list):
        problems += root
        return None
    members = [entry for entry in _entries(root) if not _is_hidden(entry)]
    if len(members) != 1 or not members[0].is_file():
        what = f"the zip holds {len(members)} entries"
        hint = "give a zip of a whole extract by itself, not in a folder of tables"
        problems.append(Problem(label, what, "a zip of one table", hint))
        return None
    return members[0]


def _leads_nowhere(path: Location) -> bool:
    return isinstance(path, Path) and path.is_symlink() and not path.exists()


def _link_problem(path: Location, label: str, extract: Path) -> Problem | None:
    """A link that leads nowhere or out of the extract; links within it are followed."""
    if not isinstance(path, Path) or not path.is_symlink() or path == extract:
        return None
    if _leads_nowhere(path):
        return Problem(label, "this link leads nowhere", "a file", "put the file itself here")
    if path.resolve().is_relative_to(extract.resolve()):
        return None
    hint = "put the file itself here, or give its folder as the extract"
    return Problem(label, "this link leads out of the extract", "files that lie in the extract", hint)


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


_FIELDS: dict[str, type] = {
    "centre": str,
    "extraction_date": date,
    "kind": str,
    "withdraws": str,
    "mapping": str,
    "tables": dict,
}
_TABLE_FIELDS: dict[str, type] = {"supplied": bool, "complete": bool, "from": date, "to": date}
_IN_WORDS = {str: "a text", date: "a date such as 2026-06-30, without quotes", dict: "a table", bool: "true or false"}


def _parse_declaration(path: Location, label: str, problems: list[Problem]) -> dict[str, Any]:
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
    kind = content.get("kind", "full")
    if isinstance(kind, str) and kind not in KINDS:
        what = f"unknown kind {shown(kind)[:60]!r}"
        problems.append(Problem(label, what, f"one of {', '.join(KINDS)}", close_match(kind, KINDS)))
    elif (kind == "withdrawal") != ("withdraws" in content):
        what = "withdraws is missing" if kind == "withdrawal" else "withdraws is there, but the kind is no withdrawal"
        expected = 'kind = "withdrawal" and withdraws = "<name of the deposit>", or neither'
        problems.append(Problem(label, what, expected))
    if len(problems) > found:
        return {}
    return {
        "kind": kind,
        "withdraws": content.get("withdraws"),
        "centre": unicodedata.normalize("NFC", content["centre"]) if "centre" in content else None,
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
