"""One line of `[tables.columns]`: what it says about the source of a column, checked against the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping as Lookup
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from validation.contract import Column

from ..conversion import convert_column, expectation, fold
from ..dialect import Dialect
from ..layout import literal
from . import units
from .lines import Path as Place
from .model import Origin, Value
from .systems import SYSTEMS, column_of
from .units import DECIDES, Unit

if TYPE_CHECKING:
    from .loading import Report

_ALONE = ("constant", "number")
OPTIONS = (
    "from", "join", "split", "part", "separator", "format", "unit", "codes", "system", "strength", "prefix", "suffix",
    *_ALONE,
)  # fmt: skip
_DIRECTIVES = "%d %m %Y %y %H %M %S"
_KINDS = {
    "separator": ("set",), "format": ("date",), "unit": ("int", "float"), "prefix": ("string",), "suffix": ("string",),
}  # fmt: skip
_TEXTS = ("join", "split", "separator", "format", "system", "strength", "prefix", "suffix", "number")


def read_origin(column: Column, given: Any, place: Place, report: Report) -> Origin | None:
    """The source of one column, or None if nothing can be made of it."""
    if isinstance(given, str):
        given = {"from": given}
    words = f'{column.name} = "column of the file", or {column.name} = {{ from = "column of the file", ... }}'
    if not report.typed(place, column.name, given, dict, words):
        return None
    found = len(report.problems)
    for name in given:
        if name not in OPTIONS:
            report.unknown((*place, name), "option", name, OPTIONS)
    _check_company(column, given, place, report)
    for name in _TEXTS:
        if name in given and report.typed((*place, name), name, given[name], str, "a text in quotes"):
            _check_filled(name, given[name], (*place, name), report)
    if len(report.problems) > found:
        return None
    origin = Origin(
        column,
        report.lines.of(place),
        sources=_sources(given, place, report),
        join=given.get("join", ""),
        split=given.get("split"),
        part=_part(given, place, report),
        separator=given.get("separator", "|"),
        form=_form(column, given, place, report),
        unit=_unit(column, given, place, report),
        units=_units(column, given, place, report),
        codes=_codes(column, given, place, report),
        system=_system(given, place, report),
        strength=literal(given["strength"]) if isinstance(given.get("strength"), str) else None,
        prefix=given.get("prefix", ""),
        suffix=given.get("suffix", ""),
        constant=_constant(column, given, place, report),
        number=given.get("number"),
    )
    return origin if len(report.problems) == found else None


def _check_company(column: Column, given: dict[str, Any], place: Place, report: Report) -> None:
    """Which options go together, and with which kinds of columns."""
    sources = [name for name in ("from", *_ALONE) if name in given]
    if len(sources) != 1:
        what = f"{column.name} has {len(sources) or 'no'} sources"
        report.say(place, what, "one of from, constant, number")
    elif sources[0] in _ALONE and len(given) > 1:
        others = ", ".join(name for name in given if name != sources[0])
        report.say(place, f"{sources[0]} stands with {others}", f"{sources[0]} alone")
    for name, kinds in _KINDS.items():
        if name in given and column.kind not in kinds:
            report.say((*place, name), f"{name} does not go with {column.name}, which is of type {column.kind}")
    if "number" in given and column.kind != "string":
        report.say((*place, "number"), f"numbers are made for identifiers; {column.name} is of type {column.kind}")
    if "codes" in given and column.kind == "date":
        report.say((*place, "codes"), f"codes do not go with {column.name}, which is of type date")
    for one, other in (("codes", "system"), ("codes", "unit"), ("system", "unit"), ("join", "split")):
        if one in given and other in given:
            report.say(place, f"{column.name} has both {one} and {other}", "one of the two")
    if "system" in given and column.kind not in ("enum", "set"):
        report.say((*place, "system"), f"a code system gives tokens; {column.name} is of type {column.kind}")
    if "strength" in given and "system" not in given:
        report.say(
            (*place, "strength"), "strength goes with system", 'system = "name", strength = "column of the file"'
        )
    if ("split" in given) != ("part" in given):
        report.say(place, "split and part belong together", 'split = " - ", part = 1')
    if isinstance(given.get("from"), list) != ("join" in given):
        report.say(place, "join and a list of columns belong together", 'from = ["L1", "L2"], join = "|"')


def _check_filled(name: str, text: str, place: Place, report: Report) -> None:
    if not text and name != "join":
        report.say(place, f"{name} is empty", "a text in quotes")


def _sources(given: dict[str, Any], place: Place, report: Report) -> tuple[str, ...]:
    if "from" not in given:
        return ()
    names = given["from"] if isinstance(given["from"], list) else [given["from"]]
    if not names or any(not isinstance(name, str) or not name.strip() for name in names):
        report.say((*place, "from"), "from has the wrong type", "a column of the file, or a list of columns, in quotes")
        return ()
    return tuple(dict.fromkeys(literal(name.strip()) for name in names))


def _part(given: dict[str, Any], place: Place, report: Report) -> int:
    part = given.get("part", 1)
    if type(part) is not int or part < 1:
        report.say((*place, "part"), "part has the wrong type", "1 for the first part, 2 for the second ...")
        return 1
    return part


def _form(column: Column, given: dict[str, Any], place: Place, report: Report) -> str | None:
    form = given.get("format")
    if form is None:
        return None
    used = re.findall(r"%(.?)", form)
    date_parts = [mark.lower() for mark in used if mark in "dmYy"]
    truncated = column.name == "birth_date" and sorted(date_parts) in (["m", "y"], ["y"])
    if any(mark not in "dmYyHMS" or not mark for mark in used) or len(set(used)) < len(used):
        report.say(
            (*place, "format"), "the format has unknown or repeated parts", f"each of {_DIRECTIVES} at most once"
        )
    elif sorted(date_parts) != ["d", "m", "y"] and not truncated:
        expected = 'day, month and year, as in "%d/%m/%Y"; a birth date may lack the day, or day and month'
        report.say((*place, "format"), "the format is no date", expected)
    return form


def _unit(column: Column, given: dict[str, Any], place: Place, report: Report) -> Unit | None:
    name = given.get("unit")
    if name is None or isinstance(name, dict):
        return None
    if not report.typed((*place, "unit"), "unit", name, str, "a unit in quotes"):
        return None
    if column.unit in DECIDES:
        return Unit(name)  # which unit that is hangs on another column
    known = units.known(column)
    if not known:
        report.say((*place, "unit"), f"there is no unit to convert {column.name} into", "no entry unit")
    elif units.find(known, name) is None:
        report.unknown((*place, "unit"), f"unit of {column.name}", name, units.names(known))
    return units.find(known, name)


def _units(column: Column, given: dict[str, Any], place: Place, report: Report) -> dict[str, Unit]:
    named = given.get("unit")
    if not isinstance(named, dict):
        return {}
    if column.unit not in DECIDES:
        report.say((*place, "unit"), "unit has the wrong type", f"one of {', '.join(units.names(units.known(column)))}")
        return {}
    found = {}
    for token, name in named.items():
        known = units.known(column, token)
        at = (*place, "unit", token)
        if not known:
            report.unknown(at, f"{DECIDES[column.unit]} with a unit", token, _with_unit(column))
        elif report.typed(at, "unit", name, str, "a unit in quotes"):
            unit = units.find(known, name)
            if unit is None:
                report.unknown(at, f"unit of {token}", name, units.names(known))
            else:
                found[token] = unit
    return found


def _with_unit(column: Column) -> list[str]:
    drugs = ["calcium", "vitamin_d"]
    return drugs if column.unit == "see drug" else [token for token in units.UNITS_OF if token not in drugs]


def _codes(column: Column, given: dict[str, Any], place: Place, report: Report) -> Lookup[str, Value | None] | None:
    codes = given.get("codes")
    if codes is None or not report.typed((*place, "codes"), "codes", codes, dict, 'codes = { "1" = "token" }'):
        return None
    found: dict[str, Value | None] = {}
    for code, value in codes.items():
        at = (*place, "codes", code)
        value = None if value == "" else _value(column, value, at, report)
        if fold(code) in found and found[fold(code)] != value:
            report.say(at, "two codes differ only in case or blanks and stand for different things", "one of them")
        found[fold(code)] = value
    return found


def _system(given: dict[str, Any], place: Place, report: Report) -> str | None:
    name = given.get("system")
    if name is not None and name not in SYSTEMS:
        report.unknown((*place, "system"), "code system", str(name), SYSTEMS)
    elif name is not None and column_of(name) != place[-1]:
        report.say((*place, "system"), f"the code system {name} yields {column_of(name)}", "a system of this column")
    return name


def _constant(column: Column, given: dict[str, Any], place: Place, report: Report) -> Value | None:
    if "constant" not in given:
        return None
    if given["constant"] == "":
        report.say((*place, "constant"), "constant is empty", "leave the column out where nothing is known")
        return None
    return _value(column, given["constant"], (*place, "constant"), report)


def _value(column: Column, value: Any, place: Place, report: Report) -> Value | None:
    """A value of the mapping itself, in the type of the column (tokens and sets as text)."""
    expected = expectation(column, Dialect()) if column.kind != "string" else "a text in quotes"
    if not isinstance(value, str | bool | int | float | date) or isinstance(value, datetime):
        report.say(place, f"a value of {column.name} has the wrong type", expected)
        return None
    written = value.isoformat() if isinstance(value, date) else str(value)
    cells, _ = convert_column(pl.Series([written], dtype=pl.String), column, Dialect())
    found = cells.to_list()[0]
    if found is None:
        if column.tokens and isinstance(value, str):
            report.unknown(place, f"token of {column.name}", value, column.tokens)
        else:
            report.say(place, f"a value of {column.name} does not fit", expected)
    return "|".join(found) if isinstance(found, list) else found
