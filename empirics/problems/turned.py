r"""Problems whose axes are hidden by a rotation, :math:`z = U^\top w`; where that is too large, at d log d."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from empirics.problems.synthetic import Synthetic

LARGEST_MATRIX = 1024
"""Coordinates up to which the map is a matrix, uniform among the rotations and reflections."""


class Turned(Synthetic):
    """The rotation, and vectors in its coordinates; ``rotate`` is a parameter of the families."""

    rotate: bool

    @cached_property
    def rotation(self) -> np.ndarray:
        """The orthogonal matrix U of ``z = U'w``, ``(dim, dim)``, up to the dimension where U is one."""
        q, r = np.linalg.qr(self.rng("rotation").standard_normal((self.dim, self.dim)))
        return q * np.sign(np.diag(r))

    @cached_property
    def flips(self) -> np.ndarray:
        """The signs of the map that stands for U in larger dimensions, see :func:`turn`, ``(2, dim)``."""
        return self.rng("rotation").choice((-1.0, 1.0), size=(2, self.dim))

    @property
    def turned(self) -> bool:
        """Whether the axes are hidden."""
        return self.rotate and self.dim > 1

    def coordinates(self, w: Tensor) -> Tensor:
        """Return z = U'w, shape ``(..., dim)``."""
        if not self.turned:
            return w
        if self.dim > LARGEST_MATRIX:
            return turn(w, self.table("flips", w))
        return w @ self.table("rotation", w)

    def vector(self, z: Tensor) -> Tensor:
        """Return w = Uz, shape ``(..., dim)``."""
        if not self.turned:
            return z
        if self.dim > LARGEST_MATRIX:
            return turn_back(z, self.table("flips", z))
        return z @ self.table("rotation", z).T


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
