"""Where a model stands at the given weights: its loss, that after adaptation, and the meta-gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from empirics.estimation.derivatives import Curvature, gradient
from empirics.estimation.model import BatchLoss, OwnModel
from empirics.estimation.noise import split
from empirics.estimation.records import ERROR, Found
from empirics.estimation.sources import Data


@dataclass(frozen=True)
class Start:
    """Loss before and after one inner step, and the meta-gradient, over the tasks that were looked at.

    Attributes
    ----------
    before : float
    after : array
        One number a task.
    gradient : float
        ``||grad F||``, the samples of a task taken as all there are: of all tasks, or estimated without the
        noise of these.
    exact : bool
        Whether these are all tasks.
    """

    before: float
    after: np.ndarray
    gradient: float
    exact: bool

    def above(self, infimum: float, how: str) -> Found:
        """Return F above a lower bound: an upper bound of Delta, with a two-sided interval."""
        value, n = float(self.after.mean()), len(self.after)
        if self.exact or n < 2:
            return Found(value - infimum, value - infimum, value - infimum, how, self.exact)
        spread = float(self.after.std(ddof=1)) / math.sqrt(n)
        half = float(stats.t.ppf(1 - ERROR / 2, n - 1)) * spread
        ends = (max(0.0, value - half - infimum), value + half - infimum)
        return Found(value - infimum, *ends, how)

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain data."""
        return {"loss": self.before, "adapted_loss": float(self.after.mean()), "gradient": self.gradient}


def start(model: OwnModel, tasks: Sequence[Data], alpha: float, exact: bool, whole: bool) -> Start:
    """Return where the model stands, from these tasks.

    ``exact`` says whether the samples of a task are all of it, ``whole`` whether these are all tasks. Samples that
    were drawn from something larger are halved: what one half adapts is looked at on the other, and the other way
    round. On the samples that it was adapted to a loss is too low, and so would Delta be.
    """
    look = _one if exact else _crossed
    seen = [look(model.loss, model.start, data, alpha) for data in tasks]
    certain = exact and whole
    directions = torch.stack([direction for *_, direction in seen])
    size = float(directions.mean(0).norm()) if certain or len(seen) < 2 else _unbiased(directions)
    before = sum(one for one, *_ in seen) / len(seen)
    return Start(before, np.array([after for _, after, _ in seen]), size, certain)


def _unbiased(directions: Tensor) -> float:
    """Return the root of the mean product of different tasks' directions, 0 where that is negative."""
    n, total = len(directions), directions.sum(0)
    square = float(total @ total - (directions**2).sum()) / (n * (n - 1))
    return math.sqrt(max(0.0, square))


def _crossed(loss: BatchLoss, w: Tensor, data: Data, alpha: float) -> tuple[float, float, Tensor]:
    """Return the same of a task of which samples were drawn, each half adapted on and looked at on the other."""
    if len(data[0]) < 2:
        return _one(loss, w, data, alpha)
    halves = split(data)
    first, second = (_one(loss, w, one, alpha, other) for one, other in (halves, halves[::-1]))
    before, after = ((one + other) / 2 for one, other in zip(first[:2], second[:2], strict=True))
    return before, after, (first[2] + second[2]) / 2


def _one(
    loss: BatchLoss, w: Tensor, data: Data, alpha: float, query: Data | None = None
) -> tuple[float, float, Tensor]:
    """Return the loss, the adapted loss, and the meta-gradient of one task, looked at on a query of its own."""
    curve, query = Curvature(loss, w, data), data if query is None else query
    adapted = w - alpha * curve.gradient
    outer = gradient(loss, adapted, query)
    with torch.no_grad():
        before, after = float(loss(w, query)), float(loss(adapted, query))
    return before, after, outer - alpha * curve.product(outer)
