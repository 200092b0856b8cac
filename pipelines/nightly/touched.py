"""Which patients a new state of the registry concerns, and why."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.registry import Registry
from validation.contract import TABLES

WHY = ("correction", "new_data", "coverage", "time")
"""Why a patient is judged again; of several, the first is told.

- `correction`: rows changed or are gone
- `new_data`: rows came
- `coverage`: what the centre declares about its tables changed, other than that it is complete to a later day
- `time`: nothing changed but the day, and a verdict waited for it
"""

TOUCHED: dict[str, pl.DataType] = {"patient_id": pl.String(), "why": pl.Enum(WHY)}


def touched(before: Registry, now: Registry, waits: pl.DataFrame, again: pl.Series | None = None) -> pl.DataFrame:
    """The patients about whom something may be decided otherwise than before, in the order of their id (`TOUCHED`).

    `waits` are those of the run before (`scoring.concordance.Decided`). The rows of others than the patients `again` were
    not read again and are the same (None: all were read). Patients who are gone are among those returned.
    """
    gone, came = _moved_rows(before, now, again)
    reasons = {
        "correction": gone,
        "new_data": came,
        "coverage": _patients_of(_declared_otherwise(before, now), before, now),
        "time": _no_longer_waiting(waits, now),
    }
    found = [patients.select("patient_id", why=pl.lit(why, TOUCHED["why"])) for why, patients in reasons.items()]
    return pl.concat(found).sort("patient_id", "why").unique("patient_id", keep="first", maintain_order=True)


def observed_longer(before: Registry, now: Registry) -> pl.Series:
    """The patients whose end of observation moved on with the day to which their centre is complete."""
    cuts = _declared(before).join(_declared(now), on=["centre_id", "table"], suffix="_now")
    moved = cuts.filter(pl.col("cut_day_now") > pl.col("cut_day")).group_by("centre_id").agg(pl.col("cut_day").min())
    patients = now["patients"].join(moved, on="centre_id")
    return patients.filter((pl.col("death_date").cast(pl.Int32) > pl.col("cut_day")).fill_null(True))["patient_id"]


def _moved_rows(before: Registry, now: Registry, again: pl.Series | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The patients of rows that are gone, and of rows that came; a hole counts as a row, and may move with any coverage."""
    pairs = [
        (_theirs(before[name], again), _theirs(now[name], again), bool(table.key))
        for name, table in TABLES.items()
        if "patient_id" in table.schema
    ]
    pairs.append((before.holes, now.holes, False))
    gone, came = [], []
    for old, new, keyed in pairs:
        was, is_ = _fingerprints(old, keyed), _fingerprints(new, keyed)
        gone.append(old.select("patient_id").filter(~was.is_in(is_.implode())))
        came.append(new.select("patient_id").filter(~is_.is_in(was.implode())))
    return pl.concat(gone), pl.concat(came)


def _theirs(rows: pl.DataFrame, patients: pl.Series | None) -> pl.DataFrame:
    return rows if patients is None else rows.filter(pl.col("patient_id").is_in(patients.implode()))


def _fingerprints(rows: pl.DataFrame, keyed: bool) -> pl.Series:
    """A hash of every row. Where two rows may be the same, the second is told from the first."""
    prints = rows.hash_rows()
    if keyed or not (twice := prints.is_duplicated()).any():
        return prints
    same = pl.DataFrame({"place": twice.arg_true(), "row": prints.filter(twice)})
    again = same.with_columns(time=pl.int_range(pl.len()).over("row")).filter(pl.col("time") > 0)
    return prints.scatter(again["place"], again.select("row", "time").hash_rows())


def _declared(registry: Registry) -> pl.DataFrame:
    """What each centre declares about each table: supplied, proves, from_day, cut_day."""
    context = Context(registry)
    return pl.concat([context.coverage(table).with_columns(table=pl.lit(table)) for table in TABLES])


def _declared_otherwise(before: Registry, now: Registry) -> pl.Series:
    """The centres that declare something else about a table, if it is not only that it is complete to a later day."""
    both = _declared(before).join(_declared(now), on=["centre_id", "table"], how="full", coalesce=True, suffix="_now")
    differs = [
        pl.col(flag).fill_null(False) != pl.col(f"{flag}_now").fill_null(False) for flag in ("supplied", "proves")
    ]
    differs.append(pl.col("from_day").ne_missing(pl.col("from_day_now")))
    differs.append(pl.col("cut_day").is_null() != pl.col("cut_day_now").is_null())
    differs.append((pl.col("cut_day_now") < pl.col("cut_day")).fill_null(False))
    return both.filter(pl.any_horizontal(differs))["centre_id"].unique()


def _patients_of(centres: pl.Series, before: Registry, now: Registry) -> pl.DataFrame:
    patients = pl.concat([registry["patients"].select("patient_id", "centre_id") for registry in (before, now)])
    return patients.filter(pl.col("centre_id").is_in(centres.implode()))


def _no_longer_waiting(waits: pl.DataFrame, now: Registry) -> pl.DataFrame:
    cuts = _declared(now).select("centre_id", "table", cut=pl.col("cut_day").cast(pl.Date))
    return waits.join(cuts, on=["centre_id", "table"]).filter(pl.col("cut") >= pl.col("day"))
