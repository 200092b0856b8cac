"""Frozen records to JSON and back, by the types of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """The value in the types of JSON: records as objects, days as texts."""
    if is_dataclass(value):
        return {item.name: to_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def from_json(kind: type[T], value: Any) -> T:
    """The record, or other value of this type; a TypeError, ValueError or KeyError if the JSON holds something else."""
    made: T = _made(kind, value)
    return made


def _made(kind: Any, value: Any) -> Any:
    origin, of = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (inner,) = (one for one in of if one is not NoneType)
        return None if value is None else _made(inner, value)
    if origin is tuple and of[-1] is not Ellipsis:
        return tuple(_made(inner, item) for inner, item in zip(of, value, strict=True))
    if origin in (tuple, list):
        return origin(_made(of[0], item) for item in value)
    if origin is dict:
        return {key: _made(of[1], item) for key, item in value.items()}
    if origin is Literal:
        kind = str
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        if set(value) != set(hints):
            raise ValueError(f"not the fields of {kind.__name__}")
        return kind(**{name: _made(hint, value[name]) for name, hint in hints.items()})
    if kind is date:
        return date.fromisoformat(value)
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value
