"""Experiments: problems with known constants, algorithms, the simulator, sweeps.

The names below are imported when they are first used, so that ``import empirics`` needs neither torch nor
numpy.
"""

from __future__ import annotations

from bounds.lazily import offered

_HOME = {
    "simulate": "empirics.simulation",
    "trajectory": "empirics.simulation",
    "estimate_direction_moments": "empirics.moments",
    "measure_cost": "empirics.moments",
    "seconds_per_iteration": "empirics.moments",
    "Cell": "empirics.cells",
    "returned": "empirics.returning",
    "Store": "empirics.store",
    "CellError": "empirics.sweep",
    "run_cells": "empirics.sweep",
    "run_sweep": "empirics.sweeps",
    "read_sweep": "empirics.sweeps",
    "own_model": "empirics.estimation.model",
    "estimate": "empirics.estimation.estimating",
    "advise": "empirics.estimation.advising",
    "advise_on": "empirics.estimation.chaining",
    "measure_gradient": "empirics.estimation.measuring",
}
_MODULES = ("algorithms", "cells", "problems", "store", "sweep", "sweeps")

__all__ = [*_MODULES, *_HOME]

__getattr__, __dir__ = offered(__name__, _HOME, _MODULES)
