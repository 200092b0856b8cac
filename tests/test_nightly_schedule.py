"""What of the schedule can be checked without a server: errors that pass, times, settings, words, processes."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest import ExtractError
from pipelines.nightly import serving
from pipelines.nightly.errors import NotWritten
from pipelines.nightly.home import Home, LockHeld
from pipelines.nightly.serving import Child, Lifeline, Schedule, ScheduleError
from pipelines.nightly.transient import PASSING, can_pass

# Errors that pass


@pytest.mark.parametrize(
    "number", [errno.EAGAIN, errno.EBUSY, errno.ESTALE, errno.ETIMEDOUT, errno.EIO, errno.EHOSTDOWN]
)
def test_a_share_that_is_away_or_a_file_that_is_busy_can_pass(number: int) -> None:
    assert can_pass(OSError(number, os.strerror(number), "/inbox/C01"))


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        PermissionError(errno.EACCES, "Permission denied"),
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
        NotWritten(Path("/store"), OSError(errno.EIO, "Input/output error")),
        LockHeld(Path("/home/store/lock"), None),
        ExtractError([]),
        ValueError("x"),
        MemoryError(),
        KeyboardInterrupt(),
        OSError("without a number"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'errno', '')}",
)
def test_what_stays_until_somebody_does_something_cannot_pass(error: BaseException) -> None:
    assert not can_pass(error)


def test_a_connection_that_is_reset_can_pass_even_without_a_number() -> None:
    assert can_pass(ConnectionResetError())
    assert can_pass(TimeoutError())


@given(st.integers(min_value=1, max_value=200))
def test_every_number_is_decided_by_the_list(number: int) -> None:
    assert can_pass(OSError(number, "x")) is (number in PASSING)
    full = NotWritten(Path("/store"), OSError(number, "x"))
    assert can_pass(full) is (number in PASSING and number != errno.EIO)


# Times


@pytest.mark.parametrize("cron", ["", "nonsense", "0 2 * *", "0 2 * * * *"])
def test_a_cron_expression_has_five_fields(cron: str) -> None:
    with pytest.raises(ScheduleError, match="five fields"):
        Schedule.checked(cron, None)


@pytest.mark.parametrize("zone", ["Paris", "Europe/Nowhere", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_told(zone: str) -> None:
    with pytest.raises(ScheduleError, match="no such time zone"):
        Schedule.checked("0 2 * * *", zone)


def test_the_time_zone_is_that_of_the_machine_unless_another_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    assert Schedule.checked("0 2 * * *", None).timezone == "Europe/Paris"
    assert Schedule.checked("0 2 * * *", "Indian/Reunion").timezone == "Indian/Reunion"
    monkeypatch.setenv("TZ", "nonsense/zone")
    assert Schedule.checked("0 2 * * *", None).timezone


# Settings


def test_all_that_prefect_keeps_lies_in_the_folder_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "intranet")
    (tmp_path / "prefect").mkdir()
    env = serving.environment(Home(tmp_path), 4321)
    assert env["PREFECT_API_AUTH_STRING"] == serving.environment(Home(tmp_path), 99)["PREFECT_SERVER_API_AUTH_STRING"]
    places = [
        value for name, value in env.items() if name.startswith("PREFECT") and "/" in value and "http" not in value
    ]
    assert len(places) == 3
    assert all(str(tmp_path / "prefect") in place for place in places)
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert env["NO_PROXY"] == "intranet,127.0.0.1"
    assert (env["DO_NOT_TRACK"], env["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")


def test_a_server_that_is_configured_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.network.example/api")
    env = serving.environment(Home(tmp_path), None)
    assert env["PREFECT_API_URL"] == "https://prefect.network.example/api"
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in env
    assert env["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


@pytest.mark.slow
def test_telemetry_is_off_before_prefect_is_imported_and_commands_do_not_import_it() -> None:
    program = """
import sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "prefect":
            import os
            assert os.environ["DO_NOT_TRACK"] == "1" and os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
            print("seen")
sys.meta_path.insert(0, Watch())
import pipelines.cli, pipelines.nightly.serving, pipelines.nightly.shown, pipelines.nightly.status
assert "prefect" not in sys.modules
import pipelines.flows.process
"""
    env = {name: value for name, value in os.environ.items() if name not in ("DO_NOT_TRACK",) and "PREFECT" not in name}
    told = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["seen"]


# Processes


def test_a_process_ends_when_the_one_that_holds_its_lifeline_is_gone() -> None:
    line = Lifeline()
    child = Child("reader", [sys.executable, "-c", "import sys; sys.stdin.read()"], dict(os.environ), line)
    child.start()
    time.sleep(0.2)
    assert child.code is None
    os.close(line.held)
    end = time.monotonic() + 10
    while child.code is None and time.monotonic() < end:
        time.sleep(0.05)
    assert child.code == 0


def test_a_process_that_ends_by_itself_is_started_again_later_each_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [0]
    monkeypatch.setattr(serving.time, "monotonic", lambda: float(clock[0]))
    child = Child("worker", [sys.executable, "-c", "raise SystemExit(7)"], dict(os.environ), Lifeline())
    starts = []

    def start(self: Child) -> None:
        self._began = float(clock[0])
        starts.append(clock[0])

    monkeypatch.setattr(Child, "start", start)
    monkeypatch.setattr(Child, "code", 7)
    for clock[0] in range(2000):
        child.look_after()
    waits = [later - before for before, later in itertools.pairwise(starts)]
    assert waits[:4] == [3, 5, 9, 17]
    assert max(waits) == serving.LONGEST_PAUSE + 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "The worker ended (7); it is started again in 1 s."
    monkeypatch.setattr(Child, "code", None)
    child.look_after()
    monkeypatch.setattr(Child, "code", 7)
    clock[0] += 1000  # well for a quarter of an hour
    child._began, child._again_at = float(clock[0] - 900), 0.0
    child.look_after()
    assert capsys.readouterr().err == "The worker ended (7); it is started again in 1 s.\n"


# What Prefect is told; its import alone takes seconds


@pytest.mark.slow
@settings(deadline=None)
@given(st.text(max_size=60))
def test_foreign_text_is_one_plain_line_in_markdown(text: str) -> None:
    from pipelines.flows.artifacts import escaped

    shown = escaped(text)
    assert "\n" not in shown
    unescaped = shown.replace("\\\\", "")
    for mark in "<>[]`|*":
        assert unescaped.count(mark) == unescaped.count(f"\\{mark}")


@pytest.mark.slow
def test_the_text_of_an_unexpected_error_is_withheld_and_ours_is_told(tmp_path: Path) -> None:
    from pipelines.flows.nightly import message_of

    assert "SECRET" not in message_of(ValueError("SECRET"), "judge", tmp_path)
    assert "judge: ValueError" in message_of(ValueError("SECRET"), "judge", tmp_path)
    assert "is in use by" in message_of(LockHeld(tmp_path / "store" / "lock", None), "night", tmp_path)


@pytest.mark.slow
def test_the_quality_of_every_centre_is_shown_with_small_counts_hidden(sample_audit: object) -> None:
    from pipelines.flows.artifacts import quality_of

    rows = quality_of(sample_audit.out)  # type: ignore[attr-defined]
    assert {row["centre"] for row in rows} >= {"C01", "C06", "all"}
    assert all(
        row[name] == "<5" or row[name] == 0 or row[name] >= 5 for row in rows for name in ("read", "quarantined")
    )


@pytest.mark.slow
def test_nothing_is_shown_of_a_network_that_has_published_nothing(tmp_path: Path) -> None:
    from pipelines.flows.artifacts import quality_of

    assert quality_of(tmp_path) == []
