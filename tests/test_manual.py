"""The manual in docs/guideline is what the declarations say, and covers the whole guideline."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from pipelines.manual import pages
from pipelines.manual.coverage import CODES, coverage, rows_of
from pipelines.manual.parameters import by_code
from pipelines.manual.rules import domains
from pipelines.manual.signoffs import COLUMNS, FILE, SignOffs, readings
from pipelines.manual.words import GRAINS
from scoring.core.recommendation import Grain
from scoring.needs import needs
from scoring.recommendations import RULES, RULES_BY_ID
from validation.contract import TABLES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "guideline"


@cache
def made() -> dict[str, str]:
    return pages(FOLDER, ROOT / "tests" / "cases")


def test_the_pages_are_those_of_the_declarations() -> None:
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.md")}
    stale = [name for name, page in made().items() if name not in there or (FOLDER / name).read_text("utf-8") != page]
    assert not stale, f"`make manual` and read what changed: {stale}"
    assert there == set(made())


def test_every_reading_has_a_line_for_a_clinician() -> None:
    with (FOLDER / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["reading"] for row in rows] == list(readings()), "`make manual` brings sign-off.csv up to date"
    assert len(set(readings())) == len(rows)


def test_a_signed_reading_is_shown_and_counted(tmp_path: Path) -> None:
    SignOffs.refresh(tmp_path)
    path = tmp_path / FILE
    path.write_text(
        path.read_text("utf-8").replace("G1-2-02,,,", "G1-2-02,Dr Example,2026-12-01,yes"), encoding="utf-8"
    )
    SignOffs.refresh(tmp_path)
    signed = pages(tmp_path, ROOT / "tests" / "cases")
    assert "| Sign-off | Dr Example, 2026-12-01: agrees |" in signed["en/imaging.md"]
    assert f"Readings signed off: 1 of {len(list(readings()))}." in signed["README.md"]


def test_every_statement_of_the_texts_is_answered() -> None:
    found = coverage()
    assert not found.lacking
    assert (found.measures, found.ids) == (168, 202)
    assert found.codes == set(CODES)
    assert found.computed + found.not_computable == len(rows_of("statements")) == 458
    assert found.not_computable == 101


def test_the_reasons_of_what_is_not_computed_are_counted_as_in_the_catalogue() -> None:
    reasons = Counter(row["target"] for row in rows_of("statements") if row["kind"] == "not_computable")
    expected = {"EVID": 29, "EPI": 16, "META": 15, "GOAL": 12, "RAT": 9, "VAGUE": 9, "DEF": 6, "PROG": 5}
    assert reasons == expected
    for row in rows_of("statements"):
        assert row["kind"] == "computed" or (row["why_en"] and row["why_fr"]), row["unit"]
        assert bool(row["upgrade_en"]) == bool(row["upgrade_fr"]), row["unit"]


def test_every_reading_parameter_of_the_catalogue_is_held() -> None:
    assert not [code for code, names in by_code().items() if not names]


def test_every_measure_has_its_words_and_its_data() -> None:
    assert {grain.value for grain in Grain} == set(GRAINS)
    for rule in RULES:
        assert needs(rule), rule.id
        for table, column in needs(rule):
            assert column in TABLES[table].schema, (rule.id, table, column)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_measure_is_on_the_page_of_its_domain(lang: str) -> None:
    for domain in domains():
        page = made()[f"{lang}/{domain}.md"]
        mine = [rule for rule in RULES if rule.domain == domain]
        assert re.findall(r"^## (\S+)$", page, re.M) == [rule.id for rule in mine]
        assert page.count("☐") == 2 * sum(rule.reading is not None for rule in mine)


def test_every_link_leads_somewhere() -> None:
    for name, page in made().items():
        for there in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", page):
            if there:
                assert (FOLDER / name).parent.joinpath(there).resolve().exists(), (name, there)


def test_every_id_of_the_catalogue_leads_to_its_measure() -> None:
    page = made()["en/coverage.md"]
    for row in rows_of("recommendations"):
        rule = RULES_BY_ID[row["id"]]
        assert f"| {row['id']} | " in page
        assert rule.id in page
