"""The night as a Prefect flow: a task around every step, tried again where the cause of an error can pass.

Prefect watches the night, it does not carry it: where its server is away, the steps run all the same. Nothing is raised
through Prefect, which stores tracebacks; a failure is a state with a message that holds no patient's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect import Task, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import TaskRun
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed, State
from prefect.tasks import exponential_backoff

from pipelines.console import exit_code
from pipelines.nightly import night as nights
from pipelines.nightly import troubles
from pipelines.nightly.home import Home
from pipelines.nightly.transient import can_pass

from . import alerts, artifacts, leftovers

if TYPE_CHECKING:
    from pipelines.nightly.night import Step
    from pipelines.nightly.tonight import Night

RETRIES = 4
FIRST_DELAY = 30.0
"""Seconds before a step is tried again; every further delay is twice as long."""
JITTER = 0.2

CAN_PASS = "CanPass"
"""Name of the state of a step that failed for a cause that can pass."""


class Attempt:
    """One step of one night. A plain class, so that Prefect does not walk through the frames."""

    def __init__(self, step: Step, night: Night) -> None:
        self.step = step
        self.night = night
        self.tried = False
        self.error: Exception | None = None

    def run(self) -> None:
        """Run the step; what it raises is kept, not raised."""
        self.tried, self.error = True, None
        try:
            self.step(self.night)
        except Exception as error:
            self.error = error


def message_of(error: Exception, where: str, home: Path) -> str:
    """What may be told of an error: the text of our own; of any other its kind, as its text may hold a patient's values."""
    if exit_code(error) is not None:
        return f"{where}: {error}"
    return f"{where}: {type(error).__name__}. `osteoconcord nightly run {home}` shows it in full."


def _may_be_tried_again(_task: Task[..., Any], _run: TaskRun, state: State) -> bool:
    return state.name == CAN_PASS


@cache
def task_of(step: Step) -> Task[[Attempt], State]:
    """The task around a step."""

    @task(
        name=step.name,
        description=step.__doc__,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES,
        retry_delay_seconds=exponential_backoff(FIRST_DELAY),
        retry_jitter_factor=JITTER,
        retry_condition_fn=_may_be_tried_again,
    )
    def do(attempt: Attempt) -> State:
        attempt.run()
        if attempt.error is None:
            return Completed()
        message = message_of(attempt.error, step.name, attempt.night.home.root)
        return Failed(name=CAN_PASS if can_pass(attempt.error) else None, message=message)

    return do


class Tasks:
    """Runs every step of a night as a task, and plainly where Prefect fails."""

    def __init__(self, run: UUID | None, deployment: UUID | None) -> None:
        self._run, self._deployment = run, deployment
        self._began = False
        self.troubles: list[str] = []
        """What of Prefect did not work."""

    def __call__(self, step: Step, night: Night) -> None:
        """Run one step; what it raises is raised."""
        if not self._began:
            self._began = True
            self.watch("ended runs", self._bury)
        attempt = Attempt(step, night)
        self.watch(step.name, lambda: task_of(step)(attempt, return_state=True))
        if not attempt.tried:
            attempt.run()
        if attempt.error is not None:
            raise attempt.error

    def watch(self, what: str, of_prefect: Callable[[], object]) -> None:
        """Have Prefect do something that the night does not depend on."""
        try:
            of_prefect()
        except Exception as error:
            self.troubles.append(f"{what}: {type(error).__name__}")

    def _bury(self) -> None:
        """The night holds the lock of the store, so no other run of this deployment is alive."""
        if self._deployment is not None:
            with get_client(sync_client=True) as client:
                leftovers.mark_crashed(client, self._deployment, but=self._run)


@dataclass(frozen=True)
class Told:
    """How a night ended, in what Prefect and alerts may know; an alert is its severity and its words."""

    kind: str
    message: str
    run: str | None = None
    alerts: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)
    digest: Path | None = None

    @property
    def state(self) -> State:
        """The state of the flow run."""
        if self.kind == "failed":
            return Failed(message=self.message)
        return Completed(name=self.kind.replace("_", " ").capitalize(), message=self.message)

    @property
    def payload(self) -> dict[str, Any]:
        """What a webhook is sent."""
        return {
            "outcome": self.kind,
            "message": self.message,
            "run": self.run,
            "alerts": [{"severity": severity, "words": words} for severity, words in self.alerts],
            "counts": dict(self.counts),
        }

    @property
    def is_alarming(self) -> bool:
        """Whether somebody should hear of it."""
        return self.kind in ("failed", "kept") or any(severity != "info" for severity, _ in self.alerts)


def told_of(night: Night) -> Told:
    """How a night ended, in the language of the network."""
    outcome = night.outcome()
    language = night.config.language
    return Told(
        kind=outcome.kind,
        message=f"{outcome.kind}: run {outcome.run}" if outcome.run else outcome.kind,
        run=outcome.run,
        alerts=tuple((alert.severity, alert.words[language]) for alert in outcome.alerts),
        counts=outcome.counts,
        digest=outcome.digest,
    )


ended: dict[Path, Told] = {}
"""How the nights of this process ended, for who asks after Prefect failed."""


def night_of(home: Path, around: Callable[[Step, Night], None] = nights.direct) -> Told:
    """Run one night; how it ended, whatever happened."""
    try:
        told = told_of(nights.run(Home.at(home), around))
    except Exception as error:
        told = Told("failed", message_of(error, "night", home))
    ended[home] = told
    return told


@flow(name="nightly", persist_result=False, retries=0)
def nightly(home: Path) -> State:
    """One night of a network: what centres deposited is taken in, judged and published, or yesterday's state is kept."""
    context = FlowRunContext.get()
    ours = context.flow_run if context else None
    tasks = Tasks(ours.id if ours else None, ours.deployment_id if ours else None)
    told = night_of(home, tasks)
    tasks.watch("artifacts", lambda: artifacts.write(Home(home), told))
    found = tasks.troubles + _alert(Home(home), told)
    troubles.note(Home(home), told.run, found)
    for trouble in found:
        get_run_logger().warning("The night ended, but: %s", trouble)
    return told.state


def _alert(home: Home, told: Told) -> list[str]:
    """Send what is to be told; gives what could not be sent."""
    try:
        settings = home.config.alerts
    except Exception:  # the night failed for this reason
        return []
    return alerts.send(settings, told, home.root.name)
