"""Flow runs that nobody will end: their process was killed and cannot say so, or nobody served when they were due."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed, State
from prefect.types import DateTime


def mark_crashed(client: SyncPrefectClient, deployment: UUID, but: UUID | None = None) -> int:
    """Mark the runs of a deployment that are under way as crashed; only for one who knows that none is alive.

    Args:
        client: of the server.
        deployment: whose runs.
        but: the run that is alive.
    """
    under_way = _of_types(StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
    dead = [run for run in _runs(client, deployment, FlowRunFilter(state=under_way)) if run.id != but]
    for run in dead:
        state: State[None] = Crashed(
            message="The process of this run ended without a word; the next run resumes its work."
        )
        client.set_flow_run_state(run.id, state, force=True)
    return len(dead)


def skip_missed(client: SyncPrefectClient, deployment: UUID) -> int:
    """Of the runs that were due while nobody served, keep the newest: one night takes in what all would have."""
    before = FlowRunFilterNextScheduledStartTime(before_=DateTime.now(UTC))
    due = FlowRunFilter(state=_of_types(StateType.SCHEDULED), next_scheduled_start_time=before)
    missed = _runs(client, deployment, due)[1:]
    for run in missed:
        client.set_flow_run_state(run.id, Cancelled(name="Missed", message="Nobody served when it was due."))
    return len(missed)


def _of_types(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))


def _runs(client: SyncPrefectClient, deployment: UUID, which: FlowRunFilter) -> list[FlowRun]:
    """The runs of a deployment, the last one due first."""
    ours = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
    return client.read_flow_runs(
        deployment_filter=ours, flow_run_filter=which, sort=FlowRunSort.EXPECTED_START_TIME_DESC
    )
