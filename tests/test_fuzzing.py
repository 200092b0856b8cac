"""A minute of broken and odd files; `tests/fuzzing.py` runs for longer."""

from __future__ import annotations

import pytest
from fuzzing import SHAPES, SOURCES, VALID, Case, fuzz, judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.slow
def test_a_minute_of_files() -> None:
    seen = fuzz(60)
    assert sum(seen.values()) > 100
    assert {source for source in SOURCES if any(what.startswith(source) for what in seen)} == set(SOURCES)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(*SOURCES.values()))
def test_a_few_files(case: Case) -> None:
    judge(case)


@pytest.mark.parametrize("shape", SHAPES)
def test_files_before_they_are_broken_are_accepted(shape: str) -> None:
    assert judge(("lab_results", *VALID[shape, "lab_results"], 3)) == "accepted"


def test_a_lost_row_is_noticed() -> None:
    with pytest.raises(AssertionError):
        judge(("lab_results", *VALID["iso", "lab_results"], 4))
