"""Putting a question to a direction: tasks, batches and points drawn here, and a note of all it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from empirics.oracle import Cost, Oracle, splits, unknown_split
from empirics.problems.base import Problem
from empirics.streams import generator

Direction = Callable[[Oracle, Tensor, float], Tensor]
MOST_TASKS = 64
"""Tasks that are enumerated when derivatives are exact."""
LONGEST = 160
"""Characters of another's error message that are repeated."""


class BrokenError(Exception):
    """The direction gave no direction; the message says what it did instead."""


class NotFiniteError(BrokenError):
    """The direction is infinite or no number, which no right code is on any problem."""


@dataclass(frozen=True)
class Look:
    """One call of the oracle: the kind of derivative, the batch, and the points, ``(rows, 1 or B, dim)``."""

    kind: str
    split: str
    points: Tensor

    def rows(self, part: slice | Tensor) -> Look:
        """Return what was looked at in some of the rows."""
        return self if len(self.points) == 1 else replace(self, points=self.points[part])


class WatchedOracle(Oracle):
    """An oracle that answers every split and writes down what is looked at, and where."""

    looks: list[Look]

    def gradient(self, w: Tensor, split: str) -> Tensor:
        """Mean gradient over the named batch, and a note of it."""
        self._note("gradient", split, w)
        return super().gradient(w, split)

    def hessian_vector(self, w: Tensor, v: Tensor, split: str) -> Tensor:
        """Mean Hessian over the named batch times a vector, and a note of it."""
        self._note("hessian", split, w)
        return super().hessian_vector(w, v, split)

    def _note(self, kind: str, split: str, w: Tensor) -> None:
        points = w if w.dim() > 2 else w.unsqueeze(-2)
        self.__dict__.setdefault("looks", []).append(Look(kind, split, points.detach().clone()))


@dataclass(frozen=True)
class Block:
    """Independent questions, one a row: a point, B tasks, and a batch of every name for each task.

    Attributes
    ----------
    problem : Problem
    alpha : float
    w : Tensor, shape (rows, dim)
    tasks : Tensor of int, shape (rows, B)
    batches : mapping
        What each split is made of, ``(rows, B, m)``; None stands for exact derivatives.
    D : int
        Samples in every batch.
    """

    problem: Problem
    alpha: float
    w: Tensor
    tasks: Tensor
    batches: Mapping[str, Tensor | None]
    D: int

    def rows(self, part: slice | Tensor) -> Block:
        """Return some of the rows."""
        batches = {name: None if batch is None else batch[part] for name, batch in self.batches.items()}
        return replace(self, w=self.w[part], tasks=self.tasks[part], batches=batches)

    def oracle(self) -> WatchedOracle:
        """Return the oracle of all rows, which gives the same answers whenever it is made."""
        return WatchedOracle(self.problem, self.tasks, self._batch, Cost())

    def unwatched(self) -> Oracle:
        """Return the same oracle without notes, for directions of ours."""
        return Oracle(self.problem, self.tasks, self._batch, Cost())

    def answer(self, direction: Direction) -> Tensor:
        """Return what a direction of ours answers, ``(rows, B, dim)``."""
        return direction(self.unwatched(), self.w.unsqueeze(-2), self.alpha)

    def _batch(self, split: str) -> tuple[Tensor | None, int]:
        if split not in self.batches:
            raise unknown_split(split)
        return self.batches[split], self.D


def drawn(
    problem: Problem, alpha: float, w: Tensor, B: int, D: int, seed: int, stream: str, steps: int = 1
) -> Block:
    """Draw tasks and independent batches of D samples for every row of ``w``, those of N inner steps by name."""
    rng = generator(seed, stream, 0, "tasks")
    tasks = rng.integers(problem.n_tasks, size=(len(w), B))
    batches: dict[str, Tensor | None] = {
        split: torch.from_numpy(problem.sample(generator(seed, stream, 0, split), tasks, D))
        for split in splits(steps)
    }
    return Block(problem, alpha, w, torch.from_numpy(tasks), batches, D)


def exact(problem: Problem, alpha: float, w: Tensor, steps: int = 1) -> Block:
    """Enumerate the tasks (at most 64 of them, evenly spread) with exact derivatives at every row of ``w``."""
    count = min(problem.n_tasks, MOST_TASKS)
    tasks = torch.from_numpy(np.linspace(0, problem.n_tasks - 1, count).round().astype(np.int64))
    return Block(problem, alpha, w, tasks.expand(len(w), count), dict.fromkeys(splits(steps)), 1)


def ask(direction: Direction, block: Block) -> tuple[Tensor, list[Look]]:
    """Return what the direction answers, ``(rows, B, dim)`` in double precision, and what it looked at.

    Raises
    ------
    BrokenError
        When it raises, or hands back something else.
    """
    oracle = block.oracle()
    oracle.looks = []
    try:
        G = direction(oracle, block.w.clone().unsqueeze(-2), block.alpha)
    except (Exception, SystemExit) as error:
        raise BrokenError(f"the direction raised {type(error).__name__}: {_first_line(error)}") from error
    wanted = (*block.tasks.shape, block.problem.dim)
    if not isinstance(G, Tensor) or tuple(G.shape) != wanted:
        found = tuple(G.shape) if isinstance(G, Tensor) else type(G).__name__
        raise BrokenError(f"the direction handed back {found}, not a tensor (replicates, B, dim) = {wanted}")
    if G.is_complex():
        raise BrokenError("the direction is of complex numbers, and must be of real ones")
    wrong = int((~torch.isfinite(G)).flatten(1).any(-1).sum())
    if wrong:
        raise NotFiniteError(f"the direction is not a finite number in {wrong:,} of {len(G):,} rows")
    return G.detach(), oracle.looks


def ask_in_calls(direction: Direction, block: Block, height: int) -> tuple[Tensor, list[Look]]:
    """Ask ``height`` rows at a time; the n-th look of all calls is put together, NaN where a call had none."""
    answers = [ask(direction, block.rows(slice(low, low + height))) for low in range(0, len(block.w), height)]
    most = max(len(looks) for _, looks in answers)
    together = [
        _together([looks[k] if k < len(looks) else None for _, looks in answers], block, height)
        for k in range(most)
    ]
    return torch.cat([G for G, _ in answers]), together


def _together(looks: Sequence[Look | None], block: Block, height: int) -> Look:
    known = next(look for look in looks if look is not None)
    shape = (height, block.tasks.shape[1], block.problem.dim)
    missing = torch.full(shape, torch.nan, dtype=torch.float64)
    same = [
        missing if look is None or look.kind != known.kind else look.points.expand(shape) for look in looks
    ]
    return Look(known.kind, known.split, torch.cat(same)[: len(block.w)])


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else "no message"
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST]
