"""Every clause of every measure is seen true, false and unknown by the cases of that measure, or cannot be."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest

from scoring.recommendations import RULES, RULES_BY_ID
from tests.cases_loader import judgement
from tests.clauses import Clause, clauses, outcomes

WORDS = {"true": True, "false": False, "unknown": None}
# What a clause cannot be: rule, part and number of the clause. `met` and what follows are seen where they matter only.
NEVER = {
    "the measure is for every decision of its grain: false, unknown": """
        G1-2-02 applies 1, G1-3.4-02 applies 1, G1-3.4-14 applies 1, G1-3.4-16 applies 1, G1-3.4-21 applies 1,
        G1-3.5.3-01 applies 1, G1-3.5.3-04 applies 4, G1-3.5.3-06 applies 4, G1-1-01 applies 1, G1-3.4-17 applies 1,
        G1-3.4-19 applies 1, G1-3.4-20 applies 1""",
    "the contract requires modality, drug, category, bone of a lesion and date of diagnosis: unknown": """
        G1-2-03 applies 1, G1-2-03 applies 2, G1-2-06 applies 1, G1-2-10 applies 1, G1-2-12 applies 1, G1-2-12 applies 2,
        G1-3.4-03 applies 1, G1-3.4-05 applies 1, G1-3.4-08 applies 1, G1-3.4-10 applies 1, G1-3.4-13 applies 1,
        G1-3.4-15 applies 1, G1-3.4-21 renal_contraindication 1,
        G1-3.5.2-02 applies 1, G1-3.5.2-03 applies 1, G1-3.5.2-04 applies 1, G2-2.2-01 applies 1,
        G2-2.2-01 peripheral_bone_irradiated 1, G1-3.5.4-01 applies 1, G1-3.6.1-02 applies 1, G1-3.6.1-03 applies 1,
        G1-3.6.1-15 applies 1, G1-3.7-01 applies 1, G1-3.7-03 applies 1, G1-3.7.2-05 applies 1, G1-3.7.2-06 applies 1,
        G2-4.1-06 applies 1, G1-2-01 applies 1, G1-2-04 applies 1, G1-2-05 applies 1, G1-2-07 applies 1, G1-2-07 applies 2,
        G1-2-08 applies 1, G1-2-08 applies 2, G1-2-11 applies 1, G1-2-11 applies 2, G1-2-13 applies 1, G1-3.4-04 applies 1,
        G1-3.4-06 applies 1, G1-3.4-07 applies 1, G1-3.4-11 applies 1, G1-3.4-12 applies 1, G1-3.4-18 met 1""",
    "an assessment opens a decision or does not: unknown": """
        G1-3.8.1-01 applies 1, G1-3.8.5-03 applies 1, G1-3.8.5-07 applies 1""",
    "docs/measures.md says what an empty cell means: unknown": """
        G1-2-12 flare_control 1, G1-3.4-21 treatment_stop_reason 1, G1-3.5.4-01 wound_complication 1,
        G1-3.6.1-15 applies 4, G1-3.6.1-15 met 1, G1-3.5.5-04 brain_metastasis 1""",
    "a late act was seen or was not: unknown": """
        G1-2-02 late 1, G1-2-02 late 2, G1-3.4-14 late 1, G1-3.4-16 late 1, G1-3.5.2-03 late 1, G1-3.5.3-01 late 1,
        G1-1-01 late 1, G1-2-07 late 1, G1-2-07 late 2, G1-2-08 late 1, G1-2-08 late 2, G1-3.4-17 late 1, G1-3.4-22 late 1,
        G1-3.5.4-01 late 1, G1-3.6.1-03 late 1, G1-3.7-01 late 1, G1-3.8.1-01 late 1, G1-3.5.2-04 fracture_while_waiting 1""",
    "the discovery of the lesion is an event, so observation has an end: unknown": """
        G1-2-02 late 3, G1-2-07 late 3, G1-2-08 late 3""",
    "nothing in the time allowed: the first act is late, or there is none: false": """
        G1-3.4-01 late 1, G1-3-01 late 1, G2-2.2-01 late 1""",
    "the total of Rades lies between 21 and 44: false, unknown": """
        G1-3.5.3-02 applies 2, G1-3.5.3-06 applies 3""",
    "where the measure applies the earlier course, the technique is known: unknown": """
        G1-3.5.5-09 met 1, G1-3.6.1-02 met 1""",
    "where the clause before it is true the days, the wound and its healing are known, else it is read as false: unknown": """
        G1-3.5.4-02 met 3""",
    "where the measure is known to fail so are the days, the technique, the life expectancy, the meetings: unknown": """
        G1-3.5.4-02 wound_not_healed 1, G1-3.5.4-02 day_22_to_28 1, G1-3.5.4-02 day_22_to_28 2,
        G2-4.1-06 articular_destruction 2, G1-3.7.2-05 six_to_twelve_months 1, G1-3.7-01 urgent_meeting_after 2""",
    "where the measure is known to fail life expectancy is a year or less: false, unknown": """
        G1-3.7.2-05 six_to_twelve_months 2""",
    "where the measure is known to fail SINS is 13 or more, or from 7 to 12: unknown": """
        G1-3.5.5-07 opinion_missing 2""",
    "where the measure is known to fail SINS is at least 7: false, unknown": """
        G1-3.5.5-07 opinion_missing 1""",
    "a dose that follows another has a first dose and a day between: unknown": """
        G1-3.4-04 after_two_years 1, G1-3.4-11 after_two_years 1, G1-3.4-04 late 1, G1-3.4-04 late 2,
        G1-3.4-11 late 1, G1-3.4-11 late 2""",
    "where the measure is known to fail so are the decalcification and the dose: unknown": """
        G1-2-13 not_decalcified 1, G1-3.4-07 reduced_otherwise 1""",
    "a stop for a planned reassessment is recorded or it is not: unknown": """
        G1-3.4-22 met 1""",
    "where the measure applies Tomita is at least 8: false, unknown": """
        G1-3.8.5-07 rcp_zone 1""",
}


def never() -> dict[str, dict[Clause, set[bool | None]]]:
    """Rule -> clause -> outcomes that cannot occur."""
    cannot: dict[str, dict[Clause, set[bool | None]]] = defaultdict(dict)
    for reason, places in NEVER.items():
        impossible = {WORDS[word] for word in reason.rpartition(": ")[2].split(", ")}
        for place in places.split(","):
            rule, part, number = place.split()
            assert (part, int(number)) not in cannot[rule], f"{place.strip()} is listed twice"
            cannot[rule][part, int(number)] = impossible
    return cannot


def described(missing: dict[Clause, set[bool | None]]) -> set[str]:
    names = {value: word for word, value in WORDS.items()}
    return {f"{part} {number}: {names[value]}" for (part, number), values in missing.items() for value in values}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_outcome_of_every_clause(rule: str) -> None:
    declared = RULES_BY_ID[rule]
    facts = judgement().facts[declared.grain]
    found = outcomes(declared, facts.filter(pl.col("patient_id").str.starts_with(f"{rule}/")))
    unseen = described({clause: set(WORDS.values()) - values for clause, values in found.items()})
    cannot = described(never()[rule])
    assert not unseen - cannot, f"{rule}: no case shows {sorted(unseen - cannot)}"
    assert not cannot - unseen, f"{rule}: said to be impossible, or no such clause: {sorted(cannot - unseen)}"


def test_only_measures_are_listed() -> None:
    assert set(never()) <= {rule.id for rule in RULES}


def test_clauses_are_the_operands_of_and_and_or() -> None:
    a, b, c = pl.col("a"), pl.col("b") > 1, ~(pl.col("c") & pl.col("d"))
    found = clauses((a & b) | c)
    assert len(found) == 3
    assert all(any(one.meta.eq(other) for one in found) for other in (a, b, c))
    assert len(clauses(pl.col("a") == pl.col("b"))) == 1
