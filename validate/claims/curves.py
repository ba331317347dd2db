"""What claims read off a table of trajectories."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from validate.claims.exact import exactly
from validate.experiment import Experiment
from validate.judge import Measure
from validate.tolerance import gradient_scale, round_off

TAIL = 0.25
STILL = 1e-6
"""Share of itself by which a gradient may change that counts as unchanged."""
RESTING, SINKING = 1e-3, 0.1
"""Shares of its slope by which F may fall in a run at rest, and falls in one that goes on downhill."""
NOTHING_SMALLER = "the gradient of F is 0 at the start: nothing is tested, whatever epsilon; start elsewhere"


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


def start_within(frame: pd.DataFrame, bound: float) -> str:
    """Say where the start is that is not above a bound: "already below", or "already at"; empty above it."""
    size = _at_start(frame)
    if not size <= bound:
        return ""
    return "already below" if size < bound else "already at"


def nothing_left(frame: pd.DataFrame, bound: float) -> str:
    """Say that the start is within a bound, where nothing is left to be reached; empty when it is not."""
    size, where = _at_start(frame), start_within(frame, bound)
    if where and size == 0:
        return NOTHING_SMALLER
    advice = "nothing is tested; take a smaller epsilon"
    return where and f"||grad F(w_0)|| = {size:.3g} is {where} {bound:.3g}: {advice}"


def _at_start(frame: pd.DataFrame) -> float:
    return float(frame["grad_norm"][frame["iteration"] == 0].max())


def tails(frame: pd.DataFrame, share: float = TAIL) -> np.ndarray:
    """Return the mean of each replicate's last part (a quarter of its iterations)."""
    values = curves(frame)
    return values[:, -max(1, round(share * values.shape[1])) :].mean(axis=1)


def fall(frame: pd.DataFrame) -> float:
    r"""Return how far F fell over the last tenth of an exact run: a share of :math:`\sum_k\beta_k\|\nabla F\|^2`.

    It is 0 where F stands still up to round-off, whatever :math:`\nabla F` is, and about 1 downhill.
    """
    last = frame.sort_values("iteration", kind="stable").iloc[-1 - max(1, (len(frame) - 1) // 10) :]
    F, y, beta = (last[name].to_numpy(float) for name in ("objective", "grad_norm", "step_size"))
    slope = float(np.sum(beta[:-1] * y[:-1] ** 2))
    change = abs(F[0] - F[-1])
    return float(change / slope) if change > round_off(float(F[-1])) and slope else 0.0


def path_round_off(experiment: Experiment, path: np.ndarray) -> float:
    r"""Return the numerical error of :math:`\|\nabla F\|` along a run: of the size of the tasks' gradients."""
    constants = experiment.plan.constants
    largest = float(np.nanmax(path, initial=0.0)) + constants.sigma
    start = float(experiment.problem.start.norm())
    return round_off(gradient_scale(largest, constants.L, start))


def exact_run(experiment: Experiment, frame: pd.DataFrame) -> tuple[np.ndarray, float, Measure]:
    r"""Return :math:`\|\nabla F\|` along an exact run, the numerical error of one value, and its limit."""
    path = curves(frame)[0]
    doubt = path_round_off(experiment, path)
    return path, doubt, limit(path, doubt, fall(frame))


def limit(path: np.ndarray, doubt: float, falling: float = 0.0) -> Measure:
    r"""Return the measure of :math:`\lim_k y_k` from an exact run; ``doubt`` is the numerical error of one value.

    With r the ratio of the changes over the last tenth of the run and over the tenth before, what is still to
    come of a geometric convergence is the last change times r/(1-r); twice that is taken as the numerical
    error. A run that does not slow down has an infinite one and decides nothing, and so has one in which F is
    ``falling`` although its gradient does not change: it is on a slope. Where F falls as fast as downhill the run
    has not stopped, and where it will is only known from above: a second, slower part may be all that is left.
    """
    tenth = max(1, (len(path) - 1) // 10)
    last, before = np.ptp(path[-1 - tenth :]), np.ptp(path[-1 - 2 * tenth : -tenth])
    rest = 0.0 if last <= doubt else 2 * last * last / (before - last) if before > last else np.inf
    end, reach = float(path[-1]), doubt + float(rest)
    if falling > RESTING and last <= STILL * abs(end):
        reach = math.inf
    if falling > SINKING:
        reach = max(reach, end)
    return exactly(end, reach)
