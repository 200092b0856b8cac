"""Long bones: prevention and treatment of fractures, and surgical technique (G1 3.5.2, 3.7, 3.7.2; G2 2.2, 4.1)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, G2, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least, at_most, within

LIMB_BONES = (
    "femur", "tibia", "fibula", "humerus", "radius", "ulna", "metacarpal", "metatarsal", "phalanx", "carpus", "tarsus", "patella",
)  # fmt: skip
PERIPHERAL_BONES = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")
FIXED_PREVENTIVELY = ("femur", "tibia", "humerus")
ARTHROPLASTIES = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis")
SCORED_BONES = ("humerus", "radius", "ulna", "femur", "tibia", "fibula")

_life = pl.col("life_expectancy_days")
_unfractured = pl.col("fracture_status") != "pathological_fracture"
_scored = pl.col("bone").is_in(list(SCORED_BONES))
_technique = pl.col("procedure_technique")
_lesion = partial(Recommendation, grain=Grain.LESION_ASSESSMENT, domain=Domain.LIMB_SURGERY)
_procedure = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.LIMB_SURGERY)
_under_6_weeks = Ground("life_expectancy_under_6_weeks", _life < P.SIX_WEEKS, Text("life expectancy under six weeks", "espérance de vie inférieure à six semaines"))  # fmt: skip
_given_local = V.given(
    ("prophylactic_surgery", pl.col("fixation_in_time") | pl.col("prophylactic_surgery")),
    ("surgery_of_fracture", pl.col("fixation_date") >= pl.col("fracture_after_date")),
    ("late_surgery", pl.col("fixation_late")),
    ("radiotherapy", pl.col("radiotherapy_date").is_not_null()),
)
_given_technique = V.given(
    ("locking_plate", _technique == "locking_plate"),
    ("intramedullary_nail", _technique == "intramedullary_nail"),
    ("arthroplasty", pl.col("arthroplasty")),
    ("other", _technique.is_not_null()),
)

RULES = (
    # Mirels of 7 or less: radiotherapy, no prophylactic surgery.
    _lesion(
        id="G1-3.5.2-02", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.2"),
        title=Text("Mirels of 7 or less: no prophylactic surgery", "Mirels de 7 ou moins : pas de chirurgie prophylactique"),
        population=Text("unfractured long-bone lesions with a Mirels score of 4 to 7", "lésions d'os longs non fracturées avec un score de Mirels de 4 à 7"),
        action=Text("no prophylactic fixation in the 60 days after", "pas d'ostéosynthèse prophylactique dans les 60 jours"),
        applies=_scored & _unfractured & at_most("mirels", 7),
        met=~pl.col("prophylactic_surgery"),
        judged_on=("fracture_status", "mirels_min", "mirels_max", "prophylactic_surgery", "fixation_date", "radiotherapy_date"),
        vocabulary=V.LONG_BONE, recommended=("radiotherapy", "none"), given=_given_local,
        reading=Text("Radiotherapy is for painful lesions; what is audited is surgery that the score does not ask for.", "La radiothérapie concerne les lésions douloureuses ; est audité l'excès de chirurgie."),
    ),
    # Mirels of 8: discussion in an MDT meeting before treatment.
    _lesion(
        id="G1-3.5.2-03", strength=Strength.BINDING, source=Source(G1, "3.5.2"),
        title=Text("Mirels of 8: discussed by the MDT before treatment", "Mirels de 8 : discussion en RCP avant traitement"),
        population=Text("unfractured long-bone lesions with a Mirels score of 8", "lésions d'os longs non fracturées avec un score de Mirels de 8"),
        action=Text("MDT meeting on the lesion, from 60 days before to 60 days after, before local treatment", "RCP sur la lésion, de 60 jours avant à 60 jours après, avant tout traitement local"),
        applies=_scored & _unfractured & within("mirels", 8, 8),
        met=pl.col("mdt_before_treatment"),
        due=pl.col("mdt_due"), observed=("mdt_meetings",),
        late=pl.col("mdt_late"),
        judged_on=("fracture_status", "mirels_min", "mirels_max", "mdt_before_treatment", "fixation_date", "radiotherapy_date"),
        vocabulary=V.LONG_BONE, recommended=("mdt_discussion",),
        given=V.given(
            ("mdt_discussion", pl.col("mdt_before_treatment") | pl.col("mdt_late")),
            ("prophylactic_surgery", pl.col("fixation_date").is_not_null()),
            ("radiotherapy", pl.col("radiotherapy_date").is_not_null()),
        ),
        reading=Text("The text gives no delay: 60 days (P14).", "Le texte ne donne pas de délai : 60 jours (P14)."),
    ),
    # Mirels of 9 or more: prophylactic surgery.
    _lesion(
        id="G1-3.5.2-04", strength=Strength.BINDING, source=Source(G1, "3.5.2"),
        title=Text("Mirels of 9 or more: prophylactic surgery", "Mirels de 9 ou plus : chirurgie prophylactique"),
        population=Text("unfractured lesions of femur, tibia or humerus with a Mirels score of 9 to 12", "lésions non fracturées du fémur, du tibia ou de l'humérus avec un score de Mirels de 9 à 12"),
        action=Text("fixation or arthroplasty within 30 days, before a fracture", "ostéosynthèse ou arthroplastie dans les 30 jours, avant toute fracture"),
        applies=pl.col("bone").is_in(list(FIXED_PREVENTIVELY)) & _unfractured & at_least("mirels", 9),
        met=pl.col("fixation_in_time"),
        due=pl.col("fixation_due"), observed=("procedures",),
        late=pl.col("fixation_late"),
        judged_on=("fracture_status", "mirels_min", "mirels_max", "fixation_in_time", "fixation_date", "fracture_after_date", "life_expectancy_days", "fit_for_anaesthesia", "mdt_decision"),
        vocabulary=V.LONG_BONE, recommended=("prophylactic_surgery",), given=_given_local,
        exceptions=(
            _under_6_weeks,
            Ground("unfit_for_anaesthesia", ~pl.col("fit_for_anaesthesia"), Text("unfit for anaesthesia", "état incompatible avec une anesthésie")),
        ),
        ambers=(
            Ground("fracture_while_waiting", pl.col("fracture_while_waiting"), Text("fracture while waiting for the fixation", "fracture en attente de l'ostéosynthèse")),
        ),
        mdt_against=pl.col("mdt_decision").is_in(["radiotherapy", "systemic", "supportive", "surveillance"]),
        aliases=("G2-2.1-02",),
        reading=Text("The text gives no delay: 30 days. Radius, ulna and fibula follow G2 4.1 (C21).", "Le texte ne donne pas de délai : 30 jours. Radius, ulna et fibula relèvent de G2 4.1 (C21)."),
    ),
    # A pathological fracture of a limb is operated in most cases.
    _lesion(
        id="G2-2.2-01", strength=Strength.PERMISSIVE, source=Source(G2, "2.2"),
        title=Text("Surgery of a limb pathological fracture", "Chirurgie d'une fracture pathologique d'un membre"),
        population=Text("pathological fractures of a limb bone", "fractures pathologiques d'un os des membres"),
        action=Text("surgery or percutaneous fixation within 30 days", "chirurgie ou fixation percutanée dans les 30 jours"),
        applies=pl.col("bone").is_in(list(LIMB_BONES)) & ~_unfractured,
        met=pl.col("fracture_operated"),
        due=pl.col("fracture_surgery_due"), observed=("procedures",),
        late=pl.col("fracture_operated_late"),
        judged_on=("fracture_status", "fracture_operated", "fixation_date", "fit_for_surgery", "fit_for_anaesthesia", "life_expectancy_days", "radiotherapy_date"),
        vocabulary=V.LONG_BONE, recommended=("surgery_of_fracture",),
        given=V.given(
            ("surgery_of_fracture", pl.col("fracture_operated")),
            ("late_surgery", pl.col("fracture_operated_late")),
            ("radiotherapy", pl.col("radiotherapy_date").is_not_null()),
        ),
        exceptions=(
            Ground("unfit", ~pl.col("fit_for_surgery") | ~pl.col("fit_for_anaesthesia"), Text("unfit for surgery or anaesthesia", "état incompatible avec une chirurgie ou une anesthésie")),
            _under_6_weeks,
            Ground("peripheral_bone_irradiated", pl.col("bone").is_in(list(PERIPHERAL_BONES)) & pl.col("irradiated"), Text("peripheral bone treated by radiotherapy alone", "os périphérique traité par radiothérapie isolée")),
        ),
        reading=Text("Most cases: a benchmark of the cohort, never a fault of one case. 30 days by reading.", "La majorité des cas : un repère de cohorte, jamais une faute individuelle. 30 jours par lecture."),
    ),
    # Less than six weeks to live: no benefit of surgery.
    _procedure(
        id="G1-3.7-03", strength=Strength.BINDING, source=Source(G1, "3.7"),
        title=Text("No surgery when life expectancy is under 6 weeks", "Pas de chirurgie si l'espérance de vie est inférieure à 6 semaines"),
        population=Text("operations on a bone metastasis", "interventions chirurgicales sur une métastase osseuse"),
        action=Text("life expectancy of 42 days or more", "espérance de vie de 42 jours ou plus"),
        applies=pl.col("surgery"), met=_life >= P.SIX_WEEKS,
        judged_on=("category", "life_expectancy_days", "procedure_intent"),
        vocabulary=V.PROCEDURE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", _life < P.SIX_WEEKS, Text("patients with a life expectancy under 6 weeks", "patients dont l'espérance de vie est inférieure à 6 semaines")), given=V.given(("surgery", pl.col("surgery"))),
        ambers=(
            Ground("fracture_fixation", pl.col("procedure_intent") == "fracture", Text("fixation of a fracture: G2 does not exclude it", "ostéosynthèse d'une fracture : G2 ne l'exclut pas")),
        ),
        aliases=("G2-1-05",),
        reading=Text("As estimated before the operation, never the survival observed (P18).", "Estimée avant l'intervention, jamais la survie observée (P18)."),
    ),
    # Arthroplasty asks for more than six months.
    _procedure(
        id="G1-3.7.2-05", strength=Strength.BINDING, source=Source(G1, "3.7.2"),
        title=Text("Arthroplasty when life expectancy exceeds 6 months", "Arthroplastie si l'espérance de vie dépasse 6 mois"),
        population=Text("arthroplasties", "arthroplasties"),
        action=Text("life expectancy over 6 months; over one year without reserve", "espérance de vie de plus de 6 mois ; de plus d'un an sans réserve"),
        applies=(pl.col("category") == "orthopaedic_surgery") & pl.col("arthroplasty"), met=_life > P.ONE_YEAR,
        judged_on=("arthroplasty", "life_expectancy_days"),
        vocabulary=V.PROCEDURE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", _life <= P.SIX_MONTHS, Text("patients with a life expectancy of 6 months or less", "patients dont l'espérance de vie est de 6 mois ou moins")), given=_given_technique,
        ambers=(
            Ground("six_to_twelve_months", (_life > P.SIX_MONTHS) & (_life <= P.ONE_YEAR), Text("six to twelve months: enough for G1, borderline for G2", "six à douze mois : suffisant pour G1, limite pour G2")),
        ),
        aliases=("G2-4.2-02",),
        reading=Text("G1 prints over 6 months, G2 over 6 months to 1 year: between the two, to be justified (C07).", "G1 imprime plus de 6 mois, G2 plus de 6 mois à 1 an : entre les deux, à justifier (C07)."),
    ),
    # Prostheses are always cemented.
    _procedure(
        id="G1-3.7.2-06", strength=Strength.BINDING, source=Source(G1, "3.7.2"),
        title=Text("Prostheses are always cemented", "Prothèses toujours cimentées"),
        population=Text("arthroplasties", "arthroplasties"),
        action=Text("every component cemented", "toutes les pièces cimentées"),
        applies=(pl.col("category") == "orthopaedic_surgery") & pl.col("arthroplasty"), met=pl.col("all_cemented"),
        judged_on=("arthroplasty", "all_cemented"),
        vocabulary=V.CEMENTING, recommended=("cemented",),
        given=V.given(("cemented", pl.col("all_cemented")), ("uncemented", ~pl.col("all_cemented"))),
    ),
    # Distal femur and distal humerus: locking plate.
    _procedure(
        id="G2-4.1-06", strength=Strength.BINDING, source=Source(G2, "4.1"),
        title=Text("Locking plate for the distal femur and the distal humerus", "Plaque à vis verrouillées pour le fémur distal et l'humérus distal"),
        population=Text("operations on a lesion of the distal femur or humerus", "interventions sur une lésion distale du fémur ou de l'humérus"),
        action=Text("locking plate", "plaque à vis verrouillées"),
        applies=(pl.col("category") == "orthopaedic_surgery") & pl.col("bone").is_in(["femur", "humerus"]) & (pl.col("segment") == "distal_end"),
        met=_technique == "locking_plate",
        judged_on=("procedure_lesion", "bone", "segment", "procedure_technique", "articular_destruction"),
        vocabulary=V.PROCEDURE, recommended=("locking_plate",), given=_given_technique,
        exceptions=(
            Ground("articular_destruction", pl.col("articular_destruction") & _technique.is_in(list(ARTHROPLASTIES)), Text("joint destroyed: arthroplasty", "articulation détruite : arthroplastie")),
        ),
    ),
)  # fmt: skip
