r"""A lower limit for the mean of nonnegative observations, valid at every n and for every distribution.

Someone who doubts that the mean is m bets on it before each observation: with the share f of the capital, an
observation x multiplies it by :math:`1 + f(x/m - 1)`. If the mean is at most m, the capital is a nonnegative
supermartingale and exceeds 1/error with probability at most ``error`` (Ville). The limit is the m from which on
the capital stays below (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS
B 86, 2024: their capital process, which asks for no upper bound when only the lower limit is wanted).
"""

from __future__ import annotations

import math

import numpy as np

LARGEST_BET = 0.9
HALVINGS = 32


def log_capital(values: np.ndarray, m: float, error: float) -> np.ndarray:
    r"""Return the logarithm of the capital won against the mean m > 0.

    The bets are made from the past alone: the share that is best for its spread, :math:`m\sqrt{2\log(1/e)/(nV)}`,
    V the variance of what was seen together with one deviation of the size m.

    Parameters
    ----------
    values : array, shape (..., n)
        >= 0, in the order in which they were observed; the last axis is the sample.
    """
    n = values.shape[-1]
    ratios = values / m
    counts = np.arange(1, n + 1)
    means = np.cumsum(ratios, -1) / counts
    spread = np.cumsum((ratios - means) ** 2, -1)
    past = np.concatenate((np.zeros((*values.shape[:-1], 1)), spread[..., :-1]), -1)
    bets = np.minimum(LARGEST_BET, np.sqrt(2 * math.log(1 / error) / n * counts / (1 + past)))
    return np.log1p(bets * (ratios - 1)).sum(-1)


def lower_limit(values: np.ndarray, error: float) -> float:
    """Return the largest m against which a capital of 1/error was won; 0 when there is none.

    Of several samples, shape (..., n), the smallest of their limits. The capital falls with m, so bisection finds
    it; the end below is returned.
    """
    low, high = 0.0, float(values.max(-1).min())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if not middle > 0:
            break
        if (log_capital(values, middle, error) >= -math.log(error)).all():
            low = middle
        else:
            high = middle
    return low
