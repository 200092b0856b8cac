"""The case lists of the centres."""

from __future__ import annotations

import csv
import io
import re
import sys
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
import report_samples as samples

from reports.cases import COLUMNS, _facts_in_words, _words, cases, reason_words, write_csv
from scoring.facts import FACTS as REAL_FACTS
from scoring.recommendations import RULES as REAL_RULES


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    samples.stand_in(monkeypatch)


@pytest.fixture(scope="module")
def data():
    return samples.report_data(300)


def test_cases_come_in_the_order_of_their_weight(data):
    frame = cases(data.judgement, data.rules, "C02", "en")
    assert tuple(frame.columns) == COLUMNS
    assert frame.schema["index_date"] == pl.Date
    sentinel = (frame["reason"] == "fracture while fixation was awaited").to_list()
    assert any(sentinel)
    assert sentinel == sorted(sentinel, reverse=True)
    rest = frame.filter(~pl.Series(sentinel))["verdict"].unique(maintain_order=True).to_list()
    assert rest == ["discordant", "to justify", "justified", "not assessable", "not due"]
    first = frame.filter(verdict="discordant")
    order = [rule.id for rule in data.rules]
    assert first["rule_id"].to_list() == sorted(first["rule_id"], key=order.index)


def test_cases_are_all_verdicts_of_the_centre_but_the_concordant(data):
    frame = cases(data.judgement, data.rules, "C02", "en")
    counts = data.rates.filter(centre_id="C02", period="all")
    assert frame.height == (counts["n_applicable"] - counts["n_concordant"]).sum()


def test_facts_and_reasons_are_in_words(data):
    frame = cases(data.judgement, data.rules, "C01", "fr")
    facts = frame.filter(rule_id="G1-3.4-21")["facts"].to_list()
    assert all(
        re.fullmatch(r"jours de traitement : (\d+|non renseigné) ; traitement arrêté : (oui|non|non renseigné)", f)
        for f in facts
    )
    assert frame["facts"].str.contains("non renseigné").any()
    assert {"documenté : refus du patient", "non fourni : mdt_meetings"} <= set(
        frame["reason"].str.replace_all("\u00a0", " ")
    )
    assert reason_words("not_assessable", "lab_results.value", "en") == "not recorded: value"
    assert reason_words("to_justify", "", "en") == "the wording leaves a choice"
    assert reason_words("not_due", "", "en") == "observation ended before the time allowed had passed"
    assert reason_words("concordant", "", "en") == ""


def in_words(rule, status, monkeypatch, **facts):
    monkeypatch.setitem(sys.modules, "scoring.facts", SimpleNamespace(FACTS=REAL_FACTS))
    names = {name: [value] for name, value in facts.items()}
    days = {name: pl.Date for name in facts if name.endswith("_date")}
    frame = pl.DataFrame(
        names, schema_overrides=days | {"life_expectancy_days": pl.Int32, "surgical_opinion": pl.Boolean}
    )
    return _facts_in_words(frame, pl.Series([True]), pl.Series([status]), rule, "en")[0]


REAL = {rule.id: rule for rule in REAL_RULES}


def test_an_act_that_is_not_there_is_not_called_unrecorded(monkeypatch):
    facts = {"antiresorptive_in_time": False, "first_antiresorptive_date": None, "life_expectancy_days": None}
    words = in_words(REAL["G1-3.4-01"], "discordant", monkeypatch, **facts)
    assert words == (
        "antiresorptive started in time: no; first antiresorptive dose: none in the data; "
        "life expectancy as estimated: not recorded"
    )


def test_what_made_the_verdict_comes_first(monkeypatch):
    facts = {
        "life_expectancy_days": None,
        "antiresorptive_in_time": False,
        "first_antiresorptive_date": date(2024, 2, 3),
    }
    words = in_words(REAL["G1-3.4-01"], "not_assessable", monkeypatch, **facts)
    assert words.startswith("life expectancy as estimated: not recorded; antiresorptive started in time: no")
    facts = {"dental_examination": False, "dental_panoramic": True, "urgent_start": True}
    rule = REAL["G1-3.4-14"]
    assert in_words(rule, "justified", monkeypatch, **facts).startswith("urgent start: yes")
    assert in_words(rule, "discordant", monkeypatch, **facts).endswith("urgent start: yes")


def test_the_possible_totals_of_a_score_are_one_fact(monkeypatch):
    facts = {"surgical_opinion": False, "sins_min": 7, "sins_max": 12}
    words = in_words(REAL["G1-3.8.1-01"], "discordant", monkeypatch, **facts)
    assert words.endswith("SINS: 7 to 12")
    known = in_words(REAL["G1-3.8.1-01"], "discordant", monkeypatch, **(facts | {"sins_max": 7}))
    assert known.endswith("SINS: 7")


def test_alternatives_are_joined_by_or(data):
    assert cases(data.judgement, data.rules, "C01", "en").filter(rule_id="G1-3.4-01")["recommended"][0] == (
        "zoledronic acid or denosumab 120 mg"
    )
    assert _words("a|b|c", {}, "en", " or ") == "a, b or c"
    assert _words("", {}, "en", " or ") == ""


def test_what_cannot_be_known_is_not_called_undone(data):
    unknown = cases(data.judgement, data.rules, None, "en").filter(rule_id="G1-3.4-01", verdict="not assessable")
    assert set(unknown["given"]) == {"another agent", "not recorded"}
    failing = cases(data.judgement, data.rules, None, "en").filter(rule_id="G1-3.4-01", verdict="discordant")
    assert set(failing["given"]) == {"another agent", "no agent"}


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+33 6",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        "\ufeff=1",
        "|calc",
        "%0",
    ],
)
def test_no_cell_is_a_formula(tmp_path, text):
    frame = pl.DataFrame({"patient_id": [text], "index_date": [date(2024, 2, 3)]})
    write_csv(frame, tmp_path / "cases.csv", "fr")
    (row,) = list(csv.DictReader(io.StringIO((tmp_path / "cases.csv").read_text("utf-8-sig")), delimiter=";"))
    assert row["patient_id"].startswith("'")
    assert row["index_date"] == "03/02/2024"


@pytest.mark.parametrize("text", ["-3.5", "-12", "délai : -3 j", "a=b", "2024-01-01"])
def test_numbers_and_words_are_left_as_they_are(tmp_path, text):
    write_csv(pl.DataFrame({"given": [text]}), tmp_path / "cases.csv", "en")
    assert (tmp_path / "cases.csv").read_text("utf-8-sig").splitlines()[1] == text


def test_a_case_list_opens_in_a_spreadsheet(tmp_path, data):
    frame = cases(data.judgement, data.rules, "C01", "fr")
    write_csv(frame, tmp_path / "cases.csv", "fr")
    raw = (tmp_path / "cases.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == frame.height + 1


def test_a_line_break_in_the_registry_does_not_break_the_line(tmp_path):
    write_csv(pl.DataFrame({"facts": ["a\r\nb"]}), tmp_path / "cases.csv", "en")
    assert (tmp_path / "cases.csv").read_text("utf-8-sig").splitlines() == ["facts", "a b"]


def test_a_centre_without_cases_has_an_empty_list(data):
    frame = cases(data.judgement, data.rules, "C99", "en")
    assert frame.height == 0
    assert tuple(frame.columns) == COLUMNS
