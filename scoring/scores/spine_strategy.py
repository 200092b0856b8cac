"""The strategies that Tokuhashi and Tomita point to, and whether they agree (S15, G1 3.8.5)."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text

from . import inputs
from .columns import DATE, UNKNOWN, first_of
from .declared import declare, module

BY_TOKUHASHI = {"12-15": "ablative_surgery", "9-11": "palliative_surgery", "0-8": "conservative"}
BY_TOMITA = {
    "2-3": "en_bloc_resection",
    "4-5": "intralesional_resection",
    "6-7": "palliative_surgery",
    "8-10": "supportive_care",
}


class TableRow(NamedTuple):
    """A row of the printed table: the totals of either score that stand side by side."""

    tokuhashi: tuple[int, int]
    tomita: tuple[int, int]


TABLE = (TableRow((12, 15), (2, 5)), TableRow((9, 11), (6, 7)), TableRow((0, 8), (8, 10)))


def evaluate(context: Context) -> pl.DataFrame:
    """One row per spinal assessment."""
    spinal = inputs.spinal_assessments(context)
    tokuhashi = module("tokuhashi")
    prognosis, tomita = tokuhashi.evaluate(spinal), declare("tomita").evaluate(spinal)
    printed_band = tokuhashi.PRINTED.band_of(pl.col("printed_min"), pl.col("printed_max"))
    rows = prognosis.select(
        "patient_id", "assessment_id", "date",
        tokuhashi=_strategy(pl.col("band"), BY_TOKUHASHI),
        tokuhashi_printed=_strategy(printed_band, BY_TOKUHASHI),
        tokuhashi_min="total_min", tokuhashi_max="total_max",
    ).with_columns(tomita.select(tomita=_strategy(pl.col("band"), BY_TOMITA), tomita_min="total_min", tomita_max="total_max"))  # fmt: skip
    one, other = pl.col("tokuhashi"), pl.col("tomita")
    return rows.with_columns(
        strategies=pl.when(one == other).then(one).otherwise(pl.concat_str(one, other, separator="|")),
        agreement=_agreement(),
    )


def _strategy(band: pl.Expr, strategies: dict[str, str]) -> pl.Expr:
    return first_of({strategy: band == name for name, strategy in strategies.items()})


def _agreement() -> pl.Expr:
    """Both scores certainly in one row of the table, or in no row together; otherwise it cannot be known."""
    in_one_row = [_inside("tokuhashi", row.tokuhashi) & _inside("tomita", row.tomita) for row in TABLE]
    perhaps = [_reaches("tokuhashi", row.tokuhashi) & _reaches("tomita", row.tomita) for row in TABLE]
    return first_of({"agree": pl.any_horizontal(in_one_row), "differ": ~pl.any_horizontal(perhaps)})


def _inside(score: str, totals: tuple[int, int]) -> pl.Expr:
    return (pl.col(f"{score}_min") >= totals[0]) & (pl.col(f"{score}_max") <= totals[1])


def _reaches(score: str, totals: tuple[int, int]) -> pl.Expr:
    return (pl.col(f"{score}_max") >= totals[0]) & (pl.col(f"{score}_min") <= totals[1])


_TOKUHASHI = {
    "ablative_surgery": Text("ablative surgery", "chirurgie ablative"),
    "palliative_surgery": Text("palliative surgery", "chirurgie palliative"),
    "conservative": Text("conservative treatment", "traitement conservateur"),
}
_TOMITA = {
    "en_bloc_resection": Text("en-bloc resection", "résection en bloc"),
    "intralesional_resection": Text("intralesional resection", "résection intra-lésionnelle"),
    "palliative_surgery": Text("palliative surgery", "chirurgie palliative"),
    "supportive_care": Text("supportive care", "soins de support"),
}
SPINE_STRATEGY = Classification(
    id="spine_strategy",
    code="S15",
    title=Text("Spinal strategy by Tokuhashi and Tomita", "Stratégie rachidienne selon Tokuhashi et Tomita"),
    row=Text("spinal assessment", "évaluation rachidienne"),
    source=Source(G1, "3.8.5"),
    keys=("patient_id", "assessment_id"),
    columns=(
        DATE,
        ClassColumn("tokuhashi", Text("Strategy by Tokuhashi (six items)", "Stratégie selon Tokuhashi (six items)"), "token", _TOKUHASHI | UNKNOWN),
        ClassColumn("tokuhashi_printed", Text("Strategy by Tokuhashi as printed (five items)", "Stratégie selon Tokuhashi tel qu'imprimé (cinq items)"), "token", _TOKUHASHI | UNKNOWN),
        ClassColumn("tomita", Text("Strategy by Tomita", "Stratégie selon Tomita"), "token", _TOMITA | UNKNOWN),
        ClassColumn("strategies", Text("Acceptable strategies", "Stratégies acceptables"), "tokens", _TOKUHASHI | _TOMITA | UNKNOWN),
        ClassColumn("agreement", Text("Do the two scores agree?", "Les deux scores concordent-ils ?"), "token", {
            "agree": Text("same row of the table", "même ligne du tableau"),
            "differ": Text("different rows: MDT record needed", "lignes différentes : RCP nécessaire"),
        } | UNKNOWN),
    ),
    headline="agreement",
    evaluate=evaluate,
    holes=(
        Text("No rule joins the two columns of the table: the strategies of both are acceptable, and where the rows differ the decision belongs in an MDT record.",
             "Aucune règle ne relie les deux colonnes du tableau : les stratégies de l'une et de l'autre sont acceptables, et si les lignes diffèrent la décision relève d'une RCP."),
        Text("The strategy that is not known is named so among the acceptable ones: another may be acceptable too.",
             "Une stratégie non connue est nommée comme telle parmi les acceptables : une autre peut l'être aussi."),
        Text("As printed, five items put every lung cancer but a carcinoid at 0 to 8, that is conservative treatment (C01, C02); the strategy by six items is used, the printed one is shown.",
             "Tel qu'imprimé, à cinq items, tout cancer du poumon hors carcinoïde est entre 0 et 8, soit traitement conservateur (C01, C02) ; la stratégie à six items est retenue, l'imprimée est affichée."),
        Text("A Tomita of 8 stands with supportive care here and among the better functional prognoses beside (C03).",
             "Un Tomita de 8 relève ici des soins de support et figure à côté parmi les meilleurs pronostics fonctionnels (C03)."),
    ),
    external=(
        Text("The sixth item of Tokuhashi, the number of vertebrae, comes from the cited publication.",
             "Le sixième item de Tokuhashi, le nombre de vertèbres, vient de la publication citée."),
        Text("Which primary grows at which speed comes from Tomita 2001.",
             "La vitesse de croissance attribuée à chaque primitif vient de Tomita 2001."),
    ),
)  # fmt: skip
