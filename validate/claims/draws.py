"""Independent batches of every task at fixed points, and checks of what their statistics say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds import statement
from bounds.errors import DomainError
from empirics.problems.base import Problem
from empirics.streams import generator
from validate.claims.extremes import known_values, title
from validate.experiment import Experiment
from validate.instances.points import Local
from validate.instances.starts import around
from validate.judge import Check, Measure
from validate.statistics import Interval, mean_interval
from validate.tolerance import gradient_scale, round_off, square_round_off

SIZES = (1, 16)
"""Batch size at each point."""
DRAWS = 4000


@dataclass(frozen=True)
class Spot:
    """One point, at which batches of every task are drawn again and again.

    Attributes
    ----------
    experiment : Experiment
    point : Tensor, shape (dim,)
    number : int
        Which of the points it is; the streams depend on it.
    D : int
        Batch size.
    n : int
        Independent batches.
    """

    experiment: Experiment
    point: Tensor
    number: int
    D: int
    n: int

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.experiment.problem

    @property
    def w(self) -> Tensor:
        """The point, ready to be combined with draws and tasks, ``(1, 1, dim)``."""
        return self.point[None, None]

    @property
    def task(self) -> int:
        """The task that statements about every single task are tested on."""
        return self.number % self.problem.n_tasks

    @cached_property
    def tasks(self) -> Tensor:
        """Every task in every draw, ``(n, n_tasks)``."""
        return torch.arange(self.problem.n_tasks).expand(self.n, -1)

    @cached_property
    def local(self) -> Local:
        """The exact derivatives at the point."""
        return Local(self.problem, self.point[None], self.experiment.plan.alpha)

    @property
    def scale(self) -> float:
        """The size of a gradient at the point, for its round-off. Unit F/W."""
        return self._scale(float(self.local.values["mean_norm"][0]))

    def _scale(self, size: float) -> float:
        return gradient_scale(size, self.experiment.plan.constants.L, float(self.point.norm()))

    def round_off(self, size: float) -> float:
        """Return the numerical error of a gradient of this size at the point. Unit F/W."""
        return round_off(self._scale(size))

    def batch(self, stream: str, D: int) -> Tensor:
        """Return n independent batches of D samples of every task, ``(n, n_tasks, m)``."""
        rng = generator(self.experiment.seed, f"{self.experiment.key}/draws/{self.number}", D, stream)
        return torch.from_numpy(self.problem.sample(rng, self.tasks.numpy(), D))


def spots(experiment: Experiment) -> list[Spot]:
    """Return the points of an experiment, each with its batch size; the first one is the start."""
    n = int(experiment.labels.get("draws", DRAWS))
    points = around(experiment.problem, np.random.default_rng(experiment.seed), len(SIZES))
    return [
        Spot(experiment, point, number, D, n)
        for number, (point, D) in enumerate(zip(points, SIZES, strict=True))
    ]


def spot_check(
    spot: Spot,
    name: str,
    measure: Measure,
    given: Mapping[str, Any],
    words: str,
    *,
    claim: str = "",
    bound: float | None = None,
    margin: float = 0.0,
) -> Check:
    """Return the check of a statement at a spot; ``bound`` stands in for the statement's value.

    ``margin`` is the room that round-off is given, beside that of the value itself.
    """
    make = partial(spot.experiment.check, claim or title(name), name, algorithm="all", n=spot.n)
    try:
        values = known_values(spot.experiment) | dict(given)
        value = float(statement(name)(**values)) if bound is None else bound
    except DomainError as error:
        return make(float("nan"), condition=str(error))
    failure = "" if np.isfinite(measure(0.5).estimate) else "not a finite number among the draws"
    return make(
        value,
        measure,
        margin=margin + round_off(value),
        failure=failure,
        detail=f"point {spot.number}, task {spot.task}, {words}",
    )


def mean_square_check(
    spot: Spot,
    name: str,
    sample: np.ndarray,
    given: Mapping[str, Any],
    words: str,
    *,
    offset: float = 0.0,
    **more: Any,
) -> Check:
    """Return the check of a mean of independent values, to which an exact ``offset`` is added.

    ``more`` is as for :func:`spot_check`.
    """
    measure = partial(shifted_mean, sample, offset)
    margin = square_round_off(offset, spot.round_off(math.sqrt(max(offset, 0.0))))
    return spot_check(spot, name, measure, given, words, margin=margin, **more)


def shifted_mean(sample: np.ndarray, offset: float, error: float) -> Interval:
    """Interval for ``offset`` plus the mean of independent values; without an offset they are squares, >= 0."""
    made = mean_interval(sample, error, (-math.inf if offset else 0.0, math.inf))
    return made.mapped(lambda mean: mean + offset)
