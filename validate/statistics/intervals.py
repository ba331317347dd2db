"""Confidence intervals for means: valid at every n by betting where the range is known, for large n elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from bounds.errors import InputError
from validate.statistics.betting import lower_limit

LAST = 0.25
"""Share of a run whose mean bounds the smallest one."""
MOST_VALUES = 500_000
"""In curves of which all iterations are bounded from below at once."""
Ends = Literal["both", "lower", "upper", "neither"]


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
        "exact", "betting", "large sample", ...: see the function that made it.
    sure : {"both", "lower", "upper", "neither"}
        The ends that hold with at least their probability at every n and for every distribution. Of the others
        this is true in the limit of many observations: they are asymptotic.
    """

    estimate: float
    lower: float
    upper: float
    level: float
    n: int
    method: str
    sure: Ends = "neither"

    def __contains__(self, value: float) -> bool:
        return bool(self.lower <= value <= self.upper)

    @property
    def width(self) -> float:
        """Upper end minus lower end."""
        return self.upper - self.lower

    def mapped(self, rising: Callable[[float], float]) -> Interval:
        """Return the interval of a function of the quantity that nowhere falls."""
        return replace(
            self, estimate=rising(self.estimate), lower=rising(self.lower), upper=rising(self.upper)
        )

    def root(self) -> Interval:
        """Return the interval of the square root of a quantity that is not negative."""
        return self.mapped(lambda x: math.sqrt(max(x, 0.0)) if math.isfinite(x) else x)


def unknown(error: float, n: int, sure: Ends = "both") -> Interval:
    """Interval of a quantity of which a sample that is not finite says nothing: all numbers."""
    return Interval(math.nan, -math.inf, math.inf, 1 - error, n, "not finite", sure)


def around(value: float, radius: float, error: float, n: int, method: str) -> Interval:
    """Interval of a value give or take a radius; all numbers where either is not finite."""
    if not (math.isfinite(value) and math.isfinite(radius)):
        return unknown(error, n, "neither")
    return Interval(value, value - radius, value + radius, 1 - error, n, method)


def mean_interval(
    sample: ArrayLike, error: float, support: tuple[float, float] = (-math.inf, math.inf)
) -> Interval:
    r"""Two-sided interval for the mean of independent observations, half of the error on each side.

    An end on whose side the observations are bounded comes from :func:`~validate.statistics.betting.lower_limit`
    and holds at every n: with ``support = (0, inf)`` the lower one, with a finite support both.

    No end of an unbounded side can hold for every distribution: a value too rare to have been seen may carry any
    part of the mean. There, Student's end together with its version after Hall's cubic correction for skewness
    (P. Hall, "On the removal of skewness by transformation", JRSS B 54, 1992), at the sample's skewness plus and
    minus its standard error. It is asymptotic, and how far off it is for heavy tails is measured in
    ``docs/power.md``. With fewer than :func:`least_observations` it is not given: that end is infinite. So it is
    for a sample without any spread, which says nothing about rare other values.

    Parameters
    ----------
    sample : array, shape (n,)
    error : float
        In (0, 1).
    support : (float, float), optional
        Known range of one observation.

    Raises
    ------
    InputError
        When an observation lies outside of the support.
    """
    values = checked(sample, error)
    if not np.isfinite(values).all():
        return unknown(error, values.size)
    low, high = support
    if not (low < high and (values >= low).all() and (values <= high).all()):
        raise InputError("support", support, f"must contain the sample [{values.min()}, {values.max()}]")
    bounded = -math.inf < low and high < math.inf
    below, above, method = (low, high, "") if bounded else _large_sample(values, error)
    if low > -math.inf:
        below = low + lower_limit(values - low, error / 2)
    if high < math.inf:
        above = high - lower_limit(high - values, error / 2)
    names: dict[tuple[bool, bool], tuple[str, Ends]] = {
        (True, True): ("betting", "both"),
        (True, False): (f"betting below, {method} above", "lower"),
        (False, True): (f"{method} below, betting above", "upper"),
        (False, False): (method, "neither"),
    }
    made, sure = names[low > -math.inf, high < math.inf]
    return Interval(float(values.mean()), below, above, 1 - error, values.size, made, sure)


def least_observations(error: float) -> int:
    r"""Return the fewest observations from which an asymptotic interval is given at this two-sided error.

    After the correction for skewness the probability of a miss is off by a factor of about
    :math:`1 + z^4\kappa/(24n)`, z the normal quantile and :math:`\kappa` the excess kurtosis: for an exponential
    law, :math:`\kappa = 6`, the factor is at most 2 from :math:`n = z^4/4` on.
    """
    return max(4, math.ceil(float(special.ndtri(error / 2)) ** 4 / 4))


def exact_interval(value: float, tolerance: float = 0.0) -> Interval:
    """Interval of a number that was computed, not sampled: ``value`` up to its numerical error."""
    return Interval(value, value - tolerance, value + tolerance, 1.0, 1, "exact", "both")


def best_mean_interval(curves: ArrayLike, error: float) -> Interval:
    r"""Interval for :math:`\min_k E y_k` with :math:`y_k \ge 0`, from independent curves.

    The smallest sample mean is too small by selection, so neither end selects. Lower end, by betting: the larger
    of the limits of :math:`E \min_k y_k \le \min_k E y_k` and, unless the run is very long, of all
    :math:`E y_k` at once. Upper end: that of the mean over the last quarter of the run, since the smallest is at
    most any mean; it is asymptotic.

    Parameters
    ----------
    curves : array, shape (n, K)
    error : float
    """
    values = np.asarray(curves, dtype=float)
    if values.ndim != 2 or not np.isfinite(values).all():
        return unknown(error, len(values))
    last = max(1, round(LAST * values.shape[1]))
    upper = mean_interval(values[:, -last:].mean(1), error, (0.0, math.inf))
    lower = lower_limit(values.min(1), error / 4)
    if values.size <= MOST_VALUES:
        lower = max(lower, lower_limit(values.T, error / 4 / values.shape[1]))
    return replace(upper, estimate=float(values.mean(0).min()), lower=lower)


def checked(sample: ArrayLike, error: float) -> np.ndarray:
    """Return a sample as an array; raise InputError for none, or for an error outside of (0, 1)."""
    if not 0 < error < 1:
        raise InputError("error", error, "must be in (0, 1)")
    values = np.asarray(sample, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise InputError("sample", values.shape, "must be one-dimensional and not empty")
    return values


def _large_sample(values: np.ndarray, error: float) -> tuple[float, float, str]:
    n, least = values.size, least_observations(error)
    if n < least:
        return -math.inf, math.inf, f"too few observations ({n}, not {least})"
    if np.ptp(values) == 0:
        return -math.inf, math.inf, "no spread"
    low, high = _studentised(_skewness(values), n, error)
    mean, scale = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    return mean - scale * high, mean - scale * low, "large sample"


def _skewness(values: np.ndarray) -> float:
    """Return ``scipy.stats.skew(values, bias=False)``, without its slower preparations."""
    n, mean = values.size, values.mean()
    away = values - mean
    second, third = (away**2).mean(), (away**2 * away).mean()
    if second <= (np.finfo(float).eps * mean) ** 2:
        return math.nan
    return float(((n - 1.0) * n) ** 0.5 / (n - 2.0) * third / second**1.5)


def _studentised(skew: float, n: int, error: float) -> tuple[float, float]:
    quantile = float(special.stdtrit(n - 1, 1 - error / 2))
    doubt = math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    ends = [
        _hall(a / (3 * math.sqrt(n)), x) for a in (skew - doubt, skew + doubt) for x in (-quantile, quantile)
    ]
    return min(-quantile, *ends), max(quantile, *ends)


def _hall(a: float, x: float) -> float:
    """Return Hall's transformed quantile; its limit at a = 0 is x itself."""
    return (math.cbrt(1 + 3 * a * (x - a / 2)) - 1) / a if a else x


def norm_interval(size: float, deviation: float, n: int, error: float) -> Interval:
    r"""Interval for :math:`\|\mu\|` from :math:`\|\bar X\|` with :math:`E\|\bar X-\mu\|^2` = deviation^2.

    For a Gaussian mean the norm of its error exceeds ``deviation (1 + sqrt(2 log(1/error)))`` with probability
    at most ``error`` (concentration of a 1-Lipschitz function), in every dimension.
    """
    radius = deviation * (1 + math.sqrt(2 * math.log(1 / error)))
    made = around(size, radius, error, n, "norm of a mean")
    return replace(made, lower=max(0.0, made.lower)) if math.isfinite(made.lower) else made


def proportion_interval(successes: int, n: int, error: float) -> Interval:
    """Exact interval for a probability (C. Clopper and E. Pearson, Biometrika 26, 1934), valid at every n."""
    if not 0 <= successes <= n:
        raise InputError("successes", successes, f"must be in 0..{n}")
    found = stats.binomtest(successes, n).proportion_ci(1 - error, method="exact")
    ends = float(found.low), float(found.high)
    return Interval(successes / n, *ends, 1 - error, n, "clopper-pearson", "both")
