"""Ripple: quadratic bowls with cosine ripples; every constant exact, heterogeneity constant in w."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics import checks
from empirics.problems.frame import Point
from empirics.problems.intervals import IV, WAVE, Interval, exact, largest, root, sine_pair, size
from empirics.problems.minimum import Minimum
from empirics.problems.separable import Separable

PLACE = 1
_ROUNDING = 1e-14
"""What the sums of slopes and waves over the tasks, which are 0, may leave."""


@dataclass(frozen=True, kw_only=True)
class Rippled(Separable):
    r"""Bowls with cosine ripples of curvature h, and slopes :math:`b_{ij}` by task.

    Attributes
    ----------
    rho : float
        Lipschitz constant of the Hessians. Unit F/W^3.
    """

    rho: float = 1.0

    @property
    @abstractmethod
    def h(self) -> float:
        """Curvature :math:`Ak^2` of a ripple. Unit F/W^2."""

    @property
    @abstractmethod
    def swing(self) -> float:
        """Largest slope A k of a ripple. Unit F/W."""

    @property
    @abstractmethod
    def slopes(self) -> np.ndarray:
        """Slopes :math:`b_{ij}` with mean zero, ``(n_tasks, dim)``."""

    @cached_property
    def k(self) -> float:
        """Wave number of the ripples. Unit 1/W."""
        return self.rho / self.h

    @cached_property
    def stiffness(self) -> np.ndarray:
        """Curvatures q_j of the bowl, from L - h down to h/3: below h the tasks are not convex."""
        return np.geomspace(self.L - self.h, self.h / 3, self.dim)

    @property
    def basin(self) -> tuple[Tensor, Tensor]:
        r"""Critical points have :math:`|q z + b| \le Ak`."""
        b, q = self.slopes, self.stiffness
        return torch.from_numpy((-b.max(0) - self.swing) / q), torch.from_numpy((-b.min(0) + self.swing) / q)

    @property
    def hessian_lipschitz(self) -> float:
        """The constant rho."""
        return self.rho

    @property
    def default_wavenumber(self) -> float:
        """The noise shares the waves of the ripples."""
        return self.k

    def bend_enclosures(self) -> dict[str, Interval]:
        """Enclose L and rho: a cosine is in [-1, 1]."""
        h = exact(self.h)
        return {"L": largest(size(exact(q) + h * WAVE) for q in self.stiffness), "rho": h * exact(self.k)}


@dataclass(frozen=True, kw_only=True)
class Ripple(Rippled):
    r"""Bowls with cosine ripples whose phases and slopes differ by task; every constant is exact.

    In the coordinates :math:`z = U^\top w`, with :math:`h = Ak^2` the curvature of a ripple,

    .. math:: f_i(w) = \sum_j \tfrac12 q_j z_j^2 + b_{ij} z_j + A\cos(k z_j + \varphi_{ij}),

    :math:`L = \max_j q_j + h`, :math:`\rho = hk`, :math:`\sigma^2 = E\|b_i\|^2 + d A^2k^2/2`.
    The last is constant in w because the phases of a coordinate are equally spaced, so that
    :math:`E e^{\mathrm i\varphi} = E e^{2\mathrm i\varphi} = 0`, and the slopes b are made orthogonal to the
    waves, :math:`E\, b_i e^{\mathrm i\varphi_i} = E\,b_i = 0`. Hence :math:`f(w) = \frac12\sum q_j z_j^2`.

    Attributes
    ----------
    share : float
        Part of :math:`\sigma^2` that the ripples have, in (0, 1]; less where they would outgrow the bowl.
    """

    family: ClassVar[str] = "ripple"
    formulas = ("max_j q_j + A k^2", "A k^3", "sqrt(E||b_i||^2 + d A^2 k^2/2), constant in w")
    share: float = 0.5

    def validate(self) -> None:
        """Check n_tasks >= 4 (three waves to be orthogonal to), sigma > 0, rho > 0, share in (0, 1]."""
        checks.count("n_tasks", self.n_tasks, least=4)
        checks.positive("sigma", self.sigma)
        checks.positive("rho", self.rho)
        checks.number("share", self.share, most=1.0, open_below=True, open_above=False)

    @cached_property
    def h(self) -> float:
        r"""Curvature :math:`Ak^2`: :math:`d A^2k^2/2 = \text{share}\,\sigma^2`, capped. Unit F/W^2."""
        wanted = (2 * self.share * self.sigma**2 * self.rho**2 / self.dim) ** 0.25
        return min(wanted, (0.6 if self.dim == 1 else 0.4) * self.L)

    @cached_property
    def A(self) -> float:
        """Amplitude of the ripples. Unit F."""
        return self.h / self.k**2

    @property
    def swing(self) -> float:
        """Largest slope A k of a ripple. Unit F/W."""
        return self.A * self.k

    @cached_property
    def phases(self) -> np.ndarray:
        r"""Phases :math:`\varphi_{ij}`: per coordinate the n equally spaced angles, turned and shuffled."""
        rng = self.rng("phases")
        grid = np.tile(2 * np.pi * np.arange(self.n_tasks)[:, None] / self.n_tasks, self.dim)
        return rng.permuted(grid, axis=0) + rng.uniform(0, 2 * np.pi, self.dim)

    @cached_property
    def slopes(self) -> np.ndarray:
        r"""Slopes :math:`b_{ij}`, orthogonal over tasks to 1, cos and sin of the phases, scaled to sigma."""
        b = self.centred("slopes")
        for wave in (self.cosines, self.sines):
            b -= wave * (np.einsum("ij,ij->j", wave, b) / np.einsum("ij,ij->j", wave, wave))
        rest = max(self.sigma**2 - self.dim * self.swing**2 / 2, 0.0)
        b *= math.sqrt(rest * self.n_tasks / np.vdot(b, b))
        return b

    @cached_property
    def cosines(self) -> np.ndarray:
        r"""The numbers :math:`\cos\varphi_{ij}`."""
        return np.cos(self.phases)

    @cached_property
    def sines(self) -> np.ndarray:
        r"""The numbers :math:`\sin\varphi_{ij}`."""
        return np.sin(self.phases)

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`(\frac12 q z + b) z + A\cos(kz+\varphi)`."""
        bowl = torch.addcmul(self._b(tasks, p), self._q(p), p.z, value=0.5) * p.z
        return torch.add(bowl, torch.cos(self._angle(tasks, p)), alpha=self.A)

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`q z + b - Ak\sin(kz+\varphi)`."""
        bowl = torch.addcmul(self._b(tasks, p), self._q(p), p.z)
        return torch.sub(bowl, torch.sin(self._angle(tasks, p)), alpha=self.swing)

    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`q - Ak^2\cos(kz+\varphi)`."""
        return torch.sub(self._q(p), torch.cos(self._angle(tasks, p)), alpha=self.h)

    def _q(self, p: Point) -> Tensor:
        return self.table("stiffness", p.z)

    def _b(self, tasks: Tensor, p: Point) -> Tensor:
        return self.rows("slopes", tasks, p.z)

    def _angle(self, tasks: Tensor, p: Point) -> Tensor:
        return p.angle(self.k, self.rows("phases", tasks, p.z))

    def minimum(self, alpha: float | None = None) -> Minimum:
        r"""Enclose the minima; of :math:`f = \frac12\sum q z^2`, where no task adapts, it is 0 at 0."""
        if alpha is not None:
            return super().minimum(alpha)
        zero = torch.zeros(self.dim, dtype=torch.float64)
        rounding = _ROUNDING * (self.A + self.sigma * float(torch.stack(self.basin).abs().max()))
        return Minimum(zero - rounding, zero + rounding, zero)

    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma: a cosine is in [-1, 1], a variance over tasks is a form in (1, sin, cos)."""
        b, c, s = self.slopes.T, -self.swing * self.cosines.T, -self.swing * self.sines.T
        variance = sum((sine_pair(*columns) for columns in zip(b, c, s, strict=True)), IV.mpf(0))
        return self.bend_enclosures() | {"sigma": root(variance)}
