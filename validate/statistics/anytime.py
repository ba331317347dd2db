"""Confidence sequences: intervals that hold at all sample sizes at once, so stopping early is allowed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def bounded_sequence(
    sample: ArrayLike, error: float, support: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    r"""Lower and upper ends for the mean after 1..n bounded observations, all valid together.

    Predictable plug-in empirical Bernstein sequence (Waudby-Smith and Ramdas, JRSS B 86, 2024, theorem 2),
    running intersection. Holds for every n and every distribution on the support.
    """
    low, high = support
    x = (np.asarray(sample, dtype=float) - low) / (high - low)
    counts = np.arange(1, x.size + 1)
    means = (0.5 + np.cumsum(x)) / (counts + 1)
    variances = (0.25 + np.cumsum((x - means) ** 2)) / (counts + 1)
    past_mean = np.concatenate(([0.5], means[:-1]))
    past_variance = np.concatenate(([0.25], variances[:-1]))
    bets = np.minimum(np.sqrt(2 * math.log(2 / error) / (past_variance * counts * np.log1p(counts))), 0.5)
    psi = (-np.log1p(-bets) - bets) / 4
    total = np.cumsum(bets)
    centre = np.cumsum(bets * x) / total
    radius = (math.log(2 / error) + np.cumsum(psi * 4 * (x - past_mean) ** 2)) / total
    lower = np.maximum.accumulate(np.clip(centre - radius, 0, 1))
    upper = np.minimum.accumulate(np.clip(centre + radius, 0, 1))
    return low + (high - low) * lower, low + (high - low) * upper


def mean_sequence(sample: ArrayLike, error: float, first: int = 20) -> tuple[np.ndarray, np.ndarray]:
    r"""Lower and upper ends for the mean of unbounded observations, after ``first``..n of them.

    Robbins' normal mixture with the running standard deviation (Waudby-Smith et al., "Time-uniform central
    limit theory", Annals of Statistics 52, 2024): asymptotically valid, at all sample sizes from ``first``;
    tightest near ``4 * first`` observations. Before ``first`` the ends are infinite.
    """
    x = np.asarray(sample, dtype=float)
    counts = np.arange(1, x.size + 1)
    means = np.cumsum(x) / counts
    squares = np.maximum(np.cumsum(x**2) / counts - means**2, 0.0)
    spread = np.sqrt(squares * counts / np.maximum(counts - 1, 1))
    scale = counts * (-2 * math.log(error) + math.log(-2 * math.log(error)) + 1) / (4 * first) + 1
    rho2n = scale - 1
    radius = spread * np.sqrt(2 * (rho2n + 1) / (counts * rho2n) * np.log(np.sqrt(rho2n + 1) / error))
    radius[counts < first] = math.inf
    return means - radius, means + radius
