r"""One hard direction: :math:`f_i(w) = \pm r(z_1) + \frac m2\|z - w_s e_1\|^2`, in any dimension.

The other directions are a shared quadratic: they contract to zero by themselves and leave L, rho, sigma and
every fixed point as they are in one dimension. There the exact FO-MAML is the iteration of a scalar field,
whose limit from the starting point is computed here to machine precision.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from bounds.errors import InputError
from empirics import checks
from empirics.problems.frame import Point
from empirics.problems.intervals import Interval, exact, largest, size
from empirics.problems.separable import Separable


@dataclass(frozen=True, kw_only=True)
class Line(Separable):
    r"""Half of the tasks have :math:`+r`, half :math:`-r`, along one hidden direction.

    A family says what r is (:meth:`bump` and its two derivatives), the curvature ``m`` and the minimiser
    ``w_s`` of f along the direction.
    """

    dim: int = 1
    n_tasks: int = 2
    sigma: float = 1.0
    sigma_tilde: float = 0.0

    def validate(self) -> None:
        """Check that n_tasks is even and sigma > 0."""
        checks.count("n_tasks", self.n_tasks, least=2, multiple_of=2)
        checks.positive("sigma", self.sigma)

    @property
    @abstractmethod
    def m(self) -> float:
        """Curvature of f, shared by the other directions. Unit F/W^2."""

    @property
    @abstractmethod
    def w_s(self) -> float:
        """Minimiser of f along the hard direction. Unit W."""

    @abstractmethod
    def bump(self, t: Tensor, order: int) -> Tensor:
        """Return r at t (order 0), or its first or second derivative."""

    @abstractmethod
    def bump_ranges(self) -> tuple[Interval, Interval, Interval]:
        """Enclose the ranges of the first three derivatives of r over the whole line."""

    def task_enclosures(self) -> dict[str, Interval]:
        r"""Enclose :math:`\sup|m \pm r''|`, :math:`\sup|r^{(3)}|` and :math:`\sup|r'|`."""
        slope, curvature, third = self.bump_ranges()
        m = exact(self.m)
        return {
            "L": largest([size(m + curvature), size(m - curvature)]),
            "rho": size(third),
            "sigma": size(slope),
        }

    def landmarks(self) -> tuple[Tensor, Tensor]:
        """Both kinds of task at the middle of the bump."""
        return self._tasks, torch.zeros(2, self.dim, dtype=torch.float64)

    @cached_property
    def signs(self) -> np.ndarray:
        """The sign of r in each task, shape ``(n_tasks, 1)``."""
        return np.tile([1.0, -1.0], self.n_tasks // 2)[:, None]

    @cached_property
    def first_axis(self) -> np.ndarray:
        """The vector w_s e_1."""
        return np.eye(1, self.dim)[0] * self.w_s

    def _signed(self, tasks: Tensor, p: Point, order: int) -> Tensor:
        bump = self.rows("signs", tasks, p.z) * self.bump(p.z[..., :1], order)
        return pad(bump, (0, self.dim - 1))

    def _away(self, p: Point) -> Tensor:
        return p.z - self.table("first_axis", p.z)

    def value(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`\frac m2 (z - w_s e_1)^2 \pm r(z_1) e_1`."""
        return self.m / 2 * self._away(p) ** 2 + self._signed(tasks, p, 0)

    def slope(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`m (z - w_s e_1) \pm r'(z_1) e_1`."""
        return self.m * self._away(p) + self._signed(tasks, p, 1)

    def curvature(self, tasks: Tensor, p: Point) -> Tensor:
        r""":math:`m \pm r''(z_1) e_1`."""
        return self.m + self._signed(tasks, p, 2)

    @property
    def basin(self) -> tuple[Tensor, Tensor]:
        r"""Critical points have :math:`m|z_1 - w_s| \le \sigma` and :math:`z_j = 0` for the others."""
        reach = self.axis * (self.sigma / self.m)
        centre = torch.from_numpy(self.first_axis)
        return centre - reach, centre + reach

    @property
    def natural_start(self) -> Tensor:
        """The minimiser of f: from here FO-MAML is known to rise monotonically to its fixed point."""
        return self.vector(torch.from_numpy(self.first_axis.copy()))

    @property
    def centre(self) -> Tensor:
        """The natural start."""
        return self.natural_start

    @cached_property
    def ray(self) -> Tensor:
        """Sideways, so that Delta does not change what happens along the hard direction; else away from it."""
        z = torch.from_numpy(self.rng("start").standard_normal(self.dim))
        z[0] = 0.0 if self.dim > 1 else self.outward
        return self.vector(z / z.norm())

    @property
    def outward(self) -> float:
        """The side from which the start approaches the fixed point."""
        return -1.0

    # ---- where the algorithms end -------------------------------------------------------------------

    def fo_fixed_point(self, alpha: float) -> Tensor:
        r"""Return the limit :math:`w_*` of exact FO-MAML from the start, shape ``(dim,)``.

        It is the first zero, downhill from the start, of :math:`\phi = E_i f_i'(w - \alpha f_i'(w))`.
        """
        return self._limit(alpha, lambda adapted, p: self.slope(self._tasks, adapted))

    def fo_plateau(self, alpha: float) -> float:
        r"""Return :math:`\|\nabla F(w_*)\|` at FO-MAML's fixed point."""
        return float(self.meta_gradient(self.fo_fixed_point(alpha), alpha).norm())

    def hf_fixed_point(self, alpha: float, displacement: float) -> Tensor:
        r"""Return the limit of exact HF-MAML whose probes are ``displacement`` long, shape ``(dim,)``.

        In one dimension the probe turns the Hessian into the secant
        :math:`C_i(w) = [f_i'(w+l) - f_i'(w-l)]/2l`, and the field is :math:`E_i(1-\alpha C_i)f_i'(w_i^+)`.
        """
        checks.positive("displacement", displacement)

        def field(adapted: Point, p: Point) -> Tensor:
            ahead = self.slope(self._tasks, Point(p.z + displacement * self.axis))
            behind = self.slope(self._tasks, Point(p.z - displacement * self.axis))
            secant = (ahead - behind) / (2 * displacement)
            return (1 - alpha * secant) * self.slope(self._tasks, adapted)

        return self._limit(alpha, field)

    def hf_plateau(self, alpha: float, displacement: float) -> float:
        r"""Return :math:`\|\nabla F\|` at HF-MAML's fixed point."""
        return float(self.meta_gradient(self.hf_fixed_point(alpha, displacement), alpha).norm())

    @cached_property
    def _tasks(self) -> Tensor:
        return torch.arange(2)

    def _limit(self, alpha: float, field: Callable[[Point, Point], Tensor]) -> Tensor:
        r"""March downhill by |field|/Lipschitz, which cannot step over a zero, until round-off turns it back.

        Seen from w, FO-MAML's field and a secant's are Lipschitz with
        :math:`(1+x)^2 L + (1+x)\rho\alpha E\|g_i(w)\|`, as the gradient of F is.
        """
        x = checks.step(alpha, self.L) * self.L

        def move(t: float) -> float:
            p = Point(t * self.axis)
            slope = self.slope(self._tasks, p)
            steepest = float(slope.abs().mean(0)[0])
            smooth = (1 + x) ** 2 * self.L + (1 + x) * self.hessian_lipschitz * alpha * steepest
            return float(field(Point(p.z - alpha * slope), p).mean(0)[0]) / smooth

        return self.march(alpha, move)

    def march(self, alpha: float, move: Callable[[float], float], most: int = 100_000) -> Tensor:
        """Return where moves along the hard direction end: at the first that goes back, or is no move at all."""
        t, last = float(self.coordinates(self.start)[0]), 0.0
        for _ in range(most):
            way = move(t)
            if way * last < 0 or t - way == t:
                return self.vector(t * self.axis)
            t, last = t - way, way
        raise InputError("alpha", alpha, "must have a fixed point that is reached", "the field is too flat")
