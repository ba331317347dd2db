r"""Two tasks on a line with exact constants, and exact expectations: the samples of every batch are enumerated.

:math:`f_i(w) = m_i w^2/2 + b_i w + a_i\cos(kw + p_i)`; the gradient noise of one sample is
:math:`s(t\cos\nu w - t'\sin\nu w)` with independent signs, so :math:`\tilde\sigma = s` and :math:`\sigma_H = s\nu`
exactly. A batch of instances is one problem whose parameters are arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from empirics.problems.base import Certificate, Problem

SIZE = 16
"""How many unconstrained numbers an instance is made of: thirteen for the losses, the rest for what is done."""


@dataclass(frozen=True)
class Waves(Problem):
    """Two tasks on a line, each with parameters of its own, for every instance of a batch; L = 1.

    Attributes
    ----------
    m, a, p, b : Tensor, shape (n, 2)
        Curvature of the bowl, size and phase of the wave, slope, of each task.
    k, sigma_tilde, nu : Tensor, shape (n, 1)
        Wave number of the tasks; size and wave number of the noise.
    w : Tensor, shape (n, 1)
        A point of each instance.
    """

    m: Tensor
    a: Tensor
    p: Tensor
    b: Tensor
    k: Tensor
    sigma_tilde: Tensor
    nu: Tensor
    w: Tensor
    family: ClassVar[str] = "waves"
    dim = 1
    n_tasks = 2

    @classmethod
    def of(cls, numbers: Tensor) -> Waves:
        """Return the instances of unconstrained numbers, ``(n, 16)``: curvatures are scaled to norm 1."""
        k = 0.3 + numbers[:, 6:7].abs()
        wave = numbers[:, 2:4].abs() + 0.05
        most = (numbers[:, 0:2].abs() + wave * k**2).amax(1, keepdim=True)
        noise = 1e-6 + numbers[:, 11:12].abs(), 0.2 + numbers[:, 12:13].abs()
        return cls(
            numbers[:, 0:2] / most, wave / most, numbers[:, 4:6], numbers[:, 7:9], k, *noise, numbers[:, 9:10]
        )

    @property
    def spec(self) -> str:
        """A batch of instances has no name from which it could be rebuilt."""
        return self.family

    @property
    def start(self) -> Tensor:
        """The points."""
        return self.w

    @property
    def rho(self) -> Tensor:
        """Lipschitz constant of the Hessians, attained, ``(n, 1)``."""
        return (self.a * self.k**3).amax(1, keepdim=True)

    @property
    def sigma_H(self) -> Tensor:
        """Noise of one sample's Hessian, ``(n, 1)``."""
        return self.sigma_tilde * self.nu

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Return nothing: constants are arrays here, see :class:`validate.instances.samples.Sampled`."""
        return {}

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Task losses."""
        m, a, p, b, k = self._at(tasks)
        return (m * w * w / 2 + b * w + a * torch.cos(k * w + p)).squeeze(-1)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradients; a batch is the pair of signs of its sample, ``(..., 2)``."""
        m, a, p, b, k = self._at(tasks)
        return m * w + b - a * k * torch.sin(k * w + p) + self.noise(w, batch)

    def risen(self, w: Tensor, step: Tensor, alpha: Any) -> Tensor:
        """Change of F along steps however short: no difference of two nearly equal values is taken."""
        tasks, w = self.every_task(w)
        step = step.unsqueeze(-2)
        slope = self.gradient(tasks, w)
        return self._risen(tasks, w - alpha * slope, step - alpha * self._steeper(tasks, w, step)).mean(-1)

    def _risen(self, tasks: Tensor, w: Tensor, step: Tensor) -> Tensor:
        """Change of the task losses along steps."""
        m, a, p, b, k = self._at(tasks)
        middle = w + step / 2
        wave = 2 * a * torch.sin(k * middle + p) * torch.sin(k * step / 2)
        return (m * middle * step + b * step - wave).squeeze(-1)

    def _steeper(self, tasks: Tensor, w: Tensor, step: Tensor) -> Tensor:
        """Change of the task gradients along steps."""
        m, a, p, _, k = self._at(tasks)
        return m * step - 2 * a * k * torch.cos(k * (w + step / 2) + p) * torch.sin(k * step / 2)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessians times a number."""
        m, a, p, _, k = self._at(tasks)
        return (m - a * k**2 * torch.cos(k * w + p) + self._noise_slope(w, batch)) * v

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw the mean signs of D samples."""
        return 2 * rng.binomial(D, 0.5, (*tasks.shape, 2)) / D - 1

    def noise(self, w: Tensor, batch: Tensor | None) -> Any:
        """Return the gradient noise of samples, each a pair of signs."""
        if batch is None:
            return 0.0
        s, angle = self._like(self.sigma_tilde, w), self._like(self.nu, w) * w
        return s * (batch[..., :1] * torch.cos(angle) - batch[..., 1:] * torch.sin(angle))

    def _noise_slope(self, w: Tensor, batch: Tensor | None) -> Any:
        if batch is None:
            return 0.0
        nu = self._like(self.nu, w)
        return (
            -self._like(self.sigma_tilde, w)
            * nu
            * (batch[..., :1] * torch.sin(nu * w) + batch[..., 1:] * torch.cos(nu * w))
        )

    def _at(self, tasks: Tensor) -> tuple[Tensor, ...]:
        """Return m, a, p, b and k of the tasks, each ``(*tasks.shape, 1)``."""
        shape = (len(self.m), *(1,) * (tasks.dim() - 2), 2)
        rows = [
            torch.take_along_dim(part.view(shape), tasks, -1) for part in (self.m, self.a, self.p, self.b)
        ]
        return (*(row.unsqueeze(-1) for row in rows), self.k.view(*shape[:-1], 1, 1))

    @staticmethod
    def _like(part: Tensor, w: Tensor) -> Tensor:
        return part.view(len(part), *(1,) * (w.dim() - 1))

    @property
    def alike(self) -> Waves:
        """The same with one Hessian for both tasks, that of the first; its bowl opens upwards."""
        m, a, p = (part[:, :1].expand(-1, 2) for part in (self.m.abs(), self.a, self.p))
        return replace(self, m=m, a=a, p=p)
