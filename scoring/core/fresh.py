"""Declarations made anew: a module of declarations executed again, with the parameters as they are now."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec
from types import ModuleType


def fresh(name: str) -> ModuleType:
    """The module, executed once more and apart from the one that others import.

    A declaration holds its thresholds, so other values of the parameters (`parameters.using`) take new declarations.
    """
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
