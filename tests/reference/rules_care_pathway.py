"""The way of care (G1 sections 1 and 3)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision
from .items import Row
from .logic import Truth, known, plus
from .rule import Case, rule
from .rules_antiresorptive import state_around_discovery

CONCERNED = {
    "neurosurgery",
    "orthopaedics",
    "radiation_oncology",
    "medical_oncology",
    "rheumatology",
    "pain_medicine",
    "interventional_radiology",
}


def is_multidisciplinary(meeting: Row) -> Truth:
    return known(meeting["specialties"], lambda present: len(CONCERNED & set(present)) >= 3)


@rule("G1-1-01", "patient", "care_pathway", "P")
def meeting_of_three_specialties(d: Decision) -> Case:
    p, due = d.patient, plus(d.idx, 60)
    return Case(
        applies=True,
        met=p.occurred("mdt_meetings", d.idx, due, is_multidisciplinary),
        due=due,
        observed=("mdt_meetings",),
        late=p.occurred("mdt_meetings", plus(due, 1), date.max, is_multidisciplinary) is True,
    )


@rule("G1-3-02", "patient", "care_pathway", "O")
def local_treatment_of_few_metastases(d: Decision) -> Case:
    p, end = d.patient, plus(d.idx, 60)

    def of_category(*categories: str) -> Truth:
        return p.occurred("procedures", d.idx, end, lambda row: row["category"] in categories)

    done = {
        "radiotherapy": p.occurred("radiotherapy_courses", d.idx, end, lambda row: True),
        "surgery": of_category("orthopaedic_surgery", "spinal_surgery"),
        "interventional": of_category("interventional_radiology"),
    }
    certain = [name for name, truth in done.items() if truth]
    option: str | None = "several" if len(certain) > 1 else None
    if option is None and None not in done.values():
        option = certain[0] if certain else "none"
    return Case(
        applies=known(state_around_discovery(d, "n_bone_metastases"), lambda n: 1 <= n <= 2),
        option=option,
    )
