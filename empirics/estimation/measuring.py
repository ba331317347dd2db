"""``measure_gradient``: an interval for ||grad F(w)|| at given weights, and what it says."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds import arguments
from bounds.errors import InputError
from bounds.theory import plateau
from empirics import checks
from empirics.estimation import directions, estimating, flat
from empirics.estimation.estimated import Estimate
from empirics.estimation.estimating import Progress
from empirics.estimation.loading import load
from empirics.estimation.model import OwnModel
from empirics.estimation.norms import Blocks, NormInterval, norm_interval
from empirics.threads import one_thread

TASKS, SECONDS = 512, 60.0
NUMBERS = 2**21
"""Entries of the tasks' gradients that are held to see how they differ."""
FEW = 64
"""Tasks drawn between two looks at the clock."""


@dataclass(frozen=True)
class Measured:
    r"""Where a model is.

    Attributes
    ----------
    target : str
    alpha : float
        The inner step of F.
    interval : NormInterval
        For :math:`\|\nabla F(w)\|`.
    inner : int or None
        The inner batch whose mean the samples have; None where the tasks are known with all their samples.
    epsilon : float or None
    here : Estimate
        L and sigma at these weights alone, from below.
    floor : float or None
        alpha L (1 + alpha L) sigma with these; None where alpha L >= 1, or where sigma is not told from 0.
    different : int or None
        How many different tasks there are where a loader began again; None where all are new.
    """

    target: str
    alpha: float
    interval: NormInterval
    inner: int | None
    epsilon: float | None
    here: Estimate
    floor: float | None
    different: int | None = None

    @property
    def stationary(self) -> bool | None:
        """Whether the weights are an epsilon-FOSP; None where the interval cannot tell, or nothing was asked."""
        if self.epsilon is None:
            return None
        if self.interval.upper <= self.epsilon:
            return True
        return False if self.interval.lower > self.epsilon else None

    @property
    def above_floor(self) -> tuple[float, float] | None:
        """The interval over the floor."""
        if not self.floor:
            return None
        return self.interval.lower / self.floor, self.interval.upper / self.floor

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain data."""
        one = self.interval
        return {
            "target": self.target, "alpha": self.alpha, "gradient": one.estimate,
            "interval": [one.lower, one.upper], "level": one.level,
            "tasks": one.n, "different_tasks": self.different, "exact": one.exact, "inner_batch": self.inner,
            "epsilon": self.epsilon, "stationary": self.stationary, "floor": self.floor,
            "above_floor": self.above_floor, "L_here": self.here.found["L"].value,
            "sigma_here": self.here.found["sigma"].value, "loss": self.here.start.to_dict(),
        }  # fmt: skip


@torch.enable_grad()
def measure_gradient(
    target: Any,
    weights: Tensor | None = None,
    *,
    epsilon: float | None = None,
    alpha: float | None = None,
    tasks: int = TASKS,
    seconds: float = SECONDS,
    error: float = 0.05,
    seed: int = 0,
    progress: Progress | None = None,
) -> Measured:
    r"""Return an interval for :math:`\|\nabla F(w)\|` of a model, at its weights or at others.

    Parameters
    ----------
    target : OwnModel, callable or str
        A model, a factory of one, or ``package.module:factory``.
    weights : Tensor, optional
        Flat weights; by default those that the model came with.
    epsilon : float, optional
        What the norm is compared with.
    alpha : float, optional
        The inner step; by default the model's, else 1/(10 L) with the L found at these weights.
    tasks : int
        How many tasks to draw. A list that is not longer is taken whole, and then nothing is random.
    seconds : float
        Stop after about so long.
    error : float
        How often the interval may miss.
    seed : int
    progress : callable, optional

    Raises
    ------
    InputError
        When an argument is out of its range, or the model is not what the theory is about.
    """
    _require(epsilon, tasks, seconds, error)
    checks.seed(seed)
    arguments.progress(progress, "done", "all", "line")
    began = time.monotonic()
    model = load(target)
    if weights is not None:
        model = model.at(flat.vector(weights, model.module, model.dim).to(model.start.device))
    looked = min(max(estimating.TASKS, tasks), max(estimating.TASKS, NUMBERS // model.dim))
    here = estimating.estimate(
        replace(model, path=model.start.unsqueeze(0)),
        alpha=alpha,
        tasks=looked,
        rounds=1,
        seconds=seconds / 3,
        seed=seed,
    )
    rng = np.random.default_rng([seed, 1])
    with one_thread():
        interval, inner = _interval(model, here.alpha, tasks, began + seconds, error, rng, progress)
    return Measured(model.name, here.alpha, interval, inner, epsilon, here, _floor(here), model.tasks.length)


def _interval(
    model: OwnModel, alpha: float, tasks: int, until: float, error: float, rng: np.random.Generator,
    progress: Progress | None,
) -> tuple[NormInterval, int | None]:  # fmt: skip
    listed, w = model.tasks.listed, model.start
    if listed and len(listed) <= tasks:
        mean = torch.stack([directions.whole(model, w, data, alpha) for data in listed]).mean(0)
        size = float(mean.norm())
        if not math.isfinite(size):
            raise InputError("weights", size, "the gradient there is not finite", "take a smaller --alpha")
        return NormInterval(size, size, size, 1.0, len(listed), exact=True), None
    sizes = _sizes(model, rng)
    blocks = Blocks(model.dim)
    while blocks.n < tasks:
        for _ in range(min(FEW, tasks - blocks.n)):
            if sizes is None:
                one = directions.whole(model, w, model.tasks.one(rng, 0), alpha)
            else:
                one = directions.sampled(model, w, alpha, sizes, rng)
            blocks.add(one.cpu().numpy())
        found = norm_interval(blocks.means(), blocks.n, error)
        if progress is not None:
            progress(
                blocks.n, tasks, f"{blocks.n} tasks: ||grad F|| in [{found.lower:.4g}, {found.upper:.4g}]"
            )
        if time.monotonic() > until:
            break
    if not math.isfinite(found.estimate):
        raise InputError(
            "weights", found.estimate, "the gradient there is not finite, or seen at too few tasks"
        )
    return found, None if sizes is None else sizes.finest


def _sizes(model: OwnModel, rng: np.random.Generator) -> directions.Sizes | None:
    """Return the batches to draw of a task; None where the tasks are known with all their samples."""
    if model.tasks.listed:
        return None
    samples = None if model.tasks.sampler else len(model.tasks.one(rng, directions.BASE)[0])
    return directions.sizes_for(samples)


def _floor(here: Estimate) -> float | None:
    L, sigma = here.found["L"].safe, here.found["sigma"].value
    if here.found["sigma"].unsure or not 0 < here.alpha * L < 1:
        return None
    return float(plateau.FO_STOP(L=L, sigma=sigma, alpha=here.alpha))


def _require(epsilon: float | None, tasks: int, seconds: float, error: float) -> None:
    if epsilon is not None:
        checks.above_zero("epsilon", epsilon)
    checks.whole("tasks", tasks)
    checks.seconds(seconds)
    arguments.probability("error", error)
