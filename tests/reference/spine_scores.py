"""SINS (G1 3.8.1) and Frankel (G1 3.8.2)."""

from __future__ import annotations

from .items import Item, Row, add_up, look_up, open_, sure

SINS_BANDS = {"stable": (0, 6), "potentially_unstable": (7, 12), "unstable": (13, 18)}
JUNCTIONAL = ("occiput", "C1", "C2", "C7", "T1", "T2", "T11", "T12", "L1", "L5", "S1")
MOBILE = ("C3", "C4", "C5", "C6", "L2", "L3", "L4")
SEMI_RIGID = ("T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10")


def sins(row: Row) -> Row:
    """From vertebral_level, sins_pain, lesion_type, alignment, collapse_percent, body_involvement_percent and
    posterolateral_involvement.
    """
    flags: set[str] = set()
    items = {
        "location": sins_location(row["vertebral_level"], flags),
        "pain": look_up(row["sins_pain"], {"mechanical": 3, "occasional_non_mechanical": 1, "none": 0}, 0, 3),
        "lesion": look_up(row["lesion_type"], {"lytic": 2, "mixed": 1, "blastic": 0}, 0, 2),
        "alignment": look_up(row["alignment"], {"subluxation_translation": 4, "new_deformity": 2, "normal": 0}, 0, 4),
        "collapse": sins_collapse(row["collapse_percent"], row["body_involvement_percent"], flags),
        "posterolateral": look_up(
            row["posterolateral_involvement"], {"bilateral": 3, "unilateral": 1, "none": 0}, 0, 3
        ),
    }
    return add_up(items, SINS_BANDS, flags)


def sins_location(level: str | None, flags: set[str]) -> Item:
    if level is None:
        return open_(0, 3)
    if level in ("occiput", "coccyx"):
        flags.add(level)
    if level in JUNCTIONAL:
        return sure(3)
    if level in MOBILE:
        return sure(2)
    return sure(1) if level in SEMI_RIGID else sure(0)


def sins_collapse(collapse: float | None, body: float | None, flags: set[str]) -> Item:
    if collapse is None:
        return open_(1, 3) if body is not None and body > 50 else open_(0, 3)
    if collapse > 50:
        return sure(3)
    if collapse == 50:
        flags.add("collapse_exactly_50")
        return 2, 2, 3
    if collapse > 0:
        return sure(2)
    if body is None:
        return open_(0, 1)
    if body == 50:
        flags.add("body_exactly_50")
    return sure(1) if body > 50 else sure(0)


# Frankel (G1 3.8.2) --------------------------------------------------------------------------------------------------

FRANKEL_BANDS = {"complete": (0, 1), "incomplete": (2, 5), "none": (6, 6)}


def frankel(row: Row) -> Row:
    """From frankel and ambulation; the grades in order, A 0 to E 6."""
    flags: set[str] = set()
    grade = row["frankel"]
    if grade == "D":
        flags.add("d_unspecified")
        item = open_(3, 5)
    elif grade is not None:
        item = sure({"A": 0, "B": 1, "C": 2, "D1": 3, "D2": 4, "D3": 5, "E": 6}[grade])
    else:
        bounds = {"paraplegic": (0, 1), "non_ambulatory": (2, 2), "aided": (3, 4), "unaided": (5, 6)}
        item = open_(*bounds.get(row["ambulation"], (0, 6)))
    return add_up({"grade": item}, FRANKEL_BANDS, flags)
