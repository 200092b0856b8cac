"""Receipts: for every deposit a short text that says what became of it and what the centre should correct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from reports.night import Deposit
from reports.words import day, label
from scoring.core.text import Text

from . import deposits
from .durable import make_folder, write_bytes
from .tonight import Night

POSITIONS = 20
"""Rows in quarantine that a receipt names, at most."""

_FATES = {
    "accepted": Text("Taken in.", "Pris en compte."),
    "withdrawn": Text("The withdrawal took effect.", "Le retrait a pris effet."),
    "held": Text("Held back: the state of before stands.", "Retenu : l'état précédent est conservé."),
    "refused": Text("Refused: the state of before stands.", "Refusé : l'état précédent est conservé."),
}
_TITLE = Text("Deposit {name} of {centre}", "Dépôt {name} de {centre}")
_DATED = Text("Extraction of {date}", "Extraction du {date}")
_WHY = Text("Why: {why}.", "Motif : {why}.")
_ROWS = Text(
    "{quarantined} of {rows} rows are in quarantine, with the reason by file and line:",
    "{quarantined} lignes sur {rows} sont en quarantaine, avec le motif par fichier et par ligne :",
)
_ALL = Text("All {rows} rows keep to the contract.", "Les {rows} lignes respectent toutes le contrat.")
_MORE = Text("... and {n} more", "... et {n} autres")
_NEXT = Text(
    "Send a corrected deposit under a new name, or under the same name in place of this one.",
    "Envoyez un dépôt corrigé sous un autre nom, ou sous le même nom à la place de celui-ci.",
)


def write(night: Night, told: Sequence[Deposit]) -> None:
    """A receipt for every deposit of the night; one that would say the same is left as it is."""
    for deposit in told:
        path = night.home.receipts / deposit.centre / f"{deposit.name}.txt"
        content = "\n".join(_lines(night, deposit, night.config.language)).encode("utf-8") + b"\n"
        if not path.is_file() or path.read_bytes() != content:
            make_folder(path.parent)
            write_bytes(path, content)


def _lines(night: Night, deposit: Deposit, lang: str) -> Iterator[str]:
    yield _TITLE[lang].format(name=label(deposit.name, 100), centre=label(deposit.centre, 100))
    if deposit.extraction_date:
        yield _DATED[lang].format(date=day(deposit.extraction_date, lang))
    yield _FATES[deposit.fate][lang]
    if deposit.why:
        yield _WHY[lang].format(why=deposit.why[lang].rstrip("."))
    yield from (f"- {label(line, 400)}" for line in deposit.details)
    if deposit.stopped:
        yield _NEXT[lang]
    elif night.published and deposit.fate == "accepted":
        yield from _of_rows(night, deposit, lang)


def _of_rows(night: Night, deposit: Deposit, lang: str) -> Iterator[str]:
    """How many rows of the deposit are in quarantine, and the first of them."""
    assert night.plan is not None
    kept = [one for chain in night.plan.chains.values() for one in chain]
    for one in kept:
        if (one.centre, one.name) == (deposit.centre, deposit.name):
            yield from _quarantined(night, one, lang)


def _quarantined(night: Night, deposit: deposits.Deposit, lang: str) -> Iterator[str]:
    files = [kept.file.path for kept in deposit.kept]
    wrong = night.run.quarantine.filter(pl.col("file").is_in(files))
    rows, refused = sum(deposit.rows.values()), wrong.unique(["file", "line", "table"]).height
    yield (_ROWS if refused else _ALL)[lang].format(quarantined=refused, rows=rows)
    for row in wrong.head(POSITIONS).iter_rows(named=True):
        column = f", {row['column']}" if row["column"] else ""
        yield f"- {label(row['file'], 200)}, {row['line']}{column}: {row['rule']} ({row['expectation']})"
    if wrong.height > POSITIONS:
        yield _MORE[lang].format(n=wrong.height - POSITIONS)
