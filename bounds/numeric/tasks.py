"""Abstract tasks at one point: gradients, Hessians and mean Hessians of norm at most L, nothing else assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bounds.numeric.search import Measured, Probe, logistic

TASKS, DIM = 2, 2
_MATRIX = DIM * (DIM + 1) // 2


class Tasks:
    """Two tasks in the plane (or on a line): all that the lemmas at one point talk about."""

    def __init__(self, theta: np.ndarray, dim: int = DIM, reach: float = 0.7) -> None:
        self.L, self.dim = 1.0, dim
        self.alpha = reach * logistic(theta[0])
        numbers = iter(theta[1:])
        self.gradients = np.array([[next(numbers) for _ in range(dim)] for _ in range(TASKS)])
        self.hessians = np.array([_symmetric(numbers, dim) for _ in range(TASKS)])
        self.means = np.array([_symmetric(numbers, dim) for _ in range(TASKS)])
        self._derive()

    def _derive(self) -> None:
        eye = np.eye(self.dim)
        self.P, self.Q = eye - self.alpha * self.hessians, eye - self.alpha * self.means
        self.adapted = np.einsum("ijk,ik->ij", self.Q, self.gradients)
        self.meta = np.einsum("ijk,ik->ij", self.P, self.adapted)

    @property
    def values(self) -> dict[str, float]:
        """The values of the theory's symbols at this point."""
        mean = self.gradients.mean(0)
        spread = float(np.sqrt(((self.gradients - mean) ** 2).sum(1).mean()))
        return {
            "L": self.L,
            "alpha": self.alpha,
            "d": self.dim,
            "sigma": spread,
            "y": float(np.linalg.norm(self.meta.mean(0))),
            "gradient": float(np.linalg.norm(mean)),
        }


def _symmetric(numbers: Iterator[float], dim: int) -> np.ndarray:
    upper = np.zeros((dim, dim))
    for i in range(dim):
        for j in range(i, dim):
            upper[i, j] = upper[j, i] = next(numbers)
    size = np.linalg.norm(upper, 2)
    return np.asarray(upper / max(float(size), 1.0))


def _count(dim: int) -> int:
    return 1 + TASKS * dim + 2 * TASKS * (dim * (dim + 1) // 2)


def _std(vectors: np.ndarray) -> float:
    return float(np.sqrt(((vectors - vectors.mean(0)) ** 2).sum(1).mean()))


def _rms(vectors: np.ndarray) -> float:
    return float(np.sqrt((vectors**2).sum(1).mean()))


def _probe(quantity: Callable[[Tasks], Any], dim: int = DIM, reach: float = 0.7) -> Probe:
    def measure(theta: np.ndarray) -> Measured:
        tasks = Tasks(theta, dim, reach)
        return Measured(float(quantity(tasks)), tasks.values)

    return Probe(_count(dim), measure)


def relation(dim: int = DIM, reach: float = 0.7) -> Probe:
    """Norm of the mean gradient."""
    return _probe(lambda t: np.linalg.norm(t.gradients.mean(0)), dim, reach)


def root_mean_square() -> Probe:
    """Root mean square of the gradients."""
    return _probe(lambda t: _rms(t.gradients), reach=0.5)


def second_moment(dim: int = DIM, reach: float = 0.5) -> Probe:
    """Second moment of the meta-gradients."""
    return _probe(lambda t: _rms(t.meta) ** 2, dim, reach)


def spread_meta() -> Probe:
    """Spread of the meta-gradients."""
    return _probe(lambda t: _std(t.meta))


def spread_adapted() -> Probe:
    """Spread of the adapted gradients."""
    return _probe(lambda t: _std(t.adapted))


def adapted_rms() -> Probe:
    """Root mean square of the adapted gradients."""
    return _probe(lambda t: _rms(t.adapted))


def plateau() -> Probe:
    """Meta-gradient where the mean adapted gradient vanishes: g_i = Q_i^{-1} gp_i."""

    def measure(theta: np.ndarray) -> Measured:
        tasks = Tasks(theta, reach=0.99)
        gp = tasks.gradients - tasks.gradients.mean(0)
        tasks.gradients = np.linalg.solve(tasks.Q, gp[:, :, None])[:, :, 0]
        tasks._derive()
        return Measured(float(np.linalg.norm(tasks.meta.mean(0))), tasks.values)

    return Probe(_count(DIM), measure)


def matrices(kind: str) -> Probe:
    """||PQ - (1+x^2)I||, <Pv, Qv> or ||Pv|| for unit v."""
    dim = 1 if kind == "line" else DIM

    def measure(theta: np.ndarray) -> Measured:
        tasks = Tasks(theta, dim, reach=1.0)
        p, q, v = tasks.P[0], tasks.Q[0], tasks.gradients[0]
        x = tasks.alpha
        v = v / max(float(np.linalg.norm(v)), 1e-9)
        left = {
            "product": lambda: np.linalg.norm(p @ q - (1 + x * x) * np.eye(dim), 2),
            "line": lambda: np.linalg.norm(p @ q - (1 + x * x) * np.eye(dim), 2),
            "inner": lambda: v @ p @ q @ v,
            "norm": lambda: np.linalg.norm(p @ v),
        }[kind]()
        return Measured(float(left), tasks.values)

    return Probe(_count(dim), measure)
