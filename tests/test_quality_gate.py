"""The quality gate end to end: what it stops, what it lets pass, and what the reports say of it."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import report_samples as samples
from audits import SAMPLES, Audit, audit, hashes
from small_extract import cohort, write

from pipelines import cli
from pipelines.audit import GateError
from pipelines.quality import FILE
from pipelines.run import Request
from reports.data import ReportData
from reports.html import centre_page, network_report
from reports.quality import network_findings, printed_figures
from reports.words import SUPPRESSED
from validation.quality import gate
from validation.quality.model import KEY, frame_of

STOP = '[[checks]]\nid = "sex"\nmetric = "completeness"\ntable = "patients"\ncolumn = "sex"\nseverity = "block"\nlow = 1.01\n'
"""A gate that no registry passes."""

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def osteoconcord(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["osteoconcord", *map(str, args)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return code, told.out, told.err

    return run


def stopping(folder: Path) -> Path:
    path = folder / "gate.toml"
    path.write_text("smallest_n = 1\n" + STOP, encoding="utf-8")
    return path


# What it stops


def test_a_failed_block_stops_the_publication_and_leaves_out_alone(
    osteoconcord: Command, clean_extracts: dict[str, Path], tmp_path: Path
) -> None:
    extract, out = clean_extracts["parquet"], tmp_path / "out"
    audit(extract, out, report=False)
    before = hashes(out)
    code, _, said = osteoconcord("audit", extract, "--out", out, "--no-report", "--gate", stopping(tmp_path))
    assert code == 1
    assert hashes(out) == before
    for words in ("lets nothing be published, for 3 reasons", "[sex]", "C01 patients.sex", "expected at least 101%"):
        assert words in said
    assert "What to do" in said or "Check that the column is exported" in said


def test_a_failed_block_makes_no_folder(osteoconcord: Command, clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "new"
    code, *_ = osteoconcord("score", clean_extracts["parquet"], "--out", out)
    assert code == 0
    code, *_ = osteoconcord(
        "audit", clean_extracts["parquet"], "--out", tmp_path / "other", "--gate", stopping(tmp_path)
    )
    assert code == 1
    assert not (tmp_path / "other").exists()


def test_a_gate_file_that_cannot_be_used_is_wrong_usage(osteoconcord: Command, tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    for text, words in (("a b", "not a TOML file"), ("moon = 1\nsmallest_n = 0", "2 of its values cannot be used")):
        path.write_text(text, encoding="utf-8")
        for command in (("audit", SAMPLES / "fr_csv", "--out", tmp_path / "out"), ("validate", SAMPLES / "fr_csv")):
            code, _, said = osteoconcord(*command, "--gate", path)
            assert (code, words in said) == (2, True), said


def test_half_a_centre_is_not_published_over_the_whole_of_it(clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    whole = clean_extracts["iso_csv"]
    out = tmp_path / "out"
    audit(whole, out, report=False)
    before = hashes(out)
    gone = tmp_path / "gone"
    for folder in sorted(path for path in whole.rglob("patients.csv")):
        lines = folder.read_text("utf-8").splitlines(keepends=True)
        place = gone / folder.parent.relative_to(whole)
        place.mkdir(parents=True)
        for other in folder.parent.iterdir():
            (place / other.name).write_bytes(other.read_bytes())
        (place / "patients.csv").write_text("".join(lines[: 1 + len(lines) // 4]), encoding="utf-8")
    with pytest.raises(GateError) as caught:
        audit(
            gone, out, report=False, gate={"checks": [{"id": "rows-refused", "metric": "accepted", "severity": "off"}]}
        )
    assert "rows-gone" in str(caught.value)
    assert hashes(out) == before


# What it lets pass


def test_the_sample_network_passes_with_warnings_that_lie_in_the_folder(sample_audit: Audit) -> None:
    found = pl.read_parquet(sample_audit.out / FILE)
    assert found.schema == pl.Schema(gate.GATE_SCHEMA)
    assert set(gate.failures(found)["severity"]) == {"warn"}
    assert {"completeness", "not_assessable", "accepted", "rows"} <= set(found["metric"])
    assert found.filter(pl.col("check").is_not_null()).select(*KEY, "severity").is_duplicated().sum() == 0


def test_the_same_audit_again_drifts_nowhere_and_says_the_same(clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    audit(clean_extracts["fr_csv"], out)
    before = hashes(out / "publish") | hashes(out / "centres")
    audit(clean_extracts["fr_csv"], out)
    found = pl.read_parquet(out / FILE).filter(pl.col("metric").str.starts_with("drift"))
    assert found.height > 0
    assert set(found.filter(pl.col("metric") == "drift_rows")["value"]) == {1.0}
    assert set(found.filter(pl.col("metric") != "drift_rows")["value"]) == {0.0}
    assert hashes(out / "publish") | hashes(out / "centres") == before


def test_the_four_shapes_of_one_cohort_are_of_one_quality(clean_audits: dict[str, Audit]) -> None:
    frames = [pl.read_parquet(made.out / FILE).drop("file", "line") for made in clean_audits.values()]
    assert all(frame.equals(frames[0]) for frame in frames)


def test_what_was_not_assessable_is_counted_as_the_verdicts_say(sample_audit: Audit) -> None:
    from pipelines import store

    found = pl.read_parquet(sample_audit.out / FILE).filter(pl.col("metric") == "not_assessable")
    with store.connect(sample_audit.out / "audit.duckdb", read_only=True) as con:
        reasons = con.sql(
            "SELECT centre_id, reason, count(*) n FROM concordance.verdicts WHERE status = 'not_assessable' "
            "AND reason NOT LIKE 'quarantine:%' GROUP BY ALL"
        ).pl()
    place = pl.concat_str("table", pl.col("column").fill_null(""), separator=".").str.strip_suffix(".")
    told = {(c, p): n for c, p, n in found.select("centre_id", place.alias("p"), "n_concerned").unique().iter_rows()}
    tables = {key for key in reasons.select("centre_id", "reason").iter_rows() if key in told}
    assert tables
    assert {(c, r): n for c, r, n in reasons.iter_rows() if (c, r) in told} == told


# What validate says


def test_validate_names_problem_count_place_and_remedy_without_an_audit(osteoconcord: Command, tmp_path: Path) -> None:
    rows = cohort()
    rows["clinical_assessments"][0] |= {"ecog": "4"}
    extract = write(tmp_path / "extract", rows)
    code, said, _ = osteoconcord("validate", extract)
    assert code == 0
    for words in (
        "ECOG and Karnofsky contradict each other",
        "C1 clinical_assessments.ecog: 50%, expected at most 0%; 1 of 2; example: clinical_assessments.csv, line 2",
        "What to do: Compare both cells",
    ):
        assert words in said
    code, said, _ = osteoconcord("validate", extract, "--json")
    quality = json.loads(said)["quality"]
    mine = next(row for row in quality if row["metric"] == "coherence:ecog_against_karnofsky")
    assert (mine["severity"], mine["n_concerned"], mine["file"], mine["line"]) == (
        "warn",
        1,
        "clinical_assessments.csv",
        2,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extract"]


def test_validate_fails_where_an_audit_would(osteoconcord: Command, tmp_path: Path) -> None:
    extract = write(tmp_path / "extract", cohort())
    code, said, complaint = osteoconcord("validate", extract, "--gate", stopping(tmp_path))
    assert code == 1
    assert "findings block the publication" in said
    assert "[sex] A column that measures need" in complaint


def test_validate_still_says_that_nothing_was_accepted(osteoconcord: Command, tmp_path: Path) -> None:
    rows = {name: cohort()[name] for name in ("centres", "patients")}
    for row in rows["patients"]:
        row["birth_date"] = "never"
    code, _, complaint = osteoconcord("validate", write(tmp_path / "extract", rows))
    assert code == 1
    assert "No patient was accepted" in complaint


def test_no_value_of_a_patient_leaves_with_the_gate(sample_audit: Audit) -> None:
    written = pl.read_parquet(sample_audit.out / FILE).write_csv()
    from pipelines import store

    registry = store.load(sample_audit.out / "audit.duckdb")
    for table in ("patients", "bone_lesions", "lesion_assessments"):
        assert not any(key in written for key in registry[table][registry[table].columns[0]])


# What the reports say


def gated(rows: list[dict[str, object]]) -> ReportData:
    return dataclasses.replace(samples.report_data(), gate=gate.judge(frame_of(rows), gate.settings()))


def share(figure: str, k: int, n: int, **given: object) -> dict[str, object]:
    row = {"metric": f"plausibility:{figure}", "table": "bone_lesions", "column": "bone", "value": k / n, "n": n}
    return {**row, "n_concerned": k, **given}


def finding(centre: str, **given: object) -> dict[str, object]:
    row = {"metric": "coherence:bone_sum", "centre_id": centre, "table": "clinical_assessments"}
    return {**row, "column": "n_bone_metastases", "value": 0.1, "n": 30, "n_concerned": 3, **given}


@pytest.mark.parametrize(
    ("k", "hidden"), [(0, False), (1, True), (4, True), (5, False), (95, False), (96, True), (100, False)]
)
def test_a_share_that_tells_a_small_count_is_hidden(k: int, hidden: bool) -> None:
    view = printed_figures(gated([share("E16", k, 100, low=0.5)]), "en")
    assert [(figure.seen == SUPPRESSED) for figure in view] == [hidden]
    assert not (hidden and view[0].outside)


def test_shares_of_one_whole_are_hidden_together() -> None:
    rows = [share("E04-C", 2, 100), share("E04-T", 58, 100), share("E04-L", 40, 100), share("E16", 50, 100)]
    assert {v.id: v.seen for v in printed_figures(gated(rows), "en")} == {
        "E04-T": SUPPRESSED, "E04-L": SUPPRESSED, "E04-C": SUPPRESSED, "E16": "50%",
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_network_learns_which_centres_and_columns_but_no_count(lang: str) -> None:
    data = gated([finding("C01"), finding("C05", value=0.2)])
    (found,) = network_findings(data, lang)
    assert "C01" in found.centres
    assert "C05" in found.centres
    assert "n_bone_metastases" in found.places
    section = _quality(network_report(data, lang))
    assert not {"10%", "20%", "10 %", "3"} & set(section.replace("<", " ").replace(">", " ").split())


@pytest.mark.parametrize(("lang", "words"), [("en", "3 of 30"), ("fr", "3 sur 30")])
def test_a_centre_sees_its_own_numbers_and_its_own_alone(lang: str, words: str) -> None:
    data = gated([finding("C01", file="<b>x</b>.csv", line=7), finding("C02", n=77)])
    section = _quality(centre_page(data, "C01", lang))
    assert words in section
    assert "77" not in section
    assert "<b>" not in section
    assert "&lt;b&gt;x&lt;/b&gt;.csv" in section


def test_a_registry_without_a_finding_says_so() -> None:
    data = samples.report_data()
    assert "The quality gate warns of nothing." in _quality(network_report(data, "en"))
    assert "Le contrôle qualité ne signale rien." in _quality(centre_page(data, "C01", "fr"))


def _quality(page: str) -> str:
    return page.split('<section aria-labelledby="quality">')[1].split("</section>")[0]


def test_a_request_keeps_its_gate(clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    made = audit(clean_extracts["parquet"], tmp_path / "out", report=False, gate={"smallest_n": 30})
    assert Request.of(made.out).gate == {"smallest_n": 30}
