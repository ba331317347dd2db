r"""Problems that separate along hidden axes: :math:`f_i(w) = \sum_j f_{ij}(z_j)` with :math:`z = U^\top w`.

U is a random rotation, so that nothing separates along the axes of w. In the coordinates z the Hessian is
diagonal, a family is three elementwise functions (value, slope, curvature), and F separates as well: its
minimum is exact, by one-dimensional searches.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor
from torch.nn.functional import embedding

from bounds.errors import InputError
from empirics.problems import checks
from empirics.problems.base import Certificate, Problem
from empirics.problems.minimum import Minimum, enclose_minima
from empirics.problems.noise import Point, WaveNoise
from empirics.problems.spec import canonical


@dataclass(frozen=True, kw_only=True)
class Separable(Problem):
    r"""Tasks :math:`f_i(w) = \sum_j f_{ij}((U^\top w)_j)` with wave noise.

    Attributes
    ----------
    dim, n_tasks, seed : int
        Dimension of w, number of equally likely tasks, seed of everything random in the problem.
    L : float
        Smoothness of every task. Unit F/W^2.
    sigma : float
        Task heterogeneity. Unit F/W.
    sigma_tilde : float
        Gradient noise of one sample; 0 for none. Unit F/W.
    sigma_H : float, optional
        Hessian noise (Frobenius) of one sample; by default the cheapest to simulate. Unit F/W^2.
    Delta : float, optional
        Wanted certified F(w_0) - inf F, valid for every alpha <= 1/L; fixes the starting point. Unit F.
    rotate : bool
        Whether to hide the axes behind a random rotation.
    oracle : {"pair", "one-sided"}
        See :mod:`empirics.problems.noise`.
    """

    dim: int = 10
    n_tasks: int = 50
    seed: int = 0
    L: float = 1.0
    sigma: float = 0.3
    sigma_tilde: float = 0.3
    sigma_H: float | None = None
    Delta: float | None = None
    rotate: bool = True
    oracle: str = "pair"

    def __post_init__(self) -> None:
        checks.count("dim", self.dim)
        checks.count("seed", self.seed, least=0)
        checks.positive("L", self.L)
        checks.number("sigma", self.sigma)
        checks.number("sigma_tilde", self.sigma_tilde)
        if self.sigma_H is not None:
            checks.number("sigma_H", self.sigma_H)
        checks.flag("rotate", self.rotate)
        self.validate()
        _ = self.noise
        if self.Delta is not None:
            checks.positive("Delta", self.Delta)
            _ = self.start

    def validate(self) -> None:
        """Check the parameters of the family itself; raise InputError."""

    @property
    def spec(self) -> str:
        """Canonical specification: the family and every parameter that is not its default."""
        return canonical(self)

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

    @property
    def default_wavenumber(self) -> float:
        """Wave number of the noise when sigma_H is not given. Unit 1/W."""
        return 0.0

    @property
    def natural_start(self) -> Tensor:
        """Coordinates z of the starting point when Delta is not given: L/rho from the minimiser of f."""
        length = self.L / self.hessian_lipschitz if self.hessian_lipschitz else 1.0
        return self.centre + length * self._ray

    # ---- derivatives --------------------------------------------------------------------------------

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""
        return self.value(tasks, Point(self.coordinates(w))).sum(-1)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient at w, exact or the mean over the samples in ``batch``."""
        p = Point(self.coordinates(w))
        slope = self.slope(tasks, p)
        return self.vector(slope if batch is None else slope + self.noise.slope(p, batch))

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian at w times v, exact or the mean over the samples in ``batch``."""
        p = Point(self.coordinates(w))
        curvature = self.curvature(tasks, p)
        if batch is not None:
            curvature = curvature + self.noise.curvature(p, batch)
        return self.vector(curvature * self.coordinates(v))

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw what the mean of D samples of each task needs."""
        return self.noise.sample(rng, tasks.shape, checks.count("D", D))

    def objective(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`F(w) = E_i f_i(w - \alpha\nabla f_i(w))`."""
        tasks, z = self._every_task(self.coordinates(w))
        return self._meta(tasks, z, alpha)[0].sum(-1).mean(-1)

    def meta_gradient(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`\nabla F(w) = E_i (I - \alpha\nabla^2 f_i(w))\nabla f_i(w_i^+)`."""
        tasks, z = self._every_task(self.coordinates(w))
        return self.vector(self._meta(tasks, z, alpha)[1].mean(-2))

    def _meta(self, tasks: Tensor, z: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        p = Point(z)
        adapted = Point(z - alpha * self.slope(tasks, p))
        slope = (1 - alpha * self.curvature(tasks, p)) * self.slope(tasks, adapted)
        return self.value(tasks, adapted), slope

    # ---- constants ----------------------------------------------------------------------------------

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Certified constants; Delta is for one alpha in (0, 1/L], or for all of them when alpha is None."""
        sup = "" if self.oracle == "pair" else ", largest where every cos(nu z_j) = 1"
        sup_H = "" if self.oracle == "pair" else ", largest where every sin(nu z_j) = 1"
        return {
            **self.task_certificates(),
            "sigma_tilde": Certificate(self.sigma_tilde, f"sqrt(d) s{sup}", True),
            "sigma_H": Certificate(self.noise.sigma_H, f"sqrt(d) nu s, Frobenius{sup_H}", True),
            "Delta": self._delta(alpha),
        }

    @abstractmethod
    def task_certificates(self) -> dict[str, Certificate]:
        """Certified L, rho and sigma."""

    def _delta(self, alpha: float | None) -> Certificate:
        if alpha is None:
            return Certificate(self._above_infima(self.start_coordinates), "f(w_0) - E_i inf f_i", False)
        gap = float(self.objective(self.start, alpha)) - float(self.minimum(alpha).lower.sum())
        return Certificate(gap, "F(w_0) - min F, branch and bound", True)

    def minimum(self, alpha: float | None = None) -> Minimum:
        r"""Enclose, per coordinate, the minimum of F (or of f when alpha is None); it is their sum.

        All critical points of F lie in the basin for alpha <= 1/L: z -> z - alpha f_ij'(z) increases and
        fixes the critical points of f_ij, so beyond the last of them F increases.
        """
        step = 0.0 if alpha is None else checks.step(alpha, self.L)
        low, high = self.basin
        tasks = torch.arange(self.n_tasks)

        def evaluate(z: Tensor) -> tuple[Tensor, Tensor]:
            value, slope = self._meta(tasks, z.unsqueeze(-2), step)
            return value.mean(-2), slope.mean(-2)

        middle = Point(((low + high) / 2).unsqueeze(0))
        steepest = self.slope(tasks, middle).abs().mean(0) + self.L * (high - low) / 2
        x = step * self.L
        smooth = (1 + x) ** 2 * self.L + (1 + x) * self.hessian_lipschitz * step * steepest
        return enclose_minima(evaluate, low, high, smooth)

    @cached_property
    def task_infima(self) -> Tensor:
        """Certified lower bound on inf f_i for each task, shape ``(n_tasks,)``."""
        tasks = torch.arange(self.n_tasks)

        def evaluate(z: Tensor) -> tuple[Tensor, Tensor]:
            p = Point(z)
            return self.value(tasks, p), self.slope(tasks, p)

        low, high = (end.expand(self.n_tasks, self.dim).contiguous() for end in self.basin)
        return enclose_minima(evaluate, low, high, torch.full_like(low, self.L), cells=16).lower.sum(-1)

    def _above_infima(self, z: Tensor) -> float:
        mean = self.value(torch.arange(self.n_tasks), Point(z.unsqueeze(0))).sum(-1).mean()
        return float(mean - self.task_infima.mean())

    # ---- starting point -----------------------------------------------------------------------------

    @cached_property
    def start(self) -> Tensor:
        """The starting point w_0, shape ``(dim,)``."""
        return self.vector(self.start_coordinates)

    @cached_property
    def start_coordinates(self) -> Tensor:
        """The starting point in the coordinates z: natural, or where the certified Delta is as wanted."""
        if self.Delta is None:
            return self.natural_start
        least = self._above_infima(self.centre)
        if not self.Delta >= least:
            raise InputError(
                "Delta",
                self.Delta,
                f"must be >= {least:.6g} for these parameters",
                "it counts E_i inf f_i, which lies below min F when tasks differ",
            )
        far = 1.0
        while self._above_infima(self.centre + far * self._ray) < self.Delta:
            far *= 2
        excess = lambda t: self._above_infima(self.centre + t * self._ray) - self.Delta  # noqa: E731
        return self.centre + brentq(excess, 0.0, far, xtol=1e-15, rtol=1e-14) * self._ray

    @cached_property
    def centre(self) -> Tensor:
        """Coordinates z of a minimiser of f."""
        return self.minimum().point

    @cached_property
    def _ray(self) -> Tensor:
        direction = torch.from_numpy(self._rng("start").standard_normal(self.dim))
        return direction / direction.norm()

    # ---- frame, noise, tables -----------------------------------------------------------------------

    @cached_property
    def noise(self) -> WaveNoise:
        """The sampling noise, in the coordinates z."""
        sigma_H = self.default_wavenumber * self.sigma_tilde if self.sigma_H is None else self.sigma_H
        return WaveNoise(self.dim, self.sigma_tilde, sigma_H, self.oracle)

    @cached_property
    def rotation(self) -> np.ndarray:
        """The orthogonal matrix U of ``z = U'w``."""
        q, r = np.linalg.qr(self._rng("rotation").standard_normal((self.dim, self.dim)))
        return q * np.sign(np.diag(r))

    def coordinates(self, w: Tensor) -> Tensor:
        """Return z = U'w, shape ``(..., dim)``."""
        return w @ self._table("rotation", w.device) if self._turned else w

    def vector(self, z: Tensor) -> Tensor:
        """Return w = Uz, shape ``(..., dim)``."""
        return z @ self._table("rotation", z.device).T if self._turned else z

    @property
    def _turned(self) -> bool:
        return self.rotate and self.dim > 1

    def _table(self, name: str, device: torch.device) -> Tensor:
        tables = self.__dict__.setdefault("_tables", {})
        if (name, device) not in tables:
            tables[name, device] = torch.as_tensor(getattr(self, name), device=device)
        return tables[name, device]

    def _rows(self, name: str, tasks: Tensor, device: torch.device) -> Tensor:
        return embedding(tasks, self._table(name, device))

    def _rng(self, purpose: str) -> np.random.Generator:
        key = int.from_bytes(purpose.encode(), "little") % 2**32
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(key,)))
