"""Adversarial random registries: every row keeps the contract, nothing else is sane.

Dates of a patient cluster around few days, at distances on and beside the limits of the rules; a quarter of the
optional cells is empty; acts without lesion, tables that a centre does not supply, deaths and ties are frequent.

Each patient, and each situation that comes to a patient, draws from a generator of its own: one situation more, or one
changed, leaves all patients as they were to whom it does not come.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

import polars as pl

from validation.contract import TABLES, Column

from .random_scenarios import SITUATIONS
from .random_scenarios_antiresorptive import ANTIRESORPTIVE_SITUATIONS
from .random_scenarios_imaging import IMAGING_SITUATIONS
from .random_scenarios_indications import INDICATION_SITUATIONS
from .random_scenarios_interventional import INTERVENTIONAL_SITUATIONS
from .random_scenarios_perioperative import PERIOPERATIVE_SITUATIONS
from .random_scenarios_rare import RARE_SITUATIONS
from .random_scenarios_spine import SPINE_SITUATIONS
from .random_scenarios_stereotactic import STEREOTACTIC_SITUATIONS
from .random_scenarios_technique import TECHNIQUE_SITUATIONS

ALL_SITUATIONS = (
    *SITUATIONS,
    *ANTIRESORPTIVE_SITUATIONS,
    *IMAGING_SITUATIONS,
    *INDICATION_SITUATIONS,
    *INTERVENTIONAL_SITUATIONS,
    *PERIOPERATIVE_SITUATIONS,
    *RARE_SITUATIONS,
    *SPINE_SITUATIONS,
    *STEREOTACTIC_SITUATIONS,
    *TECHNIQUE_SITUATIONS,
)

Row = dict[str, Any]
Tables = dict[str, list[Row]]

OFTEN = 0.02
"""To which share of the patients a situation comes that is listed once; listed twice, it comes twice as often."""

EMPTY = (0.0, 0.05, 0.25, 0.6)
"""Shares of the optional cells that are empty in a row; each row draws one."""

LIMITS = (0, 0, 1, 2, 3, 7, 8, 13, 14, 15, 16, 20, 21, 22, 28, 29, 30, 31, 32)
FAR_LIMITS = (60, 61, 89, 90, 91, 92, 183, 184, 214, 215, 365, 366)
BONES = (*(TABLES["bone_lesions"]["bone"].tokens or {}), *("vertebra",) * 9, *("femur",) * 6, *("humerus",) * 3)
SPINAL = ("vertebra", "sacrum")
ALWAYS_SUPPLIED = ("centres", "patients", "primary_tumours", "bone_lesions")

LIFE = (20, 41, 42, 43, 90, 91, 92, 92, 120, 182, 183, 184, 300, 364, 365, 366, 900)
NUMBERS: dict[str, tuple[float, ...]] = {
    "karnofsky": (10, 40, 50, 50, 70, 80, 100),
    "life_expectancy_days": LIFE,
    "n_bone_metastases": (0, 1, 1, 2, 3, 4, 9),
    "n_extraspinal_bone_metastases": (0, 1, 2, 3, 4),
    "n_vertebral_metastases": (0, 1, 2, 3, 5),
    "cortical_fraction": (0, 0.1, 0.33, 1 / 3, 1 / 3 + 5e-7, 0.3384, 0.34, 0.5, 0.66, 2 / 3, 0.67, 0.8, 1),
    "collapse_percent": (0, 0, 0, 10, 49, 50, 51, 80),
    "body_involvement_percent": (0, 49, 50, 51, 90),
    "prescribed_dose_gy": (8, 8, 20, 24, 30, 30, 30.1, 29.9, 29.8, 8.2, 45),
    "prescribed_fractions": (1, 1, 5, 6, 10, 10, 3),
    "delivered_dose_gy": (8, 19.9, 20, 30),
    "n_bone_foci": (0, 1, 1, 2, 5),
    "daily_dose": (0, 400, 500, 999, 1000, 1200),
    "dietary_calcium_mg": (0, 300, 500, 800),
    "infusion_minutes": (5, 14.9, 15, 15, 30, 60),
}
WEIGHTS: dict[str, tuple[str, ...]] = {
    "frankel": ("D1", "D3", "E", "E"),
    "cord_compression": ("symptomatic", "radiological"),
    "intent": ("analgesic", "ablative", "ablative", "postoperative", "preventive", "preventive", "fracture"),
    "technique": ("stereotactic", "stereotactic", "stereotactic", "kyphoplasty", "cementoplasty", "locking_plate"),
    "visceral_metastases": ("none", "none", "unresectable"),
    "fracture_status": ("none", "none", "none", "impending"),
    "uptake_change": ("increased",),
    "class": ("chemotherapy", "chemotherapy"),
    "domain": ("radiotherapy", "radiotherapy", "imaging", "imaging", "limb_surgery", "spine", "antiresorptive"),
    "stop_reason": ("bone_progression", "bone_progression", "renal"),
}
LAB_VALUES = (20, 29.9, 30, 45, 60, 60.1, 90, 2.3, 2.6, 2.61, 3)
DOSES = {"zoledronic_acid": (3.3, 3.87, 3.9, 4, 4, 4.1, 4.13), "denosumab": (60, 89.9, 90, 119.9, 120, 120, 120.13)}


def random_registry(seed: int, patients: int, centres: int = 3) -> tuple[Tables, list[Row]]:
    """Tables of rows, and what each centre declared about each table."""
    maker = Maker(seed, [f"C{n:02d}" for n in range(1, centres + 1)])
    for _ in range(patients):
        maker.patient()
    return maker.finished()


def random_holes(seed: int, tables: Tables) -> list[tuple[str, str]]:
    """(patient, table) of rows in quarantine, for one table in twenty."""
    draw = random.Random(seed)
    people = [row["patient_id"] for row in tables["patients"]]
    names = [name for name, table in TABLES.items() if "patient_id" in table.schema and name != "patients"]
    return [(patient, name) for patient in people for name in names if draw.random() < 0.05]


def frames_of(tables: Tables, coverage: list[Row]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The same as frames of the contract's dtypes, sorted as intake sorts them."""
    frames = {
        name: pl.DataFrame(tables[name], schema=table.schema).sort(table.key or list(table.schema), maintain_order=True)
        for name, table in TABLES.items()
    }
    dates = dict.fromkeys(("from", "to", "extraction_date"), pl.Date)
    schema = {"centre_id": pl.String, "table": pl.String, "supplied": pl.Boolean, "complete": pl.Boolean, **dates}
    return frames, pl.DataFrame(coverage, schema=schema)


def random_frames(seed: int, patients: int, centres: int = 3) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    return frames_of(*random_registry(seed, patients, centres))


def drawn(*what: object) -> int:
    """A number below 2**64 that hangs on nothing but what it is drawn for."""
    return int.from_bytes(blake2b("/".join(map(str, what)).encode(), digest_size=8).digest())


class Maker:
    """Builds the rows patient by patient: first what ties tables together, then all cells that were not given."""

    def __init__(self, seed: int, centres: list[str]) -> None:
        self.seed = seed
        self.number = 0
        self.random = random.Random()
        self.centres = centres
        self.often = Counter(ALL_SITUATIONS)
        self.unfilled: list[tuple[str, Row]] = []
        self.tables: Tables = {name: [] for name in TABLES}
        self.tables["centres"] = [{"centre_id": centre} for centre in centres]
        self.centre_of: dict[str, str] = {}
        self.known_days: list[date] = []
        self.patient_id = ""
        self.lesions: list[Row] = []

    # Small draws

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, values: Any) -> Any:
        return self.random.choice(values)

    def near(self, day: date) -> date:
        """A day at or beside a limit from another day; more often after it than before."""
        distance = self.pick(LIMITS if self.chance(0.75) else FAR_LIMITS)
        return day + timedelta(days=distance if self.chance(0.65) else -distance)

    def some_day(self) -> date:
        return self.near(self.pick(self.known_days))

    def new_id(self, prefix: str) -> str:
        """Ids that follow neither the dates nor the order of entry, and of different lengths."""
        return f"{prefix}{self.random.getrandbits(self.pick((34, 44)))}"

    def add(self, table: str, **cells: Any) -> Row:
        row = {"patient_id": self.patient_id, **cells}
        self.tables[table].append(row)
        self.unfilled.append((table, row))
        return row

    def tumours(self) -> list[Row]:
        """The rows of the patient's primary tumours."""
        return [row for row in self.tables["primary_tumours"][-2:] if row["patient_id"] == self.patient_id]

    def a_lesion(self) -> str | None:
        return None if self.chance(0.15) else self.pick(self.lesions)["lesion_id"]

    # One patient

    def patient(self) -> None:
        """One more patient, and the situations that come to it."""
        self.number += 1
        self.random = random.Random(drawn(self.seed, self.number))
        self.course_of_life()
        self.fill_the_rest()
        for situation, times in self.often.items():
            number = drawn(self.seed, self.number, situation.__module__, situation.__qualname__)
            if number < OFTEN * times * 2**64:
                self.add_situation(situation, number)

    def add_situation(self, situation: Callable[[Maker], None], number: int) -> None:
        """Let it happen to the patient; it draws from a generator of that number and knows nothing of other situations."""
        self.random = random.Random(number)
        days, lesions = self.known_days, self.lesions
        self.known_days, self.lesions = [*days], [*lesions]
        situation(self)
        self.known_days, self.lesions = days, lesions
        self.fill_the_rest()

    def course_of_life(self) -> None:
        self.patient_id = self.new_id("P")
        self.centre_of[self.patient_id] = centre = self.pick(self.centres)
        origin = date(2017, 12, 20) if self.chance(0.2) else date(2022, 6, 1)
        discovery = origin + timedelta(days=self.random.randrange(1680 if origin.year == 2017 else 800))
        self.known_days = [discovery]
        self.lesions = []
        self.person(centre, discovery)
        for _ in range(self.pick((1, 1, 2, 3)) if self.chance(0.98) else 0):
            self.lesion(discovery)
        for act in (self.condition, self.local_treatment, self.drugs, self.images, self.pathway):
            act()

    def person(self, centre: str, discovery: date) -> None:
        far = timedelta(days=self.pick((5, 13, 29, 30, 59, 60, 61, 200, 500, 900)))
        death = discovery + far if self.chance(0.2) else None
        last = None if self.chance(0.3) else self.near(discovery + far)
        self.add("patients", centre_id=centre, death_date=death, last_contact_date=last)
        diagnosis = discovery - timedelta(days=self.pick((0, 10, 30, 59, 60, 61, 400, 456, 457, 700)))
        others = tuple(TABLES["primary_tumours"]["primary_site"].tokens or {})
        for n in range(self.pick((1, 1, 1, 1, 2)) if self.chance(0.98) else 0):
            site = "lung" if self.chance(0.93 if n == 0 else 0.4) else self.pick(others)
            day = diagnosis if n == 0 or self.chance(0.3) else self.near(diagnosis)
            self.add("primary_tumours", tumour_id=self.new_id("T"), primary_site=site, diagnosis_date=day)
        self.known_days += [discovery] * 2

    def lesion(self, discovery: date) -> None:
        bone = self.pick(BONES)
        day = discovery if self.chance(0.6) else max(discovery, self.near(discovery))
        lesion = self.add("bone_lesions", lesion_id=self.new_id("L"), bone=bone, discovery_date=day)
        if bone not in SPINAL:
            lesion["vertebral_level"] = None
        self.lesions.append(lesion)
        keys = {"lesion_id": lesion["lesion_id"]}
        for _ in range(self.pick((0, 1, 1, 2, 3))):
            row = self.add("lesion_assessments", assessment_id=self.new_id("A"), **keys, date=self.near(day))
            self.known_days.append(row["date"])
        for _ in range(self.pick((1, 1, 2, 3)) if bone in SPINAL else self.chance(0.03)):
            row = self.add("spinal_assessments", assessment_id=self.new_id("S"), **keys, date=self.near(day))
            self.known_days.append(row["date"])

    def condition(self) -> None:
        for _ in range(self.pick((0, 1, 2, 3, 4))):
            day = self.some_day()
            self.add("clinical_assessments", assessment_id=self.new_id("K"), date=day)
            self.known_days.append(day)

    def local_treatment(self) -> None:
        if not self.lesions:
            return
        operations = []
        for _ in range(self.pick((0, 0, 1, 2))):
            lesion = self.a_lesion()
            row = self.add("procedures", procedure_id=self.new_id("O"), lesion_id=lesion, date=self.some_day())
            operations.append(row)
            self.known_days += [row["date"]] * 2
        for _ in range(self.pick((0, 1, 1, 2, 3))):
            operation = self.pick(operations) if operations and self.chance(0.4) else None
            follows = operation is not None and self.chance(0.9)
            start = self.near(operation["date"]) if operation and follows else self.some_day()
            link = operation["procedure_id"] if operation and self.chance(0.5) else None
            lesion = operation["lesion_id"] if operation and self.chance(0.7) else self.a_lesion()
            keys = {"course_id": self.new_id("R"), "lesion_id": lesion, "linked_procedure_id": link}
            course = self.add("radiotherapy_courses", **keys, start_date=start)
            if self.chance(0.35):
                dose, fractions = self.pick(((8.0, 1), (20.0, 5), (30.0, 10)))
                course |= {"prescribed_dose_gy": dose, "prescribed_fractions": fractions}
            self.known_days.append(start)

    def drugs(self) -> None:
        first = self.some_day()
        agent = self.pick(("zoledronic_acid", "denosumab"))
        step = self.pick((28, 30, 35, 90, 91))
        longest = self.chance(0.08)
        number = (694 + self.pick((0, 1, 2, 40))) // step + 1 if longest else self.pick((0, 1, 1, 2, 3, 7, 8))
        days = [first + timedelta(days=step * n) for n in range(number)]
        if longest:
            days.append(first + timedelta(days=self.pick((694, 695, 696, 730))))
        for day in days:
            drug = agent if self.chance(0.95) else self.pick(("zoledronic_acid", "denosumab"))
            self.dose(day, drug, "skeletal_event_prevention" if self.chance(0.9) else None)
        for _ in range(self.pick((0, 0, 1, 2))):
            tokens = TABLES["drug_administrations"]["drug"].tokens or {}
            self.dose(self.some_day(), "gcsf" if self.chance(0.4) else self.pick(tuple(tokens)))
        self.known_days += days[:1] * 3 + days[-1:] * 2
        for _ in range(self.pick((0, 1, 3, 4))):
            self.add("drug_prescriptions", prescription_id=self.new_id("D"), start_date=self.some_day())
        for drug in ("calcium", "vitamin_d") if days and self.chance(0.3) else ():
            begin, stop = self.near(days[0]), None if self.chance(0.5) else self.near(days[-1])
            self.add(
                "drug_prescriptions", prescription_id=self.new_id("D"), drug=drug, start_date=begin, stop_date=stop
            )
        checks = days[::6] if self.chance(0.5) else []
        for day in [*(self.near(day) for day in checks), *(self.some_day() for _ in range(self.pick((0, 1, 2, 4))))]:
            self.add("supportive_care", date=day)
        for day in checks[1:] if self.chance(0.5) else ():
            self.add("supportive_care", date=day, kind="dental_examination")
        for _ in range(self.pick((0, 1, 2, 4))):
            self.add("lab_results", date=self.some_day())

    def dose(self, day: date, drug: str, indication: str | None = None) -> Row:
        row = self.add("drug_administrations", administration_id=self.new_id("N"), date=day, drug=drug)
        if drug in DOSES and not self.chance(0.1):
            row["dose_mg"] = float(self.pick(DOSES[drug]))
            row["route"] = {"zoledronic_acid": "iv", "denosumab": "sc"}[drug]
        if indication is not None:
            row["indication"] = indication
        return row

    def images(self) -> None:
        usual = ("fdg_pet_ct", "fdg_pet_ct", "bone_scintigraphy", "mri", "mri", "ct")
        for _ in range(self.pick((0, 1, 2, 3, 4))):
            tokens = tuple(TABLES["imaging_exams"]["modality"].tokens or {})
            modality = self.pick(usual if self.chance(0.9) else tokens)
            lesion = self.a_lesion() if self.lesions and self.chance(0.3) else None
            exam = self.add(
                "imaging_exams", exam_id=self.new_id("E"), date=self.some_day(), modality=modality, lesion_id=lesion
            )
            self.known_days.append(exam["date"])
            for seen in self.lesions:
                if self.chance(0.6):
                    self.add("imaging_findings", exam_id=exam["exam_id"], lesion_id=seen["lesion_id"])

    def pathway(self) -> None:
        for _ in range(self.pick((0, 1, 2, 3))):
            ids = [lesion["lesion_id"] for lesion in self.lesions]
            about = None if self.chance(0.3) else self.random.sample(ids, self.random.randint(0, len(ids)))
            self.add("mdt_meetings", mdt_id=self.new_id("M"), date=self.some_day(), lesion_ids=about)
        for _ in range(self.pick((0, 0, 1, 2))):
            self.add("systemic_therapy_lines", line_id=self.new_id("Y"), start_date=self.some_day())
        for table, most in (("consultations", 2), ("deviations", 3)):
            for _ in range(self.random.randint(0, most) if self.lesions else 0):
                self.add(table, date=self.some_day(), lesion_id=self.a_lesion())
        if self.chance(0.3):
            self.add("trial_screenings")

    # What the centres declare

    def finished(self) -> tuple[Tables, list[Row]]:
        """The tables, without what a centre does not supply, and what each centre declared."""
        self.random = random.Random(drawn(self.seed, "centres"))
        self.unfilled = [("centres", row) for row in self.tables["centres"]]
        self.fill_the_rest()
        coverage = self.coverage()
        self.withhold(coverage)
        return self.tables, coverage

    def coverage(self) -> list[Row]:
        return [self.declaration(n, centre, table) for n, centre in enumerate(self.centres) for table in TABLES]

    def declaration(self, number: int, centre: str, table: str) -> Row:
        """The first centre declares everything, the others leave gaps; every third gives no extraction date."""
        extracted = (date(2026, 6, 30), date(2024, 3, 31), None)[number % 3]
        sure = number == 0 or table in ALWAYS_SUPPLIED
        supplied = sure or self.chance(0.9)
        day = date(2022, 6, 1) + timedelta(days=self.random.randrange(700))
        return {
            "centre_id": centre,
            "table": table,
            "supplied": supplied,
            "complete": supplied and (sure or self.chance(0.7)),
            "from": day if number and self.chance(0.15) else None,
            "to": day + timedelta(days=300) if supplied and self.chance(0.15) else None,
            "extraction_date": extracted,
        }

    def withhold(self, coverage: list[Row]) -> None:
        """Take out the rows of tables that a centre does not supply, and what refers to them."""
        withheld = {(row["centre_id"], row["table"]) for row in coverage if not row["supplied"]}
        for name, rows in self.tables.items():
            if name not in ALWAYS_SUPPLIED:
                parent = "imaging_exams" if name == "imaging_findings" else name
                self.tables[name] = [
                    row
                    for row in rows
                    if not {(self.centre_of[row["patient_id"]], table) for table in (name, parent)} & withheld
                ]
        for course in self.tables["radiotherapy_courses"]:
            if (self.centre_of[course["patient_id"]], "procedures") in withheld:
                course["linked_procedure_id"] = None

    # All other cells

    def fill_the_rest(self) -> None:
        for table, row in self.unfilled:
            empty = self.pick(EMPTY)
            for column in TABLES[table].columns:
                if column.name not in row and not column.is_key:
                    missing = not column.required and self.chance(empty)
                    row[column.name] = None if missing else self.draw(table, column, row)
        self.unfilled = []

    def draw(self, table: str, column: Column, row: Row) -> Any:
        if column.kind == "set":
            tokens = list(column.tokens or {})
            return self.random.sample(tokens, self.random.randint(0, min(3, len(tokens))))
        if column.kind == "date":
            own_day = next((c.name for c in TABLES[table].columns if c.kind == "date" and c.required), None)
            return self.near(row[own_day] if own_day else date(2023, 1, 1))
        if column.references:
            return self.pick(self.centres)
        return self.pick(values_of(table, column.name))


@cache
def values_of(table: str, name: str) -> list[Any]:
    """What a cell is drawn from; what is listed more than once is drawn more often."""
    column = TABLES[table][name]
    if column.kind == "bool":
        return [True, False]
    if column.kind == "enum":
        tokens = list(column.tokens or {})
        return tokens + [token for token in WEIGHTS.get(name, ()) if token in tokens]
    if column.kind == "string":
        return ["text"]
    if table == "lab_results":
        return list(LAB_VALUES)
    cast: Callable[[float], Any] = int if column.kind == "int" else float
    return [cast(value) for value in NUMBERS.get(name, (column.low or 0, column.high or 1))]
