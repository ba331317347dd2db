"""The exact F and grad F along a run, measured in blocks of fixed shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from empirics.differentiation import differentiable
from empirics.problems.base import Problem
from empirics.problems.several import meta
from empirics.run import Rows, Run
from empirics.threads import one_thread

MEASURED = ("replicate", "iteration", "grad_norm", "objective", "step_size")
"""The columns of a table of trajectories."""


@contextmanager
def torch_settings() -> Iterator[None]:
    """One thread (processes do the rest), no autograd graph, and derivatives whatever mode the caller is in."""
    with one_thread(), differentiable(), torch.no_grad():
        yield


def exact_values(
    problem: Problem, points: Tensor, alpha: float, block: int, inner_steps: int = 1
) -> tuple[Tensor, Tensor]:
    r"""Exact F and :math:`\|\nabla F\|` at ``(n, dim)`` points, always ``block`` points at a time."""
    padded = torch.cat([points, points[-1:].expand(-len(points) % block, -1)])
    objective, size = [], []
    for part in padded.split(block):
        F, gradient = meta(problem, part, alpha, inner_steps)
        objective.append(F)
        size.append(torch.linalg.vector_norm(gradient, dim=-1))
    return torch.cat(objective)[: len(points)], torch.cat(size)[: len(points)]


def measure_block(run: Run, rows: Rows, starts: Tensor, recorded: np.ndarray) -> np.ndarray:
    """Return ``(replicates, recorded, 3)``, grad norm, objective and step size, of one block of replicates.

    ``rows`` must be one of ``run.blocks(...)``; replicates of several runs only where the problem is
    ``rowwise``. What is measured does not turn, so all is done in the problem's own coordinates.
    """
    run, starts = in_own_coordinates(run, picked(rows, starts))
    shapes = run.layout()
    width = max(1, shapes.points // shapes.replicates)
    table = np.empty((len(recorded), shapes.replicates, 3))
    points: list[Tensor] = []
    with torch_settings():
        for column, (w, beta) in enumerate(states(run, rows, starts, recorded)):
            table[column, :, 2] = beta.cpu().numpy()
            points.append(w)
            if len(points) == width or column == len(recorded) - 1:
                _measure(run, points, table[column + 1 - len(points) : column + 1])
                points = []
    return table[:, : len(rows)].swapaxes(0, 1)


def _measure(run: Run, points: list[Tensor], table: np.ndarray) -> None:
    flat = torch.cat(points)
    plan, block = run.plan, run.layout().points
    objective, size = exact_values(run.problem, flat, plan.alpha, block, plan.inner_steps)
    table[..., 0] = size.cpu().numpy().reshape(table.shape[:2])
    table[..., 1] = objective.cpu().numpy().reshape(table.shape[:2])


def picked(rows: Rows, starts: Tensor) -> Tensor:
    """Return the starting points of a block: one for all, or its own."""
    return starts[rows.start : rows.stop] if isinstance(rows, range) and len(starts) > 1 else starts


def in_own_coordinates(run: Run, starts: Tensor) -> tuple[Run, Tensor]:
    """Return the run and its starting points where its tasks are not turned, each point by itself."""
    own = run.unturned()
    if own.problem is run.problem:
        return run, starts
    return own, torch.cat([run.problem.coordinates(start.unsqueeze(0)) for start in starts])


def states(run: Run, rows: Rows, starts: Tensor, recorded: np.ndarray) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the recorded (w_k, beta_k) from the starting points of the block; the last one has no step size."""
    height = run.layout().replicates
    own = starts.expand(len(rows), -1) if len(starts) == 1 else starts
    w = torch.cat([own, own[:1].expand(height - len(own), -1)]).to(run.device)
    advance, wanted, last = run.stepper(rows), set(recorded.tolist()), int(recorded[-1])
    for k in range(last):
        following, beta = advance(k, w)
        if k in wanted:
            yield w, beta
        w = following
    yield w, torch.full_like(w[:, 0], torch.nan)


def recorded_iterations(iterations: int, every: int) -> np.ndarray:
    """Return the multiples of ``every`` up to the last iteration, and the last one."""
    return np.union1d(np.arange(0, iterations + 1, every), [iterations])


def columns(table: np.ndarray, recorded: np.ndarray) -> dict[str, np.ndarray]:
    """Return the measurements of replicates 0, 1, ... as the columns of a tidy table."""
    places = np.repeat(np.arange(len(table)), len(recorded)), np.tile(recorded, len(table))
    return dict(zip(MEASURED, (*places, *table.reshape(-1, 3).T), strict=True))
