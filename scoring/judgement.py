"""From what was decided about each patient to what an audit says: compact codes, the flow of the cohort and all counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from scoring.core.recommendation import Grain, Recommendation, Status
from scoring.facts import ORDER
from scoring.verdict_codes import KEYS, compact

LEFT_OUT = {"patient_id": pl.String, "centre_id": pl.String, "reason": pl.String, "n_decisions": pl.UInt32}
COUNTS = pl.Schema({"centre_id": pl.String, "rule_id": pl.String, "code": pl.UInt16, "n": pl.Int64})
CODES = 1 << 16
"""Room for the codes of verdicts."""
EXPOSED = {"rule_id": pl.String, "patient_id": pl.String, "centre_id": pl.String}


@dataclass(frozen=True)
class Decided:
    """What was decided, patient by patient: what is decided about some patients does not depend on the others.

    - `verdicts`: per grain one row per decision and one long code per rule (null: it does not apply), sorted by `ORDER`
    - `facts`: the same rows in the same order
    - `left_out`: decisions before the edition or outside the period (`LEFT_OUT`)
    - `exposed`: the patients at risk of a breach of a do-not rule (`EXPOSED`)
    - `people`: every patient, sorted by id; whether the primary is one of the lung, and the patient in the cohort
    - `waits`: whose verdict may change on which day, although nothing was recorded (`scoring.observation.WAITS`)
    """

    verdicts: dict[Grain, pl.DataFrame]
    facts: dict[Grain, pl.DataFrame]
    left_out: pl.DataFrame
    exposed: pl.DataFrame
    people: pl.DataFrame
    waits: pl.DataFrame


@dataclass(frozen=True)
class Judgement:
    """The verdicts of an audit.

    `verdicts`: per grain one row per decision and one UInt16 code per rule (null: the rule does not apply). `facts`: the same
    rows in the same order. `codes`: the meaning of each code. `flow`: patients and decisions at each step. `left_out`: per
    centre (null: all) the decisions before the edition or outside the period. `at_risk`: per do-not rule and centre the
    patients whom it protects, and those of them with a breach.
    """

    verdicts: dict[Grain, pl.DataFrame]
    facts: dict[Grain, pl.DataFrame]
    codes: pl.DataFrame
    flow: pl.DataFrame
    left_out: pl.DataFrame
    at_risk: pl.DataFrame

    @cached_property
    def counts(self) -> pl.DataFrame:
        """How often each code of each rule came up in each centre: centre_id, rule_id, code, n."""
        return pl.concat([pl.DataFrame(schema=COUNTS), *map(_counts, self.verdicts.values())])


def _counts(verdicts: pl.DataFrame) -> pl.DataFrame:
    rules = [column for column in verdicts.columns if column not in KEYS]
    if not rules:
        return pl.DataFrame(schema=COUNTS)
    centres = verdicts["centre_id"].unique().sort()
    centre = centres.search_sorted(verdicts["centre_id"]).cast(pl.UInt32) * CODES
    both = [(pl.col(rule).cast(pl.UInt32) + centre).drop_nulls().alias("both") for rule in rules]
    found = verdicts.select(
        pair.value_counts(name="n").implode().alias(rule) for pair, rule in zip(both, rules, strict=True)
    )
    rows = found.unpivot(variable_name="rule_id").explode("value").drop_nulls("value").unnest("value")
    return rows.select(
        pl.lit(centres).gather(pl.col("both") // CODES).alias("centre_id"),
        "rule_id",
        code=pl.col("both") % CODES,
        n="n",
    ).cast(COUNTS)


def merge(before: Decided, after: Decided, patients: pl.Series) -> Decided:
    """`before` without these patients, and `after`, which decided on them anew; of the facts those that `before` holds."""

    def decisions(old: dict[Grain, pl.DataFrame], new: dict[Grain, pl.DataFrame]) -> dict[Grain, pl.DataFrame]:
        return {grain: merged(frame, new[grain], patients, ORDER) for grain, frame in old.items()}

    return Decided(
        decisions(before.verdicts, after.verdicts),
        decisions(before.facts, after.facts),
        merged(before.left_out, after.left_out, patients),
        merged(before.exposed, after.exposed, patients),
        merged(before.people, after.people, patients, ("patient_id",)),
        merged(before.waits, after.waits, patients),
    )


def merged(old: pl.DataFrame, new: pl.DataFrame, patients: pl.Series, order: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of `old` but those of `patients`, and those of `new`; in the order of `order`, in which both stand."""
    kept = old.filter(~pl.col("patient_id").is_in(patients.implode()))
    together = pl.concat([kept, new.select(old.columns)])
    return together.sort(order, maintain_order=True) if order else together


def conclude(decided: Decided, rules: Sequence[Recommendation]) -> Judgement:
    """The verdicts with compact codes, and everything that is counted over patients."""
    verdicts, codes = compact(decided.verdicts, rules)
    return Judgement(
        verdicts,
        decided.facts,
        codes,
        _flow(decided.people, verdicts, codes),
        _left_out(decided.left_out),
        _at_risk(decided.exposed, rules, verdicts, codes),
    )


def _flow(people: pl.DataFrame, verdicts: dict[Grain, pl.DataFrame], codes: pl.DataFrame) -> pl.DataFrame:
    """Patients and decisions at each step from the accepted rows to the assessable verdicts, per centre and over all."""
    unknown = codes.filter(pl.col("status") == Status.NOT_ASSESSABLE)["code"].to_list()
    schema = {"patient_id": pl.String, "centre_id": pl.String, "applicable": pl.Boolean, "assessable": pl.Boolean}
    decisions = [pl.DataFrame(schema=schema)]
    for frame in verdicts.values():
        rules = [pl.col(rule) for rule in frame.columns[len(KEYS) :]]
        known = [rule.is_not_null() & ~rule.is_in(unknown) for rule in rules]
        applies = [rule.is_not_null() for rule in rules]
        decisions.append(
            frame.select(
                "patient_id",
                "centre_id",
                applicable=pl.any_horizontal(applies),
                assessable=pl.any_horizontal(known),
            )
        )
    of_patients = pl.concat(decisions).group_by("patient_id", "centre_id").agg(
        in_period=pl.len(), applicable=pl.col("applicable").sum(), assessable=pl.col("assessable").sum()
    )  # fmt: skip
    steps = [
        _step("accepted", people, None),
        _step("lung", people.filter("lung"), None),
        _step("cohort", people.filter("cohort"), None),
        *(
            _step(step, of_patients.filter(pl.col(step) > 0), step)
            for step in ("in_period", "applicable", "assessable")
        ),
    ]
    return pl.concat(steps)


def _step(step: str, patients: pl.DataFrame, decisions: str | None) -> pl.DataFrame:
    """The patients of a step; `decisions` names the column that counts those of each."""
    count = {
        "n_patients": pl.len().cast(pl.Int64),
        "n_decisions": (pl.lit(None) if decisions is None else pl.col(decisions).sum()).cast(pl.Int64),
    }
    centres = patients.group_by("centre_id").agg(**count).sort("centre_id")
    overall = patients.select(pl.lit(None, pl.String).alias("centre_id"), **count).head(1)
    return pl.concat([overall.select(centres.columns), centres]).select(
        "centre_id", pl.lit(step).alias("step"), "n_patients", "n_decisions"
    )


def _at_risk(
    exposed: pl.DataFrame, rules: Sequence[Recommendation], verdicts: dict[Grain, pl.DataFrame], codes: pl.DataFrame
) -> pl.DataFrame:
    """Per do-not rule and centre (null: all) the patients at risk in the audit, and those of them with a breach."""
    failing = codes.filter(pl.col("status").is_in([Status.DISCORDANT, Status.TO_JUSTIFY]))["code"].to_list()
    count = {"n_at_risk": pl.len().cast(pl.Int64), "n_breached": pl.col("breach").sum().cast(pl.Int64)}
    schema = {"rule_id": pl.String, "centre_id": pl.String, **dict.fromkeys(count, pl.Int64)}
    counts = [pl.DataFrame(schema=schema)]
    for rule in rules:
        if rule.at_risk is None:
            continue
        breached = verdicts[rule.grain].filter(pl.col(rule.id).is_in(failing))["patient_id"]
        persons = exposed.filter(pl.col("rule_id") == rule.id).with_columns(
            breach=pl.col("patient_id").is_in(breached.implode())
        )
        for rows in (persons.with_columns(centre_id=pl.lit(None, pl.String)), persons):
            counts.append(rows.group_by("rule_id", "centre_id").agg(**count).select(*schema).sort("centre_id"))
    return pl.concat(counts)


def _left_out(decisions: pl.DataFrame) -> pl.DataFrame:
    counted = [
        rows.group_by("centre_id", "reason").agg(
            n_patients=pl.col("patient_id").n_unique().cast(pl.Int64),
            n_decisions=pl.col("n_decisions").sum().cast(pl.Int64),
        )
        for rows in (decisions.with_columns(centre_id=pl.lit(None, pl.String)), decisions)
    ]
    return pl.concat(counted).sort("centre_id", "reason", nulls_last=False)
