"""Drugs and supportive care."""

from .model import Column, Table

drug_administrations = Table(
    "drug_administrations",
    "one row per dose given",
    (
        Column("administration_id", "string", "Identifier of the dose.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column("date", "date", "Date of the dose.", required=True),
        Column(
            "performed_at_centre_id",
            "string",
            "Centre where it was done, when it is not the accountable one.",
            references="centres.centre_id",
        ),
        Column(
            "drug",
            "enum",
            "Drug given.",
            tokens={
                "zoledronic_acid": "Acide zolédronique",
                "denosumab": "Dénosumab",
                "other_bisphosphonate": "Autre bisphosphonate",
                "gcsf": "G-CSF",
                "paracetamol": "Paracétamol",
                "radionuclide": "Radiothérapie métabolique",
                "other": "Autre",
            },
            required=True,
        ),
        Column("dose_mg", "float", "Dose given.", unit="mg", low=0, high=5000),
        Column(
            "route",
            "enum",
            "Route.",
            tokens={"iv": "Intraveineuse", "sc": "Sous-cutanée", "po": "Orale", "im": "Intramusculaire"},
        ),
        Column("infusion_minutes", "float", "Duration of the infusion.", unit="min", low=0, high=1440),
        Column("hydration_same_day", "bool", "Hydration on the day of the injection."),
        Column("hydration_next_day", "bool", "Hydration on the following day."),
        Column(
            "indication",
            "enum",
            "Indication; null is read as skeletal event prevention.",
            tokens={
                "skeletal_event_prevention": "Prévention des événements osseux",
                "hypercalcaemia": "Hypercalcémie",
                "osteoporosis": "Ostéoporose",
                "other": "Autre",
            },
        ),
        Column("urgent_start", "bool", "The treatment was started as an emergency, with a recorded reason."),
    ),
)

drug_prescriptions = Table(
    "drug_prescriptions",
    "one row per continuous treatment",
    (
        Column("prescription_id", "string", "Identifier of the prescription.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "drug",
            "enum",
            "Drug or class.",
            tokens={
                "calcium": "Calcium",
                "vitamin_d": "Vitamine D",
                "anticoagulant": "Anticoagulant",
                "antiplatelet": "Antiagrégant",
                "opioid": "Opioïde",
                "analgesic": "Antalgique",
                "nephrotoxic": "Médicament néphrotoxique",
                "antiresorptive": "Antirésorptif",
                "other": "Autre",
            },
            required=True,
        ),
        Column("start_date", "date", "First day.", required=True),
        Column("stop_date", "date", "Last day; null while it continues."),
        Column(
            "daily_dose",
            "float",
            "Daily dose: calcium mg of element per day, vitamin D IU per day (100,000 IU every 3 months = 1,099 IU per day).",
            unit="see drug",
        ),
        Column(
            "stop_reason",
            "enum",
            "Why it was stopped.",
            tokens={
                "osteonecrosis_of_jaw": "Ostéonécrose de la mâchoire",
                "renal": "Fonction rénale",
                "planned_reassessment": "Réévaluation prévue",
                "death": "Décès",
                "comfort_care": "Soins de confort",
                "procedure": "Avant un geste",
                "other": "Autre",
            },
        ),
        Column(
            "periprocedural_decision",
            "enum",
            "For anticoagulants and antiplatelets: what was decided before an intervention.",
            tokens={"stopped": "Arrêt", "bridged": "Relais", "continued": "Poursuite"},
        ),
    ),
)

supportive_care = Table(
    "supportive_care",
    "one row per act of supportive care",
    (
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column("date", "date", "Date of the act.", required=True),
        Column(
            "kind",
            "enum",
            "Kind of act.",
            tokens={
                "dental_examination": "Examen bucco-dentaire",
                "dental_panoramic": "Panoramique dentaire",
                "dental_care": "Soins dentaires",
                "physiotherapy": "Kinésithérapie",
                "pain_consultation": "Consultation douleur",
            },
            required=True,
        ),
        Column("by_specialist", "bool", "Made by a dental specialist."),
        Column("osteonecrosis_of_jaw", "bool", "Osteonecrosis of the jaw was found."),
        Column("dietary_calcium_mg", "float", "Dietary calcium, when assessed.", unit="mg/d", low=0, high=3000),
    ),
)

systemic_therapy_lines = Table(
    "systemic_therapy_lines",
    "one row per line of systemic anticancer treatment",
    (
        Column("line_id", "string", "Identifier of the line.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "class",
            "enum",
            "Class.",
            tokens={
                "chemotherapy": "Chimiothérapie",
                "egfr_tki": "Anti-EGFR",
                "other_tki": "Autre inhibiteur de tyrosine kinase",
                "immunotherapy": "Immunothérapie",
                "combination": "Association",
            },
            required=True,
        ),
        Column("start_date", "date", "First day.", required=True),
        Column("end_date", "date", "Last day."),
        Column(
            "stop_reason",
            "enum",
            "Why it ended.",
            tokens={
                "bone_progression": "Progression osseuse",
                "other_progression": "Autre progression",
                "toxicity": "Toxicité",
                "planned_end": "Fin prévue",
                "death": "Décès",
            },
        ),
        Column("effective", "bool", "Response or stability outside bone."),
        Column("urgent", "bool", "Relative oncological emergency."),
        Column("nephrotoxic", "bool", "The regimen contains a nephrotoxic drug."),
    ),
)
