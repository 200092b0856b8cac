"""Look-ups in a timeline against a plain search, and three-valued answers against a chain of when and then."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.context import Timeline
from scoring.core.answers import answer, where

KEYS = st.none() | st.integers(0, 4)
DAYS = st.none() | st.integers(-3, 6) | st.sampled_from([-25_000, 80_000])
TRUTHS = st.none() | st.booleans()

Row = tuple[int | None, int | None, str]


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"pid": pl.UInt32, "day": pl.Int32, "id": pl.String}, orient="row")


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, DAYS, st.sampled_from("abc"))), st.lists(st.tuples(KEYS, DAYS), min_size=1))
def test_first_and_last_row_of_a_key(rows: list[Row], asked: list[tuple[int | None, int | None]]) -> None:
    timeline = Timeline(frame(rows), "pid", ["id"])
    known = sorted((key, day, name) for key, day, name in rows if key is not None and day is not None)
    assert timeline.rows.rows() == known

    def expected(first: bool) -> list[tuple[int, str] | tuple[None, None]]:
        found: list[tuple[int, str] | tuple[None, None]] = []
        for key, day in asked:
            fits = [
                (d, name) for k, d, name in known if day is not None and k == key and (d >= day if first else d <= day)
            ]
            found.append((fits[0] if first else fits[-1]) if fits else (None, None))
        return found

    key = pl.Series([key for key, _ in asked], dtype=pl.UInt32)
    day = pl.Series([day for _, day in asked], dtype=pl.Int32)
    for first, position in ((True, timeline.first(key, day)), (False, timeline.last(key, day))):
        days, names = timeline.take("day", position), timeline.take("id", position)
        assert list(zip(days, names, strict=True)) == expected(first)


@settings(deadline=None)
@given(st.lists(st.tuples(TRUTHS, TRUTHS, TRUTHS), min_size=1), TRUTHS, TRUTHS)
def test_the_first_case_that_holds_answers(
    rows: list[tuple[bool | None, bool | None, bool | None]], one: bool | None, other: bool | None
) -> None:
    first, second, rest = (pl.Series([row[n] for row in rows], dtype=pl.Boolean) for n in range(3))
    chain = pl.when(first).then(pl.lit(one, pl.Boolean)).when(second).then(pl.lit(other, pl.Boolean))
    assert answer((first, one), (second, other), otherwise=rest).to_list() == (
        pl.select(chain.otherwise(rest)).to_series().to_list()
    )
    assert answer((first, one), (second, other)).to_list() == pl.select(chain.otherwise(None)).to_series().to_list()
    assert where(first, rest).to_list() == pl.select(pl.when(first).then(rest)).to_series().to_list()
