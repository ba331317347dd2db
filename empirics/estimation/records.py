"""What was seen, and what follows for a supremum: chosen on one half of the samples, measured on the other.

The largest of many noisy numbers is too large. So a record has a score, by which the place is chosen, and a value
that the score knows nothing of; where there is no noise they are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import stats

ERROR = 0.05
"""Probability of a miss that intervals are made for."""


@dataclass(frozen=True)
class Record:
    """One look: what it is chosen by, what it shows, and the independent terms whose mean that is.

    Attributes
    ----------
    score, value : float
    terms : array
        Empty for an exact value.
    where : object
        The place, for whoever wants to look again.
    plain : float, optional
        What the samples show with their noise in it, rather too large; by default the score.
    """

    score: float
    value: float
    terms: np.ndarray = field(default_factory=lambda: np.empty(0))
    where: Any = None
    plain: float | None = None

    def lower(self, error: float = ERROR) -> float:
        """Return the lower end of a one-sided interval for the value's expectation, at least 0."""
        return self.value if not self.terms.size else max(0.0, below(self.terms, self.value, error))


@dataclass
class Best:
    """The record with the largest score, and how many there were."""

    record: Record | None = None
    seen: int = 0
    failed: int = 0
    tops: dict[int, Record] = field(default_factory=dict)

    def add(self, record: Record) -> bool:
        """Take a record into account; return whether it is the best now. What is not finite is only counted."""
        self.seen += 1
        if not (math.isfinite(record.score) and math.isfinite(record.value)):
            self.failed += 1
            return False
        better = self.record is None or record.score > self.record.score
        if better:
            self.record = record
        self._keep(record)
        return better

    def _keep(self, record: Record) -> None:
        """Keep the best record of each place's task."""
        key = id(record.where[-1]) if record.where else 0
        if key not in self.tops or record.score > self.tops[key].score:
            self.tops[key] = record

    def leaders(self, count: int = 3) -> list[Record]:
        """Return the best records of different tasks, the largest first."""
        return sorted(self.tops.values(), key=lambda record: -record.score)[:count]


@dataclass(frozen=True)
class Found:
    """An estimate: its value, the interval at 95 per cent, and what it is.

    For a supremum the upper end is infinite: no sample bounds it from above. ``plain`` is what the samples show
    with their noise in it.
    """

    value: float
    lower: float
    upper: float
    how: str
    exact: bool = False
    plain: float = 0.0

    @property
    def safe(self) -> float:
        """The value, and where it cannot be told from 0 what the samples show: noise makes that too large."""
        return max(self.value, self.plain) if self.unsure else self.value

    @property
    def unsure(self) -> bool:
        """Whether it cannot be told from 0: the noise of what was drawn is larger."""
        return not self.exact and not self.lower > 0

    def with_noise(self) -> Found:
        """Return the same with the noise in its value, for what is better taken too large."""
        return replace(self, value=max(self.value, self.plain))

    def root(self) -> Found:
        """Return the square root of an estimated square."""
        return Found(
            _root(self.value), _root(self.lower), _root(self.upper), self.how, self.exact, _root(self.plain)
        )


def _root(square: float) -> float:
    return math.sqrt(max(0.0, square)) if square < math.inf else math.inf


def supremum(best: Best, how: str, error: float = ERROR) -> Found:
    """Return what the best record says of a supremum.

    Where its independent terms cannot be told from 0 the score counts as well: it is rather too large, and a
    constant that is taken for 0 would make every plan too cheap.
    """
    record = best.record or Record(0.0, 0.0)
    lower = record.lower(error)
    value = record.value if lower > 0 or not record.terms.size else (record.value + record.score) / 2
    if not record.terms.size:
        return Found(max(0.0, value), lower, math.inf, how, exact=True)
    plain = record.score if record.plain is None else record.plain
    return Found(max(0.0, value), lower, math.inf, how, plain=max(0.0, plain))


def greater(first: Best, second: Best, how: str) -> Found:
    """Return what two kinds of records say of one supremum, both from below: whichever says more."""
    if second.record is None:
        return supremum(first, how)
    both = [supremum(best, how, ERROR / 2) for best in (first, second)]
    value, lower, plain = (max(getattr(one, name) for one in both) for name in ("value", "lower", "plain"))
    return Found(value, lower, math.inf, how, exact=both[0].exact, plain=plain)


def below(terms: np.ndarray, value: float | None = None, error: float = ERROR) -> float:
    """Return Student's lower limit of the mean of independent terms; -inf for fewer than two."""
    n = len(terms)
    if n < 2:
        return -math.inf
    half = float(stats.t.ppf(1 - error, n - 1)) * float(np.std(terms, ddof=1)) / math.sqrt(n)
    return (float(np.mean(terms)) if value is None else value) - half
