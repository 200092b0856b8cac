"""The readings that wait for a clinician, and what was signed: docs/guideline/sign-off.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scoring.recommendations import RULES
from scoring.recommendations.parameters import PARAMETERS
from scoring.scores import CLASSIFICATIONS, SCORES

from .words import say

FILE = "sign-off.csv"
COLUMNS = ("reading", "name", "date", "agrees")


def readings() -> Iterator[str]:
    """The id of everything that this audit had to decide: readings of rules, parameters, flags and holes of scores."""
    yield from (rule.id for rule in RULES if rule.reading is not None)
    yield from (p.name for p in PARAMETERS.values() if p.origin != "printed")
    for score in SCORES.values():
        yield from (f"{score.id}/{flag.id}" for flag in (*score.not_computed, *score.flags))
    for declared in CLASSIFICATIONS.values():
        parts = {"hole": declared.holes, "external": declared.external}
        yield from (f"{declared.id}/{kind}-{n}" for kind, texts in parts.items() for n in range(1, len(texts) + 1))


@dataclass(frozen=True)
class SignOffs:
    """Reading -> its row of the file; empty cells are what is not signed."""

    rows: dict[str, dict[str, str]]

    @classmethod
    def read(cls, folder: Path) -> SignOffs:
        """The rows of the file; a reading without a row is not signed."""
        path = folder / FILE
        known: dict[str, dict[str, str]] = {}
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                known = {row["reading"]: row for row in csv.DictReader(file)}
        return cls({name: known.get(name, {"reading": name} | dict.fromkeys(COLUMNS[1:], "")) for name in readings()})

    @classmethod
    def refresh(cls, folder: Path) -> None:
        """Write the file with one row per reading, keeping what is signed."""
        rows = cls.read(folder).rows
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows.values())

    def count(self) -> int:
        """How many readings are signed."""
        return sum(bool(row["name"]) for row in self.rows.values())

    def line(self, reading: str, lang: str) -> str:
        """The sign-off of a reading, or the line to fill in."""
        row = self.rows[reading]
        if not row["name"]:
            return say("open_sign_off", lang)
        verdict = say("agrees" if row["agrees"] == "yes" else "disagrees", lang)
        return f"{row['name']}, {row['date']}: {verdict}"
