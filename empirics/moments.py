"""Mean, variance and cost of a direction at fixed points, by Monte Carlo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from bounds.plan import Plan
from empirics import checks
from empirics.algorithms import Direction
from empirics.measure import torch_settings
from empirics.oracle import Cost, Oracle
from empirics.problems.base import Problem
from empirics.problems.several import meta_gradient
from empirics.run import Run


@dataclass(frozen=True)
class Moments:
    r"""Moments of the stochastic direction at fixed points, from n independent batches of B tasks.

    With :math:`G_i` the direction of one task and :math:`\bar G` its mean over the B tasks of a batch.

    Attributes
    ----------
    mean : ndarray, shape (points, dim)
        Estimate of :math:`E\,\bar G = E\,G_i`. Unit F/W.
    mean_se : ndarray, shape (points, dim)
        Standard error of each coordinate of ``mean``.
    mean_error : ndarray, shape (points,)
        Root mean square of ``||mean - E G||``: square root of ``batch_variance / n``.
    variance : ndarray, shape (points,)
        Estimate of :math:`E\|G_i - E\,G_i\|^2`, the trace of the covariance of one task's direction.
    batch_variance : ndarray, shape (points,)
        Estimate of :math:`E\|\bar G - E\,\bar G\|^2`; it is ``variance / B`` when the tasks of a batch are
        independent.
    variance_se, batch_variance_se : ndarray, shape (points,)
        Their standard errors (of the influence function, for large n).
    n : int
        Number of independent batches.
    """

    mean: np.ndarray
    mean_se: np.ndarray
    mean_error: np.ndarray
    variance: np.ndarray
    variance_se: np.ndarray
    batch_variance: np.ndarray
    batch_variance_se: np.ndarray
    n: int


def estimate_direction_moments(
    problem: Problem,
    direction: Direction | None,
    w: Tensor | np.ndarray,
    plan: Plan,
    *,
    n: int = 10_000,
    seed: int = 0,
    experiment: str = "moments",
    device: str = "cpu",
) -> Moments:
    """Estimate the mean and the variance of a direction at fixed points.

    Parameters
    ----------
    problem : Problem
    direction : callable, optional
        Default: the plan's.
    w : array, shape (dim,) or (points, dim)
        The points.
    plan : Plan
        Gives alpha and the batch sizes B, D_in, D_o, D_h (``plan.with_(B=...)`` to change them).
    n : int
        Independent batches per point, >= 2.
    seed, experiment : int, str
        Keys of the streams; every point has its own.

    Raises
    ------
    InputError
        When an argument is not allowed.
    """
    run = Run.make(problem, plan, direction, seed, experiment, device=device)
    checks.count("n", n, 2)
    given = checks.points("w", w)
    if not given.ndim or given.shape[-1] != problem.dim:
        raise InputError(
            "w", tuple(given.shape), f"must have the shape ({problem.dim},) or (n, {problem.dim})"
        )
    points = given.to(device).reshape(-1, problem.dim)
    with torch_settings():
        rows = [_moments(run, point, number, n) for number, point in enumerate(points)]
    return Moments(n=n, **{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def sample_directions(
    problem: Problem,
    direction: Direction | None,
    w: Tensor | np.ndarray,
    plan: Plan,
    *,
    n: int = 10_000,
    seed: int = 0,
    experiment: str = "samples",
) -> np.ndarray:
    """Return the mean direction of n independent batches of B tasks at one point, ``(n, dim)``.

    Parameters
    ----------
    w : array, shape (dim,)
    n, seed, experiment
        As for :func:`estimate_direction_moments`.
    """
    run = Run.make(problem, plan, direction, seed, experiment)
    checks.count("n", n)
    point = torch.as_tensor(w, dtype=torch.float64).reshape(problem.dim)
    with torch_settings():
        return _samples(run, point, torch.zeros_like(point), 0, n)[0][:n]


def measure_cost(problem: Problem, plan: Plan, direction: Direction | None = None) -> Cost:
    """Count the work of one iteration of one replicate, the step size included."""
    run, cost = Run.make(problem, plan, direction), Cost()
    height = run.layout().replicates
    with torch_settings():
        run.stepper(range(height), cost)(0, problem.start.expand(height, -1))
    return Cost(cost.gradients // height, cost.hessian_vectors // height, cost.samples // height)


def seconds_per_iteration(
    problem: Problem,
    plan: Plan,
    direction: Direction | None = None,
    *,
    iterations: int = 20,
    repeats: int = 5,
) -> np.ndarray:
    """Time iterations of one replicate, without the measurement of F: one mean per repeat, in seconds."""
    run = Run.make(problem, plan, direction)
    checks.count("iterations", iterations)
    height = run.layout().replicates
    seconds = np.empty(checks.count("repeats", repeats))
    with torch_settings():
        for repeat in range(repeats):
            advance, w = run.stepper(range(height)), problem.start.expand(height, -1)
            begin = time.perf_counter()
            for k in range(iterations):
                w, _ = advance(k, w)
            seconds[repeat] = (time.perf_counter() - begin) / (iterations * height)
    return seconds


def _moments(run: Run, point: Tensor, number: int, n: int) -> dict[str, np.ndarray]:
    centre = meta_gradient(run.problem, point, run.plan.alpha, run.plan.inner_steps)
    first, second = (part[:n] for part in _samples(run, point, centre, number, n))
    shift = first.mean(0)
    scatter = ((first - shift) ** 2).sum(1)
    batch_variance = scatter.sum() / (n - 1)
    variance = second.mean() - (shift @ shift - batch_variance / n)
    return {
        "mean": centre.cpu().numpy() + shift,
        "mean_se": first.std(0, ddof=1) / np.sqrt(n),
        "mean_error": np.sqrt(batch_variance / n),
        "variance": variance,
        "variance_se": (second - 2 * first @ shift).std(ddof=1) / np.sqrt(n),
        "batch_variance": batch_variance,
        "batch_variance_se": scatter.std(ddof=1) / np.sqrt(n),
    }


def _samples(run: Run, point: Tensor, centre: Tensor, number: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean_i (G_i - centre) and mean_i ||G_i - centre||^2 of at least n batches."""
    height = run.layout().replicates
    batches = run.named(f"{run.experiment}/{number}").batches(range(height))
    w = point.expand(height, -1)
    pairs = [_batch(run, batches.oracles(k), w, centre) for k in range(-(-n // height))]
    first, second = (torch.cat(part).cpu().numpy() for part in zip(*pairs, strict=True))
    return first, second


def _batch(run: Run, oracles: Iterator[Oracle], w: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
    tasks, first, second = 0, torch.zeros_like(w), torch.zeros_like(w[:, 0])
    for oracle in oracles:
        deviation = run.directions(oracle, w) - centre
        tasks += deviation.shape[-2]
        first = first + deviation.sum(-2)
        second = second + deviation.square().sum((-2, -1))
    return first / tasks, second / tasks
