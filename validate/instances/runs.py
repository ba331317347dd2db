"""Whole runs: at recommended plans, over families, their constants, inner steps and targets; and at one plan.

The first are searched for one that breaks a guarantee. The second is what the ledger has of every theorem.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from bounds import InputError, StepRule, evaluation, recommend
from bounds.bound import Statement
from bounds.theory import complexity
from bounds.theory.algorithms import algorithm as of_name
from bounds.theory.step_rules import PAPER
from empirics import problems, simulate
from empirics.problems import several
from validate.design import Setting, bare_plan
from validate.instances.sampled import Choice, Outcome, Span, over
from validate.instances.search import Both, Search, case_of

LONGEST = 300
MOST_TASKS = 500
SEARCHED = ("sampled", "self-scaled")
"""Step rules under which guarantees are searched."""
SHAPES = (
    "ripple:dim=2,n_tasks=4",
    "wells:dim=2,n_tasks=4",
    "shared-hessian:dim=2,n_tasks=4",
    "quadratic:dim=2,n_tasks=4",
    "plateau:dim=1",
)
SHARE = "epsilon over the first gradient"
NUMBERS: Mapping[str, Span | Choice] = {
    "problem": Choice(SHAPES),
    "seed": Choice(tuple(range(8))),
    "sigma": Span(10**-1.5, 10**0.5),
    "sigma_tilde": Span(0.01, 1.0),
    "alpha L": Span(0.01, 0.46, even=True),
    SHARE: Span(0.1, 1.1, even=True),
}


def _searched(st: Statement) -> bool:
    case = case_of(st)
    return case.quantity == "guarantee" and case.rule in SEARCHED and not (case.finite or case.multilevel)


def _path(st: Statement, instance: Mapping[str, Any], runs: int, seed: int) -> Outcome | None:
    """Return the mean of the gradient norm over the iterates of each run; None when there is no small plan."""
    own = ",".join(f"{name}={instance[name]:.6g}" for name in ("seed", "sigma", "sigma_tilde"))
    case = case_of(st)
    algorithm: Any = case.algorithm
    step: Any = case.rule
    try:
        problem = problems.from_spec(f"{instance['problem']},{own}")
        alpha = instance["alpha L"] / problem.constants().L
        epsilon = instance[SHARE] * float(
            several.meta_gradient(problem, problem.start, alpha, case.steps).norm()
        )
        given = several.constants(problem, alpha, case.steps)
        plan = recommend(given, epsilon, algorithm, "sharp", alpha, step, inner_steps=case.steps, depth=0)
    except InputError:
        return None
    if not (plan.feasible and (plan.iterations or 0) <= LONGEST and (plan.B or 0) <= MOST_TASKS):
        return None
    frame = simulate(problem, plan, replicates=runs, seed=seed, experiment=f"falsify/{runs}")
    path = frame[frame["iteration"] < plan.iterations].groupby("replicate")["grad_norm"]
    return path.mean().to_numpy(), plan.values()


# ---- one plan for every theorem ---------------------------------------------------------------------

FIXED = "ripple:dim=1,n_tasks=4,rho=0.6,sigma=0.5,sigma_tilde=0.12,sigma_H=0.06,Delta=8"
REPLICATES, ITERATIONS, LAST = 48, 400, 100
SIZES = {"D_in": 8, "D_o": 4, "D_h": 4, "B_prime": 4, "D_beta": 4}
M = 3.0
DAMPING = 1.25
TARGETS = np.array([0.1, 0.2, 0.4, 0.8])
QUANTITIES = ("guarantee", "floor", "iterations")


@cache
def _fixed(algorithm: str, rule_name: str, finite: bool, steps: int = 1) -> tuple[dict[str, Any], np.ndarray]:
    """Return the values of a run and its gradient norms by iteration and replicate; ``finite`` takes all tasks."""
    problem: Any = problems.from_spec(FIXED)
    known = of_name(algorithm, steps)
    reach = (1 / 6 if known.takes_hessians else 0.05) if steps == 1 else float(known.largest_x or 0) / 2
    setting = Setting(problem, reach, inner_steps=steps)
    name: Any = algorithm
    length = 0.02 / (setting.constants.rho * setting.alpha)
    batches = {"B": problem.n_tasks if finite else 2 * problem.n_tasks} | SIZES
    plan = bare_plan(setting, name, length, **batches).with_(
        step_factor=0.3, theta=1.0, iterations=ITERATIONS, n_tasks=problem.n_tasks if finite else None
    )
    values = plan.values() | {"M": M, "damping": DAMPING}
    rule = known.rules[rule_name]
    plan = plan.with_(step_rule=StepRule(rule.kind, *rule.step_curve(values)))
    frame = simulate(problem, plan, replicates=REPLICATES, experiment="ledger")
    norms = frame.pivot(index="iteration", columns="replicate", values="grad_norm").to_numpy()
    return values, norms[:-1]


def _theorem(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return what was measured and the bound, for a guarantee, a floor or a number of iterations."""
    case = case_of(st)
    values, norms = _fixed(case.algorithm, case.rule, case.finite, case.steps)
    if case.quantity != "iterations":
        seen = norms if case.quantity == "guarantee" else norms[-LAST:]
        return np.array([seen.mean()]), _least(st, values)
    known = of_name(case.algorithm, case.steps)
    floor = complexity.theorem("floor", known, known.rules[case.rule], case.finite)
    target = 1.3 * _least(floor, values)
    reached = norms <= target
    times = np.where(reached.any(0), reached.argmax(0), len(norms))
    return np.array([times.mean()]), evaluation.inside(st, values | {"epsilon": target})


def _least(st: Statement, values: Mapping[str, Any]) -> np.ndarray:
    return np.nanmin(evaluation.inside(st, {**values, "epsilon": TARGETS}), keepdims=True)


def _accuracy(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return the late mean with the paper's step, and the recorded accuracy, which asks for 20 tasks."""
    values, norms = _fixed(case_of(st).algorithm, PAPER.name, False)
    bound = evaluation.inside(st, values | {"B": 20.0, "epsilon": 1e-9})
    return np.array([norms[-LAST:].mean()]), bound


def _recorded(st: Statement) -> bool:
    return case_of(st).quantity == "accuracy" and st.standing.kind != "refuted"


def _proved(st: Statement) -> bool:
    return case_of(st).quantity in QUANTITIES and not case_of(st).multilevel


SEARCHES = (
    over(_searched, NUMBERS, _path),
    Search(_proved, 0, _theorem, instances=REPLICATES),
    Search(_recorded, 0, _accuracy, instances=REPLICATES),
)
