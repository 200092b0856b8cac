"""Whether to treat a lesion locally: painful lesions, long bones at risk, fractures, a short life (G1 3.5.1, 3.5.2; G2 1, 2.1 to 2.3)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, G2, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least
from .limb_surgery import LIMB_BONES, PERIPHERAL_BONES, SCORED_BONES

_limb = pl.col("bone").is_in(list(LIMB_BONES))
_scored = pl.col("bone").is_in(list(SCORED_BONES))
_unfractured = pl.col("fracture_status") != "pathological_fracture"
_broken_limb = _limb & ~_unfractured
_painful = partial(Recommendation, grain=Grain.PAINFUL_LESION)
_lesion = partial(Recommendation, grain=Grain.LESION_ASSESSMENT, domain=Domain.LIMB_SURGERY)
_under_6_weeks = Ground("life_expectancy_under_6_weeks", pl.col("life_expectancy_days") < P.SIX_WEEKS, Text("life expectancy under six weeks", "espérance de vie inférieure à six semaines"))  # fmt: skip
_unfit = Ground("unfit", ~pl.col("fit_for_surgery") | ~pl.col("fit_for_anaesthesia"), Text("unfit for surgery or anaesthesia", "état incompatible avec une chirurgie ou une anesthésie"))  # fmt: skip
_life_after = pl.col("life_expectancy_after_fracture") < P.SIX_WEEKS

RULES = (
    # Painful, uncomplicated, resistant to analgesics, out of reach of interventional radiology: radiotherapy comes first.
    _painful(
        id="G1-3.5.1-01", domain=Domain.RADIOTHERAPY, strength=Strength.PERMISSIVE, source=Source(G1, "3.5.1"),
        title=Text("Refractory bone pain: radiotherapy as the first local treatment", "Douleur osseuse réfractaire : radiothérapie en premier traitement local"),
        population=Text("uncomplicated lesions never irradiated, with pain that resists analgesics, not accessible to interventional radiology", "lésions non compliquées, jamais irradiées, dont la douleur résiste aux antalgiques, non accessibles à la radiologie interventionnelle"),
        action=Text(f"radiotherapy of the lesion within {P.LOCAL_TREATMENT} days, before any surgery or interventional radiology", f"radiothérapie de la lésion dans les {P.LOCAL_TREATMENT} jours, avant toute chirurgie ou radiologie interventionnelle"),
        applies=pl.col("opens_refractory") & pl.col("refractory_pain") & ~pl.col("ir_accessible") & ~pl.col("fractured") & ~pl.col("about_to_break") & ~pl.col("compressed") & ~pl.col("unstable_spine") & ~pl.col("irradiated_before"),
        met=pl.col("radiotherapy_first"),
        due=pl.col("radiotherapy_first_due"), observed=("radiotherapy_courses",),
        late=pl.col("radiotherapy_first_late"),
        judged_on=("refractory_pain", "ir_accessible", "fractured", "about_to_break", "compressed", "unstable_spine", "irradiated_before", "radiotherapy_first", "radiotherapy_date", "other_treatment_date"),
        vocabulary=V.PAINFUL_LESION, recommended=("radiotherapy",),
        given=V.given(
            ("radiotherapy", pl.col("radiotherapy_first")),
            ("late_radiotherapy", pl.col("radiotherapy_first_late")),
            ("other_first", pl.col("other_treatment_date").is_not_null()),
            ("radiotherapy", pl.col("radiotherapy_date").is_not_null()),
        ),
        reading=Text(f"Uncomplicated: no fracture, no Mirels of 9 or more, no cord compression, no SINS of 13 or more. An accessible lesion may be treated by either first (C12). The text gives no delay: {P.LOCAL_TREATMENT} days.", f"Non compliquée : ni fracture, ni Mirels de 9 ou plus, ni compression médullaire, ni SINS de 13 ou plus. Une lésion accessible peut recevoir l'un ou l'autre en premier (C12). Le texte ne donne pas de délai : {P.LOCAL_TREATMENT} jours."),
    ),
    # A long bone at marked risk of fracture: radiotherapy and surgery are discussed.
    _lesion(
        id="G1-3.5.2-01", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.2"),
        title=Text("Long bone at risk of fracture: radiotherapy and surgery discussed", "Os long à risque fracturaire : radiothérapie et chirurgie discutées"),
        population=Text("unfractured long-bone lesions with a Mirels score of 8 or more, or an impending fracture", "lésions d'os longs non fracturées avec un score de Mirels de 8 ou plus, ou une fracture imminente"),
        action=Text(f"MDT record that names radiotherapy and surgery, from {P.MDT_BEFORE} days before to {P.MDT_BEFORE} days after, before local treatment", f"fiche RCP citant la radiothérapie et la chirurgie, de {P.MDT_BEFORE} jours avant à {P.MDT_BEFORE} jours après, avant tout traitement local"),
        applies=_scored & _unfractured & (at_least("mirels", 8) | (pl.col("fracture_status") == "impending")),
        met=pl.col("options_discussed"),
        due=pl.col("mdt_due"), observed=("mdt_meetings",),
        late=pl.col("options_late"),
        judged_on=("fracture_status", "mirels_min", "mirels_max", "options_discussed", "fixation_date", "radiotherapy_date"),
        vocabulary=V.OPTIONS, recommended=("both_discussed",),
        given=V.given(("both_discussed", pl.col("options_discussed")), ("discussed_late", pl.col("options_late"))),
        reading=Text(f"Marked risk: Mirels of 8 or more, or a fracture declared impending. The text gives no delay: {P.MDT_BEFORE} days (P14).", f"Risque marqué : Mirels de 8 ou plus, ou fracture déclarée imminente. Le texte ne donne pas de délai : {P.MDT_BEFORE} jours (P14)."),
    ),
    # Percutaneous nails or screws, with or without cement, are an option.
    _lesion(
        id="G1-3.5.2-05", strength=Strength.OPTIONAL, source=Source(G1, "3.5.2"),
        title=Text("Percutaneous nailing or screwing, with or without cement: an option", "Enclouage ou vissage percutané, avec ou sans cimentoplastie : une option"),
        population=Text("unfractured long-bone lesions with a Mirels score of 9 or more, or of 8 discussed by the MDT", "lésions d'os longs non fracturées avec un score de Mirels de 9 ou plus, ou de 8 discuté en RCP"),
        action=Text(f"the first fixation in the {P.LOCAL_TREATMENT} days after, by any way", f"première ostéosynthèse dans les {P.LOCAL_TREATMENT} jours, quelle que soit la voie"),
        applies=_scored & _unfractured & (at_least("mirels", 9) | (at_least("mirels", 8) & pl.col("mdt_before_treatment"))),
        met=None,
        judged_on=("fracture_status", "mirels_min", "mirels_max", "mdt_before_treatment", "fixed_after", "fixed_percutaneously", "fixation_date"),
        vocabulary=V.FIXATION, recommended=("percutaneous_with_cement", "percutaneous", "open_surgery", "none"),
        given=V.chosen(
            ("percutaneous_with_cement", pl.col("fixed_after") & pl.col("fixed_percutaneously") & pl.col("fixed_with_cement")),
            ("percutaneous", pl.col("fixed_after") & pl.col("fixed_percutaneously")),
            ("open_surgery", pl.col("fixed_after")),
        ),
        reading=Text("Printed without its place in a figure that is lost: read as an option of the branch of 9 or more.", "Imprimé hors de la figure, perdue : lu comme une option de la branche 9 ou plus."),
    ),
    # Under six weeks to live: effective analgesia, with or without radiotherapy.
    Recommendation(
        id="G2-1-06", grain=Grain.SHORT_LIFE_EXPECTANCY, domain=Domain.CARE_PATHWAY, strength=Strength.BINDING, source=Source(G2, "1"),
        title=Text("Life expectancy under 6 weeks: effective analgesia", "Espérance de vie inférieure à 6 semaines : antalgie efficace"),
        population=Text("patients at the first estimate of a life expectancy under 6 weeks", "patients à la première estimation d'une espérance de vie inférieure à 6 semaines"),
        action=Text(f"pain of {P.PAIN_CONTROLLED} or less at the next score within {P.ANALGESIA} days", f"douleur de {P.PAIN_CONTROLLED} ou moins à la cotation suivante, dans les {P.ANALGESIA} jours"),
        applies=pl.lit(True), met=pl.col("pain_controlled"),
        judged_on=("pain_controlled", "pain_nrs", "analgesia_given", "life_expectancy_days"),
        vocabulary=V.ANALGESIA, recommended=("pain_controlled",),
        given=V.given(
            ("pain_controlled", pl.col("pain_controlled")),
            ("analgesia_with_radiotherapy", pl.col("analgesia_given") & pl.col("irradiated_too")),
            ("analgesia", pl.col("analgesia_given")),
            ("radiotherapy", pl.col("irradiated_too")),
        ),
        ambers=(
            Ground("analgesia_not_enough", pl.col("analgesia_given"), Text("analgesics given, pain not yet controlled", "antalgiques administrés, douleur non encore contrôlée")),
        ),
        reading=Text(f"Effective: pain of {P.PAIN_CONTROLLED} or less at the next score, within {P.ANALGESIA} days; without one, the score of the day shows control, never its lack.", f"Efficace : douleur de {P.PAIN_CONTROLLED} ou moins à la cotation suivante, dans les {P.ANALGESIA} jours ; à défaut, la cotation du jour montre le contrôle, jamais son absence."),
    ),
    # Mechanical pain, pain on loading or disabling pain may be a reason to fix a limb before it breaks.
    _painful(
        id="G2-2.1-01", domain=Domain.LIMB_SURGERY, strength=Strength.OPTIONAL, source=Source(G2, "2.1"),
        title=Text("Limb pain that is mechanical or limits function: prophylactic surgery possible", "Douleur mécanique ou limitante d'un membre : chirurgie prophylactique possible"),
        population=Text("unfractured limb lesions with mechanical pain, pain on loading or disabling pain", "lésions des membres non fracturées avec douleur mécanique, à la charge ou invalidante"),
        action=Text(f"local treatment in the {P.LOCAL_TREATMENT} days after", f"traitement local dans les {P.LOCAL_TREATMENT} jours"),
        applies=pl.col("opens_limiting") & _limb & pl.col("limiting_pain") & ~pl.col("fractured"),
        met=None,
        judged_on=("limiting_pain", "fractured", "fixed_after", "irradiated", "intervened", "fixation_date"),
        vocabulary=V.PAINFUL_LESION, recommended=("surgery", "radiotherapy", "interventional", "none"),
        given=V.chosen(("surgery", pl.col("fixed_after")), ("radiotherapy", pl.col("irradiated")), ("interventional", pl.col("intervened"))),
        reading=Text("A way to prophylactic surgery without a score; no option is a fault.", "Une voie vers la chirurgie prophylactique sans score ; aucune option n'est une faute."),
    ),
    # A limb fracture is left unoperated only where the patient could not bear the operation.
    _lesion(
        id="G2-2.2-02", strength=Strength.BINDING, source=Source(G2, "2.2"),
        title=Text("Limb fracture not operated: the patient is unfit", "Fracture d'un membre non opérée : état général incompatible"),
        population=Text(f"pathological fractures of a limb bone not operated within {P.FRACTURE_SURGERY} days", f"fractures pathologiques d'un os des membres non opérées dans les {P.FRACTURE_SURGERY} jours"),
        action=Text("recorded as unfit for surgery or anaesthesia, or life expectancy under 6 weeks", "état incompatible avec une chirurgie ou une anesthésie, ou espérance de vie inférieure à 6 semaines, renseigné"),
        applies=_broken_limb & ~pl.col("fracture_operated"),
        met=pl.col("unfit_after_fracture") | _life_after,
        due=pl.col("fracture_surgery_due"), observed=("procedures", "clinical_assessments"),
        late=pl.col("fracture_operated_late"),
        judged_on=("fracture_status", "fracture_operated", "unfit_after_fracture", "life_expectancy_after_fracture", "fixation_date", "radiotherapy_date", "irradiated"),
        vocabulary=V.WHY_NOT_OPERATED, recommended=("unfit", "short_life"),
        given=V.given(("unfit", pl.col("unfit_after_fracture")), ("short_life", _life_after), ("late_surgery", pl.col("fracture_operated_late"))),
        exceptions=(
            Ground("peripheral_bone_irradiated", pl.col("bone").is_in(list(PERIPHERAL_BONES)) & pl.col("irradiated"), Text("peripheral bone treated by radiotherapy alone", "os périphérique traité par radiothérapie isolée")),
        ),
        reading=Text(f"A life expectancy under 6 weeks is accepted as a reason (C08), a refusal as a documented departure. {P.FRACTURE_SURGERY} days by reading.", f"Une espérance de vie inférieure à 6 semaines est admise comme motif (C08), un refus comme écart documenté. {P.FRACTURE_SURGERY} jours par lecture."),
    ),
    # What is urgent in a fracture is to stabilise it.
    _lesion(
        id="G2-2.2-03", strength=Strength.OPTIONAL, source=Source(G2, "2.2"),
        title=Text("Limb fracture: delay of its stabilisation", "Fracture d'un membre : délai de stabilisation"),
        population=Text("pathological fractures of a limb bone", "fractures pathologiques d'un os des membres"),
        action=Text("stabilisation as an emergency", "stabilisation en urgence"),
        applies=_broken_limb,
        met=None,
        judged_on=("fracture_status", "stabilised_in_two_days", "stabilised_in_a_week", "fracture_operated", "fixation_date"),
        vocabulary=V.FRACTURE_DELAY, recommended=("two_days", "a_week", "thirty_days", "none"),
        given=V.chosen(("two_days", pl.col("stabilised_in_two_days")), ("a_week", pl.col("stabilised_in_a_week")), ("thirty_days", pl.col("fracture_operated"))),
        reading=Text("The registry holds no splint and no traction, which stabilise as well: the delay to the operation is reported, not judged.", "Le registre ne contient ni attelle ni traction, qui stabilisent aussi : le délai opératoire est rapporté, non jugé."),
    ),
    # Disabling pain that drugs and cementoplasty do not relieve is a frequent indication of surgery.
    _painful(
        id="G2-2.3-01", domain=Domain.LIMB_SURGERY, strength=Strength.PERMISSIVE, source=Source(G2, "2.3"),
        title=Text("Disabling limb pain after drugs and cementoplasty: surgery", "Douleur invalidante d'un membre malgré antalgiques et cimentoplastie : chirurgie"),
        population=Text("unfractured limb lesions with disabling refractory pain, after a cementoplasty or not accessible to one", "lésions des membres non fracturées avec douleur invalidante réfractaire, après cimentoplastie ou non accessibles à celle-ci"),
        action=Text(f"surgery or percutaneous fixation within {P.LOCAL_TREATMENT} days", f"chirurgie ou fixation percutanée dans les {P.LOCAL_TREATMENT} jours"),
        applies=pl.col("opens_disabling") & _limb & pl.col("disabling_pain") & pl.col("refractory_pain") & ~pl.col("fractured") & (pl.col("cementoplasty_before") | ~pl.col("ir_accessible")),
        met=pl.col("fixed_after"),
        due=pl.col("fixed_after_due"), observed=("procedures",),
        late=pl.col("fixed_after_late"),
        judged_on=("disabling_pain", "refractory_pain", "fractured", "cementoplasty_before", "ir_accessible", "fixed_after", "fixation_date", "life_expectancy_days", "fit_for_surgery", "fit_for_anaesthesia"),
        vocabulary=V.PAINFUL_LESION, recommended=("surgery",),
        given=V.given(
            ("surgery", pl.col("fixed_after")),
            ("late_surgery", pl.col("fixed_after_late")),
            ("radiotherapy", pl.col("irradiated")),
            ("interventional", pl.col("intervened")),
        ),
        exceptions=(_under_6_weeks, _unfit),
        reading=Text(f"Surgery is expected after a cementoplasty, or where none is possible. A fracture is judged by G2-2.2-01. The text gives no delay: {P.LOCAL_TREATMENT} days.", f"La chirurgie est attendue après une cimentoplastie, ou si elle n'est pas possible. Une fracture relève de G2-2.2-01. Le texte ne donne pas de délai : {P.LOCAL_TREATMENT} jours."),
    ),
)  # fmt: skip
