r"""Derivatives of a batch's loss without any matrix: Hessian-vector products, and the third derivative along v.

Reverse mode alone, so that any module that torch can differentiate twice (three times for the third derivative)
will do. Samples one by one are differentiated together where the module allows it, else one after the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, vmap

from empirics.differentiation import derivative
from empirics.estimation.model import BatchLoss
from empirics.estimation.sources import Data, rows
from empirics.estimation.spectrum import largest


def gradient(loss: BatchLoss, w: Tensor, data: Data) -> Tensor:
    """Return the gradient of the batch's loss at w."""
    at = w.detach().requires_grad_(True)
    return derivative(loss(at, data), at)


class Curvature:
    """The second and third derivatives of a batch's loss at one point; its graph is built once.

    Parameters
    ----------
    loss : callable
    w : Tensor, shape (dim,)
    data : tuple of Tensor
    """

    def __init__(self, loss: BatchLoss, w: Tensor, data: Data) -> None:
        self._at = w.detach().clone().requires_grad_(True)
        self._gradient = derivative(loss(self._at, data), self._at, graph=True)
        self.gradient = self._gradient.detach()

    def product(self, v: Tensor) -> Tensor:
        """Return the Hessian times v."""
        return derivative(self._gradient @ v, self._at, again=True)

    def form(self, v: Tensor) -> float:
        """Return ``v'Hv``."""
        return float(self.product(v) @ v)

    def top(self, rng: np.random.Generator) -> tuple[float, Tensor]:
        """Return the largest |eigenvalue| of the Hessian, from below, and its vector."""
        size, vector = largest(lambda v: self.product(v.to(self._at)), len(self._at), rng)
        return size, vector.to(self._at)

    def third(self, v: Tensor) -> Tensor:
        r"""Return :math:`D^3 f(w)[v, v, \cdot]`, the gradient of :math:`\langle v, \nabla^2 f(w)\,v\rangle`."""
        bent = derivative(self._gradient @ v, self._at, graph=True)
        return derivative(bent @ v, self._at, again=True)

    def fourth(self, v: Tensor, u: Tensor) -> Tensor:
        r"""Return the gradient of :math:`D^3 f(w)[v, v, u]`."""
        bent = derivative(self._gradient @ v, self._at, graph=True)
        return derivative(derivative(bent @ v, self._at, graph=True) @ u, self._at, again=True)


def adapted_gradient(loss: BatchLoss, w: Tensor, alpha: float, inner: Data, outer: Data) -> Tensor:
    """Return the gradient on one batch after an inner step on another."""
    return gradient(loss, w - alpha * gradient(loss, w, inner), outer)


def each(function: Callable[..., Tensor], *columns: Tensor) -> Tensor:
    """Return a function of single rows for every row: together, or one by one where that is not possible.

    Some operations and branches on values have no batched form; a loss that fails by itself fails in the loop too.
    """
    try:
        return vmap(function)(*columns)
    except (RuntimeError, ValueError):
        return torch.stack([function(*row) for row in zip(*columns, strict=True)])


def gradients(loss: BatchLoss, w: Tensor, data: Data) -> Tensor:
    """Return the gradient of every sample, ``(samples, dim)``."""
    return each(lambda *row: grad(_of_sample(loss))(w, *row), *data)


def products(loss: BatchLoss, w: Tensor, data: Data, v: Tensor) -> Tensor:
    """Return the Hessian of every sample times v, one vector or one for each, ``(samples, dim)``."""
    slope = grad(_of_sample(loss))

    def product(u: Tensor, *row: Tensor) -> Tensor:
        return grad(lambda x: slope(x, *row) @ u)(w)

    return each(product, v.expand(len(data[0]), -1), *data)


def _of_sample(loss: BatchLoss) -> Callable[..., Tensor]:
    return lambda w, *row: loss(w, tuple(entry.unsqueeze(0) for entry in row))


def some(data: Data, most: int) -> Data:
    """Return the first samples of a task, at most so many."""
    return rows(data, slice(0, most))
