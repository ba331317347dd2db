r"""How far an algorithm itself moves where its points and the oracle's answers are rounded.

The Hessian of a sample may be many times :math:`\sigma_H`, and every inner step and every Hessian product
multiplies by :math:`1 + \alpha` times it what was rounded before; so no multiple of the scale bounds what right
code in single precision is off by. It is measured: the algorithm is asked again, with every number that goes into
the oracle or comes out of it off by the unit round-off, upwards or downwards at random.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from empirics.oracle import Oracle
from validate.directions.asking import Block, Direction
from validate.directions.precision import relative
from validate.tolerance import DIRECTION_ROUNDINGS

PATTERNS = 6
"""How often it is asked again; the farthest counts."""


class Blurred:
    """An oracle whose points and answers are off by the unit round-off, each number for itself."""

    def __init__(self, oracle: Oracle, u: float, generator: torch.Generator) -> None:
        self.oracle, self.u, self.generator = oracle, u, generator
        self.problem, self.tasks = oracle.problem, oracle.tasks

    def gradient(self, w: Tensor, split: str) -> Tensor:
        """Gradient over the named batch."""
        return self.off(self.oracle.gradient(self.off(w), split))

    def hessian_vector(self, w: Tensor, v: Tensor, split: str) -> Tensor:
        """Hessian over the named batch, times a vector."""
        return self.off(self.oracle.hessian_vector(self.off(w), self.off(v), split))

    def off(self, values: Tensor) -> Tensor:
        """Return the numbers, each off by the unit round-off."""
        signs = torch.randint(2, values.shape, generator=self.generator, dtype=values.dtype) * 2 - 1
        return values * (1 + self.u * signs)


def amplified(direction: Direction, block: Block, size: Tensor, u: float) -> Tensor:
    """Return the relative deviation that rounding alone may leave, shape (rows, B).

    Parameters
    ----------
    direction : callable
        The algorithm.
    block : Block
    size : Tensor, shape (rows, B)
        The scale of its answers.
    u : float
        The unit round-off.
    """
    w, generator = block.w.unsqueeze(-2), torch.Generator().manual_seed(0)
    exact, farthest = block.answer(direction), torch.zeros_like(size)
    for _ in range(PATTERNS):
        blurred = Blurred(block.unwatched(), u, generator)
        found = direction(cast(Oracle, blurred), blurred.off(w), block.alpha)
        farthest = torch.maximum(farthest, relative(found - exact, size))
    return DIRECTION_ROUNDINGS * farthest
