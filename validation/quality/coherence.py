"""What contradicts itself in rows that keep the contract: dates out of order, sums that do not add up, a lesion twice.

The rows are not refused: each is readable, and which of its cells is wrong is for the centre to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from validation.rules import EVENTS, Words

from .model import Cohort, Metric, broken_rows, frame_of

SEGMENTS = {
    "acetabulum": ("pelvis",),
    "iliac_wing": ("pelvis",),
    "ischium_pubis": ("pelvis",),
    "vertebral_body": ("vertebra", "sacrum"),
    "posterior_arch": ("vertebra", "sacrum"),
    "trochanteric": ("femur",),
    "subtrochanteric": ("femur",),
}
"""Segments that only these bones have."""

LONG_BONES = ("femur", "tibia", "fibula", "humerus", "radius", "ulna")
PAIRED = (*LONG_BONES, "clavicle", "scapula", "patella")
SPINE = ("vertebra", "sacrum")

_DATES = Words(
    "Compare both dates with the record and correct the wrong one.",
    "Comparer les deux dates au dossier et corriger la fausse.",
)
_CELLS = Words(
    "Compare both cells with the record and correct the wrong one.",
    "Comparer les deux champs au dossier et corriger le faux.",
)


@dataclass(frozen=True)
class Check:
    """One contradiction of a table: `broken` is true where a row holds it, null where it cannot be told.

    Beside the columns of the table, `broken` may use `_bone` and `_discovery` (of the row's lesion).
    """

    id: str
    table: str
    column: str
    broken: pl.Expr
    words: Words
    advice: Words = _CELLS


def _known(*columns: str) -> pl.Expr:
    return pl.all_horizontal([pl.col(column).is_not_null() for column in columns])


def _told(broken: pl.Expr, *columns: str) -> pl.Expr:
    """Null unless all these columns are known."""
    return pl.when(_known(*columns)).then(broken)


_TWICE = ("patient_id", "bone", "side", "segment", "vertebral_level")

CHECKS: tuple[Check, ...] = (
    Check(
        "suspicion_after_diagnosis",
        "primary_tumours",
        "suspicion_date",
        pl.col("suspicion_date") > pl.col("diagnosis_date"),
        Words("The cancer was suspected after its diagnosis", "Cancer suspecté après son diagnostic"),
        _DATES,
    ),
    Check(
        "treatment_before_suspicion",
        "primary_tumours",
        "first_treatment_date",
        pl.col("first_treatment_date") < pl.col("suspicion_date"),
        Words("The cancer was treated before it was suspected", "Cancer traité avant d'être suspecté"),
        _DATES,
    ),
    *(
        Check(
            "assessment_before_discovery",
            table,
            "date",
            pl.col("date") < pl.col("_discovery"),
            Words("A lesion was assessed before it was discovered", "Lésion évaluée avant sa découverte"),
            _DATES,
        )
        for table in ("lesion_assessments", "spinal_assessments")
    ),
    Check(
        "bone_sum",
        "clinical_assessments",
        "n_bone_metastases",
        pl.col("n_bone_metastases") != pl.col("n_extraspinal_bone_metastases") + pl.col("n_vertebral_metastases"),
        Words(
            "Spinal and other bone metastases do not add up to the bone metastases",
            "Métastases rachidiennes et extrarachidiennes : la somme n'est pas le nombre de métastases osseuses",
        ),
        Words(
            "Check whether the number of bone metastases includes the spinal ones: it must.",
            "Vérifier que le nombre de métastases osseuses comprend celles du rachis : il le doit.",
        ),
    ),
    Check(
        "ecog_against_karnofsky",
        "clinical_assessments",
        "ecog",
        ((100 - pl.col("karnofsky")) // 20 - pl.col("ecog")).abs() >= 2,
        Words("ECOG and Karnofsky contradict each other", "ECOG et Karnofsky se contredisent"),
    ),
    Check(
        "lesion_twice",
        "bone_lesions",
        "lesion_id",
        pl.when(
            pl.when(pl.col("bone") == "vertebra")
            .then(pl.col("vertebral_level").is_not_null())
            .otherwise(pl.col("bone").is_in(LONG_BONES) & _known("side", "segment"))
        ).then(pl.struct(_TWICE).is_duplicated()),
        Words("The same place of the same bone twice in one patient", "Même siège du même os deux fois chez un patient"),
        Words(
            "Keep one identifier per lesion over time: assessments, not lesions, follow its course.",
            "Garder un identifiant par lésion : ce sont les évaluations, non les lésions, qui suivent son évolution.",
        ),
    ),
    Check(
        "segment_of_another_bone",
        "bone_lesions",
        "segment",
        _told(
            pl.any_horizontal([(pl.col("segment") == s) & ~pl.col("bone").is_in(b) for s, b in SEGMENTS.items()]),
            "segment",
        ),
        Words("A segment that this bone does not have", "Segment que cet os n'a pas"),
    ),
    Check(
        "midline_of_a_limb",
        "bone_lesions",
        "side",
        pl.when(pl.col("bone").is_in(PAIRED)).then(pl.col("side") == "midline"),
        Words("A bone of a limb lies in the midline", "Os d'un membre noté axial"),
    ),
    Check(
        "spinal_assessment_elsewhere",
        "spinal_assessments",
        "lesion_id",
        ~pl.col("_bone").is_in(SPINE),
        Words("A spinal assessment of a lesion outside the spine", "Évaluation rachidienne d'une lésion hors du rachis"),
        Words("Link the assessment to the spinal lesion it is about.", "Rattacher l'évaluation à la lésion rachidienne concernée."),
    ),
    Check(
        "compression_dated_but_none",
        "spinal_assessments",
        "compression_date",
        _told((pl.col("cord_compression") == "none") & _known("compression_date"), "cord_compression"),
        Words("No cord compression, but a date of one", "Pas de compression médullaire, mais une date de compression"),
    ),
    Check(
        "frankel_against_deficit",
        "spinal_assessments",
        "frankel",
        _told((pl.col("frankel") == "E") == pl.col("motor_deficit"), "frankel", "motor_deficit"),
        Words("The Frankel grade contradicts the motor deficit", "Le grade de Frankel contredit le déficit moteur"),
    ),
    Check(
        "fracture_dated_but_none",
        "lesion_assessments",
        "fracture_date",
        _told((pl.col("fracture_status") == "none") & _known("fracture_date"), "fracture_status"),
        Words("No fracture, but a date of one", "Pas de fracture, mais une date de fracture"),
    ),
)  # fmt: skip

_EVERYWHERE = (
    (
        "before_birth",
        Words("Events before the patient's birth", "Événements antérieurs à la naissance du patient"),
        _DATES,
    ),
    (
        "after_last_contact",
        Words("Events after the patient's last contact", "Événements postérieurs aux dernières nouvelles du patient"),
        Words(
            "Bring the date of the last contact up to date: it closes every observation window.",
            "Mettre à jour la date des dernières nouvelles : elle ferme toutes les fenêtres d'observation.",
        ),
    ),
)

METRICS: tuple[Metric, ...] = tuple(
    {
        f"coherence:{id_}": Metric(f"coherence:{id_}", "share", words, advice)
        for id_, words, advice in (*((c.id, c.words, c.advice) for c in CHECKS), *_EVERYWHERE)
    }.values()
)


def coherence(cohort: Cohort) -> pl.DataFrame:
    """The share of the rows that contradict themselves, per check, column and centre."""
    rows: list[dict[str, object]] = []
    for table in dict.fromkeys((*EVENTS, *(check.table for check in CHECKS))):
        rows += broken_rows(cohort, table, dict(_checked(cohort, table)))
    return frame_of(rows)


def _checked(cohort: Cohort, table: str) -> Iterator[tuple[tuple[str, str], pl.Series]]:
    frame = cohort[table]
    if frame.is_empty():
        return
    mine = [check for check in CHECKS if check.table == table]
    if mine:
        if table in ("lesion_assessments", "spinal_assessments"):
            lesions = cohort["bone_lesions"].select("lesion_id", _bone="bone", _discovery="discovery_date")
            frame = frame.join(lesions, on="lesion_id", how="left", maintain_order="left")
        broken = frame.select(check.broken.cast(pl.Boolean).alias(str(i)) for i, check in enumerate(mine))
        for check, found in zip(mine, broken, strict=True):
            yield (f"coherence:{check.id}", check.column), found
    birth, contact = (cohort.of_patient(table, column) for column in ("birth_date", "last_contact_date"))
    for column in EVENTS.get(table, ()):
        yield ("coherence:before_birth", column), frame[column] < birth
        yield ("coherence:after_last_contact", column), frame[column] > contact
