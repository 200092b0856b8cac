"""One scheduled night as a process: `python -m pipelines.flows.process HOME RUN`. It ends the night with or without Prefect."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow

from pipelines.nightly import troubles
from pipelines.nightly.home import Home
from pipelines.nightly.serving import say

from .nightly import Told, ended, night_of, nightly

QUIET = ("asyncio", "prefect.FlowRunSuspendingObserver", "prefect.events.clients")
"""Loggers that tell at length that the server is away, which is told here in one line."""


def keep_tracebacks_out() -> None:
    """No record of Prefect carries a traceback, as it would be stored: its lines can hold a patient's values."""
    make = logging.getLogRecordFactory()

    def record(*args: Any, **more: Any) -> logging.LogRecord:
        made = make(*args, **more)
        if made.name.startswith("prefect"):
            made.exc_info = None
        return made

    logging.setLogRecordFactory(record)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def main(home: Path, run: UUID) -> int:
    """Run the night of a flow run; 0 where it ended well."""
    keep_tracebacks_out()
    try:
        with get_client(sync_client=True) as client:
            flow_run = client.read_flow_run(run)
        run_flow(nightly, flow_run=flow_run, parameters={"home": home}, return_type="state")
    except Abort:
        say("The server does not want this run any more.")
        return 0
    except Exception as error:
        trouble = f"the server is away ({type(error).__name__}); the night ended without it"
        say(f"Trouble: {trouble}.")
        troubles.note(Home(home), None, [trouble])
    told: Told = ended.get(home) or night_of(home)
    say(told.message)
    return 1 if told.kind == "failed" else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), UUID(sys.argv[2])))
