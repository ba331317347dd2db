"""Plateau: the cosine instance on which FO-MAML stalls at 0.4 alpha L sigma or above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from empirics import checks
from empirics.problems.intervals import WAVE, Interval, exact
from empirics.problems.line import Line

PLACE = 2


@dataclass(frozen=True, kw_only=True)
class Plateau(Line):
    r"""Two cosine tasks on which FO-MAML provably stalls at 0.4 alpha L sigma or above.

    .. math:: f_\pm(w) = \tfrac m2 (z_1 - w_s)^2 \pm \frac{\sigma}{\kappa}\sin\kappa z_1
              + \tfrac m2 \sum_{j>1} z_j^2, \qquad \kappa = (L-m)/\sigma .

    :math:`L = m + \sigma\kappa`, :math:`\rho = \sigma\kappa^2` and sigma are attained. With
    :math:`m = L/8` and :math:`\kappa w_s = -0.95`, for every :math:`\alpha \le 1/(10L)`: from
    :math:`w_0 = w_s`, the minimiser of f, exact FO-MAML rises to a fixed point and
    :math:`\|\nabla F(w_k)\| \ge 0.407\,\alpha L\sigma` all the way (interval proof).

    Attributes
    ----------
    m_share : float
        m/L, in (0, 1).
    offset : float
        :math:`\kappa w_s`.
    """

    family: ClassVar[str] = "plateau"
    formulas = ("m + sigma kappa", "sigma kappa^2", "max |r'(z_1)|")
    m_share: float = 0.125
    offset: float = -0.95

    def validate(self) -> None:
        """Check the parameters of the instance."""
        super().validate()
        checks.number("m_share", self.m_share, most=1.0, open_below=True)
        checks.number("offset", self.offset, least=-10.0, most=10.0)

    @property
    def m(self) -> float:
        """Curvature of f. Unit F/W^2."""
        return self.m_share * self.L

    @property
    def kappa(self) -> float:
        r"""Wave number :math:`(L-m)/\sigma`. Unit 1/W."""
        return (self.L - self.m) / self.sigma

    @property
    def w_s(self) -> float:
        """Minimiser of f. Unit W."""
        return self.offset / self.kappa

    def bump(self, t: Tensor, order: int) -> Tensor:
        r""":math:`(\sigma/\kappa)\sin\kappa t` and its derivatives."""
        if order == 0:
            return self.sigma / self.kappa * torch.sin(self.kappa * t)
        if order == 1:
            return self.sigma * torch.cos(self.kappa * t)
        return -self.sigma * self.kappa * torch.sin(self.kappa * t)

    def bump_ranges(self) -> tuple[Interval, Interval, Interval]:
        r"""Enclose :math:`\sigma\cos`, :math:`\sigma\kappa\sin` and :math:`\sigma\kappa^2\cos`."""
        slope, kappa = exact(self.sigma) * WAVE, exact(self.kappa)
        return slope, kappa * slope, kappa**2 * slope

    @property
    def hessian_lipschitz(self) -> float:
        r"""The constant :math:`\rho = \sigma\kappa^2`."""
        return self.sigma * self.kappa**2

    @property
    def default_wavenumber(self) -> float:
        """The noise shares the wave number of the tasks."""
        return self.kappa
