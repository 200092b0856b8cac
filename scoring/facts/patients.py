"""Facts of decisions on the patient: the start of an antiresorptive, trials; and on the patient with a spinal lesion."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select
from .local_treatment import add_local_treatment
from .spinal_workup import add_workup
from .trials import add_listed_trials


def patients(cohort: Cohort) -> pl.DataFrame:
    """One row per patient of the cohort; index date: discovery of the first bone lesion."""
    library = cohort.library
    d = Decisions(cohort.context, cohort.patients.select("pid", day="first_day", entity_id=pl.lit("")))
    doses = library.antiresorptive_doses
    first = doses.of_patient.first(d["pid"], d.day(-P.ANTIRESORPTIVE_GAP))
    first_day = doses.of_patient.take("day", first)
    judged_act = doses.of_patient.first_day(d["pid"], d.day(0))
    full_meeting, unrecorded = library.multidisciplinary_meetings
    first_meeting, _ = d.first(full_meeting, 0)
    life = d.state_at_discovery("life_expectancy_days", P.STATE, P.STATE_AFTER_DISCOVERY, judged_act)
    other = Acts(
        cohort.context,
        "drug_administrations",
        cohort.context.rows("drug_administrations").filter(pl.col("drug") == "other_bisphosphonate"),
        "patient",
    )
    d.add(
        life_expectancy_days=life,
        antiresorptive_in_time=d.occurred(doses, -P.ANTIRESORPTIVE_GAP, P.ANTIRESORPTIVE_START),
        first_antiresorptive_date=first_day.cast(pl.Date),
        first_antiresorptive=doses.of_patient.take("drug", first),
        other_bisphosphonate=d.found(other, 0, P.ANTIRESORPTIVE_START),
        antiresorptive_late=select(first_day > d.day(P.ANTIRESORPTIVE_START)),
        antiresorptive_due=d.day(P.ANTIRESORPTIVE_START).cast(pl.Date),
        jaw_osteonecrosis=d.occurred(library.jaw_osteonecrosis, -P.DENTAL_BEFORE, P.ANTIRESORPTIVE_START),
        n_bone_metastases=d.state_at_discovery("n_bone_metastases", P.STATE, P.STATE_AFTER_DISCOVERY),
        multiple_metastases=_multiple(d, judged_act),
        multidisciplinary=d.occurred_or_perhaps(full_meeting, unrecorded, 0, P.MDT_AFTER_DISCOVERY),
        multidisciplinary_date=first_meeting.cast(pl.Date),
        multidisciplinary_late=d.found(full_meeting, P.MDT_AFTER_DISCOVERY + 1),
        multidisciplinary_due=d.day(P.MDT_AFTER_DISCOVERY).cast(pl.Date),
    )
    add_local_treatment(d, cohort)
    add_listed_trials(d)
    return d.frame


def _multiple(d: Decisions, judged_act: pl.Series) -> pl.Series:
    """Two bone metastases or more, by the lesions or by the number recorded, before the antiresorptive is given."""
    until = earlier(d.day(P.STATE_AFTER_DISCOVERY), judged_act)
    wanted = d.frame.select("pid", until=until)
    lesions = wanted.join(d.context.lesions.select("pid", found="day"), on="pid").filter(
        pl.col("found") <= pl.col("until")
    )
    counted = lesions.group_by("pid").agg(lesions=pl.len())
    known = wanted.select("pid").join(counted, on="pid", how="left", maintain_order="left")["lesions"]
    recorded = d.state_at_discovery("n_bone_metastases", P.STATE, P.STATE_AFTER_DISCOVERY, judged_act)
    return select(pl.when((known >= P.MULTIPLE).fill_null(False)).then(True).otherwise(recorded >= P.MULTIPLE))


def spine_patients(cohort: Cohort) -> pl.DataFrame:
    """One row per patient with a vertebral lesion; index date: discovery of the first of them."""
    found = cohort.patients.filter(pl.col("spine_day").is_not_null())
    d = Decisions(cohort.context, found.select("pid", day="spine_day", entity_id=pl.lit("")))
    mri = cohort.context.rows("imaging_exams").filter(pl.col("modality") == "mri")
    whole = Acts(cohort.context, "imaging_exams", mri.filter(pl.col("whole_spine")), "patient")
    spinal = pl.col("region").is_null() | pl.col("region").is_in(["spine", "whole_body"])
    doubtful = Acts(cohort.context, "imaging_exams", mri.filter(pl.col("whole_spine").is_null() & spinal), "patient")
    nearest, _ = d.first(whole, -P.SPINE_MRI_EARLIER)
    d.add(
        whole_spine_mri=d.occurred_or_perhaps(whole, doubtful, -P.SPINE_MRI, P.SPINE_MRI),
        whole_spine_mri_date=nearest.cast(pl.Date),
        whole_spine_mri_earlier=select((nearest < d.day(-P.SPINE_MRI)).fill_null(False)),
        whole_spine_mri_later=d.found(whole, P.SPINE_MRI + 1),
        whole_spine_mri_due=d.day(P.SPINE_MRI).cast(pl.Date),
        whole_spine_mri_observed=d.reaches(d.day(P.SPINE_MRI), "imaging_exams"),
    )
    add_workup(d, cohort)
    return d.frame
