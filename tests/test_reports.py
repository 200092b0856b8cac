"""The pages: what they hold, what they must not hold, and how they treat hostile text."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
import report_samples as samples

from reports import figures
from reports.html import centre_page, network_report
from reports.network import _matrix_row, breaches_at_risk
from reports.statistics import rates
from reports.texts import say
from reports.words import SUPPRESSED
from scoring.core.recommendation import Grain, Vocabulary
from scoring.core.text import Text
from scoring.judgement import Judgement
from scoring.recommendations import RULES_BY_ID

LANGUAGES = ("en", "fr")


@pytest.fixture(autouse=True)
def _words(monkeypatch):
    samples.stand_in(monkeypatch)


@pytest.fixture(scope="module")
def data():
    return samples.report_data(300)


@pytest.fixture(scope="module")
def network(data):
    return {lang: network_report(data, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def centre(data):
    patch = pytest.MonkeyPatch()
    samples.stand_in(patch)
    pages = {lang: centre_page(data, "C03", lang) for lang in LANGUAGES}
    patch.undo()
    return pages


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text of its table cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "td":
            self.cells.append("")
        self._in_cell = tag == "td" or (self._in_cell and tag not in ("tr", "th"))

    def handle_endtag(self, tag):
        if tag == "td":
            self._in_cell = False

    def handle_data(self, data):
        if self._in_cell:
            self.cells[-1] += data.strip()

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


@pytest.fixture(params=[("network", lang) for lang in LANGUAGES] + [("centre", lang) for lang in LANGUAGES])
def page(request, network, centre):
    kind, lang = request.param
    return {"network": network, "centre": centre}[kind][lang]


# Every page


def test_a_page_is_one_file_that_loads_and_runs_nothing(page):
    parsed = Page(page)
    assert not [tag for tag, _ in parsed.tags if tag in ("script", "link", "img", "iframe", "object", "embed", "base")]
    assert not parsed.values("src")
    assert all(href.startswith("#") for href in parsed.values("href") + parsed.values("xlink:href"))
    assert not [name for _, attrs in parsed.tags for name in attrs if name.startswith("on")]
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_ids_are_unique_and_every_anchor_leads_somewhere(page):
    parsed = Page(page)
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    targets = [href[1:] for href in parsed.values("href") + parsed.values("xlink:href")]
    targets += re.findall(r"url\(#([^)]*)\)", page)
    for name in ("aria-labelledby", "aria-describedby"):
        targets += [target for value in parsed.values(name) for target in value.split()]
    assert set(targets) <= set(ids)


def test_a_page_is_accessible(page):
    parsed = Page(page)
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all("scope" in attrs for tag, attrs in parsed.tags if tag == "th")
    pictures = [attrs for tag, attrs in parsed.tags if tag == "svg"]
    assert pictures
    assert all(attrs["role"] == "img" and attrs["aria-labelledby"] for attrs in pictures)


def test_every_figure_is_well_formed_and_keeps_its_text(page):
    found = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    for svg in found:
        root = ElementTree.fromstring(svg)
        space = "{http://www.w3.org/2000/svg}"
        assert root.find(f"{space}title").text
        assert root.find(f"{space}desc").text
        assert root.findall(f".//{space}text")
        assert not root.findall(f".//{space}image")


def test_hostile_names_are_text(page):
    assert "<script" not in page
    assert 'alert("' not in page
    assert "é" * 130 not in page


def test_pages_speak_their_language(network, centre):
    for pages in (network, centre):
        assert '<html lang="fr">' in pages["fr"]
        assert say("intended_use_text", "fr")[:60] in pages["fr"].replace("&#39;", "'")
        assert say("intended_use_text", "en")[:60] in pages["en"]
        assert not re.search(r"\d%", re.sub(r"<style>.*?</style>", "", pages["fr"], flags=re.DOTALL))


# The report of the network


def test_the_network_report_holds_no_patient(data, network):
    names = set()
    for frame in data.judgement.verdicts.values():
        names |= set(frame["patient_id"]) | set(frame["entity_id"])
    for report in network.values():
        assert not names & set(re.findall(r"[PE]\d{6}", report))


def test_the_network_report_prints_no_small_count(data, network):
    exact = {"7"}  # the number of centres is no count of people
    for report in network.values():
        cells = set(Page(report).cells) - exact
        assert not cells & {"1", "2", "3", "4"}
        assert SUPPRESSED in cells
        assert not re.search(r">n = [1-4]<", report)


def test_binding_and_permissive_rules_share_no_table(data, network):
    strength = {rule.id: rule.strength for rule in data.rules}
    tables = re.findall(r'<table class="rates">.*?</table>', network["en"], re.DOTALL)
    assert tables
    for table in tables:
        assert len({strength[i] for i in re.findall(r"G\d-[\d.]+-\d\d", table)}) == 1


def test_every_section_asked_for_is_there(data, network):
    report = network["en"]
    for anchor in ("key", "cohort", "data", "headline", "compare", "funnels", "scores", "matrices", "persistence",
                   "sentinels", "methods", "all-rules", "sources"):  # fmt: skip
        assert f'id="{anchor}"' in report
    for rule in data.rules:
        assert f'id="rule-{rule.id}"' in report
    assert "not a clinical decision aid" in report


def test_the_message_names_the_centre_that_works_differently():
    report = network_report(samples.report_data(1500), "en")
    start, end = report.index("Beyond the 99.8%"), report.index("Beyond the 95% limits only")
    beyond = report[start:end]
    assert "C02 (CH de Vesoul) below the network" in beyond
    assert "C01" not in beyond


def test_the_same_audit_gives_the_same_bytes_in_another_process(data, network):
    code = (
        "import hashlib, pytest, report_samples as s; from reports.html import network_report;"
        "s.stand_in(pytest.MonkeyPatch());"
        "print(hashlib.sha256(network_report(s.report_data(300), 'fr').encode()).hexdigest())"
    )
    here = Path(__file__).parent
    path = f"{here}:{here.parent}"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path, "PYTHONHASHSEED": "99"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(network["fr"].encode()).hexdigest()


def test_an_audit_without_a_single_decision_still_gives_a_report(data):
    judged = data.judgement
    empty = Judgement(
        verdicts={g: f.clear() for g, f in judged.verdicts.items()},
        facts={g: f.clear() for g, f in judged.facts.items()},
        codes=judged.codes.clear(),
        flow=judged.flow.with_columns(n_patients=pl.lit(0, pl.Int64), n_decisions=pl.lit(0, pl.Int64)),
        left_out=judged.left_out.clear(),
        at_risk=judged.at_risk.clear(),
    )
    nothing = dataclasses.replace(
        data, judgement=empty, rates=rates(empty, samples.RULES), scores={}, headline=(), start=None, end=None
    )
    assert say("key_nothing", "en") in network_report(nothing, "en")
    assert "C01" in centre_page(nothing, "C01", "fr")


def test_a_large_network_has_its_heatmap_in_parts(data):
    many = {f"C{i:02d}": f"Centre {i}" for i in range(1, 31)}
    report = network_report(dataclasses.replace(data, centres=many), "en")
    assert all(f'id="heatmap-{first}-title"' in report for first in (0, 12, 24))


def test_persistence_is_left_out_where_nobody_was_treated(data):
    facts = {**data.judgement.facts}
    facts[Grain.ANTIRESORPTIVE_COURSE] = facts[Grain.ANTIRESORPTIVE_COURSE].clear()
    judged = dataclasses.replace(data.judgement, facts=facts)
    report = network_report(dataclasses.replace(data, judgement=judged), "en")
    assert 'id="persistence"' not in report


def test_a_do_not_rule_is_concordant_where_what_it_forbids_was_allowed():
    options = Vocabulary("dose", {"dose_given": Text("given", "donnée"), "none": Text("none", "aucune")})
    rule = dataclasses.replace(samples.RULES[11], vocabulary=options, recommended=("none",), do_not=True)
    row = _matrix_row(rule, {("dose_given", "met"): 90, ("dose_given", "failing"): 7}, "en")
    assert (row.met, row.failing, row.recommended) == ([90, 0], [7, 0], [False, True])
    obeyed = _matrix_row(rule, {("dose_given", "met"): 90}, "en")
    assert obeyed.recommended == [False, False]
    assert [obeyed.uses(option) for option in (0, 1)] == [True, False]
    svg = figures.matrix("k", [row], ["given", "none"], "en", "t")
    assert "90 ✓ · 7 ✗" in svg


def test_rules_with_a_funnel_alone_stand_two_by_two(network):
    shapes = re.findall(
        r'<div class="cards (\w+)">(.*?)</div>\s*(?=<div class="cards|</section>)', network["en"], re.DOTALL
    )
    for shape, html in shapes:
        for card in html.split("<article")[1:]:
            assert card.count("<svg") == {"whole": 2, "half": 1, "text": 0}[shape]
    assert "half" in dict(shapes)


def test_breaches_are_counted_among_the_patients_at_risk(data):
    protecting = dataclasses.replace(data, rules=(RULES_BY_ID["G1-3.4-08"], RULES_BY_ID["G1-3.7-03"]))
    words = [row[1:] for row in breaches_at_risk(protecting, "en")]
    assert words == [
        ("patients with a clearance below 30 mL/min", "40", "9"),
        ("patients with a life expectancy under 6 weeks", "31", "[s]"),
    ]


def test_thresholds_are_listed_with_their_unit_and_origin(network):
    cells = Page(network["fr"]).cells
    at = cells.index("60\u00a0jours")
    assert cells[at + 1 : at + 3] == ["lecture", "P03"]
    assert cells[at + 3 : at + 6] == ["0,1\u00a0mg", "externe", "choix de cet audit"]


# The page of a centre


def test_a_centre_sees_its_own_small_counts_and_no_other_centre(data, centre):
    page = centre["en"]
    assert set(Page(page).cells) & {"1", "2", "3", "4"}
    for other, name in samples.CENTRES.items():
        if other != "C03":
            assert not re.search(rf"\b{other}\b", page)
            assert name not in page


def test_a_centre_does_not_learn_small_counts_of_the_others_from_the_network(data):
    rule = data.headline[0]
    whole = data.rate(rule.id)
    alone = {
        **whole,
        "centre_id": "C03",
        "n_assessed": whole["n_assessed"] - 3,
        "n_concordant": whole["n_concordant"] - 1,
    }
    others = data.rates.filter(~((pl.col("rule_id") == rule.id) & (pl.col("centre_id") == "C03")))
    changed = pl.concat([others, pl.DataFrame([alone], schema=others.schema)])
    page = centre_page(dataclasses.replace(data, rates=changed, headline=(rule,)), "C03", "en")
    assert say("position.unknown", "en") in page
    assert say("position.unknown", "en") not in centre_page(
        dataclasses.replace(data, headline=(data.headline[1],)), "C01", "en"
    )


def test_quarantine_and_missing_tables_are_on_the_page_of_the_centre(centre):
    assert say("not_supplied", "en") in centre["en"]
    assert "token" in Page(centre["en"]).cells
