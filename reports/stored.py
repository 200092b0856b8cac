"""The part of a report's data that can be read back from the folder of an audit: rates, verdicts of some rules, quality."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from scoring.concordance import Judgement
from scoring.core.recommendation import Grain, Recommendation
from scoring.recommendations import JUDGED

from .changes import read_manifest
from .data import ReportData
from .indicators import UnknownRule, headline


def stored_headline(out: Path) -> tuple[Recommendation, ...]:
    """The headline rules of an audit; a rule that exists no more is left out."""
    asked = read_manifest(out)["parameters"].get("rules")
    known = set(_rates(out)["rule_id"])
    try:
        found = headline(asked, JUDGED)
    except UnknownRule:
        ids = {name for rule in JUDGED for name in (rule.id, *rule.aliases)}
        found = headline([rule for rule in asked or () if rule in ids], JUDGED)
    return tuple(rule for rule in found if rule.id in known)


def stored(out: Path, rule_ids: Collection[str], smallest: int) -> ReportData:
    """What an audit left, as far as its published rates and rows need it, for its headline rules and these."""
    top = stored_headline(out)
    counted = _rates(out)
    wanted = {rule.id for rule in top} | (set(rule_ids) & set(counted["rule_id"]))
    rules = tuple(rule for rule in JUDGED if rule.id in wanted)
    counts = pl.read_parquet(out / "quality" / "counts.parquet")
    return ReportData(
        judgement=_judgement(out, rules),
        rates=counted.filter(pl.col("rule_id").is_in(wanted)),
        options=pl.DataFrame(),
        scores={},
        coverage=pl.DataFrame(),
        completeness=pl.read_parquet(out / "quality" / "completeness.parquet"),
        counts=counts,
        quarantine=pl.DataFrame(),
        centres={centre: centre for centre in counts["centre_id"].drop_nulls().unique().sort()},
        rules=rules,
        headline=top,
        gate=pl.read_parquet(out / "quality" / "gate.parquet"),
        smallest_count=smallest,
    )


def _rates(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "results" / "rates.parquet")


def _judgement(out: Path, rules: Collection[Recommendation]) -> Judgement:
    """The verdicts of these rules; nothing else of a judgement is kept in a folder."""
    verdicts: dict[Grain, pl.DataFrame] = {}
    for grain in {rule.grain for rule in rules}:
        path = out / "results" / f"verdicts_{grain}.parquet"
        if path.exists():
            held = pl.read_parquet_schema(path)
            mine = [rule.id for rule in rules if rule.grain is grain and rule.id in held]
            verdicts[grain] = pl.read_parquet(path, columns=["centre_id", *mine])
    codes = pl.read_parquet(out / "results" / "verdict_codes.parquet")
    nothing = pl.DataFrame()
    return Judgement(verdicts, {}, codes, nothing, nothing, nothing)
