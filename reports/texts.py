"""Every word of the reports that is not a rule's own, in both languages. A closed set: an unknown key is an error."""

from __future__ import annotations

from scoring.core.text import Text

from .texts_centre import CENTRE
from .texts_methods import METHODS
from .texts_registry import REGISTRY
from .words import french_spaces

WORDS: dict[str, Text] = {
    # The page
    "title": Text(
        "Care of bone metastases of lung cancer: concordance audit",
        "Métastases osseuses des cancers bronchiques : audit de concordance",
    ),
    "network_subtitle": Text("Report for the network", "Rapport pour le réseau"),
    "centre_subtitle": Text("Page of the centre {centre}", "Page du centre {centre}"),
    "period": Text("Period", "Période"),
    "period_value": Text("{start} to {end}", "du {start} au {end}"),
    "period_open": Text("all dates supplied", "toutes les dates fournies"),
    "period_from": Text("from {start}", "à partir du {start}"),
    "period_until": Text("until {end}", "jusqu'au {end}"),
    "editions": Text("Guideline editions", "Éditions du référentiel"),
    "centres": Text("Centres", "Centres"),
    "centre": Text("Centre", "Centre"),
    "centre_name": Text("Name", "Nom"),
    "skip": Text("Go to the contents", "Aller au contenu"),
    "contents": Text("Contents", "Sommaire"),
    "intended_use": Text("Intended use", "Usage prévu"),
    "intended_use_text": Text(
        "Retrospective audit of the quality of care, for oncology professionals. It is not a clinical decision aid: "
        "it must not be used to decide on the treatment of a patient. A verdict compares what was recorded with what "
        "the guideline recommends; it is a reason to look at a case, not a judgement on its care.",
        "Audit rétrospectif de la qualité des soins, destiné aux professionnels de l'oncologie. Ce n'est pas une aide"
        " à la décision clinique : il ne doit pas servir à décider du traitement d'un patient. Un verdict compare ce "
        "qui a été enregistré à ce que recommande le référentiel ; il invite à relire un dossier, il ne juge pas les "
        "soins.",
    ),
    "retrospective_note": Text(
        "At the request of the audit, decisions made before the date of an edition are included.",
        "À la demande de l'audit, les décisions antérieures à la date d'une édition sont incluses.",
    ),
    "suppressed_note": Text(
        "{mark} stands for a number that is not shown: a count under {smallest}, or one from which such a count could"
        " be worked out. A dash stands for a number that does not exist.",
        "{mark} remplace un nombre qui n'est pas montré : un effectif inférieur à {smallest}, ou un nombre qui "
        "permettrait d'en retrouver un. Un tiret remplace un nombre qui n'existe pas.",
    ),
    "centre_private": Text(
        "This page holds this centre's own data, small counts included. It is meant for the centre alone.",
        "Cette page contient les données propres du centre, petits effectifs compris. Elle est destinée au seul "
        "centre.",
    ),
    # Key messages
    "key": Text("Key messages", "Messages clés"),
    "key_high": Text(
        "Highest concordance among {strength} rules: {rules}.",
        "Concordance la plus haute des règles {strength} : {rules}.",
    ),
    "key_low": Text(
        "Lowest concordance among {strength} rules: {rules}.",
        "Concordance la plus basse des règles {strength} : {rules}.",
    ),
    "key_only": Text(
        "The only {strength} rule with a rate: {rules}.", "La seule règle {strength} ayant un taux : {rules}."
    ),
    "key_rule": Text("{title} ({rate}, {n} decisions)", "{title} ({rate}, {n} décisions)"),
    "key_beyond": Text(
        "Beyond the 99.8% funnel limits, hence hardly by chance:",
        "Hors des limites à 99,8 % de l'entonnoir, donc difficilement par hasard :",
    ),
    "key_beyond_95": Text(
        "Beyond the 95% limits only, to be read with care (of {n} comparisons about {expected} fall there by chance):",
        "Hors des seules limites à 95 %, à lire avec prudence (sur {n} comparaisons, environ {expected} y tombent par"
        " hasard) :",
    ),
    "key_beyond_none": Text(
        "No centre lies beyond the 99.8% funnel limits for a headline rule.",
        "Aucun centre ne sort des limites à 99,8 % de l'entonnoir pour une règle de tête.",
    ),
    "key_centre_below": Text(
        "{centre} below the network for “{title}” ({rate} against {network})",
        "{centre} au-dessous du réseau pour « {title} » ({rate} contre {network})",
    ),
    "key_centre_above": Text(
        "{centre} above the network for “{title}” ({rate} against {network})",
        "{centre} au-dessus du réseau pour « {title} » ({rate} contre {network})",
    ),
    "key_unknown": Text(
        "{share} of the decisions to which a headline rule applied could not be assessed because data are missing; "
        "most for {rules}.",
        "{share} des décisions relevant d'une règle de tête n'ont pas pu être évaluées faute de données ; le plus "
        "souvent pour {rules}.",
    ),
    "key_unknown_rule": Text("{title} ({share})", "{title} ({share})"),
    "key_hidden": Text(
        "{n} of {of} rates of a centre for a headline rule are not shown because counts are small.",
        "{n} des {of} taux d'un centre pour une règle de tête ne sont pas montrés, les effectifs étant petits.",
    ),
    "key_nothing": Text(
        "No headline rule has a rate that can be shown.", "Aucune règle de tête n'a de taux qui puisse être montré."
    ),
    "binding_adjective": Text("binding", "fermes"),
    "permissive_adjective": Text("permissive", "souples"),
    # Cohort
    "cohort": Text("Cohort", "Cohorte"),
    "cohort_text": Text(
        "From the rows received to the patients with at least one decision that could be assessed. A decision is one "
        "occasion on which a rule is judged: a patient, an assessment, an examination, a dose, a course or a "
        "procedure.",
        "Des lignes reçues aux patients ayant au moins une décision évaluable. Une décision est une occasion de juger"
        " une règle : un patient, une évaluation, un examen, une dose, une cure ou un geste.",
    ),
    "flow_figure": Text("Patients kept at each step", "Patients retenus à chaque étape"),
    "step": Text("Step", "Étape"),
    "patients": Text("Patients", "Patients"),
    "decisions": Text("Decisions", "Décisions"),
    "step.read": Text("Read from the extracts", "Lus dans les extractions"),
    "step.accepted": Text("Accepted by the checks", "Acceptés par les contrôles"),
    "step.lung": Text("Lung cancer", "Cancer bronchique"),
    "step.cohort": Text("With at least one bone metastasis", "Avec au moins une métastase osseuse"),
    "step.in_period": Text(
        "With a decision in the edition and period", "Avec une décision dans l'édition et la période"
    ),
    "step.applicable": Text("To whom at least one rule applied", "Concernés par au moins une règle"),
    "step.assessable": Text("With at least one assessable decision", "Avec au moins une décision évaluable"),
    "left_out": Text("Left out: {what}.", "Écartés : {what}."),
    "left.before_edition": Text(
        "{n} decisions made before the edition of their rule", "{n} décisions antérieures à l'édition de leur règle"
    ),
    "left.outside_period": Text("{n} decisions outside the period", "{n} décisions hors période"),
    # Data
    "data": Text("What each centre supplied", "Ce que chaque centre a fourni"),
    "data_text": Text(
        "A table that is not supplied makes the rules that need it not assessable for that centre. In a table "
        "declared incomplete an act that is present counts, but its absence proves nothing. The percentage is the "
        "share of optional cells that are filled in.",
        "Une table non fournie rend non évaluables, pour ce centre, les règles qui en dépendent. Dans une table "
        "déclarée incomplète, un acte présent compte, mais son absence ne prouve rien. Le pourcentage est la part des"
        " cases facultatives qui sont remplies.",
    ),
    "coverage_caption": Text(
        "Tables supplied, and share of optional cells filled in",
        "Tables fournies, et part des cases facultatives remplies",
    ),
    "table": Text("Table", "Table"),
    "not_supplied": Text("not supplied", "non fournie"),
    "partial": Text("{share}, incomplete", "{share}, incomplète"),
    "empty": Text("no row", "aucune ligne"),
    "intake_caption": Text("Rows read, accepted and quarantined", "Lignes lues, acceptées et mises en quarantaine"),
    "read": Text("Read", "Lues"),
    "accepted": Text("Accepted", "Acceptées"),
    "quarantined": Text("Quarantined", "En quarantaine"),
    "all_centres": Text("All centres", "Tous les centres"),
    # Headlines
    "headline": Text("Headline concordance", "Concordance des règles de tête"),
    "headline_text": Text(
        "A binding rule is worded as an obligation: not following it is discordant. A permissive rule leaves a "
        "choice: not following it is to be justified. The two are never added up.",
        "Une règle ferme est formulée comme une obligation : ne pas la suivre est discordant. Une règle souple laisse"
        " un choix : ne pas la suivre est à justifier. Les deux ne sont jamais additionnées.",
    ),
    "strength.binding": Text("Binding rules", "Règles fermes"),
    "strength.permissive": Text("Permissive rules", "Règles souples"),
    "forest_binding": Text("Rates of the binding headline rules", "Taux des règles de tête fermes"),
    "forest_permissive": Text("Rates of the permissive headline rules", "Taux des règles de tête souples"),
    "forest_caption": Text(
        "Dot: rate; line: 95% interval; pale band: what the rate would be if every decision that could not be "
        "assessed were failing, or concordant.",
        "Point : taux ; trait : intervalle à 95 % ; bande claire : ce que serait le taux si toutes les décisions non "
        "évaluables étaient en échec, ou concordantes.",
    ),
    "rule": Text("Rule", "Règle"),
    "source": Text("Source", "Source"),
    "n_assessed": Text("Decisions assessed", "Décisions évaluées"),
    "n_patients": Text("Patients", "Patients"),
    "rate": Text("Rate", "Taux"),
    "ci": Text("95% interval", "Intervalle à 95 %"),
    "bounds": Text("Bounds", "Bornes"),
    "status.concordant": Text("Concordant", "Concordantes"),
    "status.discordant": Text("Discordant", "Discordantes"),
    "status.to_justify": Text("To justify", "À justifier"),
    "status.justified": Text("Justified", "Justifiées"),
    "status.not_due": Text("Not due", "Non échues"),
    "status.not_assessable": Text("Not assessable", "Non évaluables"),
    "exception_unknown": Text("Exception not recorded", "Exception non renseignée"),
    # Centres compared
    "compare": Text("Centres and rules", "Centres et règles"),
    "heatmap_figure": Text(
        "Rate of every headline rule in every centre", "Taux de chaque règle de tête dans chaque centre"
    ),
    "heatmap_caption": Text(
        "In each square the rate, and the number of decisions assessed. Hatched: not shown. Dash: no decision. Rows "
        "marked (P) are permissive.",
        "Dans chaque case le taux, et le nombre de décisions évaluées. Hachures : non montré. Tiret : aucune "
        "décision. Les lignes marquées (S) sont souples.",
    ),
    "permissive_mark": Text("(P)", "(S)"),
    "funnels": Text("Each headline rule: centres and quarters", "Chaque règle de tête : centres et trimestres"),
    "funnels_text": Text(
        "In a funnel plot a centre with few decisions may lie far from the network by chance alone, so the limits "
        "widen to the left. Grey area: 95% limits; dashed: 99.8% limits, exact for the rate of the network. A centre "
        "beyond a limit is drawn as an orange diamond; that is a question to the centre, not an answer: case mix is "
        "not adjusted for.",
        "Dans un graphique en entonnoir, un centre qui a peu de décisions peut s'éloigner du réseau par le seul "
        "hasard : les limites s'élargissent vers la gauche. Zone grise : limites à 95 % ; tirets : limites à 99,8 %, "
        "exactes pour le taux du réseau. Un centre hors limites est un losange orange ; c'est une question posée au "
        "centre, pas une réponse : le recrutement n'est pas ajusté.",
    ),
    "funnel_figure": Text("Funnel plot: {title}", "Entonnoir : {title}"),
    "funnel_axis": Text("decisions assessed", "décisions évaluées"),
    "funnel_hidden": Text("Not drawn, small counts: {centres}.", "Non tracés, petits effectifs : {centres}."),
    "funnel_none": Text(
        "The counts are too small for a funnel plot.",
        "Les effectifs sont trop petits pour un entonnoir.",
    ),
    "trend_figure": Text("By quarter: {title}", "Par trimestre : {title}"),
    "network_rate": Text("Network: {rate} of {n} decisions.", "Réseau : {rate} de {n} décisions."),
    # Scores
    "scores": Text("Scores", "Scores"),
    "scores_text": Text(
        "All assessments that were scored, whatever the primary tumour. A total is known only if every item is. Where"
        " items are missing the band is given if every attainable total falls in it; otherwise the assessment counts "
        "as uncertain. Under “?”: total not known.",
        "Toutes les évaluations cotées, quelle que soit la tumeur primitive. Un total n'est connu que si tous les "
        "items le sont. S'il manque des items, la classe est donnée quand tous les totaux possibles y tombent ; sinon"
        " l'évaluation est incertaine. Sous « ? » : total inconnu.",
    ),
    "score_figure": Text("{score}: {n} assessments", "{score} : {n} évaluations"),
    "uncertain": Text("uncertain", "incertain"),
    "band_share": Text("{band} {n}", "{band} {n}"),
    "band.radiotherapy": Text("radiotherapy", "radiothérapie"),
    "band.mdt_discussion": Text("meeting", "RCP"),
    "band.prophylactic_surgery": Text("prophylactic surgery", "chirurgie prophylactique"),
    "band.stable": Text("stable", "stable"),
    "band.potentially_unstable": Text("potentially unstable", "potentiellement instable"),
    "band.unstable": Text("unstable", "instable"),
    "band.complete": Text("complete deficit", "déficit complet"),
    "band.incomplete": Text("incomplete deficit", "déficit incomplet"),
    "band.none": Text("no deficit", "aucun déficit"),
    # Matrices, persistence, sentinels
    "matrices": Text("Recommended and given", "Recommandé et donné"),
    "matrices_text": Text(
        "For the kinds of decision of the headline rules that offer more than two options: what was given (columns) "
        "for each rule (rows). The framed squares are what the rule recommends. Assessed decisions.",
        "Pour les types de décision des règles de tête qui offrent plus de deux options : ce qui a été donné "
        "(colonnes) pour chaque règle (lignes). Les cases encadrées sont ce que la règle recommande. Décisions "
        "évaluées.",
    ),
    "matrix_figure": Text("Given treatment by rule: {domain}", "Traitement donné par règle : {domain}"),
    "persistence": Text("Staying on antiresorptive treatment", "Maintien sous antirésorptif"),
    "persistence_text": Text(
        "Kaplan-Meier estimate of {n} courses. Death and the end of the data censor: the curve speaks of patients who"
        " could still be treated. Neighbouring times are grouped so that every step stands for at least {smallest} "
        "stopped courses.",
        "Estimation de Kaplan-Meier sur {n} cures. Le décès et la fin des données censurent : la courbe parle des "
        "patients qui pouvaient encore être traités. Les temps voisins sont regroupés pour que chaque marche compte "
        "au moins {smallest} arrêts.",
    ),
    "persistence_at": Text(
        "Still on treatment at two years (730 days): {share} (95% interval {interval}).",
        "Encore sous traitement à deux ans (730 jours) : {share} (intervalle à 95 % {interval}).",
    ),
    "persistence_short": Text(
        "Follow-up is too short for an estimate at two years.",
        "Le recul est trop court pour une estimation à deux ans.",
    ),
    "persistence_unknown": Text(
        "{n} further courses lack the dates needed.", "Il manque les dates nécessaires à {n} autres cures."
    ),
    "persistence_axis": Text("months since the first dose", "mois depuis la première dose"),
    "sentinels": Text("Sentinel cases", "Cas sentinelles"),
    "sentinels_text": Text(
        "Fractures that came while prophylactic fixation was recommended and awaited. Each deserves a review; they "
        "head the case list of their centre.",
        "Fractures survenues alors qu'une fixation prophylactique était recommandée et attendue. Chacune mérite une "
        "relecture ; elles ouvrent la liste de cas de leur centre.",
    ),
    "sentinels_none": Text("None was found.", "Aucun n'a été trouvé."),
    "n_cases": Text("Cases", "Cas"),
    # Appendices
    "all_rules": Text("Appendix: all rules", "Annexe : toutes les règles"),
    "sources": Text(
        "Appendix: the rules, their sources and readings", "Annexe : les règles, leurs sources et leurs lectures"
    ),
    "population": Text("For whom", "Pour qui"),
    "action": Text("What counts as done", "Ce qui est attendu"),
    "reading": Text("Reading", "Lecture"),
    "binding_rule": Text("binding", "ferme"),
    "permissive_rule": Text("permissive", "souple"),
    "parameter": Text("Parameter", "Paramètre"),
    "value": Text("Value", "Valeur"),
    "parameters": Text("Parameters", "Paramètres"),
}

TEXTS: dict[str, Text] = {
    key: Text(text.en, french_spaces(text.fr)) for key, text in (WORDS | CENTRE | METHODS | REGISTRY).items()
}
"""Key -> words."""


def say(key: str, lang: str, **values: object) -> str:
    """The words of a key, with its values in place."""
    return TEXTS[key][lang].format(**values)
