"""Where the search begins: enough samples and a short step, then each valley that the cheapest plan may be in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from bounds.recommendation.model import Values
from bounds.recommendation.priced import LARGEST_BATCH, Problem
from bounds.recommendation.search import COARSE, descend

TAMER = {"fraction": 0.5, "theta": 0.3, "B": 4.0}
SHRINKS = (0.0, 0.5, 1.0)
DAMPINGS = (1.0, 10.0, 1e3, 1e6)
"""Where few samples are given, only a step that hardly follows the noise of its direction is short enough."""
PROBES = tuple(10 ** (-k / 2) for k in range(13))
"""Lengths of a probe that are looked at, over the longest."""
THETAS = (0.0, 0.003, 0.03, 0.3)
"""And shares, at least that of the point."""
STIFF, STEEP = 3.0, 0.5
"""From how many times L on the growth of the smoothness counts as stiff, and the largest alpha L tried for it."""


def coarse(problem: Problem) -> Values | None:
    """Return cheap parameters with real-valued batch sizes, or None when epsilon is out of reach."""
    start = first_feasible(problem)
    if start is None:
        return None
    found = min(
        (descend(problem, one, tolerance=COARSE) for one in _starts(problem, start)), key=problem.price
    )
    other = _far(problem, found)
    return (
        found if other is None else min(found, descend(problem, other, tolerance=COARSE), key=problem.price)
    )


def _starts(problem: Problem, start: Values) -> Iterator[Values]:
    """Yield the start, a tamer one, and where the smoothness grows by much more than L one with so large an L."""
    yield start
    yield _changed(problem, start, {name: value * start.get(name, 0.0) for name, value in TAMER.items()})
    stiff = _changed(problem, start, {"inflation": _stiffness(problem)})
    if stiff != start and problem.price(stiff) < math.inf:
        yield stiff


def _far(problem: Problem, point: Values) -> Values | None:
    """Return the cheapest point with a long probe in place of a short one, or the other way; None without one.

    The noise of the difference is that of a Hessian at a short probe, and falls with the length of a long one,
    whose bias asks for a larger share theta: two valleys that meet at ``sigma_tilde / sigma_H``.
    """
    base = problem.model.base
    if "probe_length" not in point or not base["sigma_H"]:
        return None
    meet, longest = base["sigma_tilde"] / base["sigma_H"], problem.most["probe_length"]
    lengths = [
        share * longest for share in PROBES if (share * longest > meet) != (point["probe_length"] > meet)
    ]
    trials = [
        _changed(problem, point, {"probe_length": length, "theta": max(theta, point["theta"])})
        for length in lengths
        for theta in THETAS
    ]
    best = min(trials, key=problem.price, default=point)
    return best if problem.price(best) < math.inf and best != point else None


def _stiffness(problem: Problem) -> float:
    """Return how many times L the smoothness of F is where gradients are sigma + epsilon; 1 where it is little."""
    base = problem.model.base
    growth = base["rho"] * base["alpha"] * (base["sigma"] + base["epsilon"]) / base["L"]
    return min(growth, max(1.0, STEEP / (base["alpha"] * base["L"]))) if growth > STIFF else 1.0


def _changed(problem: Problem, start: Values, changes: Mapping[str, float]) -> Values:
    return {name: problem.clip(name, changes.get(name, value)) for name, value in start.items()}


def refined(problem: Problem, point: Values) -> Values:
    """Return the cheapest parameters with real-valued batch sizes, from cheap ones."""
    return descend(problem, point, first=COARSE)


def first_feasible(problem: Problem) -> Values | None:
    """Enlarge all batches, then shrink the step, until epsilon is reached; None when nothing is enough."""
    sizes = [*(8.0**power for power in range(int(math.log(LARGEST_BATCH, 8)) + 1)), LARGEST_BATCH]
    starts = (
        _large(problem, size, shrink, damping)
        for damping in _dampings(problem)
        for shrink in SHRINKS
        for size in sizes
    )
    return next((start for start in starts if problem.price(start) < math.inf), None)


def _dampings(problem: Problem) -> tuple[float, ...]:
    return DAMPINGS if "damping" in problem.free else DAMPINGS[:1]


def reachable(problem: Problem) -> bool:
    """Tell whether some batch sizes reach epsilon within the limit on the iterations."""
    starts = (
        _large(problem, size, shrink, damping)
        for damping in _dampings(problem)
        for shrink in SHRINKS
        for size in (LARGEST_BATCH, LARGEST_BATCH**0.5)
    )
    return any(problem.price(start) < math.inf for start in starts)


def _large(problem: Problem, size: float, shrink: float, damping: float) -> Values:
    point = dict.fromkeys(problem.free, size)
    point |= dict.fromkeys(("theta", "inflation", "rate", "depth"), 1.0)
    point |= {"fraction": size**-shrink, "damping": damping}
    point |= {name: longest / size for name, longest in problem.most.items() if name in problem.model.knobs}
    return {name: problem.clip(name, point[name]) for name in problem.free}
