"""Facts of the first work-up of a spinal metastasis: pain, neurological examination, sagittal reconstructions of the CT."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions

REGIONS_WITH_SPINE = ("chest_abdomen_pelvis", "whole_body", "spine")


def add_workup(d: Decisions, cohort: Cohort) -> None:
    """What was examined around the discovery of the first vertebral metastasis."""
    _add_examination(d, cohort)
    _add_reconstruction(d, cohort)


def _of(cohort: Cohort, table: str, keep: pl.Expr) -> Acts:
    return Acts(cohort.context, table, cohort.context.rows(table).filter(keep), "patient")


def _recorded(cohort: Cohort, table: str, known: pl.Expr) -> tuple[Acts, Acts]:
    """Rows on which the answer is true, and rows on which it is not recorded."""
    return _of(cohort, table, known), _of(cohort, table, known.is_null())


def _add_examination(d: Decisions, cohort: Cohort) -> None:
    window = -P.SPINE_WORKUP, P.SPINE_WORKUP
    filled = {name: pl.when(pl.col(name).is_not_null()).then(True) for name in ("pain_nrs", "frankel")}
    scale = _recorded(cohort, "clinical_assessments", filled["pain_nrs"])
    spinal_pain = _of(cohort, "spinal_assessments", pl.col("sins_pain").is_not_null())
    examination = _recorded(
        cohort, "spinal_assessments", filled["frankel"].fill_null(False) | pl.col("neurological_exam_done")
    )
    pain_seen = d.found(scale[0], -P.SPINE_WORKUP) | d.found(spinal_pain, -P.SPINE_WORKUP)
    d.add(
        pain_assessed=d.found(spinal_pain, *window) | d.occurred_or_perhaps(*scale, *window),
        neurology_examined=d.occurred_or_perhaps(*examination, *window),
        workup_due=d.day(P.SPINE_WORKUP).cast(pl.Date),
        workup_later=pain_seen & d.found(examination[0], -P.SPINE_WORKUP),
    )


def _add_reconstruction(d: Decisions, cohort: Cohort) -> None:
    window = -P.SPINE_WORKUP, P.SPINE_WORKUP
    shows_spine = (pl.col("modality") == "ct") & pl.col("region").is_in(list(REGIONS_WITH_SPINE))
    reconstructed = _recorded(cohort, "imaging_exams", shows_spine & pl.col("sagittal_reconstruction"))
    first, _ = d.first(reconstructed[0], -P.SPINE_WORKUP)
    d.add(
        sagittal_reconstruction=d.occurred_or_perhaps(*reconstructed, *window),
        sagittal_reconstruction_date=first.cast(pl.Date),
        sagittal_reconstruction_due=d.day(P.SPINE_WORKUP).cast(pl.Date),
        sagittal_reconstruction_later=d.found(reconstructed[0], P.SPINE_WORKUP + 1),
        spine_ct=d.found(_of(cohort, "imaging_exams", shows_spine), *window),
    )
