"""Eligibility for ablative stereotactic radiotherapy (G1 section 3.5.5)."""

from __future__ import annotations

from typing import Any

from .decisions import Decision
from .items import Row
from .logic import Truth, and_, known, not_, one_of, plus
from .patient import discusses, latest_recorded, of_lesion
from .rule import Case, rule
from .rules_radiotherapy import SPINE, is_ablative, is_postoperative

COURSE, DOMAIN = "radiotherapy_course", "radiotherapy"
BELOW_CONUS = ("L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5", "coccyx")


def latest_of_lesion(d: Decision, table: str, column: str) -> Any:
    """The latest recorded value of a column of the lesion's assessments in the 60 days up to the course."""
    row = latest_recorded(of_lesion(d.patient.rows(table), d.lesion_id), column, plus(d.idx, -60), d.idx)
    return None if row is None else row[column]


def ablative_of_spine(d: Decision) -> Truth:
    return and_(is_ablative(d), one_of(d.bone, *SPINE))


@rule("G1-3.5.5-01", COURSE, DOMAIN, "D")
def validated_by_the_meeting(d: Decision) -> Case:
    def validates(meeting: Row) -> Truth:
        return discusses(meeting, d.lesion_id) and meeting["sbrt_validated"]

    def validated_between(first: int, last: int) -> Truth:
        return d.patient.occurred("mdt_meetings", plus(d.idx, first), plus(d.idx, last), validates)

    return Case(applies=is_ablative(d), met=validated_between(-60, 0), late=validated_between(-183, -61) is True)


@rule("G1-3.5.5-03", COURSE, DOMAIN, "P")
def well_delimited(d: Decision) -> Case:
    return Case(applies=is_ablative(d), met=latest_of_lesion(d, "lesion_assessments", "well_delimited"))


@rule("G1-3.5.5-05", COURSE, DOMAIN, "P")
def cancer_under_control(d: Decision) -> Case:
    rows = [row for row in d.patient.rows("clinical_assessments") if row["disease_status"] != "not_assessed"]
    latest = latest_recorded(rows, "disease_status", plus(d.idx, -60), d.idx)
    return Case(applies=is_ablative(d), met=known(latest, lambda row: row["disease_status"] == "controlled"))


@rule("G1-3.5.5-06", COURSE, DOMAIN, "D", excusable=False)
def no_symptomatic_compression(d: Decision) -> Case:
    compression = latest_of_lesion(d, "spinal_assessments", "cord_compression")
    return Case(applies=ablative_of_spine(d), met=not_(one_of(compression, "symptomatic")))


@rule("G1-3.5.5-08", COURSE, DOMAIN, "D", excusable=False)
def three_months_after_a_radionuclide(d: Decision) -> Case:
    p = d.patient
    doses = [row["date"] for row in p.rows("drug_administrations") if row["drug"] == "radionuclide"]
    recent = p.occurred("drug_administrations", plus(d.idx, -90), d.idx, lambda row: row["drug"] == "radionuclide")
    given = True if any(day <= d.idx for day in doses) else recent
    return Case(applies=and_(is_ablative(d), given), met=not_(recent))


@rule("G1-3.5.5-11", COURSE, DOMAIN, "D", excusable=False)
def wide_canal(d: Decision) -> Case:
    narrowing = latest_of_lesion(d, "spinal_assessments", "canal_narrowing_percent")
    return Case(applies=ablative_of_spine(d), met=known(narrowing, lambda percent: percent <= 25))


@rule("G1-3.5.5-12", COURSE, DOMAIN, "D", excusable=False)
def five_millimetres_from_the_cord(d: Decision) -> Case:
    distance = latest_of_lesion(d, "spinal_assessments", "tumour_cord_distance_mm")
    level = None if d.lesion_id is None else d.patient.lesions[d.lesion_id]["vertebral_level"]
    below = True if d.bone == "sacrum" else one_of(level, *BELOW_CONUS)
    return Case(applies=and_(ablative_of_spine(d), not_(below)), met=known(distance, lambda mm: mm >= 5))


@rule("G1-3.5.5-13", COURSE, DOMAIN, "O")
def radiotherapy_of_oligometastases_outside_the_spine(d: Decision) -> Case:
    p = d.patient
    return Case(
        applies=and_(
            not_(one_of(d.bone, *SPINE)),
            not_(is_postoperative(d)),
            known(p.state("n_bone_metastases", d.idx), lambda n: 1 <= n <= 3),
            one_of(p.state("visceral_metastases", d.idx), "none"),
        ),
        option=kind_of_course(d.row),
    )


def kind_of_course(course: Row) -> str | None:
    if course["technique"] is None:
        return None
    if course["technique"] == "stereotactic":
        return "stereotactic"
    normofractionated = is_normofractionated(course["prescribed_dose_gy"], course["prescribed_fractions"])
    if normofractionated is None:
        return None
    return "normofractionated" if normofractionated else "other"


def is_normofractionated(dose: float | None, fractions: int | None) -> Truth:
    per_fraction = None if dose is None or fractions is None else dose / fractions
    return and_(
        known(dose, lambda gy: gy >= 50 - 1e-9),
        known(per_fraction, lambda gy: 1.8 - 1e-9 <= gy <= 2.2 + 1e-9),
    )
