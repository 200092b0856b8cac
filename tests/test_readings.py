"""Parameters can take other values for a time; the other readings of the guideline are values that change verdicts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.run import RequestError, read_overrides
from reports.sensitivity import sensitivity
from reports.statistics import rates
from scoring.concordance import judge
from scoring.context import Context
from scoring.recommendations import JUDGED, RULES_BY_ID, declare
from scoring.recommendations import parameters as P
from scoring.recommendations.readings import READINGS
from scoring.registry import Registry
from scoring.scores import declare as declare_score
from scoring.scores import score
from scoring.sensitivity import changes, trials
from tests.cases_loader import cases, judgement, registry
from tests.random_registry import random_frames

SCORE_READINGS = {
    "TOKUHASHI_ITEMS", "VERTEBRAE_TWO_POINTS", "VERTEBRAE_ONE_POINT", "KARNOFSKY_FROM_ECOG", "COLLAPSE_50_POINTS",
    "RADES_15_MONTHS_POINTS", "UNKNOWN_LIFE_IS_LONG",
}  # fmt: skip
"""The parameters whose cases stand here."""


# Other values for a time


def test_a_parameter_takes_another_value_and_gets_its_own_back() -> None:
    with P.using({"SIX_WEEKS": 10}):
        assert P.SIX_WEEKS == 10
        assert P.PARAMETERS["SIX_WEEKS"].overridden
    assert P.SIX_WEEKS == 42
    assert not P.PARAMETERS["SIX_WEEKS"].overridden


def test_a_threshold_is_a_part_of_the_declaration() -> None:
    with P.using({"SIX_WEEKS": 10}):
        changed = {rule.id: rule for rule in declare()}
    before, after = RULES_BY_ID["G1-3.5.2-04"].exceptions[0].when, changed["G1-3.5.2-04"].exceptions[0].when
    facts = pl.DataFrame({"life_expectancy_days": [9, 10, 41, 42]})
    assert facts.select(before).to_series().to_list() == [True, True, True, False]
    assert facts.select(after).to_series().to_list() == [True, False, False, False]


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(P.ParameterError) as error:
        P.checked({"MIREL_SURGERY": 1, "STATE": -1, "SIX_WEEKS": 1.5, "FULL_DOSE": True})
    said = str(error.value)
    assert "MIREL_SURGERY: no such parameter. Did you mean MIRELS_SURGERY?" in said
    assert all(f"{name}: " in said for name in ("STATE", "SIX_WEEKS", "FULL_DOSE"))


@pytest.mark.parametrize(("text", "said"), [("A = [", "not a TOML file"), ("STATES = 3", "Did you mean STATE?")])
def test_a_bad_parameter_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=r"p\.toml") as error:
        read_overrides(path)
    assert said in str(error.value).replace("\\", "")


def test_a_parameter_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text("MIRELS_SURGERY = 45\nDOSE_GY = 0.2\n", encoding="utf-8")
    assert read_overrides(path) == {"MIRELS_SURGERY": 45, "DOSE_GY": 0.2}


# The holes of scores


@pytest.mark.parametrize(
    ("points", "expected"),
    [(2, [(49, 2, 2, 2), (50, 2, 2, 3), (51, 3, 3, 3)]), (3, [(50, 3, 3, 3)]), (0, [(50, 0, 0, 0), (49, 2, 2, 2)])],
)
def test_a_collapse_of_exactly_half(points: int, expected: list[tuple[int, int, int, int]]) -> None:
    base = {
        "vertebral_level": "S3", "sins_pain": "none", "lesion_type": "blastic", "alignment": "normal",
        "body_involvement_percent": 0.0, "posterolateral_involvement": "none",
    }  # fmt: skip
    with P.using({"COLLAPSE_50_POINTS": points}):
        rows = pl.DataFrame([base | {"collapse_percent": float(c)} for c, *_ in expected])
        found = declare_score("sins").evaluate(rows).select("total", "total_min", "total_max").rows()
    assert found == [tuple(rest) for _, *rest in expected]


@pytest.mark.parametrize(("points", "expected"), [(6, [6, 6, 8]), (8, [6, 8, 8])])
def test_exactly_fifteen_months(points: int, expected: list[int]) -> None:
    days = [date(2024, 4, 14), date(2024, 4, 15), date(2024, 4, 16)]
    with P.using({"RADES_15_MONTHS_POINTS": points}):
        item = next(i for i in declare_score("rades").items if i.name == "interval")
        rows = pl.DataFrame({"compression_day": days, "diagnosis_date": [date(2023, 1, 15)] * 3})
        assert rows.select(item.points).to_series().to_list() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [None, 2, 1, 0, None]),
        ({"VERTEBRAE_TWO_POINTS": 0}, [2, 1, 1, 0, None]),
        ({"VERTEBRAE_ONE_POINT": 3}, [None, 2, 1, 1, None]),
    ],
)
def test_the_item_of_the_vertebrae(values: dict[str, float], expected: list[int | None]) -> None:
    with P.using(values):
        item = next(i for i in declare_score("tokuhashi").items if i.name == "vertebrae")
        rows = pl.DataFrame({"n_vertebral_metastases": [0, 1, 2, 3, None]})
        assert rows.select(item.points).to_series().to_list() == expected


def test_tokuhashi_by_the_items_that_are_printed() -> None:
    frames = Registry(*random_frames(3, 200))
    usual = score(frames)["tokuhashi"]
    with P.using({"TOKUHASHI_ITEMS": 5}):
        printed = score(frames)["tokuhashi"]
    assert printed["total"].to_list() == usual["printed_total"].to_list()
    assert printed["band"].to_list() != usual["band"].to_list()


def test_karnofsky_is_read_from_ecog_only_when_asked_and_then_flagged() -> None:
    frames = Registry(*random_frames(4, 900))
    usual = score(frames)["tokuhashi"]
    with P.using({"KARNOFSKY_FROM_ECOG": 1}):
        mapped = score(frames)["tokuhashi"]
    both = usual.join(mapped, on="assessment_id", suffix=" mapped")
    filled = both.filter(pl.col("karnofsky_points").is_null() & pl.col("karnofsky_points mapped").is_not_null())
    assert filled.height > 0
    assert filled["flags mapped"].str.contains("karnofsky_from_ecog").all()
    known = both.filter(pl.col("karnofsky_points").is_not_null())
    assert known["karnofsky_points"].to_list() == known["karnofsky_points mapped"].to_list()
    assert not known["flags mapped"].str.contains("karnofsky_from_ecog").any()


def test_an_unknown_life_expectancy_starts_an_antiresorptive_only_when_asked() -> None:
    with P.using({"UNKNOWN_LIFE_IS_LONG": 1}):
        long = {rule.id: rule for rule in declare()}
    facts = pl.DataFrame({"life_expectancy_days": [91, 92, None], "multiple_metastases": [True] * 3})
    for rule in ("G1-3-01", "G1-3.4-01"):
        assert facts.select(RULES_BY_ID[rule].applies).to_series().to_list() == [False, True, None]
        assert facts.select(long[rule].applies).to_series().to_list() == [False, True, True]


# Sensitivity


def test_every_reading_is_another_value() -> None:
    assert len({reading.id for reading in READINGS}) == len(READINGS)
    for reading in READINGS:
        assert any(P.PARAMETERS[name].value != value for name, value in reading.values.items()), reading.id


def test_nothing_changes_between_an_audit_and_itself() -> None:
    assert changes(judgement(), judgement()).is_empty()


def test_what_changes_is_what_two_audits_say() -> None:
    """One reading against a second audit, decision by decision."""
    frames = Registry(*random_frames(5, 400))
    context = Context(frames)
    usual = judge(frames, retrospective=True, context=context)
    reading = next(r for r in READINGS if r.id == "start_30_days")
    (trial,) = trials(context, usual, retrospective=True, readings=[reading])
    with P.using(reading.values):
        strict = judge(frames, rules=declare(), retrospective=True)
    assert trial.changed.drop("reading").equals(changes(usual, strict))
    assert {"G1-3-01", "G1-3.4-01"} <= set(trial.changed["rule_id"]) <= {"G1-3-01", "G1-3.4-01", "G1-3.5-02"}
    found = sensitivity(rates(usual, JUDGED), [trial])
    assert found.rules["n_changed"].sum() == trial.changed.height
    again = rates(strict, [rule for rule in declare() if rule.id == "G1-3-01"])
    assert (
        found.rules["rate_after"][0]
        == again.filter(pl.col("centre_id").is_null() & (pl.col("period") == "all"))["rate"][0]
    )


@pytest.mark.slow
def test_every_reading_changes_some_verdict() -> None:
    """A reading that no case and no random patient can tell from the audit would say nothing."""
    everything, frames = registry(cases()), Registry(*random_frames(6, 3000))
    seen: set[str] = set()
    for source in (everything, frames):
        context = Context(source)
        usual = judge(source, retrospective=True, context=context)
        seen |= {t.reading.id for t in trials(context, usual, retrospective=True) if t.changed.height}
    assert {reading.id for reading in READINGS} == seen
