"""A process that runs nights until it is killed; it starts from a fork that has imported everything that a night needs."""

from __future__ import annotations

from pathlib import Path

import scipy.stats

import reports.cases
import reports.digest
import reports.figures
import reports.html
import reports.statistics
import validation.check
from pipelines.nightly import morning, night, rejudge
from pipelines.nightly.home import Home

PRELOADED = (
    reports.cases,
    reports.digest,
    reports.figures,
    reports.html,
    reports.statistics,
    scipy.stats,
    validation.check,
)
PRELOADED_OF_OURS = (morning, night, rejudge)


def run(root: Path, diary: Path) -> None:
    """One night; every step that is done is a line of the diary."""

    def around(step: night.Step, tonight: night.Night) -> None:
        with diary.open("a") as file:
            print(step.name, file=file, flush=True)
        step(tonight)

    night.run(Home.at(root), around)
