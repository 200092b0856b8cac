"""Deposits as they are kept: what a centre sent, in the types of the contract, with the file and the line of every row.

A folder per deposit: `deposit.json`, the rows of every file as Parquet, what did not convert in them, and two lists by
which the rows of a few patients are found: the patients, and the identifiers that their rows name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import polars as pl

from pipelines.ingest import Content, ExtractError, Problem, SourceFile, read_folder, rekeyed_content
from pipelines.ingest.discovery import TableDeclaration, discover_deposit
from validation.contract import TABLES, Table
from validation.quarantine import Finding, Part, Source, findings_in

from . import inbox
from .deletions import Deletion, read_deletions, rekeyed_deletion
from .errors import HomeError
from .inbox import Found
from .records import from_json, to_json
from .refusals import declaration_problems, own_centre

FACTS = "deposit.json"
FINDINGS = "findings.parquet"
PATIENTS = "patients.parquet"
IDENTIFIERS = "identifiers.parquet"
FINDINGS_SCHEMA: dict[str, pl.DataType] = {
    "part": pl.UInt32(),
    "finding": pl.UInt32(),
    "row": pl.UInt32(),
}
IDENTIFIERS_SCHEMA: dict[str, pl.DataType] = {
    "table": pl.Enum(list(TABLES)),
    "identifier": pl.String(),
    "patient_id": pl.String(),
}
"""That a row of this patient (null: a row without patient) is this one of this table, or refers to it."""


class DepositError(HomeError):
    """A deposit in the store is damaged or not there."""


@dataclass(frozen=True)
class Kept:
    """A file of a deposit: what was detected in it, and what did not convert (column, rule, what was expected)."""

    file: SourceFile
    findings: tuple[tuple[str | None, str, str], ...] = ()


@dataclass(frozen=True)
class Deposit:
    """What a centre sent at once. `withdraws` names the deposit that a withdrawal takes back.

    `checksums` holds the SHA-256 of every file beside deposit.json; `version` is that of the software that converted it.
    """

    centre: str
    name: str
    kind: Literal["full", "incremental", "withdrawal"]
    extraction_date: date
    fingerprint: str
    version: str
    withdraws: str | None = None
    supplied: tuple[str, ...] = ()
    tables: dict[str, TableDeclaration] = field(default_factory=dict)
    deletions: tuple[Deletion, ...] = ()
    kept: tuple[Kept, ...] = ()
    checksums: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name of its folder in the store: the same content under the same name is the same deposit."""
        mark = hashlib.sha256("\0".join((self.centre, self.name, self.fingerprint)).encode()).hexdigest()
        return f"{self.centre}.{self.extraction_date}.{mark[:12]}"

    @property
    def rows(self) -> dict[str, int]:
        """The rows of every table."""
        return {
            table: sum(kept.file.rows for kept in self.kept if kept.file.table == table)
            for table in TABLES
            if table in self.supplied
        }


def convert(found: Found, folder: Path, pseudonym_key: bytes | None = None) -> Deposit:
    """Read a deposit that the inbox holds and keep it in the folder; raise ExtractError, with all problems, if it cannot be."""
    label = f"{found.centre}/{found.name}"
    sent, problems = discover_deposit(found.path, label)
    if sent is None:
        raise ExtractError(problems)
    problems += declaration_problems(sent, found)
    content = read_folder(sent, problems)
    deletions = read_deletions(sent, problems)
    if not problems:
        problems += own_centre(sent, content)
    if inbox.fingerprint(found.path) != found.fingerprint:
        problems.append(Problem(label, "the deposit changed while it was read", hint="nothing; it is read again"))
    if problems or sent.extraction_date is None:
        raise ExtractError(problems)
    if pseudonym_key is not None:
        content = rekeyed_content(content, pseudonym_key)
        deletions = [rekeyed_deletion(deletion, pseudonym_key) for deletion in deletions]
    deposit = Deposit(
        centre=found.centre,
        name=found.name,
        kind=sent.kind,
        extraction_date=sent.extraction_date,
        fingerprint=found.fingerprint,
        version=version("osteoconcord"),
        withdraws=sent.withdraws,
        supplied=tuple(table for table in TABLES if table in sent.supplied),
        tables=sent.tables,
        deletions=tuple(deletions),
    )
    return write(folder, deposit, content)


# Writing


def write(folder: Path, deposit: Deposit, content: Content) -> Deposit:
    """Keep a deposit with this content in a new folder, and say what was kept."""
    folder.mkdir(parents=True)
    kept = []
    for number, (part, file) in enumerate(content):
        part.frame.with_columns(_line=part.lines).write_parquet(folder / _name(number, file.table))
        said = tuple((finding.column, finding.rule, finding.expectation) for finding in part.findings)
        kept.append(Kept(file, said))
    _findings(content).write_parquet(folder / FINDINGS)
    _patients(content).write_parquet(folder / PATIENTS)
    _identifiers(content).write_parquet(folder / IDENTIFIERS)
    checksums = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    deposit = replace(deposit, kept=tuple(kept), checksums=checksums)
    (folder / FACTS).write_text(json.dumps(to_json(deposit), ensure_ascii=False, indent=1), encoding="utf-8")
    return deposit


def _name(number: int, table: str) -> str:
    return f"{number:03}-{table}.parquet"


def _findings(content: Content) -> pl.DataFrame:
    frames = [
        finding.rows.cast(pl.UInt32).alias("row").to_frame().with_columns(part=pl.lit(number), finding=pl.lit(index))
        for number, (part, _) in enumerate(content)
        for index, finding in enumerate(part.findings)
    ]
    schema = pl.Schema(FINDINGS_SCHEMA)
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(schema.names()).cast(schema) for frame in frames)])


def _patients(content: Content) -> pl.DataFrame:
    """Every patient whom a row names; null among them where a row names none."""
    named = [part.frame["patient_id"].unique() for part, _ in content if "patient_id" in part.frame.columns]
    return pl.concat([pl.Series("patient_id", [], pl.String), *named]).unique().sort().to_frame()


def _identifiers(content: Content) -> pl.DataFrame:
    """Every identifier that a row bears or refers to, but those of patients and centres."""
    named = [
        part.frame.select(
            pl.lit(table).cast(IDENTIFIERS_SCHEMA["table"]).alias("table"), identifier=column, patient_id="patient_id"
        )
        for part, file in content
        for column, table in bearers(TABLES[file.table])
    ]
    every = pl.concat([pl.DataFrame(schema=IDENTIFIERS_SCHEMA), *named])
    return every.drop_nulls("identifier").unique().sort(pl.all())


def bearers(table: Table) -> list[tuple[str, str]]:
    """The columns of a table that hold its own key or that of another one, and whose key it is.

    Of a key of two columns both are such columns.
    """
    return [
        (column.name, column.parent[0] if column.parent else table.name)
        for column in table.columns
        if table.name not in ("centres", "patients")
        and ((column.is_key and len(table.key) == 1) or column.parent is not None)
        and (column.parent is None or column.parent[0] not in ("centres", "patients"))
    ]


# Reading


def load(folder: Path) -> Deposit:
    """The facts of a deposit in the store."""
    try:
        return from_json(Deposit, json.loads((folder / FACTS).read_text(encoding="utf-8")))
    except OSError as error:
        raise DepositError(f"{folder / FACTS} cannot be read: {error.strerror}. {_RESTORE}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DepositError(f"{folder / FACTS} is damaged ({type(error).__name__}). {_RESTORE}") from error


_RESTORE = "Restore the deposit from the backup, or have the centre send it again."


def read(folder: Path, only: pl.Series | None = None) -> Content:
    """The files of a deposit as they were converted; with `only`, the rows of these patients and those without patient."""
    deposit = load(folder)
    findings = _checked(folder, deposit, FINDINGS).collect()
    known = _checked(folder, deposit, PATIENTS).collect()["patient_id"] if only is not None else None
    none = known is not None and only is not None and not (known.is_null() | known.is_in(only.implode())).any()
    content: Content = []
    for number, kept in enumerate(deposit.kept):
        table = TABLES[kept.file.table]
        if none and "patient_id" in _schema(table.name):
            scan = pl.LazyFrame(schema=_schema(table.name) | {"_line": pl.Int64()})
        else:
            scan = _checked(folder, deposit, _name(number, table.name))
        part = _part(scan, table, deposit, kept, findings.filter(pl.col("part") == number), only)
        content.append((part, kept.file))
    return content


def _part(
    scan: pl.LazyFrame, table: Table, deposit: Deposit, kept: Kept, found: pl.DataFrame, only: pl.Series | None
) -> Part:
    rows = None
    if only is not None and "patient_id" in _schema(table.name):
        theirs = pl.col("patient_id").is_null() | pl.col("patient_id").is_in(only.implode())
        frame = scan.with_row_index("_row").filter(theirs).collect()
        rows = frame["_row"]
    else:
        frame = scan.collect()
    schema = _schema(table.name)
    if missing := sorted(set(schema) - set(frame.columns)):
        raise DepositError(
            f"{deposit.id}: kept by version {deposit.version} without the columns {', '.join(missing)} of {table.name}. "
            "Migrate the store."
        )
    findings = [
        Finding(found.filter(pl.col("finding") == index)["row"], *said) for index, said in enumerate(kept.findings)
    ]
    source = Source(kept.file.path, extraction_date=deposit.extraction_date)
    return Part(
        source,
        frame.select(schema.names()).cast(schema),
        frame["_line"],
        findings if rows is None else findings_in(findings, rows),
    )


@cache
def _schema(table: str) -> pl.Schema:
    return pl.Schema(TABLES[table].schema)


def patients(folder: Path, deposit: Deposit) -> pl.Series:
    """Every patient whom a row of the deposit names."""
    return _checked(folder, deposit, PATIENTS).collect()["patient_id"].drop_nulls()


def identifiers(folder: Path, deposit: Deposit) -> pl.DataFrame:
    """The identifiers that the rows of every patient bear or refer to (see `IDENTIFIERS_SCHEMA`)."""
    return _checked(folder, deposit, IDENTIFIERS).collect()


def damage(folder: Path) -> list[str]:
    """What is wrong with the files of a deposit in the store."""
    deposit = load(folder)
    wrong = []
    for name in deposit.checksums:
        try:
            _checked(folder, deposit, name)
        except DepositError as error:
            wrong.append(str(error))
    return wrong


def _checked(folder: Path, deposit: Deposit, name: str) -> pl.LazyFrame:
    """A file of the deposit, if it is still the one that was written."""
    path = folder / name
    try:
        found = _sha256(path)
    except OSError as error:
        raise DepositError(f"{path} cannot be read: {error.strerror}. {_RESTORE}") from error
    if found != deposit.checksums.get(name):
        raise DepositError(f"{path} is damaged: its checksum is not the one that was noted. {_RESTORE}")
    return pl.scan_parquet(path, glob=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
