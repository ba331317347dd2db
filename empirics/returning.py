"""What a plan with an assurance asks for: several runs, an iterate of each, and the choice of the best of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from bounds.plan import Plan, require_plan
from empirics import algorithms, checks
from empirics.algorithms import Direction
from empirics.measure import exact_values, torch_settings
from empirics.problems.base import Problem
from empirics.run import Run
from empirics.streams import generator


@dataclass(frozen=True)
class Returned:
    """The points that are returned, of several independent repetitions of all the runs.

    Attributes
    ----------
    w : ndarray, shape (repetitions, dim)
    grad_norm : ndarray, shape (repetitions,)
        The exact size of grad F there. Unit F/W.
    candidates : ndarray, shape (repetitions, runs)
        The same at the iterates that were drawn.
    """

    w: np.ndarray
    grad_norm: np.ndarray
    candidates: np.ndarray


def returned(
    problem: Problem,
    plan: Plan,
    *,
    direction: Direction | None = None,
    seed: int = 0,
    repetitions: int = 1,
    experiment: str = "returned",
) -> Returned:
    """Carry out a plan that was recommended with a confidence: its runs, and the choice among them.

    Parameters
    ----------
    problem : Problem
    plan : Plan
        Of ``recommend(..., confidence=...)``.
    direction : callable, optional
        Default: the plan's.
    seed, experiment : int, str
        Keys of the streams.
    repetitions : int
        How often all of it is done, independently.

    Raises
    ------
    InputError
        When the plan has no assurance.
    """
    told = require_plan("plan", plan).assurance
    if told is None:
        raise InputError("plan", plan.algorithm, "must have an assurance", "recommend with a confidence")
    count = told.runs * checks.count("repetitions", repetitions)
    with torch_settings():
        run = Run.make(problem, plan, direction, seed, experiment)
        points = torch.cat([_drawn(run, rows) for rows in run.blocks(count)])
        seen = _lengths(run, points) if told.runs > 1 else torch.zeros(count)
        best = seen.reshape(repetitions, told.runs).argmin(1)
        size = exact_values(problem, points, plan.alpha, run.layout().points, plan.inner_steps)[1]
    candidates = size.reshape(repetitions, told.runs)
    chosen = torch.arange(repetitions)
    w = points.reshape(repetitions, told.runs, -1)[chosen, best]
    return Returned(w.numpy(), candidates[chosen, best].numpy(), candidates.numpy())


def _drawn(run: Run, rows: range) -> Tensor:
    """Return a uniformly random iterate of each run of a block."""
    height, horizon = run.layout().replicates, checks.count("iterations", run.plan.iterations)
    streams = (generator(run.seed, run.experiment, row, "iterate") for row in rows)
    chosen = torch.tensor([int(rng.integers(horizon)) for rng in streams])
    w = run.problem.start.expand(height, -1)
    kept, advance = w[: len(rows)].clone(), run.stepper(rows)
    for k in range(int(chosen.max())):
        w, _ = advance(k, w)
        kept = torch.where((chosen == k + 1).unsqueeze(-1), w[: len(rows)], kept)
    return kept


def _lengths(run: Run, points: Tensor) -> Tensor:
    """Return the median length of each point's mean directions, on fresh tasks and a plain inner batch."""
    told = run.plan.assurance
    assert told is not None
    sizes = {name: getattr(told, name) for name in ("B", "D_in", "D_o", "D_h")}
    plan = run.plan.with_(**sizes, depth=0, rate=None, n_tasks=None)
    own = run.direction if not run.plan.depth else algorithms.for_plan(plan)
    measure = Run.make(run.problem, plan, own, run.seed, f"{run.experiment}/choice")
    found = []
    for rows in measure.blocks(len(points)):
        w = points[rows.start : rows.stop]
        padded = torch.cat([w, w[:1].expand(measure.layout().replicates - len(w), -1)])
        source = measure.batches(rows)
        groups = [measure.mean_direction(source.oracles(k), padded).norm(dim=-1) for k in range(told.groups)]
        found.append(torch.stack(groups).median(0).values[: len(rows)])
    return torch.cat(found)
