"""`osteoconcord nightly ...`: exit codes, messages, what is shown at 80 columns. The night itself is the stand-in."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from served import STAND_IN
from test_cli import Result, osteoconcord

import pipelines.nightly
from pipelines.nightly import troubles
from pipelines.nightly.home import Home, locked

__all__ = ["osteoconcord"]

Run = Callable[..., Result]
HELD = {"en": "half of it in quarantine", "fr": "la moitié en quarantaine", "details": [], "judged_with": ""}
COMMANDS = ("init", "run", "serve", "status", "rollback", "verify", "erase", "backup", "restore", "migrate")


@pytest.fixture
def home(osteoconcord: Run, tmp_path: Path) -> Path:
    assert osteoconcord("nightly", "init", tmp_path / "network").code == 0
    return tmp_path / "network"


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The night of the commands."""
    spec = importlib.util.spec_from_file_location("pipelines.nightly.night", STAND_IN / "stand_in.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pipelines.nightly.night", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(pipelines.nightly, "night", module, raising=False)
    return module


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_of_the_command(osteoconcord: Run, command: str) -> None:
    shown = osteoconcord("nightly", command, "--help")
    assert shown.code == 0
    assert re.search(rf"Examples:.*osteoconcord nightly {command}", shown.out, re.DOTALL)


def test_a_night_is_told_in_the_language_of_the_network(osteoconcord: Run, home: Path) -> None:
    told = osteoconcord("nightly", "run", home)
    assert told.code == 0
    assert "A new state is published (run 20261126-0200)." in told.out
    assert "warn C02 : 40 jours" in told.out
    assert "digest.html" in told.out
    assert osteoconcord("nightly", "run", home, "--quiet").out == ""


def test_a_night_for_programs(osteoconcord: Run, home: Path) -> None:
    found = json.loads(osteoconcord("nightly", "run", home, "--json").out)
    assert (found["outcome"], found["run"], found["exit_code"]) == ("published", "20261126-0200", 0)
    assert found["alerts"] == [{"token": "stale", "severity": "warn", "centre": "C02", "words": "C02 : 40 jours"}]


@pytest.mark.parametrize(("kind", "code"), [("published", 3), ("kept", 1), ("failed", 1), ("nothing_new", 0)])
def test_the_exit_code_is_that_of_the_outcome(
    osteoconcord: Run, home: Path, stand_in: ModuleType, monkeypatch: pytest.MonkeyPatch, kind: str, code: int
) -> None:
    monkeypatch.setattr(stand_in.Night, "outcome", lambda night: stand_in.Outcome(kind, [], None, None, {}, code))
    assert osteoconcord("nightly", "run", home).code == code


def test_a_second_run_says_who_holds_the_lock(osteoconcord: Run, home: Path) -> None:
    with locked(Home(home), "nightly run"):
        told = osteoconcord("nightly", "run", home)
    assert told.code == 1
    assert f"in use by process {os.getpid()}" in told.err


def test_what_is_no_network_is_told(osteoconcord: Run, tmp_path: Path) -> None:
    for command in ("run", "status", "verify", "serve"):
        told = osteoconcord("nightly", command, tmp_path)
        assert told.code == 1
        assert "osteoconcord nightly init" in told.err


def test_a_wrong_configuration_is_wrong_usage_and_told_before_anything_is_served(osteoconcord: Run, home: Path) -> None:
    (home / "nightly.toml").write_text('language = "de"\nquiet_minuts = 3\n')
    told = osteoconcord("nightly", "serve", home)
    assert told.code == 2
    assert "language" in told.err
    assert "quiet_minutes?" in told.err
    assert not (home / "prefect").exists()


@pytest.mark.parametrize("options", [("--cron", "whenever"), ("--timezone", "Paris")])
def test_a_schedule_that_cannot_be_kept_is_wrong_usage(osteoconcord: Run, home: Path, options: tuple[str, str]) -> None:
    told = osteoconcord("nightly", "serve", home, *options)
    assert told.code == 2
    assert options[0] in told.err


def test_status_fits_the_screen_and_passes_no_foreign_control_characters(osteoconcord: Run, home: Path) -> None:
    place = Home(home)
    facts = {"deposit": "d1", "centre": "C01\x1b[31m", "name": "d", "extraction_date": "2026-11-01"}
    with locked(place, "test"):
        place.ledger.append("accepted", **facts)
        place.ledger.append(
            "refused", centre="C02", name="\x1b]0;evil\x07", fingerprint="f", problems=["no patients.csv"]
        )
        place.ledger.append("refused", centre="C01\x1b[31m", name="d", fingerprint="f", problems=["replaced since"])
        place.ledger.append("accepted", **facts | {"deposit": "d2"})
        place.ledger.append("published", run="000001-2026-11-02", chains={}, held={"d2": HELD}, signature="s")
        place.ledger.append("told", outcome="published", run="000001-2026-11-02")
        place.ledger.append("failed", step="judge", error="ValueError")
    shown = osteoconcord("nightly", "status", home)
    assert shown.code == 0
    assert "\x1b]" not in shown.out
    assert "000001-2026-11-02" in shown.out
    assert "Refused: 1" in shown.out
    assert "no patients.csv" in shown.out
    assert "replaced since" not in shown.out
    assert "half of it in quarantine" in shown.out
    assert "failed judge ValueError" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    found = json.loads(osteoconcord("nightly", "status", home, "--json").out)
    assert found["published"]["run"] == "000001-2026-11-02"
    assert [row["kind"] for row in found["runs"]] == ["failed", "published"]
    assert found["centres"][0]["deposits"] == 2
    assert found["at_work"] is None


def test_a_rollback_to_an_unknown_run_is_told(osteoconcord: Run, home: Path) -> None:
    told = osteoconcord("nightly", "rollback", home, "000009-2026-01-01")
    assert told.code == 1
    assert "nightly status" in told.err


def test_a_backup_is_restored_whole_and_private(osteoconcord: Run, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "network.tar"
    assert osteoconcord("nightly", "backup", home, archive).code == 0
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    told = osteoconcord("nightly", "restore", archive, tmp_path / "restored")
    assert told.code == 0
    assert "whole" in told.out
    assert osteoconcord("nightly", "verify", tmp_path / "restored").code == 0


def test_verify_tells_what_is_wrong(osteoconcord: Run, home: Path) -> None:
    place = Home(home)
    with locked(place, "test"):
        place.ledger.append("quiet")
        place.ledger.append("quiet")
    (place.ledger_folder / "00000001.json").unlink()
    told = osteoconcord("nightly", "verify", home)
    assert told.code == 1
    assert "entry 1 is missing" in told.out
    assert json.loads(osteoconcord("nightly", "verify", home, "--json").out)["problems"]


def test_identifiers_to_be_erased_come_from_a_file_and_are_never_shown(
    osteoconcord: Run, home: Path, tmp_path: Path
) -> None:
    named = tmp_path / "opposed.txt"
    named.write_text("C01-P000012\n\n  C02-P000007\n")
    told = osteoconcord("nightly", "erase", home, "--patient-file", named)
    assert told.code == 0
    assert "P0000" not in told.out + told.err
    named.write_text(" \n")
    refused = osteoconcord("nightly", "erase", home, "--patient-file", named)
    assert refused.code == 1
    assert "one a line" in refused.err
    assert osteoconcord("nightly", "erase", home, "C01-P000012").code == 2


def test_migrate_says_that_there_is_nothing_to_do(osteoconcord: Run, home: Path) -> None:
    assert "has the format of this version" in osteoconcord("nightly", "migrate", home).out


def test_status_tells_the_last_troubles_and_survives_a_torn_line(osteoconcord: Run, home: Path) -> None:
    for n in range(120):
        troubles.note(Home(home), None, [f"mail not sent {n}"])
    path = home / "prefect" / "troubles.jsonl"
    path.write_text(path.read_text() + '{"at": "20')
    found = json.loads(osteoconcord("nightly", "status", home, "--json").out)["troubles"]
    assert [row["trouble"] for row in found] == [f"mail not sent {n}" for n in range(119, 109, -1)]
    assert len(troubles.noted(Home(home))) == troubles.KEPT
    assert "mail not sent 119" in osteoconcord("nightly", "status", home).out
