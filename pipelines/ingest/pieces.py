"""Intake of what is larger than memory should hold: set down by patients on disk, then checked a part of them at a time.

What a check asks of a row lies in the same patient, but for keys and references: a key that stands in rows of two patients,
and a row without a patient, need each other. All patients whom such a key joins, whoever they are, are checked together,
after all others. Pairs of pseudonyms that look like one person are looked for among those of one birth date and sex. So the
result is that of `take_in`, to the row.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from validation.contract import TABLES, Table
from validation.linkage import BORN, EVENTS, holes_of_linked, probable_duplicates
from validation.quarantine import TABLE_ORDER, Finding, Part, Source

from . import Content, Delivered, attributed, blocks, describe_file, read_file
from .conversion import Converted
from .coverage import coverage_of
from .discovery import Folder, discover
from .mapping.streaming import Making, MappedFiles
from .model import ExtractError, Problem, SourceFile, format_of
from .packed import plain_copy, size_of
from .rekey import rekeyed
from .spill import Buckets, Marks, Spill, detached, divided

PIECE = 256 << 20
"""Bytes of CSV that are checked at once, which takes about a gigabyte of memory; what is larger is taken in by pieces."""


def size(extracts: Sequence[Path]) -> int:
    """The bytes of all files of extracts, as if they were CSV; a rough measure. Nought if they cannot be read at all."""
    folders, _ = discover(extracts)
    files = [file for folder in folders for file in folder.files.values()]
    mapped = [file for folder in folders if folder.mapping for file in folder.mapping.files]
    return sum(size_of(file) for file in [*files, *mapped])


NOBODY = pl.Series([], dtype=pl.String)


class Delivery:
    """Extracts as they are read: the rows on disk, all else in memory."""

    def __init__(self, folder: Path, wanted: int, key: bytes | None) -> None:
        self.spill = Spill(folder / "rows")
        self.marks = Marks(folder / "marks")
        self.buckets: Buckets | None = None
        self.delivered: list[Delivered] = []
        self._folder = folder
        self._wanted = wanted
        self._key = key
        self._numbers = dict.fromkeys(TABLES, -1)
        self.sources: dict[str, list[int]] = {name: [] for name in TABLES}
        self._arrived = 0
        self._patients = [NOBODY]

    def read(self, extracts: Sequence[Path]) -> None:
        """Read and convert all files; raise ExtractError with all problems."""
        folders, problems = discover(extracts)
        found: list[list[Problem]] = [[] for _ in folders]
        contents = [self._files(folder, _FIRST, wrong) for folder, wrong in zip(folders, found, strict=True)]
        mapped = [
            MappedFiles(folder.mapping, folder.label, self._folder / f"mapped {place}") if folder.mapping else None
            for place, folder in enumerate(folders)
        ]
        made = [self._mapped(folder, files, ["patients"]) for folder, files in zip(folders, mapped, strict=True)]
        self._begin_buckets()
        others = [name for name in TABLES if name != "patients"]
        for folder, content, wrong, files, ready in zip(folders, contents, found, mapped, made, strict=True):
            content += self._files(folder, [name for name in TABLES if name not in _FIRST], wrong)
            ready |= self._mapped(folder, files, others)
            if files is not None:
                wrong += files.problems
                files.clear()
            for _, (one, problems_of_one) in sorted(ready.items()):
                content.append(one)
                wrong += problems_of_one
        problems += [problem for wrong in found for problem in wrong]
        if problems:
            raise ExtractError(problems)
        self.delivered = [Delivered(folder, content) for folder, content in zip(folders, contents, strict=True)]

    def _begin_buckets(self) -> None:
        """Divide the patients, once all are known, and with them the rows that came so far."""
        self.buckets = Buckets(pl.concat(self._patients), self._wanted)
        for turn in range(self._arrived):
            for what in ("", " findings"):
                rows = self.spill.take(f"arrived{what}", turn)
                if rows is not None:
                    self._divide("patients" + what, rows, self.buckets.of(rows["patient_id"]))

    def _files(self, folder: Folder, names: Sequence[str], problems: list[Problem]) -> Content:
        """The files of a folder for these tables; of their rows only what tells the centres."""
        content: Content = []
        for name in (name for name in names if name in folder.files):
            file = folder.files[name]
            if name in _OF_PATIENTS and format_of(file.name) != "xlsx" and size_of(file) > blocks.BLOCK:
                found = self._in_blocks(folder, name, problems)
            else:
                read_one = read_file(folder, name, problems)
                found = read_one and self._whole(*read_one)
            content += [found] if found else []
        return content

    def _whole(self, part: Part, file: SourceFile) -> tuple[Part, SourceFile]:
        """Set down the rows of a file that was read at once."""
        if file.table not in _OF_PATIENTS:
            return self.rekeyed(part, file.table), file
        self.begin(file.table)
        centres = self.put(file.table, part, pl.int_range(part.frame.height, dtype=pl.UInt32, eager=True))
        return self.kept(file.table, part.source, centres), file

    def _in_blocks(self, folder: Folder, name: str, problems: list[Problem]) -> tuple[Part, SourceFile] | None:
        """Read a large file, and set down its rows."""
        table, file, label = TABLES[name], folder.files[name], folder.label(folder.files[name])
        copy = self._folder / "unpacked"
        found = plain_copy(file, copy, label)
        if isinstance(found, Problem):
            problems.append(found)
            return None
        path, sha256 = found
        source = Source(label, extraction_date=folder.extraction_date)
        rows = _Arriving(self, name, source)
        told = blocks.read_in_blocks(path, format_of(file.name) or "csv", table, label, rows.put, rows.begin)
        copy.unlink(missing_ok=True)
        if isinstance(told, list):
            problems += told
            return None
        described = describe_file(label, name, replace(told.about, sha256=sha256), told.dialect, told.rows, told.notes)
        return rows.part(), described

    def _mapped(
        self, folder: Folder, files: MappedFiles | None, names: Sequence[str]
    ) -> dict[int, tuple[tuple[Part, SourceFile], list[Problem]]]:
        """What a mapping makes of its files for these tables, by the place of each in the order of the whole."""
        if files is None or files.mapping.tables.keys().isdisjoint(names):
            return {}
        makings = enumerate(files.makings)
        return {place: self._made(folder, making) for place, making in makings if making.entry.table.name in names}

    def _made(self, folder: Folder, making: Making) -> tuple[tuple[Part, SourceFile], list[Problem]]:
        """Make the rows of one table of one file, and set them down."""
        name, label = making.entry.table.name, making.source.label
        rows = _Arriving(self, name, Source(label, extraction_date=folder.extraction_date))
        told, mapped, problems = making.make(rows.put, rows.begin)
        described = describe_file(label, name, told.about, told.dialect, told.rows, told.notes)
        return (rows.part(), replace(described, mapped=mapped)), problems

    def begin(self, table: str) -> None:
        """Begin with a file; what was set down of it before is forgotten."""
        self._numbers[table] += 1

    def rekeyed(self, part: Part, table: str) -> Part:
        """The rows with identifiers replaced, if there is a key."""
        return part if self._key is None else rekeyed(part, TABLES[table], self._key)

    def put(self, table: str, part: Part, numbers: pl.Series) -> pl.Series:
        """Set down rows of the file that is being read; returns the centres that they name."""
        part = self.rekeyed(part, table)
        source = pl.lit(self._numbers[table], pl.UInt32)
        frame = part.frame.with_columns(_source=source, _row=numbers, _line=part.lines)
        place = frame.select("_source", "_row", "patient_id")
        findings = [
            place[finding.rows].with_columns(
                column=pl.lit(finding.column, pl.String),
                rule=pl.lit(finding.rule),
                expectation=pl.lit(finding.expectation),
            )
            for finding in part.findings
        ]
        if self.buckets is None:
            self._patients.append(frame["patient_id"].unique())
            self.spill.add("arrived", self._arrived, frame)
            for rows in findings:
                self.spill.add("arrived findings", self._arrived, rows)
            self._arrived += 1
        else:
            buckets = self.buckets.of(frame["patient_id"])
            self._divide(table, frame, buckets)
            for parent, column in _keys(TABLES[table]):
                self.marks.add(parent, frame[column], buckets)
            for rows in findings:
                self._divide(f"{table} findings", rows, self.buckets.of(rows["patient_id"]))
        return part.frame["centre_id"].unique() if "centre_id" in part.frame.columns else NOBODY

    def _divide(self, name: str, rows: pl.DataFrame, buckets: pl.Series) -> None:
        for bucket, part in divided(rows, buckets):
            self.spill.add(name, bucket, part)

    def kept(self, table: str, source: Source, centres: pl.Series) -> Part:
        """What is kept of a file whose rows are set down."""
        self.sources[table].append(self._numbers[table])
        return Part(source, pl.DataFrame({"centre_id": centres}), pl.Series([], dtype=pl.Int64))


class _Arriving:
    """Takes the rows of one file, block by block, and sets them down; those of a table without patients are held."""

    def __init__(self, delivery: Delivery, table: str, source: Source) -> None:
        self._delivery, self._table, self._source = delivery, table, source
        self.begin()

    def begin(self) -> None:
        """Begin with the file; what came of it so far is forgotten."""
        self._delivery.begin(self._table)
        self._centres: list[pl.Series] = []
        self._held: list[tuple[Part, pl.Series]] = []

    def put(self, converted: Converted, lines: pl.Series, numbers: pl.Series) -> None:
        """Take the next rows, which have these lines and numbers."""
        part = Part(self._source, converted.frame, lines, converted.findings)
        if self._table in _OF_PATIENTS:
            centres = self._delivery.put(self._table, part, numbers)
            self._centres.append(detached(centres.to_frame()).to_series())
        else:
            self._held.append((self._delivery.rekeyed(part, self._table), numbers))

    def part(self) -> Part:
        """What is kept of the file, when all its rows have come."""
        if self._held:
            return _in_order(self._held)
        return self._delivery.kept(self._table, self._source, pl.concat(self._centres).unique())


def _in_order(blocks_of: Sequence[tuple[Part, pl.Series]]) -> Part:
    """The rows of several blocks in the order of their numbers."""
    order = pl.concat([numbers for _, numbers in blocks_of]).arg_sort()
    place, start = order.arg_sort(), 0
    findings: list[Finding] = []
    for part, _ in blocks_of:
        findings += [replace(finding, rows=place.gather(finding.rows + start)) for finding in part.findings]
        start += part.frame.height
    frame, lines = pl.concat(part.frame for part, _ in blocks_of), pl.concat(part.lines for part, _ in blocks_of)
    return replace(blocks_of[0][0], frame=frame[order], lines=lines[order], findings=findings)


def _keys(table: Table) -> list[tuple[str, str]]:
    """The tables whose keys rows of a table name, and the columns that name them; patients and centres join nobody."""
    named = [(column.parent[0], column.name) for column in table.columns if column.parent]
    own = [(table.name, column) for column in table.key if len(table.key) == 1]
    return [(parent, column) for parent, column in named + own if parent not in ("patients", "centres")]


# Checking


class Pieces:
    """Extracts whose rows lie on disk, checked piece by piece.

    What `Intake` tells beside the rows is there when all pieces were checked.
    """

    coverage: pl.DataFrame
    quarantine: pl.DataFrame
    counts: pl.DataFrame
    holes: pl.DataFrame
    linkage: pl.DataFrame

    def __init__(self, extracts: Sequence[Path], folder: Path, pseudonym_key: bytes | None = None) -> None:
        """Read and convert the extracts; raise ExtractError as `take_in` does. The folder is a new one."""
        folder.mkdir(mode=0o700)
        self._folder = folder
        self._delivery = Delivery(folder, 1 + size(extracts) // PIECE, pseudonym_key)
        self._delivery.read(extracts)
        self._delivered, self._centres = attributed(self._delivery.delivered)
        self.files = [file for one in self._delivered for _, file in one.content]

    def checked(self) -> Iterator[tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]]:
        """The accepted rows of every piece, and their places; tables without patients come with the first piece.

        Patients come in the order of their identifiers, but for those who are joined: they are the last piece.
        """
        from validation.check import check  # pandera takes most of a second to import

        buckets = self._delivery.buckets
        assert buckets is not None
        kept: dict[str, list[Part]] = {name: [] for name in TABLES}
        for part, file in ((part, file) for one in self._delivered for part, file in one.content):
            kept[file.table].append(part)
        crossing = {table: self._delivery.marks.crossing(table) for table in TABLES}
        people = Spill(self._folder / "people")
        found: list[tuple[pl.DataFrame, ...]] = []
        for bucket in range(buckets.last + 1):
            one = check(kept | _parts(self._delivery, bucket, kept, crossing), whole=False)
            if bucket == 0:
                listed = one.tables["centres"]["centre_id"].to_list()
                self.coverage = coverage_of([sent.folder for sent in self._delivered], self._centres, listed)
            names = list(TABLES) if bucket == 0 else _OF_PATIENTS
            own = pl.col("table").is_in(names)
            holes = pl.concat([one.holes, holes_of_linked(one.links, self.coverage, one.tables["patients"])]).unique()
            told = (one.quarantine.filter(own), one.counts.filter(own), holes, one.linkage)
            found.append(tuple(detached(frame) for frame in told))
            _set_down_people(people, one.tables, buckets.last)
            tables, places = ({name: frames[name] for name in names} for frames in (one.tables, one.places))
            del one, told, holes
            yield tables, places
            # Whoever took them may hold the dictionaries while the next piece is checked.
            tables.clear()
            places.clear()
        quarantine, counts, holes, linkage = (pl.concat(frames) for frames in zip(*found, strict=True))
        self.quarantine = quarantine.sort(TABLE_ORDER, "file", "line", "rule", "column", "expectation")
        self.counts = _sum(counts)
        self.holes = holes.sort("patient_id", TABLE_ORDER)
        self.linkage = pl.concat([linkage, *_duplicates(people, buckets.last)]).sort(pl.all())
        shutil.rmtree(self._folder)


_FIRST = ("centres", "patients")
_OF_PATIENTS = [name for name, table in TABLES.items() if "patient_id" in table.schema]


def _parts(
    delivery: Delivery, bucket: int, kept: Mapping[str, Sequence[Part]], crossing: Mapping[str, np.ndarray]
) -> dict[str, list[Part]]:
    """The rows of a bucket, file by file; patients who are joined with others wait in the last one."""
    taken = {
        (name, what): delivery.spill.take(f"{name}{what}", bucket)
        for name in _OF_PATIENTS
        for what in ("", " findings")
    }
    rows = {place: frame for place, frame in taken.items() if frame is not None}
    assert delivery.buckets is not None
    if bucket != delivery.buckets.last:
        joined = _joined({name: frame for (name, what), frame in rows.items() if not what}, crossing)
        for place, frame in rows.items() if len(joined) else ():
            waits = frame["patient_id"].is_in(joined.implode())
            delivery.spill.add("".join(place), delivery.buckets.last, frame.filter(waits))
            rows[place] = frame.filter(~waits)
    return {
        name: _by_file(
            TABLES[name], rows.get((name, "")), rows.get((name, " findings")), delivery.sources[name], kept[name]
        )
        for name in _OF_PATIENTS
    }


def _joined(rows: Mapping[str, pl.DataFrame], crossing: Mapping[str, np.ndarray]) -> pl.Series:
    """The patients of whom a row names a key that rows of other buckets name too, and all whom other keys join with them."""
    joined = pl.Series("patient_id", [], dtype=pl.String)
    if not any(len(hashes) for hashes in crossing.values()):
        return joined
    named = {table: _named(rows, table) for table in TABLES}
    shared = {table: pl.Series(crossing[table]) for table in TABLES}
    while True:
        found = [keys.filter(pl.col("key").is_in(shared[table].implode())) for table, keys in named.items()]
        fresh = pl.concat([keys["patient_id"] for keys in found]).unique()
        fresh = fresh.filter(~fresh.is_in(joined.implode()))
        if fresh.is_empty():
            return joined
        joined = pl.concat([joined, fresh])
        theirs = pl.col("patient_id").is_in(fresh.implode())
        shared = {table: keys.filter(theirs)["key"].unique() for table, keys in named.items()}


def _named(rows: Mapping[str, pl.DataFrame], parent: str) -> pl.DataFrame:
    """Who has a row that names a key of the table: patient_id, key (its hash)."""
    found = [pl.DataFrame(schema={"patient_id": pl.String, "key": pl.UInt64})]
    for name, frame in rows.items():
        for column in (column for table, column in _keys(TABLES[name]) if table == parent):
            keys = frame.select("patient_id", column).drop_nulls()
            found.append(keys.select("patient_id", key=pl.Series(Marks.hashes(keys[column]))))
    return pl.concat(found)


def _by_file(
    table: Table,
    rows: pl.DataFrame | None,
    findings: pl.DataFrame | None,
    sources: Sequence[int],
    kept: Sequence[Part],
) -> list[Part]:
    """Rows as parts, one for each file that holds the table, in the order in which the files have them."""
    if rows is None:
        return [replace(part, frame=pl.DataFrame(schema=table.schema)) for part in kept]
    place = pl.col("_source").cast(pl.UInt64) * (1 << 32) + pl.col("_row")
    rows = rows.with_columns(_place=place)
    rows = rows if rows["_place"].is_sorted() else rows.sort("_place")
    told: dict[int, list[Finding]] = {}
    if findings is not None:
        at = rows["_place"].to_numpy().searchsorted(findings.select(place).to_series().to_numpy())
        placed = findings.with_columns(_at=pl.Series(at, dtype=pl.UInt32))
        for (source, column, rule, expectation), which in placed.group_by("_source", "column", "rule", "expectation"):
            told.setdefault(int(source), []).append(Finding(which["_at"], column, rule, expectation))
    frame, parts = rows.select(table.schema.keys()), []
    ends = rows["_source"].to_numpy()
    for source, part in zip(sources, kept, strict=True):
        start, end = (int(at) for at in ends.searchsorted([source, source + 1]))
        found = [replace(finding, rows=finding.rows - start) for finding in told.get(source, ())]
        parts.append(replace(part, frame=frame[start:end], lines=rows["_line"][start:end], findings=found))
    return parts


def _sum(counts: pl.DataFrame) -> pl.DataFrame:
    """The rows of all pieces, per centre and table."""
    summed = counts.group_by("centre_id", "table").agg(pl.col("read", "accepted", "quarantined").sum())
    return summed.select(counts.columns).sort("centre_id", TABLE_ORDER)


# Pairs that look like one person


def _set_down_people(people: Spill, tables: Mapping[str, pl.DataFrame], buckets: int) -> None:
    """Set down the events that tell people apart, in a bucket for those of one birth date and sex."""
    known = tables["patients"].drop_nulls(BORN)
    bucket_of = known.select("patient_id", _people=known.select(BORN).hash_rows() % buckets)
    for name, columns in _event_columns().items():
        events = tables[name].select(columns).join(bucket_of, on="patient_id")
        for bucket, part in divided(events.drop("_people"), events["_people"]):
            people.add(name, bucket, detached(part))


def _duplicates(people: Spill, buckets: int) -> Iterator[pl.DataFrame]:
    columns = _event_columns()
    for bucket in range(buckets):
        found = {name: people.take(name, bucket) for name in columns}
        yield probable_duplicates(
            {
                name: pl.DataFrame(schema={c: TABLES[name].schema[c] for c in columns[name]}) if rows is None else rows
                for name, rows in found.items()
            }
        )


def _event_columns() -> dict[str, list[str]]:
    """The columns of every table that `probable_duplicates` looks at."""
    needed = {name: ["patient_id", *(c for c in told if c)] for name, told in EVENTS.items()}
    needed["patients"] += ["centre_id", *BORN]
    return needed
