"""The scores and classifications on the rows of a registry."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import Classification
from scoring.core.score import Score
from scoring.registry import Registry

from . import inputs
from .acetabulum import ACETABULUM
from .bone_segments import BONE_SEGMENTS
from .complications import COMPLICATIONS
from .ct_response import CT_LESION_RESPONSE, CT_RESPONSE
from .declared import declare, module
from .flare import FLARE
from .frankel import FRANKEL
from .functional_prognosis import FUNCTIONAL_PROGNOSIS
from .life_expectancy import LIFE_EXPECTANCY
from .mirels import MIRELS
from .pain_technique import PAIN_TECHNIQUE
from .pet_response import PET_RESPONSE
from .rades import RADES
from .restart_windows import RESTART_WINDOWS
from .risk_factors import RISK_FACTORS
from .sbrt_eligibility import SBRT_ELIGIBILITY, SBRT_REQUESTS
from .sins import SINS
from .skeletal_events import SKELETAL_EVENTS, SKELETAL_MORBIDITY
from .spine_strategy import SPINE_STRATEGY
from .tokuhashi import BANDS_DIFFER, TOKUHASHI
from .tomita import TOMITA

SCORES: dict[str, Score] = {score.id: score for score in (MIRELS, RADES, SINS, FRANKEL, TOKUHASHI, TOMITA)}

_CLASSIFICATIONS: tuple[Classification, ...] = (
    SKELETAL_EVENTS,
    SKELETAL_MORBIDITY,
    CT_LESION_RESPONSE,
    CT_RESPONSE,
    PET_RESPONSE,
    FLARE,
    SBRT_ELIGIBILITY,
    SBRT_REQUESTS,
    PAIN_TECHNIQUE,
    RISK_FACTORS,
    LIFE_EXPECTANCY,
    SPINE_STRATEGY,
    FUNCTIONAL_PROGNOSIS,
    COMPLICATIONS,
    RESTART_WINDOWS,
    BONE_SEGMENTS,
    ACETABULUM,
)  # fmt: skip
CLASSIFICATIONS: dict[str, Classification] = {declared.id: declared for declared in _CLASSIFICATIONS}
"""The classifications that are no sum of points, by id."""

__all__ = ["BANDS_DIFFER", "CLASSIFICATIONS", "SCORES", "declare", "evaluate_all", "grows", "order_of", "score"]


def evaluate_all(context: Context) -> dict[str, pl.DataFrame]:
    """Every score on its assessments, with the inputs beside it: what the facts are built from."""
    spinal = inputs.spinal_assessments(context)
    return {
        "mirels": declare("mirels").evaluate(inputs.lesion_assessments(context)),
        "rades": declare("rades").evaluate(inputs.compressions(context, spinal)),
        "sins": declare("sins").evaluate(spinal),
        "frankel": declare("frankel").evaluate(spinal),
        "tokuhashi": module("tokuhashi").evaluate(spinal),
        "tomita": declare("tomita").evaluate(spinal),
    }


def publish(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The published columns of a score, one row per assessment in the order of its id."""
    extra = ["printed_total", "printed_min", "printed_max", "bands_differ"] if name == "tokuhashi" else []
    points = [f"{item.name}_points" for item in SCORES[name].items]
    return frame.select(
        "assessment_id", "patient_id", "lesion_id", "date", *points, "total", "total_min", "total_max", "band", "missing", "flags", *extra
    ).sort("assessment_id")  # fmt: skip


def order_of(name: str) -> tuple[str, ...]:
    """The columns by which the published rows of a score or classification are sorted; together they name a row."""
    return ("assessment_id",) if name in SCORES else CLASSIFICATIONS[name].keys


def grows(name: str) -> bool:
    """Do the values of a score or classification change with every day of observation?"""
    return name in CLASSIFICATIONS and CLASSIFICATIONS[name].grows


def score(registry: Registry) -> dict[str, pl.DataFrame]:
    """Score every assessment of a registry.

    Returns one frame per score (mirels, rades, sins, frankel, tokuhashi, tomita) with assessment_id, patient_id, lesion_id, date,
    the points of each item (null = missing), total (null unless every item gives points), total_min and total_max (the
    attainable totals), band (null unless both bounds lie in it), missing and flags ("|" between names).
    """
    return {name: publish(name, frame) for name, frame in evaluate_all(Context(registry)).items()}
