"""A starting point that gives a wanted Delta."""

from __future__ import annotations

from collections.abc import Callable

from scipy.optimize import brentq
from torch import Tensor

from bounds.errors import InputError


def point_at_gap(gap: Callable[[Tensor], float], centre: Tensor, ray: Tensor, Delta: float) -> Tensor:
    """Return the point ``centre + t ray``, t >= 0, at which ``gap`` equals Delta.

    Parameters
    ----------
    gap : callable
        The certified bound on F(w) - inf F at a point, continuous.
    centre, ray : Tensor
        A point with a small gap, and a unit direction.
    Delta : float
        The wanted gap. Unit F.

    Raises
    ------
    InputError
        When Delta is below the gap at the centre, or never reached along the ray.
    """
    least = gap(centre)
    if not least <= Delta:
        remedy = "it counts E_i inf f_i, which lies below inf F when tasks differ"
        raise InputError("Delta", Delta, f"must be >= {least:.6g} for these parameters", remedy)
    far = 1.0
    while gap(centre + far * ray) < Delta:
        far *= 2
        if far > 1e9:
            raise InputError("Delta", Delta, f"must be < {gap(centre + far * ray):.6g} for these parameters")
    return centre + brentq(lambda t: gap(centre + t * ray) - Delta, 0.0, far, xtol=1e-15, rtol=1e-14) * ray
