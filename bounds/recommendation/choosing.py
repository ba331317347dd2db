"""Batches with which the best of some candidates is chosen: the fewest samples that leave epsilon within reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from bounds import kit
from bounds.kit.facts import Subject
from bounds.plan import Plan
from bounds.recommendation.request import Request

LARGEST = 2**62
"""No batch is larger: counts fit a machine's integer."""
SIZES = ("D_in", "D_o", "D_h")
GROUPS = (1, 3, 5, 7, 9, 11, 15, 21, 31, 45)
"""Odd numbers of groups that are tried."""


@dataclass(frozen=True)
class Choice:
    """What is measured of each candidate: groups, sizes of batches, and the bound on the one that is chosen."""

    groups: int
    of_group: float
    B: int
    D_in: int
    D_o: int
    D_h: int
    bound: float
    price: float


@dataclass(frozen=True)
class Choosing:
    """The question: whose candidates, how often a measurement may lapse, what bounds the best, the aim."""

    plan: Plan
    request: Request
    lapse: float
    best: float
    epsilon: float
    groups: int = 1

    @cached_property
    def of_group(self) -> float:
        """The chance that one group may be off: ``binomial(k, h) chi^h`` is the lapse, on the safe side."""
        h = (self.groups + 1) // 2
        choices, allowed = math.comb(self.groups, h), Fraction(self.lapse)
        return below((self.lapse / choices) ** (1 / h), lambda q: choices * Fraction(q) ** h <= allowed)

    @cached_property
    def _subject(self) -> Subject:
        return kit.of(self.plan)

    @cached_property
    def _values(self) -> dict[str, float]:
        return self.plan.problem_values() | {"lapse": self.of_group, "best": self.best, "inner_steps": 1.0}

    @cached_property
    def _parts(self) -> Callable[[Mapping[str, float]], list[float]]:
        parts, known = self._subject.choosing.parts, dict(self._values)
        return lambda sizes: parts.of({**known, **sizes})

    def tasks(self, sizes: Mapping[str, int]) -> float:
        """Return how many tasks a group needs, infinity where the bias alone is too large."""
        r0, r1, s0, s1 = self._parts(sizes)
        room = self.epsilon * (1 - r1) - self.best * (1 + r1) - 2 * r0
        if not room > 0:
            return math.inf
        share = (
            min(room / (2 * s0 + (self.epsilon + self.best) * s1), (1 - r1) / s1) if s0 or s1 else math.inf
        )
        return max(1.0, math.ceil(1 / self.of_group / share**2))

    def price(self, sizes: Mapping[str, int]) -> float:
        """Return the price of one candidate."""
        count = {
            "B": self.groups * self.tasks(sizes),
            "B_prime": 0.0,
            "D_beta": 0.0,
            "inner_steps": self.plan.inner_steps,
        }
        return self.request.cost.per_iteration({**count, **sizes}) if count["B"] <= LARGEST else math.inf

    def _starts(self) -> Iterator[dict[str, int]]:
        used = {"D_in": 1, "D_o": 1, "D_h": int(self._subject.takes_hessians)}
        given = {name: size for name, size in self.request.fixed.items() if name in SIZES}
        for power in range(0, 60, 2):
            yield used | {"D_in": 2**power} | given

    def answer(self) -> Choice | None:
        """Return the cheapest batches that were found, certified; None where none are enough."""
        sizes = min(self._starts(), key=self.price)
        if not self.price(sizes) < math.inf:
            return None
        return self._certified(self._cheaper(sizes))

    def _cheaper(self, sizes: dict[str, int]) -> dict[str, int]:
        free = [name for name in SIZES if sizes[name] and name not in self.request.fixed]
        for _ in range(60):
            trials = (
                {**sizes, name: max(1, round(sizes[name] * by))}
                for name in free
                for by in (0.5, 0.8, 1.25, 2)
            )
            least = min(trials, key=self.price, default=sizes)
            if not self.price(least) < self.price(sizes):
                break
            sizes = least
        return sizes

    def _certified(self, sizes: dict[str, int]) -> Choice | None:
        """Take more tasks until the outward-rounded bound is at most epsilon."""
        st, B = self._subject.choosing.bound, int(self.tasks(sizes))
        known = {name: value for name, value in (self._values | sizes).items() if name in st.symbols}
        for _ in range(40):
            bound, outside = st.at(known | {"B": B})
            bound = math.inf if outside else max(bound, st.enclose(**known | {"B": B})[1])
            if bound <= self.epsilon:
                return Choice(
                    groups=self.groups,
                    of_group=self.of_group,
                    B=B,
                    **sizes,
                    bound=bound,
                    price=self.price(sizes),
                )
            B += max(1, B // 1000)
        return None


def below(value: float, holds: Callable[[float], bool]) -> float:
    """Return the value, or a float a few roundings below it, that passes an exact test."""
    while not holds(value):
        value *= 1 - 1e-15
    return value


def choice(plan: Plan, request: Request, lapse: float, best: float, epsilon: float) -> Choice | None:
    """Return how the best of a plan's candidates is chosen so that the chosen one is at most epsilon.

    Parameters
    ----------
    plan : Plan
    request : Request
        Prices, and batch sizes that are given.
    lapse : float
        Chance that one candidate may be measured too badly, in (0, 1).
    best : float
        What bounds the best of the candidates, < epsilon. Unit F/W.
    epsilon : float

    Returns
    -------
    Choice or None
        None where no batches are enough: where the direction's bias is too large for such a best.
    """
    asked = Choosing(plan, replace(request, n_tasks=None), lapse, best, epsilon)
    found = (replace(asked, groups=groups).answer() for groups in GROUPS)
    return min(filter(None, found), key=lambda one: one.price, default=None)
