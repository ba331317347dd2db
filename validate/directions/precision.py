r"""How far right code may deviate: relative to what it adds up, and to the precision that it computes in.

The scale of a direction is :math:`\|G\| + \|\nabla f_i(w)\| + \sigma + \tilde\sigma + (L + \sigma_H)\|w\|`: an
answer of the oracle is known only as exactly as its point is. Right code in double precision may difference
gradients, which costs half the digits and lands where single precision does; so that is what is always granted.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from bounds import Constants
from validate.directions.asking import Block, Look
from validate.directions.pairs import probing, rounded
from validate.tolerance import DIRECTION_ROUNDINGS, DOUBLE, SINGLE, TINY, norm

PRECISIONS = ((torch.bfloat16, 2.0**-9), (torch.float16, 2.0**-11), (torch.float32, SINGLE))


def gradients(block: Block, G: Tensor, constants: Constants) -> Tensor:
    r"""Return :math:`\|G\| + \|\nabla f_i(w)\| + \sigma + \tilde\sigma`, shape (rows, B). Unit F/W."""
    gradient = norm(block.problem.gradient(block.tasks, block.w.unsqueeze(-2)))
    return norm(G) + gradient + constants.sigma + constants.sigma_tilde


def scale(block: Block, G: Tensor, constants: Constants) -> Tensor:
    r"""Return the same with :math:`(L + \sigma_H)\|w\|` added, shape (rows, B). Unit F/W.

    The Hessian of a sample, which multiplies the error of the point, may be that much larger than L.
    """
    steepest = constants.L + constants.sigma_H
    return gradients(block, G, constants) + steepest * norm(block.w).unsqueeze(-1)


def unit_round_off(block: Block, G: Tensor, looks: Sequence[Look]) -> float:
    """Return the unit round-off of the coarsest precision that the answer or all points looked at are in."""
    w = block.w.unsqueeze(-2)
    moved = [look.points for look in looks if not torch.equal(look.points.double(), w.expand_as(look.points))]
    for dtype, u in PRECISIONS:
        if G.dtype == dtype or (moved and all(_representable(points, dtype) for points in moved)):
            return u
    return DOUBLE


def _representable(points: Tensor, dtype: torch.dtype) -> bool:
    return bool(points.any()) and torch.equal(points.to(dtype).double(), points.double())


def allowed(block: Block, size: Tensor, looks: Sequence[Look], u: float) -> Tensor:
    r"""Return the relative deviation that is forgiven, shape (rows, B).

    :math:`16\,(\max(u, 2^{-24}) + u\,\alpha s/l)` with ``size`` s of the gradients and l the shortest way from w
    at which two were taken, one on either side: a difference over l divides the round-off by l.
    """
    shortest = torch.full(size.shape, torch.inf, dtype=torch.float64)
    for number in probing(block, looks, u):
        way = norm(looks[number].points.double() - block.w.unsqueeze(-2)).expand(size.shape)
        if looks[number].kind == "gradient":
            shortest = torch.where(way > rounded(block, u), torch.minimum(shortest, way), shortest)
    return DIRECTION_ROUNDINGS * (max(u, SINGLE) + u * block.alpha * size / shortest)


def relative(difference: Tensor, scale: Tensor) -> Tensor:
    """Return norms of differences over their scale; 0 where nothing differs, however small the scale."""
    size = norm(difference)
    return torch.where(size == 0, 0.0, size / scale.clamp(min=TINY))
