"""A whole direction as one recording: what its derivatives have in common is computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from empirics.oracle import Cost, Oracle
from empirics.replay.replays import Replays

MOST = 64
"""Derivatives of a direction that is recorded as one, at most."""
Direction = Callable[[Oracle, Tensor, float], Tensor]


@dataclass(frozen=True, eq=False)
class Asked:
    """What a direction asks of the oracle: which batches, and how many derivatives of each task."""

    direction: Direction
    splits: tuple[str, ...]
    gradients: int
    hessian_vectors: int

    @classmethod
    def by(cls, direction: Direction, oracle: Oracle, w: Tensor, alpha: float) -> tuple[Tensor, Asked]:
        """Return a direction at a point, and what it asked for."""
        cost, tasks = oracle.cost, oracle.tasks.numel()
        before = cost.gradients, cost.hessian_vectors
        answer = direction(oracle, w, alpha)
        gradients, products = cost.gradients - before[0], cost.hessian_vectors - before[1]
        return answer, cls(direction, oracle.asked, gradients // tasks, products // tasks)

    def count(self, cost: Cost, tasks: int) -> None:
        """Add what is asked for so many tasks."""
        cost.gradients += self.gradients * tasks
        cost.hessian_vectors += self.hessian_vectors * tasks


def followed(replays: Replays, direction: Direction, oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Return the direction at a point, maybe from a recording.

    Parameters
    ----------
    replays : Replays
        The problem's.
    direction : callable
        One that adds, scales and asks the oracle, no more, and always asks the same.
    oracle, w, alpha
        As the direction takes them; the oracle is a plain one.
    """
    asked = replays.notes.get(id(direction))
    if asked is None or asked.direction is not direction:
        answer, asked = Asked.by(direction, oracle, w, alpha)
        replays.note(id(direction), asked)
        return answer
    if asked.gradients + asked.hessian_vectors > MOST:
        return direction(oracle, w, alpha)
    batches = {split: oracle.batch(split) for split in asked.splits}
    drawn = tuple(split for split, batch in batches.items() if batch is not None)

    def compute(tasks: Tensor, point: Tensor, *given: Tensor) -> Tensor:
        known = dict.fromkeys(batches) | dict(zip(drawn, given, strict=True))
        return direction(oracle.with_batches(tasks, known), point, alpha)

    asked.count(oracle.cost, oracle.tasks.numel())
    given = (oracle.tasks, w, *(batches[split] for split in drawn))
    return replays((asked, alpha, drawn), compute, *given)
