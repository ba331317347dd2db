"""Where the oracles of a run come from: random tasks and batches, or all tasks without noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from empirics import checks
from empirics.layout import Layout
from empirics.levels import CURVED, STREAM, Levels, batches, is_of_level
from empirics.oracle import SPLITS, Cost, Oracle, unknown_split
from empirics.problems.base import Problem, width_of_frames
from empirics.streams import generator

_SIZES = {"in": "D_in", "out": "D_o", "hess": "D_h", "step": "D_beta"}


class Source(Protocol):
    """Gives the oracles of each step, one per slice of the tasks."""

    def oracles(self, step: int) -> Iterator[Oracle]:
        """Yield the oracles of a step; steps must be asked for in order."""


@dataclass
class ExactSource:
    """All tasks, every derivative exact."""

    problem: Problem
    layout: Layout
    splits: tuple[str, ...] = SPLITS
    device: str = "cpu"
    cost: Cost = field(default_factory=Cost)
    levels: Levels | None = None

    def oracles(self, step: int) -> Iterator[Oracle]:
        """Yield the same oracles at every step; without noise no level is drawn."""
        first = 0
        for width in self.layout.slices:
            tasks = torch.arange(first, first + width, device=self.device).expand(
                self.layout.replicates, width
            )
            none = None if self.levels is None else partial(torch.zeros_like, tasks)
            yield Oracle(self.problem, tasks, self._batch, self.cost, none)
            first += width

    def _batch(self, split: str) -> tuple[None, int]:
        layered = self.levels is not None and is_of_level(split)
        if split not in self.splits and not layered:
            raise unknown_split(split)
        return None, 0


@dataclass(frozen=True)
class Streams:
    """The streams of some replicates of one experiment."""

    seed: int
    experiment: str
    rows: range

    def open(self, stream: str, part: int = 0) -> list[np.random.Generator]:
        """Return a new generator for every replicate, of the first or the second part of its batches."""
        return [generator(self.seed, self.experiment, row, stream, part) for row in self.rows]


@dataclass(frozen=True)
class Mixed:
    """The streams of replicates of several experiments: each a seed, the name of an experiment and a number."""

    keys: tuple[tuple[int, str, int], ...]

    def __len__(self) -> int:
        return len(self.keys)

    def open(self, stream: str, part: int = 0) -> list[np.random.Generator]:
        """Return a new generator for every replicate, of the first or the second part of its batches."""
        return [generator(*key, stream, part) for key in self.keys]


@dataclass
class RandomSource:
    """Fresh tasks and fresh batches at every step, for one block of replicates.

    The numbers of a block of steps are drawn together, each replicate from its own streams, so they do not
    depend on which replicates share a block nor on how many steps follow. Rows beyond the last replicate
    repeat the first one; they only pad the arithmetic.
    """

    problem: Problem
    layout: Layout
    sizes: Mapping[str, int | None]
    streams: Streams | Mixed
    task_stream: str = "tasks"
    device: str = "cpu"
    cost: Cost = field(default_factory=Cost)
    distinct: bool = False
    """Whether the tasks of a step are different ones, drawn without replacement."""
    levels: Levels | None = None
    """The levels of a multilevel inner batch."""
    _framed: bool = field(init=False)
    _open: dict[tuple[str, int], list[np.random.Generator]] = field(default_factory=dict)
    _tasks: list[np.ndarray] = field(default_factory=list)
    _step: list[np.ndarray] = field(default_factory=list)
    _blocks: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._framed = width_of_frames(self.problem) is not None

    def oracles(self, step: int) -> Iterator[Oracle]:
        """Yield the oracles of a step; steps must be asked for in order."""
        row, first = step % self.layout.steps, 0
        for width in self.layout.slices:
            if row == 0:
                self._refill(first, width)
            tasks = self._blocks[self.task_stream][row]
            drawn = None if self.levels is None else partial(self._level, row)
            yield Oracle(self.problem, tasks, partial(self._batch, row=row), self.cost, drawn)
            first += width

    def _refill(self, first: int, width: int) -> None:
        n, steps = self.problem.n_tasks, self.layout.steps
        generators = self._generators(self.task_stream)
        if not self.distinct:
            drawn = [rng.integers(n, size=(steps, width)) for rng in generators]
        else:
            if first == 0:
                self._step = [different(rng, n, steps, sum(self.layout.slices)) for rng in generators]
            drawn = [np.ascontiguousarray(tasks[:, first : first + width]) for tasks in self._step]
        self._tasks = drawn
        self._blocks = {self.task_stream: self._pack(drawn)}

    def _level(self, row: int) -> Tensor:
        assert self.levels is not None
        if STREAM not in self._blocks:
            pairs = zip(self._generators(STREAM), self._tasks, strict=True)
            self._blocks[STREAM] = self._pack([self.levels.draw(rng, tasks.shape) for rng, tasks in pairs])
        return self._blocks[STREAM][row]

    def _batch(self, split: str, row: int) -> tuple[Any, int | Tensor]:
        if self.levels is not None and is_of_level(split):
            return self._of_level(split, row)
        size = sized(self.sizes, split)
        if self._framed:
            first, second = (partial(self._normals, split, part, row) for part in (0, 1))
            return self.problem.frame(first, second, size), size
        if split not in self._blocks:
            self._blocks[split] = self._sampled(split, size)
        return self._blocks[split][row], size

    def _normals(self, split: str, part: int, row: int) -> Tensor:
        key = f"{split}/{part}"
        if key not in self._blocks:
            width = width_of_frames(self.problem) or 0
            self._blocks[key] = self._filled(width, self._generators(split, part), fill_normal)
        return self._blocks[key][row]

    def _sampled(self, split: str, size: int) -> Tensor:
        width, generators = self.problem.sample_width, self._generators(split)
        if width is None:
            pairs = zip(generators, self._tasks, strict=True)
            return self._pack([self.problem.sample(rng, tasks, size) for rng, tasks in pairs])
        return self._filled(width, generators, partial(self._sample_into, size))

    def _sample_into(self, size: int, rng: np.random.Generator, out: np.ndarray) -> None:
        self.problem.sample_into(rng, size, out)

    def _filled(
        self,
        width: int,
        generators: list[np.random.Generator],
        fill: Callable[[np.random.Generator, np.ndarray], None],
    ) -> Tensor:
        """Let each generator fill the batches of its replicate, in place."""
        block = np.empty((self.layout.replicates, *self._tasks[0].shape, width))
        for rng, own in zip(generators, block, strict=False):
            fill(rng, own)
        block[len(generators) :] = block[0]
        return torch.from_numpy(block).transpose(0, 1).to(self.device)

    def _of_level(self, split: str, row: int) -> tuple[Tensor, Tensor]:
        """Batches of the levels of this block of steps, the tasks without a level left out."""
        assert self.levels is not None
        self._level(row)
        counts = f"{split} sizes"
        if split not in self._blocks:
            D_in, D_o = (checks.count(_SIZES[name], self.sizes[name]) for name in ("in", "out"))
            D_h = checks.count(_SIZES["hess"], self.sizes["hess"]) if split.startswith(CURVED) else 0
            known = self._blocks[STREAM].cpu().numpy()
            chosen = [known[:, place] for place in range(len(self._tasks))]
            sizes = [self.levels.samples(split, level, D_in, D_o, D_h) for level in chosen]
            rows = zip(self._generators(split), self._tasks, sizes, strict=True)
            self._blocks[split] = self._pack([batches(self.problem, *one) for one in rows])
            self._blocks[counts] = self._pack(sizes)
        return self._blocks[split][row], self._blocks[counts][row]

    def _generators(self, stream: str, part: int = 0) -> list[np.random.Generator]:
        if (stream, part) not in self._open:
            self._open[stream, part] = self.streams.open(stream, part)
        return self._open[stream, part]

    def _pack(self, drawn: list[np.ndarray]) -> Tensor:
        """Put the numbers of the replicates side by side; seen by steps, each replicate's stay where they are."""
        packed = np.stack([*drawn, *[drawn[0]] * (self.layout.replicates - len(drawn))])
        return torch.from_numpy(packed).transpose(0, 1).to(self.device)


def fill_normal(rng: np.random.Generator, out: np.ndarray) -> None:
    """Fill an array with standard normal numbers."""
    rng.standard_normal(out=out)


def sized(sizes: Mapping[str, int | None], split: str) -> int:
    """Return the samples in a named batch; raise InputError when there is no such batch or it has none."""
    if split not in sizes:
        raise unknown_split(split)
    name = _SIZES[split.partition(".")[0]]
    return checks.count(name, sizes[split], remedy=f"the direction looks at batch {split!r}")


def different(rng: np.random.Generator, n: int, steps: int, size: int) -> np.ndarray:
    """Draw ``size`` different tasks out of n for each step, every set equally likely: ``(steps, size)``.

    All of them are not drawn but listed.  Few out of many are drawn with replacement until no two are equal,
    which costs a few times ``size``; else the tasks are shuffled.
    """
    if size == n:
        return np.tile(np.arange(n), (steps, 1))
    if size * size > n:
        return rng.permuted(np.tile(np.arange(n), (steps, 1)), axis=1)[:, :size]
    drawn = rng.integers(n, size=(steps, size))
    while (repeated := (np.diff(np.sort(drawn, axis=1), axis=1) == 0).any(axis=1)).any():
        drawn[repeated] = rng.integers(n, size=(int(repeated.sum()), size))
    return drawn
