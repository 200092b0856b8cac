"""The figures, words and headline rules of the reports."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
import report_samples as samples

from reports import figures
from reports.changes import WHYS
from reports.figures.rates import Cell, Point
from reports.indicators import UnknownRule, core_set, headline
from reports.moved import KINDS, MEASURES
from reports.night import DepositKind, Outcome
from reports.published import DECISIONS
from reports.texts import TEXTS
from reports.texts_registry import PARAMETER_SOURCES, UNITS
from reports.words import SUPPRESSED, french_spaces, label, listed, number, percent, span_words
from scoring.core.recommendation import Domain, Status
from scoring.recommendations.parameters import PARAMETERS, Origin
from validation.contract import TABLES

REPORTS = Path(__file__).parent.parent / "reports"


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
    alerts = REPORTS.parent / "pipelines" / "nightly" / "alerts.py"
    sources = [*REPORTS.rglob("*.py"), *REPORTS.rglob("*.j2"), alerts]
    code = "\n".join(p.read_text("utf-8") for p in sources if not p.name.startswith("texts"))
    families = {
        "step.": ["read", "accepted", "lung", "cohort", "in_period", "applicable", "assessable"],
        "left.": ["before_edition", "outside_period"],
        "strength.": ["binding", "permissive"],
        "status.": list(Status),
        "verdict.": list(Status),
        "case.": list(Status),
        "band.": [band for *_, bands in samples.BANDS.values() for band, _ in bands if not re.match(r"[\dI]", band)],
        "position.": ["within", "unknown", "below_95", "below_998", "above_95", "above_998"],
        "matrix.": list(DECISIONS),
        "moved.": ["below", "within", "above", "none"],
        "table.": list(TABLES),
        "domain.": list(Domain),
        "origin.": list(get_args(Origin)),
        "digest.outcome.": list(get_args(Outcome)),
        "digest.kind.": list(get_args(DepositKind)),
        "digest.fate.": ["held", "refused"],
        "digest.do_": ["held", "refused"],
        "digest.crossed.": ["outside", "further", "inside"],
        "digest.moved.": ["fell", "rose"],
        "digest.moved_least.": ["fell", "rose"],
        "digest.why.": list(WHYS),
        "digest.verdict.": list(KINDS),
        "digest.filled.": ["fell", "rose", "lost", "gained"],
        "digest.gate.": ["appeared", "disappeared"],
        "digest.problem.": ["appeared", "disappeared"],
        "digest.measure.": list(MEASURES),
    }
    made = {prefix + token for prefix, tokens in families.items() for token in tokens}
    made |= {f"{kind}_{strength}" for kind in ("forest",) for strength in ("binding", "permissive")}
    made |= {f"{strength}_{kind}" for kind in ("adjective", "one", "rule") for strength in ("binding", "permissive")}
    made |= {"digest.new_centre", "digest.gone_centre"}
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


def test_a_span_is_told_from_nothing_and_everything():
    assert span_words((472 / 476, 475 / 476), "fr") == "99,2–99,8\u202f%"
    assert span_words((8 / 12, 11 / 12), "en") == "67–92%"
    assert span_words((1 / 10000, 4 / 10000), "en") == "0.01–0.04%"


def test_units_and_sources_of_parameters_that_are_words_have_words():
    for parameter in PARAMETERS.values():
        assert parameter.unit in UNITS or re.fullmatch("mg|Gy|min|mL/min|mmol/L", parameter.unit)
        assert parameter.source in PARAMETER_SOURCES or re.match(r"[GP]\d", parameter.source)


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
