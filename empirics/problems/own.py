r"""Your own problem: a per-sample loss in torch, finite data per task, and constants that you declare.

.. math:: f_i(w) = \sum_j p_{ij}\,\ell(w; \xi_{ij})

with the points :math:`\xi_{ij}` of task i, equally likely. Derivatives are those of torch; a batch of D
draws with replacement is its multinomial counts, so its cost is that of one pass over the task's points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.func import vmap

from bounds.errors import InputError
from empirics import checks
from empirics.differentiation import Losses, columns, products, slopes, values
from empirics.digest import digest
from empirics.problems.base import Certificate, Problem
from empirics.replay import Replays

Loss = Callable[..., Tensor]
"""A per-sample loss ``loss(w, *columns)``: a scalar, from w of shape (dim,) and one point's columns."""

Rule = Callable[..., Tensor]
"""What is taken of the losses at their points: :func:`~empirics.differentiation.values`, or derivatives."""

MOST_NUMBERS = 2**20
"""Entries of the Hessians of single draws that are held at one time, where the loss has as many."""


@dataclass(frozen=True, eq=False, repr=False)
class OwnProblem(Problem):
    r"""A finite-sum problem from a per-sample loss; made by :func:`~empirics.problems.own_data.own_problem`.

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
    pure : bool
        Whether the loss is a function of w and its columns alone; then its derivatives are recorded.
    """

    family: ClassVar[str] = "own"
    loss_of_sample: Loss
    columns: tuple[Tensor, ...]
    shares: np.ndarray
    w0: Tensor
    declared: Mapping[str, Certificate]
    infimum: float | None
    name: str = ""
    pure: bool = False

    @property
    def dim(self) -> int:  # type: ignore[override]  # read off the data, where families have a field
        """Dimension of w."""
        return len(self.w0)

    @property
    def n_tasks(self) -> int:  # type: ignore[override]  # read off the data, as above
        """Number of tasks."""
        return len(self.shares)

    @property
    def spec(self) -> str:
        """The factory's name, or a digest of the data where there is none."""
        return self.name or f"own:{self._digest}"

    def __repr__(self) -> str:
        return f"OwnProblem({self.spec!r})"

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
        return self._replayed("loss", values, tasks, None, w)

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient at w, exact or the mean over the draws in ``batch``."""
        return self._replayed("gradient", slopes, tasks, batch, w)

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian at w times v, exact or the mean over the draws in ``batch``."""
        return self._replayed("hessian_vector", products, tasks, batch, w, v)

    def meta(self, w: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        r"""Exact F and :math:`\nabla F` at once: both need the inner step."""

        def compute(points: Tensor) -> Tensor:
            tasks, at = self.every_task(points)
            adapted = at - alpha * self.gradient(tasks, at)
            F, outer = self.loss(tasks, adapted).mean(-1), self.gradient(tasks, adapted)
            slope = (outer - alpha * self.hessian_vector(tasks, at, outer)).mean(-2)
            return torch.cat([F.unsqueeze(-1), slope], -1)

        replays = self.replays if isinstance(alpha, float) else None
        both = compute(w) if replays is None else replays(("meta", alpha), compute, w)
        return both[..., 0].contiguous(), both[..., 1:].contiguous()

    def _replayed(self, name: str, rule: Rule, tasks: Tensor, batch: Tensor | None, *at: Tensor) -> Tensor:
        """Apply a rule to the mean losses, anew or from a recording."""

        def compute(index: Tensor, *given: Tensor) -> Tensor:
            drawn, points = (None, given) if batch is None else (given[0], given[1:])
            return self._over(rule, self._mean_loss, index, drawn, *points)

        given = at if batch is None else (batch, *at)
        if self.replays is None:
            return compute(tasks, *given)
        return self.replays(f"{name}{'' if batch is None else ' of draws'}", compute, tasks, *given)

    def _mean_loss(self, w: Tensor, shares: Tensor, *points: Tensor) -> Tensor:
        losses = vmap(self.loss_of_sample, in_dims=(None, *[0] * len(points)))(w, *points)
        return (shares * losses).sum()

    def _over(
        self, rule: Rule, function: Callable[..., Tensor], tasks: Tensor, batch: Tensor | None, *at: Tensor
    ) -> Tensor:
        """Apply a rule to a function of a point, shares and columns, at every entry of ``tasks``.

        Forward mode refuses a vector whose entries share memory, as those of an expanded view do; hence the copy,
        which also brings points of lower precision to the data's.
        """
        shape = torch.broadcast_shapes(tasks.shape, *(x.shape[:-1] for x in at))
        shares = self._rows(tasks, at[0])[0] if batch is None else batch
        flat = shares.expand(*shape, -1).reshape(-1, shares.shape[-1])
        wide = (x.to(self.w0.dtype).expand(*shape, self.dim) for x in at)
        vectors = (x.clone(memory_format=torch.contiguous_format).reshape(-1, self.dim) for x in wide)
        columns = self._rows(tasks.expand(shape).reshape(-1), at[0])[1:]
        answer = rule(lambda x: vmap(function)(x, flat, *columns), *vectors)
        return answer.reshape((*shape, *answer.shape[1:]))

    def _rows(self, tasks: Tensor, like: Tensor) -> tuple[Tensor, ...]:
        """Return the shares and the columns of these tasks, where ``like`` lives."""
        return tuple(table[tasks] for table in self._tables(like.device))

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw the shares of the points among D draws with replacement, ``(*tasks.shape, points)``."""
        return rng.multinomial(checks.count("D", D), self.shares[tasks]) / D

    @property
    def silent(self) -> bool:
        """Whether samples have no noise: none is declared, or every task has a single point."""
        return super().silent or bool(((self.shares > 0).sum(1) == 1).all())

    def noise_moments(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        r"""Exact :math:`E\|\cdot\|^2` of one draw's gradient noise and (Frobenius) Hessian noise at w."""
        return self.gradient_noise(tasks, w), self.hessian_noise(tasks, w)

    def gradient_noise(self, tasks: Tensor, w: Tensor) -> Tensor:
        r"""Exact :math:`E\|\cdot\|^2` of one draw's gradient noise at w."""
        shares, losses, at = self._draws(tasks, w)
        return _spread(shares, slopes(losses, at).reshape(*shares.shape, -1))

    def hessian_noise(self, tasks: Tensor, w: Tensor) -> Tensor:
        r"""Exact :math:`E\|\cdot\|_F^2` of one draw's Hessian noise at w, some columns at a time."""
        entries = max(1, tasks.numel(), w.numel() // self.dim) * self.shares.shape[-1]
        wide = max(1, MOST_NUMBERS // (entries * self.dim))
        units = torch.eye(self.dim, dtype=self.w0.dtype, device=w.device).split(wide)
        shares, losses, at = self._draws(tasks, w)
        parts = [columns(losses, at, some).reshape(len(some), *shares.shape, -1) for some in units]
        return torch.stack([_spread(shares, part).sum(0) for part in parts]).sum(0)

    def _draws(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Losses, Tensor]:
        """Return the shares of all single draws, ``(..., points)``, their losses, and the points of those."""
        shape = torch.broadcast_shapes(tasks.shape, w.shape[:-1])
        shares, *columns = self._rows(tasks.expand(shape), w)
        flat = [column.flatten(0, len(shape)) for column in columns]
        at = w.to(self.w0.dtype).unsqueeze(-2).expand(*shares.shape, self.dim).reshape(-1, self.dim)
        return shares, lambda x: vmap(self.loss_of_sample)(x, *flat), at.clone()

    # ---- constants ----------------------------------------------------------------------------------

    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Return the declared constants, and Delta from the declared infimum where it is not declared."""
        known = dict(self.declared)
        if "Delta" not in known:
            tasks = torch.arange(self.n_tasks)
            height = float(self.loss(tasks, self.w0.unsqueeze(0)).mean()) - (self.infimum or 0.0)
            if not height >= 0:
                allowed = f"must be a lower bound of every task's loss; f(w_0) - infimum is {height:.4g}"
                raise InputError(
                    "infimum", self.infimum, allowed, "look at the losses at the start, and lower it"
                )
            known["Delta"] = Certificate(height, "f(w_0) - declared infimum", False, "declared")
        return known

    def _tables(self, device: torch.device) -> tuple[Tensor, ...]:
        known = self.__dict__.setdefault("_placed", {})
        if device not in known:
            known[device] = tuple(t.to(device) for t in (torch.from_numpy(self.shares), *self.columns))
        return known[device]

    @cached_property
    def replays(self) -> Replays | None:
        """Recordings of derivatives of a pure loss; a class that derives from this one keeps none."""
        return Replays(self.loss_of_sample) if self.pure and type(self) is OwnProblem else None

    @cached_property
    def _digest(self) -> str:
        """A digest of what the problem is: loss, data, weights, start, and what is declared."""
        parts = (self.loss_of_sample, self.columns, self.shares, self.w0, dict(self.declared), self.infimum)
        return digest(parts)[:12]


def _spread(shares: Tensor, each: Tensor) -> Tensor:
    """Return the variance of vectors ``(..., points, dim)`` over single draws with shares ``(..., points)``."""
    mean = (shares.unsqueeze(-1) * each).sum(-2, keepdim=True)
    return (shares * (each - mean).square().sum(-1)).sum(-1)
