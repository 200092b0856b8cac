"""Revised Tokuhashi score (G1 3.8.3).

As printed its five items give at most 13 of the 15 points announced. The sixth item of the cited publication (vertebrae
involved) is external to the guideline; the bands use six items, and both totals are shown.
"""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text
from scoring.recommendations import parameters as P

from .rades import CARCINOIDS

_site, _histology = pl.col("primary_site"), pl.col("histology")
_lung = _site == "lung"
_extraspinal, _vertebrae, _karnofsky = (
    pl.col("n_extraspinal_bone_metastases"),
    pl.col("n_vertebral_metastases"),
    pl.col("karnofsky"),
)

karnofsky = (
    pl.when(_karnofsky.is_null()).then(None)
    .when(_karnofsky <= 40).then(0)
    .when(_karnofsky <= 70).then(1)
    .otherwise(2)
)  # fmt: skip
extraspinal = (
    pl.when(_extraspinal.is_null()).then(None)
    .when(_extraspinal == 0).then(2)
    .when(_extraspinal <= 2).then(1)
    .otherwise(0)
)  # fmt: skip
vertebrae = (
    pl.when(_vertebrae.is_null() | ((_vertebrae == 0) & (P.VERTEBRAE_TWO_POINTS > 0))).then(None)
    .when(_vertebrae <= P.VERTEBRAE_TWO_POINTS).then(2)
    .when(_vertebrae <= P.VERTEBRAE_ONE_POINT).then(1)
    .otherwise(0)
)  # fmt: skip
primary = (
    pl.when(_site.is_null()).then(None)
    .when(_lung & _histology.is_null()).then(None)
    .when(_lung & _histology.is_in(list(CARCINOIDS))).then(5)
    .when(_site.is_in(["lung", "osteosarcoma", "stomach", "oesophagus", "pancreas", "bladder"])).then(0)
    .when(_site.is_in(["liver", "gallbladder", "unknown_primary"])).then(1)
    .when(_site.is_in(["kidney", "uterus"])).then(3)
    .when(_site == "rectum").then(4)
    .when(_site.is_in(["thyroid", "prostate", "breast"])).then(5)
    .otherwise(2)
)  # fmt: skip
_no_frankel = pl.col("frankel").is_null()
_by_deficit_low = pl.when(pl.col("motor_deficit").is_null()).then(0).when(pl.col("motor_deficit")).then(0).otherwise(1)
_by_deficit_high = pl.when(pl.col("motor_deficit").is_null()).then(2).when(pl.col("motor_deficit")).then(1).otherwise(2)

_ITEMS = (
    Item("karnofsky", Text("Karnofsky", "Karnofsky"), "clinical_assessments.karnofsky", karnofsky, 0, 2),
    Item("extraspinal", Text("Extraspinal bone metastases", "Métastases osseuses extra-spinales"),
         "clinical_assessments.n_extraspinal_bone_metastases", extraspinal, 0, 2),
    Item("visceral", Text("Visceral metastases", "Métastases viscérales"), "clinical_assessments.visceral_metastases",
         points_by("visceral_metastases", {0: ("unresectable",), 1: ("resectable",), 2: ("none",)}), 0, 2,
         high=pl.coalesce(pl.col("visceral_points"), pl.when(pl.col("visceral_metastases") == "present_not_assessed").then(1))),
    Item("primary", Text("Primary", "Cancer primitif"), "primary_tumours.histology", primary, 0, 5),
    Item("deficit", Text("Neurological deficit", "Déficit neurologique"), "spinal_assessments.frankel",
         points_by("frankel", {0: ("A", "B"), 1: ("C", "D", "D1", "D2", "D3"), 2: ("E",)}), 0, 2,
         low=pl.when(_no_frankel).then(pl.coalesce(
             points_by("ambulation", {0: ("paraplegic", "non_ambulatory"), 1: ("aided", "unaided")}), _by_deficit_low,
         )).otherwise(pl.col("deficit_points")),
         high=pl.when(_no_frankel).then(pl.coalesce(
             points_by("ambulation", {0: ("paraplegic",), 1: ("non_ambulatory", "aided"), 2: ("unaided",)}), _by_deficit_high,
         )).otherwise(pl.col("deficit_points"))),
)  # fmt: skip
_VERTEBRAE = Item(
    "vertebrae", Text("Vertebrae involved (external item)", "Vertèbres atteintes (item externe)"),
    "clinical_assessments.n_vertebral_metastases", vertebrae, 0, 2,
)  # fmt: skip
_BANDS = (Band("0-8", 0, 8), Band("9-11", 9, 11), Band("12-15", 12, 15))
_ECOG = Flag("karnofsky_from_ecog", pl.col("karnofsky_from_ecog"), Text("Karnofsky read from ECOG by a published map (external)", "Karnofsky lu d'après l'ECOG selon une table publiée (externe)"))  # fmt: skip
_FLAGS = (
    *((_ECOG,) if P.KARNOFSKY_FROM_ECOG else ()),
    Flag("extraspinal_exactly_3", _extraspinal == 3, Text("exactly 3 extraspinal metastases read as 0 points", "3 métastases extra-spinales exactement, lues comme 0 point")),
    Flag("no_vertebra_counted", _vertebrae == 0, Text("no vertebra counted beside a spinal lesion", "aucune vertèbre comptée malgré une lésion rachidienne")),
)  # fmt: skip

PRINTED = Score(
    id="tokuhashi",
    title=Text(
        "Revised Tokuhashi score as printed (five items)", "Score de Tokuhashi révisé tel qu'imprimé (cinq items)"
    ),
    source=Source(G1, "3.8.3"),
    items=_ITEMS,
    bands=_BANDS,
    flags=_FLAGS,
)
TOKUHASHI = Score(
    id="tokuhashi",
    title=Text("Revised Tokuhashi score (six items)", "Score de Tokuhashi révisé (six items)"),
    source=Source(G1, "3.8.3"),
    items=(*_ITEMS, _VERTEBRAE),
    bands=_BANDS,
    flags=_FLAGS,
)
BANDS_DIFFER = Flag("bands_differ", pl.col("bands_differ"), Text("the printed and the six-item score fall in different bands", "le score imprimé et le score à six items tombent dans des classes différentes"))  # fmt: skip

_RESULT = ("total", "total_min", "total_max", "band", "missing", "missing_input", "flags")


def evaluate(inputs: pl.DataFrame) -> pl.DataFrame:
    """Both readings of the score: six items in `total*` and `band`, five in `printed_*`, and whether the bands differ."""
    printed, found = PRINTED.evaluate(inputs), TOKUHASHI.evaluate(inputs)
    bands_differ = printed["band"] != found["band"]
    if len(TOKUHASHI.items) != P.TOKUHASHI_ITEMS:
        found = found.with_columns(printed.select(_RESULT))
    return found.with_columns(
        printed_total=printed["total"],
        printed_min=printed["total_min"],
        printed_max=printed["total_max"],
        bands_differ=bands_differ,
    ).with_columns(
        flags=pl.concat_str(
            pl.when(pl.col("flags") != "").then(pl.col("flags")),
            pl.when(BANDS_DIFFER.when).then(pl.lit(BANDS_DIFFER.id)),
            separator="|",
            ignore_nulls=True,
        )
    )
