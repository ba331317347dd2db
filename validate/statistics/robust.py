r"""The mean of a law of which a bound on its variance is known, and nothing of its fourth moment.

O. Catoni, "Challenging the empirical mean and empirical variance", Annales de l'IHP (B) 48, 2012, proposition 2.4:
with :math:`\psi(u) = \operatorname{sign}(u)\log(1 + |u| + u^2/2)`, the root of :math:`\sum\psi(a(X_i - \theta))`
misses the mean by more than :math:`\sqrt{2v\ell/(n - 2\ell)}`, :math:`\ell = \log(2/e)`, with probability at
most e, at every :math:`n > 2\ell` and for every law of variance at most v.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from bounds.errors import InputError
from validate.statistics.intervals import Interval, checked, unknown

HALVINGS = 60
METHOD = "variance bound"


def bounded_variance_interval(sample: ArrayLike, variance: float, error: float) -> Interval:
    """Interval for the mean of independent observations whose variance is at most the given one.

    Parameters
    ----------
    sample : array, shape (n,)
    variance : float
        A bound on the variance of one observation, >= 0 and known before the sample is seen.
    error : float
        In (0, 1).

    Returns
    -------
    Interval
        Both ends hold at every n and for every law, if the bound does; infinite for too few observations.
    """
    values = checked(sample, error)
    if not variance >= 0:
        raise InputError("variance", variance, "must be a number >= 0")
    n, doubt = values.size, math.log(2 / error)
    if not (np.isfinite(values).all() and math.isfinite(variance)):
        return unknown(error, n)
    if not n > 2 * doubt:
        return Interval(float(values.mean()), -math.inf, math.inf, 1 - error, n, METHOD, "both")
    radius = math.sqrt(2 * variance * doubt / (n - 2 * doubt))
    centre = _root(values, doubt / (n / 2 * radius)) if radius else float(values.mean())
    return Interval(centre, centre - radius, centre + radius, 1 - error, n, METHOD, "both")


def bounded_variance_norm(vectors: ArrayLike, variance: float, error: float) -> Interval:
    r"""Interval for :math:`\|E X\|` from independent vectors with :math:`E\|X - E X\|^2` at most ``variance``.

    Each coordinate has at most that variance; the error is split among them.

    Parameters
    ----------
    vectors : array, shape (n, d)
    """
    values = np.asarray(vectors, dtype=float)
    parts = [bounded_variance_interval(column, variance, error / values.shape[1]) for column in values.T]
    size = math.hypot(*(part.estimate for part in parts))
    radius = math.hypot(*(part.width / 2 for part in parts))
    known = math.isfinite(size)
    low, high = (max(0.0, size - radius), size + radius) if known else (-math.inf, math.inf)
    return Interval(size, low, high, 1 - error, len(values), METHOD, "both")


def _root(values: np.ndarray, scale: float) -> float:
    """Return the root in theta of the sum of psi, which falls with theta, by bisection."""
    low, high = float(values.min()), float(values.max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        u = scale * (values - middle)
        if float((np.sign(u) * np.log1p(np.abs(u) + u * u / 2)).sum()) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
