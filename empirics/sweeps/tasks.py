"""What a worker is given at a time: several small cells, or some blocks of a large one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from empirics.cells import Cell
from empirics.engines.base import Failure, attempt
from empirics.provenance import require_same_versions, versions
from empirics.sweeps.together import computed

TARGET = 2**24
"""Work of a task, in coordinates advanced by a step: a second or two."""
CALLS = 2**13
"""Work that a step costs whatever its size, in the same unit."""
MOST = 256
"""Cells of a part: a part is lost whole when its file is damaged."""


@dataclass(frozen=True)
class Task:
    """Some blocks of replicates of some cells.

    Attributes
    ----------
    cells : tuple of Cell
    blocks : tuple of range
        The numbers of the blocks, for each cell.
    part : int
        The part that the cells belong to.
    """

    cells: tuple[Cell, ...]
    blocks: tuple[range, ...]
    part: int
    made_with: dict[str, str] = field(default_factory=versions)

    def compute(self) -> list[np.ndarray | Failure]:
        """Return the blocks of each cell joined, ``(replicates, recorded, 3)``, or why there are none."""
        require_same_versions(self.made_with)
        known: dict[tuple[str, str | None], Failure | None] = {}
        found: list[np.ndarray | Failure] = []
        for _, pairs in groupby(zip(self.cells, self.blocks, strict=True), key=_kind):
            group = list(pairs)
            cell = group[0][0]
            code = cell.problem, cell.direction
            if code not in known:
                known[code] = attempt(Cell.require_same_code, cell)
            failure = known[code]
            found += [failure] * len(group) if failure else computed(group)
        return found


@dataclass(frozen=True)
class Part:
    """Cells that share a file, and the tasks that make them."""

    members: tuple[int, ...]
    tasks: tuple[Task, ...]


def parts(cells: Sequence[Cell]) -> Iterator[Part]:
    """Cut cells, in their order, into parts: small ones share a part and a task, a large one has several tasks.

    The cut depends on the cells alone, never on the workers, and no number depends on the cut.
    """
    group: dict[int, range] = {}
    number, load = 0, 0
    for place, cell in enumerate(cells):
        blocks = cell.blocks()
        work = (CALLS + cell.width) * sum(cell.work(rows) // len(rows) for rows in blocks)
        if group and (load + work > TARGET or len(group) == MOST):
            yield _small(cells, group, number)
            group, load, number = {}, 0, number + 1
        if work > TARGET:
            yield Part((place,), tuple(_pieces(cell, len(blocks), work, number)))
            number += 1
        else:
            group[place] = range(len(blocks))
            load += work
    if group:
        yield _small(cells, group, number)


def _small(cells: Sequence[Cell], group: Mapping[int, range], number: int) -> Part:
    task = Task(tuple(cells[place] for place in group), tuple(group.values()), number)
    return Part(tuple(group), (task,))


def _pieces(cell: Cell, count: int, work: int, number: int) -> Iterator[Task]:
    step = max(1, count * TARGET // work)
    for low in range(0, count, step):
        yield Task((cell,), (range(low, min(low + step, count)),), number)


def _kind(pair: tuple[Cell, range]) -> Cell:
    return replace(pair[0], seed=0, experiment="")
