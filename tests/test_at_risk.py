"""Breaches of a do-not rule among the patients whom it protects."""

from __future__ import annotations

import polars as pl

from scoring.concordance import judge
from scoring.core.recommendation import Status
from scoring.recommendations import RULES
from scoring.registry import Registry
from tests.random_registry import frames_of, random_registry


def test_patients_at_risk_counted_by_hand() -> None:
    """Zoledronic acid under 30 mL/min: who has such a clearance, and who of them was given a dose that failed."""
    tables, coverage = random_registry(5, 1200)
    frames = frames_of(tables, coverage)
    judgement = judge(Registry(*frames), retrospective=True)
    lung = {row["patient_id"] for row in tables["primary_tumours"] if row["primary_site"] == "lung"}
    cohort = lung & {row["patient_id"] for row in tables["bone_lesions"]}
    exposed = cohort & {
        row["patient_id"]
        for row in tables["lab_results"]
        if row["analyte"] == "creatinine_clearance" and row["value"] is not None and row["value"] < 30
    }
    failing = (Status.DISCORDANT, Status.TO_JUSTIFY)
    verdicts = judgement.verdicts["drug_dose"].select("patient_id", code="G1-3.4-08").join(judgement.codes, on="code")  # type: ignore[index]
    breached = exposed & set(verdicts.filter(pl.col("status").is_in(failing))["patient_id"])
    assert breached
    counted = judgement.at_risk.filter(pl.col("rule_id") == "G1-3.4-08")
    assert counted.filter(pl.col("centre_id").is_null()).rows() == [("G1-3.4-08", None, len(exposed), len(breached))]
    assert counted.filter(pl.col("centre_id").is_not_null())["n_at_risk"].sum() == len(exposed)


def test_every_centre_is_part_of_all() -> None:
    judgement = judge(Registry(*frames_of(*random_registry(6, 400))))
    assert set(judgement.at_risk["rule_id"]) == {rule.id for rule in RULES if rule.at_risk is not None}
    counts = judgement.at_risk.with_columns(overall=pl.col("centre_id").is_null())
    sums = counts.group_by("rule_id", "overall").agg(pl.col("n_at_risk", "n_breached").sum()).sort("rule_id", "overall")
    pairs = sums.group_by("rule_id").agg(pl.col("n_at_risk", "n_breached").n_unique())
    assert pairs.select(pl.col("n_at_risk", "n_breached").max()).row(0) == (1, 1)
    assert counts.filter(pl.col("n_breached") > pl.col("n_at_risk")).is_empty()
