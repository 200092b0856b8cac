"""Verdicts of two audits set beside each other: which changed, which decisions are new or gone, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from scoring.concordance import KEYS
from scoring.core.recommendation import Grain, Status
from scoring.recommendations import RULES

WHYS = ("edition", "parameter", "correction", "new_data", "coverage", "time", "software", "unexplained")
"""Why a verdict differs; where several hold, the first one is said."""

IDENTITY = [key for key in KEYS if key != "centre_id"]
"""What makes a decision the same one in two audits, beside its rule."""

STATUS = pl.Enum([status.value for status in Status])
CHANGES_SCHEMA: dict[str, Any] = {
    "rule_id": pl.String,
    "centre_id": pl.String,
    "before": STATUS,
    "after": STATUS,
    "why": pl.Enum(WHYS),
    "n": pl.Int64,
    "n_patients": pl.Int64,
}
"""Decisions and patients per rule, centre, status before (null: a new decision), status after (null: gone) and why."""

_SETTINGS = ("start", "end", "retrospective")


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of an audit."""
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    return found


@dataclass(frozen=True)
class Causes:
    """What differs between two audits beside their data.

    `documents`: guidelines of which an edition came, went or got another date. `settings`: a parameter or the period is
    set otherwise; which rules use a parameter cannot be told (facts and scores use them too), so any may. `software`: a
    version that can change a result.
    """

    documents: frozenset[str]
    settings: bool
    software: bool

    @classmethod
    def between(cls, before: dict[str, Any], now: dict[str, Any]) -> Causes:
        """From the manifests of two audits."""
        document = {rule.source.edition.id: rule.source.edition.document for rule in RULES}
        differ = {edition for edition, _ in _editions(before) ^ _editions(now)}
        return cls(
            frozenset(document.get(edition, edition) for edition in differ),
            _settings(before) != _settings(now),
            before["versions"] != now["versions"],
        )

    @property
    def everywhere(self) -> bool:
        """Whether verdicts of patients whose data are the same can differ."""
        return bool(self.documents) or self.settings or self.software

    def of_rule(self, rule_id: str) -> str | None:
        """Why any verdict of a rule may differ, whatever its data."""
        document = _DOCUMENT_OF_RULE.get(rule_id, rule_id.split("-")[0])
        if document in self.documents:
            return "edition"
        return "parameter" if self.settings else None


_DOCUMENT_OF_RULE = {rule.id: rule.source.edition.document for rule in RULES}


def _editions(manifest: dict[str, Any]) -> set[tuple[str, str]]:
    return {(edition["id"], edition["valid_from"]) for edition in manifest["editions"]}


def _settings(manifest: dict[str, Any]) -> dict[str, Any]:
    values = {threshold["name"]: threshold["value"] for threshold in manifest["thresholds"]}
    return values | {name: manifest["parameters"].get(name) for name in _SETTINGS}


def changes(before: Path, now: Path, touched: pl.DataFrame) -> pl.DataFrame:
    """Every verdict of `now` that is not as in `before`, counted (`CHANGES_SCHEMA`).

    Args:
        before: an audit.
        now: a later one.
        touched: patient_id, why (`correction`, `new_data`, `coverage`, `time`) of each patient whose rows, coverage or time
            differ. Verdicts of the others are compared only where something beside the data differs.
    """
    causes = Causes.between(read_manifest(before), read_manifest(now))
    whys = touched.select("patient_id", why=pl.col("why").cast(pl.Enum(WHYS))).sort("why")
    whys = whys.unique("patient_id", keep="first", maintain_order=True)
    patients = None if causes.everywhere else whys.select("patient_id")
    statuses = _statuses(before), _statuses(now)
    found = [pl.DataFrame(schema=CHANGES_SCHEMA)]
    for grain in Grain:
        old, new = (_verdicts(out, grain, patients) for out in (before, now))
        if old.height or new.height:
            found += _of_grain(old, new, statuses, whys, causes)
    return pl.concat(found).sort("rule_id", "centre_id", "why", "before", "after", nulls_last=True)


def _statuses(out: Path) -> pl.Series:
    """The status of every code of an audit, by code."""
    codes = pl.read_parquet(out / "results" / "verdict_codes.parquet", columns=["code", "status"], glob=False)
    every = pl.DataFrame({"code": pl.int_range(1 << 16, eager=True).cast(pl.UInt16)})
    return every.join(codes, on="code", how="left", maintain_order="left")["status"].cast(STATUS)


def _verdicts(out: Path, grain: Grain, patients: pl.DataFrame | None) -> pl.DataFrame:
    """The verdicts of a grain, of these patients or of all."""
    path = out / "results" / f"verdicts_{grain}.parquet"
    if not path.exists():
        return pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String) | {"index_date": pl.Date})
    frame = pl.scan_parquet(path, glob=False)
    return (frame if patients is None else frame.join(patients.lazy(), on="patient_id", how="semi")).collect()


def _of_grain(
    old: pl.DataFrame, new: pl.DataFrame, statuses: tuple[pl.Series, pl.Series], whys: pl.DataFrame, causes: Causes
) -> Iterator[pl.DataFrame]:
    both = (
        old.select(*IDENTITY, "centre_id")
        .with_row_index("_old")
        .join(
            new.select(*IDENTITY, "centre_id").with_row_index("_new"),
            on=IDENTITY,
            how="full",
            coalesce=True,
            nulls_equal=True,
        )
        .join(whys, on="patient_id", how="left")
    )
    rows = both.select("patient_id", "why", _from="centre_id", _to="centre_id_right")
    rest = pl.lit("software" if causes.software else "unexplained")
    for rule in dict.fromkeys(column for column in (*old.columns, *new.columns) if column not in KEYS):
        status = [
            lookup.gather(frame[rule]).gather(both[place])
            if rule in frame.columns
            else pl.Series([None], dtype=STATUS).new_from_index(0, both.height)
            for frame, lookup, place in ((old, statuses[0], "_old"), (new, statuses[1], "_new"))
        ]
        common = causes.of_rule(rule)
        yield (
            rows.with_columns(before=status[0], after=status[1])
            .filter(pl.col("before").ne_missing(pl.col("after")))
            .with_columns(
                why=pl.lit(common) if common else pl.col("why").cast(pl.String).fill_null(rest),
                # What is gone is gone from the centre where it was.
                centre_id=pl.when(pl.col("after").is_null()).then("_from").otherwise("_to"),
            )
            .group_by("centre_id", "before", "after", "why")
            .agg(n=pl.len(), n_patients=pl.col("patient_id").n_unique())
            .select(pl.lit(rule).alias("rule_id"), pl.exclude("rule_id"))
            .select(pl.col(name).cast(dtype) for name, dtype in CHANGES_SCHEMA.items())
        )
