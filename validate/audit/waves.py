r"""The audit's own losses: smooth, nonconvex, and different on every task and every batch.

.. math:: f(w) = \tfrac12 w^\top A w + b^\top w + \sum_j a_j \cos(k_j^\top w + \varphi_j)

Batches differ in A, b and a, so that gradient, Hessian and their correlation tell which batch was read where. b is
chosen so that the gradient at the start has a size that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirics.oracle import SPLITS
from validate.audit.sheet import Sheet

DIM, WAVES = 6, 4
NOISE = 0.35
"""How far the batches of one task differ, as a part of how far tasks do."""


@dataclass(frozen=True)
class Waves:
    """Losses of any leading shape S: A (S, d, d), b (S, d), a and phase (S, m), k (S, m, d)."""

    A: Tensor
    b: Tensor
    a: Tensor
    k: Tensor
    phase: Tensor

    def value(self, w: Tensor) -> Tensor:
        """Return f(w), shape S."""
        quadratic = 0.5 * (w * self._times(self.A, w)).sum(-1) + (self.b * w).sum(-1)
        return quadratic + (self.a * torch.cos(self._angle(w))).sum(-1)

    def gradient(self, w: Tensor) -> Tensor:
        """Return the gradient at w, shape (S, d)."""
        return self._times(self.A, w) + self.b - self._along(self.a * torch.sin(self._angle(w)))

    def hessian_vector(self, w: Tensor, v: Tensor) -> Tensor:
        """Return the Hessian at w times v, shape (S, d)."""
        slope = (self.k * v.unsqueeze(-2)).sum(-1)
        return self._times(self.A, v) - self._along(self.a * torch.cos(self._angle(w)) * slope)

    def parts(self, w: Tensor) -> Tensor:
        """Return how large the parts of the gradient at w are, added up without their signs, shape S."""
        waves = (self.a.abs() * self.k.norm(dim=-1)).sum(-1)
        return self._times(self.A, w).norm(dim=-1) + self.b.norm(dim=-1) + waves

    def at(self, *index: Any, dtype: torch.dtype = torch.float64) -> Waves:
        """Return some of the losses, or one, in another precision if need be."""
        return Waves(*(part[index].to(dtype) for part in (self.A, self.b, self.a, self.k, self.phase)))

    def _angle(self, w: Tensor) -> Tensor:
        return (self.k * w.unsqueeze(-2)).sum(-1) + self.phase

    def _along(self, parts: Tensor) -> Tensor:
        return (self.k * parts.unsqueeze(-1)).sum(-2)

    @staticmethod
    def _times(matrix: Tensor, vector: Tensor) -> Tensor:
        return (matrix @ vector.unsqueeze(-1)).squeeze(-1)


class WaveSheet(Sheet):
    """Questions on losses of :class:`Waves`, one for each task and batch."""

    def __init__(self, w: Tensor, alpha: Tensor, losses: dict[str, Waves]) -> None:
        super().__init__(w, alpha, losses["in"].b.shape[1], ((w.shape[-1],),))
        self.losses = losses

    @property
    def magnitude(self) -> Tensor:
        """How large the parts of the gradients are, of all batches and tasks: they cancel where it is small."""
        each = [losses.parts(self.start).amax(-1) for losses in self.losses.values()]
        return torch.stack(each).amax(0)

    def batch_gradient(self, points: Tensor, split: str) -> Tensor:
        """Return the gradients of one batch at points (Q, B, d)."""
        return self.losses[split].gradient(points)

    def batch_hessian_vector(self, points: Tensor, v: Tensor, split: str) -> Tensor:
        """Return the Hessians of one batch at points, times vectors."""
        return self.losses[split].hessian_vector(points, v)

    def only(self, row: int) -> WaveSheet:
        """Return one of the questions as a sheet."""
        losses = {name: one.at(slice(row, row + 1)) for name, one in self.losses.items()}
        return WaveSheet(self.w[row : row + 1], self.alpha[row : row + 1], losses)

    def task_loss(self, row: int, i: int, w: Tensor, split: str) -> Tensor:
        """Return the loss of one task on one batch; differentiable in w."""
        return self.losses[split].at(row, i, dtype=w.dtype).value(w)


def wave_sheet(
    sizes: Sequence[float], B: int, seed: int, alphas: Sequence[float] = (0.2, 0.3, 0.12)
) -> WaveSheet:
    """Draw questions, one for every size that the gradients at its start shall have.

    Parameters
    ----------
    sizes : sequence of float
        Norm of the task's gradient at the start, about.
    B : int
        Tasks of a question.
    alphas : sequence of float
        Inner steps, in turn; the curvature of the losses is about 1.
    """
    rng = np.random.default_rng((seed, B))
    Q = len(sizes)

    def normal(*shape: int) -> Tensor:
        return torch.from_numpy(rng.standard_normal(shape))

    w = normal(Q, DIM)
    k, phase = 0.8 * normal(Q, B, WAVES, DIM), 3.0 * normal(Q, B, WAVES)
    base, amplitude = normal(Q, B, DIM, DIM), 0.5 + 0.2 * normal(Q, B, WAVES)
    goal = normal(Q, B, DIM)
    scale = torch.tensor(sizes, dtype=torch.float64)[:, None, None] / DIM**0.5
    losses = {}
    for split in SPLITS:
        half = base + NOISE * normal(Q, B, DIM, DIM)
        A = (half + half.mT) / (2 * DIM**0.5) + 0.5 * torch.eye(DIM, dtype=torch.float64)
        a = amplitude + 0.5 * NOISE * normal(Q, B, WAVES)
        bare = Waves(A, torch.zeros(Q, B, DIM, dtype=torch.float64), a, k, phase)
        wanted = scale * (goal + 2 * NOISE * normal(Q, B, DIM))
        b = wanted - bare.gradient(w[:, None].expand(Q, B, DIM))
        losses[split] = Waves(A, b, a, k, phase)
    step = torch.tensor([alphas[q % len(alphas)] for q in range(Q)], dtype=torch.float64)
    return WaveSheet(w, step, losses)
