r"""The lemmas' left-hand sides at points: exact, because the tasks are enumerated.

Each function takes a problem, points ``(n, dim)`` and alpha, and returns arrays of length n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds import InputError, statement, statements
from bounds.bound import Statement
from bounds.standing import Left
from bounds.symbols import d
from empirics.problems.base import Problem
from validate.tolerance import gradient_scale, round_off


@dataclass(frozen=True)
class Local:
    """All exact derivatives at points, computed once.

    Attributes
    ----------
    problem : Problem
    w : Tensor, shape (n, dim)
    alpha : float
    """

    problem: Problem
    w: Tensor
    alpha: float

    @cached_property
    def tasks(self) -> Tensor:
        """Every task at every point, ``(n, n_tasks)``."""
        return torch.arange(self.problem.n_tasks).expand(len(self.w), -1)

    @cached_property
    def points(self) -> Tensor:
        """The points, ready to be combined with all tasks, ``(n, 1, dim)``."""
        return self.w.unsqueeze(1)

    @cached_property
    def g(self) -> Tensor:
        """Task gradients, ``(n, n_tasks, dim)``."""
        return self.problem.gradient(self.tasks, self.points)

    @cached_property
    def outer(self) -> Tensor:
        """Task gradients after the inner step."""
        return self.problem.gradient(self.tasks, self.points - self.alpha * self.g)

    @cached_property
    def meta(self) -> Tensor:
        """Task meta-gradients."""
        return self.outer - self.alpha * self.problem.hessian_vector(self.tasks, self.points, self.outer)

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """What statements may ask about a point: y, gradient, mean_norm, outer_norm."""
        return {
            "y": _norm(self.meta.mean(1)),
            "gradient": _norm(self.g.mean(1)),
            "mean_norm": torch.linalg.vector_norm(self.g, dim=-1).mean(1).numpy(),
        }

    def length(self, vectors: Tensor) -> np.ndarray:
        """Return norms over the last axis."""
        return _norm(vectors)

    def spread(self, vectors: Tensor) -> np.ndarray:
        """Return root mean square distances from the mean over tasks."""
        return np.sqrt(self.mean_square(vectors - vectors.mean(1, keepdim=True)))

    def mean_square(self, vectors: Tensor) -> np.ndarray:
        """Return mean squared norms over tasks."""
        return vectors.square().sum(-1).mean(1).numpy()

    @property
    def steepest(self) -> np.ndarray:
        """Change of grad F to the neighbours, over the distance."""
        other = self.neighbours()
        change = self.problem.meta_gradient(other, self.alpha) - self.meta.mean(1)
        return _norm(change) / _norm(other - self.w)

    @property
    def parabolas(self) -> np.ndarray:
        """Distance of F from its tangent over the squared distance, far enough apart for round-off."""
        step = 30 * (self.neighbours() - self.w)
        ahead, here = (self.problem.objective(w, self.alpha) for w in (self.w + step, self.w))
        slope = (self.meta.mean(1) * step).sum(-1)
        return ((ahead - here - slope).abs() / step.square().sum(-1)).numpy()

    def neighbours(self, seed: int = 0) -> Tensor:
        """Return another point for each one, at distances from 1e-3 to 3 times L/rho."""
        rng = np.random.default_rng(seed)
        constants = self.problem.constants()
        length = constants.L / constants.rho if constants.rho else 1.0
        size = length * 10 ** rng.uniform(-3, 0.5, (len(self.w), 1))
        direction = rng.standard_normal(self.w.shape)
        return self.w + torch.from_numpy(size * direction / np.linalg.norm(direction, axis=1, keepdims=True))


def _norm(vectors: Tensor) -> np.ndarray:
    return torch.linalg.vector_norm(vectors, dim=-1).numpy()


@cache
def lemmas() -> tuple[str, ...]:
    """Return the names of the statements whose left side is known at points, but those known to be false."""
    return tuple(st.name for st in statements().values() if is_lemma(st))


def is_lemma(st: Statement) -> bool:
    """Whether a statement's left side is known at points, and it is not known to be false."""
    return st.left is not None and st.standing.kind != "refuted"


def _left(name: str) -> Left:
    left = statement(name).left
    if left is None:
        raise InputError("statement", name, "has no left side that is known at points")
    return left


def applies(name: str, problem: Problem) -> bool:
    """Whether the condition on the dimension, where a statement has one, allows this problem."""
    return all(c.holds(problem.dim, int(c.right)) for c in statement(name).domain if c.left == d)


def doubt(name: str, problem: Problem, w: Tensor, alpha: float, left: np.ndarray) -> np.ndarray:
    """Return the round-off of a left-hand side at points, from that of the tasks' gradients."""
    local = Local(problem, w, alpha)
    scale = gradient_scale(local.values["mean_norm"], problem.constants().L, _norm(w))
    error = round_off(scale)
    size = _left(name).size
    if size == "square":
        return error * (2 * np.sqrt(left) + error)
    if size == "gradient":
        return error
    other = local.neighbours()
    far = gradient_scale(_norm(problem.meta_gradient(other, alpha)), problem.constants().L, _norm(other))
    return (error + round_off(far)) / _norm(other - w)


def ratios(name: str, problem: Problem, w: Tensor, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides of a statement at points."""
    local = Local(problem, w, alpha)
    left = _left(name).at(local)
    given: dict[str, Any] = problem.constants().values() | {"alpha": alpha, "d": problem.dim} | local.values
    return left, np.broadcast_to(np.asarray(statement(name)(**given), float), left.shape)
