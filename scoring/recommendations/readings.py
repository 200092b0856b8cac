"""The other defensible readings of the guideline: other values of named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.core.text import Text


@dataclass(frozen=True)
class Reading:
    """Another defensible reading: the values that it gives to parameters, in words, and where the question comes from."""

    id: str
    words: Text
    values: Mapping[str, float]
    source: str


READINGS: tuple[Reading, ...] = (
    Reading("tokuhashi_printed", Text("Tokuhashi as printed, five items", "Tokuhashi tel qu'imprimé, cinq items"),
            {"TOKUHASHI_ITEMS": 5}, "C01"),
    Reading("vertebrae_3_1_0", Text("Tokuhashi, vertebrae: 3 or more 0, 1-2 1, none 2 points", "Tokuhashi, vertèbres : 3 ou plus 0, 1-2 1, aucune 2 points"),
            {"VERTEBRAE_TWO_POINTS": 0, "VERTEBRAE_ONE_POINT": 2}, "C01"),
    Reading("collapse_50_is_more", Text("SINS, collapse of exactly 50 %: 3 points", "SINS, collapsus de 50 % exactement : 3 points"),
            {"COLLAPSE_50_POINTS": 3}, "G1 3.8.1"),
    Reading("collapse_50_is_none", Text("SINS, collapse of exactly 50 %: 0 points, by the letter", "SINS, collapsus de 50 % exactement : 0 point, à la lettre"),
            {"COLLAPSE_50_POINTS": 0}, "G1 3.8.1"),
    Reading("rades_15_months_long", Text("Rades, exactly 15 months: the longer interval", "Rades, 15 mois exactement : l'intervalle long"),
            {"RADES_15_MONTHS_POINTS": 8}, "G1 3.5.3"),
    Reading("ecog_as_karnofsky", Text("Karnofsky from ECOG where it is missing (external map)", "Karnofsky d'après l'ECOG s'il manque (table externe)"),
            {"KARNOFSKY_FROM_ECOG": 1}, "G1 3.8.3"),
    Reading("unknown_life_is_long", Text("unknown life expectancy read as more than 3 months", "espérance de vie inconnue lue comme supérieure à 3 mois"),
            {"UNKNOWN_LIFE_IS_LONG": 1}, "P18"),
    Reading("postoperative_strict", Text("post-operative radiotherapy on days 15 to 21, no grace", "radiothérapie postopératoire du 15e au 21e jour, sans tolérance"),
            {"POSTOP_RT_AMBER": 21}, "C06; P11"),
    Reading("postoperative_3_weeks", Text("post-operative radiotherapy from 3 weeks on, to day 28", "radiothérapie postopératoire à partir de 3 semaines, jusqu'au 28e jour"),
            {"POSTOP_RT_FIRST": 21, "POSTOP_RT_LAST": 28}, "C06; P11"),
    Reading("restart_4_weeks", Text("systemic therapy restarted after 4 weeks, not 3", "reprise du traitement systémique après 4 semaines, non 3"),
            {"RESTART": 28}, "C06; P12"),
    Reading("start_30_days", Text("antiresorptive within 30 days of the discovery", "antirésorptif dans les 30 jours de la découverte"),
            {"ANTIRESORPTIVE_START": 30}, "P03"),
    Reading("start_90_days", Text("antiresorptive within 90 days of the discovery", "antirésorptif dans les 90 jours de la découverte"),
            {"ANTIRESORPTIVE_START": 90}, "P03"),
    Reading("surgery_14_days", Text("Mirels of 9 or more: surgery within 14 days", "Mirels de 9 ou plus : chirurgie dans les 14 jours"),
            {"MIRELS_SURGERY": 14}, "G1 3.5.2"),
    Reading("surgery_60_days", Text("Mirels of 9 or more: surgery within 60 days", "Mirels de 9 ou plus : chirurgie dans les 60 jours"),
            {"MIRELS_SURGERY": 60}, "G1 3.5.2"),
    Reading("mdt_30_days", Text("MDT meeting at most 30 days before the act", "RCP au plus 30 jours avant l'acte"),
            {"MDT_BEFORE": 30}, "P14"),
    Reading("state_30_days", Text("a recorded state is current for 30 days", "un état reste valable 30 jours"), {"STATE": 30}, "P18"),
    Reading("state_90_days", Text("a recorded state is current for 90 days", "un état reste valable 90 jours"), {"STATE": 90}, "P18"),
    Reading("spine_mri_14_days", Text("whole-spine MRI within 14 days of the discovery", "IRM du rachis entier dans les 14 jours de la découverte"),
            {"SPINE_MRI": 14}, "P15"),
    Reading("compression_1_day", Text("cord compression treated within 24 hours, not 48", "compression médullaire traitée dans les 24 heures, non 48"),
            {"COMPRESSION_TREATMENT": 1, "DEFICIT_SURGERY": 1}, "P23"),
    Reading("imaging_60_days", Text("imaging before surgery at most 60 days old", "imagerie préopératoire datant d'au plus 60 jours"),
            {"PREOP_IMAGING": 60}, "P13"),
    Reading("antibiotics_exactly_48_hours", Text("antibiotic prophylaxis of exactly 48 hours", "antibioprophylaxie de 48 heures exactement"),
            {"ANTIBIOTICS_LEAST": 48, "ANTIBIOTICS_MOST": 48}, "G1 3.7.3"),
    Reading("visits_by_30_days", Text("two visits within 30 days of an operation, the first within 14", "deux consultations dans les 30 jours d'une intervention, la première dans les 14"),
            {"FIRST_VISIT": 14, "SECOND_VISIT": 30}, "P22"),
    Reading("opinion_7_days", Text("SINS of 7 or more: opinion within 7 days", "SINS de 7 ou plus : avis dans les 7 jours"),
            {"SURGICAL_OPINION": 7}, "G1 3.8.1"),
)  # fmt: skip
"""The readings that are tried, each alone."""

CONVENTIONS: dict[str, Text] = {
    "P17": Text("An act is urgent only where the registry says so; what is not coded is not urgent.", "Un acte n'est urgent que si le registre le dit ; ce qui n'est pas codé n'est pas urgent."),
    "P18": Text("A life expectancy is the latest estimate before the decision, never the survival that was observed.", "Une espérance de vie est la dernière estimation avant la décision, jamais la survie observée."),
    "P19": Text("A boundary is as strict as it is printed; where the text says nothing of equality, each score says how it reads it.", "Une borne est aussi stricte qu'imprimée ; là où le texte ne dit rien de l'égalité, chaque score dit sa lecture."),
}  # fmt: skip
"""Readings of the catalogue that are no number."""
