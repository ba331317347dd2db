"""Shared Hessian: heterogeneous nonconvex tasks on which FO-MAML has no floor at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics.problems import checks
from empirics.problems.intervals import IV, WAVE, Interval, covariance, exact, largest, root, size
from empirics.problems.noise import Point
from empirics.problems.separable import Separable

PLACE = 3


@dataclass(frozen=True, kw_only=True)
class SharedHessian(Separable):
    r"""One nonconvex shape plus a slope per task: FO-MAML reaches stationary points of F exactly.

    .. math:: f_i(w) = s(w) + \langle b_i, z\rangle, \qquad
              s(w) = \sum_j \tfrac12 q_j z_j^2 + A\cos(k z_j + \varphi_j).

    All Hessians are equal, so :math:`\nabla F = (I - \alpha\nabla^2 s)\, E\,\nabla f_i(w_i^+)`, and both
    vanish together. :math:`L = \max_j q_j + Ak^2`, :math:`\rho = Ak^3`, :math:`\sigma^2 = E\|b_i\|^2`, all
    attained.

    Attributes
    ----------
    rho : float
        Lipschitz constant of the Hessians. Unit F/W^3.
    """

    family: ClassVar[str] = "shared-hessian"
    formulas = ("max_j q_j + A k^2", "A k^3", "sqrt(E||b_i||^2), constant in w")
    rho: float = 1.0

    def validate(self) -> None:
        """Check n_tasks >= 2 and rho > 0."""
        checks.count("n_tasks", self.n_tasks, least=2)
        checks.positive("rho", self.rho)

    @cached_property
    def h(self) -> float:
        """Curvature A k^2 of the ripple. Unit F/W^2."""
        return (0.75 if self.dim == 1 else 0.4) * self.L

    @cached_property
    def k(self) -> float:
        """Wave number of the ripple. Unit 1/W."""
        return self.rho / self.h

    @cached_property
    def stiffness(self) -> np.ndarray:
        """Curvatures q_j of the bowl, from L - h down to h/3: below h the tasks are not convex."""
        return np.geomspace(self.L - self.h, self.h / 3, self.dim)

    @cached_property
    def phases(self) -> np.ndarray:
        r"""Phases :math:`\varphi_j`, the same for every task."""
        return self.rng("phases").uniform(0, 2 * np.pi, self.dim)

    @cached_property
    def slopes(self) -> np.ndarray:
        """Slopes b_i with mean zero, scaled to sigma."""
        b = self.rng("slopes").standard_normal((self.n_tasks, self.dim))
        b -= b.mean(0)
        return b * (self.sigma / np.sqrt((b**2).sum(1).mean()))

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`\frac12 q z^2 + b z + A\cos(kz+\varphi)`."""
        q, b = self.table("stiffness", p.z), self.rows("slopes", tasks, p.z)
        return (q / 2 * p.z + b) * p.z + self.h / self.k**2 * torch.cos(self._phase(p))

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`q z + b - Ak\sin(kz+\varphi)`."""
        q, b = self.table("stiffness", p.z), self.rows("slopes", tasks, p.z)
        return q * p.z + b - self.h / self.k * torch.sin(self._phase(p))

    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`q - Ak^2\cos(kz+\varphi)`, the same for every task."""
        shared = self.table("stiffness", p.z) - self.h * torch.cos(self._phase(p))
        return shared.expand(*torch.broadcast_shapes(tasks.shape, p.z.shape[:-1]), self.dim)

    def _phase(self, p: Point) -> Tensor:
        return self.k * p.z + self.table("phases", p.z)

    def fo_plateau(self, alpha: float) -> float:
        """FO-MAML's limit of ||grad F||: zero, for every alpha in (0, 1/L)."""
        checks.step(alpha, self.L)
        return 0.0

    @property
    def basin(self) -> tuple[Tensor, Tensor]:
        r"""Critical points have :math:`|q z + b| \le Ak`."""
        b, q, swing = self.slopes, self.stiffness, self.h / self.k
        return torch.from_numpy((-b.max(0) - swing) / q), torch.from_numpy((-b.min(0) + swing) / q)

    @property
    def hessian_lipschitz(self) -> float:
        """The constant rho."""
        return self.rho

    @property
    def default_wavenumber(self) -> float:
        """The noise shares the wave number of the ripple."""
        return self.k

    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma: a cosine is in [-1, 1]."""
        h, k = exact(self.h), exact(self.k)
        variance = sum((covariance(b, b) for b in self.slopes.T), IV.mpf(0))
        return {
            "L": largest(size(exact(q) + h * WAVE) for q in self.stiffness),
            "rho": h * k,
            "sigma": root(variance),
        }
