"""A random registry and the same one some days later: rows came, changed and went, patients too, and cuts moved on."""

from __future__ import annotations

import random
from datetime import timedelta

import polars as pl

from scoring.context import MAIN_DATE
from scoring.registry import HOLES_SCHEMA, Registry
from tests.random_registry import frames_of, random_holes, random_registry
from validation.contract import TABLES

OF_PATIENTS = [name for name, table in TABLES.items() if "patient_id" in table.schema]

PARENTS = ("patients", "bone_lesions", "imaging_exams", "procedures")


def registry_of(seed: int, patients: int) -> Registry:
    tables, declared = random_registry(seed, patients)
    holes = pl.DataFrame(random_holes(seed, tables), schema=HOLES_SCHEMA, orient="row")
    return Registry(*frames_of(tables, declared), holes)


def cut_short(registry: Registry, draw: random.Random) -> Registry:
    """Most tables are complete up to a day in the middle of what happened, as in a registry that goes on."""
    days = registry["imaging_exams"]["date"].drop_nulls().sort()
    cuts = {centre: days[draw.randrange(len(days) // 4, len(days))] for centre in registry["centres"]["centre_id"]}
    coverage = registry.coverage.with_columns(
        extraction_date=pl.col("centre_id").replace_strict(cuts, return_dtype=pl.Date)
    )
    return Registry(registry.tables, coverage, registry.holes)


def with_rows(registry: Registry, tables: dict[str, pl.DataFrame]) -> Registry:
    """The registry with other rows in some tables, in the order of the intake."""
    ordered = {name: rows.sort(TABLES[name].key or rows.columns, maintain_order=True) for name, rows in tables.items()}
    return Registry({**registry.tables, **ordered}, registry.coverage, registry.holes)


def without(registry: Registry, patients: list[str]) -> Registry:
    kept = ~pl.col("patient_id").is_in(patients)
    rows = {name: registry[name].filter(kept) for name in OF_PATIENTS}
    return Registry({**registry.tables, **rows}, registry.coverage, registry.holes.filter(kept))


def moved_on(registry: Registry, draw: random.Random, at_most: int = 400) -> Registry:
    """The first centre declares its tables complete to a later day; each of the others too, or to the same one."""
    first, *others = registry["centres"]["centre_id"]
    days = {centre: draw.choice([0, 1, draw.randint(1, at_most)]) for centre in others}
    days[first] = draw.randint(30, at_most)
    later = pl.duration(days=pl.col("centre_id").replace_strict(days, return_dtype=pl.Int64))
    coverage = registry.coverage.with_columns((pl.col(day) + later).cast(pl.Date) for day in ("to", "extraction_date"))
    return Registry(registry.tables, coverage, registry.holes)


def changed(registry: Registry, draw: random.Random, patients: list[str]) -> Registry:
    """Rows of these patients are altered or gone; the first of them is gone as a whole."""
    gone, *others = patients
    registry = without(registry, [gone])
    rows = {}
    for name in OF_PATIENTS:
        frame = registry[name].with_row_index("row")
        mine = frame.filter(pl.col("patient_id").is_in(others))["row"].to_list()
        dropped = [row for row in mine if name not in PARENTS and draw.random() < 0.1]
        altered = [row for row in mine if draw.random() < 0.3]
        frame = frame.with_columns(_alteration(name, altered, draw))
        rows[name] = frame.filter(~pl.col("row").is_in(dropped)).drop("row")
    holes = pl.DataFrame([(others[-1], draw.choice(OF_PATIENTS))], schema=HOLES_SCHEMA, orient="row")
    found = with_rows(registry, rows)
    return Registry(found.tables, found.coverage, pl.concat([registry.holes, holes]).unique(maintain_order=True))


def _alteration(name: str, rows: list[int], draw: random.Random) -> pl.Expr:
    """Another day, or no value, in one column of these rows."""
    dated = MAIN_DATE.get(name)
    optional = [column.name for column in TABLES[name].columns if not column.required and not column.parent]
    if not optional or (dated in TABLES[name].schema and draw.random() < 0.5):
        column = dated or "date"
        value = pl.col(column) + timedelta(days=draw.randint(-40, 40))
    else:
        column, value = draw.choice(optional), pl.lit(None)
    return pl.when(pl.col("row").is_in(rows)).then(value).otherwise(pl.col(column)).alias(column)
