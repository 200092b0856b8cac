"""The gate: metrics against the limits of gate.toml, with a severity.

What blocks stops the publication; what warns is reported. The comparison is one polars expression; great-expectations
judges the same frame where the gate file asks for it. Only this module knows the library, and only when it is asked.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Literal, get_args

import polars as pl

from validation.contract import TABLES

from . import coherence, completeness, drift, outliers, plausibility
from .model import KEY, SCHEMA, Metric

Severity = Literal["block", "warn", "off"]
Judge = Literal["expressions", "great-expectations"]

METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        *completeness.METRICS,
        *plausibility.METRICS,
        *coherence.METRICS,
        *outliers.METRICS,
        *drift.METRICS,
    )
}
"""Every metric by its id."""

GATE_SCHEMA: dict[str, pl.DataType] = {
    **SCHEMA,
    "check": pl.String(),
    "severity": pl.String(),
    "passed": pl.Boolean(),
    "en": pl.String(),
    "fr": pl.String(),
    "do_en": pl.String(),
    "do_fr": pl.String(),
}
"""A metric and one check of it: `passed` is null where it was not judged. Words say what a failure means and what to do."""


class GateFileError(ValueError):
    """A gate file that cannot be used; says everything that is wrong with it."""


@dataclass(frozen=True)
class Check:
    """One check of the gate: which metrics, how serious, and the limits where the metric brings none along."""

    id: str
    metric: str
    severity: Severity
    low: float | None = None
    high: float | None = None
    table: str | None = None
    column: str | None = None
    smallest_n: int | None = None

    @property
    def closeness(self) -> int:
        """How closely the check names a place; the closest one decides."""
        return 4 * (self.metric in METRICS) + 2 * (self.column is not None) + (self.table is not None)

    @property
    def selects(self) -> pl.Expr:
        """Whether a metric is the check's."""
        metric = pl.col("metric")
        mine = (metric == self.metric) | metric.str.starts_with(f"{self.metric}:")
        for name in ("table", "column"):
            if getattr(self, name) is not None:
                mine = mine & (pl.col(name) == getattr(self, name))
        return mine


@dataclass(frozen=True)
class Settings:
    """A gate file that has been read."""

    judge: Judge
    smallest_n: int
    tolerance: float
    rare: float
    human_ranges: Mapping[str, tuple[float, float]]
    medians: Mapping[str, tuple[float, float]]
    checks: tuple[Check, ...]


# The file


def default() -> dict[str, Any]:
    """The gate that is shipped."""
    return tomllib.loads(files(__package__).joinpath("gate.toml").read_text("utf-8"))


def settings(given: Mapping[str, Any] | None = None) -> Settings:
    """The shipped gate with the values of another file over it; a GateFileError names everything that cannot be used."""
    merged, problems = default(), []
    for key, value in (given or {}).items():
        if key not in merged:
            problems.append(f"{key}: unknown; a gate file holds {', '.join(merged)}")
        elif key == "checks":
            merged[key] = _merged_checks(merged[key], value)
        elif isinstance(merged[key], dict) and isinstance(value, dict):
            merged[key] = merged[key] | value
        else:
            merged[key] = value
    problems += _problems(merged)
    if problems:
        raise GateFileError("\n".join(problems))
    return Settings(
        merged["judge"],
        merged["smallest_n"],
        merged["plausibility"]["tolerance"],
        merged["plausibility"]["rare"],
        {name: (low, high) for name, (low, high) in merged["human_ranges"].items()},
        {name: (low, high) for name, (low, high) in merged["medians"].items()},
        tuple(Check(**check) for check in merged["checks"]),
    )


def _merged_checks(shipped: list[Any], given: Any) -> list[Any]:
    if not isinstance(given, list) or not all(isinstance(check, dict) for check in given):
        return [given]
    ids = {check.get("id") for check in given}
    return [check for check in shipped if check["id"] not in ids] + given


def _problems(found: Mapping[str, Any]) -> Iterator[str]:
    if found["judge"] not in get_args(Judge):
        yield f"judge: one of {', '.join(get_args(Judge))}"
    elif found["judge"] == "great-expectations" and find_spec("great_expectations") is None:
        yield 'judge: great-expectations is not installed; install it, or set judge = "expressions"'
    if not _is_count(found["smallest_n"]):
        yield "smallest_n: a whole number from 1"
    shares = found["plausibility"]
    if not isinstance(shares, dict) or set(shares) != {"tolerance", "rare"}:
        yield "plausibility: a table with tolerance and rare"
    else:
        yield from (f"plausibility.{k}: a share from 0 to 1" for k, v in shares.items() if not _is_number(v, 0, 1))
    analytes = TABLES["lab_results"]["analyte"].tokens or {}
    yield from _range_problems("human_ranges", found["human_ranges"], {"age", *analytes})
    yield from _range_problems("medians", found["medians"], _numbers_of_contract())
    for number, check in enumerate(found["checks"], start=1):
        yield from _check_problems(number, check)


def _range_problems(key: str, ranges: Any, known: set[str]) -> Iterator[str]:
    if not isinstance(ranges, dict):
        yield f"{key}: a table of names with [lowest, highest]"
        return
    for name, limits in ranges.items():
        if name not in known:
            yield f"{key}.{name}: unknown name"
        if not (
            isinstance(limits, list) and len(limits) == 2 and all(map(_is_number, limits)) and limits[0] <= limits[1]
        ):
            yield f"{key}.{name}: [lowest, highest]"


def _numbers_of_contract() -> set[str]:
    """The numbers of the contract as table.column, and as table.column.token where a token tells what they mean."""
    names = {f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns if c.kind in ("int", "float")}
    split = {f"{n}.{token}" for n in names if (by := outliers.SPLIT_BY.get(n.split(".")[0]))
             for token in TABLES[n.split(".")[0]][by].tokens or {}}  # fmt: skip
    return names | split


def _check_problems(number: int, check: Any) -> Iterator[str]:
    known = {field.name for field in fields(Check)}
    if not isinstance(check, dict) or not {"id", "metric", "severity"} <= set(check):
        yield f"checks, number {number}: a table with id, metric and severity"
        return
    name = f"check {check['id']!r}"
    if unknown := sorted(set(check) - known):
        yield f"{name}: unknown {', '.join(unknown)}; a check may have {', '.join(sorted(known))}"
    if check["severity"] not in get_args(Severity):
        yield f"{name}: severity is one of {', '.join(get_args(Severity))}"
    families = {metric.family for metric in METRICS.values()}
    if check["metric"] not in families | set(METRICS):
        yield f"{name}: unknown metric; the families are {', '.join(sorted(families))}"
    if check.get("table") not in {None, *TABLES}:
        yield f"{name}: the contract has no such table"
    low, high = check.get("low"), check.get("high")
    if not all(limit is None or _is_number(limit) for limit in (low, high)):
        yield f"{name}: low and high are numbers"
    elif low is not None and high is not None and low > high:
        yield f"{name}: low is above high"
    if "smallest_n" in check and not _is_count(check["smallest_n"]):
        yield f"{name}: smallest_n is a whole number from 1"


def _is_number(value: object, low: float = float("-inf"), high: float = float("inf")) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


# The judgement


def judge(metrics: pl.DataFrame, given: Settings) -> pl.DataFrame:
    """Every metric with its checks, and whether it passes them; what no check names stays, unjudged."""
    placed = _placed(metrics, given)
    passed = JUDGES[given.judge](placed)
    words = pl.DataFrame(
        [(m.id, m.words.en, m.words.fr, m.advice.en, m.advice.fr) for m in METRICS.values()],
        schema=dict.fromkeys(("metric", "en", "fr", "do_en", "do_fr"), pl.String),
        orient="row",
    )
    return (
        placed.with_columns(passed=pl.when("_judged").then(passed))
        .join(words, on="metric", how="left", maintain_order="left")
        .sort(*KEY, "severity", nulls_last=False)
        .select(pl.col(name).cast(dtype) for name, dtype in GATE_SCHEMA.items())
    )


def _placed(metrics: pl.DataFrame, given: Settings) -> pl.DataFrame:
    """One row per metric and severity with the check that decides, its limits, and whether there is enough to judge."""
    frame = metrics.with_row_index("_metric")
    by_place = sorted((c for c in given.checks), key=lambda check: check.closeness)
    rows = []
    for severity in ("block", "warn"):
        # A check that is off silences the places it names, whatever the severity of the others.
        chosen = pl.lit(None, pl.Int32)
        for number, check in enumerate(by_place):
            if check.severity in (severity, "off"):
                chosen = pl.when(check.selects).then(pl.lit(number, pl.Int32)).otherwise(chosen)
        rows.append(frame.with_columns(_check=chosen, severity=pl.lit(severity)))
    limits = pl.DataFrame(
        [
            (number, c.id, c.severity == "off", c.low, c.high, c.smallest_n or given.smallest_n)
            for number, c in enumerate(by_place)
        ],
        schema={
            "_check": pl.Int32, "check": pl.String, "_off": pl.Boolean, "_low": pl.Float64, "_high": pl.Float64,
            "_smallest": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    checked = pl.concat(rows).join(limits, on="_check").filter(~pl.col("_off"))
    checked = checked.with_columns(
        low=pl.coalesce("_low", "low"),
        high=pl.coalesce("_high", "high"),
        _judged=pl.col("value").is_not_null() & (pl.col("n") >= pl.col("_smallest")),
    )
    rest = frame.join(checked, on="_metric", how="anti").with_columns(
        check=pl.lit(None, pl.String), severity=pl.lit(None, pl.String), _judged=pl.lit(False)
    )
    columns = [*SCHEMA, "check", "severity", "_judged"]
    return pl.concat([checked.select(columns), rest.select(columns)])


def by_expressions(placed: pl.DataFrame) -> pl.Series:
    """Whether the interval of each metric reaches into its limits."""
    above = pl.col("low").is_null() | (pl.col("upper") >= pl.col("low"))
    below = pl.col("high").is_null() | (pl.col("lower") <= pl.col("high"))
    return placed.select(passed=above & below).to_series()


def by_great_expectations(placed: pl.DataFrame) -> pl.Series:
    """The same judgement by great-expectations, in memory: no telemetry, no documents, nothing written."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    if placed.is_empty():
        return pl.Series("passed", [], dtype=pl.Boolean)
    # A limit that is not there is met: it is set to what it is compared with.
    frame = placed.select(
        "lower", "upper", low=pl.coalesce("low", "upper"), high=pl.coalesce("high", "lower")
    ).fill_null(0.0)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("quality").add_dataframe_asset("metrics")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    passed = [True] * placed.height
    for larger, smaller in (("upper", "low"), ("high", "lower")):
        expectation = gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=larger, column_B=smaller, or_equal=True)
        result = batch.validate(expectation, result_format="COMPLETE")
        failed = result.result.get("unexpected_index_list") or ()
        if not result.success and not failed:
            raise RuntimeError("great-expectations did not say which metrics fail, so that none may pass")
        for row in failed:
            passed[int(row)] = False
    return pl.Series("passed", passed, dtype=pl.Boolean)


JUDGES = {"expressions": by_expressions, "great-expectations": by_great_expectations}


# What comes of it


def failures(judged: pl.DataFrame) -> pl.DataFrame:
    """What failed, what blocks first; a metric that blocks is not listed as a warning too."""
    failed = judged.filter(~pl.col("passed"))
    return failed.sort("severity", *KEY).unique(KEY, keep="first", maintain_order=True)
