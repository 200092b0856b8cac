"""Facts of decisions on an FDG-PET, a bone scintigraphy or a CT."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, earlier, select

PET, SCINTIGRAPHY, CT = "fdg_pet_ct", "bone_scintigraphy", "ct"
OPINIONS = ("spine_surgery_opinion", "orthopaedic_opinion", "interventional_opinion", "specialist_opinion")


def exams(cohort: Cohort) -> pl.DataFrame:
    """One row per FDG-PET, scintigraphy or CT; index date: the examination."""
    context = cohort.context
    rows = cohort.keep(context.rows("imaging_exams")).filter(pl.col("modality").is_in([PET, SCINTIGRAPHY, CT]))
    read = [
        "modality", "indication", "response_conclusion",
        "bone_window_read", "femurs_in_field", "lower_limbs_in_field", "n_bone_foci",
    ]  # fmt: skip
    rows = rows.select("pid", "day", *read, entity_id="exam_id")
    rows = rows.join(cohort.workup, on="pid", how="left", maintain_order="left")
    d = Decisions(context, rows)
    d.add(
        in_workup=(pl.col("day") >= pl.col("workup_from")) & (pl.col("day") <= pl.col("workup_to")),
        after_workup=pl.col("day") > pl.col("workup_to"),
        metastatic_known_date=pl.col("metastatic_day").cast(pl.Date),
        flare_findings=shown(d, "flare"),
        femurs_covered=pl.coalesce("femurs_in_field", pl.when("lower_limbs_in_field").then(True)),
        distal_limb_pain=d.state("distal_limb_pain", P.DISTAL_PAIN),
    )
    _add_earlier_acts(d, cohort)
    _add_pain(d, cohort)
    _add_line(d)
    _add_progression(d, cohort)
    _add_single_focus(d, cohort)
    return d.frame


def _add_earlier_acts(d: Decisions, cohort: Cohort) -> None:
    context = cohort.context
    doses = context.rows("drug_administrations").filter(pl.col("drug") == "gcsf")
    gcsf = Acts(context, "drug_administrations", doses, "patient")
    last_gcsf, _ = d.last(gcsf, 0)
    pets = Acts(context, "imaging_exams", context.rows("imaging_exams").filter(pl.col("modality") == PET), "patient")
    any_pet = d.found(pets, -(10**5))
    last_pet, _ = d.last(pets, -1)
    d.add(
        gcsf_before=select(
            pl.when(last_gcsf.is_not_null()).then(True)
            .when(d.provable("drug_administrations", -P.GCSF_BEFORE_PET)).then(False)
            .otherwise(None)
        ),
        gcsf_too_close=d.occurred(gcsf, -P.GCSF_BEFORE_PET, 0),
        days_since_gcsf=d["day"] - last_gcsf,
        has_pet=select(
            pl.when(any_pet).then(True).when(d.provable("imaging_exams", -P.PET_BEFORE_SCINTIGRAPHY)).then(False).otherwise(None)
        ),
        pet_before=d.occurred(pets, -P.PET_BEFORE_SCINTIGRAPHY, -1),
        last_pet_date=last_pet.cast(pl.Date),
    )  # fmt: skip


def _add_pain(d: Decisions, cohort: Cohort) -> None:
    """New bone pain in the days before, and since the last PET."""
    since_pet = d["last_pet_date"].cast(pl.Int32) + 1
    pain = d.context.rows("clinical_assessments").filter(pl.col("new_bone_pain"))
    recorded = d.context.recorded("clinical_assessments", "new_bone_pain", "pid")
    painful = d.found(Acts(d.context, "clinical_assessments", pain, "patient"), since_pet, 0)
    examined = recorded.first_day(d["pid"], since_pet) <= d["day"]
    d.add(
        new_bone_pain=d.state("new_bone_pain", P.NEW_PAIN),
        new_bone_pain_since_pet=select(
            pl.when(painful).then(True).when(examined.fill_null(False)).then(False).otherwise(None)
        ),
    )


def findings(context: Context) -> pl.DataFrame:
    """Per examination: does any lesion show what a flare shows, an increase (both three-valued), a progression?"""
    increase = (pl.col("uptake_change") == "increased") | pl.col("new_focus")
    flare = pl.col("initially_lytic") & increase
    progression = (pl.col("lysis_change") == "increased") | (pl.col("soft_tissue_change") == "increased")
    return (
        context.registry["imaging_findings"]
        .group_by("exam_id")
        .agg(
            flare=flare.any(ignore_nulls=False),
            increase=increase.any(ignore_nulls=False),
            progression=progression.any(),
        )
    )


def shown(d: Decisions, column: str) -> pl.Series:
    """A column of `findings` at each examination; without any finding no, where the table is complete, else unknown."""
    found = findings(d.context).select("exam_id", column, described=pl.lit(True))
    seen = d.frame.select(exam_id="entity_id").join(found, on="exam_id", how="left", maintain_order="left")
    proves = d.proves("imaging_findings")
    return select(pl.when(seen["described"].is_not_null()).then(seen[column]).when(proves).then(False).otherwise(None))


def _add_line(d: Decisions) -> None:
    """The systemic line under way at the examination, and whether it was stopped for bone progression soon after."""
    under_way = line_under_way(d)
    end, reason = under_way["end_day"], under_way["stop_reason"]
    stopped = (end >= d["day"]) & (end <= d.day(P.FLARE_LINE_STOPPED))
    proves = d.proves("systemic_therapy_lines")
    line_known = under_way["line_id"].is_not_null()
    d.add(
        line_under_way=select(pl.when(line_known).then(True).when(proves).then(False).otherwise(None)),
        line_class=under_way["class"],
        line_effective=under_way["effective"],
        days_on_line=d["day"] - under_way["start_day"],
        stopped_for_bone=select(
            pl.when(stopped.fill_null(False))
            .then(reason == "bone_progression")
            .when(line_known)
            .then(False)
            .otherwise(None)
        ),
    )


def lines_under_way(d: Decisions) -> pl.DataFrame:
    """`row` of each decision with every line of systemic therapy started by its day and not ended before it."""
    lines = d.context.rows("systemic_therapy_lines").with_columns(end_day=day_of("end_date"))
    wanted = d.frame.select("pid", "day").with_row_index("row")
    return wanted.join(lines.rename({"day": "start_day"}), on="pid").filter(
        (pl.col("start_day") <= pl.col("day")) & (pl.col("end_day").is_null() | (pl.col("end_day") >= pl.col("day")))
    )


def line_under_way(d: Decisions) -> pl.DataFrame:
    """Of the lines under way at each decision, the latest."""
    latest = lines_under_way(d).sort("start_day", "line_id").unique("row", keep="last")
    columns = ["row", "line_id", "class", "effective", "start_day", "end_day", "stop_reason"]
    rows = d.frame.select("pid").with_row_index("row").select("row")
    return rows.join(latest.select(columns), on="row", how="left", maintain_order="left")


def _add_progression(d: Decisions, cohort: Cohort) -> None:
    """Progression on CT around the examination, and an earlier flare more than six months before."""
    context = cohort.context
    read = context.rows("imaging_exams").join(findings(context), on="exam_id")
    progressive = read.filter((pl.col("modality") == "ct") & pl.col("progression"))
    flares = read.filter(pl.col("modality").is_in([PET, SCINTIGRAPHY]) & pl.col("flare"))
    worse = d.found(
        Acts(context, "imaging_findings", progressive.drop("lid"), "patient"), -P.CT_PROGRESSION, P.CT_PROGRESSION
    )
    proves = d.proves("imaging_findings")
    earlier_flare = Timeline(flares, "pid").last_day(d["pid"], d.day(-P.FLARE - 1))
    d.add(
        progression_on_ct=select(pl.when(worse).then(True).when(proves).then(False).otherwise(None)),
        flare_control=earlier_flare.is_not_null(),
    )


def _add_single_focus(d: Decisions, cohort: Cohort) -> None:
    """A single bone focus that is new, and what it asks for: an MRI centred on it and a specialist opinion."""
    context, library = cohort.context, cohort.library
    counted = context.rows("imaging_exams").filter(
        pl.col("modality").is_in([PET, SCINTIGRAPHY]) & pl.col("n_bone_foci").is_not_null()
    )
    known = Timeline(counted, "pid", ["exam_id"])
    repeated = (known.take("n_bone_foci", known.last(d["pid"], d.day(-1))) == 1).fill_null(False)
    single = d["n_bone_foci"] == 1
    mri = context.rows("imaging_exams").filter(pl.col("modality") == "mri")
    centred = Acts(context, "imaging_exams", mri.filter(pl.col("lesion_centred")), "patient")
    unsure = Acts(context, "imaging_exams", mri.filter(pl.col("lesion_centred").is_null()), "patient")
    treatment = library.local_treatments.of_patient.first_day(d["pid"], d["day"])
    mri_until = earlier(d.day(P.SINGLE_FOCUS), treatment)
    nearest, _ = d.first(centred, -P.SINGLE_FOCUS_EARLIER)
    consultations = context.rows("consultations").filter(pl.col("kind").is_in(list(OPINIONS)))
    opinions = Acts(context, "consultations", consultations, "patient")
    meetings = library.meetings
    before, after = (-P.SINGLE_FOCUS_EARLIER, -P.SINGLE_FOCUS - 1), P.SINGLE_FOCUS_OPINION + 1
    d.add(
        single_focus=single & ~repeated,
        centred_mri=d.occurred_or_perhaps(centred, unsure, -P.SINGLE_FOCUS, mri_until),
        centred_mri_date=nearest.cast(pl.Date),
        centred_mri_later=d.found(centred, mri_until + 1),
        centred_mri_earlier=d.found(centred, *before),
        centred_mri_due=mri_until.cast(pl.Date),
        centred_mri_observed=d.reaches(mri_until, "imaging_exams"),
        specialist_consultation=d.occurred(opinions, -P.SINGLE_FOCUS, P.SINGLE_FOCUS_OPINION),
        specialist_meeting=d.occurred(meetings, -P.SINGLE_FOCUS, P.SINGLE_FOCUS_OPINION),
        opinion_later=d.found(opinions, after) | d.found(meetings, after),
        opinion_earlier=d.found(opinions, *before) | d.found(meetings, *before),
        opinion_due=d.day(P.SINGLE_FOCUS_OPINION).cast(pl.Date),
        opinion_observed=d.reaches(d.day(P.SINGLE_FOCUS_OPINION), "consultations", "mdt_meetings"),
    )
