"""Operations, interventional procedures and biopsies."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if
from .network import Block

SURGERY = ("orthopaedic_surgery", "spinal_surgery")
ARTHROPLASTIES = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis")
AUGMENTATIONS = ("vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty")
ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation", "focused_ultrasound")
SHAFT = {"intramedullary_nail": 0.86, "locking_plate": 0.08, "percutaneous_nail": 0.04, "percutaneous_screw": 0.02}
"""How the shaft of the femur and the humerus is fixed."""
CEMENTED = ("cementoplasty", *AUGMENTATIONS)


def procedures(block: Block, courses: pl.DataFrame, spinal: pl.DataFrame) -> pl.DataFrame:
    """Every procedure with its details; `k` is the lesion, `n` the number of the procedure within the patient."""
    limbs = _limb_surgery(block, courses.filter(~pl.col("guided").fill_null(False)))
    parts = [
        limbs,
        _revisions(block, limbs),
        _guided_fixation(block, courses),
        _spinal_surgery(block, spinal),
        _interventional(block, courses, spinal),
        _biopsies(block, courses),
    ]
    frame = numbered(pl.concat(parts, how="diagonal_relaxed"), "date")
    return frame.pipe(_details, block).pipe(_prostheses, block).pipe(_stay, block).pipe(_aftermath, block)


def _limb_surgery(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    frame = courses.filter(pl.col("operated").is_not_null())
    draw = block.draw("limb surgery", frame.height)
    part, bone = pl.col("segment"), pl.col("bone")
    # A prosthesis is mostly kept for those who are expected to live with it.
    lasting = (pl.col("left") > 300) | draw.chance(0.15)
    plated = (
        pl.when(draw.chance(block.adheres(0.75))).then(pl.lit("locking_plate")).otherwise(pl.lit("intramedullary_nail"))
    )
    technique = (
        pl.when(draw.chance(0.015))
        .then(pl.lit("resection_reconstruction"))
        .when(bone == "pelvis")
        .then(draw.pick({"total_hip_arthroplasty": 0.55, "percutaneous_screw": 0.4, "acetabular_resection": 0.05}))
        .when((part == "neck") & pl.col("trochanteric_extension") & lasting)
        .then(draw.pick({"megaprosthesis": 0.6, "total_hip_arthroplasty": 0.3, "intramedullary_nail": 0.1}))
        .when((bone == "femur") & part.is_in(("head", "neck")) & lasting)
        .then(draw.pick({"total_hip_arthroplasty": 0.45, "arthroplasty": 0.4, "intramedullary_nail": 0.15}))
        .when((part == "distal_end") & bone.is_in(("femur", "humerus")))
        .then(plated)
        .when((bone == "humerus") & part.is_in(("head", "proximal_end")) & lasting)
        .then(draw.pick({"intramedullary_nail": 0.62, "arthroplasty": 0.33, "locking_plate": 0.05}))
        .when(bone == "tibia")
        .then(draw.pick({"intramedullary_nail": 0.5, "locking_plate": 0.42, "other": 0.08}))
        .when(bone.is_in(("femur", "humerus")))
        .then(draw.pick(SHAFT))
        .otherwise(pl.lit("locking_plate"))
    )
    broken = (pl.col("fracture") <= pl.col("operated")).fill_null(False)
    return frame.with_columns(
        date="operated",
        category=pl.lit("orthopaedic_surgery"),
        technique=technique,
        intent=pl.when(broken)
        .then(pl.lit("fracture"))
        .when(bone == "pelvis")
        .then(pl.lit("consolidation"))
        .otherwise(draw.pick({"preventive": 0.97, "palliative": 0.03})),
        urgent=broken,
        revised=only_if(draw.chance(0.15), pl.col("operated") + draw.days(45, 200)),
    )


def _revisions(block: Block, limbs: pl.DataFrame) -> pl.DataFrame:
    """The operations that make good an implant that failed."""
    frame = limbs.filter(pl.col("revised") <= pl.col("until"))
    draw = block.draw("revisions", frame.height)
    return frame.with_columns(
        date="revised",
        technique=draw.pick({"megaprosthesis": 0.4, "locking_plate": 0.35, "intramedullary_nail": 0.25}),
        intent=pl.lit("consolidation"),
        urgent=pl.lit(False),
    ).drop("revised")


def _guided_fixation(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    frame = courses.filter(pl.col("operated").is_not_null() & pl.col("guided"))
    draw = block.draw("guided fixation", frame.height)
    return frame.with_columns(
        date="operated",
        category=pl.lit("interventional_radiology"),
        technique=draw.pick({"percutaneous_screw": 0.85, "percutaneous_nail": 0.15}),
        intent=pl.lit("preventive"),
        urgent=pl.lit(False),
    )


def _spinal_surgery(block: Block, spinal: pl.DataFrame) -> pl.DataFrame:
    frame = spinal.filter(pl.col("operated").is_not_null())
    draw = block.draw("spinal surgery", frame.height)
    return frame.with_columns(
        date="operated",
        category=pl.lit("spinal_surgery"),
        technique=pl.when("compressed")
        .then(draw.pick({"laminectomy": 0.55, "posterior_stabilisation": 0.35, "corpectomy": 0.1}))
        .otherwise(draw.pick({"posterior_stabilisation": 0.85, "corpectomy": 0.1, "other": 0.05})),
        intent=pl.when("compressed")
        .then(pl.lit("decompression"))
        .otherwise(draw.pick({"consolidation": 0.7, "preventive": 0.2, "palliative": 0.1})),
        urgent="compressed",
    )


def _interventional(block: Block, courses: pl.DataFrame, spinal: pl.DataFrame) -> pl.DataFrame:
    """Cement in vertebrae and the pelvis, now and then (wrongly) in the femur; ablations are few."""
    draw = block.draw("interventional", courses.height)
    bone, hurt = pl.col("bone"), pl.col("pain") >= 2
    chance = (
        pl.when(pl.col("operated").is_not_null())
        .then(0.0)
        .when((bone == "vertebra") & hurt)
        .then(0.1 + 0.08 * pl.col("broken").cast(pl.Float64))
        .when((bone == "pelvis") & hurt)
        .then(0.28)
        .when((bone == "femur") & (pl.col("mirels") >= 8))
        .then(0.06)
        .when(hurt)
        .then(0.04)
        .otherwise(0.004)
    )
    dated = courses.with_columns(date=(pl.col("discovery") + draw.days(8, 120)).cast(pl.Int32))
    frame = dated.filter(draw.chance(chance) & (pl.col("date") <= pl.col("until"))).drop("operated")
    draw = block.draw("interventional, what", frame.height)
    ablation = draw.pick(
        {"radiofrequency_ablation": 0.35, "microwave_ablation": 0.15, "cryoablation": 0.46, "focused_ultrasound": 0.04}
    )
    technique = (
        pl.when(bone == "vertebra")
        .then(draw.pick({"vertebroplasty": 0.78, "vertebroplasty_with_implant": 0.12, "kyphoplasty": 0.1}))
        .when(draw.chance(0.2))
        .then(ablation)
        .when(bone == "pelvis")
        .then(draw.pick({"cementoplasty": 0.8, "percutaneous_screw": 0.2}))
        .when(bone == "femur")
        .then(draw.pick({"cementoplasty": 0.65, "percutaneous_screw": 0.35}))
        .otherwise(ablation)
    )
    compressed = spinal.filter("compressed").select("p", "k", compressed=pl.lit(True))
    return (
        frame.with_columns(
            category=pl.lit("interventional_radiology"),
            technique=technique,
            intent=draw.pick({"pain": 0.66, "consolidation": 0.2, "palliative": 0.09, "curative": 0.05}),
            urgent=pl.lit(False),
        )
        .join(compressed, on=["p", "k"], how="left", maintain_order="left")
        .filter(pl.col("compressed").is_null())
    )


def _biopsies(block: Block, courses: pl.DataFrame) -> pl.DataFrame:
    first = courses.filter(pl.col("k") == 1)
    draw = block.draw("biopsies", first.height)
    day = pl.col("discovery") + draw.days(0, 20)
    frame = first.with_columns(
        date=day.cast(pl.Int32),
        category=draw.pick({"biopsy": 0.97, "embolisation": 0.03}),
        urgent=pl.lit(False),
        intent=pl.lit(None, dtype=pl.String),
    ).filter(draw.chance(0.05) & (day <= pl.col("until")))
    return frame.with_columns(technique="category")


def _details(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("procedure details", frame.height)
    technique, category = pl.col("technique"), pl.col("category")
    surgical, radiological = category.is_in(SURGERY), category == "interventional_radiology"
    nail, cement = technique == "intramedullary_nail", technique.is_in(CEMENTED)
    curettage = surgical & technique.is_in(("intramedullary_nail", "locking_plate")) & draw.chance(0.2)
    return frame.with_columns(
        performed_at_centre_id=block.elsewhere(draw, 0.08),
        associated_techniques=pl.when(curettage)
        .then(draw.sets({("curettage",): 1.0}))
        .when(technique == "laminectomy")
        .then(draw.sets({("posterior_stabilisation",): 0.6, (): 0.4}))
        .when(technique.is_in(ABLATIONS))
        .then(draw.sets({("cementoplasty",): 0.35, ("vertebroplasty",): 0.05, (): 0.6}))
        .when(technique.is_in(AUGMENTATIONS))
        .then(draw.sets(WITH_AUGMENTATION))
        .when(technique == "corpectomy")
        .then(draw.sets({("posterior_stabilisation",): 0.6, ("laminectomy", "posterior_stabilisation"): 0.2, (): 0.2}))
        .when(technique == "resection_reconstruction")
        .then(draw.sets({("intramedullary_nail",): 0.2, (): 0.8}))
        .when((technique == "percutaneous_screw") | ((technique == "cementoplasty") & (pl.col("bone") == "femur")))
        .then(
            draw.sets(
                {
                    ("cementoplasty",): 0.2,
                    ("percutaneous_screw",): 0.2,
                    ("cementoplasty", "percutaneous_screw"): 0.05,
                    ("percutaneous_nail",): 0.05,
                    (): 0.5,
                }
            )
        ),
        approach=pl.when(
            radiological | category.is_in(("biopsy", "embolisation")) | technique.str.starts_with("percutaneous")
        )
        .then(pl.lit("percutaneous"))
        .otherwise(pl.lit("open")),
        cementoplasty_indications=pl.when(cement).then(draw.sets(CEMENTOPLASTY_INDICATIONS)),
        urgency=pl.when("urgent")
        .then(draw.pick({"emergency": 0.55, "relative_emergency": 0.4, "planned": 0.05}))
        .otherwise(draw.pick({"planned": 0.9, "relative_emergency": 0.1})),
        resection_extent=pl.when(technique.is_in(("resection_reconstruction", "acetabular_resection")))
        .then(draw.pick({"oncological": 0.6, "en_bloc": 0.4}))
        .when(surgical)
        .then(draw.pick({"none": 0.72, "palliative": 0.14, "intralesional": 0.135, "oncological": 0.005})),
        guidance=pl.when(radiological | (category == "biopsy"))
        .then(draw.pick({"ct": 0.5, "fluoroscopy": 0.28, "both": 0.2, "none": 0.02}))
        .when(surgical)
        .then(pl.lit("fluoroscopy")),
        anaesthesia=pl.when(surgical)
        .then(draw.pick({"general": 0.8, "spinal": 0.17, "epidural": 0.03}))
        .otherwise(draw.pick({"sedation": 0.4, "general": 0.35, "local": 0.25})),
        cement_added=only_if(surgical, curettage & draw.chance(0.7)),
        cement_after_nail=only_if(nail & curettage, draw.chance(0.7)),
        curettage=only_if(surgical, curettage),
        cervical_screw=only_if(nail & (pl.col("bone") == "femur"), draw.chance(block.adheres(0.8))),
        lesion_authenticated=only_if(radiological, draw.chance(block.adheres(0.85))),
        specimen_sent=only_if(
            surgical | (category == "biopsy"), (category == "biopsy") | draw.chance(block.adheres(0.7))
        ),
        decalcification=only_if(category == "biopsy", draw.pick({"edta": 0.6, "acid": 0.25, "none": 0.15})),
        antibiotic_prophylaxis_hours=only_if(
            surgical, draw.number({0: 5, 12: 5, 24: 55, 48: 25, 72: 10}).cast(pl.Float64)
        ),
        thromboprophylaxis=only_if(surgical, draw.chance(block.adheres(0.9))),
    )


WITH_AUGMENTATION: dict[tuple[str, ...], float] = {
    ("radiofrequency_ablation",): 0.06, ("cryoablation",): 0.02, ("microwave_ablation",): 0.01, (): 0.91,
}  # fmt: skip
CEMENTOPLASTY_INDICATIONS: dict[tuple[str, ...], float] = {
    ("uncontrolled_pain",): 0.35,
    ("uncontrolled_pain", "stabilisation"): 0.2,
    ("opioid_problem",): 0.1,
    ("alternative_failed",): 0.1,
    ("stabilisation",): 0.1,
    ("preventive_risk_zone",): 0.05,
    (): 0.1,
}


def _prostheses(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("prostheses", frame.height)
    technique, femur = pl.col("technique"), pl.col("bone").is_in(("femur", "pelvis"))
    prosthesis = technique.is_in(ARTHROPLASTIES)
    hip = technique == "total_hip_arthroplasty"
    return frame.with_columns(
        cemented_femoral=only_if(prosthesis & femur, draw.chance(block.adheres(0.92))),
        cemented_acetabular=only_if(hip, draw.chance(block.adheres(0.88))),
        cemented_other=only_if(prosthesis & ~femur, draw.chance(block.adheres(0.85))),
        acetabular_reinforcement=only_if(hip, draw.chance(0.3 + 0.4 * (pl.col("bone") == "pelvis").cast(pl.Float64))),
        trochanteric_medallion=only_if(technique == "megaprosthesis", draw.chance(block.adheres(0.6))),
    )


def _stay(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("stay", frame.height)
    surgical = pl.col("category").is_in(SURGERY)
    nights = pl.when(surgical).then(draw.days(3, 16)).otherwise(draw.number({0: 15, 1: 55, 2: 22, 3: 8}))
    healed = pl.col("date") + draw.number({12: 10, 14: 24, 15: 22, 18: 18, 20: 8, 21: 10, 24: 3, 28: 3, 35: 2})
    return frame.with_columns(
        admission_date=pl.max_horizontal(pl.col("date") - draw.number({0: 3, 1: 6, 2: 1}), "discovery"),
        discharge_date=pl.min_horizontal(pl.col("date") + nights, "until"),
        healed=only_if(surgical & (healed <= pl.col("until")), healed).cast(pl.Int32),
    )


def _aftermath(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    draw = block.draw("aftermath", frame.height)
    technique, surgical = pl.col("technique"), pl.col("category").is_in(SURGERY)
    complication = (
        pl.when(surgical)
        .then(
            draw.pick(
                {
                    "wound": 25,
                    "haemorrhage": 20,
                    "thromboembolism": 18,
                    "sepsis": 17,
                    "implant_failure": 4,
                    "fat_embolism": 4,
                    "nonunion": 4,
                }
            )
        )
        .when(technique.is_in(CEMENTED))
        .then(pl.lit("cement_leak"))
        .otherwise(pl.lit("haemorrhage"))
    )
    complication = (
        pl.when(technique.is_in(ARTHROPLASTIES) & draw.chance(0.5))
        .then(draw.pick({"loosening": 0.6, "periprosthetic_fracture": 0.4}))
        .otherwise(complication)
    )
    failed = (pl.col("revised") <= pl.col("until")).fill_null(False)
    complication = pl.when(failed).then(pl.lit("implant_failure")).otherwise(complication)
    late = complication.is_in(("implant_failure", "loosening", "periprosthetic_fracture", "nonunion"))
    delay = (
        pl.when(late)
        .then(draw.days(60, 300))
        .when(complication == "wound")
        .then(draw.days(3, 20))
        .otherwise(draw.days(0, 25))
    )
    at_once = complication.is_in(("haemorrhage", "fat_embolism", "cement_leak"))
    when = pl.col("date") + pl.when(at_once).then(0).otherwise(delay)
    when = pl.when(failed).then(pl.col("revised") - 10).otherwise(when)
    happens = (failed | draw.chance(pl.when(surgical).then(0.2).otherwise(0.08))) & (when <= pl.col("until"))
    agreement = pl.col("date") + draw.days(13, 20)
    frame = frame.with_columns(
        wound_healed_date="healed",
        surgeon_agreement_date=only_if(surgical & draw.chance(0.25) & (agreement <= pl.col("until")), agreement),
        complication=only_if(happens, complication),
        complication_date=only_if(happens, when),
    )
    return _blanked(block, frame)


def _blanked(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    rates = {
        "technique": 0.01, "approach": 0.1, "intent": 0.04, "urgency": 0.1, "resection_extent": 0.2, "guidance": 0.1,
        "anaesthesia": 0.1, "cement_added": 0.15, "cervical_screw": 0.1, "curettage": 0.1, "cemented_femoral": 0.06,
        "cemented_acetabular": 0.06, "lesion_authenticated": 0.2, "specimen_sent": 0.15, "thromboprophylaxis": 0.15,
        "antibiotic_prophylaxis_hours": 0.2, "admission_date": 0.06, "discharge_date": 0.06, "wound_healed_date": 0.15,
        "complication_date": 0.1,
    }  # fmt: skip
    return block.blanked("procedures", frame, rates)
