"""Words for the closed sets of the registry that the contract labels in French alone."""

from __future__ import annotations

from scoring.core.text import Text

UNITS: dict[str, Text] = {
    "days": Text("days", "jours"),
    "metastases": Text("metastases", "métastases"),
}
"""The units of parameters that are words; the others are symbols."""

PARAMETER_SOURCES: dict[str, Text] = {
    "design": Text("decision of this audit", "choix de cet audit"),
    "laboratory reference range": Text("laboratory reference range", "valeurs de référence du laboratoire"),
    "product label of zoledronic acid": Text(
        "product label of zoledronic acid", "résumé des caractéristiques du produit (acide zolédronique)"
    ),
}
"""The sources of parameters that are words; the others are sections of a guideline and entries of its catalogue."""

REGISTRY: dict[str, Text] = {
    # Tables of the contract
    "table.centres": Text("centres", "centres"),
    "table.patients": Text("patients", "patients"),
    "table.primary_tumours": Text("primary tumours", "tumeurs primitives"),
    "table.bone_lesions": Text("bone lesions", "lésions osseuses"),
    "table.lesion_assessments": Text("lesion assessments", "évaluations de lésion"),
    "table.spinal_assessments": Text("spinal assessments", "évaluations rachidiennes"),
    "table.clinical_assessments": Text("clinical assessments", "évaluations cliniques"),
    "table.imaging_exams": Text("imaging examinations", "examens d'imagerie"),
    "table.imaging_findings": Text("imaging findings", "constats d'imagerie"),
    "table.lab_results": Text("laboratory results", "résultats de biologie"),
    "table.drug_administrations": Text("doses given", "doses administrées"),
    "table.drug_prescriptions": Text("prescriptions", "prescriptions"),
    "table.supportive_care": Text("supportive care", "soins de support"),
    "table.radiotherapy_courses": Text("radiotherapy courses", "séries de radiothérapie"),
    "table.procedures": Text("procedures", "gestes"),
    "table.mdt_meetings": Text("multidisciplinary meetings", "RCP"),
    "table.consultations": Text("consultations", "consultations"),
    "table.systemic_therapy_lines": Text("lines of systemic therapy", "lignes de traitement systémique"),
    "table.trial_screenings": Text("trial screenings", "propositions d'essai"),
    "table.deviations": Text("documented departures", "écarts documentés"),
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
