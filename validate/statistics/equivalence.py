"""Evidence that a mean equals a predicted value up to a margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bounds.errors import InputError
from validate.statistics.intervals import Interval, mean_interval


@dataclass(frozen=True)
class Equivalence:
    """Outcome of two one-sided tests.

    ``equal``: the whole interval lies within ``target ± margin``. ``different``: the whole interval lies
    outside. Neither: not enough data.
    """

    interval: Interval
    target: float
    margin: float

    @property
    def equal(self) -> bool:
        """Whether equality up to the margin is established."""
        return self.target - self.margin <= self.interval.lower and (
            self.interval.upper <= self.target + self.margin
        )

    @property
    def different(self) -> bool:
        """Whether a difference larger than the margin is established."""
        return (
            self.interval.upper < self.target - self.margin or self.interval.lower > self.target + self.margin
        )


def equivalence(sample: ArrayLike, target: float, margin: float, error: float) -> Equivalence:
    """Test a mean for equality with ``target`` up to ``margin`` (two one-sided tests, Schuirmann 1987).

    Each one-sided test has level ``error / 2``, so that "equal" and "different" each have at most this
    probability of being wrong.
    """
    if not margin > 0:
        raise InputError("margin", margin, "must be > 0")
    values = np.asarray(sample, dtype=float)
    return Equivalence(mean_interval(values, error), target, margin)
