"""Why a metastasis was operated, how far, and what was known before (G1 3.7; G2 1, 2.2, 2.3)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, G2, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least
from .limb_surgery import FIXED_PREVENTIVELY, LIMB_BONES

STANDARD_ARTHROPLASTIES = ("arthroplasty", "total_hip_arthroplasty")
SPINE = ("vertebra", "sacrum")

_life = pl.col("life_expectancy_days")
_surgery = pl.col("surgery")
_orthopaedic = pl.col("category") == "orthopaedic_surgery"
_limb = _orthopaedic & pl.col("bone").is_in(list(LIMB_BONES))
_long_bone = _orthopaedic & pl.col("bone").is_in(list(FIXED_PREVENTIVELY))
_intent = pl.col("procedure_intent")
_heavy = pl.col("heavy_surgery")
_standard_arthroplasty = pl.col("procedure_technique").is_in(list(STANDARD_ARTHROPLASTIES))
_fracture = pl.col("fractured") | (_intent == "fracture")
_operation = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.LIMB_SURGERY)
_surgery_type = V.chosen(
    ("resection_reconstruction", _heavy), ("arthroplasty", _standard_arthroplasty), otherwise="less_aggressive"
)

RULES = (
    # The decision to operate takes account of seven things, written in the MDT record.
    _operation(
        id="G1-3.7-02", domain=Domain.CARE_PATHWAY, strength=Strength.BINDING, source=Source(G1, "3.7"),
        title=Text("The MDT record of an operation names the seven criteria", "La fiche RCP d'une intervention cite les sept critères"),
        population=Text(f"operations on a bone metastasis discussed by the MDT in the {P.MDT_BEFORE} days before", f"interventions sur une métastase osseuse discutées en RCP dans les {P.MDT_BEFORE} jours précédents"),
        action=Text("indication, life expectancy, general condition, functional needs, expected benefit, risks and oncological plan in one record", "indication, espérance de vie, état général, besoins fonctionnels, bénéfice attendu, risques et programme oncologique dans une même fiche"),
        applies=_surgery & pl.col("mdt_before"), met=pl.col("criteria_complete"),
        judged_on=("category", "mdt_before", "criteria_complete", "mdt_criteria", "mdt_before_date"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("criteria_complete")), ("partly", pl.col("mdt_criteria") >= 1)),
        aliases=("G2-1-01",),
        reading=Text("What is judged is the record, not its content; an operation without a meeting is judged by G1-3.7-01.", "Est jugée la fiche, non son contenu ; une intervention sans RCP relève de G1-3.7-01."),
    ),
    # Six weeks to one year to live: the less aggressive techniques.
    _operation(
        id="G1-3.7-04", strength=Strength.PERMISSIVE, source=Source(G1, "3.7"),
        title=Text("Life expectancy of 6 weeks to 1 year: less aggressive surgery", "Espérance de vie de 6 semaines à 1 an : chirurgie moins agressive"),
        population=Text("operations with a life expectancy of 6 weeks to 1 year", "interventions avec une espérance de vie de 6 semaines à 1 an"),
        action=Text("osteosynthesis or stabilisation, standard arthroplasty beyond 6 months; no resection-reconstruction", "ostéosynthèse ou stabilisation, arthroplastie standard au-delà de 6 mois ; pas de résection-reconstruction"),
        applies=_surgery & (_life >= P.SIX_WEEKS) & (_life <= P.ONE_YEAR),
        met=~_heavy & ~(_standard_arthroplasty & (_life <= P.SIX_MONTHS)),
        judged_on=("category", "life_expectancy_days", "heavy_surgery", "procedure_technique", "resection_extent"),
        vocabulary=V.SURGERY_TYPE, recommended=("less_aggressive", "arthroplasty"),
        given=V.given(("resection_reconstruction", _heavy), ("arthroplasty", _standard_arthroplasty), ("less_aggressive", ~_heavy)),
        aliases=("G2-1-08",),
        reading=Text("Exactly 6 weeks and exactly 1 year are in between (P01). A mega-prosthesis and an en-bloc resection are heavy (C09).", "Exactement 6 semaines et exactement 1 an sont inclus (P01). Une méga-prothèse et une résection en bloc sont lourdes (C09)."),
    ),
    # More than one year to live: resection-reconstruction.
    _operation(
        id="G1-3.7-05", strength=Strength.OPTIONAL, source=Source(G1, "3.7"),
        title=Text("Life expectancy over 1 year: resection-reconstruction or less", "Espérance de vie de plus d'un an : résection-reconstruction ou moins"),
        population=Text("operations with a life expectancy over 1 year", "interventions avec une espérance de vie de plus d'un an"),
        action=Text("resection-reconstruction; other techniques are accepted", "résection-reconstruction ; les autres techniques sont admises"),
        applies=_surgery & (_life > P.ONE_YEAR),
        met=None,
        judged_on=("category", "life_expectancy_days", "heavy_surgery", "procedure_technique", "resection_extent"),
        vocabulary=V.SURGERY_TYPE, recommended=("resection_reconstruction", "arthroplasty", "less_aggressive"), given=_surgery_type,
        aliases=("G2-1-07",),
        reading=Text("G2 calls oncological resection rare: only the reverse, heavy surgery with one year or less, is audited (C09).", "G2 dit la résection carcinologique rare : seul l'inverse, une chirurgie lourde avec un an ou moins, est audité (C09)."),
    ),
    # Preventive surgery is for a Mirels of 9 or more.
    _operation(
        id="G1-3.7-06", strength=Strength.PERMISSIVE, source=Source(G1, "3.7"),
        title=Text("Preventive surgery at a Mirels of 9 or more", "Chirurgie préventive pour un Mirels de 9 ou plus"),
        population=Text("preventive operations on an unfractured lesion of femur, tibia or humerus", "interventions préventives sur une lésion non fracturée du fémur, du tibia ou de l'humérus"),
        action=Text("Mirels of 9 or more, or of 8 discussed by the MDT", "Mirels de 9 ou plus, ou de 8 discuté en RCP"),
        applies=_long_bone & (_intent == "preventive") & ~pl.col("fractured"),
        met=at_least("mirels", 9) | (at_least("mirels", 8) & pl.col("mdt_before")),
        judged_on=("procedure_lesion", "procedure_intent", "fractured", "mirels_min", "mirels_max", "mdt_before", "limiting_pain"),
        vocabulary=V.SURGICAL_INDICATION, recommended=("fracture_risk",),
        given=V.given(("fracture_risk", at_least("mirels", 9) | (at_least("mirels", 8) & pl.col("mdt_before"))), ("prevention", pl.lit(True))),
        exceptions=(
            Ground("limiting_pain", pl.col("limiting_pain"), Text("mechanical pain, pain on loading or disabling pain (G2 2.1)", "douleur mécanique, à la charge ou invalidante (G2 2.1)")),
        ),
        reading=Text(f"Mirels of the last assessment in the {P.STATE} days before. Radius, ulna and fibula follow G2 4.1 (C21).", f"Mirels de la dernière évaluation des {P.STATE} jours précédents. Radius, ulna et fibula relèvent de G2 4.1 (C21)."),
    ),
    # Otherwise surgery treats a fracture or disabling pain.
    _operation(
        id="G1-3.7-07", strength=Strength.PERMISSIVE, source=Source(G1, "3.7"),
        title=Text("Surgery that is not preventive: fracture or disabling pain", "Chirurgie non préventive : fracture ou douleur invalidante"),
        population=Text("orthopaedic operations that are not preventive, spine excluded", "interventions orthopédiques non préventives, hors rachis"),
        action=Text("fracture, or disabling pain recorded before", "fracture, ou douleur invalidante renseignée auparavant"),
        applies=_orthopaedic & ~pl.col("bone").is_in(list(SPINE)) & (_intent != "preventive"),
        met=_fracture | pl.col("disabling_pain"),
        judged_on=("procedure_lesion", "procedure_intent", "fractured", "disabling_pain"),
        vocabulary=V.SURGICAL_INDICATION, recommended=("fracture", "disabling_pain"),
        given=V.given(("fracture", _fracture), ("disabling_pain", pl.col("disabling_pain")), ("pain", _intent == "pain"), ("other", _intent.is_not_null())),
        reading=Text("An operation recorded as for a fracture treats one. Mirels' functional pain is disabling.", "Une intervention renseignée pour fracture en traite une. La douleur handicapante de Mirels est invalidante."),
    ),
    # Post-operative radiotherapy covers the whole bone.
    _operation(
        id="G1-3.7-08", domain=Domain.RADIOTHERAPY, strength=Strength.BINDING, source=Source(G1, "3.7"),
        title=Text("Post-operative radiotherapy of the whole bone", "Radiothérapie postopératoire de toute la pièce osseuse"),
        population=Text("orthopaedic operations on a limb bone or the pelvis", "interventions orthopédiques sur un os des membres ou du bassin"),
        action=Text(f"radiotherapy of the whole bone within {P.POSTOP_RT} days", f"radiothérapie de toute la pièce osseuse dans les {P.POSTOP_RT} jours"),
        applies=_orthopaedic & pl.col("bone").is_in([*LIMB_BONES, "pelvis"]),
        met=pl.col("whole_bone_radiotherapy"),
        due=pl.col("postoperative_radiotherapy_due"), observed=("radiotherapy_courses",),
        late=pl.col("whole_bone_radiotherapy_late"),
        judged_on=("procedure_lesion", "whole_bone_radiotherapy", "postoperative_radiotherapy_date", "life_expectancy_days", "irradiated_before", "complication"),
        vocabulary=V.WHOLE_BONE, recommended=("whole_bone",),
        given=V.given(("whole_bone", pl.col("whole_bone_radiotherapy")), ("whole_bone_late", pl.col("whole_bone_radiotherapy_late")), ("other_volume", pl.col("postoperative_radiotherapy"))),
        exceptions=(
            Ground("life_expectancy_under_6_weeks", _life < P.SIX_WEEKS, Text("life expectancy under six weeks", "espérance de vie inférieure à six semaines")),
            Ground("irradiated_before", pl.col("irradiated_before"), Text("site irradiated at full dose before", "site déjà irradié à pleine dose")),
            Ground("wound_complication", pl.col("complication").is_in(["wound", "sepsis"]).fill_null(False), Text("wound complication or sepsis", "complication cicatricielle ou sepsis")),
        ),
        aliases=("G2-1-12",),
        reading=Text(f"On the spine the target is the surgical bed (C17). {P.POSTOP_RT} days, as for any radiotherapy after surgery (P11).", f"Au rachis, la cible est le lit opératoire (C17). {P.POSTOP_RT} jours, comme toute radiothérapie après chirurgie (P11)."),
    ),
    # An oncological resection is rare in this setting.
    _operation(
        id="G2-1-02", strength=Strength.OPTIONAL, source=Source(G2, "1"),
        title=Text("Oncological resection of a limb metastasis is rare", "La résection carcinologique d'une métastase des membres est rare"),
        population=Text("operations on a limb bone", "interventions sur un os des membres"),
        action=Text("a low share of oncological resections", "une faible part de résections carcinologiques"),
        applies=_limb, met=None,
        judged_on=("procedure_lesion", "oncological_resection", "resection_extent", "procedure_technique"),
        vocabulary=V.RESECTION, recommended=("oncological_resection", "other_surgery"),
        given=V.chosen(("oncological_resection", pl.col("oncological_resection")), otherwise="other_surgery"),
        reading=Text("Rare: a benchmark of the cohort without a threshold, never a fault of one case (C09).", "Rare : un repère de cohorte sans seuil, jamais une faute individuelle (C09)."),
    ),
    # Life expectancy is estimated before an operation on a limb.
    _operation(
        id="G2-1-03", strength=Strength.BINDING, source=Source(G2, "1"),
        title=Text("Life expectancy estimated before limb surgery", "Espérance de vie estimée avant une chirurgie des membres"),
        population=Text("operations on a limb bone", "interventions sur un os des membres"),
        action=Text(f"an estimate recorded in the {P.STATE} days before", f"une estimation renseignée dans les {P.STATE} jours précédents"),
        applies=_limb, met=pl.col("life_estimated"),
        late=pl.col("life_estimated_earlier"),
        judged_on=("procedure_lesion", "life_estimated", "life_expectancy_days"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("life_estimated")), ("other_time", pl.col("life_estimated_earlier"))),
        reading=Text(f"By any method; {P.STATE} days before (P18). What is judged is the record; an assessment with the cell left blank does not say that nothing was estimated.", f"Par toute méthode ; {P.STATE} jours avant (P18). Est jugé ce qui est renseigné ; une évaluation dont la cellule est vide ne dit pas que rien n'a été estimé."),
    ),
    # Surgery of a limb prevents a fracture or treats a symptom.
    _operation(
        id="G2-1-09", strength=Strength.PERMISSIVE, source=Source(G2, "1"),
        title=Text("Limb surgery prevents a fracture or treats a symptom", "La chirurgie des membres prévient une fracture ou traite un symptôme"),
        population=Text("operations on a limb bone", "interventions sur un os des membres"),
        action=Text("prevention, fracture, or pain", "prévention, fracture ou douleur"),
        applies=_limb,
        met=_intent.is_in(["preventive", "fracture", "pain"]) | pl.col("fractured") | pl.col("disabling_pain"),
        judged_on=("procedure_lesion", "procedure_intent", "fractured", "disabling_pain"),
        vocabulary=V.SURGICAL_INDICATION, recommended=("prevention", "fracture", "disabling_pain", "pain"),
        given=V.given(("prevention", _intent == "preventive"), ("fracture", _fracture), ("disabling_pain", pl.col("disabling_pain")), ("pain", _intent == "pain"), ("other", _intent.is_not_null())),
        reading=Text("The indication as recorded; the text prints no score here.", "L'indication telle que renseignée ; aucun score n'est imprimé ici."),
    ),
    # CRP rises after any operation and says little about infection.
    _operation(
        id="G2-1-10", domain=Domain.PERIOPERATIVE, strength=Strength.OPTIONAL, source=Source(G2, "1"),
        title=Text("CRP after limb surgery is a poor sign of infection", "La CRP après chirurgie des membres est un mauvais marqueur d'infection"),
        population=Text("operations on a limb bone", "interventions sur un os des membres"),
        action=Text(f"CRP and infection in the {P.CRP_AFTER_SURGERY} days after", f"CRP et infection dans les {P.CRP_AFTER_SURGERY} jours suivants"),
        applies=_limb, met=None,
        judged_on=("procedure_lesion", "crp_after", "infection_after", "complication"),
        vocabulary=V.CRP, recommended=("crp_with_infection", "crp_alone", "infection_without_crp", "none"),
        given=V.chosen(
            ("crp_with_infection", pl.col("crp_after") & pl.col("infection_after")),
            ("crp_alone", pl.col("crp_after")),
            ("infection_without_crp", pl.col("infection_after")),
        ),
        reading=Text("The registry holds no antibiotics: what was measured and found is reported, nothing is judged.", "Le registre ne contient pas d'antibiotiques : ce qui a été dosé et constaté est rapporté, rien n'est jugé."),
    ),
    # Surgery is easier before radiotherapy: the sequence belongs to the first strategy.
    _operation(
        id="G2-1-11", strength=Strength.PERMISSIVE, source=Source(G2, "1"),
        title=Text("Surgery before radiotherapy, or the sequence discussed", "Chirurgie avant radiothérapie, ou séquence discutée"),
        population=Text("operations on a lesion of femur, tibia or humerus with a Mirels score of 9 or more, unfractured, at its first local treatment", "interventions sur une lésion du fémur, du tibia ou de l'humérus, de Mirels 9 ou plus et non fracturée au premier traitement local"),
        action=Text(f"not irradiated in the {P.IRRADIATED_FIRST} days before, unless an MDT record before that names radiotherapy and surgery", f"pas d'irradiation dans les {P.IRRADIATED_FIRST} jours précédents, sauf fiche RCP antérieure citant la radiothérapie et la chirurgie"),
        applies=_long_bone & ~pl.col("first_treatment_fractured") & at_least("first_treatment_mirels", 9),
        met=~pl.col("irradiated_first") | pl.col("sequence_discussed"),
        judged_on=("procedure_lesion", "first_treatment_fractured", "first_treatment_mirels_min", "first_treatment_mirels_max", "irradiated_first", "sequence_discussed"),
        vocabulary=V.OPTIONS, recommended=("surgery_first", "both_discussed"),
        given=V.given(("surgery_first", ~pl.col("irradiated_first")), ("both_discussed", pl.col("sequence_discussed")), ("radiotherapy_first", pl.col("irradiated_first"))),
        reading=Text(f"Only lesions irradiated first although a Mirels of 9 or more asked for surgery, and operated within {P.IRRADIATED_FIRST} days.", f"Seules les lésions irradiées d'abord malgré un Mirels de 9 ou plus, puis opérées dans les {P.IRRADIATED_FIRST} jours."),
    ),
    # A resection for a fracture is no emergency: it is planned with imaging and a meeting.
    _operation(
        id="G2-2.2-04", strength=Strength.BINDING, source=Source(G2, "2.2"),
        title=Text("Oncological resection of a fractured limb is planned", "La résection carcinologique d'un membre fracturé est planifiée"),
        population=Text("oncological resections of a fractured limb lesion", "résections carcinologiques d'une lésion fracturée des membres"),
        action=Text(f"MDT meeting in the {P.MDT_BEFORE} days and CT of the lesion in the {P.FRACTURE_IMAGING} days before, not as an emergency", f"RCP dans les {P.MDT_BEFORE} jours et scanner de la lésion dans les {P.FRACTURE_IMAGING} jours précédents, hors urgence"),
        applies=_limb & _fracture & pl.col("oncological_resection"),
        met=~pl.col("emergency") & pl.col("mdt_before") & pl.col("lesion_ct_before"),
        late=~pl.col("emergency") & pl.col("planned_earlier"),
        judged_on=("procedure_lesion", "procedure_intent", "oncological_resection", "fractured", "mdt_before", "lesion_ct_before", "urgency", "mdt_before_date"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", ~pl.col("emergency") & pl.col("mdt_before") & pl.col("lesion_ct_before")),
            ("other_time", pl.col("planned_earlier")),
            ("partly", pl.col("mdt_before") | pl.col("lesion_ct_before")),
        ),
        reading=Text(f"Curative surgery of a fracture: oncological resection. CT within {P.FRACTURE_IMAGING} days (P13), meeting within {P.MDT_BEFORE} (P14); relative urgency is accepted.", f"Chirurgie curative d'une fracture : résection carcinologique. Scanner dans les {P.FRACTURE_IMAGING} jours (P13), RCP dans les {P.MDT_BEFORE} (P14) ; l'urgence relative est admise."),
    ),
    # The kind of surgery for pain depends on condition and prognosis.
    _operation(
        id="G2-2.3-02", strength=Strength.BINDING, source=Source(G2, "2.3"),
        title=Text("Limb surgery for pain: condition and prognosis known", "Chirurgie des membres pour douleur : état général et pronostic connus"),
        population=Text("operations on a limb bone for pain", "interventions sur un os des membres pour douleur"),
        action=Text(f"Karnofsky or ECOG, and life expectancy, recorded in the {P.STATE} days before", f"Karnofsky ou ECOG, et espérance de vie, renseignés dans les {P.STATE} jours précédents"),
        applies=_limb & (_intent == "pain"),
        met=pl.col("condition_estimated") & pl.col("life_estimated"),
        late=pl.col("condition_estimated_earlier") & pl.col("life_estimated_earlier"),
        judged_on=("procedure_lesion", "procedure_intent", "condition_estimated", "life_estimated", "life_expectancy_days"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("condition_estimated") & pl.col("life_estimated")),
            ("other_time", pl.col("condition_estimated_earlier") & pl.col("life_estimated_earlier")),
            ("partly", pl.col("condition_estimated") | pl.col("life_estimated")),
        ),
        reading=Text("Whether the technique fits is judged by G1-3.7-04 and G1-3.7.2-05. What is judged is the record; an assessment with the cell left blank does not say that nothing was estimated.", "L'adéquation de la technique relève de G1-3.7-04 et G1-3.7.2-05. Est jugé ce qui est renseigné ; une évaluation dont la cellule est vide ne dit pas que rien n'a été estimé."),
    ),
)  # fmt: skip
