"""Code systems: what is listed is translated, everything else is counted with its reason, nothing is guessed."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.codes import NOT_A_CODE, SYSTEMS, UnknownSystem, load, rows, tidy, translate
from pipelines.codes.sources import SOURCES
from validation.contract import TABLES

ALL = [(name, code) for name in SYSTEMS for code in load(name).codes]


def one(system: str, cell: str | None, strength: str | None = None) -> str | None:
    tokens, _ = translate(system, pl.Series([cell]), pl.Series([strength], dtype=pl.String))
    return tokens[0]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_yields_tokens_of_its_column(name: str) -> None:
    codes = load(name)
    allowed = TABLES[codes.table][codes.column].tokens or {}
    assert {code.token for code in codes.codes if code.token} <= set(allowed)
    assert all(code.token for code in codes.codes if code.active), "an active code has a token"
    assert all(code.source and code.label for code in codes.codes)
    assert all(code.note for code in codes.codes if not code.active), "a code that is not active says why"
    assert len({(code.code, code.strength_mg) for code in codes.codes}) == len(codes.codes)


@pytest.mark.parametrize(("name", "code"), ALL, ids=lambda value: value if isinstance(value, str) else value.code)
def test_every_listed_code_has_the_form_of_its_system_and_is_found(name: str, code) -> None:
    import re

    if code.is_group:
        return
    assert re.fullmatch(load(name).form, tidy(code.code))
    strength = None if code.strength_mg is None else f"{code.strength_mg:g} mg"
    assert one(name, code.code, strength) == (code.token if code.active else None)


@pytest.mark.parametrize(("name", "code"), ALL, ids=lambda value: value if isinstance(value, str) else value.code)
def test_an_active_code_names_sources_of_the_closed_list(name: str, code) -> None:
    named = set(code.source.split("; "))
    assert not code.active or named <= set(SOURCES)
    assert named <= set(SOURCES) or "not verified against a source" in code.note


def test_the_list_of_sources_is_closed_both_ways() -> None:
    """Each once, none holds the mark that parts them, and each is named by an active code."""
    named = {source for _, code in ALL if code.active for source in code.source.split("; ")}
    assert len(set(SOURCES)) == len(SOURCES)
    assert not [source for source in SOURCES if "; " in source]
    assert named == set(SOURCES)


@pytest.mark.parametrize(
    ("system", "cell", "token"),
    [
        ("icd-10", "C34", "lung"),
        ("icd-10", " c34.1 ", "lung"),
        ("icd-10", "C341", "lung"),
        ("icd-10", "C80.0", "unknown_primary"),
        ("icd-10", "C80.9", None),
        ("icd-10", "C79.5", None),
        ("icd-10", "C40.2", None),
        ("icd-10", "C43.5", "other"),
        ("icd-10", "J44", None),
        ("icd-o-3-topography", "C34.9", "lung"),
        ("icd-o-3-topography", "C80.9", "unknown_primary"),
        ("icd-o-3-topography", "C42.1", None),
        ("icd-o-3-topography-bone", "C41.2", "vertebra"),
        ("icd-o-3-topography-bone", "C40.2", None),
        ("icd-o-3-morphology", "8140/3", "adenocarcinoma"),
        ("icd-o-3-morphology", "M8140/3", "adenocarcinoma"),
        ("icd-o-3-morphology", "81403", "adenocarcinoma"),
        ("icd-o-3-morphology", "8140/6", None),
        ("icd-o-3-morphology", "8140", None),
        ("icd-o-3-morphology", "8013/3", "lcnec"),
        ("icd-o-3-morphology", "8550/3", "adenocarcinoma"),
        ("icd-o-3-morphology", "8551/3", None),
        ("atc-administered", "m05ba08", "zoledronic_acid"),
        ("atc-administered", "M05BA03", "other_bisphosphonate"),
        ("atc-administered", "L03AA03", None),
        ("atc-prescribed", "B01AF02", "anticoagulant"),
        ("atc-prescribed", "B01AC06", "antiplatelet"),
        ("atc-prescribed", "B01AB02", None),
        ("atc-prescribed", "B01AC27", None),
        ("atc-prescribed", "B01AF51", None),
        ("atc-prescribed", "N02AA05", "opioid"),
        ("atc-prescribed", "N02AJ13", None),
        ("atc-prescribed", "A12AX", None),
        ("ccam-technique", "NEKA020", "total_hip_arthroplasty"),
        ("ccam-category", "LEFA004", "spinal_surgery"),
        ("ccam-technique", "LHMH002", "vertebroplasty"),
        ("ccam-technique", "LHMH001", None),
        ("ccam-technique", "PAMH001", "cementoplasty"),
        ("ccam-technique", "LHHH001", None),
        ("ccam-technique", "LHCA011", None),
        ("ccam-category", "LHCA011", "spinal_surgery"),
        ("ccam-radiotherapy", "ZZNL054", "imrt_vmat"),
        ("ccam-radiotherapy", "ZZNL053", None),
    ],
)
def test_codes(system: str, cell: str, token: str | None) -> None:
    assert one(system, cell) == token


@pytest.mark.parametrize(
    ("strength", "token"),
    [("120", "denosumab"), ("120 mg", "denosumab"), ("120 mg/1,7 mL", "denosumab"), ("120,0 MG", "denosumab"),
     ("60", "other"), ("60 mg/mL", "other"), ("60MG/1ML", "other"),
     (None, None), ("", None), ("70 mg/mL", None), ("0,12 g", None), ("1 seringue", None), ("119", None)],
)  # fmt: skip
def test_denosumab_is_told_apart_by_its_strength(strength: str | None, token: str | None) -> None:
    assert one("atc-administered", "M05BX04", strength) == token


def test_unknown_codes_are_counted_with_a_reason() -> None:
    cells = pl.Series(["C34.1", "C79.5", "c79.5", "J44", None, "", "Dupont Marie"])
    tokens, unknown = translate("icd-10", cells)
    assert tokens.to_list() == ["lung", None, None, None, None, None, None]
    assert unknown["code"].to_list() == [NOT_A_CODE, "C795", "J44"]
    assert unknown["rows"].to_list() == [1, 2, 1]
    assert "metastasis" in unknown["reason"][1]
    assert "Dupont" not in str(unknown.to_dicts())


@settings(deadline=None)
@given(
    st.sampled_from(SYSTEMS), st.lists(st.text(max_size=8) | st.none() | st.sampled_from(["C34", "8140/3", "M05BX04"]))
)
def test_every_filled_cell_is_translated_or_counted(system: str, cells: list[str | None]) -> None:
    column = pl.Series("cells", cells, dtype=pl.String)
    tokens, unknown = translate(system, column)
    filled = int((column.str.strip_chars() != "").sum())
    assert tokens.len() == len(cells)
    assert tokens.count() + int(unknown["rows"].sum()) == filled


def test_an_unknown_system_names_the_near_one() -> None:
    with pytest.raises(UnknownSystem, match="Did you mean icd-o-3-morphology"):
        load("icd-o-3-morpho")


def test_the_command_lists_them() -> None:
    run = CliRunner().invoke(app, ["codes", "atc-administered", "--format", "json"])
    assert run.exit_code == 0
    assert json.loads(run.stdout) == rows("atc-administered")
    listed = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, ["codes", "--format", "csv"]).stdout)))
    assert len(listed) == len(ALL)
    assert {row["active"] for row in listed} == {"true", "false"}
    shown = CliRunner().invoke(app, ["codes", "ccam-technique"]).stdout
    assert "not active" in shown
    assert all(name in CliRunner().invoke(app, ["codes"]).stdout for name in SYSTEMS)
