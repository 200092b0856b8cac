"""Imaging examinations and what they showed of each lesion."""

from __future__ import annotations

import polars as pl

from .draw import numbered, only_if
from .network import Block
from .procedures import SURGERY


def imaging(
    block: Block,
    people: pl.DataFrame,
    lesions: pl.DataFrame,
    done: pl.DataFrame,
    lines: pl.DataFrame,
    doses: pl.DataFrame,
) -> pl.DataFrame:
    """Every examination; `k` is the lesion aimed at, `pain_before` whether new bone pain led to it."""
    parts = [
        *_initial(block, people),
        _spine_mri(block, lesions),
        *_preoperative(block, done),
        *_follow_up(block, people, lines),
        _after_gcsf(block, doses),
    ]
    frame = pl.concat(parts, how="diagonal_relaxed").filter(pl.col("date") <= pl.col("until"))
    return _details(block, numbered(frame, "date"))


def _initial(block: Block, people: pl.DataFrame) -> list[pl.DataFrame]:
    draw = block.draw("initial imaging", people.height)
    known = pl.col("metastatic_known")
    ct = people.with_columns(date=pl.col("anchor") - draw.number({0: 8, 1: 1, 3: 1}), modality=pl.lit("ct")).filter(
        draw.chance(0.6)
    )
    # A PET that maps a tumour already known to be metastatic is the breach; the one that finds the metastasis is not.
    wrong = draw.chance(1 - block.adheres(0.7))
    date = (
        pl.when(wrong)
        .then(known + draw.number({1: 3, 5: 4, 7: 4, 10: 4, 15: 3, 25: 2}))
        .otherwise(known - draw.number({0: 6, 2: 2, 6: 2}))
    )
    scanned = draw.chance(0.55)
    pet = people.with_columns(date=date, modality=pl.lit("fdg_pet_ct")).filter(scanned)
    others = people.filter(~scanned)
    draw = block.draw("initial scintigraphy", pet.height)
    after = pet.filter(draw.chance(1 - block.adheres(0.93)))
    draw = block.draw("initial scintigraphy, when", after.height)
    after = after.with_columns(
        date=pl.col("date") + draw.number({3: 4, 8: 4, 20: 4, 60: 2, 90: 2, 91: 2}),
        modality=pl.lit("bone_scintigraphy"),
    )
    draw = block.draw("scintigraphy alone", others.height)
    alone = others.with_columns(date=pl.col("anchor") - draw.days(0, 4), modality=pl.lit("bone_scintigraphy")).filter(
        draw.chance(0.2)
    )
    made = {"ct": ct, "pet": pet, "after": after, "alone": alone}
    return [
        frame.with_columns(indication=pl.lit("initial_workup"), region=_region(block, topic, frame))
        for topic, frame in made.items()
    ]


def _region(block: Block, topic: str, frame: pl.DataFrame) -> pl.Expr:
    draw = block.draw(f"region, {topic}", frame.height)
    scanned = draw.pick({"chest_abdomen_pelvis": 0.96, "pelvis": 0.02, "other": 0.02})
    return pl.when(pl.col("modality") == "ct").then(scanned).otherwise(pl.lit("whole_body"))


def _spine_mri(block: Block, lesions: pl.DataFrame) -> pl.DataFrame:
    first = lesions.filter("spinal").sort(["p", "discovery", "k"]).unique("p", keep="first", maintain_order=True)
    draw = block.draw("spine mri", first.height)
    delay = (
        pl.when(draw.chance(0.95))
        .then(draw.number({0: 4, 2: 4, 5: 5, 10: 5, 15: 4, 25: 2, 29: 1, 30: 5}))
        .otherwise(draw.number({31: 4, 40: 4, 60: 2}))
    )
    return first.with_columns(
        date=pl.col("discovery") + delay,
        modality=pl.lit("mri"),
        indication=draw.pick({"initial_workup": 0.6, "symptom": 0.35, "mdt_request": 0.05}),
        region=pl.lit("spine"),
        whole_spine=draw.chance(block.adheres(0.9)),
        k=pl.when(draw.chance(0.3)).then("k"),
    ).filter(draw.chance(block.adheres(0.87)))


def _preoperative(block: Block, done: pl.DataFrame) -> list[pl.DataFrame]:
    base = done.filter(pl.col("category").is_in(SURGERY)).select(
        "p", "k", "until", "bone", "discovery", "category", day="date"
    )
    draw = block.draw("preoperative imaging", base.height)
    spinal = pl.col("category") == "spinal_surgery"
    base = base.with_columns(
        date=pl.max_horizontal(
            pl.col("day") - draw.number({0: 3, 1: 6, 3: 4, 10: 3, 28: 1, 30: 2, 35: 1}), "discovery"
        ),
        indication=pl.lit("preoperative"),
        region=pl.when(spinal)
        .then(pl.lit("spine"))
        .when(pl.col("bone") == "pelvis")
        .then(pl.lit("pelvis"))
        .otherwise(pl.lit("limb")),
    )
    limb = base.filter(~spinal)
    lower = pl.col("bone").is_in(("femur", "tibia"))
    a, b = block.draw("preoperative radiographs", limb.height), block.draw("preoperative scans", base.height)
    c = block.draw("preoperative special", limb.height)
    return [
        limb.with_columns(modality=pl.lit("radiograph")).filter(a.chance(block.adheres(0.8))),
        base.with_columns(
            modality=pl.when(spinal).then(pl.lit("mri")).otherwise(pl.lit("ct")), whole_spine=only_if(spinal, True)
        ).filter(b.chance(block.adheres(0.75))),
        limb.with_columns(modality=pl.lit("full_length_radiograph")).filter(lower & c.chance(block.adheres(0.35))),
        limb.with_columns(modality=c.pick({"ct_angiography": 0.7, "arteriography": 0.3})).filter(c.chance(0.05)),
    ]


def _follow_up(block: Block, people: pl.DataFrame, lines: pl.DataFrame) -> list[pl.DataFrame]:
    """Response scans under treatment, and bone scintigraphies during follow-up, with or without new pain."""
    draw = block.draw("response scans", lines.height)
    scans = lines.with_columns(
        date=pl.max_horizontal(pl.col("start") + draw.days(50, 110), pl.col("anchor") + 30),
        modality=draw.pick({"ct": 0.83, "fdg_pet_ct": 0.15, "bone_scintigraphy": 0.02}),
        indication=draw.pick({"scheduled_response": 0.94, "routine_followup": 0.06}),
        of_response=pl.lit(True),
    ).filter(draw.chance(0.4))
    draw = block.draw("flare scans", lines.height)
    flare = lines.with_columns(
        date=pl.max_horizontal(
            pl.col("start") + draw.number({45: 4, 70: 4, 90: 4, 120: 3, 150: 2, 183: 4, 184: 2, 210: 3}),
            pl.col("anchor") + 35,
        ),
        modality=draw.pick({"bone_scintigraphy": 0.4, "fdg_pet_ct": 0.6}),
        indication=draw.pick({"scheduled_response": 0.8, "symptom": 0.2}),
        of_response=pl.lit(True),
        flare=pl.lit(True),
        pain_before=draw.chance(block.adheres(0.6)),
    ).filter(draw.chance(0.07) & pl.col("effective").fill_null(True))
    draw = block.draw("follow-up scintigraphy", people.height)
    hurts = draw.chance(block.adheres(0.85))
    control = people.with_columns(
        date=pl.col("anchor") + draw.days(100, 500),
        modality=pl.lit("bone_scintigraphy"),
        indication=pl.when(hurts)
        .then(pl.lit("symptom"))
        .otherwise(draw.pick({"routine_followup": 0.8, "scheduled_response": 0.2})),
        pain_before=hurts,
    ).filter(draw.chance(0.14))
    made = {"scans": scans, "flare": flare, "control": control}
    return [frame.with_columns(region=_region(block, topic, frame)) for topic, frame in made.items()]


def _after_gcsf(block: Block, doses: pl.DataFrame) -> pl.DataFrame:
    given = doses.filter(pl.col("drug") == "gcsf")
    draw = block.draw("pet after g-csf", given.height)
    delay = (
        pl.when(draw.chance(block.adheres(0.75)))
        .then(draw.number({16: 5, 18: 2, 21: 4, 30: 3}))
        .otherwise(draw.number({7: 3, 10: 2, 14: 2, 15: 4}))
    )
    return given.select(
        "p",
        "until",
        date=pl.col("date") + delay,
        modality=pl.lit("fdg_pet_ct"),
        indication=pl.lit("scheduled_response"),
        region=pl.lit("whole_body"),
        of_response=pl.lit(True),
    ).filter(draw.chance(0.35))


def _details(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    draw = block.draw("imaging details", frame.height)
    modality, before = pl.col("modality"), pl.col("indication") == "preoperative"
    ct, planar = modality == "ct", modality.is_in(("radiograph", "full_length_radiograph"))
    whole = modality.is_in(("fdg_pet_ct", "bone_scintigraphy"))
    response = (
        pl.when("flare")
        .then(draw.pick({"response": 0.25, "stable": 0.3, "progression": 0.08, "inconclusive": 0.37}))
        .when(pl.col("of_response") & pl.col("effective"))
        .then(
            draw.pick({"response": 0.4, "stable": 0.4, "progression": 0.06, "inconclusive": 0.11, "discordant": 0.03})
        )
        .when("of_response")
        .then(
            draw.pick({"response": 0.1, "stable": 0.2, "progression": 0.58, "inconclusive": 0.08, "discordant": 0.04})
        )
    )
    aimed = before | (pl.col("whole_spine").is_not_null())
    frame = frame.with_columns(
        flare=pl.col("flare").fill_null(False),
        performed_at_centre_id=block.elsewhere(draw, 0.1),
        contrast=pl.when(before & ct)
        .then(draw.chance(0.15))
        .when(ct)
        .then(draw.chance(0.85))
        .when(modality == "mri")
        .then(draw.chance(0.6)),
        bone_window_read=only_if(ct, draw.chance(block.adheres(0.75))),
        sagittal_reconstruction=only_if(ct, draw.chance(block.adheres(0.65))),
        whole_spine=pl.when(modality == "mri").then(pl.col("whole_spine")),
        lesion_centred=only_if(before, draw.chance(block.adheres(0.88))),
        whole_bone=only_if(before & planar, draw.chance(block.adheres(0.8))),
        adjacent_joints=only_if(before & planar, draw.chance(block.adheres(0.75))),
        femurs_in_field=only_if(whole, draw.chance(0.85)),
        lower_limbs_in_field=only_if(whole, (modality == "bone_scintigraphy") | draw.chance(0.25)),
        hypervascular_confirmed=only_if(modality.is_in(("ct_angiography", "arteriography")), draw.chance(0.1)),
        response_conclusion=response,
        k=pl.when(aimed).then("k"),
    )
    rates = {
        "indication": 0.05, "region": 0.05, "contrast": 0.12, "bone_window_read": 0.25, "sagittal_reconstruction": 0.3,
        "whole_spine": 0.08, "lesion_centred": 0.1, "whole_bone": 0.1, "adjacent_joints": 0.12, "femurs_in_field": 0.3,
        "lower_limbs_in_field": 0.3, "response_conclusion": 0.1,
    }  # fmt: skip
    return block.blanked("imaging", frame, rates)


def with_foci(block: Block, exams: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """The examinations with the number of bone foci that whole-body ones counted."""
    counts = lesions.group_by("p").agg(lesions=pl.len().cast(pl.Int32))
    draw = block.draw("foci", exams.height)
    whole = pl.col("modality").is_in(("fdg_pet_ct", "bone_scintigraphy"))
    seen = pl.col("lesions").fill_null(0) + pl.when(pl.col("lesions") > 4).then(draw.days(0, 12)).otherwise(0)
    counted = exams.join(counts, on="p", how="left", maintain_order="left")
    return counted.with_columns(n_bone_foci=only_if(whole & draw.chance(0.85), seen).cast(pl.Int32))


def imaging_findings(block: Block, exams: pl.DataFrame, lesions: pl.DataFrame) -> pl.DataFrame:
    """What a response scan said of each lesion known by then: change of lysis, soft tissue, sclerosis, uptake."""
    followed = exams.filter("of_response").select("p", "date", "modality", "flare", "response_conclusion", exam="n")
    shown = lesions.select("p", "k", "discovery", "lesion_type")
    frame = followed.join(shown, on="p", how="inner", maintain_order="left_right").filter(
        pl.col("discovery") <= pl.col("date")
    )
    frame = frame.filter(pl.col("k") <= 3).sort(["p", "exam", "k"])
    draw = block.draw("findings", frame.height)
    conclusion, ct = pl.col("response_conclusion").fill_null("stable"), pl.col("modality") == "ct"
    change = (
        pl.when("flare")
        .then(draw.pick({"increased": 0.75, "stable": 0.25}))
        .when(conclusion == "progression")
        .then(draw.pick({"increased": 0.8, "stable": 0.2}))
        .when(conclusion == "response")
        .then(draw.pick({"decreased": 0.85, "stable": 0.15}))
        .otherwise(draw.pick({"stable": 0.75, "increased": 0.12, "decreased": 0.13}))
    )
    recent = pl.col("date") - pl.col("discovery") < 20
    frame = frame.with_columns(
        lysis_change=only_if(ct, change),
        soft_tissue_change=only_if(ct, pl.when(draw.chance(0.55)).then(pl.lit("absent")).otherwise(change)),
        new_sclerosis=only_if(
            ct, pl.when(conclusion == "response").then(draw.pick({"on_lytic_area": 0.7, "none": 0.3})).otherwise(
                draw.pick({"none": 0.85, "on_normal_bone": 0.1, "on_lytic_area": 0.05}))
        ),
        uptake_change=only_if(~ct, change),
        new_focus=recent | (pl.col("flare") & draw.chance(0.3)),
        initially_lytic=(pl.col("lesion_type") == "lytic"),
    )  # fmt: skip
    rates = {
        "lysis_change": 0.08,
        "soft_tissue_change": 0.15,
        "new_sclerosis": 0.12,
        "uptake_change": 0.08,
        "new_focus": 0.1,
        "initially_lytic": 0.1,
    }
    return block.blanked("findings", frame, rates)
