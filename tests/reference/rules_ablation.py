"""Percutaneous ablation (G1 section 3.6.3)."""

from __future__ import annotations

from .decisions import Decision
from .logic import and_, known, not_, one_of, or_, plus
from .patient import latest_recorded
from .rule import Case, rule
from .rules_interventional import includes, is_ablation, latest


@rule("G1-3.6.3-01", "procedure", "interventional", "P")
def few_metastases_or_inflammatory_pain(d: Decision) -> Case:
    count = d.patient.state("n_bone_metastases", d.idx)
    return Case(
        applies=is_ablation(d.row),
        met=or_(
            known(count, lambda n: 1 <= n <= 3),
            one_of(latest(d, "pain_mechanism"), "inflammatory", "mixed"),
        ),
    )


@rule("G1-3.6.3-02", "procedure", "interventional", "P")
def other_than_microwaves(d: Decision) -> Case:
    return Case(applies=is_ablation(d.row), met=not_(includes(d.row, "microwave_ablation")))


@rule("G1-3.6.3-03", "procedure", "interventional", "P")
def no_ultrasound_of_the_spine(d: Decision) -> Case:
    return Case(
        applies=and_(is_ablation(d.row), one_of(d.bone, "vertebra", "sacrum")),
        met=not_(one_of(d.row["technique"], "focused_ultrasound")),
    )


@rule("G1-3.6.3-04", "procedure", "interventional", "P")
def pain_under_analgesics(d: Decision) -> Case:
    rows = d.patient.rows("clinical_assessments")
    row = latest_recorded(rows, "pain_nrs", plus(d.idx, -30), d.idx)
    enough = None if row is None else and_(row["pain_nrs"] > 4, row["on_analgesics"])
    return Case(
        applies=and_(is_ablation(d.row), one_of(d.row["intent"], "palliative", "pain")),
        met=enough,
    )


@rule("G1-3.6.3-05", "procedure", "interventional", "P")
def anaesthesia_of_the_list(d: Decision) -> Case:
    return Case(applies=is_ablation(d.row), met=one_of(d.row["anaesthesia"], "sedation", "general", "epidural"))


@rule("G1-3.6.3-06", "procedure", "interventional", "P")
def one_or_two_nights(d: Decision) -> Case:
    arrived, left = d.row["admission_date"], d.row["discharge_date"]
    nights = None if arrived is None or left is None else (left - arrived).days
    in_stay = False
    if d.row["complication"] is not None:
        when = d.row["complication_date"]
        in_stay = None if when is None or left is None else when <= left
    return Case(
        applies=is_ablation(d.row),
        met=known(nights, lambda n: 1 <= n <= 2),
        exceptions={"complication": and_(in_stay, known(nights, lambda n: n > 2))},
    )
