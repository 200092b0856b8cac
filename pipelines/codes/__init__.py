"""Code systems: the codes of registries to the tokens of the contract.

Each system is a CSV file beside this one: a code (or the beginning of codes, `C34*`), for drugs perhaps a strength, the
token it stands for, its sources (sources.py), and whether it is active. A code that is not listed, or not active, has
no token: it is counted and handed back with the reason, never guessed.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files

import polars as pl

UNKNOWN_SCHEMA = {"code": pl.String, "reason": pl.String, "rows": pl.UInt32}
"""The columns of what could not be translated."""


class UnknownSystem(ValueError):
    """A code system that was asked for is not shipped."""


@dataclass(frozen=True)
class Code:
    """One row of a system. `code` ends in `*` where it stands for all codes that begin so."""

    code: str
    strength_mg: float | None
    token: str | None
    active: bool
    label: str
    source: str
    note: str

    @cached_property
    def stem(self) -> str:
        """The code as it is compared."""
        return tidy(self.code.rstrip("*"))

    @property
    def is_group(self) -> bool:
        """Whether the row stands for all codes that begin like this."""
        return self.code.endswith("*")


@dataclass(frozen=True)
class System:
    """A code system: the column of the contract that it yields, and what its codes look like once they are tidied."""

    name: str
    table: str
    column: str
    form: str
    codes: tuple[Code, ...]

    def reason(self, code: str, strength: float | None) -> tuple[str | None, str | None]:
        """The token of a tidied code, or else the reason why it has none."""
        rows = self._rows(code)
        if not rows:
            return None, "not in this code system"
        if rows[0].strength_mg is not None:
            known = ", ".join(f"{row.strength_mg:g}" for row in rows)
            rows = [row for row in rows if row.strength_mg == strength]
            if not rows:
                missing = "no strength is given" if strength is None else "another strength"
                return None, f"{missing}; products of {known} mg are told apart"
        row = rows[0]
        return (row.token, None) if row.active else (None, f"not active: {row.note}")

    def lists(self, code: str) -> bool:
        """Whether a tidied code is listed, active or not."""
        return bool(self._rows(code))

    def _rows(self, code: str) -> list[Code]:
        """The rows of exactly this code, else of the longest beginning."""
        if code in self._exact:
            return self._exact[code]
        begins = next((code[:end] for end in range(len(code), 0, -1) if code[:end] in self._groups), None)
        return [self._groups[begins]] if begins else []

    @cached_property
    def _exact(self) -> dict[str, list[Code]]:
        exact: dict[str, list[Code]] = {}
        for row in self.codes:
            if not row.is_group:
                exact.setdefault(row.stem, []).append(row)
        return exact

    @cached_property
    def _groups(self) -> dict[str, Code]:
        return {row.stem: row for row in self.codes if row.is_group}


_DECLARED = {
    "icd-10": ("primary_tumours", "primary_site", r"[A-Z]\d{2}[0-9X]{0,2}"),
    "icd-o-3-topography": ("primary_tumours", "primary_site", r"C\d{2}\d?"),
    "icd-o-3-topography-bone": ("bone_lesions", "bone", r"C\d{3}"),
    "icd-o-3-morphology": ("primary_tumours", "histology", r"\d{5}"),
    "atc-administered": ("drug_administrations", "drug", r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
    "atc-prescribed": ("drug_prescriptions", "drug", r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
    "ccam-technique": ("procedures", "technique", r"[A-Z]{4}\d{3}"),
    "ccam-category": ("procedures", "category", r"[A-Z]{4}\d{3}"),
    "ccam-radiotherapy": ("radiotherapy_courses", "technique", r"[A-Z]{4}\d{3}"),
}
SYSTEMS = tuple(_DECLARED)
"""The names of the code systems, as a mapping file gives them."""

NOT_A_CODE = "(not a code)"
"""Stands in what is handed back for cells that do not look like a code of the system: they may hold anything."""


@cache
def load(name: str) -> System:
    """A code system by its name; raises UnknownSystem."""
    if name not in _DECLARED:
        close = get_close_matches(name.lower(), SYSTEMS, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnknownSystem(f"There is no code system {name!r}.{hint} Code systems: {', '.join(SYSTEMS)}.")
    table, column, form = _DECLARED[name]
    text = files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return System(name, table, column, form, tuple(_code(row) for row in csv.DictReader(text.splitlines())))


def _code(row: dict[str, str]) -> Code:
    strength = float(row["strength_mg"]) if row["strength_mg"] else None
    active = row["active"] == "true"
    return Code(row["code"], strength, row["token"] or None, active, row["label"], row["source"], row["note"])


def translate(system: str, cells: pl.Series, strength: pl.Series | None = None) -> tuple[pl.Series, pl.DataFrame]:
    """The tokens of the codes in a column, and what could not be translated: code, reason, number of rows.

    Case, dots, slashes and blanks in codes are tolerated. `strength` is the strength of the product in mg ("120 mg"),
    which some codes need. Only cells that look like codes are handed back as they are.
    """
    codes = load(system)
    written = cells.cast(pl.String).alias("cell")
    frame = pl.DataFrame([written, _strengths(strength, len(cells))]).with_row_index("row")
    distinct = frame.select("cell", "strength").unique().filter(pl.col("cell").str.strip_chars() != "")
    found = pl.DataFrame(
        [(cell, mg, *_look_up(codes, cell, mg)) for cell, mg in distinct.iter_rows()],
        schema={"cell": pl.String, "strength": pl.Float64, "token": pl.String, "code": pl.String, "reason": pl.String},
        orient="row",
    )
    joined = frame.join(found, on=["cell", "strength"], how="left", nulls_equal=True).sort("row")
    unknown = joined.filter(pl.col("reason").is_not_null()).group_by("code", "reason").agg(rows=pl.len())
    return joined["token"].alias(cells.name), unknown.sort("code", "reason").cast(UNKNOWN_SCHEMA)  # type: ignore[arg-type]


def tidy(cell: str) -> str:
    """A code as it is compared: capitals and digits alone, without the M before a morphology."""
    code = re.sub(r"[\s./]", "", cell.upper())
    return re.sub(r"^M-?(?=\d{5}$)", "", code)


def _look_up(codes: System, cell: str, strength: float | None) -> tuple[str | None, str, str | None]:
    code = tidy(cell)
    if not re.fullmatch(codes.form, code):
        return None, NOT_A_CODE, f"does not look like a code of {codes.name}"
    token, reason = codes.reason(code, strength)
    return token, code, reason


def _strengths(strength: pl.Series | None, height: int) -> pl.Series:
    """Strengths in mg; null where a cell says anything but a number of milligrams, perhaps per volume."""
    if strength is None:
        return pl.Series("strength", [None], dtype=pl.Float64).new_from_index(0, height)
    written = strength.cast(pl.String).str.strip_chars().str.to_lowercase()
    number = written.str.extract(r"^(\d+(?:[.,]\d+)?)\s*(?:mg(?:\s*/.*)?)?$", 1).str.replace(",", ".", literal=True)
    return number.cast(pl.Float64).alias("strength")


def rows(name: str | None = None) -> list[dict[str, object]]:
    """Every code of one system, or of all, for people and programs."""
    chosen = [load(name)] if name else [load(each) for each in SYSTEMS]
    return [
        {
            "system": codes.name,
            "yields": f"{codes.table}.{codes.column}",
            "code": code.code,
            "strength_mg": code.strength_mg,
            "token": code.token,
            "active": code.active,
            "label": code.label,
            "source": code.source,
            "note": code.note,
        }
        for codes in chosen
        for code in codes.codes
    ]
