"""Deposits that are held back: too many rows refused, too many patients lost, or blocked by the quality gate."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines import quality
from reports.words import percent
from scoring.core.text import Text
from validation.quality import gate

from . import planning
from .deposits import Deposit
from .planning import Hold
from .tonight import Night

REFUSED = Text(
    "{share} of its rows are in quarantine (at most {limit} are allowed)",
    "{share} de ses lignes sont en quarantaine (au plus {limit} sont admis)",
)
LOST = Text(
    "it lacks {share} of the patients whom the centre had before (at most {limit} are allowed)",
    "il lui manque {share} des patients que le centre avait auparavant (au plus {limit} sont admis)",
)
GATE = Text("the quality gate blocks it", "le contrôle qualité le bloque")
NOT_COUNTED = ("linked_row", "duplicate_row")
"""Rows in quarantine that are not wrong."""


def blocked(night: Night, judged: pl.DataFrame) -> tuple[dict[str, Hold], Hold | None]:
    """The deposits to be held back, and why nothing can be published at all, if so; `judged` is the quality gate's frame."""
    new = _new(night)
    found: dict[str, Hold] = {}
    for deposit in new:
        for words, share, limit in (*_refused(night, deposit), *_lost(night, deposit)):
            said = {
                lang: words[lang].format(share=percent(share, lang), limit=percent(limit, lang))
                for lang in ("en", "fr")
            }
            found[deposit.id] = Hold(**said, details=(), judged_with=_mark(night, deposit))
    failed = gate.failures(judged).filter(pl.col("severity") == "block")
    if found or failed.is_empty():
        return found, None
    for deposit in new:
        mine = failed.filter((pl.col("centre_id") == deposit.centre).fill_null(True))
        if mine.height:
            found[deposit.id] = Hold(GATE.en, GATE.fr, _details(mine), _mark(night, deposit))
    return found, None if found else Hold(GATE.en, GATE.fr, _details(failed), "")


def _details(failed: pl.DataFrame) -> tuple[str, ...]:
    return tuple(f"{row['en']}: {quality.found(row)}. {row['do_en']}" for row in failed.iter_rows(named=True))


def _new(night: Night) -> list[Deposit]:
    """The deposits in effect that were not in the run in force."""
    assert night.plan is not None
    before = night.before.entry.facts["chains"] if night.before else {}
    return [
        deposit
        for centre, chain in night.plan.chains.items()
        for deposit in chain
        if deposit.id not in before.get(centre, ())
    ]


def _mark(night: Night, deposit: Deposit) -> str:
    assert night.plan is not None
    return planning.judged_with(night.home, night.plan.sent[deposit.centre])


def _refused(night: Night, deposit: Deposit) -> Iterator[tuple[Text, float, float]]:
    """The share of the rows of a deposit that are in quarantine, where it is too large."""
    assert night.assembled is not None
    intake, limit = night.assembled.intake, night.config.accept.most_refused
    names = {kept.file.path for kept in deposit.kept}
    wrong = intake.quarantine.filter(pl.col("file").is_in(names) & ~pl.col("rule").is_in(NOT_COUNTED))
    refused = wrong.unique(["file", "line", "table"]).height
    rows = sum(deposit.rows.values())
    if rows and refused / rows > limit:
        yield REFUSED, refused / rows, limit


def _lost(night: Night, deposit: Deposit) -> Iterator[tuple[Text, float, float]]:
    """The share of its patients that a centre would lose by a full deposit, where it is too large."""
    if deposit.kind != "full" or night.was is None or night.assembled is None:
        return
    had, has = (
        set(known.found.tables["patients"].filter(pl.col("centre_id") == deposit.centre)["patient_id"])
        for known in (night.was, night.assembled)
    )
    limit = night.config.accept.most_lost
    if had and len(had - has) / len(had) > limit:
        yield LOST, len(had - has) / len(had), limit
