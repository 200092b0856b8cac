"""Examinations and what they show."""

from .model import Column, Table

imaging_exams = Table(
    "imaging_exams",
    "one row per examination",
    (
        Column("exam_id", "string", "Identifier of the examination.", required=True, is_key=True),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "lesion_id",
            "string",
            "Lesion aimed at; null for a whole-body or regional examination.",
            references="bone_lesions.lesion_id",
        ),
        Column("date", "date", "Date of the examination.", required=True),
        Column(
            "performed_at_centre_id",
            "string",
            "Centre where it was done, when it is not the accountable one.",
            references="centres.centre_id",
        ),
        Column(
            "modality",
            "enum",
            "Kind of examination.",
            tokens={
                "ct": "Scanner",
                "ct_angiography": "Angioscanner",
                "arteriography": "Artériographie",
                "mri": "IRM",
                "fdg_pet_ct": "TEP-TDM au FDG",
                "bone_scintigraphy": "Scintigraphie osseuse",
                "radiograph": "Radiographie",
                "full_length_radiograph": "Pangonométrie",
            },
            required=True,
        ),
        Column(
            "indication",
            "enum",
            "Why it was made.",
            tokens={
                "initial_workup": "Bilan initial",
                "scheduled_response": "Évaluation programmée",
                "routine_followup": "Suivi systématique",
                "symptom": "Symptôme",
                "preoperative": "Préopératoire",
                "mdt_request": "Demande de la RCP",
            },
        ),
        Column(
            "region",
            "enum",
            "Region covered.",
            tokens={
                "chest_abdomen_pelvis": "Thorax-abdomen-pelvis",
                "spine": "Rachis",
                "limb": "Membre",
                "pelvis": "Bassin",
                "whole_body": "Corps entier",
                "other": "Autre",
            },
        ),
        Column("contrast", "bool", "Contrast was injected."),
        Column("bone_window_read", "bool", "The images were read in bone window."),
        Column("sagittal_reconstruction", "bool", "Sagittal bone reconstructions were made."),
        Column("whole_spine", "bool", "The whole spine was covered."),
        Column("lesion_centred", "bool", "The examination was centred on the lesion."),
        Column("whole_bone", "bool", "The whole bone was covered."),
        Column("adjacent_joints", "bool", "The joints above and below were covered."),
        Column("femurs_in_field", "bool", "The field includes the femurs."),
        Column("lower_limbs_in_field", "bool", "The field includes the whole lower limbs."),
        Column("n_bone_foci", "int", "Number of bone foci on this examination.", unit="count", low=0, high=300),
        Column("hypervascular_confirmed", "bool", "Hypervascularity was shown."),
        Column(
            "response_conclusion",
            "enum",
            "Reader's conclusion on response.",
            tokens={
                "response": "Réponse",
                "stable": "Stabilité",
                "progression": "Progression",
                "inconclusive": "Non concluant",
                "discordant": "Discordant",
            },
        ),
    ),
)

imaging_findings = Table(
    "imaging_findings",
    "one row per lesion and examination",
    (
        Column(
            "exam_id",
            "string",
            "Examination; with lesion_id the key of the row.",
            required=True,
            references="imaging_exams.exam_id",
        ),
        Column("lesion_id", "string", "Lesion.", required=True, references="bone_lesions.lesion_id"),
        Column("patient_id", "string", "Patient.", required=True, references="patients.patient_id"),
        Column(
            "lysis_change",
            "enum",
            "Change of osteolysis since the previous examination.",
            tokens={"increased": "Augmentation", "stable": "Stable", "decreased": "Diminution"},
        ),
        Column(
            "soft_tissue_change",
            "enum",
            "Change of the soft-tissue component.",
            tokens={"increased": "Augmentation", "stable": "Stable", "decreased": "Diminution", "absent": "Absente"},
        ),
        Column(
            "new_sclerosis",
            "enum",
            "New sclerosis and where it appeared.",
            tokens={
                "none": "Aucune",
                "on_lytic_area": "Sur zone lytique",
                "on_normal_bone": "Sur zone initialement normale",
            },
        ),
        Column(
            "uptake_change",
            "enum",
            "Change of tracer uptake.",
            tokens={"increased": "Augmentation", "stable": "Stable", "decreased": "Diminution"},
        ),
        Column("new_focus", "bool", "The focus was absent on the previous examination."),
        Column("initially_lytic", "bool", "The lesion was very lytic at first."),
    ),
)
