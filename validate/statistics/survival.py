"""Times to reach a target when some runs end before they reach it."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from validate.statistics.intervals import Interval, mean_interval, proportion_interval


def hitting_times(frame: pd.DataFrame, epsilon: float) -> pd.DataFrame:
    r"""First iteration with :math:`\|\nabla F(w_k)\| \le \epsilon`, one row per replicate.

    Parameters
    ----------
    frame : DataFrame
        Trajectories with the columns replicate, iteration, grad_norm. NaN is above every epsilon.

    Returns
    -------
    DataFrame
        Columns replicate, time, hit; a run that never hits has its last iteration as ``time``.
    """
    last = frame.groupby("replicate")["iteration"].max()
    first = frame[frame["grad_norm"] <= epsilon].groupby("replicate")["iteration"].min()
    time = first.reindex(last.index)
    return pd.DataFrame(
        {"time": time.fillna(last).astype(int), "hit": time.notna()}, index=last.index
    ).reset_index()


def restricted_mean(times: ArrayLike, horizon: float, error: float) -> Interval:
    r"""Interval for :math:`E\min(\tau, H)`: valid at every n, as the times lie in [0, H]."""
    return mean_interval(np.minimum(np.asarray(times, float), horizon), error, support=(0.0, float(horizon)))


def mean_hitting_time(
    times: ArrayLike, hit: ArrayLike, error: float, horizon: float | None = None
) -> Interval:
    r"""Interval for :math:`E\tau`.

    When all runs hit, that of their mean; when they all hit at the same time, that of the mean restricted to
    the horizon, which is all that such a sample can bound. Otherwise only the lower end is finite: a censored
    time is a lower bound on its run's tau, so the mean of the times estimates no more than E tau; means over
    the successes only are never formed.
    """
    values, success = np.asarray(times, float), np.asarray(hit, bool)
    if success.all():
        if horizon is not None and np.ptp(values) == 0:
            return restricted_mean(values, horizon, error)
        return mean_interval(values, error)
    censored = mean_interval(values, error)
    return replace(censored, upper=math.inf, method="censored")


def hitting_quantile(times: ArrayLike, hit: ArrayLike, probability: float, error: float) -> Interval:
    r"""Quantile of tau from the Kaplan-Meier curve, with the interval from its log-log band.

    An end that the data do not reach is infinite.
    """
    values, success = np.asarray(times, float), np.asarray(hit, bool)
    if not success.any():
        return Interval(math.inf, float(values.min()), math.inf, 1 - error, values.size, "kaplan-meier")
    curve = stats.ecdf(stats.CensoredData.right_censored(values, ~success)).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # undefined at the ends: see _first_below
        band = curve.confidence_interval(1 - error, method="log-log")
    level = 1 - probability
    low, middle, high = (
        _first_below(curve.quantiles, part.probabilities, level) for part in (band.low, curve, band.high)
    )
    return Interval(middle, low, high, 1 - error, values.size, "kaplan-meier")


def average_running_time(times: ArrayLike, hit: ArrayLike, horizon: float, error: float) -> Interval:
    r"""Interval for the expected iterations to a hit with independent restarts at the horizon H.

    :math:`E\min(\tau,H)/P(\tau\le H)`, the aRT of the COCO platform; the interval combines those of numerator
    and denominator at half the error each.
    """
    success = np.asarray(hit, bool)
    mean = restricted_mean(times, horizon, error / 2)
    rate = proportion_interval(int(success.sum()), success.size, error / 2)
    estimate = mean.estimate / rate.estimate if success.any() else math.inf
    upper = mean.upper / rate.lower if rate.lower > 0 else math.inf
    return Interval(estimate, mean.lower / rate.upper, upper, 1 - error, success.size, "running time")


def _first_below(times: np.ndarray, survival: np.ndarray, level: float) -> float:
    # NaN: scipy's log-log band at survival 1 (nothing can be said yet) and 0 (all are gone).
    filled = np.asarray(pd.Series(survival).ffill().fillna(1.0))
    below = np.flatnonzero(filled <= level)
    return float(times[below[0]]) if below.size else math.inf
