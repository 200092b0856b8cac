"""Options where the guideline leaves the choice: counted, never judged, and not read back from what the network prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
import report_samples as samples
from statsmodels.stats.proportion import proportion_confint

from reports import choices
from reports.sensitivity import CENTRES_SCHEMA, RULES_SCHEMA, Sensitivity
from reports.statistics import options
from scoring.core.recommendation import Grain
from scoring.recommendations import OPTIONAL, RULES_BY_ID
from scoring.recommendations.readings import READINGS
from scoring.sensitivity import SCHEMA

RULE = RULES_BY_ID["G1-3.4-09"]


def counted(*taken: tuple[str, str | None]) -> pl.DataFrame:
    """Options of decisions given as (centre, option), None where the option is not known."""
    words = [("reported", option) for option in RULE.recommended] + [("not_assessable", "none")]
    codes = pl.DataFrame(
        [(n, status, "", "", given, "") for n, (status, given) in enumerate(words)],
        schema={"code": pl.UInt16, **dict.fromkeys(("status", "reason", "recommended", "given", "flags"), pl.String)},
        orient="row",
    )
    place = {option: n for n, option in enumerate(RULE.recommended)} | {None: len(RULE.recommended)}
    verdicts = pl.DataFrame(
        {
            "patient_id": [f"P{n}" for n in range(len(taken))],
            "centre_id": [centre for centre, _ in taken],
            "index_date": [date(2024, 1, 1)] * len(taken),
            RULE.id: pl.Series([place[option] for _, option in taken], dtype=pl.UInt16),
        }
    )
    return options(SimpleNamespace(verdicts={Grain.DRUG_DOSE: verdicts}, codes=codes), [RULE])  # type: ignore[arg-type]


def test_every_option_is_counted_in_all_centres_and_in_each() -> None:
    found = counted(("A", "none"), ("A", "none"), ("B", "one_day"), ("B", None))
    rows = {(c, o): (n, known, unknown) for c, o, n, known, unknown in found.select(
        "centre_id", "option", "n", "n_known", "n_not_assessable").iter_rows()}  # fmt: skip
    assert rows[None, "none"] == (2, 3, 1)
    assert rows["A", "none"] == (2, 2, 0)
    assert rows["B", "one_day"] == (1, 1, 1)
    assert rows["B", "both_days"] == (0, 1, 1)


def test_the_interval_is_wilsons() -> None:
    found = counted(*[("A", "none")] * 7, *[("A", "one_day")] * 3).filter(pl.col("option") == "one_day")
    assert found.select("share", "lower", "upper").row(0) == pytest.approx(
        (0.3, *proportion_confint(3, 10, method="wilson"))
    )


def test_without_a_known_option_there_is_no_share() -> None:
    assert counted(("A", None))["share"].null_count() == 2 * len(RULE.recommended)


def test_a_rule_without_a_decision_has_its_options_once_with_zeros() -> None:
    found = counted()
    assert found["centre_id"].null_count() == found.height == len(RULE.recommended)
    assert found.select("n", "n_known", "n_not_assessable").sum().row(0) == (0, 0, 0)


def data(frame: pl.DataFrame, **other: object) -> object:
    return replace(samples.report_data(), options=frame, optional=(RULE,), **other)  # type: ignore[arg-type]


def test_a_small_count_is_not_printed_nor_worked_out() -> None:
    shown = choices.choices(
        data(counted(*[("A", "none")] * 40, *[("A", "one_day")] * 3, *[("A", "both_days")] * 20)), "en"
    )  # type: ignore[arg-type]
    (choice,) = shown
    counts = [n for _, n, *_ in choice.options]
    assert counts.count("[s]") >= 2, "one hidden count alone would follow from the total"
    assert all(share == "[s]" for _, n, share, _ in choice.options if n == "[s]")


def test_a_centre_sees_its_own_counts() -> None:
    (choice,) = choices.choices(data(counted(("A", "none"), ("B", "none"))), "fr", "A")  # type: ignore[arg-type]
    assert [n for _, n, *_ in choice.options] == ["0", "0", "1"]


def test_what_concerns_few_patients_shows_no_second_rate() -> None:
    base = samples.report_data()
    rule = base.headline[0].id
    row = {"reading": READINGS[0].id, "rule_id": rule, "n_changed": 40, "n_patients": 3} | {
        f"{name}_{when}": 100 if name == "n_assessed" else 0.5
        for name in ("n_assessed", "rate", "lower", "upper", "bound_low", "bound_high")
        for when in ("before", "after")
    }
    tried = Sensitivity(
        (READINGS[0],),
        pl.DataFrame([row], schema=RULES_SCHEMA),
        pl.DataFrame(schema=CENTRES_SCHEMA),
        pl.DataFrame(schema=SCHEMA),
    )
    from reports.published import publish_rules

    (view,) = choices.readings(replace(base, sensitivity=tried), publish_rules(base), "en")
    ((_, n, _, after),) = view.rules
    assert (n, after) == ("[s]", "[s]")


def test_no_option_is_a_rate() -> None:
    assert all(rule.met is None and rule.recommended for rule in OPTIONAL)
