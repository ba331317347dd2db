"""From a request to the search: in units where L = epsilon = 1, with the paper's own conditions if asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bounds.holding import STRICT
from bounds.recommendation.model import Model
from bounds.recommendation.priced import Problem
from bounds.recommendation.recorded import least_batches
from bounds.recommendation.request import FARTHEST, Request, recorded_theorem
from bounds.recommendation.scaling import Units

AMPLE = 30.0
"""Longest probe, in units of what it has to stand out from."""
MOST_STRETCH = 4.0
"""Largest rho alpha l: the paper's gamma, of which the error of the difference is half."""


def pose(request: Request, rule: str, epsilon: float, levels: bool = False) -> Problem:
    """State the search for one step rule; where the number of tasks counts, B is at most that.

    With ``levels`` the inner batch is a multilevel one, of the request's depth where it gives one.
    """
    units = Units.of(request.constants.L, epsilon)
    model = Model(
        request.algorithm,
        rule,
        units.constants(request.constants),
        units.alpha(request.alpha),
        1.0,
        request.n_tasks if request.finite else None,
        request.inner_steps,
        levels,
    )
    given = {"depth": float(request.depth or 1)} if levels and request.depth is not None else {}
    problem = Problem(
        model,
        request.cost,
        dict(request.fixed) | given,
        most={} if model.n_tasks is None else {"B": float(model.n_tasks)},
        max_iterations=request.max_iterations,
    )
    if "probe_length" in model.knobs:
        problem = _probed(problem)
    return _as_recorded(problem, request) if request.theory == "paper" else problem


def _probed(problem: Problem) -> Problem:
    """Bound the probe's length; where rho = 0 the longest costs nothing, and is taken."""
    base = problem.model.base
    longest = longest_probe(base)
    if base["rho"] == 0:
        return replace(problem, fixed={**problem.fixed, "probe_length": longest})
    return replace(problem, most={**problem.most, "probe_length": longest})


def longest_probe(base: Mapping[str, float]) -> float:
    r"""Return the length of HF-MAML's probe beyond which there is nothing to gain, in units where L = epsilon = 1.

    The Hessian noise of the difference, relative to the vector, is at most :math:`(\alpha\tilde\sigma/l)^2/D_h`:
    thirty times the larger of :math:`\alpha\tilde\sigma`, the noise of an inner step, and
    :math:`\varepsilon/L`, over which a gradient changes by epsilon, leaves a thousandth.  For rho > 0 the error
    of the difference is :math:`\rho\alpha l/2`, which never pays at 2.
    """
    longest = AMPLE * max(1.0, base["alpha"] * base["sigma_tilde"])
    stretch = base["rho"] * base["alpha"]
    return min(longest, MOST_STRETCH / stretch) if stretch * longest > MOST_STRETCH else longest


def _as_recorded(problem: Problem, request: Request) -> Problem:
    """Impose the paper's step factor, step-size batch, Hessian batch, B >= 20, and its accuracy at epsilon."""
    theorem = recorded_theorem(request.algorithm)
    accuracy = theorem.accuracy

    def strain(values: Mapping[str, float]) -> float:
        recorded = accuracy.of({**values, "epsilon": 0.0})[0]
        return float(recorded / values["epsilon"] * (1 + STRICT))

    fixed = {"c": theorem.step_factor, "inflation": 1.0} | dict(problem.fixed)
    if theorem.difference_factor is not None:
        fixed |= _recorded_probe(problem, theorem.difference_factor)
    least = least_batches(theorem, problem.model.base)
    return replace(problem, fixed=fixed, least=least, strain=strain)


def _recorded_probe(problem: Problem, factor: float) -> dict[str, float]:
    """Return the recorded length 1/(6 rho alpha); where that has no end, the one taken for rho = 0."""
    base = problem.model.base
    stretch = base["rho"] * base["alpha"]
    far = factor > FARTHEST * stretch
    return {"probe_length": longest_probe(base) if far else factor / stretch}
