"""Rules between columns and tables, as named expressions that are true where a row breaks them. Null breaks no rule.

Beside the columns of its table, a rule may use `_death_date` (of the row's patient), `_extraction_date` (of the row's
extract), `_patient` and `_lesion_patient` (the patients of the row and of its lesion).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .contract import TABLES


@dataclass(frozen=True)
class Words:
    """What a rule asks for, in two languages."""

    en: str
    fr: str


WORDS: dict[str, Words] = {
    "wrong_field_count": Words("as many fields as the header", "autant de champs que l'en-tête"),
    "repeated_header": Words("the header once, above all rows", "l'en-tête une seule fois, avant toutes les lignes"),
    "totals_row": Words("a row of the registry, not a total", "une ligne du registre, et non un total"),
    "incomplete_date": Words(
        "a whole date: the day is missing (only a birth date may be a month or a year)",
        "une date complète : le jour manque (seule la date de naissance peut se limiter au mois ou à l'année)",
    ),
    "serial_date": Words(
        "a date, not the number of a day as Excel counts them", "une date, et non le numéro d'un jour compté par Excel"
    ),
    "date_in_number": Words(
        "a number: a spreadsheet seems to have made it a date",
        "un nombre : un tableur semble l'avoir transformé en date",
    ),
    "required_missing": Words("a value", "une valeur"),
    "bad_date": Words("a date in the format of the file", "une date au format du fichier"),
    "bad_number": Words(
        "a number with the decimal mark of the file", "un nombre avec le séparateur décimal du fichier"
    ),
    "bad_boolean": Words("yes or no", "oui ou non"),
    "unknown_token": Words("a code or label of the contract", "un code ou un libellé du contrat"),
    "out_of_range": Words("a value within the range of the contract", "une valeur dans l'intervalle du contrat"),
    "duplicate_row": Words("each row once", "chaque ligne une seule fois"),
    "duplicate_key": Words("one row per identifier", "une seule ligne par identifiant"),
    "shared_identifier": Words(
        "an identifier that no other centre uses for something else; put the code of the centre before it",
        "un identifiant qu'aucun autre centre n'emploie pour autre chose ; le préfixer du code du centre",
    ),
    "linked_row": Words(
        "one row per patient or centre: joined to the row that is kept",
        "une seule ligne par patient ou par centre : jointe à la ligne conservée",
    ),
    "unknown_parent": Words(
        "an identifier that exists in the table referred to", "un identifiant connu de la table liée"
    ),
    "follows_parent": Words("a row whose parent was accepted", "une ligne dont le parent est accepté"),
    "birth_before_death": Words("death not before birth", "décès non antérieur à la naissance"),
    "diagnosis_before_death": Words("diagnosis not after death", "diagnostic non postérieur au décès"),
    "end_after_start": Words("end not before start", "fin non antérieure au début"),
    "discharge_after_admission": Words("discharge not before admission", "sortie non antérieure à l'entrée"),
    "healed_after_surgery": Words("healing not before the procedure", "cicatrisation non antérieure au geste"),
    "complication_after_procedure": Words(
        "complication not before the procedure", "complication non antérieure au geste"
    ),
    "fracture_not_after_assessment": Words(
        "fracture not after the assessment that records it", "fracture non postérieure à l'évaluation qui la note"
    ),
    "compression_not_after_assessment": Words(
        "compression not after the assessment that records it", "compression non postérieure à l'évaluation qui la note"
    ),
    "enrolled_after_screened": Words("enrolment not before screening", "inclusion non antérieure à la sélection"),
    "karnofsky_multiple_of_ten": Words("a multiple of ten", "un multiple de dix"),
    "level_without_spine": Words(
        "a vertebral level only on a vertebra or the sacrum", "un niveau vertébral seulement sur vertèbre ou sacrum"
    ),
    "lesion_of_another_patient": Words("a lesion of the same patient", "une lésion du même patient"),
    "future_date": Words("no date after the extraction", "aucune date postérieure à l'extraction"),
    "after_death": Words("no event after the patient's death", "aucun événement postérieur au décès du patient"),
}


@dataclass(frozen=True)
class Rule:
    """A named condition of one table: `broken` is true where a row does not meet it, `column` is the one to look at."""

    id: str
    table: str
    column: str
    broken: pl.Expr

    def __post_init__(self) -> None:
        if self.column not in TABLES[self.table].schema:
            raise ValueError(f"rule {self.id}: table {self.table} has no column {self.column}")
        if self.id not in WORDS:
            raise ValueError(f"rule {self.id}: no words")

    @property
    def words(self) -> Words:
        """What the rule asks for."""
        return WORDS[self.id]


def _not_before(rule: str, table: str, column: str, start: str) -> Rule:
    return Rule(rule, table, column, pl.col(column) < pl.col(start))


def _not_after(rule: str, table: str, column: str, end: str) -> Rule:
    return Rule(rule, table, column, pl.col(column) > pl.col(end))


# Dates of things that happen to a living patient. Left out: birth and death, the last contact (registries record the
# day on which the news came), planned ends of treatment and administrative discharge.
EVENTS: dict[str, tuple[str, ...]] = {
    "primary_tumours": ("suspicion_date", "metastatic_known_date", "first_treatment_date"),
    "bone_lesions": ("discovery_date",),
    "lesion_assessments": ("date", "fracture_date"),
    "spinal_assessments": ("date", "compression_date", "motor_deficit_onset_date"),
    "clinical_assessments": ("date",),
    "imaging_exams": ("date",),
    "lab_results": ("date",),
    "drug_administrations": ("date",),
    "drug_prescriptions": ("start_date",),
    "supportive_care": ("date",),
    "radiotherapy_courses": ("start_date",),
    "procedures": ("date", "admission_date", "wound_healed_date", "surgeon_agreement_date", "complication_date"),
    "mdt_meetings": ("date",),
    "consultations": ("date",),
    "systemic_therapy_lines": ("start_date",),
    "trial_screenings": ("screened_date", "enrolled_date"),
    "deviations": ("date",),
}


def _has_lesion(table: str) -> bool:
    return {"patient_id", "lesion_id"} <= TABLES[table].schema.keys() and table != "bone_lesions"


RULES: tuple[Rule, ...] = (
    _not_before("birth_before_death", "patients", "death_date", "birth_date"),
    _not_after("diagnosis_before_death", "primary_tumours", "diagnosis_date", "_death_date"),
    _not_before("end_after_start", "radiotherapy_courses", "end_date", "start_date"),
    _not_before("end_after_start", "drug_prescriptions", "stop_date", "start_date"),
    _not_before("end_after_start", "systemic_therapy_lines", "end_date", "start_date"),
    _not_before("discharge_after_admission", "procedures", "discharge_date", "admission_date"),
    _not_before("healed_after_surgery", "procedures", "wound_healed_date", "date"),
    _not_before("complication_after_procedure", "procedures", "complication_date", "date"),
    _not_after("fracture_not_after_assessment", "lesion_assessments", "fracture_date", "date"),
    _not_after("compression_not_after_assessment", "spinal_assessments", "compression_date", "date"),
    _not_before("enrolled_after_screened", "trial_screenings", "enrolled_date", "screened_date"),
    Rule("karnofsky_multiple_of_ten", "clinical_assessments", "karnofsky", pl.col("karnofsky") % 10 != 0),
    Rule(
        "level_without_spine",
        "bone_lesions",
        "vertebral_level",
        pl.col("vertebral_level").is_not_null() & (pl.col("bone") != "vertebra") & (pl.col("bone") != "sacrum"),
    ),
    *(
        Rule("lesion_of_another_patient", table, "lesion_id", pl.col("_patient") != pl.col("_lesion_patient"))
        for table in TABLES
        if _has_lesion(table)
    ),
    *(
        _not_after("future_date", name, column.name, "_extraction_date")
        for name, table in TABLES.items()
        for column in table.columns
        if column.kind == "date"
    ),
    *(
        _not_after("after_death", table, column, "_death_date")
        for table, columns in EVENTS.items()
        for column in columns
    ),
)


def rules_of(table: str) -> tuple[Rule, ...]:
    """The rules of one table, in the order in which they are checked."""
    return tuple(rule for rule in RULES if rule.table == table)
