"""Mirels score (G1 3.5.2)."""

from __future__ import annotations

from .items import LONG_BONES, Item, Row, add_up, look_up, open_, sure

MIRELS_BANDS = {"radiotherapy": (4, 7), "mdt_discussion": (8, 8), "prophylactic_surgery": (9, 12)}


def mirels(row: Row) -> Row:
    """From bone, segment, trochanteric_extension, cortical_fraction, lesion_type, mirels_pain, fracture_status."""
    flags: set[str] = set()
    if row["bone"] not in LONG_BONES:
        flags.add("no_site_class")
    if row["fracture_status"] == "pathological_fracture":
        flags.add("fractured")
    if flags:
        names = ["site", "size", "type", "pain"]
        nothing = {"total": None, "total_min": None, "total_max": None, "band": None}
        return {"points": dict.fromkeys(names), **nothing, "missing": [], "flags": flags}
    if row["mirels_pain"] == "none":
        flags.add("pain_absent")
    items = {
        "site": mirels_site(row, flags),
        "size": mirels_size(row["cortical_fraction"], flags),
        "type": look_up(row["lesion_type"], {"blastic": 1, "mixed": 2, "lytic": 3}, 1, 3),
        "pain": look_up(row["mirels_pain"], {"none": 1, "mild": 1, "moderate": 2, "functional": 3}, 1, 3),
    }
    return add_up(items, MIRELS_BANDS, flags)


def mirels_site(row: Row, flags: set[str]) -> Item:
    if row["bone"] in ("humerus", "radius", "ulna"):
        return sure(1)
    if row["bone"] in ("tibia", "fibula"):
        return sure(2)
    match row["segment"]:
        case "trochanteric":
            return sure(3)
        case "subtrochanteric":
            flags.add("subtrochanteric")
            return sure(3)
        case "head" | "neck":
            flags.add("femoral_neck")
            if row["trochanteric_extension"]:
                flags.add("neck_extension")
                return 2, 2, 3
            return sure(2)
        case "diaphysis" | "metaphyso_diaphyseal" | "distal_end":
            return sure(2)
        case _:
            return open_(2, 3)


def mirels_size(fraction: float | None, flags: set[str]) -> Item:
    if fraction is None:
        return open_(1, 3)
    distance = min(abs(fraction - 1 / 3), abs(fraction - 2 / 3))
    if distance <= 1e-6:
        return sure(2)
    if distance <= 0.005:
        flags.add("cortical_near_third")
    if fraction < 1 / 3:
        return sure(1)
    return sure(2) if fraction <= 2 / 3 else sure(3)
