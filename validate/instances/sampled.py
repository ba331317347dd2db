"""Searches over named numbers, where an instance is a run or another experiment whose outcome is random.

The first look takes the mean of a few runs; the second one takes many fresh ones, and counts only what an interval
for the mean excludes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bounds import evaluation
from bounds.bound import Statement
from bounds.errors import InputError
from bounds.reading import finite
from validate.instances.search import Both, Search, joined
from validate.statistics import mean_interval

FEW, MANY = 8, 400
ERROR = 1e-4
SLOW = 8

Values = Mapping[str, Any]
Outcome = tuple[np.ndarray, Values]
Seen = Callable[[Statement, dict[str, Any], int, int], "Outcome | None"]


@dataclass(frozen=True)
class Span:
    """A number between two ends, by its order of magnitude unless it is ``even``.

    Raises
    ------
    InputError
        When the ends are not finite numbers in order, or not above 0 where orders of magnitude are gone through.
    """

    low: float
    high: float
    even: bool = False

    def __post_init__(self) -> None:
        given = (self.low, self.high)
        low, high = map(finite, given)
        if low is None or high is None or not low <= high:
            raise InputError("Span", given, "must be two finite numbers, the lower one first")
        if not (self.even or low > 0):
            remedy = "even=True goes through them evenly, and takes 0 and less too"
            raise InputError(
                "Span", given, "must be above 0: it is gone through by orders of magnitude", remedy
            )

    def at(self, share: float) -> float:
        """Return the number that lies this far from the lower end."""
        if self.even:
            return self.low + share * (self.high - self.low)
        return float(self.low * (self.high / self.low) ** share)


@dataclass(frozen=True)
class Choice:
    """One of several values; ``InputError`` when there is none."""

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.values, tuple | list) or not self.values:
            raise InputError("Choice", self.values, "must be a tuple of at least one value")

    def at(self, share: float) -> Any:
        """Return the value this far down the list."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]


def over(
    about: Statement | Callable[[Statement], bool], numbers: Mapping[str, Span | Choice], seen: Seen
) -> Search:
    """Return the search over named numbers.

    Parameters
    ----------
    about : Statement or callable
        What is searched so: one statement, or whether a statement is.
    numbers : mapping of str to Span or Choice
        What an instance is made of.
    seen : callable
        From the statement, an instance, a number of runs and a seed to the left side in each run, which are
        independent and not negative, and the values at which the right side is taken; None where there is no such
        run. What is not random returns one number.

    Raises
    ------
    InputError
        When a number is neither a span nor a choice.
    """
    for name, one in numbers.items():
        if not isinstance(one, Span | Choice):
            raise InputError(f"numbers of over: {name}", one, "must be a Span(low, high) or a Choice((a, b))")

    def at(point: np.ndarray) -> dict[str, Any]:
        shares = 1 / (1 + np.exp(-point))
        return {name: one.at(float(u)) for (name, one), u in zip(numbers.items(), shares, strict=True)}

    def look(st: Statement, point: np.ndarray, runs: int, seed: int, left: Callable[..., float]) -> Both:
        outcome = seen(st, at(point), runs, seed)
        if outcome is None:
            return np.array([np.nan]), np.array([np.nan])
        return np.array([left(outcome[0])]), evaluation.inside(st, outcome[1])

    def sides(st: Statement, points: np.ndarray, seed: int) -> Both:
        return joined([look(st, point, FEW, seed, np.mean) for point in points])

    def again(st: Statement, point: np.ndarray, seed: int) -> Both:
        return look(st, point, MANY, seed, lambda values: _kindest(st, values))

    def wanted(st: Statement) -> bool:
        return st.name == about.name if isinstance(about, Statement) else about(st)

    return Search(wanted, len(numbers), sides, lambda st, point: at(point), again, SLOW, ledger=False)


def _kindest(st: Statement, values: np.ndarray) -> float:
    """Return the end of an interval for the mean at which the statement looks best; one number is exact.

    NaN where one of the runs has no number: no interval is known then.
    """
    if len(values) == 1 or np.isnan(values).any():
        return float(np.mean(values))
    interval = mean_interval(values, ERROR, (0.0, math.inf))
    return interval.upper if st.relation == r"\ge" else interval.lower
