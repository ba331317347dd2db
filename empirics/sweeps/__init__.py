"""Sweeps: grids of many runs, from one TOML file to one partitioned dataset."""

from empirics.sweeps.dataset import read_sweep
from empirics.sweeps.running import run_sweep
from empirics.sweeps.suite import SweepSuite, load

__all__ = ["SweepSuite", "load", "read_sweep", "run_sweep"]
