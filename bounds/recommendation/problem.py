"""From a request to the search: in units where L = epsilon = 1, with the paper's own conditions if asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bounds.evaluation import scalars
from bounds.paper.hf_maml import DELTA_FACTOR
from bounds.paper.theorems import RECORDED
from bounds.recommendation.model import STRICT, Model
from bounds.recommendation.recorded import least_batches
from bounds.recommendation.request import Request
from bounds.recommendation.scaling import Units
from bounds.recommendation.search import Problem


def pose(request: Request, rule: str, epsilon: float) -> Problem:
    """State the search for one step rule; where the number of tasks counts, B is at most that."""
    units = Units.of(request.constants.L, epsilon)
    model = Model(
        request.algorithm,
        rule,
        units.constants(request.constants),
        units.alpha(request.alpha),
        1.0,
        request.n_tasks if request.finite else None,
    )
    problem = Problem(
        model,
        request.cost,
        dict(request.fixed),
        most={} if model.n_tasks is None else {"B": float(model.n_tasks)},
        max_iterations=request.max_iterations,
    )
    return _as_recorded(problem, request.algorithm) if request.theory == "paper" else problem


def _as_recorded(problem: Problem, algorithm: str) -> Problem:
    """Impose the paper's step factor, step-size batch, Hessian batch, B >= 20, and its accuracy at epsilon."""
    theorem, accuracy = RECORDED[algorithm], RECORDED[algorithm].accuracy()
    reached = scalars(accuracy.where, accuracy.symbols, (accuracy.expression,))

    def strain(values: Mapping[str, float]) -> float:
        recorded = reached(*({**values, "epsilon": 0.0}[name] for name in accuracy.symbols))[0]
        return recorded / values["epsilon"] * (1 + STRICT)

    fixed = {"c": float(theorem.step_factor), "inflation": 1.0} | dict(problem.fixed)
    if algorithm == "hf-maml":
        fixed["gamma"] = float(DELTA_FACTOR)
    least = least_batches(algorithm, problem.model.base)
    return replace(problem, fixed=fixed, least=least, strain=strain)
