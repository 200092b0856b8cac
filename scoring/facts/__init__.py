"""Facts: per grain one row per decision with everything that the rules ask about it."""

from __future__ import annotations

import polars as pl

from scoring.core.recommendation import Grain

from . import (
    acetabulum,
    antiresorptive,
    imaging,
    lesions,
    painful_lesions,
    patients,
    procedures,
    radiotherapy,
    short_life,
    spinal_surgery,
    spine,
    systemic,
    trials,
)
from .catalogue import FACTS
from .cohort import Cohort

__all__ = ["FACTS", "GROWING", "ORDER", "Cohort", "build", "growing"]

ORDER = ("centre_id", "patient_id", "index_date", "entity_id", "lesion_id")
"""The order of decisions."""

GROWING = {Grain.ANTIRESORPTIVE_COURSE: antiresorptive.GROWING}
"""The facts of a grain that change with every day of observation, although nothing was recorded. No rule may ask about them."""


def build(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> dict[Grain, pl.DataFrame]:
    """The decisions of the cohort with their facts, one frame per grain, in the order of `ORDER`."""
    frames = {
        Grain.PATIENT: patients.patients(cohort),
        Grain.SPINE_PATIENT: patients.spine_patients(cohort),
        Grain.SUSPICION: trials.suspicions(cohort),
        Grain.METASTATIC_DISEASE: trials.metastatic_diseases(cohort),
        Grain.LESION_ASSESSMENT: lesions.assessments(cohort, scores["mirels"]),
        Grain.SPINAL_ASSESSMENT: spine.assessments(cohort, scores),
        Grain.CORD_COMPRESSION: spine.compressions(cohort, scores["sins"]),
        Grain.IMAGING_EXAM: imaging.exams(cohort),
        Grain.DRUG_DOSE: antiresorptive.doses(cohort),
        Grain.ANTIRESORPTIVE_COURSE: antiresorptive.courses(cohort),
        Grain.RADIOTHERAPY_COURSE: radiotherapy.courses(cohort, scores),
        Grain.PROCEDURE: procedures.procedures(cohort, scores),
        Grain.SPINAL_TREATMENT: spinal_surgery.treatments(cohort),
        Grain.ACETABULAR_LESION: acetabulum.lesions(cohort),
        Grain.SYSTEMIC_LINE: systemic.lines(cohort),
        Grain.PAINFUL_LESION: painful_lesions.assessments(cohort, scores),
        Grain.SHORT_LIFE_EXPECTANCY: short_life.assessments(cohort),
    }
    assert list(frames) == list(Grain)
    return {grain: frame.sort(ORDER, maintain_order=True) for grain, frame in frames.items()}


def growing(cohort: Cohort) -> dict[Grain, pl.DataFrame]:
    """The facts that grow with the end of observation (`GROWING`), by patient_id and entity_id."""
    return {Grain.ANTIRESORPTIVE_COURSE: antiresorptive.growing(cohort)}
