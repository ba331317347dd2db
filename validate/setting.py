"""What all experiments on one problem share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bounds import Constants, Plan, StepRule
from bounds.plan import Algorithm
from bounds.theory.algorithms import algorithm as known
from bounds.theory.algorithms import runnable
from bounds.theory.algorithms.maml import MAML
from validate.experiment import Experiment

if TYPE_CHECKING:
    from empirics.algorithms import Direction
    from empirics.problems.base import Problem


@dataclass(frozen=True)
class Setting:
    """What all experiments on one problem share.

    Attributes
    ----------
    problem : Problem
    alpha : float
        Inner step; the objective F depends on it.
    algorithms : tuple of str
    directions : mapping
        What to run instead of an algorithm's own direction.
    seed, replicates : int
    inner_steps : int
        Of the objective and of the algorithms.
    """

    problem: Problem
    alpha: float
    algorithms: tuple[Algorithm, ...] = field(default_factory=runnable)
    directions: Mapping[str, str | Direction] = field(default_factory=dict)
    seed: int = 0
    replicates: int = 64
    inner_steps: int = 1

    @cached_property
    def constants(self) -> Constants:
        """The constants, as they are given; Delta is of the objective with so many inner steps."""
        from empirics.problems import several

        return several.constants(self.problem, self.alpha, self.inner_steps)

    @cached_property
    def confronted(self) -> Constants:
        """The same, those on trust confronted with what a quick look at the problem shows."""
        from empirics import problems
        from empirics.problems import several

        if self.inner_steps == 1:
            return problems.confronted(self.problem, self.constants, self.alpha, self.seed)
        return several.confronted(self.problem, self.alpha, self.inner_steps, self.seed)

    @cached_property
    def fo_plateau(self) -> float | None:
        """Where exact FO-MAML stops, if the problem knows; with several inner steps, on a line, if it is found."""
        from empirics.problems import several
        from empirics.problems.line import Line

        problem: Any = self.problem
        if self.inner_steps == 1:
            return float(problem.fo_plateau(self.alpha)) if hasattr(problem, "fo_plateau") else None
        on_a_line = isinstance(problem, Line)
        return several.fo_plateau(problem, self.alpha, self.inner_steps) if on_a_line else None

    @property
    def usual_probe(self) -> float:
        """Length of HF-MAML's probe where its direction is looked at: L/(20 rho), or 1 for constant Hessians."""
        return 0.05 * self.constants.L / self.constants.rho if self.constants.rho else 1.0

    @property
    def reach(self) -> float:
        """The dimensionless inner step alpha L."""
        return self.alpha * self.constants.L

    @property
    def _inner(self) -> str:
        steps = "" if self.inner_steps == 1 else f",N={self.inner_steps}"
        return f"x={self.reach:.6g}{steps}"

    def experiment(self, kind: str, plan: Plan, title: str, **more: Any) -> Experiment:
        """Return an experiment of this setting; all of one setting share their random streams."""
        seen = plan.constants.confronted(self.confronted.observed)
        return Experiment(
            name="/".join((kind, self.problem.spec, plan.algorithm, self._inner, title)),
            kind=kind,
            problem=self.problem,
            plan=plan.with_(constants=seen),
            direction=self.directions.get(plan.algorithm),
            replicates=self.replicates,
            seed=self.seed,
            stream=self.problem.spec,
            **more,
        )

    def pointwise(self, kind: str) -> Iterator[Experiment]:
        """Look at points, as for the lemmas and the recorded errata, which no algorithm is needed for."""
        yield self.experiment(kind, bare_plan(self, MAML.name), "points")


def bare_plan(setting: Setting, algorithm: Algorithm, length: float = 1.0, **sizes: int) -> Plan:
    """Return a plan of which only alpha, the batches and HF-MAML's probe of the given length are looked at."""
    constants, alpha = setting.constants, setting.alpha
    batches: dict[str, Any] = {"B": 1, "D_in": 1, "D_o": 1, "D_h": 1, "B_prime": 0, "D_beta": 0} | sizes
    return Plan(
        algorithm=algorithm,
        theory="sharp",
        constants=constants,
        epsilon=constants.sigma or 1.0,
        alpha=alpha,
        feasible=True,
        reason="",
        binding="",
        step_factor=0.1,
        step_rule=StepRule("constant", constants.L, 0.0),
        probe_length=length if known(algorithm).probes else None,
        iterations=1,
        inner_steps=setting.inner_steps,
        **batches,
    )
