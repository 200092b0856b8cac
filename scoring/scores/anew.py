"""A score declared anew; apart from the package, so that facts can ask for it while the package is still being imported."""

from __future__ import annotations

from scoring.core.fresh import fresh
from scoring.core.score import Score


def declare(name: str) -> Score:
    """A score, declared with the parameters as they are now (`parameters.using`)."""
    declared: Score = getattr(fresh(f"{__package__}.{name}"), name.upper())
    return declared
