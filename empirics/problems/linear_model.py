r"""Finite data: :math:`f_i(w) = \frac1n\sum_j \varphi_{ij}(\langle x_{ij}, w\rangle)` with a bounded-slope link.

A batch of D draws with replacement from the n points of a task is its multinomial counts: the mean over it
costs n, whatever D is.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.intervals import IV, Interval, exact, largest, mean, root, top_eigenvalue
from empirics.problems.synthetic import Synthetic


@dataclass(frozen=True, kw_only=True)
class LinearModel(Synthetic):
    r"""Tasks with n data points each and a link :math:`\varphi` of the prediction.

    With :math:`S_i = \frac1n X_i^\top X_i` and :math:`\Lambda = \max_i\lambda_{\max}(S_i)`, and bounds
    :math:`c_1, c_2, c_3` of the link's first three derivatives (a family gives them):

    .. math:: L = c_2\Lambda,\quad \rho = c_3\Lambda\max\|x_{ij}\|,\quad
              \sigma^2 = c_1^2\,E_i\lambda_{\max}(S_i),\quad
              \tilde\sigma^2 = c_1^2\max_i\tfrac1n\textstyle\sum_j\|x_{ij}\|^2,\quad
              \sigma_H^2 = c_2^2\max_i\tfrac1n\sum_j\|x_{ij}\|^4 .

    The features are scaled so that L is as given, the link so that sigma is.

    Attributes
    ----------
    points : int
        Data points n of each task.
    """

    dim: int = 5
    n_tasks: int = 20
    points: int = 30

    def validate(self) -> None:
        """Check n_tasks >= 1, points >= 1, sigma > 0."""
        checks.count("n_tasks", self.n_tasks)
        checks.count("points", self.points)
        checks.positive("sigma", self.sigma)

    @property
    @abstractmethod
    def link_bounds(self) -> tuple[float, float, float]:
        r"""Bounds :math:`c_1, c_2, c_3` of the first three derivatives of the link."""

    @abstractmethod
    def link(self, tasks: Tensor, prediction: Tensor, order: int) -> Tensor:
        r"""Return the links :math:`\varphi_{ij}` at the predictions, or a derivative, ``(*S, points)``."""

    @property
    @abstractmethod
    def top_eigenvalue(self) -> float:
        r"""The value :math:`\Lambda` to which the features are scaled, so that L is as given."""

    @cached_property
    def raw_features(self) -> np.ndarray:
        """Features before scaling, ``(n_tasks, points, dim)``, with a different shape in every task."""
        rng = self.rng("features")
        stretch = np.exp(0.5 * rng.standard_normal((self.n_tasks, 1, self.dim)))
        return self.oriented(rng.standard_normal((self.n_tasks, self.points, self.dim)) * stretch)

    def oriented(self, features: np.ndarray) -> np.ndarray:
        """Return the features times their labels, where the labels are signs."""
        return features

    @cached_property
    def raw_eigenvalues(self) -> np.ndarray:
        r"""Largest eigenvalue of each task's :math:`S_i` before scaling."""
        return np.linalg.norm(self.raw_features, 2, axis=(1, 2)) ** 2 / self.points

    @cached_property
    def features(self) -> np.ndarray:
        r"""Features :math:`x_{ij}`, ``(n_tasks, points, dim)``."""
        return self.raw_features * np.sqrt(self.top_eigenvalue / self.raw_eigenvalues.max())

    @cached_property
    def evenness(self) -> float:
        r"""How far :math:`E_i\lambda_{\max}(S_i)` is below its largest: a number in (0, 1]."""
        return float(self.raw_eigenvalues.mean() / self.raw_eigenvalues.max())

    @cached_property
    def flat_features(self) -> np.ndarray:
        """Features with one row per task, ``(n_tasks, points * dim)``."""
        return self.features.reshape(self.n_tasks, -1)

    # ---- derivatives --------------------------------------------------------------------------------

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""
        return self.link(tasks, self._predict(self._x(tasks, w), w), 0).mean(-1)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        r"""Gradient :math:`\sum_j p_j \varphi_{ij}' x_{ij}`, p the shares of the points in the batch."""
        x = self._x(tasks, w)
        return self._combine(x, self.link(tasks, self._predict(x, w), 1), batch)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        r"""Product :math:`\sum_j p_j \varphi_{ij}'' x_{ij}\langle x_{ij}, v\rangle`."""
        x = self._x(tasks, w)
        return self._combine(x, self.link(tasks, self._predict(x, w), 2) * self._predict(x, v), batch)

    def _x(self, tasks: Tensor, w: Tensor) -> Tensor:
        return self.rows("flat_features", tasks, w).unflatten(-1, (self.points, self.dim))

    def _predict(self, x: Tensor, w: Tensor) -> Tensor:
        return (x @ w.unsqueeze(-1)).squeeze(-1)

    def _combine(self, x: Tensor, weights: Tensor, batch: Tensor | None) -> Tensor:
        weights = weights / self.points if batch is None else weights * batch
        return (weights.unsqueeze(-2) @ x).squeeze(-2)

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw the shares of the points among D draws with replacement, ``(*tasks.shape, points)``."""
        chances = np.full(self.points, 1 / self.points)
        return rng.multinomial(checks.count("D", D), chances, size=tasks.shape) / D

    def noise_moments(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        r"""Exact :math:`E\|\cdot\|^2` of one draw's gradient noise and (Frobenius) Hessian noise at w."""
        x = self._x(tasks, w)
        prediction, squares = self._predict(x, w), (x**2).sum(-1)
        first, second = self.link(tasks, prediction, 1), self.link(tasks, prediction, 2)
        mean = self._combine(x, first, None)
        hessian = (second.unsqueeze(-1) * x).transpose(-1, -2) @ x / self.points
        return (
            (first**2 * squares).mean(-1) - (mean**2).sum(-1),
            (second**2 * squares**2).mean(-1) - (hessian**2).sum((-1, -2)),
        )

    # ---- constants ----------------------------------------------------------------------------------

    @property
    def task_infima(self) -> Tensor:
        """Zero: the link is nonnegative."""
        return torch.zeros(self.n_tasks, dtype=torch.float64)

    @abstractmethod
    def link_enclosures(self) -> tuple[Interval, Interval, Interval]:
        r"""Enclose the largest absolute value of each of the link's first three derivatives."""

    def enclosures(self) -> dict[str, Interval]:
        """Enclose the bounds of the constants over the whole space, by interval arithmetic."""
        c1, c2, c3 = self.link_enclosures()
        tops = [top_eigenvalue(x, self.points) for x in self.features]
        squares = [[sum((exact(v) ** 2 for v in row), IV.mpf(0)) for row in x] for x in self.features]
        return {
            "L": c2 * largest(tops),
            "rho": c3 * largest(tops) * root(largest(s for task in squares for s in task)),
            "sigma": c1 * root(mean(tops)),
            "sigma_tilde": c1 * root(largest(mean(task) for task in squares)),
            "sigma_H": c2 * root(largest(mean(s**2 for s in task) for task in squares)),
        }

    @property
    def L_attained(self) -> bool:
        """Whether some point has every link at its largest curvature."""
        return False

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Certified constants; Delta is for one alpha in (0, 1/L], or for all of them when alpha is None."""
        c1, c2, c3 = self.link_bounds
        squares = (self.features**2).sum(2)
        top = self.top_eigenvalue
        gradient, hessian = squares.mean(1).max(), (squares**2).mean(1).max()
        return {
            "L": Certificate(c2 * top, "c2 max_i lam_max(S_i)", self.L_attained),
            "rho": Certificate(c3 * top * math.sqrt(squares.max()), "c3 max_i lam_max(S_i) max|x|", False),
            "sigma": Certificate(c1 * math.sqrt(top * self.evenness), "c1 sqrt(E lam_max(S_i))", False),
            "sigma_tilde": Certificate(c1 * math.sqrt(gradient), "c1 sqrt(max_i mean|x|^2)", False),
            "sigma_H": Certificate(c2 * math.sqrt(hessian), "c2 sqrt(max_i mean|x|^4), Frobenius", False),
            "Delta": self.delta(alpha),
        }
