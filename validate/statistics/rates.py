"""Exponents of power laws, with an interval and a stated fitting window."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from bounds.errors import InputError
from validate.statistics.intervals import Interval


@dataclass(frozen=True)
class Exponent:
    """A fitted power ``y ~ x**p``.

    Attributes
    ----------
    interval : Interval
        Of p.
    window : (float, float)
        Smallest and largest x that were used.
    left_out : tuple of float
        The x that were left out because y is within ten times the stated floor.
    curvature : float
        Largest difference between local slopes in the window; large: not yet a power law.
    """

    interval: Interval
    window: tuple[float, float]
    left_out: tuple[float, ...]
    curvature: float


def local_slopes(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return d log y / d log x between neighbouring points."""
    return np.diff(np.log(np.asarray(y, float))) / np.diff(np.log(np.asarray(x, float)))


def fit_exponent(
    x: ArrayLike, y: ArrayLike, error: float, deviation: ArrayLike | None = None, floor: float = 0.0
) -> Exponent:
    r"""Fit p in :math:`y \sim x^p`.

    With ``deviation`` (standard errors of y), weighted least squares of log y on log x; the residuals enter
    when they are larger than the stated errors (lack of fit), with Student's quantile. Without it y is exact
    and the interval is the range of the local slopes: what is uncertain is only how far the limit is.

    Parameters
    ----------
    x, y : array, shape (n,)
        Positive; at least 3 points must lie above the floor.
    error : float
    deviation : array, optional
    floor : float
        Round-off or noise floor of y: points below ``10 * floor`` are left out.
    """
    order = np.argsort(np.asarray(x, float))
    xs, ys = np.asarray(x, float)[order], np.asarray(y, float)[order]
    keep = (ys > 10 * floor) & (ys > 0) & (xs > 0) & np.isfinite(ys)
    if keep.sum() < 3:
        raise InputError("y", ys.tolist(), f"needs 3 points above ten times the floor {floor:g}")
    slopes = local_slopes(xs[keep], ys[keep])
    if deviation is None:
        middle = _slope(np.log(xs[keep]), np.log(ys[keep]), np.ones(keep.sum()))[0]
        interval = Interval(middle, float(slopes.min()), float(slopes.max()), 1.0, int(keep.sum()), "exact")
    else:
        sd = np.asarray(deviation, float)[order][keep] / ys[keep]
        interval = _weighted(np.log(xs[keep]), np.log(ys[keep]), sd, error)
    window = (float(xs[keep].min()), float(xs[keep].max()))
    return Exponent(interval, window, tuple(xs[~keep].tolist()), float(np.ptp(slopes)))


def _slope(x: np.ndarray, y: np.ndarray, sd: np.ndarray) -> tuple[float, float, float]:
    weight = 1 / sd**2
    centre_x, centre_y = np.average(x, weights=weight), np.average(y, weights=weight)
    curvature = float((weight * (x - centre_x) ** 2).sum())
    slope = float((weight * (x - centre_x) * (y - centre_y)).sum() / curvature)
    misfit = float((weight * (y - centre_y - slope * (x - centre_x)) ** 2).sum())
    return slope, 1 / math.sqrt(curvature), misfit


def _weighted(x: np.ndarray, y: np.ndarray, sd: np.ndarray, error: float) -> Interval:
    slope, stated, misfit = _slope(x, y, sd)
    freedom = x.size - 2
    inflation = math.sqrt(misfit / freedom)
    radius = stated * max(
        float(special.ndtri(1 - error / 2)), inflation * float(special.stdtrit(freedom, 1 - error / 2))
    )
    return Interval(slope, slope - radius, slope + radius, 1 - error, x.size, "weighted least squares")
