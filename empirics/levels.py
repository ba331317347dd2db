"""The levels of a multilevel inner batch: which one each task draws, and its batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bounds.levels import probabilities
from empirics.problems.base import Problem

FIRST, SECOND, SHARED, CURVED = "first", "second", "shared", "curved"
"""Two inner batches, of half the samples of the level each; and the outer batch, and with several inner steps
those of the Hessians, that the level's points share. ``first.1`` is that of the second inner step, and so on."""
STREAM = "level"


@dataclass(frozen=True)
class Levels:
    """Levels 0 to depth; level j >= 1 has the probability ``rate * 2**-j``."""

    depth: int
    rate: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draw the level of every task, independently."""
        ends = np.cumsum(probabilities(self.depth, self.rate))[:-1]
        return np.searchsorted(ends, rng.random(shape), side="right")

    def samples(self, split: str, level: np.ndarray, D_in: int, D_o: int, D_h: int = 0) -> np.ndarray:
        """Return the size of a task's batch of that name: none where no level was drawn."""
        drawn = level > 0
        if split == SHARED:
            return np.where(drawn, D_o, 0)
        if split.startswith(CURVED):
            return np.where(drawn, D_h * 2**level, 0)
        return np.where(drawn, D_in * 2 ** np.maximum(level - 1, 0), 0)


def is_of_level(split: str) -> bool:
    """Whether a batch belongs to a level."""
    return split.partition(".")[0] in (FIRST, SECOND, SHARED, CURVED)


def batches(problem: Problem, rng: np.random.Generator, tasks: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Draw a batch of its own size for every task, at a cost free of the sizes; nothing (0) for size 0."""
    empty = problem.sample(rng, tasks[:0], 1)
    drawn = np.zeros((*tasks.shape, empty.shape[-1]), dtype=empty.dtype)
    for size in np.unique(sizes[sizes > 0]):
        chosen = sizes == size
        drawn[chosen] = problem.sample(rng, tasks[chosen], int(size))
    return drawn
