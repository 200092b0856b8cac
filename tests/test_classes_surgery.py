"""S17 complications of surgery and factors of failure, S18 restart of treatment after an operation."""

from __future__ import annotations

from itertools import product

from tests.classes_support import Row, Rows, answers, check, patients, publish
from validation.contract import TABLES

PARAMETERS = {"COMPLICATION_SHORT_TERM"}
"""The parameters whose cases stand here."""
NAIL: Rows = {
    "operation": {"category": "orthopaedic_surgery", "technique": "intramedullary_nail", "intent": "preventive"}
}

# S17: day 0 is the operation -----------------------------------------------------------------------------------------


def complication(kind: str, day: int | str) -> Row:
    return {"operation": {"complication": kind, "complication_date": day}}


# (name, changes, "class listed_as days")
TIMES: list[tuple[str, Row, str]] = [
    ("none recorded", {}, "none_recorded none_recorded None"),
    ("a date alone", {"operation": {"complication_date": 3}}, "none_recorded none_recorded None"),
    ("haemorrhage on the day", complication("haemorrhage", 0), "per_operative per_operative 0"),
    ("haemorrhage the next day", complication("haemorrhage", 1), "short_term per_operative 1"),
    ("fat embolism", complication("fat_embolism", 0), "per_operative per_operative 0"),
    ("wound", complication("wound", 10), "short_term short_term 10"),
    ("thromboembolism on the day", complication("thromboembolism", 0), "per_operative short_term 0"),
    ("sepsis, day 89", complication("sepsis", 89), "short_term short_term 89"),
    ("day 90", complication("sepsis", 90), "short_term short_term 90"),
    ("day 91", complication("sepsis", 91), "long_term short_term 91"),
    ("broken implant", complication("implant_failure", 400), "long_term long_term 400"),
    ("loosening, early", complication("loosening", 60), "short_term long_term 60"),
    ("periprosthetic fracture", complication("periprosthetic_fracture", 91), "long_term long_term 91"),
    ("non-union", complication("nonunion", 200), "long_term not_listed 200"),
    ("cement leak", complication("cement_leak", 0), "per_operative not_listed 0"),
    ("day not recorded", complication("sepsis", "?"), "unknown short_term None"),
    ("before the operation", complication("sepsis", -1), "unknown short_term -1"),
]
SCAN: Row = {"exam": {"modality": "ct", "day": 30}}
INCREASED: Row = {"lysis_change": "increased"}
GROWN: Row = SCAN | {"finding": INCREASED}
STABLE: Row = SCAN | {"finding": {"lysis_change": "stable", "soft_tissue_change": "absent"}}
LATER: Row = {"later_exam": {"modality": "ct", "day": 60}, "later_finding": INCREASED | {"exam_id": "later_exam"}}
BROKEN: Row = {"operation": {"complication": "implant_failure", "complication_date": 30}}


def concluding(conclusion: str) -> Row:
    """An examination of the lesion, with its reader's conclusion."""
    return {"exam": {"modality": "ct", "day": 30, "lesion_id": "lesion", "response_conclusion": conclusion}}


# (name, changes, does the tumour progress?)
PROGRESSION: list[tuple[str, Row, bool | None]] = [
    ("no image", {}, None),
    ("lysis increased", GROWN, True),
    ("soft tissue increased", SCAN | {"finding": {"soft_tissue_change": "increased"}}, True),
    ("both stable", STABLE, False),
    ("lysis stable, soft tissue not recorded", SCAN | {"finding": {"lysis_change": "stable"}}, None),
    ("on the day of the operation", GROWN | {"exam": {"modality": "ct", "day": 0}}, None),
    ("the day after", GROWN | {"exam": {"modality": "ct", "day": 1}}, True),
    ("of another lesion", {"other_lesion": {}} | SCAN | {"finding": INCREASED | {"lesion_id": "other_lesion"}}, None),
    ("stable, then grown", STABLE | LATER, True),
    ("grown on the day of the failure", GROWN | BROKEN, True),
    ("grown after the failure", GROWN | {"operation": {"complication": "implant_failure", "complication_date": 29}}, None),
    ("grown after a sepsis", GROWN | {"operation": {"complication": "sepsis", "complication_date": 29}}, True),
    ("failure without a day", GROWN | {"operation": {"complication": "loosening"}}, True),
    ("an examination of the lesion concludes", concluding("progression"), True),
    ("stability", concluding("stable"), False),
    ("nothing to conclude", concluding("inconclusive"), None),
    ("of the whole patient", {"exam": {"modality": "ct", "day": 30, "response_conclusion": "progression"}}, None),
    ("lesion operated on not recorded", GROWN | {"operation": {"lesion_id": "?"}}, None),
]  # fmt: skip
FRACTURE: Row = {"operation": {"intent": "fracture"}}
UNSAID: Row = {"operation": {"intent": "pain"}}
# (name, changes, is it a non-union?)
NONUNION: list[tuple[str, Row, bool | None]] = [
    ("recorded", {"operation": {"complication": "nonunion"}}, True),
    ("preventive", {}, False),
    ("of a fracture", FRACTURE, None),
    ("of a fracture, another complication", {"operation": {"intent": "fracture", "complication": "sepsis"}}, None),
    ("for pain, fracture not recorded", UNSAID, None),
    ("for pain, no fracture", UNSAID | {"assessment": {"day": -60, "fracture_status": "none"}}, False),
    ("no fracture 61 days before", UNSAID | {"assessment": {"day": -61, "fracture_status": "none"}}, None),
    ("fractured before", UNSAID | {"assessment": {"day": -300, "fracture_status": "pathological_fracture"}}, None),
    ("preventive, fractured before", {"assessment": {"day": -300, "fracture_status": "pathological_fracture"}}, None),
    ("fractured later", {"assessment": {"day": 1, "fracture_status": "pathological_fracture"}}, False),
    ("fracture dated before, noted later", {"assessment": {"day": 5, "fracture_date": 0}}, None),
    ("intent not recorded", {"operation": {"intent": "?"}}, None),
    ("for pain, lesion not recorded", {"operation": {"intent": "pain", "lesion_id": "?"}}, None),
]


def test_times_of_complications() -> None:
    cases: list[tuple[str, Row, Row | None]] = []
    for name, changes, words in TIMES:
        complication_class, listed_as, days = words.split()
        row = {"complication_class": complication_class, "listed_as": listed_as}
        cases.append((name, changes, row | {"days": None if days == "None" else int(days)}))
    check("complications", NAIL, cases)


def test_factors_of_failure() -> None:
    check("complications", NAIL, [(name, cells, {"tumour_progression": grows}) for name, cells, grows in PROGRESSION])
    check("complications", NAIL, [(name, cells, {"nonunion": answer}) for name, cells, answer in NONUNION])


def test_only_operations_have_complications_of_surgery() -> None:
    categories = list(TABLES["procedures"]["category"].tokens or {})
    found = answers("complications", NAIL, [{"operation": {"category": category}} for category in categories])
    with_row = {category for category, row in zip(categories, found, strict=True) if row is not None}
    assert with_row == {"orthopaedic_surgery", "spinal_surgery"}


def test_every_complication_on_every_day_has_one_class() -> None:
    kinds = (*(TABLES["procedures"]["complication"].tokens or {}), "?")
    cases = [complication(kind, day) for kind, day in product(kinds, (-1, 0, 1, 90, 91, "?"))]
    frame = publish("complications", patients(NAIL, cases))
    assert frame.height == len(cases)
    assert (
        frame.select("complication", "complication_class", "listed_as").null_count().transpose().to_series().sum() == 0
    )


# S18: day 0 is the operation -----------------------------------------------------------------------------------------

# Healed on day 14; nothing follows unless a case adds it.
OPERATED: Rows = {"operation": NAIL["operation"] | {"wound_healed_date": 14}}


def course(day: int, **cells: object) -> Row:
    return {"course": {"day": day, "intent": "postoperative"} | cells}


def healing(day: int | str) -> Row:
    return {"operation": {"wound_healed_date": day}}


AGAIN: Row = {"category": "orthopaedic_surgery"}
# (name, changes, "radiotherapy days" or None for no row)
COURSES: list[tuple[str, Row, str | None]] = [
    ("nothing follows", {}, None),
    ("day 0", course(0), "red 0"),
    ("day 14", course(14), "red 14"),
    ("day 15", course(15), "green 15"),
    ("day 21", course(21), "green 21"),
    ("day 22", course(22), "amber 22"),
    ("day 28", course(28), "amber 28"),
    ("day 29", course(29), "red 29"),
    ("before the operation", course(-1), None),
    # healing
    ("not healed", course(15) | healing(16), "red 15"),
    ("healed on the day", course(15) | healing(15), "green 15"),
    ("healing not recorded", course(15) | healing("?"), "unknown 15"),
    ("day 14, healing not recorded", course(14) | healing("?"), "red 14"),
    ("day 29, healing not recorded", course(29) | healing("?"), "red 29"),
    ("day 25, healing not recorded", course(25) | healing("?"), "unknown 25"),
    ("skin healed", course(15, skin_healed=True) | healing("?"), "green 15"),
    ("skin not healed", course(15, skin_healed=False), "red 15"),
    ("skin healed, wound later", course(15, skin_healed=True) | healing(20), "green 15"),
    ("day 25, healed on day 21", course(25) | healing(21), "amber 25"),
    ("day 25, healed on day 22", course(25) | healing(22), "green 25"),
    ("day 25, healed on day 25", course(25) | healing(25), "green 25"),
    ("day 25, healed on day 26", course(25) | healing(26), "red 25"),
    ("day 25, skin healed, wound on day 26", course(25, skin_healed=True) | healing(26), "amber 25"),
    ("day 25, skin healed, wound not dated", course(25, skin_healed=True) | healing("?"), "amber 25"),
    ("day 29, healed on day 25", course(29) | healing(25), "red 29"),
    # which course
    ("analgesic", course(18, intent="analgesic"), None),
    ("analgesic, linked", course(18, intent="analgesic", linked_procedure_id="operation"), "green 18"),
    ("linked, after day 90", course(100, linked_procedure_id="operation"), "red 100"),
    ("not linked, day 90", course(90), "red 90"),
    ("not linked, day 91", course(91), None),
    ("the first of two", course(18) | {"later_course": {"day": 30, "intent": "postoperative"}}, "green 18"),
    ("intent not recorded", course(18, intent="?"), "unknown None"),
    ("intent not recorded, then a sure one", course(20) | {"first_course": {"day": 18}}, "unknown None"),
    ("a sure one, then intent not recorded", course(18) | {"later_course": {"day": 20}}, "green 18"),
    ("both on one day", course(18) | {"other_course": {"day": 18}}, "green 18"),
    ("lesion not recorded", course(18, lesion_id="?"), "unknown None"),
    ("lesion not recorded, linked", course(18, lesion_id="?", linked_procedure_id="operation"), "green 18"),
    ("another lesion", {"other_lesion": {}} | course(18, lesion_id="other_lesion"), None),
    ("lesion operated on not recorded", course(18) | {"operation": {"lesion_id": "?"}}, "unknown None"),
]  # fmt: skip


def line(day: int, **cells: object) -> Row:
    return {"line": {"day": day, "class": "chemotherapy"} | cells}


def agreed_and_healed(day: int | str) -> Row:
    return {"operation": {"wound_healed_date": day, "surgeon_agreement_date": 15}}


AGREED = agreed_and_healed(14)
# (name, changes, "systemic days" or None for no row)
LINES: list[tuple[str, Row, str | None]] = [
    ("nothing follows", {}, None),
    ("day 0", line(0), None),
    ("day 1", line(1), "red 1"),
    ("day 14, all conditions", line(14, urgent=True) | AGREED | {"operation": {"surgeon_agreement_date": 10}}, "red 14"),
    ("day 15, all conditions", line(15, urgent=True) | AGREED, "green 15"),
    ("day 20, all conditions", line(20, urgent=True) | AGREED, "green 20"),
    ("day 20, not urgent", line(20, urgent=False) | AGREED, "red 20"),
    ("day 20, urgency not recorded", line(20) | AGREED, "unknown 20"),
    ("day 20, no agreement recorded", line(20, urgent=True), "unknown 20"),
    ("day 20, not urgent, no agreement recorded", line(20, urgent=False), "red 20"),
    ("day 20, agreement on day 21", line(20, urgent=True) | {"operation": {"surgeon_agreement_date": 21}}, "red 20"),
    ("day 20, healing not recorded", line(20, urgent=True) | agreed_and_healed("?"), "unknown 20"),
    ("day 20, healed on day 21", line(20, urgent=True) | agreed_and_healed(21), "red 20"),
    ("day 21", line(21), "green 21"),
    ("day 21, healing not recorded", line(21) | healing("?"), "green 21"),
    ("day 21, healed on the day", line(21) | healing(21), "green 21"),
    ("day 21, healed on day 22", line(21) | healing(22), "red 21"),
    ("day 60, healed on day 61", line(60) | healing(61), "red 60"),
    ("day 90", line(90), "green 90"),
    ("day 91", line(91), None),
    ("the first of two", line(10) | {"later_line": {"day": 30, "class": "immunotherapy"}}, "red 10"),
]  # fmt: skip


def test_radiotherapy() -> None:
    check("restart_windows", OPERATED, restarts(COURSES, "radiotherapy", "systemic"))


def test_systemic_therapy() -> None:
    check("restart_windows", OPERATED, restarts(LINES, "systemic", "radiotherapy"))


def restarts(table: list[tuple[str, Row, str | None]], judged: str, other: str) -> list[tuple[str, Row, Row | None]]:
    cases: list[tuple[str, Row, Row | None]] = []
    for name, changes, words in table:
        expected: Row | None = None
        if words is not None:
            status, days = words.split()
            expected = {judged: status, f"{judged}_days": None if days == "None" else int(days), other: "none_recorded"}
        cases.append((name, changes, expected))
    return cases


def test_a_second_operation_takes_over() -> None:
    """What follows belongs to the last operation before it; of one day, to the one with the larger id."""
    base = OPERATED | {"second_operation": AGAIN | {"day": 10, "wound_healed_date": 20}}
    changes = [
        course(30) | line(30),
        course(5) | line(5),
        course(10) | line(10),
        course(30, linked_procedure_id="operation") | line(40),
        {"second_operation": {"day": 0}} | course(18) | line(25),
    ]
    rows = publish("restart_windows", patients(base, changes))
    found = {
        row["procedure_id"]: (row["radiotherapy"], row["radiotherapy_days"], row["systemic"], row["systemic_days"])
        for row in rows.to_dicts()
    }
    assert found == {
        "0/second_operation": ("green", 20, "unknown", 20),
        "1/operation": ("red", 5, "red", 5),
        "2/second_operation": ("red", 0, "none_recorded", None),
        "2/operation": ("none_recorded", None, "red", 10),
        "3/operation": ("red", 30, "none_recorded", None),
        "3/second_operation": ("none_recorded", None, "green", 30),
        "4/second_operation": ("red", 18, "green", 25),
    }


def test_the_class_of_the_line_is_shown() -> None:
    classes = list(TABLES["systemic_therapy_lines"]["class"].tokens or {})
    found = answers("restart_windows", OPERATED, [{"line": {"day": 30, "class": name}} for name in classes])
    assert [row and row["systemic_class"] for row in found] == classes


def test_one_status_for_every_combination() -> None:
    days, flags = (0, 14, 15, 20, 21, 22, 28, 29, 90), (True, False, None)
    cases = [
        {
            "operation": {"wound_healed_date": healed, "surgeon_agreement_date": agreed},
            "course": {"day": day, "intent": "postoperative", "skin_healed": skin},
            "line": {"day": day + 1, "class": "chemotherapy", "urgent": urgent},
        }
        for day, healed, agreed, skin, urgent in product(days, (14, 22, 29, "?"), (15, "?"), flags, flags)
    ]
    frame = publish("restart_windows", patients(OPERATED, cases))
    assert frame.height == len(cases)
    assert set(frame["radiotherapy"]) == {"green", "amber", "red", "unknown"}
    assert set(frame["systemic"]) == {"green", "red", "unknown", "none_recorded"}
