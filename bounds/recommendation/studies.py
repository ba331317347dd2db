"""Questions around a plan: depth against samples, and the best target for a budget or for given batches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bounds import arguments
from bounds.constants import Constants, require_constants
from bounds.errors import InputError
from bounds.plan import Algorithm, Plan
from bounds.reading import finite
from bounds.recommendation.buying import LARGEST_BUDGET, bought
from bounds.recommendation.infeasible import smallest_epsilon
from bounds.recommendation.planning import USUAL, planned, requested
from bounds.recommendation.request import Request, largest_alpha

NOTHING = 1e-6


def pareto(
    constants: Constants, epsilon: float, algorithm: Algorithm = USUAL, rows: int = 8, **options: Any
) -> list[Plan]:
    """Return plans from the cheapest in samples to fewer and fewer iterations, each half as deep at most.

    The list ends early at the fewest iterations that any batch sizes allow.
    """
    arguments.count("rows", rows)
    plans = [planned(requested(constants, epsilon, algorithm, **options))]
    while len(plans) < rows and plans[-1].feasible and (plans[-1].iterations or 0) > 1:
        limit = (plans[-1].iterations or 0) // 2
        plan = planned(requested(constants, epsilon, algorithm, **{**options, "max_iterations": limit}))
        if not plan.feasible:
            break
        plans.append(plan)
    return [plan.settled() for plan in plans]


def best_for_samples(
    constants: Constants, samples: float, algorithm: Algorithm = USUAL, **options: Any
) -> Plan:
    """Return the plan with the smallest epsilon (to 0.1 per cent) whose total samples stay within the budget.

    Raises
    ------
    InputError
        When the budget is not a number from 1 to 1e50, or no epsilon is reachable within it.
    """
    if not 1 <= (finite(samples) or 0.0) <= LARGEST_BUDGET:
        allowed = f"must be a finite number >= 1, at most {LARGEST_BUDGET:g}"
        raise InputError("samples", samples, allowed)

    def ask(epsilon: float) -> Plan:
        return planned(requested(constants, epsilon, algorithm, **options))

    start = ask(math.sqrt(2) * _scale(constants) or 1.0)
    _require_a_best(start, samples, _scale(constants))
    found = bought(ask, samples, start)
    if found is None:
        raise InputError("samples", samples, "is too small to reach any epsilon", "allow more samples")
    return found.settled()


def _require_a_best(plan: Plan, samples: float, scale: float) -> None:
    """Refuse a question without an answer: no epsilon is reachable at any cost, or every one at the same cost."""
    if not plan.feasible and plan.smallest_epsilon is None:
        allowed = f"no budget reaches any epsilon: {plan.binding}"
        raise InputError("alpha", plan.alpha, allowed, "take a smaller alpha")
    if scale == 0 and _within(plan, samples):
        allowed = "buys every epsilon, since Delta, sigma and sigma_tilde are 0"
        raise InputError("samples", samples, allowed, "give an epsilon instead")


def _within(plan: Plan, samples: float) -> bool:
    return plan.feasible and (plan.total_samples or 0) <= samples


def _scale(constants: Constants) -> float:
    require_constants("constants", constants)
    return constants.sigma + constants.sigma_tilde + math.sqrt(constants.L * constants.Delta)


def best_for_batches(
    constants: Constants,
    fixed: Mapping[str, int],
    algorithm: Algorithm = USUAL,
    alpha: float | None = None,
    n_tasks: int | None = None,
    inner_steps: int = 1,
) -> float:
    """Return the infimum of the reachable epsilon when some batch sizes are given (K-shot), by the sharp theory.

    Zero when it is below a millionth of ``sigma + sigma_tilde + sqrt(L Delta)`` (of 1 where that is 0): then
    nothing limits it.
    """
    inner = largest_alpha(algorithm, constants, inner_steps) if alpha is None else alpha
    tiny = NOTHING * (_scale(constants) or 1.0)
    given: dict[str, Any] = {"fixed": fixed, "n_tasks": n_tasks, "inner_steps": inner_steps}
    request = Request(constants, tiny, algorithm, "sharp", inner, **given)
    smallest = smallest_epsilon(request)
    if smallest is None:
        raise InputError("fixed", dict(fixed), "reach no epsilon at this alpha", "take a smaller alpha")
    return 0.0 if smallest <= 2 * tiny else smallest
