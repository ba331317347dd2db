"""Plans for figures, and the theory's numbers at a plan: always from ``bounds``, never written down here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from bounds import Constants, DomainError, InputError, Plan, recommend, statement
from bounds.plan import Algorithm

ALGORITHM_NAMES: tuple[Algorithm, ...] = ("maml", "fo-maml", "hf-maml")


def plan_of(row: Mapping[str, Any]) -> Plan:
    """Rebuild the plan of a row of ``experiments.json``."""
    from empirics.cells import plan_from_dict

    return plan_from_dict(row["plan"])


def plans(constants: Constants, epsilon: float, alpha: float, **options: Any) -> dict[Algorithm, Plan]:
    """Recommend a plan for every algorithm; one that cannot reach epsilon gets the budget of MAML's plan."""
    chosen = {name: recommend(constants, epsilon, name, alpha=alpha, **options) for name in ALGORITHM_NAMES}
    budget = chosen["maml"]
    return {name: plan if plan.feasible else same_budget(budget, name) for name, plan in chosen.items()}


def same_budget(plan: Plan, algorithm: Algorithm) -> Plan:
    """Return MAML's batches, steps and iterations for an algorithm that has no plan: its bound is open."""
    return plan.with_(algorithm=algorithm, guarantee=None, statement="", feasible=False)


def value(name: str, plan: Plan, **changes: float) -> float:
    """Return a statement at a plan; NaN where the plan is outside its domain."""
    try:
        return float(statement(name)(**(plan.values() | changes)))
    except (DomainError, InputError):
        return math.nan


def at_problem(name: str, row: Mapping[str, Any], **changes: float) -> float:
    """Return a statement at a row's plan and its problem's own constants (a plan may use a larger L)."""
    from empirics import problems

    constants = problems.from_spec(row["problem"]).constants(row["alpha"])
    own = {key: number for key, number in constants.to_dict().items() if number is not None}
    return value(name, plan_of(row), **(own | changes))


def related(plan: Plan, quantity: str) -> str:
    """Return the name of the statement on another quantity under the plan's step rule."""
    suffix = "" if plan.theory == "sharp" else ".paper-step"
    if plan.statement:
        return plan.statement.replace("guarantee", quantity)
    kind = plan.step_rule.kind if plan.step_rule else "sampled"
    return f"sharp.{plan.algorithm}.{quantity}{suffix or ('' if kind == 'sampled' else '.' + kind)}"


def guarantee_after(plan: Plan, iterations: Iterable[int]) -> list[float]:
    """Return the guarantee of a plan if it were stopped after K iterations, for each K."""
    return [value(related(plan, "guarantee"), plan, K=int(K)) for K in iterations]


def fo_plateau(row: Mapping[str, Any]) -> float:
    """Return the gradient at FO-MAML's exact fixed point; NaN for a problem that does not know it."""
    from empirics import problems

    known = row["predicted"].get("plateau")
    problem: Any = problems.from_spec(row["problem"])
    if known is None and hasattr(problem, "fo_plateau"):
        known = problem.fo_plateau(row["alpha"])
    return math.nan if known is None else float(known)


def number(name: str, **values: Any) -> float:
    """Return a statement at the given values; NaN outside its domain."""
    try:
        return float(statement(name)(**values))
    except (DomainError, InputError):
        return math.nan


def part(name: str, symbol: str, **values: Any) -> float:
    """Return a named part of a statement's formula at the given values."""
    return float(statement(name).explain(**values)["parts"][symbol])
