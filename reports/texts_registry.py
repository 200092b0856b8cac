"""Words for the closed sets of the registry that the contract labels in French alone."""

from __future__ import annotations

from scoring.core.tables import TABLE_WORDS
from scoring.core.text import Text

UNITS: dict[str, Text] = {
    "days": Text("days", "jours"),
    "h": Text("h", "h"),
    "metastases": Text("metastases", "métastases"),
    "specialties": Text("specialties", "spécialités"),
    "%": Text("%", "%"),
    "mm": Text("mm", "mm"),
    "items": Text("items", "items"),
    "vertebrae": Text("vertebrae", "vertèbres"),
    "points": Text("points", "points"),
    "0 or 1": Text("(0 or 1)", "(0 ou 1)"),
    "mg/d": Text("mg/d", "mg/j"),
    "IU/d": Text("IU/d", "UI/j"),
    "/10": Text("/10", "/10"),
    "nights": Text("nights", "nuits"),
    "criteria": Text("criteria", "critères"),
    "years": Text("years", "ans"),
    "class": Text("class", "classe"),
}
"""The units of parameters that are words; the others are symbols."""

PARAMETER_SOURCES: dict[str, Text] = {
    "Tokuhashi 2005": Text("Tokuhashi 2005", "Tokuhashi 2005"),
    "Oken 1982": Text("Oken 1982", "Oken 1982"),
    "Rades 2011": Text("Rades 2011", "Rades 2011"),
    "design": Text("decision of this audit", "choix de cet audit"),
    "laboratory reference range": Text("laboratory reference range", "valeurs de référence du laboratoire"),
    "product label of zoledronic acid": Text(
        "product label of zoledronic acid", "résumé des caractéristiques du produit (acide zolédronique)"
    ),
}
"""The sources of parameters that are words; the others are sections of a guideline and entries of its catalogue."""

REGISTRY: dict[str, Text] = {
    # Tables of the contract
    **{f"table.{name}": words for name, words in TABLE_WORDS.items()},
    # Domains of the guideline
    "domain.imaging": Text("imaging", "imagerie"),
    "domain.response_assessment": Text("response assessment", "évaluation de la réponse"),
    "domain.antiresorptive": Text("antiresorptive treatment", "antirésorptifs"),
    "domain.radiotherapy": Text("radiotherapy", "radiothérapie"),
    "domain.interventional": Text("interventional radiology", "radiologie interventionnelle"),
    "domain.limb_surgery": Text("limb surgery", "chirurgie des membres"),
    "domain.spine": Text("spine", "rachis"),
    "domain.perioperative": Text("perioperative care", "périopératoire"),
    "domain.care_pathway": Text("care pathway", "parcours"),
    "domain.trials": Text("trials", "essais"),
}
