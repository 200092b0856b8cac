"""What a rule may ask about a decision: a column, its words, and what to name when it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .text import Text

FactKind = Literal["date", "bool", "days", "number", "token", "text"]


@dataclass(frozen=True)
class Fact:
    """A column of the facts of a grain.

    `missing` names the contract's table or table.column to blame when the fact is null. `absence` marks facts that are false
    because a table holds no such act: where the table cannot prove that, the table itself is blamed. `blames` names a fact column
    that holds the token to blame (items of a score). A `gate` is blamed before anything else: without it nothing can be known.
    """

    name: str
    label: Text
    missing: str
    kind: FactKind
    unit: str = ""
    tokens: Mapping[str, Text] | None = None
    absence: bool = False
    blames: str | None = None
    gate: bool = False

    @property
    def table(self) -> str:
        """The contract table behind the fact."""
        return self.missing.split(".")[0]
