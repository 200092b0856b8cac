"""Identifiers replaced by keyed hashes before anything is stored: without the key nobody can link them back."""

from __future__ import annotations

import hmac
from dataclasses import replace

import polars as pl

from validation.contract import Column, Table
from validation.quarantine import Part

LENGTH = 20
"""Hexadecimal digits of a new identifier: 80 bits."""


def rekeyed(part: Part, table: Table, key: bytes) -> Part:
    """The rows of a file with every identifier but those of centres replaced, the same way in all tables.

    Identifiers of lesions, doses and the rest go along: centres often build them from that of the patient.
    """
    changed = [
        _rekeyed(part.frame[column.name], key)
        for column in table.columns
        if _names_a_patient(column) and column.name in part.frame.columns
    ]
    return replace(part, frame=part.frame.with_columns(changed))


def pseudonym(identifier: str, key: bytes) -> str:
    """HMAC-SHA256 of an identifier, its first twenty hexadecimal digits."""
    return hmac.digest(key, identifier.encode("utf-8"), "sha256").hex()[:LENGTH]


def _names_a_patient(column: Column) -> bool:
    if column.name == "lesion_ids":
        return True
    parent = column.parent[0] if column.parent else ""
    return (column.is_key or bool(parent)) and parent != "centres" and column.name != "centre_id"


def _rekeyed(cells: pl.Series, key: bytes) -> pl.Series:
    if isinstance(cells.dtype, pl.List):
        lists = [None if words is None else [pseudonym(word, key) for word in words] for words in cells]
        return pl.Series(cells.name, lists, dtype=cells.dtype)
    old = cells.drop_nulls().unique()
    new = [pseudonym(identifier, key) for identifier in old]
    return cells.replace_strict(old, new, default=None, return_dtype=pl.String)
