"""The acetabulum: medical treatment or radiotherapy, then a percutaneous treatment, then surgery (G2 2.4, 4.2; S20)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G2, Source, Text

from . import parameters as P
from . import vocabularies as V

_life, _fit = pl.col("life_expectancy_days"), pl.col("fit_for_surgery")
_status = pl.col("fracture_status")
_painful = pl.col("acetabulum_painful")
_refractory, _irradiated = pl.col("pain_refractory"), pl.col("irradiated_long_before")
_compromised, _unstable = pl.col("compromised"), pl.col("hip_instability")
_technique = pl.col("procedure_technique")
_orthopaedic = pl.col("category") == "orthopaedic_surgery"
_reinforced = pl.col("acetabular_reinforcement")
_acetabular_surgery = (
    _orthopaedic & (pl.col("bone") == "pelvis") & pl.col("acetabulum_involved") & pl.col("open_technique")
)
_lesion = partial(
    Recommendation, grain=Grain.ACETABULAR_LESION, domain=Domain.LIMB_SURGERY, vocabulary=V.ACETABULUM,
    given=pl.coalesce("acetabular_act", pl.when(pl.col("radiotherapy_date").is_not_null()).then(pl.lit("radiotherapy")), pl.lit("none")),
)  # fmt: skip
_procedure = partial(
    Recommendation,
    grain=Grain.PROCEDURE,
    domain=Domain.LIMB_SURGERY,
    vocabulary=V.ACETABULUM,
    given=pl.col("acetabular_act"),
)
_first_line = (_status == "none") & _painful & ~_compromised & ~_unstable & ~_refractory & ~_irradiated
_frail_and_short = Ground(
    "frail_and_short", pl.col("fragile") & (_life < P.SIX_MONTHS),
    Text(f"frail, with less than six months ({P.SIX_MONTHS} days) to live (G2 4.2)", f"patient fragile dont l'espérance de vie est inférieure à six mois ({P.SIX_MONTHS} jours ; G2 4.2)"),
)  # fmt: skip
_infection = Ground(
    "infection", pl.col("infection_puncture_site") | pl.col("sepsis_uncontrolled"),
    Text("infection that forbids the procedure (G1 3.6.1)", "infection contre-indiquant le geste (G1 3.6.1)"),
)  # fmt: skip
_NO_PROCEDURE = ("radiotherapy", "systemic", "supportive", "surveillance")

RULES = (
    # Painful, stable, not about to break: medical treatment or radiotherapy first.
    _lesion(
        id="G2-2.4-01", strength=Strength.BINDING, source=Source(G2, "2.4"),
        title=Text("Stable painful acetabular lesion: medical treatment or radiotherapy first", "Lésion acétabulaire douloureuse stable : traitement médical ou radiothérapie d'abord"),
        population=Text("painful acetabular lesions without extensive involvement, instability, fracture or risk of one, in first line", "lésions acétabulaires douloureuses sans atteinte étendue, instabilité, fracture ni risque de fracture, en première ligne"),
        action=Text(f"no percutaneous treatment or surgery before radiotherapy in the {P.LOCAL_TREATMENT} days after", f"pas de geste percutané ni de chirurgie avant la radiothérapie dans les {P.LOCAL_TREATMENT} jours"),
        applies=_first_line,
        met=~pl.col("invasive_first"),
        judged_on=("fracture_status", "acetabulum_painful", "compromised", "hip_instability", "pain_refractory", "irradiated_long_before", "invasive_first", "acetabular_act", "radiotherapy_date", "fragile", "life_expectancy_days", "mdt_decision"),
        recommended=("medical", "radiotherapy"),
        exceptions=(_frail_and_short,),
        mdt_against=pl.col("mdt_decision").is_in(["surgery", "interventional"]),
        reading=Text(f"First line: pain that neither analgesics nor radiotherapy of {P.RADIOTHERAPY_FAILURE} days or more have failed to relieve. Medical treatment need not be recorded. Frail patients with a short life expectancy: G2-4.2-11.", f"Première ligne : ni les antalgiques ni une radiothérapie datant d'au moins {P.RADIOTHERAPY_FAILURE} jours n'ont échoué sur la douleur. Le traitement médical n'a pas à être enregistré. Patients fragiles à espérance de vie courte : G2-4.2-11."),
    ),
    # Failure of these, or a risk of fracture or instability: cementoplasty with or without screws, radiofrequency, cryotherapy.
    _lesion(
        id="G2-2.4-02", strength=Strength.BINDING, source=Source(G2, "2.4"),
        title=Text("Acetabular lesion at risk or refractory: percutaneous treatment", "Lésion acétabulaire à risque ou réfractaire : traitement percutané"),
        population=Text("unfractured acetabular lesions at risk of fracture or instability, or painful in spite of analgesics or radiotherapy", "lésions acétabulaires non fracturées à risque de fracture ou d'instabilité, ou douloureuses malgré antalgiques ou radiothérapie"),
        action=Text(f"cementoplasty with or without screws, radiofrequency or cryotherapy within {P.LOCAL_TREATMENT} days", f"cimentoplastie avec ou sans vissage, radiofréquence ou cryothérapie dans les {P.LOCAL_TREATMENT} jours"),
        applies=(_status != "pathological_fracture") & ((_status == "impending") | _compromised | _unstable | (_painful & (_refractory | _irradiated))),
        met=pl.col("step_two_done"),
        due=pl.col("acetabular_due"), observed=("procedures",),
        late=pl.col("step_two_late"),
        judged_on=("fracture_status", "compromised", "hip_instability", "acetabulum_painful", "pain_refractory", "irradiated_long_before", "step_two_done", "acetabular_act", "acetabular_surgery_date", "fit_for_surgery", "infection_puncture_site", "sepsis_uncontrolled", "radiotherapy_date", "mdt_decision"),
        recommended=("cementoplasty", "cementoplasty_with_screws", "ablation"),
        exceptions=(_infection,),
        ambers=(
            Ground("surgery_first_with_mdt", pl.col("acetabular_surgery_date").is_not_null() & pl.col("mdt_before_surgery") & _fit, Text("operated first in a fit patient, after an MDT meeting", "opéré d'emblée chez un patient en état de l'être, après RCP")),
        ),
        mdt_against=pl.col("mdt_decision").is_in(list(_NO_PROCEDURE)),
        reading=Text(f"The text gives no delay: {P.LOCAL_TREATMENT} days. Extensive involvement of roof, posterior column or medial wall is a risk of instability. Surgery first is to be justified when a meeting preceded it in a fit patient (C18).", f"Le texte ne donne pas de délai : {P.LOCAL_TREATMENT} jours. Une atteinte étendue du toit, de la colonne postérieure ou du mur médial est un risque d'instabilité. La chirurgie d'emblée est à justifier si une RCP l'a précédée chez un patient en état d'être opéré (C18)."),
    ),
    # Surgery of the acetabulum only after those have failed, in a patient fit for it.
    _procedure(
        id="G2-2.4-03", strength=Strength.BINDING, source=Source(G2, "2.4"), do_not=True,
        title=Text("Acetabular surgery only after other treatments, in a fit patient", "Chirurgie acétabulaire seulement après les autres traitements, chez un patient en état de la supporter"),
        population=Text("open operations on an acetabular lesion", "interventions chirurgicales ouvertes sur une lésion acétabulaire"),
        action=Text(f"percutaneous treatment or radiotherapy in the {P.EARLIER_TREATMENT} days before, or pain that resists analgesics, and a patient fit for surgery", f"traitement percutané ou radiothérapie dans les {P.EARLIER_TREATMENT} jours précédents, ou douleur résistant aux antalgiques, et patient en état d'être opéré"),
        applies=_acetabular_surgery,
        met=(pl.col("step_two_before") | pl.col("irradiated_in_year") | pl.col("pain_refractory")) & _fit,
        judged_on=("procedure_lesion", "acetabulum_involved", "open_technique", "fit_for_surgery", "step_two_before", "irradiated_in_year", "pain_refractory", "protrusion_risk", "femoral_lesion", "mdt_before"),
        recommended=("none",),
        exceptions=(
            Ground("with_the_femur", _fit & (pl.col("protrusion_risk") | pl.col("femoral_lesion")), Text("operated with the femur, or for a risk of protrusion (G2 4.2)", "opéré avec le fémur, ou pour un risque de protrusion (G2 4.2)")),
        ),
        ambers=(
            Ground("mdt_surgery_first", _fit & pl.col("mdt_before"), Text("operated first in a fit patient, after an MDT meeting", "opéré d'emblée chez un patient en état de l'être, après RCP")),
        ),
        reading=Text("That surgery follows is read as the failure of what came before. Fit: as recorded for surgery (C18).", "Le recours à la chirurgie est lu comme l'échec de ce qui a précédé. État : aptitude à la chirurgie enregistrée (C18)."),
    ),
    # The cup of a total hip arthroplasty stands in a metal reinforcement.
    _procedure(
        id="G2-4.2-04", strength=Strength.PERMISSIVE, source=Source(G2, "4.2"),
        title=Text("Metal reinforcement of the cup of a total hip arthroplasty", "Armature de renfort métallique d'une prothèse totale de hanche"),
        population=Text("total hip arthroplasties", "prothèses totales de hanche"),
        action=Text("acetabulum reinforced with metal", "cotyle renforcé par une armature métallique"),
        applies=_orthopaedic & (_technique == "total_hip_arthroplasty"),
        met=_reinforced,
        judged_on=("procedure_technique", "acetabular_reinforcement", "acetabulum_involved"),
        recommended=("hip_with_reinforcement",),
        exceptions=(
            Ground("acetabulum_not_involved", ~pl.col("acetabulum_involved"), Text("acetabulum not involved", "cotyle non atteint")),
        ),
        reading=Text("Asked for where the acetabulum is involved; otherwise only reported.", "Demandée si le cotyle est atteint ; sinon seulement rapportée."),
    ),
    # The acetabulum is taken into account when the hip is operated, and treated if it may break or let the head through.
    _procedure(
        id="G2-4.2-08", strength=Strength.PERMISSIVE, source=Source(G2, "4.2"),
        title=Text("Acetabulum taken into account in hip surgery", "Atteinte cotyloïdienne prise en compte dans la chirurgie de la hanche"),
        population=Text("operations of the hip with acetabular involvement", "interventions sur la hanche avec atteinte du cotyle"),
        action=Text("acetabulum treated in the same operation when the load zone may break or the head protrude", "cotyle traité dans la même intervention si la zone portante risque de se fracturer ou la tête de protruser"),
        applies=pl.col("limb_operation") & pl.col("hip") & pl.col("acetabulum_involved"),
        met=~(pl.col("protrusion_risk") | pl.col("load_zone_risk")) | pl.col("acetabulum_treated"),
        judged_on=("procedure_lesion", "limb_operation", "hip", "acetabulum_involved", "protrusion_risk", "load_zone_risk", "acetabulum_treated", "procedure_technique"),
        recommended=("treated",),
        given=V.given(("treated", pl.col("acetabulum_treated")), ("other_surgery", pl.col("limb_operation"))),
        reading=Text("Hip: an operation on the femoral head or neck or on the acetabulum, or a prosthesis of the proximal femur. Load zone: extensive involvement of the roof, or a weight-bearing pelvic lesion broken or about to break.", "Hanche : intervention sur la tête ou le col du fémur ou sur le cotyle, ou prothèse du fémur proximal. Zone portante : atteinte étendue du toit, ou lésion pelvienne en zone portante fracturée ou pré-fracturaire."),
    ),
    # Oncological resection of the acetabulum is too heavy.
    _procedure(
        id="G2-4.2-09", strength=Strength.PERMISSIVE, source=Source(G2, "4.2"), do_not=True,
        title=Text("No oncological resection of the acetabulum", "Pas de résection carcinologique du cotyle"),
        population=Text("operations on an acetabular lesion", "interventions sur une lésion acétabulaire"),
        action=Text("no oncological or en-bloc resection", "pas de résection carcinologique ni en bloc"),
        applies=pl.col("limb_operation") & ((pl.col("bone") == "pelvis") & pl.col("acetabulum_involved") | (_technique == "acetabular_resection")),
        met=~pl.col("acetabular_resection"),
        judged_on=("procedure_lesion", "limb_operation", "acetabulum_involved", "acetabular_resection", "procedure_technique", "mdt_decided_surgery"),
        recommended=("none",),
        at_risk=Risk("lesion_assessments", pl.col("acetabular_involvement"), Text("patients with a recorded acetabular involvement", "patients avec une atteinte du cotyle enregistrée")),
        exceptions=(
            Ground("mdt_decided_surgery", pl.col("mdt_decided_surgery"), Text("operation decided by an MDT meeting", "intervention décidée en RCP")),
        ),
    ),
    # Among the operations: total hip arthroplasty with metal reinforcement.
    _procedure(
        id="G2-4.2-10", strength=Strength.PERMISSIVE, source=Source(G2, "4.2"),
        title=Text("Acetabular surgery: total hip arthroplasty with metal reinforcement", "Chirurgie acétabulaire : prothèse totale de hanche avec armature métallique"),
        population=Text("open operations on an acetabular lesion", "interventions chirurgicales ouvertes sur une lésion acétabulaire"),
        action=Text("total hip arthroplasty and metal reinforcement of the acetabulum", "prothèse totale de hanche et armature métallique du cotyle"),
        applies=_acetabular_surgery,
        met=(_technique == "total_hip_arthroplasty") & _reinforced,
        judged_on=("procedure_lesion", "acetabulum_involved", "open_technique", "procedure_technique", "acetabular_reinforcement", "fragile", "life_expectancy_days"),
        recommended=("hip_with_reinforcement",),
        exceptions=(_frail_and_short,),
        reading=Text("The most indicated of the surgical options; when to operate is judged by G2-2.4-03 (C18).", "La plus indiquée des options chirurgicales ; le moment d'opérer relève de G2-2.4-03 (C18)."),
    ),
    # Frail, with a short life expectancy: cementoplasty under CT, with or without screws.
    _lesion(
        id="G2-4.2-11", strength=Strength.PERMISSIVE, source=Source(G2, "4.2"),
        title=Text("Acetabular lesion in a frail patient: CT-guided cementoplasty", "Lésion acétabulaire chez un patient fragile : cimentoplastie sous scanner"),
        population=Text("acetabular lesions, painful or at risk, in frail patients with less than six months to live", "lésions acétabulaires douloureuses ou à risque chez des patients fragiles dont l'espérance de vie est inférieure à six mois"),
        action=Text(f"cementoplasty under CT, with or without screws, within {P.LOCAL_TREATMENT} days", f"cimentoplastie sous scanner, avec ou sans vissage, dans les {P.LOCAL_TREATMENT} jours"),
        applies=(_painful | pl.col("acetabulum_at_risk")) & pl.col("fragile") & (_life < P.SIX_MONTHS),
        met=pl.col("ct_cementoplasty"),
        due=pl.col("acetabular_due"), observed=("procedures",),
        late=pl.col("ct_cementoplasty_late"),
        judged_on=("acetabulum_painful", "acetabulum_at_risk", "fragile", "life_expectancy_days", "ct_cementoplasty", "acetabular_act", "fracture_status", "compromised", "hip_instability", "pain_refractory", "irradiated_long_before", "infection_puncture_site", "sepsis_uncontrolled", "mdt_decision"),
        recommended=("cementoplasty", "cementoplasty_with_screws"),
        exceptions=(
            Ground("first_line", _first_line, Text("stable lesion in first line: medical treatment or radiotherapy first (G2 2.4)", "lésion stable en première ligne : traitement médical ou radiothérapie d'abord (G2 2.4)")),
            _infection,
        ),
        mdt_against=pl.col("mdt_decision").is_in([*_NO_PROCEDURE, "surgery"]),
        reading=Text(f"Frail: as recorded, else a Karnofsky index of {P.FRAIL_KARNOFSKY} or less, or unfit for surgery. Short: under {P.SIX_MONTHS} days. The text gives no delay: {P.LOCAL_TREATMENT} days.", f"Fragile : tel qu'enregistré, sinon indice de Karnofsky de {P.FRAIL_KARNOFSKY} ou moins, ou patient inapte à la chirurgie. Courte : moins de {P.SIX_MONTHS} jours. Le texte ne donne pas de délai : {P.LOCAL_TREATMENT} jours."),
    ),
)  # fmt: skip
