"""What each constant of the assumptions bounds, as a function to be maximised."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bounds.constants import Constants
from empirics.problems.base import Problem

Quantity = Callable[[Tensor, Tensor, Tensor], Tensor]
"""The square of what is maximised, (chains,), from tasks (chains,) and two places (chains, dim)."""

DRAWS = 256
"""Samples by which noise is measured during a search when its moments are not known exactly."""


@dataclass(frozen=True)
class Quantities:
    r"""The quantities of one problem; each value is a lower bound of the constant, squared.

    What round-off alone could explain (16 units in the last place) is subtracted.
    """

    problem: Problem
    seed: int = 0

    def L(self, tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
        r""":math:`\|\nabla^2 f_i(w)\,v\|^2 / \|v\|^2`; the second place is a vector."""
        return _square(self.problem.hessian_vector(tasks, w, v)) / _square(v)

    def rho(self, tasks: Tensor, w: Tensor, u: Tensor) -> Tensor:
        r""":math:`\|(\nabla^2 f_i(u) - \nabla^2 f_i(w))(u-w)\|^2 / \|u-w\|^4`."""
        c, v = self.problem.constants(), u - w
        change = self.problem.hessian_vector(tasks, u, v) - self.problem.hessian_vector(tasks, w, v)
        size = c.L + c.rho * (w.detach().norm(dim=-1) + u.detach().norm(dim=-1))
        return _beyond_round_off(_square(change), size * v.norm(dim=-1)) / _square(v) ** 2

    def sigma(self, tasks: Tensor, w: Tensor, _: Tensor) -> Tensor:
        r""":math:`E_i\|\nabla f_i(w) - \nabla f(w)\|^2` over all tasks."""
        everything = torch.arange(self.problem.n_tasks).expand(len(w), -1)
        gradients = self.problem.gradient(everything, w.unsqueeze(-2))
        spread = _square(gradients - gradients.mean(-2, keepdim=True)).mean(-1)
        return _beyond_round_off(spread, gradients.detach().norm(dim=-1).amax(-1))

    def sigma_tilde(self, tasks: Tensor, w: Tensor, _: Tensor) -> Tensor:
        r""":math:`E\|\tilde\nabla f_i(w) - \nabla f_i(w)\|^2` of one sample."""
        known = self.problem.gradient_noise(tasks, w)
        return sampled_gradient_noise(self.problem, tasks, w, DRAWS, self.seed) if known is None else known

    def sigma_H(self, tasks: Tensor, w: Tensor, _: Tensor) -> Tensor:
        r""":math:`E\|\tilde\nabla^2 f_i(w) - \nabla^2 f_i(w)\|_F^2` of one sample."""
        known = self.problem.hessian_noise(tasks, w)
        return sampled_hessian_noise(self.problem, tasks, w, DRAWS, self.seed) if known is None else known


def lengths(problem: Problem, c: Constants) -> list[float]:
    """Return the lengths that a problem has, from its start, its Hessians, its tasks; else 1. Unit W."""
    known = (float(problem.start.norm()), c.L / c.rho if c.rho else 0.0, c.sigma / c.L)
    return [length for length in known if 0 < length < math.inf] or [1.0]


def sampled_gradient_noise(problem: Problem, tasks: Tensor, w: Tensor, draws: int, seed: int) -> Tensor:
    r"""Return the sample mean of :math:`\|\cdot\|^2` of one sample's gradient noise."""
    index, w, drawn = _drawn(problem, tasks, w, draws, seed)
    return _square(problem.gradient(index, w, drawn) - problem.gradient(index, w)).mean(-1)


def sampled_hessian_noise(problem: Problem, tasks: Tensor, w: Tensor, draws: int, seed: int) -> Tensor:
    r"""Return the sample mean of :math:`\|\cdot\|_F^2` of one sample's Hessian noise, on the same samples."""
    index, w, drawn = _drawn(problem, tasks, w, draws, seed)
    hessian = torch.zeros(index.shape, dtype=w.dtype)
    for unit in torch.eye(problem.dim, dtype=w.dtype):
        v = unit.expand(w.shape)
        column = problem.hessian_vector(index, w, v, drawn) - problem.hessian_vector(index, w, v)
        hessian = hessian + _square(column)
    return hessian.mean(-1)


def _drawn(
    problem: Problem, tasks: Tensor, w: Tensor, draws: int, seed: int
) -> tuple[Tensor, Tensor, Tensor]:
    index = tasks.unsqueeze(-1).expand(-1, draws)
    batch = problem.sample(np.random.default_rng(seed), index.numpy(), 1)
    return index, w.unsqueeze(-2), torch.from_numpy(np.asarray(batch, dtype=float))


def _square(x: Tensor) -> Tensor:
    return (x**2).sum(-1)


def _beyond_round_off(squared: Tensor, size: Tensor) -> Tensor:
    round_off = 16 * torch.finfo(squared.dtype).eps * size
    return ((squared + 1e-300).sqrt() - round_off).clamp(min=0) ** 2
