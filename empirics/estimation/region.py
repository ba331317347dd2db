"""Where constants are to hold: a ball around a point, or the points of a training path."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.estimation.derivatives import adapted_gradient
from empirics.estimation.model import OwnModel

STEPS, RATE, BATCH = 100, 0.01, 4
"""The usual path: so many first-order steps of Adam (as ``torch.optim`` has it) at this rate, tasks in each."""
_UNSTABLE = 1e6


@dataclass(frozen=True)
class Region:
    """A set of points.

    Attributes
    ----------
    text : str
        What it is, in words.
    centre : Tensor, shape (dim,)
    radius : float, optional
        Of a ball; None for a path.
    path : Tensor, optional
        The points of a path, ``(points, dim)``.
    """

    text: str
    centre: Tensor
    radius: float | None = None
    path: Tensor | None = None

    def points(self, rng: np.random.Generator, count: int) -> Tensor:
        """Return some of its points, the centre or both ends first, ``(count or fewer, dim)``."""
        if self.path is not None:
            n = len(self.path)
            return self.path[np.unique(np.linspace(0, n - 1, min(count, n)).round().astype(int))]
        return torch.stack([self.centre, *(self._drawn(rng) for _ in range(count - 1))])

    def _drawn(self, rng: np.random.Generator) -> Tensor:
        """Return a point of the ball, its distance uniform: in high dimension volume is all at the rim."""
        way = torch.from_numpy(rng.standard_normal(len(self.centre))).to(self.centre)
        return self.centre + float(self.radius or 0) * float(rng.random()) * way / way.norm()

    def nearest(self, w: Tensor) -> Tensor:
        """Return the nearest point of a ball."""
        way = w - self.centre
        size = float(way.norm())
        most = float(self.radius or 0)
        return w if size <= most else self.centre + way * (most / size)


def ball(model: OwnModel, radius: float) -> Region:
    """Return the ball around the model's weights."""
    checks.above_zero("radius", radius)
    return Region(
        f"the ball of radius {radius:g} around the given weights", model.start, radius=float(radius)
    )


def own_path(model: OwnModel) -> Region:
    """Return the checkpoints that a model brings."""
    path = torch.atleast_2d(model.start if model.path is None else model.path)
    return Region(f"the {len(path)} checkpoints of the given path", path[-1], path=path)


def training_path(
    model: OwnModel, alpha: float, rng: np.random.Generator, points: int, steps: int = STEPS
) -> Region:
    """Return the points that a short first-order training visits, every task with one inner step.

    Raises
    ------
    InputError
        When the number of steps is none, or training leaves the finite numbers.
    """
    checks.whole("path", steps)
    w = model.start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([w], lr=RATE)
    seen = [model.start]
    for _ in range(steps):
        batch = [model.tasks.one(rng, points) for _ in range(BATCH)]
        w.grad = torch.stack(
            [adapted_gradient(model.loss, w.detach(), alpha, data, data) for data in batch]
        ).mean(0)
        optimiser.step()
        size = float(w.detach().norm())
        if not (math.isfinite(size) and size < _UNSTABLE * (1 + float(model.start.norm()))):
            raise InputError("path", steps, "training leaves the finite numbers", "give --radius instead")
        seen.append(w.detach().clone())
    kept = np.unique(np.linspace(0, steps, min(steps + 1, 33)).round().astype(int))
    text = (
        f"the path of {steps} first-order steps (Adam, rate {RATE:g}, {BATCH} tasks) from the given weights"
    )
    return Region(text, model.start, path=torch.stack([seen[place] for place in kept]))
