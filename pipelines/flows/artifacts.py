"""What Prefect shows of a night: a summary, the quality per centre, a link to the morning page. Counts, no patients."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from pipelines.nightly.home import Home

if TYPE_CHECKING:
    from .nightly import Told


def write(home: Home, told: Told) -> None:
    """Make the artifacts of a night, under keys of this network."""
    key = re.sub(r"[^a-z0-9]+", "-", home.root.name.lower()).strip("-") or "network"
    create_markdown_artifact(summary(home, told), key=f"{key}-summary", description="What the night brought.")
    if quality := quality_of(home.published):
        create_table_artifact(quality, key=f"{key}-quality", description="What is published, per centre.")
    if told.digest:
        create_link_artifact(told.digest.absolute().as_uri(), "Morning page", key=f"{key}-morning-page")
    report = home.published / "publish" / "report.html"
    if report.exists():
        create_link_artifact(report.absolute().as_uri(), "Report of the network", key=f"{key}-report")


def summary(home: Home, told: Told) -> str:
    """The summary as markdown; names of centres and deposits are foreign text, and marks in it are escaped."""
    lines = [f"# {escaped(home.root.name)}: {told.kind}", "", escaped(told.message), ""]
    if told.counts:
        lines += ["| | n |", "|---|---:|"]
        lines += [f"| {escaped(name)} | {escaped(n)} |" for name, n in told.counts.items()]
        lines.append("")
    lines += [f"- **{severity}** {escaped(words)}" for severity, words in told.alerts]
    return "\n".join(lines).rstrip() + "\n"


def quality_of(out: Path) -> list[dict[str, Any]]:
    """Rows and findings of the quality gate per centre, as the report of the network prints them: small counts hidden."""
    import polars as pl

    from pipelines import quality
    from reports.disclosure import SMALLEST
    from reports.published_cohort import publish_intake
    from validation.quality.gate import failures

    counts = out / "quality" / "counts.parquet"
    if not counts.exists():
        return []
    found = failures(pl.read_parquet(out / quality.FILE, glob=False)).group_by("centre_id", "severity").len()
    findings = {(centre, severity): n for centre, severity, n in found.iter_rows()}
    return [
        {
            "centre": "all" if centre is None else escaped(centre),
            **{name: f"<{SMALLEST}" if n is None else n for name, n in rows.items()},
            "gate blocks": findings.get((centre, "block"), 0),
            "gate warns": findings.get((centre, "warn"), 0),
        }
        for centre, rows in publish_intake(pl.read_parquet(counts, glob=False), SMALLEST).items()
    ]


def escaped(text: object) -> str:
    """Foreign text that markdown shows as it is, on one line."""
    plain = " ".join(str(text).split())
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~&-])", r"\\\1", plain)
