"""One run set up: problem, plan, direction and streams; and its steps, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from bounds import arguments
from bounds.errors import InputError
from bounds.plan import Plan, require_plan
from empirics import algorithms, checks, device_draws, draws
from empirics.algorithms import Direction
from empirics.layout import Layout, layout
from empirics.levels import Levels
from empirics.oracle import Cost, Oracle, splits
from empirics.problems.base import Problem, takes_frames
from empirics.replay.directing import followed
from empirics.steps import step_size

Rows = range | draws.Mixed
"""The replicates of a block: numbers of this run's, or replicates of several runs that differ in their streams."""
Step = Callable[[int, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Run:
    """Everything that decides the numbers of a run, checked when it is made.

    Attributes
    ----------
    problem : Problem
    plan : Plan
    direction : callable
        The algorithm, see :mod:`empirics.algorithms`.
    seed, experiment : int, str
        Keys of the streams.
    exact : bool
        Enumerate all tasks and use exact derivatives.
    device : str
        Where torch computes, and where the numbers are drawn if it is not the CPU and the problem can: see
        :mod:`empirics.device_draws`.
    """

    problem: Problem
    plan: Plan
    direction: Direction
    seed: int
    experiment: str
    exact: bool
    device: str

    @classmethod
    def make(
        cls,
        problem: Problem,
        plan: Plan,
        direction: Direction | None = None,
        seed: int = 0,
        experiment: str = "run",
        exact: bool = False,
        device: str = "cpu",
    ) -> Run:
        """Check the arguments and return the run."""
        checks.problem(problem)
        checks.runnable(require_plan("plan", plan), arguments.flag("exact", exact))
        checks.same_tasks(plan, problem.n_tasks)
        checks.seed(seed)
        arguments.text("experiment", experiment)
        if direction is not None:
            checks.direction(direction)
        checks.device(device)
        return cls(problem, plan, direction or algorithms.for_plan(plan), seed, experiment, exact, device)

    @property
    def levels(self) -> Levels | None:
        """The levels of the plan's inner batch; None for a plain one."""
        return Levels(self.plan.depth, self.plan.rate or 0.0) if self.plan.depth else None

    def layout(self) -> Layout:
        """Return the block shapes; an exact run has nothing to repeat, so it has one row."""
        if self.exact:
            return layout(self.problem, self.problem.n_tasks, 1, self.device)
        return layout(self.problem, checks.count("B", self.plan.B), None, self.device)

    def blocks(self, replicates: int) -> list[range]:
        """Cut replicates into blocks that are advanced together."""
        height = self.layout().replicates
        return [range(low, min(low + height, replicates)) for low in range(0, replicates, height)]

    def stepper(self, rows: Rows, cost: Cost | None = None) -> Step:
        """Return the map (k, w_k) -> (w_{k+1}, beta_k) of one padded block of replicates; k must ascend."""
        counted = Cost() if cost is None else cost
        batches, sizing = self.batches(rows, counted), self.sizing(rows, counted)
        rule, c = checks.step_rule(self.plan)

        def advance(k: int, w: Tensor) -> tuple[Tensor, Tensor]:
            G = self.mean_direction(batches.oracles(k), w)
            beta = step_size(rule, c, w, G, sizing.oracles(k))
            return w - beta.unsqueeze(-1) * G, beta

        return advance

    def batches(self, rows: Rows, cost: Cost | None = None) -> draws.Source:
        """Return the source of the batches that the direction looks at."""
        shapes, counted = self.layout(), Cost() if cost is None else cost
        if self.exact:
            named = tuple(splits(self.plan.inner_steps))
            return draws.ExactSource(self.problem, shapes, named, self.device, counted, self.levels)
        own = {"in": self.plan.D_in, "out": self.plan.D_o, "hess": self.plan.D_h}
        sizes = {name: own[split] for name, split in splits(self.plan.inner_steps).items()}
        return self._random("tasks", shapes, sizes, rows, counted)

    def sizing(self, rows: Rows, cost: Cost | None = None) -> draws.Source:
        """Return the source of the fresh batches that the sampled step size looks at."""
        shapes, counted = self.layout(), Cost() if cost is None else cost
        if self.exact:
            return draws.ExactSource(self.problem, shapes, ("step",), self.device, counted)
        fresh = layout(self.problem, self.plan.B_prime or 1, shapes.replicates, self.device)
        return self._random("step-tasks", fresh, {"step": self.plan.D_beta}, rows, counted)

    def unturned(self) -> Run:
        """Return the run in the problem's own coordinates where its algorithm commutes with the rotation."""
        known = isinstance(self.problem, Problem) and algorithms.commutes(self.direction)
        return replace(self, problem=self.problem.unturned()) if known else self

    @cached_property
    def _takes_frames(self) -> bool:
        """Whether both who looks at a batch, and what computes with it, are this project's."""
        return algorithms.ours(self.direction) and takes_frames(self.problem)

    def named(self, experiment: str) -> Run:
        """Return the same run with other streams."""
        return replace(self, experiment=experiment)

    def _random(
        self, name: str, shapes: Layout, sizes: dict[str, int | None], rows: Rows, cost: Cost
    ) -> draws.Source:
        own = name == "tasks"
        distinct = own and self.plan.tasks != "with replacement"
        levels = self.levels if own else None
        streams = draws.Streams(self.seed, self.experiment, rows) if isinstance(rows, range) else rows
        there = device_draws.possible(self.problem, self.device) and not distinct and levels is None
        if there and isinstance(streams, draws.Streams):
            return device_draws.DeviceSource(self.problem, shapes, sizes, streams, name, self.device, cost)
        source = draws.RandomSource(self.problem, shapes, sizes, streams, name, self.device, cost, distinct)
        return replace(source, levels=levels)

    def mean_direction(self, oracles: Iterator[Oracle], w: Tensor) -> Tensor:
        """Average of the direction over the tasks of a step, ``(replicates, dim)``."""
        parts = [self.directions(oracle, w) for oracle in oracles]
        if len(parts) == 1:
            return parts[0].mean(-2)
        return torch.stack([part.sum(-2) for part in parts]).sum(0) / sum(part.shape[-2] for part in parts)

    def directions(self, oracle: Oracle, w: Tensor) -> Tensor:
        """Direction of every task of one oracle, with its shape checked."""
        point = w.clone().unsqueeze(-2)
        oracle.begin(w.unsqueeze(-2), self.plan.alpha, self.plan.inner_steps)
        if self._takes_frames:
            oracle.take_frames(point)
        G = self._followed(oracle, point)
        wanted = (*oracle.tasks.shape, self.problem.dim)
        if not isinstance(G, Tensor) or G.shape != wanted:
            found = tuple(G.shape) if isinstance(G, Tensor) else type(G).__name__
            raise InputError("direction", found, f"must return a tensor (replicates, B, dim) = {wanted}")
        if self.plan.depth and not oracle.layered:
            allowed = f"never asks for the levels, and the plan counts on {self.plan.depth} of them"
            raise InputError("direction", "without levels", allowed, "recommend with depth=0")
        return G

    def _followed(self, oracle: Oracle, w: Tensor) -> Tensor:
        """Return the direction; of a problem that records, one of ours is recorded as a whole."""
        replays = self.problem.replays if isinstance(self.problem, Problem) else None
        whole = oracle.plain and self.device == "cpu" and algorithms.ours(self.direction)
        if replays is None or not whole:
            return self.direction(oracle, w, self.plan.alpha)
        return followed(replays, self.direction, oracle, w, self.plan.alpha)
