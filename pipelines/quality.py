"""The quality gate of an audit: what it is measured on, the audit before it, and the message when it blocks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from validation.contract import TABLES
from validation.quality import gate
from validation.quality.coherence import coherence
from validation.quality.completeness import accepted, filled, unassessable
from validation.quality.drift import drift
from validation.quality.outliers import human_ranges, medians, outliers
from validation.quality.plausibility import FIGURE_OF, plausibility

from .run import RequestError

if TYPE_CHECKING:
    from scoring.concordance import Judgement
    from scoring.core.recommendation import Recommendation

    from .run import Run

FILE = Path("quality") / "gate.parquet"


def read_gate(path: Path) -> dict[str, Any]:
    """The values of a gate file, checked."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        gate.settings(given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{path}: not a TOML file ({error}).") from error
    except gate.GateFileError as error:
        raise RequestError(
            f"{path}: {len(str(error).splitlines())} of its values cannot be used:\n{error}\n"
            "The shipped file validation/quality/gate.toml shows every value with its meaning."
        ) from error
    return given


# Measuring


def needed(rules: tuple[Recommendation, ...]) -> set[tuple[str, str]]:
    """(table, column) of what the measures ask for and every row may fill."""
    from reports.tables import NULL_IS_AN_ANSWER
    from scoring.needs import ALWAYS, needs

    asked = {place for rule in rules for place in needs(rule)} | set(ALWAYS)
    return {(table, column) for table, column in asked if column not in NULL_IS_AN_ANSWER}


def of_registry(run: Run, earlier: pl.DataFrame | None = None) -> pl.DataFrame:
    """The metrics of what was taken in, judged; those of an earlier audit show what moved since."""
    given, asked = gate.settings(run.request.gate), needed(run.rules)
    named = {(c.table, c.column) for c in given.checks if c.metric == "completeness" and c.table and c.column}
    cohort = run.cohort
    now = pl.concat(
        [
            accepted(run.counts),
            filled(run.completeness, asked | named),
            coherence(cohort),
            human_ranges(cohort, given.human_ranges),
            medians(cohort, given.medians),
            outliers(cohort, asked),
            plausibility(cohort, given.tolerance, given.rare),
        ]
    )
    moved = [] if earlier is None else [drift(now, earlier)]
    return gate.judge(pl.concat([now, *moved]), given)


def of_verdicts(run: Run) -> pl.DataFrame:
    """What keeps decisions from being assessed, judged."""
    return gate.judge(unassessable(blamed(run.judgement, run.rules)), gate.settings(run.request.gate))


def before(run: Run) -> pl.DataFrame | None:
    """The metrics of the audit that OUT holds; None where it holds none."""
    path = run.request.out / FILE
    return pl.read_parquet(path, glob=False) if path.is_file() else None


def blamed(judgement: Judgement, rules: tuple[Recommendation, ...]) -> pl.DataFrame:
    """Per centre and missing place: the decisions of the measures that asked for it, and those that lack it.

    centre_id, place, n, n_blamed; a place is a table of the contract or a column of one.
    """
    from reports.statistics import verdict_counts

    known = [*TABLES, *(f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns)]
    every = verdict_counts(judgement, rules)
    applicable = every.group_by("centre_id", "rule_id").agg(pl.col("n").sum())
    lacking = (
        every.filter(pl.col("status") == "not_assessable", pl.col("reason").is_in(known))
        .group_by("centre_id", "rule_id", place="reason")
        .agg(n_blamed=pl.col("n").sum())
    )
    return (
        lacking.join(applicable, on=["centre_id", "rule_id"])
        .group_by("centre_id", "place")
        .agg(pl.col("n", "n_blamed").sum())
        .sort("centre_id", "place")
    )


# Telling


def lines_of(failed: pl.DataFrame, at_most: int) -> Iterator[tuple[str, str, list[str], str]]:
    """Severity, heading, one line per place (cut at so many) and what to do, per kind of problem."""
    for (severity, metric), rows in failed.group_by("severity", "metric", maintain_order=True):
        lines = [found(row) for row in rows.head(at_most).iter_rows(named=True)]
        if rows.height > at_most:
            lines.append(f"... and {rows.height - at_most} more; --json lists all of them.")
        yield str(severity), str(rows["en"][0]) + _note(str(metric)), lines, str(rows["do_en"][0])


def _note(metric: str) -> str:
    note = gate.METRICS[metric].note
    figure = FIGURE_OF.get(metric)
    return f" ({figure.id}, printed: {figure.printed.en}; {note.en})" if figure and note else ""


def found(row: Mapping[str, Any]) -> str:
    """One failure: where, how much, what was allowed, how many rows, an example. Never a cell's value."""
    where = " ".join(filter(None, [row["centre_id"] or "network", _place(row)]))
    concerned = f"; {row['n_concerned']:,} of {row['n']:,}" if row["n_concerned"] is not None and row["n"] else ""
    example = f"; example: {row['file']}, line {row['line']}" if row["file"] else ""
    return f"{where}: {written(row)}, {allowed(row)}{concerned}{example}"


def _place(row: Mapping[str, Any]) -> str:
    return ".".join(part for part in (row["table"], row["column"]) if part)


def written(row: Mapping[str, Any]) -> str:
    """The value of a metric."""
    return _number(row["value"], gate.METRICS[row["metric"]].unit)


def allowed(row: Mapping[str, Any]) -> str:
    """The limits of a metric."""
    unit = gate.METRICS[row["metric"]].unit
    low, high = (None if row[side] is None else _number(row[side], unit) for side in ("low", "high"))
    if low is not None and high is not None:
        return f"expected {low} to {high}"
    return f"expected at least {low}" if high is None else f"expected at most {high}"


def _number(value: float, unit: str) -> str:
    match unit:
        case "share":
            return f"{100 * value:.3g}%"
        case "points":
            return f"{100 * value:+.3g} points"
        case "ratio":
            return f"{value:.2f} times"
    return f"{value:,.6g}"


def refusal(judged: pl.DataFrame) -> str | None:
    """Why the gate stops the publication; None where it does not."""
    stopping = gate.failures(judged).filter(pl.col("severity") == "block")
    if stopping.is_empty():
        return None
    lines = "\n".join(
        f"- [{row['check']}] {row['en']}: {found(row)}. {row['do_en']}" for row in stopping.iter_rows(named=True)
    )
    return (
        f"The quality gate lets nothing be published, for {stopping.height} reason{'s' if stopping.height > 1 else ''}:\n"
        f"{lines}\nSee the warnings too with `osteoconcord validate EXTRACT`. A check in brackets can be set otherwise with "
        "`--gate FILE`."
    )
