"""Every fact that a rule may name: its words, and what to blame when it is not known."""

from __future__ import annotations

from scoring.core.fact import Fact, FactKind
from scoring.core.text import Text
from validation.contract import TABLES

FACTS: dict[str, Fact] = {}
"""Name -> fact."""


def _fact(
    name: str,
    kind: FactKind,
    en: str,
    fr: str,
    missing: str,
    unit: str = "",
    *,
    absence: bool = False,
    blames: str | None = None,
    gate: bool = False,
) -> None:
    table, _, column = missing.partition(".")
    tokens = None
    if kind == "token":
        french = (TABLES[table][column].tokens or {}) if column else {}
        tokens = {token: Text(token.replace("_", " "), label) for token, label in french.items()}
    FACTS[name] = Fact(name, Text(en, fr), missing, kind, unit, tokens, absence, blames, gate)


# fmt: off
# General condition
_fact("life_expectancy_days", "number", "life expectancy as estimated", "espérance de vie estimée", "clinical_assessments.life_expectancy_days", "days")
_fact("life_expectancy_at_stop", "number", "life expectancy at the last dose", "espérance de vie à la dernière dose", "clinical_assessments.life_expectancy_days", "days")
_fact("course_lesion", "text", "lesion", "lésion", "radiotherapy_courses.lesion_id", gate=True)
_fact("procedure_lesion", "text", "lesion", "lésion", "procedures.lesion_id", gate=True)
_fact("n_bone_metastases", "number", "bone metastases", "métastases osseuses", "clinical_assessments.n_bone_metastases")
_fact("visceral_metastases", "token", "visceral metastases", "métastases viscérales", "clinical_assessments.visceral_metastases")
_fact("brain_metastases", "bool", "brain metastases", "métastases cérébrales", "clinical_assessments.brain_metastases")
_fact("difficult_to_mobilise", "bool", "difficult to mobilise", "mobilisation difficile", "clinical_assessments.difficult_to_mobilise")
_fact("fit_for_surgery", "bool", "fit for surgery", "état compatible avec une chirurgie", "clinical_assessments.fit_for_surgery")
_fact("fit_for_anaesthesia", "bool", "fit for anaesthesia", "état compatible avec une anesthésie", "clinical_assessments.fit_for_anaesthesia")

# Imaging
_fact("whole_spine_mri", "bool", "whole-spine MRI in time", "IRM du rachis entier dans le délai", "imaging_exams.whole_spine", absence=True)
_fact("whole_spine_mri_date", "date", "whole-spine MRI", "IRM du rachis entier", "imaging_exams")
_fact("modality", "token", "examination", "examen", "imaging_exams.modality")
_fact("indication", "token", "indication", "indication", "imaging_exams.indication")
_fact("in_workup", "bool", "in the initial work-up", "pendant le bilan initial", "primary_tumours.diagnosis_date")
_fact("after_workup", "bool", "after the initial work-up", "après le bilan initial", "primary_tumours.diagnosis_date")
_fact("metastatic_known_date", "date", "metastatic disease known", "maladie métastatique connue", "primary_tumours.metastatic_known_date")
_fact("gcsf_before", "bool", "G-CSF given before", "G-CSF administré auparavant", "drug_administrations", absence=True)
_fact("gcsf_too_close", "bool", "G-CSF in the 15 days before", "G-CSF dans les 15 jours précédents", "drug_administrations", absence=True)
_fact("days_since_gcsf", "days", "since the last G-CSF", "depuis le dernier G-CSF", "drug_administrations", "days")
_fact("has_pet", "bool", "the patient has an FDG-PET", "le patient a une TEP au FDG", "imaging_exams", absence=True)
_fact("pet_before", "bool", "FDG-PET in the 90 days before", "TEP au FDG dans les 90 jours précédents", "imaging_exams", absence=True)
_fact("last_pet_date", "date", "last FDG-PET before", "dernière TEP au FDG auparavant", "imaging_exams")
_fact("new_bone_pain", "bool", "new bone pain in the 30 days before", "nouvelle douleur osseuse dans les 30 jours précédents", "clinical_assessments.new_bone_pain")
_fact("new_bone_pain_since_pet", "bool", "new bone pain since the PET", "nouvelle douleur osseuse depuis la TEP", "clinical_assessments.new_bone_pain")
_fact("flare_findings", "bool", "findings of a flare", "signes d'un flare", "imaging_findings", absence=True)
_fact("line_under_way", "bool", "systemic therapy under way", "traitement systémique en cours", "systemic_therapy_lines", absence=True)
_fact("line_class", "token", "class of the systemic therapy", "classe du traitement systémique", "systemic_therapy_lines.class")
_fact("line_effective", "bool", "therapy effective outside bone", "traitement efficace hors de l'os", "systemic_therapy_lines.effective")
_fact("days_on_line", "days", "since the start of the line", "depuis le début de la ligne", "systemic_therapy_lines", "days")
_fact("response_conclusion", "token", "reader's conclusion", "conclusion du lecteur", "imaging_exams.response_conclusion")
_fact("stopped_for_bone", "bool", "line stopped for bone progression", "ligne arrêtée pour progression osseuse", "systemic_therapy_lines.stop_reason")
_fact("bone_window_read", "bool", "read in bone window", "lecture en fenêtre osseuse", "imaging_exams.bone_window_read")
_fact("femurs_covered", "bool", "femurs in the field", "fémurs dans le champ", "imaging_exams.femurs_in_field")
_fact("lower_limbs_in_field", "bool", "whole lower limbs in the field", "membres inférieurs entiers dans le champ", "imaging_exams.lower_limbs_in_field")
_fact("distal_limb_pain", "bool", "distal pain of a lower limb in the 30 days before", "douleur distale d'un membre inférieur dans les 30 jours précédents", "clinical_assessments.distal_limb_pain")
_fact("n_bone_foci", "number", "bone foci", "foyers osseux", "imaging_exams.n_bone_foci")
_fact("single_focus", "bool", "single bone focus, not shown by the examination before", "foyer osseux unique, absent de l'examen précédent", "imaging_exams.n_bone_foci")
_fact("centred_mri", "bool", "MRI centred on the lesion in time", "IRM centrée sur la lésion dans le délai", "imaging_exams.lesion_centred", absence=True)
_fact("centred_mri_date", "date", "MRI centred on the lesion", "IRM centrée sur la lésion", "imaging_exams")
_fact("specialist_consultation", "bool", "specialist consultation in time", "consultation spécialisée dans le délai", "consultations", absence=True)
_fact("specialist_meeting", "bool", "MDT meeting in time", "RCP dans le délai", "mdt_meetings", absence=True)

# Antiresorptives
_fact("multiple_metastases", "bool", "two bone metastases or more", "deux métastases osseuses ou plus", "clinical_assessments.n_bone_metastases")
_fact("antiresorptive_in_time", "bool", "antiresorptive started in time", "antirésorptif débuté dans le délai", "drug_administrations", absence=True)
_fact("first_antiresorptive_date", "date", "first antiresorptive dose", "première dose d'antirésorptif", "drug_administrations")
_fact("first_antiresorptive", "token", "agent", "molécule", "drug_administrations.drug")
_fact("jaw_osteonecrosis", "bool", "osteonecrosis of the jaw", "ostéonécrose de la mâchoire", "supportive_care", absence=True)
_fact("drug", "token", "drug", "médicament", "drug_administrations.drug")
_fact("dose_mg", "number", "dose", "dose", "drug_administrations.dose_mg", "mg")
_fact("route", "token", "route", "voie", "drug_administrations.route")
_fact("infusion_minutes", "number", "infusion", "perfusion", "drug_administrations.infusion_minutes", "min")
_fact("creatinine_clearance", "number", "latest clearance (30 days)", "dernière clairance (30 jours)", "lab_results.value", "mL/min")
_fact("follows_dose", "bool", "a dose of the course comes before", "une dose du traitement précède", "drug_administrations", absence=True)
_fact("days_since_dose", "days", "since the previous dose", "depuis la dose précédente", "drug_administrations", "days", absence=True)
_fact("days_since_first_dose", "days", "since the first dose of the course", "depuis la première dose du traitement", "drug_administrations", "days")
_fact("hydration_same_day", "bool", "hydration on the day of the dose", "hydratation le jour de la dose", "drug_administrations.hydration_same_day")
_fact("hydration_next_day", "bool", "hydration on the day after", "hydratation le lendemain", "drug_administrations.hydration_next_day")
_fact("paracetamol_same_day", "bool", "paracetamol on the day of the dose", "paracétamol le jour de la dose", "drug_administrations", absence=True)
_fact("paracetamol_next_day", "bool", "paracetamol on the day after", "paracétamol le lendemain", "drug_administrations", absence=True)
_fact("nephrotoxic_prescription", "bool", "nephrotoxic drug prescribed", "médicament néphrotoxique prescrit", "drug_prescriptions", absence=True)
_fact("nephrotoxic_line", "bool", "nephrotoxic systemic therapy under way", "traitement systémique néphrotoxique en cours", "systemic_therapy_lines.nephrotoxic", absence=True)
_fact("first_drug", "token", "agent of the first dose", "molécule de la première dose", "drug_administrations.drug")
_fact("has_denosumab", "bool", "denosumab in the course", "dénosumab pendant le traitement", "drug_administrations.drug")
_fact("calcium_supplement", "bool", "calcium prescribed throughout", "calcium prescrit pendant tout le traitement", "drug_prescriptions", absence=True)
_fact("vitamin_d_supplement", "bool", "vitamin D prescribed throughout", "vitamine D prescrite pendant tout le traitement", "drug_prescriptions", absence=True)
_fact("corrected_calcium", "number", "corrected calcium", "calcium corrigé", "lab_results.value", "mmol/L")
_fact("dental_examination", "bool", "dental examination by a specialist before", "examen bucco-dentaire par un spécialiste avant", "supportive_care.by_specialist", absence=True)
_fact("dental_examination_date", "date", "last dental examination before", "dernier examen bucco-dentaire avant", "supportive_care")
_fact("dental_panoramic", "bool", "dental panoramic radiograph before", "panoramique dentaire avant", "supportive_care", absence=True)
_fact("dental_panoramic_date", "date", "last panoramic radiograph before", "dernier panoramique avant", "supportive_care")
_fact("course_days", "days", "from first to last dose", "de la première à la dernière dose", "drug_administrations", "days")
_fact("longest_dental_gap", "days", "longest time without dental examination", "plus longue période sans examen dentaire", "supportive_care", "days", absence=True)
_fact("renal_test", "bool", "renal function tested in the 30 days before", "fonction rénale évaluée dans les 30 jours précédents", "lab_results", absence=True)
_fact("renal_test_date", "date", "last renal test before", "dernier bilan rénal avant", "lab_results")
_fact("vitamin_d_test", "bool", "vitamin D measured in the 90 days before", "vitamine D dosée dans les 90 jours précédents", "lab_results", absence=True)
_fact("vitamin_d_test_date", "date", "last vitamin D test before", "dernier dosage de vitamine D avant", "lab_results")
_fact("calcium_enough", "bool", "1 g of calcium a day at the first and last dose", "1 g de calcium par jour à la première et à la dernière dose", "drug_prescriptions.daily_dose", absence=True, blames="calcium_missing")
_fact("calcium_daily_mg", "number", "calcium prescribed at the first dose", "calcium prescrit à la première dose", "drug_prescriptions.daily_dose", "mg/d")
_fact("vitamin_d_enough", "bool", "enough vitamin D at the first and last dose", "vitamine D suffisante à la première et à la dernière dose", "drug_prescriptions.daily_dose", absence=True)
_fact("vitamin_d_daily_iu", "number", "vitamin D prescribed at the first dose", "vitamine D prescrite à la première dose", "drug_prescriptions.daily_dose", "IU/d")
_fact("calcium_at_start", "number", "corrected calcium before the first dose", "calcium corrigé avant la première dose", "lab_results.value", "mmol/L")
_fact("urgent_start", "bool", "urgent start", "début en urgence", "drug_administrations.urgent_start")
_fact("two_years", "bool", "treated for two years", "traité pendant deux ans", "drug_administrations", absence=True)
_fact("planned_stop", "bool", "stopped for a planned reassessment", "arrêté pour une réévaluation prévue", "drug_prescriptions.stop_reason")
_fact("reassessed", "bool", "reassessment visit around two years", "consultation de réévaluation vers deux ans", "consultations", absence=True)
_fact("reassessed_by_mdt", "bool", "decided by the MDT around two years", "décidé en RCP vers deux ans", "mdt_meetings.decision", absence=True)
_fact("last_dose_date", "date", "last dose", "dernière dose", "drug_administrations")
_fact("clearance_at_stop", "number", "clearance around the last dose", "clairance autour de la dernière dose", "lab_results.value", "mL/min")

# Radiotherapy
_fact("schedule", "text", "prescribed schedule (Gy/fractions)", "schéma prescrit (Gy/fractions)", "radiotherapy_courses.prescribed_dose_gy")
_fact("prescribed_dose_gy", "number", "prescribed dose", "dose prescrite", "radiotherapy_courses.prescribed_dose_gy", "Gy")
_fact("prescribed_fractions", "number", "prescribed fractions", "fractions prescrites", "radiotherapy_courses.prescribed_fractions")
_fact("intent", "token", "intent", "intention", "radiotherapy_courses.intent")
_fact("technique", "token", "technique", "technique", "radiotherapy_courses.technique")
_fact("ablative", "bool", "ablative stereotactic course", "irradiation stéréotaxique ablative", "radiotherapy_courses.intent")
_fact("fractured", "bool", "lesion fractured", "lésion fracturée", "lesion_assessments.fracture_status")
_fact("compressed", "bool", "cord compression", "compression médullaire", "spinal_assessments.cord_compression")
_fact("irradiated_before", "bool", "lesion irradiated before", "lésion déjà irradiée", "radiotherapy_courses.lesion_id", absence=True)
_fact("irradiated_recently", "bool", "earlier course on the lesion", "irradiation antérieure de la lésion", "radiotherapy_courses.lesion_id", absence=True)
_fact("days_since_radiotherapy", "days", "since the earlier course", "depuis l'irradiation antérieure", "radiotherapy_courses", "days")
_fact("cord_compression_course", "bool", "course for a cord compression", "irradiation d'une compression médullaire", "spinal_assessments.cord_compression")
_fact("rades_min", "number", "Rades, lowest attainable", "Rades, minimum possible", "spinal_assessments", blames="rades_missing")
_fact("rades_max", "number", "Rades, highest attainable", "Rades, maximum possible", "spinal_assessments", blames="rades_missing")
_fact("operated_before", "bool", "spinal surgery before the course", "chirurgie rachidienne avant l'irradiation", "procedures.lesion_id", absence=True)
_fact("spinal", "bool", "spinal lesion", "lésion rachidienne", "radiotherapy_courses.lesion_id")
_fact("sins_min", "number", "SINS, lowest attainable", "SINS, minimum possible", "spinal_assessments", blames="sins_missing")
_fact("sins_max", "number", "SINS, highest attainable", "SINS, maximum possible", "spinal_assessments", blames="sins_missing")
_fact("surgeon_consulted", "bool", "spine surgeon consulted", "avis d'un chirurgien du rachis demandé", "consultations", absence=True)
_fact("surgeon_at_mdt", "bool", "MDT meeting with a spine surgeon", "RCP avec un chirurgien du rachis", "mdt_meetings.specialties", absence=True)
_fact("surgical_opinion_date", "date", "first surgical opinion", "premier avis chirurgical", "consultations")
_fact("stabilised", "bool", "stabilised by surgery before", "stabilisée chirurgicalement auparavant", "procedures.lesion_id", absence=True)
_fact("postoperative", "bool", "post-operative course", "irradiation postopératoire", "radiotherapy_courses.intent")
_fact("surgery_date", "date", "operation", "intervention", "procedures")
_fact("days_since_surgery", "days", "since the operation", "depuis l'intervention", "procedures", "days")
_fact("wound_healed_date", "date", "wound healed", "cicatrisation acquise", "procedures.wound_healed_date")
_fact("healed_at_start", "bool", "healed at the start", "cicatrisation acquise au début", "procedures.wound_healed_date")
_fact("long_bone", "bool", "long bone", "os long", "radiotherapy_courses.lesion_id")
_fact("organs_at_risk_excluded", "bool", "organs at risk out of the fields", "organes à risque hors des champs", "radiotherapy_courses.organs_at_risk_excluded")

# Long bones
_fact("bone", "token", "bone", "os", "bone_lesions.bone")
_fact("segment", "token", "segment", "segment", "bone_lesions.segment")
_fact("fracture_status", "token", "fracture", "fracture", "lesion_assessments.fracture_status")
_fact("mirels_min", "number", "Mirels, lowest attainable", "Mirels, minimum possible", "lesion_assessments", blames="mirels_missing")
_fact("mirels_max", "number", "Mirels, highest attainable", "Mirels, maximum possible", "lesion_assessments", blames="mirels_missing")
_fact("prophylactic_surgery", "bool", "prophylactic surgery", "chirurgie prophylactique", "procedures.intent", absence=True)
_fact("mdt_before_treatment", "bool", "MDT meeting before treatment", "RCP avant traitement", "mdt_meetings", absence=True)
_fact("fixation_in_time", "bool", "prophylactic fixation in time", "ostéosynthèse préventive dans le délai", "procedures.lesion_id", absence=True)
_fact("fixation_date", "date", "fixation", "ostéosynthèse", "procedures")
_fact("fracture_after_date", "date", "fracture after the assessment", "fracture après l'évaluation", "lesion_assessments")
_fact("mdt_decision", "token", "MDT decision", "décision de la RCP", "mdt_meetings.decision")
_fact("fracture_operated", "bool", "fracture operated in time", "fracture opérée dans le délai", "procedures.lesion_id", absence=True)
_fact("radiotherapy_date", "date", "radiotherapy of the lesion", "radiothérapie de la lésion", "radiotherapy_courses")
_fact("irradiated", "bool", "lesion irradiated", "lésion irradiée", "radiotherapy_courses.lesion_id", absence=True)

# Spine
_fact("tokuhashi_min", "number", "Tokuhashi (six items), lowest attainable", "Tokuhashi (six items), minimum possible", "spinal_assessments", blames="tokuhashi_missing")
_fact("tokuhashi_max", "number", "Tokuhashi (six items), highest attainable", "Tokuhashi (six items), maximum possible", "spinal_assessments", blames="tokuhashi_missing")
_fact("tomita_min", "number", "Tomita, lowest attainable", "Tomita, minimum possible", "spinal_assessments", blames="tomita_missing")
_fact("tomita_max", "number", "Tomita, highest attainable", "Tomita, maximum possible", "spinal_assessments", blames="tomita_missing")
_fact("spinal_surgery", "bool", "spinal surgery in the 60 days after", "chirurgie rachidienne dans les 60 jours", "procedures.lesion_id", absence=True)
_fact("spinal_surgery_date", "date", "spinal surgery", "chirurgie rachidienne", "procedures")
_fact("neurological_deficit", "bool", "neurological deficit", "déficit neurologique", "spinal_assessments.frankel")
_fact("mdt_before_surgery", "bool", "MDT meeting before the surgery", "RCP avant la chirurgie", "mdt_meetings", absence=True)
_fact("compression_treated", "bool", "treated as recommended", "traitée comme recommandé", "radiotherapy_courses.lesion_id", absence=True)
_fact("compression_radiotherapy_date", "date", "first radiotherapy", "première radiothérapie", "radiotherapy_courses")
_fact("compression_surgery_date", "date", "first spinal surgery", "première chirurgie rachidienne", "procedures")
_fact("radiotherapy_after_surgery_date", "date", "radiotherapy after the surgery", "radiothérapie après la chirurgie", "radiotherapy_courses")

# Procedures
_fact("category", "token", "category", "catégorie", "procedures.category")
_fact("procedure_technique", "token", "technique", "technique", "procedures.technique")
_fact("procedure_intent", "token", "intent", "intention", "procedures.intent")
_fact("arthroplasty", "bool", "arthroplasty", "arthroplastie", "procedures.technique")
_fact("weight_bearing", "bool", "weight-bearing zone", "zone portante", "bone_lesions.weight_bearing")
_fact("combined_fixation", "bool", "combined with percutaneous fixation", "associée à une fixation percutanée", "procedures.associated_techniques")
_fact("prefracture", "bool", "lesion about to break", "lésion pré-fracturaire", "lesion_assessments", blames="prefracture_missing")
_fact("decalcification", "token", "decalcification", "décalcification", "procedures.decalcification")
_fact("lesion_type", "token", "radiographic type", "type radiologique", "lesion_assessments.lesion_type")
_fact("soft_tissue_extension", "token", "extension into soft tissue", "extension aux parties molles", "lesion_assessments.soft_tissue_extension")
_fact("articular_destruction", "bool", "joint surface destroyed", "surface articulaire détruite", "lesion_assessments.articular_destruction")
_fact("mdt_before", "bool", "MDT meeting in the 60 days before", "RCP dans les 60 jours précédents", "mdt_meetings", absence=True)
_fact("mdt_before_date", "date", "last MDT meeting before", "dernière RCP avant", "mdt_meetings")
_fact("mdt_with_ir", "bool", "MDT with an interventional radiologist", "RCP avec un radiologue interventionnel", "mdt_meetings.specialties", absence=True)
_fact("urgent", "bool", "urgent fracture or decompression", "fracture ou décompression urgente", "procedures.intent")
_fact("mdt_soon_after", "bool", "MDT in the 14 days after", "RCP dans les 14 jours suivants", "mdt_meetings", absence=True)
_fact("all_cemented", "bool", "every component cemented", "toutes les pièces cimentées", "procedures.cemented_femoral")
_fact("postoperative_radiotherapy", "bool", "post-operative radiotherapy in time", "radiothérapie postopératoire dans le délai", "radiotherapy_courses.lesion_id", absence=True)
_fact("postoperative_radiotherapy_date", "date", "post-operative radiotherapy", "radiothérapie postopératoire", "radiotherapy_courses")
_fact("complication", "token", "complication", "complication", "procedures.complication")

# Systemic therapy and trials
_fact("surgery_before", "bool", "operated in the 90 days before", "opéré dans les 90 jours précédents", "procedures", absence=True)
_fact("urgent_line", "bool", "relative oncological emergency", "urgence oncologique relative", "systemic_therapy_lines.urgent")
_fact("surgeon_agreed", "bool", "surgeon agreed to an early restart", "accord du chirurgien pour une reprise précoce", "procedures.surgeon_agreement_date")
_fact("trial_screened", "bool", "proposed to the trial", "proposé à l'essai", "trial_screenings", absence=True)

# Multidisciplinary care
_fact("multidisciplinary", "bool", "MDT meeting of three specialties concerned", "RCP avec trois spécialités concernées", "mdt_meetings.specialties", absence=True)
_fact("multidisciplinary_date", "date", "first such meeting", "première RCP de ce type", "mdt_meetings")

# Perioperative care
_fact("aetiology_certain", "bool", "lesion certainly a metastasis", "métastase certaine", "lesion_assessments.aetiology_certain")
_fact("hypervascular_suspected", "bool", "hypervascularity suspected", "hypervascularisation suspectée", "lesion_assessments.hypervascular_suspected")
_fact("bleeding_risk_high", "bool", "high bleeding risk", "risque hémorragique élevé", "lesion_assessments.bleeding_risk_high")
_fact("revealing", "bool", "cancer not diagnosed before the operation", "cancer non diagnostiqué avant l'intervention", "primary_tumours.diagnosis_date")
_fact("urgent_operation", "bool", "emergency or relative emergency", "urgence ou urgence relative", "procedures.urgency")
_fact("centred_radiograph", "bool", "radiograph centred on the lesion before", "radiographie centrée sur la lésion avant", "imaging_exams.lesion_centred", absence=True, blames="centred_radiograph_missing")
_fact("whole_bone_radiograph", "bool", "radiograph of the whole bone before", "radiographie de l'os entier avant", "imaging_exams.whole_bone", absence=True, blames="whole_bone_radiograph_missing")
_fact("joints_radiograph", "bool", "radiograph of the adjacent joints before", "radiographie des articulations adjacentes avant", "imaging_exams.adjacent_joints", absence=True, blames="joints_radiograph_missing")
_fact("bone_window_ct", "bool", "centred CT in bone window without contrast before", "scanner centré en fenêtre osseuse non injecté avant", "imaging_exams.bone_window_read", absence=True, blames="bone_window_ct_missing")
_fact("angiography", "bool", "CT angiography or arteriography before", "angioscanner ou artériographie avant", "imaging_exams", absence=True, blames="angiography_missing")
_fact("full_length_film", "bool", "full-length film of the legs before", "pangonométrie avant", "imaging_exams", absence=True, blames="full_length_film_missing")
_fact("hypervascular_shown", "bool", "hypervascularity shown by imaging", "hypervascularisation montrée par l'imagerie", "imaging_exams.hypervascular_confirmed", absence=True, blames="hypervascular_shown_missing")
_fact("biopsy", "bool", "biopsy", "biopsie", "procedures.category")
_fact("embolisation", "bool", "embolisation", "embolisation", "procedures.category")
_fact("biopsy_before", "bool", "biopsy of the lesion before", "biopsie de la lésion avant", "procedures.lesion_id", absence=True)
_fact("embolised_before", "bool", "lesion embolised before", "lésion embolisée avant", "procedures.lesion_id", absence=True)
_fact("operated_after_biopsy", "bool", "lesion operated after the biopsy", "lésion opérée après la biopsie", "procedures.lesion_id", absence=True)
_fact("operated_after_embolisation", "bool", "lesion operated after the embolisation", "lésion opérée après l'embolisation", "procedures.lesion_id", absence=True)
_fact("route_agreed", "bool", "route of the biopsy agreed by the MDT", "abord de la biopsie convenu en RCP", "mdt_meetings.biopsy_route_agreed", absence=True)
_fact("protein_electrophoresis", "bool", "protein electrophoresis before", "électrophorèse des protéines avant", "lab_results", absence=True)
_fact("trunk_ct", "bool", "CT of chest, abdomen and pelvis before", "scanner thoraco-abdomino-pelvien avant", "imaging_exams.region", absence=True)
_fact("specimen_to_pathology", "bool", "specimen sent to pathology", "pièce adressée en anatomopathologie", "procedures.specimen_sent")
_fact("oncologist_at_mdt", "bool", "MDT meeting with an oncologist before", "RCP avec un oncologue avant", "mdt_meetings.specialties", absence=True)
_fact("oncologist_opinion", "bool", "specialist opinion before", "avis spécialisé avant", "consultations", absence=True)
_fact("antibiotic_hours", "number", "antibiotic prophylaxis", "antibioprophylaxie", "procedures.antibiotic_prophylaxis_hours", "h")
_fact("early_sepsis", "bool", "sepsis soon after the operation", "sepsis peu après l'intervention", "procedures.complication_date")
_fact("sepsis_uncontrolled", "bool", "sepsis before the operation", "sepsis avant l'intervention", "clinical_assessments.sepsis_uncontrolled")
_fact("thromboprophylaxis_given", "bool", "anticoagulation prescribed", "anticoagulation prescrite", "procedures.thromboprophylaxis")
_fact("early_bleeding", "bool", "bleeding soon after the operation", "hémorragie peu après l'intervention", "procedures.complication_date")
_fact("close_follow_up", "bool", "two visits in time", "deux consultations dans le délai", "consultations", absence=True)
_fact("first_visit_date", "date", "first visit after", "première consultation après", "consultations")
_fact("second_visit_date", "date", "second visit after", "deuxième consultation après", "consultations")
_fact("operation_on_limb", "bool", "operated on a limb", "opéré d'un membre", "procedures.lesion_id")
