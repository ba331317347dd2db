"""The smallest epsilon that a budget of samples buys: few plans, since prices are nearly powers of epsilon."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bounds.plan import Plan

RESOLUTION = 1.001
"""The epsilon that is returned, over one that is beyond the budget, at most."""
LARGEST_BUDGET = 1e50
USUAL, GENTLEST, STEEPEST = 4.0, 1.0, 8.0
"""Exponents by which samples grow with 1/epsilon: the one to begin with, and the range of those believed."""
ASIDE = 0.4
"""How far beside the expected place is looked, in resolutions, so that both ends of a bracket come near."""
DOUBLINGS = 6
"""The start is raised by 4, 4^2, 4^4, ...: after so many times by 4^63 in all."""
Ask = Callable[[float], Plan]


@dataclass(frozen=True)
class Offer:
    """A plan, and the logarithm of its samples over the budget; infinity where it reaches nothing."""

    epsilon: float
    plan: Plan
    excess: float

    @classmethod
    def of(cls, plan: Plan, samples: float) -> Offer:
        """Compare a plan with a budget; below the smallest epsilon within reach it stands for that one."""
        if not plan.feasible:
            return cls(max(plan.epsilon, plan.smallest_epsilon or 0.0), plan, math.inf)
        return cls(plan.epsilon, plan, math.log(max(1, plan.total_samples or 1)) - math.log(samples))

    @property
    def fits(self) -> bool:
        """Whether the budget is enough."""
        return self.excess <= 0


def bought(ask: Ask, samples: float, start: Plan) -> Plan | None:
    """Return the plan with the smallest epsilon, to the resolution, that a budget is enough for.

    Parameters
    ----------
    ask : callable
        The plan for an epsilon.
    samples : float
        The budget, >= 1.
    start : Plan
        For an epsilon to begin with.

    Returns
    -------
    Plan or None
        None where the budget is too small for any epsilon up to 4^63 times that of the start.
    """

    def offer(epsilon: float) -> Offer:
        return Offer.of(ask(epsilon), samples)

    first = Offer.of(start, samples)
    found = _lowered(offer, first) if first.fits else _raised(offer, first, start.epsilon)
    return found and _narrowed(offer, *found).plan


def _raised(offer: Callable[[float], Offer], dear: Offer, epsilon: float) -> tuple[Offer, Offer] | None:
    """Return a pair that the budget lies between, the dearer first, from too small an epsilon."""
    for power in range(DOUBLINGS):
        epsilon *= 4.0 ** (2**power)
        trial = offer(epsilon)
        if trial.fits:
            return dear, trial
        dear = trial
    return None


def _lowered(offer: Callable[[float], Offer], cheap: Offer) -> tuple[Offer, Offer]:
    """Return such a pair from an epsilon that is large enough: along the power law, farther each time."""
    exponent, farther = USUAL, RESOLUTION
    while True:
        trial = offer(cheap.epsilon * math.exp(cheap.excess / exponent) / farther)
        if not trial.fits:
            return trial, cheap
        exponent = min(max(_exponent(trial, cheap), GENTLEST), STEEPEST)
        cheap, farther = trial, 4 * farther


def _narrowed(offer: Callable[[float], Offer], dear: Offer, cheap: Offer) -> Offer:
    """Return the cheaper end once the two are within the resolution; what is slow is halved."""
    widths = [_width(dear, cheap)]
    while widths[-1] > math.log(RESOLUTION):
        slow = len(widths) > 2 and widths[-1] > widths[-3] / 2
        trial = offer(math.sqrt(dear.epsilon * cheap.epsilon) if slow else _expected(dear, cheap))
        dear, cheap = (dear, trial) if trial.fits else (trial, cheap)
        widths.append(_width(dear, cheap))
    return cheap


def _width(dear: Offer, cheap: Offer) -> float:
    return math.log(cheap.epsilon) - math.log(dear.epsilon)


def _exponent(dear: Offer, cheap: Offer) -> float:
    return (dear.excess - cheap.excess) / _width(dear, cheap)


def _expected(dear: Offer, cheap: Offer) -> float:
    """Return where a power law through both ends meets the budget, a little aside to the end that is farther."""
    width, aside = _width(dear, cheap), ASIDE * math.log(RESOLUTION)
    share = 0.5 if math.isinf(dear.excess) else -cheap.excess / (dear.excess - cheap.excess)
    down = share * width
    down += -aside if down > width / 2 else aside
    return cheap.epsilon * math.exp(-min(max(down, aside), width - aside))
