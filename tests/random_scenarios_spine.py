"""Situations of spinal metastases, their scores, operations and radiotherapy, as in random_scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .random_scenarios import (
    after,
    assess_spine,
    before,
    condition_before,
    discuss,
    excuse,
    irradiate,
    new_lesion,
    operate,
    some,
)

if TYPE_CHECKING:
    from .random_registry import Maker, Row

EXTENTS = ("none", "palliative", "intralesional", "en_bloc", "oncological", None)
QUOTED: tuple[list[str] | None, ...] = (["tokuhashi", "tomita"], ["tokuhashi"], ["tomita", "sins"], ["sins"], None)
DECISIONS = ("surgery", "radiotherapy", "supportive", "interventional", "surveillance", "systemic")
PROGNOSIS: dict[str, Any] = {
    "karnofsky": (40, 50, 80, 90),
    "n_extraspinal_bone_metastases": (0, 0, 1, 3),
    "n_vertebral_metastases": (1, 1, 2, 3),
    "visceral_metastases": ("none", "none", "resectable", "unresectable"),
    "n_bone_metastases": (1, 1, 2, 3),
}


def tumour_of_another_growth(maker: Maker) -> None:
    """Carcinoids and recorded growth classes bring every band of both scores within reach."""
    histologies = ("typical_carcinoid", "typical_carcinoid", "adenocarcinoma")
    for tumour in maker.tumours():
        tumour |= some(maker, histology=histologies, tomita_growth=(None, "slow", "moderate", "rapid"))


def scored_spine(maker: Maker) -> None:
    """A scored spinal metastasis, the meeting on it, and one operation or two."""
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    if maker.chance(0.6):
        tumour_of_another_growth(maker)
    assess_spine(maker, lesion, day, frankel=("E", "E", "D1", "A"), motor_deficit=(False,))
    known = some(maker, **PROGNOSIS)
    maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=before(maker, day), **known)
    excuse(maker, lesion, day, "spine")
    if maker.chance(0.6):
        when = after(maker, day, -61, -60, -1, 0, 5, 60, 61)
        discuss(maker, when, scores_presented=QUOTED, decision=(*DECISIONS, "surgery", None))
    for _ in range(maker.pick((0, 1, 1, 2))):
        placed = lesion if maker.chance(0.9) else {"lesion_id": None}
        operate(maker, placed, after(maker, day, 0, 5, 30, 60, 61, 61), "spinal_surgery", resection_extent=EXTENTS)


def scores_apart(maker: Maker) -> None:
    """A tumour that grows fast by Tomita and lets live long by Tokuhashi: each score allows what the other does not."""
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    for tumour in maker.tumours():
        tumour |= {"histology": "typical_carcinoid", "tomita_growth": "rapid"}
    assess_spine(maker, lesion, day, frankel=("E",), motor_deficit=(False,))
    prognosis: dict[str, Any] = PROGNOSIS | {
        "karnofsky": (70, 90),
        "visceral_metastases": ("resectable", "unresectable"),
    }
    known = some(maker, **prognosis)
    maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=before(maker, day), **known)
    quoted = (["tokuhashi", "tomita"], ["tokuhashi", "tomita"], ["sins"], None)
    discuss(maker, after(maker, day, 0, 5), scores_presented=quoted, decision=("radiotherapy", "surgery", None))
    extents = ("palliative", "intralesional", "en_bloc", "none")
    operate(maker, lesion, after(maker, day, 5, 30), "spinal_surgery", resection_extent=extents)


def heavy_resection(maker: Maker) -> None:
    """An operation on the spine, with what was known before it and the radiotherapy after it."""
    lesion, day = new_lesion(maker, "vertebra", "sacrum"), maker.some_day()
    condition_before(maker, day)
    if maker.chance(0.7):
        assess_spine(maker, lesion, before(maker, day), frankel=("E", "D3"))
    session: dict[str, Any] = {
        "technique": ("corpectomy", "resection_reconstruction", "laminectomy"),
        "resection_extent": ("en_bloc", "oncological", "intralesional"),
        "intent": ("curative", "palliative", "decompression", "decompression"),
        "urgency": ("planned", "emergency", "relative_emergency"),
        "complication": (None, None, "wound"),
    }
    row = operate(maker, lesion, day, "spinal_surgery", **session)
    excuse(maker, lesion, day, "spine")
    if maker.chance(0.6):
        discuss(maker, after(maker, day, -184, -183, -61, -60, -1, 0, 1, 14, 15), scores_presented=QUOTED)
    for _ in range(maker.pick((0, 1, 1, 2))):
        volumes = ("surgical_bed", "surgical_bed", "lesion", "whole_bone", None)
        course = irradiate(maker, lesion, after(maker, day, 0, 1, 20, 60, 61, 61), target_volume=volumes)
        course |= some(maker, linked_procedure_id=(row["procedure_id"], None, None))


def fresh_deficit(maker: Maker) -> None:
    """A deficit that has just appeared, and the operation, or two, that answer to it."""
    lesion, day = new_lesion(maker, "vertebra"), maker.some_day()
    onset = after(maker, day, -9, -4, -3, -2, -2, -1, 0)
    signs: dict[str, Any] = {
        "cord_compression": ("symptomatic", "symptomatic", "radiological"),
        "frankel": ("A", "C", "D2", "D3"),
        "ambulation": ("unaided", "non_ambulatory", "paraplegic"),
        "motor_deficit": (True,),
        "motor_deficit_onset_date": (onset,),
    }
    assess_spine(maker, lesion, after(maker, day, -2, -1, 0), **signs)
    condition_before(maker, day)
    operate(maker, lesion, day, "spinal_surgery", intent=("decompression",), urgency=("emergency",))
    if maker.chance(0.3):
        operate(maker, lesion, after(maker, day, -3, -1, 0, 5), "spinal_surgery")
    excuse(maker, lesion, day, "spine")


def first_workup(maker: Maker) -> None:
    """Pain, neurology and CT at the limits of the time around the discovery."""
    lesion = new_lesion(maker, "vertebra")
    day = lesion["discovery_date"]
    excuse(maker, lesion, day, "spine")

    def around() -> Any:
        return after(maker, day, -31, -30, 0, 29, 30, 31)

    if maker.chance(0.7):
        cells: Row = some(maker, pain_nrs=(0.0, 4.0, 7.0))
        maker.add("clinical_assessments", assessment_id=maker.new_id("K"), date=around(), **cells)
    if maker.chance(0.7):
        assess_spine(maker, lesion, around(), neurological_exam_done=(True, True, False), frankel=(None, None, "E"))
    exam = {"exam_id": maker.new_id("E"), "modality": "ct", "lesion_id": None}
    seen = some(maker, region=("chest_abdomen_pelvis", "spine", "limb"), sagittal_reconstruction=(True, True, False))
    maker.add("imaging_exams", **exam, date=around(), **seen)


SPINE_SITUATIONS: tuple[Callable[[Maker], None], ...] = (
    scored_spine,
    scored_spine,
    scored_spine,
    scores_apart,
    heavy_resection,
    heavy_resection,
    fresh_deficit,
    fresh_deficit,
    first_workup,
)
