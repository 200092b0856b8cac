"""Every kind of fault lands in quarantine with its file, line, column and rule, and nothing else does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_extract import Cohort, cohort, write

from pipelines.ingest import Intake, take_in
from validation import linkage, schemas
from validation.check import check
from validation.completeness import completeness
from validation.contract import TABLES
from validation.quality import model
from validation.quarantine import Part, Rows, Source
from validation.rules import RULES, WORDS

EXTRACTION = "extraction_date = 2026-06-30\n"


def taken(folder: Path, tables: Cohort) -> Intake:
    write(folder, tables)
    (folder / "extract.toml").write_text(EXTRACTION)
    return take_in([folder])


def found(intake: Intake) -> list[tuple[str, int, str | None, str]]:
    rows = intake.quarantine.filter(pl.col("rule") != "follows_parent").select("file", "line", "column", "rule").rows()
    return [(file.removesuffix(".csv"), line, column, rule) for file, line, column, rule in rows]


def balanced(intake: Intake, tables: Cohort) -> bool:
    """accepted + quarantined = read, and each of the three is what the files and the frames hold."""
    per_table = intake.counts.group_by("table").agg(pl.col("read", "accepted", "quarantined").sum())
    totals = {name: tuple(numbers) for name, *numbers in per_table.rows()}
    distinct = intake.quarantine.unique(["file", "line"])
    return (
        intake.counts.filter(pl.col("accepted") + pl.col("quarantined") != pl.col("read")).is_empty()
        and all(totals[name][0] == len(rows) for name, rows in tables.items())
        and all(totals[name][1] == intake.tables[name].height for name in tables)
        and sum(numbers[2] for numbers in totals.values()) == distinct.height
    )


# One cell changed in the clean cohort: table, index of the row, column, cell, and the rule that it must break.
ONE_CELL = [
    ("patients", 0, "birth_date", "1950-02-30", "bad_date"),
    ("patients", 0, "sex", "homme ou femme", "unknown_token"),
    ("patients", 0, "centre_id", "", "required_missing"),
    ("patients", 0, "centre_id", "C9", "unknown_parent"),
    ("patients", 0, "last_contact_date", "2026-07-01", "future_date"),
    ("primary_tumours", 0, "diagnosis_date", "", "required_missing"),
    ("primary_tumours", 0, "primary_site", "foie gras", "unknown_token"),
    ("primary_tumours", 0, "size_mm", "301", "out_of_range"),
    ("primary_tumours", 0, "size_mm", "-0.5", "out_of_range"),
    ("primary_tumours", 0, "size_mm", "wide", "bad_number"),
    ("lesion_assessments", 0, "lesion_id", "L9", "unknown_parent"),
    ("lesion_assessments", 0, "lesion_id", "L2", "lesion_of_another_patient"),
    ("lesion_assessments", 0, "patient_id", "P9", "unknown_parent"),
    ("lesion_assessments", 0, "fracture_date", "2023-02-06", "fracture_not_after_assessment"),
    ("spinal_assessments", 0, "compression_date", "2023-03-06", "compression_not_after_assessment"),
    ("clinical_assessments", 0, "karnofsky", "85", "karnofsky_multiple_of_ten"),
    ("clinical_assessments", 0, "karnofsky", "110", "out_of_range"),
    ("clinical_assessments", 0, "karnofsky", "80.5", "bad_number"),
    ("clinical_assessments", 0, "frail", "maybe", "bad_boolean"),
    ("imaging_exams", 0, "performed_at_centre_id", "C9", "unknown_parent"),
    ("imaging_findings", 0, "exam_id", "E9", "unknown_parent"),
    ("lab_results", 0, "date", "2026-07-01", "future_date"),
    ("lab_results", 0, "date", "2023-02-01T08:30", "bad_date"),
    ("radiotherapy_courses", 0, "end_date", "2023-03-19", "end_after_start"),
    ("radiotherapy_courses", 0, "linked_procedure_id", "X9", "unknown_parent"),
    ("procedures", 0, "associated_techniques", "curettage|magic", "unknown_token"),
    ("procedures", 0, "wound_healed_date", "2023-02-19", "healed_after_surgery"),
    ("procedures", 0, "complication_date", "2023-02-19", "complication_after_procedure"),
    ("trial_screenings", 0, "enrolled_date", "2023-01-31", "enrolled_after_screened"),
]


@pytest.mark.parametrize(("table", "row", "column", "cell", "rule"), ONE_CELL)
def test_one_wrong_cell(tmp_path: Path, table: str, row: int, column: str, cell: str, rule: str) -> None:
    tables = cohort()
    tables[table][row][column] = cell
    intake = taken(tmp_path, tables)
    assert found(intake) == [(table, row + 2, column, rule)]
    assert balanced(intake, tables)
    assert cell == "" or cell not in str(intake.quarantine.rows())


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("primary_tumours", "size_mm", "300"),
        ("primary_tumours", "size_mm", "0"),
        ("lesion_assessments", "fracture_date", "2023-02-05"),
        ("spinal_assessments", "compression_date", "2023-03-05"),
        ("clinical_assessments", "karnofsky", "100"),
        ("lab_results", "date", "2026-06-30"),
        ("radiotherapy_courses", "end_date", "2023-03-20"),
        ("procedures", "wound_healed_date", "2023-02-20"),
        ("trial_screenings", "enrolled_date", "2023-02-01"),
        ("patients", "death_date", "2025-12-31"),
    ],
)
def test_the_limit_itself_is_accepted(tmp_path: Path, table: str, column: str, cell: str) -> None:
    tables = cohort()
    tables[table][0][column] = cell
    assert found(taken(tmp_path, tables)) == []


def test_two_cells_that_contradict(tmp_path: Path) -> None:
    tables = cohort()
    tables["procedures"][0] |= {"admission_date": "2023-02-19", "discharge_date": "2023-02-18"}
    tables["bone_lesions"][0]["vertebral_level"] = "T4"
    tables["bone_lesions"][1]["vertebral_level"] = "L2"
    intake = taken(tmp_path, tables)
    assert found(intake) == [
        ("bone_lesions", 2, "vertebral_level", "level_without_spine"),
        ("procedures", 2, "discharge_date", "discharge_after_admission"),
    ]


def test_death_closes_a_life(tmp_path: Path) -> None:
    tables = cohort()
    tables["patients"][0]["death_date"] = "2023-02-02"
    tables["patients"][1] |= {"birth_date": "1961-02-28", "death_date": "1961-02-27"}
    tables["patients"][2]["death_date"] = "2022-11-14"
    intake = taken(tmp_path, tables)
    rules = {(table, line): rule for table, line, _, rule in found(intake)}
    assert rules[("patients", 3)] == "birth_before_death"
    assert rules[("primary_tumours", 4)] == "diagnosis_before_death"
    assert rules[("procedures", 2)] == "after_death"
    # On the day of death itself nothing is late, and the wrong death of the second patient accuses no event.
    assert ("lab_results", 2) not in rules
    assert not any(
        rule == "after_death" and line == 3 for (table, line), rule in rules.items() if table == "imaging_exams"
    )
    assert balanced(intake, tables)


def test_children_follow_and_are_counted(tmp_path: Path) -> None:
    tables = cohort()
    tables["patients"][0]["sex"] = "code 3"
    intake = taken(tmp_path, tables)
    followers = intake.quarantine.filter(rule="follows_parent")
    expected = sum(row.get("patient_id") == "P1" for name, rows in tables.items() if name != "patients" for row in rows)
    assert followers.unique(["file", "line"]).height == expected
    assert set(followers["centre_id"]) == {"C1"}
    assert balanced(intake, tables)
    assert intake.tables["patients"]["patient_id"].to_list() == ["P2", "P3"]


def test_copies_and_contradictions(tmp_path: Path) -> None:
    tables = cohort()
    copy, other = dict(tables["imaging_exams"][0]), dict(tables["imaging_exams"][1], n_bone_foci="13")
    tables["imaging_exams"] += [copy, other]
    tables["imaging_findings"].append(dict(tables["imaging_findings"][0]))
    tables["lab_results"].append(dict(tables["lab_results"][0]))
    intake = taken(tmp_path, tables)
    assert found(intake) == [
        ("imaging_exams", 3, None, "duplicate_key"),
        ("imaging_exams", 4, None, "duplicate_row"),
        ("imaging_exams", 5, None, "duplicate_key"),
        ("imaging_findings", 4, None, "duplicate_row"),
    ]
    # The finding of the first examination stays, that of the second has lost its parent; repeated tests are no fault.
    assert intake.tables["imaging_findings"]["exam_id"].to_list() == ["E1"]
    assert intake.tables["lab_results"].height == 4
    assert balanced(intake, tables)


def test_two_copies_and_a_contradiction_are_all_in_doubt(tmp_path: Path) -> None:
    tables = cohort()
    first = tables["procedures"][0]
    tables["procedures"] += [dict(first), dict(first, associated_techniques="curettage")]
    intake = taken(tmp_path, tables)
    assert found(intake) == [("procedures", line, None, "duplicate_key") for line in (2, 3, 4)]


def test_all_problems_of_a_row_and_its_centre(tmp_path: Path) -> None:
    tables = cohort()
    tables["clinical_assessments"][1] |= {"date": "soon", "ecog": "x", "patient_id": "P9"}
    intake = taken(tmp_path, tables)
    assert found(intake) == [
        ("clinical_assessments", 3, "date", "bad_date"),
        ("clinical_assessments", 3, "ecog", "bad_number"),
        ("clinical_assessments", 3, "patient_id", "unknown_parent"),
    ]
    assert set(intake.quarantine["centre_id"]) == {None}
    counts = intake.counts.filter(table="clinical_assessments").select("centre_id", "read", "quarantined").rows()
    assert counts == [(None, 1, 1), ("C1", 1, 0)]


def test_children_of_a_corrected_row_are_kept(tmp_path: Path) -> None:
    tables = cohort()
    tables["imaging_exams"].insert(0, dict(tables["imaging_exams"][0], date="soon"))
    intake = taken(tmp_path, tables)
    assert found(intake) == [("imaging_exams", 2, "date", "bad_date")]
    assert "follows_parent" not in intake.quarantine["rule"]


def test_two_folders_keep_their_lines_and_centres(tmp_path: Path) -> None:
    first, second = cohort(), cohort()
    one = {name: first[name] for name in ("centres", "patients", "lab_results")}
    lab = second["lab_results"][0]
    write(tmp_path / "a", one)
    write(tmp_path / "b", {"lab_results": [lab, dict(lab, value="much"), dict(lab, patient_id="P9")]})
    (tmp_path / "b" / "extract.toml").write_text('centre = "C2"\n[tables.lab_results]\ncomplete = false\n')
    intake = take_in([tmp_path])
    assert intake.quarantine.select("centre_id", "file", "line", "rule").rows() == [
        ("C1", "b/lab_results.csv", 3, "bad_number"),
        ("C2", "b/lab_results.csv", 4, "unknown_parent"),
    ]
    # Both folders speak for C2, and one of them says that its table is not complete.
    assert intake.coverage.filter(table="lab_results")["complete"].to_list() == [True, False]


def test_rules_have_words_in_two_languages_and_no_duplicates() -> None:
    assert len({(rule.id, rule.table, rule.column) for rule in RULES}) == len(RULES)
    assert all(words.en and words.fr and words.en != words.fr for words in WORDS.values())


def test_null_breaks_no_rule() -> None:
    for rule in RULES:
        extra = {
            "_death_date": pl.Date(),
            "_extraction_date": pl.Date(),
            "_patient": pl.UInt32(),
            "_lesion_patient": pl.UInt32(),
        }
        frame = pl.DataFrame(schema=TABLES[rule.table].schema | extra).clear(1)
        assert frame.select(rule.broken).to_series().to_list() in ([None], [False]), (rule.id, rule.table)


# The contract in plain Python, one cell at a time, against pandera on whole columns


def broken_cells(name: str, frame: pl.DataFrame) -> set[tuple[int, str | None, str]]:
    table, broken = TABLES[name], set()
    for index, row in enumerate(frame.iter_rows(named=True)):
        for column in table.columns:
            value = row[column.name]
            if value is None and column.required:
                broken.add((index, column.name, "required_missing"))
            if value is not None and column.low is not None and not column.low <= value <= column.high:
                broken.add((index, column.name, "out_of_range"))
    keys = [tuple(row) for row in frame.select(table.key).iter_rows()] if table.key else []
    return broken | {(index, None, "duplicate_key") for index, key in enumerate(keys) if keys.count(key) > 1}


@st.composite
def typed_frames(draw: st.DrawFn) -> tuple[str, pl.DataFrame]:
    """Random rows of a random table, with values on, beside and beyond the limits, nulls anywhere, keys that repeat."""
    name = draw(st.sampled_from(list(TABLES)))
    height = draw(st.integers(1, 12))
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    columns = {}
    for column in TABLES[name].columns:
        missing = chance.random(height) < draw(st.sampled_from([0, 0, 0.2]))
        if column.low is not None and column.high is not None:
            edges = [column.low, column.high, (column.low + column.high) // 2]
            values = chance.choice([*edges, *edges, column.low - 1, column.high + 1], height).tolist()
        elif column.kind == "string":
            values = chance.integers(0, draw(st.sampled_from([4, 10**6])), height).astype(str).tolist()
        else:
            example = {
                "date": date(2024, 1, 1),
                "bool": True,
                "int": 1,
                "float": 1.0,
                "enum": next(iter(column.tokens or "x")),
            }
            values = [example.get(column.kind)] * height
        cells = [None if gone else value for value, gone in zip(values, missing, strict=True)]
        columns[column.name] = pl.Series(cells, dtype=column.dtype, strict=False)
    return name, pl.DataFrame(columns)


@settings(max_examples=80, deadline=None)
@given(typed_frames())
def test_pandera_judges_as_the_contract_says(case: tuple[str, pl.DataFrame]) -> None:
    name, frame = case
    table = TABLES[name]
    rows = pl.int_range(100, 100 + frame.height, dtype=pl.UInt32, eager=True)
    findings = schemas.judge(table, frame, rows, unique=True)
    judged = {(row - 100, finding.column, finding.rule) for finding in findings for row in finding.rows}
    assert judged == broken_cells(name, frame)
    if judged:
        with pytest.raises(schemas.ContractBroken):
            schemas.certify(table, frame)
    else:
        schemas.certify(table, frame)


@settings(max_examples=10, deadline=None)
@given(typed_frames())
def test_no_row_is_lost_and_what_is_accepted_meets_the_contract(case: tuple[str, pl.DataFrame]) -> None:
    name, frame = case
    lines = pl.int_range(2, frame.height + 2, eager=True)
    # Without parents only the tables that refer to none can keep rows.
    checked = check({name: [Part(Source("file"), frame, lines)]})
    assert broken_cells(name, checked.tables[name]) == set()
    assert checked.quarantine["line"].n_unique() + checked.tables[name].height == frame.height


@pytest.mark.parametrize("flawless", [False, True])
def test_the_gate_refuses_wrong_types_and_keys_that_stand_twice(flawless: bool) -> None:
    frame = take_frame("centres")
    schemas.certify(TABLES["centres"], frame, flawless=flawless)
    with pytest.raises(schemas.ContractBroken, match="name"):
        schemas.certify(TABLES["centres"], frame.with_columns(name=pl.lit(1)), flawless=flawless)
    with pytest.raises(schemas.ContractBroken, match="column_in_dataframe"):
        schemas.certify(TABLES["centres"], frame.drop("network"), flawless=flawless)
    with pytest.raises(schemas.ContractBroken, match="multiple_fields_uniqueness"):
        schemas.certify(TABLES["centres"], pl.concat([frame, frame]), flawless=flawless)


def test_the_gate_looks_at_cells_that_were_put_in_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(rows: Rows, *_: object) -> None:
        rows.frame = rows.frame.with_columns(patient_id=pl.lit(None, pl.String))

    monkeypatch.setattr(linkage, "attribute", spoil)
    with pytest.raises(schemas.ContractBroken, match="patient_id: not_nullable"):
        taken(tmp_path, cohort())


def take_frame(name: str) -> pl.DataFrame:
    return pl.DataFrame([{"centre_id": "C1"}, {"centre_id": "C2"}], schema=TABLES[name].schema)


# Completeness


def test_completeness_per_centre_and_column(tmp_path: Path) -> None:
    tables = cohort()
    tables["clinical_assessments"][0]["ecog"] = ""
    intake = taken(tmp_path, tables)
    measured = completeness(model.Cohort(intake.tables, intake.coverage))
    ecog = measured.filter(table="clinical_assessments", column="ecog").drop("table", "column").rows()
    assert ecog == [("C1", 2, 1, 0.5), ("C2", 0, 0, None)]
    assert measured.filter(table="consultations").is_empty()
    assert measured.filter(table="patients", column="centre_id").select("n_rows", "n_filled").rows() == [(2, 2), (1, 1)]
    names = [column.name for column in TABLES["clinical_assessments"].columns]
    assert measured.filter(table="clinical_assessments", centre_id="C1")["column"].to_list() == names


def test_completeness_without_any_patient(tmp_path: Path) -> None:
    tables = {"centres": cohort()["centres"], "patients": [dict(row, sex="code 3") for row in cohort()["patients"]]}
    intake = taken(tmp_path, tables)
    assert intake.tables["patients"].is_empty()
    measured = completeness(model.Cohort(intake.tables, intake.coverage))
    assert set(measured.filter(table="patients")["n_rows"]) == {0}
