"""S15: the strategies that Tokuhashi and Tomita point to."""

from __future__ import annotations

from collections import Counter
from itertools import product

import polars as pl

from scoring.recommendations import parameters as P
from tests.classes_support import Row, Rows, check, patients, publish

KARNOFSKY, EXTRASPINAL, VISCERAL = (40, 60, 90), (4, 1, 0), ("unresectable", "resectable", "none")
FRANKEL, VERTEBRAE = ("A", "C", "E"), (3, 2, 1)


def profiles() -> list[Row]:
    """The inputs of both scores: visceral metastases are shared; one bone metastasis is one vertebra and nothing beside."""
    return [
        {
            "state": {
                "karnofsky": karnofsky, "n_extraspinal_bone_metastases": extraspinal, "visceral_metastases": visceral,
                "n_vertebral_metastases": vertebrae, "n_bone_metastases": 1 if (extraspinal, vertebrae) == (0, 1) else 2,
            },
            "spine": {"frankel": frankel},
        }
        for karnofsky, extraspinal, visceral, frankel, vertebrae in product(
            KARNOFSKY, EXTRASPINAL, VISCERAL, FRANKEL, VERTEBRAE
        )
    ]  # fmt: skip


VERTEBRA: Rows = {"lesion": {"bone": "vertebra"}}


def test_the_243_profiles_of_lung_cancer() -> None:
    """The counts of the catalogue: discordant in 90 of 243 as printed; with six items five pairs."""
    frame = publish("spine_strategy", patients(VERTEBRA, profiles()))
    assert Counter(frame.select("tokuhashi_printed", "tomita").iter_rows()) == {
        ("conservative", "supportive_care"): 153,
        ("conservative", "palliative_surgery"): 81,
        ("conservative", "intralesional_resection"): 9,
    }
    assert Counter(frame.select("tokuhashi", "tomita", "agreement").iter_rows()) == {
        ("conservative", "supportive_care", "agree"): 153,
        ("conservative", "palliative_surgery", "differ"): 78,
        ("conservative", "intralesional_resection", "differ"): 6,
        ("palliative_surgery", "intralesional_resection", "differ"): 3,
        ("palliative_surgery", "palliative_surgery", "agree"): 3,
    }
    assert frame.filter(pl.col("tokuhashi") == pl.col("tomita"))["strategies"].unique().to_list() == [
        "palliative_surgery"
    ]


# A breast cancer: Tokuhashi printed 5 + 2 + 0 + 2 + 2 = 11, with three vertebrae 11; Tomita 1 + 4 + 2 = 7.
BREAST: Rows = VERTEBRA | {
    "tumour": {"primary_site": "breast"},
    "spine": {"frankel": "E"},
    "state": {
        "karnofsky": 90, "n_extraspinal_bone_metastases": 0, "visceral_metastases": "unresectable",
        "n_vertebral_metastases": 3, "n_bone_metastases": 3,
    },
}  # fmt: skip
RESECTABLE: Row = {"visceral_metastases": "resectable"}
NONE: Row = {"visceral_metastases": "none"}


UNCOUNTED: Row = {"n_bone_metastases": "?"}
MODERATE: Row = {"tomita_growth": "moderate"}
LUNG_OPEN: Row = {
    "karnofsky": "?",
    "n_extraspinal_bone_metastases": "?",
    "n_vertebral_metastases": "?",
    "n_bone_metastases": 1,
}
# Tokuhashi and Tomita, then what each points to, and whether they agree.
CASES: list[tuple[str, Row, str]] = [
    ("11, 7", {}, "palliative_surgery palliative_surgery agree"),
    ("12, 5", {"state": RESECTABLE}, "ablative_surgery intralesional_resection agree"),
    ("13, 3", {"state": NONE}, "ablative_surgery en_bloc_resection agree"),
    ("11, 5", {"state": RESECTABLE | {"karnofsky": 70}}, "palliative_surgery intralesional_resection differ"),
    ("9, 7", {"state": {"karnofsky": 40}}, "palliative_surgery palliative_surgery agree"),
    ("8, 7", {"state": {"karnofsky": 40}, "spine": {"frankel": "C"}}, "conservative palliative_surgery differ"),
    ("11, 8", {"tumour": MODERATE}, "palliative_surgery supportive_care differ"),
    ("11, 10", {"tumour": {"tomita_growth": "rapid"}}, "palliative_surgery supportive_care differ"),
    ("12, 6", {"tumour": MODERATE, "state": RESECTABLE}, "ablative_surgery palliative_surgery differ"),
    ("one vertebra: 13, 7", {"state": {"n_vertebral_metastases": 1}}, "ablative_surgery palliative_surgery differ"),
    # what is not known
    ("no vertebrae: 11-13, 7", {"state": {"n_vertebral_metastases": "?"}}, "unknown palliative_surgery unknown"),
    ("no visceral: 11-13, 3-7", {"state": {"visceral_metastases": "?"}}, "unknown unknown unknown"),
    ("no Karnofsky: 9-11, 7", {"state": {"karnofsky": "?"}}, "palliative_surgery palliative_surgery agree"),
    ("no bone count: 13, 2-3", {"state": NONE | UNCOUNTED}, "ablative_surgery en_bloc_resection agree"),
    ("13, 3-4", {"tumour": MODERATE, "state": NONE | UNCOUNTED}, "ablative_surgery unknown agree"),
    ("state 61 days before", {"state": {"day": -61}}, "unknown unknown unknown"),
    ("lung: 2-10, 5", {"tumour": {"primary_site": "lung"}, "state": NONE | LUNG_OPEN}, "unknown intralesional_resection differ"),
    ("no tumour", {"tumour": "absent"}, "unknown unknown unknown"),
]  # fmt: skip


def test_cases() -> None:
    expected = []
    for name, changes, words in CASES:
        tokuhashi, tomita, agreement = words.split()
        strategies = tokuhashi if tokuhashi == tomita else f"{tokuhashi}|{tomita}"
        row = {"tokuhashi": tokuhashi, "tomita": tomita, "agreement": agreement, "strategies": strategies}
        expected.append((name, changes, row))
    check("spine_strategy", BREAST, expected)


def test_the_printed_score_stands_beside() -> None:
    """Five items: 11 whatever the number of vertebrae."""
    for vertebrae in (1, 2, 3, 0, "?"):
        changes = {"state": {"n_vertebral_metastases": vertebrae}}
        check("spine_strategy", BREAST, [(f"{vertebrae}", changes, {"tokuhashi_printed": "palliative_surgery"})])


def test_another_reading_of_the_items_reaches_the_strategies() -> None:
    made = patients(VERTEBRA, profiles())
    with P.using({"TOKUHASHI_ITEMS": 5}):
        frame = publish("spine_strategy", made)
    assert set(frame["tokuhashi"]) == {"conservative"}
    assert frame["tokuhashi"].equals(frame["tokuhashi_printed"].alias("tokuhashi"))


def test_no_row_without_a_spinal_assessment() -> None:
    check("spine_strategy", BREAST, [("none", {"spine": "absent"}, None)])


def test_one_answer_for_every_combination() -> None:
    """Every input through its values and null: one row each, and no strategy without its band."""
    state = product(
        (40, 90, "?"), (4, 0, "?"), ("unresectable", "none", "present_not_assessed", "?"), (3, 1, "?"), (1, 2, "?")
    )
    names = (
        "karnofsky",
        "n_extraspinal_bone_metastases",
        "visceral_metastases",
        "n_vertebral_metastases",
        "n_bone_metastases",
    )
    tumours: tuple[Row, ...] = ({}, {"histology": "typical_carcinoid"}, {"histology": "?"})
    cases = [
        {"state": dict(zip(names, values, strict=True)), "spine": {"frankel": grade}, "tumour": tumour}
        for values in state
        for grade in ("A", "E", "?")
        for tumour in tumours
    ]
    frame = publish("spine_strategy", patients(VERTEBRA, cases))
    assert frame.height == len(cases)
    assert frame.null_count().transpose().to_series().sum() == 0
    known = (pl.col("tokuhashi") != "unknown") & (pl.col("tomita") != "unknown")
    assert (frame.filter(known)["agreement"] != "unknown").all()
    assert {"agree", "differ", "unknown"} == set(frame["agreement"])
