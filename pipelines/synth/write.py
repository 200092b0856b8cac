"""Writing the cohort: a folder per centre, in one of two dialects and three formats, and the list of faults."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

import numpy as np
import polars as pl

from validation.contract import TABLES, Column

from .draw import EPOCH, EXTRACTION
from .network import COMPLETE_FROM, NOT_COMPLETE, Centre
from .planting import Planted, Planter

DIALECTS, FORMATS = ("fr", "iso"), ("csv", "parquet", "xlsx")
FROM = date(2022, 1, 1)


Text = tuple[int, str, str]
"""Row of the block, column, raw text of the cell."""
Listed = tuple[str, int, str, str, str, str]
"""File, line, table, column, rule, what was planted."""


class Writer(ABC):
    """Writes the tables of one centre, a block at a time."""

    first_line = 2

    def __init__(self, dialect: str, folder: Path) -> None:
        self.dialect, self.folder = dialect, folder
        self.rows: dict[str, int] = {}

    def next_line(self, table: str) -> int:
        """The line on which the next row of a table will stand."""
        return self.rows.get(table, 0) + self.first_line

    def append(self, table: str, frame: pl.DataFrame, texts: list[Text], ragged: list[int]) -> None:
        """Adds rows to the file of a table, with the cells and lines that only a file can hold."""
        self._add(table, frame, texts, ragged)
        self.rows[table] = self.rows.get(table, 0) + frame.height

    @abstractmethod
    def _add(self, table: str, frame: pl.DataFrame, texts: list[Text], ragged: list[int]) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Finishes every file."""


def write(
    parts: Iterable[tuple[Centre, dict[str, pl.DataFrame]]],
    *,
    dialect: str,
    format: str,
    faults: float,
    seed: int,
    out: Path,
) -> None:
    """Writes the cohort, given centre after centre, to a new or empty folder."""
    _check(dialect, format, faults, out)
    out.mkdir(parents=True, exist_ok=True)
    planter = Planter(format, dialect, faults) if faults > 0 else None
    listed: list[Listed] = []
    for centre, blocks in groupby(parts, key=lambda part: part[0]):
        folder = out / centre.id
        folder.mkdir()
        (folder / "extract.toml").write_text(_extract(centre), encoding="utf-8", newline="\n")
        with closing(WRITERS[format](dialect, folder)) as writer:
            for number, (_, tables) in enumerate(blocks):
                sent = _sent(centre, tables)
                rng = np.random.default_rng((seed, centre.number, number, crc32(b"faults")))
                planted = planter.plant(sent, rng) if planter else Planted(sent)
                listed += _append(writer, planted, f"{centre.id}/{{}}.{format}")
    _list_faults(out / "faults.csv", listed)


def _append(writer: Writer, planted: Planted, path: str) -> list[Listed]:
    """Writes a block, and says where in the files its faults lie."""
    listed = [
        (path.format(name), writer.next_line(name) + row, name, fault.column, fault.rule, fault.planted)
        for name, row, fault in planted.listed
    ]
    for name, frame in planted.tables.items():
        writer.append(name, frame, planted.texts.get(name, []), planted.ragged.get(name, []))
    return listed


def _check(dialect: str, format: str, faults: float, out: Path) -> None:
    problems = []
    if dialect not in DIALECTS:
        problems.append(f"dialect: {dialect!r} is not known; choose {' or '.join(DIALECTS)}")
    if format not in FORMATS:
        problems.append(f"format: {format!r} is not known; choose {', '.join(FORMATS)}")
    if not 0 <= faults <= 0.5:
        problems.append(f"faults: {faults} is not possible; give the share of rows to be hit, from 0 to 0.5")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        problems.append(f"out: {out} exists and is not an empty folder; give a new one")
    if problems:
        raise ValueError("; ".join(problems))


def _sent(centre: Centre, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What the centre sends: not the tables it does not keep, and not the rows that its coverage leaves out."""
    sent = {name: frame for name, frame in tables.items() if name != centre.not_supplied}
    partial = NOT_COMPLETE.get(centre.number)
    if partial:
        sent[partial] = sent[partial].with_row_index("i").filter(pl.col("i") % 3 != 0).drop("i")
    since = COMPLETE_FROM.get(centre.number)
    if since:
        sent[since] = sent[since].filter(pl.col("date") >= FROM)
    return sent


def _extract(centre: Centre) -> str:
    day = date.fromordinal(EPOCH.toordinal() + EXTRACTION)
    lines = [f'centre = "{centre.id}"', f"extraction_date = {day.isoformat()}"]
    if centre.not_supplied:
        lines += ["", f"[tables.{centre.not_supplied}]", "supplied = false"]
    if centre.number in NOT_COMPLETE:
        lines += ["", f"[tables.{NOT_COMPLETE[centre.number]}]", "complete = false"]
    if centre.number in COMPLETE_FROM:
        lines += [
            "",
            f"[tables.{COMPLETE_FROM[centre.number]}]",
            f"from = {FROM.isoformat()}",
            f"to = {day.isoformat()}",
        ]
    return "\n".join(lines) + "\n"


def _list_faults(path: Path, listed: list[Listed]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "line", "table", "column", "rule", "planted"))
        writer.writerows(sorted(listed))


def as_text(table: str, frame: pl.DataFrame, dialect: str) -> pl.DataFrame:
    """Every cell as the dialect writes it."""
    return frame.select(_text(column, dialect).alias(column.name) for column in TABLES[table].columns)


def _text(column: Column, dialect: str) -> pl.Expr:
    cell, french = pl.col(column.name), dialect == "fr"
    match column.kind:
        case "date":
            return cell.dt.to_string("%d/%m/%Y" if french else "%Y-%m-%d")
        case "bool":
            yes, no = ("OUI", "NON") if french else ("true", "false")
            return pl.when(cell).then(pl.lit(yes)).when(~cell).then(pl.lit(no))
        case "enum":
            return _labelled(cell, column) if french else cell.cast(pl.String)
        case "set":
            texts = cell.cast(pl.List(pl.String))
            labelled = texts.list.eval(pl.element().replace(column.tokens)) if french and column.tokens else texts
            return labelled.list.join("|")
        case "float":
            text = cell.cast(pl.String).str.strip_suffix(".0")
            return text.str.replace(".", ",", literal=True) if french else text
        case _:
            return cell.cast(pl.String)


def _labelled(cell: pl.Expr, column: Column) -> pl.Expr:
    labels = pl.Series(list((column.tokens or {}).values()), dtype=pl.String)
    return pl.lit(labels).gather(cell.to_physical())


def _with_texts(frame: pl.DataFrame, texts: list[Text]) -> pl.DataFrame:
    for column in {column for _, column, _ in texts}:
        rows = [(row, text) for row, name, text in texts if name == column]
        changed = frame[column].scatter([row for row, _ in rows], pl.Series([text for _, text in rows]))
        frame = frame.with_columns(changed.alias(column))
    return frame


class CsvWriter(Writer):
    """French: cp1252, semicolons, decimal comma, CRLF. ISO: UTF-8, commas, LF."""

    def __init__(self, dialect: str, folder: Path) -> None:
        super().__init__(dialect, folder)
        self.separator, self.end, self.encoding = (";", "\r\n", "cp1252") if dialect == "fr" else (",", "\n", "utf-8")
        self.files: dict[str, BinaryIO] = {}

    def _add(self, table: str, frame: pl.DataFrame, texts: list[Text], ragged: list[int]) -> None:
        new = table not in self.files
        if new:
            self.files[table] = (self.folder / f"{table}.csv").open("wb")
        buffer = io.BytesIO()
        text = _with_texts(as_text(table, frame, self.dialect), texts)
        text.write_csv(buffer, separator=self.separator, line_terminator=self.end, include_header=new)
        content = buffer.getvalue()
        if ragged:
            content = self._ragged(content, [row + new for row in ragged])
        if self.dialect == "fr":
            content = content.decode("utf-8").encode("cp1252")
        self.files[table].write(content)

    def _ragged(self, content: bytes, lines: list[int]) -> bytes:
        """Every other line loses its last field, the others gain one."""
        all_lines = content.split(self.end.encode())
        for place, line in enumerate(lines):
            if place % 2:
                all_lines[line] += f"{self.separator}?".encode()
            else:
                all_lines[line] = all_lines[line].rpartition(self.separator.encode())[0]
        return self.end.encode().join(all_lines)

    def close(self) -> None:
        """Finishes every file."""
        for file in self.files.values():
            file.close()


PHYSICAL: dict[str, pl.DataType] = {"set": pl.List(pl.String()), "enum": pl.String()}
"""How Parquet holds tokens."""


class ParquetWriter(Writer):
    """Typed, and so the same in both dialects: dates, numbers, booleans, tokens as strings, sets as lists."""

    first_line = 1

    def __init__(self, dialect: str, folder: Path) -> None:
        super().__init__(dialect, folder)
        self.files: dict[str, Any] = {}

    def _add(self, table: str, frame: pl.DataFrame, texts: list[Text], ragged: list[int]) -> None:
        import pyarrow.parquet as pq

        physical = frame.select(
            pl.col(column.name).cast(PHYSICAL.get(column.kind, column.dtype)) for column in TABLES[table].columns
        )
        arrow = _with_texts(physical, texts).to_arrow()
        if table not in self.files:
            self.files[table] = pq.ParquetWriter(self.folder / f"{table}.parquet", arrow.schema, compression="zstd")
        self.files[table].write_table(arrow)

    def close(self) -> None:
        """Finishes every file."""
        for file in self.files.values():
            file.close()


class XlsxWriter(Writer):
    """One workbook per table: dates and numbers are real ones, tokens and booleans follow the dialect."""

    def __init__(self, dialect: str, folder: Path) -> None:
        super().__init__(dialect, folder)
        self.blocks: dict[str, tuple[list[pl.DataFrame], dict[tuple[int, str], str]]] = {}

    def _add(self, table: str, frame: pl.DataFrame, texts: list[Text], ragged: list[int]) -> None:
        # A workbook is written at the end, when all the rows are known.
        frames, cells = self.blocks.setdefault(table, ([], {}))
        start = sum(part.height for part in frames)
        cells.update({(start + row, column): text for row, column, text in texts})
        frames.append(frame)

    def close(self) -> None:
        """Finishes every file."""
        for table, (frames, texts) in self.blocks.items():
            self._workbook(table, pl.concat(frames), texts)

    def _workbook(self, table: str, frame: pl.DataFrame, texts: dict[tuple[int, str], str]) -> None:
        import xlsxwriter

        book = xlsxwriter.Workbook(
            self.folder / f"{table}.xlsx", {"constant_memory": True, "strings_to_formulas": False}
        )
        book.set_properties({"created": datetime(2026, 6, 30)})
        sheet, day = book.add_worksheet(table), book.add_format({"num_format": "yyyy-mm-dd"})
        columns = TABLES[table].columns
        native = frame.select(
            pl.col(c.name)
            if c.kind in ("date", "int", "float") or (c.kind == "bool" and self.dialect == "iso")
            else _text(c, self.dialect).alias(c.name)
            for c in columns
        )
        sheet.write_row(0, 0, frame.columns)
        for row, values in enumerate(native.iter_rows()):
            for place, value in enumerate(values):
                name = columns[place].name
                if (row, name) in texts:
                    sheet.write_string(row + 1, place, texts[row, name])
                elif isinstance(value, date):
                    sheet.write_datetime(row + 1, place, value, day)
                elif value is not None:
                    sheet.write(row + 1, place, value)
        book.close()


WRITERS: dict[str, type[Writer]] = {"csv": CsvWriter, "parquet": ParquetWriter, "xlsx": XlsxWriter}
