"""What went wrong around a night and did not stop it: an alert that was not sent, a server that was away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .durable import make_folder, write_bytes
from .home import Home

KEPT = 100
"""Troubles that are kept, the newest."""


def note(home: Home, run: str | None, troubles: Iterable[str]) -> None:
    """Write troubles down for `status`; where that cannot be done either, the night goes on."""
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    new = [{"at": at, "run": run, "trouble": trouble} for trouble in troubles]
    if not new:
        return
    lines = [json.dumps(row, ensure_ascii=False) for row in (noted(home) + new)[-KEPT:]]
    with suppress(OSError):
        make_folder(_file(home).parent)
        write_bytes(_file(home), ("\n".join(lines) + "\n").encode("utf-8"))


def noted(home: Home) -> list[dict[str, Any]]:
    """The troubles that are kept, in order; lines that cannot be read are left out."""
    found: list[dict[str, Any]] = []
    with suppress(OSError):
        for line in _file(home).read_text("utf-8", "replace").splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
    return found


def _file(home: Home) -> Path:
    return home.root / "prefect" / "troubles.jsonl"
