"""The cohort, its scores, its rows and its persistence after disclosure control. Here null means hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .data import ReportData
from .disclosure import Ledger, nested
from .statistics import Persistence

STEPS = ("read", "accepted", "lung", "cohort", "in_period", "applicable", "assessable")


def publish_flow(data: ReportData) -> list[tuple[str, int | None, int | None]]:
    """Step, patients and decisions of the whole network.

    How many were read is no fact about health and always shown; where two steps lie too near each other the numbers
    accepted and in the cohort stay, and a step between them goes.
    """
    flow = {row["step"]: row for row in data.judgement.flow.filter(pl.col("centre_id").is_null()).iter_rows(named=True)}
    read = int(data.counts.filter(pl.col("table") == "patients")["read"].sum())
    after = STEPS[1:]
    anchors = [after.index(step) for step in ("accepted", "cohort")]
    patients = nested([flow[step]["n_patients"] for step in after], data.smallest_count, anchors)
    decisions = nested([flow[step]["n_decisions"] for step in after], data.smallest_count)
    return [("read", read, None), *zip(after, patients, decisions, strict=True)]


@dataclass(frozen=True)
class PublishedScore:
    """Assessments of a score by total (with the band of that total) and by band; None is an unknown total or band."""

    n: int | None
    bars: list[tuple[int | None, str | None, int | None]]
    bands: dict[str | None, int | None]


def publish_score(frame: pl.DataFrame, bands: Sequence[str], smallest: int) -> PublishedScore:
    """The distribution of a score: totals, bands and their sums protected together."""
    cells = frame.group_by("total", "band").agg(n=pl.len()).sort("total", "band", nulls_last=True)
    count: dict[tuple[int | None, str | None], int] = {(t, b): n for t, b, n in cells.iter_rows()}
    totals = cells["total"].unique(maintain_order=True).to_list()
    by_total = {("total", t): [key for key in count if key[0] == t] for t in totals}
    by_band = {("band", b): [key for key in count if key[1] == b] for b in (*bands, None)}
    ledger = Ledger(smallest)
    for key, n in count.items():
        # Totals and bands are printed, their crossings are not: to give them up costs nothing.
        ledger.add(key, n, reluctance=-1)
    for group, members in (by_total | by_band).items():
        ledger.add(group, sum(count[key] for key in members), reluctance=int(group[0] == "band"))
        ledger.line(group, members)
    ledger.add("all", frame.height, reluctance=2)
    ledger.line("all", by_band)
    hidden = ledger.hidden()
    shown = {
        group: None if group in hidden else sum(count[key] for key in members)
        for group, members in (by_total | by_band).items()
    }
    band_of = {t: b for t, b in count if t is not None and b is not None}
    bars = [(t, band_of.get(t), shown["total", t]) for t in totals]
    return PublishedScore(
        None if "all" in hidden else frame.height, bars, {b: shown["band", b] for b in (*bands, None)}
    )


def publish_intake(counts: pl.DataFrame, smallest: int) -> dict[str | None, dict[str, int | None]]:
    """Rows read, accepted and quarantined per centre and (None) in all; rows of no known centre stay out."""
    measures = ("read", "accepted", "quarantined")
    known = (
        counts.filter(pl.col("centre_id").is_not_null())
        .group_by("centre_id")
        .agg(pl.col(measures).sum())
        .sort("centre_id")
    )
    rows: dict[str | None, dict[str, int]] = {
        r["centre_id"]: {m: r[m] for m in measures} for r in known.iter_rows(named=True)
    }
    rows[None] = {m: sum(row[m] for row in rows.values()) for m in measures}
    ledger = Ledger(smallest)
    for centre, row in rows.items():
        for measure in measures:
            ledger.add((centre, measure), row[measure], reluctance=1 if centre is None else 0)
        ledger.line((centre, "read"), [(centre, "accepted"), (centre, "quarantined")])
    for measure in measures:
        ledger.line((None, measure), [(centre, measure) for centre in rows if centre is not None])
    hidden = ledger.hidden()
    return {c: {m: None if (c, m) in hidden else row[m] for m in measures} for c, row in rows.items()}


FEWEST_FOLLOWED = 10
"""A curve ends where fewer courses are still followed: each stop would be a drop that the eye takes for a finding."""
TWO_YEARS = 730
RISK_DAYS = (0, 183, 365, 548, TWO_YEARS)
"""The days at which the numbers at risk are printed: every six months for two years."""


@dataclass(frozen=True)
class PublishedPersistence:
    """What may be shown of a curve of persistence: its steps, and about how many were still followed by day."""

    days: list[int]
    share: list[float]
    lower: list[float]
    upper: list[float]
    at_risk: dict[int, int]


def publish_persistence(curve: Persistence, smallest: int) -> PublishedPersistence | None:
    """Two years of the curve, cut where few are still at risk, with days merged until each step holds enough stops.

    The last stops join the step before them, so that the curve ends at its true height. Numbers at risk are rounded, so
    that no small number that left between two days follows from them and the curve.
    """
    fewest = max(smallest, FEWEST_FOLLOWED)
    followed = np.flatnonzero((curve.at_risk >= fewest) & (curve.at_risk - curve.ended >= smallest))
    inside = [row for row in followed.tolist() if curve.days[row] <= TWO_YEARS]
    keep, waiting = [], 0
    for row in inside:
        waiting += int(curve.ended[row])
        if waiting >= smallest:
            keep.append(row)
            waiting = 0
    if not keep:
        return None
    if waiting:
        keep[-1] = max(row for row in inside if curve.ended[row])
    until = int(curve.days[followed[-1]])
    share, lower, upper = (part[[*keep, keep[-1]]].tolist() for part in (curve.share, curve.lower, curve.upper))
    still = {day: int(curve.at_risk[curve.days >= day].max()) for day in RISK_DAYS if day <= until}
    about = {day: round(n / smallest) * smallest for day, n in still.items()}
    return PublishedPersistence([*curve.days[keep].tolist(), min(until, TWO_YEARS)], share, lower, upper, about)
