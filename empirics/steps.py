"""Outer step sizes."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from bounds.plan import StepRule
from empirics.oracle import Oracle
from empirics.problems.base import takes_frames


def step_size(rule: StepRule, c: float, w: Tensor, direction: Tensor, oracles: Iterable[Oracle]) -> Tensor:
    r"""Step size :math:`\beta = c / (\ell + s\,u)` of every replicate.

    The size u is zero for the constant rule, :math:`\|G\|` for the self-scaled one, and for the sampled one
    the mean of :math:`\|\tilde\nabla f_j(w, D_\beta)\|` over fresh tasks, B' of them.

    Parameters
    ----------
    rule : StepRule
        Its kind, smoothness ell and slope s.
    c : float
        The step factor.
    w : Tensor, shape (replicates, dim)
        The point.
    direction : Tensor, shape (replicates, dim)
        The averaged direction G.
    oracles : iterable of Oracle
        Fresh tasks with the batch "step"; only the sampled rule looks at them.

    Returns
    -------
    Tensor, shape (replicates,)
        Unit W^2/F.
    """
    if rule.kind == "constant":
        u = torch.zeros_like(w[:, 0])
    elif rule.kind == "self-scaled":
        u = torch.linalg.vector_norm(direction, dim=-1)
    else:
        u = mean_gradient_size(w, oracles)
    return c / (rule.smoothness + rule.slope * u)


def mean_gradient_size(w: Tensor, oracles: Iterable[Oracle]) -> Tensor:
    r"""Mean of :math:`\|\tilde\nabla f_j(w, D_\beta)\|` over the tasks of the oracles, ``(replicates,)``."""
    total, count = torch.zeros_like(w[:, 0]), 0
    for oracle in oracles:
        oracle.begin(w.unsqueeze(-2), 0.0, 0)
        if takes_frames(oracle.problem):
            oracle.take_frames()
        total = total + torch.linalg.vector_norm(oracle.gradient(w, "step"), dim=-1).sum(-1)
        count += oracle.tasks.shape[-1]
    return total / count
