"""Ramp and bowl: noise at its stationary level beside a descent, where guarantee and iterations are nearly met."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.frame import Point
from empirics.problems.minimum import Minimum
from empirics.problems.ramp import Ramp

PLACE = 10.5
ROUND_OFF = 1e-14


@dataclass(frozen=True, kw_only=True)
class RampBowl(Ramp):
    r"""A ramp whose tasks differ across it, started where that noise is stationary.

    .. math:: f_i(w) = r(z_1) + \tfrac L2\sum_{j>1} (z_j - c_{ij})^2, \qquad \|c_i\| = \sigma/L,

    r as for the ramp. Along the ramp every step gains the same; across it the gradient starts with the length
    ``level``, which the step of :meth:`stationary_step` keeps in the mean. The many directions across keep
    :math:`\|\nabla F\|` near its mean, so that Jensen's inequality loses little, and nothing else is lost by the
    theorem but terms of order alpha L, beta L and slope^2/(L drop). L, rho and sigma are attained.

    Attributes
    ----------
    level : float
        Length of the gradient across the ramp at the start. Unit F/W.
    """

    family: ClassVar[str] = "ramp-bowl"
    dim: int = 61
    n_tasks: int = 120
    sigma: float = 0.8
    Delta: float | None = 0.63
    rho: float = 50.0
    rotate: bool = False
    level: float = 0.1

    def validate(self) -> None:
        """Check that tasks come in pairs, that there are directions across the ramp, and the level."""
        super().validate()
        checks.number("level", self.level)
        checks.count("dim", self.dim, least=2)
        checks.count("n_tasks", self.n_tasks, least=2)
        if self.n_tasks % 2:
            raise InputError("n_tasks", self.n_tasks, "must be even: tasks come in opposite pairs")

    @cached_property
    def centres(self) -> np.ndarray:
        """Centres in opposite pairs of length sigma/L along the axes across the ramp, by turns."""
        c = np.zeros((self.n_tasks, self.dim))
        pairs = np.arange(self.n_tasks // 2)
        c[2 * pairs, 1 + pairs % (self.dim - 1)] = self.sigma / self.L
        c[2 * pairs + 1] = -c[2 * pairs]
        return c

    @property
    def across(self) -> int:
        """Number of directions across the ramp in which tasks differ."""
        return min(self.n_tasks // 2, self.dim - 1)

    @property
    def centre(self) -> Tensor:
        """The foot of the ramp, moved across it by level/L."""
        z = torch.zeros(self.dim, dtype=torch.float64)
        z[0] = self.foot
        z[1 : 1 + self.across] = self.level / self.L / math.sqrt(self.across)
        return self.vector(z)

    @property
    def drop(self) -> float:
        """By how much F falls along the ramp, from the start to where it bends, for small alpha. Unit F."""
        return self.steepness * max(0.0, -float(self.coordinates(self.start)[0]))

    def stationary_step(self, B: int) -> float:
        r"""Return :math:`\beta L` at which the gradient across keeps its level in the mean, for small alpha."""
        kept = self.level**2
        return 2 * kept / (kept + self.sigma**2 / B) if kept else 0.0

    # ---- F without a sum over the tasks: only their centres differ, with mean zero ------------------------

    @property
    def footprint(self) -> int:
        """F at a point is made of its coordinates alone."""
        return self.dim

    def objective(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact F: that of the mean loss, and :math:`(1-\alpha L)^2\sigma^2/(2L)`."""
        return self.meta(w, alpha)[0]

    def meta_gradient(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`\nabla F`: that of the mean loss."""
        return self.meta(w, alpha)[1]

    def meta(self, w: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        r"""Exact F and :math:`\nabla F` at once."""
        z = Point(self.coordinates(w))
        adapted = Point(z.z - alpha * self._mean(z, 1))
        slope = (1 - alpha * self._mean(z, 2)) * self._mean(adapted, 1)
        return self._mean(adapted, 0).sum(-1) + self._apart(alpha), self.vector(slope)

    def _apart(self, alpha: float) -> float:
        """Return what the distance between the centres adds to F."""
        return (1 - alpha * self.L) ** 2 * self.sigma**2 / (2 * self.L)

    def _mean(self, p: Point, order: int) -> Tensor:
        """Value, slope or curvature of the loss whose centre is zero."""
        bowl = (self.L / 2 * p.z**2, self.L * p.z, self.L + 0 * p.z)[order]
        return self._with_bowl(self._descent(p, order), bowl)

    def minimum(self, alpha: float | None = None) -> Minimum:
        r"""Return the minimum of F up to round-off: for alpha <= 1/L it is at the foot, in the middle across."""
        step = 0.0 if alpha is None else checks.step(alpha, self.L)
        z = torch.zeros(self.dim, dtype=torch.float64)
        z[0] = self.foot
        value = self._mean(Point(z - step * self._mean(Point(z), 1)), 0)
        value[1:] += self._apart(step) / (self.dim - 1)
        return Minimum(value - ROUND_OFF * (1 + value.abs()), value, z)

    @cached_property
    def task_infima(self) -> Tensor:
        """Lowest value of each task: at the foot, at its own centre across."""
        z = torch.from_numpy(self.centres) + self.foot * self.axis
        lowest = self.value(torch.arange(self.n_tasks), Point(z)).sum(-1)
        return lowest - ROUND_OFF * (1 + lowest.abs())

    # ---- constants ----------------------------------------------------------------------------------------

    def landmarks(self) -> tuple[Tensor, Tensor]:
        """Points in the bend of the ramp and beyond it."""
        places = self.L / self.rho * torch.tensor([[0.5], [2.0]], dtype=torch.float64)
        return torch.zeros(2, dtype=torch.long), self.vector(places * self.axis)

    def task_certificates(self) -> dict[str, Certificate]:
        r"""L, rho and sigma, all attained; without sampling noise M as well.

        A step of :math:`\beta L \le 1` along a mean of task gradients leads, across the ramp, to a point between
        w and a mean of centres: :math:`\|\nabla f\|` stays below the larger of level and sigma there.
        """
        known: dict[str, Any] = super().task_certificates()
        if self.sigma_tilde == 0:
            across = max(self.level, self.sigma) ** 2 + self.sigma**2
            size = math.sqrt(self.steepness**2 + across)
            known["M"] = Certificate(size, "root of slope^2 + sigma^2 + max(level, sigma)^2", False)
        return known
