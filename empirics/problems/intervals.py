"""Outward-rounded interval arithmetic for the constants: what a family's proof is written in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from mpmath.ctx_iv import MPIntervalContext

Interval = Any
"""An mpmath interval."""

IV = MPIntervalContext()
IV.prec = 80

WAVE: Interval = IV.mpf([-1, 1])
"""All that a cosine can be."""


def exact(number: float) -> Interval:
    """Return the interval that is just this double."""
    return IV.mpf(float(number))


def span(low: Any, high: Any) -> Interval:
    """Return the interval from the lowest of ``low`` to the highest of ``high``."""
    return IV.mpf([IV.mpf(low).a, IV.mpf(high).b])


def largest(intervals: Iterable[Interval]) -> Interval:
    """Enclose the largest of some enclosed numbers."""
    known = [IV.mpf(item) for item in intervals]
    return IV.mpf(
        [max((item.a for item in known), key=float).a, max((item.b for item in known), key=float).b]
    )


def size(interval: Interval) -> Interval:
    """Enclose the largest absolute value that is taken, when every number of the interval is taken."""
    return largest([-IV.mpf(interval.a), IV.mpf(interval.b)])


def root(interval: Interval) -> Interval:
    """Enclose the square root of a number that is known to be >= 0."""
    return IV.sqrt(IV.mpf([max(float(interval.a), 0.0), interval.b]))


def mean(numbers: Iterable[Interval]) -> Interval:
    """Enclose a mean."""
    terms = list(numbers)
    return sum(terms, IV.mpf(0)) / len(terms)


def covariance(x: np.ndarray, y: np.ndarray) -> Interval:
    """Enclose the covariance of two lists of doubles, all equally likely."""
    a, b = [exact(v) for v in x], [exact(v) for v in y]
    return mean(p * q for p, q in zip(a, b, strict=True)) - mean(a) * mean(b)


def spread(vectors: np.ndarray) -> Interval:
    r"""Enclose :math:`\sqrt{E\|x - E\,x\|^2}` of vectors of doubles, all equally likely, one a row."""
    return root(sum((covariance(x, x) for x in vectors.T), IV.mpf(0)))


def sine_pair(x: np.ndarray, cosines: np.ndarray, sines: np.ndarray) -> Interval:
    r"""Enclose a bound on the variance of :math:`x_i + c_i\sin t + s_i\cos t` over i, for every t.

    It is :math:`\operatorname{Var}x + 2|(\operatorname{Cov}(x,c), \operatorname{Cov}(x,s))|` plus the top
    eigenvalue of the covariance matrix of (c, s); equality holds when the middle term vanishes.
    """
    cross = root(covariance(x, cosines) ** 2 + covariance(x, sines) ** 2)
    p, r, q = covariance(cosines, cosines), covariance(sines, sines), covariance(cosines, sines)
    return covariance(x, x) + 2 * cross + (p + r + root((p - r) ** 2 + 4 * q**2)) / 2


def extreme(function: Callable[[Interval], Interval], squares: Iterable[Interval]) -> Interval:
    r"""Enclose :math:`\sup_u|h(u)|` of a smooth h, even or odd, that vanishes at infinity.

    Parameters
    ----------
    function : callable
        h, on intervals.
    squares : iterable of intervals
        The squares of all its critical points.
    """
    return largest(abs(function(root(IV.mpf(square)))) for square in squares)


def top_eigenvalue(matrix: np.ndarray, points: int) -> Interval:
    r"""Enclose the largest eigenvalue of :math:`X^\top X / n` for a matrix X of doubles.

    With approximate eigenvectors V and eigenvalues D, Weyl's inequality bounds that of :math:`X^\top X` by
    :math:`\max D\,(1 + \|V^\top V - I\|_F) + \|X^\top X - VDV^\top\|_F`, and a Rayleigh quotient from below.
    """
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    x, v = IV.matrix(matrix.tolist()), IV.matrix(vectors.tolist())
    gram, best = x.T * x, v[:, v.cols - 1]
    slack = _frobenius(v.T * v - IV.eye(v.cols))
    rest = _frobenius(gram - v * IV.diag(values.tolist()) * v.T)
    quotient = (best.T * (gram * best))[0] / (best.T * best)[0]
    return span(quotient, exact(values[-1]) * (1 + slack) + rest) / points


def _frobenius(matrix: Any) -> Interval:
    return root(sum((entry**2 for entry in matrix), IV.mpf(0)))


def outward(interval: Interval) -> tuple[float, float]:
    """Return the ends as doubles, rounded outwards."""
    low, high = float(IV.mpf(interval.a).mid), float(IV.mpf(interval.b).mid)
    if not exact(low).b <= interval.a:
        low = math.nextafter(low, -math.inf)
    if not exact(high).a >= interval.b:
        high = math.nextafter(high, math.inf)
    return low, high
