"""Wells: a bowl with a Gaussian well per task; nonconvex, and it separates along no axes at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.frame import Point
from empirics.problems.intervals import IV, Interval, exact, extreme, size, span, spread
from empirics.problems.noise import Noisy
from empirics.problems.robust_regression import CRITICAL, LOSSES

K3 = LOSSES["welsch"][2]
r"""Largest third derivative of :math:`e^{-u^2/2}`, 1.380119: a well has the shape of that loss."""

PLACE = 5


@dataclass(frozen=True, kw_only=True)
class Wells(Noisy):
    r"""A bowl with a Gaussian well per task, nonconvex on its flank.

    .. math:: f_i(w) = \tfrac\mu2\|w\|^2 + \langle b_i, w\rangle - h\,e^{-\|w-c_i\|^2/2t^2}

    With :math:`a = h/t^2`: :math:`L = \mu + a` (at the bottom of a well),
    :math:`\rho = K_3\,a/t`, :math:`K_3 = \sqrt{3-\sqrt6}\,\sqrt6\,e^{-(3-\sqrt6)/2}` (the third derivative is a
    symmetric tensor, largest along the radius), both attained. Heterogeneity is bounded by
    :math:`\sigma = \sqrt{E\|b_i\|^2} + a t e^{-1/2}`.

    Attributes
    ----------
    rho : float
        Lipschitz constant of the Hessians. Unit F/W^3.
    mu : float, optional
        Curvature of the bowl, L/4 by default; below 0.308 L the tasks are not convex. Unit F/W^2.
    spread : float
        Distance of the well centres c_i from the origin, in units of t.
    sigma_tilde, sigma_H, oracle
        The noise, see :mod:`empirics.problems.noise`.
    """

    family: ClassVar[str] = "wells"
    sigma: float = 0.5
    sigma_tilde: float = 0.3
    sigma_H: float | None = None
    oracle: str = "pair"
    rho: float = 2.0
    mu: float | None = None
    spread: float = 1.0

    def validate(self) -> None:
        """Check mu in (0, L), and that sigma leaves room for the wells."""
        checks.count("n_tasks", self.n_tasks)
        checks.positive("rho", self.rho)
        self.check_noise()
        checks.number("spread", self.spread)
        if self.mu is not None:
            checks.number("mu", self.mu, most=self.L, open_below=True)
        if not self.pull <= self.sigma:
            remedy = "or raise rho, or raise mu"
            raise InputError("sigma", self.sigma, f"must be >= {self.pull:.6g} for these parameters", remedy)
        if self.n_tasks == 1 and self.sigma > self.pull:
            raise InputError("n_tasks", 1, "must be >= 2 unless sigma comes from the wells alone")
        _ = self.noise

    @property
    def bowl(self) -> float:
        r"""The curvature :math:`\mu`. Unit F/W^2."""
        return self.L / 4 if self.mu is None else self.mu

    @property
    def a(self) -> float:
        """Curvature h/t^2 at the bottom of a well. Unit F/W^2."""
        return self.L - self.bowl

    @property
    def t(self) -> float:
        """Width of a well. Unit W."""
        return K3 * self.a / self.rho

    @property
    def depth(self) -> float:
        """Depth h of a well. Unit F."""
        return self.a * self.t**2

    @property
    def pull(self) -> float:
        r"""Largest slope :math:`a t e^{-1/2}` of a well. Unit F/W."""
        return self.a * self.t * math.exp(-0.5)

    @cached_property
    def slopes(self) -> np.ndarray:
        """Slopes b_i with mean zero, scaled so that sigma is as given."""
        b = self.centred("slopes")
        size = np.sqrt((b**2).sum(1).mean())
        return b * ((self.sigma - self.pull) / size) if size else b

    @cached_property
    def wells(self) -> np.ndarray:
        """Centres c_i of the wells."""
        c = self.rng("wells").standard_normal((self.n_tasks, self.dim))
        return c * (self.spread * self.t / np.linalg.norm(c, axis=1, keepdims=True))

    # ---- derivatives --------------------------------------------------------------------------------

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""
        b, _, bell = self._parts(tasks, w)
        return ((self.bowl / 2 * w + b) * w).sum(-1) - self.depth * bell

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        r"""Gradient :math:`\mu w + b_i + a e^{-r^2/2} (w - c_i)`, :math:`r = \|w-c_i\|/t`, plus noise."""
        b, away, bell = self._parts(tasks, w)
        exact = self.bowl * w + b + self.a * bell.unsqueeze(-1) * away
        return exact if batch is None else self.noise.onto_slope(exact, Point(w), batch)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        r"""Product :math:`\mu v + a e^{-r^2/2}(v - (w-c_i)\langle w-c_i, v\rangle/t^2)`, plus noise."""
        _, away, bell = self._parts(tasks, w)
        along = (away * v).sum(-1, keepdim=True) / self.t**2
        exact = self.bowl * v + self.a * bell.unsqueeze(-1) * (v - away * along)
        return exact if batch is None else exact + self.noise.curvature(Point(w), batch) * v

    def _parts(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        away = w - self.rows("wells", tasks, w)
        bell = torch.exp(-(away**2).sum(-1) / (2 * self.t**2))
        return self.rows("slopes", tasks, w), away, bell

    @property
    def usual_sigma_H(self) -> float:
        """The noise varies over the width of a well."""
        return self.sigma_tilde / self.t

    def adapted_gradient(self, tasks: Tensor, w: Tensor, alpha: float, D_in: float) -> Tensor:
        r"""Mean :math:`E\,\nabla f_i(w - \alpha\tilde\nabla f_i(w, D_{in}))`: a smoothed well is a well again.

        With the variance :math:`v_j` of the adapted point, its width is :math:`t_j^2 = t^2 + v_j` and its
        depth :math:`h\prod_j t/t_j`.
        """
        adapted = w - alpha * self.gradient(tasks, w)
        wide = self.t**2 + (alpha * self.noise.deviation(Point(w))) ** 2 / D_in
        away = adapted - self.rows("wells", tasks, w)
        bell = torch.exp(-(away**2 / wide).sum(-1) / 2) * (self.t**2 / wide).prod(-1).sqrt()
        pull = self.depth * bell.unsqueeze(-1) * away / wide
        return self.bowl * adapted + self.rows("slopes", tasks, w) + pull

    # ---- constants ----------------------------------------------------------------------------------

    @cached_property
    def task_infima(self) -> Tensor:
        r"""Lower bounds :math:`-\|b_i\|^2/2\mu - h`: bowl and well at their lowest."""
        return torch.from_numpy(-(self.slopes**2).sum(1) / (2 * self.bowl) - self.depth)

    @property
    def centre(self) -> Tensor:
        """The origin."""
        return torch.zeros(self.dim, dtype=torch.float64)

    @property
    def natural_start(self) -> Tensor:
        """Three widths of a well from the origin."""
        return 3 * self.t * self.ray

    def enclosures(self) -> dict[str, Interval]:
        r"""Enclose the constants over the whole space, by interval arithmetic.

        At :math:`u = r/t` a well's Hessian has the eigenvalues :math:`a e^{-u^2/2}` and
        :math:`a(1-u^2)e^{-u^2/2}`, critical at 0 and :math:`u^2 = 3`. Its third derivative along a direction
        with :math:`s = u\cos` of the angle is :math:`\frac at(s^3 - 3s)e^{-u^2/2}`, for fixed s largest at
        :math:`u = |s|`, and critical there at :math:`s^2 = 3 \pm \sqrt6`.
        """
        mu, a, t = exact(self.bowl), exact(self.a), exact(self.t)
        radial = span(-2 * IV.exp(IV.mpf(-3) / 2), 1)
        third = extreme(*CRITICAL["welsch"][2])
        return {
            "L": size(mu + a * radial),
            "rho": a / t * third,
            "sigma": spread(self.slopes) + a * t * IV.exp(IV.mpf(-1) / 2),
            **self.noise.enclosures(),
        }

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Certified constants; Delta is for one alpha in (0, 1/L], or for all of them when alpha is None."""
        return {
            "L": Certificate(self.L, "mu + h/t^2", True),
            "rho": Certificate(self.rho, "K3 h/t^3, K3 = 1.380119", True),
            "sigma": Certificate(self.sigma, "sqrt(E||b_i||^2) + (h/t) e^(-1/2)", False),
            **self.noise.certificates(),
            "Delta": self.delta(alpha),
        }
