"""Find by experiment which columns can change a verdict: `python -m tests.made_needs`.

One column at a time is emptied in the registry of all case tables and in random registries, and everything is judged
again. A column matters for a measure when any verdict, or the option taken where there is a choice, comes out otherwise
or falls on another decision. Columns that the contract requires are emptied too, for they tell which tables a measure
needs; there every centre declares everything, lest the last event of any table, which ends the observation where nothing
else does, make each measure need each table. Writes scoring/needs.csv: rule_id, table, column, sorted.

A difference proves a need, none disproves it: what earlier runs on other random patients found stays in the file. After
the declaration of a measure has changed, take its lines out first.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from scoring import needs
from scoring.concordance import judge
from scoring.recommendations import RULES_BY_ID
from scoring.registry import COVERAGE_SCHEMA, Registry
from tests.cases_loader import cases
from tests.cases_loader import registry as registry_of_cases
from tests.random_registry import random_frames
from validation.contract import TABLES

FILE = Path(needs.__file__).parent / "needs.csv"
SEEDS = (1, 2)
PATIENTS = 500
LAST_DAY = date(2030, 1, 1)
KEYS = ["patient_id", "entity_id", "lesion_id", "index_date"]

Place = tuple[str, str]
COLUMNS: tuple[Place, ...] = tuple(
    (table.name, column.name)
    for table in TABLES.values()
    for column in table.columns
    if not column.is_key and not (column.required and column.parent)
)
"""All but identifiers without which a row is none."""


def everything(seeds: Sequence[int] = SEEDS, patients: int = PATIENTS) -> Registry:
    """The cases and the random patients as one registry; random centres are named apart for each seed."""
    parts = [registry_of_cases(cases())]
    for seed in seeds:
        frames, coverage = random_frames(seed, patients, centres=4)
        parts.append(_renamed(Registry(frames, coverage), f"random {seed} "))
    tables = {
        name: pl.concat([part[name].select(table.schema.keys()).cast(pl.Schema(table.schema)) for part in parts])
        for name, table in TABLES.items()
    }
    coverage = pl.concat(
        [part.coverage.select(COVERAGE_SCHEMA.keys()).cast(pl.Schema(COVERAGE_SCHEMA)) for part in parts]
    )
    return Registry(tables, coverage)


def _renamed(registry: Registry, prefix: str) -> Registry:
    """The registry with its centres named apart from all others."""
    tables = {name: registry[name].with_columns(_prefixed(registry[name], prefix)) for name in TABLES}
    return Registry(tables, registry.coverage.with_columns(_prefixed(registry.coverage, prefix)))


def _prefixed(frame: pl.DataFrame, prefix: str) -> list[pl.Expr]:
    return [(pl.lit(prefix) + pl.col(name)).alias(name) for name in frame.columns if name.endswith("centre_id")]


def digests(registry: Registry) -> dict[str, int]:
    """A number per rule that tells sets of verdicts apart, whatever their order: decision, status and option taken."""
    judged = judge(registry, retrospective=True)
    said = judged.codes.sort("code").select(pl.concat_str("status", "given", separator=" "))
    meaning = said.to_series().hash()
    found: dict[str, int] = {}
    for frame in judged.verdicts.values():
        keys = frame.select(KEYS).hash_rows()
        for rule in frame.columns:
            if rule in RULES_BY_ID:
                codes = frame[rule]
                found[rule] = pl.DataFrame([keys, meaning.gather(codes)]).filter(codes.is_not_null()).hash_rows().sum()
    return found


def declared(registry: Registry) -> Registry:
    """The registry as if every centre had supplied every table completely until one day."""
    sure = {"supplied": pl.lit(True), "complete": pl.lit(True), "from": pl.lit(None, pl.Date), "to": pl.lit(LAST_DAY)}
    return Registry(registry.tables, registry.coverage.with_columns(**sure), registry.holes)


def emptied(registry: Registry, place: Place) -> Registry:
    """The registry as if no centre had recorded the column."""
    table, column = place
    blank = registry[table].with_columns(pl.lit(None, TABLES[table][column].dtype).alias(column))
    return Registry({**registry.tables, table: blank}, registry.coverage, registry.holes)


def measured(registry: Registry, places: Sequence[Place] = COLUMNS) -> set[tuple[str, str, str]]:
    """(rule, table, column) of the columns that change a verdict of the rule."""
    required = {place for place in places if TABLES[place[0]][place[1]].required}
    optional = set(places) - required
    return _measured(registry, optional) | _measured(declared(registry), required)


def _measured(registry: Registry, places: Iterable[Place]) -> set[tuple[str, str, str]]:
    before = digests(registry)
    found = set()
    for place in sorted(places):
        after = digests(emptied(registry, place))
        found |= {(rule, *place) for rule in before if before[rule] != after[rule]}
    return found


def main() -> None:
    """Add to the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        earlier = {(rule, table, column) for rule, table, column in list(csv.reader(file))[1:] if rule in RULES_BY_ID}
    found = sorted(earlier | measured(everything()))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("rule_id", "table", "column"), *found])
    sys.stdout.write(f"{FILE.name}: {len(found)} lines, {len({rule for rule, *_ in found})} rules\n")


if __name__ == "__main__":
    main()
