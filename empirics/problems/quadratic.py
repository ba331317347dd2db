"""Quadratic: the calibration problem, whose stationary variance is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics import checks
from empirics.problems.frame import Point
from empirics.problems.intervals import IV, Interval, covariance, exact, largest, root
from empirics.problems.minimum import Minimum
from empirics.problems.separable import Separable

PLACE = 4


@dataclass(frozen=True, kw_only=True)
class Quadratic(Separable):
    r"""Bowls with task centres: SGD's stationary variance is known, which calibrates the simulator.

    .. math:: f_i(w) = \sum_j \tfrac12 q_j (z_j - c_{ij})^2, \qquad \rho = 0,\quad
              \sigma^2 = \sum_j q_j^2 \operatorname{Var} c_{ij}.

    Attributes
    ----------
    mu : float, optional
        Smallest of the curvatures q_j, which go from L to mu; L itself by default. Unit F/W^2.
    """

    family: ClassVar[str] = "quadratic"
    formulas = ("max_j q_j", "0: the Hessian is constant", "sqrt(sum_j q_j^2 Var c_j), constant in w")
    mu: float | None = None

    def validate(self) -> None:
        """Check n_tasks >= 2 and mu in (0, L]."""
        checks.count("n_tasks", self.n_tasks, least=2)
        if self.mu is not None:
            checks.number("mu", self.mu, most=self.L, open_below=True, open_above=False)

    @cached_property
    def stiffness(self) -> np.ndarray:
        """Curvatures q_j, from L to mu."""
        return np.geomspace(self.L, self.L if self.mu is None else self.mu, self.dim)

    @cached_property
    def centres(self) -> np.ndarray:
        """Centres c_i with mean zero, scaled to sigma."""
        c = self.centred("centres")
        return c * (self.sigma / np.sqrt(((self.stiffness * c) ** 2).sum(1).mean()))

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`\frac12 q (z-c)^2`."""
        return self.table("stiffness", p.z) / 2 * self._away(tasks, p) ** 2

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        """``q (z - c)``."""
        return self.table("stiffness", p.z) * self._away(tasks, p)

    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        """``q``."""
        return self.table("stiffness", p.z).expand(
            *torch.broadcast_shapes(tasks.shape, p.z.shape[:-1]), self.dim
        )

    def _away(self, tasks: Tensor, p: Point) -> Tensor:
        return p.z - self.rows("centres", tasks, p.z)

    def fo_plateau(self, alpha: float) -> float:
        """FO-MAML's limit of ||grad F||: zero, since the Hessians are equal."""
        checks.step(alpha, self.L)
        return 0.0

    @property
    def basin(self) -> tuple[Tensor, Tensor]:
        """The range of the centres."""
        return torch.from_numpy(self.centres.min(0)), torch.from_numpy(self.centres.max(0))

    def minimum(self, alpha: float | None = None) -> Minimum:
        r"""Return min F, at the mean centre: :math:`\frac12 q_j(1-\alpha q_j)^2\operatorname{Var}c_{ij}`."""
        step = 0.0 if alpha is None else checks.step(alpha, self.L)
        least = self.stiffness / 2 * (1 - step * self.stiffness) ** 2 * (self.centres**2).mean(0)
        known = torch.from_numpy(least)
        return Minimum(known * (1 - 1e-14), known, torch.zeros_like(known))

    @property
    def hessian_lipschitz(self) -> float:
        """Zero."""
        return 0.0

    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma."""
        parts = zip(self.stiffness, self.centres.T, strict=True)
        variance = sum((exact(q) ** 2 * covariance(c, c) for q, c in parts), IV.mpf(0))
        return {"L": largest(map(exact, self.stiffness)), "rho": IV.mpf(0), "sigma": root(variance)}
