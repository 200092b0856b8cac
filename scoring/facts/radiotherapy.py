"""Facts of decisions on a radiotherapy course."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.recommendations import parameters as P
from scoring.recommendations.schedules import schedule
from scoring.scores import inputs
from scoring.scores.declared import declare
from scoring.scores.mirels import LONG_BONES

from .cohort import Cohort
from .decisions import Acts, Decisions, select
from .library import SPINE, SURGERY
from .scored import bounds
from .spine import opinion_between
from .stereotactic import add_eligibility


def courses(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per radiotherapy course; index date: the first fraction."""
    rows = cohort.keep(cohort.context.rows("radiotherapy_courses"))
    keep = [
        "pid",
        "lid",
        "day",
        "bone",
        "technique",
        "intent",
        "skin_healed",
        "organs_at_risk_excluded",
        "linked_procedure_id",
        "prescribed_dose_gy",
        "prescribed_fractions",
    ]
    d = Decisions(cohort.context, rows.select(*keep, entity_id="course_id", schedule=schedule()))
    d.add(
        course_lesion=pl.col("lesion_id"),
        spinal=pl.col("bone").is_in(list(SPINE)),
        long_bone=pl.col("bone").is_in(list(LONG_BONES)),
        ablative=(pl.col("technique") == "stereotactic") & (pl.col("intent") == "ablative"),
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        difficult_to_mobilise=d.state("difficult_to_mobilise", P.STATE),
        n_bone_metastases=d.state("n_bone_metastases", P.STATE),
        visceral_metastases=d.state("visceral_metastases", P.STATE),
        brain_metastases=d.state("brain_metastases", P.STATE),
    )
    d.add(field_allows_single_fraction=pl.col("long_bone") | pl.col("organs_at_risk_excluded"))
    _add_lesion_state(d, cohort)
    _add_earlier_courses(d, cohort)
    _add_rades(d, cohort)
    _add_stability(d, cohort, scores["sins"])
    _add_surgery(d, cohort)
    add_eligibility(d, cohort)
    return d.frame


def _add_lesion_state(d: Decisions, cohort: Cohort) -> None:
    """Fracture and cord compression of the lesion when the course starts."""
    assessed = cohort.context.rows("lesion_assessments")
    broken = Timeline(assessed.filter(pl.col("fracture_status") == "pathological_fracture"), "lid")
    ever = broken.last_day(d["lid"], d["day"]).is_not_null()
    status = d.state("fracture_status", P.STATE, table="lesion_assessments", key="lid")
    compression = d.state("cord_compression", P.STATE, table="spinal_assessments", key="lid")
    spinal = d["spinal"]
    d.add(
        fractured=select(pl.when(ever).then(True).when(status.is_not_null()).then(False).otherwise(None)),
        compressed=select(
            pl.when(~spinal).then(False).when(compression.is_null()).then(None).otherwise(compression != "none")
        ),
    )


def _add_earlier_courses(d: Decisions, cohort: Cohort) -> None:
    library = cohort.library
    before, doubtful = d.last(library.courses, -1)
    ended = cohort.context.rows("radiotherapy_courses").with_columns(
        end_day=pl.coalesce(day_of("end_date"), "day")
    ).sort("lid", "day", "course_id")  # fmt: skip
    latest_end = Timeline(ended.with_columns(end_day=pl.col("end_day").cum_max().over("lid")), "lid", ["course_id"])
    position = latest_end.last(d["lid"], d.day(-1))
    d.add(
        irradiated_before=_known(before, doubtful, d["lid"], d.provable("radiotherapy_courses", 0)),
        irradiated_recently=_known(
            before, doubtful, d["lid"], d.provable("radiotherapy_courses", -P.ANTIRESORPTIVE_GAP)
        ),
        days_since_radiotherapy=d["day"] - latest_end.take("end_day", position),
    )


def _known(sure: pl.Series, doubtful: pl.Series, lesion: pl.Series, provable: pl.Series) -> pl.Series:
    """True for an act on the lesion; null for one of which the lesion, or for a decision of which the lesion, is not known."""
    return select(
        pl.when(lesion.is_null()).then(None).when(sure.is_not_null()).then(True).when(doubtful.is_not_null()).then(None)
        .when(provable).then(False).otherwise(None)
    )  # fmt: skip


def rades_on_day(d: Decisions, context: Context) -> tuple[pl.Series, pl.DataFrame]:
    """Was a compression of the lesion assessed before the decision, and the Rades score as it then stands."""
    spinal = context.rows("spinal_assessments")
    compressed = spinal.filter(pl.col("cord_compression").is_in(list(inputs.COMPRESSED)))
    known = Timeline(compressed, "lid", ["assessment_id"])
    position = known.last(d["lid"], d["day"])
    age = d["day"] - known.take("day", position)
    position = select(pl.when(age <= P.STATE).then(position))
    columns = ["date", "compression_date", "motor_deficit", "motor_deficit_onset_date", "frankel", "ambulation"]
    rows = d.frame.select("pid", anchor_day="day").with_columns(*[known.take(c, position).alias(c) for c in columns])
    stale = (age > P.MOTOR_FRESH).fill_null(True)
    rows = rows.with_columns(
        frankel=pl.when(~stale).then(pl.col("frankel")), ambulation=pl.when(~stale).then(pl.col("ambulation"))
    )
    rows = inputs.at_treatment(context, inputs.with_tumour(context, rows))
    return position.is_not_null(), declare("rades").evaluate(rows)


def _add_rades(d: Decisions, cohort: Cohort) -> None:
    """The Rades score as it stands when the course starts."""
    compressed, rades = rades_on_day(d, cohort.context)
    recent = d.state("cord_compression", P.STATE, table="spinal_assessments", key="lid")
    d.add(
        cord_compression_course=select(
            pl.when(compressed).then(True)
            .when(~d["spinal"]).then(False)
            .when(recent == "none").then(False)
            .when(d["intent"] != "decompressive").then(False)
            .otherwise(None)
        ),
        rades_min=rades["total_min"],
        rades_max=rades["total_max"],
        rades_missing=rades["missing_input"],
        operated_before=d.occurred(cohort.library.spinal_surgery, -P.LOCAL_TREATMENT, 0),
    )  # fmt: skip


def _add_stability(d: Decisions, cohort: Cohort, sins: pl.DataFrame) -> None:
    """SINS of the lesion before an ablative course, the surgeon's opinion, an earlier stabilisation."""
    sins_min, sins_max, sins_missing = bounds(d, sins, d["day"])
    d.add(
        sins_min=sins_min,
        sins_max=sins_max,
        sins_missing=sins_missing,
        **opinion_between(d, cohort, -P.MDT_BEFORE, d["day"]),
        stabilised=d.occurred(cohort.library.stabilisations, -P.STABILISED, 0),
    )


def _add_surgery(d: Decisions, cohort: Cohort) -> None:
    """The operation that a post-operative course follows, and the healing of its wound."""
    procedures = cohort.context.rows("procedures").with_columns(healed_day=day_of("wound_healed_date"))
    linked = d.frame.select(procedure_id="linked_procedure_id").join(
        procedures.select("procedure_id", "day", "healed_day"), on="procedure_id", how="left", maintain_order="left"
    )
    is_linked = d["linked_procedure_id"].is_not_null()
    acts = Acts(cohort.context, "procedures", procedures.filter(pl.col("category").is_in(list(SURGERY))), "lesion")
    operations = acts.of_lesion
    position = operations.last(d["lid"], d["day"])
    position = select(pl.when(operations.take("day", position) >= d.day(-P.POSTOP_LINK)).then(position))
    surgery = linked["day"].zip_with(is_linked, operations.take("day", position))
    healed = linked["healed_day"].zip_with(is_linked, operations.take("healed_day", position))
    operated = d.occurred(acts, -P.POSTOP_LINK, 0)
    none_provable = d.provable("procedures", -P.POSTOP_LINK)
    d.add(
        postoperative=select(
            pl.when(is_linked | (d["intent"] == "postoperative").fill_null(False)).then(True)
            .when(d["intent"].is_not_null()).then(False)
            .when(d["lid"].is_null() & none_provable).then(False)
            .when(~operated).then(False)
            .otherwise(None)
        ),
        surgery_date=surgery.cast(pl.Date),
        days_since_surgery=d["day"] - surgery,
        wound_healed_date=healed.cast(pl.Date),
        healed_late=healed > surgery + P.POSTOP_RT_LAST,
        healed_at_start=select(pl.coalesce(d["skin_healed"], healed <= d["day"])),
        healed_at_start_by_date=healed <= d["day"],
    )  # fmt: skip
