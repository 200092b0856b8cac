"""The classifications by id: a patient to its rows."""

from __future__ import annotations

from collections.abc import Callable

from .classes_imaging import ct_lesion_response, ct_response, flare, pet_response
from .classes_prognosis import functional_prognosis, life_expectancy, risk_factors
from .classes_skeletal import skeletal_events, skeletal_morbidity
from .items import Row
from .patient import Patient

CLASSES: dict[str, Callable[[Patient], list[Row]]] = {
    "skeletal_events": skeletal_events,
    "skeletal_morbidity": skeletal_morbidity,
    "ct_lesion_response": ct_lesion_response,
    "ct_response": ct_response,
    "pet_response": pet_response,
    "flare": flare,
    "risk_factors": risk_factors,
    "life_expectancy": life_expectancy,
    "functional_prognosis": functional_prognosis,
}
