"""Imaging and assessment of response (G1 2)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_pet = pl.col("modality") == "fdg_pet_ct"
_scintigraphy = pl.col("modality") == "bone_scintigraphy"
_ct = pl.col("modality") == "ct"
_centred = pl.col("centred_mri")
_opinion = pl.col("specialist_consultation") | pl.col("specialist_meeting")

RULES = (
    # CTs of the initial work-up and of the scheduled assessments are read in bone window.
    Recommendation(
        id="G1-2-01", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("CT read in bone window", "Scanner lu en fenêtre osseuse"),
        population=Text("CTs of the initial work-up and of scheduled response assessments", "scanners du bilan initial et des bilans programmés d'évaluation"),
        action=Text("read in bone window", "lecture en fenêtre osseuse"),
        applies=_ct & pl.col("indication").is_in(["initial_workup", "scheduled_response"]),
        met=pl.col("bone_window_read"),
        judged_on=("indication", "bone_window_read"),
        vocabulary=V.CARE, recommended=("done",), given=V.given(("done", pl.col("bone_window_read"))),
        reading=Text("By the recorded indication; a CT made for a symptom, an operation or routine follow-up is not judged.", "Selon l'indication enregistrée ; un scanner pour symptôme, préopératoire ou de suivi systématique n'est pas jugé."),
    ),
    # A vertebra is involved: MRI of the whole spine.
    Recommendation(
        id="G1-2-02", grain=Grain.SPINE_PATIENT, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("Whole-spine MRI when a vertebra is involved", "IRM du rachis entier en cas d'atteinte vertébrale"),
        population=Text("patients with a vertebral metastasis", "patients avec une métastase vertébrale"),
        action=Text("MRI of the whole spine within 30 days of its discovery", "IRM du rachis entier dans les 30 jours de la découverte"),
        applies=pl.lit(True),
        met=pl.col("whole_spine_mri"),
        due=pl.col("whole_spine_mri_due"), observed=("imaging_exams",),
        late=pl.col("whole_spine_mri_later") | (pl.col("whole_spine_mri_earlier") & pl.col("whole_spine_mri_observed")),
        judged_on=("whole_spine_mri", "whole_spine_mri_date"),
        vocabulary=V.IMAGING, recommended=("whole_spine_mri",),
        given=V.given(("whole_spine_mri", pl.col("whole_spine_mri") | pl.col("whole_spine_mri_later") | pl.col("whole_spine_mri_earlier"))),
        aliases=("G1-3.8-03",),
        reading=Text("The text gives no delay: 30 days around the discovery (P15).", "Le texte ne donne pas de délai : 30 jours autour de la découverte (P15)."),
    ),
    # Known metastatic disease: no PET in the initial work-up.
    Recommendation(
        id="G1-2-03", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No PET-CT in the initial work-up of a tumour known to be metastatic", "Pas de TEP-TDM au bilan initial d'une tumeur connue comme métastatique"),
        population=Text("FDG-PETs of the initial work-up", "TEP au FDG du bilan initial"),
        action=Text("metastatic disease not yet known the day before", "maladie métastatique pas encore connue la veille"),
        applies=_pet & pl.col("in_workup"),
        met=~(pl.col("metastatic_known_date") <= pl.col("index_date").dt.offset_by("-1d")),
        judged_on=("in_workup", "metastatic_known_date", "indication"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, given=V.given(("fdg_pet", _pet)),
        exceptions=(
            Ground("mdt_request", pl.col("indication") == "mdt_request", Text("asked for by the MDT meeting", "demandée par la RCP")),
        ),
        reading=Text("Initial work-up: from suspicion to first treatment, at most 60 days after diagnosis (P02).", "Bilan initial : de la suspicion au premier traitement, au plus 60 jours après le diagnostic (P02)."),
    ),
    # The PET covers the femurs at least.
    Recommendation(
        id="G1-2-04", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("PET-CT down to the femurs at least", "TEP-TDM explorant au minimum les fémurs"),
        population=Text("FDG-PETs", "TEP au FDG"),
        action=Text("femurs in the field", "fémurs dans le champ"),
        applies=_pet, met=pl.col("femurs_covered"),
        judged_on=("femurs_covered", "lower_limbs_in_field"),
        vocabulary=V.FIELD, recommended=("femurs", "lower_limbs"),
        given=V.given(
            ("lower_limbs", pl.col("femurs_covered") & pl.col("lower_limbs_in_field")),
            ("femurs", pl.col("femurs_covered")), ("shorter", ~pl.col("femurs_covered")),
        ),
        reading=Text("Both femurs entirely; a field recorded as holding the whole lower limbs holds them.", "Les deux fémurs en entier ; un champ enregistré comme couvrant les membres inférieurs entiers les contient."),
    ),
    # Distal pain: the PET covers the whole lower limbs.
    Recommendation(
        id="G1-2-05", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.PERMISSIVE, source=Source(G1, "2"),
        title=Text("PET-CT of the whole lower limbs for distal pain", "TEP-TDM élargie aux membres inférieurs en cas de douleur distale"),
        population=Text("FDG-PETs of patients with distal pain of a lower limb", "TEP au FDG de patients avec une douleur distale d'un membre inférieur"),
        action=Text("whole lower limbs in the field", "membres inférieurs entiers dans le champ"),
        applies=_pet & pl.col("distal_limb_pain"), met=pl.col("lower_limbs_in_field"),
        judged_on=("distal_limb_pain", "lower_limbs_in_field"),
        vocabulary=V.FIELD, recommended=("lower_limbs",),
        given=V.given(
            ("lower_limbs", pl.col("lower_limbs_in_field")), ("femurs", pl.col("femurs_covered")), ("shorter", ~pl.col("lower_limbs_in_field")),
        ),
        reading=Text("Pain recorded in the 30 days before. The text leaves the request to the physician: whether it was missing or not followed is not recorded.", "Douleur enregistrée dans les 30 jours précédents. Le texte laisse la demande au praticien : absente ou non suivie, ce n'est pas enregistré."),
    ),
    # No FDG-PET in the 15 days that follow G-CSF; day 15 is too early.
    Recommendation(
        id="G1-2-06", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No FDG-PET within 15 days of G-CSF", "Pas de TEP au FDG dans les 15 jours suivant le G-CSF"),
        population=Text("FDG-PETs of patients given G-CSF before", "TEP au FDG de patients ayant reçu du G-CSF"),
        action=Text("more than 15 days since the last dose of G-CSF", "plus de 15 jours depuis la dernière dose de G-CSF"),
        applies=_pet & pl.col("gcsf_before"),
        met=~pl.col("gcsf_too_close"),
        judged_on=("gcsf_before", "gcsf_too_close", "days_since_gcsf"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("drug_administrations", pl.col("drug") == "gcsf", Text("patients given G-CSF", "patients ayant reçu du G-CSF")), given=V.given(("fdg_pet", _pet)),
    ),
    # A single bone focus: MRI centred on it.
    Recommendation(
        id="G1-2-07", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("Centred MRI of a single bone focus", "IRM centrée sur une lésion osseuse unique"),
        population=Text("FDG-PETs and bone scintigraphies that show a single bone focus", "TEP au FDG et scintigraphies osseuses montrant un foyer osseux unique"),
        action=Text("MRI centred on the lesion within 30 days, before a local treatment", "IRM centrée sur la lésion dans les 30 jours, avant un traitement local"),
        applies=(_pet | _scintigraphy) & pl.col("single_focus"),
        met=_centred,
        due=pl.col("centred_mri_due"), observed=("imaging_exams",),
        late=pl.col("centred_mri_later") | (pl.col("centred_mri_earlier") & pl.col("centred_mri_observed")),
        judged_on=("single_focus", "centred_mri", "n_bone_foci", "centred_mri_date"),
        vocabulary=V.IMAGING, recommended=("centred_mri",),
        given=V.given(("centred_mri", _centred | pl.col("centred_mri_later") | pl.col("centred_mri_earlier"))),
        reading=Text("No delay is printed: from 30 days before to 30 days after. A focus that the examination before showed alone already has its decision.", "Aucun délai imprimé : de 30 jours avant à 30 jours après. Un foyer déjà unique à l'examen précédent a déjà sa décision."),
    ),
    # ... and a specialist opinion.
    Recommendation(
        id="G1-2-08", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("Specialist opinion on a single bone focus", "Avis spécialisé sur une lésion osseuse unique"),
        population=Text("FDG-PETs and bone scintigraphies that show a single bone focus", "TEP au FDG et scintigraphies osseuses montrant un foyer osseux unique"),
        action=Text("specialist consultation or MDT meeting within 60 days", "consultation spécialisée ou RCP dans les 60 jours"),
        applies=(_pet | _scintigraphy) & pl.col("single_focus"),
        met=_opinion,
        due=pl.col("opinion_due"), observed=("consultations", "mdt_meetings"),
        late=pl.col("opinion_later") | (pl.col("opinion_earlier") & pl.col("opinion_observed")),
        judged_on=("single_focus", "specialist_consultation", "specialist_meeting", "n_bone_foci"),
        vocabulary=V.SPECIALIST, recommended=("consultation", "mdt"),
        given=V.given(
            ("consultation", pl.col("specialist_consultation")), ("mdt", pl.col("specialist_meeting")),
            ("other_time", pl.col("opinion_later") | pl.col("opinion_earlier")),
        ),
        reading=Text("The specialty is not named: any specialist consultation or MDT meeting, from 30 days before to 60 days after.", "La spécialité n'est pas nommée : toute consultation spécialisée ou RCP, de 30 jours avant à 60 jours après."),
    ),
    # A scintigraphy adds nothing once an FDG-PET has been made.
    Recommendation(
        id="G1-2-10", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No bone scintigraphy once an FDG-PET has been made", "Pas de scintigraphie osseuse après une TEP au FDG"),
        population=Text("bone scintigraphies of patients who have an FDG-PET", "scintigraphies osseuses de patients ayant une TEP au FDG"),
        action=Text("no FDG-PET in the 90 days before", "pas de TEP au FDG dans les 90 jours précédents"),
        applies=_scintigraphy & pl.col("has_pet"),
        met=~pl.col("pet_before"),
        judged_on=("has_pet", "pet_before", "last_pet_date", "new_bone_pain_since_pet"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("imaging_exams", _pet, Text("patients with an FDG-PET", "patients ayant une TEP au FDG")), given=V.given(("bone_scintigraphy", _scintigraphy)),
        exceptions=(
            Ground("new_bone_pain", pl.col("new_bone_pain_since_pet"), Text("new bone pain since the PET", "nouvelle douleur osseuse depuis la TEP")),
        ),
        reading=Text("Same work-up: 90 days; a scintigraphy before the PET is no fault.", "Même bilan : 90 jours ; une scintigraphie avant la TEP n'est pas une faute."),
    ),
    # A flare is neither progression nor a reason to change an effective treatment.
    Recommendation(
        id="G1-2-11", grain=Grain.IMAGING_EXAM, domain=Domain.RESPONSE_ASSESSMENT, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("A flare is not called progression and does not change the treatment", "Un flare n'est pas assimilé à une progression et ne modifie pas le traitement"),
        population=Text("scans that show a flare in the first six months of an effective line", "examens montrant un flare dans les six premiers mois d'une ligne efficace"),
        action=Text("no conclusion of progression, line not stopped for bone progression within 60 days", "pas de conclusion de progression, ligne non arrêtée pour progression osseuse dans les 60 jours"),
        applies=(_pet | _scintigraphy) & pl.col("flare_findings") & pl.col("line_under_way") & (pl.col("days_on_line") <= P.FLARE) & pl.col("line_effective"),
        met=(pl.col("response_conclusion") != "progression") & ~pl.col("stopped_for_bone"),
        judged_on=("flare_findings", "line_under_way", "line_effective", "days_on_line", "response_conclusion", "stopped_for_bone"),
        vocabulary=V.RESPONSE, recommended=("treatment_continued",),
        given=V.given(
            ("line_stopped", pl.col("stopped_for_bone")),
            ("called_progression", pl.col("response_conclusion") == "progression"),
            ("treatment_continued", pl.col("response_conclusion").is_not_null()),
        ),
        exceptions=(
            Ground("progression_elsewhere", pl.col("progression_on_ct"), Text("progression shown by CT", "progression montrée au scanner")),
        ),
        flags=(
            Ground("class_outside_sentence", ~pl.col("line_class").is_in(["chemotherapy", "combination"]),
                   Text("drug class that the sentence does not name", "classe thérapeutique que la phrase ne nomme pas")),
        ),
        reading=Text("Six months are counted from the start of the current line (P16), whatever the class.", "Les six mois sont comptés du début de la ligne en cours (P16), quelle que soit la classe."),
    ),
    # No routine scintigraphy in follow-up without new bone pain.
    Recommendation(
        id="G1-2-12", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No routine bone scintigraphy in follow-up", "Pas de scintigraphie osseuse systématique au cours du suivi"),
        population=Text("bone scintigraphies after the initial work-up", "scintigraphies osseuses après le bilan initial"),
        action=Text("new bone pain in the 30 days before", "nouvelle douleur osseuse dans les 30 jours précédents"),
        applies=_scintigraphy & pl.col("after_workup"),
        met=pl.col("new_bone_pain"),
        judged_on=("after_workup", "new_bone_pain", "indication"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", ~pl.col("new_bone_pain"), Text("patients seen without new bone pain", "patients vus sans nouvelle douleur osseuse")), given=V.given(("bone_scintigraphy", _scintigraphy)),
        exceptions=(
            Ground("flare_control", pl.col("flare_control"), Text("control of an earlier flare after six months", "contrôle d'un flare antérieur après six mois")),
        ),
    ),
    # A bone biopsy is decalcified with EDTA, unless a very lytic lesion with soft tissue needs no decalcification.
    Recommendation(
        id="G1-2-13", grain=Grain.PROCEDURE, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("Bone biopsy decalcified with EDTA", "Biopsie osseuse décalcifiée à l'EDTA"),
        population=Text("biopsies of a bone metastasis", "biopsies d'une métastase osseuse"),
        action=Text("EDTA; or no decalcification of a lytic lesion with soft-tissue extension", "EDTA ; ou pas de décalcification d'une lésion lytique avec extension aux parties molles"),
        applies=pl.col("category") == "biopsy",
        met=pl.when(pl.col("decalcification") == "none")
        .then((pl.col("lesion_type") == "lytic") & pl.col("soft_tissue_extension").is_in(["present", "predominant"]))
        .otherwise(pl.col("decalcification") == "edta"),
        judged_on=("decalcification", "lesion_type", "soft_tissue_extension"),
        vocabulary=V.DECALCIFICATION, recommended=("edta",),
        given=V.given(
            ("edta", pl.col("decalcification") == "edta"), ("acid", pl.col("decalcification") == "acid"),
            ("not_decalcified", pl.col("decalcification") == "none"),
        ),
        ambers=(
            Ground("not_decalcified", pl.col("decalcification") == "none", Text("not decalcified; the fragment may not have needed it", "sans décalcification ; le fragment pouvait ne pas la nécessiter")),
        ),
        reading=Text("The condition is for molecular tests, whose request is not recorded: every bone biopsy is judged. Very lytic: radiographic type lytic (G1-2-14).", "La condition vise la biologie moléculaire, dont la demande n'est pas enregistrée : toute biopsie osseuse est jugée. Très lytique : type radiologique lytique (G1-2-14)."),
    ),
    # A very lytic lesion with soft tissue gives good material without decalcification.
    Recommendation(
        id="G1-2-14", grain=Grain.PROCEDURE, domain=Domain.IMAGING, strength=Strength.PERMISSIVE, source=Source(G1, "2"),
        title=Text("Biopsy of a lytic lesion with soft tissue: no acid", "Biopsie d'une lésion lytique avec extension aux parties molles : pas d'acide"),
        population=Text("biopsies of a lytic lesion that extends into soft tissue", "biopsies d'une lésion lytique étendue aux parties molles"),
        action=Text("no decalcification, or EDTA", "pas de décalcification, ou EDTA"),
        applies=(pl.col("category") == "biopsy") & (pl.col("lesion_type") == "lytic") & pl.col("soft_tissue_extension").is_in(["present", "predominant"]),
        met=pl.col("decalcification").is_in(["none", "edta"]),
        judged_on=("category", "procedure_lesion", "lesion_type", "soft_tissue_extension", "decalcification"),
        vocabulary=V.DECALCIFICATION, recommended=("not_decalcified", "edta"),
        given=V.given(
            ("edta", pl.col("decalcification") == "edta"), ("acid", pl.col("decalcification") == "acid"),
            ("not_decalcified", pl.col("decalcification") == "none"),
        ),
        reading=Text("Very lytic has no threshold: radiographic type lytic, with soft-tissue extension.", "« Très lytique » n'a pas de seuil : type radiologique lytique, avec extension aux parties molles."),
    ),
    # Scintigraphy is optional in the initial work-up.
    Recommendation(
        id="G1-2-09", grain=Grain.SUSPICION, domain=Domain.IMAGING, strength=Strength.OPTIONAL, source=Source(G1, "2"),
        title=Text("Bone scintigraphy in the initial work-up: optional", "Scintigraphie osseuse au bilan initial : optionnelle"),
        population=Text("initial work-ups without an FDG-PET before the scintigraphy", "bilans initiaux sans TEP au FDG avant la scintigraphie"),
        action=Text("the choice is left; what was done is reported", "le choix est libre ; ce qui a été fait est relevé"),
        applies=~pl.col("workup_pet_before"), met=None,
        judged_on=("workup_pet_before", "workup_scintigraphy"),
        vocabulary=V.IMAGING, recommended=("bone_scintigraphy", "none"),
        given=V.chosen(("bone_scintigraphy", pl.col("workup_scintigraphy"))),
        reading=Text(f"Initial work-up: from the suspicion to the first treatment, at most {P.WORKUP_AFTER_DIAGNOSIS} days after the diagnosis (P02).", f"Bilan initial : de la suspicion au premier traitement, au plus {P.WORKUP_AFTER_DIAGNOSIS} jours après le diagnostic (P02)."),
    ),
)  # fmt: skip
