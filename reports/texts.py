"""Every word of the reports that is not a rule's own, in both languages. A closed set: an unknown key is an error."""

from __future__ import annotations

from scoring.core.text import Text

from .texts_centre import CENTRE
from .texts_choices import CHOICES
from .texts_digest import DIGEST
from .texts_methods import METHODS
from .texts_quality import QUALITY
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
        "{mark} remplace un nombre qui n'est pas présenté : un effectif inférieur à {smallest}, ou un nombre qui "
        "permettrait d'en déduire un. Un tiret signale un nombre qui n'existe pas.",
    ),
    "centre_private": Text(
        "This page holds this centre's own data, small counts included. It is meant for the centre alone.",
        "Cette page contient les données propres du centre, petits effectifs compris. Elle est destinée au seul "
        "centre.",
    ),
    # Key messages
    "key": Text("Key messages", "Messages clés"),
    "key_high": Text(
        "Highest concordance among {strength} headline indicators: {rules}.",
        "Indicateurs principaux {strength}, concordance la plus élevée : {rules}.",
    ),
    "key_low": Text(
        "Lowest concordance among {strength} headline indicators: {rules}.",
        "Indicateurs principaux {strength}, concordance la plus faible : {rules}.",
    ),
    "key_only": Text(
        "The only {strength} headline indicator with a rate: {rules}.",
        "Seul indicateur principal {strength} ayant un taux : {rules}.",
    ),
    "key_rule": Text("“{title}” ({rate}, {n} decisions)", "« {title} » ({rate}, {n} décisions)"),
    "key_beyond": Text(
        "Beyond the 99.8% funnel limits, hence hardly by chance:",
        "Hors des limites à 99,8 % de l'entonnoir, ce que le hasard n'explique guère :",
    ),
    "key_beyond_95": Text(
        "Beyond the 95% limits only, to be read with care (of {n} comparisons about {expected} fall there by chance):",
        "Hors des limites à 95 % seulement, à interpréter avec prudence (sur {n} comparaisons, environ {expected} s'y "
        "trouveraient par hasard) :",
    ),
    "key_beyond_none": Text(
        "No centre lies beyond the 99.8% funnel limits for a headline indicator.",
        "Aucun centre ne sort des limites à 99,8 % de l'entonnoir pour un indicateur principal.",
    ),
    "key_centre_below": Text(
        "{centre} below the network for “{title}” ({rate} against {network})",
        "{centre} en dessous du réseau pour « {title} » ({rate} contre {network})",
    ),
    "key_centre_above": Text(
        "{centre} above the network for “{title}” ({rate} against {network})",
        "{centre} au-dessus du réseau pour « {title} » ({rate} contre {network})",
    ),
    "key_unknown": Text(
        "{share} of the decisions to which a headline indicator applied could not be assessed because data are "
        "missing; most often for {rules}.",
        "{share} des décisions relevant d'un indicateur principal n'ont pas pu être évaluées, faute de données ; le "
        "plus souvent pour {rules}.",
    ),
    "key_unknown_rule": Text("“{title}” ({share})", "« {title} » ({share})"),
    "key_hidden": Text(
        "{n} of the {of} rates by centre and headline indicator are not shown because counts are small.",
        "Sur {of} taux par centre et par indicateur principal, {n} ne sont pas présentés en raison de petits effectifs.",
    ),
    "key_nothing": Text(
        "No headline indicator has a rate that can be shown.",
        "Aucun indicateur principal n'a de taux qui puisse être présenté.",
    ),
    "binding_adjective": Text("binding", "contraignants"),
    "permissive_adjective": Text("permissive", "permissifs"),
    "binding_one": Text("binding", "contraignant"),
    "permissive_one": Text("permissive", "permissif"),
    # Cohort
    "cohort": Text("Cohort", "Cohorte"),
    "cohort_text": Text(
        "From the records received to the patients with at least one decision that could be assessed. A decision is one "
        "occasion on which a rule is judged: a patient, an assessment, an examination, a dose, a course or a "
        "procedure.",
        "Des enregistrements reçus aux patients ayant au moins une décision évaluable. Une décision est une occasion "
        "d'appliquer une règle : un patient, une évaluation, un examen, une dose, un traitement ou un geste.",
    ),
    "flow_figure": Text("Patients kept at each step", "Patients restants à chaque étape"),
    "step": Text("Step", "Étape"),
    "patients": Text("Patients", "Patients"),
    "decisions": Text("Decisions", "Décisions"),
    "step.read": Text("Read from the extracts", "Lus dans les extractions"),
    "step.accepted": Text("Accepted by the checks", "Acceptés par les contrôles"),
    "step.lung": Text("Lung cancer", "Cancer bronchique"),
    "step.cohort": Text("With at least one bone metastasis", "Avec au moins une métastase osseuse"),
    "step.in_period": Text(
        "With a decision in the edition and period", "Avec une décision relevant de l'édition et de la période"
    ),
    "step.applicable": Text("To whom at least one rule applied", "Concernés par au moins une règle"),
    "step.assessable": Text("With at least one assessable decision", "Avec au moins une décision évaluable"),
    "left_out": Text("Left out: {what}.", "Non retenues : {what}."),
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
        " champs facultatifs renseignés.",
    ),
    "coverage_caption": Text(
        "Tables supplied, and share of optional cells filled in",
        "Tables fournies et part des champs facultatifs renseignés",
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
    "headline": Text("Headline indicators", "Indicateurs principaux"),
    "headline_text": Text(
        "A binding rule is worded as an obligation: not following it is discordant. A permissive rule leaves a "
        "choice: not following it is to be justified. The two are never added up.",
        "Une règle contraignante est formulée comme une obligation : ne pas la suivre est discordant. Une règle "
        "permissive laisse un choix : ne pas la suivre est à justifier. Les deux ne sont jamais additionnées.",
    ),
    "strength.binding": Text("Binding rules", "Règles contraignantes"),
    "strength.permissive": Text("Permissive rules", "Règles permissives"),
    "forest_binding": Text("Headline indicators: binding rules", "Indicateurs principaux : règles contraignantes"),
    "forest_permissive": Text("Headline indicators: permissive rules", "Indicateurs principaux : règles permissives"),
    "forest_caption": Text(
        "Dot: rate; line: 95% interval; pale band: what the rate would be if every decision that could not be "
        "assessed were failing, or concordant. Thick line without a dot: where the rate lies when a small count is "
        "not shown.",
        "Point : taux ; trait : intervalle à 95 % ; bande claire : ce que serait le taux si toutes les décisions non "
        "évaluables étaient non conformes, ou concordantes. Trait épais sans point : fourchette du taux lorsqu'un "
        "petit effectif n'est pas présenté.",
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
    "status.reported": Text("Option reported", "Option relevée"),
    "status.not_assessable": Text("Not assessable", "Non évaluables"),
    "exception_unknown": Text("Exception not recorded", "Exception non renseignée"),
    # Centres compared
    "compare": Text("Indicators by centre", "Indicateurs par centre"),
    "heatmap_figure": Text(
        "Rate of every headline indicator in every centre", "Taux de chaque indicateur principal dans chaque centre"
    ),
    "heatmap_caption": Text(
        "In each square the rate, and the number of decisions assessed. Hatched: not shown. Dash: no decision. Rows "
        "marked (P) are permissive.",
        "Dans chaque case, le taux et le nombre de décisions évaluées. Hachures : non présenté. Tiret : aucune "
        "décision. Les lignes marquées (P) sont des règles permissives.",
    ),
    "permissive_mark": Text("(P)", "(P)"),
    "funnels": Text("Headline indicators: centres and quarters", "Indicateurs principaux : centres et trimestres"),
    "funnels_text": Text(
        "In a funnel plot a centre with few decisions may lie far from the network by chance alone, so the limits "
        "widen to the left. Grey area: 95% limits; dashed: 99.8% limits, exact for the rate of the network. A centre "
        "beyond a limit is drawn as an orange diamond; that is a question to the centre, not an answer: rates are not "
        "adjusted for case mix.",
        "Dans un graphique en entonnoir, un centre qui a peu de décisions peut s'éloigner du réseau par le seul "
        "hasard : les limites s'élargissent vers la gauche. Zone grise : limites à 95 % ; tirets : limites à 99,8 %, "
        "exactes autour du taux du réseau. Un centre hors limites figure en losange orange ; c'est une question posée "
        "au centre, pas une réponse : les taux ne sont pas ajustés sur le profil des patients.",
    ),
    "funnel_figure": Text("Funnel plot: {title}", "Entonnoir : {title}"),
    "funnel_axis": Text("decisions assessed", "décisions évaluées"),
    "funnel_hidden": Text(
        "Not drawn because counts are small: {centres}.", "Non représentés en raison de petits effectifs : {centres}."
    ),
    "funnel_none": Text(
        "The counts are too small for a funnel plot.",
        "Les effectifs sont trop petits pour un graphique en entonnoir.",
    ),
    "funnel_span": Text(
        "Too few decisions differ from the others for centres to be compared.",
        "Trop peu de décisions diffèrent des autres pour comparer les centres.",
    ),
    "trend_figure": Text("By quarter: {title}", "Par trimestre : {title}"),
    "network_rate": Text("Network: {rate} of {n} decisions.", "Réseau : {rate} sur {n} décisions."),
    # Scores
    "scores": Text("Scores", "Scores"),
    "scores_text": Text(
        "All assessments that were scored, whatever the primary tumour. A total is known only if every item is. Where"
        " items are missing the band is given if every attainable total falls in it; otherwise the assessment counts "
        "as uncertain. Under “?”: total not known.",
        "Toutes les évaluations cotées, quelle que soit la tumeur primitive. Un total n'est connu que si tous les "
        "items le sont. S'il manque des items, la classe est donnée quand tous les totaux possibles y tombent ; sinon"
        " l'évaluation est classée incertaine. Sous « ? » : total inconnu.",
    ),
    "score_figure": Text("{score}: {n} assessments", "{score} : {n} évaluations"),
    "uncertain": Text("uncertain", "classe incertaine"),
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
    "matrices": Text("Recommended and done", "Recommandé et réalisé"),
    "matrices_text": Text(
        "For the kinds of decision of the headline indicators that offer more than two options: what was done "
        "(columns) for each rule (rows), among the decisions assessed. ✓ as recommended; ✗ not, be it discordant or to "
        "justify. Framed: what the rule recommends. An option that is recommended can still fail, if it came too late "
        "for instance; a rule that forbids recommends its frame only where it was broken. A rule whose rate is given "
        "as a range is left out.",
        "Pour les types de décision des indicateurs principaux qui offrent plus de deux options : ce qui a été fait "
        "(colonnes) pour chaque règle (lignes), parmi les décisions évaluées. ✓ conforme ; ✗ non conforme, qu'il "
        "s'agisse d'une discordance ou d'un écart à justifier. Case encadrée : ce que la règle recommande. Une option "
        "recommandée peut rester non conforme, par exemple si elle est trop tardive ; pour une interdiction, la case "
        "encadrée est ce qu'il aurait fallu faire dans les cas non conformes. Une règle dont le taux est donné par une "
        "fourchette n'y figure pas.",
    ),
    "matrix_figure": Text("What was done, by rule: {domain}", "Ce qui a été fait, par règle : {domain}"),
    "persistence": Text("Staying on antiresorptive treatment", "Maintien sous antirésorptif"),
    "persistence_text": Text(
        "Kaplan-Meier estimate of {n} courses over two years. Death and the end of the data censor: the curve speaks of "
        "patients who could still be treated. Neighbouring times are grouped so that every step stands for at least "
        "{smallest} stopped courses; the curve ends where fewer than {fewest} are followed. Numbers at risk are rounded "
        "to the nearest {smallest}.",
        "Estimation de Kaplan-Meier sur {n} traitements, pendant deux ans. Le décès et la fin des données sont des "
        "censures : la courbe porte sur les patients qui pouvaient encore être traités. Les temps voisins sont "
        "regroupés pour que chaque marche représente au moins {smallest} arrêts ; la courbe s'arrête quand moins de "
        "{fewest} traitements sont encore suivis. Les effectifs à risque sont arrondis à {smallest} près.",
    ),
    "persistence_at": Text(
        "Still on treatment at two years (730 days): {share} (95% interval {interval}).",
        "Encore sous traitement à deux ans (730 jours) : {share} (intervalle à 95 % : {interval}).",
    ),
    "persistence_short": Text(
        "Follow-up is too short for an estimate at two years.",
        "Le recul est trop court pour une estimation à deux ans.",
    ),
    "persistence_unknown": Text(
        "{n} further courses lack the dates needed.", "Les dates nécessaires manquent pour {n} autres traitements."
    ),
    "persistence_axis": Text("months since the first dose", "mois depuis la première dose"),
    "persistence_at_risk": Text("still followed (about)", "encore suivis (environ)"),
    "at_risk": Text("Breaches among patients at risk", "Manquements chez les patients à risque"),
    "at_risk_text": Text(
        "A rule that says what not to do is judged on every act of that kind. Here its breaches are counted among the "
        "patients whom it protects, whether they had such an act or not.",
        "Une règle qui dit ce qu'il ne faut pas faire est appliquée à chaque acte de ce type. Ses manquements sont ici "
        "rapportés aux patients qu'elle protège, qu'ils aient eu un tel acte ou non.",
    ),
    "at_risk_whom": Text("Whom it protects", "Qui elle protège"),
    "at_risk_breached": Text("With a breach", "Avec un manquement"),
    "sentinels": Text("Sentinel cases", "Cas sentinelles"),
    "sentinels_text": Text(
        "Fractures that came while prophylactic fixation was recommended and awaited. Each deserves a review; they "
        "head the case list of their centre.",
        "Fractures survenues alors qu'une ostéosynthèse prophylactique était recommandée et attendue. Chacune mérite "
        "une relecture ; elles figurent en tête de la liste de cas de leur centre.",
    ),
    "sentinels_none": Text("None was found.", "Aucun cas retrouvé."),
    "n_cases": Text("Cases", "Cas"),
    # Appendices
    "all_rules": Text("Appendix: all rules", "Annexe : toutes les règles"),
    "sources": Text(
        "Appendix: the rules, their sources and readings", "Annexe : les règles, leurs sources et leurs lectures"
    ),
    "population": Text("For whom", "Pour qui"),
    "action": Text("What counts as done", "Ce qui est attendu"),
    "reading": Text("Reading", "Lecture"),
    "binding_rule": Text("binding", "contraignante"),
    "permissive_rule": Text("permissive", "permissive"),
    "parameter": Text("Parameter", "Paramètre"),
    "value": Text("Value", "Valeur"),
    "parameters": Text("Thresholds and windows", "Seuils et délais"),
    "parameters_text": Text(
        "Every number that the rules use. Printed: the guideline gives it. Reading: the guideline is silent or "
        "ambiguous, and the number is a proposal of this audit. External: from another publication.",
        "Tous les nombres utilisés par les règles. Texte : le référentiel le donne. Lecture : le référentiel ne le "
        "précise pas, c'est une proposition de cet audit. Externe : issu d'une autre publication.",
    ),
    "origin": Text("Origin", "Origine"),
    "origin.printed": Text("printed", "texte"),
    "origin.reading": Text("reading", "lecture"),
    "origin.external": Text("external", "externe"),
}

TEXTS: dict[str, Text] = {
    key: Text(text.en, french_spaces(text.fr))
    for key, text in (WORDS | CENTRE | METHODS | REGISTRY | CHOICES | QUALITY | DIGEST).items()
}
"""Key -> words."""


def say(key: str, lang: str, **values: object) -> str:
    """The words of a key, with its values in place."""
    return TEXTS[key][lang].format(**values)
