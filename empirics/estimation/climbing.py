"""In a ball the largest is looked for: up the slope of the curvature, and of the third derivative, in w."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from empirics.estimation.curvature import steepest
from empirics.estimation.derivatives import Curvature, gradient
from empirics.estimation.model import BatchLoss
from empirics.estimation.region import Region
from empirics.estimation.sources import Data

STEPS, DOWNHILL = 16, 40
FIRST, LEAST = 0.5, 1e-3
"""Length of the first step, and that of the last, in radii of the ball."""
Height = Callable[[Tensor], tuple[float, Callable[[], Tensor]]]
"""From a point to a height and a function for its slope there."""


def up(height: Height, w: Tensor, region: Region, steps: int = STEPS) -> Tensor:
    """Return the highest point that was met, going up inside the ball; the step shrinks where it fails."""
    best, slope = height(w)
    length = FIRST * float(region.radius or 0)
    for _ in range(steps):
        way = slope()
        size = float(way.norm())
        if not (size > 0 and length > LEAST * float(region.radius or 0)):
            break
        moved = region.nearest(w + length * way / size)
        found, then = height(moved)
        if found > best:
            w, best, slope, length = moved, found, then, 1.5 * length
        else:
            length /= 3
    return w


def down(loss: BatchLoss, w: Tensor, data: Data, region: Region, step: float) -> Tensor:
    """Return where gradient descent on one task leads inside the ball: near minima curvature is often largest.

    The step grows while the loss falls and is halved where it does not: the curvature there may be any.
    """
    value = _value(loss, w, data)
    for _ in range(DOWNHILL):
        moved = region.nearest(w - step * gradient(loss, w, data))
        found = _value(loss, moved, data)
        if found < value:
            w, value, step = moved, found, 1.5 * step
        else:
            step /= 4
    return w


def _value(loss: BatchLoss, w: Tensor, data: Data) -> float:
    with torch.no_grad():
        return float(loss(w, data))


def curvature_of(loss: BatchLoss, data: Data, rng: np.random.Generator) -> Height:
    r"""Return the height :math:`|v'\nabla^2 f(w)v|`, v the top vector: its slope is :math:`\pm D^3 f[v, v]`."""

    def height(w: Tensor) -> tuple[float, Callable[[], Tensor]]:
        curve = Curvature(loss, w, data)
        size, v = curve.top(rng)
        return size, lambda: curve.third(v) * curve.product(v).dot(v).sign()

    return height


def bending_of(loss: BatchLoss, data: Data, rng: np.random.Generator) -> Height:
    """Return the height of the third derivative in its steepest direction, with its slope in w."""

    def height(w: Tensor) -> tuple[float, Callable[[], Tensor]]:
        curve = Curvature(loss, w, data)
        size, bend, turned = steepest(curve, rng)
        return size, lambda: w * 0 if bend is None else curve.fourth(bend, turned)

    return height
