"""One pseudonym in two centres is one patient; what the two contradict or cannot tell stays unknown; nothing is lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest import Intake, take_in
from scoring.concordance import judge
from scoring.registry import Registry
from tests.small_extract import Cohort, Row, cohort, write
from tests.test_cli import osteoconcord  # noqa: F401
from tests.test_validation import balanced
from validation.contract import TABLES
from validation.linkage import CROWD, counts_of_linkage, probable_duplicates

FIRST = {"patient_id": "P1", "centre_id": "C1", "birth_date": "1950-01-31", "sex": "female"}
CENTRES = [{"centre_id": "C1"}, {"centre_id": "C2"}, {"centre_id": "C3"}]


def tumour(name: str, day: str, site: str = "lung") -> Row:
    return {"tumour_id": name, "patient_id": "P1", "primary_site": site, "diagnosis_date": day}


def lesion(name: str, day: str) -> Row:
    return {"lesion_id": name, "patient_id": "P1", "discovery_date": day, "bone": "femur"}


def lab(day: str) -> Row:
    return {"patient_id": "P1", "date": day, "analyte": "crp", "value": "1"}


def extract(folder: Path, sent: dict[str, Cohort], declared: dict[str, str] | None = None) -> Intake:
    """One folder per centre, each with its own declaration; the first lists the network."""
    for centre, tables in sent.items():
        write(folder / centre, ({"centres": CENTRES} if centre == "C1" else {}) | tables)
        words = (declared or {}).get(centre, "")
        (folder / centre / "extract.toml").write_text(f'centre = "{centre}"\n{words}')
    return take_in([folder])


def sent_by_two(of_first: Cohort, of_second: Cohort, named: str = "C2") -> dict[str, Cohort]:
    return {
        "C1": {"patients": [FIRST], **of_first},
        "C2": {"patients": [FIRST | {"centre_id": named}], **of_second},
    }


# Which centre is accountable

ACCOUNTABLE: list[tuple[str, Cohort, Cohort, str, str]] = [
    ("both name the same", {}, {"primary_tumours": [tumour("T", "2020-01-01")]}, "C1", "C1"),
    (
        "earliest lung tumour",
        {"primary_tumours": [tumour("T1", "2023-01-02")], "bone_lesions": [lesion("L1", "2023-01-01")]},
        {"primary_tumours": [tumour("T2", "2023-01-01")]},
        "C2",
        "C2",
    ),
    (
        "another tumour does not count",
        {"primary_tumours": [tumour("T1", "2023-01-02")]},
        {"primary_tumours": [tumour("T2", "2021-01-01", "breast")], "bone_lesions": [lesion("L2", "2020-01-01")]},
        "C2",
        "C1",
    ),
    (
        "tumours tie, earliest bone lesion",
        {"primary_tumours": [tumour("T1", "2023-01-02")], "bone_lesions": [lesion("L1", "2023-03-02")]},
        {"primary_tumours": [tumour("T2", "2023-01-02")], "bone_lesions": [lesion("L2", "2023-03-01")]},
        "C2",
        "C2",
    ),
    (
        "no tumour, earliest bone lesion",
        {"lab_results": [lab("2023-01-01")] * 5},
        {"bone_lesions": [lesion("L2", "2023-03-01")]},
        "C2",
        "C2",
    ),
    (
        "most rows",
        {"lab_results": [lab("2023-01-01")]},
        {"lab_results": [lab("2023-01-01"), lab("2023-01-02")]},
        "C2",
        "C2",
    ),
    ("smallest identifier", {"lab_results": [lab("2023-01-01")]}, {"lab_results": [lab("2022-01-01")]}, "C2", "C1"),
]


@pytest.mark.parametrize(("first", "second", "named", "expected"), [case[1:] for case in ACCOUNTABLE])
def test_accountable_centre(tmp_path: Path, first: Cohort, second: Cohort, named: str, expected: str) -> None:
    intake = extract(tmp_path, sent_by_two(first, second, named))
    assert intake.tables["patients"]["centre_id"].to_list() == [expected]
    other = {"C1": "C2", "C2": "C1"}[expected]
    linked = intake.linkage.filter(kind="linked").select("patient_id", "centre_id", "other_centre_id").rows()
    assert linked == [("P1", expected, other)]
    # The row that is not kept belongs to the centre that named itself in it, and the children of both are kept.
    assert intake.quarantine.select("table", "rule").rows() == [("patients", "linked_row")]
    for name in {*first, *second}:
        assert intake.tables[name].height == sum(len(tables.get(name, ())) for tables in (first, second))


def test_two_rows_of_one_file_are_linked_too(tmp_path: Path) -> None:
    write(tmp_path, {"centres": CENTRES, "patients": [FIRST, FIRST | {"centre_id": "C2"}]})
    intake = take_in([tmp_path])
    assert intake.tables["patients"]["centre_id"].to_list() == ["C1"]
    assert intake.quarantine.select("centre_id", "line", "rule").rows() == [("C2", 3, "linked_row")]


def test_one_folder_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"centres": CENTRES, "patients": [FIRST, FIRST | {"sex": "male"}, FIRST | {"patient_id": "P2"}]})
    intake = take_in([tmp_path])
    assert intake.tables["patients"]["patient_id"].to_list() == ["P2"]
    assert intake.quarantine["rule"].to_list() == ["duplicate_key"] * 2
    assert intake.linkage.filter(kind="linked").is_empty()


def test_two_folders_of_one_centre_are_linked(tmp_path: Path) -> None:
    for name, contact in (("2023", "2023-12-31"), ("2024", "2024-12-31")):
        write(tmp_path / name, {"centres": CENTRES[:1], "patients": [FIRST | {"last_contact_date": contact}]})
    intake = take_in([tmp_path])
    assert intake.tables["patients"]["last_contact_date"].to_list() == [date(2024, 12, 31)]
    assert intake.linkage.select("kind", "centre_id", "other_centre_id").rows() == [("linked", "C1", "C1")]
    assert intake.holes.is_empty()


def test_a_refused_row_still_says_that_its_centre_follows_the_patient(tmp_path: Path) -> None:
    sent = sent_by_two({}, {"lab_results": [lab("2023-01-01")]})
    sent["C2"]["patients"][0]["sex"] = "Z"
    sent["C1"]["mdt_meetings"] = [{"mdt_id": "M", "patient_id": "P1", "date": "2023-01-01"}]
    intake = extract(tmp_path, sent)
    assert intake.quarantine["rule"].to_list() == ["unknown_token"]
    assert intake.linkage.select("kind", "other_centre_id").rows() == [("linked", "C2")]
    assert ("P1", "mdt_meetings") in intake.holes.rows()
    assert intake.tables["lab_results"].height == 1


# What the rows tell together

VALUES: list[tuple[str, Row, Row, tuple[Any, ...], list[str]]] = [
    ("agree", {"sex": "male"}, {"sex": "male"}, ("male", None, None, None), []),
    ("one known", {"sex": "male"}, {"birth_date": "1950-01-31"}, ("male", date(1950, 1, 31), None, None), []),
    ("sex differs", {"sex": "male"}, {"sex": "female"}, (None, None, None, None), ["sex"]),
    (
        "birth differs",
        {"birth_date": "1950-01-31"},
        {"birth_date": "1950-01-01"},
        (None, None, None, None),
        ["birth_date"],
    ),
    (
        "latest death, listed",
        {"death_date": "2024-01-02"},
        {"death_date": "2024-01-05"},
        (None, None, date(2024, 1, 5), None),
        ["death_date"],
    ),
    ("one death known", {"death_date": "2024-01-02"}, {}, (None, None, date(2024, 1, 2), None), []),
    (
        "latest contact, no conflict",
        {"last_contact_date": "2024-01-02"},
        {"last_contact_date": "2024-01-01"},
        (None, None, None, date(2024, 1, 2)),
        [],
    ),
    (
        "a birth after the death that the other knows of",
        {"birth_date": "2024-02-01"},
        {"death_date": "2024-01-02"},
        (None, None, date(2024, 1, 2), None),
        ["birth_date"],
    ),
]


@pytest.mark.parametrize(("first", "second", "expected", "conflicts"), [case[1:] for case in VALUES])
@pytest.mark.parametrize("turned", [False, True])
def test_values(
    tmp_path: Path, first: Row, second: Row, expected: tuple[Any, ...], conflicts: list[str], turned: bool
) -> None:
    one, other = (second, first) if turned else (first, second)
    rows = {"C1": {"patient_id": "P1", "centre_id": "C1"} | one, "C2": {"patient_id": "P1", "centre_id": "C2"} | other}
    intake = extract(tmp_path, {centre: {"patients": [row]} for centre, row in rows.items()})
    told = intake.tables["patients"].select("sex", "birth_date", "death_date", "last_contact_date")
    assert told.rows() == [expected]
    listed = intake.linkage.filter(kind="conflict").select("patient_id", "centre_id", "table", "column").rows()
    assert listed == [("P1", "C1", "patients", column) for column in conflicts]


def test_each_row_is_held_to_the_extraction_of_its_own_file(tmp_path: Path) -> None:
    sent = sent_by_two({}, {})
    sent["C2"]["patients"][0] = sent["C2"]["patients"][0] | {"last_contact_date": "2024-11-30"}
    intake = extract(tmp_path, sent, {"C1": "extraction_date = 2024-06-30\n", "C2": "extraction_date = 2024-12-31\n"})
    assert intake.quarantine["rule"].to_list() == ["linked_row"]
    assert intake.tables["patients"]["last_contact_date"].to_list() == [date(2024, 11, 30)]


patient_rows = st.fixed_dictionaries(
    {
        "patient_id": st.sampled_from(["P1", "P2", "P3"]),
        "centre_id": st.sampled_from(["C1", "C2", "C3", "C9", ""]),
        "birth_date": st.sampled_from(["", "1950-01-31", "1951-01-31"]),
        "sex": st.sampled_from(["", "female", "male", "Z"]),
        "death_date": st.sampled_from(["", "2024-01-02", "2024-01-03"]),
        "last_contact_date": st.sampled_from(["", "2024-01-02", "2024-01-03"]),
    }
)


def plainly(rows: list[tuple[str, Row]]) -> dict[str, set[str]]:
    """Column -> the values of the rows of one patient that a reader would accept; empty if there is no such row."""
    fine = [(f, r) for f, r in rows if r["centre_id"] in ("C1", "C2", "C3") and r["sex"] != "Z"]
    good = []
    for folder, row in fine:
        own = [other for f, other in fine if f == folder and other["centre_id"] == row["centre_id"]]
        if all(other == row for other in own):
            good.append(row)
    return {column: {row[column] for row in good} - {""} for column in patient_rows_columns} if good else {}


patient_rows_columns = ("centre_id", "birth_date", "sex", "death_date", "last_contact_date")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(patient_rows, max_size=4), min_size=1, max_size=3))
def test_any_rows_of_any_folders(tmp_path_factory: pytest.TempPathFactory, folders: list[list[Row]]) -> None:
    folder = tmp_path_factory.mktemp("links")
    for number, rows in enumerate(folders):
        tables: Cohort = {"centres": CENTRES} if number == 0 else {}
        header = {"patient_id": "PX", "centre_id": "C1", **dict.fromkeys(patient_rows_columns[1:], "")}
        write(folder / f"F{number}", tables | {"patients": [header | {"patient_id": f"PX{number}"}, *rows]})
    intake = take_in([folder])
    everything: Cohort = {"centres": CENTRES, "patients": [{}] * sum(len(rows) + 1 for rows in folders)}
    assert balanced(intake, everything)
    found = {row["patient_id"]: row for row in intake.tables["patients"].iter_rows(named=True)}
    for patient in ("P1", "P2", "P3"):
        values = plainly(
            [(f"F{n}", row) for n, rows in enumerate(folders) for row in rows if row["patient_id"] == patient]
        )
        assert (patient in found) == bool(values)
        if not values:
            continue
        row = {name: str(value) if value else "" for name, value in found[patient].items()}
        assert row["centre_id"] in values["centre_id"]
        assert row["birth_date"] == ("".join(values["birth_date"]) if len(values["birth_date"]) == 1 else "")
        assert row["sex"] == ("".join(values["sex"]) if len(values["sex"]) == 1 else "")
        assert row["death_date"] == max(values["death_date"], default="")
        assert row["last_contact_date"] == max(values["last_contact_date"], default="")
        conflicts = intake.linkage.filter(kind="conflict", patient_id=patient)["column"].to_list()
        assert conflicts == [c for c in ("birth_date", "death_date", "sex") if len(values[c]) > 1]


# Where acts were done, and identifiers that clash


def operation(name: str, day: str = "2023-02-20", **cells: str) -> Row:
    return {"procedure_id": name, "patient_id": "P1", "date": day, "category": "orthopaedic_surgery", **cells}


def test_acts_stay_where_they_were_done(tmp_path: Path) -> None:
    of_first = {"procedures": [operation("X1"), operation("X3", performed_at_centre_id="C3"), operation("X4")]}
    of_second = {"procedures": [operation("X2"), operation("X5", performed_at_centre_id="C3"), operation("X4")]}
    intake = extract(tmp_path, sent_by_two(of_first, of_second, named="C1"))
    places = dict(intake.tables["procedures"].select("procedure_id", "performed_at_centre_id").rows())
    assert places == {"X1": None, "X2": "C2", "X3": "C3", "X4": None, "X5": "C3"}
    assert intake.tables["patients"]["centre_id"].to_list() == ["C1"]


def test_acts_of_a_patient_of_one_centre_are_left_as_they_are(tmp_path: Path) -> None:
    intake = extract(tmp_path, {"C1": {"patients": [FIRST]}, "C2": {"procedures": [operation("X2")]}})
    assert intake.tables["procedures"]["performed_at_centre_id"].to_list() == [None]
    assert intake.linkage.is_empty()


def test_an_identifier_that_two_centres_use_for_different_things(tmp_path: Path) -> None:
    same = {"procedures": [operation("X1"), operation("X9", "2023-03-01"), operation("X9", "2023-03-02")]}
    sent = sent_by_two(same, {"procedures": [operation("X1", "2023-02-21"), operation("X2")]})
    intake = extract(tmp_path, sent)
    refused = intake.quarantine.filter(table="procedures").select("file", "line", "rule").rows()
    assert refused == [
        ("C1/procedures.csv", 2, "shared_identifier"),
        ("C1/procedures.csv", 3, "duplicate_key"),
        ("C1/procedures.csv", 4, "duplicate_key"),
        ("C2/procedures.csv", 2, "shared_identifier"),
    ]
    assert "code of the centre" in intake.quarantine.filter(rule="shared_identifier")["expectation"][0]
    assert intake.tables["procedures"]["procedure_id"].to_list() == ["X2"]


def test_one_act_under_two_identifiers_is_listed(tmp_path: Path) -> None:
    both = [operation("X1"), operation("X2", "2023-05-01")]
    sent = sent_by_two({"procedures": both}, {"procedures": [operation("Y1"), operation("Y3", "2023-06-01")]})
    intake = extract(tmp_path, sent)
    listed = intake.linkage.filter(kind="same_event").select("patient_id", "centre_id", "other_centre_id", "table", "n")
    assert listed.rows() == [("P1", "C1", "C2", "procedures", 1)]
    assert intake.tables["procedures"].height == 4


def test_centres_may_be_called_differently_by_others(tmp_path: Path) -> None:
    called = {
        "C1": ["C1 Own,", "C2 Other,", "C3 Third,"],
        "C2": ["C1 Wrong,East", "C2 Clinic,West", "C3 Drittes,South"],
        "C3": ["C1 ,East", "C2 ,"],
    }
    for folder, lines in called.items():
        rows = [
            dict(zip(("centre_id", "name", "network"), (line[:2], *line[3:].split(",")), strict=True)) for line in lines
        ]
        write(tmp_path / folder, {"centres": rows, "patients": [FIRST | {"patient_id": folder, "centre_id": folder}]})
    intake = take_in([tmp_path])
    centres = [("C1", "Own", "East"), ("C2", "Clinic", "West"), ("C3", None, "South")]
    assert intake.tables["centres"].rows() == centres
    assert Counter(intake.quarantine["rule"]) == {"linked_row": 5}
    assert intake.tables["patients"].height == 3


# What absence proves

MEETINGS = "[tables.mdt_meetings]\n"
HOLES = [
    ("both complete", "", "", {}, False),
    ("the other did not supply it", "", None, {}, True),
    ("the other has only its own", "", f"{MEETINGS}complete = false", {}, True),
    ("the other begins later", "", f"{MEETINGS}from = 2023-01-01", {}, True),
    ("the other begins later than this", f"{MEETINGS}from = 2022-01-01", f"{MEETINGS}from = 2022-01-02", {}, True),
    ("both begin on a day", f"{MEETINGS}from = 2022-01-01", f"{MEETINGS}from = 2022-01-01", {}, False),
    ("the other ends earlier", "extraction_date = 2024-06-30", "extraction_date = 2024-06-29", {}, True),
    ("both end on a day", "extraction_date = 2024-06-30", "extraction_date = 2024-06-30", {}, False),
    ("the other has no end", "extraction_date = 2024-06-30", "", {}, False),
    (
        "the other ends earlier, after the death",
        "extraction_date = 2024-06-30",
        "extraction_date = 2024-01-02",
        {"death_date": "2024-01-02"},
        False,
    ),
    ("no end here, no contact", "", "extraction_date = 2024-06-30", {}, True),
    ("no end here, last contact", "", "extraction_date = 2024-06-30", {"last_contact_date": "2024-06-30"}, False),
    ("no end here, later contact", "", f"{MEETINGS}to = 2024-06-29", {"last_contact_date": "2024-06-30"}, True),
    ("this one did not supply it either", None, None, {}, False),
]


@pytest.mark.parametrize(("first", "second", "cells", "hole"), [case[1:] for case in HOLES])
def test_absence_is_proved_by_all_centres_or_not_at_all(
    tmp_path: Path, first: str | None, second: str | None, cells: Row, hole: bool
) -> None:
    sent = sent_by_two({}, {}, named="C1")
    for centre, words in (("C1", first), ("C2", second)):
        sent[centre]["patients"] = [row | cells for row in sent[centre]["patients"]]
        if words is not None:
            # A patient of this centre alone brings the header, and never gets a hole.
            alone = f"P-{centre}"
            sent[centre]["patients"].append(FIRST | {"patient_id": alone, "centre_id": centre} | cells)
            sent[centre]["mdt_meetings"] = [{"mdt_id": f"M-{centre}", "patient_id": alone, "date": "2023-01-01"}]
    intake = extract(tmp_path, sent, {"C1": first or "", "C2": second or ""})
    assert intake.holes.filter(table="mdt_meetings")["patient_id"].to_list() == ["P1"] * hole
    assert intake.holes.filter(pl.col("patient_id") != "P1").is_empty()


def test_a_meeting_that_may_lie_with_the_other_centre_leaves_the_question_open(tmp_path: Path) -> None:
    tables = cohort()
    tables["mdt_meetings"][0]["date"] = "2023-06-10"
    own = {name: rows for name, rows in tables.items() if name != "centres"}
    other: Cohort = {"patients": [tables["patients"][0] | {"centre_id": "C2"}]}

    def verdict(folder: Path, sent: dict[str, Cohort]) -> list[tuple[str, str]]:
        taken = extract(folder, sent)
        judgement = judge(Registry(taken.tables, taken.coverage, taken.holes))
        judged = judgement.verdicts["procedure"].select(code="G1-3.7-01")  # type: ignore[index]
        return judged.join(judgement.codes, on="code").select("status", "reason").rows()

    assert verdict(tmp_path / "one", {"C1": own}) == [("discordant", "")]
    open_question = [("not_assessable", "quarantine:mdt_meetings")]
    assert verdict(tmp_path / "two", {"C1": own, "C2": other}) == open_question
    meeting = {"mdt_id": "M7", "patient_id": "P1", "date": "2023-06-11"}
    assert verdict(tmp_path / "late", {"C1": own, "C2": other | {"mdt_meetings": [meeting]}}) == [("discordant", "")]
    before = meeting | {"date": "2023-02-10"}
    assert verdict(tmp_path / "done", {"C1": own, "C2": other | {"mdt_meetings": [before]}}) == [("concordant", "")]


# Two pseudonyms that look like one person


def people(*rows: dict[str, Any], **tables: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    given = {"patients": list(rows), **tables}
    frames = {name: pl.DataFrame(given.get(name, []), schema=table.schema) for name, table in TABLES.items()}
    found = probable_duplicates(frames)
    return found.select("patient_id", "centre_id", "other_patient_id", "other_centre_id", "n").rows()


def person(name: str, centre: str = "C1", **cells: Any) -> dict[str, Any]:
    born = {"birth_date": date(1950, 1, 31), "sex": "male"}
    return {"patient_id": name, "centre_id": centre, **born, **cells}


def found_on(name: str, patient: str, day: date, bone: str = "femur") -> dict[str, Any]:
    return {"lesion_id": name, "patient_id": patient, "discovery_date": day, "bone": bone}


def diagnosed(name: str, patient: str, day: date) -> dict[str, Any]:
    return {"tumour_id": name, "patient_id": patient, "diagnosis_date": day, "primary_site": "lung"}


DAY, LATER = date(2023, 1, 1), date(2023, 2, 1)
TUMOURS = [diagnosed("T1", "A", DAY), diagnosed("T2", "B", DAY)]
LESIONS = [found_on("L1", "A", LATER), found_on("L2", "B", LATER)]
PAIR = [("A", "C1", "B", "C2", 2)]


def test_probable_duplicates() -> None:
    both = person("A"), person("B", "C2")
    assert people(*both, primary_tumours=TUMOURS, bone_lesions=LESIONS) == PAIR
    died = {"death_date": LATER}
    assert people(person("A", **died), person("B", "C2", **died), primary_tumours=TUMOURS) == PAIR


def test_what_is_no_probable_duplicate() -> None:
    both = person("A"), person("B", "C2")
    events: dict[str, Any] = {"primary_tumours": TUMOURS, "bone_lesions": LESIONS}
    for cells in ({"sex": "female"}, {"sex": None}, {"birth_date": date(1950, 2, 1)}, {"birth_date": None}):
        assert people(both[0], both[1] | cells, **events) == []
    assert people(*both, primary_tumours=TUMOURS) == []
    same_day = [found_on("L1", "A", DAY), found_on("L2", "B", DAY)]
    assert people(*both, primary_tumours=TUMOURS, bone_lesions=same_day) == []
    other_bone = [LESIONS[0], found_on("L2", "B", LATER, "rib")]
    assert people(*both, primary_tumours=TUMOURS, bone_lesions=other_bone) == []
    twice = [diagnosed("T1", "A", DAY), diagnosed("T2", "A", LATER), diagnosed("T3", "B", DAY)]
    assert people(*both, primary_tumours=[*twice, diagnosed("T4", "B", DAY)]) == []


@pytest.mark.parametrize(("number", "expected"), [(CROWD, CROWD * (CROWD - 1) // 2), (CROWD + 1, 0)])
def test_an_event_of_a_crowd_tells_nobody_apart(number: int, expected: int) -> None:
    names = [f"P{n}" for n in range(number)]
    events: dict[str, Any] = {
        "primary_tumours": [diagnosed(f"T{name}", name, DAY) for name in names],
        "bone_lesions": [found_on(f"L{name}", name, LATER) for name in names],
    }
    assert len(people(*(person(name) for name in names), **events)) == expected


# What is shown of it


def test_reports_and_messages_hold_counts_alone(tmp_path: Path, osteoconcord: Any) -> None:  # noqa: F811
    secret = "SECRET-7421"
    rows = [
        FIRST | {"patient_id": secret, "centre_id": centre, "sex": sex}
        for centre, sex in (("C1", "male"), ("C2", "female"))
    ]
    for row in rows:
        write(tmp_path / row["centre_id"], {"centres": CENTRES, "patients": [row]})
    told = osteoconcord("validate", tmp_path).out
    assert "Patients between centres" in told
    assert "read as one patient" in told
    assert "patients.sex" in told
    in_json = osteoconcord("validate", tmp_path, "--json").out
    assert json.loads(in_json)["linkage"] == [
        {"kind": "conflict", "centre_id": "C1", "other_centre_id": None, "table": "patients", "column": "sex", "n": 1},
        {"kind": "linked", "centre_id": "C1", "other_centre_id": "C2", "table": None, "column": None, "n": 1},
    ]
    assert secret not in told + in_json
    taken = take_in([tmp_path])
    assert secret not in str(taken.quarantine.rows()) + str(counts_of_linkage(taken.linkage).rows())


def test_an_audit_lists_what_was_linked(tmp_path: Path, osteoconcord: Any) -> None:  # noqa: F811
    tables = cohort()
    extra: Cohort = {"patients": [tables["patients"][0] | {"centre_id": "C2"}]}
    write(tmp_path / "in" / "C1", tables)
    write(tmp_path / "in" / "C2", extra)
    assert osteoconcord("audit", tmp_path / "in", "--out", tmp_path / "out", "--no-report").code == 0
    listed = pl.read_parquet(tmp_path / "out" / "quality" / "linkage.parquet")
    assert listed.select("kind", "patient_id", "centre_id", "other_centre_id").rows() == [("linked", "P1", "C1", "C2")]
    assert osteoconcord("explain", tmp_path / "out", "--patient", "P1").code == 0
