r"""Abstract instances of a lemma: what n tasks do at one point and on the way of the inner step.

A lemma about one point sees of task i only its gradient g_i, its Hessian H_i there, and the mean Hessian
:math:`\bar H_i` along the inner step; both are symmetric with norm at most L. Any such values belong to twice
differentiable losses, so these are all instances of the assumptions (with rho left free).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from bounds import statements
from bounds.bound import Statement
from bounds.symbols import L, alpha


@dataclass(frozen=True)
class Jets:
    """A batch of instances.

    Attributes
    ----------
    g : array, shape (batch, n, d)
        Task gradients.
    H, mean_H : array, shape (batch, n, d, d)
        Task Hessians, at the point and along the inner step; norm at most 1 (L = 1).
    alpha : array, shape (batch,)
        Inner step.
    """

    g: np.ndarray
    H: np.ndarray
    mean_H: np.ndarray
    alpha: np.ndarray

    @property
    def outer(self) -> np.ndarray:
        """Task gradients after the inner step, (I - alpha mean_H) g."""
        return self.g - self._step * np.einsum("bnij,bnj->bni", self.mean_H, self.g)

    @property
    def meta(self) -> np.ndarray:
        """Task meta-gradients, (I - alpha H) outer."""
        return self.outer - self._step * np.einsum("bnij,bnj->bni", self.H, self.outer)

    @staticmethod
    def length(vectors: np.ndarray) -> np.ndarray:
        """Return norms over the last axis."""
        return np.sqrt((vectors**2).sum(-1))

    @staticmethod
    def mean_square(vectors: np.ndarray) -> np.ndarray:
        """Return mean squared norms over tasks."""
        return (vectors**2).sum(-1).mean(1)

    @classmethod
    def spread(cls, vectors: np.ndarray) -> np.ndarray:
        """Return root mean square distances from the mean over tasks."""
        return np.sqrt(cls.mean_square(vectors - vectors.mean(1, keepdims=True)))

    @property
    def _step(self) -> np.ndarray:
        return self.alpha[:, None, None]

    def values(self) -> dict[str, Any]:
        """Return what statements ask about: sigma is exactly the instance's own."""
        return {
            "L": 1.0,
            "alpha": self.alpha,
            "sigma": self.spread(self.g),
            "y": self.length(self.meta.mean(1)),
            "gradient": self.length(self.g.mean(1)),
        }


@cache
def lemmas() -> Mapping[str, Statement]:
    """Return the statements about one point that ask for nothing but what an instance has, by their names."""
    known = {"L", "alpha", "sigma", "y", "gradient"}
    local = (st for st in statements().values() if st.left is not None and st.left.local)
    return MappingProxyType({st.name: st for st in local if known >= set(st.symbols)})


def reach(name: str) -> float:
    """Return how far alpha L goes in a search: inside the domain of a lemma, and at most to a half."""
    limits = [float(c.right) for c in lemmas()[name].domain if c.left == L * alpha]
    return min([0.5, *(0.99 * limit for limit in limits)])


def decode(points: np.ndarray, n: int, d: int, reach: float) -> Jets:
    """Return instances from unconstrained numbers, ``size(n, d)`` for each: every instance is inside.

    Symmetric matrices are scaled into the unit ball where they leave it; alpha is a squashed number in
    (0, reach).
    """
    batch, square = len(points), n * d * d
    g = points[:, : n * d].reshape(batch, n, d)
    H, mean_H = (
        _ball(points[:, start : start + square].reshape(batch, n, d, d)) for start in (n * d, n * d + square)
    )
    alpha = reach / (1 + np.exp(-points[:, -1]))
    return Jets(g, H, mean_H, np.clip(alpha, 1e-6, reach))


def size(n: int, d: int) -> int:
    """Return how many numbers an instance is made of."""
    return n * d + 2 * n * d * d + 1


def _ball(matrices: np.ndarray) -> np.ndarray:
    symmetric = (matrices + np.swapaxes(matrices, -1, -2)) / 2
    norm = np.abs(np.linalg.eigvalsh(symmetric)).max(-1)[..., None, None]
    return symmetric / np.maximum(norm, 1.0)


def ratio(name: str, jets: Jets) -> np.ndarray:
    """Return left side over right side for every instance."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        st = lemmas()[name]
        left = None if st.left is None else st.left.at(jets)
        return left / np.asarray(st(**jets.values()), float)
