"""Robust regression: bounded-influence losses on finite data, one teacher per task."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from bounds.errors import unknown
from empirics import checks
from empirics.problems.intervals import IV, Interval, exact, extreme, root
from empirics.problems.linear_model import LinearModel

PLACE = 6
LOSSES = {
    "welsch": (
        math.exp(-0.5),
        1.0,
        math.sqrt(3 - math.sqrt(6)) * math.sqrt(6) * math.exp(-(3 - math.sqrt(6)) / 2),
    ),
    "cauchy": (0.5, 1.0, 0.75 + math.sqrt(2) / 2),
    "geman-mcclure": (3 * math.sqrt(3) / 16, 1.0, math.sqrt(5625 / 2048 + 2475 * math.sqrt(5) / 2048)),
}
r"""Largest :math:`|\psi'|, |\psi''|, |\psi'''|` of each loss."""

CRITICAL = {
    "welsch": (
        (lambda u: u * IV.exp(-(u**2) / 2), (1,)),
        (lambda u: (1 - u**2) * IV.exp(-(u**2) / 2), (0, 3)),
        (lambda u: (u**3 - 3 * u) * IV.exp(-(u**2) / 2), (3 - root(IV.mpf(6)), 3 + root(IV.mpf(6)))),
    ),
    "cauchy": (
        (lambda u: u / (1 + u**2), (1,)),
        (lambda u: (1 - u**2) / (1 + u**2) ** 2, (0, 3)),
        (lambda u: 2 * (u**3 - 3 * u) / (1 + u**2) ** 3, (3 - root(IV.mpf(8)), 3 + root(IV.mpf(8)))),
    ),
    "geman-mcclure": (
        (lambda u: u / (1 + u**2) ** 2, (1 / IV.mpf(3),)),
        (lambda u: (1 - 3 * u**2) / (1 + u**2) ** 3, (0, 1)),
        (
            lambda u: 12 * (u**3 - u) / (1 + u**2) ** 4,
            (1 - 2 / root(IV.mpf(5)), 1 + 2 / root(IV.mpf(5))),
        ),
    ),
}
r"""First, second and third derivative of each loss, with the squares of all its critical points."""


@dataclass(frozen=True, kw_only=True)
class RobustRegression(LinearModel):
    r"""Regression with a bounded-influence loss; finite data, nonconvex far from the teacher.

    .. math:: f_i(w) = \frac1n\sum_j \tau^2\psi\Big(\frac{\langle x_{ij},w\rangle - y_{ij}}{\tau}\Big),\quad
              \psi(u) = 1 - e^{-u^2/2},\ \ \tfrac12\log(1+u^2)\ \ \text{or}\ \ \tfrac{u^2}{2(1+u^2)}

    (Welsch, Cauchy, Geman-McClure). :math:`\tau` sets sigma. Without label noise the teacher fits every point,
    so inf f_i = 0 exactly and L is attained.

    Attributes
    ----------
    loss_name : {"welsch", "cauchy", "geman-mcclure"}
    label_noise : float
        Standard deviation of the labels' errors, in units of tau.
    teachers : float
        Standard deviation of the teachers' coordinates about 1, in units of tau over the size of a feature.
    """

    family: ClassVar[str] = "robust-regression"
    loss_name: str = "welsch"
    label_noise: float = 0.0
    teachers: float = 0.3

    def validate(self) -> None:
        """Check the loss and the spreads."""
        super().validate()
        if not isinstance(self.loss_name, str) or self.loss_name not in LOSSES:
            raise unknown("loss_name", self.loss_name, LOSSES)
        checks.number("label_noise", self.label_noise)
        checks.number("teachers", self.teachers)

    @property
    def top_eigenvalue(self) -> float:
        r"""L itself, since :math:`\sup|\psi''| = 1`."""
        return self.L

    @cached_property
    def tau(self) -> float:
        r"""The scale :math:`\tau` at which residuals stop to count, from sigma. Unit of a prediction."""
        return self.sigma / (LOSSES[self.loss_name][0] * math.sqrt(self.L * self.evenness))

    @property
    def link_bounds(self) -> tuple[float, float, float]:
        r""":math:`\tau\sup|\psi'|,\ \sup|\psi''|,\ \sup|\psi'''|/\tau`."""
        c1, c2, c3 = LOSSES[self.loss_name]
        return self.tau * c1, c2, c3 / self.tau

    @cached_property
    def teacher(self) -> np.ndarray:
        """The teacher of each task, ``(n_tasks, dim)``."""
        unit = self.tau / math.sqrt((self.features**2).sum(2).mean())
        return unit * (1 + self.teachers * self.rng("teachers").standard_normal((self.n_tasks, self.dim)))

    @cached_property
    def labels(self) -> np.ndarray:
        r"""Labels :math:`y_{ij}`, ``(n_tasks, points)``."""
        fitted = np.einsum("ijk,ik->ij", self.features, self.teacher)
        return fitted + self.tau * self.label_noise * self.rng("labels").standard_normal(fitted.shape)

    def link(self, tasks: Tensor, prediction: Tensor, order: int) -> Tensor:
        r"""Return :math:`\tau^{2-k}\psi^{(k)}(u)` at :math:`u = (s - y)/\tau`, k the order."""
        u = (prediction - self.rows("labels", tasks, prediction)) / self.tau
        psi = {"welsch": _welsch, "cauchy": _cauchy, "geman-mcclure": _geman_mcclure}[self.loss_name]
        return self.tau ** (2 - order) * psi(u, order)

    def link_enclosures(self) -> tuple[Interval, Interval, Interval]:
        r"""Enclose the bounds of the link, each at the critical points of that derivative."""
        tau = exact(self.tau)
        c1, c2, c3 = (extreme(derivative, squares) for derivative, squares in CRITICAL[self.loss_name])
        return tau * c1, c2, c3 / tau

    @property
    def L_attained(self) -> bool:
        """At the teacher, when it fits every point."""
        return self.label_noise == 0

    def landmarks(self) -> tuple[Tensor, Tensor]:
        """Each task at its teacher, where its curvature is largest, the largest first."""
        order = np.argsort(-self.raw_eigenvalues)
        return torch.from_numpy(order), torch.from_numpy(self.teacher[order])

    @property
    def centre(self) -> Tensor:
        """The mean teacher."""
        return torch.from_numpy(self.teacher.mean(0))

    @property
    def natural_start(self) -> Tensor:
        """The origin."""
        return torch.zeros(self.dim, dtype=torch.float64)


def _welsch(u: Tensor, order: int) -> Tensor:
    if order == 0:
        return -torch.expm1(-(u**2) / 2)
    bell = torch.exp(-(u**2) / 2)
    return u * bell if order == 1 else (1 - u**2) * bell


def _cauchy(u: Tensor, order: int) -> Tensor:
    if order == 0:
        return torch.log1p(u**2) / 2
    down = 1 / (1 + u**2)
    return u * down if order == 1 else (1 - u**2) * down**2


def _geman_mcclure(u: Tensor, order: int) -> Tensor:
    down = 1 / (1 + u**2)
    if order == 0:
        return u**2 * down / 2
    return u * down**2 if order == 1 else (1 - 3 * u**2) * down**3
