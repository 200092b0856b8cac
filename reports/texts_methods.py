"""The methods of the report, in plain words."""

from __future__ import annotations

from scoring.core.text import Text

METHODS: dict[str, Text] = {
    "methods": Text("Methods", "Méthodes"),
    "methods_verdicts": Text("Verdicts", "Verdicts"),
    "verdict.reported": Text(
        "The text leaves the choice: the option taken is counted and nothing is judged.",
        "Le texte laisse le choix : l'option prise est comptée, rien n'est jugé.",
    ),
    "verdict.concordant": Text("Done as recommended.", "Fait comme recommandé."),
    "verdict.discordant": Text(
        "Not as recommended, and the wording binds.", "Non conforme, et la formulation est contraignante."
    ),
    "verdict.to_justify": Text(
        "Not as recommended, but the wording leaves a choice; or the meeting decided otherwise; or it was done "
        "outside a time limit that is our reading; or a fracture came while fixation was awaited.",
        "Non conforme, mais la formulation laisse un choix ; ou la RCP en a décidé autrement ; ou le geste a été fait"
        " hors d'un délai qui est notre lecture ; ou une fracture est survenue pendant l'attente de l'ostéosynthèse.",
    ),
    "verdict.justified": Text(
        "Not as recommended, with an exception that the guideline names or a documented reason. Nothing excuses a "
        "contraindication or a dose.",
        "Non conforme, avec une exception prévue par le référentiel ou une raison documentée. Rien n'excuse une "
        "contre-indication ni une dose.",
    ),
    "verdict.not_due": Text(
        "Not done, but observation ended before the time allowed had passed.",
        "Non fait, mais l'observation s'est arrêtée avant la fin du délai accordé.",
    ),
    "verdict.not_assessable": Text(
        "Applicability or fulfilment cannot be known: a table or a value is missing. Nothing is imputed, and what is "
        "not recorded is never read as “no”.",
        "On ne peut savoir si la règle s'applique ou si elle est suivie : une table ou une valeur manque. Rien n'est "
        "imputé, et ce qui n'est pas renseigné n'est jamais lu comme « non ».",
    ),
    "methods_rates": Text("Rates and their uncertainty", "Taux et incertitude"),
    "methods_rate": Text(
        "Rate = concordant ÷ (concordant + discordant + to justify). Justified, not due and not assessable decisions "
        "are outside the rate and shown beside it. The 95% interval is Wilson's. It treats decisions as independent; "
        "several decisions of one patient are not quite, so with many decisions per patient the interval is somewhat "
        "too narrow.",
        "Taux = concordantes ÷ (concordantes + discordantes + à justifier). Les décisions justifiées, non échues et "
        "non évaluables sont hors du taux et présentées à côté. L'intervalle à 95 % est celui de Wilson. Il suppose les "
        "décisions indépendantes ; celles d'un même patient ne le sont pas tout à fait : quand il y en a "
        "beaucoup par patient, l'intervalle est un peu trop étroit.",
    ),
    "methods_bounds": Text(
        "Bounds: the lower one counts every decision that could not be assessed as failing; the upper one counts it "
        "as concordant and leaves out the failures whose named exception is not recorded. Wide bounds mean that the "
        "data, not the care, decide the figure.",
        "Bornes : la borne basse compte comme non conforme toute décision non évaluable ; la borne haute la compte "
        "concordante et écarte les décisions non conformes dont l'exception prévue n'est pas renseignée. Des bornes "
        "larges signifient que le chiffre dépend des données plus que des soins.",
    ),
    "methods_funnel": Text(
        "Funnel limits: exact binomial limits (95% and 99.8%) around the rate of the whole network. A centre is "
        "compared with a network of which it is a part. Rates are adjusted neither for case mix nor for repeated "
        "comparisons.",
        "Limites de l'entonnoir : limites binomiales exactes (95 % et 99,8 %) autour du taux de tout le réseau. Un "
        "centre est comparé à un réseau dont il fait partie. Aucun ajustement sur le profil des patients, ni pour les "
        "comparaisons multiples.",
    ),
    "methods_time": Text("Cohort and time", "Cohorte et temps"),
    "methods_cohort": Text(
        "Patients with lung cancer and at least one bone metastasis. A decision is dated by the discovery of the "
        "first bone lesion for rules on patients, by the event otherwise; edition, period and quarter follow that "
        "date. Facts are those known by then, from the 60 days before unless a rule says otherwise; nothing recorded "
        "after the act that is judged is used, and observed survival is never taken for a life expectancy.",
        "Patients atteints d'un cancer bronchique avec au moins une métastase osseuse. Une décision est datée par la "
        "découverte de la première lésion osseuse pour les règles sur le patient, par l'événement sinon ; édition, "
        "période et trimestre suivent cette date. Les faits sont ceux connus alors, des 60 jours précédents sauf "
        "règle contraire ; rien de ce qui est noté après l'acte jugé n'est utilisé, et la survie observée ne vaut "
        "jamais espérance de vie.",
    ),
    "methods_absence": Text(
        "An act that a table does not hold was not done, if the centre supplies that table and it is complete for "
        "that time.",
        "Un acte absent d'une table n'a pas été fait, si le centre fournit cette table et qu'elle est complète à "
        "cette date.",
    ),
    "methods_readings": Text(
        "Readings: where the guideline gives no threshold or time limit, the audit needs one. Such a reading is "
        "marked with its rule in the appendix. An act that is done, but later than a reading allows, is never "
        "discordant.",
        "Lectures : là où le référentiel ne donne ni seuil ni délai, l'audit en a besoin. Une telle lecture est "
        "signalée avec sa règle en annexe. Un acte fait, mais plus tard que ne le permet une lecture, n'est jamais "
        "discordant.",
    ),
    "methods_disclosure": Text("Disclosure control", "Secret statistique"),
    "methods_suppression": Text(
        "This report holds no line about a patient. Counts from 1 to {largest} are not shown, nor the counts, rates, "
        "intervals and bounds from which they could be worked out by adding or subtracting what is shown with them. "
        "Zero is shown. Which further numbers are hidden is chosen so as to lose little; it says nothing about a "
        "centre. Where a rate rests on 1 to {largest} decisions it is given as the range that those numbers allow, and "
        "nothing else is shown that would narrow it. How many patients were read and accepted, and the size of the "
        "cohort, are shown even where they differ by little.",
        "Ce rapport ne contient aucune donnée individuelle. Les effectifs de 1 à {largest} ne sont pas présentés, ni "
        "les effectifs, taux, intervalles et bornes dont on pourrait les déduire par addition ou soustraction. Les "
        "zéros sont présentés. Les autres nombres masqués sont choisis pour perdre le moins d'information possible ; "
        "ce choix ne dit rien d'un centre. Quand un taux repose sur 1 à {largest} décisions, il est donné par la "
        "fourchette que ces nombres permettent, et rien d'autre n'est présenté qui la resserrerait. Le nombre de "
        "patients lus, acceptés et retenus dans la cohorte est présenté même quand ces nombres diffèrent peu.",
    ),
}
