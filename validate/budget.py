"""What an algorithm is run with when it has no plan of its own: the budget of one that has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bounds import Constants, Plan, recommend
from bounds.plan import Algorithm
from bounds.theory import plateau
from bounds.theory.algorithms import algorithm as known
from bounds.theory.algorithms import runnable
from bounds.theory.algorithms.hf_maml import DELTA_FACTOR

RECORDED_DELTA = float(DELTA_FACTOR)
FLAT = 1.0
"""Length of a probe where the Hessian is constant: then any length is exact."""


def plans(
    constants: Constants, epsilon: float, algorithms: Sequence[Algorithm] | None = None, **options: Any
) -> dict[Algorithm, Plan]:
    """Recommend a plan for each algorithm; one that has none gets the budget of the first that has.

    Parameters
    ----------
    constants : Constants
    epsilon : float
        Target, unit F/W.
    algorithms : sequence of str, optional
        All by default.
    **options
        As for :func:`bounds.recommend`, with a plain inner batch unless a depth is given.

    Returns
    -------
    dict
        A plan with ``feasible`` false has no guarantee; it has no batches when no algorithm has a plan.
    """
    own = {
        name: recommend(constants, epsilon, name, **{"depth": 0} | options)
        for name in algorithms or runnable()
    }
    budget = next((plan for plan in own.values() if plan.feasible), None)
    return {
        name: plan if plan.feasible or budget is None else same_budget(budget, name, like=plan)
        for name, plan in own.items()
    }


def same_budget(
    plan: Plan, algorithm: Algorithm, *, like: Plan | None = None, target: float | None = None
) -> Plan:
    """Return the step rule, batches and iterations of a plan for another algorithm, without a guarantee.

    Parameters
    ----------
    plan : Plan
    algorithm : str
    like : Plan, optional
        The algorithm's own plan without a budget, which says why there is none.
    target : float, optional
        Accuracy that HF-MAML's probe must allow, unit F/W. Default: the plan's epsilon.
    """
    return plan.with_(
        algorithm=algorithm,
        feasible=False,
        guarantee=None,
        statement="",
        reason="" if like is None else like.reason,
        smallest_epsilon=None if like is None else like.smallest_epsilon,
        probe_length=_probe(plan, target or plan.epsilon) if known(algorithm).probes else None,
    )


def _probe(plan: Plan, target: float) -> float:
    if plan.theory == "paper":
        return recorded_probe(plan.constants, plan.alpha)
    return repaired_probe(plan, target)


def recorded_probe(constants: Constants, alpha: float) -> float:
    """Return the length 1/(6 rho alpha) of the recorded rule; where rho = 0 it has no end, and 1 is taken."""
    stretch = constants.rho * alpha
    return RECORDED_DELTA / stretch if stretch else FLAT


def repaired_probe(plan: Plan, epsilon: float) -> float:
    """Return the corrected length: without noise HF-MAML stops only below epsilon; at rho sigma = 0 any does.

    With N inner steps its N differences share the room.
    """
    c, alpha = plan.constants, plan.alpha
    stretch = c.rho * alpha
    if not (stretch and c.sigma):
        return plan.probe_length or FLAT
    given = {"L": c.L, "sigma": c.sigma, "alpha": alpha, "epsilon": epsilon}
    nested = plan.inner_steps * (1 + alpha * c.L) ** (2 * (plan.inner_steps - 1))
    return min(RECORDED_DELTA, float(plateau.HF_REPAIR(**given))) / stretch / nested
