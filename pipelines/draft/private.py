"""Columns that a mapping must not touch: names, national numbers, telephones, addresses, e-mail, free text."""

from __future__ import annotations

import re

import polars as pl

from .names import fold

_BY_NAME = {
    "names of people": r"noms?|prenoms?|nomprenom|nom patient|nom (de )?(naissance|famille|usuel|usage|marital|jeune fille)|"
    r"nom (et )?prenom.*|prenom.*|patronyme|lastname|firstname|last name|first name|surname|medecin.*|docteur|praticien.*|"
    r"chirurgien|operateur|nom (du )?(medecin|chirurgien|praticien|patient)|identite",
    "a national number": r"nir|nir .*|insee|ins|num secu.*|n secu.*|no secu.*|numero (de )?secu.*|secu|ssn|nss|securite sociale",
    "telephone numbers": r"tel|tel .*|telephone.*|portable|mobile|phone.*|fax",
    "addresses": r"adresse.*|adr|adr .*|rue|voie (postale|publique)|code postal|cp|ville|commune.*|address.*|lieu naiss.*|domicile",
    "e-mail addresses": r"mail|e mail|email|courriel|mel",
    "free text": r"commentaire.*|comment|comments|observation.*|remarque.*|note|notes|texte.*|compte rendu.*|cr|memo|histoire.*",
}
_BY_CONTENT = {
    "a national number": r"^[12378]\s?\d{2}\s?(0[1-9]|1[0-2]|[2-9]\d)\s?(\d{2}|2[AB])\s?\d{3}\s?\d{3}(\s?\d{2})?$",
    "telephone numbers": r"^(\+33\s?|0033\s?|0)[1-9]([ .-]?\d{2}){4}$",
    "e-mail addresses": r"^\S+@\S+\.\w+$",
    "addresses": r"(?i)^\d+\s*(bis|ter)?,?\s+(rue|avenue|av\.?|boulevard|bd|place|chemin|impasse|allee|allée|route|quai)\s",
}
SHARE = 0.2
"""So many of the filled cells are enough to leave a column out."""
LONG = 60
"""Characters; so long a cell is a text."""


def why_private(name: str, cells: pl.Series) -> str | None:
    """What a column seems to hold that must not be read; None if nothing does."""
    plain = " ".join(re.findall(r"[a-z0-9]+", fold(name)))
    for what, pattern in _BY_NAME.items():
        if re.fullmatch(pattern, plain):
            return what
    filled = cells.drop_nulls()
    if not len(filled):
        return None
    for what, pattern in _BY_CONTENT.items():
        if float(filled.str.contains(pattern).mean() or 0) >= SHARE:  # type: ignore[arg-type]
            return what
    if float((filled.str.len_chars() > LONG).mean() or 0) >= SHARE and not _is_list(filled):  # type: ignore[arg-type]
        return "free text"
    return "names of people" if _like_names(filled) else None


def _is_list(filled: pl.Series) -> bool:
    """Whether long cells are few different ones, as combinations of tokens are."""
    return filled.str.contains("|", literal=True).any() or filled.n_unique() * 5 < len(filled)


def _like_names(filled: pl.Series) -> bool:
    """Whether most cells are one to three words of letters, the first in capitals, and hardly any comes again."""
    like = r"^\p{Lu}[\p{L}'’-]+( \p{Lu}[\p{L}'’-]+){0,2}$"
    many = len(filled) >= 20 and filled.n_unique() * 3 > len(filled)
    return many and float(filled.str.contains(like).mean() or 0) > 0.8  # type: ignore[arg-type]
