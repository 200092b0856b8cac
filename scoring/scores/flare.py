"""Flare on bone scintigraphy or FDG-PET (G1 2; G1 3.2 for targeted therapy)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Decisions
from scoring.facts.imaging import PET, SCINTIGRAPHY, line_under_way, shown
from scoring.recommendations import parameters as P

MODALITIES = {
    SCINTIGRAPHY: Text("bone scintigraphy", "scintigraphie osseuse"),
    PET: Text("FDG-PET", "TEP-TDM au FDG"),
}
FLARES = {
    "none": Text("no increase and no new focus", "ni accentuation ni nouveau foyer"),
    "possible_flare": Text("possible flare", "flare possible"),
    "indeterminate": Text("increase that is neither flare nor progression by the text", "accentuation qui n'est, selon le texte, ni flare ni progression"),
    "probable_progression": Text("probable progression (PET)", "progression probable (TEP-TDM)"),
    "progression": Text("progression (scintigraphy)", "progression (scintigraphie)"),
}  # fmt: skip
IN_THE_SENTENCE = ("chemotherapy", "combination")


def evaluate(context: Context) -> pl.DataFrame:
    """One row per scintigraphy or FDG-PET."""
    exams = context.rows("imaging_exams").filter(pl.col("modality").is_in(list(MODALITIES)))
    d = Decisions(context, exams.select("pid", "day", "date", "modality", entity_id="exam_id"))
    line = line_under_way(d)
    d.add(
        exam_id=d["entity_id"],
        increase=shown(d, "increase"),
        flare_criteria=shown(d, "flare") & line["effective"],
        no_line=line["line_id"].is_null() & d.proves("systemic_therapy_lines"),
        days_on_line=d["day"] - line["start_day"],
        class_outside_sentence=~line["class"].is_in(list(IN_THE_SENTENCE)),
    )
    late = pl.col("days_on_line") > P.FLARE
    return d.frame.with_columns(
        flare=pl.when(pl.col("increase").is_null()).then(None)
        .when(~pl.col("increase")).then(pl.lit("none"))
        .when("no_line").then(pl.lit("indeterminate"))
        .when(late & (pl.col("modality") == SCINTIGRAPHY)).then(pl.lit("progression"))
        .when(late).then(pl.lit("probable_progression"))
        .when(~late & pl.col("flare_criteria")).then(pl.lit("possible_flare"))
        .when(~late & ~pl.col("flare_criteria")).then(pl.lit("indeterminate"))
        .otherwise(None)
    )  # fmt: skip


FLARE = Classification(
    id="flare",
    code="S04",
    title=Text("Flare or progression", "Flare ou progression"),
    row=Text("bone scintigraphy or FDG-PET", "scintigraphie osseuse ou TEP-TDM au FDG"),
    source=Source(G1, "2"),
    keys=("patient_id", "exam_id"),
    columns=(
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("modality", Text("Examination", "Examen"), "token", MODALITIES),
        ClassColumn("flare", Text("Flare", "Flare"), "token", FLARES),
        ClassColumn("days_on_line", Text("Time on the current line", "Délai depuis le début de la ligne"), "days"),
        ClassColumn(
            "class_outside_sentence",
            Text("Drug class outside the sentence", "Classe de médicament hors de la phrase"),
            "bool",
        ),
    ),
    headline="flare",
    evaluate=evaluate,
    holes=(
        Text(
            f"The origin of the six months is not printed: the start of the systemic line under way (P16). Exactly six months ({P.FLARE} days) is within.",
            f"L'origine des six mois n'est pas imprimée : le début de la ligne systémique en cours (P16). Six mois exactement ({P.FLARE} jours) sont encore dans le délai.",
        ),
        Text(
            "That treatment works needs a proof that is not the bone: response or stability outside bone, as recorded for the line. Where it is not recorded, a flare cannot be told from an increase that the text leaves open.",
            "L'efficacité du traitement demande une preuve qui ne soit pas osseuse : réponse ou stabilité hors de l'os, telle que renseignée pour la ligne. Sans elle, on ne peut distinguer un flare d'une accentuation sur laquelle le texte ne dit rien.",
        ),
        Text(
            "A flare needs an increase or a new focus of a lesion that was very lytic at first, any one; beyond six months any increase or new focus is progression, whatever the lesion was.",
            "Un flare demande l'accentuation ou l'apparition d'un foyer dans une lésion initialement très lytique, une seule suffit ; au-delà de six mois, toute accentuation ou tout nouveau foyer est une progression, quelle que fût la lésion.",
        ),
        Text(
            "Within six months, an increase under a treatment that does not work, in a lesion that was not lytic, or without any treatment is indeterminate: the text names it neither flare nor progression.",
            "Avant six mois, une accentuation sous un traitement inefficace, dans une lésion qui n'était pas lytique ou sans traitement reste indéterminée : le texte n'en fait ni un flare ni une progression.",
        ),
        Text(
            "The rule beyond six months is printed for scintigraphy only: on FDG-PET the progression is called probable.",
            "La règle au-delà de six mois n'est imprimée que pour la scintigraphie : en TEP-TDM, la progression est dite probable.",
        ),
        Text(
            "The sentence speaks of chemotherapy; targeted therapy (G1 3.2, where a bone flare is a response) and immunotherapy are read alike and marked.",
            "La phrase parle de chimiothérapie ; thérapies ciblées (G1 3.2, où le « bone flare » est une réponse) et immunothérapie sont lues de même et signalées.",
        ),
    ),
)  # fmt: skip
