"""Facts of an operation's technique: implant, cement, and the segment of the bone it is for (G1 3.7.2; G2 4)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .cohort import Cohort
from .decisions import Decisions, holds

NAILS = ("intramedullary_nail", "percutaneous_nail")
SCREWS = ("percutaneous_screw",)
NO_TREATMENT = ("biopsy", "embolisation")
STABILISING = ("fracture", "preventive", "consolidation")
HIP_SEGMENTS = ("head", "neck", "trochanteric", "subtrochanteric", "proximal_end")

_bone, _segment = pl.col("bone"), pl.col("segment")
_technique, _intent = pl.col("procedure_technique"), pl.col("procedure_intent")


def uses(tokens: Sequence[str], technique: str = "technique") -> pl.Expr:
    """Is the main or an associated technique one of these? Null where the main one is not recorded and no associated one is."""
    added = holds("associated_techniques", tokens).fill_null(False)
    return pl.when(added).then(True).otherwise(pl.col(technique).is_in(list(tokens)))


def or_true(sure: pl.Expr, recorded: pl.Expr) -> pl.Expr:
    """True where another column proves it, else as recorded."""
    return pl.when(sure.fill_null(False)).then(True).otherwise(recorded)


def of_procedure(d: Decisions, cohort: Cohort, *columns: str) -> pl.DataFrame:
    """Columns of the procedure behind each decision, in their order."""
    rows = cohort.context.rows("procedures").select("procedure_id", *columns)
    ids = d.frame.select(procedure_id="entity_id")
    return ids.join(rows, on="procedure_id", how="left", maintain_order="left").drop("procedure_id")


def of_lesion(d: Decisions, *columns: str) -> pl.DataFrame:
    """Columns of the lesion of each decision, in their order."""
    rows = d.context.lesions.select("lid", *columns)
    return d.frame.select("lid").join(rows, on="lid", how="left", maintain_order="left").drop("lid")


def add_technique(d: Decisions, cohort: Cohort) -> None:
    """Add the facts of technique to decisions on a procedure."""
    lesion = of_lesion(d, "articular", "trochanteric_extension")
    d.add(articular=lesion["articular"])
    _add_implant(d, cohort)
    _add_cement(d, cohort)
    _add_site(d, lesion["trochanteric_extension"])


def _add_implant(d: Decisions, cohort: Cohort) -> None:
    own = of_procedure(d, cohort, "technique", "associated_techniques", "trochanteric_medallion", "cervical_screw")
    used = own.select(nailed=uses(NAILS), screwed=uses(SCREWS))
    plated = _technique == "locking_plate"
    d.add(
        nailed=used["nailed"],
        screwed=used["screwed"],
        plated=plated,
        any_plate=pl.when(_technique == "other").then(None).otherwise(plated),
        trochanteric_medallion=own["trochanteric_medallion"],
        cervical_screw=own["cervical_screw"],
        limb_operation=(pl.col("category") == "orthopaedic_surgery") & ~_technique.is_in(list(NO_TREATMENT)),
    )
    # An implant that the contract has no word for is an osteosynthesis where the operation was to hold the bone.
    by_other_means = (_technique == "other") & _intent.is_in(list(STABILISING))
    d.add(osteosynthesis=pl.col("nailed") | pl.col("screwed") | pl.col("plated") | by_other_means)
    blamed = pl.when(_technique.is_null()).then(pl.lit("procedures.technique")).otherwise(pl.lit("procedures.intent"))
    d.add(osteosynthesis_missing=pl.when(pl.col("osteosynthesis").is_null()).then(blamed))


def _add_cement(d: Decisions, cohort: Cohort) -> None:
    own = of_procedure(
        d, cohort, "technique", "associated_techniques", "curettage", "cement_added", "cement_after_nail"
    )
    done = own.select(
        curettage=or_true(holds("associated_techniques", ["curettage"]), pl.col("curettage")),
        cement=or_true(uses(["cementoplasty"]), pl.col("cement_added")),
    )
    femoral, acetabular = pl.col("cemented_femoral"), pl.col("cemented_acetabular")
    no_cup = acetabular.is_null() & (_technique != "total_hip_arthroplasty")
    d.add(
        curettage_done=done["curettage"],
        cement_done=done["cement"],
        cement_after_nail=own["cement_after_nail"],
        both_sides_cemented=pl.when((~femoral | ~acetabular).fill_null(False))
        .then(False)
        .when((femoral & (acetabular | no_cup)).fill_null(False))
        .then(True)
        .otherwise(None),
    )
    blamed = pl.when(femoral.is_null()).then(pl.lit("procedures.cemented_femoral"))
    d.add(
        sides_missing=pl.when(pl.col("both_sides_cemented").is_null()).then(
            blamed.otherwise(pl.lit("procedures.cemented_acetabular"))
        )
    )


def _add_site(d: Decisions, extends: pl.Series) -> None:
    """Which of the segments that the text names the lesion lies in; null where the segment leaves it open."""
    proximal = _segment.is_in(list(HIP_SEGMENTS))
    unclear = _segment.is_null() | (_segment == "proximal_end")
    d.add(trochanteric_extension=extends)
    reaches = pl.col("trochanteric_extension")
    femur = _bone == "femur"
    d.add(
        head_or_neck=pl.when(~femur).then(False).when(femur & ~unclear).then(_segment.is_in(["head", "neck"])),
        nail_site=pl.when(~_bone.is_in(["femur", "humerus"]))
        .then(False)
        .when(_segment == "diaphysis")
        .then(True)
        .when(_bone == "humerus")
        .then(_segment == "proximal_end")
        .when(femur & ~unclear)
        .then((_segment == "trochanteric") & ~reaches.fill_null(False)),
        neck_extended=pl.when(~femur | ~proximal)
        .then(False)
        .when(femur & reaches.is_not_null())
        .then(reaches)
        .when(_segment.is_in(["head", "trochanteric", "subtrochanteric"]))
        .then(False),
    )
    blamed = pl.when(_segment == "neck").then(pl.lit("bone_lesions.trochanteric_extension"))
    d.add(
        neck_extended_missing=pl.when(pl.col("neck_extended").is_null() & _bone.is_not_null()).then(
            blamed.otherwise(pl.lit("bone_lesions.segment"))
        )
    )
