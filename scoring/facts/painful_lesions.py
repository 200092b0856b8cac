"""Decisions on a painful lesion: assessments that newly show the pain in question, and the local treatment that follows."""

from __future__ import annotations

import polars as pl

from scoring.core.answers import answer
from scoring.recommendations import parameters as P
from scoring.recommendations.bounds import at_least
from scoring.scores.mirels import LONG_BONES

from . import pain
from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, holds, select
from .indications import fractured
from .library import SPINE, SURGERY
from .scored import bounds

OPENS = {
    "opens_refractory": "refractory_pain",
    "opens_limiting": "limiting_pain",
    "opens_disabling": "disabling_refractory_pain",
}
"""Whether an assessment opens a decision on a kind of pain: column -> pain."""


def assessments(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per assessment that newly shows, or may show, a kind of pain; `opens_<kind>` says which."""
    rows = cohort.keep(scores["mirels"]).sort("lid", "day", "assessment_id")
    rows = rows.with_columns(**pain.kinds()).with_columns(
        disabling_refractory_pain=pl.col("disabling_pain") & pl.col("refractory_pain")
    )
    rows = rows.with_columns(**{name: _newly(rows, kind, cohort) for name, kind in OPENS.items()})
    rows = rows.filter(pl.any_horizontal(list(OPENS)))
    kept = ("pid", "lid", "day", "bone", *OPENS, "refractory_pain", "limiting_pain", "disabling_pain")
    mirels = {"mirels_min": "total_min", "mirels_max": "total_max", "mirels_missing": "missing_input"}
    d = Decisions(cohort.context, rows.select(*kept, **mirels, entity_id="assessment_id"))
    _add_complications(d, scores["sins"])
    _add_treatment(d, cohort)
    return d.frame


def _newly(rows: pl.DataFrame, kind: str, cohort: Cohort) -> pl.Series:
    """Is the pain there, or perhaps there, and not known from an earlier assessment without local treatment since?

    `rows` are in the order of lesion, day and assessment.
    """
    told = pl.when(pl.col(kind).is_not_null()).then(pl.int_range(pl.len(), dtype=pl.UInt32))
    before = rows.select(told.shift(1).forward_fill()).to_series()
    known = answer((rows["lid"][before].eq_missing(rows["lid"]) & rows[kind][before], True), otherwise=False)
    treatments = cohort.library.local_treatments.of_lesion
    treated = (treatments.first_day(rows["lid"], rows["day"][before] + 1) <= rows["day"]).fill_null(False)
    return rows[kind].fill_null(True) & ~(known & ~treated)


def _add_complications(d: Decisions, sins: pl.DataFrame) -> None:
    """Fracture, cord compression and instability of the lesion when its pain is found."""
    sins_min, sins_max, sins_missing = bounds(d, sins, d["day"])
    compression = d.state("cord_compression", P.STATE, table="spinal_assessments", key="lid")
    d.add(spinal=pl.col("bone").is_in(list(SPINE)))
    d.add(
        fractured=fractured(d),
        compressed=select(pl.when(~d["spinal"]).then(False).otherwise(compression != "none")),
        about_to_break=pl.col("bone").is_in(list(LONG_BONES)) & at_least("mirels", 9),
        sins_min=sins_min,
        sins_max=sins_max,
        ir_accessible=d.state("ir_accessible", P.STATE, table="lesion_assessments", key="lid"),
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        fit_for_surgery=d.state("fit_for_surgery", P.STATE),
        fit_for_anaesthesia=d.state("fit_for_anaesthesia", P.STATE),
    )
    d.add(unstable_spine=pl.col("spinal") & at_least("sins", 13))
    d.add(
        about_to_break_missing=pl.when(pl.col("about_to_break").is_null()).then(pl.col("mirels_missing")),
        unstable_spine_missing=pl.when(d["unstable_spine"].is_null()).then(sins_missing),
    )


def _add_treatment(d: Decisions, cohort: Cohort) -> None:
    """What was done on the lesion: before, and in the time that answers to the pain."""
    library, rows = cohort.library, cohort.context.rows("procedures")

    def done(keep: pl.Expr) -> Acts:
        return Acts(cohort.context, "procedures", rows.filter(keep), "lesion")

    interventions = pl.col("category") == "interventional_radiology"
    others = done(interventions | pl.col("category").is_in(list(SURGERY)))
    cement = done((pl.col("technique") == "cementoplasty") | holds("associated_techniques", ["cementoplasty"]))
    fixations = library.fixations_not_for_fracture
    course, _ = d.first(library.courses, 0)
    other, _ = d.first(others, 0)
    end = d.day(P.LOCAL_TREATMENT)
    until = earlier(end, other)
    in_time = d.occurred(library.courses, 0, until)
    d.add(
        irradiated_before=_ever_before(d, library.courses, 0),
        cementoplasty_before=_ever_before(d, cement, -P.OLDER_ACT),
        radiotherapy_first=select(pl.when(in_time).then(~d.occurred(others, 0, course - 1)).otherwise(in_time)),
        radiotherapy_first_late=select((course > end) & (other >= course).fill_null(True)),
        radiotherapy_first_due=until.cast(pl.Date),
        radiotherapy_date=course.cast(pl.Date),
        other_treatment_date=other.cast(pl.Date),
        irradiated=d.occurred(library.courses, 0, end),
        intervened=d.occurred(done(interventions), 0, end),
        fixed_after=d.occurred(fixations, 0, end),
        fixed_after_late=d.found(fixations, P.LOCAL_TREATMENT + 1),
        fixed_after_due=end.cast(pl.Date),
        fixation_date=d.first(fixations, 0)[0].cast(pl.Date),
    )


def _ever_before(d: Decisions, acts: Acts, provable_since: int) -> pl.Series:
    """Was there an act on the lesion before the decision, at any time? Null for one of which the lesion is not known."""
    sure, doubtful = d.last(acts, -1)
    return select(
        pl.when(sure.is_not_null()).then(True)
        .when(doubtful.is_not_null()).then(None)
        .when(d.provable(acts.table, provable_since)).then(False)
        .otherwise(None)
    )  # fmt: skip
