"""Folders as an audit leaves them, made up: only what a comparison of verdicts reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from scoring.concordance import KEYS

Decision = tuple[str, str, str, str | None, int]
"""Patient, centre, entity, lesion, day of the index date."""

MANIFEST = {
    "product": "osteoconcord",
    "parameters": {"rules": None, "start": None, "end": None, "retrospective": False},
    "editions": [{"id": "G1", "title": "t", "valid_from": "2022-07-30"}],
    "thresholds": [{"name": "STATE", "value": 60}],
    "versions": {"osteoconcord": "1"},
}


def write(
    folder: Path,
    verdicts: Mapping[str, Mapping[Decision, Mapping[str, str]]],
    order: tuple[str, ...],
    **manifest: Any,
) -> Path:
    """An audit with these verdicts: grain -> decision -> rule -> status; `order` numbers the codes."""
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST | manifest), "utf-8")
    code = {status: number for number, status in enumerate(order)}
    codes = pl.DataFrame(
        {"code": list(code.values()), "status": order}, schema={"code": pl.UInt16, "status": pl.String}
    )
    codes.write_parquet(folder / "results" / "verdict_codes.parquet")
    for grain, decisions in verdicts.items():
        rules = sorted({rule for found in decisions.values() for rule in found})
        rows = [
            dict(zip(KEYS, (*key[:4], date(2024, 1, key[4])), strict=True))
            | {rule: code[found[rule]] if rule in found else None for rule in rules}
            for key, found in decisions.items()
        ]
        schema = dict.fromkeys(KEYS, pl.String) | {"index_date": pl.Date} | dict.fromkeys(rules, pl.UInt16)
        pl.DataFrame(rows, schema=schema).write_parquet(folder / "results" / f"verdicts_{grain}.parquet")
    return folder


def long(folder: Path) -> dict[tuple[object, ...], tuple[str, str]]:
    """Every verdict of an audit, one by one: rule and decision -> centre and status."""
    codes = dict(pl.read_parquet(folder / "results" / "verdict_codes.parquet").select("code", "status").iter_rows())
    found = {}
    for path in (folder / "results").glob("verdicts_*.parquet"):
        for row in pl.read_parquet(path).iter_rows(named=True):
            key = tuple(row[name] for name in KEYS if name != "centre_id")
            for rule in row.keys() - set(KEYS):
                if row[rule] is not None:
                    found[(rule, *key)] = (row["centre_id"], codes[row[rule]])
    return found
