"""Sweeps: grids of many runs, from one TOML file to one partitioned dataset.

The names are imported when they are first used: who reads a sweep needs no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "SweepSuite": "empirics.sweeps.suite",
    "load": "empirics.sweeps.suite",
    "read_sweep": "empirics.sweeps.reading",
    "run_sweep": "empirics.sweeps.running",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'empirics.sweeps' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
