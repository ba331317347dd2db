"""``recommend``: from constants and a target epsilon to a plan whose bound holds at its own integers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from bounds import kit
from bounds.constants import Constants
from bounds.holding import ROUNDING
from bounds.plan import Algorithm, Plan, StepKind, StepRule, Theory
from bounds.recommendation.budget import shares
from bounds.recommendation.candidates import CLOSE, LIKELY, Candidate, at_depth, candidates, step_costs
from bounds.recommendation.confident import confident
from bounds.recommendation.infeasible import infeasible
from bounds.recommendation.model import BATCHES, Cost, Model, Values
from bounds.recommendation.priced import Problem
from bounds.recommendation.problem import pose
from bounds.recommendation.request import Request, largest_alpha
from bounds.recommendation.scaling import Units
from bounds.recommendation.starting import refined
from bounds.recommendation.whole import rounded

USUAL = kit.usual()
MOST_ITERATIONS = 2**200
NEAR = 1.01
"""Whole numbers near a relaxed optimum may be cheaper than it, by what its search leaves."""
CAUTIONS = (1.0, 1 - 1e-9, 1 - 1e-6)
"""What the search aims at, over epsilon: less where round-off hides that the certificate cannot be had."""


def recommend(
    constants: Constants,
    epsilon: float,
    algorithm: Algorithm = USUAL,
    theory: Theory = "sharp",
    alpha: float | None = None,
    step: StepKind | None = None,
    *,
    cost: Cost | None = None,
    fixed: Mapping[str, int] | None = None,
    max_iterations: float = math.inf,
    n_tasks: int | None = None,
    inner_steps: int = 1,
    depth: int | None = None,
    confidence: float | None = None,
) -> Plan:
    r"""Return the cheapest plan with :math:`E\|\nabla F\| \le \varepsilon`, never on the unsafe side.

    The price ``K (B (N D_in + D_o + N D_h) + B' D_beta)`` is minimised over the step rule, its factor c, the batch
    sizes and the length of HF-MAML's probe; then all become whole numbers, and the guarantee is evaluated at them
    with outward rounding.  The paper's plan takes the paper's step and batch conditions; its number of
    iterations comes from the explicit-constant theorem, since the paper leaves a constant factor open.

    Parameters
    ----------
    constants : Constants
    epsilon : float
        Target for ||grad F||, unit F/W, > 0.
    algorithm : str
        One of :func:`bounds.theory.algorithms.algorithms`.
    theory : {"sharp", "paper"}
    alpha : float, optional
        Inner step, unit W^2/F; by default the largest that the paper's theorem allows.
    step : {"sampled", "self-scaled", "constant"}, optional
        Step rule; by default the cheapest that applies.
    cost : Cost, optional
        Price of a sample by its use.
    fixed : mapping, optional
        Batch sizes that are given, such as ``{"B": 4, "D_in": 5}``.
    max_iterations : float, optional
        Limit on the number of iterations.
    n_tasks : int, optional
        Number of tasks, where it is finite and known: then the sharp theory draws B different ones. With all of
        them, B = n_tasks, the tasks add no variance. Only where given batch sizes or a limit on the iterations
        make it cheaper are more than n_tasks drawn, with replacement.
    depth : int, optional
        Levels of the inner batch, 0 for a plain one; by default whichever is cheapest. Where D_in or D_o is given
        the inner batch is plain unless a depth is given too.
    inner_steps : int
        Number N of inner gradient steps, 1 to 10, each with a batch of its own.
    confidence : float, optional
        Probability with which the point that is returned must have :math:`\|\nabla F\| \le \varepsilon`, < 1. The
        plan is then that of one of several runs, and its ``assurance`` says how many there are and how the point
        is chosen; ``plan.assurance.bound <= epsilon``.

    Returns
    -------
    Plan
        Feasible with ``guarantee <= epsilon``, or infeasible with a reason and the smallest reachable epsilon.
        ``plan.condition`` says which constants the guarantee takes on trust; where an observed value refutes
        one of them, the plan is infeasible and has no guarantee.

    Raises
    ------
    InputError
        When an argument is out of its range; for alpha the message names the inequality of the theory.
    """
    request = requested(
        constants,
        epsilon,
        algorithm,
        theory,
        alpha,
        step,
        cost=cost,
        fixed=fixed,
        max_iterations=max_iterations,
        n_tasks=n_tasks,
        depth=depth,
        inner_steps=inner_steps,
    )
    made = planned(request) if confidence is None else confident(request, confidence, feasible)
    return made.settled()


def requested(
    constants: Constants,
    epsilon: float,
    algorithm: Algorithm = USUAL,
    theory: Theory = "sharp",
    alpha: float | None = None,
    step: StepKind | None = None,
    **options: Any,
) -> Request:
    """Return the arguments of :func:`recommend` as a request, with what is left out filled in."""
    if alpha is None:
        alpha = largest_alpha(algorithm, constants, options.get("inner_steps", 1))
    given = {name: value for name, value in options.items() if value is not None}
    return Request(constants, epsilon, algorithm, theory, alpha, step, **given)


def planned(request: Request) -> Plan:
    """Return the plan for a request, its constants taken as they are given."""
    return feasible(request) or infeasible(request)


def feasible(request: Request) -> Plan | None:
    """Return the same where there is a feasible one, else None; why there is none is not asked."""
    for caution in CAUTIONS:
        target = caution * request.epsilon
        found = candidates(request, target)
        if not found:
            return None
        if plan := _best(request, target, found):
            return plan
    return None


def _best(request: Request, target: float, found: list[Candidate]) -> Plan | None:
    """Certify the step rules in the order of their relaxed price, as long as one could still be cheaper.

    The search aims at ``target``, in floating point; the certificate is for the request's epsilon.
    """
    best, lowest = None, math.inf
    for relaxed_price, problem, point in found:
        simpler = best is not None and best.depth and not problem.model.levels
        if not relaxed_price < lowest * (LIKELY if simpler else NEAR):
            continue
        if relaxed_price > CLOSE * found[0].price:
            point = refined(problem, point)
        whole = rounded(problem, point)
        problem = problem if whole is None else _without_repeats(request, problem, whole, target)
        plan = whole and _certified(request, problem, whole, target)
        if plan and whole and problem.whole_price(whole) < lowest:
            best, lowest = plan, problem.whole_price(whole)
    return best and best.with_(step_costs=step_costs(found))


def _without_repeats(request: Request, problem: Problem, point: Values, target: float) -> Problem:
    """Draw different tasks wherever there are enough of them: the same batch sizes then promise more."""
    if request.finite and point.get("B", problem.fixed.get("B", 1.0)) <= (request.n_tasks or 0):
        return at_depth(problem, pose(request, problem.model.rule_name, target, problem.model.levels))
    return problem


def _values(request: Request, problem: Problem, point: Values, target: float) -> Values:
    """Return the values of all symbols in the original units, the batches as whole numbers."""
    values = problem.values(point) | {"alpha": request.alpha, "epsilon": request.epsilon}
    values |= request.constants.values()
    values["L"] *= point.get("inflation", 1.0)
    values["probe_length"] *= Units.of(request.constants.L, target).W
    return values | {name: int(values[name]) for name in (*BATCHES, "depth")}


def _certified(request: Request, problem: Problem, point: Values, target: float) -> Plan | None:
    """Choose the smallest K whose outward-rounded guarantee is at most epsilon, in the original units.

    The guarantee in floating point, which is what a reader sees, must not lie above epsilon either.
    """
    model, values = problem.model, _values(request, problem, point, target)
    bound = model.way.guarantee

    def guarantee(K: int) -> float:
        certain = bound.enclose(**{**values, "K": K})[1]
        return max(certain, bound(**{**values, "K": K})) if certain < math.inf else certain

    guess = math.ceil(model.iterations(problem.values(point)))
    K = _smallest_whole(
        lambda n: guarantee(n) <= request.epsilon * (1 - ROUNDING),
        guess,
        min(request.max_iterations, MOST_ITERATIONS),
    )
    return None if K is None else _plan(request, model, values | {"K": K}, guarantee(K))


def _smallest_whole(enough: Callable[[int], bool], guess: int, most: float) -> int | None:
    """Return the smallest whole number that is enough, galloping from a guess; None when it exceeds ``most``."""
    low, high, step = max(0, guess - 1), guess, 1
    while low > 0 and enough(low):
        low, high, step = max(0, low - step), low, 2 * step
    step = 1
    while not enough(high):
        low, high, step = high, high + step, 2 * step
        if not (high <= most):
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high if high <= most else None


def _plan(request: Request, model: Model, values: Values, guarantee: float) -> Plan:
    used: dict[str, Any] = {name: int(values[name]) if name in model.batches else 0 for name in BATCHES}
    smoothness, slope = model.way.curve.of(values)
    label, share = max(shares(model, values).items(), key=lambda row: row[1])
    return request.answered(
        step_factor=values["c"],
        step_rule=StepRule(model.way.kind, smoothness, slope),
        probe_length=values["probe_length"] if "probe_length" in model.knobs else None,
        theta=values["theta"],
        smoothness=values["L"],
        damping=values["damping"] if "damping" in model.knobs else None,
        iterations=int(values["K"]),
        guarantee=guarantee,
        feasible=True,
        reason="",
        binding=f"{label}: {100 * share:.0f}% of the budget",
        statement=model.way.guarantee.name,
        uses=model.way.guarantee.symbols,
        depth=int(values["depth"]),
        rate=values["rate"] if model.levels else None,
        **used,
    )
