"""Conversion: every cell either becomes what it says or is reported; dates, numbers and tokens in all their forms."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import in_french

from pipelines.ingest.conversion import convert_column
from pipelines.ingest.dialect import DATE_WORDS, Dialect
from validation.contract import TABLES, Column

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
FORMS = st.sampled_from(list(DATE_WORDS))


def converted(cells: list[str | None], column: Column, dialect: Dialect) -> tuple[list, list[int]]:
    values, failed = convert_column(pl.Series(cells, dtype=pl.String), column, dialect)
    assert values.dtype == column.dtype
    return values.to_list(), failed.to_list()


@settings(max_examples=60, deadline=None)
@given(st.lists(DAYS | st.none(), min_size=1), FORMS)
def test_dates_round_trip(days: list[date | None], form: str) -> None:
    cells = [day and day.strftime(form).zfill(10) for day in days]
    assert converted(cells, TABLES["lab_results"]["date"], Dialect(date_format=form)) == (days, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1), st.sampled_from(".,"))
def test_floats_round_trip(numbers: list[float | None], mark: str) -> None:
    cells = [None if number is None else repr(number).replace(".", mark) for number in numbers]
    assert converted(cells, TABLES["lab_results"]["value"], Dialect(decimal=mark)) == (numbers, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), st.sampled_from([".", ","]), st.booleans())
def test_whole_numbers_round_trip(numbers: list[int], mark: str, with_decimals: bool) -> None:
    cells = [f" {number}{mark}0" if with_decimals else str(number) for number in numbers]
    expected = (numbers, [])
    assert converted(cells, TABLES["clinical_assessments"]["karnofsky"], Dialect(decimal=mark)) == expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_tokens_and_labels_in_any_case_round_trip(data: st.DataObject) -> None:
    columns = [column for table in TABLES.values() for column in table.columns if column.tokens]
    column = data.draw(st.sampled_from(columns))
    spell = st.sampled_from([str, str.upper, str.lower, lambda text: f" {text} "])
    token = st.sampled_from(list(column.tokens))
    if column.kind == "enum":
        values = data.draw(st.lists(token, min_size=1))
        cells = [data.draw(spell)(data.draw(st.sampled_from([value, column.tokens[value]]))) for value in values]
    else:
        values = data.draw(st.lists(st.lists(token, min_size=1, unique=True), min_size=1))
        cells = [data.draw(spell)(in_french(column, "|".join(value))) for value in values]
    assert converted(cells, column, Dialect()) == (values, [])


def test_no_label_stands_for_two_tokens() -> None:
    for table in TABLES.values():
        for column in table.columns:
            tokens = column.tokens or {}
            words = {token.casefold(): token for token in tokens}
            for token, label in tokens.items():
                assert words.setdefault(label.casefold(), token) == token, (table.name, column.name, label)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("frail", "true FALSE OUI non O n Vrai faux 1 0", "yes 2 oui! --"),
        ("karnofsky", "80 080 +80 80.0 8e1", "80.5 80,0 1_0 99999999999 0x50 eighty"),
        ("pain_nrs", "3 3.5 .5 -1 1e-3", "3,5 1,000.5 inf nan 1_0 --1"),
        (
            "date",
            "2023-02-01 2023-2-1 1900-01-01",
            "2023-02-30 1899-12-31 2101-01-01 01/02/2023 23-02-01 2023-02-01T10:00",
        ),
        ("life_expectancy_method", "mdt RCP rcp Clinicien", "md mdt|clinician 0"),
    ],
)
def test_what_converts_and_what_does_not(column: str, good: str, bad: str) -> None:
    cells = [*good.split(), *bad.split(), None, "", "  "]
    values, failed = converted(cells, TABLES["clinical_assessments"][column], Dialect())
    first = len(good.split())
    assert failed == list(range(first, first + len(bad.split())))
    assert None not in values[:first]
    assert set(values[first:]) == {None}


def test_a_comma_file_takes_no_decimal_points() -> None:
    column, comma = TABLES["lab_results"]["value"], Dialect(decimal=",")
    assert converted(["1,5", "1.5", "1.234", "7"], column, comma) == ([1.5, None, None, 7.0], [1, 2])
    whole = TABLES["clinical_assessments"]["ecog"]
    assert converted(["3,0", "3.0", "3,5"], whole, comma) == ([3, None, None], [1, 2])
