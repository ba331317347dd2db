r"""Where the gradient changes fastest along a segment: what L must bound where the Hessian does not show it.

A kink of a loss has no Hessian, and beside it the Hessian may be 0. But L bounds
:math:`\|\nabla f_i(u) - \nabla f_i(w)\| / \|u - w\|` for any two points, and one of the two halves of a segment
has at least the quotient of the whole: halving finds a kink that a segment crosses, and the quotient grows there
without end.
"""

from __future__ import annotations

import torch
from torch import Tensor

from empirics.problems.base import Problem

HALVINGS = 20
ROUND_OFF = 4 * torch.finfo(torch.float32).eps
"""By how much, of all that they are made of, gradients may be wrong: a loss may compute in single precision."""

Segment = tuple[Tensor, Tensor]


def steepest(problem: Problem, tasks: Tensor, w: Tensor, u: Tensor) -> tuple[Tensor, Segment]:
    r"""Return the square of the largest :math:`\|\nabla f_i(u) - \nabla f_i(w)\| / \|u - w\|` found, and where.

    Parameters
    ----------
    problem : Problem
    tasks : Tensor, shape (n,)
    w, u : Tensor, shape (n, dim)
        Ends of the segments.

    Returns
    -------
    Tensor, shape (n,)
        Less what round-off can explain; 0 where a gradient is not a number. Unit (F/W^2)^2.
    (Tensor, Tensor)
        The ends of the parts.
    """
    ends, slopes = (w, u), (problem.gradient(tasks, w), problem.gradient(tasks, u))
    round_off = _round_off(problem, tasks, ends, slopes)
    best, where = _quotient(ends, slopes, round_off), ends
    for _ in range(HALVINGS):
        middle = (ends[0] + ends[1]) / 2
        slope = problem.gradient(tasks, middle)
        first = _length(slope - slopes[0]) >= _length(slopes[1] - slope)
        ends = _choose(first, (ends[0], middle), (middle, ends[1]))
        slopes = _choose(first, (slopes[0], slope), (slope, slopes[1]))
        found = _quotient(ends, slopes, round_off)
        where, best = _choose(found > best, ends, where), torch.maximum(found, best)
    return best.square().squeeze(-1), where


def _quotient(ends: Segment, slopes: Segment, round_off: Tensor) -> Tensor:
    change = (_length(slopes[1] - slopes[0]) - round_off).clamp(min=0)
    return (change / _length(ends[1] - ends[0])).nan_to_num(0.0, 0.0, 0.0)


def _round_off(problem: Problem, tasks: Tensor, ends: Segment, slopes: Segment) -> Tensor:
    """Return what round-off may add to the change of gradients, of single draws too."""
    c, noise = problem.constants(), problem.gradient_noise(tasks, ends[0])
    single = (
        torch.full_like(slopes[0][..., :1], c.sigma_tilde) if noise is None else noise.sqrt().unsqueeze(-1)
    )
    parts = (_length(slope) + c.L * _length(end) for slope, end in zip(slopes, ends, strict=True))
    return ROUND_OFF * (single + sum(parts))


def _length(x: Tensor) -> Tensor:
    return x.norm(dim=-1, keepdim=True)


def _choose(first: Tensor, one: Segment, other: Segment) -> Segment:
    return torch.where(first, one[0], other[0]), torch.where(first, one[1], other[1])
