r"""Your own problem: a per-sample loss in torch, finite data per task, and constants that you declare.

.. math:: f_i(w) = \sum_j p_{ij}\,\ell(w; \xi_{ij})

with the points :math:`\xi_{ij}` of task i, equally likely. Derivatives come from ``torch.func``; a batch of D
draws with replacement is its multinomial counts, so its cost is that of one pass over the task's points.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.func import grad, jvp, vmap

from bounds.errors import InputError
from empirics.problems import checks
from empirics.problems.base import Certificate, Problem

Loss = Callable[..., Tensor]
"""A per-sample loss ``loss(w, *columns)``: a scalar, from w of shape (dim,) and one point's columns."""

Task = Sequence[np.ndarray]
"""The columns of one task, each with the points along its first axis."""

NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H")


def certified(value: float, formula: str = "certified by its author", attained: bool = False) -> Certificate:
    """Declare a constant that you have a proof of; ``attained`` if no smaller one would do."""
    return Certificate(checks.number("constant", value), formula, attained)


def estimated(value: float) -> Certificate:
    """Declare a constant that you only have an estimate of."""
    return Certificate(checks.number("constant", value), "estimated", False)


@dataclass(frozen=True, eq=False)
class OwnProblem(Problem):
    r"""A finite-sum problem from a per-sample loss; make one with :func:`own_problem`.

    Attributes
    ----------
    loss_of_sample : callable
        ``loss(w, *columns)``.
    columns : tuple of Tensor
        Each ``(n_tasks, points, ...)``, padded where tasks have fewer points.
    shares : ndarray
        Probabilities :math:`p_{ij}` of the points, ``(n_tasks, points)``; zero on the padding.
    w0 : Tensor
        The starting point.
    declared : mapping
        L, rho, sigma, sigma_tilde, sigma_H and, optionally, Delta.
    infimum : float
        A lower bound of every f_i, from which Delta follows where it is not declared.
    name : str
        ``package.module:factory``, by which other processes find the problem.
    """

    family: ClassVar[str] = "own"
    loss_of_sample: Loss
    columns: tuple[Tensor, ...]
    shares: np.ndarray
    w0: Tensor
    declared: Mapping[str, Certificate]
    infimum: float | None
    name: str = ""

    @property
    def dim(self) -> int:  # type: ignore[override]
        """Dimension of w."""
        return len(self.w0)

    @property
    def n_tasks(self) -> int:  # type: ignore[override]
        """Number of tasks."""
        return len(self.shares)

    @property
    def spec(self) -> str:
        """The factory's name, or a digest of the data where there is none."""
        return self.name or f"own:{self._digest}"

    def named(self, name: str) -> OwnProblem:
        """Return the problem under the name of its factory."""
        return replace(self, name=name)

    @property
    def start(self) -> Tensor:
        """The starting point w_0."""
        return self.w0

    # ---- derivatives --------------------------------------------------------------------------------

    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""
        return self._over(self._mean_loss, tasks, None, w)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient at w, exact or the mean over the draws in ``batch``."""
        return self._over(grad(self._mean_loss), tasks, batch, w)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian at w times v, exact or the mean over the draws in ``batch``."""
        return self._over(self._mean_product, tasks, batch, w, v)

    def _mean_loss(self, w: Tensor, shares: Tensor, *points: Tensor) -> Tensor:
        losses = vmap(self.loss_of_sample, in_dims=(None, *[0] * len(points)))(w, *points)
        return (shares * losses).sum()

    def _mean_product(self, w: Tensor, v: Tensor, shares: Tensor, *points: Tensor) -> Tensor:
        slope = lambda x: grad(self._mean_loss)(x, shares, *points)  # noqa: E731
        return jvp(slope, (w,), (v,))[1]

    def _over(
        self, function: Callable[..., Tensor], tasks: Tensor, batch: Tensor | None, *at: Tensor
    ) -> Tensor:
        """Apply a function of points, shares and columns to every entry of ``tasks``."""
        shape = torch.broadcast_shapes(tasks.shape, *(x.shape[:-1] for x in at))
        shares = self._rows(tasks, at[0])[0] if batch is None else batch
        flat = shares.expand(*shape, -1).reshape(-1, shares.shape[-1])
        vectors = (x.expand(*shape, self.dim).reshape(-1, self.dim) for x in at)
        answer = vmap(function)(*vectors, flat, *self._rows(tasks.expand(shape).reshape(-1), at[0])[1:])
        return answer.reshape(*shape, *answer.shape[1:])

    def _rows(self, tasks: Tensor, like: Tensor) -> tuple[Tensor, ...]:
        """Return the shares and the columns of these tasks, where ``like`` lives."""
        return tuple(table[tasks] for table in self._tables(like.device))

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw the shares of the points among D draws with replacement, ``(*tasks.shape, points)``."""
        return rng.multinomial(checks.count("D", D), self.shares[tasks]) / D

    def noise_moments(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        r"""Exact :math:`E\|\cdot\|^2` of one draw's gradient noise and (Frobenius) Hessian noise at w."""
        slope = grad(self.loss_of_sample)
        gradient = self._over(_spread_of(slope), tasks, None, w)
        hessian = torch.zeros_like(gradient)
        for unit in torch.eye(self.dim, dtype=w.dtype, device=w.device):
            column = lambda x, *point, e=unit: jvp(lambda y: slope(y, *point), (x,), (e,))[1]  # noqa: E731
            hessian = hessian + self._over(_spread_of(column), tasks, None, w)
        return gradient, hessian

    # ---- constants ----------------------------------------------------------------------------------

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Return the declared constants, and Delta from the declared infimum where it is not declared."""
        known = dict(self.declared)
        if "Delta" not in known:
            tasks = torch.arange(self.n_tasks)
            height = float(self.loss(tasks, self.w0.unsqueeze(0)).mean()) - (self.infimum or 0.0)
            known["Delta"] = Certificate(height, "f(w_0) - declared infimum", False)
        return known

    def _tables(self, device: torch.device) -> tuple[Tensor, ...]:
        known = self.__dict__.setdefault("_placed", {})
        if device not in known:
            known[device] = tuple(t.to(device) for t in (torch.from_numpy(self.shares), *self.columns))
        return known[device]

    @cached_property
    def _digest(self) -> str:
        data = b"".join(np.ascontiguousarray(c.numpy()).tobytes() for c in (*self.columns, self.w0))
        return hashlib.sha256(data + repr(dict(self.declared)).encode()).hexdigest()[:12]


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


def _spread_of(field: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return the variance of a vector field over single draws, as a function of w, shares and columns."""

    def variance(w: Tensor, shares: Tensor, *points: Tensor) -> Tensor:
        each = vmap(field, in_dims=(None, *[0] * len(points)))(w, *points)
        return (shares * ((each - shares @ each) ** 2).sum(-1)).sum()

    return variance


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
