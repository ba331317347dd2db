r"""Whether a Hessian jumps: then no rho is large enough, however small the step on which it is looked for.

Along a segment from w to u with the direction v a smooth Hessian changes by what its derivative adds up to,

.. math:: (\nabla^2 f(u) - \nabla^2 f(w))\,v = |u - w| \int_0^1 D^3 f(w + t(u-w))[v, v, \cdot]\,dt,

and Gauss's rule with eight points has the integral to many digits. A jump is in the change and not in the
integral.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from empirics.estimation.derivatives import Curvature
from empirics.estimation.model import BatchLoss
from empirics.estimation.sources import Data

POINTS = (8, 12)
MISSING = 0.2
"""Part of the change that the integral must miss, with both numbers of points."""
_SMALL = 1e-7
_BENT = (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ReLU6, nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid)
_BENT_TOO = (nn.Threshold, nn.Softshrink, nn.Hardshrink, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)


def bent_layers(module: nn.Module | None) -> tuple[str, ...]:
    """Return the names of a module's layers that have kinks, each kind once."""
    layers = () if module is None else module.modules()
    return tuple(dict.fromkeys(type(one).__name__ for one in layers if isinstance(one, (*_BENT, *_BENT_TOO))))


def jumps(loss: BatchLoss, w: Tensor, tasks: Sequence[Data], alpha: float) -> int:
    """Return on how many of the tasks' adaptation segments the Hessian jumps."""
    return sum(_jumps(loss, w, data, alpha) for data in tasks)


def _jumps(loss: BatchLoss, w: Tensor, data: Data, alpha: float) -> bool:
    here = Curvature(loss, w, data)
    way = -alpha * here.gradient
    length = float(way.norm())
    if not length > 0:
        return False
    v = way / length
    change = Curvature(loss, w + way, data).product(v) - here.product(v)
    size = float(change.norm())
    if not size > _SMALL * float(here.product(v).norm()):
        return False
    return all(
        float((change - length * _mean(loss, w, way, v, data, n)).norm()) > MISSING * size for n in POINTS
    )


def _mean(loss: BatchLoss, w: Tensor, way: Tensor, v: Tensor, data: Data, points: int) -> Tensor:
    """Return the mean over the segment of the third derivative along it, by Gauss's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    total = v * 0
    for node, weight in zip(nodes, weights, strict=True):
        total = total + weight / 2 * Curvature(loss, w + (node + 1) / 2 * way, data).third(v)
    return total
