"""Certified minima of many one-dimensional functions at once, by branch and bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor]]


class Minimum(NamedTuple):
    """Enclosures ``lower <= min <= upper`` and the points where ``upper`` was seen, one each per function."""

    lower: Tensor
    upper: Tensor
    point: Tensor


def enclose_minima(
    evaluate: Evaluate,
    lower: Tensor,
    upper: Tensor,
    curvature: Tensor,
    cells: int = 64,
    tolerance: float = 1e-11,
    rounds: int = 60,
    most: int = 20_000,
) -> Minimum:
    r"""Enclose the minimum of functions :math:`h_1, h_2, \dots` over an interval each.

    On a cell with centre c and radius r, Taylor's theorem gives
    :math:`h \ge h(c) - |h'(c)| r - M r^2/2` with :math:`|h''| \le M`. Cells that cannot hold the minimum
    are dropped, the others halved, until the gap is below ``tolerance`` times the size of the function.

    Parameters
    ----------
    evaluate : callable
        Maps points ``(cells, *shape)``, one column per function, to values and slopes of that shape.
    lower, upper : Tensor
        Ends of the intervals, shape ``shape``.
    curvature : Tensor
        M, shape ``shape``.
    cells, rounds, most : int
        Cells to begin with; most halvings, and most cells per function, after which the enclosure is what it
        is: valid, and wider than ``tolerance``.
    tolerance : float
        Relative gap at which to stop. Round-off of the evaluation is far below it and is covered by it.
    """
    shape = lower.shape
    edges = torch.linspace(0, 1, 2 * cells + 1, dtype=lower.dtype)[1::2].view(-1, *[1] * len(shape))
    centres, radius = lower + edges * (upper - lower), (upper - lower) / (2 * cells)
    best = torch.full(shape, torch.inf, dtype=lower.dtype)
    point = centres[0].clone()
    for _ in range(rounds):
        values, slopes = evaluate(centres)
        bottoms = values - slopes.abs() * radius - curvature * radius**2 / 2
        value, where = values.min(0)
        point = torch.where(value < best, centres.gather(0, where.unsqueeze(0)).squeeze(0), point)
        best = torch.minimum(best, value)
        enough = best - tolerance * (1 + best.abs())
        kept = int((bottoms < enough).sum(0).max())
        if kept == 0:
            return Minimum(enough, best, point)
        if kept > most:
            break
        centres, radius = centres.gather(0, bottoms.argsort(0)[:kept]), radius / 2
        centres = torch.cat([centres - radius, centres + radius])
    return Minimum(torch.minimum(bottoms.amin(0), enough), best, point)
