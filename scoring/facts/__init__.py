"""Facts: per grain one row per decision with everything that the rules ask about it."""

from __future__ import annotations

import polars as pl

from scoring.core.recommendation import Grain

from . import (
    antiresorptive,
    imaging,
    lesions,
    painful_lesions,
    patients,
    procedures,
    radiotherapy,
    short_life,
    spine,
    systemic,
)
from .catalogue import FACTS
from .cohort import Cohort

__all__ = ["FACTS", "Cohort", "build"]


def build(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> dict[Grain, pl.DataFrame]:
    """The decisions of the cohort with their facts, one frame per grain, in the order of patient, index date and entity."""
    frames = {
        Grain.PATIENT: patients.patients(cohort),
        Grain.SPINE_PATIENT: patients.spine_patients(cohort),
        Grain.LESION_ASSESSMENT: lesions.assessments(cohort, scores["mirels"]),
        Grain.SPINAL_ASSESSMENT: spine.assessments(cohort, scores),
        Grain.CORD_COMPRESSION: spine.compressions(cohort),
        Grain.IMAGING_EXAM: imaging.exams(cohort),
        Grain.DRUG_DOSE: antiresorptive.doses(cohort),
        Grain.ANTIRESORPTIVE_COURSE: antiresorptive.courses(cohort),
        Grain.RADIOTHERAPY_COURSE: radiotherapy.courses(cohort, scores),
        Grain.PROCEDURE: procedures.procedures(cohort, scores["mirels"]),
        Grain.SYSTEMIC_LINE: systemic.lines(cohort),
        Grain.PAINFUL_LESION: painful_lesions.assessments(cohort, scores),
        Grain.SHORT_LIFE_EXPECTANCY: short_life.assessments(cohort),
    }
    return {grain: frame.sort("patient_id", "index_date", "entity_id") for grain, frame in frames.items()}
