"""Words for the quality of the data as a whole."""

from __future__ import annotations

from scoring.core.text import Text

QUALITY: dict[str, Text] = {
    "quality": Text("Quality of the registry", "Qualité du registre"),
    "quality_text": Text(
        "What the quality gate measured on the accepted rows and warns of. None of it was corrected: the audit uses the data "
        "as they are. A finding is a reason to look, and the rates that rest on these columns are to be read with care.",
        "Ce que le contrôle qualité a mesuré sur les lignes acceptées et signale. Rien n'a été corrigé : l'audit utilise les "
        "données telles quelles. Un signalement invite à vérifier, et les taux fondés sur ces colonnes sont à lire avec "
        "prudence.",
    ),
    "quality_none": Text("The quality gate warns of nothing.", "Le contrôle qualité ne signale rien."),
    "quality_findings": Text("What the quality gate warns of", "Ce que signale le contrôle qualité"),
    "finding": Text("Finding", "Signalement"),
    "finding_where": Text("Where", "Où"),
    "finding_value": Text("Found", "Constaté"),
    "finding_expected": Text("Expected", "Attendu"),
    "finding_rows": Text("Concerned", "Concernées"),
    "finding_do": Text("What to do", "Que faire"),
    "finding_rows_value": Text("{k} of {n}", "{k} sur {n}"),
    "finding_example": Text("example: {file}, line {line}", "exemple : {file}, ligne {line}"),
    "finding_figure": Text("{words} ({id}, printed: {printed}; {caveat})", "{words} ({id}, imprimé : {printed} ; {caveat})"),
    "finding_more": Text("and {n} more", "et {n} autres"),
    "limit_between": Text("{low} to {high}", "de {low} à {high}"),
    "limit_low": Text("at least {low}", "au moins {low}"),
    "limit_high": Text("at most {high}", "au plus {high}"),
    "points": Text("{value} points", "{value} points"),
    "figures_beside": Text(
        "The network beside the figures that the guideline prints", "Le réseau face aux chiffres imprimés dans le référentiel"
    ),
    "figures_beside_text": Text(
        "For plausibility only: none of the printed figures has a confidence interval, and a cohort outside one is a reason "
        "to check the data, not an error.",
        "Pour la vraisemblance seulement : aucun chiffre imprimé n'a d'intervalle de confiance, et s'en écarter invite à "
        "vérifier les données sans être une erreur.",
    ),
    "figure_what": Text("Figure", "Chiffre"),
    "figure_printed": Text("Printed", "Imprimé"),
    "figure_seen": Text("Network", "Réseau"),
    "figure_outside": Text("outside", "hors limites"),
    "figure_caveat": Text("Caution", "Réserve"),
}  # fmt: skip
