"""The morning digest and the alerts: what they say, in both languages, for every kind of night, and what they never say."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import pairwise

import made_moved as made
import pytest
import report_samples as samples

from pipelines.nightly.alerts import FAILED, WITH_ALERTS, Alert, alerts, events, exit_code
from reports.data import Standing
from reports.digest import actions, digest_page
from reports.html import centre_page, network_report
from reports.night import CentreState, Night, Thresholds
from reports.texts import TEXTS
from reports.words import SUPPRESSED
from scoring.core.text import Text

NIGHTS: dict[str, tuple[bool, Night]] = {
    "published": (True, made.night()),
    "quiet": (False, made.night("nothing_new", deposits=())),
    "kept": (False, made.night("kept", why=Text("the gate stops it", "le contrôle bloque"))),
    "failed": (
        False,
        made.night("failed", why=Text("no space left", "plus de place"), details=("OSError: 28",), deposits=()),
    ),
    "never": (False, made.night("failed", published_at=None, deposits=(), centres=())),
}


def page(name: str, lang: str) -> str:
    told, night = NIGHTS[name]
    return digest_page(made.moved() if told else None, night, lang)


class Tags(HTMLParser):
    """The tags of a page in order, and its text outside the messages in English."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._inside: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag in ("br", "meta"):
            return
        self._inside.append(tag)
        if tag == "style" or (("lang", "en") in attrs and tag != "html"):
            self._silent = self._silent or len(self._inside)

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop() != tag:
            pass
        if len(self._inside) < self._silent:
            self._silent = 0

    def handle_data(self, data):
        if not self._silent:
            self.text.append(data)


@pytest.mark.parametrize("name", NIGHTS)
def test_both_languages_have_the_same_structure(name):
    assert Tags(page(name, "fr")).tags == Tags(page(name, "en")).tags


@pytest.mark.parametrize("name", NIGHTS)
def test_no_english_word_is_left_in_the_french_page(name):
    text = "".join(Tags(page(name, "fr")).text)
    for key, words in TEXTS.items():
        parts = [part.strip() for part in re.split(r"{\w+}", words.en) if len(part.strip()) > 6]
        said = [part for part in parts if part not in words.fr]
        assert not [part for part in said if re.search(rf"\b{re.escape(part)}(?!\w)", text)], key
    assert not re.search(r"\b(the|and|with|rates?|deposits?|verdicts? changed|days ago|held|refused)\b", text)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", NIGHTS)
def test_a_page_is_one_accessible_file_that_loads_and_runs_nothing(name, lang):
    html = page(name, lang)
    parsed = Tags(html)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(parsed.tags)
    assert not [key for _, attrs in parsed.attributes for key in attrs if key.startswith("on") or key == "src"]
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in parsed.attributes)
    levels = [int(tag[1]) for tag in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all("scope" in attrs for tag, attrs in parsed.attributes if tag == "th")
    ids = [attrs["id"] for _, attrs in parsed.attributes if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["aria-labelledby"] for _, attrs in parsed.attributes if "aria-labelledby" in attrs} <= set(ids)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", NIGHTS)
def test_hostile_names_and_reasons_are_text(name, lang):
    html = page(name, lang)
    assert "<script" not in html
    assert 'alert("' not in html
    if name == "published":
        assert "&lt;script&gt;" in html


def test_the_headline_says_what_happened():
    assert "published on 2026-07-04 02:14: one deposit took effect (C02). 2 deposits did not take effect" in page(
        "published", "en"
    )
    assert "Nothing new arrived. The state published on 2026-07-04 02:14 stands." in page("quiet", "en")
    assert "Nothing was published: the gate stops it." in page("kept", "en")
    assert "The nightly run failed: no space left." in page("failed", "en")
    assert "Nothing has been published yet." in page("never", "en")


def test_numbers_that_are_hidden_are_marked():
    html = page("published", "en")
    assert f"<td>{SUPPRESSED}</td>" in html
    assert "fell by 10 points or more" in html


def test_a_night_after_which_nothing_differs_asks_for_nothing():
    calm = made.night(deposits=made.DEPOSITS[:1], centres=made.CENTRES[1:2])
    assert actions(made.unmoved(), calm, "en") == []
    html = digest_page(made.unmoved(), calm, "en")
    assert "no centre needs an answer this morning" in html
    assert "No rate moved by 10 points or more" in html
    assert alerts(made.unmoved(), calm) == []
    assert exit_code(calm, []) == 0


def test_the_most_pressing_comes_first_and_a_centre_is_asked_once():
    done = actions(made.moved(), made.night(), "en")
    assert done[0].startswith("C01: ask for a corrected deposit")
    stale = [line for line in done if "ask for an extract" in line]
    assert stale == ["C03: ask for an extract; its data end 65 days ago."]


def test_a_deposit_dated_after_the_night_has_no_age_below_zero():
    assert made.night().age(date(2027, 1, 1)) == 0


# Alerts


def tokens(found: list[Alert]) -> list[tuple[str, str, str | None]]:
    return [(alert.token, alert.severity, alert.centre) for alert in found]


def test_every_kind_of_alert_has_its_severity():
    found = tokens(alerts(made.moved(), made.night()))
    for expected in [
        ("deposit_refused", "warn", "C01"), ("deposit_held", "warn", made.HOSTILE), ("centre_stale", "warn", "C03"),
        ("rate_outside", "warn", "C02"), ("rate_inside", "info", "C01"), ("rate_moved", "warn", None),
        ("completeness_fell", "warn", "C02"), ("table_lost", "warn", made.HOSTILE), ("gate_appeared", "warn", "C02"),
        ("gate_disappeared", "info", "C02"), ("verdicts_changed", "info", None),
    ]:  # fmt: skip
        assert expected in found
    assert [severity for _, severity, _ in found] == sorted((s for _, s, _ in found), key=["warn", "info"].index)


def test_beyond_the_narrow_limits_alone_is_information():
    row = made.rate("G1-3.4-08", "C02", 0.6, 0.61, crossed="outside", position_now="below_95")
    only = dataclasses.replace(made.unmoved(), rates=made.frame([row], made.RATES_SCHEMA))
    calm = made.night(deposits=(), centres=())
    assert tokens(alerts(only, calm)) == [("rate_outside", "info", "C02")]
    assert exit_code(calm, alerts(only, calm)) == 0


def test_a_verdict_without_a_cause_is_an_alarm():
    rows = [
        {"scope": "all", "kind": "changed", "n": 9},
        {"scope": "why", "key": "unexplained", "kind": "changed", "n": 9},
    ]
    found = alerts(
        dataclasses.replace(made.unmoved(), changed=made.frame(rows, made.CHANGED_SCHEMA)), made.night(deposits=())
    )
    assert found[0].token == "verdicts_unexplained"
    assert found[0].severity == "alarm"


def test_silence_is_told_after_its_days_and_not_before():
    given = Thresholds(silent_days=7)
    for day, told in ((27, False), (26, True)):
        night = made.night(
            "nothing_new", deposits=(), centres=(), published_at=datetime(2026, 6, day, 2), thresholds=given
        )
        assert [alert.token for alert in alerts(None, night)] == ["nothing_published"] * told


def test_a_centre_is_stale_after_its_days_and_not_before():
    for day, told in ((30, False), (29, True)):
        centre = CentreState("C01", "", date(2026, 5, day), date(2026, 6, 1))
        night = made.night("nothing_new", deposits=(), centres=(centre,), thresholds=Thresholds(stale_days=35))
        assert [alert.token for alert in alerts(None, night)] == ["centre_stale"] * told


def test_exit_codes_tell_failure_from_alerts():
    assert exit_code(made.night("failed"), []) == FAILED
    assert exit_code(made.night("kept"), []) == FAILED
    assert exit_code(made.night(), alerts(made.moved(), made.night())) == WITH_ALERTS
    assert len({0, 1, 2, WITH_ALERTS}) == 4


@pytest.mark.parametrize("name", NIGHTS)
def test_events_are_json_with_the_same_keys_every_night(name):
    told, night = NIGHTS[name]
    document = json.loads(json.dumps(events(night, alerts(made.moved() if told else None, night))))
    assert list(document) == [
        *("version", "run", "at", "outcome", "published_at", "severity", "exit_code"),
        *("headline", "deposits", "centres", "alerts"),
    ]
    for alert in document["alerts"]:
        assert list(alert) == ["token", "severity", "words", "centre", "rule", "numbers"]
        assert alert["words"]["en"]
        assert alert["words"]["fr"]


def test_every_alert_speaks_both_languages():
    for alert in alerts(made.moved(), made.night()):
        assert alert.words.en != alert.words.fr, alert.token
        assert not re.search(r"\b(the|and|with|new problem|filled)\b", alert.words.fr), alert.token


# Freshness in the pages of an audit


@pytest.mark.slow
def test_pages_show_since_when_a_state_stands_only_where_that_is_given(monkeypatch):
    samples.stand_in(monkeypatch)
    plain = samples.report_data(300)
    dated = dataclasses.replace(plain, standing={"C01": Standing(date(2024, 6, 30), date(2024, 7, 2))})
    for lang, cells in (("en", ("2024-06-30", "2024-07-02")), ("fr", ("30/06/2024", "02/07/2024"))):
        words = [TEXTS[key][lang] for key in ("last_deposit", "state_since")]
        heads = "".join(f'<th scope="col">{word}</th>'.replace("'", "&#39;") for word in words)
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        html = network_report(dated, lang)
        assert html.count(heads) == 1
        assert html.count(row) == 1
        added = (
            html.replace(heads, "")
            .replace(row, "")
            .replace("<td>–</td><td>–</td>", "")
            .replace("<td></td><td></td>", "")
        )
        assert added == network_report(plain, lang).replace("<td>–</td><td>–</td>", "").replace(
            "<td></td><td></td>", ""
        )
        mine = centre_page(dated, "C01", lang)
        facts = "".join(f"<dt>{w}</dt><dd>{c}</dd>".replace("'", "&#39;") for w, c in zip(words, cells, strict=True))
        assert facts in mine
        assert mine.replace(facts, "") == centre_page(plain, "C01", lang)
        assert centre_page(dated, "C02", lang) == centre_page(plain, "C02", lang)
