"""Constants on trust, confronted with what a problem shows at a handful of points within about a second."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bounds.constants import Constants, require_constants
from empirics import checks
from empirics.problems.base import Problem
from empirics.problems.quantities import Quantities, lengths
from empirics.problems.secants import steepest

TASKS = 8
DESCENT = 10
POWER = 4
FAR = (1.0, 10.0)
AROUND = 4
"""Directions in which is looked for what is no number."""
DEAR = 64
"""Dimension above which the Hessian noise, a product for each coordinate, is not looked at."""


def confronted(
    problem: Problem, constants: Constants | None = None, alpha: float | None = None, seed: int = 0
) -> Constants:
    r"""Return a problem's constants, those that a few evaluations contradict as refuted.

    Looked at: :math:`\|\nabla^2 f_i\|` by power iteration, the change of the gradients along segments, which
    shows kinks, the change of the Hessian along its top direction, the spread of the task gradients and the noise
    of one sample, at the start, one gradient step on, and a few points around; for Delta how far F falls in ten
    gradient steps. Each value is a lower bound of what the constant must bound, so that only a wrong constant is
    refuted; one that is not refuted is not confirmed.
    Constants that are certified are not looked at.

    Parameters
    ----------
    problem : Problem
        Anyone's problem.
    constants : Constants, optional
        What is to be confronted; by default the problem's own.
    alpha : float, optional
        Inner step for Delta; by default 1/(10 L).
    seed : int
        Seed of the points, tasks and directions.
    """
    checks.problem(problem)
    if alpha is not None:
        checks.positive("alpha", alpha)
    checks.seed(seed)
    given = problem.constants(alpha) if constants is None else require_constants("constants", constants)
    if all(standing == "certified" for standing in given.standing.values()):
        return given
    seen: dict[str, float] = {}
    for name, value in _observations(problem, given, alpha, seed):
        seen[name] = max(value, seen.get(name, 0.0))
    return given.confronted({n: v for n, v in seen.items() if given.standing.get(n) != "certified"})


def _observations(
    problem: Problem, c: Constants, alpha: float | None, seed: int
) -> Iterator[tuple[str, float]]:
    rng, look = np.random.default_rng([seed, 2]), Quantities(problem, seed)
    tasks = torch.from_numpy(rng.permutation(problem.n_tasks)[:TASKS])
    for point in _points(problem, c, rng):
        w = point.repeat(len(tasks), 1)
        v = _top_direction(problem, tasks, w, rng)
        yield "L", _largest(look.L(tasks, w, v))
        for length in lengths(problem, c):
            yield "rho", _largest(look.rho(tasks, w, w + length * v))
        yield "L", _largest(_along(problem, c, tasks, w, v))
        yield "sigma", _largest(look.sigma(tasks[:1], point[None], point[None]))
        yield from _noise(problem, tasks, w)
    yield "L", 0.0 if _finite(problem, c, tasks, rng) else math.inf
    yield "Delta", _fall(problem, c, alpha)


def _finite(problem: Problem, c: Constants, tasks: Tensor, rng: np.random.Generator) -> bool:
    """Whether losses and gradients are numbers at the start and around it, in some directions and against them."""
    around, length = [problem.start], lengths(problem, c)[0]
    for _ in range(AROUND):
        aside = torch.from_numpy(rng.standard_normal(problem.dim)).to(problem.start)
        step = length * aside / aside.norm()
        around += [problem.start + far * sign * step for far in FAR for sign in (1, -1)]
    seen = (look(tasks, w.unsqueeze(0)) for w in around for look in (problem.loss, problem.gradient))
    return all(bool(torch.isfinite(values).all()) for values in seen)


def _points(problem: Problem, c: Constants, rng: np.random.Generator) -> Iterator[Tensor]:
    start = problem.start
    everything = torch.arange(problem.n_tasks)
    slope = problem.gradient(everything, start.unsqueeze(0)).mean(0)
    yield start
    yield start - slope / c.L
    length = lengths(problem, c)[0]
    for far in FAR:
        aside = torch.from_numpy(rng.standard_normal(problem.dim)).to(start)
        yield start + far * length * aside / aside.norm()


def _top_direction(problem: Problem, tasks: Tensor, w: Tensor, rng: np.random.Generator) -> Tensor:
    v = torch.from_numpy(rng.standard_normal(w.shape)).to(w)
    for _ in range(POWER):
        v = v / v.norm(dim=-1, keepdim=True)
        longer = problem.hessian_vector(tasks, w, v)
        v = torch.where(longer.norm(dim=-1, keepdim=True) > 0, longer, v)
    return v / v.norm(dim=-1, keepdim=True)


def _along(problem: Problem, c: Constants, tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
    """Change of the gradients along segments of all lengths that the problem has, to both sides."""
    ends = [w + sign * length * v for length in lengths(problem, c) for sign in (1, -1)]
    return steepest(problem, tasks.repeat(len(ends)), w.repeat(len(ends), 1), torch.cat(ends))[0]


def _noise(problem: Problem, tasks: Tensor, w: Tensor) -> Iterator[tuple[str, float]]:
    known = problem.noise_moments(tasks, w) if problem.dim <= DEAR else None
    if known is not None:
        yield "sigma_tilde", _largest(known[0])
        yield "sigma_H", _largest(known[1])


def _fall(problem: Problem, c: Constants, alpha: float | None) -> float:
    """How far F falls from the start within a few exact gradient steps, where it is finite."""
    inner = 0.1 / c.L if alpha is None else alpha
    w = problem.start
    first = least = float(problem.objective(w, inner))
    for _ in range(DESCENT):
        w = w - problem.meta_gradient(w, inner) / (4 * c.L)
        value = float(problem.objective(w, inner))
        least = min(least, value) if math.isfinite(value) else least
    return first - least if math.isfinite(first) else 0.0


def _largest(squares: Tensor) -> float:
    """Root of the largest of some squares; what is not a number shows nothing."""
    return math.sqrt(max(float(squares.detach().nan_to_num(nan=0.0, posinf=0.0).max()), 0.0))
