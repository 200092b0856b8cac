"""Who is judged: patients with a lung primary and a bone metastasis."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from scoring.context import Context, day_of
from scoring.recommendations import parameters as P

from .library import Library


class Cohort:
    """The patients that are judged, with their first discoveries and their initial work-up."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.library = Library(context)

    @cached_property
    def patients(self) -> pl.DataFrame:
        """pid, first_day (first bone lesion), spine_day (first vertebral lesion, null if none), in the order of pid."""
        lung = self.context.tumours.filter(pl.col("primary_site") == "lung").select("pid")
        vertebral = pl.col("day").filter(pl.col("bone") == "vertebra")
        lesions = self.context.lesions.group_by("pid").agg(first_day=pl.col("day").min(), spine_day=vertebral.min())
        return lesions.join(lung, on="pid", how="semi").sort("pid")

    def keep(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of the cohort's patients, in the order of patient and day."""
        return rows.filter(self._judged[rows["pid"]])

    @cached_property
    def _judged(self) -> pl.Series:
        """By pid: is the patient one of the cohort?"""
        return self.context.patients["pid"].is_in(self.patients["pid"].implode())

    @cached_property
    def workup(self) -> pl.DataFrame:
        """pid and the first and last day of the initial work-up of the tumour of record (P02), with metastatic_day."""
        diagnosis = day_of("diagnosis_date")
        return self.context.tumours.select(
            "pid",
            workup_from=pl.coalesce(day_of("suspicion_date"), diagnosis - P.WORKUP_BEFORE_DIAGNOSIS),
            workup_to=pl.min_horizontal(day_of("first_treatment_date"), diagnosis + P.WORKUP_AFTER_DIAGNOSIS),
            metastatic_day=day_of("metastatic_known_date"),
        )
