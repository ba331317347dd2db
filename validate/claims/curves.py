"""What claims read off a table of trajectories."""

from __future__ import annotations

import numpy as np
import pandas as pd

from validate.statistics import Interval, exact_interval, mean_interval

TAIL = 0.25
ROUND_OFF = 1e-12


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


def exactly(value: float, error: float) -> Interval:
    """Return the interval of a number that was computed; of NaN or infinity, the interval that says nothing."""
    return exact_interval(value, ROUND_OFF) if np.isfinite(value) else mean_interval([value], error)
