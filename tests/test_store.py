"""What goes into the database comes out again, whatever it says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_extract import cohort, write

from pipelines import store
from pipelines.ingest import Intake, take_in
from validation.contract import TABLES

INJECTION = "P1' OR 'a'='a"


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    tables = cohort()
    tables["patients"].append({"patient_id": INJECTION, "centre_id": "C2"})
    tables["centres"][1]["name"] = "'); DROP TABLE registry.patients; --"
    tables["lab_results"][0]["value"] = "much"
    return take_in([write(tmp_path / "extract", tables)])


def test_the_registry_comes_back_as_it_was(tmp_path: Path, intake: Intake) -> None:
    store.save(tmp_path / "audit.duckdb", intake)
    loaded = store.load(tmp_path / "audit.duckdb")
    assert list(loaded) == list(TABLES)
    for name, frame in intake.tables.items():
        assert loaded[name].schema == pl.Schema(TABLES[name].schema), name
        assert loaded[name].equals(frame), name
    assert loaded["procedures"]["associated_techniques"].to_list() == [["cementoplasty", "curettage"]]


def test_types_and_quarantine_in_the_database(tmp_path: Path, intake: Intake) -> None:
    path = tmp_path / "audit.duckdb"
    store.save(path, intake)
    with store.connect(path, read_only=True) as con:
        types = dict(con.sql("SELECT column_name, column_type FROM (DESCRIBE registry.procedures)").fetchall())
        assert types["category"].startswith("ENUM('orthopaedic_surgery'")
        assert types["associated_techniques"].endswith("[]")
        assert types["date"] == "DATE"
        assert store.read_frame(con, "quarantine", "rows").equals(intake.quarantine)
        assert store.read_frame(con, "quarantine", "counts").equals(intake.counts)
        assert store.read_frame(con, "quarantine", "coverage").equals(intake.coverage)
        files = store.read_frame(con, "quarantine", "files")
    assert files["sha256"].to_list() == [file.sha256 for file in intake.files]


def test_one_patient_is_asked_for_by_value(tmp_path: Path, intake: Intake) -> None:
    path = tmp_path / "audit.duckdb"
    store.save(path, intake)
    one = store.load_patient(path, "P1")
    assert one["patients"]["patient_id"].to_list() == ["P1"]
    assert one["centres"]["centre_id"].to_list() == ["C1"]
    assert one["imaging_findings"].equals(intake.tables["imaging_findings"].filter(patient_id="P1"))
    assert store.load_patient(path, INJECTION)["patients"]["patient_id"].to_list() == [INJECTION]
    assert all(frame.is_empty() for frame in store.load_patient(path, "' OR 1=1 --").values())


def test_a_frame_replaces_what_its_table_held(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "text": ["a'b", None],
            'odd "name"': [1, 2],
            "code": pl.Series([1, None], dtype=pl.UInt16),
            "list": [["x", "y"], None],
            "token": pl.Series(["it's", None], dtype=pl.Enum(["it's"])),
            "nothing": [None, None],
        }
    )
    with store.connect(tmp_path / "new.duckdb") as con:
        store.write_frame(con, "scores", "mirels", frame.head(1))
        store.write_frame(con, "scores", "mirels", frame)
        back = store.read_frame(con, "scores", "mirels")
        store.write_frame(con, "scores", "empty", frame.clear())
        assert store.read_frame(con, "scores", "empty").is_empty()
    assert back.cast({"token": frame.schema["token"], "nothing": pl.Null}).equals(frame)


@pytest.mark.parametrize("lists", [[[], []], [None, None], [[], None], [["b"], []], []])
def test_lists_of_enums_whatever_they_hold(tmp_path: Path, lists: list[list[str] | None]) -> None:
    frame = pl.DataFrame({"set": lists}, schema={"set": pl.List(pl.Enum(["a", "b"]))})
    with store.connect(tmp_path / "new.duckdb") as con:
        store.write_frame(con, "registry", "sets", frame)
        assert con.sql("SELECT column_type FROM (DESCRIBE registry.sets)").fetchall() == [("ENUM('a', 'b')[]",)]
        assert store.read_frame(con, "registry", "sets")["set"].to_list() == lists


def test_the_long_view_of_wide_verdicts(tmp_path: Path) -> None:
    who = {"patient_id": ["P1", "P2"], "centre_id": ["C1", "C1"], "entity_id": ["", ""]}
    wide = pl.DataFrame(
        who | {"lesion_id": [None, None], "index_date": [date(2024, 1, 1), date(2024, 2, 1)]}
    ).with_columns(pl.Series("G1-3.4-01", [1, None], dtype=pl.UInt16), pl.Series("G2-4.1-06", [2, 1], dtype=pl.UInt16))
    words = ["status", "reason", "recommended", "given", "flags"]
    codes = pl.DataFrame([(1, "concordant", "", "a", "a", ""), (2, "not_due", "", "a", "", "f")], orient="row",
                         schema={"code": pl.UInt16} | dict.fromkeys(words, pl.String))  # fmt: skip
    with store.connect(tmp_path / "new.duckdb") as con:
        store.write_frame(con, "concordance", "verdicts_patient", wide.cast({"lesion_id": pl.String}))
        store.write_frame(con, "concordance", "verdicts_dose", wide.clear().cast({"lesion_id": pl.String}))
        store.write_frame(con, "concordance", "codes", codes)
        rules = ["G1-3.4-01", "G2-4.1-06"]
        store.create_long_view(con, {"patient": rules, "dose": rules, "course": []})
        verdicts = con.sql("SELECT * FROM concordance.verdicts ORDER BY rule_id, patient_id").pl()
    assert verdicts.columns == [
        "rule_id", "edition", "grain", "patient_id", "centre_id", "entity_id", "index_date", *words
    ]  # fmt: skip
    assert verdicts.select("rule_id", "edition", "grain", "patient_id", "status", "flags").rows() == [
        ("G1-3.4-01", "G1", "patient", "P1", "concordant", ""),
        ("G2-4.1-06", "G2", "patient", "P1", "not_due", "f"),
        ("G2-4.1-06", "G2", "patient", "P2", "concordant", ""),
    ]
