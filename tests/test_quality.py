"""The quality gate: what is measured, what is judged, and that nobody's values come out of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_extract import Cohort as Rows
from small_extract import Row, cohort, write
from statsmodels.stats.proportion import proportion_confint

from pipelines.ingest import take_in
from validation.quality import gate, plausibility
from validation.quality.coherence import METRICS as CONTRADICTIONS
from validation.quality.coherence import coherence
from validation.quality.completeness import accepted, filled, unassessable
from validation.quality.drift import drift
from validation.quality.model import SCHEMA, Cohort, frame_of
from validation.quality.outliers import human_ranges, medians, outliers
from validation.quality.plausibility import FIGURES, NOT_COMPARED

DEFAULT = gate.settings()


def taken(folder: Path, rows: Rows) -> Cohort:
    intake = take_in([write(folder, rows)])
    assert intake.quarantine.is_empty(), intake.quarantine
    return Cohort(intake.tables, intake.coverage, lambda: intake.places)


def changed(table: str, number: int, **cells: str) -> Rows:
    """The small cohort with other cells in one row of a table."""
    rows = cohort()
    rows[table][number] |= cells
    return rows


def metric(**given: object) -> dict[str, object]:
    return {"metric": "outliers", "centre_id": "C1", "table": "lab_results", "column": "value", "n": 100, **given}


def judged(rows: list[dict[str, object]], **other: object) -> pl.DataFrame:
    return gate.judge(frame_of(rows), gate.settings(other))


# The gate file


def test_every_metric_but_the_number_of_rows_is_judged_by_the_shipped_gate() -> None:
    lone = {m.id for m in gate.METRICS.values() if not any(c.metric in (m.id, m.family) for c in DEFAULT.checks)}
    assert lone == {"rows"}
    assert len({check.id for check in DEFAULT.checks}) == len(DEFAULT.checks)


def test_printed_figures_only_ever_warn() -> None:
    assert {c.severity for c in DEFAULT.checks if c.metric.startswith("plausibility")} == {"warn"}


BAD_GATES = {
    "thresholds = 3": "thresholds: unknown",
    'judge = "me"': "judge: one of expressions, great-expectations",
    "smallest_n = 0": "smallest_n: a whole number from 1",
    "smallest_n = true": "smallest_n: a whole number from 1",
    "[plausibility]\nrare = 2": "plausibility.rare: a share",
    "[plausibility]\nseldom = 0.1": "plausibility: a table with tolerance and rare",
    "[human_ranges]\nsodium = [1, 2]": "human_ranges.sodium: unknown name",
    "[human_ranges]\ncrp = [3, 2]": "human_ranges.crp: [lowest, highest]",
    '[medians]\n"lab_results.value.sodium" = [1, 2]': "unknown name",
    '[[checks]]\nmetric = "outliers"': "checks, number",
    '[[checks]]\nid = "a"\nmetric = "moon"\nseverity = "warn"': "check 'a': unknown metric",
    '[[checks]]\nid = "a"\nmetric = "outliers"\nseverity = "fatal"': "severity is one of block, warn, off",
    '[[checks]]\nid = "a"\nmetric = "outliers"\nseverity = "warn"\nhihg = 1': "unknown hihg",
    '[[checks]]\nid = "a"\nmetric = "outliers"\nseverity = "warn"\nlow = 2\nhigh = 1': "low is above high",
    '[[checks]]\nid = "a"\nmetric = "outliers"\nseverity = "warn"\nlow = "x"': "low and high are numbers",
    '[[checks]]\nid = "a"\nmetric = "outliers"\nseverity = "warn"\ntable = "labs"': "no such table",
    "checks = 3": "checks, number 1",
}


@pytest.mark.parametrize("text", BAD_GATES)
def test_what_a_gate_file_cannot_mean_is_named(text: str) -> None:
    with pytest.raises(gate.GateFileError) as caught:
        gate.settings(tomllib.loads(text))
    assert BAD_GATES[text] in str(caught.value)


def test_everything_wrong_with_a_gate_file_is_told_at_once() -> None:
    with pytest.raises(gate.GateFileError) as caught:
        gate.settings({"judge": "me", "smallest_n": 0, "moon": 1})
    assert len(str(caught.value).splitlines()) == 3


def test_a_check_of_the_same_id_replaces_the_shipped_one_and_the_others_stay() -> None:
    replaced = {"id": "far-values", "metric": "outliers", "severity": "block", "high": 0.2}
    found = gate.settings({"checks": [replaced], "smallest_n": 7})
    assert found.smallest_n == 7
    assert found.tolerance == DEFAULT.tolerance
    assert [c for c in found.checks if c.id == "far-values"] == [gate.Check(**replaced)]
    assert len(found.checks) == len(DEFAULT.checks)


def test_a_judge_that_is_not_installed_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "find_spec", lambda name: None)
    with pytest.raises(gate.GateFileError, match="not installed"):
        gate.settings({"judge": "great-expectations"})


# The judgement


@pytest.mark.parametrize(
    ("value", "n", "passed"),
    [(0.10, 20, True), (0.1001, 20, False), (0.0999, 20, True), (0.9, 19, None), (None, 20, None)],
)
def test_a_limit_belongs_to_what_passes_and_few_rows_are_not_judged(value: float, n: int, passed: object) -> None:
    assert judged([metric(value=value, n=n)])["passed"].to_list() == [passed]


def test_chance_is_allowed_for() -> None:
    figure = {"metric": "plausibility:E16", "value": 0.4, "n": 30, "low": 0.5}
    inside, outside = (
        {**figure, "lower": 0.25, "upper": 0.58},
        {**figure, "lower": 0.3, "upper": 0.49, "centre_id": "C2"},
    )
    assert judged([inside, outside])["passed"].to_list() == [True, False]


def check(id_: str, severity: str, **given: object) -> dict[str, object]:
    return {"id": id_, "metric": "outliers", "severity": severity, **given}


@pytest.mark.parametrize(
    ("checks", "found"),
    [
        ([check("a", "block", high=0.5)], {("a", True), ("far-values", False)}),
        ([check("a", "block", high=0.2)], {("a", False), ("far-values", False)}),
        ([check("a", "warn", high=0.9, table="lab_results")], {("a", True)}),
        ([check("a", "warn", high=0.9, table="procedures")], {("far-values", False)}),
        ([check("a", "off", column="value"), check("b", "block", high=0.1)], {(None, None)}),
        (
            [check("a", "warn", high=0.9, table="lab_results"), check("b", "warn", high=0.1, column="value")],
            {("b", False)},
        ),
    ],
)
def test_the_closest_check_decides_for_each_severity(checks: list[dict[str, object]], found: set[object]) -> None:
    assert set(judged([metric(value=0.3)], checks=checks).select("check", "passed").iter_rows()) == found


def test_a_metric_that_blocks_is_not_listed_as_a_warning_too() -> None:
    rows = judged([metric(value=0.9)], checks=[check("a", "block", high=0.5)])
    assert gate.failures(rows).select("check", "severity").rows() == [("a", "block")]


NUMBERS = st.one_of(st.none(), st.floats(-5, 5, allow_nan=False))


@st.composite
def placed(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(st.lists(st.tuples(NUMBERS, st.floats(0, 2), NUMBERS, NUMBERS), min_size=1, max_size=20))
    values = [(v, None if v is None else v - w, None if v is None else v + w, low, high) for v, w, low, high in rows]
    names = ("value", "lower", "upper", "low", "high")
    return pl.DataFrame(values, schema=dict.fromkeys(names, pl.Float64), orient="row").drop_nulls("value")


@given(placed())
def test_the_expressions_judge_as_one_would_by_hand(frame: pl.DataFrame) -> None:
    by_hand = [
        (low is None or upper >= low) and (high is None or lower <= high)
        for _, lower, upper, low, high in frame.iter_rows()
    ]
    assert gate.by_expressions(frame).to_list() == by_hand


@pytest.mark.slow
def test_great_expectations_judges_as_the_expressions_do() -> None:
    pytest.importorskip("great_expectations")
    edges = [None, 0.0, 0.1, 0.5]
    values = [
        (v, v - w, v + w, low, high) for v in (0.0, 0.1, 0.5) for w in (0.0, 0.05) for low in edges for high in edges
    ]
    names = ("value", "lower", "upper", "low", "high")
    frame = pl.DataFrame(values, schema=dict.fromkeys(names, pl.Float64), orient="row")
    assert gate.by_great_expectations(frame).to_list() == gate.by_expressions(frame).to_list()


# Contradictions


def spinal(**cells: str) -> Callable[[], Rows]:
    return lambda: changed("spinal_assessments", 0, **cells)


def clinical(**cells: str) -> Callable[[], Rows]:
    return lambda: changed("clinical_assessments", 0, **cells)


def lesion(**cells: str) -> Callable[[], Rows]:
    return lambda: changed("bone_lesions", 0, **cells)


def tumour(**cells: str) -> Callable[[], Rows]:
    return lambda: changed("primary_tumours", 0, **cells)


def assessed(**cells: str) -> Callable[[], Rows]:
    return lambda: changed("lesion_assessments", 0, **cells)


def with_lesion(row: Row, **cells: str) -> Callable[[], Rows]:
    def made() -> Rows:
        rows = changed("bone_lesions", 0, **cells)
        rows["bone_lesions"].append({"discovery_date": "2023-04-01", **row})
        return rows

    return made


FEMUR = {"side": "left", "segment": "diaphysis"}
SUMS = {"n_bone_metastases": "3", "n_extraspinal_bone_metastases": "1"}

#   check, breaks it, does not
CONTRADICTORY = [
    ("suspicion_after_diagnosis", tumour(suspicion_date="2023-01-16"), tumour(suspicion_date="2023-01-15")),
    (
        "treatment_before_suspicion",
        tumour(suspicion_date="2023-01-10", first_treatment_date="2023-01-09"),
        tumour(suspicion_date="2023-01-10", first_treatment_date="2023-01-10"),
    ),
    ("assessment_before_discovery", assessed(date="2023-01-31"), assessed(date="2023-02-01")),
    ("assessment_before_discovery", spinal(date="2023-02-28", compression_date=""), spinal(date="2023-03-01", compression_date="")),
    ("bone_sum", clinical(**SUMS, n_vertebral_metastases="1"), clinical(**SUMS, n_vertebral_metastases="2")),
    ("ecog_against_karnofsky", clinical(ecog="3"), clinical(ecog="2")),
    (
        "lesion_twice",
        with_lesion({"lesion_id": "L9", "patient_id": "P1", "bone": "femur", **FEMUR}, **FEMUR),
        with_lesion({"lesion_id": "L9", "patient_id": "P1", "bone": "femur", **FEMUR}, side="right", segment="diaphysis"),
    ),
    ("segment_of_another_bone", lesion(segment="acetabulum"), lesion(segment="trochanteric")),
    ("midline_of_a_limb", lesion(side="midline"), lesion(side="left")),
    ("spinal_assessment_elsewhere", spinal(lesion_id="L1", patient_id="P1"), spinal()),
    ("compression_dated_but_none", spinal(cord_compression="none"), spinal(cord_compression="radiological")),
    ("frankel_against_deficit", spinal(frankel="E", motor_deficit="true"), spinal(frankel="C", motor_deficit="true")),
    ("frankel_against_deficit", spinal(frankel="C", motor_deficit="false"), spinal(frankel="E", motor_deficit="false")),
    (
        "fracture_dated_but_none",
        assessed(fracture_status="none", fracture_date="2023-02-04"),
        assessed(fracture_status="pathological_fracture", fracture_date="2023-02-04"),
    ),
    (
        "before_birth",
        lambda: changed("patients", 0, birth_date="2023-02-06"),
        lambda: changed("patients", 0, birth_date="1950-01-01"),
    ),
    (
        "after_last_contact",
        lambda: changed("patients", 1, last_contact_date="2023-03-04"),
        lambda: changed("patients", 1, last_contact_date="2023-03-05"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CONTRADICTORY)))
def test_a_contradiction_is_found_and_what_is_none_is_not(tmp_path: Path, number: int) -> None:
    name, broken, whole = CONTRADICTORY[number]
    found = coherence(taken(tmp_path / "broken", broken())).filter(pl.col("n_concerned") > 0)
    assert f"coherence:{name}" in set(found["metric"]), found
    assert found["file"].null_count() == found["line"].null_count() == 0
    mine = coherence(taken(tmp_path / "whole", whole())).filter(pl.col("metric") == f"coherence:{name}")
    assert mine["n_concerned"].sum() == 0
    assert mine["n"].sum() > 0


def test_every_contradiction_has_a_case() -> None:
    assert {f"coherence:{name}" for name, *_ in CONTRADICTORY} == {m.id for m in CONTRADICTIONS}


def test_the_clean_cohort_contradicts_itself_nowhere(tmp_path: Path) -> None:
    assert coherence(taken(tmp_path, cohort()))["n_concerned"].sum() == 0


def test_the_example_is_the_line_of_the_file_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    rows = changed("primary_tumours", 1, suspicion_date="2024-01-01")
    rows["primary_tumours"].reverse()
    rows["primary_tumours"].insert(0, {**rows["primary_tumours"][0]})  # a copy, which goes to quarantine
    intake = take_in([write(tmp_path / "X", rows)])
    found = coherence(Cohort(intake.tables, intake.coverage, lambda: intake.places)).filter(pl.col("n_concerned") > 0)
    assert found.select("file", "line").row(0) == ("primary_tumours.csv", 4)


# Numbers


def labs(values: list[str]) -> Rows:
    rows = cohort()
    rows["lab_results"] = [
        {"patient_id": "P1", "date": "2023-02-02", "analyte": "creatinine", "value": value} for value in values
    ]
    return rows


def test_a_value_that_no_one_has_is_found_where_it_stands(tmp_path: Path) -> None:
    found = human_ranges(taken(tmp_path, labs(["80", "9", "2500", "2501"])), DEFAULT.human_ranges)
    row = found.filter(pl.col("table") == "lab_results").row(0, named=True)
    assert (row["n"], row["n_concerned"]) == (4, 2)
    assert row["line"] in (3, 5)


def test_a_child_is_no_patient_of_this_audit(tmp_path: Path) -> None:
    found = human_ranges(taken(tmp_path, changed("patients", 0, birth_date="2010-01-31")), DEFAULT.human_ranges)
    ages = found.filter(pl.col("table") == "primary_tumours")
    assert ages["n_concerned"].sum() == 1


def test_creatinine_in_milligrams_per_litre_gives_itself_away(tmp_path: Path) -> None:
    cohort_of = {
        unit: taken(tmp_path / unit, labs(values)) for unit, values in (("mg", ["9"] * 20), ("umol", ["80"] * 20))
    }
    for unit, passes in (("mg", False), ("umol", True)):
        found = gate.judge(medians(cohort_of[unit], DEFAULT.medians), DEFAULT).filter(pl.col("passed").is_not_null())
        mine = found.filter(pl.col("column") == "value (creatinine)")
        assert mine["passed"].to_list() == [passes]


def test_a_value_far_from_the_others_is_an_outlier_and_a_constant_has_none(tmp_path: Path) -> None:
    needed = {("lab_results", "value")}
    values = [str(70 + n) for n in range(20)]
    spread = outliers(taken(tmp_path / "a", labs([*values, "800"])), needed)
    assert spread.select("n", "n_concerned").row(0) == (21, 1)
    assert outliers(taken(tmp_path / "b", labs(["80"] * 20)), needed).is_empty()


# Completeness


def completeness_of(**shares: int) -> pl.DataFrame:
    rows = [(centre, "patients", "sex", 100, n, n / 100) for centre, n in shares.items()]
    names = ("centre_id", "table", "column", "n_rows", "n_filled", "share")
    return pl.DataFrame(rows, schema=names, orient="row")


def test_completeness_of_what_is_needed_alone() -> None:
    assert filled(completeness_of(C1=40), {("patients", "birth_date")}).is_empty()
    row = filled(completeness_of(C1=40), {("patients", "sex")}).row(0, named=True)
    assert (row["value"], row["n"], row["n_concerned"]) == (0.4, 100, 60)


def test_a_centre_lies_beside_the_median_of_the_others_if_there_are_two() -> None:
    def beside(**shares: int) -> dict[str, float]:
        found = filled(completeness_of(**shares), {("patients", "sex")})
        mine = found.filter(pl.col("metric") == "completeness_beside")
        return {c: round(v, 6) for c, v in mine.select("centre_id", "value").iter_rows()}

    assert beside(C1=40, C2=90) == {}
    assert beside(C1=40, C2=90, C3=80) == {"C1": -0.45, "C2": 0.3, "C3": 0.15}


def test_refused_rows_are_a_share_of_those_read() -> None:
    counts = pl.DataFrame({"centre_id": ["C1", None], "table": ["patients"] * 2, "read": [20, 9], "accepted": [9, 0],
                           "quarantined": [11, 9]})  # fmt: skip
    found = gate.judge(accepted(counts), DEFAULT)
    assert gate.failures(found).select("check", "value").rows() == [("rows-refused", 0.45)]


def test_what_keeps_decisions_from_being_assessed_names_its_column() -> None:
    blamed = pl.DataFrame({"centre_id": ["C1", "C1"], "place": ["lab_results", "patients.sex"], "n": [10, 40],
                           "n_blamed": [1, 30]})  # fmt: skip
    found = unassessable(blamed).select("table", "column", "value", "n_concerned").rows()
    assert found == [("lab_results", None, 0.1, 1), ("patients", "sex", 0.75, 30)]


# Plausibility


def test_every_printed_figure_is_compared_or_said_why_not() -> None:
    compared = {figure.id.split("-")[0] for figure in FIGURES}
    assert compared | set(NOT_COMPARED) == {f"E{n:02}" for n in range(1, 26)}
    assert not compared & set(NOT_COMPARED)


def test_shares_are_of_lung_cancers_with_bone_metastases_of_centres_that_supply_the_table(tmp_path: Path) -> None:
    rows = cohort()
    rows["bone_lesions"].append({"lesion_id": "L4", "patient_id": "P1", "discovery_date": "2023-02-01", "bone": "rib"})
    found = plausibility.plausibility(taken(tmp_path, rows), 0.15, 0.1)
    network = {m.split(":")[1]: (v, n) for m, v, n in
               found.filter(pl.col("centre_id").is_null()).select("metric", "value", "n").iter_rows()}  # fmt: skip
    assert network["E02"] == (0.5, 2)  # P3 has breast cancer
    assert network["E03-long"] == pytest.approx((1 / 3, 3))
    assert network["E07-radiotherapy"] == (0.5, 2)
    assert network["E07-surgery"] == (0.5, 2)
    assert "E25" in network
    assert network["E25"] == (0.0, 1)  # LIBELULE had closed
    assert "E23" not in network


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_the_limits_of_a_figure_hold_what_is_printed(figure: plausibility.Figure) -> None:
    low, high = figure.limits(0.15, 0.1)
    assert (low, high) != (None, None)
    assert (low or 0) <= (high or 1)
    if figure.point is not None:
        assert (low or 0) <= figure.point <= (high or 1)


# Drift


def test_drift_is_against_the_run_before_and_a_centre_that_is_gone_is_seen() -> None:
    rows = {"metric": "rows", "table": "patients", "column": None}
    before = frame_of([{**rows, "centre_id": c, "value": 40.0, "n": 40} for c in ("C1", "C2", "C3")])
    now = frame_of(
        [{**rows, "centre_id": "C1", "value": 40.0, "n": 40}, {**rows, "centre_id": "C2", "value": 35.0, "n": 35}]
    )
    found = gate.judge(drift(now, before), DEFAULT)
    assert dict(found.unique("centre_id").select("centre_id", "value").iter_rows()) == {
        "C1": 1.0,
        "C2": 0.875,
        "C3": 0.0,
    }
    assert gate.failures(found).select("centre_id", "check").rows() == [("C3", "rows-gone"), ("C2", "rows-moved")]


def test_completeness_and_shares_drift_in_points() -> None:
    row = {"centre_id": "C1", "table": "patients", "column": "sex", "n": 50}
    before = frame_of(
        [{**row, "metric": "completeness", "value": 0.9}, {**row, "metric": "plausibility:E02", "value": 0.8}]
    )
    now = frame_of(
        [{**row, "metric": "completeness", "value": 0.7}, {**row, "metric": "plausibility:E02", "value": 0.85}]
    )
    found = drift(now, before).sort("metric")
    assert found["metric"].to_list() == ["drift_completeness", "drift_share"]
    assert found["value"].to_list() == pytest.approx([-0.2, 0.05])
    assert gate.failures(gate.judge(found, DEFAULT))["metric"].to_list() == ["drift_completeness"]


def test_nothing_drifts_from_itself(tmp_path: Path) -> None:
    now = plausibility.plausibility(taken(tmp_path, cohort()), 0.15, 0.1)
    assert set(drift(now, now)["value"]) <= {0.0}


@pytest.mark.parametrize(("k", "n"), [(1, 3), (0, 40), (30_000, 40_000), (160_000, 200_000), (70_000, 3_000_000)])
def test_the_interval_of_a_share_is_that_of_wilson_whatever_the_number(k: int, n: int) -> None:
    counts = pl.DataFrame({"k": [k], "n": [n]}, schema=dict.fromkeys("kn", pl.UInt32))
    found = counts.select(
        low=plausibility._wilson(pl.col("k"), pl.col("n"))[0], high=plausibility._wilson(pl.col("k"), pl.col("n"))[1]
    )
    assert found.row(0) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-7)


def test_an_empty_registry_is_measured_without_complaint() -> None:
    from scoring.registry import COVERAGE_SCHEMA

    empty = Cohort({}, pl.DataFrame(schema=COVERAGE_SCHEMA))
    parts = [coherence(empty), human_ranges(empty, DEFAULT.human_ranges), medians(empty, DEFAULT.medians),
             outliers(empty, {("lab_results", "value")}), plausibility.plausibility(empty, 0.15, 0.1)]  # fmt: skip
    assert pl.concat(parts).schema == pl.Schema(SCHEMA)
    assert pl.concat(parts).is_empty()
