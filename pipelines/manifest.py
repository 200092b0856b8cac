"""What went into an audit, what came out, and what it cost."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import polars as pl

from . import publish

if TYPE_CHECKING:
    from .run import Run

LIBRARIES = ("duckdb", "fastexcel", "matplotlib", "pandera", "polars", "scipy")
"""The libraries whose version can change a result."""


@cache
def versions() -> dict[str, str]:
    """The versions that made the results."""
    found = {name: version(name) for name in LIBRARIES}
    return {"osteoconcord": version("osteoconcord"), "python": platform.python_version(), **found}


def of(run: Run) -> dict[str, Any]:
    """The manifest of a run. One over a part of the stages keeps the counts of the audit that it went on from."""
    from scoring.recommendations import RULES

    earlier = publish.read_manifest(run.folder)["counts"] if (run.folder / publish.MANIFEST).exists() else {}
    editions = dict.fromkeys(rule.source.edition for rule in RULES)
    return {
        "product": publish.PRODUCT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "parameters": run.request.parameters,
        "editions": [
            {"id": e.id, "title": e.title[run.request.lang], "valid_from": e.valid_from.isoformat()} for e in editions
        ],
        "thresholds": thresholds(),
        "versions": versions(),
        "counts": earlier | counts(run),
        "steps": run.spent,
        "inputs": run.files,
    }


def thresholds() -> list[dict[str, Any]]:
    """Every named parameter with the value that was used."""
    from scoring.recommendations.parameters import PARAMETERS

    keys = ("name", "value", "default", "unit", "origin", "source", "overridden")
    return [{key: getattr(p, key) for key in keys} for p in PARAMETERS.values()]


def counts(run: Run) -> dict[str, Any]:
    """Rows, patients, decisions and verdicts, as far as the run has come."""
    rows = run.counts.select("read", "accepted", "quarantined").sum().row(0, named=True)
    found: dict[str, Any] = {
        "rows": rows,
        "centres": len(run.centres),
        "patients": run.registry["patients"].height,
    }
    if "judgement" in run.__dict__:
        found["decisions"] = {grain.value: frame.height for grain, frame in run.judgement.verdicts.items()}
    if "rates" in run.__dict__:
        overall = run.rates.filter(pl.col("centre_id").is_null() & (pl.col("period") == "all"))
        statuses = ("concordant", "discordant", "to_justify", "justified", "not_due", "not_assessable")
        found["verdicts"] = {status: int(overall[f"n_{status}"].sum()) for status in statuses}
    return found
