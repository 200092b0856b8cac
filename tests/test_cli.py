"""The command line: exit codes, messages, summaries; never a traceback, patient values only where they are asked for."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from audits import SAMPLES, Audit, audit, hashes

from pipelines import cli, publish, store
from scoring.recommendations import RULES
from scoring.recommendations.parameters import PARAMETERS
from scoring.scores import CLASSIFICATIONS, SCORES
from validation.contract import TABLES


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def osteoconcord(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run the command as a shell would, on a screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["osteoconcord", *map(str, args)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Result(code, told.out, told.err)

    return run


Run = Callable[..., Result]
COMMANDS = ["audit", "score", "validate", "explain", "rules", "parameters", "needs", "contract", "synth"]


# help and usage


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_of_the_command(osteoconcord: Run, command: str) -> None:
    shown = osteoconcord(command, "--help")
    assert shown.code == 0
    assert re.search(rf"Examples:.*osteoconcord {command}", shown.out, re.DOTALL)
    assert max(map(len, shown.out.splitlines())) <= 80


def test_help_lists_every_command(osteoconcord: Run) -> None:
    shown = osteoconcord("--help")
    assert [name for name in COMMANDS if not re.search(rf"^│ {name} ", shown.out, re.MULTILINE)] == []


def test_version(osteoconcord: Run) -> None:
    assert re.fullmatch(r"osteoconcord \d+\.\d+\.\d+\n", osteoconcord("--version").out)


@pytest.mark.parametrize(
    "args",
    [
        ("audit",),
        ("audit", "x"),
        ("nonsense",),
        ("audit", "x", "--out", "y", "--lang", "de"),
        ("audit", "x", "--out", "y", "--from", "yesterday"),
        ("audit", "x", "--out", "y", "--from", "2024-02-01", "--to", "2024-01-01"),
        ("audit", "x", "--out", "y", "--rules", "G1-3.5.3-99"),
        ("contract", "patient"),
        ("synth", "--patients", "0", "--out", "y"),
        ("synth", "--patients", "2", "--centres", "5", "--out", "y"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    osteoconcord: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = osteoconcord(*args)
    assert told.code == 2
    assert told.err
    assert not told.out
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_rule_is_answered_with_a_close_one(osteoconcord: Run, tmp_path: Path) -> None:
    told = osteoconcord("audit", SAMPLES / "fr_csv", "--out", tmp_path / "out", "--rules", "G1-3.5.3-1")
    assert "G1-3.5.3-01" in told.err
    assert not (tmp_path / "out").exists()


# audit


def test_an_audit_ends_with_a_summary_that_fits_the_screen(
    osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path
) -> None:
    told = osteoconcord("audit", clean_extracts["parquet"], "--out", tmp_path / "out", "--lang", "en")
    assert told.code == 0
    assert told.err == ""
    table = [line for line in told.out.splitlines() if str(tmp_path) not in line]
    assert max(map(len, table)) <= 80
    for words in (
        "patients accepted",
        "G1-3.5.3-01",
        "95 % CI",
        "not assessable",
        str(tmp_path / "out/publish/report.html"),
    ):
        assert words in told.out


def test_an_audit_in_french_speaks_french(osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    told = osteoconcord("audit", clean_extracts["parquet"], "--out", tmp_path / "out", "--no-report")
    assert "patients acceptés" in told.out
    assert "Rapport" not in told.out
    assert not (tmp_path / "out" / "publish").exists()


def test_quiet_says_nothing(osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    told = osteoconcord("score", clean_extracts["parquet"], "--out", tmp_path / "out", "--quiet")
    assert told == Result(0, "", "")
    assert {path.stem for path in (tmp_path / "out" / "results").iterdir()} == {
        f"scores_{name}" for name in (*SCORES, *CLASSIFICATIONS)
    }


def test_json_is_one_document_without_a_patient(
    osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path
) -> None:
    told = osteoconcord("audit", clean_extracts["parquet"], "--out", tmp_path / "out", "--no-report", "--json")
    found = json.loads(told.out)
    assert found["counts"]["patients"] == 60
    assert found["counts"]["rows"]["read"] == found["counts"]["rows"]["accepted"]
    assert sum(found["counts"]["verdicts"].values()) > 0
    assert {"rule_id", "rate", "lower", "upper", "n_assessed", "n_not_assessable"} <= set(found["headline"][0])
    assert "-P0" not in told.out


def test_rules_select_the_headlines_and_leave_the_results_alone(
    osteoconcord: Run, clean_extracts: dict[str, Path], clean_audits: dict[str, Audit], tmp_path: Path
) -> None:
    asked = ("--rules", "G1-3.4-08, G1-2-02", "--no-report", "--json")
    told = osteoconcord("audit", clean_extracts["parquet"], "--out", tmp_path / "out", *asked)
    assert [row["rule_id"] for row in json.loads(told.out)["headline"]] == ["G1-3.4-08", "G1-2-02"]
    assert hashes(tmp_path / "out" / "results") == hashes(clean_audits["parquet"].out / "results")


def test_a_terminal_shows_progress_beside_the_result(
    osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    told = osteoconcord("score", clean_extracts["parquet"], "--out", tmp_path / "out", "--json")
    assert json.loads(told.out)["counts"]["patients"] == 60
    assert "Lecture et contrôle des extractions" in told.err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_running_audit_that_is_stopped_leaves_the_one_before(
    clean_extracts: dict[str, Path], clean_audits: dict[str, Audit], tmp_path: Path, sent: signal.Signals
) -> None:
    out = shutil.copytree(clean_audits["parquet"].out, tmp_path / "out")
    before = hashes(out)
    program = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", program, "audit", str(clean_extracts["parquet"]), "--out", str(out), "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        while not (out / publish.STAGING / "new" / "audit.duckdb").exists():
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(sent)
        assert running.stderr
        said = running.stderr.read()
    assert running.returncode != 0
    assert "Traceback" not in said
    assert {name: content for name, content in hashes(out).items() if not name.startswith(".")} == before
    audit(clean_extracts["parquet"], out, report=False)
    assert hashes(out / "results") == hashes(clean_audits["parquet"].out / "results")
    assert {path.name for path in out.iterdir()} == {path.name for path in clean_audits["parquet"].out.iterdir()}


# bad input


def emptied(extract: Path) -> None:
    shutil.rmtree(extract)
    extract.mkdir()


def unknown_table(extract: Path) -> None:
    (extract / "C01" / "patient.csv").write_text("a,b\n1,2\n")


def unknown_column(extract: Path) -> None:
    path = extract / "C01" / "patients.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{head},shoe_size", *(f"{row},SECRET" for row in rows), ""]), "utf-8")


def lacking_column(extract: Path) -> None:
    path = extract / "C01" / "patients.csv"
    path.write_text(path.read_text("utf-8").replace("patient_id", "patient", 1), "utf-8")


def truncated_in_quotes(extract: Path) -> None:
    path = extract / "C02" / "bone_lesions.csv"
    path.write_text(path.read_text("utf-8") + '"C02-P', "utf-8")


def binary(extract: Path) -> None:
    (extract / "C01" / "procedures.csv").write_bytes(bytes(range(256)) * 40)


def utf_16(extract: Path) -> None:
    path = extract / "C03" / "patients.csv"
    path.write_bytes(path.read_text("utf-8").encode("utf-16-le"))  # without its mark


def twice(extract: Path) -> None:
    pl.read_csv(extract / "C01" / "patients.csv").write_parquet(extract / "C01" / "patients.parquet")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (emptied, "no table"),
        (unknown_table, "patients"),
        (unknown_column, "shoe_size"),
        (lacking_column, "patient_id"),
        (truncated_in_quotes, "bone_lesions.csv"),
        (binary, "procedures.csv"),
        (utf_16, "UTF-16"),
        (twice, "patients"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "validate"])
def test_bad_input_is_a_message_and_exit_code_1(
    osteoconcord: Run,
    clean_extracts: dict[str, Path],
    tmp_path: Path,
    spoil: Callable[[Path], None],
    said: str,
    command: str,
) -> None:
    extract = shutil.copytree(clean_extracts["iso_csv"], tmp_path / "extract")
    spoil(extract)
    told = osteoconcord(command, extract, *(["--out", tmp_path / "out"] if command == "audit" else []))
    assert told.code == 1
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert said in told.err
    assert not re.search(r"SECRET|C0\d-P\d", told.err)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_truncated_file_is_a_message(
    osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path, form: str
) -> None:
    extract = shutil.copytree(clean_extracts[form], tmp_path / "extract")
    path = extract / "C01" / f"patients.{form}"
    path.write_bytes(path.read_bytes()[:-200])
    told = osteoconcord("validate", extract)
    assert told.code == 1
    assert f"C01/patients.{form}" in told.err


def test_every_problem_is_told_at_once(osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path) -> None:
    extract = shutil.copytree(clean_extracts["iso_csv"], tmp_path / "extract")
    for spoil in (unknown_table, binary, utf_16):
        spoil(extract)
    told = osteoconcord("validate", extract)
    assert "3 reasons" in told.err
    assert all(name in told.err for name in ("patient.csv", "procedures.csv", "C03/patients.csv"))


def test_rows_that_break_the_contract_do_not_stop_the_rest(
    osteoconcord: Run, clean_extracts: dict[str, Path], tmp_path: Path
) -> None:
    """A key twice, and a file cut in the middle of its last line."""
    extract = shutil.copytree(clean_extracts["iso_csv"], tmp_path / "extract")
    exams = extract / "C01" / "imaging_exams.csv"
    head, first, *rows = exams.read_text("utf-8").splitlines()
    other = re.sub(r"\d{4}-\d\d-\d\d", "2023-01-01", first)
    exams.write_text("\n".join([head, first, *rows, other, ""]), "utf-8")
    lines = extract / "C02" / "systemic_therapy_lines.csv"
    lines.write_text(lines.read_text("utf-8").rstrip("\n").rsplit(",", 4)[0], "utf-8")
    told = osteoconcord("validate", extract, "--json")
    assert told.code == 0
    found = {(row["file"], row["rule"]) for row in json.loads(told.out)["quarantine"]}
    assert ("C01/imaging_exams.csv", "duplicate_key") in found
    assert ("C02/systemic_therapy_lines.csv", "wrong_field_count") in found


def test_a_folder_that_cannot_be_written_is_refused_before_reading(
    osteoconcord: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        pytest.fail("the extracts were read")

    monkeypatch.setattr("pipelines.ingest.take_in", never)
    (tmp_path / "out").write_text("in the way")
    told = osteoconcord("audit", SAMPLES / "fr_csv", "--out", tmp_path / "out")
    assert told.code == 1
    assert "is a file" in told.err
    told = osteoconcord("audit", SAMPLES / "fr_csv", "--out", tmp_path / "out" / "deeper")
    assert told.code == 1
    assert "Choose another --out" in told.err


def test_control_characters_do_not_reach_the_terminal(osteoconcord: Run, tmp_path: Path) -> None:
    (tmp_path / "\x1b[2Jpatients.csv").write_text("a\n")
    told = osteoconcord("validate", tmp_path)
    assert told.code == 1
    assert "\x1b" not in told.err


# validate


def test_validate_says_what_was_detected_and_what_is_refused(osteoconcord: Run) -> None:
    told = osteoconcord("validate", SAMPLES / "fr_csv")
    assert told.code == 0
    for words in ("cp1252", "dd/mm/yyyy", "patients", "rows in quarantine", "unknown_token", "more; --json lists all"):
        assert words in told.out
    assert not re.search(r"C0\d-P\d", told.out)


def test_validate_is_content_with_a_clean_extract(osteoconcord: Run, clean_extracts: dict[str, Path]) -> None:
    assert "Every row keeps the contract." in osteoconcord("validate", clean_extracts["xlsx"]).out


def test_validate_says_the_same_of_what_is_larger_than_memory_should_hold_and_leaves_nothing_behind(
    osteoconcord: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    whole = osteoconcord("validate", SAMPLES / "fr_csv", "--json")
    monkeypatch.setattr("pipelines.ingest.pieces.PIECE", 200_000)
    monkeypatch.setattr("pipelines.run.Run.intake", property(lambda _: pytest.fail("all rows were read at once")))
    assert osteoconcord("validate", SAMPLES / "fr_csv", "--json") == whole
    assert not list(tmp_path.iterdir())


# explain


def verdicts_of(audit: Audit) -> pl.DataFrame:
    with store.connect(audit.out / "audit.duckdb", read_only=True) as con:
        return store.read_frame(con, "concordance", "verdicts")


def test_explain_shows_the_verdicts_of_the_audit(osteoconcord: Run, sample_audit: Audit) -> None:
    verdicts = verdicts_of(sample_audit)
    most = verdicts["patient_id"].value_counts().sort("count", "patient_id", descending=True)["patient_id"]
    for patient in most[:3]:
        told = json.loads(osteoconcord("explain", sample_audit.out, "--patient", patient, "--json").out)
        of_patient = verdicts.filter(patient_id=patient)
        key = ["rule_id", "entity_id", "index_date"]
        found = sorted([row["rule_id"], row["entity_id"], row["index_date"]] for row in told["verdicts"])
        expected = of_patient.select(pl.col(key).cast(pl.String)).rows()
        assert found == sorted(map(list, expected))
        assert all(row["title"] and row["facts"] and row["source"] and row["verdict"] for row in told["verdicts"])


def test_explain_speaks_the_language_of_the_audit_or_the_one_asked(osteoconcord: Run, sample_audit: Audit) -> None:
    patient = verdicts_of(sample_audit).filter(pl.col("status") == "discordant")["patient_id"][0]
    english = osteoconcord("explain", sample_audit.out, "--patient", patient).out
    french = osteoconcord("explain", sample_audit.out, "--patient", patient, "--lang", "fr").out
    assert "recommended" in english
    assert "recommandé" in french
    assert patient in english


def test_explain_of_an_unknown_patient_names_no_other(osteoconcord: Run, sample_audit: Audit) -> None:
    told = osteoconcord("explain", sample_audit.out, "--patient", "'; DROP TABLE patients; --")
    assert told.code == 1
    assert "no accepted patient" in told.err
    assert not re.search(r"C0\d-P\d", told.err)


def test_explain_needs_an_audit(osteoconcord: Run, tmp_path: Path) -> None:
    told = osteoconcord("explain", tmp_path, "--patient", "C01-P1")
    assert told.code == 1
    assert "holds no audit" in told.err


# rules, contract, synth


def test_rules_lists_every_rule(osteoconcord: Run) -> None:
    told = osteoconcord("rules", "--lang", "en")
    assert all(rule.id in told.out for rule in RULES)
    assert max(map(len, told.out.splitlines())) <= 80
    rows = json.loads(osteoconcord("rules", "--format", "json").out)
    assert [row["rule_id"] for row in rows] == [rule.id for rule in RULES]
    assert rows[0]["title"] == RULES[0].title["fr"]


def test_rules_of_a_domain_and_as_a_page(osteoconcord: Run) -> None:
    spine = [rule.id for rule in RULES if rule.domain == "spine"]
    rows = json.loads(osteoconcord("rules", "--domain", "spine", "--format", "json").out)
    assert [row["rule_id"] for row in rows] == spine
    page = osteoconcord("rules", "--domain", "spine", "--format", "md", "--lang", "en").out
    assert re.findall(r"^## (\S+)$", page, re.M) == spine
    for form in ("table", "json", "md"):
        refused = osteoconcord("rules", "--domain", "spin", "--format", form)
        assert (refused.code, refused.out) == (2, "")
        assert "Did you mean spine?" in refused.err


def test_rules_compares_editions(osteoconcord: Run) -> None:
    same = osteoconcord("rules", "--diff", "G1", "G1", "--lang", "en")
    assert same.out.splitlines()[-1].startswith("new: 0, changed: 0, carried over: ")
    refused = osteoconcord("rules", "--diff", "G1", "G2")
    assert (refused.code, refused.out) == (2, "")
    assert "two guidelines" in refused.err


def test_parameters_are_listed_and_made_into_a_file(osteoconcord: Run, tmp_path: Path) -> None:
    shown = osteoconcord("parameters", "--lang", "en").out
    assert max(map(len, shown.splitlines())) <= 80
    rows = json.loads(osteoconcord("parameters", "--format", "json").out)
    assert {row["name"]: row["value"] for row in rows} == {p.name: p.value for p in PARAMETERS.values()}
    written = osteoconcord("parameters", "--format", "toml").out
    assert tomllib.loads(written) == {}
    edited = re.sub(r"^# (\w+ = )", r"\1", written, flags=re.M)
    assert tomllib.loads(edited) == {p.name: p.value for p in PARAMETERS.values()}


def test_an_audit_with_other_values_says_so(osteoconcord: Run, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("MIRELS_SURGERY = 45\n", encoding="utf-8")
    out = tmp_path / "out"
    told = osteoconcord(
        "audit", SAMPLES / "fr_csv", "--out", out, "--parameters", tmp_path / "p.toml", "--sensitivity", "-q"
    )
    assert told == Result(0, "", "")
    manifest = publish.read_manifest(out)
    assert manifest["parameters"]["overrides"] == {"MIRELS_SURGERY": 45}
    assert [row["name"] for row in manifest["thresholds"] if row["overridden"]] == ["MIRELS_SURGERY"]
    report = (out / "publish" / "report.html").read_text("utf-8")
    assert "MIRELS_SURGERY = 45 (30)" in report
    assert "Autres lectures du référentiel" in report
    assert PARAMETERS["MIRELS_SURGERY"].value == 30
    changed = pl.read_parquet(out / "results" / "sensitivity_decisions.parquet")
    assert changed.height > 0
    assert not any(str(patient) in report for patient in changed["patient_id"].unique())


def test_needs_is_a_request_for_a_data_engineer(osteoconcord: Run, tmp_path: Path) -> None:
    page = osteoconcord("needs", "--rules", "G1-3.5.2-04", "--lang", "en").out
    assert "## lesion_assessments" in page
    assert "| cortical_fraction |" in page
    assert "## drug_administrations" not in page
    rows = json.loads(osteoconcord("needs", "--json").out)
    assert {row["table"] for row in rows} <= set(TABLES)
    assert osteoconcord("needs", "--out", tmp_path / "r.xlsx") == Result(0, "", "")
    assert pl.read_excel(tmp_path / "r.xlsx", sheet_name="procedures").height > 10
    assert osteoconcord("needs", "--out", tmp_path / "r.md") == Result(0, "", "")
    assert osteoconcord("needs", "--out", tmp_path / "r.pdf").code == 2
    assert osteoconcord("needs", "--rules", "G9-1-01").code == 2


def test_contract_lists_every_column(osteoconcord: Run) -> None:
    rows = json.loads(osteoconcord("contract", "--format", "json").out)
    assert {(row["table"], row["column"]) for row in rows} == {
        (t.name, c.name) for t in TABLES.values() for c in t.columns
    }
    shown = osteoconcord("contract", "patients").out
    assert all(column.name in shown for column in TABLES["patients"].columns)
    assert "bone_lesions" not in shown
    assert osteoconcord("contract", "--format", "md").out.startswith("# Data dictionary")


def test_synth_makes_an_extract_that_validates(osteoconcord: Run, tmp_path: Path) -> None:
    made = ("--patients", 20, "--centres", 2, "--seed", 3, "--dialect", "iso", "--faults", 0.01)
    told = osteoconcord("synth", *made, "--out", tmp_path / "net")
    assert told.code == 0
    assert "20 invented patients of 2 centres" in told.out
    with (tmp_path / "net" / "faults.csv").open() as faults:
        assert len(list(csv.DictReader(faults))) > 5
    assert osteoconcord("validate", tmp_path / "net", "--quiet") == Result(0, "", "")


def test_a_manifest_is_read_back_as_the_request_that_made_it(sample_audit: Audit) -> None:
    from pipelines.run import Request

    assert Request.of(sample_audit.out) == sample_audit.request
    assert publish.read_manifest(sample_audit.out)["product"] == "osteoconcord"
