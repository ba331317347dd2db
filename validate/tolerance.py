r"""How far two numbers that should agree may differ for round-off alone: every tolerance of a verdict.

A tolerance is relative to what was computed, to the *scale* of its terms before they cancel, and to the unit
round-off u of the precision in use: :math:`k\,u\,\text{scale}`, with k the roundings that the way to the result is
trusted to stay within. It is never an absolute number, so no change of units changes a verdict.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

DOUBLE, SINGLE = 2.0**-53, 2.0**-24
"""Unit round-offs."""
ROUNDINGS = 128
"""Of a problem's derivative: sums over dimensions, samples and tasks, each within a few units of its terms."""
DIRECTION_ROUNDINGS = 16
"""Of a direction that takes the oracle's answers in single precision.

Rounded are the point, its gradient, the inner step, the adapted point, the gradient there, the Hessian's
product and the last sum; an error at a point counts L times, one at the probe at most 1 + alpha L <= 2 times.
"""
TINY = float(np.finfo(float).tiny)
"""The smallest normal number: keeps a ratio from 0/0, and forgives nothing."""

Scale = TypeVar("Scale", float, np.ndarray, Tensor)


def norm(vectors: Tensor) -> Tensor:
    """Return norms over the last axis, of which scales are made."""
    return torch.linalg.vector_norm(vectors, dim=-1)


def round_off(scale: Scale) -> Scale:
    r"""Return the numerical error of a result in double precision whose terms are of size ``scale``.

    :math:`128\cdot2^{-53}\,|\text{scale}|`, in the unit of the scale. Never negative; NaN stays NaN.
    """
    return ROUNDINGS * DOUBLE * abs(scale)


def gradient_scale(gradient: Scale, L: float, w: Scale) -> Scale:
    r"""Return the scale of a gradient: :math:`\|\nabla f\| + L\|w\|`, as a point is known to :math:`u\|w\|` only.

    Parameters
    ----------
    gradient, w : float, array or Tensor
        Norms of the gradient, unit F/W, and of the point, unit W.
    L : float
        Smoothness, unit F/W^2.
    """
    return abs(gradient) + L * abs(w)


def direction_round_off(scale: Scale) -> Scale:
    r"""Return the error that is forgiven in a direction: that of right code in single precision.

    :math:`16\cdot2^{-24}\,|\text{scale}|` with the scale
    :math:`\|G\| + \|\nabla f_i\| + \sigma + \tilde\sigma + L\|w\|` of what is added up. Unit F/W.
    """
    return DIRECTION_ROUNDINGS * SINGLE * abs(scale)


def square_round_off(value: float, error: float) -> float:
    r"""Return the error of a square, or of a variance, of value ``value`` whose root is off by ``error``.

    :math:`(\sqrt v + e)^2 - v = 2e\sqrt v + e^2`; a value below 0, which only round-off makes, counts as 0.
    """
    return error * (2 * math.sqrt(max(value, 0.0)) + error) if value == value else math.nan
