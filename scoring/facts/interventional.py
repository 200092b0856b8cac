"""Facts of decisions on an interventional procedure: what was done, why, how it was prepared; and on a pelvic fracture."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Day, Decisions, earlier, holds, select
from .indications import fractured
from .library import PERCUTANEOUS_FIXATION, SURGERY

CEMENT = ("cementoplasty", "vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty")
ABLATION = ("radiofrequency_ablation", "microwave_ablation", "cryoablation", "focused_ultrasound")
CONSOLIDATION = (*CEMENT, *PERCUTANEOUS_FIXATION)
NEVER_LOADED = (
    "humerus", "radius", "ulna", "metacarpal", "phalanx", "carpus", "clavicle", "scapula", "rib", "sternum", "skull",
)  # fmt: skip
"""Bones of the chest, the skull and the upper limb: they bear no weight where the lesion's zone is not recorded."""
RISK_LEVELS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "T11", "T12", "L1")
"""The cervical spine and the thoraco-lumbar junction, read as in the SINS."""
INDICATIONS = {
    "coded_pain": "uncontrolled_pain",
    "coded_opioids": "opioid_problem",
    "coded_alternative": "alternative_failed",
    "coded_stabilisation": "stabilisation",
    "coded_preventive": "preventive_risk_zone",
}
COAGULATION = {"pt_inr_tested": "pt_inr", "aptt_tested": "aptt", "platelets_tested": "platelets"}
ANTITHROMBOTICS = ("anticoagulant", "antiplatelet")
_RECORDED = (
    "associated_techniques", "approach", "guidance", "anaesthesia", "lesion_authenticated", "cementoplasty_indications",
    "cement_added", "admission_date", "discharge_date", "complication_date",
)  # fmt: skip
_radiologist = pl.col("category") == "interventional_radiology"
_surgeon = pl.col("category").is_in(list(SURGERY))


def add_interventional(d: Decisions, cohort: Cohort) -> None:
    """Add to the decisions on procedures what the rules of interventional radiology ask."""
    rows = d.frame.select(procedure_id="entity_id").join(
        cohort.context.registry["procedures"], on="procedure_id", how="left", maintain_order="left"
    )
    d.add(**{column: rows[column] for column in _RECORDED})
    _add_techniques(d)
    _add_linked(d, cohort)
    _add_indications(d, cohort)
    _add_preparation(d, cohort)
    _add_antithrombotics(d, cohort)
    _add_lesion(d, cohort)
    _add_pain_and_stay(d, cohort)


def includes(*tokens: str, technique: str = "technique") -> pl.Expr:
    """Is one of the techniques the main or an associated one? Null where the main one is not recorded.

    The contract says that an empty cell of associated techniques means none.
    """
    return pl.col(technique).is_in(list(tokens)) | holds("associated_techniques", tokens).fill_null(False)


def _percutaneous(*tokens: str) -> pl.Expr:
    """The act by a radiologist, in whatever combination, or through the skin as the main technique of a surgeon."""
    main = pl.col("procedure_technique").is_in(list(tokens))
    return (_radiologist & includes(*tokens, technique="procedure_technique")) | (
        _surgeon & main & (pl.col("approach") == "percutaneous")
    )


def _add_techniques(d: Decisions) -> None:
    main = pl.col("procedure_technique")
    through_skin = (pl.col("approach") == "percutaneous") | (main != "focused_ultrasound")
    cement = pl.col("cement_added").fill_null(False)
    d.add(
        cementoplasty=_percutaneous(*CEMENT),
        ablation=_percutaneous(*ABLATION),
        consolidation=includes(*CONSOLIDATION, technique="procedure_technique") | cement,
        microwave=includes("microwave_ablation", technique="procedure_technique"),
        focused_ultrasound=main == "focused_ultrasound",
        percutaneous_screwing=(_surgeon & (main == "percutaneous_screw"))
        | (_radiologist & includes("percutaneous_screw", technique="procedure_technique")),
        technique_missing=pl.when(main.is_null())
        .then(pl.lit("procedures.technique"))
        .when(pl.col("approach").is_null())
        .then(pl.lit("procedures.approach")),
    )
    d.add(puncture=(_radiologist & through_skin) | pl.col("cementoplasty"))
    for name in ("cementoplasty", "ablation", "puncture"):
        d.add(**{f"{name}_missing": pl.when(pl.col(name).is_null()).then("technique_missing")})


def _local(cohort: Cohort, keep: pl.Expr) -> Acts:
    rows = cohort.context.rows("procedures").filter(_surgeon | _radiologist)
    return Acts(cohort.context, "procedures", rows.filter(keep), "lesion")


def _occurred(d: Decisions, cohort: Cohort, test: pl.Expr, since: Day, until: Day) -> pl.Series:
    """Was there an operation or interventional procedure of which `test` is true? A test that is null leaves a doubt."""
    sure = d.occurred(_local(cohort, test), since, until)
    perhaps = d.occurred(_local(cohort, test.is_null()), since, until)
    return sure | select(pl.when(~perhaps).then(False).otherwise(None))


def _add_linked(d: Decisions, cohort: Cohort) -> None:
    """Ablation, consolidation and radiotherapy of the lesion around the procedure."""
    consolidating = includes(*CONSOLIDATION) | pl.col("cement_added").fill_null(False)
    courses = cohort.context.rows("radiotherapy_courses")
    intent = pl.col("intent")
    analgesic = Acts(cohort.context, "radiotherapy_courses", courses.filter(intent == "analgesic"), "lesion")
    unknown = Acts(cohort.context, "radiotherapy_courses", courses.filter(intent.is_null()), "lesion")
    around = -P.CEMENT_RADIOTHERAPY, P.CEMENT_RADIOTHERAPY
    perhaps = d.occurred(unknown, *around)
    d.add(
        ablation_linked=_occurred(d, cohort, includes(*ABLATION), -P.LINKED_SESSION, P.LINKED_SESSION),
        consolidation_linked=_occurred(d, cohort, consolidating, -P.LINKED_SESSION, P.LINKED_SESSION),
        linked_session_due=d.day(P.LINKED_SESSION).cast(pl.Date),
        analgesic_course=d.occurred(analgesic, *around) | select(pl.when(~perhaps).then(False).otherwise(None)),
        course_around=d.occurred(cohort.library.courses, *around),
        course_around_due=d.day(P.CEMENT_RADIOTHERAPY).cast(pl.Date),
    )


def _add_indications(d: Decisions, cohort: Cohort) -> None:
    """The indications that were recorded for a cementoplasty, and what bears them out."""
    codes = pl.col("cementoplasty_indications")
    d.add(
        indication_coded=codes.list.len() > 0,
        **{name: holds("cementoplasty_indications", [token]) for name, token in INDICATIONS.items()},
    )
    with_surgery, unrecorded = cohort.library.meetings_about("surgery")
    d.add(
        pain_refractory_before=d.state("pain_refractory", P.PROCEDURE_PAIN, table="lesion_assessments", key="lid"),
        opioid_intolerance=d.state("opioid_intolerance", P.STATE),
        fit_for_surgery=d.state("fit_for_surgery", P.STATE),
        reirradiation_possible=d.state("reirradiation_possible", P.STATE, table="lesion_assessments", key="lid"),
        surgery_discussed=d.occurred_or_perhaps(with_surgery, unrecorded, -P.MDT_BEFORE, 0),
        **_treated_before(d, cohort),
    )


def _treated_before(d: Decisions, cohort: Cohort) -> dict[str, pl.Series]:
    """Radiotherapy that had ended, and operations or interventional procedures, on the lesion before the procedure."""
    context = cohort.context
    ended = context.rows("radiotherapy_courses").with_columns(day=pl.coalesce(day_of("end_date"), "day"))
    lesions = context.lesions.select("lid", discovered="day")
    discovered = d.frame.select("lid").join(lesions, on="lid", how="left", maintain_order="left")["discovered"]
    answers = {}
    for name, acts in (
        ("course_before", Acts(context, "radiotherapy_courses", ended, "lesion")),
        ("procedure_before", _local(cohort, pl.lit(True))),
    ):
        sure, doubtful = d.last(acts, -1)
        answers[name] = select(
            pl.when(d["lid"].is_null()).then(None)
            .when(sure.is_not_null()).then(True)
            .when(doubtful.is_not_null()).then(None)
            .when(d.provable(acts.table, discovered)).then(False)
            .otherwise(None)
        )  # fmt: skip
    return answers


def _add_preparation(d: Decisions, cohort: Cohort) -> None:
    """Examinations, blood tests and infections before the procedure."""
    context = cohort.context
    examined = Acts(context, "clinical_assessments", context.rows("clinical_assessments"), "patient")
    imaged = Acts(context, "imaging_exams", context.rows("imaging_exams"), "lesion", "counts")
    seen_earlier = d.found(examined, -P.OLDER_ACT, 0) & d.found(imaged, -P.OLDER_ACT, 0)
    labs = context.rows("lab_results")
    tests = {
        name: Acts(context, "lab_results", labs.filter(pl.col("analyte") == analyte), "patient")
        for name, analyte in COAGULATION.items()
    }
    any_test = Acts(context, "lab_results", labs.filter(pl.col("analyte").is_in(list(COAGULATION.values()))), "patient")
    d.add(
        examined_before=d.occurred(examined, -P.AUTHENTICATION, 0),
        imaged_before=d.occurred(imaged, -P.AUTHENTICATION, 0),
        authenticated_earlier=(d["lesion_authenticated"] & seen_earlier).fill_null(False),
        **{name: d.occurred(acts, -P.COAGULATION, 0) for name, acts in tests.items()},
        coagulation_earlier=d.found(any_test, -P.OLDER_ACT, -P.COAGULATION - 1),
    )


def _add_antithrombotics(d: Decisions, cohort: Cohort) -> None:
    """Is the patient on an anticoagulant or antiplatelet drug, and is it recorded what was decided about each?"""
    drugs = cohort.context.rows("drug_prescriptions").filter(pl.col("drug").is_in(list(ANTITHROMBOTICS)))
    drugs = drugs.select(
        "pid", "stop_reason", "periprocedural_decision", start=day_of("start_date"), stop=day_of("stop_date")
    )
    for_the_procedure = (pl.col("stop_reason") == "procedure").fill_null(False) & (pl.col("stop") <= pl.col("day"))
    managed = pl.col("periprocedural_decision").is_not_null() | for_the_procedure.fill_null(False)
    taken = (pl.col("stop") >= pl.col("day")).fill_null(True)
    just_stopped = managed & (pl.col("stop") >= pl.col("day") - P.ANTITHROMBOTIC_STOPPED)
    met = (
        d.frame.select("entity_id", "pid", "day")
        .join(drugs, on="pid")
        .filter((pl.col("start") < pl.col("day")) & (taken | just_stopped))
        .group_by("entity_id")
        .agg(all_managed=managed.all())
    )
    found = d.frame.select("entity_id").join(met, on="entity_id", how="left", maintain_order="left")["all_managed"]
    proves = d.provable("drug_prescriptions", 0)
    d.add(
        antithrombotic=select(pl.when(found.is_not_null()).then(True).when(proves).then(False).otherwise(None)),
        antithrombotic_managed=select(pl.when(found).then(True).when(proves & ~found).then(False).otherwise(None)),
    )


def _add_lesion(d: Decisions, cohort: Cohort) -> None:
    """Zone, fracture and state of the lesion before the procedure."""
    context = cohort.context
    lesion = d.frame.select("lid").join(
        context.lesions.select("lid", "vertebral_level", recorded="weight_bearing"),
        on="lid", how="left", maintain_order="left",
    )  # fmt: skip
    for_fracture = (d["procedure_intent"] == "fracture").fill_null(False)
    d.add(
        vertebral_level=lesion["vertebral_level"],
        load_bearing=select(
            pl.when(lesion["recorded"].is_not_null()).then(lesion["recorded"])
            .when(d["bone"].is_in(list(NEVER_LOADED))).then(False)
            .otherwise(None)
        ),
        pain_mechanism=d.state("pain_mechanism", P.STATE, table="lesion_assessments", key="lid"),
        acetabular_roof=d.state("acetabular_roof", P.STATE, table="lesion_assessments", key="lid"),
        n_bone_metastases=d.state("n_bone_metastases", P.STATE),
        fracture_treated=select(pl.when(for_fracture).then(True).otherwise(fractured(d))),
    )  # fmt: skip
    bone, roof = pl.col("bone"), pl.col("acetabular_roof")
    elsewhere = pl.col("segment").is_in(["iliac_wing", "ischium_pubis"]).fill_null(False)
    d.add(
        risk_zone=pl.when(bone.is_null()).then(None)
        .when(bone == "vertebra").then(pl.col("vertebral_level").is_in(list(RISK_LEVELS)))
        .when((bone != "pelvis") | elsewhere).then(False)
        .otherwise(roof != "none"),
        risk_zone_missing=pl.when(bone.is_null()).then(pl.lit("procedures.lesion_id"))
        .when((bone == "vertebra") & pl.col("vertebral_level").is_null()).then(pl.lit("bone_lesions.vertebral_level"))
        .when((bone == "pelvis") & roof.is_null()).then(pl.lit("lesion_assessments.acetabular_roof")),
    )  # fmt: skip


def _add_pain_and_stay(d: Decisions, cohort: Cohort) -> None:
    """Pain with the treatment under which it was measured; nights in hospital, and a complication during the stay."""
    measured = cohort.context.rows("clinical_assessments").filter(pl.col("pain_nrs").is_not_null())
    known = Timeline(measured, "pid", ["assessment_id"])
    position = known.last(d["pid"], d["day"])
    position = select(pl.when(known.take("day", position) >= d.day(-P.PROCEDURE_PAIN)).then(position))
    d.add(
        pain_before=known.take("pain_nrs", position),
        pain_on_analgesics=known.take("on_analgesics", position),
        nights=day_of("discharge_date") - day_of("admission_date"),
        complication_in_stay=pl.col("complication").is_not_null()
        & (pl.col("complication_date") <= pl.col("discharge_date")),
    )


def add_pelvic_fracture(d: Decisions, cohort: Cohort) -> None:
    """Add to the decisions on lesions what a fracture of the pelvis was treated with."""
    until = d.day(P.FRACTURE_SURGERY)
    # Without an act, what was done is known once the time has passed, or the patient has died.
    observed = d.reaches(earlier(until, d["death_day"]), "procedures").fill_null(False)
    for name, test in (
        ("pelvis_screwed", includes("percutaneous_screw")),
        ("pelvis_operated", pl.col("category") == "orthopaedic_surgery"),
        ("pelvis_other_interventional", _radiologist),
    ):
        done = _occurred(d, cohort, test, 0, P.FRACTURE_SURGERY)
        d.add(**{name: select(pl.when(done | observed).then(done))})
