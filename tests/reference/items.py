"""What every score is made of: items that give points, or the lowest and highest points attainable."""

from __future__ import annotations

from typing import Any

# (points, lowest, highest); the points are None when the item is missing or falls in a hole of the text
Item = tuple[int | None, int, int]
Row = dict[str, Any]

LONG_BONES = ("humerus", "radius", "ulna", "femur", "tibia", "fibula")
CARCINOID = ("typical_carcinoid", "atypical_carcinoid")


def sure(points: int) -> Item:
    return points, points, points


def open_(lowest: int, highest: int) -> Item:
    return None, lowest, highest


def look_up(value: Any, points: dict[Any, int], lowest: int, highest: int) -> Item:
    """The points of a token, or the bounds of the item when the token is not recorded."""
    return open_(lowest, highest) if value is None else sure(points[value])


def band_of(lowest: int | None, highest: int | None, bands: dict[str, tuple[int, int]]) -> str | None:
    """The band that holds both bounds, if there is one."""
    if lowest is None or highest is None:
        return None
    for name, (first, last) in bands.items():
        if first <= lowest and highest <= last:
            return name
    return None


def add_up(items: dict[str, Item], bands: dict[str, tuple[int, int]], flags: set[str]) -> Row:
    points = {name: item[0] for name, item in items.items()}
    missing = [name for name, value in points.items() if value is None]
    lowest = sum(item[1] for item in items.values())
    highest = sum(item[2] for item in items.values())
    return {
        "points": points,
        "total": None if missing else sum(value for value in points.values() if value is not None),
        "total_min": lowest,
        "total_max": highest,
        "band": band_of(lowest, highest, bands),
        "missing": missing,
        "flags": flags,
    }
