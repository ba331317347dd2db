r"""Orthogonal maps that hide the axes: a random rotation, and where that is too large one at a cost of d log d."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

LARGEST_MATRIX = 1024
"""Coordinates up to which the map is a matrix, uniform among the rotations and reflections."""


def matrix(rng: np.random.Generator, dim: int) -> np.ndarray:
    """Return a random orthogonal matrix, ``(dim, dim)``."""
    q, r = np.linalg.qr(rng.standard_normal((dim, dim)))
    return q * np.sign(np.diag(r))


def signs(rng: np.random.Generator, dim: int) -> np.ndarray:
    """Return two rows of random signs, ``(2, dim)``."""
    return rng.choice((-1.0, 1.0), size=(2, dim))


def turn(w: Tensor, flips: Tensor) -> Tensor:
    r"""Return :math:`z = H S_2 H S_1 w` for signs S and the Hartley transform H; no z_j is near an axis of w."""
    return hartley(flips[1] * hartley(flips[0] * w))


def turn_back(z: Tensor, flips: Tensor) -> Tensor:
    """Return the w of a z: signs and the transform are their own inverses."""
    return flips[0] * hartley(flips[1] * hartley(z))


def hartley(x: Tensor) -> Tensor:
    r"""Return :math:`\sum_k x_k(\cos + \sin)(2\pi jk/d)/\sqrt d`, orthogonal and symmetric, ``(..., dim)``."""
    whole = torch.fft.fft(x)
    return (whole.real - whole.imag) / math.sqrt(x.shape[-1])
