r"""An interval for the norm of a mean from independent vectors, without the bias that their noise adds.

:math:`\|\bar G\|^2` is too large by the noise of the mean. Here the vectors are put together in blocks, with means
:math:`M_1..M_m`. The square is estimated by the U-statistic of :math:`\langle M_k, M_l\rangle`, k unlike l, whose
mean is exact. The upper end is Student's with the jackknife's variance, which is too large for a degenerate
U-statistic, as this one is near a stationary point. For the lower end one half of the blocks chooses a direction u
and the other half measures :math:`\langle u, \mu\rangle \le \|\mu\|`: an ordinary mean, whatever the dimension.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from empirics.estimation.records import below

BLOCKS = 32
LEAST = 8


@dataclass(frozen=True)
class NormInterval:
    """An interval for a norm; ``exact`` where nothing was sampled."""

    estimate: float
    lower: float
    upper: float
    level: float
    n: int
    exact: bool = False


class Blocks:
    """Vectors as they come, summed into blocks in turn.

    Parameters
    ----------
    dim : int
    count : int
        Number of blocks.
    """

    def __init__(self, dim: int, count: int = BLOCKS) -> None:
        self._sums, self._counts = np.zeros((count, dim)), np.zeros(count, dtype=int)
        self.n = 0

    def add(self, vector: np.ndarray) -> None:
        """Put a vector into the next block."""
        place = self.n % len(self._counts)
        self._sums[place] += vector
        self._counts[place] += 1
        self.n += 1

    def means(self) -> np.ndarray:
        """Return the means of the blocks that are as full as the fullest but one, ``(blocks, dim)``."""
        full = self._counts >= max(1, self._counts.max() - 1)
        return self._sums[full] / self._counts[full, None]


def norm_interval(means: np.ndarray, n: int, error: float = 0.05) -> NormInterval:
    """Return the interval for the norm of the vectors' common mean, half of the error on each side.

    Parameters
    ----------
    means : array, shape (blocks, dim)
        Independent, with one mean and about the same spread.
    n : int
        How many vectors are behind them.
    error : float
    """
    m = len(means)
    if m < LEAST or not np.isfinite(means).all():
        return NormInterval(math.nan, 0.0, math.inf, 1 - error, n)
    square, spread = _u_statistic(means @ means.T)
    quantile = float(stats.t.ppf(1 - error / 2, m - 1))
    lower = _along_a_direction(means, error / 2)
    upper = math.sqrt(max(0.0, square + quantile * spread))
    return NormInterval(math.sqrt(max(0.0, square)), min(lower, upper), upper, 1 - error, n)


def _u_statistic(gram: np.ndarray) -> tuple[float, float]:
    """Return the mean of the products of different blocks, and its standard error by the jackknife."""
    m = len(gram)
    rest = gram.sum(1) - np.diag(gram)
    total = rest.sum()
    without = (total - 2 * rest) / ((m - 1) * (m - 2))
    variance = (m - 1) / m * ((without - without.mean()) ** 2).sum()
    return total / (m * (m - 1)), math.sqrt(variance)


def _along_a_direction(means: np.ndarray, error: float) -> float:
    direction = means[::2].mean(0)
    size = float(np.linalg.norm(direction))
    if not size > 0:
        return 0.0
    return max(0.0, below(means[1::2] @ (direction / size), error=error))
