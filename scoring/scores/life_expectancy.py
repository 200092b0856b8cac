"""Bands of life expectancy, and what each threshold of the two guidelines allows (G1 3.4, 3.5.5, 3.7, 3.7.2, 3.8; G2 1, 4.2)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.recommendations import parameters as P

BANDS = {
    "under_6_weeks": Text("under 6 weeks: no benefit of surgery", "moins de 6 semaines : aucun bénéfice de la chirurgie"),
    "6_weeks_to_1_year": Text("6 weeks to 1 year: less aggressive stabilisation", "6 semaines à 1 an : stabilisation moins agressive"),
    "over_1_year": Text("over 1 year: resection and reconstruction", "plus de 1 an : résection-reconstruction"),
}  # fmt: skip
ARTHROPLASTY = {
    "no": Text("no (6 months or less)", "non (6 mois ou moins)"),
    "one_of_two": Text("yes by G1, not surely by G2 (6 months to 1 year)", "oui selon G1, sans certitude selon G2 (6 mois à 1 an)"),
    "yes": Text("yes (over 1 year)", "oui (plus de 1 an)"),
}  # fmt: skip
TOKUHASHI = {
    "0-8": Text("0 to 8 (under 6 months)", "0 à 8 (moins de 6 mois)"),
    "9-11": Text("9 to 11 (over 6 months)", "9 à 11 (plus de 6 mois)"),
    "12-15": Text("12 to 15 (over 1 year)", "12 à 15 (plus de 1 an)"),
    "no_band": Text("no band (exactly 6 months)", "aucune classe (6 mois exactement)"),
}
METHODS = {
    "clinician": Text("clinician", "clinicien"),
    "tokuhashi": Text("Tokuhashi score", "score de Tokuhashi"),
    "other_score": Text("another score", "autre score"),
    "mdt": Text("multidisciplinary meeting", "RCP"),
}


def evaluate(context: Context) -> pl.DataFrame:
    """One row per clinical assessment with a life expectancy."""
    rows = context.rows("clinical_assessments").filter(pl.col("life_expectancy_days").is_not_null())
    days = pl.col("life_expectancy_days")
    long, short = days > P.ONE_YEAR, days < P.SIX_MONTHS
    return rows.with_columns(
        method=pl.col("life_expectancy_method"),
        band=pl.when(days < P.SIX_WEEKS).then(pl.lit("under_6_weeks"))
        .when(long).then(pl.lit("over_1_year"))
        .otherwise(pl.lit("6_weeks_to_1_year")),
        surgery_of_benefit=days >= P.SIX_WEEKS,
        antiresorptive_start=days > P.THREE_MONTHS,
        ablative_radiotherapy=days >= P.THREE_MONTHS,
        short=short,
        arthroplasty=pl.when(long).then(pl.lit("yes"))
        .when(days > P.SIX_MONTHS).then(pl.lit("one_of_two"))
        .otherwise(pl.lit("no")),
        heavy_surgery=long,
        tokuhashi_bands=pl.when(short).then(pl.lit("0-8"))
        .when(long).then(pl.lit("9-11|12-15"))
        .when(days > P.SIX_MONTHS).then(pl.lit("9-11"))
        .otherwise(pl.lit("no_band")),
    )  # fmt: skip


LIFE_EXPECTANCY = Classification(
    id="life_expectancy",
    code="S10",
    title=Text("Bands of life expectancy", "Classes d'espérance de vie"),
    row=Text("clinical assessment with a life expectancy", "évaluation clinique avec une espérance de vie"),
    source=Source(G1, "3.7"),
    keys=("patient_id", "assessment_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("life_expectancy_days", Text("Life expectancy", "Espérance de vie"), "days"),
        ClassColumn("method", Text("How it was estimated", "Mode d'estimation"), "token", METHODS),
        ClassColumn("band", Text("Band", "Classe"), "token", BANDS),
        ClassColumn("surgery_of_benefit", Text("Surgery may be of benefit (6 weeks or more)", "Bénéfice possible de la chirurgie (6 semaines ou plus)"), "bool"),
        ClassColumn("antiresorptive_start", Text("Antiresorptive may be started (over 3 months)", "Antirésorptif à initier (plus de 3 mois)"), "bool"),
        ClassColumn("ablative_radiotherapy", Text("Ablative radiotherapy not contraindicated (3 months or more)", "Radiothérapie ablative non contre-indiquée (3 mois ou plus)"), "bool"),
        ClassColumn("short", Text("Short (under 6 months): single fraction after surgery, cementoplasty of the acetabulum", "Courte (moins de 6 mois) : dose unique postopératoire, cimentoplastie du cotyle"), "bool"),
        ClassColumn("arthroplasty", Text("Arthroplasty", "Arthroplastie"), "token", ARTHROPLASTY),
        ClassColumn("heavy_surgery", Text("Heavy surgery for cure, resection and reconstruction (over 1 year)", "Chirurgie lourde à visée curatrice, résection-reconstruction (plus de 1 an)"), "bool"),
        ClassColumn("tokuhashi_bands", Text("Tokuhashi bands that announce it", "Classes de Tokuhashi qui l'annoncent"), "tokens", TOKUHASHI),
    ),
    headline="band",
    evaluate=evaluate,
    holes=(
        Text(
            f"Durations in words are read in days (P01): 6 weeks {P.SIX_WEEKS}, 3 months {P.THREE_MONTHS}, 6 months {P.SIX_MONTHS}, 1 year {P.ONE_YEAR}.",
            f"Les durées en toutes lettres sont lues en jours (P01) : 6 semaines {P.SIX_WEEKS}, 3 mois {P.THREE_MONTHS}, 6 mois {P.SIX_MONTHS}, 1 an {P.ONE_YEAR}.",
        ),
        Text(
            "Exactly 6 weeks and exactly 1 year belong to the intermediate band. At exactly 3 months no antiresorptive is started, and ablative radiotherapy is allowed (C25). At exactly 6 months there is no arthroplasty.",
            "Six semaines et un an exactement sont dans la classe intermédiaire. À trois mois exactement, pas d'antirésorptif, et la radiothérapie ablative est permise (C25). À six mois exactement, pas d'arthroplastie.",
        ),
        Text(
            "No Tokuhashi band is printed for exactly 6 months; the band of over 6 months holds that of over 1 year.",
            "Aucune classe de Tokuhashi n'est imprimée pour six mois exactement ; la classe « plus de 6 mois » contient « plus de 1 an ».",
        ),
        Text(
            "Arthroplasty: over 6 months in G1, over 6 months to 1 year in G2 (C07): between the two only G1 surely allows it.",
            "Arthroplastie : plus de 6 mois selon G1, plus de 6 mois-1 an selon G2 (C07) : entre les deux, seul G1 la permet à coup sûr.",
        ),
        Text(
            "Poor, short and prolonged have no number: under 6 months for a single fraction after surgery and for cementoplasty of the acetabulum, over 1 year for heavy surgery. G2 gives the intermediate band no number: that of G1.",
            "Faible, courte et prolongée ne sont pas chiffrées : moins de 6 mois pour la dose unique postopératoire et la cimentoplastie du cotyle, plus de 1 an pour la chirurgie lourde. G2 ne chiffre pas la classe intermédiaire : celle de G1.",
        ),
        Text(
            "Where the estimate comes from is not said, and no score is held to be reliable enough: it is the estimate recorded on that day, never the survival that was observed.",
            "L'origine de l'estimation n'est pas précisée, et aucun score n'est jugé assez fiable : c'est l'estimation notée ce jour-là, jamais la survie observée.",
        ),
    ),
    external=(
        Text(
            "The publication of the Tokuhashi score reads 6 months or more; the guideline prints more than 6 months, and so it is here.",
            "La publication du score de Tokuhashi écrit 6 mois ou plus ; le guide imprime plus de 6 mois, repris ici.",
        ),
    ),
)  # fmt: skip
