"""The accepted rows of a registry and what each centre supplied: all that scoring ever sees of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from validation.contract import TABLES

COVERAGE_SCHEMA: dict[str, pl.DataType] = {
    "centre_id": pl.String(),
    "table": pl.String(),
    "supplied": pl.Boolean(),
    "complete": pl.Boolean(),
    "from": pl.Date(),
    "to": pl.Date(),
    "extraction_date": pl.Date(),
}


HOLES_SCHEMA: dict[str, pl.DataType] = {"patient_id": pl.String(), "table": pl.String()}


@dataclass(frozen=True)
class Registry:
    """Contract tables with contract dtypes, and one coverage row per centre and table (see `COVERAGE_SCHEMA`).

    A table that is not given is taken as empty; whether it was supplied is what the coverage says. `holes` names the patients
    of whom a row of a table is in quarantine: what that table does not hold of them may have been done all the same.
    """

    tables: Mapping[str, pl.DataFrame]
    coverage: pl.DataFrame
    holes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HOLES_SCHEMA))

    def __post_init__(self) -> None:
        unknown = sorted(set(self.tables) - set(TABLES))
        if unknown:
            raise ValueError(f"not in the contract: {', '.join(unknown)}; the tables are {', '.join(TABLES)}")
        lacking = [c for c in COVERAGE_SCHEMA if c not in self.coverage.columns]
        if lacking:
            raise ValueError(f"the coverage frame lacks {', '.join(lacking)}")
        if self.coverage.select("centre_id", "table").is_duplicated().any():
            raise ValueError("the coverage frame has two rows for one centre and table; it must have one")

    def __getitem__(self, table: str) -> pl.DataFrame:
        frame = self.tables.get(table)
        return pl.DataFrame(schema=TABLES[table].schema) if frame is None else frame
