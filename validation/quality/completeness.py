"""How much of what the measures need is filled, how much was refused, and what that costs in verdicts."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from validation.rules import Words

from .model import Metric, frame_of

METRICS = (
    Metric(
        "rows",
        "count",
        Words("Rows accepted", "Lignes acceptées"),
        Words("Nothing: the number is kept for the next run.", "Rien : le nombre sert au passage suivant."),
    ),
    Metric(
        "accepted",
        "share",
        Words("Too few rows keep the contract", "Trop peu de lignes conformes au contrat"),
        Words(
            "Correct the rows that `osteoconcord validate` lists by file and line, or declare the local codes in a "
            "mapping, and export again.",
            "Corriger les lignes que `osteoconcord validate` liste par fichier et ligne, ou déclarer les codes locaux "
            "dans un fichier de correspondance, puis exporter à nouveau.",
        ),
    ),
    Metric(
        "completeness",
        "share",
        Words("A column that measures need is hardly filled", "Une colonne nécessaire aux mesures est peu renseignée"),
        Words(
            "Check that the column is exported and mapped; fill it from the records if it is.",
            "Vérifier que la colonne est exportée et reconnue ; sinon la compléter à partir des dossiers.",
        ),
    ),
    Metric(
        "completeness_beside",
        "points",
        Words("A column is filled much less than in the other centres", "Une colonne est bien moins renseignée qu'ailleurs"),
        Words(
            "Ask how the other centres record it: the column may be exported from another place, or not at all.",
            "Demander comment les autres centres la renseignent : elle est peut-être exportée d'ailleurs, ou pas du tout.",
        ),
    ),
    Metric(
        "not_assessable",
        "share",
        Words("Many decisions cannot be assessed for want of this", "Beaucoup de décisions non évaluables faute de cette donnée"),
        Words(
            "Fill this first: of all that is missing it costs the most verdicts.",
            "À compléter en premier : c'est l'absence qui coûte le plus de verdicts.",
        ),
    ),
)  # fmt: skip

SMALLEST_BESIDE = 3
"""With fewer centres there are no "other centres" to lie beside."""


def accepted(counts: pl.DataFrame) -> pl.DataFrame:
    """Rows per centre and table, and the share of them that was accepted."""
    known = counts.filter(pl.col("centre_id").is_not_null())
    rows = []
    for row in known.iter_rows(named=True):
        place = {"centre_id": row["centre_id"], "table": row["table"], "n": row["read"]}
        rows.append({**place, "metric": "rows", "value": float(row["accepted"]), "n_concerned": row["accepted"]})
        if row["read"]:
            share = row["accepted"] / row["read"]
            rows.append({**place, "metric": "accepted", "value": share, "n_concerned": row["quarantined"]})
    return frame_of(rows)


def filled(completeness: pl.DataFrame, needed: Collection[tuple[str, str]]) -> pl.DataFrame:
    """Completeness of the columns that measures need, and how far it lies from that of the other centres."""
    places = pl.DataFrame(sorted(needed), schema={"table": pl.String, "column": pl.String}, orient="row")
    mine = completeness.filter(pl.col("n_rows") > 0).join(places, on=["table", "column"], how="semi")
    place = ("centre_id", "table", "column")
    share = mine.select(
        *place,
        metric=pl.lit("completeness"),
        value="share",
        n="n_rows",
        n_concerned=pl.col("n_rows") - pl.col("n_filled"),
    )
    others = (
        mine.join(mine.select("table", "column", other="centre_id", others="share"), on=["table", "column"])
        .filter(pl.col("centre_id") != pl.col("other"))
        .group_by(place)
        .agg(pl.col("others").median(), n_others=pl.len())
        .filter(pl.col("n_others") >= SMALLEST_BESIDE - 1)
    )
    beside = share.join(others, on=place).with_columns(
        metric=pl.lit("completeness_beside"), value=pl.col("value") - pl.col("others")
    )
    both = pl.concat([share, beside.select(share.columns)]).sort("metric", "centre_id", "table", "column")
    return frame_of(both.to_dicts())


def unassessable(blamed: pl.DataFrame) -> pl.DataFrame:
    """What keeps decisions from being assessed.

    `blamed`: centre_id, place (a table, or table.column), n (decisions of the measures that asked for it), n_blamed.
    """
    rows = []
    for row in blamed.sort("centre_id", "place").iter_rows(named=True):
        table, _, column = row["place"].partition(".")
        rows.append(
            {
                "metric": "not_assessable", "centre_id": row["centre_id"], "table": table, "column": column or None,
                "value": row["n_blamed"] / row["n"], "n": row["n"], "n_concerned": row["n_blamed"],
            }
        )  # fmt: skip
    return frame_of(rows)
