"""Facts of a radiotherapy course that tell whether the lesion and the patient were eligible for ablative radiotherapy."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, select

BELOW_CONUS = ("L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5", "coccyx")
"""The cord ends between L1 and L2 in most adults; L2 is judged where a distance to it is recorded."""


def add_eligibility(d: Decisions, cohort: Cohort) -> None:
    """The meeting that validated the course, and what the text asks of the lesion, the spine and the patient."""
    _add_meetings(d, cohort)
    _add_spine(d, cohort)
    _add_radionuclides(d, cohort)
    evaluated = pl.col("disease_status").is_in(["controlled", "progressive"])
    rows = cohort.context.rows("clinical_assessments").filter(evaluated)
    d.add(
        well_delimited=d.state("well_delimited", P.STATE, table="lesion_assessments", key="lid"),
        assessed_disease_status=d.last_value(
            Acts(cohort.context, "clinical_assessments", rows, "patient"), "disease_status", -P.STATE, 0
        ),
    )


def _add_meetings(d: Decisions, cohort: Cohort) -> None:
    library = cohort.library
    validated, unrecorded = library.meetings_on_sbrt
    validation, _ = d.last(validated, 0)
    meeting, _ = d.last(library.meetings, 0)
    d.add(
        sbrt_validated=d.occurred_or_perhaps(validated, unrecorded, -P.MDT_BEFORE, 0),
        sbrt_validated_too_early=d.found(validated, -P.OLDER_ACT, -P.MDT_BEFORE - 1),
        sbrt_validation_date=validation.cast(pl.Date),
        mdt_before=d.occurred(library.meetings, -P.MDT_BEFORE, 0),
        mdt_before_date=meeting.cast(pl.Date),
    )


def _add_spine(d: Decisions, cohort: Cohort) -> None:
    """Cord and canal at the level of the lesion, as last recorded before the course."""
    level = d.frame.select("lid").join(
        cohort.context.lesions.select("lid", "vertebral_level"), on="lid", how="left", maintain_order="left"
    )["vertebral_level"]
    recorded = {
        name: d.state(column, P.STATE, table="spinal_assessments", key="lid")
        for name, column in (
            ("cord_compression_state", "cord_compression"),
            ("canal_narrowing_percent", "canal_narrowing_percent"),
            ("tumour_cord_distance_mm", "tumour_cord_distance_mm"),
        )
    }
    d.add(
        **recorded,
        below_conus=select(pl.when(d["bone"] == "sacrum").then(True).otherwise(level.is_in(list(BELOW_CONUS)))),
    )


def _add_radionuclides(d: Decisions, cohort: Cohort) -> None:
    rows = cohort.context.rows("drug_administrations").filter(pl.col("drug") == "radionuclide")
    doses = Acts(cohort.context, "drug_administrations", rows, "patient")
    last, _ = d.last(doses, 0)
    recent = d.occurred(doses, 1 - P.RADIONUCLIDE_BEFORE_SBRT, 0)
    d.add(
        radionuclide_before=select(pl.when(last.is_not_null()).then(True).otherwise(recent)),
        radionuclide_recent=recent,
        days_since_radionuclide=d["day"] - last,
    )
