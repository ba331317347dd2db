"""Constants of real models: estimated over a region, from below; and where a model is now.

The names below are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "OwnModel": "empirics.estimation.model",
    "own_model": "empirics.estimation.model",
    "Estimate": "empirics.estimation.estimated",
    "estimate": "empirics.estimation.estimating",
    "Advice": "empirics.estimation.advising",
    "advise": "empirics.estimation.advising",
    "advise_on": "empirics.estimation.chaining",
    "measure_gradient": "empirics.estimation.measuring",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'empirics.estimation' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
