"""Which rows are the first of their kind, of all rows that come block by block."""

from __future__ import annotations

import numpy as np
import polars as pl


class Distinct:
    """The rows that were seen. They are known by 128 bits of hashes: of ten million, no two would share them by chance."""

    def __init__(self) -> None:
        # Both halves of every mark, in the order of the first.
        self._first, self._second = np.empty(0, np.uint64), np.empty(0, np.uint64)

    def new(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each of the next rows is unlike all before it."""
        new = rows.select(pl.struct(pl.all()).is_first_distinct()).to_series()
        marks = rows.filter(new)
        added = self._add(marks.hash_rows(0).to_numpy(), marks.hash_rows(1).to_numpy())
        return new.scatter(new.arg_true(), added)

    def _add(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Add marks, each once; returns which of them were not there."""
        order = np.argsort(first)
        first, second = first[order], second[order]
        starts, ends = (np.searchsorted(self._first, first, side) for side in ("left", "right"))
        known = np.zeros(len(order), bool)
        for turn in range(int((ends - starts).max(initial=0))):
            there = starts + turn < ends
            known[there] |= self._second[(starts + turn)[there]] == second[there]
        self._first = np.insert(self._first, starts[~known], first[~known])
        self._second = np.insert(self._second, starts[~known], second[~known])
        added = np.empty(len(order), bool)
        added[order] = ~known
        return added
