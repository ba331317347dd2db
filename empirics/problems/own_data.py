"""Make your own problem: from arrays, from a table, or from a sampler of tasks and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.problems import checks
from empirics.problems.base import Certificate
from empirics.problems.own import Loss, OwnProblem

Task = Sequence[np.ndarray]
"""The columns of one task, each with the points along its first axis."""

NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H")


def certified(value: float, formula: str = "certified by its author", attained: bool = False) -> Certificate:
    """Declare a constant that you have a proof of; ``attained`` if no smaller one would do.

    Nothing here checks the proof, so what follows from it is said to rest on a declared constant.
    """
    return Certificate(checks.number("constant", value), formula, attained, "declared")


def estimated(value: float) -> Certificate:
    """Declare a constant that you only have an estimate of."""
    return Certificate(checks.number("constant", value), "estimated", False, "estimated")


def own_problem(
    loss: Loss,
    tasks: Sequence[Task],
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
) -> OwnProblem:
    """Build a problem from a per-sample loss and the arrays of each task.

    Parameters
    ----------
    loss : callable
        ``loss(w, *columns) -> scalar``, twice differentiable by ``torch.func``.
    tasks : sequence of sequences of arrays
        The columns of each task, in the order of the loss's arguments; tasks may differ in size.
    start : array_like, shape (dim,)
        The starting point w_0.
    constants : mapping
        L, rho, sigma, sigma_tilde and sigma_H, each :func:`certified` or :func:`estimated`; Delta, or else
        ``infimum``.
    infimum : float, optional
        A lower bound of every task loss; then Delta is f(w_0) minus it.

    Raises
    ------
    InputError
        When something is missing or does not fit together.
    """
    if not tasks:
        raise InputError("tasks", tasks, "must hold at least one task")
    _check_constants(constants, infimum)
    sizes = [{len(column) for column in task} for task in tasks]
    if any(len(found) != 1 or 0 in found for found in sizes):
        raise InputError("tasks", sizes, "must hold columns of one length > 0 in each task")
    lengths = [found.pop() for found in sizes]
    shares = np.zeros((len(tasks), max(lengths)))
    for row, length in zip(shares, lengths, strict=True):
        row[:length] = 1 / length
    columns = tuple(_padded(column, max(lengths)) for column in zip(*tasks, strict=True))
    w0 = torch.as_tensor(np.asarray(start, dtype=float))
    return OwnProblem(loss, columns, shares, w0, dict(constants), infimum)


def own_problem_from_frame(
    loss: Loss,
    frame: pd.DataFrame,
    task: str,
    columns: Sequence[str | Sequence[str]],
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
) -> OwnProblem:
    """Build a problem from a DataFrame with one row per point.

    Parameters
    ----------
    loss, start, constants, infimum
        As for :func:`own_problem`.
    frame : DataFrame
        The data of all tasks.
    task : str
        The column that says to which task a row belongs.
    columns : sequence of str or of sequences of str
        What the loss is given: a name for a number, a list of names for a vector.
    """
    wanted = [task, *(name for c in columns for name in ([c] if isinstance(c, str) else c))]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError("columns", missing, f"must be among {', '.join(map(str, frame.columns))}")
    groups = [group for _, group in frame.groupby(task, sort=True)]
    names = [c if isinstance(c, str) else list(c) for c in columns]
    return own_problem(
        loss, [[group[n].to_numpy() for n in names] for group in groups], start, constants, infimum
    )


def own_problem_from_sampler(
    loss: Loss,
    sampler: Callable[[np.random.Generator, int], Task],
    n_tasks: int,
    points: int,
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
    seed: int = 0,
) -> OwnProblem:
    """Build a problem from a sampler of tasks and data, drawn once: f_i is the mean over the points drawn.

    Parameters
    ----------
    loss, start, constants, infimum
        As for :func:`own_problem`.
    sampler : callable
        ``sampler(rng, points)`` draws a task and returns the columns of that many of its points.
    n_tasks, points : int
        How many tasks, and points of each.
    seed : int
        Seed of the draw.
    """
    streams = np.random.SeedSequence(seed).spawn(checks.count("n_tasks", n_tasks))
    drawn = [sampler(np.random.default_rng(stream), checks.count("points", points)) for stream in streams]
    return own_problem(loss, drawn, start, constants, infimum)


def _check_constants(constants: Mapping[str, Certificate], infimum: float | None) -> None:
    missing = [name for name in NAMES if name not in constants]
    if missing:
        raise InputError(
            "constants", ", ".join(missing), "must be declared", "as certified(...) or estimated(...)"
        )
    if "Delta" not in constants and infimum is None:
        raise InputError("infimum", infimum, "must be given unless Delta is declared")
    for name, constant in constants.items():
        if not isinstance(constant, Certificate):
            raise InputError(name, constant, "must be certified(...) or estimated(...)")


def _padded(columns: Sequence[np.ndarray], points: int) -> Tensor:
    arrays = [np.asarray(column) for column in columns]
    whole = np.stack([np.concatenate([a, np.repeat(a[:1], points - len(a), axis=0)]) for a in arrays])
    return torch.as_tensor(whole.astype(float) if whole.dtype.kind == "f" else whole)
