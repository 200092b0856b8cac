"""The clean cohort, block by block: hidden courses first, then the contract's tables made from them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from validation.contract import TABLES, Column

from . import assessments, condition, drugs, imaging, limbs, pathway, procedures, radiotherapy, spine
from .lesions import bone_lesions, lesions
from .network import NETWORK, Block, Centre, network, shares
from .people import patients, people, primary_tumours

BLOCK = 20_000
"""Patients made at a time."""

PREFIX = {
    "tumour_id": "T",
    "assessment_id": "A",
    "exam_id": "E",
    "administration_id": "D",
    "prescription_id": "R",
    "course_id": "RT",
    "procedure_id": "Q",
    "mdt_id": "M",
    "line_id": "S",
}
"""The letter between the patient and the number in the key of a row; `spinal_assessments` uses its own."""


def check_size(patients: int, centres: int, seed: int) -> None:
    """Refuses sizes that no network can have."""
    problems = []
    if patients < 1:
        problems.append(f"patients: {patients} is too few; ask for at least 1")
    elif not 1 <= centres <= patients:
        problems.append(f"centres: {centres} is not possible; ask for 1 up to the number of patients ({patients})")
    if seed < 0:
        problems.append(f"seed: {seed} is negative; ask for 0 or a positive number")
    if problems:
        raise ValueError("; ".join(problems))


def blocks(patients: int, centres: int, seed: int) -> Iterator[tuple[Centre, Block]]:
    """The cohort as blocks, in the order of the centres."""
    made = network(centres, seed)
    for centre, size in zip(made, shares(patients, made, seed), strict=True):
        others = tuple(other.id for other in made if other is not centre)
        for number, start in enumerate(range(0, size, BLOCK)):
            yield centre, Block(seed, centre, number, start + 1, min(BLOCK, size - start), others)


def tables_of(block: Block) -> dict[str, pl.DataFrame]:
    """All the tables of a block, as the contract types them."""
    person = people(block)
    lesion = lesions(block, person)
    course = limbs.courses(block, lesion)
    spinal = spine.spinal_courses(block, lesion)
    done = procedures.procedures(block, course, spinal)
    irradiated = radiotherapy.radiotherapy(block, person, course, spinal, done)
    started = drugs.antiresorptive_courses(block, person)
    lines = drugs.systemic_lines(block, person, done)
    doses = drugs.administrations(block, started, lines, person)
    exams = imaging.with_foci(block, imaging.imaging(block, person, lesion, done, lines, doses), lesion)
    assessed = assessments.lesion_assessments(block, course, irradiated)
    examined = spine.spinal_assessments(block, spinal, irradiated)
    looked_at = pl.concat([frame.select("p", "date") for frame in (assessed.filter(pl.col("mirels") >= 8), examined)])
    frames = {
        "centres": _centre(block),
        "patients": patients(block, person),
        "primary_tumours": primary_tumours(block, person),
        "bone_lesions": bone_lesions(block, lesion),
        "lesion_assessments": assessed,
        "spinal_assessments": examined,
        "clinical_assessments": condition.clinical_assessments(
            block, person, lesion, done, irradiated, started, exams, looked_at
        ),
        "imaging_exams": exams,
        "imaging_findings": imaging.imaging_findings(block, exams, lesion),
        "lab_results": condition.lab_results(block, person, started, doses, done),
        "drug_administrations": doses,
        "drug_prescriptions": drugs.prescriptions(block, person, started),
        "supportive_care": drugs.supportive_care(block, person, started),
        "radiotherapy_courses": irradiated,
        "procedures": done,
        "mdt_meetings": pathway.mdt_meetings(block, person, course, done, irradiated),
        "consultations": pathway.consultations(block, course, spinal, done, started),
        "systemic_therapy_lines": lines,
        "trial_screenings": pathway.trial_screenings(block, person),
        "deviations": pathway.deviations(block, person, course, spinal, done, irradiated, started),
    }
    ids = pl.Series([f"{block.centre.id}-P{block.first + p:06d}" for p in range(block.size)], dtype=pl.String)
    return {name: _typed(name, frame, ids) for name, frame in frames.items()}


def _centre(block: Block) -> pl.DataFrame:
    own = pl.DataFrame({"centre_id": [block.centre.id], "name": [block.centre.name], "network": [NETWORK]})
    return own if block.number == 0 else own.clear()


def _typed(name: str, frame: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The contract's columns and types, with the keys and references written out."""
    if "p" in frame.columns:
        frame = frame.with_columns(patient_id=pl.lit(ids).gather(pl.col("p")))
        frame = _keys(name, frame)
    return frame.select(_cell(column).alias(column.name) for column in TABLES[name].columns)


def _keys(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    def key(letter: str, number: str) -> pl.Expr:
        return pl.when(pl.col(number).is_not_null()).then(pl.format("{}-" + letter + "{}", "patient_id", number))

    made: dict[str, pl.Expr] = {}
    for column in TABLES[name].columns:
        if column.name == "lesion_id":
            made["lesion_id"] = key("L", "k")
        elif column.name == "lesion_ids":
            made["lesion_ids"] = _lesion_set()
        elif column.name == "linked_procedure_id":
            made["linked_procedure_id"] = key("Q", "procedure")
        elif column.references == "imaging_exams.exam_id":
            made["exam_id"] = key("E", "exam")
        elif column.is_key and column.name in PREFIX:
            letter = {"spinal_assessments": "B", "clinical_assessments": "C"}.get(name, PREFIX[column.name])
            made[column.name] = key(letter, "n")
    return frame.with_columns(**made)


def _lesion_set() -> pl.Expr:
    first = pl.format("{}-L{}", "patient_id", pl.col("lesions").list.first())
    last = pl.format("{}-L{}", "patient_id", pl.col("lesions").list.last())
    return (
        pl.when(pl.col("lesions").list.len() == 2)
        .then(pl.concat_list(first, last))
        .when(pl.col("lesions").is_not_null())
        .then(pl.concat_list(first))
    )


def _cell(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.kind == "date":
        return cell.cast(pl.Int32).cast(pl.Date)
    return cell.cast(column.dtype)
