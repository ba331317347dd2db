"""Random tasks and batches that are drawn where torch computes.

A card that waits for numbers drawn on the CPU is idle nearly all the time. So a device draws its own: other
numbers than the CPU's, of the same law. A block of replicates has one stream for each purpose, and is always drawn
whole, so that nothing depends on the number of replicates, the chunk or the horizon, as on the CPU. What a problem
cannot take in normal numbers (multinomial counts), levels, and tasks without replacement are drawn on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from empirics.draws import Streams, sized
from empirics.layout import Layout
from empirics.oracle import Cost, Oracle
from empirics.problems.base import Problem
from empirics.streams import device_generator


def possible(problem: Problem, device: str) -> bool:
    """Whether a problem's batches can be drawn on this device; on the CPU they have streams of their own."""
    return torch.device(device).type != "cpu" and problem.frame_width is not None


@dataclass
class DeviceSource:
    """Fresh tasks and fresh batches at every step, for one block of replicates."""

    problem: Problem
    layout: Layout
    sizes: Mapping[str, int | None]
    streams: Streams
    task_stream: str
    device: str
    cost: Cost
    _open: dict[tuple[str, int], torch.Generator] = field(default_factory=dict)
    _blocks: dict[tuple[str, int], Tensor] = field(default_factory=dict)

    def oracles(self, step: int) -> Iterator[Oracle]:
        """Yield the oracles of a step; steps must be asked for in order."""
        row = step % self.layout.steps
        for width in self.layout.slices:
            if row == 0:
                self._blocks = {(self.task_stream, 0): self._tasks(width)}
            tasks = self._blocks[self.task_stream, 0][row]
            yield Oracle(self.problem, tasks, partial(self._batch, row=row), self.cost)

    def _tasks(self, width: int) -> Tensor:
        shape = (self.layout.steps, self.layout.replicates, width)
        generator = self._generator(self.task_stream, 0)
        return torch.randint(self.problem.n_tasks, shape, generator=generator, device=self.device)

    def _batch(self, split: str, row: int) -> tuple[Any, int]:
        size = sized(self.sizes, split)
        first, second = (partial(self._normals, split, part, size, row) for part in (0, 1))
        return self.problem.frame(first, second), size

    def _normals(self, split: str, part: int, size: int, row: int) -> Tensor:
        key = split, part
        if key not in self._blocks:
            shape = (*self._blocks[self.task_stream, 0].shape, self.problem.frame_width)
            drawn = torch.empty(shape, dtype=torch.float64, device=self.device)
            self._blocks[key] = drawn.normal_(std=1 / math.sqrt(size), generator=self._generator(*key))
        return self._blocks[key][row]

    def _generator(self, stream: str, part: int) -> torch.Generator:
        key = stream, part
        if key not in self._open:
            of = self.streams
            self._open[key] = device_generator(
                of.seed, of.experiment, of.rows.start, stream, part, self.device
            )
        return self._open[key]
