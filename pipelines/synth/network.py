"""The centres of the invented network: their names, how well they record, how they practise, what they send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import polars as pl

from .draw import Draw, shifted

NAMES = (
    "Centre hospitalier du Val d'Émeraude",
    "Clinique des Trois Rivières",
    "Hôpital Sainte-Orée",
    "Centre hospitalier de Montclairval",
    "Institut Beauséjour-les-Tilleuls",
    "Hôpital de la Roche-Fleurie",
    "Clinique du Pré-aux-Saules",
    "Centre hospitalier d'Aubeville",
    "Hôpital Haute-Combelle",
    "Centre hospitalier de Brumes-sur-Lisse",
    "Institut des Cœurs-Vaillants",
    "Clinique de l'Étang-Doré",
)
NETWORK = "Réseau fictif Ossature"

NOT_SUPPLIED = {
    3: "mdt_meetings",
    4: "lab_results",
    7: "supportive_care",
    8: "trial_screenings",
    10: "imaging_findings",
}
"""Number of a centre -> the table that it does not send."""
NOT_COMPLETE = {6: "consultations", 9: "radiotherapy_courses"}
"""Number of a centre -> the table that holds only the centre's own acts."""
COMPLETE_FROM = {4: "supportive_care"}
"""Number of a centre -> the table that is complete from 2022 on only."""

WORSE, BETTER = 2, 5


@dataclass(frozen=True)
class Centre:
    """One centre. `practice` moves concordance on the logit scale; `blanks` multiplies the rates of missing cells."""

    number: int
    practice: float
    blanks: float

    @property
    def id(self) -> str:
        """The code of the centre."""
        return f"C{self.number:02d}"

    @property
    def name(self) -> str:
        """An invented name."""
        return NAMES[self.number - 1] if self.number <= len(NAMES) else f"Centre fictif n° {self.number}"

    @property
    def not_supplied(self) -> str | None:
        """The table that the centre does not send."""
        return NOT_SUPPLIED.get(self.number)


def network(centres: int, seed: int) -> list[Centre]:
    """The centres: the second practises and records clearly worse than the others, the fifth clearly better."""
    made = []
    for number in range(1, centres + 1):
        rng = Draw((seed, number), 1).rng
        practice, blanks = rng.normal(0, 0.15), rng.uniform(0.7, 1.3)
        if number == WORSE:
            practice, blanks = -1.1, 2.2
        if number == BETTER:
            practice, blanks = 1.2, 0.35
        made.append(Centre(number, float(practice), float(blanks)))
    return made


def shares(patients: int, centres: list[Centre], seed: int) -> list[int]:
    """How many patients each centre follows; at least one each."""
    weights = Draw((seed, 0), len(centres)).rng.uniform(0.7, 1.3, len(centres))
    spare = patients - len(centres)
    sizes = [1 + int(spare * weight / weights.sum()) for weight in weights]
    sizes[0] += patients - sum(sizes)
    return sizes


@dataclass(frozen=True)
class Block:
    """A run of patients of one centre: the unit in which the cohort is made, so that memory stays bounded."""

    seed: int
    centre: Centre
    number: int
    first: int
    size: int
    neighbours: tuple[str, ...]

    def draw(self, topic: str, n: int) -> Draw:
        """Random columns for one topic."""
        return Draw((self.seed, self.centre.number, self.number, crc32(topic.encode())), n)

    def adheres(self, share: float) -> float:
        """The share of decisions made as recommended, in this centre."""
        return shifted(share, self.centre.practice)

    def blanked(self, topic: str, frame: pl.DataFrame, rates: Mapping[str, float]) -> pl.DataFrame:
        """The frame with cells of these columns left empty, as often as in this centre."""
        draw = self.draw(f"blanks {topic}", frame.height)
        return frame.with_columns(
            pl.when(draw.chance(1 - min(0.9, rate * self.centre.blanks))).then(pl.col(column)).alias(column)
            for column, rate in rates.items()
        )

    def elsewhere(self, draw: Draw, share: float) -> pl.Expr:
        """The other centre where an act was done; null where it was done at home."""
        if not self.neighbours:
            return pl.lit(None, dtype=pl.String)
        return pl.when(draw.chance(share)).then(draw.pick(dict.fromkeys(self.neighbours, 1.0)))
