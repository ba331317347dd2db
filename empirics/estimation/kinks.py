r"""Whether a gradient or a Hessian jumps: then no L, or no rho, is large enough, however small the step.

The segment on which a gradient changes most is halved again and again: a smooth gradient then changes by what its
Hessian says, and one that jumps by far more. Along a segment from w to u with the direction v a smooth Hessian
changes by what its derivative adds up to,

.. math:: (\nabla^2 f(u) - \nabla^2 f(w))\,v = |u - w| \int_0^1 D^3 f(w + t(u-w))[v, v, \cdot]\,dt,

and Gauss's rule with eight points has the integral to many digits. A jump is in the change and not in the
integral.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from empirics.estimation.derivatives import Curvature
from empirics.estimation.model import BatchLoss, OwnModel
from empirics.estimation.sources import Data

POINTS = (8, 12)
MISSING = 0.2
"""Part of the change that the integral must miss, with both numbers of points."""
HALVINGS, BEYOND = 14, 10.0
"""How often a segment is halved, and how many times more a gradient that jumps changes than its Hessian says."""
_SMALL = 1e-7
_BENT = (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ReLU6, nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid)
_BENT_TOO = (nn.Threshold, nn.Softshrink, nn.Hardshrink, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)


def bent_layers(module: nn.Module | None) -> tuple[str, ...]:
    """Return the names of a module's layers that have kinks, each kind once."""
    layers = () if module is None else module.modules()
    return tuple(dict.fromkeys(type(one).__name__ for one in layers if isinstance(one, (*_BENT, *_BENT_TOO))))


@dataclass(frozen=True)
class Kinks:
    """Where a loss has kinks.

    Attributes
    ----------
    layers : tuple of str
        Kinds of layers that have some: there the gradient jumps.
    gradients, hessians : int
        On how many of the tasks' adaptation segments that were looked at each of them jumps.
    """

    layers: tuple[str, ...]
    gradients: int
    hessians: int

    def __bool__(self) -> bool:
        return bool(self.layers or self.gradients or self.hessians)

    @property
    def said(self) -> str:
        """What that means, and what to do."""
        where = f"{', '.join(self.layers)} has kinks" if self.layers else "seen on the way of adaptation"
        first = bool(self.layers or self.gradients)
        what, none = ("gradient", "no L and no rho is") if first else ("Hessian", "no rho is")
        told = f"the {what} jumps ({where}): {none} large enough, and what needs one does not hold"
        smooth = "" if self.layers else ", nor have squared errors and cross-entropy"
        return f"{told}; tanh, softplus or GELU have no kinks{smooth}"


def kinks(model: OwnModel, tasks: Sequence[Data], alpha: float) -> Kinks:
    """Return the kinks of a model, looked for in its layers, and on adaptation segments where those show none."""
    layers = bent_layers(model.module)
    seen = [] if layers else [_jumps(model.loss, model.start, data, alpha) for data in tasks]
    return Kinks(layers, sum(gradient for gradient, _ in seen), sum(hessian for _, hessian in seen))


def _jumps(loss: BatchLoss, w: Tensor, data: Data, alpha: float) -> tuple[bool, bool]:
    """Return whether the gradient, and whether the Hessian, jumps on the way of adaptation."""
    here = Curvature(loss, w, data)
    way = -alpha * here.gradient
    length = float(way.norm())
    if not length > 0:
        return False, False

    def at(t: float) -> Curvature:
        return Curvature(loss, w + t * way, data)

    there = at(1.0)
    return _breaks(here, there, at, way), _bends(here, there, at, way / length, length)


def _breaks(here: Curvature, there: Curvature, at: Callable[[float], Curvature], way: Tensor) -> bool:
    """Return whether the gradient jumps on a segment."""
    low, high, ends = 0.0, 1.0, (here, there)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        between = at(middle)
        first = _distance(between, ends[0]) >= _distance(ends[1], between)
        low, high = (low, middle) if first else (middle, high)
        ends = (ends[0], between) if first else (between, ends[1])
    change, size = _distance(*ends), float(here.gradient.norm())
    most = max(float(end.product((high - low) * way).norm()) for end in ends)
    return change > _SMALL * size and change > BEYOND * most


def _distance(one: Curvature, other: Curvature) -> float:
    return float((one.gradient - other.gradient).norm())


def _bends(
    here: Curvature, there: Curvature, at: Callable[[float], Curvature], v: Tensor, length: float
) -> bool:
    """Return whether the Hessian jumps on a segment: its change is none that the third derivative adds up to."""
    before = here.product(v)
    change = there.product(v) - before
    size = float(change.norm())
    if not size > _SMALL * float(before.norm()):
        return False

    def added(points: int) -> Tensor:
        return length * _mean(lambda t: at(t).third(v), points)

    return all(float((change - added(n)).norm()) > MISSING * size for n in POINTS)


def _mean(of: Callable[[float], Tensor], points: int) -> Tensor:
    """Return the mean over the segment, by Gauss's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    parts = [weight / 2 * of((node + 1) / 2) for node, weight in zip(nodes, weights, strict=True)]
    return torch.stack(parts).sum(0)
