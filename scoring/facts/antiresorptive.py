"""Facts of decisions on a dose and on a course of a bone-targeted agent."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions, select
from .library import ANTIRESORPTIVES, is_antiresorptive, is_prevention
from .trials import proposed

GIVEN = ("drug", "dose_mg", "route", "infusion_minutes", "hydration_same_day", "hydration_next_day")
RENAL = ("creatinine", "creatinine_clearance")
MEDICAL_DECISIONS = ("systemic", "supportive", "surveillance")
GROWING = ("days_on_treatment", "treatment_ended")
EXCUSING_STOPS = ("osteonecrosis_of_jaw", "renal", "death", "comfort_care")


def _laboratory(cohort: Cohort, analyte: str) -> Timeline:
    """Measured values of one analyte; of several on a day, the lowest comes last."""
    return _values(cohort.context.rows("lab_results").filter(pl.col("analyte") == analyte))


def _values(rows: pl.DataFrame) -> Timeline:
    """Recorded values in order; of several on a day, the lowest comes last."""
    known = rows.filter(pl.col("value").is_not_null())
    return Timeline(known.with_columns(lowest_last=-pl.col("value")), "pid", ["lowest_last"])


def _latest(d: Decisions, values: Timeline, since: pl.Series, until: pl.Series) -> pl.Series:
    position = values.last(d["pid"], until)
    return select(pl.when(values.take("day", position) >= since).then(values.take("value", position)))


def doses(cohort: Cohort) -> pl.DataFrame:
    """One row per dose of zoledronic acid or denosumab against skeletal events; index date: the dose."""
    rows = cohort.keep(cohort.context.rows("drug_administrations"))
    rows = rows.filter(pl.col("drug").is_in(list(ANTIRESORPTIVES)) & is_prevention())
    d = Decisions(
        cohort.context,
        rows.select("pid", "day", *GIVEN, entity_id="administration_id"),
    )
    clearance = _laboratory(cohort, "creatinine_clearance")
    d.add(
        creatinine_clearance=_latest(d, clearance, d.day(-P.CLEARANCE), d["day"]),
        renal_test=d.occurred(_tests(cohort, *RENAL), -P.CLEARANCE, 0),
        paracetamol_same_day=d.occurred(cohort.library.paracetamol, 0, 0),
        paracetamol_next_day=d.occurred(cohort.library.paracetamol, 1, 1),
    )
    _add_nephrotoxic(d, cohort)
    _add_interval(d, cohort)
    return d.frame


def _tests(cohort: Cohort, *analytes: str) -> Acts:
    """Tests of one of the analytes, with or without a value."""
    rows = cohort.context.rows("lab_results").filter(pl.col("analyte").is_in(list(analytes)))
    return Acts(cohort.context, "lab_results", rows, "patient")


def _add_nephrotoxic(d: Decisions, cohort: Cohort) -> None:
    """A nephrotoxic drug under way on the day of the dose: a prescription, or a systemic line."""
    prescriptions = cohort.context.rows("drug_prescriptions").select(
        "pid", since=day_of("start_date"), until=day_of("stop_date"), toxic=pl.col("drug") == "nephrotoxic"
    )
    lines = cohort.context.rows("systemic_therapy_lines").select(
        "pid", since=day_of("start_date"), until=day_of("end_date"), toxic="nephrotoxic"
    )
    d.add(
        nephrotoxic_prescription=_toxic_under_way(d, "drug_prescriptions", prescriptions),
        nephrotoxic_line=_toxic_under_way(d, "systemic_therapy_lines", lines),
    )


def _toxic_under_way(d: Decisions, table: str, drugs: pl.DataFrame) -> pl.Series:
    wanted = d.frame.select("pid", "day").with_row_index("row")
    ongoing = pl.col("until").is_null() | (pl.col("until") >= pl.col("day"))
    by_row = wanted.join(drugs, on="pid").filter((pl.col("since") <= pl.col("day")) & ongoing).group_by("row").agg(
        toxic=pl.col("toxic").any(ignore_nulls=False)
    )  # fmt: skip
    known = wanted.select("row").join(by_row.with_columns(known=True), on="row", how="left", maintain_order="left")
    proves = d.proves(table)
    return select(
        pl.when(known["toxic"].fill_null(False)).then(True)
        .when(known["known"].fill_null(False) & known["toxic"].is_null()).then(None)
        .when(proves).then(False)
        .otherwise(None)
    )  # fmt: skip


def _in_courses(rows: pl.DataFrame) -> pl.DataFrame:
    """The doses of either agent in order, with the number of their course (no gap over 90 days)."""
    rows = rows.sort("pid", "day", "administration_id")
    starts = (pl.col("day") - pl.col("day").shift(1).over("pid") > P.ANTIRESORPTIVE_GAP).fill_null(True)
    return rows.with_columns(course=starts.cum_sum())


def _add_interval(d: Decisions, cohort: Cohort) -> None:
    """Days since the previous dose of the course, and since its first."""
    doses = _in_courses(cohort.context.rows("drug_administrations").filter(is_antiresorptive()))
    doses = doses.select(
        is_antiresorptive=True,
        entity_id="administration_id",
        previous=pl.col("day").shift(1).over("course"),
        first=pl.col("day").first().over("course"),
    )
    own = d.frame.select("entity_id").join(doses, on="entity_id", how="left", maintain_order="left")
    previous = own["previous"]
    interval = d["day"] - previous
    d.add(
        follows_dose=select(
            pl.when(own["is_antiresorptive"].is_null()).then(False)
            .when(previous.is_not_null()).then(True)
            .when(d.provable("drug_administrations", -P.ANTIRESORPTIVE_GAP)).then(False)
            .otherwise(None)
        ),
        days_since_dose=select(
            pl.when((interval <= P.MONTHLY_LATE) | d.provable("drug_administrations", previous)).then(interval).otherwise(None)
        ),
        days_since_first_dose=d["day"] - own["first"],
    )  # fmt: skip


def courses(cohort: Cohort) -> pl.DataFrame:
    """One row per course (doses of either agent with no gap over 90 days); index date: the first dose."""
    d = _courses(cohort)
    d.add(
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        has_denosumab=pl.col("first_denosumab").is_not_null(),
        course_days=pl.col("last_day") - pl.col("day"),
        last_dose_date=pl.col("last_day").cast(pl.Date),
    )
    _add_supplements(d, cohort)
    _add_dental(d, cohort)
    _add_tests(d, cohort)
    _add_intake(d, cohort)
    _add_persistence(d, cohort)
    _add_growing(d)
    _add_reassessment(d, cohort)
    d.add(prism_proposed=proposed(d, "PRISM"))
    return d.frame


def growing(cohort: Cohort) -> pl.DataFrame:
    """The facts of every course that grow with the end of observation."""
    d = _courses(cohort)
    _add_growing(d)
    return d.frame.select("patient_id", "entity_id", *GROWING)


def _courses(cohort: Cohort) -> Decisions:
    rows = cohort.keep(cohort.context.rows("drug_administrations")).filter(is_antiresorptive())
    denosumab = pl.col("day").filter(pl.col("drug") == "denosumab")
    found = _in_courses(rows).group_by("course", maintain_order=True).agg(
        pl.col("pid", "day", "urgent_start").first(),
        entity_id=pl.col("administration_id").first(),
        first_drug=pl.col("drug").first(),
        last_drug=pl.col("drug").last(),
        last_day=pl.col("day").last(),
        first_denosumab=denosumab.first(),
        last_denosumab=denosumab.last(),
    )  # fmt: skip
    return Decisions(cohort.context, found)


def _add_supplements(d: Decisions, cohort: Cohort) -> None:
    """Calcium and vitamin D at the first and at the last denosumab dose of the course."""
    rows = cohort.context.rows("drug_prescriptions").with_columns(
        start_day=day_of("start_date"), stop_day=day_of("stop_date")
    )
    wanted = d.frame.select("pid", "first_denosumab", "last_denosumab").with_row_index("row")
    provable = d.provable("drug_prescriptions", d["first_denosumab"])
    for drug in ("calcium", "vitamin_d"):
        held = wanted.join(rows.filter(pl.col("drug") == drug), on="pid").group_by("row").agg(
            covered=pl.all_horizontal(_covers("first_denosumab").any(), _covers("last_denosumab").any())
        )  # fmt: skip
        covered = (
            wanted.select("row").join(held, on="row", how="left", maintain_order="left")["covered"].fill_null(False)
        )
        d.add(**{f"{drug}_supplement": select(pl.when(covered).then(True).when(provable).then(False).otherwise(None))})
    calcium = _laboratory(cohort, "corrected_calcium")
    d.add(corrected_calcium=_latest(d, calcium, d["first_denosumab"] - P.CLEARANCE, d["first_denosumab"]))


def _add_intake(d: Decisions, cohort: Cohort) -> None:
    """Enough calcium and vitamin D on the days of the first and of the last dose."""
    calcium = [_calcium(d, cohort, day) for day in ("day", "last_day")]
    vitamin = [_supplied(d, cohort, "vitamin_d", day) for day in ("day", "last_day")]
    vitamin_enough = [
        select(
            pl.when(daily >= P.VITAMIN_D_INTAKE).then(True)
            .when(unsure | ~d.provable("drug_prescriptions", 0)).then(None)
            .otherwise(False)
        )
        for daily, unsure in vitamin
    ]  # fmt: skip
    enough = calcium[0][0] & calcium[1][0]
    diet_unknown = enough.is_null() & (calcium[0][1] | calcium[1][1])
    corrected = _laboratory(cohort, "corrected_calcium")
    d.add(
        calcium_enough=enough,
        calcium_missing=select(pl.when(diet_unknown).then(pl.lit("supportive_care.dietary_calcium_mg"))),
        vitamin_d_enough=vitamin_enough[0] & vitamin_enough[1],
        calcium_daily_mg=_supplied(d, cohort, "calcium", "day")[0],
        vitamin_d_daily_iu=vitamin[0][0],
        calcium_at_start=_latest(d, corrected, d.day(-P.CLEARANCE), d["day"]),
    )


def _calcium(d: Decisions, cohort: Cohort, day: str) -> tuple[pl.Series, pl.Series]:
    """Enough calcium that day, from diet and supplement; and where the diet alone leaves it open."""
    diets = cohort.context.rows("supportive_care").with_columns(value="dietary_calcium_mg")
    diet = _latest(d, _values(diets), d[day] - P.DIET, d[day] + P.SUPPLEMENT_GRACE)
    daily, unsure = _supplied(d, cohort, "calcium", day)
    half = daily >= P.CALCIUM_SUPPLEMENT
    unsure = unsure | ~d.provable("drug_prescriptions", 0)
    diet_open = half & diet.is_null() & ~d.provable("supportive_care", d[day] - P.DIET)
    enough = (daily >= P.CALCIUM_INTAKE) | (half & (daily + diet >= P.CALCIUM_INTAKE)).fill_null(False)
    return select(pl.when(enough).then(True).when(unsure | diet_open).then(None).otherwise(False)), diet_open & ~unsure


def _supplied(d: Decisions, cohort: Cohort, drug: str, day: str) -> tuple[pl.Series, pl.Series]:
    """The daily dose of all prescriptions of a supplement that cover a day, and whether one of them has no dose."""
    rows = cohort.context.rows("drug_prescriptions").filter(pl.col("drug") == drug)
    rows = rows.select("pid", "daily_dose", start_day=day_of("start_date"), stop_day=day_of("stop_date"))
    wanted = d.frame.select("pid", day).with_row_index("row")
    covering = wanted.join(rows, on="pid").filter(_covers(day)).group_by("row").agg(
        daily=pl.col("daily_dose").sum(), unsure=pl.col("daily_dose").is_null().any()
    )  # fmt: skip
    held = wanted.select("row").join(covering, on="row", how="left", maintain_order="left")
    return held["daily"].fill_null(0), held["unsure"].fill_null(False)


def _covers(dose: str) -> pl.Expr:
    ongoing = pl.col("stop_day").is_null() | (pl.col("stop_day") >= pl.col(dose))
    return (pl.col("start_day") <= pl.col(dose) + P.SUPPLEMENT_GRACE) & ongoing


def _add_dental(d: Decisions, cohort: Cohort) -> None:
    context = cohort.context
    care = context.rows("supportive_care")
    examination = care.filter(pl.col("kind") == "dental_examination")
    by_specialist = Acts(context, "supportive_care", examination.filter(pl.col("by_specialist")), "patient")
    by_unknown = Acts(context, "supportive_care", examination.filter(pl.col("by_specialist").is_null()), "patient")
    panoramic = Acts(context, "supportive_care", care.filter(pl.col("kind") == "dental_panoramic"), "patient")
    last_examination, _ = d.last(by_specialist, 0)
    last_panoramic, _ = d.last(panoramic, 0)
    gap = _longest_gap(d, examination)
    d.add(
        dental_examination=d.occurred_or_perhaps(by_specialist, by_unknown, -P.DENTAL_BEFORE, 0),
        dental_examination_date=last_examination.cast(pl.Date),
        dental_panoramic=d.occurred(panoramic, -P.DENTAL_BEFORE, 0),
        dental_panoramic_date=last_panoramic.cast(pl.Date),
        dental_too_early=last_examination.is_not_null() & last_panoramic.is_not_null(),
        longest_dental_gap=select(
            pl.when((gap <= P.DENTAL_GAP) | d.provable("supportive_care", 0)).then(gap).otherwise(None)
        ),
    )


def _longest_gap(d: Decisions, examinations: pl.DataFrame) -> pl.Series:
    """The longest time without dental examination from the first dose to the last."""
    wanted = d.frame.select("pid", "day", "last_day").with_row_index("row")
    seen = wanted.join(examinations.select("pid", examined="day"), on="pid").filter(
        (pl.col("examined") > pl.col("day")) & (pl.col("examined") <= pl.col("last_day"))
    )
    marks = pl.concat(
        [
            wanted.select("row", mark="day"),
            seen.select("row", mark="examined"),
            wanted.select("row", mark="last_day"),
        ]
    )
    gaps = marks.sort("row", "mark").group_by("row", maintain_order=True).agg(gap=pl.col("mark").diff().max())
    return wanted.select("row").join(gaps, on="row", how="left", maintain_order="left")["gap"]


def _add_tests(d: Decisions, cohort: Cohort) -> None:
    """Renal function and vitamin D before the first dose."""
    tests, vitamin = _tests(cohort, *RENAL), _tests(cohort, "vitamin_d_25oh")
    last, _ = d.last(tests, 0)
    last_vitamin, _ = d.last(vitamin, 0)
    d.add(
        vitamin_d_test=d.occurred(vitamin, -P.VITAMIN_D_TEST, 0),
        vitamin_d_test_date=last_vitamin.cast(pl.Date),
        vitamin_d_test_too_early=d.found(vitamin, -P.OLDER_ACT, -P.VITAMIN_D_TEST - 1),
        renal_test=d.occurred(tests, -P.CLEARANCE, 0),
        renal_test_date=last.cast(pl.Date),
        renal_test_too_early=select(last >= d.day(-P.OLDER_ACT)).fill_null(False),
    )


def _add_persistence(d: Decisions, cohort: Cohort) -> None:
    """Two years of treatment, and what ended it."""
    context, last = cohort.context, d["last_day"]
    stops = context.rows("drug_prescriptions").filter(
        (pl.col("drug") == "antiresorptive") & pl.col("stop_reason").is_in(list(EXCUSING_STOPS))
    )
    stop = Timeline(stops.with_columns(day=day_of("stop_date")), "pid").first_day(d["pid"], last - P.ANTIRESORPTIVE_GAP)
    clearance = _laboratory(cohort, "creatinine_clearance")
    kept = d["course_days"] >= P.TWO_YEARS - P.MONTHLY_LATE
    d.add(
        two_years=select(
            pl.when(kept).then(True).when(d.provable("drug_administrations", 0)).then(False).otherwise(None)
        ),
        two_years_due=d.day(P.TWO_YEARS).cast(pl.Date),
        excusing_stop=select(stop <= last + P.ANTIRESORPTIVE_GAP).fill_null(False),
        jaw_osteonecrosis=d.occurred(cohort.library.jaw_osteonecrosis, 0, last + P.ANTIRESORPTIVE_GAP),
        life_expectancy_at_stop=d.state("life_expectancy_days", P.STATE, at=last),
        clearance_at_stop=_latest(d, clearance, last - P.ANTIRESORPTIVE_GAP, last + P.ANTIRESORPTIVE_GAP),
    )


def _add_growing(d: Decisions) -> None:
    """What is needed for a Kaplan-Meier estimate of persistence (`GROWING`)."""
    until = d.observed_until("drug_administrations")
    ended = (until - d["last_day"] > P.ANTIRESORPTIVE_GAP).fill_null(False)
    course_days = d["last_day"] - d["day"]
    d.add(treatment_ended=ended, days_on_treatment=course_days.zip_with(ended, (until - d["day"]).fill_null(0)))


def _add_reassessment(d: Decisions, cohort: Cohort) -> None:
    """What was decided about the treatment around two years."""
    context, window = cohort.context, (P.REASSESSMENT_FIRST, P.REASSESSMENT_LAST)
    visits = Acts(
        context,
        "consultations",
        context.rows("consultations").filter(pl.col("kind") == "antiresorptive_reassessment"),
        "patient",
    )
    meetings, undecided = cohort.library.meetings_deciding(MEDICAL_DECISIONS)
    stops = context.rows("drug_prescriptions").filter(
        (pl.col("drug") == "antiresorptive") & (pl.col("stop_reason") == "planned_reassessment")
    )
    stopped = Acts(context, "drug_prescriptions", stops.with_columns(day=day_of("stop_date")), "patient")
    d.add(
        planned_stop=d.found(stopped, *window),
        reassessed=d.occurred(visits, *window),
        reassessed_by_mdt=d.occurred_or_perhaps(meetings, undecided, *window),
        reassessed_late=d.found(visits, P.REASSESSMENT_LAST + 1) | d.found(meetings, P.REASSESSMENT_LAST + 1),
        reassessment_due=d.day(P.REASSESSMENT_LAST).cast(pl.Date),
    )
