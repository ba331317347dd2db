"""Make your own problem: from arrays, from a table, or from a sampler of tasks and data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.func import vmap

from bounds import arguments
from bounds.errors import InputError
from bounds.reading import finite
from empirics import checks
from empirics.differentiation import products
from empirics.importing import told
from empirics.problems import table
from empirics.problems.base import SUPREMA, Certificate
from empirics.problems.own import Loss, OwnProblem

Task = Sequence[np.ndarray]
"""The columns of one task, each with the points along its first axis."""


def certified(value: float, formula: str = "certified by its author", attained: bool = False) -> Certificate:
    """Declare a constant that you have a proof of; ``attained`` if no smaller one would do.

    Nothing here checks the proof, so what follows from it is said to rest on a declared constant.
    """
    return Certificate(checks.number("value", value), formula, attained, "declared")


def estimated(value: float) -> Certificate:
    """Declare a constant that you only have an estimate of."""
    return Certificate(checks.number("value", value), "estimated", False, "estimated")


def own_problem(
    loss: Loss,
    tasks: Iterable[Task],
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
    *,
    pure: bool = False,
) -> OwnProblem:
    """Build a problem from a per-sample loss and the arrays of each task.

    Parameters
    ----------
    loss : callable
        ``loss(w, *columns) -> scalar``, twice differentiable by ``torch.func``.
    tasks : iterable of sequences of arrays
        The columns of each task, in the order of the loss's arguments; tasks may differ in size.
    start : array_like, shape (dim,)
        The starting point w_0.
    constants : mapping
        L, rho, sigma, sigma_tilde and sigma_H, each :func:`certified` or :func:`estimated`; Delta, or else
        ``infimum``.
    infimum : float, optional
        A lower bound of every task loss; then Delta is f(w_0) minus it.
    pure : bool
        A promise: the loss is a function of w and its columns alone, and nothing else that it reads ever changes.
        Its derivatives are then recorded after some calls, and are several times as fast on small models; the
        numbers are the same. What is computed anew now and then to compare ends a run that breaks the promise.

    Raises
    ------
    InputError
        When something is missing or does not fit together.
    """
    if not callable(loss):
        raise InputError("loss", loss, "must be a function loss(w, *columns)")
    arguments.flag("pure", pure)
    _check_constants(constants, infimum)
    rows = table.tasks(tasks)
    lengths = [len(task[0]) for task in rows]
    shares = np.zeros((len(rows), max(lengths)))
    for row, length in zip(shares, lengths, strict=True):
        row[:length] = 1 / length
    columns = tuple(_padded(column, max(lengths)) for column in zip(*rows, strict=True))
    w0 = torch.from_numpy(table.vector("start", start))
    _try(loss, w0, [column[0, 0] for column in columns])
    return OwnProblem(loss, columns, shares, w0, dict(constants), infimum, pure=pure)


def _try(loss: Loss, w0: Tensor, point: Sequence[Tensor]) -> None:
    """Call the loss once, at the start and the first point of the first task."""
    try:
        value = loss(w0.clone(), *point)
    except Exception as error:
        raise InputError("loss", loss, "must accept w and one point's columns", told(error)) from error
    if not (isinstance(value, Tensor) and value.dim() == 0):
        raise InputError("loss", loss, f"must return a scalar tensor, not {_kind(value)}")
    _try_together(loss, w0, point)
    if not bool(torch.isfinite(value)):
        raise InputError(
            "start", w0.tolist(), f"must have a finite loss; at the first point it is {float(value)}"
        )


def _try_together(loss: Loss, w0: Tensor, point: Sequence[Tensor]) -> None:
    """Call the loss as it is used, on several points at once by ``vmap``, and differentiate it twice."""
    columns = [torch.stack([one, one]) for one in point]

    def losses(w: Tensor) -> Tensor:
        return vmap(lambda u: vmap(loss, in_dims=(None, *[0] * len(columns)))(u, *columns).sum())(w)

    at = w0.repeat(2, 1)
    try:
        for recorded in (False, True):
            with torch.set_grad_enabled(recorded):
                products(losses, at, torch.ones_like(at))
    except Exception as error:
        allowed = (
            "must be a deterministic function that torch.func.vmap can take and torch can differentiate twice"
        )
        remedy = "leave out dropout and other random numbers: put a module in eval mode"
        raise InputError("loss", loss, allowed, remedy if "random" in str(error) else told(error)) from error


def _kind(value: object) -> str:
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def own_problem_from_frame(
    loss: Loss,
    frame: pd.DataFrame,
    task: str,
    columns: Sequence[str | Sequence[str]],
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
    *,
    pure: bool = False,
) -> OwnProblem:
    """Build a problem from a DataFrame with one row per point.

    Parameters
    ----------
    loss, start, constants, infimum, pure
        As for :func:`own_problem`.
    frame : DataFrame
        The data of all tasks.
    task : str
        The column that says to which task a row belongs.
    columns : sequence of str or of sequences of str
        What the loss is given: a name for a number, a list of names for a vector.
    """
    names = table.names(columns)
    table.frame(frame, task, [name for c in names for name in ([c] if isinstance(c, str) else c)])
    groups = [group for _, group in frame.groupby(task, sort=True, observed=True)]
    tasks = [[group[n].to_numpy() for n in names] for group in groups]
    return own_problem(loss, tasks, start, constants, infimum, pure=pure)


def own_problem_from_sampler(
    loss: Loss,
    sampler: Callable[[np.random.Generator, int], Task],
    n_tasks: int,
    points: int,
    start: Any,
    constants: Mapping[str, Certificate],
    infimum: float | None = None,
    seed: int = 0,
    *,
    pure: bool = False,
) -> OwnProblem:
    """Build a problem from a sampler of tasks and data, drawn once: f_i is the mean over the points drawn.

    Parameters
    ----------
    loss, start, constants, infimum, pure
        As for :func:`own_problem`.
    sampler : callable
        ``sampler(rng, points)`` draws a task and returns the columns of that many of its points.
    n_tasks, points : int
        How many tasks, and points of each.
    seed : int
        Seed of the draw.
    """
    arguments.function("sampler", sampler, "rng", "points")
    streams = np.random.SeedSequence(checks.seed(seed)).spawn(checks.count("n_tasks", n_tasks))
    size = checks.count("points", points)
    try:
        drawn = [sampler(np.random.default_rng(stream), size) for stream in streams]
    except Exception as error:
        raise InputError("sampler", sampler, "must return the columns of one task", told(error)) from error
    return own_problem(loss, drawn, start, constants, infimum, pure=pure)


def _check_constants(constants: Mapping[str, Certificate], infimum: float | None) -> None:
    declared = "names of constants to what is declared of them", "as certified(...) or estimated(...)"
    arguments.mapping("constants", constants, *declared)
    missing = [name for name in SUPREMA if name not in constants]
    if missing:
        raise InputError(
            "constants", ", ".join(missing), "must be declared", "as certified(...) or estimated(...)"
        )
    if infimum is not None and finite(infimum) is None:
        raise InputError("infimum", infimum, "must be a finite number, a lower bound of every task's loss")
    if "Delta" not in constants and infimum is None:
        raise InputError("infimum", infimum, "must be given unless Delta is declared")
    for name, constant in constants.items():
        if not isinstance(constant, Certificate):
            raise InputError(name, constant, "must be certified(...) or estimated(...)")


def _padded(arrays: Sequence[np.ndarray], points: int) -> Tensor:
    whole = np.stack([np.concatenate([a, np.repeat(a[:1], points - len(a), axis=0)]) for a in arrays])
    return torch.as_tensor(whole.astype(float) if whole.dtype.kind == "f" else whole)
