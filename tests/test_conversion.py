"""Conversion: every cell either becomes what it says or is reported; dates, numbers and tokens in all their forms."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import in_french

from pipelines.ingest import cells as written
from pipelines.ingest.conversion import convert, convert_column, detect
from pipelines.ingest.dialect import DATE_WORDS, Dialect
from pipelines.ingest.reading import Raw
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


ODD = [
    "", " ", "NA", "nc", ".", "-", "x", "1", "0", "OUI", " vrai ", "1,5", "1.5", "1 234,5", "1e400", "nan", "inf", "3.0",
    "2024-01-02", "2024-01-02 00:00:00", "02/03/2024", "02/03/24", "01/02/00", "0000-01-01", "1899-12-31", "2101-01-01",
    "2024", "03/2024", "45000", "e\u0301te\u0301", " C01-P1", "C01-P1\u00a0", "1'000", "99999999999", "true", "1/3",
]  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> tuple[str, pl.DataFrame]:
    """A file of one table as text: most columns are written in one way, others hold anything."""
    name = draw(st.sampled_from(sorted(TABLES)))
    height, form, mark = draw(st.integers(0, 6)), draw(FORMS | st.just("%d/%m/%y")), draw(st.sampled_from(".,"))
    plain: dict[str, st.SearchStrategy[str]] = {
        "date": DAYS.map(lambda day: day.strftime(form)),
        "int": st.integers(0, 99).map(str),
        "float": st.floats(0, 99).map(lambda number: f"{number:.1f}".replace(".", mark)),
        "bool": st.sampled_from(["true", "false"]),
        "string": st.sampled_from(["C01", "C01-P1", "C01-P2"]),
    }
    columns = {}
    for column in TABLES[name].columns:
        tokens = list((column.tokens or {"x": "y"}).items())
        usual = plain.get(column.kind, st.sampled_from([word for pair in tokens for word in pair]))
        cells = usual if draw(st.booleans()) else usual | st.sampled_from(ODD)
        columns[column.name] = draw(st.lists(cells | st.none(), min_size=height, max_size=height))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return name, frame.select(pl.when(pl.all() != "").then(pl.all()))


@settings(max_examples=100, deadline=None)
@given(files())
def test_a_file_is_converted_as_its_columns_are_one_by_one(file: tuple[str, pl.DataFrame]) -> None:
    name, frame = file
    table = TABLES[name]
    raw = Raw(frame, pl.int_range(2, 2 + frame.height, eager=True), "", "csv")
    dialect, found = detect(raw, table), convert(raw, table)
    failed = {(finding.column, row) for finding in found.findings for row in finding.rows}
    for column in table.columns:
        cells = frame[column.name]
        cells = written.rewritten(cells, column, written.way_of(cells, column), dialect.form)
        values, wrong = convert_column(cells, column, dialect)
        assert found.frame[column.name].to_list() == values.to_list(), column.name
        assert {row for name, row in failed if name == column.name} == set(wrong)
