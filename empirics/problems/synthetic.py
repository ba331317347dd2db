"""What every built-in family shares: size, seed, specification, and a starting point with a wanted Delta."""

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
from empirics import checks
from empirics.problems.base import Certificate, Problem
from empirics.problems.spec import canonical

_KEPT = {"cpu": 2**18}
"""Numbers of a table's rows that are kept at most, by kind of device."""
_KEPT_ELSEWHERE = 2**26


@dataclass(frozen=True, kw_only=True)
class Synthetic(Problem):
    r"""A seeded problem with constants known in closed form.

    Attributes
    ----------
    dim, n_tasks, seed : int
        Dimension of w, number of equally likely tasks, seed of everything random in the problem.
    L : float
        Smoothness of every task. Unit F/W^2.
    sigma : float
        Task heterogeneity. Unit F/W.
    Delta : float, optional
        Wanted certified F(w_0) - inf F, valid for every alpha <= 1/L; fixes the starting point. Unit F.
    """

    dim: int = 10
    n_tasks: int = 50
    seed: int = 0
    L: float = 1.0
    sigma: float = 0.3
    Delta: float | None = None

    def __post_init__(self) -> None:
        checks.count("dim", self.dim)
        checks.count("seed", self.seed, least=0)
        checks.positive("L", self.L)
        checks.number("sigma", self.sigma)
        self.validate()
        if self.Delta is not None:
            checks.positive("Delta", self.Delta)
            _ = self.start

    def validate(self) -> None:
        """Check the parameters of the family itself; raise InputError."""

    @property
    def spec(self) -> str:
        """Canonical specification: size, seed, and every parameter that is not its default."""
        return canonical(self)

    # ---- F at the start, and below ------------------------------------------------------------------

    @property
    @abstractmethod
    def task_infima(self) -> Tensor:
        """Certified lower bound on inf f_i for each task, shape ``(n_tasks,)``."""

    @property
    @abstractmethod
    def centre(self) -> Tensor:
        """A point with a small f, from which the starting point is sought, shape ``(dim,)``."""

    @property
    @abstractmethod
    def natural_start(self) -> Tensor:
        """The starting point when Delta is not given, shape ``(dim,)``."""

    @cached_property
    def ray(self) -> Tensor:
        """Unit direction from the centre to the starting point."""
        direction = torch.from_numpy(self.rng("start").standard_normal(self.dim))
        return direction / direction.norm()

    @cached_property
    def start(self) -> Tensor:
        """The starting point w_0, shape ``(dim,)``: natural, or where the certified Delta is as wanted."""
        if self.Delta is None:
            return self.natural_start
        return self._at_gap(self.Delta)

    def _at_gap(self, Delta: float) -> Tensor:
        """Return the point ``centre + t ray``, t >= 0, at which the gap is Delta, or raise InputError."""

        def gap(t: float) -> float:
            return self.gap(self.centre + t * self.ray)

        least, far = self.gap(self.centre), 1.0
        if not least <= Delta:
            remedy = "it counts E_i inf f_i, which lies below inf F when tasks differ"
            raise InputError("Delta", Delta, f"must be >= {least:.6g} for these parameters", remedy)
        while gap(far) < Delta:
            far *= 2
            if far > 1e9:
                raise InputError("Delta", Delta, f"must be < {gap(far):.6g} for these parameters")
        return self.centre + brentq(lambda t: gap(t) - Delta, 0.0, far, xtol=1e-15, rtol=1e-14) * self.ray

    def gap(self, w: Tensor) -> float:
        r"""Return :math:`f(w) - E_i\inf f_i`, which bounds F(w) - inf F for every alpha in (0, 1/L]."""
        return float((self.loss(torch.arange(self.n_tasks), w.unsqueeze(0)) - self.task_infima).mean())

    def least_objective(self, alpha: float) -> float:
        """Return a certified lower bound on inf F at one alpha in (0, 1/L]."""
        checks.step(alpha, self.L)
        return float(self.task_infima.mean())

    def delta(self, alpha: float | None) -> Certificate:
        """Return Delta at one alpha, or for all alpha in (0, 1/L] when it is None."""
        if alpha is None:
            return Certificate(self.gap(self.start), "f(w_0) - E_i inf f_i", False)
        gap = float(self.objective(self.start, alpha)) - self.least_objective(alpha)
        return Certificate(gap, "F(w_0) - E_i inf f_i", False)

    # ---- random numbers and tables ------------------------------------------------------------------

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the generator of one named part of the problem."""
        key = int.from_bytes(purpose.encode(), "little") % 2**32
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(key,)))

    def centred(self, purpose: str) -> np.ndarray:
        """Draw normal numbers of mean zero over the tasks, ``(n_tasks, dim)``."""
        drawn = self.rng(purpose).standard_normal((self.n_tasks, self.dim))
        return drawn - drawn.mean(0)

    def table(self, name: str, like: Tensor) -> Tensor:
        """Return one of the problem's arrays, by name, on the device of ``like``."""
        tables = self.__dict__.setdefault("_tables", {})
        if (name, like.device) not in tables:
            tables[name, like.device] = torch.as_tensor(getattr(self, name), device=like.device)
        return tables[name, like.device]

    def rows(self, name: str, tasks: Tensor, like: Tensor) -> Tensor:
        """Return the rows of a table that belong to these tasks, shape ``(*S, columns)``.

        Those of the latest tasks are kept: a step looks at its tasks several times.
        """
        known, gathered = self.__dict__.get("_gathered", (None, {}))
        if known is not tasks:
            gathered = {}
            self.__dict__["_gathered"] = tasks, gathered
        if name not in gathered:
            found = embedding(tasks, self.table(name, like))
            if found.numel() > _KEPT.get(found.device.type, _KEPT_ELSEWHERE):
                return found
            gathered[name] = found
        return gathered[name]
