"""One patient, several centres: rows of one pseudonym become one patient, and what that leaves open is listed.

Rows of `patients` with one pseudonym are linked when they name different accountable centres or come from different
folders; one folder that contradicts itself about one patient of one centre is refused, as in every table. Nothing is
linked across pseudonyms: two that look like one person are listed and left apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .contract import TABLES
from .quarantine import HOLES_SCHEMA, Part, Rows
from .rules import WORDS

LINKAGE_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "patient_id": pl.String(),
    "centre_id": pl.String(),
    "other_patient_id": pl.String(),
    "other_centre_id": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "n": pl.Int64(),
}
"""What was linked, per patient. `kind` is one of:

- `linked`: the accountable centre and another one that follows the patient (itself, where one centre sent two folders)
- `conflict`: the rows of the patient hold different values in a column
- `same_event`: `n` rows that a centre sent are also there under another identifier, as another centre sent them
- `probable_duplicate`: two pseudonyms with `n` equal events, which stay two patients
"""

LINKED = ("centres", "patients")
"""The tables of which several rows become one."""
COUNTS = ["kind", "centre_id", "other_centre_id", "table", "column"]
LATEST = ("death_date", "last_contact_date")
"""Columns of patients of which the latest value counts; of others that differ, none."""
PERFORMED_AT = "performed_at_centre_id"

EVENTS: dict[str, tuple[str, str | None]] = {
    "patients": ("death_date", None),
    "primary_tumours": ("diagnosis_date", "primary_site"),
    "bone_lesions": ("discovery_date", "bone"),
    "radiotherapy_courses": ("start_date", None),
    "procedures": ("date", "category"),
    "systemic_therapy_lines": ("start_date", "class"),
}
"""Events that tell people apart, and what must be equal beside the day; repeated ones (doses, tests, images) are left out."""
BORN = ["birth_date", "sex"]
"""What two pseudonyms of one person have in common."""
EQUAL_DAYS = 2
CROWD = 50
"""An event that more patients of one birth date and sex share tells nobody apart."""


@dataclass(frozen=True)
class Links:
    """The patients of whom there are several rows: `patient_id`, `centre_id` (accountable) and `other`, one per row.

    `other` are the other centres that follow the patient, or the accountable one itself where there is no other.
    `conflicts` holds patient and column where the rows differ.
    """

    centres: pl.DataFrame
    conflicts: pl.DataFrame

    @property
    def patients(self) -> list[str]:
        """Their pseudonyms."""
        return self.centres["patient_id"].unique().sort().to_list()


NO_LINKS = Links(
    pl.DataFrame(schema=dict.fromkeys(("patient_id", "centre_id", "other"), pl.String())),
    pl.DataFrame(schema=dict.fromkeys(("patient_id", "column"), pl.String())),
)


def folders_of(rows: Rows) -> pl.Series:
    """The folder that each row comes from."""
    return rows.of_source([source.path.rpartition("/")[0] for source in rows.sources], pl.String())


def senders_of(rows: Rows) -> pl.Series:
    """The centre that sent each row; null where its folder speaks for several."""
    return rows.of_source([source.centre for source in rows.sources], pl.String())


def link(rows: Rows, parts: Mapping[str, Sequence[Part]], centres: Sequence[str]) -> Links:
    """Make one row of the accepted rows of each patient: that of the accountable centre, with what all of them tell.

    The others are set apart as `linked_row`. `centres` are those that exist; nobody else follows a patient.
    """
    repeated = rows.frame["patient_id"].is_duplicated() & rows.frame["patient_id"].is_not_null()
    if not repeated.any():
        return NO_LINKS
    found = (
        rows.frame.with_row_index("_row")
        .with_columns(_sender=senders_of(rows), _bad=pl.Series(rows.bad))
        .filter(repeated)
    )
    good = found.filter(~pl.col("_bad"))
    accountable = _accountable(good, parts)
    several = good.filter(pl.len().over("patient_id") > 1)
    kept = (
        several.join(accountable, on="patient_id")
        .sort(pl.col("centre_id") != pl.col("_own"), (pl.col("_sender") != pl.col("_own")).fill_null(True), "_row")
        .unique("patient_id", keep="first", maintain_order=True)
    )
    conflicts = _merge(rows, several, kept)
    joined = several.join(kept, on="_row", how="anti", maintain_order="left")
    rows.report(joined["_row"], None, "linked_row", WORDS["linked_row"].en)
    return Links(_followers(found, accountable, kept, centres), conflicts)


def _accountable(good: pl.DataFrame, parts: Mapping[str, Sequence[Part]]) -> pl.DataFrame:
    """The accountable centre (`_own`) of each patient: the one that all rows name, else the first by what it sent.

    The earliest lung tumour, then the earliest bone lesion, then the most rows, then the smallest identifier.
    """
    named = good.select("patient_id", "centre_id").unique()
    disputed = named.filter(pl.col("patient_id").is_duplicated())
    if disputed.height:
        named = named.join(_sent(disputed["patient_id"].unique(), parts), on=["patient_id", "centre_id"], how="left")
    else:
        named = named.with_columns(lung=pl.lit(None, pl.Date), lesion=pl.lit(None, pl.Date), n=pl.lit(0))
    order = ["patient_id", "lung", "lesion", pl.col("n").fill_null(0), "centre_id"]
    first = named.sort(order, descending=[False, False, False, True, False], nulls_last=True)
    return first.unique("patient_id", keep="first", maintain_order=True).select("patient_id", _own="centre_id")


def _sent(patients: pl.Series, parts: Mapping[str, Sequence[Part]]) -> pl.DataFrame:
    """What each centre sent about these patients: earliest lung tumour, earliest bone lesion, number of rows."""
    day = pl.lit(None, pl.Date)
    dated = {
        "primary_tumours": {"lung": pl.when(pl.col("primary_site") == "lung").then("diagnosis_date"), "lesion": day},
        "bone_lesions": {"lung": day, "lesion": pl.col("discovery_date")},
    }
    schema = {"patient_id": pl.String(), "centre_id": pl.String(), "lung": pl.Date(), "lesion": pl.Date()}
    rows = [pl.DataFrame(schema=schema)]
    for name, table in TABLES.items():
        if "patient_id" not in table.schema or name == "patients":
            continue
        for part in parts.get(name, ()):
            if part.source.centre is not None:
                own = part.frame.filter(pl.col("patient_id").is_in(patients.implode()))
                centre = pl.lit(part.source.centre).alias("centre_id")
                rows.append(own.select("patient_id", centre, **dated.get(name, {"lung": day, "lesion": day})))
    return pl.concat(rows).group_by("patient_id", "centre_id").agg(pl.col("lung", "lesion").min(), n=pl.len())


def _merge(rows: Rows, several: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Put what all rows of a patient tell into the row that is kept; patient and column where they differ."""
    table = rows.table
    told = [column.name for column in table.columns if column.name not in ("patient_id", "centre_id")]
    of_patient = several.group_by("patient_id")
    values = of_patient.agg(pl.col(name).max() if name in LATEST else _agreed(name) for name in told)
    differ = of_patient.agg(pl.col(name).drop_nulls().n_unique() > 1 for name in told if name != "last_contact_date")
    # Each row by itself is in order; a birth after the death that another centre knows of is not.
    impossible = (pl.col("birth_date") > pl.col("death_date")).fill_null(False)
    wrong = values.filter(impossible)["patient_id"].implode()
    values = values.with_columns(birth_date=pl.when(~impossible).then("birth_date"))
    differ = differ.with_columns(birth_date=pl.col("birth_date") | pl.col("patient_id").is_in(wrong))
    merged = kept.select("_row", "patient_id", centre_id="_own").join(values, on="patient_id", maintain_order="left")
    _replace(rows, merged)
    listed = differ.unpivot(index="patient_id", variable_name="column", value_name="differs").filter("differs")
    return listed.select("patient_id", "column")


def _replace(rows: Rows, merged: pl.DataFrame) -> None:
    """Put these rows where `_row` says."""
    places = np.arange(rows.frame.height)
    places[merged["_row"].to_numpy()] = rows.frame.height + np.arange(merged.height)
    rows.frame = pl.concat([rows.frame, merged.select(rows.frame.columns)])[places]


def _agreed(name: str, rows: pl.Expr | None = None) -> pl.Expr:
    """The value of a column, where no two rows differ."""
    known = (pl.col(name) if rows is None else pl.col(name).filter(rows)).drop_nulls()
    return pl.when(known.n_unique() == 1).then(known.first()).alias(name)


def join_centres(rows: Rows) -> None:
    """Make one row of what several folders say of a centre: what it says itself, else what all agree on."""
    found = rows.good().with_columns(_sender=senders_of(rows).filter(pl.Series(~rows.bad)))
    several = found.filter(pl.len().over("centre_id") > 1)
    if several.is_empty():
        return
    own = (pl.col("_sender") == pl.col("centre_id")).fill_null(False)
    told = [column.name for column in rows.table.columns if column.name != "centre_id"]
    said = [pl.coalesce(_agreed(name, own), _agreed(name)).alias(name) for name in told]
    merged = several.group_by("centre_id", maintain_order=True).agg(pl.col("_row").first(), *said)
    _replace(rows, merged)
    joined = several.join(merged, on="_row", how="anti", maintain_order="left")
    rows.report(joined["_row"], None, "linked_row", WORDS["linked_row"].en)


def _followers(
    found: pl.DataFrame, accountable: pl.DataFrame, kept: pl.DataFrame, centres: Sequence[str]
) -> pl.DataFrame:
    """Every centre that named or sent the patient, also in a row that was refused, beside the accountable one."""
    named = [found.select("patient_id", other=column) for column in ("centre_id", "_sender")]
    others = (
        pl.concat(named)
        .filter(pl.col("other").is_in(list(centres)))
        .unique()
        .join(accountable, on="patient_id")
        .with_columns(alone=pl.len().over("patient_id") == 1)
        .filter((pl.col("other") != pl.col("_own")) | pl.col("alone"))
        # One row refused and one accepted, of one centre: a correction, and no link.
        .filter(~pl.col("alone") | pl.col("patient_id").is_in(kept["patient_id"].implode()))
    )
    return others.select("patient_id", centre_id="_own", other="other").sort(pl.all())


def attribute(rows: Rows, links: Links, centres: Sequence[str]) -> None:
    """Name the sending centre as the place of an act of a linked patient, where no place is given.

    An act that two centres sent under one identifier is left as it is.
    """
    if PERFORMED_AT not in rows.frame.columns or links.centres.is_empty():
        return
    frame = rows.frame.select("patient_id", PERFORMED_AT, *rows.table.key).with_columns(
        _sender=senders_of(rows), _bad=pl.Series(rows.bad)
    )
    own = links.centres.select("patient_id", _own="centre_id").unique()
    frame = frame.join(own, on="patient_id", how="left", maintain_order="left")
    fits = ~pl.col("_bad") & pl.col("_own").is_not_null() & pl.col("_sender").is_in(list(centres))
    elsewhere = pl.col(PERFORMED_AT).is_null() & (pl.col("_sender") != pl.col("_own"))
    given = frame.select(
        pl.when(fits & elsewhere & ~pl.struct(rows.table.key).is_duplicated())
        .then("_sender")
        .otherwise(PERFORMED_AT)
        .alias(PERFORMED_AT)
    )
    rows.frame = rows.frame.with_columns(given[PERFORMED_AT])


def same_events(rows: Rows, links: Links) -> pl.DataFrame:
    """Acts of linked patients that two centres sent under two identifiers, by what the contract requires of an act."""
    table = rows.table
    fields = [
        c.name for c in table.columns if c.required and not c.is_key and (c.parent is None or c.name == "patient_id")
    ]
    if links.centres.is_empty() or len(table.key) != 1 or "patient_id" not in fields or len(fields) == 1:
        return pl.DataFrame(schema=LINKAGE_SCHEMA)
    frame = (
        rows.frame.select(*fields)
        .with_columns(_sender=senders_of(rows), _bad=pl.Series(rows.bad))
        .filter(~pl.col("_bad") & pl.col("_sender").is_not_null() & pl.col("patient_id").is_in(links.patients))
    )
    own = links.centres.select("patient_id", "centre_id").unique()
    sent = frame.join(own, on="patient_id")
    twice = (
        sent.filter(pl.col("_sender") != pl.col("centre_id"))
        .join(frame.select(*fields, _first="_sender").unique(), on=fields)
        .filter((pl.col("_first") == pl.col("centre_id")) | (pl.col("_first") < pl.col("_sender")))
    )
    counted = twice.unique([*fields, "_sender"]).group_by("patient_id", "centre_id", other_centre_id="_sender").len("n")
    return _listed(counted, "same_event", table=pl.lit(table.name))


def holes_of_linked(links: Links, coverage: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """The tables that do not prove what was left undone, because another centre of the patient may hold the act.

    Every other centre must have supplied the table completely, from no later a day than the accountable one, and to
    no earlier a day; or to the patient's death, or to the last contact where the accountable centre gives no end.
    """
    tables = pl.DataFrame({"table": [name for name, table in TABLES.items() if "patient_id" in table.schema]})
    supply = coverage.select(
        "centre_id",
        "table",
        "from",
        proves=pl.col("supplied") & pl.col("complete"),
        end=pl.coalesce("to", "extraction_date"),
    )
    pairs = (
        links.centres.filter(pl.col("centre_id") != pl.col("other"))
        .join(tables, how="cross")
        .join(supply, on=["centre_id", "table"])
        .filter("proves")
        .join(supply, left_on=["other", "table"], right_on=["centre_id", "table"], how="left", suffix="_other")
        .join(patients.select("patient_id", "death_date", "last_contact_date"), on="patient_id")
    )
    needed = pl.coalesce(pl.min_horizontal("end", "death_date"), "last_contact_date")
    begins = pl.col("from_other").is_null() | (pl.col("from_other") <= pl.col("from")).fill_null(False)
    lasts = pl.col("end_other").is_null() | (pl.col("end_other") >= needed).fill_null(False)
    certain = pl.col("proves_other").fill_null(False) & begins & lasts
    return pairs.filter(~certain).select("patient_id", "table").unique().cast(pl.Schema(HOLES_SCHEMA))


def probable_duplicates(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Pairs of pseudonyms of one birth date and sex with equal events on at least two days."""
    people = tables["patients"].drop_nulls(BORN).select("patient_id", "centre_id", *BORN)
    people = people.filter(pl.struct(BORN).is_duplicated()).sort("patient_id").with_row_index("who")
    if people.is_empty():
        return pl.DataFrame(schema=LINKAGE_SCHEMA)
    who = people.select("patient_id", "who", born=pl.struct(BORN).rank("dense"))
    kind = pl.Enum(list(EVENTS))
    events = [
        tables[name]
        .select(
            "patient_id",
            kind=pl.lit(name, kind),
            what=pl.lit(0, pl.UInt32) if what is None else pl.col(what).to_physical().cast(pl.UInt32),
            day=pl.col(day),
        )
        .drop_nulls()
        .join(who, on="patient_id")
        .drop("patient_id")
        for name, (day, what) in EVENTS.items()
    ]
    event = ["born", "kind", "what", "day"]
    every = pl.concat(events)
    # Nearly all events are of one row alone; a person may have several rows of one event.
    shared = every.filter(every.select(event).hash_rows().is_duplicated()).unique()
    shared = shared.filter(pl.len().over(event) <= CROWD)
    pairs = (
        shared.join(shared, on=event, suffix="_other")
        .filter(pl.col("who") < pl.col("who_other"))
        .group_by("who", "who_other")
        .agg(n=pl.len(), days=pl.col("day").n_unique())
        .filter(pl.col("days") >= EQUAL_DAYS)
        .join(people.select("who", "patient_id", "centre_id"), on="who")
        .join(
            people.select(who_other="who", other_patient_id="patient_id", other_centre_id="centre_id"), on="who_other"
        )
    )
    return _listed(pairs, "probable_duplicate")


def linkage_of(links: Links, same: Sequence[pl.DataFrame], tables: Mapping[str, pl.DataFrame] | None) -> pl.DataFrame:
    """All that was linked or looks as if it should be, sorted; without tables nothing that only looks so."""
    own = links.centres.select("patient_id", "centre_id").unique()
    parts = [
        _listed(links.centres.rename({"other": "other_centre_id"}), "linked"),
        _listed(links.conflicts.join(own, on="patient_id"), "conflict", table=pl.lit("patients")),
        *same,
        *([] if tables is None else [probable_duplicates(tables)]),
    ]
    return pl.concat(parts).sort(pl.all())


def counts_of_linkage(linkage: pl.DataFrame) -> pl.DataFrame:
    """How often each kind was found, per pair of centres, table and column; no patient in it."""
    return linkage.group_by(COUNTS).agg(n=pl.len()).sort(pl.all())


def _listed(found: pl.DataFrame, kind: str, **more: pl.Expr) -> pl.DataFrame:
    """Rows of the list; null in the columns that this kind does not have."""
    frame = found.with_columns(kind=pl.lit(kind), **more)
    lacking = [pl.lit(None).alias(name) for name in LINKAGE_SCHEMA if name not in frame.columns]
    return frame.with_columns(lacking).select(LINKAGE_SCHEMA.keys()).cast(pl.Schema(LINKAGE_SCHEMA))
