"""Measures of numbers that were computed, not sampled."""

from __future__ import annotations

from functools import partial

import numpy as np

from validate.judge import Measure
from validate.statistics import Interval, exact_interval, mean_interval


def exactly(value: float, tolerance: float = 0.0) -> Measure:
    """Return the measure of a number that is known up to ``tolerance``; NaN or infinity says nothing."""
    return partial(_known, float(value), float(tolerance))


def always(interval: Interval) -> Measure:
    """Return the measure that is this interval at every error probability."""
    return lambda error: interval


def _known(value: float, tolerance: float, error: float) -> Interval:
    return exact_interval(value, tolerance) if np.isfinite(value) else mean_interval([value], error)
