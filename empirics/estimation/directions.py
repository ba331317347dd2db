r"""One task's share of grad F from samples, without the bias of its inner batch.

.. math:: G_i = (I - \alpha \tilde\nabla^2 f_i(w, D_h))\, \hat v_i, \qquad
    E[\hat v_i \mid i] = E\,\tilde\nabla f_i(w - \alpha \tilde\nabla f_i(w, 2^M D), D_o)

The adapted point from few samples is biased; that from :math:`2^M D` hardly, but dear. Randomised multilevel
sampling (J. Blanchet and P. Glynn, "Unbiased Monte Carlo for optimization and functions of expectations via
multi-level randomization", WSC 2015) has its mean at a fraction of the price: with probability :math:`p_j` the
difference of the levels j and j - 1, over :math:`p_j`, is added to that of level 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.estimation.derivatives import Curvature, adapted_gradient, gradient
from empirics.estimation.model import OwnModel
from empirics.estimation.sources import TASKS, Data, rows

RATE = 0.25
"""Probability of the first level; each further one is :data:`FALL` times as likely."""
FALL = 2**-1.5
"""Between the price of a level, which doubles, and its variance, which falls to a quarter for smooth losses."""
LEAST = 4
DEPTH, BASE = 7, 8


@dataclass(frozen=True)
class Sizes:
    """Batch sizes: inner D (at level 0), outer E, Hessian, and the depth M."""

    D: int
    E: int
    D_h: int
    depth: int

    @property
    def finest(self) -> int:
        """The inner batch whose mean the estimator has."""
        return self.D * 2**self.depth

    def needed(self, level: int) -> int:
        """Return how many samples of a task a draw of this level takes."""
        return self.D + self.E + self.D_h + (self.D * 2**level + self.E if level else 0)

    def probabilities(self) -> np.ndarray:
        """Return the probability of every level, 0 to M."""
        deep = RATE * FALL ** np.arange(self.depth)
        return np.array([1 - deep.sum(), *deep])


def sizes_for(samples: int | None) -> Sizes:
    """Return batch sizes for tasks of so many samples; None where as many as wanted can be drawn.

    Raises
    ------
    InputError
        When there are fewer than four, one for each batch and one to spare.
    """
    if samples is None:
        return Sizes(BASE, BASE, BASE, DEPTH)
    if samples < LEAST:
        allowed = f"a task needs at least {LEAST} samples for independent batches"
        raise InputError(
            TASKS, f"{samples} samples", allowed, "give a list of whole tasks, or sampler(rng, points)"
        )
    E, D = max(1, samples // 6), max(1, samples // 12)
    left = samples - D - 3 * E
    return Sizes(D, E, E, int(np.log2(left / D)) if left >= 2 * D else 0)


def whole(model: OwnModel, w: Tensor, data: Data, alpha: float) -> Tensor:
    """Return the gradient of F_i where the samples given are all of the task."""
    curve = Curvature(model.loss, w, data)
    outer = gradient(model.loss, w - alpha * curve.gradient, data)
    return outer - alpha * curve.product(outer)


def sampled(model: OwnModel, w: Tensor, alpha: float, sizes: Sizes, rng: np.random.Generator) -> Tensor:
    """Draw a task, its samples, and a level; return its share of the gradient of F."""
    chances = sizes.probabilities()
    level = int(rng.choice(len(chances), p=chances))
    data = model.tasks.one(rng, sizes.needed(level))
    most = len(data[0])
    if most < sizes.needed(level):
        sizes = sizes_for(most)
        chances = sizes.probabilities()
        level = int(rng.choice(len(chances), p=chances))
    batches = _Batches(data, rng)
    v = adapted_gradient(model.loss, w, alpha, batches.next(sizes.D), batches.next(sizes.E))
    curve = Curvature(model.loss, w, batches.next(sizes.D_h))
    if level:
        half = sizes.D * 2 ** (level - 1)
        inner = (batches.next(half), batches.next(half))
        v = v + _correction(model, w, alpha, inner, batches.next(sizes.E)) / chances[level]
    return v - alpha * curve.product(v)


def _correction(model: OwnModel, w: Tensor, alpha: float, inner: tuple[Data, Data], outer: Data) -> Tensor:
    """Return the gradient at the mean of two adapted points less the mean of the gradients, on one outer batch."""
    a, b = (w - alpha * gradient(model.loss, w, half) for half in inner)
    ends = (gradient(model.loss, a, outer) + gradient(model.loss, b, outer)) / 2
    return gradient(model.loss, (a + b) / 2, outer) - ends


class _Batches:
    """The samples of a task in random order, handed out without repetition."""

    def __init__(self, data: Data, rng: np.random.Generator) -> None:
        self._data = rows(data, torch.from_numpy(rng.permutation(len(data[0]))))
        self._next = 0

    def next(self, size: int) -> Data:
        """Return the next samples."""
        self._next += size
        return rows(self._data, slice(self._next - size, self._next))
