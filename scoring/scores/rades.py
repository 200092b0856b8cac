"""Rades score of ambulation after radiotherapy for spinal cord compression (G1 3.5.3)."""

import polars as pl

from scoring.core.score import Band, Flag, Item, Score, points_by
from scoring.core.text import G1, Source, Text
from scoring.recommendations import parameters as P

LIMIT_MONTHS = "15mo"
NON_SMALL_CELL = ("adenocarcinoma", "squamous_cell", "large_cell", "sarcomatoid", "nsclc_nos")
CARCINOIDS = ("typical_carcinoid", "atypical_carcinoid")

_site, _histology = pl.col("primary_site"), pl.col("histology")
_lung = _site == "lung"
_limit = pl.col("diagnosis_date").dt.offset_by(LIMIT_MONTHS)
_frankel, _ambulation = pl.col("frankel"), pl.col("ambulation")
_deficit_days = (pl.col("delay_anchor") - pl.col("motor_deficit_onset_date")).dt.total_days()
_no_deficit = ~pl.col("motor_deficit")

primary = (
    pl.when(_site.is_null()).then(None)
    .when(_lung & _histology.is_in([*NON_SMALL_CELL, "lcnec"])).then(5)
    .when(_lung & _histology.is_in(["sclc", *CARCINOIDS])).then(6)
    .when(_lung).then(None)
    .when(_site == "breast").then(8)
    .when(_site == "prostate").then(7)
    .when(_site == "myeloma_lymphoma").then(9)
    .when(_site == "unknown_primary").then(5)
    .otherwise(6)
)  # fmt: skip

interval = (
    pl.when(pl.col("compression_day").is_null() | _limit.is_null()).then(None)
    .when(pl.col("compression_day") < _limit).then(6)
    .when(pl.col("compression_day") == _limit).then(P.RADES_15_MONTHS_POINTS)
    .otherwise(8)
)  # fmt: skip

motor = pl.coalesce(
    points_by("ambulation", {10: ("unaided",), 9: ("aided",), 3: ("non_ambulatory",), 1: ("paraplegic",)}),
    points_by("frankel", {1: ("A", "B"), 3: ("C",), 9: ("D1", "D2"), 10: ("D3", "E")}),
)

delay = (
    pl.when(_deficit_days.is_null() | (_deficit_days < 0)).then(None)
    .when(_no_deficit.fill_null(False)).then(None)
    .when(_deficit_days <= 7).then(4)
    .when(_deficit_days <= 14).then(7)
    .otherwise(9)
)  # fmt: skip

_walks_with_aid_unknown = _ambulation.is_null() & (_frankel == "D")
_agrees = (
    pl.when(_frankel.is_in(["A", "B"])).then(_ambulation == "paraplegic")
    .when(_frankel == "C").then(_ambulation == "non_ambulatory")
    .when(_frankel.is_in(["D1", "D2"])).then(_ambulation == "aided")
    .when(_frankel.is_in(["D3", "E"])).then(_ambulation == "unaided")
    .when(_frankel == "D").then(_ambulation.is_in(["aided", "unaided"]))
)  # fmt: skip

RADES = Score(
    id="rades",
    title=Text("Rades score", "Score de Rades"),
    source=Source(G1, "3.5.3"),
    items=(
        Item(
            "primary", Text("Primary", "Type de primitif"), "primary_tumours.histology", primary, 5, 9,
            low=pl.coalesce(pl.col("primary_points"), pl.when(_lung).then(5)),
            high=pl.coalesce(pl.col("primary_points"), pl.when(_lung).then(6)),
        ),
        Item("interval", Text("Interval from diagnosis", "Intervalle depuis le diagnostic"), "primary_tumours.diagnosis_date", interval, 6, 8),
        Item(
            "visceral", Text("Visceral metastases", "Métastases viscérales"), "clinical_assessments.visceral_metastases",
            points_by("visceral_metastases", {8: ("none",), 5: ("resectable", "unresectable", "present_not_assessed")}), 5, 8,
        ),
        Item(
            "motor", Text("Motor function", "Fonction motrice"), "spinal_assessments.ambulation", motor, 1, 10,
            low=pl.coalesce(pl.col("motor_points"), pl.when(_walks_with_aid_unknown).then(9)),
        ),
        Item("delay", Text("Time of the motor deficit", "Délai du déficit moteur"), "spinal_assessments.motor_deficit_onset_date", delay, 4, 9),
    ),
    bands=(Band("I", 21, 28), Band("II", 29, 37), Band("III", 38, 44)),
    flags=(
        Flag("lcnec", _lung & (_histology == "lcnec"), Text("large-cell neuroendocrine carcinoma read as non-small cell (5 points)", "carcinome neuroendocrine à grandes cellules lu comme CBNPC (5 points)")),
        Flag("exactly_15_months", pl.col("compression_day") == _limit, Text("exactly 15 months read as the shorter interval", "15 mois exactement, lu comme l'intervalle court")),
        Flag("motor_conflict", ~_agrees, Text("Frankel grade and ambulation disagree; ambulation is used", "grade de Frankel et déambulation discordants ; la déambulation est retenue")),
        Flag("deficit_same_day", (_deficit_days == 0) & ~_no_deficit.fill_null(False), Text("deficit of the same day read as 1-7 days", "déficit du jour même lu comme 1-7 jours")),
        Flag("no_motor_deficit", _no_deficit, Text("no motor deficit: the delay has no level for it", "pas de déficit moteur : aucun niveau de délai ne le prévoit")),
        Flag("onset_after_anchor", (_deficit_days < 0) & ~_no_deficit.fill_null(False), Text("deficit recorded after the treatment or assessment", "déficit daté après le traitement ou l'évaluation")),
    ),
)  # fmt: skip
