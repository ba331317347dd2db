"""What claims read off a table of trajectories."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from validate.experiment import Experiment
from validate.statistics import Interval, exact_interval, mean_interval
from validate.tolerance import gradient_scale, round_off

TAIL = 0.25


def curves(frame: pd.DataFrame) -> np.ndarray:
    r"""Return :math:`\|\nabla F(w_k)\|` as an array (replicates, iterations + 1)."""
    ordered = frame.sort_values(["replicate", "iteration"], kind="stable")
    return ordered["grad_norm"].to_numpy(float).reshape(ordered["replicate"].nunique(), -1)


def first_bad(frame: pd.DataFrame) -> str:
    """Say where the first value that is not finite occurs; empty when there is none."""
    values = frame[["grad_norm", "objective"]]
    bad = frame[~np.isfinite(values.to_numpy(float)).all(axis=1)]
    if bad.empty:
        return ""
    row = bad.sort_values(["iteration", "replicate"]).iloc[0]
    where = f"iteration {int(row['iteration'])} of replicate {int(row['replicate'])}"
    return f"diverged: ||grad F|| = {row['grad_norm']}, F = {row['objective']}, first at {where}"


def tails(frame: pd.DataFrame, share: float = TAIL) -> np.ndarray:
    """Return the mean of each replicate's last part (a quarter of its iterations)."""
    values = curves(frame)
    return values[:, -max(1, round(share * values.shape[1])) :].mean(axis=1)


def exactly(value: float, error: float, tolerance: float) -> Interval:
    """Return the interval of a number that was computed; of NaN or infinity, the interval that says nothing."""
    return exact_interval(value, tolerance) if np.isfinite(value) else mean_interval([value], error)


def path_round_off(experiment: Experiment, path: np.ndarray) -> float:
    r"""Return the numerical error of :math:`\|\nabla F\|` along a run: of the size of the tasks' gradients."""
    constants = experiment.plan.constants
    largest = float(np.nanmax(path, initial=0.0)) + constants.sigma
    start = float(experiment.problem.start.norm())
    return round_off(gradient_scale(largest, constants.L, start))


def limit(path: np.ndarray, doubt: float) -> Callable[[float], Interval]:
    r"""Return the measure of :math:`\lim_k y_k` from an exact run; ``doubt`` is the numerical error of one value.

    With r the ratio of the changes over the last tenth of the run and over the tenth before, what is still to
    come of a geometric convergence is the last change times r/(1-r); twice that is taken as the numerical
    error. A run that does not slow down has an infinite one and decides nothing.
    """
    tenth = max(1, (len(path) - 1) // 10)
    last, before = np.ptp(path[-1 - tenth :]), np.ptp(path[-1 - 2 * tenth : -tenth])
    rest = 0.0 if last <= doubt else 2 * last * last / (before - last) if before > last else np.inf
    return partial(exactly, float(path[-1]), tolerance=doubt + float(rest))
