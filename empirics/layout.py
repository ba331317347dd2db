"""Fixed shapes of the arithmetic.

Matrix products and long sums round differently for different shapes. A run therefore always computes in
blocks whose shapes follow from the problem and the plan alone, never from the number of replicates, the
chunk, the horizon or the workers; short blocks are padded. That is what makes results bitwise repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from empirics.problems.base import Problem, width_of_frames


@dataclass(frozen=True)
class Sizes:
    """How many numbers are in one piece: of a step, of what is measured, of a slice, of what is drawn at once."""

    block: int
    points: int
    slice: int
    draw: int
    rows: int
    """Replicates in a block, and points measured at once over 16, at most."""


CPU = Sizes(2**14, 2**15, 2**16, 2**18, 64)
"""A step stays in the cache."""
ELSEWHERE = Sizes(2**22, 2**23, 2**22, 2**24, 2**16)
"""A card needs millions of numbers in each of its kernels to be busy; where batches are drawn there."""


@dataclass(frozen=True)
class Layout:
    """How a run is cut into blocks.

    Attributes
    ----------
    replicates : int
        Replicates that are advanced together.
    steps : int
        Steps whose randomness is drawn at once.
    slices : tuple of int
        Widths of the slices in which the B tasks of a step are handed to the direction; one slice unless
        B is very large.
    points : int
        Points at which the exact F and grad F are evaluated at once.
    """

    replicates: int
    steps: int
    slices: tuple[int, ...]
    points: int


def layout(problem: Problem, tasks: int, replicates: int | None = None, device: str = "cpu") -> Layout:
    """Return the block shapes for runs with so many tasks per step (and so many replicates per block)."""
    there = torch.device(device).type != "cpu" and width_of_frames(problem) is not None
    of = ELSEWHERE if there else CPU
    widest = min(tasks, max(1, of.slice // problem.dim))
    rows = replicates or min(of.rows, _power(of.block // (widest * problem.dim)))
    slices = (widest,) * (tasks // widest) + ((tasks % widest,) if tasks % widest else ())
    steps = 1 if len(slices) > 1 else min(64, _power(of.draw // (rows * widest * problem.dim)))
    return Layout(rows, steps, slices, min(16 * of.rows, _power(of.points // problem.footprint)))


def _power(number: int) -> int:
    """Largest power of two that is at most ``number``, and at least 1."""
    return 1 << (max(number, 1).bit_length() - 1)
