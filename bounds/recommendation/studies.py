"""Questions around a plan: what each constant is worth, depth against samples, the best target for a budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bounds.constants import Constants
from bounds.errors import InputError
from bounds.plan import Algorithm, Plan
from bounds.recommendation.infeasible import smallest_epsilon
from bounds.recommendation.model import BATCHES, Values
from bounds.recommendation.planning import recommend
from bounds.recommendation.problem import pose
from bounds.recommendation.request import Request, largest_alpha
from bounds.recommendation.search import Problem, descend

CONSTANTS = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
RESOLUTION = 1.001
NOTHING = 1e-6
HALVED_TOLERANCE = 0.06


def halved(plan: Plan) -> dict[str, float]:
    """Return, for each constant, the total samples with it halved over those of the plan (real-valued batches)."""
    if not plan.feasible:
        return {}
    problem = _problem(plan, plan.constants)
    point = descend(problem, _point(plan, problem), tolerance=HALVED_TOLERANCE, first=0.4)
    changed = ((name, getattr(plan.constants, name) / 2) for name in CONSTANTS)
    problems = {name: _problem(plan, replace(plan.constants, **{name: half})) for name, half in changed}
    return {name: _lowest(other, point) / problem.price(point) for name, other in problems.items()}


def _lowest(problem: Problem, start: Values) -> float:
    return problem.price(descend(problem, start, tolerance=HALVED_TOLERANCE, first=0.4))


def _problem(plan: Plan, constants: Constants) -> Problem:
    rule = "paper-step" if plan.theory == "paper" else plan.step_rule.kind if plan.step_rule else "sampled"
    request = Request(constants, plan.epsilon, plan.algorithm, plan.theory, plan.alpha)
    return pose(request, rule, plan.epsilon)


def _point(plan: Plan, problem: Problem) -> Values:
    batches = {name: float(getattr(plan, name)) for name in BATCHES}
    known: Values = batches | {
        "theta": plan.theta or 1.0,
        "gamma": plan.delta_factor or 1.0,
        "inflation": 1.0,
    }
    most = problem.model.largest_step_factor({**problem.model.base, **known, "c": 1.0})
    known["fraction"] = min(1.0, (plan.step_factor or most) / most)
    return {name: problem.clip(name, known[name]) for name in problem.free}


def pareto(
    constants: Constants, epsilon: float, algorithm: Algorithm = "maml", rows: int = 8, **options: Any
) -> list[Plan]:
    """Return plans from the cheapest in samples to fewer and fewer iterations, each half as deep at most.

    The list ends early at the fewest iterations that any batch sizes allow.
    """
    plans = [recommend(constants, epsilon, algorithm, **options)]
    while len(plans) < rows and plans[-1].feasible and (plans[-1].iterations or 0) > 1:
        limit = (plans[-1].iterations or 0) // 2
        plan = recommend(constants, epsilon, algorithm, **{**options, "max_iterations": limit})
        if not plan.feasible:
            break
        plans.append(plan)
    return plans


def best_for_samples(
    constants: Constants, samples: float, algorithm: Algorithm = "maml", **options: Any
) -> Plan:
    """Return the plan with the smallest epsilon (to 0.1 per cent) whose total samples stay within the budget.

    Raises
    ------
    InputError
        When the budget is not a number >= 1, or no epsilon is reachable within it.
    """
    if not (isinstance(samples, int | float) and math.isfinite(samples) and samples >= 1):
        raise InputError("samples", samples, "must be a finite number >= 1")
    high = math.sqrt(2 * constants.L * max(constants.Delta, 1e-300)) + constants.sigma + constants.sigma_tilde
    plan = _within(constants, high, samples, algorithm, options)
    for _ in range(60):
        if plan is not None:
            break
        high, plan = 4 * high, _within(constants, 4 * high, samples, algorithm, options)
    if plan is None:
        raise InputError("samples", samples, "is too small to reach any epsilon", "allow more samples")
    return _bisect(constants, high, samples, algorithm, options, plan)


def _bisect(
    constants: Constants,
    high: float,
    samples: float,
    algorithm: Algorithm,
    options: Mapping[str, Any],
    plan: Plan,
) -> Plan:
    low = high
    while (deeper := _within(constants, low / 4, samples, algorithm, options)) is not None:
        low, high, plan = low / 4, low / 4, deeper
    low /= 4
    while high / low > RESOLUTION:
        middle = math.sqrt(low * high)
        found = _within(constants, middle, samples, algorithm, options)
        low, high, plan = (middle, high, plan) if found is None else (low, middle, found)
    return plan


def _within(
    constants: Constants, epsilon: float, samples: float, algorithm: Algorithm, options: Mapping[str, Any]
) -> Plan | None:
    plan = recommend(constants, epsilon, algorithm, **options)
    return plan if plan.feasible and (plan.total_samples or 0) <= samples else None


def best_for_batches(
    constants: Constants, fixed: Mapping[str, int], algorithm: Algorithm = "maml", alpha: float | None = None
) -> float:
    """Return the infimum of the reachable epsilon when some batch sizes are given (K-shot), by the sharp theory.

    Zero when it is below a millionth of ``sigma + sigma_tilde + sqrt(L Delta)``: then nothing limits it.
    """
    inner = largest_alpha(algorithm, constants.L) if alpha is None else alpha
    scale = constants.sigma + constants.sigma_tilde + math.sqrt(constants.L * constants.Delta)
    request = Request(constants, NOTHING * scale or 1.0, algorithm, "sharp", inner, fixed=dict(fixed))
    smallest = smallest_epsilon(request)
    if smallest is None:
        raise InputError("fixed", dict(fixed), "reach no epsilon at this alpha", "take a smaller alpha")
    return 0.0 if smallest <= 2 * NOTHING * scale else smallest
