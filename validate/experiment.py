"""An experiment: one run to be made, the question it belongs to, and what the theory predicts for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bounds.bound import Statement
from bounds.catalogue import name_of
from bounds.errors import InputError
from bounds.plan import Plan
from validate.claim import pointwise
from validate.judge import Check, Measure
from validate.statistics import exact_interval

if TYPE_CHECKING:
    import pandas as pd

    from empirics.algorithms import Direction
    from empirics.problems.base import Problem

MOST_ROWS = 20_000_000
"""Iterations of all replicates of one experiment, each a row of its table."""

Run = Callable[["Experiment"], "pd.DataFrame"]


@dataclass(frozen=True)
class Experiment:
    """A run with everything that decides its numbers.

    Attributes
    ----------
    name : str
        Unique in a run directory.
    kind : str
        Which claims and figures read it.
    problem : Problem
    plan : Plan
    direction : str or callable, optional
        The algorithm that is run; by default the plan's own.
    replicates, seed : int
    iterations : int, optional
        Default: the plan's.
    exact : bool
        All tasks enumerated, exact derivatives.
    stream : str
        Name of the random streams; by default the experiment's.
    labels : mapping
        What figures group by: panel, sweep, x, role.
    predicted : mapping
        The theory's numbers for this run.
    """

    name: str
    kind: str
    problem: Problem
    plan: Plan
    direction: str | Direction | None = None
    replicates: int = 64
    seed: int = 0
    iterations: int | None = None
    exact: bool = False
    stream: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)
    predicted: Mapping[str, float] = field(default_factory=dict)

    @property
    def horizon(self) -> int:
        """Number of iterations that are run."""
        return int(self.iterations or self.plan.iterations or 0)

    @property
    def runs(self) -> int:
        """Number of replicates that are run: with exact tasks all are the same one."""
        return 1 if self.exact else self.replicates

    @property
    def rows(self) -> int:
        """Iterations of all replicates together."""
        return self.horizon * self.runs

    @property
    def pointwise(self) -> bool:
        """Whether it looks at points and has no trajectory."""
        return pointwise(self.kind)

    @property
    def key(self) -> str:
        """Name of the random streams."""
        return self.stream or self.name

    @property
    def setting(self) -> str:
        """The inner step, and the target or the batches, in a few words."""
        plan = self.plan
        if self.kind == "falsify":
            return "searched from a neutral start"
        inner = f"alpha L = {plan.alpha * plan.constants.L:.3g}"
        if self.pointwise:
            return f"{inner}, one step: {self.labels['rule']}" if "rule" in self.labels else inner
        if self.exact:
            return f"{inner}, exact tasks"
        if self.iterations is None:
            return f"{inner}, epsilon = {plan.epsilon:.3g}" + (
                ", paper's plan" if plan.theory == "paper" else ""
            )
        return f"{inner}, B = {plan.B}, D = {plan.D_in}"

    def check(
        self,
        claim: str,
        statement: str | Statement,
        bound: float,
        measure: Measure = exact_interval,
        **more: Any,
    ) -> Check:
        """Return the comparison of a quantity of this experiment with the value of a statement, or of its name.

        ``more`` are the other fields of :class:`~validate.judge.Check`; the algorithm is the plan's unless given.
        """
        who = {"algorithm": self.plan.algorithm, "problem": self.problem.spec}
        return Check(claim=claim, statement=name_of(statement), bound=bound, measure=measure, **(who | more))

    def nothing(
        self, claim: str, statement: str | Statement, reason: str, algorithm: str | None = None
    ) -> Check:
        """Return the row of a claim that has nothing to test here, with the reason."""
        return self.check(
            claim, statement, float("nan"), condition=reason, algorithm=algorithm or self.plan.algorithm
        )

    def fresh(self) -> Experiment:
        """Return the same experiment on streams that nothing else uses."""
        return replace(self, stream=f"{self.key}/fresh")

    def longer(self, factor: int) -> Experiment:
        """Return the same runs over a horizon ``factor`` times as long; they begin with the same iterates."""
        return replace(self, iterations=factor * self.horizon)

    def to_dict(self, cell: str | None) -> dict[str, Any]:
        """Return the experiment as one row of ``experiments.json``; ``cell`` is where its result lies."""
        name = self.direction if isinstance(self.direction, str) else None
        return {
            "name": self.name,
            "kind": self.kind,
            "problem": self.problem.spec,
            "algorithm": self.plan.algorithm,
            "direction": name or ("custom" if self.direction else self.plan.algorithm),
            "epsilon": self.plan.epsilon,
            "alpha": self.plan.alpha,
            "cell": cell,
            "replicates": self.replicates,
            "seed": self.seed,
            "iterations": self.horizon,
            "exact": self.exact,
            "plan": self.plan.to_dict(),
            "labels": dict(self.labels),
            "predicted": dict(self.predicted),
        }


def require_affordable(experiments: Iterable[Experiment]) -> None:
    """Raise InputError when an experiment needs more iterations than a table can hold."""
    for experiment in experiments:
        if not experiment.pointwise and not (experiment.rows <= MOST_ROWS):
            needed = f"needs {experiment.horizon:.3g} iterations, {experiment.rows:.3g} in all runs"
            allowed = f"{needed}, more than the {MOST_ROWS:.3g} that can be kept"
            raise InputError(
                "epsilon", experiment.plan.epsilon, allowed, "take a larger one, or fewer replicates"
            )
