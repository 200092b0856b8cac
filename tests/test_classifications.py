"""The classifications on their case tables, and what every one of them keeps to."""

from __future__ import annotations

import polars as pl
import pytest

from scoring.context import Context
from scoring.recommendations.parameters import PARAMETERS
from scoring.registry import COVERAGE_SCHEMA, Registry
from scoring.scores import CLASSIFICATIONS
from tests.classification_cases import ClassCase, all_patients, cases, files, parameters, published
from tests.random_registry import random_frames

DTYPES: dict[str, tuple[type[pl.DataType], ...]] = {
    "token": (pl.String, pl.Enum),
    "tokens": (pl.String,),
    "bool": (pl.Boolean,),
    "number": (pl.Int32, pl.Int64, pl.Float64),
    "days": (pl.Int32, pl.Int64),
    "date": (pl.Date,),
}
WITH_CASES = sorted(files())


@pytest.mark.parametrize("one", cases(), ids=lambda one: f"{one.case.patient} {one.case.name}")
def test_case(one: ClassCase) -> None:
    found = published(one.case.rule).get(one.case.patient, [])
    shown = [{name: row[name] for name in wanted} for wanted, row in zip(one.expected, found, strict=False)]
    assert (len(found), shown) == (len(one.expected), one.expected)


@pytest.mark.parametrize("name", WITH_CASES)
def test_every_word_of_a_headline_has_a_case(name: str) -> None:
    declared = CLASSIFICATIONS[name]
    column = next(column for column in declared.columns if column.name == declared.headline)
    expected = {row.get(column.name, "?") for one in cases() if one.case.rule == name for row in one.expected}
    assert set(column.words or ()) <= expected


def test_the_numbers_of_the_files_are_the_parameters() -> None:
    written = parameters()
    now = {name: PARAMETERS[name].value for name in written}
    assert written == now, "review the cases"


@pytest.mark.parametrize("name", WITH_CASES)
def test_the_columns_hold_what_they_declare(name: str) -> None:
    declared = CLASSIFICATIONS[name]
    for registry in (all_patients(), Registry(*random_frames(7, 150))):
        frame = declared.publish(Context(registry))
        assert not frame.select(declared.keys).is_duplicated().any()
        for column in declared.columns:
            assert frame.schema[column.name] in DTYPES[column.kind], column.name
            if column.words is not None:
                values = frame[column.name].drop_nulls().cast(pl.String).str.split("|").explode()
                assert set(values.unique()) - {""} <= set(column.words), column.name


@pytest.mark.parametrize("name", WITH_CASES)
def test_an_empty_registry_has_no_row(name: str) -> None:
    context = Context(Registry({}, pl.DataFrame(schema=COVERAGE_SCHEMA)))
    assert CLASSIFICATIONS[name].publish(context).is_empty()
