"""What was found in the rows of some patients put in place of what was found in theirs before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pipelines.ingest import Delivered
from validation import linkage
from validation.check import Checked, in_order
from validation.contract import TABLES
from validation.quarantine import COUNTS_SCHEMA, TABLE_ORDER


class NotMerged(Exception):
    """Rows of one key on both sides: a defect of the search for connected patients, not of the extracts."""


def merge(before: Checked, part: Checked, patients: pl.Series, sent: Sequence[Delivered]) -> Checked:
    """The whole again: of these patients, and of rows without patient, what `part` says, of the others what was before.

    `sent` holds the files of all chains: places are given in their order.
    """
    stays = {name: _stays(before.tables[name], patients) for name in TABLES}
    tables: dict[str, pl.DataFrame] = {}
    places: dict[str, pl.DataFrame] = {}
    files = _files(sent)
    for name in TABLES:
        if part.tables[name].is_empty() and stays[name].all():
            tables[name], places[name] = before.tables[name], _filed(before.places[name], files[name])
            continue
        order = _order(name, before.tables[name], stays[name], part.tables[name])
        tables[name] = pl.concat([before.tables[name], part.tables[name]], rechunk=True)[order]
        there = [_filed(frame.places[name], files[name]) for frame in (before, part)]
        places[name] = pl.concat(there, rechunk=True)[order]
    others = ~_theirs(before.owners, patients)
    problems = before.quarantine.hstack(before.owners)
    quarantine, owners = in_order(pl.concat([problems.filter(others), part.quarantine.hstack(part.owners)]))
    apart = problems.filter(~others & pl.col("first")).select("centre_id", "table")
    links = _links(before.links, part.links, patients)
    return Checked(
        tables,
        quarantine,
        _counts(before, part, stays, apart),
        pl.concat([_without(before.holes, patients), part.holes]).sort("patient_id", TABLE_ORDER),
        links,
        _linkage(before, part, patients, tables),
        places,
        owners,
    )


def _filed(places: pl.DataFrame, files: pl.Enum) -> pl.DataFrame:
    """The places by the numbers that the files have now; null for a file that is gone, with all its rows."""
    return places.with_columns(pl.col("file").cast(pl.String).cast(files, strict=False))


def _theirs(owners: pl.DataFrame, patients: pl.Series) -> pl.Series:
    """The rows of these patients, and those of none."""
    return owners["patient_id"].is_null() | owners["patient_id"].is_in(patients.implode())


def _without(frame: pl.DataFrame, patients: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.col("patient_id").is_in(patients.implode()))


def _stays(frame: pl.DataFrame, patients: pl.Series) -> pl.Series:
    """The rows of the other patients; no row of a table without patients."""
    if "patient_id" not in frame.columns:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return ~frame["patient_id"].is_in(patients.implode())


def _order(name: str, before: pl.DataFrame, stays: pl.Series, fresh: pl.DataFrame) -> np.ndarray:
    """The rows that stay and the fresh ones in their order, as indexes of both frames put together.

    Both are sorted by their key, or by patient where there is none; rows of one value are all on one side.
    """
    column = TABLES[name].key[0] if TABLES[name].key else "patient_id"
    kept = before[column].filter(stays)
    places = kept.search_sorted(fresh[column]).to_numpy().astype(np.int64)
    if fresh.height and len(kept):
        met = kept.gather(np.minimum(places, len(kept) - 1)) == fresh[column]
        if met.any():
            raise NotMerged(f"table {name}: {met.sum()} rows")
    return np.insert(stays.arg_true().to_numpy(), places, before.height + np.arange(fresh.height))


def _files(sent: Sequence[Delivered]) -> dict[str, pl.Enum]:
    """The files of every table as the checks number them."""
    paths: dict[str, list[str]] = {name: [] for name in TABLES}
    for one in sent:
        for part, file in one.content:
            paths[file.table].append(part.source.path)
    return {name: pl.Enum(list(dict.fromkeys(found))) for name, found in paths.items()}


def _counts(before: Checked, part: Checked, stays: dict[str, pl.Series], apart: pl.DataFrame) -> pl.DataFrame:
    """The counts, less those of the rows that are gone, and with those of the rows that came."""
    centre_of = before.tables["patients"].select("patient_id", "centre_id")
    gone = [apart.with_columns(accepted=0)]
    for name, frame in before.tables.items():
        left = frame.filter(~stays[name])
        if name not in ("centres", "patients"):
            left = left.select("patient_id").join(centre_of, on="patient_id")
        gone.append(left.select("centre_id", table=pl.lit(name), accepted=1))
    less = pl.concat(gone).select(
        "centre_id", "table", read=-1, accepted=-pl.col("accepted"), quarantined=pl.col("accepted") - 1
    )
    schema = pl.Schema(COUNTS_SCHEMA)
    every = pl.concat([before.counts, part.counts, less.cast(schema)])
    counted = every.group_by("centre_id", "table").agg(pl.col("read", "accepted", "quarantined").sum())
    return counted.filter(pl.col("read") > 0).select(schema.names()).sort("centre_id", TABLE_ORDER)


def _links(before: linkage.Links, part: linkage.Links, patients: pl.Series) -> linkage.Links:
    return linkage.Links(
        pl.concat([_without(before.centres, patients), part.centres]).sort(pl.all()),
        pl.concat([_without(before.conflicts, patients), part.conflicts]),
    )


def _linkage(before: Checked, part: Checked, patients: pl.Series, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The list of what was linked. Pseudonyms that look like one person have one birth date and sex: those are sought again."""
    certain = pl.col("kind") != "probable_duplicate"
    was, now = before.tables["patients"], tables["patients"]
    born = pl.concat([frame.filter(~_stays(frame, patients)).select(*linkage.BORN) for frame in (was, now)]).unique()
    alike = now.join(born, on=linkage.BORN, how="semi")["patient_id"]
    sought = {name: tables[name].filter(pl.col("patient_id").is_in(alike.implode())) for name in linkage.EVENTS}
    kept = [
        _without(before.linkage.filter(certain), patients),
        _without(before.linkage.filter(~certain), was.join(born, on=linkage.BORN, how="semi")["patient_id"]),
        part.linkage.filter(certain),
    ]
    return pl.concat([*kept, linkage.probable_duplicates(sought)]).sort(pl.all())
