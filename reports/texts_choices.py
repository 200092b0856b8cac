"""Words for options, other readings, parameters set otherwise, and classifications."""

from __future__ import annotations

from scoring.core.text import Text

CHOICES: dict[str, Text] = {
    "options": Text("Where the guideline leaves the choice", "Là où le référentiel laisse le choix"),
    "options_text": Text(
        "For these statements no option is a fault. What was done is counted among the decisions of which it is known.",
        "Pour ces énoncés, aucune option n'est une faute. Ce qui a été fait est compté parmi les décisions où il est connu.",
    ),
    "option": Text("Option", "Option"),
    "share": Text("Share", "Part"),
    "known": Text("Known", "Connues"),
    "unknown": Text("Not known", "Non connues"),
    "overridden": Text(
        "This audit sets other values of parameters than the software does by default (in brackets): {what}. Its results "
        "cannot be set beside those of audits that do not.",
        "Cet audit fixe d'autres valeurs de paramètres que celles du logiciel par défaut (entre parenthèses) : {what}. Ses "
        "résultats ne se comparent pas à ceux d'audits qui ne le font pas.",
    ),
    "readings": Text("Other readings of the guideline", "Autres lectures du référentiel"),
    "readings_text": Text(
        "Where the text is silent or contradicts itself the audit had to choose. Here everything was judged again under "
        "each other defensible reading, one at a time: how many verdicts change, and what becomes of the rate. A change "
        "that concerns few patients shows no second rate.",
        "Là où le texte se tait ou se contredit, l'audit a dû choisir. Tout a été jugé à nouveau sous chaque autre lecture "
        "défendable, une à la fois : combien de verdicts changent, et ce que devient le taux. Un changement qui concerne "
        "peu de patients ne donne pas de second taux.",
    ),
    "reading_unchanged": Text("No verdict changes.", "Aucun verdict ne change."),
    "n_changed": Text("Verdicts that change", "Verdicts qui changent"),
    "rate_before": Text("Rate", "Taux"),
    "rate_after": Text("Under this reading", "Sous cette lecture"),
    "reading_centre": Text(
        "{centre}, {title}: {before}, under this reading {after}.", "{centre}, {title} : {before}, sous cette lecture {after}."
    ),
    "moved.below": Text("below the limits of the funnel", "sous les limites de l'entonnoir"),
    "moved.within": Text("within them", "dans les limites"),
    "moved.above": Text("above them", "au-dessus"),
    "moved.none": Text("no rate", "aucun taux"),
    "matrix.long_bone": Text("long bone, by Mirels", "os long, selon Mirels"),
    "matrix.cord_compression": Text("cord compression, by Rades", "compression médullaire, selon Rades"),
    "matrix.surgical_opinion": Text("unstable spine, by SINS", "rachis instable, selon SINS"),
    "matrix.spine_strategy": Text("spinal strategy, by Tokuhashi and Tomita", "stratégie rachidienne, selon Tokuhashi et Tomita"),
    "matrix.antiresorptive": Text("bone-targeted agent", "antirésorptif"),
    "matrix.acetabulum": Text("acetabulum", "cotyle"),
    "matrix.technique": Text("technique by bone segment", "technique selon le segment osseux"),
    "classes": Text("Classifications", "Classifications"),
    "classes_text": Text(
        "All rows that can be classified, whatever the primary tumour. Unknown is a value of its own.",
        "Toutes les lignes qui peuvent être classées, quelle que soit la tumeur primitive. L'inconnu est une valeur à part.",
    ),
    "not_known": Text("not known", "non connu"),
    "none_of_them": Text("none", "aucun"),
}  # fmt: skip
