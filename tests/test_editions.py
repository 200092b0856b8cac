"""A small second edition: a changed threshold is a new declaration, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from scoring.concordance import judge
from scoring.core.text import G1, Edition, Source, Text
from scoring.editions import EditionError, compare
from scoring.recommendations import RULES, RULES_BY_ID
from scoring.registry import Registry
from tests.random_registry import random_frames

SECOND = Edition("G1b", Text("Second edition", "Deuxième édition"), date(2023, 6, 1), replaces="G1")
OLD = RULES_BY_ID["G1-3.4-08"]
NEW = replace(
    OLD,
    id="G1b-3.4-08",
    source=Source(SECOND, "3.4"),
    met=pl.col("creatinine_clearance") >= 35,
    action=Text("clearance of 35 mL/min or more", "clairance d'au moins 35 mL/min"),
)
BOTH = (*RULES, NEW)


def verdicts(rules: tuple, **asked: object) -> pl.DataFrame:
    registry = Registry(*random_frames(11, 800))
    found = judge(registry, rules=rules, **asked)  # type: ignore[arg-type]
    frame = found.verdicts[OLD.grain]
    names = [c for c in (OLD.id, NEW.id) if c in frame.columns]
    codes, status = found.codes["code"], found.codes["status"]
    return frame.select(
        "entity_id",
        "index_date",
        *(pl.col(n).replace_strict(codes, status, default=None, return_dtype=pl.String) for n in names),
    )


def test_each_decision_is_judged_by_the_edition_in_force() -> None:
    found = verdicts(BOTH)
    before = found.filter(pl.col("index_date") < SECOND.valid_from)
    since = found.filter(pl.col("index_date") >= SECOND.valid_from)
    assert before[OLD.id].drop_nulls().len() > 0
    assert before[NEW.id].is_null().all()
    assert since[NEW.id].drop_nulls().len() > 0
    assert since[OLD.id].is_null().all()


def test_a_clearance_between_the_two_thresholds_is_discordant_only_under_the_second() -> None:
    one, two = verdicts(RULES), verdicts(BOTH)
    both = one.select("entity_id", old=OLD.id).join(two.select("entity_id", new=NEW.id), on="entity_id")
    differ = both.filter(pl.col("new").is_not_null() & (pl.col("old") != pl.col("new")))
    assert set(differ.rows()) <= {(entity, "concordant", "discordant") for entity in differ["entity_id"]}
    assert differ.height > 0


def test_every_other_measure_says_what_it_said() -> None:
    registry = Registry(*random_frames(11, 800))
    one, two = judge(registry), judge(registry, rules=BOTH)
    for grain, frame in one.verdicts.items():
        others = [c for c in frame.columns if c != OLD.id and c in two.verdicts[grain].columns]
        words = [_in_words(found, grain, others) for found in (one, two)]
        assert words[0].equals(words[1])


def _in_words(found: object, grain: object, columns: list[str]) -> pl.DataFrame:
    codes = found.codes  # type: ignore[attr-defined]
    text = codes.select(pl.concat_str("status", "reason", "given", "flags", separator="/")).to_series()
    frame = found.verdicts[grain].select(columns)  # type: ignore[attr-defined]
    return frame.with_columns(
        pl.col(c).replace_strict(codes["code"], text, default=None, return_dtype=pl.String)
        for c in columns
        if c in RULES_BY_ID
    )


def test_the_first_edition_alone_reaches_back() -> None:
    found = verdicts(BOTH, retrospective=True)
    early = found.filter(pl.col("index_date") < G1.valid_from)
    assert early[OLD.id].drop_nulls().len() > 0
    assert early[NEW.id].is_null().all()


def test_the_difference_between_the_editions_is_the_threshold() -> None:
    found = compare(BOTH, "G1", "G1b")
    changed = [c for c in found if c.kind == "changed"]
    assert [(c.place, [name for name, *_ in c.parts]) for c in changed] == [(("G1", "3.4", "08"), ["action", "met"])]
    assert {c.kind for c in found} == {"changed", "carried_over"}
    assert len(found) == len([rule for rule in RULES if rule.source.edition is G1])


def test_a_new_measure_is_added() -> None:
    added = replace(NEW, id="G1b-3.4-99")
    kinds = {c.after.id: c.kind for c in compare((*BOTH, added), "G1", "G1b")}
    assert kinds["G1b-3.4-99"] == "added"


@pytest.mark.parametrize(("pair", "said"), [(("G1", "G9"), "No edition G9"), (("G1", "G2"), "two guidelines")])
def test_what_cannot_be_compared_is_refused(pair: tuple[str, str], said: str) -> None:
    with pytest.raises(EditionError, match=said):
        compare(RULES, *pair)


def test_every_verdict_names_its_edition() -> None:
    assert {rule.id.split("-")[0] for rule in BOTH} == {rule.source.edition.id for rule in BOTH}
