"""Search for the cheapest parameters: pattern search on a log scale, then whole numbers on the safe side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from bounds.recommendation.model import Cost, Model, Values

LARGEST_BATCH = 1e60
LARGEST = {"fraction": 1.0, "theta": 1.0, "inflation": 1e6, "rate": 2.0, "depth": 60.0}
SMALLEST = {"fraction": 1e-15, "theta": 1e-6, "rate": 1e-9, "depth": 0.25}
SHORTEST = 1e-30
"""Smallest length of a probe, in units of the longest."""
PROBE_PREMIUM = 1.01
BARRIER = 1e-3
TAMER = {"fraction": 0.5, "theta": 0.3, "B": 4.0}
SMALL_BATCH = 40
COARSE = 0.02
SHORT_RUN = 20
SHRINKS = (0.0, 0.5, 1.0)


def _relaxed(_: Mapping[str, float]) -> float:
    return 0.0


@dataclass(frozen=True)
class Problem:
    """A model with its prices, what is held fixed or limited, and a limit on the iterations.

    L may be replaced by any larger value, ``inflation`` times L: that keeps the price monotone in L.
    ``strain(values) <= 1`` is an extra condition that the plan must meet (the paper's own accuracy).
    """

    model: Model
    cost: Cost = field(default_factory=Cost)
    fixed: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    max_iterations: float = math.inf
    strain: Callable[[Mapping[str, float]], float] = _relaxed

    @cached_property
    def free(self) -> tuple[str, ...]:
        """Names that may be chosen: the fraction of the largest step factor, the knobs, the batch sizes."""
        names = ("fraction", *self.model.knobs, "inflation", *self.model.batches)
        held = {*self.fixed, *(("fraction",) if "c" in self.fixed else ())}
        return tuple(name for name in names if name not in held)

    @cached_property
    def given(self) -> Values:
        """What a point completes: constants, neutral knobs and what is held fixed."""
        return {
            **self.model.base,
            "theta": 1.0,
            "probe_length": 1.0,
            "fraction": 1.0,
            "inflation": 1.0,
            **self.fixed,
        }

    def values(self, point: Mapping[str, float]) -> Values:
        """Complete a point with constants, fixed values and the step factor."""
        v = {**self.given, **point}
        v["L"] *= v["inflation"]
        if "c" not in self.fixed:
            v["c"] = v["fraction"] * self.model.largest_step_factor(v)
        return v

    @cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest value of each free name."""
        most = LARGEST | dict(self.most)
        shortest = {name: SHORTEST * most[name] for name in self.model.knobs if name in self.most}
        least = SMALLEST | shortest | dict(self.least)
        return {name: (least.get(name, 1.0), most.get(name, LARGEST_BATCH)) for name in self.free}

    def clip(self, name: str, value: float) -> float:
        """Move a value into its range."""
        low, high = self.ranges[name]
        return low if value < low else min(value, high)

    def price(self, point: Mapping[str, float]) -> float:
        """Price of the run with real-valued batch sizes, with a barrier at its limits; infinity beyond them.

        The barrier for the iterations stands a little behind their limit, which is allowed itself.
        """
        v = self.values(point)
        iterations = self.model.iterations(v)
        used = max(iterations / (self.max_iterations * (1 + BARRIER)), self.strain(v))
        if not (used < 1 and iterations < math.inf):
            return math.inf
        return iterations * self.cost.per_iteration(v) * (1 + BARRIER * used / (1 - used))

    def whole_price(self, point: Mapping[str, float]) -> float:
        """Price with the iterations rounded up; infinity when a limit is exceeded."""
        v = self.values(point)
        iterations = self.model.iterations(v)
        if not (iterations <= self.max_iterations and iterations < math.inf and self.strain(v) <= 1):
            return math.inf
        return math.ceil(iterations) * self.cost.per_iteration(v)


def coarse(problem: Problem) -> Values | None:
    """Return cheap parameters with real-valued batch sizes, or None when epsilon is out of reach."""
    start = first_feasible(problem)
    if start is None:
        return None
    tamer = {name: problem.clip(name, value * TAMER.get(name, 1.0)) for name, value in start.items()}
    return min((descend(problem, one, tolerance=COARSE) for one in (start, tamer)), key=problem.price)


def refined(problem: Problem, point: Values) -> Values:
    """Return the cheapest parameters with real-valued batch sizes, from cheap ones."""
    return descend(problem, point, first=COARSE)


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


def first_feasible(problem: Problem) -> Values | None:
    """Enlarge all batches, then shrink the step, until epsilon is reached; None when nothing is enough."""
    sizes = [*(8.0**power for power in range(int(math.log(LARGEST_BATCH, 8)) + 1)), LARGEST_BATCH]
    starts = (_large(problem, size, shrink) for shrink in SHRINKS for size in sizes)
    return next((start for start in starts if problem.price(start) < math.inf), None)


def reachable(problem: Problem) -> bool:
    """Tell whether some batch sizes reach epsilon within the limit on the iterations."""
    starts = (
        _large(problem, size, shrink) for shrink in SHRINKS for size in (LARGEST_BATCH, LARGEST_BATCH**0.5)
    )
    return any(problem.price(start) < math.inf for start in starts)


def _large(problem: Problem, size: float, shrink: float) -> Values:
    point = dict.fromkeys(problem.free, size)
    point |= {"theta": 1.0, "inflation": 1.0, "fraction": size**-shrink, "rate": 1.0, "depth": 1.0}
    point |= {name: longest / size for name, longest in problem.most.items() if name in problem.model.knobs}
    return {name: problem.clip(name, point[name]) for name in problem.free}


Direction = tuple[tuple[str, int], ...]
JOINT: tuple[Direction, ...] = (
    (("fraction", 1), ("B", 1)),
    (("B", 1), ("D_in", -1)),
    (("B", 1), ("D_o", -1)),
    (("D_in", 1), ("D_o", -1)),
    (("B_prime", 1), ("D_beta", -1)),
)


def _joint(problem: Problem) -> tuple[Direction, ...]:
    """Where B cannot exceed the number of tasks, the samples of each task go along with the step instead."""
    if problem.model.n_tasks is None:
        return JOINT
    samples = tuple((name, 1) for name in ("D_in", "D_o", "D_h") if name in problem.free)
    return (
        *JOINT,
        (("fraction", 1), *samples),
        (("fraction", 1), ("D_o", 1)),
        (("B", 1), *_against(samples)),
    )


def _against(direction: Direction) -> Direction:
    return tuple((name, -sign) for name, sign in direction)


def descend(
    problem: Problem,
    start: Values,
    only: Iterable[str] | None = None,
    tolerance: float = 2e-3,
    sweeps: int = 400,
    first: float = 1.0,
) -> Values:
    """Search on the logarithms after Hooke and Jeeves: single moves, joint moves, then the whole last sweep."""
    names = set(start if only is None else only) & set(start)
    singles: list[Direction] = [((name, 1),) for name in start if name in names]
    joint = [direction for direction in _joint(problem) if {name for name, _ in direction} <= names]
    steps = dict.fromkeys(singles + joint, first)
    best, value = dict(start), problem.price(start)
    for _ in range(sweeps):
        before = best
        for direction in steps:
            best, value, steps[direction] = _probe(problem, best, value, direction, steps[direction])
        best, value = _pattern(problem, before, best, value)
        if not (max(steps.values(), default=0.0) >= tolerance):
            break
    return best


def _probe(
    problem: Problem, point: Values, value: float, direction: Direction, step: float
) -> tuple[Values, float, float]:
    for signed in (-step, step):
        moved = {name: problem.clip(name, point[name] * math.exp(sign * signed)) for name, sign in direction}
        trial = {**point, **moved}
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
        yield descend(
            problem, {**up, **rounded}, only=("fraction", "theta", "inflation", "rate"), tolerance=0.02
        )


def _whole_probe(problem: Problem, point: Values, value: float, name: str) -> tuple[Values, float]:
    n = point[name]
    for trial_n in (n - 1, n + 1, math.floor(n * 0.97), math.ceil(n * 1.03)):
        trial = {**point, name: float(math.ceil(problem.clip(name, trial_n)))}
        price = problem.whole_price(trial)
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
