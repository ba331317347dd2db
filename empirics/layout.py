"""Fixed shapes of the arithmetic.

Matrix products and long sums round differently for different shapes. A run therefore always computes in
blocks whose shapes follow from the problem and the plan alone, never from the number of replicates, the
chunk, the horizon or the workers; short blocks are padded. That is what makes results bitwise repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass

from empirics.problems.base import Problem

_BLOCK = 2**14
_POINTS = 2**15
_SLICE = 2**16
_DRAW = 2**18


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


def layout(problem: Problem, tasks: int, replicates: int | None = None) -> Layout:
    """Return the block shapes for runs with so many tasks per step (and so many replicates per block)."""
    widest = min(tasks, max(1, _SLICE // problem.dim))
    rows = replicates or min(64, _power(_BLOCK // (widest * problem.dim)))
    slices = (widest,) * (tasks // widest) + ((tasks % widest,) if tasks % widest else ())
    steps = 1 if len(slices) > 1 else min(64, _power(_DRAW // (rows * widest * problem.dim)))
    return Layout(rows, steps, slices, min(1024, _power(_POINTS // problem.footprint)))


def _power(number: int) -> int:
    """Largest power of two that is at most ``number``, and at least 1."""
    return 1 << (max(number, 1).bit_length() - 1)
