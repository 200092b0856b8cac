"""Words in two languages, and where a statement comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Text:
    """The same words in English and in French."""

    en: str
    fr: str

    def __post_init__(self) -> None:
        if not self.en or not self.fr:
            raise ValueError(f"a text needs both languages: {self.en!r} / {self.fr!r}")

    def __getitem__(self, lang: str) -> str:
        return {"en": self.en, "fr": self.fr}[lang]


@dataclass(frozen=True)
class Edition:
    """A guideline as of a date; decisions before that date are audited only on request.

    `replaces` names the edition before: what this one declares again holds from its date on, the rest is carried over.
    """

    id: str
    title: Text
    valid_from: date
    note: str = ""
    replaces: str = ""

    @property
    def document(self) -> str:
        """The guideline, whatever the edition: G1, G2."""
        return self.id[:2]


@dataclass(frozen=True)
class Source:
    """A section of an edition."""

    edition: Edition
    section: str

    def __str__(self) -> str:
        return f"{self.edition.id} §{self.section}"


G1 = Edition(
    "G1",
    Text(
        "Bone metastases of lung cancer (OncoBFC, NEON, ONCORIF), 2022",
        "Métastases osseuses des cancers bronchiques (OncoBFC, NEON, ONCORIF), 2022",
    ),
    date(2022, 7, 30),
)
G2 = Edition(
    "G2",
    Text(
        "Surgery of limb bone metastases (Auvergne-Rhône-Alpes)",
        "Chirurgie des métastases osseuses des membres (Auvergne-Rhône-Alpes)",
    ),
    date(2022, 7, 30),
    note="G2 prints no date; that it applies from the date of G1 is a reading.",
)
