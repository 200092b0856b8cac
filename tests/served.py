"""A network that is served by a process of its own, its nights real or the stand-in, for tests of the schedule."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.nightly.home import Home

STAND_IN = Path(__file__).parent / "night_stand_in"
ROOT = Path(__file__).parent.parent
CRON = "0 2 * * *"


class Served:
    """`osteoconcord nightly serve` on a network, and what its server says."""

    def __init__(self, home: Path, stand_in: bool = True) -> None:
        self.home = home
        self.stand_in = stand_in
        self.told: list[str] = []
        self.url = ""
        self.deployment: dict[str, Any] = {}

    def start(self) -> None:
        """Start it, and wait until it serves. The machine's own folder of Prefect must stay untouched."""
        command = [sys.executable, "-c", "from pipelines.cli import main; main()", "nightly", "serve", str(self.home)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
        env = kept | {
            "PYTHONPATH": f"{STAND_IN}{os.pathsep}{ROOT}" if self.stand_in else str(ROOT),
            "HOME": str(self.home.parent / "user"),
            "PYTHONUNBUFFERED": "1",
        }
        options = ["--cron", CRON, "--timezone", "Europe/Paris", "--poll-seconds", "1"]
        self.told.clear()
        self.process = subprocess.Popen(
            [*command, *options], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: any("is served" in line for line in self.told) or self.process.poll() is not None, 300)
        line = next(line for line in self.told if "server: " in line)
        self.url = line.split("server: ")[1].strip()
        (self.deployment,) = self.ask("/deployments/filter", {})

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.told.extend(self.process.stdout)

    def ask(self, path: str, body: object | None = None) -> Any:
        """What the server answers."""
        return ask(self.url, path, body, {"authorization": f"Basic {b64encode(self.password).decode()}"})

    def due(self, **parameters: str) -> str:
        """A run of the deployment that is due now; gives its id."""
        asked = {"state": {"type": "SCHEDULED"}, "parameters": parameters}
        found: str = self.ask(f"/deployments/{self.deployment['id']}/create_flow_run", asked)["id"]
        return found

    def state(self, run: str) -> str:
        name: str = self.ask(f"/flow_runs/{run}")["state"]["name"]
        return name

    @property
    def password(self) -> bytes:
        return (self.home / "prefect" / "password").read_bytes()

    def ended(self, run: str) -> str:
        """The name of the state in which a run ended."""
        until(lambda: self.state(run) not in ("Scheduled", "Late", "Pending", "Running"), 120)
        return self.state(run)

    def script(self, *lines: str) -> None:
        """What the next night does, with nothing noted yet."""
        for name in ("noted", "go"):
            (self.home / name).unlink(missing_ok=True)
        (self.home / "script").write_text("\n".join(lines))

    def noted(self) -> list[str]:
        path = self.home / "noted"
        return path.read_text().splitlines() if path.exists() else []

    def stored(self) -> bytes:
        """All that Prefect keeps, byte for byte."""
        return b"".join(path.read_bytes() for path in (self.home / "prefect").rglob("*") if path.is_file())

    def states(self) -> dict[str, str]:
        """Run -> the name of its state, from the file of the database."""
        with sqlite3.connect(self.home / "prefect" / "prefect.db") as con:
            rows = con.execute("SELECT r.id, s.name FROM flow_run r JOIN flow_run_state s ON r.state_id = s.id")
            return dict(rows.fetchall())

    def processes(self, what: str = "pipelines.flows.") -> list[int]:
        """The processes that work for this network."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes().replace(b"\0", b" ").decode()
                mine = f"HOME={self.home.parent / 'user'}" in (path.parent / "environ").read_bytes().decode().split(
                    "\0"
                )
            except OSError:
                continue
            if what in command and mine:
                found.append(int(path.parent.name))
        return found

    def kill_all(self) -> None:
        """What a power cut does to it."""
        for pid in (self.process.pid, *self.processes()):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not self.processes())


@contextmanager
def serving(folder: Path, stand_in: bool = True) -> Iterator[Served]:
    """The network in the folder, a new one if there is none, served until the block ends."""
    if not (folder / "network").exists():
        Home.create(folder / "network")
    (folder / "user").mkdir()
    served = Served(folder / "network", stand_in)
    try:
        served.start()
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            served.process.wait(60)


def ask(url: str, path: str, body: object | None = None, headers: dict[str, str] | None = None) -> Any:
    """What a server answers; while its database is busy it says 503, as to any client."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, content, {"content-type": "application/json"} | (headers or {}))
    for _ in range(120):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"no answer: {path}")


def until(it_is: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not it_is():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
