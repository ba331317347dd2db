r"""Problems that separate along hidden axes: :math:`f_i(w) = \sum_j f_{ij}(z_j)` with :math:`z = U^\top w`.

U is a random rotation, so that nothing separates along the axes of w. In the coordinates z the Hessian is
diagonal, a family is three elementwise functions (value, slope, curvature), and F separates as well: its
minimum is exact, by one-dimensional searches.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from bounds import arguments
from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.frame import Point
from empirics.problems.intervals import Interval
from empirics.problems.minimum import Minimum, enclose_minima
from empirics.problems.noise import Noisy
from empirics.problems.turned import Turned

_HELD = {"cpu": 2**17}
"""Numbers that a kernel of the exact F works on at most, by kind of device: so many fit into a cache."""
_HELD_ELSEWHERE = 2**23
_WHOLE = ("loss", "gradient", "hessian_vector", "sample", "meta", "meta_gradient", "coordinates", "vector")

_OF_A_FAMILY = ("value", "slope", "curvature", "sample_into")


@dataclass(frozen=True, kw_only=True)
class Separable(Turned, Noisy):
    r"""Tasks :math:`f_i(w) = \sum_j f_{ij}((U^\top w)_j)` with wave noise.

    Attributes
    ----------
    sigma_tilde : float
        Gradient noise of one sample; 0 for none. Unit F/W.
    sigma_H : float, optional
        Hessian noise (Frobenius) of one sample; by default the cheapest to simulate. Unit F/W^2.
    rotate : bool
        Whether to hide the axes behind a random rotation.
    oracle : {"pair", "one-sided"}
        See :mod:`empirics.problems.noise`.
    """

    formulas: ClassVar[tuple[str, str, str]]
    """What L, rho and sigma are; a family in which one is not attained says so in :meth:`task_certificates`."""
    sigma_tilde: float = 0.3
    sigma_H: float | None = None
    rotate: bool = True
    oracle: str = "pair"

    def __post_init__(self) -> None:
        self.check_noise()
        arguments.flag("rotate", self.rotate)
        super().__post_init__()
        _ = self.noise

    # ---- what a family says -------------------------------------------------------------------------

    @abstractmethod
    def value(self, tasks: Tensor, p: Point) -> Tensor:
        """Each :math:`f_{ij}(z_j)`, shape ``(*S, dim)``."""

    @abstractmethod
    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        """Each :math:`f_{ij}'(z_j)`, shape ``(*S, dim)``."""

    @abstractmethod
    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        """Each :math:`f_{ij}''(z_j)`, shape ``(*S, dim)``."""

    @property
    @abstractmethod
    def basin(self) -> tuple[Tensor, Tensor]:
        """Ends of an interval per coordinate outside which no task has a critical point."""

    @property
    @abstractmethod
    def hessian_lipschitz(self) -> float:
        """The constant rho. Unit F/W^3."""

    @abstractmethod
    def task_enclosures(self) -> dict[str, Interval]:
        """Enclose L, rho and sigma over the whole space, by interval arithmetic."""

    def task_certificates(self) -> dict[str, Certificate]:
        """Certified L, rho and sigma: all attained, by the formulas of the family."""
        values = {"L": self.L, "rho": self.hessian_lipschitz, "sigma": self.sigma}
        known = zip(values.items(), self.formulas, strict=True)
        return {name: Certificate(value, formula, True) for (name, value), formula in known}

    # ---- derivatives --------------------------------------------------------------------------------

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""
        return self.value(tasks, Point(self.coordinates(w))).sum(-1)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient at w, exact or the mean over the samples in ``batch``."""
        p = Point(self.coordinates(w), w)
        slope = self.slope(tasks, p)
        return self.vector(slope if batch is None else self.noise.onto_slope(slope, p, batch))

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian at w times v, exact or the mean over the samples in ``batch``."""
        p = Point(self.coordinates(w), w)
        curvature = self.curvature(tasks, p)
        if batch is not None:
            curvature = self.noise.onto_curvature(curvature, p, batch)
        return self.vector(curvature * self.coordinates(v))

    @property
    def sample_width(self) -> int | None:
        """The length of a batch, unless a class draws in its own way."""
        return self.noise.width if self._as_written else None

    def sample_into(self, rng: np.random.Generator, D: int, out: np.ndarray) -> None:
        """Draw what the mean of D samples needs, in place."""
        self.noise.sample_into(rng, checks.count("D", D), out)

    def objective(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`F(w) = E_i f_i(w - \alpha\nabla f_i(w))`."""
        return self._mean_meta(self.coordinates(w), alpha)[0].sum(-1)

    def meta_gradient(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`\nabla F(w) = E_i (I - \alpha\nabla^2 f_i(w))\nabla f_i(w_i^+)`."""
        return self.vector(self._mean_meta(self.coordinates(w), alpha)[1])

    def meta(self, w: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        r"""Exact F and :math:`\nabla F` at once."""
        value, slope = self._mean_meta(self.coordinates(w), alpha)
        return value.sum(-1), self.vector(slope)

    def _mean_meta(self, z: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        """Return the means over the tasks of value and slope at ``(..., dim)``, coordinate by coordinate.

        So many tasks at once that few numbers are held.
        """
        several = max(1, _HELD.get(z.device.type, _HELD_ELSEWHERE) // max(1, z.numel()))
        pieces = torch.arange(self.n_tasks, device=z.device).split(several)
        value, slope = self._meta(pieces[0], z.unsqueeze(-2), alpha)
        if len(pieces) == 1:
            return value.mean(-2), slope.mean(-2)
        values, slopes = value.sum(-2), slope.sum(-2)
        for tasks in pieces[1:]:
            value, slope = self._meta(tasks, z.unsqueeze(-2), alpha)
            values, slopes = values + value.sum(-2), slopes + slope.sum(-2)
        return values / self.n_tasks, slopes / self.n_tasks

    def _meta(self, tasks: Tensor, z: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        p = Point(z)
        adapted = Point(torch.sub(z, self.slope(tasks, p), alpha=alpha))
        outer = self.slope(tasks, adapted)
        return self.value(tasks, adapted), torch.addcmul(outer, self.curvature(tasks, p), outer, value=-alpha)

    # ---- constants ----------------------------------------------------------------------------------

    def enclosures(self) -> dict[str, Interval]:
        """Enclose the constants over the whole space, by interval arithmetic."""
        return {**self.task_enclosures(), **self.noise.enclosures()}

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Certified constants; Delta is for one alpha in (0, 1/L], or for all of them when alpha is None."""
        return {**self.task_certificates(), **self.noise.certificates(), "Delta": self.delta(alpha)}

    def delta(self, alpha: float | None) -> Certificate:
        """Return Delta; at one alpha it is exact up to the tolerance of the search."""
        known = super().delta(alpha)
        return known if alpha is None else Certificate(known.value, "F(w_0) - min F, branch and bound", True)

    def least_objective(self, alpha: float) -> float:
        """Return a certified lower bound on min F, tight up to the tolerance of the search."""
        return float(self.minimum(alpha).lower.sum())

    def lowest_point(self, alpha: float) -> Tensor | None:
        """Where F is smallest, up to the tolerance of the search; known for alpha <= 1/L."""
        return self.vector(self.minimum(alpha).point) if alpha * self.L <= 1 else None

    def minimum(self, alpha: float | None = None) -> Minimum:
        r"""Enclose, per coordinate, the minimum of F (or of f when alpha is None); min F is their sum.

        All critical points of F lie in the basin for alpha <= 1/L: z -> z - alpha f_ij'(z) increases and
        fixes the critical points of f_ij, so beyond the last of them F increases.
        """
        step = 0.0 if alpha is None else checks.step(alpha, self.L)
        low, high = self.basin
        tasks = torch.arange(self.n_tasks)

        def evaluate(z: Tensor) -> tuple[Tensor, Tensor]:
            found = [self._mean_meta(one, step) for one in z.split(max(1, _HELD["cpu"] // self.footprint))]
            return torch.cat([value for value, _ in found]), torch.cat([slope for _, slope in found])

        middle = Point(((low + high) / 2).unsqueeze(0))
        steepest = self.slope(tasks, middle).abs().mean(0) + self.L * (high - low) / 2
        x = step * self.L
        smooth = (1 + x) ** 2 * self.L + (1 + x) * self.hessian_lipschitz * step * steepest
        return enclose_minima(evaluate, low, high, smooth)

    @cached_property
    def task_infima(self) -> Tensor:
        """Certified lower bound on inf f_i for each task, tight up to the tolerance of the search."""
        tasks = torch.arange(self.n_tasks)

        def evaluate(z: Tensor) -> tuple[Tensor, Tensor]:
            p = Point(z)
            return self.value(tasks, p), self.slope(tasks, p)

        low, high = (end.expand(self.n_tasks, self.dim).contiguous() for end in self.basin)
        return enclose_minima(evaluate, low, high, torch.full_like(low, self.L), cells=16).lower.sum(-1)

    @cached_property
    def axis(self) -> Tensor:
        """The first unit vector e_1 of the coordinates z."""
        return torch.eye(1, self.dim, dtype=torch.float64)[0]

    # ---- starting point -----------------------------------------------------------------------------

    @cached_property
    def centre(self) -> Tensor:
        """A minimiser of f."""
        return self.vector(self.minimum().point)

    @property
    def natural_start(self) -> Tensor:
        """The point L/rho away from the minimiser of f: there the Hessian can have changed completely."""
        return self.centre + (self.L / self.hessian_lipschitz if self.hessian_lipschitz else 1.0) * self.ray

    # ---- noise and rotation -------------------------------------------------------------------------

    def adapted_gradient(self, tasks: Tensor, w: Tensor, alpha: float, D_in: float) -> Tensor:
        r"""Mean :math:`E\,\nabla f_i(w - \alpha\tilde\nabla f_i(w, D_{in}))`, by Gauss-Hermite quadrature.

        One dimension at a time, since everything separates; exact to round-off where f_ij is analytic.
        """
        p = Point(self.coordinates(w))
        adapted = p.z - alpha * self.slope(tasks, p)
        spread = alpha * self.noise.deviation(p) / math.sqrt(D_in)
        nodes, weights = _hermite()
        mean = torch.zeros_like(adapted)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            mean = mean + weight * self.slope(tasks, Point(adapted + node * spread))
        return self.vector(mean)

    def unturned(self) -> Separable:
        """Return the same tasks without the rotation, or itself where a class computes in its own way."""
        return self._unturned if self.turned and self._as_written else self

    @cached_property
    def _unturned(self) -> Separable:
        plain = replace(self, rotate=False, Delta=None)
        if self._ours:
            tables = {name: kept for name, kept in vars(self).items() if isinstance(kept, np.ndarray)}
            vars(plain).update((name, tables[name]) for name in tables if name not in ("rotation", "flips"))
        return plain

    @property
    def _as_written(self) -> bool:
        """Whether nobody has put other derivatives in the place of those of this file."""
        own = type(self)
        same = all(getattr(own, name) is getattr(Separable, name) for name in _WHOLE)
        return same and vars(self).keys().isdisjoint((*_WHOLE, *_OF_A_FAMILY))

    @property
    def rowwise(self) -> bool:
        """Whether everything is elementwise: without a rotation, and without anybody's own code."""
        return self._ours and self._as_written and not self.turned

    @property
    def _ours(self) -> bool:
        return type(self).__module__.startswith(f"{__package__}.")


@cache
def _hermite() -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes and weights of a mean over a standard normal number."""
    return np.polynomial.hermite_e.hermegauss(64)
