"""The vectorised classifications against the plain ones: on random registries, and on every combination of a row's cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import polars as pl
import pytest

from scoring.context import Context
from scoring.registry import HOLES_SCHEMA, Registry
from scoring.scores import CLASSIFICATIONS
from tests.random_registry import frames_of, random_holes, random_registry
from tests.reference.classes import CLASSES
from tests.reference.patient import split_by_patient

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def disagreements(tables: Tables, coverage: list[Row], holes: Collection[tuple[str, str]] = ()) -> str:
    """One line per classification and column that differ: how often, one row, and both values."""
    lost = pl.DataFrame(list(holes), schema=HOLES_SCHEMA, orient="row")
    context = Context(Registry(*frames_of(tables, coverage), lost))
    people = split_by_patient(tables, coverage, holes)
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for name, classify in CLASSES.items():
        keys = CLASSIFICATIONS[name].keys
        found = {tuple(row[key] for key in keys): row for row in CLASSIFICATIONS[name].publish(context).to_dicts()}
        plain = {tuple(row[key] for key in keys): row for patient in people for row in classify(patient)}
        assert found.keys() == plain.keys(), f"{name}: the two classify other rows"
        for key, row in plain.items():
            assert found[key].keys() == row.keys(), f"{name}: the two have other columns"
            for column, value in row.items():
                if found[key][column] != value:
                    counts[name, column] += 1
                    examples[name, column] = f"{key}: plain {value}, vectorised {found[key][column]}"
    return "\n".join(
        f"{name}.{column} {n} times, as in {examples[name, column]}" for (name, column), n in counts.items()
    )


def test_both_know_the_same_classifications() -> None:
    assert set(CLASSES) == set(CLASSIFICATIONS)


@pytest.mark.parametrize(
    ("seeds", "patients"),
    [
        pytest.param(range(300, 320), 300, id="fast"),
        pytest.param(range(400, 460), 1_000, id="slow", marks=pytest.mark.slow),
    ],
)
def test_random_registries(seeds: range, patients: int) -> None:
    for seed in seeds:
        tables, coverage = random_registry(seed, patients, centres=4)
        assert disagreements(tables, coverage, random_holes(seed, tables)) == "", f"seed {seed}"
