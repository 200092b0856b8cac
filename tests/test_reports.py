"""Pages, figures and case lists: what they hold, what they must not hold, and how they treat hostile text."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import polars as pl
import pytest
import report_samples as samples

from reports import figures
from reports.cases import COLUMNS, cases, reason_words, write_csv
from reports.figures.rates import Cell, Point
from reports.html import centre_page, network_report
from reports.indicators import UnknownRule, core_set, headline
from reports.statistics import rates
from reports.texts import TEXTS, say
from reports.words import SUPPRESSED, french_spaces, label, listed, number, percent
from scoring.core.recommendation import Domain, Grain, Status
from validation.contract import TABLES

REPORTS = Path(__file__).parent.parent / "reports"
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
    empty = SimpleNamespace(
        verdicts={g: f.clear() for g, f in judged.verdicts.items()},
        facts={g: f.clear() for g, f in judged.facts.items()},
        codes=judged.codes.clear(),
        flow=judged.flow.with_columns(n_patients=pl.lit(0, pl.Int64), n_decisions=pl.lit(0, pl.Int64)),
        left_out=judged.left_out.clear(),
    )
    nothing = dataclasses.replace(
        data, judgement=empty, rates=rates(empty, samples.RULES), scores={}, headline=(), start=None, end=None
    )
    assert say("key_nothing", "en") in network_report(nothing, "en")
    assert "C01" in centre_page(nothing, "C01", "fr")


def test_a_large_network_has_its_heatmap_in_parts(data):
    many = {f"C{i:02d}": f"Centre {i}" for i in range(1, 31)}
    report = network_report(dataclasses.replace(data, centres=many), "en")
    assert report.count('id="heatmap-') == 2 * 3 + report.count('id="heatmap-') - 6
    assert all(f'id="heatmap-{first}-title"' in report for first in (0, 12, 24))


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


# Case lists


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
    assert {"raison documentée : refus du patient", "table manquante : RCP"} <= set(
        frame["reason"].str.replace_all("\u00a0", " ")
    )
    assert reason_words("not_assessable", "lab_results.value", "en") == "not recorded: value (laboratory results)"
    assert reason_words("to_justify", "", "en") == "the wording leaves a choice"


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


# Figures


def test_figures_take_hostile_text_as_text():
    hostile = "<script>&]]>$x^2$\n" + "w" * 200
    cell = [[Cell(0.5, 20)]]
    svg = figures.heatmap("k", [hostile], [label(hostile, 12)], cell, "en", hostile)
    root = ElementTree.fromstring(svg)
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("$x^2$" in word for word in words if word)
    assert root.find("{http://www.w3.org/2000/svg}title").text == hostile


def test_a_hidden_rate_leaves_no_trace_in_the_heatmap():
    svg = figures.heatmap("k", ["rule"], ["C01"], [[Cell(None, None)]], "en", "t")
    assert SUPPRESSED in svg
    assert "%" not in svg.replace("100%", "")


def test_a_funnel_marks_a_centre_beyond_the_limits_by_more_than_colour():
    within = figures.funnel("k", [Point("C01", 50, 0.6, 0)], 0.6, "en", "t", "n")
    beyond = figures.funnel("k", [Point("C01", 50, 0.2, 998)], 0.6, "en", "t", "n")
    assert "font-weight: 700" in beyond.split("C01")[-2][-220:]
    assert "font-weight: 700" not in within.split("C01")[-2][-220:]


# Words


def test_every_text_is_used_and_every_text_used_exists():
    sources = [*REPORTS.rglob("*.py"), *REPORTS.rglob("*.j2")]
    code = "\n".join(p.read_text("utf-8") for p in sources if not p.name.startswith("texts"))
    families = {
        "step.": ["read", "accepted", "lung", "cohort", "in_period", "applicable", "assessable"],
        "left.": ["before_edition", "outside_period"],
        "strength.": ["binding", "permissive"],
        "status.": list(Status),
        "verdict.": list(Status),
        "case.": list(Status),
        "score.": list(samples.BANDS),
        "band.": [band for *_, bands in samples.BANDS.values() for band, _ in bands if not re.match(r"[\dI]", band)],
        "position.": ["within", "unknown", "below_95", "below_998", "above_95", "above_998"],
        "table.": list(TABLES),
        "domain.": list(Domain),
        "deviation.": list(TABLES["deviations"]["reason"].tokens),
    }
    made = {prefix + token for prefix, tokens in families.items() for token in tokens}
    made |= {f"{kind}_{strength}" for kind in ("forest",) for strength in ("binding", "permissive")}
    made |= {f"{strength}_{kind}" for kind in ("adjective", "rule") for strength in ("binding", "permissive")}
    literal = set(re.findall(r"""["']([a-z0-9_.]+)["']""", code))
    assert set(TEXTS) == made | (set(TEXTS) & literal)
    called = set(re.findall(r"""\b(?:say|t)\(["']([a-z0-9_.]+)["'][,)]""", code))
    assert called <= set(TEXTS)


def test_both_languages_take_the_same_values():
    for key, text in TEXTS.items():
        assert set(re.findall(r"{(\w+)}", text.en)) == set(re.findall(r"{(\w+)}", text.fr)), key


def test_numbers_are_written_as_people_write_them():
    assert number(12345.6, "en", 1) == "12,345.6"
    assert number(12345.6, "fr", 1) == "12\u202f345,6"
    assert percent(0.5, "fr") == "50\u202f%"
    assert percent(0.999, "en") == ">\u202f99%"
    assert percent(0.001, "en") == "<\u202f1%"
    assert (percent(0.0, "en"), percent(1.0, "en"), percent(None, "en")) == ("0%", "100%", "–")
    assert listed(["a", "b", "c"], "fr") == "a, b et c"
    assert french_spaces("« a : 5 % »") == "«\u00a0a\u00a0: 5\u202f%\u00a0»"


def test_foreign_text_is_tamed():
    assert label("a\x00b\u202ec\nd   e") == "a bc d e"
    assert label("x" * 99, 10) == "x" * 9 + "…"
    assert label(None) == ""


# Indicators


def test_the_core_set_is_small_and_holds_what_the_network_asked_for():
    ids = core_set()
    assert len(ids) <= 12
    assert {"G1-3.5.3-01", "G1-3.5.4-02", "G1-3.8.1-01", "G1-3.4-01"} <= set(ids)
    assert [rule.id for rule in headline(None, samples.RULES)] == list(ids)


def test_the_core_set_exists_among_the_real_rules():
    recommendations = pytest.importorskip("scoring.recommendations", exc_type=ImportError)
    if not hasattr(recommendations, "RULES"):
        pytest.skip("the rules are not declared yet")
    assert len(headline(None)) == len(core_set())


def test_other_rules_can_be_asked_for_by_id_or_alias():
    rules = (dataclasses.replace(samples.RULES[0], aliases=("G2-9-01",)), *samples.RULES[1:])
    chosen = headline(["G1-4-03", "G2-9-01", "G1-3.5.3-01"], rules)
    assert [rule.id for rule in chosen] == ["G1-4-03", "G1-3.5.3-01"]


def test_unknown_rules_are_named_together_with_what_was_perhaps_meant():
    with pytest.raises(UnknownRule) as error:
        headline(["G1-3.8.1-1", "nonsense"], samples.RULES)
    message = str(error.value)
    assert "'G1-3.8.1-1'. Did you mean G1-3.8.1-01?" in message
    assert "'nonsense'." in message


def test_persistence_is_left_out_where_nobody_was_treated(data):
    facts = {**data.judgement.facts}
    facts[Grain.ANTIRESORPTIVE_COURSE] = facts[Grain.ANTIRESORPTIVE_COURSE].clear()
    judged = SimpleNamespace(**{**vars(data.judgement), "facts": facts})
    report = network_report(dataclasses.replace(data, judgement=judged), "en")
    assert 'id="persistence"' not in report
