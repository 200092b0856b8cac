"""The words of the terminal in both languages."""

from __future__ import annotations

from scoring.core.text import Text

WORDS: dict[str, Text] = {
    # steps
    "take_in": Text("Reading and checking the extracts", "Lecture et contrôle des extractions"),
    "store_registry": Text("Storing the registry", "Enregistrement du registre"),
    "check": Text("Checking what was accepted", "Contrôle de ce qui est accepté"),
    "measure_quality": Text("Measuring completeness", "Mesure de la complétude"),
    "gate_registry": Text("Quality gate", "Contrôle qualité"),
    "gate_verdicts": Text("Quality gate of the verdicts", "Contrôle qualité des verdicts"),
    "score_lesions": Text("Scoring the lesions", "Calcul des scores"),
    "judge_decisions": Text("Judging the decisions", "Évaluation des décisions"),
    "store_verdicts": Text("Storing the verdicts", "Enregistrement des verdicts"),
    "count_rates": Text("Counting the rates", "Calcul des taux"),
    "try_readings": Text("Trying other readings", "Essai des autres lectures"),
    "write_network_report": Text("Writing the report of the network", "Rédaction du rapport du réseau"),
    "write_centre_reports": Text("Writing the reports of the centres", "Rédaction des rapports des centres"),
    "write_manifest": Text("Writing the manifest", "Rédaction du manifeste"),
    # counts
    "centres": Text("centres", "centres"),
    "patients": Text("patients accepted", "patients acceptés"),
    "rows_read": Text("rows read", "lignes lues"),
    "rows_quarantined": Text("rows in quarantine", "lignes en quarantaine"),
    "concordant": Text("verdicts concordant", "verdicts concordants"),
    "discordant": Text("discordant", "discordants"),
    "to_justify": Text("to justify", "à justifier"),
    "justified": Text("justified", "justifiés"),
    "not_due": Text("not yet due", "délai non échu"),
    "not_assessable": Text("not assessable", "non évaluables"),
    # headings
    "rule": Text("Rule", "Règle"),
    "headline": Text("Headline", "Indicateur"),
    "n": Text("n", "n"),
    "rate": Text("rate", "taux"),
    "interval": Text("95 % CI", "IC 95 %"),
    "open": Text("not\nassessable", "non\névaluables"),
    "name": Text("Name", "Nom"),
    "value": Text("Value", "Valeur"),
    "origin": Text("Origin", "Origine"),
    "title": Text("What is recommended", "Ce qui est recommandé"),
    "strength": Text("Wording", "Formulation"),
    "source": Text("Source", "Source"),
    "binding": Text("binding", "impérative"),
    "permissive": Text("permissive", "permissive"),
    "optional": Text("free choice", "choix libre"),
    # places
    "at_report": Text("Report", "Rapport"),
    "at_cases": Text("Centres and cases", "Centres et cas"),
    "at_results": Text("Results", "Résultats"),
    "at_quality": Text("Quality", "Qualité"),
    "took": Text("done in {seconds} s", "terminé en {seconds} s"),
    # one patient
    "patient": Text("Patient", "Patient"),
    "centre": Text("centre", "centre"),
    "no_verdict": Text(
        "No rule applied to this patient in the period of the audit.",
        "Aucune règle ne s'appliquait à ce patient dans la période de l'audit.",
    ),
    "verdict": Text("verdict", "verdict"),
    "reason": Text("reason", "raison"),
    "index_date": Text("index date", "date index"),
    "entity_id": Text("about", "concerne"),
    "recommended": Text("recommended", "recommandé"),
    "given": Text("given", "réalisé"),
    "facts": Text("facts", "faits"),
    "flags": Text("remarks", "remarques"),
}
