"""Facts of the surgical strategy by Tokuhashi and Tomita: what each table asks for, what was done, what was discussed."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P
from scoring.recommendations.bounds import at_least, at_most, within

from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select

EXTENTS = {
    "en_bloc": ("en_bloc", "oncological"),
    "intralesional": ("intralesional",),
    "palliative": ("palliative", "none"),
}
"""The kinds of spinal surgery that the tables tell apart, the most extensive first, and the recorded extents of each."""
TOKUHASHI_STRATEGY = {"0-8": "conservative", "9-11": "palliative_surgery", "12-15": "excisional_surgery"}
TOMITA_STRATEGY = {
    "2-3": "en_bloc_resection",
    "4-5": "intralesional_resection",
    "6-7": "palliative_surgery",
    "8-10": "supportive_care",
}

_operated = pl.col("spinal_surgery")
_en_bloc, _intralesional, _palliative = (_operated & (pl.col("spinal_resection") == kind) for kind in EXTENTS)
_tokuhashi_accepts = (
    (~_operated & at_most("tokuhashi", 8))
    | (_palliative & within("tokuhashi", 9, 11))
    | ((_intralesional | _en_bloc) & at_least("tokuhashi", 12))
)
_tomita_accepts = (
    (~_operated & at_least("tomita", 8))
    | (_palliative & within("tomita", 6, 7))
    | (_intralesional & within("tomita", 4, 5))
    | (_en_bloc & at_most("tomita", 3))
)


def add_strategy(d: Decisions, cohort: Cohort) -> None:
    """What each table asks for and whether it accepts what was done; asks for `spinal_surgery` and the scores."""
    library = cohort.library
    surgery, _ = d.first(library.spinal_surgery, 0)
    kinds = {kind: spinal_operations(cohort, extents) for kind, extents in EXTENTS.items()}
    by_60_days = (surgery <= d.day(P.LOCAL_TREATMENT)).fill_null(False)
    d.add(
        spinal_resection=_resection(d, kinds, spinal_operations(cohort, None)),
        strategy_discussed=d.occurred(
            library.meetings, -P.MDT_BEFORE, earlier(d.day(P.LOCAL_TREATMENT), surgery)
        ),
        # An operation shows which way was chosen: nothing is awaited after it.
        strategy_due=select(pl.when(~by_60_days).then(d.day(P.LOCAL_TREATMENT))).cast(pl.Date),
        locally_treated=d.found(library.local_treatments, 0, P.LOCAL_TREATMENT),
        stabilised_after=d.found(library.stabilisations, 0, P.LOCAL_TREATMENT),
        tokuhashi_strategy=_strategy("tokuhashi", TOKUHASHI_STRATEGY),
        tomita_strategy=_strategy("tomita", TOMITA_STRATEGY),
        **{f"{kind}_later": d.found(acts, P.LOCAL_TREATMENT + 1) for kind, acts in kinds.items()},
    )  # fmt: skip
    d.add(tokuhashi_accepts=_tokuhashi_accepts, tomita_accepts=_tomita_accepts)
    _add_quoted_scores(d, cohort)


def _strategy(score: str, strategies: dict[str, str]) -> pl.Expr:
    return pl.col(f"{score}_band").cast(pl.String).replace_strict(strategies, default=None, return_dtype=pl.String)


def spinal_operations(cohort: Cohort, extents: tuple[str, ...] | None) -> Acts:
    """Operations on the spine with one of the extents of resection, or (None) of which it is not recorded."""
    extent = pl.col("resection_extent")
    wanted = extent.is_null() if extents is None else extent.is_in(list(extents))
    rows = cohort.context.rows("procedures").filter((pl.col("category") == "spinal_surgery") & wanted)
    return Acts(cohort.context, "procedures", rows, "lesion")


def _resection(d: Decisions, kinds: dict[str, Acts], unrecorded: Acts) -> pl.Series:
    """The kind of the most extensive operation in time; null where an operation may have been more extensive."""

    def seen(acts: Acts) -> list[pl.Series]:
        """On the lesion; perhaps on the lesion."""
        return [(day <= d.day(P.LOCAL_TREATMENT)).fill_null(False) for day in d.first(acts, 0)]

    en_bloc, perhaps_en_bloc = seen(kinds["en_bloc"])
    intralesional, perhaps_intralesional = seen(kinds["intralesional"])
    unknown, perhaps_unknown = seen(unrecorded)
    return select(
        pl.when(~d["spinal_surgery"].fill_null(False)).then(None)
        .when(en_bloc).then(pl.lit("en_bloc"))
        .when(perhaps_en_bloc | unknown | perhaps_unknown).then(None)
        .when(intralesional).then(pl.lit("intralesional"))
        .when(perhaps_intralesional).then(None)
        .otherwise(pl.lit("palliative"))
    )  # fmt: skip


def _add_quoted_scores(d: Decisions, cohort: Cohort) -> None:
    """Was a prognostic score known on that day, and quoted in the record of a meeting?"""
    quoting, unrecorded = cohort.library.meetings_quoting_any(("tokuhashi", "tomita"))
    known = [pl.col(f"opens_{score}") & pl.col(f"{score}_total").is_not_null() for score in ("tokuhashi", "tomita")]
    d.add(
        prognosis_scored=known[0] | known[1],
        scores_quoted=d.occurred_or_perhaps(quoting, unrecorded, -P.MDT_BEFORE, P.SCORES_QUOTED),
        scores_quoted_later=d.found(quoting, P.SCORES_QUOTED + 1),
        scores_quoted_due=d.day(P.SCORES_QUOTED).cast(pl.Date),
        meeting_held=d.found(cohort.library.meetings, -P.MDT_BEFORE, P.SCORES_QUOTED),
    )
