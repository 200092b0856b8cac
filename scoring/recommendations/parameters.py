"""Every threshold and window: a name, a value, a unit and where it comes from.

Origin: `printed` (the guideline gives the number), `reading` (the guideline is silent or ambiguous; the number is a proposal),
`external` (from another publication, named in the note). `using` sets other values for a time: the measures are then declared
anew (`scoring.recommendations.declare`), for a threshold is part of a declaration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal

Origin = Literal["printed", "reading", "external"]


@dataclass(frozen=True)
class Parameter:
    """A named threshold or window."""

    name: str
    value: float
    unit: str
    origin: Origin
    source: str
    note: str = ""
    default: float | None = None

    def __post_init__(self) -> None:
        if self.default is None:
            object.__setattr__(self, "default", self.value)

    @property
    def overridden(self) -> bool:
        """Is the value another one than the software's?"""
        return self.value != self.default


PARAMETERS: dict[str, Parameter] = {}
"""Name -> parameter, in the order of declaration."""


class ParameterError(ValueError):
    """A value that a parameter cannot have, or a parameter that does not exist; all of them in one message."""


def checked(values: Mapping[str, Any]) -> dict[str, float]:
    """The values as numbers of the right kind; raises `ParameterError` that names everything wrong at once."""
    wrong = [problem for name, value in values.items() if (problem := _problem(name, value))]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return {name: int(value) if PARAMETERS[name].unit == "days" else value for name, value in values.items()}


def _problem(name: str, value: Any) -> str:
    if name not in PARAMETERS:
        close = get_close_matches(name, PARAMETERS, n=1, cutoff=0.5)
        return f"{name}: no such parameter.{f' Did you mean {close[0]}?' if close else ''}"
    unit = PARAMETERS[name].unit
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != value:
        return f"{name}: a number of 0 or more ({unit}) is asked for."
    if unit == "days" and value != int(value):
        return f"{name}: a whole number of days is asked for."
    return ""


@contextmanager
def using(values: Mapping[str, float]) -> Iterator[None]:
    """Other values of the parameters for a time, in this process."""
    before = {name: PARAMETERS[name] for name in values}
    try:
        for name, value in checked(values).items():
            _set(replace(PARAMETERS[name], value=value))
        yield
    finally:
        for parameter in before.values():
            _set(parameter)


def _set(parameter: Parameter) -> None:
    PARAMETERS[parameter.name] = parameter
    globals()[parameter.name] = parameter.value


def _days(name: str, value: int, origin: Origin, source: str, note: str = "") -> int:
    PARAMETERS[name] = Parameter(name, value, "days", origin, source, note)
    return value


def _number(name: str, value: float, unit: str, origin: Origin, source: str, note: str = "") -> float:
    PARAMETERS[name] = Parameter(name, value, unit, origin, source, note)
    return value


# State at a decision
STATE = _days("STATE", 60, "reading", "P18", "how long a recorded state stays current before a decision")
STATE_AFTER_DISCOVERY = _days(
    "STATE_AFTER_DISCOVERY", 14, "reading", "P18", "for decisions on discovery, failing an earlier value"
)
DEVIATION = _days(
    "DEVIATION", 60, "reading", "design", "a documented departure counts within these days of the index date"
)
OLDER_ACT = _days("OLDER_ACT", 183, "reading", "P05", "how far back an act that came too early is looked for")

# Durations in words
SIX_WEEKS = _days("SIX_WEEKS", 42, "printed", "G1 3.7; P01")
THREE_MONTHS = _days("THREE_MONTHS", 91, "printed", "G1 3.4, 3.5.5; P01")
SIX_MONTHS = _days("SIX_MONTHS", 183, "printed", "G1 3.7.2; P01")
ONE_YEAR = _days("ONE_YEAR", 365, "printed", "G1 3.7; P01")
TWO_YEARS = _days("TWO_YEARS", 730, "printed", "G1 3.4; P01")

# Scores: readings of their holes
TOKUHASHI_ITEMS = _number(
    "TOKUHASHI_ITEMS", 6, "items", "external", "Tokuhashi 2005", "the text prints five items that cannot give 15 points"
)
VERTEBRAE_TWO_POINTS = _number(
    "VERTEBRAE_TWO_POINTS", 1, "vertebrae", "external", "Tokuhashi 2005", "so many vertebrae or fewer give 2 points"
)
VERTEBRAE_ONE_POINT = _number(
    "VERTEBRAE_ONE_POINT", 2, "vertebrae", "external", "Tokuhashi 2005", "so many vertebrae or fewer give 1 point"
)
KARNOFSKY_FROM_ECOG = _number(
    "KARNOFSKY_FROM_ECOG", 0, "0 or 1", "external", "Oken 1982", "1 reads a missing Karnofsky from ECOG, and flags it"
)
COLLAPSE_50_POINTS = _number(
    "COLLAPSE_50_POINTS", 2, "points", "reading", "G1 3.8.1; P19", "collapse of exactly 50 %; 2 leaves 3 possible"
)
RADES_15_MONTHS_POINTS = _number(
    "RADES_15_MONTHS_POINTS", 6, "points", "external", "Rades 2011", "exactly 15 months from the diagnosis"
)

# Multidisciplinary care
MDT_AFTER_DISCOVERY = _days("MDT_AFTER_DISCOVERY", 60, "reading", "P14", "a meeting on a bone metastasis just found")
CONCERNED_SPECIALTIES = _number(
    "CONCERNED_SPECIALTIES",
    3,
    "specialties",
    "reading",
    "G1 1",
    "no quorum is printed: of those that the text lists, in one meeting",
)

# Imaging
SPINE_MRI = _days(
    "SPINE_MRI", 30, "reading", "P15", "whole-spine MRI around the discovery of the first vertebral lesion"
)
SPINE_MRI_EARLIER = _days(
    "SPINE_MRI_EARLIER", 60, "reading", "P15", "an earlier whole-spine MRI is looked for this far back"
)
WORKUP_BEFORE_DIAGNOSIS = _days("WORKUP_BEFORE_DIAGNOSIS", 60, "reading", "P02")
WORKUP_AFTER_DIAGNOSIS = _days("WORKUP_AFTER_DIAGNOSIS", 60, "reading", "P02")
GCSF_BEFORE_PET = _days("GCSF_BEFORE_PET", 15, "printed", "G1 2; P10", "day 15 itself is too early")
PET_BEFORE_SCINTIGRAPHY = _days("PET_BEFORE_SCINTIGRAPHY", 90, "reading", "G1 2", "same work-up episode")
FLARE = _days("FLARE", 183, "printed", "G1 2; P16", "counted from the start of the current line")
FLARE_LINE_STOPPED = _days("FLARE_LINE_STOPPED", 60, "reading", "G1 2")
CT_PROGRESSION = _days("CT_PROGRESSION", 60, "reading", "G1 2", "a CT that shows progression around a flare")
NEW_PAIN = _days("NEW_PAIN", 30, "reading", "G1 2")
DISTAL_PAIN = _days("DISTAL_PAIN", 30, "reading", "G1 2", "distal pain recorded this soon before the PET")
SINGLE_FOCUS = _days(
    "SINGLE_FOCUS", 30, "reading", "G1 2", "centred MRI around an examination that shows a single focus"
)
SINGLE_FOCUS_OPINION = _days(
    "SINGLE_FOCUS_OPINION", 60, "reading", "P14", "opinion after an examination that shows a single focus"
)
SINGLE_FOCUS_EARLIER = _days(
    "SINGLE_FOCUS_EARLIER", 60, "reading", "G1 2", "an earlier MRI or opinion is looked for this far back"
)

# Antiresorptives
MULTIPLE = _number("MULTIPLE", 2, "metastases", "reading", "G1 3", "multiple: two bone metastases or more")
ANTIRESORPTIVE_START = _days("ANTIRESORPTIVE_START", 60, "reading", "P03")
UNKNOWN_LIFE_IS_LONG = _number(
    "UNKNOWN_LIFE_IS_LONG",
    0,
    "0 or 1",
    "reading",
    "P18",
    "1 starts an antiresorptive where no life expectancy is recorded",
)
ANTIRESORPTIVE_GAP = _days("ANTIRESORPTIVE_GAP", 90, "reading", "P24", "a longer gap ends a course")
DENOSUMAB_LEAST = _number(
    "DENOSUMAB_LEAST",
    90,
    "mg",
    "reading",
    "G1 3.4",
    "a lower dose is the osteoporosis product and no antiresorptive treatment of bone metastases",
)
CLEARANCE = _days("CLEARANCE", 30, "reading", "P06", "renal function before a dose")
CLEARANCE_LEAST = _number(
    "CLEARANCE_LEAST", 30, "mL/min", "printed", "G1 3.4", "Cockcroft-Gault; exactly 30 is allowed"
)
CLEARANCE_NORMAL = _number(
    "CLEARANCE_NORMAL", 60, "mL/min", "external", "product label of zoledronic acid", "full dose above this clearance"
)
CLEARANCE_50 = _number(
    "CLEARANCE_50", 50, "mL/min", "external", "product label of zoledronic acid", "3.5 mg from here to 60"
)
CLEARANCE_40 = _number(
    "CLEARANCE_40", 40, "mL/min", "external", "product label of zoledronic acid", "3.3 mg from here to 50, 3.0 mg below"
)
ZOLEDRONATE_DOSE_50 = _number(
    "ZOLEDRONATE_DOSE_50", 3.5, "mg", "external", "product label of zoledronic acid", "clearance 50 to 60 mL/min"
)
ZOLEDRONATE_DOSE_40 = _number(
    "ZOLEDRONATE_DOSE_40", 3.3, "mg", "external", "product label of zoledronic acid", "clearance 40 to 49 mL/min"
)
ZOLEDRONATE_DOSE_30 = _number(
    "ZOLEDRONATE_DOSE_30", 3.0, "mg", "external", "product label of zoledronic acid", "clearance 30 to 39 mL/min"
)
ZOLEDRONATE_DOSE = _number("ZOLEDRONATE_DOSE", 4, "mg", "printed", "G1 3.4")
DENOSUMAB_DOSE = _number("DENOSUMAB_DOSE", 120, "mg", "printed", "G1 3.4")
DOSE_TOLERANCE = _number("DOSE_TOLERANCE", 0.1, "mg", "reading", "G1 3.4")
INFUSION = _number("INFUSION", 15, "min", "printed", "G1 3.4")
SUPPLEMENT_GRACE = _days(
    "SUPPLEMENT_GRACE", 14, "reading", "G1 3.4", "a supplement prescribed this soon after the dose covers it"
)
CALCIUM_INTAKE = _number(
    "CALCIUM_INTAKE", 1000, "mg/d", "printed", "G1 3.4", "1 g of calcium a day, from diet and supplement"
)
CALCIUM_SUPPLEMENT = _number(
    "CALCIUM_SUPPLEMENT", 500, "mg/d", "reading", "P09", "least supplement beside a documented diet"
)
DIET = _days("DIET", 183, "reading", "P09", "how long an assessment of dietary calcium stays current")
VITAMIN_D_INTAKE = _number(
    "VITAMIN_D_INTAKE",
    1000,
    "IU/d",
    "reading",
    "P08",
    "100,000 IU in 100 days; the text prints 100,000 IU every 3 months",
)
VITAMIN_D_TEST = _days("VITAMIN_D_TEST", 90, "reading", "P07", "25-OH-vitamin D before the first dose")
CALCIUM_HIGH = _number("CALCIUM_HIGH", 2.60, "mmol/L", "external", "laboratory reference range")
DENTAL_BEFORE = _days("DENTAL_BEFORE", 183, "reading", "P05")
DENTAL_GAP = _days("DENTAL_GAP", 214, "reading", "P05", "six months and 31 days of grace")
DENTAL_FOLLOW_UP = _days("DENTAL_FOLLOW_UP", 183, "printed", "G1 3.4; P01")
MONTHLY_LATE = _days(
    "MONTHLY_LATE", 35, "reading", "P04", "a monthly dose later than this is late; so the last of two years"
)
MONTHLY_EARLY = _days("MONTHLY_EARLY", 21, "reading", "P04", "every three weeks, with the chemotherapy, is accepted")
MONTHLY_MISSED = _days("MONTHLY_MISSED", 49, "reading", "P04", "a later dose follows one that was missed")
REASSESSMENT_FIRST = _days("REASSESSMENT_FIRST", 670, "reading", "G1 3.4", "reassessment around two years")
REASSESSMENT_LAST = _days("REASSESSMENT_LAST", 820, "reading", "G1 3.4", "reassessment around two years")

# Radiotherapy
DOSE_GY = _number("DOSE_GY", 0.1, "Gy", "reading", "P20")
MOTOR_FRESH = _days("MOTOR_FRESH", 7, "reading", "design", "neurology is no older than this at a course")
COMPRESSION_TREATMENT = _days("COMPRESSION_TREATMENT", 2, "reading", "P23", "48 hours, read as days")
POSTOP_RT = _days("POSTOP_RT", 60, "reading", "P11", "post-operative radiotherapy is looked for until then")
POSTOP_RT_FIRST = _days("POSTOP_RT_FIRST", 15, "printed", "G1 3.5.4")
POSTOP_RT_LAST = _days("POSTOP_RT_LAST", 21, "printed", "G1 3.5.4")
POSTOP_RT_AMBER = _days("POSTOP_RT_AMBER", 28, "reading", "P11")
POSTOP_LINK = _days(
    "POSTOP_LINK", 90, "reading", "P11", "an unlinked post-operative course belongs to the last operation of these days"
)
FULL_DOSE = _number("FULL_DOSE", 20, "Gy", "reading", "G1 3.5.4", "an earlier full-dose course on the site")
SBRT_MOST_SITES = _number("SBRT_MOST_SITES", 3, "metastases", "printed", "G1 3.5.5")
STABILISED = _days("STABILISED", 365, "reading", "G1 3.5.5", "an earlier surgical stabilisation counts this long")

# Local treatment of long bones and spine
MIRELS_SURGERY = _days("MIRELS_SURGERY", 30, "reading", "G1 3.5.2")
LOCAL_TREATMENT = _days("LOCAL_TREATMENT", 60, "reading", "P14", "surgery of these days answers to the score")
FRACTURE_SURGERY = _days("FRACTURE_SURGERY", 30, "reading", "G2 2.2")
MDT_BEFORE = _days("MDT_BEFORE", 60, "reading", "P14")
MDT_AFTER_URGENT = _days("MDT_AFTER_URGENT", 14, "reading", "P14")
SURGICAL_OPINION = _days("SURGICAL_OPINION", 14, "reading", "G1 3.8.1")
SURGICAL_OPINION_UNSTABLE = _days("SURGICAL_OPINION_UNSTABLE", 2, "reading", "G1 3.8.1", "48 hours, read as days")

# Systemic therapy after surgery
RESTART = _days("RESTART", 21, "printed", "G1 3.7.1; P12")
RESTART_URGENT = _days("RESTART_URGENT", 15, "printed", "G2 3; P12")
RESTART_LOOK_BACK = _days("RESTART_LOOK_BACK", 90, "reading", "P12")

# Indications: limbs and painful lesions
MDT_CRITERIA = _number(
    "MDT_CRITERIA", 7, "criteria", "printed", "G2 1", "of the decision to operate, in one MDT record"
)
FRACTURE_STABILISED = _days("FRACTURE_STABILISED", 2, "reading", "G2 2.2", "48 hours, read as days")
FRACTURE_FIRST_WEEK = _days("FRACTURE_FIRST_WEEK", 7, "reading", "G2 2.2", "the delays that are reported")
FRACTURE_IMAGING = _days("FRACTURE_IMAGING", 30, "reading", "P13", "CT before a resection for a fracture")
IRRADIATED_FIRST = _days(
    "IRRADIATED_FIRST", 183, "reading", "G2 1", "radiotherapy of these days before an operation came first"
)
ANALGESIA = _days("ANALGESIA", 14, "reading", "G2 1", "the pain score that shows the effect is looked for until then")
PAIN_CONTROLLED = _number("PAIN_CONTROLLED", 4, "/10", "reading", "G2 1", "effective analgesia: pain of 4 or less")
CRP_AFTER_SURGERY = _days("CRP_AFTER_SURGERY", 30, "reading", "G2 1", "CRP and infection after an operation")

# Trials
STEREO_OS_WINDOW = (date(2018, 1, 1), date(2022, 7, 1))
"""Printed, G1 4."""

# Stereotactic radiotherapy, few metastases, and the other trials
RADIONUCLIDE_BEFORE_SBRT = _days(
    "RADIONUCLIDE_BEFORE_SBRT",
    91,
    "reading",
    "G1 3.5.5",
    "the three months printed for radiotherapy; this day is allowed",
)
CANAL_NARROWING = _number("CANAL_NARROWING", 25, "%", "printed", "G1 3.5.5", "exactly 25 % is allowed")
CORD_DISTANCE = _number("CORD_DISTANCE", 5, "mm", "printed", "G1 3.5.5", "exactly 5 mm is allowed")
NORMOFRACTION_LEAST = _number(
    "NORMOFRACTION_LEAST", 1.8, "Gy", "reading", "G1 3.5.5", "a fraction of the usual size; no dose is printed"
)
NORMOFRACTION_MOST = _number(
    "NORMOFRACTION_MOST", 2.2, "Gy", "reading", "G1 3.5.5", "a fraction of the usual size; no dose is printed"
)
PSEUDO_CURATIVE_DOSE = _number("PSEUDO_CURATIVE_DOSE", 50, "Gy", "reading", "G1 3.5.5", "no dose is printed")
LOCAL_TREATMENT_SITES = _number("LOCAL_TREATMENT_SITES", 2, "metastases", "printed", "G1 3", "sites read as bone")
LIBELULE_WINDOW = (date(2019, 4, 10), date(2021, 7, 1))
PRISM_WINDOW = (date(2016, 5, 30), date(2022, 5, 30))
TELOCAP02_WINDOW = (date(2015, 12, 1), date(2021, 6, 30))
"""Printed, G1 4."""
TRIALS_WINDOW = (date(2015, 12, 1), date(2022, 7, 1))
"""While one of the four trials was open."""
# Classifications that are no sum of points
COMPLICATION_SHORT_TERM = _days(
    "COMPLICATION_SHORT_TERM", 90, "reading", "G1 3.7.3", "the text prints no limit between short and long term"
)

# Interventional radiology
LINKED_SESSION = _days(
    "LINKED_SESSION", 30, "reading", "G1 3.6", "ablation and consolidation of a lesion in two sessions"
)
AUTHENTICATION = _days(
    "AUTHENTICATION", 30, "reading", "G1 3.6.1", "clinical assessment and imaging before an interventional procedure"
)
PROCEDURE_PAIN = _days("PROCEDURE_PAIN", 30, "reading", "G1 3.6.1, 3.6.3", "pain before an interventional procedure")
CEMENT_RADIOTHERAPY = _days(
    "CEMENT_RADIOTHERAPY", 60, "reading", "G1 3.6.1", "radiotherapy around a cementoplasty belongs to it"
)
COAGULATION = _days("COAGULATION", 7, "reading", "P21", "coagulation tests before an interventional procedure")
ANTITHROMBOTIC_STOPPED = _days(
    "ANTITHROMBOTIC_STOPPED",
    10,
    "reading",
    "G1 3.6.1",
    "an anticoagulant or antiplatelet drug stopped for the procedure this soon before is one to manage",
)
ABLATION_PAIN = _number("ABLATION_PAIN", 4, "/10", "printed", "G1 3.6.3", "exactly 4 is not enough")
STAY_FEWEST = _number("STAY_FEWEST", 1, "nights", "printed", "G1 3.6.3", "24 to 48 hours, read as nights")
STAY_MOST = _number("STAY_MOST", 2, "nights", "printed", "G1 3.6.3", "24 to 48 hours, read as nights")
# Spine
SPINE_WORKUP = _days(
    "SPINE_WORKUP", 30, "reading", "G1 3.8", "first work-up around the discovery of the first vertebral lesion"
)
DEFICIT_SURGERY = _days(
    "DEFICIT_SURGERY", 2, "reading", "P23", "from the onset of the deficit to the operation; 48 hours, read as days"
)
SCORES_QUOTED = _days("SCORES_QUOTED", 60, "reading", "P14", "a meeting that quotes the scores, after the assessment")
# Perioperative care
PREOP_IMAGING = _days("PREOP_IMAGING", 30, "reading", "P13", "imaging before an operation; the day itself counts")
PREOP_WORKUP = _days(
    "PREOP_WORKUP", 30, "reading", "P13", "aetiological work-up before an operation; the day itself counts"
)
PREOP_BIOPSY = _days("PREOP_BIOPSY", 60, "reading", "G1 3.7.1", "from a biopsy of the lesion to its operation")
PREOP_EMBOLISATION = _days(
    "PREOP_EMBOLISATION", 30, "reading", "G1 3.7.1", "from an embolisation of the lesion to its operation"
)
ANTIBIOTICS = _number("ANTIBIOTICS", 48, "h", "printed", "G1 3.7.3", "antibiotic prophylaxis")
ANTIBIOTICS_LEAST = _number("ANTIBIOTICS_LEAST", 42, "h", "reading", "G1 3.7.3", "shorter is not 48 hours")
ANTIBIOTICS_MOST = _number("ANTIBIOTICS_MOST", 54, "h", "reading", "G1 3.7.3", "longer is not 48 hours")
ANTIBIOTICS_OVERUSE = _number("ANTIBIOTICS_OVERUSE", 72, "h", "reading", "G1 3.7.3", "longer is overuse")
EARLY_COMPLICATION = _days(
    "EARLY_COMPLICATION", 7, "reading", "G1 3.7.3", "sepsis or bleeding that explains the drugs around an operation"
)
ANTICOAGULANT_START = _days(
    "ANTICOAGULANT_START", 2, "reading", "G1 3.7.3", "an anticoagulant prescribed this soon after an operation counts"
)
FIRST_VISIT = _days("FIRST_VISIT", 21, "reading", "P22", "first visit after an operation")
SECOND_VISIT = _days("SECOND_VISIT", 45, "reading", "P22", "second visit after an operation")
HEALING_LONGEST = _days("HEALING_LONGEST", 28, "printed", "G2 5", "soft tissue heals in three to four weeks")
# Surgical technique and the acetabulum
FRAIL_KARNOFSKY = _number(
    "FRAIL_KARNOFSKY",
    60,
    "%",
    "reading",
    "G2 4.2",
    "frail: a Karnofsky index of this or less, where frailty is not recorded",
)
RADIOTHERAPY_FAILURE = _days(
    "RADIOTHERAPY_FAILURE", 30, "reading", "G2 2.4", "pain this long after the start of radiotherapy is a failure of it"
)
EARLIER_TREATMENT = _days(
    "EARLIER_TREATMENT",
    365,
    "reading",
    "G2 2.4",
    "how far back an earlier treatment of an acetabular lesion is looked for",
)
# Classifications of section 1 that are no sum of points
SKELETAL_EVENTS_MERGED = _days(
    "SKELETAL_EVENTS_MERGED",
    21,
    "external",
    "G1 1",
    "habit of trials: skeletal events this close to the first of them are one; the day itself still merges",
)
INAUGURAL = _days("INAUGURAL", 30, "reading", "G1 1", "a skeletal event until then belongs to the discovery")
COLLAPSED = _number("COLLAPSED", 0, "%", "reading", "G1 1", "a vertebra that lost more height than this is fractured")
TUMOUR_SIZE = _number("TUMOUR_SIZE", 20, "mm", "printed", "G1 1", "exactly 2 cm is no risk factor")
FAVOURABLE_TOKUHASHI = _number("FAVOURABLE_TOKUHASHI", 6, "points", "printed", "G1 3.8.5", "this total or more")
FAVOURABLE_TOMITA = _number("FAVOURABLE_TOMITA", 8, "points", "printed", "G1 3.8.5", "this total or less")
FAVOURABLE_AGE = _number("FAVOURABLE_AGE", 70, "years", "printed", "G1 3.8.5", "exactly 70 is not favourable")
FAVOURABLE_ASA = _number("FAVOURABLE_ASA", 2, "class", "reading", "G1 3.8.5", "no class is printed")
EARLY_DISCOVERY = _days(
    "EARLY_DISCOVERY", 14, "reading", "G1 3.8.5", "symptoms of the spinal metastasis last no longer than this"
)
