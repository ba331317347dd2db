"""What an algorithm may see: stochastic derivatives of the drawn tasks, by named batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.origins import OUTER, Origins, of_step, step_of
from empirics.problems.base import Problem
from empirics.problems.frame import Frame
from empirics.transforms import transformed

SPLITS = ("in", "out", "hess")


def splits(inner_steps: int) -> dict[str, str]:
    """Return the batches of N inner steps by their names, each with the split whose size it has."""
    own = [(of_step(split, n), split) for n in range(inner_steps) for split in ("in", "hess")]
    return dict(own) | {"out": "out"}


Batch = Callable[[str], "tuple[Any, int | Tensor]"]
"""From a name to what a problem takes for a batch, and its size: one for all tasks, or one for each."""


@dataclass
class Cost:
    """Work asked of an oracle, summed over its tasks and replicates.

    Attributes
    ----------
    gradients : int
        Task gradients (each the mean over one batch).
    hessian_vectors : int
        Products of a task Hessian with a vector (a full Hessian counts ``dim`` of them).
    samples : int
        Data points drawn; exact derivatives draw none.
    """

    gradients: int = 0
    hessian_vectors: int = 0
    samples: int = 0


class Oracle:
    r"""The oracle of one step: B tasks, and for each independent batches named "in", "out" and "hess".

    Points may have the shape ``(replicates, dim)``, ``(replicates, 1, dim)`` or ``(replicates, B, dim)``;
    answers always have the shape ``(replicates, B, dim)``. Calls with the same name see the same samples.

    Parameters
    ----------
    problem : Problem
        The problem.
    tasks : Tensor of int, shape (replicates, B)
        The tasks of this step.
    batch : callable
        From the name of a split to its batch (None for exact derivatives) and its number of samples, one for all
        tasks or one for each.
    cost : Cost
        Where the work is counted.
    levels : callable, optional
        Gives the level of every task, ``(replicates, B)``, where the inner batch is a multilevel one.
    """

    def __init__(
        self,
        problem: Problem,
        tasks: Tensor,
        batch: Batch,
        cost: Cost,
        levels: Callable[[], Tensor] | None = None,
    ) -> None:
        self.problem = problem
        self.tasks = tasks
        self.cost = cost
        self.layered = False
        """Whether the levels were asked for."""
        self._batch = batch
        self._levels = levels
        self._made: dict[str, Any] = {}
        self._sizes: dict[str, int | Tensor] = {}
        self._drawn: dict[str, Any] = {}
        self._origins: Origins | None = None
        self._looked: dict[int, Tensor] | None = None

    def begin(self, w: Tensor, alpha: float, steps: int) -> None:
        """Say where the step begins, how long its inner steps are and how many: batches are seen from there.

        Where somebody differentiates or transforms, they are seen from 0: the same samples wherever w is.
        """
        if not (torch.is_grad_enabled() or transformed()):
            self._origins = Origins(self.problem, self.tasks, w, alpha, steps)

    def take_frames(self, w: Tensor | None = None) -> None:
        """Say that whoever looks knows frames, see :mod:`empirics.problems.frame`, and where the step begins."""
        if self._origins is not None:
            self._looked = {} if w is None else {0: w}

    def gradient(self, w: Tensor, split: str) -> Tensor:
        r"""Mean gradient :math:`\tilde\nabla f_i(w, D)` over the named batch, for every task i."""
        self.cost.gradients += self._asked(split)
        at = _points(w)
        if self._looked is not None and split.startswith("in."):
            self._looked.setdefault(step_of(split), at)
        return self.problem.gradient(self.tasks, at, self.batch(split))

    def hessian_vector(self, w: Tensor, v: Tensor, split: str) -> Tensor:
        r"""Mean Hessian over the named batch times a vector, :math:`\tilde\nabla^2 f_i(w, D)\, v`."""
        self.cost.hessian_vectors += self.tasks.numel()
        return self.problem.hessian_vector(self.tasks, _points(w), _points(v), self.batch(split))

    def hessian(self, w: Tensor, split: str) -> Tensor:
        r"""Full mean Hessian :math:`\tilde\nabla^2 f_i(w, D)`, ``(replicates, B, dim, dim)``, by columns."""
        basis = torch.eye(self.problem.dim, dtype=w.dtype, device=w.device)
        columns = [self.hessian_vector(w, e.expand(1, 1, -1), split) for e in basis]
        return torch.stack(columns, dim=-1)

    def levels(self) -> Tensor:
        """Return the level that each task has drawn for this step, ``(replicates, B)``; 0 stands for none.

        The batches "first" and "second" then have half of its samples each, "shared" those of "out".
        """
        if self._levels is None:
            allowed = "asks for levels; this plan has a plain inner batch"
            raise InputError("direction", "levels", allowed, "recommend with a depth")
        self.layered = True
        return self._levels()

    def batch(self, split: str) -> Any:
        """Return what the named batch of this step is made of; None stands for exact derivatives."""
        if split not in self._drawn:
            self._drawn[split] = self._make(split)
            size = self._sizes[split]
            self.cost.samples += size * self.tasks.numel() if isinstance(size, int) else int(size.sum())
        return self._drawn[split]

    def _make(self, split: str) -> Any:
        """Draw a batch, whether or not it was asked for, as it is seen from where the algorithms look at it."""
        if split not in self._made:
            drawn, self._sizes[split] = self._batch(split)
            self._made[split] = self._seen(drawn, split)
        return self._made[split]

    def _seen(self, drawn: Any, split: str) -> Any:
        """Return a batch for who looks at it: a frame is settled for everybody who does not know it."""
        if not isinstance(drawn, Frame):
            return drawn
        if self._looked is None:
            known = self._origins
            return drawn.settled(None if known is None else known.of(split, self._make))
        if split != OUTER and (at := self._looked.get(step_of(split))) is not None:
            drawn.begin(at)
        return drawn

    @property
    def asked(self) -> tuple[str, ...]:
        """The batches that were asked for, in their order."""
        return tuple(self._drawn)

    @property
    def plain(self) -> bool:
        """Whether its inner batch has no levels, and it answers as this class does."""
        return self._levels is None and type(self) is Oracle

    def with_batches(self, tasks: Tensor, batches: Mapping[str, Any]) -> Oracle:
        """Return an oracle of the same problem with these tasks and batches, that counts for itself."""

        def batch(split: str) -> tuple[Any, int]:
            return (batches[split] if split in batches else self.batch(split)), 0

        return Oracle(self.problem, tasks, batch, Cost())

    def _asked(self, split: str) -> int:
        """How many tasks have such a batch: of those of a level, the tasks that have drawn one."""
        if split.partition(".")[0] in SPLITS or self._levels is None:
            return self.tasks.numel()
        return int((self._levels() > 0).sum())


def unknown_split(split: str) -> InputError:
    """Return the error for a batch name that does not exist."""
    return InputError("split", split, "must be one of 'in', 'out', 'hess'")


def _points(w: Tensor) -> Tensor:
    """Bring a point to its shape and to double precision, in which every problem computes."""
    exact = w.double() if w.is_floating_point() and w.dtype != torch.float64 else w
    return exact if exact.dim() > 2 else exact.unsqueeze(-2)
