"""What each constant is worth: the price of a plan with the constant halved, over that of the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from bounds import kit
from bounds.errors import InputError
from bounds.plan import Plan, require_plan
from bounds.recommendation.model import BATCHES, Cost, Values
from bounds.recommendation.priced import Problem
from bounds.recommendation.problem import pose
from bounds.recommendation.request import Request
from bounds.recommendation.search import descend
from bounds.recommendation.starting import first_feasible

CONSTANTS = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
TOLERANCE = 0.06


def halved(
    plan: Plan,
    *,
    cost: Cost | None = None,
    fixed: Mapping[str, int] | None = None,
    max_iterations: float = math.inf,
) -> dict[str, float]:
    """Return, for each constant, the price with it halved over that of the plan (real batches, the plan's step).

    Parameters
    ----------
    plan : Plan
        What ``recommend`` returned; an infeasible plan has nothing to halve.
    cost, fixed, max_iterations
        What it was asked for beside the constants; the given batch sizes stay as they are.

    Returns
    -------
    dict of str to float
        At most 1 for the sharp theory, whose plans hold for smaller constants too; the paper's conditions get
        stricter in places when L falls, up to infinity where they allow no plan any more.
    """
    if not require_plan("plan", plan).feasible:
        return {}
    request = Request(
        plan.constants,
        plan.epsilon,
        plan.algorithm,
        plan.theory,
        plan.alpha,
        cost=Cost() if cost is None else cost,
        fixed={} if fixed is None else fixed,
        max_iterations=max_iterations,
        n_tasks=None if plan.tasks == "with replacement" else plan.n_tasks,
        depth=plan.depth,
        inner_steps=plan.inner_steps,
    )
    problem = _problem(plan, request)
    point = _cheapest(problem, _point(problem, _known(plan)))
    values, price = problem.values(point), problem.price(point)
    prices = {name: _price(plan, request, name, values) for name in CONSTANTS}
    most = 1.0 if plan.theory == "sharp" else math.inf
    return {name: min(halved_price / price, most) for name, halved_price in prices.items()}


def _price(plan: Plan, request: Request, name: str, values: Values) -> float:
    """Return the price with one constant halved, infinity where that breaks a condition on what is given.

    For L the search starts at the former L as well.
    """
    half = replace(plan.constants, **{name: getattr(plan.constants, name) / 2})
    try:
        problem = _problem(plan, replace(request, constants=half))
    except InputError:
        return math.inf
    inflation = values["inflation"]
    shrunk = 2 * inflation if name == "L" else inflation
    length = values["probe_length"] * half.L / plan.constants.L
    starts = [
        _point(problem, {**values, "inflation": size, "probe_length": length}) for size in {inflation, shrunk}
    ]
    return problem.price(_cheapest(problem, min(starts, key=problem.price)))


def _cheapest(problem: Problem, start: Values) -> Values:
    if not problem.price(start) < math.inf:
        start = first_feasible(problem) or start
    return descend(problem, start, tolerance=TOLERANCE, first=0.4)


def _problem(plan: Plan, request: Request) -> Problem:
    return pose(request, kit.rule_of(plan), plan.epsilon, plan.depth > 0)


def _known(plan: Plan) -> Values:
    batches = {name: float(getattr(plan, name)) for name in BATCHES}
    return batches | {
        "c": plan.step_factor or 1.0,
        "theta": plan.theta or 1.0,
        "damping": plan.damping or 1.0,
        "rate": plan.rate or 1.0,
        "probe_length": (plan.probe_length or 1.0) * plan.constants.L / plan.epsilon,
        "inflation": (plan.smoothness or plan.constants.L) / plan.constants.L,
    }


def _point(problem: Problem, known: Mapping[str, float]) -> Values:
    """Return the point of a problem at which the step factor, the knobs and the batch sizes are the known ones."""
    knobs = ("theta", "damping", "probe_length", "inflation", "rate", *BATCHES)
    values = problem.given | {name: known[name] for name in knobs}
    values |= {"L": problem.given["L"] * known["inflation"], "c": 1.0}
    fraction = known["c"] / problem.model.largest_step_factor(values)
    return {name: problem.clip(name, ({**known, "fraction": fraction})[name]) for name in problem.free}
