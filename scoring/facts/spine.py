"""Facts of decisions on a spinal lesion: stability, prognosis, and cord compression."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P
from scoring.scores.inputs import COMPRESSED

from .cohort import Cohort
from .compression_surgery import add_surgery
from .decisions import Decisions, earlier, select
from .lesions import unchanged
from .library import SPINE_SURGEONS
from .spine_strategy import add_strategy

SCORES = ("sins", "tokuhashi", "tomita")


def assessments(cohort: Cohort, scores: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per assessment that opens a decision by SINS, Tokuhashi or Tomita; `opens_<score>` says by which."""
    library = cohort.library
    rows = scores["sins"]
    rows = rows.select("pid", "lid", "day", "assessment_id", "frankel", "motor_deficit")
    for name in SCORES:
        score = scores[name].select(
            "assessment_id",
            pl.col("total").alias(f"{name}_total"),
            pl.col("total_min").alias(f"{name}_min"),
            pl.col("total_max").alias(f"{name}_max"),
            pl.col("band").alias(f"{name}_band"),
            pl.col("missing_input").alias(f"{name}_missing"),
        )
        rows = rows.join(score, on="assessment_id", maintain_order="left")
    rows = cohort.keep(rows).sort("lid", "day", "assessment_id")
    operated = library.spinal_surgery.of_lesion.last_day(rows["lid"], rows["day"] - 1).is_not_null()
    rows = rows.with_columns(
        **{f"opens_{name}": ~unchanged(rows, [f"{name}_band"], cohort) & ~operated for name in SCORES}
    ).filter(pl.any_horizontal([f"opens_{name}" for name in SCORES]))
    d = Decisions(cohort.context, rows.rename({"assessment_id": "entity_id"}))
    _add_opinion(d, cohort)
    surgery, _ = d.first(library.spinal_surgery, 0)
    d.add(
        spinal_surgery=d.occurred(library.spinal_surgery, 0, P.LOCAL_TREATMENT),
        spinal_surgery_date=surgery.cast(pl.Date),
        mdt_before_surgery=d.occurred(library.meetings, -P.MDT_BEFORE, surgery),
        mdt_decision=d.last_value(library.decided_meetings, "decision", -P.MDT_BEFORE, P.LOCAL_TREATMENT),
        neurological_deficit=deficit(d["frankel"], d["motor_deficit"]),
    )
    add_strategy(d, cohort)
    return d.frame


def deficit(frankel: pl.Series, motor: pl.Series) -> pl.Series:
    """Frankel E, or no grade and no motor deficit, is no deficit; a recorded motor deficit always counts."""
    return select(
        pl.when((frankel != "E").fill_null(False) | motor.fill_null(False)).then(True)
        .when(frankel.is_null() & motor.is_null()).then(None)
        .otherwise(False)
    )  # fmt: skip


def _add_opinion(d: Decisions, cohort: Cohort) -> None:
    """A spine surgeon's opinion, by consultation or at a meeting; sooner where the spine is certainly unstable."""
    unstable = (d["sins_min"] >= 13).fill_null(False)
    due = d.day(P.SURGICAL_OPINION_UNSTABLE).zip_with(unstable, d.day(P.SURGICAL_OPINION))
    d.add(
        **opinion_between(d, cohort, -P.SURGICAL_OPINION, due),
        surgical_opinion_due=due.cast(pl.Date),
    )


def opinion_between(d: Decisions, cohort: Cohort, since: int, until: pl.Series) -> dict[str, pl.Series]:
    """A spine surgeon's opinion in the window, by consultation or at a meeting (both three-valued), the day of the first."""
    library = cohort.library
    with_surgeon, unrecorded = library.meetings_with(SPINE_SURGEONS)
    first = earlier(d.first(library.surgical_opinions, since)[0], d.first(with_surgeon, since)[0])
    return {
        "surgeon_consulted": d.occurred(library.surgical_opinions, since, until),
        "surgeon_at_mdt": d.occurred_or_perhaps(with_surgeon, unrecorded, since, until),
        "surgical_opinion_date": first.cast(pl.Date),
        "surgical_opinion_late": d.found(library.surgical_opinions, until + 1) | d.found(with_surgeon, until + 1),
    }


def compressions(cohort: Cohort, sins: pl.DataFrame) -> pl.DataFrame:
    """One row per cord compression; index date: its diagnosis, else the assessment."""
    library = cohort.library
    rows = cohort.keep(cohort.context.rows("spinal_assessments")).filter(
        pl.col("cord_compression").is_in(list(COMPRESSED))
    )
    rows = rows.with_columns(index_day=pl.coalesce("compression_date", "date").cast(pl.Int32)).sort(
        "lid", "day", "assessment_id"
    )
    previous = rows.select(pl.col("day", "index_day").shift(1).over("lid"))
    treated = pl.Series([False]).new_from_index(0, len(rows))
    for acts in (library.courses, library.spinal_surgery):
        treated = treated | (acts.of_lesion.first_day(rows["lid"], previous["day"] + 1) <= rows["day"]).fill_null(False)
    repeated = rows.select(pl.struct("lid", "index_day").is_first_distinct().not_()).to_series()
    opens = previous["day"].is_null() | (treated & ~repeated)
    d = Decisions(cohort.context, rows.filter(opens).select("pid", "lid", day="index_day", entity_id="assessment_id"))
    _add_compression_treatment(d, cohort)
    add_surgery(d, cohort, sins)
    return d.frame


def _add_compression_treatment(d: Decisions, cohort: Cohort) -> None:
    library = cohort.library
    soon = d.day(P.COMPRESSION_TREATMENT)
    course, doubtful_course = d.first(library.courses, 0)
    surgery, doubtful_surgery = d.first(library.spinal_surgery, 0)
    operated_first = (surgery <= soon) & ((surgery < course).fill_null(True))
    adjuvant = d.occurred(library.courses, surgery + 1, surgery + P.POSTOP_RT_AMBER)
    irradiated = select(
        pl.when((course <= soon) & (course <= surgery).fill_null(True)).then(True)
        .when((doubtful_course <= soon).fill_null(False)).then(None)
        .when(d.provable("radiotherapy_courses", 0)).then(False)
        .otherwise(None)
    )  # fmt: skip
    # Without any course in the time that surgery would leave for it, it does not matter whether there was surgery.
    any_course = d.occurred(library.courses, 1, P.COMPRESSION_TREATMENT + P.POSTOP_RT_AMBER)
    no_surgery = d.provable("procedures", 0) & ~(doubtful_surgery <= soon).fill_null(False)
    operated = select(
        pl.when(operated_first.fill_null(False)).then(adjuvant)
        .when(no_surgery | ~any_course.fill_null(True)).then(False)
        .otherwise(None)
    )  # fmt: skip
    after = d.first(library.courses, surgery + 1)[0]
    d.add(
        compression_treated=irradiated | operated,
        compression_radiotherapy_date=course.cast(pl.Date),
        compression_surgery_date=surgery.cast(pl.Date),
        radiotherapy_after_surgery_date=after.cast(pl.Date),
        compression_treated_late=select((course > soon).fill_null(False) | (surgery > soon).fill_null(False)),
        compression_due=select(
            pl.when(operated_first.fill_null(False)).then(surgery + P.POSTOP_RT_AMBER).otherwise(soon)
        ).cast(pl.Date),
    )
