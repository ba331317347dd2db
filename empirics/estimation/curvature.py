r"""Lower bounds of L and rho: curvature, and how fast it changes, at one point of one task.

.. math:: L \ge \|\nabla^2 f_i(w)\|, \qquad \rho \ge \max_{|v|=1} \|D^3 f_i(w)[v, v, \cdot]\|

The maximum over pairs of directions is attained with equal ones, for the third derivative is symmetric (Banach);
``v <- D^3 f[v, v] / |.|`` climbs towards it. On the segment of adaptation the change of the
Hessian itself is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from empirics.estimation.derivatives import Curvature
from empirics.estimation.model import BatchLoss
from empirics.estimation.sources import Data

CLIMBS = 12
_SMALL = 1e-5


@dataclass(frozen=True)
class Bent:
    """What was found at a point of a task: both bounds and their directions.

    ``sign top' H top`` is L, and ``D^3 f[bend, bend, turned]`` the part of rho that no segment shows.
    """

    L: float
    rho: float
    sign: float
    top: Tensor
    bend: Tensor | None
    turned: Tensor


def bent(
    loss: BatchLoss,
    w: Tensor,
    data: Data,
    rng: np.random.Generator,
    alpha: float | None = None,
    starts: int = 1,
) -> Bent:
    """Return lower bounds of L and rho at one point of one task.

    Parameters
    ----------
    loss, w, data, rng
    alpha : float, optional
        Length of the adaptation segment over the gradient; by default 1/(6 L) with the L found here.
    starts : int
        How many random directions to climb the third derivative from, besides two that are likely to be good.
    """
    curve = Curvature(loss, w, data)
    L, top = curve.top(rng)
    rho, bend, turned = steepest(curve, rng, top, starts=starts)
    segment = _along(loss, w, data, curve, alpha or (1 / (6 * L) if L > 0 else 0.0))
    sign = -1.0 if curve.form(top) < 0 else 1.0
    return Bent(L, max(rho, segment), sign, top, bend, turned)


def steepest(
    curve: Curvature, rng: np.random.Generator, *more: Tensor, starts: int = 1
) -> tuple[float, Tensor | None, Tensor]:
    """Return the largest size of the third derivative from several starts, where, and which way it points."""
    drawn = torch.from_numpy(rng.standard_normal((starts, len(curve.gradient)))).to(curve.gradient)
    return max((_climb(curve, v) for v in (*more, curve.gradient, *drawn)), key=lambda found: found[0])


def _climb(curve: Curvature, v: Tensor) -> tuple[float, Tensor | None, Tensor]:
    """Return the largest size of the third derivative that was met, where, and which way it points."""
    best: tuple[float, Tensor | None, Tensor] = (0.0, None, v)
    for _ in range(CLIMBS):
        size = float(v.norm())
        if not size > 0:
            break
        unit = v / size
        v = curve.third(unit)
        found = float(v.norm())
        if not found > best[0]:
            break
        enough, best = found < 1.02 * best[0], (found, unit, v / found)
        if enough:
            break
    return best


def _along(loss: BatchLoss, w: Tensor, data: Data, curve: Curvature, alpha: float) -> float:
    r"""Return :math:`\|(\nabla^2 f(u)-\nabla^2 f(w))v\|/\|u-w\|`, v the unit vector of u - w = -alpha grad f."""
    way = -alpha * curve.gradient
    length = float(way.norm())
    if not length > _SMALL * (1 + float(w.norm())):
        return 0.0
    v = way / length
    return float((Curvature(loss, w + way, data).product(v) - curve.product(v)).norm()) / length
