"""Units of the source that are converted into those of the contract: a closed table, each factor with its source."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from validation.contract import Column

SI = "SI prefixes (BIPM, The International System of Units)"
TIME = "SI Brochure, table 8 (minute, hour, day); a week is 7 days"
YEAR = "a mean year of 365.25 days, a twelfth of it a month"
SHARE = "a percentage is a fraction of one hundred"


@dataclass(frozen=True)
class Unit:
    """A value in this unit, times `times`, divided by `over`, is a value in the unit of the contract."""

    name: str
    times: float = 1.0
    over: float = 1.0
    source: str = ""


def _named(times: float, over: float, source: str, *names: str) -> dict[str, Unit]:
    return {_fold(name): Unit(names[0], times, over, source) for name in names}


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold().replace("^", "")


_CALCIUM = "molar mass of calcium 40.078 g/mol (IUPAC)"
_CREATININE = "molar mass of creatinine 113.12 g/mol"
_CALCIDIOL = "molar mass of 25-hydroxyvitamin D3 400.64 g/mol"

UNITS: dict[str, dict[str, Unit]] = {
    "Gy": _named(1, 1, "", "Gy") | _named(1, 100, SI, "cGy") | _named(1, 1000, SI, "mGy"),
    "days": _named(1, 1, "", "days", "day", "d", "jours", "jour", "j")
    | _named(1, 24, TIME, "hours", "hour", "h", "heures", "heure")
    | _named(7, 1, TIME, "weeks", "week", "semaines", "semaine", "sem")
    | _named(30.4375, 1, YEAR, "months", "month", "mois")
    | _named(365.25, 1, YEAR, "years", "year", "ans", "an", "années"),
    "hours": _named(1, 1, "", "hours", "hour", "h", "heures", "heure")
    | _named(1, 60, TIME, "minutes", "minute", "min")
    | _named(24, 1, TIME, "days", "day", "d", "jours", "jour", "j"),
    "min": _named(1, 1, "", "min", "minutes", "minute")
    | _named(1, 60, TIME, "seconds", "second", "s", "secondes", "seconde")
    | _named(60, 1, TIME, "hours", "hour", "h", "heures", "heure"),
    "mm": _named(1, 1, "", "mm") | _named(10, 1, SI, "cm"),
    "mg": _named(1, 1, "", "mg") | _named(1000, 1, SI, "g") | _named(1, 1000, SI, "µg", "mcg"),
    "mg/d": _named(1, 1, "", "mg/d", "mg/j", "mg/day", "mg/jour")
    | _named(1000, 1, SI, "g/d", "g/j", "g/day", "g/jour"),
    "%": _named(1, 1, "", "%") | _named(100, 1, SHARE, "fraction"),
    "fraction": _named(1, 1, "", "fraction") | _named(1, 100, SHARE, "%"),
    "0-10": _named(1, 1, "", "0-10") | _named(1, 10, "a numerical scale of ten times as many steps", "0-100"),
}
"""Unit of the contract -> name of a unit of the source, folded -> the unit."""

UNITS_OF: dict[str, dict[str, Unit]] = {
    "corrected_calcium": _named(1, 1, "", "mmol/L")
    | _named(10, 40.078, _CALCIUM, "mg/dL")
    | _named(1, 40.078, _CALCIUM, "mg/L")
    | _named(1, 2, "calcium is divalent", "mEq/L"),
    "creatinine": _named(1, 1, "", "µmol/L", "umol/L")
    | _named(10_000, 113.12, _CREATININE, "mg/dL")
    | _named(1000, 113.12, _CREATININE, "mg/L")
    | _named(1000, 1, SI, "mmol/L"),
    "creatinine_clearance": _named(1, 1, "", "mL/min") | _named(60, 1, TIME, "mL/s"),
    "vitamin_d_25oh": _named(1, 1, "", "nmol/L") | _named(1000, 400.64, _CALCIDIOL, "ng/mL", "µg/L"),
    "crp": _named(1, 1, "", "mg/L") | _named(10, 1, SI, "mg/dL"),
    "platelets": _named(1, 1, "", "G/L", "10^9/L", "10^3/µL", "10^3/mm3") | _named(1, 1000, SI, "/mm3", "/µL"),
    "calcium": _named(1, 1, "", "mg/d", "mg/j", "mg/day", "mg/jour")
    | _named(1000, 1, SI, "g/d", "g/j", "g/day", "g/jour"),
    "vitamin_d": _named(1, 1, "", "IU/d", "UI/j", "IU/day", "UI/jour")
    | _named(40, 1, "1 µg of cholecalciferol is 40 IU (WHO)", "µg/d", "µg/j")
    | _named(1, 7, TIME, "IU/week", "UI/semaine"),
}
"""The same for columns whose unit hangs on another column of the row: by the token of that column."""

DECIDES = {"see analyte": "analyte", "see drug": "drug"}
"""What the contract says in place of a unit -> the column that decides on it."""


def known(column: Column, token: str | None = None) -> dict[str, Unit]:
    """The units that values of this column may have in the source; empty where the contract gives no unit."""
    return UNITS_OF.get(token, {}) if token is not None else UNITS.get(column.unit, {})


def find(units: dict[str, Unit], name: str) -> Unit | None:
    """The unit of this name."""
    return units.get(_fold(name))


def names(units: dict[str, Unit]) -> list[str]:
    """The units by their first names."""
    return list(dict.fromkeys(unit.name for unit in units.values()))


def sources(units: Iterable[Unit]) -> list[str]:
    """Where the factors come from."""
    return sorted({unit.source for unit in units if unit.source})


def page() -> str:
    """The conversions as a table of docs/mapping.md."""
    lines = ["| unit of the contract | of the source | factor | source |", "|---|---|---|---|"]
    for target, units in (*UNITS.items(), *UNITS_OF.items()):
        for name in names(units):
            unit = find(units, name)
            if unit and unit.source:
                factor = f"{unit.times:g} / {unit.over:g}" if unit.over != 1 else f"{unit.times:g}"
                shown = f"{target}: {names(units)[0]}" if target in UNITS_OF else target
                lines.append(f"| {shown} | {unit.name} | {factor} | {unit.source} |")
    return "\n".join(lines) + "\n"
