"""Shared Hessian: heterogeneous nonconvex tasks on which FO-MAML has no floor at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics import checks
from empirics.problems.frame import Point
from empirics.problems.intervals import Interval, spread
from empirics.problems.ripple import Rippled

PLACE = 3


@dataclass(frozen=True, kw_only=True)
class SharedHessian(Rippled):
    r"""One nonconvex shape plus a slope per task: FO-MAML reaches stationary points of F exactly.

    .. math:: f_i(w) = s(w) + \langle b_i, z\rangle, \qquad
              s(w) = \sum_j \tfrac12 q_j z_j^2 + A\cos(k z_j + \varphi_j).

    All Hessians are equal, so :math:`\nabla F = (I - \alpha\nabla^2 s)\, E\,\nabla f_i(w_i^+)`, and both
    vanish together. :math:`L = \max_j q_j + Ak^2`, :math:`\rho = Ak^3`, :math:`\sigma^2 = E\|b_i\|^2`, all
    attained.
    """

    family: ClassVar[str] = "shared-hessian"
    formulas = ("max_j q_j + A k^2", "A k^3", "sqrt(E||b_i||^2), constant in w")

    def validate(self) -> None:
        """Check n_tasks >= 2 and rho > 0."""
        checks.count("n_tasks", self.n_tasks, least=2)
        checks.positive("rho", self.rho)

    @cached_property
    def h(self) -> float:
        """Curvature A k^2 of the ripple. Unit F/W^2."""
        return (0.75 if self.dim == 1 else 0.4) * self.L

    @property
    def swing(self) -> float:
        """Largest slope A k of the ripple. Unit F/W."""
        return self.h / self.k

    @cached_property
    def phases(self) -> np.ndarray:
        r"""Phases :math:`\varphi_j`, the same for every task."""
        return self.rng("phases").uniform(0, 2 * np.pi, self.dim)

    @cached_property
    def slopes(self) -> np.ndarray:
        """Slopes b_i with mean zero, scaled to sigma."""
        b = self.centred("slopes")
        return b * (self.sigma / np.sqrt((b**2).sum(1).mean()))

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`\frac12 q z^2 + b z + A\cos(kz+\varphi)`."""
        q, b = self.table("stiffness", p.z), self.rows("slopes", tasks, p.z)
        return (q / 2 * p.z + b) * p.z + self.h / self.k**2 * torch.cos(self._phase(p))

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`q z + b - Ak\sin(kz+\varphi)`."""
        q, b = self.table("stiffness", p.z), self.rows("slopes", tasks, p.z)
        return q * p.z + b - self.swing * torch.sin(self._phase(p))

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

    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma: a cosine is in [-1, 1]."""
        return self.bend_enclosures() | {"sigma": spread(self.slopes)}
