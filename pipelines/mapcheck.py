"""What a mapping would make of an extract, in counts: `osteoconcord map check`. Nothing is loaded into anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from .ingest.conversion import Converted
from .ingest.discovery import Folder, discover
from .ingest.mapping import Made, Opened, Origin, describe, make, open_sources
from .ingest.mapping.dates import words as date_words
from .ingest.mapping.describing import unknown_codes
from .ingest.mapping.units import sources
from .ingest.model import ExtractError, Problem


def explain(extracts: Sequence[Path]) -> dict[str, Any]:
    """The problems of the mappings of these extracts, and what each entry that can be used makes of each file."""
    folders, problems = discover(extracts)
    mapped = [folder for folder in folders if folder.mapping]
    if not mapped and not problems:
        shown = Path(extracts[0]).name if extracts else "extract"
        expected = "a file mapping.toml beside the files, or one that extract.toml names"
        raise ExtractError([Problem(shown, "no folder holds a mapping", expected, "docs/mapping.md describes it")])
    made = [found for folder in mapped for found in _explain_folder(folder, problems)]
    return {"problems": [str(problem) for problem in problems], "tables": made}


def _explain_folder(folder: Folder, problems: list[Problem]) -> list[dict[str, Any]]:
    assert folder.mapping is not None
    opened, wrong = open_sources(folder.mapping, folder.label)
    problems += wrong
    return [_explain(folder, made, source) for made, source in make(folder.mapping, opened)]


def _explain(folder: Folder, made: Made, source: Opened) -> dict[str, Any]:
    assert folder.mapping is not None
    converted = made.convert()
    rows = asdict(describe(folder.mapping, made, source, converted))
    del rows["unknown_codes"]  # told with their columns
    table = made.entry.table
    there = {origin.column.name for origin in made.entry.origins}
    return {
        "file": made.label,
        "table": table.name,
        **rows,
        "rows_made": converted.frame.height,
        "broken_lines": made.broken,
        "columns": [_explain_column(origin, made, converted) for origin in made.entry.origins],
        "missing_required": [column.name for column in table.columns if column.required and column.name not in there],
    }


def _explain_column(origin: Origin, made: Made, converted: Converted) -> dict[str, Any]:
    """How many cells of the source are filled, and how many of these the conversion understands."""
    name = origin.column.name
    filled = made.cells[name].is_not_null()
    failed = [finding.rows.cast(pl.UInt32) for finding in converted.findings if finding.column == name]
    bad = pl.concat(failed).n_unique() if failed else 0
    unknown = unknown_codes(made, converted, name)
    return {
        "column": name,
        "source": origin.words,
        "line": origin.line,
        "required": origin.column.required,
        "filled": int(filled.sum()),
        "converted": int(filled.sum()) - bad,
        "reading": _reading(origin),
        "unknown_codes": unknown.listed if unknown else {},
        "unknown_codes_hidden": unknown.hidden if unknown else 0,
    }


def _reading(origin: Origin) -> str:
    """What is done to the cells that a reader should know of."""
    if origin.form:
        return date_words(origin.form, origin.column)
    if origin.unit or origin.units:
        units = [(token, unit) for token, unit in origin.units.items()]
        if origin.unit:
            units.append(("", origin.unit))
        said = [f"{token} {unit.name} x {unit.times / unit.over:g}".strip() for token, unit in units]
        return "; ".join([", ".join(said), *sources(unit for _, unit in units)])
    if origin.system:
        return origin.system
    return f"{len(origin.codes)} codes" if origin.codes is not None else ""
