"""All checks of an extract, table by table, parents before children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import polars as pl

from . import linkage, schemas
from .contract import TABLES, Table
from .quarantine import (
    COUNTS_SCHEMA,
    HOLES_SCHEMA,
    OWNERS_SCHEMA,
    QUARANTINE_SCHEMA,
    TABLE_ORDER,
    Part,
    Rows,
    counts_of,
    holes_of,
    owners_of,
    quarantine_of,
)
from .rules import WORDS, rules_of


@dataclass(frozen=True)
class Checked:
    """Accepted rows per table, what was set apart and why, the counts of both, and whose tables have a hole therefore.

    `links` are the patients whom several rows describe; `linkage` lists them and what they leave open. `places` holds the
    file and the line of every accepted row, in the order of `tables`; `owners` the patient of every row of `quarantine`,
    in its order (see `OWNERS_SCHEMA`).
    """

    tables: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    counts: pl.DataFrame
    holes: pl.DataFrame
    links: linkage.Links
    linkage: pl.DataFrame
    places: dict[str, pl.DataFrame]
    owners: pl.DataFrame


@dataclass(frozen=True)
class Parent:
    """The identifiers of a table, numbered in their order, and the row of each.

    A dictionary of its own (`ids`) turns identifiers into numbers several times faster than joins of texts do.
    """

    ids: pl.Series
    rows: pl.Series
    frame: pl.DataFrame
    bad: pl.Series

    @classmethod
    def of(cls, rows: Rows) -> Parent:
        """An identifier that is there more than once stands for its accepted row, if it has one."""
        key = rows.table.key[0]
        known = pl.DataFrame({"id": rows.frame[key], "bad": pl.Series(rows.bad)}).with_row_index("row").drop_nulls("id")
        if schemas.has_repeated(known["id"]):
            known = known.sort("bad", maintain_order=True).unique("id", keep="first", maintain_order=True)
        if not known["id"].is_sorted():
            known = known.sort("id")
        # A new dictionary numbers what it meets in order; what it meets later is not known to this table. It lives as
        # long as a column uses it.
        ids = known["id"].cast(pl.Categorical(pl.Categories.random(key)))
        return cls(ids, known["row"], rows.frame, known["bad"])

    def numbers(self, identifiers: pl.Series) -> pl.Series:
        """The number of every identifier; null where it is null or not known."""
        numbers = identifiers.cast(self.ids.dtype).to_physical()
        return numbers.set(numbers >= len(self.ids), None)

    def column(self, name: str, numbers: pl.Series, *, accepted: bool = False) -> pl.Series:
        """A column of the parent, for every child; null for parents that were not accepted, if only those count."""
        values = self.frame[name].gather(self.rows)
        return (values.set(self.bad, None) if accepted else values).gather(numbers)


def check(parts: Mapping[str, Sequence[Part]], *, whole: bool = True) -> Checked:
    """Check every table of an extract; `parts` holds the converted files of each table.

    Of a part of the patients (`whole` is false) the linkage lists no pairs of pseudonyms that look like one person: these
    are found among all patients.
    """
    parents: dict[str, Parent] = {}
    referred = {parent for table in TABLES.values() for parent in _links(table).values()}
    centres = _centres(parts)
    done: dict[str, tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]] = {}
    places: dict[str, pl.DataFrame] = {}
    holes = [pl.DataFrame(schema=HOLES_SCHEMA)]
    links, same, known = linkage.NO_LINKS, [], []
    for name in _parents_first():
        rows = Rows.of(TABLES[name], parts.get(name, ()))
        numbers = {column: parents[parent].numbers(rows.frame[column]) for column, parent in _links(rows.table).items()}
        _check_columns(rows)
        _check_duplicates(rows)
        _check_references(rows, parents, numbers)
        _check_rules(rows, parents, numbers)
        _follow_parents(rows, parents, numbers)
        if name == "centres":
            linkage.join_centres(rows)
            known = rows.frame.filter(pl.Series(~rows.bad))["centre_id"].to_list()
        elif name == "patients":
            links = linkage.link(rows, parts, known)
        else:
            same.append(linkage.same_events(rows, links))
            linkage.attribute(rows, links, known)
        if name in referred:
            parents[name] = Parent.of(rows)
        if "patient_id" in numbers:
            holes.append(holes_of(rows, numbers["patient_id"].is_not_null()))
        centre = _centre_of(rows, parents, numbers, centres)
        kept, places[name] = _accepted(rows, numbers.get("patient_id"))
        done[name] = (kept, quarantine_of(rows, centre).hstack(owners_of(rows)), counts_of(rows, centre))
    quarantine, owners = in_order(pl.concat([found for _, found, _ in done.values()]))
    counts = pl.concat([pl.DataFrame(schema=COUNTS_SCHEMA), *(counted for _, _, counted in done.values())])
    accepted = {name: done[name][0] for name in TABLES}
    return Checked(
        accepted,
        quarantine,
        counts.sort("centre_id", TABLE_ORDER),
        pl.concat(holes).sort("patient_id", TABLE_ORDER),
        links,
        linkage.linkage_of(links, same, accepted if whole else None),
        {name: places[name] for name in TABLES},
        owners,
    )


def in_order(problems: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The quarantine, sorted, and whose its rows are."""
    order = [TABLE_ORDER, "file", "line", "rule", "column", "expectation", "centre_id", *OWNERS_SCHEMA]
    found = problems.sort(order, descending=[False] * (len(order) - 1) + [True])
    return found.select(QUARANTINE_SCHEMA.keys()), found.select(OWNERS_SCHEMA.keys())


def _parents_first() -> list[str]:
    graph = {name: sorted(set(_links(table).values())) for name, table in TABLES.items()}
    return list(TopologicalSorter(graph).static_order())


def _links(table: Table) -> dict[str, str]:
    """Column -> the table that it refers to."""
    return {column.name: column.parent[0] for column in table.columns if column.parent}


def _check_columns(rows: Rows) -> None:
    """Required cells and ranges, as pandera finds them."""
    good = rows.good()
    findings = schemas.judge(rows.table, good.drop("_row"), good["_row"])
    rows.flawless = None if findings else rows.frame
    for finding in findings:
        rows.report(finding.rows, finding.column, finding.rule, finding.expectation)


def _check_duplicates(rows: Rows) -> None:
    """Of exact copies the first is kept; of rows that differ under one key none, for nobody knows which is right.

    Rows of one patient or centre from several folders are no copies of each other: they are linked.
    """
    key = list(rows.table.key)
    if not key:
        return
    good = rows.good()
    if len(key) == 1 and not schemas.has_repeated(good[key[0]]):
        return
    repeated = good.select(pl.struct(key).is_duplicated()).to_series()
    if not repeated.any():
        return
    origin = {"_sender": linkage.senders_of(rows), "_folder": linkage.folders_of(rows)}
    good = good.filter(repeated)
    content = [name for name in rows.frame.columns if name not in key]
    lists = [pl.col(name).cast(pl.List(pl.String)).list.join("|") for name in content if good[name].dtype == pl.List]
    within = list(dict.fromkeys([*key, "centre_id", "_folder"])) if rows.table.name in linkage.LINKED else key
    copies = good.with_columns(*lists, **{name: of.gather(good["_row"]) for name, of in origin.items()}).select(
        "_row",
        first=pl.col("_row").min().over(within),
        differ=pl.struct(content).n_unique().over(within) > 1,
        centres=pl.col("_sender").drop_nulls().n_unique().over(within),
    )
    exact = copies.filter(~pl.col("differ") & (pl.col("_row") != pl.col("first")))["_row"]
    rows.report(exact, None, "duplicate_row", WORDS["duplicate_row"].en)
    shared = copies["differ"] & (copies["centres"] > 1)
    rows.report(copies.filter(shared)["_row"], None, "shared_identifier", WORDS["shared_identifier"].en)
    good = good.filter(copies["differ"] & ~shared)
    for finding in schemas.judge(rows.table, good.drop("_row"), good["_row"], unique=True):
        rows.report(finding.rows, finding.column, finding.rule, finding.expectation)


def _check_references(rows: Rows, parents: dict[str, Parent], numbers: dict[str, pl.Series]) -> None:
    for column, found in numbers.items():
        if found.null_count() > rows.frame[column].null_count():
            unknown = (rows.frame[column].is_not_null() & found.is_null()).arg_true()
            expected = f"an identifier of the table {rows.table[column].references}".replace(".", ", column ")
            rows.report(unknown, column, "unknown_parent", expected)


def _check_rules(rows: Rows, parents: dict[str, Parent], numbers: dict[str, pl.Series]) -> None:
    declared = rules_of(rows.table.name)
    frame = rows.frame.with_columns(
        _extraction_date=rows.of_source([source.extraction_date for source in rows.sources], pl.Date())
    )
    if "patient_id" in numbers:
        deaths = parents["patients"].column("death_date", numbers["patient_id"], accepted=True)
        frame = frame.with_columns(_death_date=deaths, _patient=numbers["patient_id"])
    if "lesion_id" in numbers:
        owners = parents["bone_lesions"].column("patient_id", numbers["lesion_id"])
        frame = frame.with_columns(_lesion_patient=parents["patients"].numbers(owners))
    broken = frame.select(rule.broken.alias(str(index)) for index, rule in enumerate(declared))
    for rule, found in zip(declared, broken, strict=True):
        rows.report(found.arg_true(), rule.column, rule.id, rule.words.en)


def _follow_parents(rows: Rows, parents: dict[str, Parent], numbers: dict[str, pl.Series]) -> None:
    for column, found in numbers.items():
        parent = parents[_links(rows.table)[column]]
        if parent.bad.any():
            follows = parent.bad.gather(found).arg_true()
            rows.report(follows, column, "follows_parent", WORDS["follows_parent"].en)


def _centres(parts: Mapping[str, Sequence[Part]]) -> pl.Enum:
    """The centres that the extract lists; nothing else that stands in a column of centres may leave its row."""
    listed = [part.frame["centre_id"] for part in parts.get("centres", ())]
    return pl.Enum(pl.concat([pl.Series([], dtype=pl.String), *listed]).drop_nulls().unique().sort())


def _centre_of(rows: Rows, parents: dict[str, Parent], numbers: dict[str, pl.Series], centres: pl.Enum) -> pl.Series:
    """The accountable centre of every row: that of its patient, else the one centre of its folder."""
    declared = rows.of_source([source.centre for source in rows.sources], pl.String()).cast(centres, strict=False)
    if "patient_id" in numbers:
        patients = parents["patients"]
        own = (
            patients.frame["centre_id"].cast(centres, strict=False).gather(patients.rows).gather(numbers["patient_id"])
        )
        return own.zip_with(own.is_not_null(), declared)
    own = rows.frame["centre_id"].cast(centres, strict=False)
    return own.zip_with(own.is_not_null(), declared)


def _accepted(rows: Rows, patients: pl.Series | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that were not set apart, sorted by key, or by all columns where there is none, and certified; their places."""
    frame = rows.frame.with_columns(_file=rows.files(), _line=rows.line)
    frame = frame.filter(pl.Series(~rows.bad)) if rows.bad.any() else frame
    key = list(rows.table.key)
    if key and not (len(key) == 1 and frame[key[0]].is_sorted()):
        frame = frame.sort(key)
    if not key and patients is not None:
        # The patients' numbers sort like their identifiers, and faster.
        numbered = patients.filter(pl.Series(~rows.bad))
        others = [name for name in rows.frame.columns if name != "patient_id"]
        frame = frame.with_columns(_patient=numbered).sort("_patient", *others, maintain_order=True).drop("_patient")
    places = frame.select(file="_file", line="_line")
    frame = frame.drop("_file", "_line")
    # What was put in place of the frame since then was not looked at.
    schemas.certify(rows.table, frame, flawless=rows.flawless is rows.frame)
    return frame, places
