r"""Tight runs: a plan for a ramp and bowl at which guarantee and iterations are met but for a few percent.

The step keeps the noise across the ramp at its level, and K steps use up the drop: :math:`K\beta\,\text{slope}^2 =
\text{drop}`. The guarantee gives nothing of the squared mean direction away that the bias allows to keep: theta is
chosen for it. The target is just below the gradient that there is on the ramp, by three standard deviations of its
part across the ramp, so that it is reached when the drop is used up and not before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bounds.bound import Statement
from bounds.errors import DomainError, InputError
from bounds.plan import Plan, StepRule
from bounds.theory.algorithms import algorithm as known
from bounds.theory.complexity import theorem
from validate.budget import FLAT
from validate.claim import Kind, Table
from validate.design import Setting, bare_plan
from validate.experiment import Experiment
from validate.schema import several

if TYPE_CHECKING:
    from empirics.problems.ramp_bowl import RampBowl

PLACE = 2.5
STEPS = ("constant", "sampled")
SHARES = tuple(10.0 ** (-k / 2) for k in range(21))
"""Values of theta among which the best is taken."""
DEVIATIONS = 3.5
AFTERWARDS = 1.1
"""Iterations that are run, over those of the plan."""
SMALL = 1e-5
"""A reach alpha L at which there are tight plans."""
PROBE = 1e-3
"""Length of HF-MAML's probe, over the place where the ramp's curvature has grown to L."""


def tight_plan(setting: Setting, algorithm: str, step: str, epsilon: float | None = None) -> Plan:
    """Return the plan of an algorithm under a step rule at which little is lost on the setting's problem.

    Raises
    ------
    InputError
        When the problem is no ramp and bowl without sampling noise, or has no level; when alpha is too large.
    """
    problem, constants, alpha = _tuned(setting), setting.constants, setting.alpha
    own = known(algorithm)
    rule = own.rules[step]
    smoothness, slope = rule.step_curve(constants.values() | {"alpha": alpha})
    beta = problem.stationary_step(1) / problem.L
    guarantee, drawn = theorem("guarantee", own, rule), int(rule.kind == "sampled")
    sizes = {"D_h": int(own.takes_hessians), "B_prime": drawn, "D_beta": drawn}
    plan = bare_plan(setting, algorithm, PROBE * (problem.L / problem.rho or FLAT), **sizes).with_(
        epsilon=epsilon or _on_the_ramp(problem),
        step_factor=beta * (smoothness + slope * float(constants.M or 0.0)),
        step_rule=StepRule(rule.kind, smoothness, slope),
        iterations=math.floor(problem.drop / (beta * problem.steepness**2)),
        statement=guarantee.name,
    )
    try:
        return _with_share(plan, guarantee)
    except DomainError as error:
        allowed = (
            f"leaves no tight plan for {algorithm} with the {step} step on {problem.spec}: {error.allowed}"
        )
        raise InputError(
            "alpha", alpha, allowed, f"take alpha L = {SMALL:g}, as the shipped suites do"
        ) from error


def _tuned(setting: Setting) -> RampBowl:
    from empirics.problems.ramp_bowl import RampBowl

    problem = setting.problem
    allowed = "must be a ramp-bowl with a level and without sampling noise"
    if not isinstance(problem, RampBowl) or not problem.level > 0 or problem.sigma_tilde > 0:
        raise InputError("problem", problem.spec, allowed, "for example ramp-bowl")
    return problem


def _on_the_ramp(problem: RampBowl) -> float:
    """Return what the gradient on the ramp stays above: slope and level, less a few deviations of the level."""
    spread = DEVIATIONS * math.sqrt(2 / problem.across)
    return math.hypot(problem.steepness, problem.level * math.sqrt(max(0.0, 1 - spread)))


def _with_share(plan: Plan, guarantee: Statement) -> Plan:
    """Choose theta, and state the guarantee at it, rounded outwards."""

    def promised(theta: float) -> float:
        value = guarantee.at(plan.with_(theta=theta).values())[0]
        return value if value == value else math.inf

    best = plan.with_(theta=min(SHARES, key=promised))
    return best.with_(guarantee=guarantee.enclose(**best.values())[1])


def tight_run(setting: Setting, algorithm: str, step: str, epsilon: float | None = None) -> Experiment:
    """Return the run of a tight plan, long enough to see the target reached when the drop is used up."""
    plan = tight_plan(setting, algorithm, step, epsilon)
    longer = math.ceil(AFTERWARDS * int(plan.iterations or 0))
    predicted = {"guarantee": float(plan.guarantee or 0.0)}
    return setting.experiment("tight", plan, step, iterations=longer, predicted=predicted)


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    """Run every algorithm under every step rule that is asked for."""
    asked = several(table.get("algorithm") or list(setting.algorithms))
    for algorithm in (name for name in setting.algorithms if name in asked):
        for step in several(table.get("step", list(STEPS))):
            yield tight_run(setting, algorithm, step, table.get("epsilon"))


ENTRIES = {
    "epsilon": {"type": "number", "exclusiveMinimum": 0},
    "step": {"enum": list(STEPS), "type": ["string", "array"], "items": {"enum": list(STEPS)}},
    "algorithm": {"type": ["string", "array"]},
}
KIND = Kind("tight", _experiments, ENTRIES, trajectory=True)
