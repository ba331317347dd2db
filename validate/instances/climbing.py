"""The hill climber: many starts side by side, random steps of all sizes, kept when the score rises.

What it climbs over are unconstrained numbers, of which others are made that lie between bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Score = Callable[[np.ndarray], np.ndarray]


def tame(numbers: np.ndarray) -> np.ndarray:
    """Keep numbers below 3 in size: constants then lie within three orders of magnitude."""
    return 3 * np.tanh(numbers / 3)


def share(numbers: Any) -> Any:
    """Map numbers into (0.001, 0.9995)."""
    return 0.001 + 0.9985 / (1 + np.exp(-2 * numbers))


def climb(
    score: Score,
    points: np.ndarray,
    rng: np.random.Generator,
    rounds: int,
    sizes: tuple[float, float] = (-4.0, 0.5),
    length: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Improve every point by random steps that are kept when the score rises; NaN never rises.

    The size of a step is drawn anew from several orders of magnitude, so that no schedule has to be chosen.

    Parameters
    ----------
    score : callable
        From points ``(n, m)`` to one number for each.
    points : array, shape (n, m)
        The starts.
    rng : Generator
    rounds : int
    sizes : pair of float
        Orders of magnitude between which the size of a step lies, in units of ``length``.
    length : float

    Returns
    -------
    array, array
        The best points, and their scores; minus infinity where a score is NaN.
    """
    best = points.copy()
    value = np.nan_to_num(score(best), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    for _ in range(rounds):
        size = length * 10 ** rng.uniform(*sizes, (len(best), 1))
        trial = best + size * rng.standard_normal(best.shape)
        found = np.nan_to_num(score(trial), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        better = found > value
        best[better], value = trial[better], np.where(better, found, value)
    return best, value
