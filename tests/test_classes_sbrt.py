"""S07: who is eligible for ablative stereotactic radiotherapy."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import polars as pl
import pytest

from scoring.scores.sbrt_eligibility import CRITERIA, decide
from tests.classes_support import Row, Rows, answers, patients, publish

# Day 0: the first fraction. A vertebra that meets every criterion.
VERTEBRA: Rows = {
    "lesion": {"bone": "vertebra", "vertebral_level": "T5", "segment": "vertebral_body", "day": -100},
    "course": {"technique": "stereotactic", "intent": "ablative"},
    "meeting": {"day": -10, "lesion_ids": ["lesion"], "sbrt_validated": True, "specialties": ["radiation_oncology"]},
    "state": {
        "day": -10, "n_bone_metastases": 2, "visceral_metastases": "none", "brain_metastases": False,
        "disease_status": "controlled", "life_expectancy_days": 400,
    },
    "assessment": {"day": -10, "well_delimited": True, "max_size_mm": 18.0},
    "spine": {
        "day": -10, "cord_compression": "none", "canal_narrowing_percent": 0.0, "tumour_cord_distance_mm": 8.0,
        "sins_pain": "none", "lesion_type": "blastic", "alignment": "normal", "collapse_percent": 0.0,
        "body_involvement_percent": 20.0, "posterolateral_involvement": "none",
    },
}  # fmt: skip
STABILISATION = {"category": "spinal_surgery", "technique": "posterior_stabilisation", "day": -30}
# Points of the SINS at T5.
SINS_6: Row = {"sins_pain": "mechanical", "lesion_type": "lytic"}
SINS_7: Row = SINS_6 | {"posterolateral_involvement": "unilateral"}
SINS_12: Row = SINS_6 | {"alignment": "subluxation_translation", "collapse_percent": 10.0}
SINS_13: Row = SINS_12 | {"collapse_percent": 60.0}
OPINION = {"opinion": {"day": -60}}
NO_DISTANCE = {"tumour_cord_distance_mm": "?"}
RIB = {"lesion": {"bone": "rib", "vertebral_level": "?", "segment": "?"}, "spine": "absent"}

CASES: list[tuple[str, Row, str]] = [
    ("every criterion met", {}, "eligible"),
    ("two failures, one unknown", {"state": {"n_bone_metastases": 4, "brain_metastases": True, "disease_status": "?"}},
     "not bone_sites|brain_metastases ?disease_controlled"),
    # validated by the meeting
    ("no meeting", {"meeting": "absent"}, "not mdt_validation"),
    ("validated on the day", {"meeting": {"day": 0}}, "eligible"),
    ("validated 60 days before", {"meeting": {"day": -60}}, "eligible"),
    ("validated 61 days before", {"meeting": {"day": -61}}, "not mdt_validation"),
    ("validated the day after", {"meeting": {"day": 1}}, "not mdt_validation"),
    ("refused", {"meeting": {"sbrt_validated": False}}, "not mdt_validation"),
    ("validation not recorded", {"meeting": {"sbrt_validated": "?"}}, "?mdt_validation"),
    ("of another lesion", {"other_lesion": {}, "meeting": {"lesion_ids": ["other_lesion"]}}, "not mdt_validation"),
    ("of the patient as a whole", {"meeting": {"lesion_ids": "?"}}, "eligible"),
    ("meetings not complete", {"meeting": "absent", "coverage": {"mdt_meetings": "not complete"}}, "?mdt_validation"),
    # one to three bone metastases
    ("none counted", {"state": {"n_bone_metastases": 0}}, "not bone_sites"),
    ("one", {"state": {"n_bone_metastases": 1}}, "eligible"),
    ("three", {"state": {"n_bone_metastases": 3}}, "eligible"),
    ("four", {"state": {"n_bone_metastases": 4}}, "not bone_sites"),
    ("not counted", {"state": {"n_bone_metastases": "?"}}, "?bone_sites"),
    # volume, size
    ("not well delimited", {"assessment": {"well_delimited": False}}, "not well_delimited"),
    ("limits not recorded", {"assessment": {"well_delimited": "?"}}, "?well_delimited"),
    ("assessed 60 days before", {"assessment": {"day": -60}}, "eligible"),
    ("assessed 61 days before", {"assessment": {"day": -61}}, "?well_delimited"),
    ("very large", {"assessment": {"max_size_mm": 200.0}}, "eligible"),
    ("size not recorded", {"assessment": {"max_size_mm": "?"}}, "eligible"),
    # other metastases, control
    ("resectable visceral metastases", {"state": {"visceral_metastases": "resectable"}}, "not visceral_metastases"),
    ("visceral metastases, not assessed", {"state": {"visceral_metastases": "present_not_assessed"}}, "not visceral_metastases"),
    ("visceral status not recorded", {"state": {"visceral_metastases": "?"}}, "?visceral_metastases"),
    ("brain metastases", {"state": {"brain_metastases": True}}, "not brain_metastases"),
    ("brain not recorded", {"state": {"brain_metastases": "?"}}, "?brain_metastases"),
    ("progressive", {"state": {"disease_status": "progressive"}}, "not disease_controlled"),
    ("control not assessed", {"state": {"disease_status": "not_assessed"}}, "?disease_controlled"),
    ("control not recorded", {"state": {"disease_status": "?"}}, "?disease_controlled"),
    ("state 61 days before", {"state": {"day": -61}},
     "?bone_sites|visceral_metastases|brain_metastases|disease_controlled|life_expectancy"),
    # life expectancy: exactly three months is allowed
    ("90 days to live", {"state": {"life_expectancy_days": 90}}, "not life_expectancy"),
    ("91 days", {"state": {"life_expectancy_days": 91}}, "eligible"),
    ("92 days", {"state": {"life_expectancy_days": 92}}, "eligible"),
    # cord
    ("radiological compression", {"spine": {"cord_compression": "radiological"}}, "eligible"),
    ("symptomatic compression", {"spine": {"cord_compression": "symptomatic"}}, "not cord_compression"),
    ("compression not recorded", {"spine": {"cord_compression": "?"}}, "?cord_compression"),
    ("narrowing 24.9 %", {"spine": {"canal_narrowing_percent": 24.9}}, "eligible"),
    ("25 %", {"spine": {"canal_narrowing_percent": 25.0}}, "eligible"),
    ("25.1 %", {"spine": {"canal_narrowing_percent": 25.1}}, "not canal_narrowing"),
    ("narrowing not recorded", {"spine": {"canal_narrowing_percent": "?"}}, "?canal_narrowing"),
    ("cord at 4.9 mm", {"spine": {"tumour_cord_distance_mm": 4.9}}, "not cord_distance"),
    ("5 mm", {"spine": {"tumour_cord_distance_mm": 5.0}}, "eligible"),
    ("5.1 mm", {"spine": {"tumour_cord_distance_mm": 5.1}}, "eligible"),
    ("distance not recorded", {"spine": NO_DISTANCE}, "?cord_distance"),
    ("at L2", {"lesion": {"vertebral_level": "L2"}, "spine": NO_DISTANCE}, "?cord_distance"),
    ("at L3, below the cord", {"lesion": {"vertebral_level": "L3"}, "spine": NO_DISTANCE}, "eligible"),
    ("sacrum, level not recorded", {"lesion": {"bone": "sacrum", "vertebral_level": "?"}, "spine": NO_DISTANCE}, "eligible"),
    ("no level", {"lesion": {"vertebral_level": "?"}, "spine": {"tumour_cord_distance_mm": 4.9}}, "not cord_distance"),
    ("no level, no distance", {"lesion": {"vertebral_level": "?"}, "spine": NO_DISTANCE}, "?cord_distance"),
    # stability
    ("SINS 6", {"spine": SINS_6}, "eligible"),
    ("SINS 7, no opinion", {"spine": SINS_7}, "not surgical_opinion"),
    ("SINS 7, opinion 60 days before", {"spine": SINS_7} | OPINION, "eligible"),
    ("SINS 7, opinion 61 days before", {"spine": SINS_7, "opinion": {"day": -61}}, "not surgical_opinion"),
    ("SINS 7, surgeon at the meeting", {"spine": SINS_7, "meeting": {"specialties": ["neurosurgery"]}}, "eligible"),
    ("SINS 7, specialties not recorded", {"spine": SINS_7, "meeting": {"specialties": "?"}}, "?surgical_opinion"),
    ("SINS 7, opinions not supplied", {"spine": SINS_7, "coverage": {"consultations": "not supplied"}}, "?surgical_opinion"),
    ("SINS 7, stabilised", {"spine": SINS_7, "operation": STABILISATION}, "eligible"),
    ("SINS 12, opinion", {"spine": SINS_12} | OPINION, "eligible"),
    ("SINS 13, opinion", {"spine": SINS_13} | OPINION, "not instability"),
    ("SINS 13, stabilised", {"spine": SINS_13, "operation": STABILISATION}, "eligible"),
    ("stabilised 365 days before", {"spine": SINS_13, "operation": STABILISATION | {"day": -365}}, "eligible"),
    ("stabilised 366 days before", {"spine": SINS_13, "operation": STABILISATION | {"day": -366}}, "not instability"),
    ("stabilised, lesion not recorded", {"spine": SINS_13, "operation": STABILISATION | {"lesion_id": "?"}}, "?instability"),
    ("SINS 6 to 10", {"spine": SINS_6 | {"alignment": "?"}}, "?surgical_opinion"),
    ("SINS 6 to 10, opinion", {"spine": SINS_6 | {"alignment": "?"}} | OPINION, "eligible"),
    ("SINS 8 to 12, opinion", {"spine": SINS_12 | {"alignment": "?"}} | OPINION, "eligible"),
    ("SINS 10 to 13", {"spine": SINS_13 | {"sins_pain": "?"}} | OPINION, "?instability"),
    ("spine assessed 60 days before", {"spine": {"day": -60}}, "eligible"),
    ("61 days before", {"spine": {"day": -61}}, "?cord_compression|instability|surgical_opinion|canal_narrowing|cord_distance"),
    # radionuclide, earlier radiotherapy
    ("radionuclide on the day", {"dose": {"drug": "radionuclide", "day": 0}}, "not radionuclide"),
    ("90 days before", {"dose": {"drug": "radionuclide", "day": -90}}, "not radionuclide"),
    ("91 days before", {"dose": {"drug": "radionuclide", "day": -91}}, "eligible"),
    ("the day after", {"dose": {"drug": "radionuclide", "day": 1}}, "eligible"),
    ("another drug", {"dose": {"drug": "denosumab", "day": 0}}, "eligible"),
    ("drugs not complete", {"coverage": {"drug_administrations": "not complete"}}, "?radionuclide"),
    ("drugs from day -90", {"coverage": {"drug_administrations": "from -90"}}, "eligible"),
    ("drugs from day -89", {"coverage": {"drug_administrations": "from -89"}}, "?radionuclide"),
    ("irradiated, ended 90 days before", {"first_course": {"day": -110, "end_date": -90}}, "not recent_radiotherapy"),
    ("ended 91 days before", {"first_course": {"day": -110, "end_date": -91}}, "eligible"),
    ("no last day, begun 90 days before", {"first_course": {"day": -90}}, "not recent_radiotherapy"),
    ("no last day, begun 91 days before", {"first_course": {"day": -91}}, "eligible"),
    ("the longer of two", {"first_course": {"day": -200, "end_date": -80}, "second_course": {"day": -150}},
     "not recent_radiotherapy"),
    ("another lesion irradiated", {"other_lesion": {}, "first_course": {"day": -20, "lesion_id": "other_lesion"}}, "eligible"),
    ("lesion irradiated not recorded", {"first_course": {"day": -20, "lesion_id": "?"}}, "?recent_radiotherapy"),
    ("long ago, lesion not recorded", {"first_course": {"day": -91, "lesion_id": "?"}}, "eligible"),
    ("courses not complete", {"coverage": {"radiotherapy_courses": "not complete"}}, "?recent_radiotherapy"),
    # outside the spine nothing is asked of the cord
    ("rib", RIB, "eligible"),
    ("rib, an unstable vertebra beside", RIB | {"other_lesion": {"bone": "vertebra"}}, "eligible"),
    ("lesion not recorded", {"course": {"lesion_id": "?"}},
     "?well_delimited|cord_compression|instability|surgical_opinion|canal_narrowing|cord_distance"),
    # no row
    ("intent not recorded", {"course": {"intent": "?"}}, "no row"),
    ("analgesic", {"course": {"intent": "analgesic"}}, "no row"),
    ("conformal", {"course": {"technique": "conformal_3d"}}, "no row"),
]  # fmt: skip


def in_words(row: Row | None) -> str:
    """As the table writes it: "not" before the criteria that fail, "?" before those that are not known."""
    if row is None:
        return "no row"
    failing, missing = row["failing"], row["missing"]
    status = "not_eligible" if failing else "unknown" if missing else "eligible"
    assert row["eligibility"] == status
    parts = [f"not {failing}"] * bool(failing) + [f"?{missing}"] * bool(missing)
    return " ".join(parts) or "eligible"


def test_courses() -> None:
    found = answers("sbrt_eligibility", VERTEBRA, [changes for _, changes, _ in CASES])
    wrong = [
        f"{name}: expected {expected}, found {in_words(row)}"
        for (name, _, expected), row in zip(CASES, found, strict=True)
        if in_words(row) != expected
    ]
    assert not wrong, "\n".join(wrong)


def test_the_size_is_shown() -> None:
    sizes = answers("sbrt_eligibility", VERTEBRA, [{}, {"assessment": {"max_size_mm": "?"}}])
    assert [row and row["max_size_mm"] for row in sizes] == [18.0, None]


# Day 0: the meeting.
BOTH = {"lesion": "eligible", "other_lesion": "?well_delimited"}
ASKED: Rows = VERTEBRA | {
    "course": {"day": 5},
    "meeting": VERTEBRA["meeting"] | {"day": 0},
    "other_lesion": {"bone": "rib", "day": 0},
}
REQUESTS: list[tuple[str, Row, dict[str, str]]] = [
    ("one lesion named", {}, {"lesion": "eligible"}),
    ("named twice", {"meeting": {"lesion_ids": ["lesion", "lesion"]}}, {"lesion": "eligible"}),
    ("refused", {"meeting": {"sbrt_validated": False}}, {"lesion": "not mdt_validation"}),
    ("not said", {"meeting": {"sbrt_validated": "?"}}, {}),
    ("both named", {"meeting": {"lesion_ids": ["lesion", "other_lesion"]}}, BOTH),
    ("none named", {"meeting": {"lesion_ids": "?"}}, BOTH),
    ("an empty list", {"meeting": {"lesion_ids": []}}, BOTH),
    ("none named, the rib found later", {"meeting": {"lesion_ids": "?"}, "other_lesion": {"day": 1}}, {"lesion": "eligible"}),
    ("an unknown lesion named", {"meeting": {"lesion_ids": ["elsewhere"]}}, {}),
    ("irradiated since", {"course": {"day": 0}}, {"lesion": "eligible"}),
    ("irradiated the day before", {"course": {"day": -1}}, {"lesion": "not recent_radiotherapy"}),
    ("an opinion at this meeting", {"spine": SINS_7, "meeting": {"specialties": ["orthopaedics"]}}, {"lesion": "eligible"}),
]  # fmt: skip


def test_requests() -> None:
    frame = publish("sbrt_requests", patients(ASKED, [changes for _, changes, _ in REQUESTS]))
    found: dict[str, dict[str, str]] = {}
    for row in frame.to_dicts():
        number, lesion = row["lesion_id"].split("/")
        found.setdefault(number, {})[lesion] = in_words(row)
    for number, (name, _, expected) in enumerate(REQUESTS):
        assert found.get(str(number), {}) == expected, name


@pytest.mark.parametrize("group", list(combinations(CRITERIA, 2)))
def test_one_answer_for_every_combination(group: tuple[str, ...]) -> None:
    """Two criteria at a time through all their values, the others met or not known: one answer, and the right one."""
    rows: list[dict[str, Any]] = []
    for values in product((True, False, None), repeat=len(group)):
        for others in (True, None):
            rows.append(dict.fromkeys(CRITERIA, others) | dict(zip(group, values, strict=True)))
    decided = decide(pl.DataFrame(rows, schema=dict.fromkeys(CRITERIA, pl.Boolean)))
    for row, answer in zip(rows, decided.to_dicts(), strict=True):
        failing = [name for name, value in row.items() if value is False]
        missing = [name for name, value in row.items() if value is None]
        assert (answer["failing"], answer["missing"]) == ("|".join(failing), "|".join(missing))
        assert answer["eligibility"] == ("not_eligible" if failing else "unknown" if missing else "eligible")
