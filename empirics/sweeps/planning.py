"""From the points of a grid to cells: one plan for all the seeds that share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from bounds.constants import Constants
from bounds.errors import InputError
from bounds.plan import Plan
from bounds.recommendation import recommend
from empirics.cells import Cell
from empirics.identity import made
from empirics.problems import several
from empirics.sweeps.suite import Point


@dataclass(frozen=True)
class Entry:
    """One point with its cell, or with the reason why there is nothing to run.

    Attributes
    ----------
    point : Point
    alpha : float
        The inner step, unit W^2/F.
    cell : Cell, optional
    reason : str
        Why there is no cell.
    """

    point: Point
    alpha: float
    cell: Cell | None
    reason: str = ""

    @cached_property
    def axes(self) -> dict[str, Any]:
        """The values that tell the cell from others, by the names of columns."""
        point = self.point
        return {
            "problem": point.problem,
            "algorithm": point.algorithm,
            "theory": point.theory,
            "step": point.step,
            "inner_steps": point.inner_steps,
            "alpha": self.alpha,
            "epsilon": point.epsilon,
            "plan": ", ".join(f"{name}={value:g}" for name, value in point.change),
            "seed": point.seed,
        }


def entries(points: Iterable[Point]) -> list[Entry]:
    """Return an entry for each point; points that are given twice are kept once.

    Raises
    ------
    InputError
        When a problem, an inner step or a plan's change is not allowed: nothing is run then.
    """
    return [_entry(point) for point in dict.fromkeys(points)]


def _entry(point: Point) -> Entry:
    alpha = point.alpha / _smoothness(point.problem) if point.relative else point.alpha
    step = None if point.step == "best" else point.step
    asked = (point.problem, point.algorithm, point.theory, step, point.inner_steps, alpha, point.epsilon)
    plan = _plan(*asked, point.change)
    if plan.step_rule is None:
        return Entry(point, alpha, None, plan.reason)
    run: dict[str, Any] = {
        "replicates": point.replicates,
        "seed": point.seed,
        "every": point.every,
        "exact": point.exact,
    }
    return Entry(point, alpha, Cell(point.problem, plan, iterations=point.iterations, **run))


@lru_cache(maxsize=4096)
def _smoothness(problem: str) -> float:
    return made(problem)[0].constants().L


@lru_cache(maxsize=4096)
def _constants(problem: str, alpha: float, inner_steps: int) -> Constants:
    return several.constants(made(problem)[0], alpha, inner_steps)


@lru_cache(maxsize=4096)
def _recommended(
    problem: str, algorithm: str, theory: Any, step: Any, inner_steps: int, alpha: float, epsilon: float
) -> Plan:
    given = {"alpha": alpha, "step": step, "inner_steps": inner_steps}
    return recommend(_constants(problem, alpha, inner_steps), epsilon, algorithm, theory, **given)


@lru_cache(maxsize=4096)
def _plan(
    problem: str,
    algorithm: str,
    theory: str,
    step: str | None,
    inner_steps: int,
    alpha: float,
    epsilon: float,
    change: tuple[tuple[str, float], ...],
) -> Plan:
    plan = _recommended(problem, algorithm, theory, step, inner_steps, alpha, epsilon)
    if plan.step_rule is None or not change:
        return plan
    unused = [name for name, _ in change if not getattr(plan, name)]
    if unused:
        allowed = f"at [[grid]], plan: {algorithm} with the {plan.step_rule.kind} step does not use it"
        raise InputError("SUITE", unused[0], allowed, "leave it out, or name the step")
    return plan.with_(**dict(change))
