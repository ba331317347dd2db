"""Whole batch sizes on the safe side, from the cheapest real-valued ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from bounds.recommendation.model import Values
from bounds.recommendation.priced import Problem
from bounds.recommendation.search import descend
from bounds.recommendation.starting import first_feasible

PROBE_PREMIUM = 1.01
SMALL_BATCH = 40
SHORT_RUN = 20
CONTINUOUS = ("fraction", "theta", "inflation", "damping", "rate")
"""What may be chosen anew where the batches are whole numbers."""


def rounded(problem: Problem, point: Values) -> Values | None:
    """Return the cheapest whole batch sizes near a point, or None when rounding puts epsilon out of reach."""
    point = lengthen_probe(problem, point)
    found = [whole(problem, candidate) for candidate in (point, *_shorter(problem, point))]
    return min(filter(None, found), key=problem.whole_price, default=None)


def _shorter(problem: Problem, point: Values) -> Iterator[Values]:
    """Where rounding up a short run is dear, choose the rest anew for each number of iterations nearby."""
    iterations = problem.model.iterations(problem.values(point))
    if iterations > SHORT_RUN:
        return
    for limit in range(max(1, int(0.7 * iterations)), min(int(1.3 * iterations) + 2, SHORT_RUN)):
        shorter = replace(problem, max_iterations=limit)
        start = first_feasible(shorter)
        if start is not None and limit <= problem.max_iterations:
            yield lengthen_probe(shorter, descend(shorter, start))


def lengthen_probe(problem: Problem, point: Values) -> Values:
    """Take the longest probe that costs at most one per cent more: far from round-off."""
    if "probe_length" not in point:
        return point
    allowed, length = PROBE_PREMIUM * problem.price(point), problem.most["probe_length"]
    while length > point["probe_length"]:
        if problem.price({**point, "probe_length": length}) <= allowed:
            return {**point, "probe_length": length}
        length *= 0.9
    return point


def whole(problem: Problem, point: Values) -> Values | None:
    """Round the batches, then lower the price one batch size at a time; None if the limit is exceeded."""
    names = [name for name in problem.model.batches if name in point]
    current = min(_roundings(problem, point, names), key=problem.whole_price)
    value = problem.whole_price(current)
    for _ in range(60):
        before = value
        for name in names:
            current, value = _whole_probe(problem, current, value, name)
        if not (value < before):
            break
    return _trim(problem, current, names) if value < math.inf else None


def _roundings(problem: Problem, point: Values, names: list[str]) -> Iterator[Values]:
    """Round every batch up; and each of the small ones up or down, with the continuous parameters chosen anew."""
    up = {**point, **{name: float(math.ceil(point[name])) for name in names}}
    yield up
    small = [name for name in names if up[name] <= SMALL_BATCH and up[name] != point[name]]
    for choice in product((1.0, 0.0), repeat=len(small)):
        rounded = {
            name: problem.clip(name, up[name] - down) for name, down in zip(small, choice, strict=True)
        }
        yield descend(problem, {**up, **rounded}, only=CONTINUOUS, tolerance=0.02)


def _whole_probe(problem: Problem, point: Values, value: float, name: str) -> tuple[Values, float]:
    n = point[name]
    for trial_n in (n - 1, n + 1, math.floor(n * 0.97), math.ceil(n * 1.03)):
        trial = {**point, name: float(math.ceil(problem.clip(name, trial_n)))}
        price = problem.whole_price(trial) if trial != point else value
        if price < value:
            point, value = trial, price
    return point, value


def _trim(problem: Problem, point: Values, names: list[str]) -> Values:
    """Lower each batch to the smallest whole number that the rounded-up iterations still allow; then the rate."""
    v = problem.values(point)
    held = {**problem.fixed, "c": v["c"]}
    limit = replace(problem, fixed=held, max_iterations=math.ceil(problem.model.iterations(v)))
    for name in names:
        point = {**point, name: _smallest(limit, point, name)}
    if "rate" in point:
        point = {**point, "rate": _least_rate(limit, point)}
    return point | {"c": v["c"]}


def _least_rate(problem: Problem, point: Values) -> float:
    """Return the smallest chance of a level that is still enough, to four digits: it costs samples."""
    low, high = problem.clip("rate", point["rate"] / 2), point["rate"]
    while high / low > 1 + 1e-4:
        middle = math.sqrt(low * high)
        fits = problem.whole_price({**point, "rate": middle}) < math.inf
        low, high = (low, middle) if fits else (middle, high)
    return high


def _smallest(problem: Problem, point: Values, name: str) -> float:
    low, high = math.ceil(problem.clip(name, 1.0)) - 1, int(point[name])
    while high - low > 1:
        middle = (low + high) // 2
        fits = problem.whole_price({**point, name: float(middle)}) < math.inf
        low, high = (low, middle) if fits else (middle, high)
    return float(high)
