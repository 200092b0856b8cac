"""Facts around an operation: imaging before it, embolisation, doubt about the aetiology, prophylaxis and follow-up."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import NamedTuple

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P
from scoring.recommendations.limb_surgery import LIMB_BONES

from .cohort import Cohort
from .decisions import Acts, Decisions, select
from .library import SPINE, SURGERY

LEG_BONES = ("femur", "tibia", "fibula", "patella")
"""The bones that a full-length film of the legs shows whole, with their joints."""
ANGIOGRAPHY = ("ct_angiography", "arteriography")
RADIOGRAPHS = ("radiograph", "full_length_radiograph")
TRUNK = ("chest_abdomen_pelvis", "whole_body")
ONCOLOGISTS = ("medical_oncology", "pulmonology")
"""Who judges how urgent an aetiological treatment is: in France lung cancer is treated by both."""


class Examination(NamedTuple):
    """The examinations of a lesion that certainly show what is asked, and those that may."""

    sure: Acts
    perhaps: Acts


def add_perioperative(d: Decisions, cohort: Cohort) -> None:
    """Add to the procedures what is asked around an operation."""
    _add_record(d, cohort)
    _add_imaging(d, cohort)
    _add_earlier_acts(d, cohort)
    _add_workup(d, cohort)
    _add_prophylaxis(d, cohort)
    _add_visits(d, cohort)


def on_limb(operations: Timeline, position: pl.Series) -> pl.Series:
    """Was the operation at each position one on a limb bone? Null where its lesion is not recorded."""
    orthopaedic = operations.take("category", position) == "orthopaedic_surgery"
    return select(orthopaedic & operations.take("bone", position).cast(pl.String).is_in(list(LIMB_BONES)))


def _add_record(d: Decisions, cohort: Cohort) -> None:
    """What the operation itself and the latest assessment of its lesion say."""
    record = cohort.context.registry["procedures"].select(
        entity_id="procedure_id",
        antibiotic_hours="antibiotic_prophylaxis_hours",
        thromboprophylaxis_recorded="thromboprophylaxis",
        specimen_to_pathology="specimen_sent",
        complication_day=day_of("complication_date"),
    )
    d.frame = d.frame.join(record, on="entity_id", how="left", maintain_order="left")
    diagnosis = cohort.context.tumours.select("pid", diagnosis_day=day_of("diagnosis_date"))
    d.frame = d.frame.join(diagnosis, on="pid", how="left", maintain_order="left")
    assessed = ("aetiology_certain", "hypervascular_suspected", "bleeding_risk_high")
    d.add(
        **{name: d.state(name, P.STATE, table="lesion_assessments", key="lid") for name in assessed},
        revealing=pl.col("diagnosis_day") >= pl.col("day"),
        urgent_operation=pl.col("urgency").is_in(["emergency", "relative_emergency"]).fill_null(False),
        emergency_operation=(pl.col("urgency") == "emergency").fill_null(False),
        biopsy=_is("biopsy"),
        embolisation=_is("embolisation"),
    )


def _is(act: str) -> pl.Expr:
    """A biopsy or an embolisation, by its category or by the technique of another category."""
    return (pl.col("category") == act) | (pl.col("procedure_technique") == act).fill_null(False)


# Imaging before the operation ---------------------------------------------------------------------------------------


def _add_imaging(d: Decisions, cohort: Cohort) -> None:
    exams = _examinations(d, cohort)
    centred, contrast = pl.col("lesion_centred"), pl.col("contrast")
    bone_window = pl.col("bone_window_read")
    films = {
        "centred_radiograph": _examination(d, exams, RADIOGRAPHS, lesion_centred=centred),
        "whole_bone_radiograph": _examination(d, exams, RADIOGRAPHS, whole_bone=pl.col("whole_bone")),
        "joints_radiograph": _examination(d, exams, RADIOGRAPHS, adjacent_joints=pl.col("adjacent_joints")),
    }
    ct = _examination(d, exams, ("ct",), lesion_centred=centred, bone_window_read=bone_window, contrast=~contrast)
    injected = _examination(d, exams, ("ct",), lesion_centred=centred, bone_window_read=bone_window, contrast=contrast)
    angiography = _examination(d, exams, ANGIOGRAPHY)
    # Only an examination of the vessels leaves a doubt where nothing is recorded about them.
    shown = pl.coalesce("hypervascular_confirmed", pl.when(~pl.col("modality").is_in(list(ANGIOGRAPHY))).then(False))
    asked = films | {
        "bone_window_ct": ct,
        "angiography": angiography,
        "full_length_film": _examination(d, exams, ("full_length_radiograph",)),
        "hypervascular_shown": _examination(d, exams, (), hypervascular_confirmed=shown),
    }
    for name, examination in asked.items():
        _add_examination(d, name, examination)
    film_found = [d.found(film.sure, -P.OLDER_ACT, 0) for film in films.values()]
    ct_found = d.found(ct.sure, -P.OLDER_ACT, 0)
    d.add(
        radiographs_found=reduce(and_, film_found),
        bone_window_ct_found=ct_found,
        injected_ct=d.found(injected.sure, -P.PREOP_IMAGING, 0),
        angiography_found=d.found(angiography.sure, -P.OLDER_ACT, 0),
    )
    _add_spine_mri(d, cohort)


def _examinations(d: Decisions, cohort: Cohort) -> pl.DataFrame:
    """One row per examination and operated lesion that it may show; `aimed`: it certainly is an examination of that lesion.

    An examination without lesion may be of any lesion that its region does not exclude.
    """
    context = cohort.context
    operated = context.lesions.select("pid", "lid", "bone").join(
        d.frame.filter(pl.col("surgery")).select("lid").unique(), on="lid", how="semi"
    )
    exams = context.rows("imaging_exams")
    placed = exams.filter(pl.col("lid").is_not_null()).join(operated.select("lid"), on="lid", how="semi")
    long_film = (pl.col("modality") == "full_length_radiograph") & pl.col("bone").is_in(list(LEG_BONES))
    unplaced = (
        exams.filter(pl.col("lid").is_null())
        .drop("lid", "bone")
        .join(operated, on="pid")
        .filter(pl.when(pl.col("modality") == "full_length_radiograph").then(long_film).otherwise(_may_show()))
    )
    not_centred = pl.when(pl.col("region").is_in(list(TRUNK))).then(False)
    rows = pl.concat(
        [
            placed.with_columns(aimed=pl.lit(True)),
            unplaced.with_columns(aimed=long_film, lesion_centred=pl.coalesce("lesion_centred", not_centred)).select(
                *placed.columns, "aimed"
            ),
        ]
    )
    by_nature = pl.when(long_film).then(True)
    return rows.with_columns(
        whole_bone=pl.coalesce("whole_bone", by_nature), adjacent_joints=pl.coalesce("adjacent_joints", by_nature)
    )


def _may_show() -> pl.Expr:
    """May an examination of the region show a lesion of the bone? Yes, where the region is not recorded."""
    region, bone = pl.col("region"), pl.col("bone")
    excluded = (
        pl.when(bone.is_in(list(LIMB_BONES))).then(region.is_in(["spine", "chest_abdomen_pelvis"]))
        .when(bone.is_in(list(SPINE))).then(region == "limb")
        .when(bone == "pelvis").then(region.is_in(["spine", "limb"]))
        .otherwise(False)
    )  # fmt: skip
    return ~excluded.fill_null(False)


def _examination(d: Decisions, exams: pl.DataFrame, modalities: tuple[str, ...], **shows: pl.Expr) -> Examination:
    """The examinations of some modalities (none named: any) that show all of `shows`; a column not recorded leaves a doubt."""
    everything = reduce(and_, shows.values(), pl.lit(True))
    unknown = [pl.when(shown.is_null()).then(pl.lit(f"imaging_exams.{column}")) for column, shown in shows.items()]
    kind = pl.col("modality").is_in(list(modalities)) if modalities else pl.lit(True)
    rows = exams.filter(kind & everything.fill_null(True)).with_columns(
        missing=pl.coalesce(*unknown, pl.lit("imaging_exams.lesion_id")),
        certain=everything.fill_null(False) & pl.col("aimed"),
    )
    sure, perhaps = rows.filter("certain"), rows.filter(~pl.col("certain"))
    return Examination(*(Acts(d.context, "imaging_exams", acts, "lesion") for acts in (sure, perhaps)))


def _add_examination(d: Decisions, name: str, examination: Examination) -> None:
    """Add whether the examination was made in time, and what is not recorded of the one that leaves it open."""
    window = -P.PREOP_IMAGING, 0
    made = d.occurred_or_perhaps(examination.sure, examination.perhaps, *window)
    missing = d.last_value(examination.perhaps, "missing", *window)
    d.add(**{name: made, f"{name}_missing": select(pl.when(made.is_null()).then(missing))})


def _add_spine_mri(d: Decisions, cohort: Cohort) -> None:
    """MRI of the whole spine before the operation, of the patient."""
    mri = cohort.context.rows("imaging_exams").filter(pl.col("modality") == "mri")
    may_be = pl.col("whole_spine").is_null() & (
        pl.col("region").is_null() | pl.col("region").is_in(["spine", "whole_body"])
    )
    whole = Acts(cohort.context, "imaging_exams", mri.filter(pl.col("whole_spine")), "patient")
    doubtful = Acts(cohort.context, "imaging_exams", mri.filter(may_be), "patient")
    last, _ = d.last(whole, 0)
    d.add(
        whole_spine_mri=d.occurred_or_perhaps(whole, doubtful, -P.PREOP_IMAGING, 0),
        whole_spine_mri_date=last.cast(pl.Date),
        whole_spine_mri_found=d.found(whole, -P.OLDER_ACT, 0),
    )


# Embolisation, biopsy and aetiological work-up -----------------------------------------------------------------------


def _add_earlier_acts(d: Decisions, cohort: Cohort) -> None:
    """Embolisation and biopsy of the lesion before its operation, and the operation after them."""
    rows = cohort.context.rows("procedures").with_columns(procedure_technique="technique")
    biopsies = Acts(cohort.context, "procedures", rows.filter(_is("biopsy")), "lesion")
    embolisations = Acts(cohort.context, "procedures", rows.filter(_is("embolisation")), "lesion")
    surgical = pl.col("category").is_in(list(SURGERY)) & ~_is("biopsy") & ~_is("embolisation")
    operations = Acts(cohort.context, "procedures", rows.filter(surgical), "lesion")
    agreed, unrecorded = cohort.library.meetings_agreeing_a_route
    d.add(
        biopsy_before=d.occurred(biopsies, -P.PREOP_BIOPSY, 0),
        biopsy_found=d.found(biopsies, -P.OLDER_ACT, 0),
        embolised_before=d.occurred(embolisations, -P.PREOP_EMBOLISATION, 0),
        operated_after_biopsy=d.occurred(operations, 0, P.PREOP_BIOPSY),
        operated_after_embolisation=d.occurred(operations, 0, P.PREOP_EMBOLISATION),
        route_agreed=d.occurred_or_perhaps(agreed, unrecorded, -P.MDT_BEFORE, 0),
    )


def _add_workup(d: Decisions, cohort: Cohort) -> None:
    """The minimal aetiological work-up, and the oncologists asked before a first operation."""
    context, library = cohort.context, cohort.library
    labs = context.rows("lab_results").filter(pl.col("analyte") == "protein_electrophoresis")
    electrophoresis = Acts(context, "lab_results", labs, "patient")
    cts = context.rows("imaging_exams").filter(pl.col("modality") == "ct")
    trunk = Acts(context, "imaging_exams", cts.filter(pl.col("region").is_in(list(TRUNK))), "patient")
    unknown = Acts(context, "imaging_exams", cts.filter(pl.col("region").is_null()), "patient")
    asked = context.rows("consultations").filter(pl.col("kind") == "specialist_opinion")
    opinions = Acts(context, "consultations", asked, "lesion", "counts")
    with_oncologist, unrecorded = library.meetings_with(ONCOLOGISTS)
    d.add(
        protein_electrophoresis=d.occurred(electrophoresis, -P.PREOP_WORKUP, 0),
        trunk_ct=d.occurred_or_perhaps(trunk, unknown, -P.PREOP_WORKUP, 0),
        workup_found=d.found(electrophoresis, -P.OLDER_ACT, 0) & d.found(trunk, -P.OLDER_ACT, 0),
        oncologist_at_mdt=d.occurred_or_perhaps(with_oncologist, unrecorded, -P.MDT_BEFORE, 0),
        oncologist_opinion=d.occurred(opinions, -P.MDT_BEFORE, 0),
        oncologist_found=d.found(with_oncologist, -P.OLDER_ACT, 0) | d.found(opinions, -P.OLDER_ACT, 0),
    )


# After the operation -------------------------------------------------------------------------------------------------


def _add_prophylaxis(d: Decisions, cohort: Cohort) -> None:
    """Prophylaxis against thrombosis, and the early complications that explain the drugs around an operation."""
    early = pl.col("complication_day").is_between(pl.col("day"), pl.col("day") + P.EARLY_COMPLICATION)

    def complicated_by(token: str) -> pl.Expr:
        # The contract holds the main complication: none is recorded where there was none.
        return (pl.col("complication") == token).fill_null(False) & early

    anticoagulated = _anticoagulated(d, cohort)
    d.add(
        early_sepsis=complicated_by("sepsis"),
        early_bleeding=complicated_by("haemorrhage"),
        thromboprophylaxis_given=select(pl.when(anticoagulated).then(True).otherwise(d["thromboprophylaxis_recorded"])),
    )


def _anticoagulated(d: Decisions, cohort: Cohort) -> pl.Series:
    """Is an anticoagulant prescribed on the days after the operation? Presence only."""
    prescribed = cohort.context.rows("drug_prescriptions").filter(
        (pl.col("drug") == "anticoagulant") & (pl.col("periprocedural_decision") != "stopped").fill_null(True)
    )
    courses = prescribed.select("pid", start=day_of("start_date"), stop=day_of("stop_date"))
    wanted = d.frame.select("pid", "day").with_row_index("row")
    covered = wanted.join(courses, on="pid").filter(
        (pl.col("start") <= pl.col("day") + P.ANTICOAGULANT_START)
        & (pl.col("stop").is_null() | (pl.col("stop") > pl.col("day")))
    )
    return wanted["row"].is_in(covered["row"].unique().to_list())


def _add_visits(d: Decisions, cohort: Cohort) -> None:
    """The first and the second visit after the operation."""
    rows = cohort.context.rows("consultations").filter(pl.col("kind") == "postoperative_visit")
    visits = Acts(cohort.context, "consultations", rows, "lesion", "counts")
    first, _ = d.first(visits, 1)
    second, _ = d.first(visits, first + 1)
    first_in_time = (first <= d.day(P.FIRST_VISIT)).fill_null(False)
    close = first_in_time & (second <= d.day(P.SECOND_VISIT)).fill_null(False)
    d.add(
        close_follow_up=select(
            pl.when(close).then(True).when(d.provable("consultations", 1)).then(False).otherwise(None)
        ),
        first_visit_date=first.cast(pl.Date),
        second_visit_date=second.cast(pl.Date),
        visits_due=d.day(P.SECOND_VISIT).zip_with(first_in_time, d.day(P.FIRST_VISIT)).cast(pl.Date),
    )
