"""Times to reach a target when some runs end before they reach it."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from validate.statistics.intervals import Interval, mean_interval

if TYPE_CHECKING:
    import pandas as pd


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
    whole = time.fillna(last).astype(int).to_frame("time")
    return whole.assign(hit=time.notna()).reset_index()


def mean_hitting_time(times: ArrayLike, hit: ArrayLike, error: float, horizon: float) -> Interval:
    r"""Interval for :math:`E\min(\tau, H)`, H the horizon, valid at every n: the times lie in [0, H].

    :math:`E\tau` is larger, so the lower end holds for it as well. When a run did not hit, the upper end is
    infinite: a censored time is a lower bound on its run's tau, and means over the successes only are never
    formed.
    """
    values = np.minimum(np.asarray(times, float), horizon)
    made = mean_interval(values, error, (0.0, float(horizon)))
    if np.asarray(hit, bool).all():
        return made
    return replace(made, upper=math.inf, method="betting below, censored above")


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


def _first_below(times: np.ndarray, survival: np.ndarray, level: float) -> float:
    # NaN: scipy's log-log band at survival 1 (nothing can be said yet) and 0 (all are gone).
    known = np.maximum.accumulate(np.where(np.isnan(survival), 0, np.arange(1, len(survival) + 1)))
    filled = np.concatenate([[1.0], survival])[known]
    below = np.flatnonzero(filled <= level)
    return float(times[below[0]]) if below.size else math.inf
