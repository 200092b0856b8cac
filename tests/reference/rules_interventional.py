"""Interventional radiology (G1 sections 3.6, 3.6.1 and 3.6.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .decisions import Decision, between, is_fractured, latest_in, score_bounds
from .items import Row
from .logic import Truth, and_, holds, known, not_, one_of, or_, plus
from .patient import is_surgery, latest_recorded, of_lesion, on
from .rule import Case, rule
from .scores import mirels_at

CEMENT = ("cementoplasty", "vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty")
ABLATION = ("radiofrequency_ablation", "microwave_ablation", "cryoablation", "focused_ultrasound")
FIXATION = ("percutaneous_screw", "percutaneous_nail", "intramedullary_nail")
UNLOADED = {
    "humerus", "radius", "ulna", "metacarpal", "phalanx", "carpus", "clavicle", "scapula", "rib", "sternum", "skull",
}  # fmt: skip
NOT_COVERED = {
    "clavicle", "scapula", "sternum", "rib", "skull", "patella", "phalanx", "carpus", "tarsus", "sacrum",
}  # fmt: skip
LONG_BONES = ("humerus", "radius", "ulna", "femur", "tibia", "fibula")
RISK_LEVELS = {*(f"C{n}" for n in range(1, 8)), "T11", "T12", "L1"}
PROXIMAL_FEMUR = ("head", "neck", "trochanteric", "subtrochanteric", "proximal_end")


# What a procedure is -------------------------------------------------------------------------------------------------


def by_radiologist(row: Row) -> bool:
    return row["category"] == "interventional_radiology"


def is_local(row: Row) -> bool:
    return by_radiologist(row) or is_surgery(row)


def includes(row: Row, *techniques: str) -> Truth:
    return or_(one_of(row["technique"], *techniques), holds(row["associated_techniques"] or [], *techniques))


def through_the_skin(row: Row, techniques: tuple[str, ...]) -> Truth:
    if by_radiologist(row):
        return includes(row, *techniques)
    if not is_surgery(row):
        return False
    return and_(one_of(row["technique"], *techniques), one_of(row["approach"], "percutaneous"))


def is_cementoplasty(row: Row) -> Truth:
    return through_the_skin(row, CEMENT)


def is_ablation(row: Row) -> Truth:
    return through_the_skin(row, ABLATION)


def consolidates(row: Row) -> Truth:
    return True if row["cement_added"] else includes(row, *CEMENT, *FIXATION)


def ablates(row: Row) -> Truth:
    return includes(row, *ABLATION)


def is_puncture(row: Row) -> Truth:
    if not by_radiologist(row):
        return is_cementoplasty(row)
    not_ultrasound = not_(one_of(row["technique"], "focused_ultrasound"))
    return or_(is_cementoplasty(row), one_of(row["approach"], "percutaneous"), not_ultrasound)


def linked(d: Decision, test: Callable[[Row], Truth]) -> Truth:
    """Whether a procedure of that kind was done on the lesion within 30 days."""

    def on_the_lesion(row: Row) -> Truth:
        return and_(is_local(row), on(row, d.lesion_id), test(row))

    return d.patient.occurred("procedures", plus(d.idx, -30), plus(d.idx, 30), on_the_lesion)


def latest(d: Decision, column: str, days: int = 60) -> object:
    """The latest value of a column of the lesion's assessments."""
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    row = latest_recorded(rows, column, plus(d.idx, -days), d.idx)
    return None if row is None else row[column]


# Intent (3.6) --------------------------------------------------------------------------------------------------------


def bears_load(d: Decision) -> Truth:
    if d.lesion_id is None:
        return None
    recorded: Truth = d.patient.lesions[d.lesion_id]["weight_bearing"]
    if recorded is None and d.bone in UNLOADED:
        return False
    return recorded


@rule("G1-3.6-01", "procedure", "interventional", "P")
def ablation_with_consolidation(d: Decision) -> Case | None:
    if not by_radiologist(d.row):
        return None
    return Case(
        applies=one_of(d.row["intent"], "curative"),
        met=and_(
            or_(is_ablation(d.row), linked(d, ablates)),
            or_(consolidates(d.row), linked(d, consolidates)),
        ),
        due=plus(d.idx, 30),
        observed=("procedures",),
        exceptions={
            "not_load_bearing": not_(bears_load(d)),
            "no_bone_loss": one_of(latest(d, "bone_loss_major"), False),
        },
    )


@rule("G1-3.6-02", "procedure", "interventional", "P")
def technique_by_the_pain(d: Decision) -> Case | None:
    if not by_radiologist(d.row):
        return None
    pain = latest(d, "pain_mechanism")
    ablation, consolidation = is_ablation(d.row), consolidates(d.row)
    choice = {"inflammatory": ablation, "mechanical": consolidation, "mixed": or_(ablation, consolidation)}
    return Case(
        applies=and_(
            one_of(d.row["intent"], "palliative", "pain"),
            one_of(pain, *choice),
        ),
        met=choice.get(str(pain)),
    )


# Cementoplasty: preparation (3.6.1) ----------------------------------------------------------------------------------


@rule("G1-3.6.1-01", "procedure", "interventional", "P")
def guided_through_the_skin(d: Decision) -> Case:
    guided = one_of(d.row["guidance"], "fluoroscopy", "ct", "both")
    return Case(applies=is_cementoplasty(d.row), met=and_(guided, one_of(d.row["approach"], "percutaneous")))


@rule("G1-3.6.1-04", "procedure", "interventional", "D")
def lesion_authenticated(d: Decision) -> Case | None:
    if not by_radiologist(d.row):
        return None
    p = d.patient

    def shows(row: Row) -> Truth:
        return d.lesion_id is None or row["lesion_id"] in (None, d.lesion_id)

    def both(days: int) -> tuple[Truth, Truth]:
        start = plus(d.idx, -days)
        examined = p.occurred("clinical_assessments", start, d.idx, lambda row: True)
        return examined, p.occurred("imaging_exams", start, d.idx, shows)

    agreed = d.row["lesion_authenticated"]
    preventive = holds(d.row["cementoplasty_indications"], "preventive_risk_zone")
    earlier = and_(agreed, *both(183)) is True
    return Case(
        applies=one_of(d.row["intent"], "pain", "palliative", "fracture", "decompression", "consolidation"),
        met=and_(agreed, *both(30)),
        late=earlier,
        ambers={"examinations_not_found": agreed is not False and not earlier},
        exceptions={"preventive_consolidation": and_(is_cementoplasty(d.row), preventive)},
    )


@rule("G1-3.6.1-11", "procedure", "interventional", "D")
def coagulation_tested(d: Decision) -> Case:
    p = d.patient

    def tested(first: int, last: int, *analytes: str) -> Truth:
        start, end = plus(d.idx, first), plus(d.idx, last)
        return p.occurred("lab_results", start, end, lambda row: row["analyte"] in analytes)

    panel = ("pt_inr", "aptt", "platelets")
    each = [tested(-7, 0, analyte) for analyte in panel]
    return Case(
        applies=is_puncture(d.row),
        met=and_(*each),
        late=tested(-183, -8, *panel) is True,
        ambers={"part_of_the_panel": or_(*each)},
    )


@rule("G1-3.6.1-12", "procedure", "interventional", "P")
def antithrombotics_managed(d: Decision) -> Case:
    def managed(row: Row) -> bool:
        stopped = row["stop_reason"] == "procedure" and row["stop_date"] is not None and row["stop_date"] <= d.idx
        return row["periprocedural_decision"] is not None or stopped

    def concerned(row: Row) -> bool:
        if row["drug"] not in ("anticoagulant", "antiplatelet") or row["start_date"] >= d.idx:
            return False
        stop: date | None = row["stop_date"]
        return stop is None or stop >= d.idx or (managed(row) and stop >= plus(d.idx, -10))

    rows = [row for row in d.patient.rows("drug_prescriptions") if concerned(row)]
    no = False if d.patient.provable("drug_prescriptions", d.idx) else None
    return Case(
        applies=and_(is_puncture(d.row), True if rows else no),
        met=True if all(managed(row) for row in rows) else no,
    )


@rule("G1-3.6.1-13", "procedure", "interventional", "D", excusable=False)
def no_cement_with_an_infection(d: Decision) -> Case:
    site = d.patient.state("infection_puncture_site", d.idx)
    sepsis = d.patient.state("sepsis_uncontrolled", d.idx)
    return Case(applies=is_cementoplasty(d.row), met=and_(not_(site), not_(sepsis)))


@rule("G1-3.6.1-14", "procedure", "interventional", "P")
def no_cement_alone_against_the_tumour(d: Decision) -> Case:
    return Case(
        applies=and_(is_cementoplasty(d.row), not_(is_ablation(d.row))),
        met=not_(one_of(d.row["intent"], "curative")),
        exceptions={
            "ablation_in_another_session": linked(d, ablates),
            "radiotherapy_of_the_lesion": irradiated_around(d, lambda row: True),
        },
    )


def irradiated_around(d: Decision, test: Callable[[Row], Truth]) -> Truth:
    start, end = plus(d.idx, -60), plus(d.idx, 60)
    return d.patient.occurred("radiotherapy_courses", start, end, lambda row: and_(on(row, d.lesion_id), test(row)))


@rule("G1-3.6.1-16", "procedure", "interventional", "P")
def ablation_of_soft_tissue(d: Decision) -> Case:
    ablation = is_ablation(d.row)
    predominant = one_of(latest(d, "soft_tissue_extension"), "predominant")
    return Case(
        applies=and_(or_(is_cementoplasty(d.row), ablation), predominant),
        met=or_(ablation, linked(d, ablates)),
        due=plus(d.idx, 30),
        observed=("procedures",),
    )


# Cementoplasty: indications (3.6.1) ----------------------------------------------------------------------------------


@rule("G1-3.6.1-05", "procedure", "interventional", "P")
def a_listed_indication(d: Decision) -> Case:
    return Case(applies=is_cementoplasty(d.row), met=known(d.row["cementoplasty_indications"], bool))


def coded(d: Decision, indication: str) -> Truth:
    return and_(is_cementoplasty(d.row), holds(d.row["cementoplasty_indications"], indication))


@rule("G1-3.6.1-06", "procedure", "interventional", "P")
def pain_resists(d: Decision) -> Case:
    return Case(applies=coded(d, "uncontrolled_pain"), met=one_of(latest(d, "pain_refractory", 30), True))


@rule("G1-3.6.1-07", "procedure", "interventional", "P")
def opioids_not_tolerated(d: Decision) -> Case:
    return Case(applies=coded(d, "opioid_problem"), met=d.patient.state("opioid_intolerance", d.idx))


def treated_earlier(d: Decision, table: str, rows: list[Row]) -> Truth:
    """Whether one of these rows, all from before the procedure, is on its lesion."""
    if d.lesion_id is None:
        return None
    answers = [on(row, d.lesion_id) for row in rows]
    discovery = d.patient.lesions[d.lesion_id]["discovery_date"]
    return or_(*answers, False if d.patient.provable(table, discovery) else None)


@rule("G1-3.6.1-08", "procedure", "interventional", "P")
def others_failed_or_excluded(d: Decision) -> Case:
    p = d.patient
    courses = [r for r in p.rows("radiotherapy_courses") if (r["end_date"] or r["start_date"]) < d.idx]
    procedures = [r for r in p.rows("procedures") if is_local(r) and r["date"] < d.idx]
    return Case(
        applies=coded(d, "alternative_failed"),
        met=or_(
            not_(p.state("fit_for_surgery", d.idx)),
            one_of(latest(d, "reirradiation_possible"), False),
            treated_earlier(d, "radiotherapy_courses", courses),
            treated_earlier(d, "procedures", procedures),
        ),
    )


@rule("G1-3.6.1-09", "procedure", "interventional", "P")
def surgery_or_radiotherapy(d: Decision) -> Case:
    p, start = d.patient, plus(d.idx, -60)
    about = {row["mdt_id"] for row in p.meetings(d.lesion_id, start, d.idx)}

    def surgery(row: Row) -> Truth:
        return holds(row["options_discussed"], "surgery") if row["mdt_id"] in about else False

    return Case(
        applies=coded(d, "stabilisation"),
        met=or_(
            p.occurred("mdt_meetings", start, d.idx, surgery),
            irradiated_around(d, lambda row: one_of(row["intent"], "analgesic")),
        ),
        due=plus(d.idx, 60),
        observed=("radiotherapy_courses",),
    )


def in_risk_zone(d: Decision) -> Truth:
    if d.lesion_id is None:
        return None
    lesion = d.patient.lesions[d.lesion_id]
    if d.bone == "vertebra":
        return one_of(lesion["vertebral_level"], *RISK_LEVELS)
    if d.bone != "pelvis" or lesion["segment"] in ("iliac_wing", "ischium_pubis"):
        return False
    return known(latest(d, "acetabular_roof"), lambda roof: roof != "none")


@rule("G1-3.6.1-10", "procedure", "interventional", "P")
def preventive_in_a_risk_zone(d: Decision) -> Case:
    return Case(applies=coded(d, "preventive_risk_zone"), met=in_risk_zone(d))


# Percutaneous screws (3.6.2) -----------------------------------------------------------------------------------------


def is_screwing(row: Row) -> Truth:
    if by_radiologist(row):
        return includes(row, "percutaneous_screw")
    return one_of(row["technique"], "percutaneous_screw") if is_surgery(row) else False


@rule("G1-3.6.2-01", "procedure", "interventional", "P")
def screws_in_pelvis_or_proximal_femur(d: Decision) -> Case:
    rows = of_lesion(d.patient.rows("lesion_assessments"), d.lesion_id)
    broken: Truth = None if latest(d, "fracture_status") is None else False
    if d.row["intent"] == "fracture" or any(is_fractured(row) for row in rows if row["date"] <= d.idx):
        broken = True
    last = latest_in(rows, plus(d.idx, -60), d.idx)
    score = score_bounds(None if last is None else mirels_at(d.patient, last))
    segment = None if d.lesion_id is None else d.patient.lesions[d.lesion_id]["segment"]
    sites = or_(
        and_(one_of(d.bone, "pelvis"), broken),
        and_(one_of(d.bone, "femur"), one_of(segment, *PROXIMAL_FEMUR), or_(broken, between(score, 9, 12))),
    )
    return Case(
        applies=and_(is_screwing(d.row), not_(one_of(d.bone, *NOT_COVERED))),
        met=and_(one_of(latest(d, "lesion_type"), "lytic"), sites),
        exceptions={"option_for_a_long_bone": and_(one_of(d.bone, *LONG_BONES), between(score, 9, 12))},
    )


@rule("G1-3.6.2-02", "lesion_assessment", "interventional", "O")
def fracture_of_the_pelvis(d: Decision) -> Case | None:
    if d.bone != "pelvis":
        return None
    p, last = d.patient, plus(d.idx, 30)
    seen, death = p.observed_until("procedures"), p.row["death_date"]
    observed = seen is not None and seen >= min(last, death or last)

    def done(test: Callable[[Row], Truth]) -> Truth:
        found = p.occurred(
            "procedures", d.idx, last, lambda row: and_(is_local(row), on(row, d.lesion_id), test(row))
        )  # fmt: skip
        return found if found or observed else None

    options = {
        "percutaneous_screws": done(lambda row: includes(row, "percutaneous_screw")),
        "surgery": done(lambda row: row["category"] == "orthopaedic_surgery"),
        "other_interventional": done(by_radiologist),
        "none": True,
    }
    taken = next(name for name, truth in options.items() if truth is not False)
    return Case(
        applies=one_of(d.row["fracture_status"], "pathological_fracture"),
        option=taken if options[taken] else None,
    )
