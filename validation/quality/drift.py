"""What moved since the previous run: rows, completeness, shares."""

from __future__ import annotations

import polars as pl

from validation.rules import Words

from .model import KEY, Metric, frame_of

METRICS = (
    Metric(
        "drift_rows",
        "ratio",
        Words("The number of rows moved since the previous audit", "Le nombre de lignes a bougé depuis l'audit précédent"),
        Words(
            "Check that the export is whole. If the change is meant, write into a new folder with --out.",
            "Vérifier que l'export est complet. Si le changement est voulu, écrire dans un nouveau dossier avec --out.",
        ),
    ),
    Metric(
        "drift_completeness",
        "points",
        Words("A column is filled otherwise than in the previous audit", "Une colonne n'est plus renseignée comme avant"),
        Words("Check whether the export or the mapping changed.", "Vérifier si l'export ou la correspondance a changé."),
    ),
    Metric(
        "drift_share",
        "points",
        Words("A share of the cohort moved since the previous audit", "Une part de la cohorte a bougé depuis l'audit précédent"),
        Words(
            "Check whether the export, the codes or the mapping changed.",
            "Vérifier si l'export, les codes ou la correspondance ont changé.",
        ),
    ),
)  # fmt: skip

_SHARES = {"completeness": "drift_completeness", "plausibility": "drift_share"}


def drift(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Set the metrics of a run beside those of the run before; `n` is the smaller of both, or what is gone."""
    old = before.unique(KEY, maintain_order=True).select(*KEY, old="value", n_old="n")
    new = now.select(*KEY, "value", "n")
    both = old.join(new, on=KEY, how="left", nulls_equal=True, maintain_order="left")
    rows: list[dict[str, object]] = []
    for row in both.iter_rows(named=True):
        place = {name: row[name] for name in KEY[1:]}
        name = _SHARES.get(row["metric"].split(":")[0])
        if row["metric"] == "rows" and row["old"]:
            value = (row["value"] or 0.0) / row["old"]
            rows.append({**place, "metric": "drift_rows", "value": value, "n": int(row["old"])})
        elif name and row["value"] is not None and row["old"] is not None:
            column = row["metric"].split(":")[1] if name == "drift_share" else row["column"]
            found = {"metric": name, "value": row["value"] - row["old"], "n": min(row["n"], row["n_old"])}
            rows.append({**place, **found, "column": column})
    return frame_of(rows)
