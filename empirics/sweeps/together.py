"""Cells that differ in their streams only, advanced in the same blocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from bounds.theory.algorithms import algorithms
from empirics import algorithms as running
from empirics.cells import Cell
from empirics.draws import Mixed
from empirics.engines.base import Failure, attempt
from empirics.measure import measure_block

Group = Sequence[tuple[Cell, range]]
"""Cells, each with the numbers of its blocks."""


def computed(group: Group) -> list[np.ndarray | Failure]:
    """Compute blocks of cells that differ in seed and experiment only: ``(replicates, recorded, 3)`` for each.

    A block is padded to a fixed height, which the replicates of a small cell do not fill. Where every row is by
    itself, those of other cells fill it, and each has the bits that it has alone. If that fails, every cell is
    computed alone, so that a failure is that of its own cell.
    """
    if len(group) > 1 and joinable(group[0][0]):
        found = attempt(_together, group)
        if not isinstance(found, Failure):
            return list(found)
    return [attempt(_alone, pair) for pair in group]


def joinable(cell: Cell) -> bool:
    """Whether rows of the cell may share blocks with others: elementwise problem, algorithm of this project."""
    run = cell.run().unturned()
    ours = cell.direction in algorithms() and running.commutes(run.direction)
    whole = len(run.layout().slices) == 1 and not cell.plan.depth and not cell.exact
    return bool(ours and whole and run.problem.rowwise)


def _together(group: Group) -> list[np.ndarray]:
    first = group[0][0]
    run, starts = first.run(), first.starts()
    rows = [_rows(cell, numbers) for cell, numbers in group]
    keys = [
        (cell.seed, cell.experiment, row) for (cell, _), mine in zip(group, rows, strict=True) for row in mine
    ]
    height = run.layout().replicates
    blocks = [Mixed(tuple(keys[low : low + height])) for low in range(0, len(keys), height)]
    table = np.concatenate([measure_block(run, block, starts, first.recorded) for block in blocks])
    return np.split(table, np.cumsum([len(mine) for mine in rows])[:-1])


def _rows(cell: Cell, numbers: range) -> list[int]:
    blocks = cell.blocks()
    return list(chain.from_iterable(blocks[number] for number in numbers))


def _alone(pair: tuple[Cell, range]) -> np.ndarray:
    cell, numbers = pair
    blocks = cell.blocks()
    return np.concatenate([cell.compute(blocks[number]) for number in numbers])
