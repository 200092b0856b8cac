"""Cells of the tables that the network report and the centre pages share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from scoring.core.recommendation import Recommendation
from validation.contract import TABLES

from .data import ReportData
from .texts import say
from .texts_registry import PARAMETER_SOURCES, UNITS
from .words import HARD, NOTHING, interval, number, percent, span_words

RATE_HEADERS = (
    *("n_assessed", "n_patients", "rate", "ci", "bounds"),
    *("status.justified", "status.not_due", "status.not_assessable", "exception_unknown"),
)
"""The headings of a table of rates, after the rule."""
BESIDE_HEADERS = (
    *("n_assessed", "n_patients", "rate", "ci", "network", "position"),
    *("status.justified", "status.not_due", "status.not_assessable"),
)
"""The headings of the table that sets a centre beside the network."""

VERDICT_HEADERS = ("status.concordant", "status.discordant", "status.to_justify")


@dataclass(frozen=True)
class RuleRow:
    """One rule of a table: its words, and its cells already written."""

    rule: Recommendation
    cells: Sequence[str]


def rate_cells(row: Mapping[str, object], lang: str, mask: str) -> list[str]:
    """The cells under RATE_HEADERS; `mask` stands for what disclosure control took out."""
    assessed = row["n_assessed"]
    no_rate = NOTHING if assessed == 0 else mask
    no_bounds = NOTHING if assessed == 0 and row["n_not_assessable"] == 0 else mask
    return [
        counted(assessed, lang, mask),
        counted(row["n_patients"], lang, mask),
        rate_words(row["rate"], row.get("span"), lang, no_rate),
        no_rate if row["lower"] is None else interval((_share(row["lower"]), _share(row["upper"])), lang),
        no_bounds if row["bound_low"] is None or row["bound_high"] is None
        else interval((_share(row["bound_low"]), _share(row["bound_high"])), lang),
        *(counted(row[n], lang, mask) for n in ("n_justified", "n_not_due", "n_not_assessable", "n_exception_unknown")),
    ]  # fmt: skip


def rate_words(rate: Any, span: Any, lang: str, otherwise: str) -> str:
    """A rate, else the span in which it lies, else something for neither."""
    if rate is None:
        return otherwise if span is None else span_words(span, lang)
    return percent(rate, lang)


def verdict_cells(row: Mapping[str, object], lang: str, mask: str) -> list[str]:
    """The cells under VERDICT_HEADERS."""
    return [counted(row[name], lang, mask) for name in ("n_concordant", "n_discordant", "n_to_justify")]


def counted(value: object, lang: str, mask: str) -> str:
    """A count, or the mask."""
    return number(value, lang) if isinstance(value, int) else mask


def _share(value: object) -> float:
    assert isinstance(value, float)
    return value


NULL_IS_AN_ANSWER = frozenset(
    {
        *("death_date", "stop_date", "end_date", "stop_reason", "fracture_date", "compression_date", "enrolled_date"),
        *("motor_deficit_onset_date", "performed_at_centre_id", "lesion_ids", "non_inclusion_reason"),
        *("periprocedural_decision", "vertebral_level", "trochanteric_extension", "indication"),
    }
)
"""Columns that are rightly empty in most rows (alive, still treated, not a vertebra): no part of completeness."""


def optional_columns(completeness: pl.DataFrame) -> pl.DataFrame:
    """The rows of columns that a registry may leave empty, but had better not."""
    optional = pl.DataFrame(
        [
            (t.name, c.name)
            for t in TABLES.values()
            for c in t.columns
            if not c.required and c.name not in NULL_IS_AN_ANSWER
        ],
        schema={"table": pl.String, "column": pl.String},
        orient="row",
    )
    return completeness.join(optional, on=["table", "column"], how="semi", maintain_order="left")


def filled_share(completeness: pl.DataFrame) -> pl.DataFrame:
    """Share of the optional cells that are filled: centre_id, table, n_rows, share, in the order of the contract."""
    return (
        optional_columns(completeness)
        .group_by("centre_id", "table")
        .agg(pl.col("n_rows").max(), cells=pl.col("n_rows").sum(), filled=pl.col("n_filled").sum())
        .select(
            "centre_id", "table", "n_rows", share=pl.when(pl.col("cells") > 0).then(pl.col("filled") / pl.col("cells"))
        )
    )


@dataclass(frozen=True)
class Supplied:
    """What one centre supplied of one table, in words, and the class of its cell: how full, masked, empty or absent."""

    words: str
    style: str


def supplied(
    data: ReportData, centre_ids: Sequence[str], lang: str, *, smallest: int, mask: str
) -> dict[str, list[Supplied]]:
    """Table -> what each centre supplied of it. The share of a table with fewer rows than `smallest` is masked."""
    shares = {(c, t): (n, s) for c, t, n, s in filled_share(data.completeness).iter_rows()}
    covered = {(r["centre_id"], r["table"]): r for r in data.coverage.iter_rows(named=True)}
    out: dict[str, list[Supplied]] = {}
    for table in TABLES:
        out[table] = []
        for centre in centre_ids:
            row = covered.get((centre, table))
            n, share = shares.get((centre, table), (0, None))
            if row is None or not row["supplied"]:
                out[table].append(Supplied(say("not_supplied", lang), "absent"))
            elif not n or share is None:
                out[table].append(Supplied(say("empty", lang) if not n else NOTHING, "masked"))
            else:
                # A row of `centres` is no person.
                few = n < smallest and table != "centres"
                written = mask if few else percent(share, lang)
                words = written if row["complete"] else say("partial", lang, share=written)
                out[table].append(Supplied(words, "masked" if few else f"level-{min(4, int(share * 5))}"))
    return out


def parameters(data: ReportData, lang: str) -> list[tuple[str, str, str, str]]:
    """Name, value with its unit, origin and source of every threshold and window."""
    rows = []
    for p in data.parameters.values():
        value = f"{p.value:g}".replace(".", "," if lang == "fr" else ".")
        unit = UNITS[p.unit][lang] if p.unit in UNITS else p.unit
        source = PARAMETER_SOURCES[p.source][lang] if p.source in PARAMETER_SOURCES else p.source
        rows.append((p.name, f"{value}{HARD}{unit}", say(f"origin.{p.origin}", lang), source))
    return rows


def in_order(rules: Sequence[Recommendation]) -> Iterator[tuple[str, list[Recommendation]]]:
    """Binding rules, then permissive ones: they are never put into one table."""
    for strength in ("binding", "permissive"):
        mine = [rule for rule in rules if rule.strength == strength]
        if mine:
            yield strength, mine
