"""Facts of decisions on trials: the suspicion of a lung cancer, metastatic disease, and what was proposed."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select
from .imaging import PET, SCINTIGRAPHY

TRIALS = ("LIBELULE", "PRISM", "STEREO_OS", "TELOCAP02")


def proposed(d: Decisions, trial: str) -> pl.Series:
    """Was the patient screened or enrolled, or not included for a reason other than not offered, on whatever date?"""
    rows = d.context.rows("trial_screenings").filter(pl.col("trial") == trial)
    nothing_done = pl.col("screened_date").is_null() & pl.col("enrolled_date").is_null()
    passed_over = (pl.col("non_inclusion_reason") == "not_offered").fill_null(False) & nothing_done
    offered, refuted = (
        d["pid"].is_in(rows.filter(keep)["pid"].unique().implode()) for keep in (~passed_over, passed_over)
    )
    proves = d.proves("trial_screenings")
    return select(pl.when(offered).then(True).when(refuted | proves).then(False).otherwise(None))


def add_listed_trials(d: Decisions) -> None:
    """Which of the listed trials were open on the day of the discovery, and whether one of the four was proposed."""
    windows = {"telocap02": P.TELOCAP02_WINDOW, "stereo_os": P.STEREO_OS_WINDOW, "prism": P.PRISM_WINDOW}
    d.add(
        trial_screened=proposed(d, "STEREO_OS"),
        trial_proposed=select(pl.any_horizontal([proposed(d, trial) for trial in TRIALS])),
        **{f"{trial}_open": pl.col("index_date").is_between(*window) for trial, window in windows.items()},
    )


def suspicions(cohort: Cohort) -> pl.DataFrame:
    """One row per patient of the cohort; index date: the start of the initial work-up, which is the suspicion if recorded."""
    context = cohort.context
    rows = cohort.patients.join(cohort.workup, on="pid", how="left", maintain_order="left").join(
        context.tumours.select("pid", "suspicion_date"), on="pid", how="left", maintain_order="left"
    )
    d = Decisions(
        context,
        rows.select(
            "pid", "workup_to", "metastatic_day", "first_day", "suspicion_date", day="workup_from", entity_id=pl.lit("")
        ),
    )
    found = earlier(d["metastatic_day"], d["first_day"])
    d.add(
        suspicion_known=select(pl.when(d["suspicion_date"].is_not_null()).then(True)),
        metastatic_at_workup=select(
            pl.when(found <= d["workup_to"])
            .then(True)
            .when(d["metastatic_day"].is_not_null())
            .then(False)
            .otherwise(None)
        ),
        libelule_proposed=proposed(d, "LIBELULE"),
    )
    _add_workup_imaging(d, cohort)
    return d.frame


def _add_workup_imaging(d: Decisions, cohort: Cohort) -> None:
    """A scintigraphy in the initial work-up, and a PET of the work-up before it."""
    exams = cohort.context.rows("imaging_exams")
    scintigraphies, pets = (
        Acts(cohort.context, "imaging_exams", exams.filter(pl.col("modality") == modality), "patient")
        for modality in (SCINTIGRAPHY, PET)
    )
    first, _ = d.first(scintigraphies, 0)
    d.add(
        workup_scintigraphy=d.occurred(scintigraphies, 0, d["workup_to"]),
        workup_pet_before=d.occurred(pets, 0, earlier(first - 1, d["workup_to"])),
    )


def metastatic_diseases(cohort: Cohort) -> pl.DataFrame:
    """One row per patient of the cohort; index date: metastatic disease known, else the first bone lesion."""
    rows = cohort.patients.join(cohort.workup, on="pid", how="left", maintain_order="left")
    day = pl.coalesce("metastatic_day", "first_day")
    d = Decisions(cohort.context, rows.select("pid", day=day, entity_id=pl.lit("")))
    d.add(telocap02_proposed=proposed(d, "TELOCAP02"))
    return d.frame
