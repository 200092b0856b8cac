"""Every stage as a flow of its own, and the audit that strings them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from prefect import Flow, Task, flow, task
from prefect.cache_policies import NO_CACHE

from pipelines.audit import STAGES, Direct, compose
from pipelines.console import exit_code
from pipelines.quality import read_gate
from pipelines.run import Request, Run, Step, read_overrides


class StepFailed(Exception):
    """A step failed for a reason of our own; names the step and the kind of error."""


def _task(stage: str, step: Step) -> Task[[Run], None]:
    @task(name=step.__name__, description=step.__doc__, cache_policy=NO_CACHE, persist_result=False, retries=0)
    def do(run: Run) -> None:
        try:
            run.do(stage, step)
        except Exception as error:
            # Prefect logs and stores exceptions; the text of one that is not ours may hold a patient's values.
            if exit_code(error) is None:
                raise StepFailed(
                    f"{step.__name__}: {type(error).__name__}. `osteoconcord audit` with the same extracts shows it in full."
                ) from None
            raise

    return do


TASKS = {step: _task(stage, step) for stage, steps in STAGES.items() for step in steps}

_running: dict[Path, Run] = {}
"""Runs of this process by the folder they write into: a stage flow called by `audit_network` goes on with its run."""


class _Tasks(Direct):
    """A task around every step."""

    def step(self, run: Run, stage: str, step: Step) -> None:
        TASKS[step](run)


class _Flows(_Tasks):
    """A flow around every stage as well."""

    def stage(self, run: Run, name: str) -> None:
        if name not in FLOWS:
            super().stage(run, name)
            return
        _running[run.folder] = run
        try:
            extracts = {"extracts": list(run.request.extracts)} if name == "ingest" else {}
            FLOWS[name](out=run.folder, **extracts)
        finally:
            del _running[run.folder]


def _do(stage: str, out: Path, request: Callable[[], Request]) -> str:
    """Run one stage: as a part of the audit that writes into OUT, or by itself on the audit that OUT holds."""
    if out in _running:
        _Tasks().stage(_running[out], stage)
    else:
        compose(request(), _Tasks(), (stage, "publish"))
    return str(out)


def _request(
    extracts: list[Path],
    out: Path,
    rules: list[str] | None,
    gate: Path | None,
    parameters: Path | None,
    **others: Any,
) -> Request:
    """What is asked, with the files of limits and thresholds read."""
    return Request(
        extracts=tuple(extracts),
        out=out,
        rules=tuple(rules) if rules else None,
        gate=read_gate(gate) if gate else {},
        overrides=read_overrides(parameters) if parameters else {},
        **others,
    )


@flow(persist_result=False)
def ingest(
    extracts: list[Path],
    out: Path,
    lang: Literal["fr", "en"] = "fr",
    start: date | None = None,
    end: date | None = None,
    rules: list[str] | None = None,
    retrospective: bool = False,
    gate: Path | None = None,
    parameters: Path | None = None,
    sensitivity: bool = False,
    pseudonym_key_env: str | None = None,
) -> str:
    """Take extracts in; OUT then holds the registry and the quarantine, and what is asked of the stages to come."""

    def request() -> Request:
        return _request(
            extracts,
            out,
            rules,
            gate,
            parameters,
            lang=lang,
            start=start,
            end=end,
            retrospective=retrospective,
            sensitivity=sensitivity,
            pseudonym_key_env=pseudonym_key_env,
        )

    return _do("ingest", out, request)


@flow(persist_result=False)
def validate(out: Path) -> str:
    """Measure the quality of what OUT holds; fails when nothing was accepted."""
    return _do("validate", out, lambda: Request.of(out))


@flow(persist_result=False)
def score(out: Path) -> str:
    """Score every lesion in OUT."""
    return _do("score", out, lambda: Request.of(out))


@flow(persist_result=False)
def audit(out: Path) -> str:
    """Judge every decision in OUT and count the rates."""
    return _do("audit", out, lambda: Request.of(out))


@flow(persist_result=False)
def report(out: Path, lang: Literal["fr", "en"] | None = None) -> str:
    """Write the reports again from what OUT holds, in its language unless another is asked."""

    def request() -> Request:
        asked = Request.of(out)
        return replace(asked, report=True, lang=lang or asked.lang)

    return _do("report", out, request)


FLOWS: dict[str, Flow[..., str]] = {
    "ingest": ingest,
    "validate": validate,
    "score": score,
    "audit": audit,
    "report": report,
}


@flow(name="audit-network", persist_result=False)
def audit_network(
    extracts: list[Path],
    out: Path,
    lang: Literal["fr", "en"] = "fr",
    start: date | None = None,
    end: date | None = None,
    rules: list[str] | None = None,
    retrospective: bool = False,
    with_report: bool = True,
    gate: Path | None = None,
    parameters: Path | None = None,
    sensitivity: bool = False,
    pseudonym_key_env: str | None = None,
) -> str:
    """Audit extracts into OUT: every stage in order, published when the last has ended well."""
    request = _request(
        extracts,
        out,
        rules,
        gate,
        parameters,
        lang=lang,
        start=start,
        end=end,
        retrospective=retrospective,
        report=with_report,
        sensitivity=sensitivity,
        pseudonym_key_env=pseudonym_key_env,
    )
    compose(request, _Flows())
    return str(out)
