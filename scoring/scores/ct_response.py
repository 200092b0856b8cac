"""Response of bone lesions on CT (G1 2), per lesion and per examination."""

from __future__ import annotations

from typing import Any

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text

RESPONSES = {
    "progression": Text("progression", "progression"),
    "discordant": Text("criteria of progression and of response", "critères de progression et de réponse"),
    "not_conclusive": Text("cannot be concluded", "impossibilité de conclure"),
    "response": Text("response", "réponse"),
    "stable": Text("no criterion (stability)", "aucun critère (stabilité)"),
}
"""From what settles an examination to what gives way to all others."""
_RANKS = {response: len(RESPONSES) - place for place, response in enumerate(RESPONSES)}

_lysis, _tissue, _sclerosis = pl.col("lysis_change"), pl.col("soft_tissue_change"), pl.col("new_sclerosis")
_new_lytic_focus = pl.col("new_focus") & (_sclerosis != "on_normal_bone")
_progression = (_lysis == "increased") | (_tissue == "increased") | _new_lytic_focus
_response = (_lysis == "decreased") | (_tissue == "decreased") | (_sclerosis == "on_lytic_area")
_occult = _sclerosis == "on_normal_bone"


def _first(*ranked: tuple[pl.Expr, str]) -> pl.Expr:
    """The word of the condition that holds; the conditions exclude each other, null where none is known to hold."""
    chain: Any = pl
    for condition, word in ranked:
        chain = chain.when(condition).then(pl.lit(word))
    expression: pl.Expr = chain.otherwise(None)
    return expression


def lesions(context: Context) -> pl.DataFrame:
    """One row per lesion described on a CT: `response`, null where a finding that is not recorded could change it."""
    scans = context.rows("imaging_exams").filter(pl.col("modality") == "ct").select("exam_id", "date")
    rows = context.rows("imaging_findings").join(scans, on="exam_id", maintain_order="left")
    return rows.with_columns(
        response=_first(
            (_progression & ~_response, "progression"),
            (_progression & _response, "discordant"),
            (~_progression & ~_response & _occult, "not_conclusive"),
            (~_progression & _response, "response"),
            (~_progression & ~_response & ~_occult, "stable"),
        )
    )


def exams(context: Context) -> pl.DataFrame:
    """One row per CT that describes a lesion: the response of the lesion that settles it.

    Null where a lesion whose response is not known, or a finding in quarantine, could settle it otherwise.
    """
    known = pl.col("response").replace_strict(_RANKS, default=None, return_dtype=pl.Int32)
    # The furthest that a lesion can still be: without progression, only new sclerosis is open.
    furthest = (
        pl.when(known.is_not_null()).then(known)
        .when(~_progression).then(_RANKS["not_conclusive"])
        .when(_response).then(_RANKS["discordant"])
        .otherwise(_RANKS["progression"])
    )  # fmt: skip
    rows = lesions(context).group_by("patient_id", "pid", "exam_id", "date").agg(
        n_lesions=pl.len().cast(pl.Int32),
        n_not_known=pl.col("response").is_null().sum().cast(pl.Int32),
        rank=known.max(),
        furthest=furthest.max(),
    )  # fmt: skip
    hole = context.hole("imaging_findings")
    settled = (pl.col("rank") == _RANKS["progression"]) | ((pl.col("rank") == pl.col("furthest")) & ~hole)
    words = {rank: response for response, rank in _RANKS.items()}
    response = pl.col("rank").replace_strict(words, default=None, return_dtype=pl.String)
    return rows.with_columns(response=pl.when(settled).then(response))


_HOLES = (
    Text(
        "No change at all has no rule: read as stable.",
        "L'absence de tout changement n'a pas de règle : lue comme une stabilité.",
    ),
    Text(
        "A lesion that meets a criterion of progression and one of response satisfies two rules: discordant.",
        "Une lésion qui remplit un critère de progression et un critère de réponse satisfait deux règles : discordante.",
    ),
    Text(
        "A new lytic focus is not named: read as progression. A new focus is lytic unless it is new sclerosis on normal bone.",
        "L'apparition d'un foyer lytique n'est pas citée : lue comme une progression. Un nouveau foyer est lytique sauf s'il s'agit d'une condensation sur une zone initialement normale.",
    ),
    Text(
        "New sclerosis on a lytic area and a smaller lysis stand one beside the other in a parenthesis: either is enough.",
        "Condensation d'une zone lytique et diminution de l'ostéolyse sont données l'une pour l'autre (parenthèse) : l'une des deux suffit.",
    ),
    Text(
        "A purely sclerotic lesion that grows has no rule, and no change has a threshold of size.",
        "La lésion purement condensante qui augmente n'a pas de règle, et aucun changement n'a de seuil de taille.",
    ),
)  # fmt: skip
_COMBINED = Text(
    "How lesions combine is not printed: progression prevails over discordant, this over not conclusive, response and stability; an examination that is not conclusive is never a progression.",
    "La combinaison des lésions n'est pas imprimée : la progression l'emporte sur le discordant, puis l'impossibilité de conclure, la réponse et la stabilité ; un examen non concluant n'est jamais une progression.",
)

CT_LESION_RESPONSE = Classification(
    id="ct_lesion_response",
    code="S02",
    title=Text("Response of a bone lesion on CT", "Réponse d'une lésion osseuse au scanner"),
    row=Text("bone lesion described on a CT", "lésion osseuse décrite sur un scanner"),
    source=Source(G1, "2"),
    keys=("patient_id", "exam_id", "lesion_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("response", Text("Response", "Réponse"), "token", RESPONSES),
    ),
    headline="response",
    evaluate=lesions,
    holes=_HOLES,
)
CT_RESPONSE = Classification(
    id="ct_response",
    code="S02",
    title=Text("Response of bone on CT", "Réponse osseuse au scanner"),
    row=Text("CT that describes a bone lesion", "scanner qui décrit une lésion osseuse"),
    source=Source(G1, "2"),
    keys=("patient_id", "exam_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("response", Text("Response", "Réponse"), "token", RESPONSES),
        ClassColumn("n_lesions", Text("Lesions described", "Lésions décrites"), "number"),
        ClassColumn("n_not_known", Text("Lesions of unknown response", "Lésions de réponse non connue"), "number"),
    ),
    headline="response",
    evaluate=exams,
    holes=(*_HOLES, _COMBINED),
)
