"""The classifications by id: each gives the rows of one patient, without patient_id."""

from __future__ import annotations

from collections.abc import Callable

from .classes_lesions import acetabulum, bone_segments, pain_technique
from .classes_sbrt import sbrt_eligibility, sbrt_requests
from .classes_treatment import complications, restart_windows, spine_strategy
from .items import Row
from .patient import Patient

CLASSES: dict[str, Callable[[Patient], list[Row]]] = {
    "sbrt_eligibility": sbrt_eligibility,
    "sbrt_requests": sbrt_requests,
    "pain_technique": pain_technique,
    "spine_strategy": spine_strategy,
    "complications": complications,
    "restart_windows": restart_windows,
    "bone_segments": bone_segments,
    "acetabulum": acetabulum,
}
