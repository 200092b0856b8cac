"""Risk factors, bands of life expectancy, functional prognosis after surgery (docs/measures.md section 5)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from .items import Row
from .logic import Truth, known, not_, plus, within
from .patient import Patient, latest_recorded, on
from .rules_imaging import work_up
from .scores import tokuhashi_at, tomita_at


def risk_factors(patient: Patient) -> list[Row]:
    tumour = patient.tumour
    if tumour is None or tumour["primary_site"] != "lung":
        return []
    sites = latest_recorded(patient.rows("clinical_assessments"), "n_metastatic_sites", *work_up(patient))
    return [
        {
            "patient_id": patient.id,
            "male": known(patient.row["sex"], lambda sex: sex == "male"),
            "tumour_over_2_cm": known(tumour["size_mm"], lambda size: size > 20),
            "n_metastatic_sites": None if sites is None else sites["n_metastatic_sites"],
            "nodal_involvement": {"N0": False, "N1": True, "N2": True, "N3": True}.get(tumour["n_stage"]),
            "egfr_mutated": {"mutated": True, "wild_type": False}.get(tumour["egfr_status"]),
        }
    ]


def life_expectancy(patient: Patient) -> list[Row]:
    rows = []
    for row in patient.rows("clinical_assessments"):
        days = row["life_expectancy_days"]
        if days is not None:
            keys = {name: row[name] for name in ("patient_id", "assessment_id", "date", "life_expectancy_days")}
            rows.append(keys | {"method": row["life_expectancy_method"]} | allowed(days))
    return rows


def allowed(days: int) -> Row:
    if days < 183:
        announced = "0-8"
    elif days == 183:
        announced = "no_band"
    else:
        announced = "9-11" if days <= 365 else "9-11|12-15"
    return {
        "band": "under_6_weeks" if days < 42 else "6_weeks_to_1_year" if days <= 365 else "over_1_year",
        "surgery_of_benefit": days >= 42,
        "antiresorptive_start": days > 91,
        "ablative_radiotherapy": days >= 91,
        "short": days < 183,
        "arthroplasty": "no" if days <= 183 else "one_of_two" if days <= 365 else "yes",
        "heavy_surgery": days > 365,
        "tokuhashi_bands": announced,
    }


def functional_prognosis(patient: Patient) -> list[Row]:
    return [prognosis_at(patient, row) for row in patient.rows("spinal_assessments")]


def prognosis_at(patient: Patient, assessment: Row) -> Row:
    day = assessment["date"]
    six, tomita = tokuhashi_at(patient, assessment), tomita_at(patient, assessment)
    factors = {
        "tokuhashi_favourable": at_least(6, six["total_min"], six["total_max"]),
        "tomita_favourable": not_(at_least(9, tomita["total_min"], tomita["total_max"])),
        "age_favourable": under_seventy(patient.row["birth_date"], day),
        "no_local_extension": not_(assessment["extravertebral_extension"]),
        "early_discovery": discovered_early(patient, assessment),
        "little_comorbidity": known(patient.state("asa_class", day), lambda asa: asa <= 2),
    }
    conflicts = []
    if six["total_min"] >= 6 and six["total_max"] <= 8:
        conflicts.append("tokuhashi_conservative")
    if tomita["total_min"] == tomita["total_max"] == 8:
        conflicts.append("tomita_supportive")
    return factors | {
        **{name: assessment[name] for name in ("patient_id", "assessment_id", "lesion_id", "date")},
        "n_known": sum(value is not None for value in factors.values()),
        "n_favourable": sum(value is True for value in factors.values()),
        "conflicts": "|".join(conflicts),
        "operated": operated(patient, assessment),
    }


def at_least(limit: int, low: int, high: int) -> Truth:
    if low >= limit:
        return True
    return False if high < limit else None


def under_seventy(birth: date | None, day: date) -> Truth:
    if birth is None:
        return None
    if day < anniversary(birth):
        return True
    return False if day >= anniversary(latest_birth(birth)) else None


def latest_birth(birth: date) -> date:
    if (birth.month, birth.day) == (1, 1):
        return birth.replace(month=12, day=31)
    return birth.replace(day=monthrange(birth.year, birth.month)[1]) if birth.day == 1 else birth


def anniversary(birth: date) -> date:
    year = birth.year + 70
    return date(year, birth.month, min(birth.day, monthrange(year, birth.month)[1]))


def discovered_early(patient: Patient, assessment: Row) -> Truth:
    day = assessment["date"]
    recorded = patient.state("early_discovery", day)
    if recorded is not None:
        return recorded
    walks = assessment["frankel"] in ("D", "D1", "D2", "D3", "E")
    return True if walks and within(assessment["motor_deficit_onset_date"], plus(day, -14), day) else None


def operated(patient: Patient, assessment: Row) -> Truth:
    def test(row: Row) -> Truth:
        return on(row, assessment["lesion_id"]) if row["category"] == "spinal_surgery" else False

    day = assessment["date"]
    return patient.occurred("procedures", day, plus(day, 60), test)
