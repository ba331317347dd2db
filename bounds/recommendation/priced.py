"""What the search minimises: the price of a run as a function of what may be chosen, and its limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bounds.given import NEUTRAL
from bounds.recommendation.model import Cost, Model, Values

LARGEST_BATCH = 1e60
LARGEST = {"fraction": 1.0, "theta": 1.0, "inflation": 1e6, "damping": 1e6, "rate": 2.0, "depth": 60.0}
SMALLEST = {"fraction": 1e-15, "theta": 1e-6, "rate": 1e-9, "depth": 0.25}
SHORTEST = 1e-30
"""Smallest length of a probe, in units of the longest."""
BARRIER = 1e-3


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
            **NEUTRAL,
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
