"""Rows set down on disk in buckets, and taken back bucket by bucket in the order in which they came."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import polars as pl

BUFFER = 128 << 20
"""Bytes of rows that are held back to be written together."""


class Spill:
    """Frames of several names in buckets. The folder holds rows of patients: only its owner may read it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder
        self._held: dict[tuple[str, int], list[pl.DataFrame]] = {}
        self._size = 0
        self._written: dict[tuple[str, int], list[Path]] = {}
        self._numbers = count()

    def add(self, name: str, bucket: int, frame: pl.DataFrame) -> None:
        """Set rows down in a bucket."""
        if frame.is_empty():
            return
        self._held.setdefault((name, bucket), []).append(frame)
        self._size += int(frame.estimated_size())
        if self._size > BUFFER:
            for place in list(self._held):
                self._write(place)
            self._size = 0

    def take(self, name: str, bucket: int) -> pl.DataFrame | None:
        """The rows of a bucket, which are gone from the disk then; None if there are none."""
        paths = self._written.pop((name, bucket), [])
        frames = [pl.scan_ipc(path, glob=False).collect() for path in paths] + self._held.pop((name, bucket), [])
        for path in paths:
            path.unlink()
        return pl.concat(frames) if frames else None

    def _write(self, place: tuple[str, int]) -> None:
        path = self._folder / f"{next(self._numbers)}.arrow"
        pl.concat(self._held.pop(place)).write_ipc(path)
        self._written.setdefault(place, []).append(path)


class Buckets:
    """Which patients are together in a bucket: neighbours in the order of their identifiers, and about as many in each.

    The last bucket is for rows without patient.
    """

    def __init__(self, patients: pl.Series, wanted: int) -> None:
        known = patients.drop_nulls().unique().sort()
        starts = known.gather([len(known) * place // wanted for place in range(1, wanted)] if len(known) else [])
        self._starts = starts.unique().sort()
        self.last = len(self._starts) + 1

    def of(self, patients: pl.Series) -> pl.Series:
        """The bucket of every row."""
        if not patients.has_nulls() and patients.is_sorted():
            ends = [*patients.search_sorted(self._starts), len(patients)]
            return pl.Series(np.repeat(np.arange(len(ends), dtype=np.uint16), np.diff(ends, prepend=0)))
        found = self._starts.search_sorted(patients, side="right").cast(pl.UInt16)
        return found.set(patients.is_null(), self.last)


def divided(frame: pl.DataFrame, buckets: pl.Series) -> Sequence[tuple[int, pl.DataFrame]]:
    """The rows of every bucket, in their order."""
    if frame.is_empty():
        return []
    if buckets.is_sorted():
        numbers = buckets.to_numpy()
        ends = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        return [(int(numbers[start]), frame[start:end]) for start, end in pairwise(ends)]
    parts = frame.with_columns(buckets.alias("_bucket")).partition_by("_bucket", include_key=False, as_dict=True)
    return [(int(bucket), part) for (bucket,), part in parts.items()]


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without what they were taken from: texts that are cut out of a column keep all of it in memory."""
    return pl.DataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


class Marks:
    """Which keys rows of several buckets name; a key is known by a hash, and two that share one are taken for one."""

    SHIFT = np.uint64(12)
    """Bits of a mark that hold its bucket; the others are of the hash."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder

    def add(self, table: str, keys: pl.Series, buckets: pl.Series) -> None:
        """Note that rows of these buckets name these keys of a table."""
        if keys.null_count():
            named = keys.is_not_null()
            keys, buckets = keys.filter(named), buckets.filter(named)
        with (self._folder / table).open("ab") as file:
            ((self.hashes(keys) << self.SHIFT) | buckets.cast(pl.UInt64).to_numpy()).tofile(file)

    def crossing(self, table: str) -> np.ndarray:
        """The hashes of the keys that rows of more than one bucket name."""
        path = self._folder / table
        if not path.exists() or not path.stat().st_size:
            return np.empty(0, np.uint64)
        marks = np.memmap(path, np.uint64, "r")
        turns = 1 + marks.nbytes // BUFFER
        return np.concatenate([_in_several(_turn(marks, turn, turns)) for turn in range(turns)])

    @classmethod
    def hashes(cls, keys: pl.Series) -> np.ndarray:
        """What keys are known by."""
        return keys.hash().to_numpy() >> cls.SHIFT


def _turn(marks: np.ndarray, turn: int, turns: int) -> np.ndarray:
    """The marks that are looked at in one of several turns: all those of a key in the same."""
    return marks if turns == 1 else marks[(marks >> Marks.SHIFT) % np.uint64(turns) == turn]


def _in_several(marks: np.ndarray) -> np.ndarray:
    """The hashes among marks that come with more than one bucket."""
    ordered = pl.Series(marks).sort().to_numpy()  # in half the time that numpy takes
    hashes = ordered >> Marks.SHIFT
    several = (hashes[1:] == hashes[:-1]) & (ordered[1:] != ordered[:-1])
    return np.unique(hashes[1:][several])
