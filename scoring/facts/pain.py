"""The pain of a lesion, as its assessments describe it."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .decisions import Decisions

COLUMNS = ("symptomatic", "mirels_pain", "pain_mechanism", "pain_on_loading", "pain_disabling", "pain_refractory")
"""The columns of `lesion_assessments` that tell of pain."""


def kinds() -> dict[str, pl.Expr]:
    """Three-valued, over COLUMNS: refractory, disabling, and limiting pain (mechanical, on loading, or disabling).

    A kind that is not recorded is false where the lesion is recorded as painless; Mirels' functional pain is disabling.
    """
    no_pain = ~pl.col("symptomatic") | (pl.col("mirels_pain") == "none") | (pl.col("pain_mechanism") == "none")
    painless = pl.when(no_pain).then(False)
    disabling = pl.coalesce("pain_disabling", pl.col("mirels_pain") == "functional", painless)
    mechanical = pl.coalesce(pl.col("pain_mechanism").is_in(["mechanical", "mixed"]), painless)
    return {
        "refractory_pain": pl.coalesce("pain_refractory", painless),
        "disabling_pain": disabling,
        "limiting_pain": mechanical | pl.coalesce("pain_on_loading", painless) | disabling,
    }


def add_state(d: Decisions) -> None:
    """The kinds of pain of the decision's lesion, of the latest recorded value of each column."""
    states = {column: d.state(column, P.STATE, table="lesion_assessments", key="lid") for column in COLUMNS}
    found = pl.DataFrame([values.alias(column) for column, values in states.items()]).select(**kinds())
    d.add(**{name: found[name] for name in found.columns})
