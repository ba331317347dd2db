"""Points of a problem to climb from: around its start, on the way down, and its own landmarks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from empirics.problems import several
from empirics.problems.base import Problem
from validate.instances.points import scale

PATH = 200


def starts(problem: Problem, alpha: float, rng: np.random.Generator, count: int) -> Tensor:
    """Return points to climb from: random ones, MAML's path, and the problem's own landmarks where it has any."""
    points = on_the_way(problem, alpha, around(problem, rng, count))
    known = problem.landmarks()
    if known is not None and len(known[1]):
        points[1::2] = known[1][torch.arange(count // 2) % len(known[1])]
    return points


def around(problem: Problem, rng: np.random.Generator, count: int) -> Tensor:
    """Return points around the starting point, at distances from 0.01 to 30 times L/rho, and the point itself."""
    direction = unit_vectors(rng, count, problem.dim)
    size = scale(problem.constants()) * 10 ** rng.uniform(-2, 1.5, (count, 1))
    size[0] = 0.0
    return problem.start + torch.from_numpy(size * direction)


def unit_vectors(rng: np.random.Generator, count: int, dim: int) -> np.ndarray:
    """Return vectors of length 1 in random directions, ``(count, dim)``."""
    drawn = rng.standard_normal((count, dim))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def downhill(problem: Problem, alpha: float, inner_steps: int) -> Iterator[Tensor]:
    """Yield the points after one, two and more exact gradient steps on F from the start, of length 1/(2L)."""
    w, step = problem.start, 0.5 / problem.constants().L
    while True:
        w = w - step * several.meta_gradient(problem, w, alpha, inner_steps)
        yield w


def on_the_way(problem: Problem, alpha: float, points: Tensor) -> Tensor:
    r"""Replace every fourth point by one of MAML's exact path from the start, with the step 1/(2L).

    They are spread over its first 200 iterations, early ones more densely.
    """
    w, path, smoothness = problem.start, [problem.start], problem.constants().L
    for _ in range(PATH):
        w = w - problem.meta_gradient(w, alpha) / (2 * smoothness)
        path.append(w)
    rows = len(points[::4])
    chosen = np.unique(np.geomspace(1, PATH + 1, rows).round().astype(int) - 1)
    mixed = points.clone()
    mixed[::4] = torch.stack([path[k] for k in np.resize(chosen, rows)])
    return mixed
