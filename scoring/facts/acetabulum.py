"""Facts of decisions on the acetabulum: a painful or threatened lesion, and operations of the hip (G2 2.4, 4.2)."""

from __future__ import annotations

from functools import reduce

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Day, Decisions, earlier, select
from .lesions import unchanged
from .technique import HIP_SEGMENTS, NO_TREATMENT, of_lesion, of_procedure, uses

INVASIVE = ("interventional_radiology", "orthopaedic_surgery")
STEP_TWO = ("cementoplasty", "radiofrequency_ablation", "cryoablation")
ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation", "focused_ultrasound")
PERCUTANEOUS = ("cementoplasty", "percutaneous_screw", *ABLATIONS)
PARTS = ("acetabular_roof", "acetabular_posterior_column", "acetabular_medial_wall")
STATES = (
    *PARTS, "acetabular_involvement", "hip_instability", "fracture_status", "pain_mechanism", "mirels_pain",
    "pain_on_loading", "pain_disabling", "pain_refractory", "protrusion_risk",
)  # fmt: skip

_technique = pl.col("technique")
_invasive = pl.col("category").is_in(list(INVASIVE))


def is_invasive() -> pl.Expr:
    """A procedure of radiology or surgery that treats; one of unknown technique counts."""
    return _invasive & ~_technique.is_in(list(NO_TREATMENT)).fill_null(False)


def is_step_two() -> pl.Expr:
    """Cementoplasty, radiofrequency or cryotherapy."""
    return _invasive & uses(STEP_TWO)


def is_ct_cementoplasty() -> pl.Expr:
    """Cementoplasty under CT."""
    return _invasive & uses(["cementoplasty"]) & pl.col("guidance").is_in(["ct", "both"])


def is_acetabular_surgery() -> pl.Expr:
    """An operation that is none of the percutaneous techniques of the step before."""
    return (pl.col("category") == "orthopaedic_surgery") & ~_technique.is_in([*NO_TREATMENT, *PERCUTANEOUS])


def kind_of_treatment() -> pl.Expr:
    """The option of the acetabular vocabulary that a procedure stands for."""
    cement, screws = uses(["cementoplasty"]), uses(["percutaneous_screw"])
    reinforced = (_technique == "total_hip_arthroplasty") & pl.col("acetabular_reinforcement")
    return (
        pl.when(cement & screws).then(pl.lit("cementoplasty_with_screws"))
        .when(cement).then(pl.lit("cementoplasty"))
        .when(uses(ABLATIONS)).then(pl.lit("ablation"))
        .when(_technique == "acetabular_resection").then(pl.lit("acetabular_resection"))
        .when(reinforced).then(pl.lit("hip_with_reinforcement"))
        .when(_technique == "total_hip_arthroplasty").then(pl.lit("hip_without_reinforcement"))
        .when(uses(["percutaneous_screw"])).then(pl.lit("screws"))
        .when(pl.col("category") == "orthopaedic_surgery").then(pl.lit("other_surgery"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip


class _Treatments:
    """The procedures that decisions on the acetabulum ask about."""

    def __init__(self, cohort: Cohort) -> None:
        self.context = cohort.context
        self.rows = cohort.context.rows("procedures").with_columns(act=kind_of_treatment())
        self.invasive = self.acts(is_invasive())
        self.surgery = self.acts(is_acetabular_surgery())

    def acts(self, kind: pl.Expr) -> Acts:
        return Acts(self.context, "procedures", self.rows.filter(kind), "lesion")

    def happened(self, d: Decisions, kind: pl.Expr, since: Day, until: Day) -> pl.Series:
        """Was there a procedure of a kind in the window? Null too where one may be of the kind."""
        sure = d.occurred(self.acts(kind), since, until)
        perhaps = d.occurred(self.acts(kind.is_null()), since, until)
        return select(pl.when(sure.fill_null(False)).then(True).when(~perhaps).then(sure))


def _add_states(d: Decisions) -> None:
    d.add(**{name: d.state(name, P.STATE, table="lesion_assessments", key="lid") for name in STATES})
    parts = [pl.col(name) for name in PARTS]
    some = pl.any_horizontal([(part != "none").fill_null(False) for part in parts])
    spread = pl.any_horizontal([(part == "extensive").fill_null(False) for part in parts])
    recorded = pl.all_horizontal([part.is_not_null() for part in parts])
    by_parts = pl.when(some).then(True).when(recorded).then(False)
    d.add(
        acetabular_state=pl.coalesce("acetabular_involvement", by_parts),
        compromised=pl.when(spread).then(True).when(recorded).then(False),
    )
    d.add(compromised_missing=_blame("compromised", _first_missing({name: d[name] for name in PARTS})))


def _first_missing(columns: dict[str, pl.Series]) -> pl.Expr:
    """The first column of lesion_assessments that is not recorded."""
    return pl.coalesce(
        [pl.when(values.is_null()).then(pl.lit(f"lesion_assessments.{name}")) for name, values in columns.items()]
    )


def _blame(fact: str, column: pl.Expr) -> pl.Expr:
    """The column to blame where the fact is not known."""
    return pl.when(pl.col(fact).is_null()).then(column)


def _pain() -> pl.Expr:
    worst = [(pl.col(name) != "none").fill_null(False) for name in ("pain_mechanism", "mirels_pain")]
    signs = [pl.col(name).fill_null(False) for name in ("pain_on_loading", "pain_disabling", "pain_refractory")]
    none = ((pl.col("pain_mechanism") == "none") | (pl.col("mirels_pain") == "none")).fill_null(False)
    return pl.when(pl.any_horizontal([*worst, *signs])).then(True).when(none).then(False)


def _situation() -> pl.Expr:
    risk, pain = pl.col("acetabulum_at_risk"), pl.col("acetabulum_painful")
    refractory = pl.col("pain_refractory")
    return (
        pl.when(pl.col("fracture_status") == "pathological_fracture").then(pl.lit("fractured"))
        .when(risk).then(pl.lit("at_risk"))
        .when(~risk & ~pain).then(pl.lit("quiet"))
        .when(~risk & pain & refractory).then(pl.lit("refractory"))
        .when(~risk & pain & ~refractory).then(pl.lit("painful"))
    )  # fmt: skip


def lesions(cohort: Cohort) -> pl.DataFrame:
    """One row per decision on an acetabular lesion; index date: the assessment."""
    context, treatments = cohort.context, _Treatments(cohort)
    rows = cohort.keep(context.rows("lesion_assessments")).filter(pl.col("bone") == "pelvis")
    rows = rows.select("pid", "lid", "day", entity_id="assessment_id").sort("lid", "day", "entity_id")
    every = Decisions(context, rows)
    _add_states(every)
    impending = pl.col("fracture_status") == "impending"
    every.add(
        segment=of_lesion(every, "segment")["segment"],
        acetabulum_painful=_pain(),
        acetabulum_at_risk=impending | pl.col("compromised") | pl.col("hip_instability"),
    )
    risks = ("fracture_status", *PARTS, "hip_instability")
    every.add(
        situation=_situation(),
        at_risk_missing=_blame("acetabulum_at_risk", _first_missing({name: every[name] for name in risks})),
    )
    involved = (pl.col("segment") == "acetabulum").fill_null(False) | pl.col("acetabular_state").fill_null(False)
    kept = every.frame.filter(involved)
    same = unchanged(kept, ["situation"], cohort)
    treated = treatments.invasive.of_lesion.last_day(kept["lid"], kept["day"] - 1).is_not_null()
    kept = kept.filter(~same & ~treated)
    d = Decisions(context, kept.select("pid", "lid", "day", "entity_id"))
    facts = (
        "acetabulum_painful", "acetabulum_at_risk", "at_risk_missing", "compromised", "compromised_missing", "hip_instability",
        "fracture_status", "pain_refractory",
    )  # fmt: skip
    d.add(next_day=kept.select(pl.col("day").shift(-1).over("lid"))["day"], **{name: kept[name] for name in facts})
    _add_patient(d)
    _add_treatment(d, cohort, treatments)
    return d.frame


def _add_patient(d: Decisions) -> None:
    """The condition of the patient: frail, fit, infected."""
    frail, karnofsky = d.state("frail", P.STATE), d.state("karnofsky", P.STATE)
    fit = d.state("fit_for_surgery", P.STATE)
    d.add(
        life_expectancy_days=d.state("life_expectancy_days", P.STATE),
        fit_for_surgery=fit,
        fragile=select(pl.coalesce(frail, (karnofsky <= P.FRAIL_KARNOFSKY) | ~fit)),
        infection_puncture_site=d.state("infection_puncture_site", P.STATE),
        sepsis_uncontrolled=d.state("sepsis_uncontrolled", P.STATE),
    )


def _add_treatment(d: Decisions, cohort: Cohort, treatments: _Treatments) -> None:
    library, last = cohort.library, P.LOCAL_TREATMENT
    irradiated = d.occurred(library.courses, -P.EARLIER_TREATMENT, -P.RADIOTHERAPY_FAILURE)
    course, _ = d.first(library.courses, -P.RADIOTHERAPY_FAILURE + 1)
    surgery, _ = d.first(treatments.surgery, 0)
    surgery = select(pl.when(surgery <= d.day(last)).then(surgery))
    step_two, _ = d.first(treatments.acts(is_step_two()), last + 1)
    cement, _ = d.first(treatments.acts(is_ct_cementoplasty()), last + 1)
    act, _ = d.first(treatments.invasive, 0)
    d.add(
        irradiated_long_before=irradiated,
        invasive_first=_invasive_first(d, cohort, treatments),
        step_two_done=treatments.happened(d, is_step_two(), 0, last),
        step_two_late=step_two.is_not_null(),
        ct_cementoplasty=treatments.happened(d, is_ct_cementoplasty(), 0, last),
        ct_cementoplasty_late=cement.is_not_null(),
        acetabular_due=d.day(last).cast(pl.Date),
        mdt_before_surgery=d.occurred(library.meetings, surgery - P.MDT_BEFORE, surgery),
        acetabular_surgery_date=surgery.cast(pl.Date),
        acetabular_act=d.last_value(treatments.invasive, "act", 0, earlier(act, d.day(last))),
        radiotherapy_date=select(pl.when(course <= d.day(last)).then(course)).cast(pl.Date),
        mdt_decision=d.last_value(library.decided_meetings, "decision", -P.MDT_BEFORE, last),
    )


def _invasive_first(d: Decisions, cohort: Cohort, treatments: _Treatments) -> pl.Series:
    """Did a radiological or surgical treatment come before any radiotherapy, until the next decision?"""
    until = earlier(d.day(P.LOCAL_TREATMENT), d["next_day"] - 1)
    since = -P.RADIOTHERAPY_FAILURE + 1

    def before(day: pl.Series) -> pl.Series:
        """Is there no radiotherapy before the act of this day? False where there is no act."""
        inside = select((day <= until).fill_null(False))
        irradiated = d.occurred(cohort.library.courses, since, day - 1)
        return select(pl.when(~inside).then(False).otherwise(~irradiated))

    sure, doubtful = d.first(treatments.invasive, 0)
    known = before(sure)
    perhaps = select(pl.when(~before(doubtful)).then(False).otherwise(None))
    unseen = select(pl.when(d.provable("procedures", 0) | (until < d["day"])).then(False).otherwise(None))
    return reduce(lambda one, other: one | other, (known, perhaps, unseen))


def add_acetabulum(d: Decisions, cohort: Cohort) -> None:
    """Add the facts of the acetabulum to decisions on a procedure."""
    staged = Decisions(cohort.context, d.frame.select("pid", "lid", "day", "entity_id"))
    _add_states(staged)
    _add_patient(staged)
    own = of_procedure(
        d,
        cohort,
        "technique",
        "category",
        "associated_techniques",
        "acetabular_reinforcement",
        "resection_extent",
        "guidance",
    )
    kinds = own.select(
        open_technique=~_technique.is_in([*NO_TREATMENT, *PERCUTANEOUS]),
        cemented=uses(["cementoplasty"]),
        oncological=pl.when(
            (_technique == "acetabular_resection").fill_null(False)
            | pl.col("resection_extent").is_in(["en_bloc", "oncological"]).fill_null(False)
        )
        .then(True)
        .when(_technique.is_not_null())
        .then(False),
        act=kind_of_treatment(),
    )
    pelvis, segment = pl.col("bone") == "pelvis", pl.col("segment")
    in_acetabulum = (pelvis & (segment == "acetabulum")).fill_null(False)
    status, roof = staged["fracture_status"], staged["acetabular_roof"]
    treated = (pl.col("procedure_technique") == "acetabular_resection") | (pelvis & kinds["cemented"])
    d.add(
        open_technique=kinds["open_technique"],
        acetabular_resection=kinds["oncological"],
        acetabular_act=kinds["act"],
        acetabular_reinforcement=own["acetabular_reinforcement"],
        acetabulum_involved=pl.when(in_acetabulum).then(True).otherwise(staged["acetabular_state"]),
        acetabulum_treated=treated | own["acetabular_reinforcement"],
        protrusion_risk=staged["protrusion_risk"],
        pain_refractory=staged["pain_refractory"],
        load_zone_risk=(roof == "extensive")
        | (pelvis & pl.col("weight_bearing") & status.is_in(["impending", "pathological_fracture"])),
        fit_for_surgery=staged["fit_for_surgery"],
        fragile=staged["fragile"],
        femoral_lesion=_femoral_lesion(d, cohort),
    )
    d.add(hip=_hip())
    in_doubt = "bone_lesions.segment", "lesion_assessments.acetabular_involvement"
    d.add(
        hip_missing=_blame("hip", pl.when(pelvis).then(pl.lit(in_doubt[1])).otherwise(pl.lit(in_doubt[0]))),
        load_zone_missing=_blame(
            "load_zone_risk", _first_missing({"acetabular_roof": roof, "fracture_status": status})
        ),
    )
    _add_earlier(d, cohort)


def _hip() -> pl.Expr:
    """Is the procedure one of the hip?"""
    bone, segment = pl.col("bone"), pl.col("segment")
    # A nail of the trochanteric region does not open the joint; a prosthesis does.
    femoral = segment.is_in(["head", "neck"]) | (segment.is_in(list(HIP_SEGMENTS)) & pl.col("arthroplasty"))
    return (
        pl.when(pl.col("procedure_technique") == "total_hip_arthroplasty").then(True)
        .when(bone == "femur").then(femoral)
        .when(bone == "pelvis").then(pl.col("acetabulum_involved"))
        .when(bone.is_not_null()).then(False)
    )  # fmt: skip


def _femoral_lesion(d: Decisions, cohort: Cohort) -> pl.Series:
    """Is a lesion of the proximal femur of the same side known on that day?"""
    near = pl.col("bone").eq("femur") & pl.col("segment").is_in(["head", "neck", "trochanteric", "subtrochanteric"])
    femurs = cohort.context.lesions.filter(near).select("pid", found="day", femur="side")
    asked = d.frame.select("pid", "day").with_columns(side=of_lesion(d, "side")["side"]).with_row_index("row")
    pairs = asked.join(femurs, on="pid").filter(pl.col("found") <= pl.col("day"))
    same = pairs.group_by("row").agg(some=(pl.col("side") == pl.col("femur")).any(ignore_nulls=False))
    joined = asked.join(same, on="row", how="left", maintain_order="left")
    counted = asked["row"].is_in(same["row"].to_list())
    return select(pl.when(~counted).then(False).otherwise(joined["some"]))


def _add_earlier(d: Decisions, cohort: Cohort) -> None:
    """What was tried on the lesion before, and who decided the operation."""
    treatments, back = _Treatments(cohort), -P.EARLIER_TREATMENT
    deciding, undecided = cohort.library.meetings_deciding(("surgery",))
    d.add(
        step_two_before=treatments.happened(d, is_step_two(), back, -1),
        irradiated_in_year=d.occurred(cohort.library.courses, back, -1),
        mdt_decided_surgery=d.occurred_or_perhaps(deciding, undecided, -P.MDT_BEFORE, 0),
    )
