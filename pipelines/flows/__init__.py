"""The audit as Prefect flows: the composition that the command line runs, a flow per stage and a task per step.

Parameters are paths and plain values; frames stay in the process, nothing is cached, no result is kept.
"""

from __future__ import annotations

import os

# Before Prefect is imported: nothing about an audit leaves the machine.
os.environ["DO_NOT_TRACK"] = "1"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"

from .stages import FLOWS, audit, audit_network, ingest, report, score, validate

__all__ = ["FLOWS", "audit", "audit_network", "ingest", "report", "score", "validate"]
