"""Nights whose runs are kept by a Prefect server that was there before, for several networks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import CRON, ROOT, ask, until

from pipelines.nightly import facts
from pipelines.nightly.home import Home

pytestmark = pytest.mark.slow

SAMPLE = ROOT / "data_samples" / "iso_csv"


class Network:
    """A network that is served with another server, by processes of its own."""

    def __init__(self, folder: Path, url: str, user: Path) -> None:
        self.home, self.told = Home.create(folder), folder / "told"
        self.home.config_file.write_text("quiet_minutes = 0\n")
        program = [sys.executable, "-c", "from pipelines.cli import main; main()", "nightly", "serve", str(folder)]
        options = ["--cron", CRON, "--timezone", "Europe/Paris", "--poll-seconds", "1"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
        env = kept | {"PREFECT_API_URL": url, "HOME": str(user), "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        with self.told.open("w") as told:
            self.process = subprocess.Popen([*program, *options], env=env, cwd=ROOT, stdout=told, stderr=told)

    def said(self, words: str) -> bool:
        assert self.process.poll() is None, self.told.read_text()
        return words in self.told.read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A server as Prefect's own command starts it; gives the address of its API."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    env = kept | {"PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui"]
    with (tmp_path / "server").open("w") as told:
        process = subprocess.Popen(command, env=env, stdout=told, stderr=told, start_new_session=True)
    url = f"http://127.0.0.1:{port}/api"

    try:
        assert ask(url, "/health") is True, (tmp_path / "server").read_text()
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def test_two_networks_share_a_server_that_goes_on_without_them(tmp_path: Path, server: str) -> None:
    user = tmp_path / "user"
    user.mkdir()
    networks = [Network(tmp_path / place / "network", server, user) for place in ("north", "south")]
    try:
        north, south = networks
        for centre in (path for path in SAMPLE.iterdir() if path.is_dir()):
            shutil.copytree(centre, north.home.root / "inbox" / centre.name / "full")
        until(lambda: all(network.said("is served") for network in networks), 300)
        found = {one["parameters"]["home"]: one for one in ask(server, "/deployments/filter", {})}
        assert found.keys() == {str(network.home.root) for network in networks}
        due = {"state": {"type": "SCHEDULED"}}
        runs = {
            network: ask(server, f"/deployments/{found[str(network.home.root)]['id']}/create_flow_run", due)["id"]
            for network in networks
        }

        def ended(run: str) -> bool:
            return ask(server, f"/flow_runs/{run}")["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

        until(lambda: all(ended(run) for run in runs.values()), 300)
        states = {network: ask(server, f"/flow_runs/{run}")["state"]["name"] for network, run in runs.items()}
        assert states == {north: "Published", south: "Nothing new"}
        assert facts.standing(north.home.ledger.entries()).run
        # What the server keeps is in its own place, and holds no patient.
        assert not list((north.home.root / "prefect").rglob("*.db"))
        patients = (SAMPLE / "C01" / "patients.csv").read_text().splitlines()[1:]
        kept = b"".join(path.read_bytes() for path in (tmp_path / "prefect").rglob("*") if path.is_file())
        assert not [line for line in patients if line.split(",")[0].encode() in kept]
        for network in networks:
            network.process.terminate()
            assert network.process.wait(120) == 0
        assert ask(server, "/health") is True
    finally:
        for network in networks:
            if network.process.poll() is None:
                network.process.kill()
