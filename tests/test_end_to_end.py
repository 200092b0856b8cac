"""From files to report: what the audit promises as a whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from audits import FORMATS, SAMPLES, Audit, audit, hashes

from pipelines import publish, store
from pipelines.audit import GateError
from pipelines.ingest import ExtractError, take_in
from pipelines.run import Run
from scoring.core.recommendation import Status
from scoring.recommendations import RULES
from validation.contract import TABLES


def test_an_audit_holds_what_the_design_says(sample_audit: Audit) -> None:
    out = sample_audit.out
    assert {path.name for path in out.iterdir()} == set(publish.ENTRIES)
    assert {path.name for path in (out / "publish").iterdir()} == {"report.html"}
    assert {path.name for path in (out / "centres").iterdir()} == {f"C0{n}" for n in range(1, 7)}
    for centre in (out / "centres").iterdir():
        assert {path.name for path in centre.iterdir()} == {"report.html", "cases.csv"}
    results = {path.stem for path in (out / "results").iterdir()}
    assert {f"scores_{name}" for name in ("mirels", "rades", "sins", "frankel", "tokuhashi", "tomita")} <= results
    assert {f"verdicts_{rule.grain}" for rule in RULES} <= results
    assert {"rates", "verdict_codes"} <= results
    assert {path.stem for path in (out / "quality").iterdir()} == {
        "quarantine",
        "counts",
        "completeness",
        "gate",
        "linkage",
    }


def test_the_database_holds_the_same_as_the_results(sample_audit: Audit) -> None:
    out = sample_audit.out
    with store.connect(out / "audit.duckdb", read_only=True) as con:
        for path in (out / "results").glob("*.parquet"):
            schema = "scores" if path.stem.startswith("scores_") else "concordance"
            name = path.stem.removeprefix("scores_").replace("verdict_codes", "codes")
            kept = store.read_frame(con, schema, name)
            assert kept.height == pl.read_parquet(path).height, path.stem


def test_the_long_view_agrees_with_the_rates(sample_audit: Audit) -> None:
    with store.connect(sample_audit.out / "audit.duckdb", read_only=True) as con:
        verdicts = store.read_frame(con, "concordance", "verdicts")
        rates = store.read_frame(con, "concordance", "rates")
        options = store.read_frame(con, "concordance", "options")
    assert set(verdicts.columns) == {
        *("rule_id", "edition", "grain", "patient_id", "centre_id", "entity_id", "index_date"),
        *("status", "reason", "recommended", "given", "flags"),
    }
    assert set(verdicts["status"]) == set(Status)
    taken = verdicts.filter(pl.col("status") == "reported").group_by("rule_id", "centre_id", option="given").len()
    told = options.filter(pl.col("centre_id").is_not_null() & (pl.col("n") > 0))
    assert sorted(taken.rows()) == sorted(told.select("rule_id", "centre_id", "option", "n").rows())
    verdicts = verdicts.join(rates, on="rule_id", how="semi")
    counted = verdicts.group_by("rule_id", "centre_id", "status").len()
    cells = rates.filter(pl.col("centre_id").is_not_null() & (pl.col("period") == "all"))
    told = cells.unpivot(
        [f"n_{status}" for status in Status if status is not Status.REPORTED],
        index=["rule_id", "centre_id"],
        variable_name="status",
        value_name="len",
    ).with_columns(pl.col("status").str.strip_prefix("n_"))
    both = told.filter(pl.col("len") > 0).join(counted, on=["rule_id", "centre_id", "status"], how="full")
    assert both.filter(pl.col("len").cast(pl.Int64).ne_missing(pl.col("len_right").cast(pl.Int64))).is_empty()


def test_what_was_read_is_accepted_or_in_quarantine(sample_audit: Audit) -> None:
    out = sample_audit.out
    counts = pl.read_parquet(out / "quality" / "counts.parquet")
    assert counts.filter(pl.col("read") != pl.col("accepted") + pl.col("quarantined")).is_empty()
    tables = store.load(out / "audit.duckdb")
    accepted = dict(counts.group_by("table").agg(pl.col("accepted").sum()).iter_rows())
    assert {name: tables[name].height for name in TABLES} == {name: accepted.get(name, 0) for name in TABLES}


@pytest.mark.parametrize(
    "form",
    ["fr_csv", "parquet", *(pytest.param(form, marks=pytest.mark.slow) for form in ("iso_csv", "xlsx"))],
)
def test_every_planted_fault_of_the_samples_is_found(form: str) -> None:
    planted = pl.read_csv(SAMPLES / form / "faults.csv")
    quarantine = take_in([SAMPLES / form]).quarantine
    found = {tuple(row) for row in quarantine.select("file", "line", "rule").iter_rows()}
    missed = [row for row in planted.select("file", "line", "rule").iter_rows() if tuple(row) not in found]
    assert planted.height >= 20
    assert missed == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_clean_extract_has_an_empty_quarantine(clean_audits: dict[str, Audit], form: str) -> None:
    assert pl.read_parquet(clean_audits[form].out / "quality" / "quarantine.parquet").is_empty()
    assert publish.read_manifest(clean_audits[form].out)["counts"]["rows"]["quarantined"] == 0


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "iso_csv"])
def test_four_shapes_of_one_cohort_give_the_same_bytes(clean_audits: dict[str, Audit], form: str) -> None:
    expected = hashes(clean_audits["iso_csv"].out / "results")
    assert len(expected) > 10
    assert hashes(clean_audits[form].out / "results") == expected


def test_two_runs_give_the_same_bytes(sample_audit: Audit, tmp_path: Path) -> None:
    again = audit(SAMPLES / "fr_csv", tmp_path / "again", lang="en").out
    for part in ("results", "publish", "centres", "quality"):
        assert hashes(again / part) == hashes(sample_audit.out / part), part


def test_the_manifest_says_what_went_in_and_what_it_cost(sample_audit: Audit) -> None:
    manifest = json.loads((sample_audit.out / "manifest.json").read_text("utf-8"))
    assert manifest["parameters"]["lang"] == "en"
    assert {edition["id"] for edition in manifest["editions"]} >= {"G1", "G2"}
    assert {"osteoconcord", "python", "polars", "duckdb"} <= set(manifest["versions"])
    assert [step["step"] for step in manifest["steps"]][:2] == ["take_in", "store_registry"]
    assert all(step["seconds"] >= 0 and step["peak_mib"] > 50 for step in manifest["steps"])
    files = list((SAMPLES / "fr_csv").glob("C*/*.csv"))
    assert len(manifest["inputs"]) == len(files)
    assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) for file in manifest["inputs"])


def test_nothing_of_one_patient_is_published(sample_audit: Audit) -> None:
    page = (sample_audit.out / "publish" / "report.html").read_text("utf-8")
    for table in ("patients", "bone_lesions", "procedures"):
        keys = store.load(sample_audit.out / "audit.duckdb")[table][TABLES[table].key[0]]
        assert not [key for key in keys if key in page]


def index_dates(out: Path) -> pl.Series:
    paths = sorted((out / "results").glob("verdicts_*.parquet"))
    return pl.concat([pl.read_parquet(path, columns=["index_date"])["index_date"] for path in paths])


def test_period_and_edition_are_kept_to(
    clean_extracts: dict[str, Path], clean_audits: dict[str, Audit], tmp_path: Path
) -> None:
    start, end = date(2024, 1, 1), date(2024, 6, 30)
    half = audit(clean_extracts["parquet"], tmp_path / "half", start=start, end=end, report=False)
    everything = audit(clean_extracts["parquet"], tmp_path / "all", retrospective=True, report=False)
    inside, later, earlier = (index_dates(made.out) for made in (half, clean_audits["parquet"], everything))
    assert len(inside) > 0
    assert inside.is_between(start, end).all()
    assert len(inside) < len(later) < len(earlier)
    assert earlier.min() < date(2022, 7, 30)  # type: ignore[operator]


# bad input


def copy(extract: Path, to: Path) -> Path:
    shutil.copytree(extract, to)
    return to


def no_patient_rows(extract: Path) -> None:
    for path in extract.glob("*/patients.csv"):
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")


def unreadable_patients(extract: Path) -> None:
    for path in extract.glob("*/patients.csv"):
        head, *rows = path.read_text("utf-8").splitlines()
        birth = head.split(",").index("birth_date")
        broken = [",".join("never" if i == birth else cell for i, cell in enumerate(row.split(","))) for row in rows]
        path.write_text("\n".join([head, *broken, ""]), "utf-8")


@pytest.mark.parametrize("spoil", [no_patient_rows, unreadable_patients])
def test_the_gate_stops_an_audit_of_nothing(
    clean_extracts: dict[str, Path], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    extract = copy(clean_extracts["iso_csv"], tmp_path / "extract")
    spoil(extract)
    with pytest.raises(GateError, match="No patient was accepted"):
        audit(extract, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_audit_survives_bad_input_that_comes_after_it(clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    out = audit(clean_extracts["parquet"], tmp_path / "out", report=False).out
    before = hashes(out)
    with pytest.raises(ExtractError):
        audit(tmp_path / "nowhere", out)
    assert hashes(out) == before


@pytest.mark.parametrize("step", ["check", "store_verdicts", "write_manifest"])
def test_an_audit_survives_an_interruption_in_any_step(
    clean_extracts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    out = audit(clean_extracts["parquet"], tmp_path / "out", report=False).out
    before = hashes(out)
    do = Run.do

    def interrupted(self: Run, stage: str, asked: Callable[[Run], None]) -> None:
        if asked.__name__ == step:
            raise KeyboardInterrupt
        do(self, stage, asked)

    monkeypatch.setattr(Run, "do", interrupted)
    monkeypatch.setattr("reports.html.network_report", lambda data, lang: "")
    with pytest.raises(KeyboardInterrupt):
        audit(clean_extracts["parquet"], out)
    assert hashes(out) == before


def test_hostile_centre_names_stay_inside_the_folder(clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    extract = copy(clean_extracts["iso_csv"], tmp_path / "extract")
    for path in [*extract.glob("C01/*.csv"), extract / "C01" / "extract.toml"]:
        path.write_text(re.sub(r"\bC01\b(?!-)", "../../evil", path.read_text("utf-8")), "utf-8")
    out = audit(extract, tmp_path / "out").out
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "out"}
    folders = {path.name for path in (out / "centres").iterdir()}
    assert {"C02", "C03"} < folders
    assert len(folders) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", name) for name in folders)
