"""The words of the morning digest, and of the freshness of a centre's data."""

from __future__ import annotations

from scoring.core.text import Text

DIGEST: dict[str, Text] = {
    "last_deposit": Text("Data until", "Données jusqu'au"),
    "state_since": Text("State since", "État depuis le"),
    # Headline
    "digest": Text("Morning digest of {day}", "Point du matin du {day}"),
    "digest.what": Text("Last night", "Cette nuit"),
    "digest.outcome.published": Text(
        "A new state was published on {at}: {arrived}.", "Un nouvel état a été publié le {at} : {arrived}."
    ),
    "digest.outcome.nothing_new": Text("Nothing new arrived.", "Rien de nouveau n'est arrivé."),
    "digest.outcome.kept": Text("Nothing was published: {why}.", "Rien n'a été publié : {why}."),
    "digest.outcome.failed": Text("The nightly run failed: {why}.", "Le traitement de nuit a échoué : {why}."),
    "digest.no_reason": Text("no reason was recorded", "aucune raison n'a été enregistrée"),
    "digest.arrived_none": Text("no new deposit took effect", "aucun nouveau dépôt n'a été pris en compte"),
    "digest.arrived_one": Text("one deposit took effect ({centres})", "un dépôt pris en compte ({centres})"),
    "digest.arrived_some": Text("{n} deposits took effect ({centres})", "{n} dépôts pris en compte ({centres})"),
    "digest.stands": Text("The state published on {at} stands.", "L'état publié le {at} reste en vigueur."),
    "digest.stands_none": Text("Nothing has been published yet.", "Rien n'a encore été publié."),
    "digest.stopped_one": Text(
        "One deposit did not take effect; its centre keeps its last good state: {centres}.",
        "Un dépôt n'a pas été pris en compte ; le centre concerné garde son dernier état valable : {centres}.",
    ),
    "digest.stopped_some": Text(
        "{n} deposits did not take effect; their centres keep their last good state: {centres}.",
        "{n} dépôts n'ont pas été pris en compte ; les centres concernés gardent leur dernier état valable : {centres}.",
    ),
    "digest.first": Text(
        "This is the first state that was published; there is none to compare it with.",
        "C'est le premier état publié ; il n'y en a pas d'autre auquel le comparer.",
    ),
    "digest.key_outside": Text(
        "Newly outside the funnel limits: {what}.",
        "Nouvellement hors des limites de l'entonnoir : {what}.",
    ),
    "digest.key_inside": Text("Back within the funnel limits: {what}.", "Revenus dans les limites de l'entonnoir : {what}."),
    "digest.key_place": Text("{centre} for “{title}”", "{centre} pour « {title} »"),
    "digest.key_changed": Text("{n} verdicts changed: {whys}.", "{n} verdicts ont changé : {whys}."),
    "digest.key_why": Text("{why} ({n})", "{why} ({n})"),
    "digest.key_unchanged": Text(
        "No rate left the funnel limits and no verdict changed.",
        "Aucun taux n'est sorti des limites de l'entonnoir et aucun verdict n'a changé.",
    ),
    # What to do
    "digest.do": Text("What to do", "Que faire"),
    "digest.do_nothing": Text(
        "Nothing: no centre needs an answer this morning.",
        "Rien : aucun centre n'attend de réponse ce matin.",
    ),
    "digest.do_failed": Text(
        "Ask the operator of the registry to look into the run; readers see the state that stands.",
        "Demander à l'exploitant du registre d'examiner le traitement ; les lecteurs voient l'état en vigueur.",
    ),
    "digest.do_silent": Text(
        "Nothing was published for {n} days: ask the operator of the registry and the centres what is missing.",
        "Rien n'a été publié depuis {n} jours : demander à l'exploitant du registre et aux centres ce qui manque.",
    ),
    "digest.do_refused": Text(
        "{centre}: ask for a corrected deposit in place of {name} ({why}).",
        "{centre} : demander un dépôt corrigé à la place de {name} ({why}).",
    ),
    "digest.do_held": Text(
        "{centre}: look at the deposit {name} with the centre ({why}); it takes effect once it is corrected.",
        "{centre} : examiner le dépôt {name} avec le centre ({why}) ; il sera pris en compte une fois corrigé.",
    ),
    "digest.do_lost": Text(
        "{centre}: ask whether the table “{table}” was left out on purpose.",
        "{centre} : demander si la table « {table} » a été omise volontairement.",
    ),
    "digest.do_fell": Text(
        "{centre}: check the export of {columns}, filled less than before.",
        "{centre} : vérifier l'export de {columns}, moins renseigné qu'avant.",
    ),
    "digest.do_outside": Text(
        "{centre}: go through the case list for “{title}” ({position}).",
        "{centre} : relire la liste de cas pour « {title} » ({position}).",
    ),
    "digest.do_stale": Text("{centre}: ask for an extract; {age}.", "{centre} : demander une extraction ; {age}."),
    "digest.do_stale_age": Text("its data end {n} days ago", "ses données s'arrêtent il y a {n} jours"),
    "digest.do_stale_none": Text("it has no deposit in effect", "aucun dépôt n'est pris en compte"),
    "digest.do_unexplained": Text(
        "Report to the operator of the registry: verdicts changed without a known cause.",
        "Signaler à l'exploitant du registre : des verdicts ont changé sans cause connue.",
    ),
    "digest.more": Text("and {n} more", "et {n} autres"),
    # Centres
    "digest.centres_text": Text(
        "A centre whose deposit is held or refused keeps its last good state. The date in “Data until” is the extraction date "
        "of the last deposit in effect.",
        "Un centre dont le dépôt est retenu ou refusé garde son dernier état valable. La date « Données jusqu'au » est la date "
        "d'extraction du dernier dépôt pris en compte.",
    ),
    "digest.days": Text("{n} days ago", "il y a {n} jours"),
    "digest.day": Text("yesterday", "hier"),
    "digest.today": Text("today", "aujourd'hui"),
    "digest.arrived": Text("Taken in last night", "Pris en compte cette nuit"),
    "digest.stopped": Text("Held or refused", "Retenu ou refusé"),
    "digest.rows": Text("Rows in quarantine", "Lignes en quarantaine"),
    "digest.rows_value": Text("{k} of {n}", "{k} sur {n}"),
    "digest.kind.full": Text("full extract", "extraction complète"),
    "digest.kind.incremental": Text("incremental extract", "extraction incrémentale"),
    "digest.kind.withdrawal": Text("withdrawal", "retrait"),
    "digest.fate.held": Text("held", "retenu"),
    "digest.fate.refused": Text("refused", "refusé"),
    "digest.details": Text("Messages of the software (in English)", "Messages du logiciel (en anglais)"),
    # Rates
    "digest.rates": Text("Rates that moved", "Taux qui ont bougé"),
    "digest.rates_text": Text(
        "Headline indicators by centre, and every rule over the network: rates that moved by {points} points or more, and "
        "centres that left the funnel limits or came back, these first. Between two nights a rate of few decisions moves by "
        "chance.",
        "Indicateurs principaux par centre, et toutes les règles pour l'ensemble du réseau : les taux qui ont bougé de {points} "
        "points ou plus, et les centres sortis des limites de l'entonnoir ou revenus, ceux-ci en tête. D'une nuit à l'autre, un "
        "taux fondé sur peu de décisions bouge par hasard.",
    ),
    "digest.rates_none": Text(
        "No rate moved by {points} points or more, and no centre crossed the funnel limits.",
        "Aucun taux n'a bougé de {points} points ou plus, et aucun centre n'a franchi les limites de l'entonnoir.",
    ),
    "digest.scope": Text("Centre", "Centre"),
    "digest.network": Text("whole network", "tout le réseau"),
    "digest.before": Text("Before", "Avant"),
    "digest.now": Text("Now", "Maintenant"),
    "digest.move": Text("What moved", "Ce qui a bougé"),
    "digest.rate_n": Text("{rate} ({interval}; n = {n})", "{rate} ({interval} ; n = {n})"),
    "digest.crossed.outside": Text("newly {position}", "désormais {position}"),
    "digest.crossed.further": Text("further out: {position}", "s'écarte encore : {position}"),
    "digest.crossed.inside": Text("back within the limits", "de nouveau dans les limites"),
    "digest.moved.fell": Text("fell by {points} points", "baisse de {points} points"),
    "digest.moved.rose": Text("rose by {points} points", "hausse de {points} points"),
    "digest.moved_least.fell": Text("fell by {points} points or more", "baisse d'au moins {points} points"),
    "digest.moved_least.rose": Text("rose by {points} points or more", "hausse d'au moins {points} points"),
    "digest.rate_moved": Text("{scope}, “{title}”: {move}; now {rate}.", "{scope}, « {title} » : {move} ; maintenant {rate}."),
    # Verdicts
    "digest.verdicts": Text("Verdicts that changed, and why", "Verdicts qui ont changé, et pourquoi"),
    "digest.verdicts_text": Text(
        "A verdict changed when the same decision has another status than before. Decisions that are new or gone are counted "
        "apart. Of several possible reasons one is given, in this order: edition, parameter, correction, new data, coverage, "
        "time, software.",
        "Un verdict a changé quand la même décision a un autre statut qu'avant. Les décisions nouvelles ou disparues sont "
        "comptées à part. Quand plusieurs raisons sont possibles, une seule est donnée, dans cet ordre : édition, paramètre, "
        "correction, nouvelles données, couverture, temps, logiciel.",
    ),
    "digest.verdicts_none": Text("No verdict changed.", "Aucun verdict n'a changé."),
    "digest.why": Text("Why", "Pourquoi"),
    "digest.why.edition": Text("edition of the guideline", "édition du référentiel"),
    "digest.why.parameter": Text("parameter or period of the audit", "paramètre ou période de l'audit"),
    "digest.why.correction": Text("data corrected", "données corrigées"),
    "digest.why.new_data": Text("new data", "nouvelles données"),
    "digest.why.coverage": Text("coverage of the tables", "couverture des tables"),
    "digest.why.time": Text("time passed", "temps écoulé"),
    "digest.why.software": Text("version of the software", "version du logiciel"),
    "digest.why.unexplained": Text("no known cause", "sans cause connue"),
    "digest.verdict.changed": Text("Changed", "Changés"),
    "digest.verdict.new": Text("New decisions", "Décisions nouvelles"),
    "digest.verdict.gone": Text("Decisions gone", "Décisions disparues"),
    "digest.by_rule": Text("Most frequent changes by rule", "Changements les plus fréquents par règle"),
    "digest.by_centre": Text("Changes by centre", "Changements par centre"),
    "digest.from_to": Text("From → to", "De → à"),
    # Completeness, gate, cohort
    "digest.completeness": Text("Completeness that changed", "Complétude qui a changé"),
    "digest.completeness_text": Text(
        "Tables that a centre supplies no more or for the first time, and optional columns of which the filled share moved by "
        "{points} points or more.",
        "Tables qu'un centre ne fournit plus ou fournit pour la première fois, et colonnes facultatives dont la part renseignée "
        "a bougé de {points} points ou plus.",
    ),
    "digest.completeness_none": Text(
        "No filled share moved by {points} points or more, and no table came or went.",
        "Aucune part renseignée n'a bougé de {points} points ou plus, et aucune table n'est apparue ou disparue.",
    ),
    "digest.place": Text("Table, column", "Table, colonne"),
    "digest.filled.fell": Text("filled less", "moins renseignée"),
    "digest.filled.rose": Text("filled more", "plus renseignée"),
    "digest.filled.lost": Text("no longer supplied", "n'est plus fournie"),
    "digest.filled.gained": Text("newly supplied", "nouvellement fournie"),
    "digest.filled": Text(
        "{centre}, {place}: {what} ({before} before, {now} now).",
        "{centre}, {place} : {what} ({before} avant, {now} maintenant).",
    ),
    "digest.filled_table": Text("{centre}, {place}: {what}.", "{centre}, {place} : {what}."),
    "digest.problem.appeared": Text(
        "{centre}, new problem: {words} ({place}).",
        "{centre}, problème nouveau : {words} ({place}).",
    ),
    "digest.problem.disappeared": Text(
        "{centre}, problem gone: {words} ({place}).",
        "{centre}, problème disparu : {words} ({place}).",
    ),
    "digest.gate": Text("Quality gate", "Contrôle qualité"),
    "digest.gate_none": Text("The quality gate finds what it found before.", "Le contrôle qualité trouve ce qu'il trouvait avant."),
    "digest.gate.appeared": Text("New problems", "Problèmes nouveaux"),
    "digest.gate.disappeared": Text("Problems that are gone", "Problèmes disparus"),
    "digest.cohort_text": Text(
        "Accepted patients, decisions to which a rule applied, and those of them that could be assessed, with the change since "
        "the state before.",
        "Patients acceptés, décisions relevant d'une règle, et parmi elles celles qui ont pu être évaluées, avec le changement "
        "depuis l'état précédent.",
    ),
    "digest.measure.patients": Text("Patients", "Patients"),
    "digest.measure.decisions": Text("Decisions", "Décisions"),
    "digest.measure.assessable": Text("Assessable", "Évaluables"),
    "digest.change": Text("Change", "Changement"),
    "digest.new_centre": Text("new centre", "nouveau centre"),
    "digest.gone_centre": Text("centre gone", "centre disparu"),
    "digest.suppressed": Text(
        "{mark} stands for a number that is not shown: a count under {smallest}, a change of fewer than {smallest}, or a number "
        "from which one would follow.",
        "{mark} remplace un nombre qui n'est pas présenté : un effectif ou un changement inférieur à {smallest}, ou un nombre "
        "qui permettrait d'en déduire un.",
    ),
    "digest.use": Text(
        "This page names no patient. It is written for the quality team of the network; it is not meant for decisions on the "
        "treatment of a patient.",
        "Cette page ne désigne aucun patient. Elle est destinée à l'équipe qualité du réseau ; elle ne sert pas à décider du "
        "traitement d'un patient.",
    ),
    "digest.run": Text("run {run}", "exécution {run}"),
}  # fmt: skip
