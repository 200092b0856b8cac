"""What may not come through the door: columns that name a person or tell a story. Messages name columns, never cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl

from validation.contract import Table

from .model import Problem
from .spill import detached

SAMPLE = 2000
"""Cells of a column that are looked at, spread over the file."""
FEW, MANY = 0.05, 0.5
"""The share of the distinct cells that must match: of forms that nothing else has, and of forms that other things share."""

BY_NAME: dict[str, str] = {
    "names of persons": r"noms?|nom (de |d )?(patient|usuel|usage|famille|naissance|marital|jeune fille|medecin|chirurgien"
    r"|praticien).*|nom(patient|usuel|naissance|famille|naiss)|nom prenom|(.* )?prenoms?( .*)?|(.* )?(patronyme|surname"
    r"|last ?name|first ?name|given name|family name|full name|patient name|identite)( .*)?",
    "national numbers": r"(.* )?(nir|nss|ssn|ins|insee|num(ero)? secu|secu(rite)? sociale|no secu|n secu)( .*)?",
    "hospital numbers": r"(.* )?(ipp|nip|iep|nda)( .*)?",
    "phone numbers": r"(.* )?(tel|telephones?|phone|fax|gsm|num(ero)? portable)( .*)?",
    "addresses": r"(.* )?(adresse|address|rue|code postal|codepostal|zip code|postcode|commune|ville|lieu (de )?naissance)"
    r"( .*)?",
    "e-mail addresses": r"(.* )?(e ?mail|mail|courriel)( .*)?",
    "free text": r"(.* )?(commentaires?|comments?|remarques?|observations?|texte libre|free ?text|compte rendu|memo"
    r"|anamnese|narrative)( .*)?",
}
"""What a column holds -> the names that such columns have, folded: lower case, no accents, single blanks."""

_NAMES = (
    "jean pierre michel andre philippe alain patrick daniel jacques bernard nicolas christophe claude gerard rene frederic "
    "laurent roger pascal eric stephane david christian julien marcel robert thierry bruno georges sebastien dominique didier "
    "thomas paul henri olivier vincent louis maurice raymond guy joseph yves serge gilles antoine alexandre maxime guillaume "
    "francois franck jerome marc emile lucien fernand albert kevin lucas hugo mohamed ahmed ali karim marie jeanne francoise "
    "monique catherine nathalie isabelle jacqueline anne sylvie martine madeleine nicole suzanne helene christine marguerite "
    "denise louise christiane yvonne valerie sophie stephanie celine chantal patricia brigitte annie germaine simone corinne "
    "veronique sandrine cecile julie laurence caroline odette lucie camille emilie audrey virginie colette florence paulette "
    "josette sarah fatima fatiha genevieve therese yvette mireille ginette agnes elisabeth claire laura lea manon"
)
GIVEN_NAMES = frozenset(_NAMES.split())

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(\+33|0033|0)\s?[1-9]([ .-]?\d{2}){4}")
_NIR = re.compile(r"([1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6})(\d{2})")
_STREET = re.compile(
    r"\b\d{1,4},?\s*(?:bis|ter)?,?\s+(?i:rue|avenue|bd|boulevard|chemin|impasse|all[ée]e|place|route|quai|square)\b"
    r"|\b\d{5}\s+[A-ZÀ-Þ][A-ZÀ-Þ' -]{2,}"
)
_MAY_BE_PERSONAL = rf"[^\x00-\x7f]|[@\s]|[A-Za-z]{{{min(map(len, GIVEN_NAMES))}}}|^[+0][\d .-]+$|.{{15}}"
"""What every text has that one of the functions below is true of; most pseudonyms have nothing of it."""
_HOSPITAL_NUMBER = r"^\d{8,13}$"


def fold(name: str) -> str:
    """A name in lower case, without accents and marks."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def what_it_holds(name: str, cells: pl.Series | None = None) -> str:
    """What a column that is not of the contract seems to hold of persons, by its name or its cells; empty if nothing."""
    folded = fold(name)
    for held, pattern in BY_NAME.items():
        if re.fullmatch(pattern, folded):
            return held
    return "" if cells is None else what_cells_hold(cells)


def what_cells_hold(cells: pl.Series) -> str:
    """What the cells of a column seem to hold of persons; empty if nothing."""
    return _held_by(_sample(cells))


def _held_by(texts: pl.Series) -> str:
    worth = texts.alias("text").to_frame().filter(pl.col("text").str.contains(_MAY_BE_PERSONAL)).to_series().to_list()
    for held, share, matches in _BY_CELL:
        if worth and sum(map(matches, worth)) > share * len(texts):
            return held
    return ""


def refusal(label: str, name: str, held: str) -> Problem:
    """The message for a column that may not be sent."""
    what = f"the column {name[:60]!r} seems to hold {held}"
    hint = "take the column out of the export: such data must not leave the centre"
    return Problem(label, what, "pseudonyms and the columns of the contract only", hint)


def pseudonym_problems(frame: pl.DataFrame, table: Table, label: str) -> list[Problem]:
    """A patient_id that is no pseudonym."""
    if "patient_id" not in table.schema or "patient_id" not in frame.columns:
        return []
    return problems_of_pseudonyms(_sample(frame["patient_id"]), label)


def problems_of_pseudonyms(texts: pl.Series, label: str) -> list[Problem]:
    """Pseudonyms that are none."""
    held = _held_by(texts)
    if not held and len(texts) and texts.str.contains(_HOSPITAL_NUMBER).sum() > MANY * len(texts):
        held = "hospital numbers (8 to 13 digits)"
    if not held or held == "free text":
        return []
    what = f"the column patient_id seems to hold {held}"
    hint = "replace them by pseudonyms before the export; a pseudonym of digits only needs a letter before it"
    return [Problem(label, what, "pseudonyms: never a name, a hospital number or a national number", hint)]


def has_key_of_nir(text: str) -> bool:
    """Whether a text is a French national number (NIR) whose key is right: 97 minus the number modulo 97."""
    found = _NIR.fullmatch(re.sub(r"[\s.-]", "", text).upper())
    if not found:
        return False
    number = found[1].replace("2A", "19", 1) if found[1][5:7] == "2A" else found[1]
    number = number.replace("2B", "18", 1) if number[5:7] == "2B" else number
    return 97 - int(number) % 97 == int(found[2])


class Sample:
    """Filled cells in even steps: every n-th of a column, where n is a power of two, also if it comes in pieces."""

    def __init__(self) -> None:
        self._step, self._seen = 1, 0
        self._kept: pl.Series | None = None

    def add(self, cells: pl.Series) -> None:
        """See the next cells of the column."""
        if isinstance(cells.dtype, pl.List | pl.Struct | pl.Array | pl.Binary | pl.Object):
            return
        filled, before = cells.drop_nulls() if cells.has_nulls() else cells, self._seen
        self._seen += len(filled)
        while self._seen >= 2 * SAMPLE * self._step:
            self._step *= 2
            self._kept = self._kept if self._kept is None else self._kept.gather_every(2)
        taken = filled.gather_every(self._step, -before % self._step)
        self._kept = taken if self._kept is None else pl.concat([self._kept, taken])
        if self._kept.dtype == pl.String:
            self._kept = detached(self._kept.to_frame("")).to_series()

    @property
    def cells(self) -> pl.Series:
        """The cells."""
        return pl.Series([], dtype=pl.String) if self._kept is None else self._kept

    def texts(self) -> pl.Series:
        """The distinct ones, as text."""
        distinct = pl.col("").cast(pl.String, strict=False).drop_nulls().unique(maintain_order=True)
        texts = self.cells.alias("").to_frame().select_seq(distinct.str.strip_chars().str.head(500))
        return texts.filter(pl.col("") != "").to_series()


def _sample(cells: pl.Series) -> pl.Series:
    sample = Sample()
    sample.add(cells)
    return sample.texts()


def _is_name(text: str) -> bool:
    words = [fold(word) for word in re.split(r"[\s,]+", text) if word]
    return 0 < len(words) <= 4 and any(word.split()[:1] and word.split()[0] in GIVEN_NAMES for word in words)


def _is_prose(text: str) -> bool:
    return len(text.split()) >= 8


_BY_CELL: tuple[tuple[str, float, Callable[[str], bool]], ...] = (
    ("e-mail addresses", FEW, lambda text: bool(_EMAIL.search(text))),
    ("national numbers", FEW, has_key_of_nir),
    ("phone numbers", MANY, lambda text: bool(_PHONE.fullmatch(text))),
    ("addresses", FEW, lambda text: bool(_STREET.search(text))),
    ("names of persons", 0.3, _is_name),
    ("free text", 0.2, _is_prose),
)
