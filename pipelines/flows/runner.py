"""The deployment of the nights of one network, and the process that starts them: `python -m pipelines.flows.runner`.

`osteoconcord nightly serve` starts this process and looks after it. Every night is a process of its own, which goes on when
the server is away; so does this one. Prefect's own runner ends, and its nights with it, when the server does not answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import httpx
import typer
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.responses import SetStateStatus
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import PrefectException
from prefect.schedules import Schedule
from prefect.states import Cancelled, Crashed, Pending, State
from prefect.types.entrypoint import EntrypointType

from pipelines.nightly.home import Home
from pipelines.nightly.lock import owner_of
from pipelines.nightly.serving import USAGE, say

from . import leftovers
from .nightly import nightly

STOP_SECONDS = 60
"""How long a night that is told to end may take to do so; then it is killed. The next one resumes its work."""
LOOK_SECONDS = 1.0

Answer = TypeVar("Answer")


def deployment_name(home: Home) -> str:
    """The name of the deployment: that of the folder, and what tells it from others of the same name."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", home.root.name) or "network"
    return f"{name}-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}"


def deploy(home: Home, schedule: Schedule) -> UUID:
    """Make the deployment of a network's nights, or bring it up to date."""
    deployed = RunnerDeployment.from_flow(
        nightly,
        deployment_name(home),
        schedule=schedule,
        parameters={"home": str(home.root)},
        tags=["osteoconcord"],
        description=f"The nights of {home.root}.",
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return asyncio.run(deployed.aapply())


class Runner:
    """Starts the nights of one deployment when they are due, one at a time, until `stop` is set."""

    def __init__(self, home: Home, deployment: UUID, poll_seconds: float) -> None:
        self.stop = threading.Event()
        self._home, self._deployment, self._poll_seconds = home, deployment, poll_seconds
        self._away = False

    def serve(self) -> None:
        """Look for a night that is due, again and again."""
        while not self.stop.is_set():
            run = self._ask(self._next)
            if run is not None:
                self._run(run)
            self.stop.wait(self._poll_seconds)

    def _next(self, client: SyncPrefectClient) -> UUID | None:
        """The run that is due, which is ours from then on."""
        for run in client.get_scheduled_flow_runs_for_deployments([self._deployment], datetime.now(UTC), limit=1):
            if client.set_flow_run_state(run.id, Pending()).status == SetStateStatus.ACCEPT:
                return run.id
        return None

    def _run(self, run: UUID) -> None:
        """See one night to its end, unless somebody cancels it or we are told to stop."""
        command = [sys.executable, "-m", "pipelines.flows.process", str(self._home.root), str(run)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            if self.stop.is_set() or self._ask(lambda client: _is_cancelled(client, run)):
                why = "Told to stop" if self.stop.is_set() else "Cancelled"
                _end(process)
                self._close(run, Cancelled(message=f"{why}; the next run resumes its work."))
                return
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
        if process.returncode:
            self._close(run, Crashed(message=f"The process of this run ended with {process.returncode}."))

    def _close(self, run: UUID, state: State) -> None:
        """Say how a run ended, where its process could not."""

        def close(client: SyncPrefectClient) -> None:
            now = client.read_flow_run(run).state
            if now is None or not now.is_final() or now.is_crashed():
                client.set_flow_run_state(run, state, force=True)

        self._ask(close)

    def _ask(self, question: Callable[[SyncPrefectClient], Answer]) -> Answer | None:
        """What the server answers; None while it is away, which is told once."""
        try:
            with get_client(sync_client=True) as client:
                answer = question(client)
        except (httpx.HTTPError, PrefectException) as error:
            if not self._away:
                say(f"The server does not answer ({type(error).__name__}); it is asked again every few seconds.")
            self._away = True
            return None
        if self._away:
            say("The server answers again.")
        self._away = False
        return answer


def _is_cancelled(client: SyncPrefectClient, run: UUID) -> bool:
    state = client.read_flow_run(run).state
    return state is not None and (state.is_cancelling() or state.is_cancelled())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _watch_owner(stop: threading.Event) -> None:
    """The standard input is a pipe that closes when the process that started this one is gone."""

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        stop.set()

    threading.Thread(target=watch, daemon=True).start()


def main(
    home: Path,
    cron: Annotated[str, typer.Option()],
    timezone: Annotated[str, typer.Option()],
    poll_seconds: Annotated[float, typer.Option(min=1)] = 10,
) -> None:
    """Serve the nights of HOME until a signal comes or the owner is gone."""
    place = Home.at(home)
    try:
        schedule = Schedule(cron=cron, timezone=timezone)
        deployment = deploy(place, schedule)
        with get_client(sync_client=True) as client:
            if owner_of(place) is None:
                leftovers.mark_crashed(client, deployment)
            leftovers.skip_missed(client, deployment)
    except ValueError as error:
        say(f"Error: --cron: {error}")
        raise typer.Exit(USAGE) from None
    except (httpx.HTTPError, PrefectException) as error:
        say(f"The server cannot be used: {type(error).__name__}.")
        raise typer.Exit(1) from None
    runner = Runner(place, deployment, poll_seconds)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop.set())
    _watch_owner(runner.stop)
    say(f"Deployment nightly/{deployment_name(place)} is served.")
    runner.serve()


if __name__ == "__main__":
    typer.run(main)
