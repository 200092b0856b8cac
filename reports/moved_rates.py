"""Rates that moved between two audits, and centres that left the funnel or came back: published numbers only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from .data import ReportData
from .disclosure import Ledger
from .messages import beyond, position_of
from .night import Thresholds
from .published import PublishedRule, publish_rules
from .statistics import ALL
from .stored import stored
from .texts import say

_OF_RATE = {"n": pl.Int64, "rate": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "position": pl.String}
RATES_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("rule_id", "strength", "centre_id", "moved", "crossed"), pl.String),
    **{f"{name}_before": dtype for name, dtype in _OF_RATE.items()},
    **{f"{name}_now": dtype for name, dtype in _OF_RATE.items()},
    "headline": pl.Boolean,
}
"""A rate that moved, of a rule in a centre (null: the network).

`moved`: `fell` or `rose` by the points of the threshold at least. `crossed`: `outside` (newly beyond a limit of the funnel),
`further` (beyond the 99.8 % limit after the 95 % one), `inside` (back within). Positions are those of `messages.position_of`.
The numbers before are null where they differ from those of now by a small count.
"""

_COUNTS = ("n_assessed", "n_concordant", "failing")
_WIDTH = {"below_998": 2, "above_998": 2, "below_95": 1, "above_95": 1, "within": 0}


def moved_rates(before: Path, now: Path, given: Thresholds) -> pl.DataFrame:
    """The headline rules by centre, as the network report shows them, and every rule over the network."""
    candidates = _network_moved(before, now, given.rate_points)
    old, new = (stored(out, candidates, given.smallest_count) for out in (before, now))
    was, shown = publish_rules(old), publish_rules(new)
    rows = [
        row
        for rule in new.rules
        if rule.id in was
        for row in _of_rule(rule.id, old, new, was[rule.id], shown[rule.id], given)
    ]
    found = pl.DataFrame(rows, schema=RATES_SCHEMA)
    worst = pl.col("position_now").replace_strict(_WIDTH, default=-1, return_dtype=pl.Int8)
    order = pl.col("crossed").replace_strict({"further": 0, "outside": 0, "inside": 1}, default=2, return_dtype=pl.Int8)
    return found.sort(order, worst, ~pl.col("headline"), "rule_id", "centre_id", descending=[False, True, *[False] * 3])


def _network_moved(before: Path, now: Path, points: float) -> list[str]:
    """The rules of which the rate of the network moved by so many points."""
    network = pl.col("centre_id").is_null() & (pl.col("period") == ALL)
    old, new = (
        pl.scan_parquet(out / "results" / "rates.parquet").filter(network).select("rule_id", "rate")
        for out in (before, now)
    )
    both = new.join(old, on="rule_id", suffix="_before")
    return both.filter(_far(pl.col("rate"), pl.col("rate_before"), points)).collect()["rule_id"].to_list()


def _far(one: Any, other: Any, points: float) -> Any:
    return 100 * abs(one - other) >= points - 1e-9


def _of_rule(
    rule_id: str, old: ReportData, new: ReportData, was: PublishedRule, shown: PublishedRule, given: Thresholds
) -> Iterator[dict[str, Any]]:
    """The scopes of one rule that moved. Where a centre's numbers before are hidden, so are those of the network."""
    scopes: dict[str | None, tuple[Any, Any]] = {None: (was.network, shown.network)}
    scopes |= {centre: (was.centres.get(centre), row) for centre, row in shown.centres.items()}
    rows = {}
    for centre, (one, other) in scopes.items():
        row = _row(centre, one, other, was.network, shown.network, given.rate_points)
        if row["moved"] or row["crossed"]:
            rows[centre] = row
    close = {centre for centre in rows if _tells(old.rate(rule_id, centre), new.rate(rule_id, centre), given)}
    strength, headline = new.rate(rule_id), {rule.id for rule in new.headline}
    assert strength is not None
    for centre, row in rows.items():
        if centre in close or (centre is None and close):
            row |= {f"{name}_before": None for name in ("n", "rate", "lower", "upper")}
        yield row | {"rule_id": rule_id, "strength": strength["strength"], "headline": rule_id in headline}


def _row(centre: str | None, one: Any, other: Any, was: Any, network: Any, points: float) -> dict[str, Any]:
    row: dict[str, Any] = {"centre_id": centre, "moved": None, "crossed": None}
    for end, mine, whole in (("before", one, was), ("now", other, network)):
        known = mine or dict.fromkeys(("n_assessed", "rate", "lower", "upper"))
        row |= {f"{name}_{end}": known[name] for name in ("rate", "lower", "upper")} | {f"n_{end}": known["n_assessed"]}
        row[f"position_{end}"] = None if centre is None else _position(known, whole)
    before, now = row["rate_before"], row["rate_now"]
    if before is not None and now is not None and _far(now, before, points):
        row["moved"] = "fell" if now < before else "rose"
    if centre is not None:
        row["crossed"] = _crossed(row["position_before"], row["position_now"])
    return row


def _position(row: Any, network: Any) -> str:
    known = row["rate"] is not None and network["rate"] is not None
    return position_of(row["rate"], network["rate"], beyond(row, network["rate"]) if known else 0)


def _crossed(before: str, now: str) -> str | None:
    """Whether a centre is newly beyond a limit, beyond the wider one after the narrower, or back within."""
    if now == "unknown":
        return None
    was, width = _WIDTH.get(before, 0), _WIDTH[now]
    if not width:
        return "inside" if was else None
    if not was or before.split("_")[0] != now.split("_")[0]:
        return "outside"
    return "further" if width > was else None


def _tells(one: dict[str, object] | None, other: dict[str, object] | None, given: Thresholds) -> bool:
    """Whether the two rows of rates differ by a small count."""
    ledger, counts = Ledger(given.smallest_count), [_counts(row) for row in (one, other)]
    return any(ledger.is_small(abs(counts[1][name] - counts[0][name])) for name in _COUNTS)


def _counts(row: Any) -> dict[str, int]:
    met, n = (row["n_concordant"], row["n_assessed"]) if row else (0, 0)
    return {"n_assessed": n, "n_concordant": met, "failing": n - met}


def position_words(position: str, lang: str) -> str:
    """A position in the funnel, in words."""
    return say(f"position.{position}", lang)
