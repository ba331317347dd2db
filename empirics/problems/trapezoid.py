"""Trapezoid: the instance tuned to alpha on which FO-MAML stalls at 0.75 alpha L sigma."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.problems.intervals import WAVE, Interval, exact, span
from empirics.problems.tuned import Tuned

PLACE = 8


@dataclass(frozen=True, kw_only=True)
class Trapezoid(Tuned):
    r"""Two tasks tuned to alpha, with a trapezoid for a Hessian: FO-MAML's floor in closed form.

    .. math:: f_\pm(w) = \tfrac m2 (z_1 - w_s)^2 \pm r(z_1) + \tfrac m2 \sum_{j>1} z_j^2

    with r even, :math:`r'' = \lambda = L - m` up to :math:`|z_1| = W`, falling with slope :math:`-\rho` to 0.
    Where :math:`r''=\lambda` everything is quadratic, and with :math:`p = r'`, :math:`s = m(w - w_s)`,

    .. math:: \phi = E f_\pm'(w - \alpha f_\pm'(w)) = (1-\alpha m)\,s - \alpha\lambda p, \qquad
              \vartheta = \frac{\alpha\lambda^2}{m(1-\alpha m)} < 1 .

    m is chosen so that :math:`\vartheta` is as given, and :math:`w_s = (1-\vartheta) w_*`. L, rho and sigma
    are attained.

    Attributes
    ----------
    alpha : float, optional
        Inner step for which the instance is tuned, at most 1/(3L); 1/(10L) by default. Unit 1/(F/W^2).
    R : float
        :math:`\rho\sigma/L^2`; the floor grows with it.
    theta : float
        :math:`\vartheta` in (0, 1); up to 1/2 the whole path from w_s lies above the floor.
    """

    family: ClassVar[str] = "trapezoid"
    formulas = ("m + lambda", "slope of the trapezoid", "max |r'(z_1)| = lambda W + lambda^2/(2 rho)")
    usual_reach: ClassVar[float] = 1 / 10
    largest_reach: ClassVar[float] = 1 / 3
    theta: float = 0.5

    def validate(self) -> None:
        """Check the parameters, and that the trapezoid has a top (R large enough)."""
        super().validate()
        checks.number("theta", self.theta, most=1.0, open_below=True)
        least = self.lam**2 / (2 * self.L**2)
        if not least < self.R:
            raise InputError("R", self.R, f"must be > {least:g} for these parameters")
        if not self.m < self.lam:
            raise InputError(
                "theta", self.theta, "must make m < L/2", "take a smaller alpha or a larger theta"
            )

    @cached_property
    def m(self) -> float:
        r"""The root of :math:`x(1-\mu)^2 = \vartheta\mu(1-x\mu)`, :math:`\mu = m/L`, :math:`x=\alpha L`."""
        x, theta = self.tuned * self.L, self.theta
        b = 2 * x + theta
        return self.L * 2 * x / (b + math.sqrt(b**2 - 4 * x**2 * (1 + theta)))

    @property
    def W(self) -> float:
        """Half of the trapezoid's top. Unit W."""
        return (self.sigma - self.lam**2 / (2 * self.hessian_lipschitz)) / self.lam

    @cached_property
    def w_star(self) -> float:
        r"""FO-MAML's fixed point along the hard direction at the tuned alpha: :math:`W/(1+\alpha\lambda)`."""
        return self.W / (1 + self.tuned * self.lam)

    @cached_property
    def w_s(self) -> float:
        r"""Minimiser of f, :math:`(1-\vartheta) w_*`. Unit W."""
        return (1 - self.theta) * self.w_star

    @property
    def floor(self) -> float:
        r"""FO-MAML's floor when tuned: :math:`\alpha\lambda p_*(1-\alpha L)(1-\alpha(2m-L))/(1-\alpha m)`."""
        a, m = self.tuned, self.m
        return a * self.lam**2 * self.w_star * (1 - a * self.L) * (1 - a * (2 * m - self.L)) / (1 - a * m)

    def bump(self, t: Tensor, order: int) -> Tensor:
        """Return r, its slope p, or the trapezoid p'."""
        rho, size = self.hessian_lipschitz, t.abs()
        top = size.clamp(max=self.W)
        ramp = (size - self.W).clamp(0, self.lam / rho)
        if order == 2:
            return self.lam - rho * ramp
        if order == 1:
            return torch.sign(t) * (self.lam * top + self.lam * ramp - rho * ramp**2 / 2)
        beyond = size - top - ramp
        return self.lam * (top**2 / 2 + self.W * ramp + ramp**2 / 2) - rho * ramp**3 / 6 + self.sigma * beyond

    def bump_ranges(self) -> tuple[Interval, Interval, Interval]:
        """Enclose the odd slope, which rises to its end, the trapezoid, and its slopes."""
        lam, rho = exact(self.lam), exact(self.hessian_lipschitz)
        end = lam * exact(self.W) + lam**2 / (2 * rho)
        return end * WAVE, span(0, lam), rho * WAVE
