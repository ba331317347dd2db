r"""The exact objective with N inner steps: the mean of :math:`f_i(w_N)`, and its gradient."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from bounds.constants import Constants
from bounds.errors import InputError
from bounds.theory.algorithm import Algorithm
from empirics import checks
from empirics.problems.base import Problem
from empirics.problems.confront import confronted as look
from empirics.problems.line import Line
from empirics.problems.mean_direction import GaussianInner

REACH, NODES = 10.0, 4001
MOST = 1_000_000


def path(problem: Problem, tasks: Tensor, w: Tensor, alpha: float, steps: int) -> list[Tensor]:
    """Return every task's points of N exact inner steps, the first and the last included."""
    points = [w]
    for _ in range(steps):
        points.append(points[-1] - alpha * problem.gradient(tasks, points[-1]))
    return points


def back(problem: Problem, tasks: Tensor, points: list[Tensor], alpha: float, v: Tensor) -> Tensor:
    r"""Return :math:`P_0 \cdots P_{N-1} v`, the factors at the points that are given."""
    for w in reversed(points):
        v = v - alpha * problem.hessian_vector(tasks, w, v)
    return v


def meta(problem: Problem, w: Tensor, alpha: float, steps: int = 1) -> tuple[Tensor, Tensor]:
    r"""Return exact F and :math:`\nabla F` with N inner steps, at points ``(..., dim)``."""
    if steps == 1:
        return problem.meta(w, alpha)
    tasks, start = problem.every_task(w)
    *points, last = path(problem, tasks, start, alpha, steps)
    slope = back(problem, tasks, points, alpha, problem.gradient(tasks, last))
    return problem.loss(tasks, last).mean(-1), slope.mean(-2)


def meta_gradient(problem: Problem, w: Tensor, alpha: float, steps: int = 1) -> Tensor:
    r"""Return exact :math:`\nabla F` with N inner steps."""
    return problem.meta_gradient(w, alpha) if steps == 1 else meta(problem, w, alpha, steps)[1]


def outer_mean(problem: Problem, w: Tensor, alpha: float, steps: int) -> Tensor:
    r"""Return the exact :math:`E_i\nabla f_i(w_N)`."""
    tasks, start = problem.every_task(w)
    return problem.gradient(tasks, path(problem, tasks, start, alpha, steps)[-1]).mean(-2)


def constants(problem: Problem, alpha: float, steps: int = 1) -> Constants:
    """Return the constants of a problem; Delta for F with N inner steps, which no inner step raises above f.

    For alpha <= 1/L: the least value of F is at least the mean of the tasks' own.
    """
    known = problem.constants(alpha)
    if steps == 1:
        return known
    infima: Any = getattr(problem, "task_infima", None)
    if infima is None:
        return replace(known, Delta=problem.constants().Delta)
    start = float(meta(problem, problem.start, alpha, steps)[0])
    return replace(known, Delta=max(0.0, start - float(infima.mean())))


def confronted(problem: Problem, alpha: float | None, steps: int = 1, seed: int = 0) -> Constants:
    """Return the constants, those on trust confronted with a quick look; of several steps Delta is not looked at.

    Without an inner step Delta is one for all of them.
    """
    if steps == 1:
        return look(problem, alpha=alpha, seed=seed)
    given = problem.constants() if alpha is None else constants(problem, alpha, steps)
    seen = look(problem, given, alpha, seed).observed
    return given.confronted({name: value for name, value in seen.items() if name != "Delta"})


def knows_mean(problem: object, algorithm: Algorithm, steps: int) -> bool:
    """Whether :func:`mean_direction` is known for a problem and an algorithm with so many inner steps."""
    on_a_line = isinstance(problem, GaussianInner) and problem.dim == 1
    return steps == 2 and on_a_line and not algorithm.probes and bool(algorithm.several)


def mean_direction(problem: Any, w: Tensor, alpha: float, D_in: float, hessians: bool) -> Tensor:
    r"""Return the mean of FO-MAML's or MAML's direction with two inner steps, on a line with Gaussian noise.

    The second step's mean is known in closed form at a point; over the noise of the first it is summed on a fine
    grid, which a kink of the Hessian does not spoil.

    Raises
    ------
    InputError
        When the problem is none of these.
    """
    if not isinstance(problem, GaussianInner) or problem.dim != 1:
        raise InputError("problem", checks.named(problem), "must be on a line, with Gaussian noise")
    found: Any = problem
    tasks = torch.arange(problem.n_tasks).expand(*w.shape[:-1], problem.n_tasks)
    start = w.unsqueeze(-2)
    spread = alpha * found.noise_moments(tasks, start)[0].sqrt() / math.sqrt(D_in)
    nodes = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    weights = torch.exp(-(nodes**2) / 2)
    first = start - alpha * problem.gradient(tasks, start) + spread.unsqueeze(-1) * nodes
    own = tasks.unsqueeze(-1).expand(*first.shape)
    points = first.unsqueeze(-1)
    mean = problem.adapted_gradient(own, points, alpha, D_in)
    if hessians:
        mean = mean - alpha * problem.hessian_vector(own, points, mean)
    mean = (mean.squeeze(-1) * weights).sum(-1) / weights.sum()
    if hessians:
        mean = mean - alpha * problem.hessian_vector(tasks, start, mean.unsqueeze(-1)).squeeze(-1)
    return mean.mean(-1, keepdim=True)


def fo_fixed_point(problem: Line, alpha: float, steps: int) -> Tensor:
    r"""Return where exact FO-MAML with N inner steps stops, from the start of a problem of two tasks on a line.

    Its field :math:`E_i\nabla f_i(w_N)` has the Lipschitz constant :math:`(1+x)^N L`: no zero is passed over.
    """
    smooth = (1 + alpha * problem.L) ** steps * problem.L
    tasks = torch.arange(problem.n_tasks)

    def move(t: float) -> float:
        w = problem.vector(t * problem.axis).expand(problem.n_tasks, -1)
        end = path(problem, tasks, w, alpha, steps)[-1]
        return float(problem.coordinates(problem.gradient(tasks, end).mean(0))[0]) / smooth

    return problem.march(alpha, move, MOST)


def fo_plateau(problem: Line, alpha: float, steps: int) -> float:
    r"""Return :math:`\|\nabla F\|` where exact FO-MAML with N inner steps stops."""
    return float(meta_gradient(problem, fo_fixed_point(problem, alpha, steps), alpha, steps).norm())
