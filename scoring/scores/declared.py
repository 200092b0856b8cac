"""Scores declared anew: with the parameters as they are now, and without the rest of the package."""

from __future__ import annotations

from types import ModuleType

from scoring.core.fresh import fresh
from scoring.core.score import Score


def declare(name: str) -> Score:
    """A score, declared with the parameters as they are now (`parameters.using`)."""
    declared: Score = getattr(module(name), name.upper())
    return declared


def module(name: str) -> ModuleType:
    """The module of a score, executed with the parameters as they are now."""
    return fresh(f"{__package__}.{name}")
