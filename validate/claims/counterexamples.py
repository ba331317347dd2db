"""Problems that were made to show one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics.problems.base import Certificate, Problem


@dataclass(frozen=True, kw_only=True)
class OppositeSlopes(Problem):
    r"""Two cosine valleys with opposite slopes, :math:`f_\pm(w) = (L/k^2)\cos kw \pm sw`.

    At w = 0 all curvatures are -L, the mean gradient vanishes and each task's gradient is :math:`\pm s`: an
    inner step makes all of them longer. :math:`L`, :math:`\rho = Lk` and :math:`\sigma = s` are attained.
    """

    family: ClassVar[str] = "opposite-slopes"
    dim: int = 1
    n_tasks: int = 2
    L: float = 1.0
    k: float = 0.1
    s: float = 1.0

    @property
    def spec(self) -> str:
        """The factory of this instance."""
        return "validate.claims.counterexamples:opposite_slopes"

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Constants; Delta counts from the bottom of the valleys' mean."""
        return {
            "L": Certificate(self.L, "L", True),
            "rho": Certificate(self.L * self.k, "L k", True),
            "sigma": Certificate(self.s, "s", True),
            "sigma_tilde": Certificate(0.0, "no sampling noise", True),
            "sigma_H": Certificate(0.0, "no sampling noise", True),
            "Delta": Certificate(2 * self.L / self.k**2, "2 L/k^2", False),
        }

    @property
    def start(self) -> Tensor:
        """The origin."""
        return torch.zeros(1, dtype=torch.float64)

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss."""
        return (self.L / self.k**2 * torch.cos(self.k * w) + self._slope(tasks) * w).squeeze(-1)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Exact task gradient."""
        return -self.L / self.k * torch.sin(self.k * w) + self._slope(tasks)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Exact task Hessian times v."""
        return -self.L * torch.cos(self.k * w) * v

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Nothing is random."""
        return np.zeros((*tasks.shape, 0))

    def _slope(self, tasks: Tensor) -> Tensor:
        return (self.s * (1 - 2 * (tasks % 2))).unsqueeze(-1).to(torch.float64)


def opposite_slopes() -> OppositeSlopes:
    """Return the instance on which erratum E1 is shown."""
    return OppositeSlopes()
