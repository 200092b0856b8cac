"""`explain` looks a patient of a keyed audit up by the pseudonym that the centre gave."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from audits import audit, invent

from pipelines import cli
from pipelines.explain import UnknownPatient, explain
from pipelines.ingest.rekey import pseudonym
from pipelines.run import RequestError

KEY = "a long random key of the network"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The same extract audited with and without a key."""
    folder = tmp_path_factory.mktemp("keyed")
    extract = invent(folder / "extract", "parquet", patients=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSTEO_KEY", KEY)
        keyed = audit(extract, folder / "keyed", report=False, pseudonym_key_env="OSTEO_KEY").out
    return extract, keyed, audit(extract, folder / "plain", report=False).out


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEO_KEY", KEY)


def test_the_verdicts_of_an_original_pseudonym_are_those_of_the_keyed_patient(network: tuple[Path, Path, Path]) -> None:
    _, keyed, plain = network
    found = explain(keyed, "C01-P000001", pseudonym_key_env="OSTEO_KEY")
    assert found["patient"] == pseudonym("C01-P000001", KEY.encode())
    assert found == explain(keyed, found["patient"])
    judged = [(row["rule_id"], row["verdict"]) for row in found["verdicts"]]
    assert judged
    assert sorted(judged) == sorted(
        (row["rule_id"], row["verdict"]) for row in explain(plain, "C01-P000001")["verdicts"]
    )


def test_a_message_says_which_pseudonym_the_audit_knows(
    network: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, keyed, plain = network
    with pytest.raises(UnknownPatient, match="with --pseudonym-key-env"):
        explain(keyed, "C01-P000001")
    with pytest.raises(UnknownPatient, match="leave --pseudonym-key-env away"):
        explain(plain, "C01-P000001", pseudonym_key_env="OSTEO_KEY")
    monkeypatch.setenv("OTHER_KEY", KEY[::-1])
    with pytest.raises(UnknownPatient, match="the key of the audit") as refused:
        explain(keyed, "C01-P000001", pseudonym_key_env="OTHER_KEY")
    assert "C01-P000001" not in str(refused.value)


def test_a_key_that_is_not_set_is_wrong_usage(
    network: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTEO_KEY")
    with pytest.raises(RequestError, match="OSTEO_KEY is not set"):
        explain(network[1], "C01-P000001", pseudonym_key_env="OSTEO_KEY")


def test_the_command_takes_the_key(
    network: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["explain", str(network[1]), "--patient", "C01-P000001", "--pseudonym-key-env", "OSTEO_KEY", "--json"]
    monkeypatch.setattr(sys, "argv", ["osteoconcord", *asked])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    assert json.loads(capsys.readouterr().out)["verdicts"]
