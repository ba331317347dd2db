r"""Points at which lemmas are looked at: everything exact, because the tasks are enumerated.

A lemma about one point sees of task i its gradient :math:`g_i`, its Hessian there, and the mean Hessian along the
inner step. Arrays have the shape ``(n, n_tasks, dim)`` for n points; a left side is an array of length n.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds import Constants
from empirics.problems import several
from empirics.problems.base import Problem

NODES = 4


class Point:
    r"""What left sides are made of, whatever the points belong to.

    Attributes
    ----------
    g, outer, meta : Tensor, shape (n, n_tasks, dim)
        Task gradients at the point and after the inner step, and task meta-gradients.
    P, Q : Tensor, shape (n, n_tasks, dim, dim)
        :math:`I - \alpha\nabla^2 f_i(w)`, and the same with the mean Hessian over the inner step.
    x : number or Tensor
        The inner step in units of 1/L.
    known : mapping
        All that statements may ask.
    """

    g: Any
    outer: Any
    meta: Any
    P: Any
    Q: Any
    x: Any
    known: Any

    @property
    def y(self) -> np.ndarray:
        r""":math:`\|\nabla F(w)\|`."""
        return self.length(self.meta.mean(1))

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """What statements may ask about the points themselves."""
        return {
            "y": self.y,
            "gradient": self.length(self.g.mean(1)),
            "mean_norm": torch.linalg.vector_norm(self.g, dim=-1).mean(1).numpy(),
        }

    # ---- what formulas of left sides call ---------------------------------------------------------

    @staticmethod
    def length(vectors: Tensor) -> np.ndarray:
        """Return norms over the last axis."""
        return torch.linalg.vector_norm(vectors, dim=-1).numpy()

    @staticmethod
    def mean_square(vectors: Tensor) -> np.ndarray:
        """Return mean squared norms over the second axis."""
        return vectors.square().sum(-1).mean(1).numpy()

    def spread(self, vectors: Tensor) -> np.ndarray:
        """Return root mean square distances from the mean over the second axis."""
        return np.sqrt(self.mean_square(vectors - vectors.mean(1, keepdim=True)))

    @property
    def identity(self) -> Tensor:
        """The unit matrix."""
        return torch.eye(self.g.shape[-1], dtype=torch.float64)

    @property
    def factors(self) -> Tensor:
        """P and Q together, ``(n, 2 n_tasks, dim, dim)``."""
        return torch.cat([self.P, self.Q], 1)

    @staticmethod
    def most(matrices: Tensor) -> np.ndarray:
        """Return the largest stretch of a vector by any of the matrices."""
        return torch.linalg.matrix_norm(matrices, ord=2).amax(1).numpy()

    @staticmethod
    def least(matrices: Tensor) -> np.ndarray:
        """Return the smallest stretch of a vector by any of the matrices, which are symmetric."""
        return torch.linalg.eigvalsh(matrices).abs().amin((1, 2)).numpy()

    @staticmethod
    def lowest(matrices: Tensor) -> np.ndarray:
        r"""Return the smallest :math:`\langle v, Mv\rangle` of a unit vector and any of the matrices."""
        return torch.linalg.eigvalsh((matrices + matrices.transpose(-1, -2)) / 2).amin((1, 2)).numpy()


@dataclass(frozen=True)
class Local(Point):
    """All exact derivatives of a problem at points, computed once.

    Attributes
    ----------
    problem : Problem
    w : Tensor, shape (n, dim)
    alpha : float
    """

    problem: Problem
    w: Tensor
    alpha: Any

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
    def constants(self) -> Constants:
        """The problem's constants."""
        return self.problem.constants()

    @property
    def x(self) -> Any:
        """The inner step in units of 1/L."""
        return self.alpha * self.constants.L

    @cached_property
    def P(self) -> Tensor:
        r""":math:`I - \alpha\nabla^2 f_i(w)`."""
        return self.identity - self.alpha * self._hessians(self.points)

    @cached_property
    def Q(self) -> Tensor:
        """The mean over the inner step as a sum with positive weights (Gauss-Legendre).

        Its norm is at most L, as that of the mean: what is said of Q holds for it without an error of quadrature.
        """
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        mean = sum(
            weight / 2 * self._hessians(self.points - (1 + node) / 2 * self.alpha * self.g)
            for node, weight in zip(nodes, weights, strict=True)
        )
        return self.identity - self.alpha * mean

    def _hessians(self, points: Tensor) -> Tensor:
        """Return every task's Hessian at points ``(n, 1 or n_tasks, dim)``, column by column."""
        basis = torch.eye(self.problem.dim, dtype=torch.float64)
        return self.problem.hessian_vector(self.tasks.unsqueeze(-1), points.unsqueeze(-2), basis)

    @property
    def known(self) -> Mapping[str, Any]:
        """All that statements may ask: the constants, alpha, the dimension, and what is seen at the points."""
        own = {"alpha": self.alpha, "d": self.problem.dim}
        return self.constants.values() | own | self.values

    @property
    def steepest(self) -> np.ndarray:
        """Change of grad F to the neighbours, over the distance."""
        other = self.neighbours()
        change = self.problem.meta_gradient(other, self.alpha) - self.meta.mean(1)
        return self.length(change) / self.length(other - self.w)

    @property
    def parabolas(self) -> np.ndarray:
        """Distance of F from its tangent over the squared distance, far enough apart for round-off."""
        step = 30 * (self.neighbours() - self.w)
        ahead, here = (self.problem.objective(w, self.alpha) for w in (self.w + step, self.w))
        slope = (self.meta.mean(1) * step).sum(-1)
        return ((ahead - here - slope).abs() / step.square().sum(-1)).numpy()

    def after(self, steps: int) -> Point:
        """Return the same points for the objective with so many inner steps."""
        return self if steps == 1 else Later(self, steps)

    def neighbours(self) -> Tensor:
        """Return another point for each one, at distances from 1e-3 to 3 times L/rho."""
        rng = np.random.default_rng(0)
        size = scale(self.constants) * 10 ** rng.uniform(-3, 0.5, (len(self.w), 1))
        direction = rng.standard_normal(self.w.shape)
        return self.w + torch.from_numpy(size * direction / np.linalg.norm(direction, axis=1, keepdims=True))


@dataclass(frozen=True)
class Later(Point):
    """Points of a problem, for the objective with several inner steps.

    Attributes
    ----------
    base : Local
        The same points for one inner step.
    steps : int
    """

    base: Local
    steps: int

    @property
    def w(self) -> Tensor:
        """The points."""
        return self.base.w

    @property
    def g(self) -> Tensor:
        """Task gradients at the points themselves."""
        return self.base.g

    @cached_property
    def path(self) -> list[Tensor]:
        """Every task's points along the inner steps, the last one included."""
        base = self.base
        return several.path(base.problem, base.tasks, base.points, base.alpha, self.steps)

    @cached_property
    def outer(self) -> Tensor:
        """Task gradients after the inner steps."""
        return self.base.problem.gradient(self.base.tasks, self.path[-1])

    @cached_property
    def meta(self) -> Tensor:
        """Task meta-gradients."""
        base = self.base
        return several.back(base.problem, base.tasks, self.path[:-1], base.alpha, self.outer)

    @property
    def known(self) -> Mapping[str, Any]:
        """All that statements may ask: what is seen at the points, and the constants."""
        known: Any = self.base.known
        return ChainMap(self.values, known)

    @property
    def steepest(self) -> np.ndarray:
        """Change of grad F to the neighbours, over the distance."""
        other = self.base.neighbours()
        change = Later(replace(self.base, w=other), self.steps).meta.mean(1) - self.meta.mean(1)
        return self.length(change) / self.length(other - self.base.w)


def scale(constants: Constants) -> float:
    """Return the length over which Hessians change: L/rho, or 1 where they do not."""
    return constants.L / constants.rho if constants.rho else 1.0
