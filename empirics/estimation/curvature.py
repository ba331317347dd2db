r"""Lower bounds of L and rho: curvature, and how fast it changes, at one point of one task.

.. math:: L \ge \|\nabla^2 f_i(w)\|, \qquad \rho \ge \max_{|v|=1} \|D^3 f_i(w)[v, v, \cdot]\|

The maximum over pairs of directions is attained with equal ones, for the third derivative is symmetric (Banach);
``v <- D^3 f[v, v] / |.|`` climbs towards it. On the segment of adaptation, and of the length of a step, the change
of the Hessian itself is taken: it sees jumps that no derivative shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from empirics.estimation.derivatives import Curvature
from empirics.estimation.model import BatchLoss
from empirics.estimation.sources import Data
from empirics.estimation.spectrum import largest

CLIMBS = 6
SHORTER = 32.0
"""How much shorter the second segment is on which a jump of the Hessian is looked for."""
JUMP = 8.0
"""How much faster the Hessian may seem to change on it: a bounded rho allows no such growth, a jump gives 32."""
_SMALL = 1e-5


@dataclass(frozen=True)
class Bent:
    """What was found at a point of a task: both bounds and their directions, and whether the Hessian jumps.

    ``|top' H top|`` is L, and ``D^3 f[bend, bend, turned]`` the part of rho that no segment shows.
    """

    L: float
    rho: float
    top: Tensor
    gradient: Tensor
    bend: Tensor | None
    turned: Tensor
    jumps: bool = False


def bent(
    loss: BatchLoss, w: Tensor, data: Data, rng: np.random.Generator, alpha: float | None = None
) -> Bent:
    """Return lower bounds of L and rho at one point of one task; alpha is that of the adaptation segment."""
    curve = Curvature(loss, w, data)
    L, top = largest(_onto(curve.product, w), len(w), rng)
    top = top.to(w)
    starts = [top, curve.gradient, torch.from_numpy(rng.standard_normal(len(w))).to(w)]
    rho, bend, turned = max((_climb(curve, v) for v in starts), key=lambda found: found[0])
    segment, jumps = _along(loss, w, data, curve, alpha or (1 / (6 * L) if L > 0 else 0.0))
    return Bent(L, max(rho, segment), top, curve.gradient, bend, turned, jumps)


def _onto(product: Callable[[Tensor], Tensor], w: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda v: product(v.to(w))


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


def _along(loss: BatchLoss, w: Tensor, data: Data, curve: Curvature, alpha: float) -> tuple[float, bool]:
    r"""Return :math:`\|(\nabla^2 f(u)-\nabla^2 f(w))v\|/\|u-w\|`, v the unit vector of u - w = -alpha grad f."""
    way = -alpha * curve.gradient
    length = float(way.norm())
    if not length > _SMALL * (1 + float(w.norm())) / SHORTER:
        return 0.0, False
    v = way / length
    here = curve.product(v)
    far, near = (
        float((Curvature(loss, w + part * way, data).product(v) - here).norm()) / (part * length)
        for part in (1.0, 1 / SHORTER)
    )
    sharp = far > 0 and near > JUMP * far and near * length / SHORTER > _SMALL * float(here.norm())
    return max(far, 0.0 if sharp else near), sharp


def climb_L(
    loss: BatchLoss, w: Tensor, data: Data, top: Tensor, step: float, nearest: Callable[[Tensor], Tensor]
) -> Tensor:
    r"""Return the point one step up the curvature along ``top``: its slope in w is :math:`D^3 f[v, v]`."""
    slope = Curvature(loss, w, data).third(top)
    size = float(slope.norm())
    return w if not size > 0 else nearest(w + step * slope / size)
