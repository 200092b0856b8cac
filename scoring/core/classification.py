"""What a classification is: a statement about a row of the registry that is not a sum of points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from .text import Source, Text

if TYPE_CHECKING:
    from scoring.context import Context

ClassColumnKind = Literal["token", "tokens", "bool", "number", "days", "date"]


@dataclass(frozen=True)
class ClassColumn:
    """A published column of a classification; `words` are the tokens that it may hold ("|" between several of kind `tokens`)."""

    name: str
    label: Text
    kind: ClassColumnKind
    words: Mapping[str, Text] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if (self.words is not None) != (self.kind in ("token", "tokens")):
            raise ValueError(f"column {self.name}: a column of tokens, and no other, names them")


@dataclass(frozen=True)
class Classification:
    """A classification of the guideline, computed for every row to which it can apply.

    `code` is its entry in the catalogue (S01 ...). `evaluate` gives one frame: `keys` (patient_id first), then `columns`, in that
    order and sorted by the keys; null is what cannot be known. `headline` is the column whose distribution a report shows.
    `holes` say what the text leaves open and how it is read; `external` what does not come from the guideline.
    `grows`: its values change with every day of observation, although nothing was recorded (`scoring.observation`).
    """

    id: str
    code: str
    title: Text
    row: Text
    source: Source
    keys: tuple[str, ...]
    columns: tuple[ClassColumn, ...]
    headline: str
    evaluate: Callable[[Context], pl.DataFrame]
    holes: tuple[Text, ...] = ()
    external: tuple[Text, ...] = ()
    grows: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if self.headline not in names:
            raise ValueError(f"classification {self.id}: its headline {self.headline} is none of its columns")
        if len({*self.keys, *names}) < len(self.keys) + len(names):
            raise ValueError(f"classification {self.id}: a column is named twice")

    def publish(self, context: Context) -> pl.DataFrame:
        """The frame that is published, with exactly the declared columns."""
        return (
            self.evaluate(context)
            .select(*self.keys, *(column.name for column in self.columns))
            .sort(self.keys, maintain_order=True)
        )
