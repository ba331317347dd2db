"""Sweeps: grids of many runs, from one TOML file to one partitioned dataset.

The names are imported when they are first used: who reads a sweep needs no torch.
"""

from __future__ import annotations

from bounds.lazily import offered

_HOME = {
    "SweepSuite": "empirics.sweeps.suite",
    "load": "empirics.sweeps.suite",
    "read_sweep": "empirics.sweeps.reading",
    "run_sweep": "empirics.sweeps.running",
}

__all__ = [*_HOME]

__getattr__, __dir__ = offered(__name__, _HOME)
