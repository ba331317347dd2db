"""Where a direction is judged: the user's own problem, and benches on which every known defect shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from torch import Tensor

from bounds import Plan
from bounds.plan import Algorithm
from bounds.theory.algorithms import of
from bounds.theory.one_step import DIRECTION
from empirics import problems
from empirics.problems.base import Problem
from validate.directions.asking import Block, drawn, exact
from validate.directions.catalogue import Claimed, alternatives, claimed
from validate.directions.points import Places, places
from validate.judge import Check, Measure
from validate.statistics import exact_interval

BENCHES = (
    ("ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,sigma_H=2,rho=2,oracle=one-sided", 0.4),
    ("ripple:dim=3,n_tasks=5,sigma=0.5,sigma_tilde=0.5,seed=1", 0.1),
)
"""Problems with alpha L. Noise on one side only: the gradient's and the Hessian's are then correlated."""


TURNING = ("robust-regression:dim=2,n_tasks=4,points=6", 0.4)
"""A problem whose Hessians do not commute: the order of several factors shows on it, and not on those above."""


MANY_TASKS, MOST_TASKS = 150, 3000
"""Tasks of one call: more than are taken together anywhere here, and as many as are asked for at most."""
CALLS = 6000
"""Calls of a few batches each that are watched on the first bench."""


@dataclass(frozen=True)
class Case:
    """A problem to judge a direction on, with the sizes of its batches.

    Attributes
    ----------
    plan : Plan
        Of the claimed algorithm: alpha, the constants and the length of a probe.
    B, D : int
        Tasks of a draw, and samples in every batch: D is one number, so names may be swapped.
    draws, law : int
        Batches that are compared one by one, and batches behind a law.
    calls : int
        Calls of a few batches each, for what is rare or keeps state; 0 for none.
    shapes : tuple of (int, int)
        Other numbers of rows and of tasks B that it is asked for.
    """

    problem: Problem
    plan: Plan
    seed: int
    B: int = 3
    D: int = 1
    draws: int = 2000
    law: int = 20_000
    calls: int = 0
    shapes: tuple[tuple[int, int], ...] = ()

    @property
    def alpha(self) -> float:
        """The inner step."""
        return self.plan.alpha

    @property
    def steps(self) -> int:
        """The number of inner steps."""
        return self.plan.inner_steps

    @cached_property
    def claimed(self) -> Claimed:
        """The algorithm that the direction says it is."""
        return claimed(self.plan)

    @cached_property
    def places(self) -> Places:
        """Where to look."""
        return places(self, alternatives(self.plan))

    def exact(self, w: Tensor) -> Block:
        """Enumerate its tasks with exact derivatives at every row of ``w``."""
        return exact(self.problem, self.alpha, w, self.steps)

    def drawn(self, w: Tensor, stream: str, B: int | None = None) -> Block:
        """Draw its tasks, or B of them, and its batches for every row of ``w``."""
        return drawn(self.problem, self.alpha, w, B or self.B, self.D, self.seed, stream, self.steps)

    def check(self, claim: str, bound: float, measure: Measure, quantity: str = "bias", **more: Any) -> Check:
        """Return the comparison of something about the direction with a bound; ``more`` are other fields of it."""
        return Check(
            claim=claim,
            statement=DIRECTION[quantity](of(self.plan)).name,
            algorithm=self.plan.algorithm,
            problem=self.problem.spec,
            bound=bound,
            measure=measure,
            setting=f"alpha L = {self.alpha * self.plan.constants.L:.3g}",
            settled=True,
            **({"n": self.draws} | more),
        )

    def unmeasured(self, **why: str) -> Check:
        """Return the row of a direction of which nothing is measured here: its failure, or why it is undecided."""
        return self.check("direction.draws", 1.0, exact_interval, **why)


def shapes(plan: Plan) -> tuple[tuple[int, int], ...]:
    """Return numbers of rows and tasks at which code goes wrong: one of each, many tasks, and the plan's own."""
    own = min(max(plan.B or 1, 1), MOST_TASKS)
    return tuple(dict.fromkeys([(1, 1), (5, 1), (1, own), (1, 2), (2, MANY_TASKS)]))


def benches(plan: Plan, seed: int) -> Iterator[Case]:
    """Return the benches for the algorithm of a plan; on the first one, calls are watched one by one."""
    several = (TURNING,) if plan.inner_steps > 1 else ()
    for number, (spec, reach) in enumerate((*BENCHES, *several)):
        calls = CALLS if number == 0 else 0
        yield _bench(spec, reach, 3 + number, calls, plan.algorithm, plan.inner_steps, seed)


@cache
def _bench(spec: str, reach: float, B: int, calls: int, algorithm: Algorithm, steps: int, seed: int) -> Case:
    """Return one bench: the same for every direction, and so are the places where it is looked at."""
    from validate.design import Setting, bare_plan

    problem = problems.from_spec(spec)
    constants = problem.constants()
    setting = Setting(problem, min(reach, 1 / (2 * steps)) / constants.L, inner_steps=steps)
    made = bare_plan(setting, algorithm, 0.2 * constants.L / constants.rho)
    return Case(problem, made, seed, B=B, law=60_000, calls=calls)
