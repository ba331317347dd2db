"""Run an algorithm on a problem and record the exact F and grad F along the way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import arguments
from bounds.errors import InputError
from bounds.plan import Plan
from empirics import checks
from empirics.algorithms import Direction
from empirics.measure import (
    columns,
    in_own_coordinates,
    measure_block,
    picked,
    recorded_iterations,
    states,
    torch_settings,
)
from empirics.problems.base import Problem
from empirics.run import Run

Progress = Callable[[int, int], None]


def simulate(
    problem: Problem,
    plan: Plan,
    *,
    replicates: int = 64,
    seed: int = 0,
    direction: Direction | None = None,
    iterations: int | None = None,
    exact: bool = False,
    start: Tensor | np.ndarray | None = None,
    experiment: str = "run",
    chunk: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    every: int = 1,
) -> pd.DataFrame:
    r"""Run :math:`w_{k+1} = w_k - \beta_k \frac1B \sum_i G_i` and measure the exact meta objective.

    The numbers depend on ``(seed, experiment, replicate)`` and on nothing else: not on the number of
    replicates, the chunk, the horizon or the workers, bit for bit.

    Parameters
    ----------
    problem : Problem
        What to minimise.
    plan : Plan
        Hyperparameters.
    replicates : int
        Independent repetitions. An exact run from one start is computed once and repeated.
    seed, experiment : int, str
        Keys of the random streams. Two algorithms under the same keys see the same tasks and samples.
    direction : callable, optional
        The algorithm, ``direction(oracle, w, alpha) -> (replicates, B, dim)``. Default: the plan's.
    iterations : int, optional
        Number K of steps. Default: the plan's.
    exact : bool
        Enumerate all tasks and use exact derivatives (B, D = infinity).
    start : array, shape (dim,) or (replicates, dim), optional
        Starting point. Default: the problem's.
    chunk : int, optional
        Replicates computed between two calls of ``progress``, rounded up to whole blocks. Changes no number.
    device : str
        Where torch computes. Another device than the CPU draws other numbers of the same law, see
        :mod:`empirics.device_draws`.
    progress : callable, optional
        Called with the replicate-steps done and the replicate-steps in all.
    every : int
        Record only iterations that are multiples of this one, and the last.

    Returns
    -------
    DataFrame
        Columns ``replicate, iteration, grad_norm, objective, step_size``: exact
        :math:`\|\nabla F(w_k)\|` (unit F/W), :math:`F(w_k)` (unit F) and :math:`\beta_k` (unit W^2/F) for
        k = 0..K, the state before step k; the last row has no step size (NaN). A run that diverges goes on
        as infinities and NaN.

    Raises
    ------
    InputError
        When an argument is not allowed.
    """
    run = Run.make(problem, plan, direction, seed, experiment, exact, device)
    checks.count("replicates", replicates)
    arguments.progress(progress)
    K = checks.count("iterations", plan.iterations if iterations is None else iterations, 0)
    checks.count("every", every)
    recorded = recorded_iterations(K, every)
    starts = starting_points(problem, start, replicates)
    distinct = 1 if exact and len(starts) == 1 else replicates
    parts = []
    for pieces in chunks(run, distinct, chunk):
        parts += [measure_block(run, rows, starts, recorded) for rows in pieces]
        if progress is not None:
            progress(pieces[-1].stop * K, distinct * K)
    table = np.concatenate(parts)
    whole = np.repeat(table, replicates, axis=0) if distinct < replicates else table
    return pd.DataFrame(columns(whole, recorded))


def trajectory(
    problem: Problem,
    plan: Plan,
    *,
    replicates: int = 64,
    seed: int = 0,
    direction: Direction | None = None,
    iterations: int | None = None,
    exact: bool = False,
    start: Tensor | np.ndarray | None = None,
    experiment: str = "run",
    device: str = "cpu",
    every: int = 1,
) -> np.ndarray:
    """Return the iterates of the run that :func:`simulate` measures, ``(replicates, recorded, dim)``."""
    run = Run.make(problem, plan, direction, seed, experiment, exact, device)
    K = checks.count("iterations", plan.iterations if iterations is None else iterations, 0)
    recorded = recorded_iterations(K, checks.count("every", every))
    starts = starting_points(problem, start, checks.count("replicates", replicates))
    parts = []
    with torch_settings():
        for rows in run.blocks(replicates):
            own, first = in_own_coordinates(run, picked(rows, starts))
            turn = (lambda w: w) if own.problem is run.problem else run.problem.vector
            points = [turn(w)[: len(rows)] for w, _ in states(own, rows, first, recorded)]
            parts.append(torch.stack(points, dim=1).cpu().numpy())
    return np.concatenate(parts)


def starting_points(problem: Problem, start: Tensor | np.ndarray | None, replicates: int) -> Tensor:
    """Return the starting points on the CPU, ``(1, dim)`` or ``(replicates, dim)``, their shape checked."""
    given = problem.start if start is None else checks.points("start", start)
    if given.shape not in ((problem.dim,), (replicates, problem.dim)):
        allowed = f"must have the shape ({problem.dim},) or ({replicates}, {problem.dim})"
        raise InputError("start", tuple(given.shape), allowed)
    return given.detach().cpu().reshape(-1, problem.dim)


def chunks(run: Run, replicates: int, chunk: int | None) -> list[list[range]]:
    """Cut replicates into whole blocks, and group the blocks into chunks (None: one block each)."""
    blocks = run.blocks(replicates)
    wanted = 1 if chunk is None else checks.count("chunk", chunk)
    size = -(-wanted // run.layout().replicates)
    return [blocks[low : low + size] for low in range(0, len(blocks), size)]
