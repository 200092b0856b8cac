"""Situations of antiresorptive treatment and what goes with it, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from .random_scenarios import after, condition_before, discuss, excuse, new_lesion, some

if TYPE_CHECKING:
    from .random_registry import Maker

PREVENTION = "skeletal_event_prevention"
AGENTS = ("zoledronic_acid", "denosumab")
INTERVALS = (0, 20, 21, 22, 28, 34, 35, 36, 48, 49, 50, 89, 90, 91)
LOW_CLEARANCES = (29.9, 30.0, 39.9, 40.0, 49.9, 50.0, 59.9, 60.0, 60.1)
REDUCED = (2.89, 2.9, 3.0, 3.1, 3.11, 3.19, 3.2, 3.3, 3.39, 3.4, 3.41, 3.5, 3.6, 3.61, 3.89, 3.9, 4.0)
FULL = (60.0, 89.9, 119.89, 119.9, 120.0, 120.1, 120.11)


def measure(maker: Maker, day: date, analyte: str, *values: float) -> None:
    maker.add("lab_results", date=day, analyte=analyte, **some(maker, value=values))


def prescribe(maker: Maker, drug: str, start: date, stop: date | None, **options: Any) -> None:
    keys = {"prescription_id": maker.new_id("D"), "drug": drug, "start_date": start, "stop_date": stop}
    maker.add("drug_prescriptions", **keys, **some(maker, **options))


def excuse_drugs(maker: Maker, day: date) -> None:
    excuse(maker, {"lesion_id": None}, day, "antiresorptive")


def several_lesions(maker: Maker) -> None:
    """A second lesion or a count near the first discovery, and a first dose that may come before either is known."""
    day = maker.known_days[0]
    for lesion in (new_lesion(maker, "rib"), new_lesion(maker, "rib")) if maker.chance(0.5) else ():
        lesion["discovery_date"] = after(maker, day, 0, 1, 13, 14, 15)
    state = {"n_bone_metastases": (0, 1, 1, 2, 2, 3), "life_expectancy_days": (90, 91, 92, 300)}
    for _ in range(maker.pick((1, 2))):
        keys = {"assessment_id": maker.new_id("K"), "date": after(maker, day, -61, -60, 0, 1, 13, 14, 15)}
        maker.add("clinical_assessments", **keys, **some(maker, **state))
    if maker.chance(0.7):
        maker.dose(after(maker, day, -91, -90, 0, 1, 12, 13, 14, 59, 60, 61), maker.pick(AGENTS), PREVENTION)
    excuse_drugs(maker, day)


def monthly_doses(maker: Maker) -> None:
    day, agent = maker.some_day(), maker.pick(AGENTS)
    for _ in range(maker.pick((2, 3))):
        maker.dose(day, agent if maker.chance(0.9) else maker.pick(AGENTS), PREVENTION)
        day = after(maker, day, *INTERVALS)
    excuse_drugs(maker, day)


def doses_beyond_two_years(maker: Maker) -> None:
    first, agent = maker.some_day(), maker.pick(AGENTS)
    late = (maker.pick((694, 695, 696)), maker.pick((729, 730, 731)))
    for distance in [*range(0, 690, 86), *maker.pick(((), late[:1], late[1:], late))]:
        maker.dose(first + timedelta(days=distance), agent, PREVENTION)
    moments = (660, 669, 670, 671, 700, 819, 820, 821, 822)
    if maker.chance(0.4):
        keys = {"lesion_id": None, "kind": "antiresorptive_reassessment"}
        maker.add("consultations", **keys, date=after(maker, first, *moments))
    if maker.chance(0.4):
        decisions = ("systemic", "supportive", "surveillance", "radiotherapy", "surgery", "other", None)
        discuss(maker, after(maker, first, *moments), decision=decisions)
    if maker.chance(0.4):
        reasons = ("planned_reassessment", "planned_reassessment", "other")
        prescribe(maker, "antiresorptive", first, after(maker, first, *moments), stop_reason=reasons)
    excuse_drugs(maker, first)


def low_clearance(maker: Maker) -> None:
    day = maker.some_day()
    for _ in range(maker.pick((1, 1, 2))):
        measure(maker, after(maker, day, -31, -30, 0, 0, 1), "creatinine_clearance", *LOW_CLEARANCES)
    agent = maker.pick(("zoledronic_acid", "zoledronic_acid", "denosumab"))
    strengths = REDUCED if agent == "zoledronic_acid" else FULL
    maker.dose(day, agent, PREVENTION).update(some(maker, dose_mg=strengths))
    excuse_drugs(maker, day)


def nephrotoxic_drug(maker: Maker) -> None:
    day = maker.some_day()
    maker.dose(day, maker.pick((*AGENTS, "zoledronic_acid")), PREVENTION)
    if maker.chance(0.6):
        stop = maker.pick((None, after(maker, day, -1, 0, 10)))
        prescribe(maker, "nephrotoxic", after(maker, day, -10, 0, 1), stop)
    if maker.chance(0.6):
        dates = {"start_date": after(maker, day, -10, 0, 1), "end_date": maker.pick((None, after(maker, day, -1, 0)))}
        maker.add("systemic_therapy_lines", line_id=maker.new_id("Y"), **dates, **some(maker, nephrotoxic=(True, None)))
    measure(maker, after(maker, day, -31, -30, -1, 0, 1), maker.pick(("creatinine", "creatinine_clearance")), 70.0)
    excuse_drugs(maker, day)


def supplements(maker: Maker) -> None:
    """A course with calcium and vitamin D that just reach their doses, or not, on its first and last day."""
    first = maker.some_day()
    last = first + timedelta(days=28 * maker.pick((0, 1, 2)))
    for day in sorted({first, last}):
        maker.dose(day, maker.pick(AGENTS), PREVENTION)["urgent_start"] = maker.pick((False, False, None, True))
    for drug, enough, halves in (
        ("calcium", (1000.0, 999.0), (500.0, 499.0)),
        ("vitamin_d", (1000.0, 999.0), (500.0,)),
    ):
        for doses in maker.pick(((enough,), (enough,), (halves,), (halves, halves), ((None,), enough), ())):
            stop = maker.pick((None, None, last, last - timedelta(days=1), last + timedelta(days=10)))
            prescribe(maker, drug, after(maker, first, -10, -10, 13, 14, 15), stop, daily_dose=doses)
    for _ in range(maker.pick((0, 1, 1, 2))):
        food = {"dietary_calcium_mg": (499.0, 500.0, 501.0, 600.0)}
        maker.add("supportive_care", date=after(maker, first, -184, -183, 0, 0, 14, 15), **some(maker, **food))
    if maker.chance(0.4):
        measure(maker, after(maker, first, -31, -30, 0), "corrected_calcium", 2.6, 2.61, 2.65)
    if maker.chance(0.6):
        measure(maker, after(maker, first, -184, -183, -91, -90, 0, 1), "vitamin_d_25oh", 40.0)
    condition_before(maker, first)
    excuse_drugs(maker, first)


def paracetamol_around_doses(maker: Maker) -> None:
    """A dose with paracetamol on the day, on the next, on both or beside them."""
    day = maker.some_day()
    maker.dose(day, maker.pick(AGENTS), PREVENTION)
    for distance in maker.pick(((0, 1), (0, 1), (0,), (1,), (-1, 2), ())):
        maker.dose(day + timedelta(days=distance), "paracetamol")
    excuse_drugs(maker, day)


ANTIRESORPTIVE_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    several_lesions,
    several_lesions,
    monthly_doses,
    doses_beyond_two_years,
    low_clearance,
    low_clearance,
    nephrotoxic_drug,
    paracetamol_around_doses,
    supplements,
    supplements,
)
