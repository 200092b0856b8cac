"""Every fault planted in a synthetic network is found where it was planted, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest import take_in
from pipelines.synth import synth
from validation.rules import WORDS


@pytest.mark.parametrize(("dialect", "form"), [("fr", "csv"), ("iso", "csv"), ("fr", "xlsx"), ("iso", "parquet")])
def test_all_planted_faults_and_no_others(tmp_path: Path, dialect: str, form: str) -> None:
    synth(240, 3, 11, dialect, form, 0.02, tmp_path / "network")
    planted = pl.read_csv(tmp_path / "network" / "faults.csv", schema_overrides={"line": pl.Int64})
    taken = take_in([tmp_path / "network"])
    place = ["file", "line", "rule"]
    assert planted.height > (60 if form == "parquet" else 100)
    assert planted.join(taken.quarantine, on=place, how="anti").is_empty()
    others = taken.quarantine.join(planted, on=place, how="anti")
    # The row that a planted row contradicts is in doubt as well, and children follow their parents.
    assert set(others["rule"]) <= {"follows_parent", "duplicate_key"}
    contradicted = others.filter(rule="duplicate_key")
    assert contradicted.height == planted.filter(rule="duplicate_key").height
    cells = planted.filter(pl.col("rule") != "duplicate_key").join(taken.quarantine, on=place)
    assert cells.filter(pl.col("column").ne_missing(pl.col("column_right"))).is_empty()
    rows = taken.quarantine.select("table", "file", "line").n_unique()
    assert taken.counts["quarantined"].sum() == rows
    assert (taken.counts["accepted"] + taken.counts["quarantined"] == taken.counts["read"]).all()


OF_UGLY_FILES = {"repeated_header", "totals_row", "incomplete_date", "serial_date", "date_in_number"}
"""What spreadsheets do to files; `test_ugly_files.py` holds a file for each."""


def test_every_rule_is_planted_somewhere(tmp_path: Path) -> None:
    synth(240, 3, 11, "fr", "csv", 0.02, tmp_path / "network")
    planted = pl.read_csv(tmp_path / "network" / "faults.csv")
    # No fault of one row: what becomes of children, of rows that two centres sent, and of ugly files.
    assert set(planted["rule"]) == set(WORDS) - {"follows_parent", "linked_row", "shared_identifier"} - OF_UGLY_FILES
