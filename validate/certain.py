r"""Where nothing is random, a number is compared with a number: exactly, up to round-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bounds import statement
from bounds.stating import GRADIENT
from validate.judge import Check, Measure
from validate.statistics import Interval

if TYPE_CHECKING:
    import pandas as pd

    from validate.experiment import Experiment

ROUNDINGS = 128
UNIT_ROUND_OFF = 2.0**-53
NOTE = "nothing is random here: a number against a number"


def nothing_random(experiment: Experiment, frame: pd.DataFrame) -> bool:
    """Whether the problem has no noise and tasks of one gradient, and all replicates are the same bit by bit."""
    if experiment.pointwise or frame.empty:
        return False
    measured = frame[["grad_norm", "objective", "step_size"]]
    first = measured.groupby(frame["iteration"]).transform("first")
    if not ((measured == first) | (measured.isna() & first.isna())).all(axis=None):
        return False
    problem = experiment.problem
    c = problem.constants()
    return c.sigma_tilde == 0 and c.sigma_H == 0 and (c.sigma == 0 or problem.n_tasks == 1)


def settled(rows: Sequence[Check], experiment: Experiment) -> list[Check]:
    """Return the checks with numbers in place of intervals, and with the room that round-off needs."""
    scale = gradient_scale(experiment)
    return [_exact(row, scale) for row in rows]


def gradient_scale(experiment: Experiment) -> float:
    r"""Return the scale of a gradient's round-off beside its own size: :math:`L\|w_0\|`, by which w is known."""
    return experiment.problem.constants().L * float(experiment.problem.start.norm())


def _exact(row: Check, scale: float) -> Check:
    size = abs(row.bound) + (scale if statement(row.statement).unit == GRADIENT else 0.0)
    room = max(row.margin, ROUNDINGS * UNIT_ROUND_OFF * size)
    detail = "; ".join(part for part in (row.detail, NOTE) if part)
    return replace(row, measure=_number(row.measure), margin=room, detail=detail)


def _number(measure: Measure) -> Measure:
    def number(error: float) -> Interval:
        found = measure(error)
        upper = found.upper if found.method == "censored" else found.estimate
        return replace(found, lower=found.estimate, upper=upper, level=1.0, method="exact")

    return number
