"""What follows from estimated constants: plans, first-order's floor, what pays, and what is worth reducing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bounds import arguments
from bounds.bound import Statement
from bounds.constants import Constants
from bounds.errors import unknown
from bounds.plan import Plan
from bounds.recommendation import halved, recommend
from bounds.theory import plateau
from bounds.theory.algorithms import algorithms
from bounds.theory.inner_steps import lemmas
from empirics.estimation.estimated import LARGEST_X, Estimate
from empirics.estimation.timing import Prices

PART = 0.1
"""The usual target: this part of the meta-gradient at the given weights."""
BEYOND = 0.5
"""alpha L from which on the theory says nothing: then the plans take a smaller inner step than was asked for."""
SHORT = 0.999
"""From this share of the former price on, halving a constant saves nothing."""
SIZES = ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta", "depth", "rate", "inner_steps")
"""What the price of an iteration depends on."""


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
        Where FO-MAML stops at the latest, after one inner step alpha L (1 + alpha L) sigma; None for alpha L >= 1.
    worth : mapping of str to float
        For the cheapest plan: its price with one constant halved, over its price.
    found : Estimate
        What the constants come from.
    levels : Plan or None
        Where the cheapest plan has a plain inner batch: the same with one of several levels, if that is cheaper.
    """

    epsilon: float
    given: bool
    alpha: float
    constants: Constants
    plans: tuple[Plan, ...]
    prices: Prices
    floor: float | None
    found: Estimate
    worth: Mapping[str, float] = field(default_factory=dict)
    levels: Plan | None = None

    @property
    def cheapest(self) -> Plan | None:
        """The feasible plan with the smallest price."""
        feasible = [plan for plan in self.plans if plan.feasible]
        return min(feasible, key=self.price) if feasible else None

    def price(self, plan: Plan) -> float:
        """Return the price of a plan in gradient samples; infinite where there is none."""
        if not plan.feasible or plan.iterations is None:
            return math.inf
        sizes = {name: float(getattr(plan, name) or 0) for name in SIZES}
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
            "levels": self.levels and self.levels.to_dict() | {"price": self.price(self.levels)},
        }  # fmt: skip

    def _pays(self, difference: Plan | None) -> bool:
        product = self.of("product")
        return difference is not None and product is not None and self.price(difference) < self.price(product)


def advise(
    found: Estimate,
    prices: Prices,
    *,
    epsilon: float | None = None,
    n_tasks: int | None = None,
    names: Sequence[str] = (),
    depth: int | None = 0,
    **asked: Any,
) -> Advice:
    """Return what follows from an estimate.

    Parameters
    ----------
    found : Estimate
    prices : Prices
    epsilon : float, optional
        Target for E||grad F||; by default a tenth of what it is at the given weights.
    n_tasks : int, optional
        Where there are only so many.
    names : sequence of str
        The algorithms to plan for; by default every one that can be run.
    depth : int, optional
        Levels of the inner batch: 0 for a plain one, as people's own loops have them; None for the cheapest.
    asked : object
        More that :func:`bounds.recommend` takes: ``inner_steps``, ``step``, ``fixed``, ``max_iterations``,
        ``theory``.

    Raises
    ------
    InputError
        When epsilon is not a number > 0, or the theory says nothing about what is asked.
    """
    names = _required(found, prices, names, asked.get("inner_steps", 1))
    alpha, constants = settled(found, asked.get("inner_steps", 1))
    target = _usual(found, constants, alpha) if epsilon is None else epsilon
    chosen = names or [name for name, one in algorithms().items() if one.direction]

    def plan(name: str, depth: int | None) -> Plan:
        cost = prices.cost(algorithms()[name])
        return recommend(
            constants, target, name, alpha=alpha, cost=cost, n_tasks=n_tasks, depth=depth, **asked
        )

    plans = tuple(plan(name, depth) for name in chosen)
    floor = _floor(constants, alpha, asked.get("inner_steps", 1))
    made = Advice(target, epsilon is not None, alpha, constants, plans, prices, floor, found)
    best = made.cheapest
    if best is None:
        return made
    cost = prices.cost(algorithms()[best.algorithm])
    worth = halved(
        best, cost=cost, **{name: asked[name] for name in ("fixed", "max_iterations") if name in asked}
    )
    return replace(made, worth=worth, levels=_levels(made, best, plan) if depth == 0 else None)


def _required(found: Estimate, prices: Prices, names: Sequence[str], inner_steps: int) -> tuple[str, ...]:
    """Return the names of known algorithms; raise InputError where an argument is of another kind."""
    arguments.kind("found", found, Estimate, "must be an Estimate", "estimate(model) makes one")
    arguments.kind("prices", prices, Prices, "must be Prices", "Prices(None, 2.0) where no time is taken")
    arguments.count("inner_steps", inner_steps)
    chosen = arguments.names("names", names)
    for name in chosen:
        if name not in algorithms():
            raise unknown("names", name, algorithms())
    return chosen


def _levels(made: Advice, plain: Plan, plan: Callable[[str, int | None], Plan]) -> Plan | None:
    """Return the plan with levels in its inner batch where it is cheaper than the plain one."""
    found = plan(plain.algorithm, None)
    return found if found.depth and made.price(found) < SHORT * made.price(plain) else None


def settled(found: Estimate, inner_steps: int = 1) -> tuple[float, Constants]:
    """Return the inner step of the plans, and the constants with the Delta that belongs to it.

    M is left out: the constant step needs a bound that holds wherever a run goes. An inner step that is too long
    for the theory is made shorter.
    """
    constants, alpha = replace(found.constants(), M=None), found.alpha
    beyond = not alpha * constants.L < BEYOND
    alpha = LARGEST_X / constants.L if beyond else alpha
    if beyond or inner_steps > 1:
        constants = replace(constants, Delta=_unadapted(found, constants))
    return alpha, constants


def _unadapted(found: Estimate, constants: Constants) -> float:
    """Return a Delta for any alpha <= 1/L and any number of steps: they lower every loss, so F(w_0) <= f(w_0)."""
    above = found.found["Delta"].value + found.start.before - float(found.start.after.mean())
    return max(constants.Delta, found.safety * above)


def _usual(found: Estimate, constants: Constants, alpha: float) -> float:
    scale = found.start.gradient or _floor(constants, alpha) or constants.sigma_tilde or 1.0
    size = PART * scale
    digits = 10.0 ** math.floor(math.log10(size))
    return float(f"{math.ceil(10 * size / digits * (1 - 1e-9)) * digits / 10:.2g}")


def _floor(constants: Constants, alpha: float, inner_steps: int = 1) -> float | None:
    bound = stops_at(inner_steps)
    values = constants.values() | {"alpha": alpha}
    needed = {name: values[name] for name in bound.symbols}
    return float(bound(**needed)) if alpha * constants.L < 1 else None


def stops_at(inner_steps: int = 1) -> Statement:
    """Return the statement on where FO-MAML stops at the latest."""
    return plateau.FO_STOP if inner_steps == 1 else lemmas.plateau(inner_steps)
