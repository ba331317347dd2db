"""What follows from estimated constants: plans, first-order's floor, what pays, and what is worth reducing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bounds.constants import Constants
from bounds.plan import Plan
from bounds.recommendation import halved, recommend
from bounds.theory import plateau
from bounds.theory.algorithms import algorithms
from empirics.estimation.estimated import LARGEST_X, Estimate
from empirics.estimation.timing import Prices

PART = 0.1
"""The usual target: this part of the meta-gradient at the given weights."""
BEYOND = 0.5
"""alpha L from which on the theory says nothing: then the plans take a smaller inner step than was asked for."""
SHORT = 0.999
"""From this share of the former price on, halving a constant saves nothing."""


@dataclass(frozen=True)
class Advice:
    r"""Plans for one target from estimated constants, with what they cost here.

    Attributes
    ----------
    epsilon : float
        Target for E||grad F||.
    given : bool
        Whether it was asked for; otherwise it is a tenth of the meta-gradient at the given weights.
    alpha : float
        The inner step of all plans.
    constants : Constants
        Without M: the constant step needs a bound that holds wherever a run goes.
    plans : tuple of Plan
    prices : Prices
    floor : float or None
        Where FO-MAML stops at the latest, alpha L (1 + alpha L) sigma; None where alpha L >= 1.
    worth : mapping of str to float
        For the cheapest plan: its price with one constant halved, over its price.
    """

    epsilon: float
    given: bool
    alpha: float
    constants: Constants
    plans: tuple[Plan, ...]
    prices: Prices
    floor: float | None
    worth: Mapping[str, float]

    @property
    def cheapest(self) -> Plan | None:
        """The feasible plan with the smallest price."""
        feasible = [plan for plan in self.plans if plan.feasible]
        return min(feasible, key=self.price) if feasible else None

    def price(self, plan: Plan) -> float:
        """Return the price of a plan in gradient samples; infinite where there is none."""
        if not plan.feasible or plan.iterations is None:
            return math.inf
        sizes = {
            name: float(getattr(plan, name) or 0) for name in ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")
        }
        return plan.iterations * self.prices.cost(algorithms()[plan.algorithm]).per_iteration(sizes)

    def seconds(self, plan: Plan) -> float | None:
        """Return how long a plan takes here; None where no time was taken."""
        return None if self.prices.gradient is None else self.price(plan) * self.prices.gradient

    @property
    def most_worth(self) -> str:
        """The constant that saves most when it is halved; empty when none does."""
        saving = {name: share for name, share in self.worth.items() if share < SHORT and name != "Delta"}
        return min(saving, key=lambda name: saving[name]) if saving else ""

    def of(self, curvature: str) -> Plan | None:
        """Return the plan of the algorithm that treats the Hessian so: ``product``, ``difference`` or ``none``."""
        return next((p for p in self.plans if algorithms()[p.algorithm].curvature == curvature), None)

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain data."""
        cheapest = self.cheapest
        plans = [
            plan.to_dict() | {"price": self.price(plan), "seconds": self.seconds(plan)} for plan in self.plans
        ]
        first, difference = self.of("none"), self.of("difference")
        return {
            "epsilon": self.epsilon, "epsilon_given": self.given, "alpha": self.alpha, "plans": plans,
            "seconds_per_gradient_sample": self.prices.gradient, "hessian_cost": self.prices.hessian,
            "floor": self.floor, "first_order_enough": first is not None and first.feasible,
            "hessian_free_pays": self._pays(difference), "cheapest": cheapest and cheapest.algorithm,
            "halved": dict(self.worth), "worth_reducing": self.most_worth,
        }  # fmt: skip

    def _pays(self, difference: Plan | None) -> bool:
        product = self.of("product")
        return difference is not None and product is not None and self.price(difference) < self.price(product)


def advise(
    found: Estimate, prices: Prices, *, epsilon: float | None = None, n_tasks: int | None = None
) -> Advice:
    """Return what follows from an estimate; ``n_tasks`` where there are only so many.

    The inner batches of the plans are plain ones, as people's own loops have them.

    Raises
    ------
    InputError
        When epsilon is not a number > 0.
    """
    constants = replace(found.constants(), M=None)
    alpha = found.alpha
    if not alpha * constants.L < BEYOND:
        alpha = LARGEST_X / constants.L
        constants = replace(constants, Delta=_unadapted(found, constants))
    target = _usual(found, constants, alpha) if epsilon is None else epsilon
    plans = tuple(
        recommend(constants, target, name, alpha=alpha, cost=prices.cost(one), n_tasks=n_tasks, depth=0)
        for name, one in algorithms().items()
        if one.direction
    )
    made = Advice(target, epsilon is not None, alpha, constants, plans, prices, _floor(constants, alpha), {})
    best = made.cheapest
    worth = {} if best is None else halved(best, cost=prices.cost(algorithms()[best.algorithm]))
    return replace(made, worth=worth)


def _unadapted(found: Estimate, constants: Constants) -> float:
    r"""Return a Delta for any alpha <= 1/L: a step that small lowers every loss, so that F(w_0) <= f(w_0)."""
    above = found.found["Delta"].value + found.start.before - float(found.start.after.mean())
    return max(constants.Delta, found.safety * above)


def _usual(found: Estimate, constants: Constants, alpha: float) -> float:
    scale = found.start.gradient or _floor(constants, alpha) or constants.sigma_tilde or 1.0
    size = PART * scale
    digits = 10.0 ** math.floor(math.log10(size))
    return float(f"{math.ceil(size / digits * (1 - 1e-9)) * digits:.1g}")


def _floor(constants: Constants, alpha: float) -> float | None:
    inside = alpha * constants.L < 1
    return float(plateau.FO_STOP(**constants.values(), alpha=alpha)) if inside else None
