"""Honest intervals: means, hitting times, rates, equivalence, sequences, families of checks.

``error`` is always the total probability of missing the truth (both sides together); the level of an interval
is ``1 - error``. A sample that is not finite gives the interval (-inf, inf): it can support nothing.
"""

from validate.statistics.anytime import bounded_sequence, mean_sequence
from validate.statistics.equivalence import Equivalence, equivalence
from validate.statistics.families import bonferroni, holm
from validate.statistics.intervals import (
    Interval,
    best_mean_interval,
    betting_interval,
    exact_interval,
    mean_interval,
    proportion_interval,
    ratio_interval,
)
from validate.statistics.rates import Exponent, fit_exponent, local_slopes
from validate.statistics.survival import (
    average_running_time,
    hitting_quantile,
    hitting_times,
    mean_hitting_time,
    restricted_mean,
)

__all__ = [
    "Equivalence",
    "Exponent",
    "Interval",
    "average_running_time",
    "best_mean_interval",
    "betting_interval",
    "bonferroni",
    "bounded_sequence",
    "equivalence",
    "exact_interval",
    "fit_exponent",
    "hitting_quantile",
    "hitting_times",
    "holm",
    "local_slopes",
    "mean_hitting_time",
    "mean_interval",
    "mean_sequence",
    "proportion_interval",
    "ratio_interval",
    "restricted_mean",
]
