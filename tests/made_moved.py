"""Made-up nights and differences for the digest and the alerts, with names that mean harm."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from reports.changes import CHANGES_SCHEMA
from reports.moved import CHANGED_SCHEMA, COMPLETENESS_SCHEMA, Moved
from reports.moved_rates import RATES_SCHEMA
from reports.night import CentreState, Deposit, Night, Thresholds
from scoring.core.text import Text

HOSTILE = '<script>alert("x")</script> & fils ]]>'
AT = datetime(2026, 7, 4, 2, 14)
GIVEN = Thresholds()

CENTRES = (
    CentreState("C01", HOSTILE, date(2026, 6, 30), date(2026, 7, 2)),
    CentreState("C02", "CH de Vesoul", date(2026, 7, 3), date(2026, 7, 4)),
    CentreState("C03", "Institut du Jura", date(2026, 4, 30), date(2026, 5, 2)),
    CentreState(HOSTILE, HOSTILE, None, None),
)
DEPOSITS = (
    Deposit("C02", "2026-07-03", "incremental", date(2026, 7, 3), "accepted"),
    Deposit("C01", HOSTILE, "full", None, "refused", Text(f"not read {HOSTILE}", f"illisible {HOSTILE}"), (HOSTILE,)),
    Deposit(
        HOSTILE, "juin", "full", date(2026, 6, 30), "held", Text("rows fell by half", "lignes en baisse de moitié")
    ),
)


def night(outcome: str = "published", **values: object) -> Night:
    given = {"deposits": DEPOSITS, "centres": CENTRES, "published_at": AT, "thresholds": GIVEN} | values
    return Night("20260704-0214", AT, outcome, **given)  # type: ignore[arg-type]


def frame(rows: list[dict[str, object]], schema: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)  # type: ignore[arg-type]


def rate(rule: str, centre: str | None, now: float, before: float | None, **values: object) -> dict[str, object]:
    known = {"n_before": 120, "lower_before": 0.1, "upper_before": 0.9} if before is not None else {}
    return {
        "rule_id": rule, "strength": "binding", "centre_id": centre, "rate_now": now, "rate_before": before, "n_now": 118,
        "lower_now": 0.2, "upper_now": 0.8, "position_before": "within", "position_now": "within", "headline": True,
    } | known | values  # fmt: skip


def moved(**values: object) -> Moved:
    gate = {"metric": "completeness", "centre_id": "C02", "table": "lab_results", "column": "value", "severity": "warn"}
    words = {"en": "hardly filled", "fr": "peu renseignée", "do_en": "fill it", "do_fr": "la renseigner"}
    gate_schema = dict.fromkeys((*gate, "what", *words), pl.String)
    cohort_schema = {
        "centre_id": pl.String,
        "measure": pl.String,
        "now": pl.Int64,
        "change": pl.Int64,
        "what": pl.String,
    }
    cohort = [
        {
            "centre_id": centre,
            "measure": measure,
            "now": 100,
            "change": change,
            "what": "new" if centre == HOSTILE else None,
        }
        for measure in ("patients", "decisions", "assessable")
        for centre, change in (("C01", 0), ("C02", None), ("C03", -12), (HOSTILE, None), (None, None))
    ]
    changed = [
        {"scope": "all", "kind": "changed", "n": 40}, {"scope": "all", "kind": "new", "n": 12},
        {"scope": "all", "kind": "gone", "n": 0},
        *({"scope": "why", "key": why, "kind": "changed", "n": n} for why, n in (("correction", 30), ("time", 10))),
        {"scope": "why", "key": "new_data", "kind": "new", "n": 12},
        *({"scope": "centre", "key": centre, "kind": "changed", "n": None} for centre in ("C02", HOSTILE)),
        {"scope": "centre", "key": "C02", "kind": "new", "n": 12},
        {"scope": "rule", "key": "G1-3.4-08", "kind": "changed", "before": "concordant",
         "after": "discordant", "why": "correction", "n": 9},
    ]  # fmt: skip
    rates = [
        rate("G1-3.4-08", "C02", 0.3, 0.62, moved="fell", crossed="outside", position_now="below_998"),
        rate("G1-3.4-08", HOSTILE, 0.8, 0.6, moved="rose", crossed="outside", position_now="above_95"),
        rate("G1-2-02", "C01", 0.5, None, crossed="inside", position_before="below_95"),
        rate("G1-1-01", None, 0.4, None, moved="fell"),
    ]
    columns = [
        {"centre_id": HOSTILE, "table": "mdt_meetings", "what": "lost"},
        {
            "centre_id": "C02",
            "table": "lesion_assessments",
            "column": "cortical_fraction",
            "what": "fell",
            "before": 0.8,
        },
    ]
    intake = [{"centre_id": c, "read": 900, "accepted": 880, "quarantined": 20} for c in ("C01", "C02", HOSTILE)]
    intake_schema = {"centre_id": pl.String} | dict.fromkeys(("read", "accepted", "quarantined"), pl.Int64)
    made = {
        "first": False,
        "thresholds": GIVEN,
        "cohort": frame(cohort, cohort_schema),
        "intake": frame(intake, intake_schema),
        "rates": frame(rates, RATES_SCHEMA),
        "completeness": frame(columns, COMPLETENESS_SCHEMA),
        "gate": frame([gate | words | {"what": what} for what in ("appeared", "disappeared")], gate_schema),
        "changed": frame(changed, CHANGED_SCHEMA),
        "verdicts": pl.DataFrame(schema=CHANGES_SCHEMA),
    }
    return Moved(**(made | values))  # type: ignore[arg-type]


def unmoved() -> Moved:
    """A night after which nothing differs."""
    full = moved()
    nothing = [{"scope": "all", "kind": kind, "n": 0} for kind in ("changed", "new", "gone")]
    empty = {name: getattr(full, name).clear() for name in ("rates", "completeness", "gate")}
    return moved(
        changed=frame(nothing, CHANGED_SCHEMA), cohort=full.cohort.with_columns(change=pl.lit(0, pl.Int64)), **empty
    )
