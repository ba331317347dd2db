"""What a multilevel inner batch draws on average, and with which chance it draws a level.

Level j = 1..M is drawn with the probability ``p_j = q 2^-j`` and none with ``p_0 = 1 - sum p_j``, M the depth and
q the rate; a level costs two inner batches of ``2^(j-1) D_in`` samples and one more outer batch of D_o. The
functions take numbers or symbols.
"""

from __future__ import annotations

from typing import Any


def inner_samples(D_in: Any, depth: Any, rate: Any) -> Any:
    """Return the expected samples of the inner gradients of one task: ``D_in (1 + q M)``."""
    return D_in * (1 + rate * depth)


def outer_samples(D_o: Any, depth: Any, rate: Any) -> Any:
    """Return the expected samples of the outer gradients of one task: ``D_o (1 + q (1 - 2^-M))``."""
    return D_o * (1 + chance(depth, rate))


def hessian_samples(D_h: Any, depth: Any, rate: Any, steps: Any = 1) -> Any:
    """Return the expected samples of the Hessians of one task with N inner steps: ``D_h (N + (N-1) q M)``.

    A level j takes those after the first step anew, over ``2^j D_h`` samples each.
    """
    return D_h * (steps + (steps - 1) * rate * depth)


def chance(depth: Any, rate: Any) -> Any:
    """Return the probability that a task draws a level at all: ``q (1 - 2^-M)``, at most 1."""
    return rate * (1 - 2**-depth)


def probabilities(depth: int, rate: float) -> tuple[float, ...]:
    """Return p_0, p_1, ..., p_M."""
    deeper = tuple(rate * 2.0**-level for level in range(1, depth + 1))
    return (max(0.0, 1.0 - sum(deeper)), *deeper)
