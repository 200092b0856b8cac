"""How rates and the positions of centres move under the other readings of the guideline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from scoring.recommendations.readings import Reading
from scoring.sensitivity import SCHEMA, Trial

from .messages import beyond
from .statistics import ALL, rates

_OF_RATE = ("n_assessed", "rate", "lower", "upper", "bound_low", "bound_high")
_BESIDE = {
    f"{name}_{when}": pl.Int64 if name == "n_assessed" else pl.Float64
    for when in ("before", "after")
    for name in _OF_RATE
}
RULES_SCHEMA = {
    "reading": pl.String,
    "rule_id": pl.String,
    "n_changed": pl.Int64,
    "n_patients": pl.Int64,
    **_BESIDE,
}
CENTRES_SCHEMA = {
    "reading": pl.String,
    "rule_id": pl.String,
    "centre_id": pl.String,
    "position_before": pl.String,
    "position_after": pl.String,
    **_BESIDE,
}


@dataclass(frozen=True)
class Sensitivity:
    """`rules`: reading × rule of which a verdict changes, with both rates. `centres`: those of which the position among the
    centres changes (`below`, `within` or `above` the 95 % limits of the funnel, or `none`). `decisions`: each changed verdict.
    """

    readings: tuple[Reading, ...]
    rules: pl.DataFrame
    centres: pl.DataFrame
    decisions: pl.DataFrame


def sensitivity(before: pl.DataFrame, trials: Iterable[Trial]) -> Sensitivity:
    """Set the rates under each reading beside those of the audit (`statistics.rates`)."""
    tried: list[Reading] = []
    rules, centres = [pl.DataFrame(schema=RULES_SCHEMA)], [pl.DataFrame(schema=CENTRES_SCHEMA)]
    decisions = [pl.DataFrame(schema=SCHEMA)]
    old = _by_rule(before)
    for trial in trials:
        tried.append(trial.reading)
        decisions.append(trial.changed)
        moved = trial.changed.group_by("rule_id", maintain_order=True).agg(
            n_changed=pl.len().cast(pl.Int64), n_patients=pl.col("patient_id").n_unique().cast(pl.Int64)
        )
        names = moved["rule_id"].to_list()
        judged = [rule for rule in trial.rules if rule.met is not None and rule.id in names]
        new = _by_rule(rates(trial.judgement, judged)) if judged else {}
        for rule_id, n_changed, n_patients in moved.iter_rows():
            if rule_id in new:
                key = {"reading": trial.reading.id, "rule_id": rule_id}
                counts = {"n_changed": n_changed, "n_patients": n_patients}
                rules.append(_row(key | counts, old[rule_id][None], new[rule_id][None], RULES_SCHEMA))
                centres += list(_moved_centres(key, old[rule_id], new[rule_id]))
    return Sensitivity(tuple(tried), pl.concat(rules), pl.concat(centres), pl.concat(decisions))


def _by_rule(frame: pl.DataFrame) -> dict[str, dict[str | None, dict[str, Any]]]:
    """Rule -> centre (None: all) -> its row over all quarters."""
    found: dict[str, dict[str | None, dict[str, Any]]] = {}
    for row in frame.filter(pl.col("period") == ALL).iter_rows(named=True):
        found.setdefault(row["rule_id"], {})[row["centre_id"]] = row
    return found


def _row(key: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], schema: Any) -> pl.DataFrame:
    sides = {f"{name}_{when}": row[name] for when, row in (("before", old), ("after", new)) for name in _OF_RATE}
    return pl.DataFrame([dict(key) | sides], schema=schema)


def _moved_centres(
    key: Mapping[str, Any], old: dict[str | None, dict[str, Any]], new: dict[str | None, dict[str, Any]]
) -> Iterable[pl.DataFrame]:
    nothing = {"n_assessed": 0, "rate": None} | dict.fromkeys(_OF_RATE[2:])
    for centre in sorted({c for c in (*old, *new) if c is not None}):
        one, other = old.get(centre, nothing), new.get(centre, nothing)
        position = {"position_before": _position(one, old[None]), "position_after": _position(other, new[None])}
        if position["position_before"] != position["position_after"]:
            yield _row(dict(key) | {"centre_id": centre} | position, one, other, CENTRES_SCHEMA)


def _position(row: Mapping[str, Any], network: Mapping[str, Any]) -> str:
    if row["rate"] is None or network["rate"] is None:
        return "none"
    if not beyond(row, network["rate"]):
        return "within"
    return "below" if row["rate"] < network["rate"] else "above"
