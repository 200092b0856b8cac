"""The words of a centre's own page and of its case list."""

from __future__ import annotations

from scoring.core.text import Text

CENTRE: dict[str, Text] = {
    # The centre's page
    "centre_summary": Text(
        "{patients} patients, {decisions} decisions to which a headline indicator applied; {unknown} of them could not "
        "be assessed.",
        "{patients} patients, {decisions} décisions relevant d'un indicateur principal, dont {unknown} non évaluables.",
    ),
    "centre_within": Text(
        "Every headline indicator that can be compared lies within the funnel limits of the network.",
        "Tous les indicateurs principaux comparables sont dans les limites de l'entonnoir du réseau.",
    ),
    "centre_beyond": Text(
        "Beyond the funnel limits of the network:",
        "Hors des limites de l'entonnoir du réseau :",
    ),
    "centre_beyond_rule": Text(
        "{title}: {position} ({rate} against {network}, {n} decisions)",
        "{title} : {position} ({rate} contre {network}, {n} décisions)",
    ),
    "centre_sentinels": Text(
        "Cases with a fracture while fixation was awaited, to review first: {n}.",
        "Cas de fracture pendant l'attente d'une ostéosynthèse, à relire en premier : {n}.",
    ),
    "beside": Text("Your centre and the network", "Votre centre et le réseau"),
    "beside_caption": Text(
        "Dot: your rate; line: its 95% interval; black tick: the network; pale band: where 95% of centres of your "
        "size would lie if they worked like the network.",
        "Point : votre taux ; trait : son intervalle à 95 % ; repère noir : le réseau ; bande claire : où se "
        "trouveraient 95 % des centres de votre taille s'ils travaillaient comme le réseau.",
    ),
    "network": Text("Network", "Réseau"),
    "position": Text("Position in the funnel", "Position dans l'entonnoir"),
    "position.within": Text("within the limits", "dans les limites"),
    "position.below_95": Text("below the 95% limit", "sous la limite à 95 %"),
    "position.below_998": Text("below the 99.8% limit", "sous la limite à 99,8 %"),
    "position.above_95": Text("above the 95% limit", "au-dessus de la limite à 95 %"),
    "position.above_998": Text("above the 99.8% limit", "au-dessus de la limite à 99,8 %"),
    "position.unknown": Text("not comparable", "non comparable"),
    "completeness": Text("Completeness of your data", "Complétude de vos données"),
    "rows": Text("Rows", "Lignes"),
    "filled": Text("Optional cells filled", "Champs facultatifs renseignés"),
    "weakest": Text("Least filled columns", "Colonnes les moins renseignées"),
    "quarantine": Text("Rows in quarantine", "Lignes en quarantaine"),
    "quarantine_text": Text(
        "Rows that broke the contract, by table and rule. The positions are in the quarantine file.",
        "Lignes non conformes au contrat de données, par table et par règle. Leur position figure dans le fichier de "
        "quarantaine.",
    ),
    "quarantine_none": Text("None.", "Aucune."),
    "quarantine_rule": Text("What was asked for", "Ce qui était attendu"),
    "cases": Text("Cases to look at", "Cas à relire"),
    "cases_text": Text(
        "cases.csv lists each of them with the reason of its verdict and the facts in words; sentinel cases come "
        "first.",
        "Le fichier cases.csv les liste tous, avec la raison du verdict et les faits en toutes lettres, les cas "
        "sentinelles en tête.",
    ),
    "verdict": Text("Verdict", "Verdict"),
    "reason": Text("Reason", "Raison"),
    "no_reason": Text("no documented reason", "aucune raison documentée"),
    "time_not_over": Text(
        "observation ended before the time allowed had passed", "suivi terminé avant la fin du délai accordé"
    ),
    "leaves_a_choice": Text("the wording leaves a choice", "la formulation laisse un choix"),
    # Case lists
    "case.concordant": Text("concordant", "concordant"),
    "case.discordant": Text("discordant", "discordant"),
    "case.to_justify": Text("to justify", "à justifier"),
    "case.justified": Text("justified", "justifié"),
    "case.not_due": Text("not due", "non échu"),
    "case.not_assessable": Text("not assessable", "non évaluable"),
    "case.reported": Text("no verdict: the option taken", "pas de verdict : l'option prise"),
    "not_recorded": Text("not recorded", "non renseigné"),
    "none_in_data": Text("none in the data", "aucune trace dans les données"),
    "or": Text(" or ", " ou "),
    "range": Text("{low} to {high}", "{low} à {high}"),
    "days": Text("days", "jours"),
    "yes": Text("yes", "oui"),
    "no": Text("no", "non"),
}
