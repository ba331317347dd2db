"""Ramp: a long gentle descent, on which the iteration bound is needed almost in full."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from bounds.errors import InputError
from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.frame import Point
from empirics.problems.intervals import Interval, exact, spread
from empirics.problems.separable import Separable

PLACE = 10


@dataclass(frozen=True, kw_only=True)
class Ramp(Separable):
    r"""A descent of slope epsilon and total drop Delta: order Delta L/epsilon^2 iterations are needed.

    .. math:: f_i(w) = r(z_1) + \tfrac L2\sum_{j>1} (z_j - c_{ij})^2, \qquad
              r'(t) = -\epsilon,\ t \le 0; \quad r''(t) = \min(\rho t, L),\ t > 0 .

    The slope is one part in a million above epsilon, so that the ramp itself is no epsilon-FOSP. L and rho are
    attained; the centres c_i have mean zero and :math:`\sigma^2 = L^2\sum_j\operatorname{Var} c_{ij}`.

    Attributes
    ----------
    epsilon : float
        Slope of the ramp. Unit F/W.
    rho : float
        Lipschitz constant of the Hessians. Unit F/W^3.
    """

    family: ClassVar[str] = "ramp"
    formulas = ("r'' beyond the bend", "slope of r'' in the bend", "L sqrt(sum_j Var c_j), constant in w")
    dim: int = 1
    n_tasks: int = 1
    sigma: float = 0.0
    sigma_tilde: float = 0.0
    Delta: float | None = 1.0
    epsilon: float = 0.1
    rho: float = 1.0

    def validate(self) -> None:
        """Check epsilon > 0, rho > 0, and that heterogeneous tasks have the room to differ."""
        checks.positive("epsilon", self.epsilon)
        checks.positive("rho", self.rho)
        checks.count("n_tasks", self.n_tasks)
        if self.sigma > 0 and (self.dim < 2 or self.n_tasks < 2):
            raise InputError("sigma", self.sigma, "must be 0 unless dim >= 2 and n_tasks >= 2")

    @property
    def steepness(self) -> float:
        """The slope of the ramp, just above epsilon. Unit F/W."""
        return self.epsilon * (1 + 1e-6)

    @cached_property
    def centres(self) -> np.ndarray:
        """Centres c_i with mean zero, scaled to sigma; nothing along the ramp."""
        c = self.centred("centres")
        c[:, 0] = 0.0
        return c * (self.sigma / self.L / np.sqrt((c**2).sum(1).mean())) if self.sigma else 0 * c

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`r(z_1) e_1 + \frac L2 (z - c)^2`."""
        return self._with_bowl(self._descent(p, 0), self.L / 2 * self._away(tasks, p) ** 2)

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`r'(z_1) e_1 + L(z - c)`."""
        return self._with_bowl(self._descent(p, 1), self.L * self._away(tasks, p))

    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`r''(z_1) e_1 + L`."""
        return self._with_bowl(self._descent(p, 2), self.L + 0 * self._away(tasks, p))

    def _with_bowl(self, descent: Tensor, bowl: Tensor) -> Tensor:
        return pad(bowl[..., 1:], (1, 0)) + pad(descent, (0, self.dim - 1))

    def _away(self, tasks: Tensor, p: Point) -> Tensor:
        return p.z - self.rows("centres", tasks, p.z)

    def _descent(self, p: Point, order: int) -> Tensor:
        t = p.z[..., :1]
        bend, straight = t.clamp(0, self.L / self.rho), (t - self.L / self.rho).clamp(min=0)
        if order == 2:
            return self.rho * bend
        if order == 1:
            return -self.steepness + self.rho * bend**2 / 2 + self.L * straight
        gained = self.rho * bend**3 / 6 + (self.rho * bend**2 + self.L * straight) * straight / 2
        return -self.steepness * t + gained

    @property
    def foot(self) -> float:
        """The place along the ramp where the slope is zero. Unit W."""
        gain = self.L**2 / (2 * self.rho)
        if self.steepness <= gain:
            return math.sqrt(2 * self.steepness / self.rho)
        return self.L / self.rho + (self.steepness - gain) / self.L

    @property
    def basin(self) -> tuple[Tensor, Tensor]:
        """The foot of the ramp, and the range of the centres."""
        low, high = (torch.from_numpy(ends) for ends in (self.centres.min(0), self.centres.max(0)))
        low[0] = high[0] = self.foot
        return low, high

    @property
    def centre(self) -> Tensor:
        """The minimiser of f."""
        return self.vector(self.axis * self.foot)

    @cached_property
    def ray(self) -> Tensor:
        """Up the ramp."""
        return self.vector(-self.axis)

    @property
    def hessian_lipschitz(self) -> float:
        """The constant rho."""
        return self.rho

    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma: the curvature of the ramp rises from 0 to L with slope rho."""
        L = exact(self.L)
        return {"L": L, "rho": exact(self.rho), "sigma": L * spread(self.centres)}

    def task_certificates(self) -> dict[str, Certificate]:
        """L, rho and sigma, all attained; without noise also M, the largest E||grad f_i|| on the way down."""
        known = super().task_certificates()
        if self.sigma == 0 and self.sigma_tilde == 0:
            known["M"] = Certificate(self.steepness, "epsilon (1 + 1e-6), from w_0 down to the foot", True)
        return known
