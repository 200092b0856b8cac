"""What the tables of the contract are called in words."""

from __future__ import annotations

from .text import Text

TABLE_WORDS: dict[str, Text] = {
    "centres": Text("centres", "centres"),
    "patients": Text("patients", "patients"),
    "primary_tumours": Text("primary tumours", "tumeurs primitives"),
    "bone_lesions": Text("bone lesions", "lésions osseuses"),
    "lesion_assessments": Text("lesion assessments", "évaluations de lésion"),
    "spinal_assessments": Text("spinal assessments", "évaluations rachidiennes"),
    "clinical_assessments": Text("clinical assessments", "évaluations cliniques"),
    "imaging_exams": Text("imaging examinations", "examens d'imagerie"),
    "imaging_findings": Text("imaging findings", "constats d'imagerie"),
    "lab_results": Text("laboratory results", "résultats de biologie"),
    "drug_administrations": Text("doses given", "doses administrées"),
    "drug_prescriptions": Text("prescriptions", "prescriptions"),
    "supportive_care": Text("supportive care", "soins de support"),
    "radiotherapy_courses": Text("radiotherapy courses", "séries de radiothérapie"),
    "procedures": Text("procedures", "gestes"),
    "mdt_meetings": Text("multidisciplinary meetings", "RCP"),
    "consultations": Text("consultations", "consultations"),
    "systemic_therapy_lines": Text("lines of systemic therapy", "lignes de traitement systémique"),
    "trial_screenings": Text("trial screenings", "propositions d'essai"),
    "deviations": Text("documented departures", "écarts documentés"),
}
