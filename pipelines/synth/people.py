"""Patients and their primary tumours, with the hidden course of each patient that everything else follows."""

from __future__ import annotations

import polars as pl

from .draw import EXTRACTION, day, numbered, only_if, snapped
from .network import Block

LUNG_HISTOLOGY = {
    "adenocarcinoma": 0.56,
    "squamous_cell": 0.16,
    "large_cell": 0.03,
    "sarcomatoid": 0.02,
    "nsclc_nos": 0.05,
    "sclc": 0.11,
    "lcnec": 0.02,
    "typical_carcinoid": 0.006,
    "atypical_carcinoid": 0.008,
    "other": 0.006,
    "": 0.03,
}
MEDIAN_SURVIVAL = {
    "adenocarcinoma": 300,
    "squamous_cell": 220,
    "large_cell": 220,
    "sarcomatoid": 160,
    "nsclc_nos": 230,
    "sclc": 190,
    "lcnec": 200,
    "typical_carcinoid": 1800,
    "atypical_carcinoid": 1200,
    "other": 450,
}
"""Days from the discovery of the bone metastasis; invented, to make cohorts of plausible length."""

OTHER_SITES = {
    "breast": 3,
    "prostate": 3,
    "kidney": 2,
    "colon": 1,
    "rectum": 0.6,
    "thyroid": 0.7,
    "unknown_primary": 1,
    "myeloma_lymphoma": 1,
    "bladder": 0.6,
    "stomach": 0.3,
    "oesophagus": 0.3,
    "pancreas": 0.3,
    "liver": 0.3,
    "gallbladder": 0.1,
    "uterus": 0.3,
    "osteosarcoma": 0.05,
    "other": 0.5,
}


def people(block: Block) -> pl.DataFrame:
    """One row per patient: life, tumour, severity, survival. `anchor` is the day the bone metastasis was found.

    `until` is the last day on which anything can have been recorded.
    """
    draw = block.draw("people", block.size)
    frame = pl.DataFrame({"p": pl.int_range(block.size, dtype=pl.Int32, eager=True)}).with_columns(
        sex=draw.pick({"male": 0.66, "female": 0.34}),
        site=pl.when(draw.chance(0.92)).then(pl.lit("lung")).otherwise(draw.pick(OTHER_SITES)),
        lung_histology=draw.pick(LUNG_HISTOLOGY),
        # The registry grew: few of its patients were found before the edition of 2022-07-30.
        anchor=pl.when(draw.chance(0.14))
        .then(draw.days(day(2021, 6, 1), day(2022, 7, 29)))
        .otherwise(draw.days(day(2022, 7, 30), day(2026, 4, 30))),
        severity=draw.normal(),
        optimism=draw.normal(0, 0.35),
        single=draw.chance(0.20),
        with_bone=draw.chance(0.98),
        visceral=draw.chance(0.45),
        egfr=draw.pick({"mutated": 0.14, "wild_type": 0.76, "not_tested": 0.10}),
        spread=draw.number({2: 30, 3: 22, 4: 14, 5: 9, 6: 5}),
        clearance=snapped(draw.normal(76, 26).clip(12, 150), (30, 60), 3, draw.chance(0.5)),
        age=draw.normal(66, 9.5).clip(34, 92),
        lost=draw.chance(0.05),
        lost_at=draw.uniform(0.3, 0.95),
        silent=draw.days(0, 60),
        spare=draw.normal(),
    )
    lung = pl.col("site") == "lung"
    frame = frame.with_columns(
        histology=pl.when(lung)
        .then("lung_histology")
        .otherwise(draw.pick({"adenocarcinoma": 0.5, "other": 0.35, "": 0.15})),
        n_lesions=pl.when(~pl.col("with_bone"))
        .then(0)
        .when(pl.col("single"))
        .then(1)
        .otherwise("spread")
        .cast(pl.Int32),
    )
    return _lives(frame).pipe(_diagnosis, block)


def _lives(frame: pl.DataFrame) -> pl.DataFrame:
    mutated = (pl.col("site") == "lung") & (pl.col("egfr") == "mutated") & (pl.col("histology") == "adenocarcinoma")
    median = (
        pl.when(mutated)
        .then(650)
        .when(pl.col("site") != "lung")
        .then(500)
        .otherwise(pl.col("histology").replace_strict(MEDIAN_SURVIVAL, default=240, return_dtype=pl.Int32))
    )
    survival = (median * (0.7 * pl.col("spare") - 0.6 * pl.col("severity")).exp()).clip(4, 5000)
    death = pl.col("anchor") + pl.col("survival")
    alive = EXTRACTION - pl.col("anchor")
    return (
        frame.with_columns(survival=survival.cast(pl.Int32))
        .with_columns(death=only_if(death <= EXTRACTION, death))
        .with_columns(
            until=pl.when(pl.col("death").is_not_null())
            .then("death")
            .when("lost")
            .then(pl.col("anchor") + (alive * pl.col("lost_at")).cast(pl.Int32))
            .otherwise(pl.max_horizontal(EXTRACTION - pl.col("silent"), "anchor"))
            .cast(pl.Int32)
        )
        .drop("spare", "lost", "lost_at", "silent")
    )


def _diagnosis(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("diagnosis", frame.height)
    ago = pl.when(draw.chance(0.62)).then(draw.days(0, 24)).otherwise(25 + (draw.normal(5.9, 0.8).exp()).clip(1, 3000))
    frame = frame.with_columns(diagnosis=(pl.col("anchor") - ago).cast(pl.Int32))
    treated = pl.col("diagnosis") + draw.days(12, 45)
    return frame.with_columns(
        birth=(pl.col("diagnosis") - pl.col("age") * 365.25).cast(pl.Int32),
        suspicion=pl.col("diagnosis") - draw.days(0, 60),
        metastatic_known=pl.when(draw.chance(0.25))
        .then(pl.max_horizontal("diagnosis", pl.col("anchor") - draw.days(0, 40)))
        .otherwise("anchor"),
        first_treatment=only_if(draw.chance(0.92) & (treated < pl.col("until")), treated),
    )


def patients(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    """The contract's patients."""
    draw = block.draw("patients", people.height)
    day_of_month = pl.col("birth").cast(pl.Date).dt.day().cast(pl.Int32)
    day_of_year = pl.col("birth").cast(pl.Date).dt.ordinal_day().cast(pl.Int32)
    truncated = draw.uniform()
    frame = people.select(
        "p",
        "sex",
        birth_date=pl.when(truncated < 0.1)
        .then(pl.col("birth") - day_of_year + 1)
        .when(truncated < 0.3)
        .then(pl.col("birth") - day_of_month + 1)
        .otherwise("birth"),
        centre_id=pl.lit(block.centre.id),
        death_date="death",
        last_contact_date="until",
    )
    return block.blanked("patients", frame, {"birth_date": 0.01, "sex": 0.005, "last_contact_date": 0.04})


def primary_tumours(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    """The contract's primary tumours; a few patients have a second, older cancer."""
    draw = block.draw("tumours", people.height)
    lung = pl.col("site") == "lung"
    first = people.with_columns(
        size=(3.5 + 0.45 * draw.normal() + 0.1 * pl.col("severity")).exp().clip(4, 180).round(0),
        n_stage=draw.pick({"N0": 0.16, "N1": 0.12, "N2": 0.36, "N3": 0.28, "NX": 0.08}),
        tomita_growth=only_if(draw.chance(0.06), draw.pick({"rapid": 0.8, "moderate": 0.15, "slow": 0.05})),
    ).select(
        "p",
        "histology",
        "n_stage",
        "tomita_growth",
        primary_site="site",
        suspicion_date="suspicion",
        diagnosis_date="diagnosis",
        metastatic_known_date="metastatic_known",
        first_treatment_date="first_treatment",
        size_mm="size",
        egfr_status=only_if(lung & (pl.col("histology") != "sclc"), pl.col("egfr")),
    )
    first = block.blanked(
        "tumours",
        first,
        {
            "suspicion_date": 0.08,
            "metastatic_known_date": 0.04,
            "first_treatment_date": 0.03,
            "size_mm": 0.12,
            "n_stage": 0.05,
            "egfr_status": 0.05,
        },
    )
    return numbered(pl.concat([first, _second_cancers(block, people)], how="diagonal_relaxed"), "diagnosis_date")


def _second_cancers(block: Block, people: pl.DataFrame) -> pl.DataFrame:
    few = people.filter(block.draw("second cancers", people.height).chance(0.012))
    draw = block.draw("second cancers, dates", few.height)
    diagnosed = pl.col("diagnosis") - draw.days(700, 4000)
    return few.with_columns(diagnosis_date=diagnosed).select(
        "p",
        "diagnosis_date",
        primary_site=draw.pick({"breast": 1, "prostate": 1.5, "colon": 1, "bladder": 1, "other": 0.5}),
        suspicion_date=pl.col("diagnosis_date") - 20,
        first_treatment_date=pl.col("diagnosis_date") + 30,
        size_mm=draw.uniform(5, 60).round(0),
    )
