"""What a gradient and a Hessian-vector product cost on this machine, per sample."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch

from bounds.recommendation import Cost
from bounds.theory.algorithm import Algorithm
from empirics.estimation.derivatives import Curvature, gradient
from empirics.estimation.model import OwnModel
from empirics.estimation.sources import Data
from empirics.threads import one_thread

REPEATS = 7
DIFFERENCE = 2.0
"""What a sample of the Hessian costs where it is a difference of two gradients."""


@dataclass(frozen=True)
class Prices:
    """Seconds of one sample's gradient, as part of its task's batch; what a Hessian product costs in gradients.

    Attributes
    ----------
    gradient : float or None
        Unit s; None where no time was taken.
    hessian : float
        As a multiple of a gradient.
    """

    gradient: float | None
    hessian: float

    def cost(self, algorithm: Algorithm) -> Cost:
        """Return the price of each use of a sample for an algorithm, in gradient samples."""
        return Cost(hessian=DIFFERENCE if algorithm.curvature == "difference" else self.hessian)


@torch.enable_grad()
def measured(model: OwnModel, data: Data) -> Prices:
    """Return what both cost on one task, the least of several runs of each: other work only slows them down.

    They are run on one thread as well: where the machine is shared, several wait for one another.
    """
    v = torch.ones_like(model.start)
    slopes, products = [], []
    for threads in (one_thread(), nullcontext()):
        with threads:
            for _ in range(REPEATS):
                slopes.append(_seconds(lambda: gradient(model.loss, model.start, data)))
                products.append(_seconds(lambda: Curvature(model.loss, model.start, data).product(v)))
    slope, product = min(slopes), min(products)
    return Prices(slope / len(data[0]), max(0.0, product / slope))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return max(time.perf_counter() - began, 1e-9)
