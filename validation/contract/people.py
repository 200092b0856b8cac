"""People, tumours and centres."""

from .model import Column, Table

centres = Table(
    "centres",
    "one row per centre of the network",
    (
        Column(
            "centre_id", "string", "Stable code of the centre accountable for the patient.", required=True, is_key=True
        ),
        Column("name", "string", "Display name of the centre."),
        Column("network", "string", "Regional cancer network that the centre belongs to."),
    ),
)

patients = Table(
    "patients",
    "one row per patient",
    (
        Column(
            "patient_id",
            "string",
            "Pseudonym; never a name, a hospital number or a national number.",
            required=True,
            is_key=True,
        ),
        Column(
            "centre_id",
            "string",
            "Centre accountable for the patient's care.",
            required=True,
            references="centres.centre_id",
        ),
        Column("birth_date", "date", "Date of birth; the first of the month or year when the registry truncates it."),
        Column("sex", "enum", "Administrative sex.", tokens={"female": "Femme", "male": "Homme"}),
        Column("death_date", "date", "Date of death; null while alive or unknown."),
        Column(
            "last_contact_date",
            "date",
            "Last date on which the patient was known alive; closes every observation window.",
        ),
    ),
)

primary_tumours = Table(
    "primary_tumours",
    "one row per primary cancer of a patient",
    (
        Column("tumour_id", "string", "Identifier of the primary tumour.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "primary_site",
            "enum",
            "Organ of the primary tumour.",
            tokens={
                "lung": "Poumon",
                "breast": "Sein",
                "prostate": "Prostate",
                "myeloma_lymphoma": "Myélome ou lymphome",
                "kidney": "Rein",
                "colon": "Côlon",
                "rectum": "Rectum",
                "thyroid": "Thyroïde",
                "uterus": "Utérus",
                "stomach": "Estomac",
                "oesophagus": "Œsophage",
                "pancreas": "Pancréas",
                "bladder": "Vessie",
                "liver": "Foie",
                "gallbladder": "Vésicule biliaire",
                "osteosarcoma": "Ostéosarcome",
                "unknown_primary": "Primitif inconnu",
                "other": "Autre",
            },
            required=True,
        ),
        Column(
            "histology",
            "enum",
            "Histological type; null = not recorded.",
            tokens={
                "adenocarcinoma": "Adénocarcinome",
                "squamous_cell": "Carcinome épidermoïde",
                "large_cell": "Carcinome à grandes cellules",
                "sarcomatoid": "Carcinome sarcomatoïde",
                "nsclc_nos": "CBNPC sans autre indication",
                "sclc": "CBPC",
                "lcnec": "Carcinome neuroendocrine à grandes cellules",
                "typical_carcinoid": "Carcinoïde typique",
                "atypical_carcinoid": "Carcinoïde atypique",
                "other": "Autre",
            },
        ),
        Column("suspicion_date", "date", "First suspicion of the cancer."),
        Column("diagnosis_date", "date", "Date of histological diagnosis.", required=True),
        Column("metastatic_known_date", "date", "Date on which metastatic disease was first established."),
        Column("first_treatment_date", "date", "First anticancer treatment; closes the initial work-up."),
        Column("size_mm", "float", "Largest diameter of the primary tumour.", unit="mm", low=0, high=300),
        Column(
            "n_stage",
            "enum",
            "Nodal stage at diagnosis.",
            tokens={"N0": "N0", "N1": "N1", "N2": "N2", "N3": "N3", "NX": "NX"},
        ),
        Column(
            "egfr_status",
            "enum",
            "EGFR mutation status.",
            tokens={"mutated": "Muté", "wild_type": "Non muté", "not_tested": "Non testé"},
        ),
        Column(
            "tomita_growth",
            "enum",
            "Growth class recorded by the clinician; overrides the class derived from the site.",
            tokens={"slow": "Lente", "moderate": "Modérée", "rapid": "Rapide"},
        ),
    ),
)
