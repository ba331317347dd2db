r"""Problems whose axes are hidden behind a random rotation, :math:`z = U^\top w`."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from torch import Tensor

from empirics.problems import turning
from empirics.problems.synthetic import Synthetic


class Turned(Synthetic):
    """The rotation, and vectors in its coordinates; ``rotate`` is a parameter of the families."""

    rotate: bool

    @cached_property
    def rotation(self) -> np.ndarray:
        """The orthogonal matrix U of ``z = U'w``, up to the dimension where U is one."""
        return turning.matrix(self.rng("rotation"), self.dim)

    @cached_property
    def signs(self) -> np.ndarray:
        """The signs of the map that stands for U in larger dimensions, see :mod:`empirics.problems.turning`."""
        return turning.signs(self.rng("rotation"), self.dim)

    @property
    def turned(self) -> bool:
        """Whether the axes are hidden."""
        return self.rotate and self.dim > 1

    def coordinates(self, w: Tensor) -> Tensor:
        """Return z = U'w, shape ``(..., dim)``."""
        if not self.turned:
            return w
        if self.dim > turning.LARGEST_MATRIX:
            return turning.turn(w, self.table("signs", w))
        return w @ self.table("rotation", w)

    def vector(self, z: Tensor) -> Tensor:
        """Return w = Uz, shape ``(..., dim)``."""
        if not self.turned:
            return z
        if self.dim > turning.LARGEST_MATRIX:
            return turning.turn_back(z, self.table("signs", z))
        return z @ self.table("rotation", z).T
