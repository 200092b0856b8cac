"""Facts of decisions on a long-bone lesion: what the meeting discussed, how it was fixed, why a fracture was not operated."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Decisions, holds, select

PERCUTANEOUS = ("percutaneous_screw", "percutaneous_nail")


def fractured(d: Decisions) -> pl.Series:
    """Has the lesion a pathological fracture, known at any time up to the decision?"""
    assessed = d.context.rows("lesion_assessments")
    broken = Timeline(assessed.filter(pl.col("fracture_status") == "pathological_fracture"), "lid")
    ever = broken.last_day(d["lid"], d["day"]).is_not_null()
    status = d.state("fracture_status", P.STATE, table="lesion_assessments", key="lid")
    return select(pl.when(ever).then(True).when(status.is_not_null()).then(False).otherwise(None))


def add_to_lesions(d: Decisions, cohort: Cohort) -> None:
    """Facts beside those of `lesions`."""
    library = cohort.library
    both, unrecorded = library.meetings_naming("radiotherapy", "surgery")
    treatment = library.local_treatments.of_lesion.first_day(d["lid"], d["day"])
    later, _ = d.first(both, P.MDT_BEFORE + 1)
    # Why a fracture is not operated is known in the days after it; no operation of these days is judged.
    days, last = P.STATE + P.FRACTURE_SURGERY, P.FRACTURE_SURGERY
    fit = [d.state(f"fit_for_{what}", days, at=last) for what in ("surgery", "anaesthesia")]
    d.add(
        options_discussed=d.occurred_or_perhaps(both, unrecorded, -P.MDT_BEFORE, d["mdt_due"].cast(pl.Int32)),
        options_late=select(later.is_not_null() & (treatment.is_null() | (later <= treatment))),
        unfit_after_fracture=~fit[0] | ~fit[1],
        life_expectancy_after_fracture=d.state("life_expectancy_days", days, at=last),
        stabilised_in_two_days=d.occurred(library.fixations, 0, P.FRACTURE_STABILISED),
        stabilised_in_a_week=d.occurred(library.fixations, 0, P.FRACTURE_FIRST_WEEK),
    )
    _add_fixation(d, cohort)


def _add_fixation(d: Decisions, cohort: Cohort) -> None:
    """The first fixation of the lesion that is not for a fracture: by which way, and whether with cement."""
    acts = cohort.library.fixations_not_for_fracture
    by_technique = pl.col("technique").is_in(list(PERCUTANEOUS)) | holds("associated_techniques", PERCUTANEOUS)
    percutaneous = (
        by_technique.fill_null(False)
        | (pl.col("category") == "interventional_radiology")
        | (pl.col("approach") == "percutaneous").fill_null(False)
    )
    told = pl.col("technique").is_not_null() | pl.col("approach").is_not_null()
    cement = [
        pl.col("technique") == "cementoplasty",
        holds("associated_techniques", ["cementoplasty"]),
        pl.col("cement_added"),
    ]
    rows = acts.of_lesion.rows.with_columns(
        percutaneous=pl.when(percutaneous).then(True).when(told).then(False),
        cement=pl.any_horizontal([one.fill_null(False) for one in cement]),
    )
    known = Timeline(rows, "lid", ["procedure_id"])
    position = known.first(d["lid"], d["day"])
    position = select(pl.when(known.take("day", position) <= d.day(P.LOCAL_TREATMENT)).then(position))
    d.add(
        fixed_after=d.occurred(acts, 0, P.LOCAL_TREATMENT),
        fixed_percutaneously=known.take("percutaneous", position),
        fixed_with_cement=known.take("cement", position),
    )
