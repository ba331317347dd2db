"""Confidence intervals for means, proportions and ratios of means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from bounds.errors import InputError

BETTING_GRID = 2001
CANDIDATES = 16
"""Iterations at which the best one is looked for."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval and how it was made.

    Attributes
    ----------
    estimate : float
    lower, upper : float
    level : float
        Coverage that is aimed at, two-sided.
    n : int
        Independent observations behind it; 1 for an exact value.
    method : str
        "exact", "student", "betting", ...: see the function that made it.
    """

    estimate: float
    lower: float
    upper: float
    level: float
    n: int
    method: str

    def __contains__(self, value: float) -> bool:
        return bool(self.lower <= value <= self.upper)

    @property
    def width(self) -> float:
        """Upper end minus lower end."""
        return self.upper - self.lower

    def scaled(self, factor: float) -> Interval:
        """Return the interval of ``factor * quantity``, ``factor >= 0``."""
        return replace(
            self, estimate=factor * self.estimate, lower=factor * self.lower, upper=factor * self.upper
        )

    def reciprocal(self, numerator: float) -> Interval:
        """Return the interval of ``numerator / quantity``, quantity >= 0: the slack of a bound."""
        return replace(
            self,
            estimate=_over(numerator, self.estimate),
            lower=_over(numerator, self.upper),
            upper=_over(numerator, max(self.lower, 0.0)),
        )


def mean_interval(sample: ArrayLike, error: float, support: tuple[float, float] | None = None) -> Interval:
    r"""Two-sided interval for the mean of independent observations.

    With ``support`` it is :func:`betting_interval`, which holds at every n. Without it, Student's interval
    together with its version after Hall's cubic correction for skewness (P. Hall, "On the removal of skewness
    by transformation", JRSS B 54, 1992), at the sample's skewness plus and minus its standard error: a skewed
    sample widens the interval on its long side and never narrows it. That is an approximation; by simulation
    the two-sided coverage holds for normal, exponential and log-normal (0.5) samples from n = 32 down to
    errors of 0.002, at 1.04 times Student's width for normal samples with n = 64. At the error that a check of a
    whole suite gets (4e-5) it misses 0.3 times as often as it may for normal samples, 0.7 times for exponential
    ones, about as often for log-normal (0.5), and 4 times as often for log-normal (1) ones: too short for samples
    with so heavy a tail, for which ``support`` is the answer.

    A sample without any spread says nothing about rare other values: then the lower end is
    ``v * P`` with P the exact lower limit of the probability of seeing v (v >= 0), and the upper end is open.

    Parameters
    ----------
    sample : array, shape (n,)
    error : float
        In (0, 1); half of it for each side.
    support : (float, float), optional
        Known range of one observation.
    """
    values = _sample(sample, error)
    if not np.isfinite(values).all():
        return Interval(math.nan, -math.inf, math.inf, 1 - error, values.size, "not finite")
    if support is not None:
        return betting_interval(values, error, support)
    if values.size < 2 or np.ptp(values) == 0:
        return _constant_sample(values, error)
    mean, spread, skew = values.mean(), values.std(ddof=1), float(stats.skew(values, bias=False))
    low, high = _studentised(skew, values.size, error)
    scale = spread / math.sqrt(values.size)
    return Interval(
        float(mean), float(mean - scale * high), float(mean - scale * low), 1 - error, values.size, "student"
    )


def betting_interval(sample: ArrayLike, error: float, support: tuple[float, float]) -> Interval:
    """Interval for the mean of bounded observations, valid at every n and for every distribution.

    Hedged capital of Waudby-Smith and Ramdas ("Estimating means of bounded random variables by betting",
    JRSS B 86, 2024, section 4): the means m against which no betting strategy has multiplied its capital by
    ``1/error``. The end points are rounded outwards to a grid of the support.
    """
    values = _sample(sample, error)
    low, high = support
    if not (low < high and (values >= low).all() and (values <= high).all()):
        raise InputError("support", support, f"must contain the sample [{values.min()}, {values.max()}]")
    grid = np.linspace(0.0, 1.0, BETTING_GRID)
    alive = np.flatnonzero(_log_capital((values - low) / (high - low), grid, error) < -math.log(error))
    first, last = (alive[0], alive[-1]) if alive.size else (0, BETTING_GRID - 1)
    ends = low + (high - low) * grid[[max(first - 1, 0), min(last + 1, BETTING_GRID - 1)]]
    return Interval(float(values.mean()), float(ends[0]), float(ends[1]), 1 - error, values.size, "betting")


def exact_interval(value: float, tolerance: float = 0.0) -> Interval:
    """Interval of a number that was computed, not sampled: ``value`` up to its numerical error."""
    return Interval(value, value - tolerance, value + tolerance, 1.0, 1, "exact")


def best_mean_interval(curves: ArrayLike, error: float) -> Interval:
    r"""Interval for :math:`\min_k E y_k`, from independent curves.

    The smallest sample mean is too small by selection. Upper end: the smallest of simultaneous upper limits at
    a few k, since :math:`\min_k E y_k` is at most each of them. Lower end: the larger of the lower limit of
    :math:`E \min_k y_k \le \min_k E y_k` and of the smallest simultaneous lower limit over all k.

    Parameters
    ----------
    curves : array, shape (n, K)
    error : float
    """
    values = np.asarray(curves, dtype=float)
    if values.ndim != 2 or len(values) < 4 or not np.isfinite(values).all():
        return Interval(math.nan, -math.inf, math.inf, 1 - error, len(values), "not finite")
    n, K = values.shape
    few = np.unique(np.linspace(0, K - 1, CANDIDATES).round().astype(int))
    # one side has error / 2 in all; mean_interval(e) has e / 2 on each side
    upper = min(mean_interval(values[:, k], error / few.size).upper for k in few)
    pathwise = mean_interval(values.min(1), error / 2).lower
    quantile = special.stdtrit(n - 1, 1 - error / 4 / K)
    everywhere = float((values.mean(0) - quantile * values.std(0, ddof=1) / math.sqrt(n)).min())
    return Interval(
        float(values.mean(0).min()), max(pathwise, everywhere), upper, 1 - error, n, "simultaneous"
    )


def proportion_interval(successes: int, n: int, error: float) -> Interval:
    """Exact (Clopper and Pearson) interval for a probability."""
    if not 0 <= successes <= n:
        raise InputError("successes", successes, f"must be in 0..{n}")
    result = stats.binomtest(successes, n).proportion_ci(1 - error, method="exact")
    return Interval(successes / n, float(result.low), float(result.high), 1 - error, n, "clopper-pearson")


def ratio_interval(numerator: ArrayLike, denominator: ArrayLike, error: float) -> Interval:
    """Interval for a ratio of means of paired observations with positive denominators (Fieller's theorem).

    The ratios r for which Student's test of ``E[numerator - r denominator] = 0`` does not reject; the upper
    end is infinite where the denominator's mean is not distinguishable from zero.
    """
    x, y = _sample(numerator, error), _sample(denominator, error)
    if x.size != y.size:
        raise InputError("denominator", y.size, f"must have the {x.size} observations of the numerator")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return Interval(math.nan, -math.inf, math.inf, 1 - error, x.size, "not finite")
    ratio = _over(float(x.mean()), float(y.mean()))
    covariance = np.cov(x, y) / x.size
    quantile2 = special.stdtrit(x.size - 1, 1 - error / 2) ** 2
    a = y.mean() ** 2 - quantile2 * covariance[1, 1]
    b = x.mean() * y.mean() - quantile2 * covariance[0, 1]
    c = x.mean() ** 2 - quantile2 * covariance[0, 0]
    if not a > 0:
        return Interval(ratio, -math.inf, math.inf, 1 - error, x.size, "fieller")
    root = math.sqrt(max(b * b - a * c, 0.0))
    return Interval(ratio, (b - root) / a, (b + root) / a, 1 - error, x.size, "fieller")


def _sample(sample: ArrayLike, error: float) -> np.ndarray:
    if not 0 < error < 1:
        raise InputError("error", error, "must be in (0, 1)")
    values = np.asarray(sample, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise InputError("sample", values.shape, "must be one-dimensional and not empty")
    return values


def _studentised(skew: float, n: int, error: float) -> tuple[float, float]:
    quantile = float(special.stdtrit(n - 1, 1 - error / 2))
    if n < 4:
        return -quantile, quantile
    doubt = math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    a = np.array([skew - doubt, skew + doubt]) / (3 * math.sqrt(n))
    a[a == 0] = 1e-12
    low, high = ((np.cbrt(1 + 3 * a * (x - a / 2)) - 1) / a for x in (-quantile, quantile))
    return min(-quantile, float(low.min())), max(quantile, float(high.max()))


def _constant_sample(values: np.ndarray, error: float) -> Interval:
    value, n = float(values[0]), values.size
    seen = error ** (1 / n)
    lower = value * seen if value >= 0 else -math.inf
    return Interval(value, lower, math.inf, 1 - error, n, "no spread")


def _log_capital(values: np.ndarray, grid: np.ndarray, error: float) -> np.ndarray:
    n = values.size
    counts = np.arange(1, n + 1)
    means = (0.5 + np.cumsum(values)) / (counts + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2)) / (counts + 1)
    past = np.concatenate(([0.25], variances[:-1]))
    bets = np.sqrt(2 * math.log(2 / error) / (n * past))[:, None]
    with np.errstate(divide="ignore"):
        gains = values[:, None] - grid
        up = np.log1p(np.minimum(bets, 0.5 / np.maximum(grid, 1e-12)) * gains).sum(0)
        down = np.log1p(-np.minimum(bets, 0.5 / np.maximum(1 - grid, 1e-12)) * gains).sum(0)
    return np.maximum(up, down) - math.log(2)


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.inf
