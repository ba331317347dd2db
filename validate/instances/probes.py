"""The central difference at points of waves: its exact error, its noise, and its error in finite precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Self

import numpy as np
import torch
from torch import Tensor

from validate.instances.points import Local
from validate.instances.waves import Waves

SIGNS = torch.tensor(list(product((1.0, -1.0), repeat=2)), dtype=torch.float64)
"""All samples of one batch."""
HALVINGS = 50


@dataclass(frozen=True)
class Probed(Local):
    """Points of waves, and a difference of the first task's gradients there.

    Attributes
    ----------
    problem : Waves
    w, alpha : Tensor, shape (n, 1) and (n, 1, 1)
    probe_norm, other : Tensor, shape (n, 1)
        Length of the vector; a distance, from which the step of the difference is made.
    u : Tensor, shape (n, 1)
        Relative error of rounding.
    rounding_is_best : bool
        Whether it is the one for which the step of the difference is the best one.
    """

    problem: Waves
    probe_norm: Tensor
    other: Tensor
    u: Tensor
    rounding_is_best: bool

    @property
    def delta(self) -> Tensor:
        """Step of the difference."""
        return 0.1 + self.other.abs()

    def _slope(self, at: Tensor) -> Tensor:
        return self.problem.gradient(self.tasks[:, :1], at.unsqueeze(1))[:, 0]

    @property
    def _product(self) -> Tensor:
        w = self.points
        return self.problem.hessian_vector(self.tasks[:, :1], w, self.probe_norm.unsqueeze(1))[:, 0]

    @property
    def error_of_difference(self) -> np.ndarray:
        """Distance of the difference from the product."""
        h = self.delta * self.probe_norm
        change = (self._slope(self.w + h) - self._slope(self.w - h)) / (2 * self.delta)
        return self.length(change - self._product)

    def noise_of_difference(self, fresh: bool = False) -> np.ndarray:
        """Return the variance of the difference, with the same samples at both probes or with fresh ones."""
        square = self.difference_of_noises(self.delta * self.probe_norm, fresh)
        return (square / (2 * self.delta) ** 2).flatten().numpy()

    def difference_of_noises(self, h: Tensor, fresh: bool) -> Tensor:
        """Return the mean squared change of the noise between two points."""
        up, down = (self.problem.noise((self.w + side * h).unsqueeze(1), SIGNS) for side in (1, -1))
        square = up**2 + down**2 if fresh else (up - down) ** 2
        return square.mean(1)

    # ---- the same, computed in finite precision ---------------------------------------------------

    def best_rounded(self) -> Self:
        """Return the same points with numbers so rounded that the step of the difference is the best one."""
        return replace(self, rounding_is_best=True)

    @property
    def point_norm(self) -> Tensor:
        """How far from zero the probes lie."""
        return self.w.abs() + 2 * self.delta * self.probe_norm

    @cached_property
    def rounding(self) -> Tensor:
        """Relative error of points and gradients."""
        if not self.rounding_is_best:
            return self.u
        truncated = self.problem.rho * (self.delta * self.probe_norm) ** 2 / 2
        low, high = torch.zeros_like(truncated), truncated / self.point_norm
        for _ in range(HALVINGS):
            u = (low + high) / 2
            small = u * (self._largest(u) + self.point_norm) < truncated
            low, high = torch.where(small, u, low), torch.where(small, high, u)
        return high

    @cached_property
    def _moved(self) -> Mapping[int, Tensor]:
        return self._moved_by(self.rounding)

    def _moved_by(self, u: Tensor) -> Mapping[int, Tensor]:
        """Return gradients at each probe when rounding moves it as far as it can, to either side, ``(n, 2)``."""
        h, shift = self.delta * self.probe_norm, u * self.point_norm
        return {
            side: torch.cat([self._slope(self.w + side * h + sign * shift) for sign in (1, -1)], 1)
            for side in (1, -1)
        }

    @property
    def probe_gradient(self) -> Tensor:
        """Largest gradient at a probe."""
        return self._largest(self.rounding)

    def _largest(self, u: Tensor) -> Tensor:
        return torch.cat(list(self._moved_by(u).values()), 1).abs().amax(1, keepdim=True)

    @property
    def computed_error(self) -> np.ndarray:
        """Distance of the computed difference from the product, at worst."""
        exact = self._product
        ends = [self._extreme(sign) / (2 * self.delta) - exact for sign in (1, -1)]
        return torch.cat(ends, 1).abs().amax(1).numpy()

    def _extreme(self, sign: int) -> Tensor:
        """Largest, or with the other sign smallest, computed change between the probes."""
        ends = (sign * side * g + self.rounding * g.abs() for side, g in self._moved.items())
        return sign * torch.cat([end.amax(1, keepdim=True) for end in ends], 1).sum(1, keepdim=True)
