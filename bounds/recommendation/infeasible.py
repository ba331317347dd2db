"""What to say when no plan exists: why, and the smallest epsilon that is reachable."""

from __future__ import annotations

import math

from bounds.plan import Plan
from bounds.recommendation.problem import pose
from bounds.recommendation.request import Request
from bounds.recommendation.starting import reachable

RESOLUTION = 1 + 1e-6
LARGEST_FACTOR = 1e12


def infeasible(request: Request) -> Plan:
    """Return the plan that says why there is none."""
    smallest = smallest_epsilon(request)
    obstacle = _obstacle(request, smallest)
    reachable = "none is reachable, take a smaller alpha"
    if smallest is not None:
        reachable = f"the smallest reachable epsilon is {smallest:.6g}"
    return request.answered(
        feasible=False,
        reason=f"epsilon = {request.epsilon:.6g} is out of reach: {obstacle}; {reachable}",
        binding=obstacle,
        smallest_epsilon=smallest,
    )


def smallest_epsilon(request: Request) -> float | None:
    """Return an epsilon within 2e-6 of the infimum of the reachable ones, None when there is none."""
    high = request.epsilon
    while not _reachable(request, high):
        high *= 10
        if not (high <= LARGEST_FACTOR * request.epsilon):
            return None
    low = max(high / 10, request.epsilon)
    while high / low > RESOLUTION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if _reachable(request, middle) else (middle, high)
    return high * RESOLUTION


def _reachable(request: Request, epsilon: float) -> bool:
    levels = request.layered[0]
    return any(
        reachable(pose(way, rule, epsilon, levels)) for way in request.drawings for rule in request.rules
    )


def _obstacle(request: Request, smallest: float | None) -> str:
    if request.max_iterations < math.inf:
        return "the limit max_iterations, or a floor"
    own = request.subject.obstacle(request.theory, smallest is not None, request.constants.sigma)
    if own:
        return own
    return "the given batch sizes set a floor" if request.fixed else "no signal is left at this alpha"
