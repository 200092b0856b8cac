"""Files that a mapping names, larger than memory should hold: block by block, with the result that the whole would have.

Each file is read once. The columns that the mapping uses are set down on disk in blocks, and what only the whole file shows
is known then: the rows, the columns, the lines that are none. Every entry goes through the blocks that lie there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count
from pathlib import Path

import polars as pl

from .. import blocks
from ..blocks import NO_LINES, Evidence, Outline, Put, Told
from ..conversion import Converted
from ..model import MappedRows, Problem, format_of
from ..packed import Location, plain_copy, size_of
from ..reading import AnyColumns, Raw, gone_notes, read
from .describing import Account
from .making import Maker, fractional
from .model import Entry, Mapping
from .sources import Opened, Place, open_by, pairs, unused

_LINES = "\0lines"
"""The column of a block that holds the lines of its rows; no column of a file is called so."""


@dataclass(frozen=True)
class Stored(Opened):
    """A file of which `raw` has no rows: they lie on disk, in blocks. `fractions` names columns of numbers that are not whole."""

    height: int
    parts: tuple[tuple[Path, Raw], ...]
    fractions: frozenset[str]

    @property
    def rows(self) -> int:
        """The rows of the file."""
        return self.height

    def read(self, names: Collection[str]) -> Iterator[Raw]:
        """The blocks, with these columns alone; with the lines if there are none, for the rows are to be counted."""
        for path, raw in self.parts:
            columns = [name for name in raw.frame.columns if name in names]
            frame = pl.scan_ipc(path, glob=False).select(*columns, _LINES).collect()
            yield replace(raw, frame=frame.select(columns or [_LINES]), lines=frame[_LINES])


@dataclass(frozen=True)
class Making:
    """An entry and one of its files; `first` rows came from the earlier ones."""

    entry: Entry
    source: Stored
    mapping: Mapping
    first: int

    def make(self, put: Put, forget: Callable[[], None]) -> tuple[Told, MappedRows, list[Problem]]:
        """Make the rows of the table, as the first block is written or, if that misled, as all are.

        Args:
            put: takes the rows, block by block.
            forget: called when what was put so far was made by a plan that misled.

        Returns:
            What is to be told of the file and of what was made of it, and what is wrong with it.
        """
        plan = None
        while True:
            evidence, account = Evidence(self.entry.table, plan), Account(self.entry)
            self._make(evidence, account, put)
            if evidence.holds():
                break
            plan = evidence.plan()
            forget()
        label = self.source.label
        told = Told(self.source.raw, evidence.dialect, evidence.rows, evidence.notes())
        problems = evidence.of_pseudonyms(label) + evidence.of_dates(label)
        return told, account.told(self.mapping, self.source), problems

    def _make(self, evidence: Evidence, account: Account, put: Put) -> None:
        source, width = self.source, self.source.raw.frame.width
        maker = Maker(self.entry, source.label, self.mapping.label, self.first, width, source.fractions)
        for raw in source.read(self.entry.used):
            taken = maker.take(raw)
            evidence.see_written(taken.written)
            made = maker.make(taken, evidence.dialect)
            numbers = evidence.numbers(made.raw)
            made = replace(made, raw=evidence.see(made.raw))
            converted: Converted = made.convert(evidence.ways)
            evidence.see_converted(made.raw, converted)
            account.add(made, converted)
            put(converted, made.raw.lines, numbers)
        evidence.end()


class MappedFiles:
    """The files that the mapping of a folder names, set down in a new folder when they are first asked for."""

    def __init__(self, mapping: Mapping, label_of: Callable[[Location], str], folder: Path) -> None:
        self.mapping, self._label_of, self._folder = mapping, label_of, folder

    @property
    def makings(self) -> list[Making]:
        """Every entry with each of its files, in the order of the mapping."""
        return [
            Making(entry, source, self.mapping, first) for entry, source, first in pairs(self.mapping, self._set[0])
        ]

    @property
    def problems(self) -> list[Problem]:
        """Why files cannot be read."""
        return self._set[1]

    def clear(self) -> None:
        """Take the files from the disk."""
        shutil.rmtree(self._folder)

    @cached_property
    def _set(self) -> tuple[dict[Place, Stored], list[Problem]]:
        self._folder.mkdir(mode=0o700)
        names = (self._folder / str(number) for number in count())
        return open_by(partial(_set_down, names=names), self.mapping, self._label_of)


def _set_down(path: Location, table: AnyColumns, label: str, names: Iterator[Path]) -> Stored | list[Problem]:
    """Set a file down in blocks; a workbook or a small file is one block."""
    if format_of(path.name) == "xlsx" or size_of(path) <= blocks.BLOCK:
        raw = read(path, table, label)
        return raw if isinstance(raw, list) else _stored(raw, [raw], table, label, names)
    copy = next(names)
    found = plain_copy(path, copy, label)
    if isinstance(found, Problem):
        return [found]
    plain, sha256 = found
    opened = blocks.open_in_blocks(plain, format_of(path.name) or "csv", table, label)
    if isinstance(opened, list):
        return opened
    set_down = _in_blocks(replace(opened, about=replace(opened.about, sha256=sha256)), table, label, names)
    copy.unlink(missing_ok=True)
    return set_down


def _in_blocks(opened: blocks.Opened, table: AnyColumns, label: str, names: Iterator[Path]) -> Stored | list[Problem]:
    """Set the blocks of a file down, anew if later ones show that the table lies in it otherwise than the first did."""
    trailing = True
    while True:
        outline, problems = Outline(table, opened.about.frame.width), list[Problem]()
        found = _outlined(opened.blocks(trailing), outline, label, problems)
        stored = _stored(opened.about, found, table, label, names)
        if problems:
            return problems
        if not outline.mixed:
            break
        trailing = False
        for path, _ in stored.parts:
            path.unlink()
    if outline.headers:
        return outline.headers
    return replace(stored, raw=replace(stored.raw, notes=stored.raw.notes + gone_notes(len(outline.gone))))


def _outlined(
    found: Iterator[Raw | list[Problem]], outline: Outline, label: str, problems: list[Problem]
) -> Iterator[Raw]:
    """The blocks without what is no row or column of the table; a problem ends them."""
    for raw in found:
        if isinstance(raw, list):
            problems += raw
            return
        yield outline.see(raw, label)


def _stored(about: Raw, found: Iterable[Raw], table: AnyColumns, label: str, names: Iterator[Path]) -> Stored:
    """Set these blocks down, with the columns that the mapping uses."""
    parts: list[tuple[Path, Raw]] = []
    height, fractions = 0, set[str]()
    for raw, path in zip(found, names, strict=False):
        frame = raw.frame.select(name for name in raw.frame.columns if name in table.schema)
        pl.DataFrame([*frame, raw.lines.alias(_LINES)]).write_ipc(path)
        parts.append((path, replace(raw, frame=frame.clear(), lines=NO_LINES)))
        height += len(raw.lines)
        fractions |= fractional(frame)
    raw = replace(about, frame=about.frame.clear(), lines=NO_LINES)
    return Stored(label, raw, unused(about.frame.columns, table), height, tuple(parts), frozenset(fractions))
