"""The words of the manual."""

from __future__ import annotations

from scoring.core.recommendation import Strength
from scoring.core.text import Text

WORDS: dict[str, Text] = {
    "made": Text(
        "Made from the declarations: `make manual`. Do not edit; the sign-offs are in sign-off.csv.",
        "Produit à partir des déclarations : `make manual`. Ne pas modifier ; les validations sont dans sign-off.csv.",
    ),
    "manual": Text("The guideline as it is computed", "Le référentiel tel qu'il est calculé"),
    "intro": Text(
        "Every measure, score and classification, with its source, its words, its readings and the data that it needs. "
        "A reading is what the text leaves open and this audit had to decide; each waits for a clinician's sign-off.",
        "Chaque mesure, score et classification, avec sa source, ses termes, ses lectures et les données nécessaires. "
        "Une lecture est ce que le texte laisse ouvert et que cet audit a dû trancher ; chacune attend la validation "
        "d'un clinicien.",
    ),
    "signed": Text("Readings signed off: {n} of {of}.", "Lectures validées : {n} sur {of}."),
    "domains": Text("Measures by domain", "Mesures par domaine"),
    "scores": Text("Scores", "Scores"),
    "classifications": Text("Classifications", "Classifications"),
    "parameters": Text("Parameters and readings", "Paramètres et lectures"),
    "coverage": Text("Coverage of the guideline", "Couverture du référentiel"),
    "n_measures": Text("{n} measures", "{n} mesures"),
    "source": Text("Source", "Source"),
    "also": Text("answers also for", "répond aussi pour"),
    "applies": Text("Applies to", "S'applique à"),
    "done": Text("What counts as done", "Ce qui est attendu"),
    "options": Text("Options reported", "Options relevées"),
    "grain": Text("Judged on", "Jugé sur"),
    "strength": Text("Wording", "Formulation"),
    "not_excusable": Text("nothing excuses it", "rien ne l'excuse"),
    "exceptions": Text("Justified by", "Justifié par"),
    "ambers": Text("To be justified rather than discordant", "À justifier plutôt que discordant"),
    "late": Text("done, but outside a time that is a reading", "fait, mais hors d'un délai qui est une lecture"),
    "mdt_against": Text("decided otherwise by the MDT meeting", "décision contraire de la RCP"),
    "deviation": Text("a documented departure", "un écart documenté"),
    "protects": Text("Protects", "Protège"),
    "data": Text("Data needed", "Données nécessaires"),
    "reading": Text("Reading", "Lecture"),
    "sign_off": Text("Sign-off", "Validation"),
    "open_sign_off": Text(
        "name ………… date ………… agrees ☐ does not agree ☐", "nom ………… date ………… d'accord ☐ pas d'accord ☐"
    ),
    "agrees": Text("agrees", "d'accord"),
    "disagrees": Text("does not agree", "pas d'accord"),
    "cases": Text("Cases", "Cas"),
    "cases_there": Text("Cases: in the [English page]({there}).", "Cas : dans la [page en anglais]({there})."),
    "case_columns": Text("case | what differs | verdict", "cas | ce qui diffère | verdict"),
    "base": Text("The base of the cases", "Base des cas"),
    "items": Text("Items", "Items"),
    "item": Text("item", "item"),
    "points": Text("points", "points"),
    "column": Text("column", "colonne"),
    "where_read": Text("where the points come from", "d'où viennent les points"),
    "several_columns": Text(
        "from several columns: see [the specification](../../../measures.md)",
        "d'après plusieurs colonnes : voir [la spécification](../../../measures.md)",
    ),
    "not_computed": Text("Not computed where", "Non calculé si"),
    "bands": Text("Bands", "Classes"),
    "holes": Text("Holes and readings", "Trous et lectures"),
    "external": Text("Not from the guideline", "Extérieur au référentiel"),
    "row": Text("One row per", "Une ligne par"),
    "columns": Text("Columns", "Colonnes"),
    "kinds": Text("values", "valeurs"),
    "computed": Text("computed", "calculé"),
    "report_only": Text("reported without a verdict", "relevé sans verdict"),
    "statement": Text("statement", "énoncé"),
    "unit": Text("unit", "unité"),
    "status": Text("status", "statut"),
    "why": Text("why", "pourquoi"),
    "upgrade": Text("what would make it measurable", "ce qui le rendrait mesurable"),
    "measures_covered": Text(
        "{n} of {of} distinct measures of the catalogue, {ids} of {all_ids} of its ids; {judged} measures of this audit give a "
        "verdict, {options} report options.",
        "{n} des {of} mesures distinctes du catalogue, {ids} de ses {all_ids} identifiants ; {judged} mesures de cet audit "
        "rendent un verdict, {options} relèvent des options.",
    ),
    "scores_covered": Text(
        "{n} of {of} scores and classifications.", "{n} des {of} scores et classifications."
    ),
    "units_covered": Text(
        "{n} of {of} statements of the texts are computed, {no} are not: no registry can answer them.",
        "{n} des {of} énoncés des textes sont calculés, {no} ne le sont pas : aucun registre ne peut y répondre.",
    ),
    "not_computable": Text("Statements that are not computed", "Énoncés non calculés"),
    "differs": Text(
        "Members of a group that differ in population, wording, target or moment are measures of their own, so that the "
        "audit has more measures than the catalogue has groups.",
        "Les membres d'un groupe qui diffèrent par la population, la formulation, la cible ou le moment sont des mesures à "
        "part entière ; l'audit a donc plus de mesures que le catalogue n'a de groupes.",
    ),
    "name": Text("name", "nom"),
    "value": Text("value", "valeur"),
    "origin": Text("origin", "origine"),
    "note": Text("note (English)", "note (en anglais)"),
    "parameters_text": Text(
        "Every threshold and window. *Printed*: the guideline gives the number. *Reading*: it does not, and the number is a "
        "proposal. *External*: from another publication. `osteoconcord audit --parameters FILE` sets other values.",
        "Chaque seuil et chaque fenêtre. *Imprimé* : le référentiel donne le nombre. *Lecture* : il ne le donne pas, le nombre "
        "est une proposition. *Externe* : d'une autre publication. `osteoconcord audit --parameters FICHIER` en fixe d'autres.",
    ),
    "conventions": Text("Readings without a number", "Lectures sans nombre"),
    "other_readings": Text("Other readings that `audit --sensitivity` tries", "Autres lectures essayées par `audit --sensitivity`"),
    "same_readings": Text("Reading parameters of the catalogue", "Paramètres de lecture du catalogue"),
}  # fmt: skip

STRENGTHS: dict[Strength, Text] = {
    Strength.BINDING: Text("binding", "impérative"),
    Strength.PERMISSIVE: Text("permissive", "permissive"),
    Strength.OPTIONAL: Text("free choice: reported, never judged", "choix libre : relevé, jamais jugé"),
}

GRAINS: dict[str, Text] = {
    "patient": Text("the patient, at the discovery of the first bone lesion", "le patient, à la découverte de la première lésion osseuse"),
    "spine_patient": Text("the patient, at the discovery of the first vertebral lesion", "le patient, à la découverte de la première lésion vertébrale"),
    "suspicion": Text("the patient, at the suspicion of the cancer", "le patient, à la suspicion du cancer"),
    "metastatic_disease": Text("the patient, when metastatic disease is known", "le patient, à la connaissance de la maladie métastatique"),
    "short_life_expectancy": Text("the patient, when a life expectancy under six weeks is recorded", "le patient, quand une espérance de vie inférieure à six semaines est enregistrée"),
    "lesion_assessment": Text("the assessment of a lesion", "l'évaluation d'une lésion"),
    "painful_lesion": Text("the assessment that shows a painful lesion", "l'évaluation qui montre une lésion douloureuse"),
    "acetabular_lesion": Text("the assessment of an acetabular lesion", "l'évaluation d'une lésion acétabulaire"),
    "spinal_assessment": Text("the assessment of a spinal lesion", "l'évaluation d'une lésion rachidienne"),
    "spinal_treatment": Text("the treatment of a spinal lesion", "le traitement d'une lésion rachidienne"),
    "cord_compression": Text("the cord compression", "la compression médullaire"),
    "imaging_exam": Text("the examination", "l'examen"),
    "drug_dose": Text("the dose", "la dose"),
    "antiresorptive_course": Text("the course of antiresorptive treatment, at its first dose", "le traitement antirésorptif, à sa première dose"),
    "radiotherapy_course": Text("the radiotherapy course", "la radiothérapie"),
    "procedure": Text("the procedure", "l'acte"),
    "systemic_line": Text("the line of systemic therapy", "la ligne de traitement systémique"),
}  # fmt: skip
"""What is judged, by grain."""

REASONS: dict[str, Text] = {
    "EVID": Text("efficacy or evidence", "efficacité ou preuves"),
    "PROG": Text("prognosis", "pronostic"),
    "EPI": Text("population figure", "donnée de population"),
    "RAT": Text("reason of another rule", "raison d'une autre règle"),
    "DEF": Text("description of a technique", "description d'une technique"),
    "GOAL": Text("aim without a threshold", "but sans seuil"),
    "VAGUE": Text("no criterion that could be measured", "aucun critère mesurable"),
    "META": Text("about the document", "sur le document"),
}
"""Why a statement is not computed."""


def say(key: str, lang: str, **values: object) -> str:
    """Words of the manual in one language."""
    return WORDS[key][lang].format(**values) if values else WORDS[key][lang]
