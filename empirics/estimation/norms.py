r"""An interval for the norm of a mean from independent vectors, without the bias that their noise adds.

:math:`\|\bar G\|^2` is too large by the noise of the mean. Here the vectors are put together in m blocks, with
means :math:`M_1..M_m` of mean :math:`\mu` and covariance S. The square is estimated by the U-statistic U, the
mean of :math:`\langle M_k, M_l\rangle` over k unlike l, whose mean is exact and whose variance is

.. math:: \frac{4}{m} \mu' S \mu + \frac{2}{m(m-1)} \operatorname{tr} S^2.

The upper end is the largest :math:`\|\mu\|` for which U is not too small by Student's quantile of this. What is
needed of S along :math:`\mu` is taken along the mean of half of the blocks, on the other half, and is not less
than :math:`\operatorname{tr} S^2/\operatorname{tr} S`, what it is along noise. For the lower end one half of the
blocks chooses a direction u and the other half measures :math:`\langle u, \mu\rangle \le \|\mu\|`: an ordinary
mean, whatever the dimension.
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
    square, along = _square(means), means[1::2] @ _direction(means[::2])
    quantile = float(stats.t.ppf(1 - error / 2, m // 2 - 1))
    lower = max(0.0, below(along, error=error / 2))
    upper = _upper(means, square, float(along.var(ddof=1)), quantile)
    return NormInterval(math.sqrt(max(0.0, square)), min(lower, upper), upper, 1 - error, n)


def _square(means: np.ndarray) -> float:
    """Return the mean of the products of different blocks."""
    gram = means @ means.T
    return float(gram.sum() - np.trace(gram)) / (len(means) * (len(means) - 1))


def _direction(means: np.ndarray) -> np.ndarray:
    direction = means.mean(0)
    size = float(np.linalg.norm(direction))
    return direction / size if size > 0 else direction


def _upper(means: np.ndarray, square: float, along: float, quantile: float) -> float:
    r"""Return the r with :math:`r^2 - U = t\sqrt{4 r^2 s^2/m + 2\operatorname{tr}S^2/(m(m-1))}`."""
    m = len(means)
    noise = means - means.mean(0)
    gram = noise @ noise.T
    trace = float(np.trace(gram)) / (m - 1)
    trace_of_square = float((gram**2).sum() - (np.diag(gram) ** 2).sum()) / (m * (m - 1))
    spread = max(along, trace_of_square / trace if trace > 0 else 0.0)
    a, b = 4 * quantile**2 * spread / m, 2 * quantile**2 * trace_of_square / (m * (m - 1))
    return math.sqrt(max(0.0, square + a / 2 + math.sqrt(max(0.0, a * square + a**2 / 4 + b))))
