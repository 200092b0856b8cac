"""Around an operation: imaging before it, aetiology, embolisation, prophylaxis, follow-up, restart (G1 3.7.1, 3.7.3; G2 3, 5).

Imaging before surgery belongs to the domain of imaging, everything else to perioperative care. G2 is about limbs: its members of a
duplicate group are measures of their own, on operations of a limb.
"""

from functools import partial
from typing import Any

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, G2, Source, Text

from . import parameters as P
from . import vocabularies as V
from .limb_surgery import LIMB_BONES

LOWER_LIMB_BONES = ("femur", "tibia", "fibula", "patella", "tarsus", "metatarsal")

_surgery = pl.col("surgery")
_orthopaedic = pl.col("category") == "orthopaedic_surgery"
_on_limb = pl.col("bone").is_in(list(LIMB_BONES))
_limb = _orthopaedic & _on_limb
_limb_or_pelvis = _orthopaedic & pl.col("bone").is_in([*LIMB_BONES, "pelvis"])
_suspected = pl.col("hypervascular_suspected")
_radiographs = pl.col("centred_radiograph") & pl.col("whole_bone_radiograph") & pl.col("joints_radiograph")
_ct, _ct_found = pl.col("bone_window_ct"), pl.col("bone_window_ct_found")
_angiography, _embolised = pl.col("angiography"), pl.col("embolised_before")
_biopsy = pl.col("biopsy_before")
_workup = pl.col("protein_electrophoresis") & pl.col("trunk_ct")
_doubt = ~pl.col("aetiology_certain")
_hours = pl.col("antibiotic_hours")
_days = pl.col("days_since_surgery")

_of_operations = Text("operations on a bone metastasis", "interventions chirurgicales sur une métastase osseuse")
_of_limbs = Text("operations on a metastasis of a limb", "interventions sur une métastase d'un membre")
_of_limbs_and_pelvis = Text("operations on a metastasis of a limb or of the pelvis", "interventions sur une métastase d'un membre ou du bassin")  # fmt: skip
_imaging_reading = Text(
    f"How long before is not printed: {P.PREOP_IMAGING} days, the day itself included (P13). An examination without lesion may be of the lesion operated, unless its region is another.",
    f"L'ancienneté n'est pas imprimée : {P.PREOP_IMAGING} jours, jour même compris (P13). Un examen sans lésion renseignée peut concerner la lésion opérée, sauf si sa région est autre.",
)

_procedure = partial(Recommendation, grain=Grain.PROCEDURE)
_imaging = partial(_procedure, domain=Domain.IMAGING)
_perioperative = partial(_procedure, domain=Domain.PERIOPERATIVE)
_line = partial(Recommendation, grain=Grain.SYSTEMIC_LINE, domain=Domain.PERIOPERATIVE)


def _care(done: pl.Expr, other_time: pl.Expr | None = None, partly: pl.Expr | None = None) -> dict[str, Any]:
    """Recommended and given where care is done or not."""
    parts = [("done", done), ("other_time", other_time), ("partly", partly)]
    given = V.given(*((token, part) for token, part in parts if part is not None))
    return {"vocabulary": V.CARE, "recommended": ("done",), "given": given}


_radiographs_before = partial(
    _imaging,
    strength=Strength.BINDING,
    action=Text(f"radiographs of the lesion, of the whole bone and of the adjacent joints in the {P.PREOP_IMAGING} days before", f"radiographies de la lésion, de l'os entier et des articulations adjacentes dans les {P.PREOP_IMAGING} jours précédents"),
    met=_radiographs,
    late=pl.col("radiographs_found"),
    judged_on=("procedure_lesion", "bone", "centred_radiograph", "whole_bone_radiograph", "joints_radiograph"),
    **_care(_radiographs, pl.col("radiographs_found"), pl.col("centred_radiograph") | pl.col("whole_bone_radiograph") | pl.col("joints_radiograph")),
    reading=Text(
        f"Several films may share the three. A full-length film of the legs shows the whole bone and its joints. How long before is not printed: {P.PREOP_IMAGING} days (P13).",
        f"Plusieurs clichés peuvent se partager les trois. Une pangonométrie montre l'os entier et ses articulations. L'ancienneté n'est pas imprimée : {P.PREOP_IMAGING} jours (P13).",
    ),
)  # fmt: skip
_ct_before = partial(
    _imaging,
    strength=Strength.BINDING,
    action=Text(f"CT centred on the lesion, in bone window, without contrast, in the {P.PREOP_IMAGING} days before", f"scanner centré sur la lésion, en fenêtre osseuse, non injecté, dans les {P.PREOP_IMAGING} jours précédents"),
    met=_ct,
    late=_ct_found,
    judged_on=("procedure_lesion", "bone", "bone_window_ct"),
    **_care(_ct, _ct_found, pl.col("injected_ct")),
    ambers=(
        Ground("injected_ct", pl.col("injected_ct"), Text("CT with contrast, read in bone window", "scanner injecté, lu en fenêtre osseuse")),
    ),
    reading=_imaging_reading,
)  # fmt: skip
_angiography_before = partial(
    _imaging,
    strength=Strength.BINDING,
    action=Text(f"CT angiography or arteriography in the {P.PREOP_IMAGING} days before", f"angioscanner ou artériographie dans les {P.PREOP_IMAGING} jours précédents"),
    met=_angiography | _embolised,
    late=pl.col("angiography_found"),
    judged_on=("procedure_lesion", "bone", "hypervascular_suspected", "angiography", "embolised_before"),
    **_care(_angiography | _embolised, pl.col("angiography_found")),
    reading=Text(
        f"{P.PREOP_IMAGING} days before, the day itself included (P13). An embolisation is made under arteriography.",
        f"{P.PREOP_IMAGING} jours avant, jour même compris (P13). Une embolisation se fait sous artériographie.",
    ),
)  # fmt: skip
_aetiology_before = partial(
    _perioperative,
    strength=Strength.PERMISSIVE,
    action=Text("biopsy before, or operated first after a minimal work-up", "biopsie préopératoire, ou chirurgie première après un bilan étiologique minimal"),
    met=_biopsy | _workup,
    late=pl.col("biopsy_found") | pl.col("workup_found"),
    judged_on=("procedure_lesion", "bone", "aetiology_certain", "biopsy_before", "protein_electrophoresis", "trunk_ct"),
    vocabulary=V.AETIOLOGY, recommended=("biopsy", "surgery_after_workup"),
    given=V.given(("biopsy", _biopsy), ("surgery_after_workup", _workup)),
    reading=Text(
        f"The biopsy is an option; to be justified is an operation in doubt with neither biopsy ({P.PREOP_BIOPSY} days) nor minimal work-up ({P.PREOP_WORKUP} days). Urgency that is not recorded is none (P17).",
        f"La biopsie est une option ; est à justifier une chirurgie dans le doute sans biopsie ({P.PREOP_BIOPSY} jours) ni bilan minimal ({P.PREOP_WORKUP} jours). Une urgence non renseignée n'en est pas une (P17).",
    ),
)  # fmt: skip
_antibiotics_around = partial(
    _perioperative,
    strength=Strength.PERMISSIVE,
    action=Text(f"prophylaxis of {P.ANTIBIOTICS} hours ({P.ANTIBIOTICS_LEAST} to {P.ANTIBIOTICS_MOST})", f"prophylaxie de {P.ANTIBIOTICS} heures ({P.ANTIBIOTICS_LEAST} à {P.ANTIBIOTICS_MOST})"),
    met=(_hours >= P.ANTIBIOTICS_LEAST) & (_hours <= P.ANTIBIOTICS_MOST),
    judged_on=("procedure_lesion", "bone", "antibiotic_hours", "early_sepsis", "sepsis_uncontrolled"),
    vocabulary=V.ANTIBIOTICS, recommended=("two_days",),
    given=V.given(("shorter", _hours < P.ANTIBIOTICS_LEAST), ("two_days", _hours <= P.ANTIBIOTICS_MOST), ("longer", _hours <= P.ANTIBIOTICS_OVERUSE), ("overuse", _hours > P.ANTIBIOTICS_OVERUSE)),
    exceptions=(
        Ground("infection_treated", pl.col("early_sepsis") | pl.col("sepsis_uncontrolled"), Text("an infection is treated", "infection en cours de traitement")),
    ),
    reading=Text(
        f"{P.ANTIBIOTICS} hours within {P.ANTIBIOTICS_LEAST} to {P.ANTIBIOTICS_MOST}; over {P.ANTIBIOTICS_OVERUSE} is overuse. Infection: sepsis in the {P.EARLY_COMPLICATION} days after, or uncontrolled before.",
        f"{P.ANTIBIOTICS} heures : de {P.ANTIBIOTICS_LEAST} à {P.ANTIBIOTICS_MOST} ; au-delà de {P.ANTIBIOTICS_OVERUSE}, excès. Infection : sepsis dans les {P.EARLY_COMPLICATION} jours suivants, ou non contrôlé avant.",
    ),
)  # fmt: skip
_restart = partial(
    _line,
    vocabulary=V.RESTART, recommended=("from_day_21",),
    given=V.given(("before_day_15", _days < P.RESTART_URGENT), ("day_15_to_20", _days < P.RESTART), ("from_day_21", _days >= P.RESTART)),
)  # fmt: skip
_after_limb = pl.col("surgery_before") & pl.col("operation_on_limb")
_early_conditions = pl.col("urgent_line") & pl.col("healed_at_start") & pl.col("surgeon_agreed")

RULES = (
    # Radiographs of the lesion, of the bone and of its joints before surgery.
    _radiographs_before(
        id="G1-3.7.1-01", source=Source(G1, "3.7.1"),
        title=Text("Radiographs before an operation of limb or pelvis", "Radiographies avant chirurgie d'un membre ou du bassin"),
        population=_of_limbs_and_pelvis, applies=_limb_or_pelvis,
    ),
    # CT of the lesion in bone window without contrast before surgery.
    _ct_before(
        id="G1-3.7.1-02", source=Source(G1, "3.7.1"),
        title=Text("Bone-window CT before an operation of limb or pelvis", "Scanner en fenêtre osseuse avant chirurgie d'un membre ou du bassin"),
        population=_of_limbs_and_pelvis, applies=_limb_or_pelvis,
    ),
    # Angiography where the lesion may be hypervascular.
    _angiography_before(
        id="G1-3.7.1-03", source=Source(G1, "3.7.1"),
        title=Text("Angiography before surgery of a lesion that may be hypervascular", "Angiographie avant chirurgie d'une lésion suspecte d'hypervascularisation"),
        population=Text("operations on a lesion suspected of hypervascularity", "interventions sur une lésion suspecte d'hypervascularisation"),
        applies=_surgery & _suspected,
    ),
    # An embolisation may then be needed.
    _perioperative(
        id="G1-3.7.1-04", strength=Strength.OPTIONAL, source=Source(G1, "3.7.1"),
        title=Text("Embolisation before surgery of a lesion that may be hypervascular", "Embolisation avant chirurgie d'une lésion suspecte d'hypervascularisation"),
        population=Text("operations on a lesion suspected of hypervascularity", "interventions sur une lésion suspecte d'hypervascularisation"),
        action=Text("embolisation before, or none", "embolisation préopératoire, ou non"),
        applies=_surgery & _suspected, met=None,
        judged_on=("procedure_lesion", "hypervascular_suspected", "embolised_before"),
        vocabulary=V.EMBOLISATION, recommended=("embolisation", "none"), given=V.chosen(("embolisation", _embolised)),
        reading=Text(f"It may be needed: an option, counted. Embolisation of the lesion in the {P.PREOP_EMBOLISATION} days before.", f"Elle peut être nécessaire : une option, comptée. Embolisation de la lésion dans les {P.PREOP_EMBOLISATION} jours précédents."),
    ),
    # MRI of the whole spine before an operation on the spine.
    _imaging(
        id="G1-3.7.1-05", strength=Strength.BINDING, source=Source(G1, "3.7.1"),
        title=Text("Whole-spine MRI before spinal surgery", "IRM du rachis entier avant chirurgie rachidienne"),
        population=Text("operations on the spine", "interventions sur le rachis"),
        action=Text(f"MRI of the whole spine in the {P.PREOP_IMAGING} days before", f"IRM du rachis entier dans les {P.PREOP_IMAGING} jours précédents"),
        applies=pl.col("category") == "spinal_surgery", met=pl.col("whole_spine_mri"),
        late=pl.col("whole_spine_mri_found"),
        judged_on=("category", "whole_spine_mri", "whole_spine_mri_date"),
        **_care(pl.col("whole_spine_mri"), pl.col("whole_spine_mri_found")),
        reading=Text(f"Operations elsewhere in a patient with a spinal metastasis are covered by G1-2-02. {P.PREOP_IMAGING} days (P13).", f"Les interventions hors rachis chez un patient avec métastase rachidienne relèvent de G1-2-02. {P.PREOP_IMAGING} jours (P13)."),
    ),
    # Urgent surgery and a doubt about the aetiology: a biopsy first may be indicated.
    _aetiology_before(
        id="G1-3.7.1-06", source=Source(G1, "3.7.1"),
        title=Text("Doubt about the aetiology before urgent surgery", "Doute étiologique avant une chirurgie urgente"),
        population=Text("urgent operations on a lesion of uncertain aetiology", "interventions urgentes sur une lésion d'étiologie incertaine"),
        applies=_surgery & pl.col("urgent_operation") & _doubt,
    ),
    # The route of the biopsy may be agreed by the MDT, so that its track can be removed.
    _perioperative(
        id="G1-3.7.1-07", strength=Strength.OPTIONAL, source=Source(G1, "3.7.1"),
        title=Text("Route of a biopsy before surgery agreed by the MDT", "Abord de la biopsie préopératoire convenu en RCP"),
        population=Text(f"biopsies of a lesion that is operated in the {P.PREOP_BIOPSY} days after", f"biopsies d'une lésion opérée dans les {P.PREOP_BIOPSY} jours suivants"),
        action=Text(f"route agreed by an MDT meeting in the {P.MDT_BEFORE} days before, or not", f"abord convenu en RCP dans les {P.MDT_BEFORE} jours précédents, ou non"),
        applies=pl.col("biopsy") & pl.col("operated_after_biopsy"), met=None,
        judged_on=("procedure_lesion", "operated_after_biopsy", "route_agreed"),
        vocabulary=V.BIOPSY_ROUTE, recommended=("route_agreed", "none"), given=V.chosen(("route_agreed", pl.col("route_agreed"))),
        reading=Text("It may be agreed: an option, counted.", "Il pourra être convenu : une option, comptée."),
    ),
    # Operated first in doubt: after a protein electrophoresis and a CT of the trunk.
    _perioperative(
        id="G1-3.7.1-08", strength=Strength.PERMISSIVE, source=Source(G1, "3.7.1"),
        title=Text("Minimal aetiological work-up before a first operation", "Bilan étiologique minimal avant une chirurgie première"),
        population=Text("operations without biopsy on a lesion of uncertain aetiology", "interventions sans biopsie préalable sur une lésion d'étiologie incertaine"),
        action=Text(f"protein electrophoresis and CT of chest, abdomen and pelvis in the {P.PREOP_WORKUP} days before", f"électrophorèse des protéines et scanner thoraco-abdomino-pelvien dans les {P.PREOP_WORKUP} jours précédents"),
        applies=_surgery & _doubt & ~_biopsy, met=_workup,
        late=pl.col("workup_found"),
        judged_on=("procedure_lesion", "aetiology_certain", "biopsy_before", "protein_electrophoresis", "trunk_ct"),
        **_care(_workup, pl.col("workup_found"), pl.col("protein_electrophoresis") | pl.col("trunk_ct")),
        reading=Text(f"Operated first: no biopsy of the lesion in the {P.PREOP_BIOPSY} days before, as G2 3 has it. A whole-body CT counts.", f"Chirurgie première : pas de biopsie de la lésion dans les {P.PREOP_BIOPSY} jours précédents, comme en G2 3. Un scanner corps entier compte."),
    ),
    # Antibiotic prophylaxis goes on for 48 hours.
    _antibiotics_around(
        id="G1-3.7.3-01", source=Source(G1, "3.7.3"),
        title=Text("Antibiotic prophylaxis for 48 hours", "Antibioprophylaxie pendant 48 heures"),
        population=_of_operations, applies=_surgery,
    ),
    # A protocol of anticoagulation.
    _perioperative(
        id="G1-3.7.3-02", strength=Strength.PERMISSIVE, source=Source(G1, "3.7.3"),
        title=Text("Anticoagulation around an operation", "Anticoagulation périopératoire"),
        population=_of_operations,
        action=Text("anticoagulation protocol prescribed", "protocole d'anticoagulation prescrit"),
        applies=_surgery, met=pl.col("thromboprophylaxis_given"),
        judged_on=("category", "thromboprophylaxis_given", "early_bleeding"),
        **_care(pl.col("thromboprophylaxis_given")),
        exceptions=(
            Ground("early_bleeding", pl.col("early_bleeding"), Text("bleeding", "hémorragie")),
        ),
        reading=Text(f"Presence only: drug, dose and duration are not printed. An anticoagulant under way, or begun in the {P.ANTICOAGULANT_START} days after, counts. Bleeding: in the {P.EARLY_COMPLICATION} days after.", f"Présence seule : ni molécule, ni dose, ni durée imprimées. Compte aussi un anticoagulant en cours, ou débuté dans les {P.ANTICOAGULANT_START} jours suivants. Hémorragie : dans les {P.EARLY_COMPLICATION} jours suivants."),
    ),
    # Complete imaging before surgery of a limb.
    _imaging(
        id="G2-3-01", strength=Strength.BINDING, source=Source(G2, "3"),
        title=Text("Complete imaging before limb surgery", "Bilan d'imagerie complet avant chirurgie d'un membre"),
        population=_of_limbs,
        action=Text(f"the radiographs and the CT in the {P.PREOP_IMAGING} days before", f"radiographies et scanner dans les {P.PREOP_IMAGING} jours précédents"),
        applies=_limb, met=_radiographs & _ct,
        late=pl.col("radiographs_found") & _ct_found,
        judged_on=("procedure_lesion", "bone", "centred_radiograph", "whole_bone_radiograph", "joints_radiograph", "bone_window_ct", "urgent_operation", "procedure_intent"),
        **_care(_radiographs & _ct, pl.col("radiographs_found") & _ct_found, pl.col("centred_radiograph") | pl.col("whole_bone_radiograph") | pl.col("joints_radiograph") | _ct),
        exceptions=(
            Ground("urgent_stabilisation", pl.col("urgent_operation") & pl.col("procedure_intent").is_in(["fracture", "consolidation"]), Text("urgent stabilisation", "stabilisation en urgence")),
        ),
        reading=Text("Both G2-3-02 and G2-3-04; the full-length film of the legs is an example (G2-3-03), the whole bone a part of G2-3-02.", "G2-3-02 et G2-3-04 ; la pangonométrie est un exemple (G2-3-03), l'os entier fait partie de G2-3-02."),
    ),
    # Radiographs of the lesion, of the bone and of its joints before surgery of a limb.
    _radiographs_before(
        id="G2-3-02", source=Source(G2, "3"),
        title=Text("Radiographs before limb surgery", "Radiographies avant chirurgie d'un membre"),
        population=_of_limbs, applies=_limb,
    ),
    # For a leg, for example a full-length film.
    _imaging(
        id="G2-3-03", strength=Strength.OPTIONAL, source=Source(G2, "3"),
        title=Text("Full-length film of the legs before lower-limb surgery", "Pangonométrie avant chirurgie d'un membre inférieur"),
        population=Text("operations on a metastasis of a lower limb", "interventions sur une métastase d'un membre inférieur"),
        action=Text(f"full-length film, or radiographs of the whole bone, in the {P.PREOP_IMAGING} days before", f"pangonométrie, ou radiographies de l'os entier, dans les {P.PREOP_IMAGING} jours précédents"),
        applies=_orthopaedic & pl.col("bone").is_in(list(LOWER_LIMB_BONES)), met=None,
        judged_on=("procedure_lesion", "bone", "full_length_film", "whole_bone_radiograph"),
        vocabulary=V.LEG_FILMS, recommended=("full_length_radiograph", "whole_bone_radiographs", "none"),
        given=V.chosen(("full_length_radiograph", pl.col("full_length_film")), ("whole_bone_radiographs", pl.col("whole_bone_radiograph"))),
        reading=Text("An example of the text, not a duty: counted.", "Un exemple du texte, non une obligation : compté."),
    ),
    # CT of the lesion in bone window without contrast before surgery of a limb.
    _ct_before(
        id="G2-3-04", source=Source(G2, "3"),
        title=Text("Bone-window CT before limb surgery", "Scanner en fenêtre osseuse avant chirurgie d'un membre"),
        population=_of_limbs, applies=_limb,
    ),
    # Angiography where a lesion of a limb may be hypervascular.
    _angiography_before(
        id="G2-3-05", source=Source(G2, "3"),
        title=Text("Angiography before limb surgery of a lesion that may be hypervascular", "Angiographie avant chirurgie d'une lésion d'un membre suspecte d'hypervascularisation"),
        population=Text("operations on a lesion of a limb suspected of hypervascularity", "interventions sur une lésion d'un membre suspecte d'hypervascularisation"),
        applies=_limb & _suspected,
    ),
    # Embolisation before surgery only for a high bleeding risk.
    _perioperative(
        id="G2-3-06", strength=Strength.PERMISSIVE, source=Source(G2, "3"),
        title=Text("Embolisation before limb surgery only for a high bleeding risk", "Embolisation avant chirurgie d'un membre seulement si risque hémorragique élevé"),
        population=Text(f"embolisations of a limb lesion that is operated in the {P.PREOP_EMBOLISATION} days after", f"embolisations d'une lésion d'un membre opérée dans les {P.PREOP_EMBOLISATION} jours suivants"),
        action=Text("high bleeding risk declared", "risque hémorragique élevé déclaré"),
        applies=pl.col("embolisation") & _on_limb & pl.col("operated_after_embolisation"), met=pl.col("bleeding_risk_high"),
        judged_on=("procedure_lesion", "bone", "operated_after_embolisation", "bleeding_risk_high"),
        vocabulary=V.EMBOLISATION, recommended=("none",), do_not=True, given=V.given(("embolisation", pl.col("embolisation"))),
        reading=Text("The risk is that of the latest assessment of the lesion up to the embolisation.", "Le risque est celui de la dernière évaluation de la lésion jusqu'à l'embolisation."),
    ),
    # Urgent surgery of a limb and a doubt about the aetiology: a biopsy first may be indicated.
    _aetiology_before(
        id="G2-3-07", source=Source(G2, "3"),
        title=Text("Doubt about the aetiology before urgent limb surgery", "Doute étiologique avant une chirurgie urgente d'un membre"),
        population=Text("urgent operations on a limb lesion of uncertain aetiology", "interventions urgentes sur une lésion d'un membre d'étiologie incertaine"),
        applies=_limb & pl.col("urgent_operation") & _doubt,
    ),
    # A revealing metastasis may be operated first, after a minimal work-up, which gives the histology as well.
    _perioperative(
        id="G2-3-08", strength=Strength.PERMISSIVE, source=Source(G2, "3"),
        title=Text("Revealing metastasis of a limb operated first: work-up, then histology", "Métastase révélatrice d'un membre opérée d'emblée : bilan, puis histologie"),
        population=Text("urgent operations without biopsy on a limb lesion of uncertain aetiology, before the cancer is diagnosed", "interventions urgentes sans biopsie préalable sur une lésion d'un membre d'étiologie incertaine, avant le diagnostic du cancer"),
        action=Text(f"protein electrophoresis and CT of chest, abdomen and pelvis in the {P.PREOP_WORKUP} days before, specimen sent to pathology", f"électrophorèse des protéines et scanner thoraco-abdomino-pelvien dans les {P.PREOP_WORKUP} jours précédents, pièce opératoire adressée en anatomopathologie"),
        applies=_limb & pl.col("urgent_operation") & pl.col("revealing") & _doubt & ~_biopsy,
        met=_workup & pl.col("specimen_to_pathology"),
        late=pl.col("workup_found") & pl.col("specimen_to_pathology"),
        judged_on=("procedure_lesion", "bone", "aetiology_certain", "biopsy_before", "protein_electrophoresis", "trunk_ct", "specimen_to_pathology"),
        **_care(_workup & pl.col("specimen_to_pathology"), pl.col("workup_found") & pl.col("specimen_to_pathology"), pl.col("protein_electrophoresis") | pl.col("trunk_ct") | pl.col("specimen_to_pathology")),
        reading=Text("Revealing: the cancer is not diagnosed before the day of the operation. The text gives the two examinations as examples: never more than to be justified.", "Révélatrice : le cancer n'est pas diagnostiqué avant le jour de l'intervention. Le texte donne les deux examens en exemple : jamais plus qu'à justifier."),
    ),
    # Systemic therapy starts three weeks after surgery of a limb, on a healed wound.
    _restart(
        id="G2-3-09", strength=Strength.BINDING, source=Source(G2, "3"),
        title=Text("Systemic therapy three weeks after limb surgery, once healed", "Traitement systémique trois semaines après la chirurgie d'un membre, une fois cicatrisé"),
        population=Text(f"lines of systemic therapy started in the {P.RESTART_LOOK_BACK} days after an operation of a limb", f"lignes de traitement systémique débutées dans les {P.RESTART_LOOK_BACK} jours suivant la chirurgie d'un membre"),
        action=Text(f"day {P.RESTART} or later; from day {P.RESTART_URGENT} if urgent, healed and agreed by the surgeon", f"{P.RESTART}e jour ou après ; dès le {P.RESTART_URGENT}e jour si urgent, cicatrisé et accepté par le chirurgien"),
        applies=_after_limb,
        met=pl.when(_days < P.RESTART_URGENT).then(False).when(~pl.col("healed_at_start")).then(False).when(_days >= P.RESTART).then(True)
        .otherwise(_early_conditions),
        judged_on=("surgery_before", "operation_on_limb", "days_since_surgery", "healed_at_start", "urgent_line", "surgeon_agreed", "line_class"),
        reading=Text("The operation is the latest before the line. Radiotherapy after surgery follows G1-3.5.4-02 (C06). From day 21 on, a healing date that is not recorded is read as healed (P12).", "L'intervention est la dernière avant la ligne. La radiothérapie postopératoire relève de G1-3.5.4-02 (C06). À partir du 21e jour, une cicatrisation non datée est lue comme acquise (P12)."),
    ),
    # A first operation is weighed with the medical oncologists.
    _perioperative(
        id="G2-3-10", strength=Strength.PERMISSIVE, source=Source(G2, "3"),
        title=Text("First operation of a limb discussed with the oncologists", "Chirurgie première d'un membre discutée avec les oncologues"),
        population=Text("operations without biopsy on a limb lesion of uncertain aetiology", "interventions sans biopsie préalable sur une lésion d'un membre d'étiologie incertaine"),
        action=Text(f"MDT meeting with an oncologist, or specialist opinion, in the {P.MDT_BEFORE} days before", f"RCP avec un oncologue, ou avis spécialisé, dans les {P.MDT_BEFORE} jours précédents"),
        applies=_limb & _doubt & ~_biopsy, met=pl.col("oncologist_at_mdt") | pl.col("oncologist_opinion"),
        late=pl.col("oncologist_found"),
        judged_on=("procedure_lesion", "bone", "aetiology_certain", "biopsy_before", "oncologist_at_mdt", "oncologist_opinion"),
        **_care(pl.col("oncologist_at_mdt") | pl.col("oncologist_opinion"), pl.col("oncologist_found")),
        exceptions=(
            Ground("emergency", pl.col("emergency_operation"), Text("emergency", "urgence")),
        ),
        reading=Text(f"Medical oncology or pulmonology, which treats lung cancer as well; {P.MDT_BEFORE} days (P14). A relative emergency is the usual case of a first operation and excuses nothing.", f"Oncologie médicale, ou pneumologie, qui traite aussi le cancer bronchique ; {P.MDT_BEFORE} jours (P14). L'urgence relative est le cas habituel d'une chirurgie première et n'excuse pas."),
    ),
    # From day 15 on only in a relative emergency, healed, and with the agreement of the surgeon.
    _restart(
        id="G2-3-11", strength=Strength.BINDING, source=Source(G2, "3"),
        title=Text("Systemic therapy on day 15 to 20 after limb surgery: three conditions", "Traitement systémique du 15e au 20e jour après la chirurgie d'un membre : trois conditions"),
        population=Text(f"lines of systemic therapy started from day {P.RESTART_URGENT} to before day {P.RESTART} after an operation of a limb", f"lignes de traitement systémique débutées du {P.RESTART_URGENT}e jour à avant le {P.RESTART}e jour suivant la chirurgie d'un membre"),
        action=Text("relative oncological emergency, healed, agreed by the surgeon", "urgence oncologique relative, cicatrisation acquise, accord du chirurgien"),
        applies=_after_limb & (_days >= P.RESTART_URGENT) & (_days < P.RESTART),
        met=_early_conditions,
        judged_on=("surgery_before", "operation_on_limb", "days_since_surgery", "urgent_line", "healed_at_start", "surgeon_agreed", "line_class"),
        do_not=True,
        reading=Text("The three conditions are cumulative. Radiotherapy of these days follows G1-3.5.4-02 (C06).", "Les trois conditions sont cumulatives. La radiothérapie de ces jours relève de G1-3.5.4-02 (C06)."),
    ),
    # Close follow-up after surgery of a limb.
    _perioperative(
        id="G2-5-01", strength=Strength.PERMISSIVE, source=Source(G2, "5"),
        title=Text("Close follow-up after limb surgery", "Suivi rapproché après chirurgie d'un membre"),
        population=_of_limbs,
        action=Text(f"a visit within {P.FIRST_VISIT} days and a second within {P.SECOND_VISIT} days", f"une consultation dans les {P.FIRST_VISIT} jours et une deuxième dans les {P.SECOND_VISIT} jours"),
        applies=_limb, met=pl.col("close_follow_up"),
        due=pl.col("visits_due"), observed=("consultations",),
        late=pl.col("second_visit_date").is_not_null(),
        judged_on=("procedure_lesion", "bone", "close_follow_up", "first_visit_date", "second_visit_date"),
        **_care(pl.col("close_follow_up"), pl.col("second_visit_date").is_not_null(), pl.col("first_visit_date").is_not_null()),
        reading=Text("Close is not defined: two visits on different days (P22).", "Rapproché n'est pas défini : deux consultations à des jours différents (P22)."),
    ),
    # Antibiotic prophylaxis goes on for 48 hours after surgery of a limb.
    _antibiotics_around(
        id="G2-5-02", source=Source(G2, "5"),
        title=Text("Antibiotic prophylaxis for 48 hours in limb surgery", "Antibioprophylaxie pendant 48 heures en chirurgie d'un membre"),
        population=_of_limbs, applies=_limb,
    ),
    # Bone metastases of lung cancer usually need no embolisation before surgery.
    _perioperative(
        id="G2-5-03", strength=Strength.PERMISSIVE, source=Source(G2, "5"),
        title=Text("No embolisation before limb surgery as a rule", "Pas d'embolisation préopératoire habituelle en chirurgie d'un membre"),
        population=_of_limbs,
        action=Text(f"no embolisation of the lesion in the {P.PREOP_EMBOLISATION} days before", f"pas d'embolisation de la lésion dans les {P.PREOP_EMBOLISATION} jours précédents"),
        applies=_limb, met=~_embolised,
        judged_on=("procedure_lesion", "bone", "embolised_before", "hypervascular_shown", "bleeding_risk_high"),
        vocabulary=V.EMBOLISATION, recommended=("none",), given=V.given(("embolisation", _embolised)),
        exceptions=(
            Ground("hypervascular_at_risk", pl.col("hypervascular_shown") & pl.col("bleeding_risk_high"), Text("hypervascular lesion with a high bleeding risk", "lésion hypervascularisée à risque hémorragique élevé")),
        ),
        reading=Text("Usually: a benchmark of the cohort; hypervascularity shown and a high bleeding risk excuse (C20).", "Habituellement : un repère de cohorte ; une hypervascularisation montrée avec un risque hémorragique élevé excuse (C20)."),
    ),
    # Anticancer treatment before the soft tissue has healed raises the risk of sepsis.
    _restart(
        id="G2-5-04", strength=Strength.PERMISSIVE, source=Source(G2, "5"),
        title=Text("No systemic therapy before the soft tissue has healed", "Pas de traitement systémique avant cicatrisation des tissus mous"),
        population=Text(f"lines of systemic therapy started in the {P.RESTART_LOOK_BACK} days after an operation of a limb", f"lignes de traitement systémique débutées dans les {P.RESTART_LOOK_BACK} jours suivant la chirurgie d'un membre"),
        action=Text(f"day {P.RESTART} or later, healed; from day {P.HEALING_LONGEST} on read as healed where it is not recorded", f"{P.RESTART}e jour ou après, cicatrisation acquise ; lue comme acquise dès le {P.HEALING_LONGEST}e jour si elle n'est pas renseignée"),
        applies=_after_limb,
        met=pl.when(_days < P.RESTART).then(False).when(~pl.col("healed_at_start")).then(False).when(_days >= P.HEALING_LONGEST).then(True)
        .otherwise(pl.col("healed_at_start")),
        judged_on=("surgery_before", "operation_on_limb", "days_since_surgery", "healed_at_start", "urgent_line", "surgeon_agreed", "line_class"),
        exceptions=(
            Ground("early_restart_agreed", (_days >= P.RESTART_URGENT) & (_days < P.RESTART) & _early_conditions, Text("relative emergency, healed, agreed by the surgeon (G2-3-11)", "urgence relative, cicatrisation acquise, accord du chirurgien (G2-3-11)")),
        ),
        reading=Text("Healing takes three to four weeks: between the two it has to be recorded. Radiotherapy follows G1-3.5.4-02 and -03 (C06).", "La cicatrisation demande trois à quatre semaines : entre les deux, elle doit être renseignée. La radiothérapie relève de G1-3.5.4-02 et -03 (C06)."),
    ),
)  # fmt: skip
