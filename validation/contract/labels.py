"""What a French registry calls the tables and columns of the contract."""

from __future__ import annotations

TABLE_LABELS: dict[str, str] = {
    "centres": "Centres", "patients": "Patients", "primary_tumours": "Tumeurs primitives", "bone_lesions": "Lésions osseuses",
    "lesion_assessments": "Évaluations de lésion", "spinal_assessments": "Évaluations rachidiennes",
    "clinical_assessments": "Évaluations cliniques", "imaging_exams": "Examens d'imagerie",
    "imaging_findings": "Constats d'imagerie", "lab_results": "Résultats de biologie",
    "drug_administrations": "Doses administrées", "drug_prescriptions": "Prescriptions",
    "supportive_care": "Soins de support", "radiotherapy_courses": "Séries de radiothérapie",
    "procedures": "Gestes et interventions", "mdt_meetings": "Réunions de concertation (RCP)",
    "consultations": "Consultations", "systemic_therapy_lines": "Lignes de traitement systémique",
    "trial_screenings": "Propositions d'essai", "deviations": "Écarts documentés",
}  # fmt: skip
"""Table -> its French label."""

_EVERYWHERE: dict[str, str] = {
    "patient_id": "Identifiant du patient (pseudonyme)",
    "lesion_id": "Identifiant de la lésion",
    "assessment_id": "Identifiant de l'évaluation",
    "performed_at_centre_id": "Centre de réalisation",
    "date": "Date",
}
_BY_TABLE: dict[str, dict[str, str]] = {
    "centres": {"centre_id": "Code du centre", "name": "Nom du centre", "network": "Réseau régional"},
    "patients": {
        "centre_id": "Centre responsable", "birth_date": "Date de naissance", "sex": "Sexe", "death_date": "Date de décès",
        "last_contact_date": "Date des dernières nouvelles",
    },
    "primary_tumours": {
        "tumour_id": "Identifiant de la tumeur", "primary_site": "Localisation de la tumeur primitive", "histology": "Histologie",
        "suspicion_date": "Date de suspicion", "diagnosis_date": "Date du diagnostic histologique",
        "metastatic_known_date": "Date de découverte de la maladie métastatique", "first_treatment_date": "Date du premier traitement",
        "size_mm": "Taille de la tumeur (mm)", "n_stage": "Stade ganglionnaire N", "egfr_status": "Statut EGFR",
        "tomita_growth": "Vitesse de croissance (Tomita)",
    },
    "bone_lesions": {
        "discovery_date": "Date de découverte de la lésion", "bone": "Os atteint", "side": "Côté", "segment": "Segment osseux",
        "vertebral_level": "Niveau vertébral", "articular": "Atteinte articulaire", "weight_bearing": "Zone portante",
        "trochanteric_extension": "Extension trochantérienne",
    },
    "lesion_assessments": {
        "date": "Date de l'évaluation", "lesion_type": "Type radiologique de la lésion", "cortical_fraction": "Fraction de corticale détruite",
        "mirels_pain": "Douleur (Mirels)", "max_size_mm": "Plus grand diamètre de la lésion (mm)",
        "soft_tissue_extension": "Extension aux parties molles", "well_delimited": "Lésion bien délimitée",
        "fracture_status": "Fracture", "fracture_date": "Date de la fracture", "articular_destruction": "Surface articulaire détruite",
        "symptomatic": "Lésion symptomatique", "pain_mechanism": "Mécanisme de la douleur", "pain_on_loading": "Douleur à la charge",
        "pain_disabling": "Douleur invalidante", "pain_refractory": "Douleur réfractaire aux antalgiques",
        "ir_accessible": "Accessible à la radiologie interventionnelle", "reirradiation_possible": "Ré-irradiation possible",
        "aetiology_certain": "Étiologie certaine", "hypervascular_suspected": "Hypervascularisation suspectée",
        "bleeding_risk_high": "Risque hémorragique élevé", "bone_loss_major": "Perte osseuse importante",
        "bone_quality_poor": "Mauvaise qualité osseuse", "acetabular_involvement": "Atteinte du cotyle",
        "acetabular_roof": "Toit du cotyle", "acetabular_posterior_column": "Colonne postérieure du cotyle",
        "acetabular_medial_wall": "Mur médial du cotyle", "hip_instability": "Instabilité de la hanche",
        "protrusion_risk": "Risque de protrusion",
    },
    "spinal_assessments": {
        "date": "Date de l'évaluation", "sins_pain": "Douleur (SINS)", "lesion_type": "Type radiologique de la lésion rachidienne",
        "alignment": "Alignement rachidien", "collapse_percent": "Collapsus vertébral (%)",
        "body_involvement_percent": "Atteinte du corps vertébral (%)", "posterolateral_involvement": "Envahissement postéro-latéral",
        "cord_compression": "Compression médullaire", "compression_date": "Date de la compression médullaire", "frankel": "Grade de Frankel",
        "ambulation": "Déambulation", "motor_deficit": "Déficit moteur", "motor_deficit_onset_date": "Date de début du déficit moteur",
        "canal_narrowing_percent": "Rétrécissement canalaire (%)", "tumour_cord_distance_mm": "Distance tumeur-moelle (mm)",
        "extravertebral_extension": "Extension extra-vertébrale", "neurological_exam_done": "Examen neurologique complet",
    },
    "clinical_assessments": {
        "date": "Date de l'évaluation", "karnofsky": "Indice de Karnofsky", "ecog": "Indice ECOG (OMS)", "asa_class": "Score ASA",
        "life_expectancy_days": "Espérance de vie estimée (jours)", "life_expectancy_method": "Méthode d'estimation de l'espérance de vie",
        "frail": "Patient fragile", "fit_for_surgery": "Apte à une chirurgie", "fit_for_anaesthesia": "Apte à une anesthésie",
        "difficult_to_mobilise": "Mobilisation difficile", "pain_nrs": "Douleur (EN 0-10)", "on_analgesics": "Sous antalgiques",
        "opioid_intolerance": "Intolérance aux opioïdes", "new_bone_pain": "Nouvelle douleur osseuse",
        "distal_limb_pain": "Douleur distale d'un membre inférieur", "n_metastatic_sites": "Nombre d'organes métastatiques",
        "n_bone_metastases": "Nombre de métastases osseuses", "n_extraspinal_bone_metastases": "Nombre de métastases osseuses extra-rachidiennes",
        "n_vertebral_metastases": "Nombre de vertèbres atteintes", "visceral_metastases": "Métastases viscérales",
        "brain_metastases": "Métastases cérébrales", "disease_status": "Statut de la maladie", "infection_puncture_site": "Infection au point de ponction",
        "sepsis_uncontrolled": "Sepsis non contrôlé", "early_discovery": "Découverte précoce",
    },
    "imaging_exams": {
        "exam_id": "Identifiant de l'examen", "date": "Date de l'examen", "modality": "Modalité d'imagerie", "indication": "Indication de l'examen",
        "region": "Région explorée", "contrast": "Injection de produit de contraste", "bone_window_read": "Lecture en fenêtre osseuse",
        "sagittal_reconstruction": "Reconstruction sagittale", "whole_spine": "Rachis entier", "lesion_centred": "Centré sur la lésion",
        "whole_bone": "Os entier", "adjacent_joints": "Articulations adjacentes", "femurs_in_field": "Fémurs dans le champ",
        "lower_limbs_in_field": "Membres inférieurs dans le champ", "n_bone_foci": "Nombre de foyers osseux",
        "hypervascular_confirmed": "Hypervascularisation confirmée", "response_conclusion": "Conclusion sur la réponse",
    },
    "imaging_findings": {
        "exam_id": "Identifiant de l'examen", "lysis_change": "Évolution de la lyse", "soft_tissue_change": "Évolution des parties molles",
        "new_sclerosis": "Nouvelle condensation", "uptake_change": "Évolution de la fixation", "new_focus": "Nouveau foyer",
        "initially_lytic": "Lésion initialement lytique",
    },
    "lab_results": {"date": "Date du prélèvement", "analyte": "Analyse", "value": "Résultat"},
    "drug_administrations": {
        "administration_id": "Identifiant de l'administration", "date": "Date d'administration", "drug": "Médicament administré",
        "dose_mg": "Dose (mg)", "route": "Voie d'administration", "infusion_minutes": "Durée de perfusion (min)",
        "hydration_same_day": "Hydratation le jour même", "hydration_next_day": "Hydratation le lendemain",
        "indication": "Indication du médicament", "urgent_start": "Début en urgence",
    },
    "drug_prescriptions": {
        "prescription_id": "Identifiant de la prescription", "drug": "Médicament prescrit", "start_date": "Date de début", "stop_date": "Date de fin",
        "daily_dose": "Dose quotidienne", "stop_reason": "Motif d'arrêt", "periprocedural_decision": "Décision péri-interventionnelle",
    },
    "supportive_care": {
        "date": "Date du soin", "kind": "Type de soin", "by_specialist": "Réalisé par un spécialiste",
        "osteonecrosis_of_jaw": "Ostéonécrose de la mâchoire", "dietary_calcium_mg": "Calcium alimentaire (mg/j)",
    },
    "radiotherapy_courses": {
        "course_id": "Identifiant de la radiothérapie", "start_date": "Date de début de radiothérapie", "end_date": "Date de fin de radiothérapie",
        "prescribed_dose_gy": "Dose prescrite (Gy)", "prescribed_fractions": "Nombre de fractions prescrites",
        "delivered_dose_gy": "Dose délivrée (Gy)", "technique": "Technique de radiothérapie", "intent": "Intention de la radiothérapie",
        "emergency": "Radiothérapie en urgence", "linked_procedure_id": "Intervention liée", "target_volume": "Volume cible",
        "organs_at_risk_excluded": "Organes à risque exclus", "skin_healed": "Peau cicatrisée",
    },
    "procedures": {
        "procedure_id": "Identifiant de l'acte", "date": "Date de l'acte", "category": "Catégorie d'acte", "technique": "Technique",
        "associated_techniques": "Techniques associées", "approach": "Voie d'abord", "intent": "Intention de l'acte",
        "cementoplasty_indications": "Indications de cimentoplastie", "urgency": "Degré d'urgence", "resection_extent": "Étendue de la résection",
        "guidance": "Guidage", "anaesthesia": "Anesthésie", "cement_added": "Ajout de ciment", "cement_after_nail": "Ciment après le clou",
        "curettage": "Curetage", "cemented_femoral": "Pièce fémorale cimentée", "cemented_acetabular": "Pièce acétabulaire cimentée",
        "cemented_other": "Autre pièce cimentée", "acetabular_reinforcement": "Armature acétabulaire", "cervical_screw": "Vis cervicale",
        "trochanteric_medallion": "Médaillon trochantérien", "lesion_authenticated": "Lésion authentifiée responsable", "specimen_sent": "Prélèvement envoyé",
        "decalcification": "Décalcification", "antibiotic_prophylaxis_hours": "Durée de l'antibioprophylaxie (h)",
        "thromboprophylaxis": "Thromboprophylaxie", "admission_date": "Date d'entrée", "discharge_date": "Date de sortie",
        "wound_healed_date": "Date de cicatrisation", "surgeon_agreement_date": "Date d'accord du chirurgien",
        "complication": "Complication", "complication_date": "Date de la complication",
    },
    "mdt_meetings": {
        "mdt_id": "Identifiant de la RCP", "date": "Date de la RCP", "lesion_ids": "Lésions discutées", "specialties": "Spécialités présentes",
        "options_discussed": "Options discutées", "decision": "Décision de la RCP", "scores_presented": "Scores présentés",
        "sbrt_validated": "Stéréotaxie validée", "biopsy_route_agreed": "Voie de biopsie convenue", "criteria_recorded": "Critères enregistrés",
    },
    "consultations": {"date": "Date de la consultation", "kind": "Type de consultation"},
    "systemic_therapy_lines": {
        "line_id": "Identifiant de la ligne", "class": "Classe du traitement", "start_date": "Date de début de ligne", "end_date": "Date de fin de ligne",
        "stop_reason": "Motif d'arrêt de la ligne", "effective": "Ligne efficace", "urgent": "Urgence oncologique", "nephrotoxic": "Ligne néphrotoxique",
    },
    "trial_screenings": {
        "trial": "Essai", "screened_date": "Date de proposition", "enrolled_date": "Date d'inclusion", "non_inclusion_reason": "Motif de non-inclusion",
    },
    "deviations": {"domain": "Domaine de l'écart", "date": "Date de la décision", "reason": "Motif de l'écart"},
}  # fmt: skip


def column_label(table: str, column: str) -> str:
    """The French label of a column."""
    return _BY_TABLE[table].get(column) or _EVERYWHERE[column]
