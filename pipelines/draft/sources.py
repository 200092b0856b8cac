"""The files of an unknown extract, as columns of text. Only the first rows are read: a draft is checked by its reader."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.ingest import layout, packed
from pipelines.ingest.dialect import DATE_PATTERNS, decode
from pipelines.ingest.discovery import table_of
from pipelines.ingest.model import Problem, format_of
from pipelines.ingest.records import line_ends

MOST_ROWS = 20_000


@dataclass(frozen=True)
class Sheet:
    """A file, or a sheet of a workbook: how a mapping names it, and its cells as text, null where blank."""

    name: str
    label: str
    frame: pl.DataFrame
    cut: bool


def read_folder(folder: Path) -> tuple[list[Sheet], list[Problem]]:
    """Read every file of a folder that can be one of tables; what cannot be read is among the problems."""
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        form = format_of(path.name)
        if not path.is_file() or path.name.startswith((".", "~$", "__")) or form is None:
            continue
        data = packed.contents(path, path.read_bytes(), path.name)
        reader = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[form]
        found = data if isinstance(data, Problem) else reader(path, data)
        for sheet in [found] if isinstance(found, Sheet | Problem) else found:
            (problems if isinstance(sheet, Problem) else sheets).append(sheet)  # type: ignore[arg-type]
    return sheets, problems


def _csv(path: Path, data: bytes) -> Sheet | Problem:
    decoded = decode(data, path.name)
    if isinstance(decoded, Problem):
        return decoded
    text = line_ends(decoded[0])
    if not text.strip():
        return Problem(path.name, "the file is empty", "a header with the names of the columns")
    header = layout.find_header(text, ())
    for quote in ('"', None):
        try:
            frame = pl.read_csv(
                io.BytesIO(text),
                separator=header.separator,
                quote_char=quote,
                has_header=False,
                skip_rows=1,
                infer_schema=False,
                new_columns=[f"{place}" for place in range(len(header.names))],
                truncate_ragged_lines=True,
                n_rows=MOST_ROWS,
                raise_if_empty=False,
            )
            break
        except pl.exceptions.PolarsError:
            continue
    else:
        return Problem(path.name, "the file cannot be read as CSV", "fields quoted as a whole, or not at all")
    return _sheet(path.name, table_of(path.name), header.names, frame)


def _xlsx(path: Path, data: bytes) -> list[Sheet | Problem] | Problem:
    import fastexcel

    safe = packed.safe_workbook(data, path.name)
    if isinstance(safe, Problem):
        return safe
    try:
        workbook = fastexcel.read_excel(safe)
        names = workbook.sheet_names
        frames = [
            workbook.load_sheet(name, header_row=None, dtypes="string", skip_rows=0, n_rows=MOST_ROWS + 1).to_polars()
            for name in names
        ]
    except fastexcel.FastExcelError:
        return Problem(path.name, "this is not a readable xlsx workbook", "an Excel workbook (.xlsx)")
    sheets: list[Sheet | Problem] = []
    for name, cells in zip(names, frames, strict=True):
        cells = cells.select(column for column in cells if column.null_count() < cells.height)
        if not cells.height:
            continue
        alone = len(names) == 1
        header = [layout.tidy_name(cell) for cell in cells.row(0)]
        label = table_of(path.name) if alone else name
        sheets.append(_sheet(path.name if alone else f"{path.name}#{name}", label, header, cells[1:]))
    return sheets


def _parquet(path: Path, data: bytes) -> Sheet | Problem:
    try:
        frame = pl.read_parquet(data, n_rows=MOST_ROWS)
    except (pl.exceptions.PolarsError, OSError):
        return Problem(path.name, "this is not a readable Parquet file", "a Parquet file")
    texts = [
        column.alias("").cast(pl.List(pl.String)).list.join("|").alias(str(place))
        if isinstance(column.dtype, pl.List)
        else column.alias(str(place)).cast(pl.String)
        for place, column in enumerate(frame)
    ]
    return _sheet(path.name, table_of(path.name), frame.columns, pl.DataFrame(texts))


def _sheet(name: str, label: str, header: list[str], frame: pl.DataFrame) -> Sheet | Problem:
    if _is_data(header):
        # The cells are not shown: without a header they would be a patient's values.
        return Problem(
            name, "the first line looks like data, not like a header", "a line with the names of the columns"
        )
    places = [
        place for place, cell in enumerate(header) if cell and header.index(cell) == place and place < frame.width
    ]
    columns = [
        frame.to_series(place).alias("").str.strip_chars().replace("", None).alias(layout.literal(header[place]))
        for place in places
    ]  # blank and doubled names cannot be mapped
    return Sheet(name, label, pl.DataFrame(columns), frame.height >= MOST_ROWS)


def _is_data(header: list[str]) -> bool:
    """Whether a first line holds dates or long numbers, or numbers for the most part."""
    cells = pl.Series(header, dtype=pl.String).drop_nulls()
    looks = "|".join([*DATE_PATTERNS.values(), r"\d{6,}", r"\S+@\S+\.\w+"])
    numbers = int(cells.str.contains(r"^\s*[+-]?\d+([.,]\d+)?\s*$").sum())
    return bool(cells.str.contains(looks).any()) or 2 * numbers > len(cells)
