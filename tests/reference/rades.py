"""Rades score (G1 3.5.3)."""

from __future__ import annotations

import calendar
from datetime import date

from .items import CARCINOID, Item, Row, add_up, open_, sure

RADES_BANDS = {"I": (21, 28), "II": (29, 37), "III": (38, 44)}


def rades(row: Row) -> Row:
    """From primary_site, histology, diagnosis_date, compression_date, visceral_metastases, ambulation, frankel,
    motor_deficit, motor_deficit_onset_date and anchor, the day to which the delay of the deficit runs.
    """
    flags: set[str] = set()
    items = {
        "primary": rades_primary(row["primary_site"], row["histology"], flags),
        "interval": rades_interval(row["diagnosis_date"], row["compression_date"], flags),
        "visceral": rades_visceral(row["visceral_metastases"]),
        "motor": rades_motor(row["ambulation"], row["frankel"], flags),
        "delay": rades_delay(row["motor_deficit"], row["motor_deficit_onset_date"], row["anchor"], flags),
    }
    return add_up(items, RADES_BANDS, flags)


def rades_primary(site: str | None, histology: str | None, flags: set[str]) -> Item:
    if site is None:
        return open_(5, 9)
    if site != "lung":
        return sure({"breast": 8, "prostate": 7, "myeloma_lymphoma": 9, "unknown_primary": 5}.get(site, 6))
    if histology is None or histology == "other":
        return open_(5, 6)
    if histology == "sclc" or histology in CARCINOID:
        return sure(6)
    if histology == "lcnec":
        flags.add("lcnec")
    return sure(5)


def fifteen_months_after(day: date) -> date:
    months = day.year * 12 + day.month - 1 + 15
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def rades_interval(diagnosis: date | None, compression: date | None, flags: set[str]) -> Item:
    if diagnosis is None or compression is None:
        return open_(6, 8)
    limit = fifteen_months_after(diagnosis)
    if compression == limit:
        flags.add("exactly_15_months")
    return sure(6) if compression <= limit else sure(8)


def rades_visceral(visceral: str | None) -> Item:
    if visceral is None:
        return open_(5, 8)
    return sure(8) if visceral == "none" else sure(5)


AMBULATION_OF_FRANKEL = {
    "A": ("paraplegic",),
    "B": ("paraplegic",),
    "C": ("non_ambulatory",),
    "D": ("aided", "unaided"),
    "D1": ("aided",),
    "D2": ("aided",),
    "D3": ("unaided",),
    "E": ("unaided",),
}


def rades_motor(ambulation: str | None, frankel_grade: str | None, flags: set[str]) -> Item:
    points = {"unaided": 10, "aided": 9, "non_ambulatory": 3, "paraplegic": 1}
    if ambulation is not None:
        if frankel_grade is not None and ambulation not in AMBULATION_OF_FRANKEL[frankel_grade]:
            flags.add("motor_conflict")
        return sure(points[ambulation])
    if frankel_grade is None:
        return open_(1, 10)
    if frankel_grade == "D":
        return open_(9, 10)
    return sure(points[AMBULATION_OF_FRANKEL[frankel_grade][0]])


def rades_delay(deficit: bool | None, onset: date | None, anchor: date, flags: set[str]) -> Item:
    if deficit is False:
        flags.add("no_motor_deficit")
        return open_(4, 9)
    if onset is None:
        return open_(4, 9)
    days = (anchor - onset).days
    if days < 0:
        flags.add("onset_after_anchor")
        return open_(4, 9)
    if days == 0:
        flags.add("deficit_same_day")
    if days <= 7:
        return sure(4)
    return sure(7) if days <= 14 else sure(9)
