"""Search for the cheapest parameters: pattern search on a log scale, then whole numbers on the safe side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bounds.recommendation.model import Cost, Model, Values

LARGEST_BATCH = 1e60
LARGEST = {"fraction": 1.0, "theta": 1.0, "gamma": 4.0}
SMALLEST = {"fraction": 1e-15, "theta": 1e-6, "gamma": 1e-30}
GAMMA_PREMIUM = 1.01
MARGIN = 0.97
SHRINKS = (0.0, 0.5, 1.0)


def _everything(_: Mapping[str, float]) -> bool:
    return True


@dataclass(frozen=True)
class Problem:
    """A model with its prices, what is held fixed or has a least value, and a limit on the iterations.

    ``admissible`` is an extra condition on the values that the plan must meet (the paper's own accuracy).
    """

    model: Model
    cost: Cost = field(default_factory=Cost)
    fixed: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    max_iterations: float = math.inf
    admissible: Callable[[Mapping[str, float]], bool] = _everything

    @property
    def free(self) -> tuple[str, ...]:
        """Names that may be chosen: the fraction of the largest step factor, the knobs, the batch sizes."""
        names = ("fraction", *self.model.knobs, *self.model.batches)
        held = {*self.fixed, *(("fraction",) if "c" in self.fixed else ())}
        return tuple(name for name in names if name not in held)

    def values(self, point: Mapping[str, float]) -> Values:
        """Complete a point with constants, fixed values and the step factor."""
        v = {**self.model.base, "theta": 1.0, "gamma": 1.0, "fraction": 1.0, **self.fixed, **point}
        if "c" not in self.fixed:
            v["c"] = v["fraction"] * self.model.largest_step_factor(v)
        return v

    def clip(self, name: str, value: float) -> float:
        """Move a value into its range."""
        least = self.least.get(name, SMALLEST.get(name, 1.0))
        return min(max(value, least), LARGEST.get(name, LARGEST_BATCH))

    def price(self, point: Mapping[str, float]) -> float:
        """Price of the run with real-valued batch sizes, soft at the limit; infinity when out of reach."""
        v = self.values(point)
        iterations = self.model.iterations(v) if self.admissible(v) else math.inf
        return (
            iterations
            * self.cost.per_iteration(v)
            * max(1.0, iterations / (MARGIN * self.max_iterations)) ** 20
        )

    def whole_price(self, point: Mapping[str, float]) -> float:
        """Price with the iterations rounded up; infinity when they exceed the limit."""
        v = self.values(point)
        iterations = self.model.iterations(v) if self.admissible(v) else math.inf
        if not (iterations <= self.max_iterations and iterations < math.inf):
            return math.inf
        return math.ceil(iterations) * self.cost.per_iteration(v)


def cheapest(problem: Problem) -> Values | None:
    """Return the cheapest parameters with whole batch sizes, or None when epsilon is out of reach."""
    start = first_feasible(problem)
    if start is None:
        return None
    return whole(problem, enlarge_gamma(problem, descend(problem, start)))


def first_feasible(problem: Problem) -> Values | None:
    """Enlarge all batches, then shrink the step, until epsilon is reached; None when nothing is enough."""
    sizes = [8.0**power for power in range(int(math.log(LARGEST_BATCH, 8)) + 1)]
    starts = (_large(problem, size, shrink) for shrink in SHRINKS for size in sizes)
    return next((start for start in starts if problem.price(start) < math.inf), None)


def reachable(problem: Problem) -> bool:
    """Tell whether some batch sizes reach epsilon within the limit on the iterations."""
    starts = (
        _large(problem, size, shrink) for shrink in SHRINKS for size in (LARGEST_BATCH, LARGEST_BATCH**0.5)
    )
    return any(
        problem.price(start) < math.inf
        and problem.model.iterations(problem.values(start)) <= problem.max_iterations
        for start in starts
    )


def _large(problem: Problem, size: float, shrink: float) -> Values:
    point = dict.fromkeys(problem.free, size)
    point |= {"theta": 1.0, "fraction": size**-shrink, "gamma": 1 / (6 * size)}
    return {name: problem.clip(name, point[name]) for name in problem.free}


def descend(problem: Problem, start: Values, tolerance: float = 2e-3, sweeps: int = 400) -> Values:
    """Search on the logarithms after Hooke and Jeeves: single coordinates, B with c, then the whole last sweep."""
    directions = [(name,) for name in start] + [
        pair for pair in [("fraction", "B")] if {*pair} <= start.keys()
    ]
    steps = dict.fromkeys(directions, 1.0)
    best, value = dict(start), problem.price(start)
    for _ in range(sweeps):
        before = best
        for direction in directions:
            best, value, steps[direction] = _probe(problem, best, value, direction, steps[direction])
        best, value = _pattern(problem, before, best, value)
        if not (max(steps.values(), default=0.0) >= tolerance):
            break
    return best


def _probe(
    problem: Problem, point: Values, value: float, names: tuple[str, ...], step: float
) -> tuple[Values, float, float]:
    for signed in (-step, step):
        trial = {**point, **{name: problem.clip(name, point[name] * math.exp(signed)) for name in names}}
        price = problem.price(trial)
        if price < value:
            return trial, price, min(2 * step, 8.0)
    return point, value, step / 2.5


def _pattern(problem: Problem, before: Values, after: Values, value: float) -> tuple[Values, float]:
    for power in (2.0, 1.0) if before != after else ():
        trial = {
            name: problem.clip(name, after[name] * (after[name] / before[name]) ** power) for name in after
        }
        price = problem.price(trial)
        if price < value:
            return trial, price
    return after, value


def enlarge_gamma(problem: Problem, point: Values) -> Values:
    """Take the largest difference factor that costs at most one per cent more: far from round-off."""
    if "gamma" not in point:
        return point
    allowed, gamma = GAMMA_PREMIUM * problem.price(point), LARGEST["gamma"]
    while gamma > point["gamma"]:
        if problem.price({**point, "gamma": gamma}) <= allowed:
            return {**point, "gamma": gamma}
        gamma *= 0.9
    return point


def whole(problem: Problem, point: Values) -> Values | None:
    """Round the batches up, then lower the price one batch size at a time; None if the limit is exceeded."""
    names = [name for name in problem.model.batches if name in point]
    current = {**point, **{name: float(math.ceil(point[name])) for name in names}}
    value = problem.whole_price(current)
    for _ in range(60):
        before = value
        for name in names:
            current, value = _whole_probe(problem, current, value, name)
        if not (value < before):
            break
    return _trim(problem, current, names) if value < math.inf else None


def _whole_probe(problem: Problem, point: Values, value: float, name: str) -> tuple[Values, float]:
    n = point[name]
    for trial_n in (n - 1, n + 1, math.floor(n * 0.97), math.ceil(n * 1.03)):
        trial = {**point, name: float(math.ceil(problem.clip(name, trial_n)))}
        price = problem.whole_price(trial)
        if price < value:
            point, value = trial, price
    return point, value


def _trim(problem: Problem, point: Values, names: list[str]) -> Values:
    """Lower each batch to the smallest whole number that the rounded-up iterations still allow."""
    v = problem.values(point)
    held = {**problem.fixed, "c": v["c"]}
    limit = replace(problem, fixed=held, max_iterations=math.ceil(problem.model.iterations(v)))
    for name in names:
        point = {**point, name: _smallest(limit, point, name)}
    return point | {"c": v["c"]}


def _smallest(problem: Problem, point: Values, name: str) -> float:
    low, high = math.ceil(problem.clip(name, 1.0)) - 1, int(point[name])
    while high - low > 1:
        middle = (low + high) // 2
        fits = problem.whole_price({**point, name: float(middle)}) < math.inf
        low, high = (low, middle) if fits else (middle, high)
    return float(high)
