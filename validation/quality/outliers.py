"""Numbers that no patient has, numbers far from all others, and centres whose middle value tells of another unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from validation.contract import TABLES
from validation.rules import Words

from .model import Cohort, Metric, broken_rows, frame_of

FENCE = 3.0
"""Tukey's outer fence, in interquartile ranges beyond the quartiles."""

SPLIT_BY = {"lab_results": "analyte", "drug_administrations": "drug", "drug_prescriptions": "drug"}
"""Tables whose numbers mean different things by this column."""

_RANGE_ADVICE = Words(
    "Check the unit (the contract names it) and the decimal mark; convert it in the mapping or correct the values.",
    "Vérifier l'unité (le contrat la donne) et le séparateur décimal ; la convertir dans la correspondance ou corriger.",
)

METRICS = (
    Metric(
        "human_range",
        "share",
        Words("Values that no living patient has", "Valeurs incompatibles avec la vie"),
        _RANGE_ADVICE,
    ),
    Metric(
        "median",
        "number",
        Words("The middle value looks like another unit", "La valeur médiane évoque une autre unité"),
        _RANGE_ADVICE,
    ),
    Metric(
        "outliers",
        "share",
        Words("Many values lie far from those of the network", "Beaucoup de valeurs éloignées de celles du réseau"),
        Words(
            "Look at the example: a shifted decimal mark, another unit or a code such as 999 for unknown.",
            "Regarder l'exemple : virgule décalée, autre unité, ou code tel que 999 pour inconnu.",
        ),
    ),
)


def human_ranges(cohort: Cohort, ranges: Mapping[str, tuple[float, float]]) -> pl.DataFrame:
    """Share of laboratory values outside the ranges of humans, per analyte; and of ages at diagnosis."""
    results = cohort["lab_results"]
    checks = {
        ("human_range", f"value ({analyte})"): results.select(
            pl.when(pl.col("analyte") == analyte).then(~pl.col("value").is_between(*limits))
        ).to_series()
        for analyte, limits in ranges.items()
        if analyte in results["analyte"].dtype.categories  # type: ignore[attr-defined]
    }
    rows = broken_rows(cohort, "lab_results", checks)
    tumours = cohort["primary_tumours"]
    if "age" in ranges and not tumours.is_empty():
        born = cohort.of_patient("primary_tumours", "birth_date")
        age = (tumours["diagnosis_date"] - born).dt.total_days() / 365.25
        rows += broken_rows(
            cohort, "primary_tumours", {("human_range", "diagnosis_date"): ~age.is_between(*ranges["age"])}
        )
    return frame_of(rows)


def medians(cohort: Cohort, limits: Mapping[str, tuple[float, float]]) -> pl.DataFrame:
    """The median per centre of the numbers that `limits` names as table.column or table.column.token."""
    rows: list[dict[str, object]] = []
    for name, (low, high) in limits.items():
        table, column, *token = name.split(".")
        frame = cohort[table].select(column, *([SPLIT_BY[table]] if token else []))
        frame = frame.with_columns(_centre=cohort.centre_of(table))
        if token:
            frame = frame.filter(pl.col(SPLIT_BY[table]) == token[0])
        found = (
            frame.drop_nulls(column).group_by("_centre").agg(value=pl.col(column).median(), n=pl.len()).sort("_centre")
        )
        shown = f"{column} ({token[0]})" if token else column
        rows += [
            {
                "metric": "median", "centre_id": centre, "table": table, "column": shown, "value": float(value),
                "n": n, "n_concerned": n, "low": low, "high": high,
            }
            for centre, value, n in found.iter_rows()
        ]  # fmt: skip
    return frame_of(rows)


def outliers(cohort: Cohort, needed: Collection[tuple[str, str]]) -> pl.DataFrame:
    """Share of the values beyond Tukey's outer fences of the whole network; columns that hardly vary have no fences."""
    rows: list[dict[str, object]] = []
    for name, table in TABLES.items():
        numeric = [c.name for c in table.columns if c.kind in ("int", "float") and (name, c.name) in needed]
        if not numeric or cohort[name].is_empty():
            continue
        split = SPLIT_BY.get(name)
        checks = {("outliers", column): cohort[name].select(_beyond(column, split)).to_series() for column in numeric}
        rows += broken_rows(cohort, name, checks)
    return frame_of(rows)


def _beyond(column: str, split: str | None) -> pl.Expr:
    low, high = pl.col(column).quantile(0.25), pl.col(column).quantile(0.75)
    if split:
        low, high = low.over(split), high.over(split)
    width = FENCE * (high - low)
    return pl.when(width > 0).then(~pl.col(column).is_between(low - width, high + width))
