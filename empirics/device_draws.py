"""Random tasks and batches that are drawn where torch computes.

A card that waits for numbers drawn on the CPU is idle nearly all the time. So a device draws its own: other
numbers than the CPU's, of the same law. A block of replicates has one stream for each purpose, and is always drawn
whole, so that nothing depends on the number of replicates, the chunk or the horizon, as on the CPU. What a problem
cannot take in normal numbers (multinomial counts), levels, and tasks without replacement are drawn on the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from empirics.draws import RandomSource, Streams
from empirics.problems.base import Problem, width_of_frames
from empirics.streams import device_generator


def possible(problem: Problem, device: str) -> bool:
    """Whether a problem's batches can be drawn on this device; on the CPU they have streams of their own."""
    return torch.device(device).type != "cpu" and width_of_frames(problem) is not None


@dataclass
class DeviceSource(RandomSource):
    """Fresh tasks and fresh batches at every step, for one block of replicates of one run."""

    streams: Streams
    _there: dict[tuple[str, int], torch.Generator] = field(default_factory=dict)

    def _refill(self, first: int, width: int) -> None:
        shape = self.layout.steps, self.layout.replicates, width
        generator = self._generator(self.task_stream, 0)
        tasks = torch.randint(self.problem.n_tasks, shape, generator=generator, device=self.device)
        self._blocks = {self.task_stream: tasks}

    def _normals(self, split: str, part: int, row: int) -> Tensor:
        key = f"{split}/{part}"
        if key not in self._blocks:
            shape = *self._blocks[self.task_stream].shape, width_of_frames(self.problem)
            drawn = torch.empty(shape, dtype=torch.float64, device=self.device)
            self._blocks[key] = drawn.normal_(generator=self._generator(split, part))
        return self._blocks[key][row]

    def _generator(self, stream: str, part: int) -> torch.Generator:
        key = stream, part
        if key not in self._there:
            of = self.streams
            self._there[key] = device_generator(
                of.seed, of.experiment, of.rows.start, stream, part, self.device
            )
        return self._there[key]
