"""Interventional radiology: decision, preparation, techniques (G1 3.6, 3.6.1, 3.6.2). Indications of cement: cementoplasty.py."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least
from .limb_surgery import SCORED_BONES

_technique, _category = pl.col("procedure_technique"), pl.col("category")
_intent, _pain, _bone = pl.col("procedure_intent"), pl.col("pain_mechanism"), pl.col("bone")
_ablation, _consolidation = pl.col("ablation"), pl.col("consolidation")
_cementoplasty, _puncture = pl.col("cementoplasty"), pl.col("puncture")
_tests = pl.col("pt_inr_tested"), pl.col("aptt_tested"), pl.col("platelets_tested")
_infected = pl.col("infection_puncture_site"), pl.col("sepsis_uncontrolled")
_fractured = pl.col("fracture_treated")
_radiology = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.INTERVENTIONAL)
_procedure = partial(_radiology, source=Source(G1, "3.6.1"))
_given = V.given(
    ("ablation_and_consolidation", _ablation & _consolidation),
    ("ablation", _ablation),
    ("consolidation", _consolidation),
    ("other", pl.lit(True)),
)
PALLIATIVE = ("palliative", "pain")
FOR_SYMPTOMS = (*PALLIATIVE, "fracture", "decompression", "consolidation")
PROXIMAL_FEMUR = ("head", "neck", "trochanteric", "subtrochanteric", "proximal_end")
NO_RULE_FOR_SCREWS = (
    "clavicle",
    "scapula",
    "sternum",
    "rib",
    "skull",
    "patella",
    "phalanx",
    "carpus",
    "tarsus",
    "sacrum",
)

RULES = (
    # Curative: ablation and consolidation together.
    _radiology(
        id="G1-3.6-01", strength=Strength.PERMISSIVE, source=Source(G1, "3.6"),
        title=Text("Curative intent: ablation with consolidation", "Visée curative : ablation et consolidation"),
        population=Text("interventional radiology procedures of curative intent", "gestes de radiologie interventionnelle à visée curative"),
        action=Text(f"ablation and consolidation by cement, screws or nail, together or within {P.LINKED_SESSION} days", f"ablation et consolidation par ciment, vis ou clou, dans la même séance ou à {P.LINKED_SESSION} jours d'intervalle au plus"),
        applies=(_category == "interventional_radiology") & (_intent == "curative"),
        met=(_ablation | pl.col("ablation_linked")) & (_consolidation | pl.col("consolidation_linked")),
        due=pl.col("linked_session_due"), observed=("procedures",),
        judged_on=("procedure_intent", "procedure_technique", "ablation", "consolidation", "ablation_linked", "consolidation_linked", "load_bearing", "bone_loss_major"),
        vocabulary=V.INTERVENTIONAL, recommended=("ablation_and_consolidation",), given=_given,
        exceptions=(
            Ground("not_load_bearing", ~pl.col("load_bearing"), Text("the zone bears no weight", "zone non portante")),
            Ground("no_bone_loss", ~pl.col("bone_loss_major"), Text("no major bone loss", "pas de perte osseuse majeure")),
        ),
        reading=Text("Taken literally even a rib needs cement: a zone that bears no weight, or no major bone loss, is accepted. Bones of the chest, the skull and the upper limb bear none unless recorded. Two sessions count as one by reading.", "À la lettre, même une côte devrait être cimentée : une zone non portante ou l'absence de perte osseuse majeure est acceptée. Les os du thorax, du crâne et du membre supérieur ne sont pas portants, sauf mention contraire. Deux séances comptent pour une par lecture."),
    ),
    # Palliative: ablation for inflammatory pain, consolidation for mechanical pain.
    _radiology(
        id="G1-3.6-02", strength=Strength.PERMISSIVE, source=Source(G1, "3.6"),
        title=Text("Palliative intent: technique by the mechanism of the pain", "Visée palliative : technique selon le mécanisme de la douleur"),
        population=Text("palliative interventional radiology procedures for inflammatory, mechanical or mixed pain", "gestes de radiologie interventionnelle palliatifs pour une douleur inflammatoire, mécanique ou mixte"),
        action=Text("ablation for inflammatory pain, consolidation for mechanical pain, either for mixed pain", "ablation si la douleur est inflammatoire, consolidation si elle est mécanique, l'une ou l'autre si elle est mixte"),
        applies=(_category == "interventional_radiology") & _intent.is_in(PALLIATIVE) & _pain.is_in(["inflammatory", "mechanical", "mixed"]),
        met=pl.when(_pain == "inflammatory").then(_ablation).when(_pain == "mechanical").then(_consolidation).otherwise(_ablation | _consolidation),
        judged_on=("procedure_intent", "pain_mechanism", "procedure_technique", "ablation", "consolidation"),
        vocabulary=V.INTERVENTIONAL, recommended=("ablation", "consolidation", "ablation_and_consolidation"), given=_given,
        reading=Text("Palliative: intent palliative or pain. Mixed pain: either. Neuropathic pain is not covered.", "Palliatif : intention palliative ou douleur. Douleur mixte : l'une ou l'autre. La douleur neuropathique n'est pas couverte."),
    ),
    # Cement goes in through the skin, under fluoroscopy or CT.
    _procedure(
        id="G1-3.6.1-01", strength=Strength.PERMISSIVE,
        title=Text("Cementoplasty through the skin, guided by imaging", "Cimentoplastie percutanée guidée par l'imagerie"),
        population=Text("cementoplasties", "cimentoplasties"),
        action=Text("percutaneous approach, guided by fluoroscopy, CT or both", "voie percutanée, sous scopie, scanner ou les deux"),
        applies=_cementoplasty,
        met=pl.col("guidance").is_in(["fluoroscopy", "ct", "both"]) & (pl.col("approach") == "percutaneous"),
        judged_on=("cementoplasty", "guidance", "approach"),
        vocabulary=V.GUIDANCE, recommended=("guided",),
        given=V.given(
            ("guided", pl.col("guidance").is_in(["fluoroscopy", "ct", "both"]) & (pl.col("approach") == "percutaneous")),
            ("otherwise", (pl.col("guidance") == "none") | (pl.col("approach") == "open")),
        ),
        reading=Text("A description in the text. Cement placed by a surgeon counts when the approach is percutaneous; surgical cementation does not.", "Une description dans le texte. Le ciment posé par un chirurgien compte si la voie est percutanée ; la cimentation chirurgicale ne compte pas."),
    ),
    # Kyphoplasty is rarely indicated.
    _procedure(
        id="G1-3.6.1-02", strength=Strength.PERMISSIVE,
        title=Text("Vertebroplasty rather than kyphoplasty", "Vertébroplastie plutôt que kyphoplastie"),
        population=Text("vertebral augmentations", "consolidations vertébrales"),
        action=Text("vertebroplasty, with or without implant", "vertébroplastie, avec ou sans implant"),
        applies=_category.is_in(["interventional_radiology", "spinal_surgery"]) & pl.col("bone").is_in(["vertebra", "sacrum"])
        & _technique.is_in(["vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty"]),
        met=_technique != "kyphoplasty",
        judged_on=("category", "bone", "procedure_technique"),
        vocabulary=V.PROCEDURE, recommended=("vertebroplasty",),
        given=V.given(("kyphoplasty", _technique == "kyphoplasty"), ("vertebroplasty", _technique.is_not_null())),
    ),
    # Decided in an MDT meeting, with interventional radiologists.
    _procedure(
        id="G1-3.6.1-03", strength=Strength.BINDING,
        title=Text("Interventional radiology decided by the MDT with an interventional radiologist", "Radiologie interventionnelle décidée en RCP avec un radiologue interventionnel"),
        population=Text("interventional radiology procedures", "gestes de radiologie interventionnelle"),
        action=Text("MDT meeting with an interventional radiologist in the 60 days before", "RCP avec un radiologue interventionnel dans les 60 jours précédents"),
        applies=_category == "interventional_radiology",
        met=pl.col("mdt_with_ir"),
        late=pl.col("mdt_with_ir_too_early"),
        judged_on=("mdt_with_ir", "mdt_before_date"),
        vocabulary=V.MEETING, recommended=("mdt_before",),
        given=V.given(("mdt_before", pl.col("mdt_with_ir")), ("mdt_too_early", pl.col("mdt_with_ir_too_early"))),
        reading=Text("How long before is not printed: 60 days (P14).", "L'ancienneté n'est pas imprimée : 60 jours (P14)."),
    ),
    # The lesion was shown to cause the symptoms: history, examination and imaging.
    _procedure(
        id="G1-3.6.1-04", strength=Strength.BINDING,
        title=Text("Lesion shown to cause the symptoms before the procedure", "Lésion authentifiée comme responsable des symptômes avant le geste"),
        population=Text("interventional radiology procedures for symptoms", "gestes de radiologie interventionnelle pour des symptômes"),
        action=Text(f"lesion recorded as the cause, with a clinical assessment and imaging in the {P.AUTHENTICATION} days before", f"lésion enregistrée comme responsable, avec une évaluation clinique et une imagerie dans les {P.AUTHENTICATION} jours précédents"),
        applies=(_category == "interventional_radiology") & _intent.is_in(FOR_SYMPTOMS),
        met=pl.col("lesion_authenticated") & pl.col("examined_before") & pl.col("imaged_before"),
        late=pl.col("authenticated_earlier"),
        judged_on=("procedure_intent", "lesion_authenticated", "examined_before", "imaged_before", "cementoplasty", "coded_preventive"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("lesion_authenticated") & pl.col("examined_before") & pl.col("imaged_before")),
            ("other_time", pl.col("authenticated_earlier")),
            ("partly", pl.col("lesion_authenticated") | pl.col("examined_before") | pl.col("imaged_before")),
        ),
        exceptions=(
            Ground("preventive_consolidation", _cementoplasty & pl.col("coded_preventive"), Text("preventive consolidation", "consolidation préventive")),
        ),
        ambers=(
            Ground("examinations_not_found", pl.col("lesion_authenticated").fill_null(True) & ~pl.col("authenticated_earlier"), Text("clinical assessment or imaging not found", "évaluation clinique ou imagerie non retrouvée")),
        ),
        reading=Text("For symptoms: any intent but preventive or curative. How long before is not printed. Imaging is of the lesion, or aimed at none. Discordant only where the lesion is recorded as not shown to be the cause.", "Pour des symptômes : toute intention sauf préventive ou curative. L'ancienneté n'est pas imprimée. Discordant seulement si la lésion est enregistrée comme non authentifiée. L'imagerie porte sur la lésion, ou n'en vise aucune."),
    ),
    # Coagulation is tested before.
    _procedure(
        id="G1-3.6.1-11", strength=Strength.BINDING,
        title=Text("Coagulation tests before the procedure", "Bilan de coagulation avant le geste"),
        population=Text("percutaneous interventional radiology procedures and cementoplasties", "gestes percutanés de radiologie interventionnelle et cimentoplasties"),
        action=Text(f"PT or INR, aPTT and platelets in the {P.COAGULATION} days before", f"TP ou INR, TCA et plaquettes dans les {P.COAGULATION} jours précédents"),
        applies=_puncture, met=_tests[0] & _tests[1] & _tests[2],
        late=pl.col("coagulation_earlier"),
        judged_on=("puncture", "pt_inr_tested", "aptt_tested", "platelets_tested"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", _tests[0] & _tests[1] & _tests[2]), ("partly", _tests[0] | _tests[1] | _tests[2]), ("other_time", pl.col("coagulation_earlier"))),
        ambers=(
            Ground("part_of_the_panel", _tests[0] | _tests[1] | _tests[2], Text("part of the panel was tested", "une partie du bilan a été faite")),
        ),
        reading=Text(f"Neither the panel nor its age is printed: PT or INR, aPTT and platelets, no older than {P.COAGULATION} days (P21); some of them, or older tests, are to be justified. Printed for cementoplasty, read for every procedure through the skin.", f"Ni la composition du bilan ni son ancienneté ne sont imprimées : TP ou INR, TCA et plaquettes de {P.COAGULATION} jours au plus (P21) ; un bilan partiel ou plus ancien est à justifier. Imprimé pour la cimentoplastie, lu pour tout geste percutané."),
    ),
    # Anticoagulants and antiplatelet drugs are managed before.
    _procedure(
        id="G1-3.6.1-12", strength=Strength.PERMISSIVE,
        title=Text("Anticoagulants and antiplatelet drugs managed before the procedure", "Gestion des anticoagulants et antiagrégants avant le geste"),
        population=Text("percutaneous interventional radiology procedures and cementoplasties in patients on these drugs", "gestes percutanés de radiologie interventionnelle et cimentoplasties chez les patients sous ces médicaments"),
        action=Text("stop, bridging or continuation recorded for each drug", "arrêt, relais ou poursuite enregistré pour chaque médicament"),
        applies=_puncture & pl.col("antithrombotic"), met=pl.col("antithrombotic_managed"),
        judged_on=("puncture", "antithrombotic", "antithrombotic_managed"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("antithrombotic_managed"))),
        reading=Text(f"What is judged is the record of a decision; a decision that is not recorded is to be justified, never a fault. A drug stopped for the procedure in the {P.ANTITHROMBOTIC_STOPPED} days before is one of them. Intervals are not printed.", f"Est jugée la trace d'une décision ; une décision non enregistrée est à justifier, jamais une faute. Un médicament arrêté pour le geste dans les {P.ANTITHROMBOTIC_STOPPED} jours précédents en fait partie. Les délais ne sont pas imprimés."),
    ),
    # No cementoplasty with an infected puncture site or a sepsis unexplained or not controlled.
    _procedure(
        id="G1-3.6.1-13", strength=Strength.BINDING,
        title=Text("No cementoplasty with an infection", "Pas de cimentoplastie en cas d'infection"),
        population=Text("cementoplasties", "cimentoplasties"),
        action=Text("no infection at the puncture site, and no sepsis unexplained or not controlled", "pas d'infection au point de ponction, ni de sepsis d'origine indéterminée ou non contrôlé"),
        applies=_cementoplasty, met=~_infected[0] & ~_infected[1],
        judged_on=("cementoplasty", "infection_puncture_site", "sepsis_uncontrolled"),
        vocabulary=V.INTERVENTIONAL, recommended=("none",), given=_given,
        do_not=True, excusable=False, at_risk=Risk("clinical_assessments", _infected[0] | _infected[1], Text("patients with such an infection", "patients présentant une telle infection")),
        reading=Text(f"As last recorded in the {P.STATE} days before (P18).", f"Dernier état enregistré dans les {P.STATE} jours précédents (P18)."),
    ),
    # Cement alone does not control the tumour.
    _procedure(
        id="G1-3.6.1-14", strength=Strength.PERMISSIVE,
        title=Text("No cementoplasty alone to control the tumour", "Pas de cimentoplastie seule pour le contrôle tumoral"),
        population=Text("cementoplasties without ablation in the same session", "cimentoplasties sans ablation dans la même séance"),
        action=Text("an intent other than curative", "une visée autre que curative"),
        applies=_cementoplasty & ~_ablation, met=_intent != "curative",
        judged_on=("cementoplasty", "ablation", "procedure_intent", "ablation_linked", "course_around"),
        vocabulary=V.INTERVENTIONAL, recommended=("ablation_and_consolidation",), given=_given, do_not=True,
        exceptions=(
            Ground("ablation_in_another_session", pl.col("ablation_linked"), Text("ablation in another session", "ablation dans une autre séance")),
            Ground("radiotherapy_of_the_lesion", pl.col("course_around"), Text("radiotherapy of the lesion", "radiothérapie de la lésion")),
        ),
        reading=Text(f"Ablation within {P.LINKED_SESSION} days, or radiotherapy within {P.CEMENT_RADIOTHERAPY} days, before or after, belongs to the procedure.", f"Une ablation dans les {P.LINKED_SESSION} jours ou une radiothérapie dans les {P.CEMENT_RADIOTHERAPY} jours, avant ou après, est rattachée au geste."),
    ),
    # Not cementoplasty alone for a long bone that is about to break.
    _procedure(
        id="G1-3.6.1-15", strength=Strength.BINDING,
        title=Text("No cementoplasty alone of a weight-bearing long bone about to break", "Pas de cimentoplastie seule d'un os long porteur pré-fracturaire"),
        population=Text("cementoplasties of the femur or tibia in a weight-bearing zone", "cimentoplasties du fémur ou du tibia en zone portante"),
        action=Text("lesion not about to break, or combined with percutaneous fixation", "lésion non pré-fracturaire, ou fixation percutanée associée"),
        applies=_category.is_in(["interventional_radiology", "orthopaedic_surgery"]) & (_technique == "cementoplasty") & pl.col("bone").is_in(["femur", "tibia"]) & pl.col("weight_bearing"),
        met=pl.col("combined_fixation") | ~pl.col("prefracture"),
        judged_on=("procedure_lesion", "procedure_technique", "bone", "prefracture", "combined_fixation"),
        vocabulary=V.PROCEDURE, recommended=("cementoplasty_with_fixation",),
        given=V.given(("cementoplasty_with_fixation", pl.col("combined_fixation")), ("cementoplasty_alone", pl.lit(True))),
        reading=Text("About to break: Mirels of 9 or more, or an impending fracture, in the 60 days before.", "Pré-fracturaire : Mirels de 9 ou plus, ou fracture imminente, dans les 60 jours précédents."),
    ),
    # More soft tissue than bone: ablation.
    _procedure(
        id="G1-3.6.1-16", strength=Strength.PERMISSIVE,
        title=Text("Mainly soft tissue: ablation", "Atteinte surtout des parties molles : ablation"),
        population=Text("cementoplasties and ablations of a lesion that involves soft tissue more than bone", "cimentoplasties et ablations d'une lésion touchant davantage les parties molles que l'os"),
        action=Text(f"ablation, with or without cement, in the session or within {P.LINKED_SESSION} days", f"ablation, avec ou sans ciment, dans la même séance ou à {P.LINKED_SESSION} jours d'intervalle au plus"),
        applies=(_cementoplasty | _ablation) & (pl.col("soft_tissue_extension") == "predominant"),
        met=_ablation | pl.col("ablation_linked"),
        due=pl.col("linked_session_due"), observed=("procedures",),
        judged_on=("cementoplasty", "ablation", "soft_tissue_extension", "ablation_linked"),
        vocabulary=V.INTERVENTIONAL, recommended=("ablation", "ablation_and_consolidation"), given=_given,
        reading=Text("The text also names very large lesions, without a size: only the soft-tissue part is audited.", "Le texte cite aussi les lésions très volumineuses, sans taille : seule l'atteinte des parties molles est auditée."),
    ),
    # Percutaneous screws: a lytic lesion of a broken pelvis, or of a proximal femur broken or about to break.
    _radiology(
        id="G1-3.6.2-01", strength=Strength.PERMISSIVE, source=Source(G1, "3.6.2"),
        title=Text("Percutaneous screws: broken pelvis or proximal femur at risk", "Vissage percutané : bassin fracturé ou fémur proximal à risque"),
        population=Text("percutaneous screws, except in bones that neither guideline covers", "vissages percutanés, hors os qu'aucun des deux référentiels ne couvre"),
        action=Text("lytic lesion of a fractured pelvis, or of a proximal femur that is fractured or has a Mirels score of 9 or more", "lésion lytique d'un bassin fracturé, ou d'un fémur proximal fracturé ou avec un score de Mirels de 9 ou plus"),
        applies=pl.col("percutaneous_screwing") & ~_bone.is_in(NO_RULE_FOR_SCREWS),
        met=(pl.col("lesion_type") == "lytic")
        & (((_bone == "pelvis") & _fractured) | ((_bone == "femur") & pl.col("segment").is_in(PROXIMAL_FEMUR) & (_fractured | at_least("mirels", 9)))),
        judged_on=("procedure_lesion", "percutaneous_screwing", "bone", "lesion_type", "segment", "fracture_treated", "mirels_min", "mirels_max"),
        vocabulary=V.SCREWING_SITE, recommended=("none",), do_not=True,
        given=V.given(("pelvis", pl.col("percutaneous_screwing") & (_bone == "pelvis")), ("femur", pl.col("percutaneous_screwing") & (_bone == "femur")), ("other", pl.col("percutaneous_screwing"))),
        exceptions=(
            Ground("option_for_a_long_bone", _bone.is_in(SCORED_BONES) & at_least("mirels", 9), Text("long bone with a Mirels score of 9 or more: an option of G1 3.5.2", "os long avec un score de Mirels de 9 ou plus : une option de G1 3.5.2")),
        ),
        reading=Text("The sentence has no verb. Mirels over 8 is read for an unfractured proximal femur only: the score has no class for the pelvis and none for a broken bone (C05).", "La phrase n'a pas de verbe. Le Mirels supérieur à 8 n'est lu que pour un fémur proximal non fracturé : le score ne connaît ni le bassin ni l'os fracturé (C05)."),
    ),
    # Percutaneous screws may stabilise a fracture of the pelvis.
    Recommendation(
        id="G1-3.6.2-02", grain=Grain.LESION_ASSESSMENT, domain=Domain.INTERVENTIONAL, strength=Strength.OPTIONAL, source=Source(G1, "3.6.2"),
        title=Text("Pathological fracture of the pelvis: screws, surgery or neither", "Fracture pathologique du bassin : vissage, chirurgie ou aucun des deux"),
        population=Text("pathological fractures of the pelvis", "fractures pathologiques du bassin"),
        action=Text(f"percutaneous screws, surgery or conservative treatment in the {P.FRACTURE_SURGERY} days after", f"vissage percutané, chirurgie ou traitement conservateur dans les {P.FRACTURE_SURGERY} jours"),
        applies=(_bone == "pelvis") & (pl.col("fracture_status") == "pathological_fracture"), met=None,
        judged_on=("fracture_status", "pelvis_screwed", "pelvis_operated", "pelvis_other_interventional"),
        vocabulary=V.PELVIC_FRACTURE, recommended=("percutaneous_screws", "surgery", "other_interventional", "none"),
        given=V.chosen(("percutaneous_screws", pl.col("pelvis_screwed")), ("surgery", pl.col("pelvis_operated")), ("other_interventional", pl.col("pelvis_other_interventional"))),
        reading=Text("Screws are for fractures of which surgery would ask too much; that judgement is not recorded.", "Le vissage s'adresse aux fractures pour lesquelles une chirurgie serait trop invasive ; ce jugement n'est pas enregistré."),
    ),
)  # fmt: skip
