"""Honest intervals: means, hitting times, rates, and one error rate for families of checks.

``error`` is always the total probability of missing the truth (both sides together); the level of an interval
is ``1 - error``. A sample that is not finite gives the interval (-inf, inf): it can support nothing.
"""

from validate.statistics.betting import lower_limit
from validate.statistics.families import bonferroni
from validate.statistics.intervals import (
    Interval,
    around,
    best_mean_interval,
    exact_interval,
    least_observations,
    mean_interval,
    norm_interval,
    proportion_interval,
)
from validate.statistics.rates import Exponent, fit_exponent, local_slopes
from validate.statistics.robust import bounded_variance_interval, bounded_variance_norm
from validate.statistics.survival import hitting_quantile, hitting_times, mean_hitting_time

__all__ = [
    "Exponent",
    "Interval",
    "around",
    "best_mean_interval",
    "bonferroni",
    "bounded_variance_interval",
    "bounded_variance_norm",
    "exact_interval",
    "fit_exponent",
    "hitting_quantile",
    "hitting_times",
    "least_observations",
    "local_slopes",
    "lower_limit",
    "mean_hitting_time",
    "mean_interval",
    "norm_interval",
    "proportion_interval",
]
