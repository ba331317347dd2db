r"""Abstract instances of a lemma: what n tasks do at one point and on the way of the inner step.

Any gradients, Hessians and mean Hessians of norm at most L belong to twice differentiable losses, so these are all
instances of the assumptions (with rho left free).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds.bound import Statement
from bounds.standing import FREE, MATRICES, POINT
from validate.instances.points import Point
from validate.instances.search import Search, left_of, reach, sides

KINDS = (POINT, MATRICES, FREE)
KNOWN = {"L", "alpha", "d", "sigma", "y", "gradient", "mean_norm"}
SHAPES = ((2, 1), (3, 1), (2, 2), (3, 2))
"""Tasks and dimension."""


@dataclass(frozen=True)
class Free(Point):
    """A batch of instances; L = 1.

    Attributes
    ----------
    g : Tensor, shape (n, n_tasks, dim)
        Task gradients.
    H, mean_H : Tensor, shape (n, n_tasks, dim, dim)
        Task Hessians, at the point and along the inner step; norm at most 1.
    alpha : Tensor, shape (n, 1, 1)
        Inner step.
    """

    g: Tensor
    H: Tensor
    mean_H: Tensor
    alpha: Tensor

    @cached_property
    def P(self) -> Tensor:
        """``I - alpha H``."""
        return self.identity - self.x * self.H

    @cached_property
    def Q(self) -> Tensor:
        """``I - alpha mean_H``."""
        return self.identity - self.x * self.mean_H

    @cached_property
    def outer(self) -> Tensor:
        """``Q g``."""
        return (self.Q @ self.g.unsqueeze(-1)).squeeze(-1)

    @cached_property
    def meta(self) -> Tensor:
        """``P Q g``."""
        return (self.P @ self.outer.unsqueeze(-1)).squeeze(-1)

    @property
    def x(self) -> Tensor:
        """The inner step, ready to be combined with matrices."""
        return self.alpha.unsqueeze(-1)

    @property
    def stopped(self) -> Free:
        """The instances with gradients such that the mean adapted gradient vanishes: ``g = Q^-1 (g - E g)``."""
        centred = self.g - self.g.mean(1, keepdim=True)
        return replace(self, g=torch.linalg.solve(self.Q, centred.unsqueeze(-1)).squeeze(-1))

    @property
    def known(self) -> Mapping[str, Any]:
        """All that statements may ask: sigma is exactly the instance's own."""
        own = {"L": 1.0, "alpha": self.alpha.flatten().numpy(), "sigma": self.spread(self.g)}
        return own | self.values | {"d": float(self.g.shape[-1])}


def decode(points: np.ndarray, n: int, d: int, reach: float) -> Free:
    """Return instances from unconstrained numbers, ``size(n, d)`` for each: every instance is inside.

    Symmetric matrices are scaled into the unit ball where they leave it; alpha is a squashed number in
    (0, reach).
    """
    numbers, square = torch.from_numpy(points), n * d * d
    g = numbers[:, : n * d].reshape(-1, n, d)
    H, mean_H = (
        _ball(numbers[:, start : start + square].reshape(-1, n, d, d)) for start in (n * d, n * d + square)
    )
    alpha = (reach * torch.sigmoid(numbers[:, -1])).clamp(1e-6, reach)
    return Free(g, H, mean_H, alpha.reshape(-1, 1, 1))


def size(n: int, d: int) -> int:
    """Return how many numbers an instance is made of."""
    return n * d + 2 * n * d * d + 1


def _ball(matrices: Tensor) -> Tensor:
    symmetric = (matrices + matrices.transpose(-1, -2)) / 2
    norm = torch.linalg.eigvalsh(symmetric).abs().amax(-1)[..., None, None]
    return symmetric / norm.clamp(min=1.0)


def about(st: Statement) -> bool:
    """Whether the left side of a statement is seen from gradients and Hessians, and its right side too."""
    return left_of(*KINDS)(st) and set(st.symbols) <= KNOWN


def _sides(n: int, d: int, st: Statement, points: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return sides(st, decode(points, n, d, reach(st)))


def _shown(n: int, d: int, st: Statement, point: np.ndarray) -> dict[str, Any]:
    found = decode(point[None], n, d, reach(st))
    matrices = {"H": found.H[0].tolist(), "mean H": found.mean_H[0].tolist()}
    return {"alpha L": float(found.alpha), "g": found.g[0].tolist()} | matrices


SEARCHES = tuple(
    Search(about, size(*shape), partial(_sides, *shape), partial(_shown, *shape)) for shape in SHAPES
)
