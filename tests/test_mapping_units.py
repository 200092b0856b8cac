"""Dates and units of a mapping, and the lines of its file."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.mapping import dates, units
from pipelines.ingest.mapping.lines import Lines
from validation.contract import TABLES

# dates and units


DAYS = st.dates(date(1970, 1, 1), date(2069, 12, 31))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(DAYS | st.none(), min_size=1),
    st.sampled_from(["%d/%m/%Y", "%d/%m/%y", "%m-%d-%Y", "%Y%m%d", "%d.%m.%y", "%d%m%y", "%d/%m/%Y %H:%M"]),
)
def test_dates_of_any_format_round_trip(days: list[date | None], form: str) -> None:
    cells = pl.Series([day and day.strftime(form) for day in days], dtype=pl.String)
    assert dates.read(cells, form, TABLES["lab_results"]["date"], native=False).to_list() == days


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("%d/%m/%y", "01/01/20", date(1920, 1, 1)),
        ("%d/%m/%y", "31/12/19", date(2019, 12, 31)),
        ("%d/%m/%y", "29/02/20", date(1920, 2, 29)),
        ("%d/%m/%y", "01/01/1945", None),
        ("%d/%m/%Y", "01/01/45", None),
        ("%d/%m/%Y", "31/02/1945", None),
        ("%d/%m/%Y", "1945-01-01", None),
        ("%d/%m/%Y", "01/01/1845", None),
        ("%m/%Y", "3/1945", date(1945, 3, 1)),
        ("%Y", "1945", date(1945, 1, 1)),
    ],
)
def test_dates_of_birth(form: str, cell: str, day: date | None) -> None:
    column = TABLES["patients"]["birth_date"]
    assert dates.read(pl.Series([cell]), form, column, native=False).to_list() == [day]


def test_two_digits_of_events_are_of_our_time() -> None:
    column, cells = TABLES["lab_results"]["date"], pl.Series(["01/01/70", "31/12/69", "05/06/24"])
    found = dates.read(cells, "%d/%m/%y", column, native=False).to_list()
    assert found == [date(1970, 1, 1), date(2069, 12, 31), date(2024, 6, 5)]


@pytest.mark.parametrize(
    ("target", "unit", "value", "expected"),
    [
        ("Gy", "cGy", 3000, 30), ("Gy", "cGy", 580, 5.8), ("days", "mois", 1, 30.4375), ("days", "semaines", 2, 14),
        ("days", "ans", 1, 365.25), ("hours", "min", 90, 1.5), ("hours", "jours", 2, 48), ("min", "h", 0.25, 15),
        ("mm", "cm", 3.2, 32), ("mg", "g", 0.004, 4), ("mg", "µg", 500, 0.5), ("%", "fraction", 0.5, 50),
        ("fraction", "%", 33, 0.33), ("0-10", "0-100", 35, 3.5), ("corrected_calcium", "mg/dl", 10, 2.49513),
        ("creatinine", "mg/dL", 1, 88.4017), ("vitamin_d_25oh", "ng/mL", 30, 74.880), ("crp", "mg/dL", 1.2, 12),
        ("platelets", "/mm3", 250000, 250), ("vitamin_d", "µg/j", 25, 1000), ("calcium", "g/j", 1, 1000),
    ],
)  # fmt: skip
def test_conversions(target: str, unit: str, value: float, expected: float) -> None:
    found = units.find(units.UNITS.get(target) or units.UNITS_OF[target], unit)
    assert found
    assert value * found.times / found.over == pytest.approx(expected, rel=1e-5)


def test_every_factor_has_a_source_and_every_target_is_of_the_contract() -> None:
    named = {column.unit for table in TABLES.values() for column in table.columns}
    assert set(units.UNITS) <= named
    assert set(units.DECIDES) <= named
    tokens = {*TABLES["lab_results"]["analyte"].tokens, *TABLES["drug_prescriptions"]["drug"].tokens}
    assert set(units.UNITS_OF) <= tokens
    for table in (*units.UNITS.values(), *units.UNITS_OF.values()):
        assert all(unit.source or unit.times == unit.over == 1 for unit in table.values())
        assert any(unit.times == unit.over for unit in table.values())


# lines


def test_lines_of_every_way_to_write_toml() -> None:
    text = """# comment
[[tables]]  # one
table = "x"
where = { "a]" = [
  "1", # one, two,
  "2",
] }
columns.sex = "s"

[tables.columns.bone]
"from" = '''
[not.a.header]
'''
codes = { a = "b" }
[[tables]]
  [tables.columns]
  "N° 1".x = 1
"""
    lines = Lines(text)
    assert lines.of(("tables", 0)) == 2
    assert lines.of(("tables", 0, "table")) == 3
    assert lines.of(("tables", 0, "where", "a]")) == 4
    assert lines.of(("tables", 0, "columns", "sex")) == 8
    assert lines.of(("tables", 0, "columns", "bone")) == 10
    assert lines.of(("tables", 0, "columns", "bone", "from")) == 11
    assert lines.of(("tables", 0, "columns", "bone", "codes", "a")) == 14
    assert lines.of(("tables", 1, "columns", "N° 1", "x")) == 17
    assert lines.of(("tables", 1, "columns", "absent")) == 16
    assert lines.of(("nothing",)) == 1
