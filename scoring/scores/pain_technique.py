"""From the mechanism of the pain to the percutaneous technique (S08, G1 3.6 and 3.6.3)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.recommendations import parameters as P

from .columns import DATE, UNKNOWN, first_of

BOTH = "ablation_with_consolidation"
TECHNIQUES = {
    "inflammatory": "ablation",
    "mechanical": "consolidation",
    "mixed": f"ablation|consolidation|{BOTH}",
    "neuropathic": "not_covered",
}
"""What palliative treatment may be, by mechanism."""


def painful() -> pl.Expr:
    """Does the lesion hurt? By the mechanism where it is recorded, otherwise by what else the assessment says of pain."""
    signs = pl.any_horizontal(
        pl.col("mirels_pain") != "none", "pain_on_loading", "pain_disabling", "pain_refractory"
    ).fill_null(False)
    painless = (pl.col("mirels_pain") == "none") | ~pl.col("symptomatic")
    return (
        pl.when(pl.col("pain_mechanism").is_not_null()).then(pl.col("pain_mechanism") != "none")
        .when(signs).then(True)
        .when(painless).then(False)
        .otherwise(None)
    )  # fmt: skip


def evaluate(context: Context) -> pl.DataFrame:
    """One row per assessment of a lesion that hurts."""
    rows = context.rows("lesion_assessments").filter(painful())
    mechanism = pl.col("pain_mechanism").cast(pl.String)
    is_mechanism = {name: mechanism == name for name in TECHNIQUES}
    ablates = mechanism.is_in([name for name, techniques in TECHNIQUES.items() if "ablation" in techniques])
    return rows.with_columns(over=_over_threshold(context, rows)).with_columns(
        mechanism=first_of(is_mechanism),
        techniques=first_of({TECHNIQUES[name]: condition for name, condition in is_mechanism.items()}),
        techniques_if_curative=pl.lit(BOTH),
        palliative_ablation=first_of(
            {
                "not_concerned": ~ablates,
                "above_threshold": ablates & pl.col("over"),
                "not_above_threshold": ablates & ~pl.col("over"),
            }
        ),
    )


def _over_threshold(context: Context, rows: pl.DataFrame) -> pl.Series:
    """Was the last score of the days before above the threshold, and taken on analgesics?"""
    scored = context.rows("clinical_assessments").filter(pl.col("pain_nrs").is_not_null())
    known = Timeline(scored, "pid", ["assessment_id"])
    position = known.last(rows["pid"], rows["day"])
    fresh = known.take("day", position) >= rows["day"] - P.PROCEDURE_PAIN
    over = (known.take("pain_nrs", position) > P.ABLATION_PAIN) & known.take("on_analgesics", position)
    return pl.select(pl.when(fresh).then(over)).to_series()


_OPTIONS = {
    "ablation": Text("ablation", "ablation"),
    "consolidation": Text("consolidation", "consolidation"),
    BOTH: Text("ablation together with consolidation", "ablation associée à une consolidation"),
}
PAIN_TECHNIQUE = Classification(
    id="pain_technique",
    code="S08",
    title=Text("Percutaneous technique by mechanism of the pain", "Technique percutanée selon le mécanisme de la douleur"),
    row=Text("assessment of a lesion that hurts", "évaluation d'une lésion douloureuse"),
    source=Source(G1, "3.6"),
    keys=("patient_id", "assessment_id"),
    columns=(
        DATE,
        ClassColumn("mechanism", Text("Mechanism of the pain", "Mécanisme de la douleur"), "token", {
            "inflammatory": Text("inflammatory, nociceptive", "inflammatoire nociceptive"),
            "mechanical": Text("mechanical", "mécanique"),
            "mixed": Text("mixed", "mixte"),
            "neuropathic": Text("neuropathic", "neuropathique"),
        } | UNKNOWN),
        ClassColumn("techniques", Text("Techniques when the intent is palliative", "Techniques à visée palliative"), "tokens",
                    _OPTIONS | {"not_covered": Text("not covered by the text", "non couvert par le texte")} | UNKNOWN),
        ClassColumn("techniques_if_curative", Text("Technique when the intent is curative", "Technique à visée curative"), "token", {BOTH: _OPTIONS[BOTH]}),
        ClassColumn("palliative_ablation", Text("Pain threshold of palliative ablation", "Seuil de douleur de l'ablation palliative"), "token", {
            "above_threshold": Text("pain above the threshold on analgesics", "douleur au-dessus du seuil sous antalgiques"),
            "not_above_threshold": Text("pain not above the threshold on analgesics", "douleur non supérieure au seuil sous antalgiques"),
            "not_concerned": Text("ablation is not the technique of this pain", "l'ablation n'est pas la technique de cette douleur"),
        } | UNKNOWN),
    ),
    headline="mechanism",
    evaluate=evaluate,
    holes=(
        Text("Mixed pain is not named: either technique, or both, is read as acceptable.",
             "La douleur mixte n'est pas nommée : l'une ou l'autre technique, ou les deux, est lue comme acceptable."),
        Text("Neuropathic pain is not named: not covered, never a deviation.",
             "La douleur neuropathique n'est pas nommée : non couverte, jamais un écart."),
        Text("An assessment records no intent: the technique of curative intent (ablation with consolidation, whatever the pain) stands beside that of palliative intent.",
             "Une évaluation ne note pas d'intention : la technique à visée curative (ablation et consolidation, quelle que soit la douleur) figure à côté de celle à visée palliative."),
        Text("More than 4/10 on analgesics is printed for every ablation; read literally it would exclude painless oligometastases, so it is read for palliative intent alone (C13). Exactly 4 is not enough.",
             "Plus de 4/10 sous antalgiques est imprimé pour toute ablation ; à la lettre, les oligométastases indolores seraient exclues : lu pour la seule visée palliative (C13). 4 exactement ne suffit pas."),
        Text("How old the pain score may be is not printed (parameter PROCEDURE_PAIN). It is the patient's score, not the lesion's.",
             "L'ancienneté admise du score de douleur n'est pas imprimée (paramètre PROCEDURE_PAIN). C'est le score du patient, non celui de la lésion."),
        Text("A lesion hurts if its mechanism of pain is recorded; failing that, if the assessment records pain in Mirels' terms, on loading, disabling or refractory. Where nothing tells, there is no row.",
             "Une lésion est douloureuse si un mécanisme de douleur est noté ; à défaut, si l'évaluation note une douleur selon Mirels, à la charge, invalidante ou réfractaire. Sans indication, pas de ligne."),
    ),
)  # fmt: skip
