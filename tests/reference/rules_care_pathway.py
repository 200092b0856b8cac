"""The way of care (G1 section 1)."""

from __future__ import annotations

from datetime import date

from .decisions import Decision
from .items import Row
from .logic import Truth, known, plus
from .rule import Case, rule

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
