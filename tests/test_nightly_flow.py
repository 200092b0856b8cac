"""Nights on a schedule: they fire, survive the server and their own processes, stop cleanly, and tell no patient."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socketserver
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar
from uuid import uuid4

import pytest
from served import CRON, ROOT, STAND_IN, Served, serving, until

from pipelines.nightly import troubles
from pipelines.nightly.home import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A network that is served from the first test of this file to the last, which stops it."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def stand_in() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stand_in", STAND_IN / "stand_in.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stand_in"] = module
    spec.loader.exec_module(module)
    return module


# The schedule


def test_a_run_that_is_due_fires_and_is_seen_in_the_api(served: Served) -> None:
    (schedule,) = served.deployment["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == (CRON, "Europe/Paris")
    served.script()
    run = served.due()
    assert served.ended(run) == "Published"
    assert served.noted() == [f"{step} {what}" for step in ("look", "judge", "publish") for what in ("began", "ended")]
    until(lambda: len(served.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})) == 3)
    tasks = served.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    assert {task["name"].rpartition("-")[0] for task in tasks} == {"look", "judge", "publish"}


def test_the_server_answers_only_who_has_its_password(served: Served) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{served.url}/deployments/count", b"{}", timeout=20)
    assert stat.S_IMODE((served.home / "prefect" / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((served.home / "prefect").stat().st_mode) == 0o700


def test_a_night_leaves_a_summary_and_a_link(served: Served) -> None:
    artifacts = {found["key"]: found["data"] for found in served.ask("/artifacts/filter", {})}
    assert "published" in artifacts["network-summary"]
    assert "C02 : 40 jours" in artifacts["network-summary"]
    assert f"({(served.home / 'digest.html').as_uri()})" in artifacts["network-morning-page"]


def test_what_fails_is_a_state_without_the_patient_and_without_a_traceback(
    served: Served, stand_in: ModuleType
) -> None:
    served.script("judge fail")
    run = served.due(home="/tmp/another network")  # a run cannot make it work elsewhere
    assert served.ended(run) == "Failed"
    message = served.ask(f"/flow_runs/{run}")["state"]["message"]
    assert "ValueError" in message
    assert "osteoconcord nightly run" in message
    assert "publish began" not in served.noted()
    for told in (served.stored(), "".join(served.told).encode()):
        assert stand_in.SECRET.encode() not in told
        assert b"Traceback" not in told


def test_a_server_that_restarts_in_the_middle_of_a_night_does_not_break_it(served: Served) -> None:
    served.script("judge wait")
    run = served.due()
    until(lambda: "judge began" in served.noted())
    for pid in served.processes("flows.server"):
        os.kill(pid, signal.SIGKILL)
    (served.home / "go").touch()
    until(lambda: "publish ended" in served.noted())
    assert served.ended(run) == "Published"
    assert served.noted().count("judge began") == 1


# The flow by itself, on the server of the network


@pytest.fixture
def flow(served: Served, stand_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of the flow, with short delays."""
    from prefect.settings import (
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )

    from pipelines.flows import nightly as module

    monkeypatch.setattr(module, "nights", stand_in)
    monkeypatch.setattr(module, "FIRST_DELAY", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    module.task_of.cache_clear()
    settings = {
        PREFECT_API_URL: served.url,
        PREFECT_API_AUTH_STRING: served.password.decode(),
        PREFECT_LOGGING_TO_API_ENABLED: False,
    }
    with temporary_settings(settings):
        yield module


def test_a_step_is_tried_again_only_where_the_cause_can_pass(served: Served, flow: ModuleType) -> None:
    served.script("judge pass")
    assert flow.nightly(served.home, return_state=True).name == "Published"
    assert served.noted().count("judge began") == 2
    served.script("judge full")
    state = flow.nightly(served.home, return_state=True)
    assert state.is_failed()
    assert "No space left" in state.message
    assert served.noted().count("judge began") == 1


def test_alerts_go_to_the_webhook_and_never_fail_the_night(
    served: Served, flow: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    from prefect.blocks.webhook import Webhook

    settings = served.home / "nightly.toml"
    before = settings.read_text()
    settings.write_text(before.replace("# webhook_block =", "webhook_block ="))
    served.script()
    assert flow.nightly(served.home, return_state=True).name == "Published"
    assert "no webhook block of this name" in caplog.text
    heard: list[dict[str, object]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200 if len(heard) == 1 else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{receiver.server_port}/a-secret-path"
        Webhook(url=address).save("nightly-webhook", overwrite=True)
        for _ in range(2):
            assert flow.nightly(served.home, return_state=True).name == "Published"
        receiver.shutdown()
    settings.write_text(before)
    assert heard[0]["outcome"] == "published"
    assert heard[0]["network"] == "network"
    assert heard[0]["alerts"] == [{"severity": "warn", "words": "C02 : 40 jours"}]
    assert "the receiver answered 500" in caplog.text
    assert "a-secret-path" not in caplog.text
    told = [row["trouble"] for row in troubles.noted(Home(served.home))]
    assert told == [
        "webhook by the block nightly-webhook not sent: the server has no webhook block of this name",
        "webhook by the block nightly-webhook not sent: the receiver answered 500",
    ]


class MailServer(socketserver.StreamRequestHandler):
    """A relay without accounts, as hospitals have them; it refuses strangers."""

    heard: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self.say("220 relay")
        while line := self.rfile.readline().decode().strip():
            match line.upper().split(":")[0]:
                case "MAIL FROM" | "RCPT TO" if "@network.example" not in line:
                    self.say("550 stranger")
                case "DATA":
                    self.say("354 go on")
                    self.heard.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.say("250 taken")
                case "QUIT":
                    return self.say("221 bye")
                case _:
                    self.say("250 fine")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def test_alerts_are_mailed_by_a_server_without_accounts(
    served: Served, flow: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    from prefect_email import EmailServerCredentials

    settings = served.home / "nightly.toml"
    before = settings.read_text()
    asked = before.replace("# email_block =", "email_block =").replace("# email_to =", "email_to =")
    settings.write_text(asked)
    served.script()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        block = EmailServerCredentials(smtp_server="127.0.0.1", smtp_port=relay.server_address[1], smtp_type="INSECURE")
        block.save("nightly-mail", overwrite=True)
        assert flow.nightly(served.home, return_state=True).name == "Published"
        settings.write_text(asked.replace("# email_from =", "email_from =").replace("nightly@network", "nightly@other"))
        assert flow.nightly(served.home, return_state=True).name == "Published"
        relay.shutdown()
    settings.write_text(before)
    (raw,) = MailServer.heard
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["From"], mail["To"]) == ("quality@network.example", "quality@network.example")
    assert mail["Subject"] == "network: published"
    assert "C02 : 40 jours" in mail.get_content()
    assert "mail by the block nightly-mail not sent: SMTPSenderRefused" in caplog.text


def test_a_night_ends_without_prefect_where_it_fails(
    served: Served, flow: ModuleType, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ConnectionError("the server is away")

    monkeypatch.setattr(flow, "task_of", lambda step: broken)
    monkeypatch.setattr(flow.artifacts, "write", broken)
    served.script()
    assert flow.nightly(served.home, return_state=True).name == "Published"
    assert served.noted()[-1] == "publish ended"
    assert "judge: ConnectionError" in caplog.text


def test_a_night_whose_server_is_away_from_the_start_ends_without_it(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "network")
    env = os.environ | {
        "PYTHONPATH": f"{STAND_IN}{os.pathsep}{ROOT}",
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "pipelines.flows.process", str(home.root), str(uuid4())]
    told = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert told.returncode == 0
    assert (home.root / "noted").read_text().splitlines()[-1] == "publish ended"
    (trouble,) = troubles.noted(home)
    assert trouble["trouble"] in told.stderr
    assert "Traceback" not in told.stdout + told.stderr


# Processes that die, and the end


def test_a_run_whose_processes_were_killed_does_not_stay_running_and_the_next_one_works(served: Served) -> None:
    served.script("judge wait")
    killed = served.due()
    until(lambda: "judge began" in served.noted())
    served.kill_all()
    served.script()
    served.start()
    assert served.state(killed) == "Crashed"
    assert served.ended(served.due()) == "Published"


def test_one_process_serves_a_network(served: Served) -> None:
    from pipelines.nightly.serving import Schedule, ServeError, _alone

    assert Schedule.checked(CRON, None)
    with pytest.raises(ServeError, match=f"served already, by process {served.process.pid}"), _alone(Home(served.home)):
        pass


def test_it_stops_cleanly_in_the_middle_of_a_night(served: Served) -> None:
    served.script("judge wait")
    run = served.due()
    until(lambda: "judge began" in served.noted())
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert served.processes() == []
    assert served.states()[run] == "Cancelled"
    assert "Traceback" not in "".join(served.told)
    assert "publish began" not in served.noted()
    assert not (served.home.parent / "user" / ".prefect").exists()
