"""Tokuhashi (G1 3.8.3), as printed and with its sixth item, and Tomita (G1 3.8.4)."""

from __future__ import annotations

from .items import CARCINOID, Item, Row, add_up, open_, sure

TOKUHASHI_BANDS = {"0-8": (0, 8), "9-11": (9, 11), "12-15": (12, 15)}
TOKUHASHI_PRIMARY = {
    **dict.fromkeys(("osteosarcoma", "stomach", "oesophagus", "pancreas", "bladder"), 0),
    **dict.fromkeys(("liver", "gallbladder", "unknown_primary"), 1),
    **dict.fromkeys(("colon", "myeloma_lymphoma", "other"), 2),
    **dict.fromkeys(("kidney", "uterus"), 3),
    "rectum": 4,
    **dict.fromkeys(("thyroid", "prostate", "breast"), 5),
}


def tokuhashi(row: Row) -> Row:
    """From karnofsky, n_extraspinal_bone_metastases, visceral_metastases, primary_site, histology, frankel, ambulation,
    motor_deficit and n_vertebral_metastases; with all six items, and as printed, without the vertebrae.
    """
    flags: set[str] = set()
    printed_items = {
        "karnofsky": tokuhashi_karnofsky(row["karnofsky"]),
        "extraspinal": tokuhashi_extraspinal(row["n_extraspinal_bone_metastases"], flags),
        "visceral": tokuhashi_visceral(row["visceral_metastases"]),
        "primary": tokuhashi_primary(row["primary_site"], row["histology"]),
        "deficit": tokuhashi_deficit(row),
    }
    vertebrae = tokuhashi_vertebrae(row["n_vertebral_metastases"], flags)
    printed = add_up(printed_items, TOKUHASHI_BANDS, set())
    score = add_up({**printed_items, "vertebrae": vertebrae}, TOKUHASHI_BANDS, flags)
    both_known = score["band"] is not None and printed["band"] is not None
    score["bands_differ"] = score["band"] != printed["band"] if both_known else None
    if score["bands_differ"]:
        flags.add("bands_differ")
    return score | {f"printed_{end}": printed["total" + of] for end, of in _ENDS}


_ENDS = (("total", ""), ("min", "_min"), ("max", "_max"))


def tokuhashi_karnofsky(index: int | None) -> Item:
    if index is None:
        return open_(0, 2)
    if index <= 40:
        return sure(0)
    if index < 50:
        return open_(0, 1)
    if index <= 70:
        return sure(1)
    return open_(1, 2) if index < 80 else sure(2)


def tokuhashi_extraspinal(count: int | None, flags: set[str]) -> Item:
    if count is None:
        return open_(0, 2)
    if count == 3:
        flags.add("extraspinal_exactly_3")
    if count == 0:
        return sure(2)
    return sure(1) if count <= 2 else sure(0)


def tokuhashi_visceral(visceral: str | None) -> Item:
    if visceral is None:
        return open_(0, 2)
    if visceral == "present_not_assessed":
        return open_(0, 1)
    return sure({"unresectable": 0, "resectable": 1, "none": 2}[visceral])


def tokuhashi_primary(site: str | None, histology: str | None) -> Item:
    if site is None or (site == "lung" and histology is None):
        return open_(0, 5)
    if site == "lung":
        return sure(5) if histology in CARCINOID else sure(0)
    return sure(TOKUHASHI_PRIMARY[site])


def tokuhashi_deficit(row: Row) -> Item:
    if row["frankel"] is not None:
        return sure({"A": 0, "B": 0, "E": 2}.get(row["frankel"], 1))
    if row["ambulation"] is not None:
        return open_(
            *{"paraplegic": (0, 0), "non_ambulatory": (0, 1), "aided": (1, 1), "unaided": (1, 2)}[row["ambulation"]]
        )
    return open_(*{True: (0, 1), False: (1, 2), None: (0, 2)}[row["motor_deficit"]])


def tokuhashi_vertebrae(count: int | None, flags: set[str]) -> Item:
    if count == 0:
        flags.add("no_vertebra_counted")
    if count is None or count == 0:
        return open_(0, 2)
    return sure({1: 2, 2: 1}.get(count, 0))


# Tomita (G1 3.8.4) ---------------------------------------------------------------------------------------------------

TOMITA_BANDS = {"2-3": (2, 3), "4-5": (4, 5), "6-7": (6, 7), "8-10": (8, 10)}
TOMITA_GROWTH = {
    **dict.fromkeys(("breast", "prostate", "thyroid"), 1),
    **dict.fromkeys(("kidney", "uterus"), 2),
    **dict.fromkeys(("stomach", "liver", "colon", "unknown_primary"), 4),
}


def tomita(row: Row) -> Row:
    """From tomita_growth, primary_site, histology, visceral_metastases and n_bone_metastases."""
    flags: set[str] = set()
    items = {
        "growth": tomita_growth(row, flags),
        "visceral": tomita_visceral(row["visceral_metastases"]),
        "bone": tomita_bone(row["n_bone_metastases"], flags),
    }
    return add_up(items, TOMITA_BANDS, flags)


def tomita_growth(row: Row, flags: set[str]) -> Item:
    if row["tomita_growth"] is not None:
        return sure({"slow": 1, "moderate": 2, "rapid": 4}[row["tomita_growth"]])
    if row["primary_site"] == "lung":
        if row["histology"] is None:
            return open_(1, 4)
        if row["histology"] in CARCINOID:
            flags.add("carcinoid")
            return sure(1)
        return sure(4)
    growth = TOMITA_GROWTH.get(row["primary_site"])
    return open_(1, 4) if growth is None else sure(growth)


def tomita_visceral(visceral: str | None) -> Item:
    if visceral is None:
        return open_(0, 4)
    if visceral == "present_not_assessed":
        return open_(2, 4)
    return sure({"none": 0, "resectable": 2, "unresectable": 4}[visceral])


def tomita_bone(count: int | None, flags: set[str]) -> Item:
    if count == 0:
        flags.add("no_bone_metastasis_counted")
    if count is None or count == 0:
        return open_(1, 2)
    return sure(1) if count == 1 else sure(2)
