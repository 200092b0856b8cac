"""Disclosure control: what must not be printed, so that no small count can be read or worked out. Applied last.

A ledger holds every count that is about to be printed together and the sums between them. It hides the counts under the
threshold (a zero is no person and stays), then further ones until no hidden count follows from what remains visible.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np

SMALLEST = 5
"""The smallest count that is printed, unless the caller says otherwise."""


class Ledger:
    """The counts that are printed side by side, and which of them are sums of others."""

    def __init__(self, smallest: int = SMALLEST) -> None:
        self.smallest = smallest
        self._position: dict[Hashable, int] = {}
        self._counts: list[int] = []
        self._reluctance: list[int] = []
        self._small: list[bool] = []
        self._lines: list[tuple[int, list[int]]] = []
        self._lines_of: dict[int, list[list[int]]] = {}

    def add(self, key: Hashable, count: int, *, reluctance: int = 0, people: int | None = None) -> None:
        """A count under a key. Of the cells that could protect another, the least `reluctance` goes first.

        `people` is how many persons a count of decisions stands for, where that is known: few persons hide it too.
        """
        self._position[key] = len(self._counts)
        self._counts.append(count)
        self._reluctance.append(reluctance)
        self._small.append(self.is_small(count) or (people is not None and self.is_small(people)))

    def line(self, total: Hashable, parts: Iterable[Hashable]) -> None:
        """State that a count is the sum of others; a reader who sees all but one of them knows that one."""
        line = (self._position[total], [self._position[part] for part in parts])
        if self._counts[line[0]] != sum(self._counts[part] for part in line[1]):
            raise ValueError(f"disclosure ledger: {total} is not the sum of its parts")
        self._lines.append(line)
        members = [*line[1], line[0]]
        for member in members:
            self._lines_of.setdefault(member, []).append(members)

    def is_small(self, count: int) -> bool:
        """Whether a count is too small to be printed."""
        return 0 < count < self.smallest

    def hidden(self) -> set[Hashable]:
        """The keys of the counts that must not be printed."""
        hide = np.array(self._small, dtype=bool)
        while self._cover_lines(hide) or self._cover_systems(hide):
            pass
        return {key for key, position in self._position.items() if hide[position]}

    def _cover_lines(self, hide: np.ndarray) -> bool:
        """Hide one more cell in every line that gives a hidden one away; whether anything was hidden."""
        changed = False
        for total, parts in self._lines:
            while self._gives_away(total, parts, hide) and self._hide_one([*parts, total], hide):
                changed = True
        return changed

    def _gives_away(self, total: int, parts: Sequence[int], hide: np.ndarray) -> bool:
        out = [part for part in parts if hide[part]]
        if hide[total]:
            return not out
        counts = [self._counts[part] for part in out]
        # A lone hidden part follows by subtraction. Several of them together are a count too, and ones are known to be
        # ones when they sum to their number.
        return len(counts) == 1 or self.is_small(sum(counts)) or (len(counts) > 1 and set(counts) == {1})

    def _cover_systems(self, hide: np.ndarray) -> bool:
        """Hide one more cell beside the first one that the lines, taken together as equations, determine."""
        for cell in self._determined(hide):
            for total, parts in self._lines:
                members = [*parts, total]
                if cell in members and self._hide_one(members, hide):
                    return True
        return False

    def _determined(self, hide: np.ndarray) -> list[int]:
        unknown = np.flatnonzero(hide)
        equations = np.zeros((len(self._lines), len(self._counts)))
        for row, (total, parts) in enumerate(self._lines):
            equations[row, parts] += 1
            equations[row, total] -= 1
        return [int(unknown[j]) for j in determined(equations[:, unknown])]

    def _hide_one(self, members: Sequence[int], hide: np.ndarray) -> bool:
        """Hide the cheapest visible cell: beside others that are hidden already, and a zero only as the last."""
        visible = [cell for cell in members if not hide[cell]]
        if not visible:
            return False

        def cost(cell: int) -> tuple[bool, int, bool, int, int]:
            elsewhere = [line for line in self._lines_of[cell] if line != members]
            alone = not any(hide[line].any() for line in elsewhere)
            return self._counts[cell] == 0, self._reluctance[cell], alone, self._counts[cell], cell

        hide[min(visible, key=cost)] = True
        return True


def determined(equations: np.ndarray) -> list[int]:
    """The unknowns (columns) that a homogeneous linear system fixes: those that no solution of it can move."""
    if not equations.size:
        return []
    _, singular, basis = np.linalg.svd(equations, full_matrices=True)
    free = basis[int((singular > 1e-9).sum()) :]
    return np.flatnonzero((np.abs(free) < 1e-9).all(axis=0)).tolist()


def nested(counts: Sequence[int | None], smallest: int = SMALLEST, anchors: Collection[int] = ()) -> list[int | None]:
    """Counts of which each contains the next: hide those that are small or differ from a shown one by a small count.

    The counts at the positions of `anchors` give way only to being small themselves; of the others the later ones stay.
    """
    shown: dict[int, int] = {}
    for position in (*anchors, *(p for p in reversed(range(len(counts))) if p not in anchors)):
        count = counts[position]
        if count is None or 0 < count < smallest:
            continue
        if position in anchors or not any(0 < abs(count - other) < smallest for other in shown.values()):
            shown[position] = count
    return [shown.get(position) for position in range(len(counts))]
