"""Meetings, opinions, trials and departures from the guideline."""

from .model import Column, Table

mdt_meetings = Table(
    "mdt_meetings",
    "one row per multidisciplinary team meeting (RCP) on a patient",
    (
        Column("mdt_id", "string", "Identifier of the meeting record.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column("date", "date", "Date of the meeting.", required=True),
        Column("lesion_ids", "set", "Lesions discussed; null = the patient as a whole, which counts for every lesion."),
        Column(
            "specialties",
            "set",
            "Specialties present.",
            tokens={
                "neurosurgery": "Neurochirurgie",
                "orthopaedics": "Orthopédie",
                "radiation_oncology": "Radiothérapie",
                "medical_oncology": "Oncologie",
                "pulmonology": "Pneumologie",
                "rheumatology": "Rhumatologie",
                "pain_medicine": "Médecine de la douleur",
                "interventional_radiology": "Radiologie interventionnelle",
                "radiology": "Radiologie",
                "nuclear_medicine": "Médecine nucléaire",
            },
        ),
        Column(
            "options_discussed",
            "set",
            "Options discussed.",
            tokens={
                "radiotherapy": "Radiothérapie",
                "surgery": "Chirurgie",
                "interventional": "Radiologie interventionnelle",
                "systemic": "Traitement médical",
                "supportive": "Soins de support",
            },
        ),
        Column(
            "decision",
            "enum",
            "Decision.",
            tokens={
                "radiotherapy": "Radiothérapie",
                "surgery": "Chirurgie",
                "interventional": "Radiologie interventionnelle",
                "systemic": "Traitement médical",
                "supportive": "Soins de support",
                "surveillance": "Surveillance",
                "other": "Autre",
            },
        ),
        Column(
            "scores_presented",
            "set",
            "Scores quoted in the record.",
            tokens={
                "mirels": "Mirels",
                "sins": "SINS",
                "rades": "Rades",
                "frankel": "Frankel",
                "tokuhashi": "Tokuhashi",
                "tomita": "Tomita",
            },
        ),
        Column("sbrt_validated", "bool", "Ablative stereotactic radiotherapy was validated."),
        Column("biopsy_route_agreed", "bool", "The biopsy route was agreed."),
        Column(
            "criteria_recorded",
            "set",
            "Decision criteria written in the record.",
            tokens={
                "indication": "Indication théorique",
                "life_expectancy": "Espérance de vie",
                "general_condition": "État général",
                "functional_needs": "Besoins fonctionnels",
                "expected_benefit": "Bénéfice attendu",
                "risks": "Risques",
                "oncology_plan": "Programme oncologique",
            },
        ),
    ),
)

consultations = Table(
    "consultations",
    "one row per specialist opinion or follow-up visit",
    (
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column("lesion_id", "string", "Lesion.", references="bone_lesions.lesion_id"),
        Column("date", "date", "Date.", required=True),
        Column(
            "kind",
            "enum",
            "Kind.",
            tokens={
                "spine_surgery_opinion": "Avis chirurgical rachis",
                "orthopaedic_opinion": "Avis orthopédique",
                "interventional_opinion": "Avis de radiologie interventionnelle",
                "specialist_opinion": "Avis spécialisé",
                "postoperative_visit": "Suivi postopératoire",
                "antiresorptive_reassessment": "Réévaluation de l'antirésorptif",
            },
            required=True,
        ),
    ),
)

trial_screenings = Table(
    "trial_screenings",
    "one row per patient and trial proposed",
    (
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "trial",
            "enum",
            "Trial.",
            tokens={"LIBELULE": "LIBELULE", "PRISM": "PRISM", "STEREO_OS": "STEREO-OS", "TELOCAP02": "Telocap02"},
            required=True,
        ),
        Column("screened_date", "date", "Date of screening."),
        Column("enrolled_date", "date", "Date of enrolment."),
        Column(
            "non_inclusion_reason",
            "enum",
            "Why not included.",
            tokens={"refusal": "Refus", "criterion": "Critère", "closed": "Centre fermé", "not_offered": "Non proposé"},
        ),
    ),
)

deviations = Table(
    "deviations",
    "one row per documented reason for departing from the guideline",
    (
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column("lesion_id", "string", "Lesion; null = the patient as a whole.", references="bone_lesions.lesion_id"),
        Column(
            "domain",
            "enum",
            "Part of the guideline departed from.",
            tokens={
                "imaging": "Imagerie",
                "response_assessment": "Évaluation de la réponse",
                "antiresorptive": "Antirésorptifs",
                "radiotherapy": "Radiothérapie",
                "interventional": "Radiologie interventionnelle",
                "limb_surgery": "Chirurgie des membres",
                "spine": "Rachis",
                "perioperative": "Périopératoire",
                "care_pathway": "Parcours",
                "trials": "Essais",
            },
            required=True,
        ),
        Column("date", "date", "Date of the decision.", required=True),
        Column(
            "reason",
            "enum",
            "Why.",
            tokens={
                "patient_refusal": "Refus du patient",
                "contraindication": "Contre-indication",
                "comorbidity": "Comorbidité",
                "mdt_decision": "Décision de RCP",
                "death_or_palliation": "Décès ou soins palliatifs",
                "not_available": "Non disponible",
                "other": "Autre",
            },
            required=True,
        ),
    ),
)
