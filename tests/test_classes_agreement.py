"""The vectorised classifications against the plain ones, row by row, on random registries."""

from __future__ import annotations

from collections import Counter

import pytest

from scoring.scores import CLASSIFICATIONS
from tests.classes_support import disagreements, plain
from tests.random_registry import random_holes, random_registry
from tests.random_scenarios_classes import class_registry
from tests.reference.classes_by_id import CLASSES

MANY = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 200)]


@pytest.mark.parametrize("seed", [*range(20), *MANY])
def test_agreement(seed: int) -> None:
    made = (class_registry if seed % 4 else random_registry)(seed, 300, centres=4)
    assert disagreements(made, random_holes(seed, made[0])) == "", f"seed {seed}"


@pytest.mark.parametrize("name", CLASSES)
def test_every_token_is_reached(name: str) -> None:
    """Otherwise the agreement above would say little."""
    declared = CLASSIFICATIONS[name]
    seen: dict[str, Counter[object]] = {column.name: Counter() for column in declared.columns}
    for seed in (1, 2, 3):
        made = class_registry(seed, 500, centres=4)
        for row in plain(name, made, []).values():
            for column in declared.columns:
                value = row[column.name]
                seen[column.name].update(value.split("|") if column.words else [value])
    for column in declared.columns:
        if column.words:
            assert set(column.words) <= set(seen[column.name]), column.name
        if column.kind == "bool":
            assert set(seen[column.name]) == {True, False, None}, column.name
