"""The audit as Prefect flows gives what the command line gives."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from audits import Audit, audit, hashes

from pipelines.ingest import ExtractError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One temporary Prefect server for all tests of this file, and the folder where Prefect may keep what it likes."""
    from pipelines import flows

    assert flows.FLOWS  # imported first: it switches telemetry off
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    folder = tmp_path_factory.mktemp("prefect")
    with prefect_test_harness(server_startup_timeout=120), temporary_settings({PREFECT_LOCAL_STORAGE_PATH: folder}):
        yield folder


@pytest.fixture(scope="module")
def extract(clean_extracts: dict[str, Path]) -> Path:
    return clean_extracts["parquet"]


@pytest.fixture(scope="module")
def direct(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return audit(extract, tmp_path_factory.mktemp("direct") / "out", lang="en")


@pytest.fixture(scope="module")
def flowed(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipelines.flows import audit_network

    out = tmp_path_factory.mktemp("flowed") / "out"
    assert audit_network([extract], out, lang="en") == str(out)
    return out


PARTS = ("results", "quality", "centres", "publish")


def test_the_audit_flow_gives_the_same_bytes_as_the_command_line(flowed: Path, direct: Audit) -> None:
    for part in PARTS:
        assert hashes(flowed / part) == hashes(direct.out / part), part
    assert {path.name for path in flowed.iterdir()} == {path.name for path in direct.out.iterdir()}


def test_every_step_was_a_task_and_every_stage_a_flow(flowed: Path) -> None:
    from prefect.client.orchestration import get_client

    from pipelines.audit import STAGES

    with get_client(sync_client=True) as client:
        flows = {flow.name for flow in client.read_flows()}
        tasks = {re.sub(r"-\w+$", "", run.name) for run in client.read_task_runs()}
    assert {"audit-network", "ingest", "validate", "score", "audit", "report"} <= flows
    assert {step.__name__ for steps in STAGES.values() for step in steps} <= tasks


def test_stages_run_by_themselves_one_after_the_other(extract: Path, direct: Audit, tmp_path: Path) -> None:
    from pipelines import flows

    out = tmp_path / "out"
    flows.ingest([extract], out)
    assert {path.name for path in out.iterdir()} == {"audit.duckdb", "manifest.json"}
    flows.validate(out)
    flows.score(out)
    flows.audit(out)
    flows.report(out, lang="en")
    for part in PARTS:
        assert hashes(out / part) == hashes(direct.out / part), part


def test_the_report_flow_writes_the_reports_again_in_another_language(
    flowed: Path, extract: Path, tmp_path: Path
) -> None:
    from pipelines.flows import report

    before = hashes(flowed / "results")
    report(flowed, lang="fr")
    french = audit(extract, tmp_path / "french", lang="fr").out
    assert hashes(flowed / "publish") == hashes(french / "publish")
    assert hashes(flowed / "centres") == hashes(french / "centres")
    assert hashes(flowed / "results") == before


def kept(storage: Path) -> str:
    """What Prefect stored, its base64 undone."""
    files = [path.read_bytes() for path in storage.rglob("*") if path.is_file()]
    return " ".join(str(base64.b64decode(content)) for content in files)


def test_a_flow_that_fails_leaves_nothing_and_tells_no_value(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, storage: Path
) -> None:
    from pipelines.flows import audit_network

    (tmp_path / "extract").mkdir()
    (tmp_path / "extract" / "patients.csv").write_text("patient_id,centre_id,shoe_size\nSECRET,SECRET,SECRET\n")
    with caplog.at_level(logging.INFO), pytest.raises(ExtractError):
        audit_network([tmp_path / "extract"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for told in (caplog.text, kept(storage)):
        assert "shoe_size" in told
        assert "SECRET" not in told


def test_the_text_of_an_unexpected_error_is_not_logged(
    extract: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, storage: Path
) -> None:
    from pipelines.flows import audit_network
    from pipelines.flows.stages import StepFailed

    def fail(*_: object) -> None:
        raise ValueError("cannot add 1 to SECRET")

    monkeypatch.setattr("pipelines.run.Run.do", fail)
    with caplog.at_level(logging.INFO), pytest.raises(StepFailed, match="take_in: ValueError"):
        audit_network([extract], tmp_path / "out")
    assert "take_in: ValueError" in caplog.text
    assert "SECRET" not in caplog.text + kept(storage)


def test_telemetry_is_off() -> None:
    from prefect.settings import PREFECT_SERVER_ANALYTICS_ENABLED

    assert PREFECT_SERVER_ANALYTICS_ENABLED.value() is False
