"""What was measured, as columns of a figure's table: a number and the interval around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from figures.evidence import Evidence

LEVEL = 0.95
"""Confidence of every interval that is drawn."""


def ends(interval: Any) -> dict[str, Any]:
    """Return an interval of :mod:`validate.statistics` as the columns value, lo and hi."""
    return {"value": interval.estimate, "lo": interval.lower, "hi": interval.upper}


def tail(evidence: Evidence, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean of the last quarter of the runs of an experiment."""
    from validate.claims.curves import tails
    from validate.statistics import mean_interval

    return ends(mean_interval(tails(evidence.frame(row)), 1 - LEVEL))


def exponent(points: pd.DataFrame, x: str = "x", spread: Any = None) -> dict[str, Any]:
    """Return the exponent in x that the values of some rows follow; ``spread`` are their standard errors."""
    from validate.statistics import fit_exponent

    return ends(fit_exponent(points[x], points["value"], 1 - LEVEL, spread).interval)
