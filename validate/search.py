"""Look for the point at which an inequality is tightest: many starts, hill climbing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from empirics.problems.base import Problem

PATH = 200
Score = Callable[[Tensor], np.ndarray]


def starting_points(problem: Problem, rng: np.random.Generator, count: int) -> Tensor:
    """Return points around the starting point, at distances from 0.01 to 30 times L/rho, and the point itself."""
    constants = problem.constants()
    length = constants.L / constants.rho if constants.rho else 1.0
    direction = rng.standard_normal((count, problem.dim))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    size = length * 10 ** rng.uniform(-2, 1.5, (count, 1))
    size[0] = 0.0
    return problem.start + torch.from_numpy(size * direction)


def seen_on_the_way(problem: Problem, alpha: float, points: Tensor, every: int = 4) -> Tensor:
    r"""Replace every fourth point by one of MAML's exact path from the start, with the step 1/(2L).

    They are spread over its first 200 iterations, early ones more densely.
    """
    w, path = problem.start, [problem.start]
    for _ in range(PATH):
        w = w - problem.meta_gradient(w, alpha) / (2 * problem.constants().L)
        path.append(w)
    rows = len(points[::every])
    chosen = np.unique(np.geomspace(1, PATH + 1, rows).round().astype(int) - 1)
    mixed = points.clone()
    mixed[::every] = torch.stack([path[k] for k in np.resize(chosen, rows)])
    return mixed


def climb(score: Score, points: Tensor, length: float, rng: np.random.Generator, rounds: int = 60) -> Tensor:
    """Improve every point by random steps that are kept when the score rises; NaN never rises.

    The size of a step is drawn anew from eight orders of magnitude, so that no schedule has to be chosen.
    """
    best = points.clone()
    value = np.nan_to_num(score(best), nan=-np.inf)
    for _ in range(rounds):
        size = length * 10 ** rng.uniform(-7, 1, (len(best), 1))
        trial = best + torch.from_numpy(size * rng.standard_normal(best.shape))
        found = np.nan_to_num(score(trial), nan=-np.inf)
        better = found > value
        best[torch.from_numpy(better)] = trial[torch.from_numpy(better)]
        value = np.where(better, found, value)
    return best
