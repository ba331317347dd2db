"""Sigmoid classification: a smooth count of errors on finite data, one separator per task."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics.problems.intervals import IV, Interval, exact, largest, root
from empirics.problems.linear_model import LinearModel

PLACE = 7


@dataclass(frozen=True, kw_only=True)
class SigmoidClassification(LinearModel):
    r"""Classification by a smooth count of errors; finite data, bounded, nonconvex everywhere.

    .. math:: f_i(w) = \frac Cn\sum_j \ell(\langle x_{ij}, w\rangle),\qquad \ell(u) = \frac1{1+e^u}

    with the label (a sign) in :math:`x_{ij}`. :math:`\sup|\ell'| = 1/4`, :math:`\sup|\ell''| = 1/(6\sqrt3)`,
    :math:`\sup|\ell'''| = 1/8`; :math:`0 \le f_i \le C`, so Delta <= C. C and the features' size are what L and
    sigma ask for.
    """

    family: ClassVar[str] = "sigmoid-classification"

    @cached_property
    def top_eigenvalue(self) -> float:
        r""":math:`\Lambda` at which :math:`L = C\Lambda/6\sqrt3` and :math:`\sigma = \frac C4\sqrt{E\lambda}`."""
        c1, c2 = 1 / 4, 1 / (6 * math.sqrt(3))
        return self.evenness * (c1 * self.L / (c2 * self.sigma)) ** 2

    @cached_property
    def scale(self) -> float:
        """The size C of the loss. Unit F."""
        return self.L * 6 * math.sqrt(3) / self.top_eigenvalue

    @property
    def link_bounds(self) -> tuple[float, float, float]:
        r""":math:`C/4,\ C/6\sqrt3,\ C/8`."""
        return self.scale / 4, self.scale / (6 * math.sqrt(3)), self.scale / 8

    def oriented(self, features: np.ndarray) -> np.ndarray:
        """Return the features times their labels, which come from one noisy separator per task."""
        rng = self.rng("separators")
        margin = (features * (1 + rng.standard_normal((self.n_tasks, 1, self.dim)))).sum(2)
        noisy = margin + 0.5 * margin.std() * rng.standard_normal(margin.shape)
        return features * np.sign(noisy)[..., None]

    def link(self, tasks: Tensor, prediction: Tensor, order: int) -> Tensor:
        r"""Return :math:`C\ell`, :math:`-C\ell(1-\ell)` or :math:`C\ell(1-\ell)(1-2\ell)`."""
        low = torch.sigmoid(-prediction)
        if order == 0:
            return self.scale * low
        return -self.scale * low * (1 - low) * (1 if order == 1 else 2 * low - 1)

    def link_enclosures(self) -> tuple[Interval, Interval, Interval]:
        r"""Enclose the link's bounds: in p = l(u), polynomials on [0, 1] with known critical points."""
        scale, third = exact(self.scale), root(1 / IV.mpf(3))
        half, steep = 1 / IV.mpf(2), (1 + third) / 2
        return (
            scale * (half * (1 - half)),
            scale * abs(steep * (1 - steep) * third),
            scale * largest(abs(y * (1 - 6 * y)) for y in (1 / IV.mpf(4), 1 / IV.mpf(12))),
        )

    @property
    def centre(self) -> Tensor:
        """A point on the far side of the mean separator, where the loss is small."""
        mean = torch.from_numpy(self.features.mean((0, 1)))
        return 3 / math.sqrt(self.top_eigenvalue) * mean / mean.norm()

    @property
    def natural_start(self) -> Tensor:
        """The origin, where every f_i is C/2."""
        return torch.zeros(self.dim, dtype=torch.float64)
